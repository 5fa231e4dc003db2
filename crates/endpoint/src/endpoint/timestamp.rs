//! Points in time on the wire: JSON numbers, seconds since 1970 (docs/qldb.md 1.2).

use chrono::{DateTime, Utc};
use serde_json::Number;

const MICROS_PER_SECOND: f64 = 1e6;
const MILLIS_PER_SECOND: f64 = 1e3;

/// A number in a request: whole seconds from some clients, fractions from others. `None` if it is outside the calendar.
pub(crate) fn read(number: &Number) -> Option<DateTime<Utc>> {
    if let Some(seconds) = number.as_i64() {
        return DateTime::from_timestamp(seconds, 0);
    }
    // Rounded to microseconds first: .418 arrives as .417999…, and is truncated to milliseconds later.
    let micros = (number.as_f64()? * MICROS_PER_SECOND).round();
    #[expect(clippy::cast_possible_truncation, reason = "a value out of range saturates, and the calendar refuses it")]
    DateTime::from_timestamp_micros(micros as i64)
}

/// A number in a response: seconds with milliseconds, `1568847801.418`, `1568764800.0`.
pub(crate) fn write(time: DateTime<Utc>) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of every date in the calendar fit in 52 bits")]
    let millis = time.timestamp_millis() as f64;
    millis / MILLIS_PER_SECOND
}

#[cfg(test)]
mod tests {
    use super::*;
    use qldb_journal::request::time::display;

    fn read_text(json: &str) -> Option<String> {
        read(&serde_json::from_str(json).unwrap()).map(display)
    }

    #[test]
    fn whole_seconds_and_fractions_are_read() {
        for (json, meant) in [
            ("1568847599", "2019-09-18T22:59:59Z"),
            ("1568847801.418", "2019-09-18T23:03:21.418Z"),
            ("1568847801.4179999828", "2019-09-18T23:03:21.418Z"),
            ("-2208988800", "1900-01-01T00:00:00Z"),
            ("1.5688476e9", "2019-09-18T23:00:00Z"),
        ] {
            assert_eq!(read_text(json).as_deref(), Some(meant), "{json}");
        }
    }

    #[test]
    fn a_fraction_is_never_moved_into_the_future() {
        assert_eq!(read_text("1568847801.4186").unwrap(), "2019-09-18T23:03:21.418Z");
    }

    #[test]
    fn numbers_beyond_the_calendar_are_refused() {
        for json in ["1e300", "-1e300", "9223372036854775807", "18446744073709551615"] {
            assert_eq!(read_text(json), None, "{json}");
        }
    }

    #[test]
    fn answers_carry_milliseconds() {
        let text = |time: &str| serde_json::to_string(&write(time.parse().unwrap())).unwrap();
        assert_eq!(text("2019-09-18T23:03:21.418Z"), "1568847801.418");
        assert_eq!(text("2019-09-18T00:00:00Z"), "1568764800.0");
    }
}
