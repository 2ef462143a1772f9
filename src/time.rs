//! Time as the core sees it: given by the caller, never read.

use serde::{Deserialize, Serialize};

/// A moment: milliseconds since the Unix epoch by the host's wall clock, because deadlines must survive a restart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts", type = "number"))]
#[serde(transparent)]
pub struct Time(pub u64);

/// A span of time in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts", type = "number"))]
#[serde(transparent)]
pub struct Millis(pub u64);

impl Time {
    /// The moment so many seconds after the epoch; the epoch for a time before it.
    #[must_use]
    pub fn from_secs(seconds: i64) -> Self {
        Self(u64::try_from(seconds).unwrap_or(0).saturating_mul(1_000))
    }

    /// The moment `span` later; saturates, so a hostile span can't wrap into the past.
    #[must_use]
    pub fn after(self, span: Millis) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// Date and time of day as a person reads them, `2026-11-21 14:03` in UTC.
    #[must_use]
    pub fn stamp(self) -> String {
        let minutes = self.0 / 60_000;
        let (year, month, day) = civil(minutes / 1_440);
        format!("{year}-{month:02}-{day:02} {:02}:{:02}", minutes / 60 % 24, minutes % 60)
    }

    /// How long ago `earlier` was; zero if the clock went back.
    #[must_use]
    pub fn since(self, earlier: Self) -> Millis {
        Millis(self.0.saturating_sub(earlier.0))
    }
}

impl Millis {
    /// A span of whole seconds.
    #[must_use]
    pub const fn secs(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1_000))
    }

    /// This span, doubled this many times; saturates.
    #[must_use]
    pub fn doubled(self, times: u32) -> Self {
        self.times(1_u64.checked_shl(times).unwrap_or(u64::MAX))
    }

    /// This span `factor` times; saturates.
    #[must_use]
    pub fn times(self, factor: u64) -> Self {
        Self(self.0.saturating_mul(factor))
    }
}

/// Year, month and day of a day since 1970-01-01. Years are counted from March, so that a leap day is a year's last.
#[expect(clippy::arithmetic_side_effects, reason = "a day of milliseconds that fit 64 bits is far from every limit")]
const fn civil(days: u64) -> (u64, u64, u64) {
    // From 0000-03-01, the start of an era of 400 years, to the epoch.
    const TO_EPOCH: u64 = 719_468;
    const ERA: u64 = 146_097;
    let day = days + TO_EPOCH;
    let of_era = day % ERA;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day_of_month = of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (day / ERA * 400 + year_of_era + carry, month, day_of_month)
}

/// The earlier of two optional deadlines.
#[must_use]
pub fn earliest(a: Option<Time>, b: Option<Time>) -> Option<Time> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_like_a_calendar() {
        for (seconds, stamp) in [
            (0, "1970-01-01 00:00"),
            (951_782_399, "2000-02-28 23:59"),
            (951_782_400, "2000-02-29 00:00"),
            (951_868_800, "2000-03-01 00:00"),
            (1_767_225_599, "2025-12-31 23:59"),
            (4_107_542_400, "2100-03-01 00:00"),
        ] {
            assert_eq!(Time(seconds * 1_000).stamp(), stamp);
        }
    }
}
