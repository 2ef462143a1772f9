//! ISO 8601 moments of Mochat's JSON. A calendar library would be a fiftieth of the whole core for this one format.

use crate::time::Time;

/// Days before each month of a year that isn't a leap year.
const DAYS_BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/// Milliseconds of a text such as `2026-02-03T15:20:08.904Z` or `…+01:00`; `None` before 1970 or if it is none.
pub(crate) fn parse(text: &str) -> Option<Time> {
    let (date, clock) = text.split_once(['T', ' '])?;
    let mut date = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let sign = clock.rfind(['Z', '+', '-'])?;
    let (clock, zone) = clock.split_at_checked(sign)?;
    let mut clock = clock.splitn(3, ':');
    let (hour, minute) = (number(clock.next()?, 24)?, number(clock.next()?, 60)?);
    let (second, fraction) = clock.next().map(|rest| rest.split_once('.').unwrap_or((rest, "0")))?;
    // A leap second counts as the first of the next minute.
    let second = number(second, 61)?;
    let day = days(year, month, day)?;
    let minutes = day.checked_mul(24)?.checked_add(hour)?.checked_mul(60)?.checked_add(minute)?;
    let minutes = minutes.checked_sub(offset(zone)?)?;
    let millis =
        minutes.checked_mul(60)?.checked_add(second)?.checked_mul(1_000)?.checked_add(thousandths(fraction)?)?;
    u64::try_from(millis).ok().map(Time)
}

/// Days since 1970 of a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1970..=9999).contains(&year) || !(1..=31).contains(&day) {
        return None;
    }
    let before = DAYS_BEFORE.get(usize::try_from(month.checked_sub(1)?).ok()?)?;
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let this_year = before.checked_add(day)?.checked_sub(i64::from(!(is_leap && month > 2)))?;
    // Leap days before this year, less those before 1970.
    let last = year.checked_sub(1)?;
    let leap_days = (last / 4).checked_sub(last / 100)?.checked_add(last / 400)?.checked_sub(477)?;
    year.checked_sub(1970)?.checked_mul(365)?.checked_add(leap_days)?.checked_add(this_year)
}

/// Minutes that a zone is ahead of UTC: `Z`, `+01:00`, `-0330`.
fn offset(zone: &str) -> Option<i64> {
    let Some(digits) = zone.strip_prefix(['+', '-']) else { return (zone == "Z").then_some(0) };
    let digits = digits.replace(':', "");
    let (hours, minutes) = digits.split_at_checked(2)?;
    let ahead = number(hours, 24)?.checked_mul(60)?.checked_add(number(minutes, 60)?)?;
    if zone.starts_with('-') { ahead.checked_neg() } else { Some(ahead) }
}

/// The first three digits of a fraction.
fn thousandths(fraction: &str) -> Option<i64> {
    let digits = fraction.chars().all(|c| c.is_ascii_digit()).then_some(fraction)?;
    let three: String = digits.chars().chain("000".chars()).take(3).collect();
    three.parse().ok()
}

fn number(text: &str, below: i64) -> Option<i64> {
    text.parse().ok().filter(|number| (0..below).contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_and_fractions_are_read() {
        for (text, millis) in [
            ("1970-01-01T00:00:01Z", 1_000),
            ("1970-01-01T01:00:00.5+01:00", 500),
            ("1999-12-31T23:59:59.999Z", 946_684_799_999),
            ("2000-02-29T12:00:00Z", 951_825_600_000),
            ("2000-03-01T00:00:00Z", 951_868_800_000),
            ("2026-02-03T15:20:08.904Z", 1_770_132_008_904),
            ("2026-02-03 12:00:08.9041234-03:20", 1_770_132_008_904),
            ("2100-03-01T00:00:00Z", 4_107_542_400_000),
        ] {
            assert_eq!(parse(text), Some(Time(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in [
            "yesterday",
            "",
            "2026-13-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "1969-12-31T00:00:00Z",
            "2026-01-01T00:00:00",
            "2026-01-32T00:00:00Z",
            "2026-01-01T00:00:00.xZ",
            "2026-01-01T00:00:00+é",
            "99999999999999999999-01-01T00:00:00Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
