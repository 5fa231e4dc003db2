//! Points in time and lengths of time, as people type them.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, SubsecRound, TimeDelta, Utc};

use super::{Fault, Faults, Field, Kind};

/// The time of this machine's clock, which may be set to before 1970 as well: chrono's own `now` panics there.
pub fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

/// A time as every output shows it: UTC, milliseconds where there are any.
pub fn display(time: DateTime<Utc>) -> String {
    let format = if time.timestamp_subsec_millis() == 0 { SecondsFormat::Secs } else { SecondsFormat::Millis };
    time.to_rfc3339_opts(format, true)
}

/// Reads a point in time: RFC 3339 with any offset, a date (its midnight, UTC),
/// seconds since 1970, `now`, `today`, `yesterday`, or `-` and a length of time.
pub fn parse(field: Field, text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, Fault> {
    let midnight = now.date_naive().and_time(NaiveTime::MIN).and_utc();
    let read = match text {
        "now" => Some(now),
        "today" => Some(midnight),
        "yesterday" => Some(midnight - TimeDelta::days(1)),
        _ => relative(text, now).or_else(|| date(text)).or_else(|| epoch_seconds(text)).or_else(|| rfc_3339(text)),
    };
    read.map(|time| time.trunc_subsecs(3)).ok_or_else(|| unreadable(field, text))
}

fn unreadable(field: Field, text: &str) -> Fault {
    match text.parse::<chrono::NaiveDateTime>() {
        Ok(_) => Fault::new(field, Kind::NoOffset, text, "has no offset from UTC"),
        Err(_) => Fault::new(field, Kind::Time, text, "is not a point in time"),
    }
}

fn relative(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let length = humantime::parse_duration(text.strip_prefix('-')?).ok()?;
    now.checked_sub_signed(TimeDelta::from_std(length).ok()?)
}

fn date(text: &str) -> Option<DateTime<Utc>> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(|date| date.and_time(NaiveTime::MIN).and_utc())
}

/// The AWS CLI takes seconds since 1970 as well.
fn epoch_seconds(text: &str) -> Option<DateTime<Utc>> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let long_enough = whole.len() >= 9;
    if !long_enough || !digits(whole) || !digits(fraction) {
        return None;
    }
    let millis: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    DateTime::from_timestamp_millis(whole.parse::<i64>().ok()?.checked_mul(1000)?.checked_add(millis)?)
}

fn rfc_3339(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

/// Reads a length of time: a number and a unit, or several.
pub fn parse_length(field: Field, text: &str) -> Result<Duration, Fault> {
    match humantime::parse_duration(text) {
        Ok(length) if !length.is_zero() => Ok(length),
        Ok(_) => Err(Fault::new(field, Kind::Length, text, "must be longer than nothing")),
        Err(_) => Err(Fault::new(field, Kind::Length, text, "is not a length of time")),
    }
}

/// The ends of a range as they were typed.
#[derive(Debug, Clone, Copy, Default)]
pub struct TypedRange<'a> {
    /// The inclusive start.
    pub from: Option<&'a str>,
    /// The exclusive end; now, where there is none.
    pub until: Option<&'a str>,
    /// Instead of a start: how long before the end it lies.
    pub last: Option<&'a str>,
}

impl TypedRange<'_> {
    /// The two points meant. An end that can't be read is noted in `faults` and left out.
    pub fn resolve(self, now: DateTime<Utc>, faults: &mut Faults) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let end = match self.until {
            Some(text) => faults.note(parse(Field::End, text, now)),
            None => Some(now.trunc_subsecs(3)),
        };
        let start = match (self.from, self.last) {
            (Some(text), _) => faults.note(parse(Field::Start, text, now)),
            (None, Some(text)) => faults.note(before(end.unwrap_or(now), text)),
            (None, None) => None,
        };
        (start, end)
    }
}

fn before(end: DateTime<Utc>, text: &str) -> Result<DateTime<Utc>, Fault> {
    let length = parse_length(Field::Last, text)?;
    let start = TimeDelta::from_std(length).ok().and_then(|length| end.checked_sub_signed(length));
    start.ok_or_else(|| Fault::new(Field::Last, Kind::Length, text, "reaches back before the calendar begins"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2024-03-02T12:34:56.789Z".parse().unwrap()
    }

    fn read(text: &str) -> String {
        display(parse(Field::Start, text, now()).unwrap())
    }

    #[test]
    fn every_way_to_say_a_time_is_understood() {
        for (text, meant) in [
            ("2024-03-01T00:00:00Z", "2024-03-01T00:00:00Z"),
            ("2024-03-01T01:30:00+02:00", "2024-02-29T23:30:00Z"),
            ("2024-03-01T00:00:00.123456Z", "2024-03-01T00:00:00.123Z"),
            ("2024-03-01", "2024-03-01T00:00:00Z"),
            ("1709251200", "2024-03-01T00:00:00Z"),
            ("1709251200.5", "2024-03-01T00:00:00.500Z"),
            ("now", "2024-03-02T12:34:56.789Z"),
            ("today", "2024-03-02T00:00:00Z"),
            ("yesterday", "2024-03-01T00:00:00Z"),
            ("-36h", "2024-03-01T00:34:56.789Z"),
        ] {
            assert_eq!(read(text), meant, "{text}");
        }
    }

    #[test]
    fn a_time_without_offset_is_told_from_what_is_not_a_time() {
        let fault = parse(Field::Start, "2024-03-01T00:00:00", now()).unwrap_err();
        assert_eq!((fault.kind, &*fault.rule), (Kind::NoOffset, "has no offset from UTC"));
    }

    #[test]
    fn nonsense_and_lengths_out_of_reach_are_refused() {
        for text in ["", "-", "tomorrowish", "2024-13-01", "-99999999999999y", "12", "-1x", "2024-02-30T00:00:00Z"] {
            assert!(parse(Field::Start, text, now()).is_err(), "{text:?} was accepted");
        }
        for text in ["", "0s", "-3h", "week", "1000000000y"] {
            assert!(parse_length(Field::Last, text).is_err() || before(now(), text).is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn the_end_is_now_unless_given_and_last_counts_back_from_it() {
        let mut faults = Faults::none();
        let typed = TypedRange { until: Some("today"), last: Some("24h"), from: None };
        let (start, end) = typed.resolve(now(), &mut faults);
        assert_eq!(
            (start.map(display), end.map(display)),
            (Some("2024-03-01T00:00:00Z".into()), Some("2024-03-02T00:00:00Z".into()))
        );
        assert_eq!(TypedRange::default().resolve(now(), &mut faults), (None, Some(now())));
        assert!(faults.is_empty());
    }
}
