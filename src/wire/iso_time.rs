//! ISO 8601 moments of Mochat's JSON.

use crate::time::Time;
use ::time::OffsetDateTime;
use ::time::format_description::well_known::Rfc3339;

/// Milliseconds of a text such as `2026-02-03T15:20:08.904Z`; `None` before 1970 or if it is none.
pub(crate) fn parse(text: &str) -> Option<Time> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    u64::try_from(moment.unix_timestamp_nanos().checked_div(1_000_000)?).ok().map(Time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_and_fractions_are_read() {
        assert_eq!(parse("1970-01-01T00:00:01Z"), Some(Time(1_000)));
        assert_eq!(parse("1970-01-01T01:00:00.5+01:00"), Some(Time(500)));
        assert_eq!(parse("yesterday"), None);
    }
}
