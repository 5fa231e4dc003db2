//! Points in time and durations, as people type them.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, SubsecRound, TimeDelta, Utc};

use super::{Fault, Faults, Field, Kind};

/// The time by this machine's clock, which may be set to before 1970; chrono's own `now` panics there.
pub fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

/// A time as every output shows it: UTC, with milliseconds if there are any.
pub fn display(time: DateTime<Utc>) -> String {
    let format = if time.timestamp_subsec_millis() == 0 { SecondsFormat::Secs } else { SecondsFormat::Millis };
    time.to_rfc3339_opts(format, true)
}

/// What a time of day without an offset from UTC means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WithoutOffset {
    /// Nothing: it is refused, because it may be meant as local time.
    #[default]
    Refused,
    /// UTC.
    Utc,
}

/// Parses a point in time: ISO 8601 with any offset, in its extended or its basic form, with or without seconds; a date
/// (its midnight, UTC); seconds since 1970; `now`, `today`, `yesterday`; or `-` and a duration.
pub fn parse(field: Field, text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, Fault> {
    parse_with(field, text, WithoutOffset::Refused, now)
}

/// Like [`parse`], with a meaning for times without an offset.
pub fn parse_with(
    field: Field,
    text: &str,
    without_offset: WithoutOffset,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, Fault> {
    let midnight = now.date_naive().and_time(NaiveTime::MIN).and_utc();
    let read = match text {
        "now" => Some(now),
        "today" => Some(midnight),
        "yesterday" => Some(midnight - TimeDelta::days(1)),
        _ => relative(text, now).or_else(|| date(text)).or_else(|| epoch_seconds(text)).or_else(|| with_offset(text)),
    };
    let in_utc = || local(text).filter(|_| without_offset == WithoutOffset::Utc).map(|time| time.and_utc());
    read.or_else(in_utc).map(|time| time.trunc_subsecs(3)).ok_or_else(|| unreadable(field, text))
}

fn unreadable(field: Field, text: &str) -> Fault {
    if local(text).is_some() {
        return Fault::new(field, Kind::NoOffset, text, "has no offset from UTC");
    }
    if seconds_of_milliseconds(text).is_some() {
        return Fault::new(field, Kind::Milliseconds, text, "seems to count milliseconds");
    }
    Fault::new(field, Kind::Time, text, "is not a point in time")
}

fn relative(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let length = humantime::parse_duration(text.strip_prefix('-')?).ok()?;
    now.checked_sub_signed(TimeDelta::from_std(length).ok()?)
}

fn date(text: &str) -> Option<DateTime<Utc>> {
    let date = NaiveDate::parse_from_str(begins_with_digit(text)?, "%Y-%m-%d").ok()?;
    Some(date.and_time(NaiveTime::MIN).and_utc())
}

/// The fewest digits of a number of seconds: eight could be a date.
const FEWEST_DIGITS: usize = 9;
/// The most digits: numbers with more count milliseconds.
const MOST_DIGITS: usize = 11;

/// The AWS CLI also accepts seconds since 1970.
fn epoch_seconds(text: &str) -> Option<DateTime<Utc>> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_seconds = whole == "0" || (FEWEST_DIGITS..=MOST_DIGITS).contains(&whole.len());
    if !is_seconds || !digits(whole) || !digits(fraction) {
        return None;
    }
    let millis: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    DateTime::from_timestamp_millis(whole.parse::<i64>().ok()?.checked_mul(1000)?.checked_add(millis)?)
}

/// The seconds in a number that counts milliseconds since 1970, as other languages do.
pub fn seconds_of_milliseconds(text: &str) -> Option<i64> {
    let counted = text.len() > MOST_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
    if counted { text.parse::<i64>().ok().map(|millis| millis / 1000) } else { None }
}

/// Date and time of day in ISO 8601: the extended form and the basic one, each with and without seconds.
const FORMATS: [&str; 4] = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y%m%dT%H%M%S%.f", "%Y%m%dT%H%M"];

fn with_offset(text: &str) -> Option<DateTime<Utc>> {
    let text = with_letter(text)?;
    let read = |format| DateTime::parse_from_str(&text, &format!("{format}%#z")).ok();
    FORMATS.into_iter().find_map(read).map(|time| time.to_utc())
}

fn local(text: &str) -> Option<NaiveDateTime> {
    let text = with_letter(text)?;
    FORMATS.into_iter().find_map(|format| NaiveDateTime::parse_from_str(&text, format).ok())
}

/// A date and a time of day separated by ISO 8601's letter, for which RFC 3339 also allows a space.
fn with_letter(text: &str) -> Option<String> {
    begins_with_digit(text).map(|text| text.replacen(['t', ' '], "T", 1))
}

/// No journal is from before our era.
fn begins_with_digit(text: &str) -> Option<&str> {
    text.starts_with(|first: char| first.is_ascii_digit()).then_some(text)
}

/// Parses a duration: a number and a unit, or several.
pub fn parse_length(field: Field, text: &str) -> Result<Duration, Fault> {
    match humantime::parse_duration(text) {
        Ok(length) if !length.is_zero() => Ok(length),
        Ok(_) => Err(Fault::new(field, Kind::Length, text, "must be longer than nothing")),
        Err(_) => Err(Fault::new(field, Kind::Length, text, "is not a length of time")),
    }
}

/// A point in time as it was typed.
#[derive(Debug, Clone, Copy)]
pub struct TypedTime<'a> {
    /// The text.
    pub text: &'a str,
    /// What it means if it has no offset.
    pub without_offset: WithoutOffset,
}

impl TypedTime<'_> {
    fn read(self, field: Field, now: DateTime<Utc>) -> Result<DateTime<Utc>, Fault> {
        parse_with(field, self.text, self.without_offset, now)
    }

    /// Whether it means another point each time that it is read: `now`, or a duration before it.
    fn moves(self) -> bool {
        self.text == "now" || self.text.starts_with('-')
    }
}

/// The ends of a range as they were typed.
#[derive(Debug, Clone, Copy, Default)]
pub struct TypedRange<'a> {
    /// The inclusive start.
    pub from: Option<TypedTime<'a>>,
    /// The exclusive end; now, if it is missing.
    pub until: Option<TypedTime<'a>>,
    /// Instead of a start: how long before the end it is.
    pub last: Option<&'a str>,
}

impl TypedRange<'_> {
    /// The two points. An end that can't be parsed is recorded in `faults` and left out.
    pub fn resolve(self, now: DateTime<Utc>, faults: &mut Faults) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let end = match self.until {
            Some(typed) => faults.note(typed.read(Field::End, now)),
            None => Some(now.trunc_subsecs(3)),
        };
        let start = match (self.from, self.last) {
            (Some(typed), _) => faults.note(typed.read(Field::Start, now)),
            (None, Some(text)) => faults.note(before(end.unwrap_or(now), text)),
            (None, None) => None,
        };
        (start, end)
    }

    /// The end that moves with the clock, so that the same words mean another range each time. `None` if both are fixed
    /// for at least a day.
    pub fn moving(self) -> Option<Field> {
        match (self.from, self.until) {
            (_, None) => Some(Field::End),
            (_, Some(until)) if until.moves() => Some(Field::End),
            (Some(from), _) if from.moves() => Some(Field::Start),
            _ => None,
        }
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
            ("0", "1970-01-01T00:00:00Z"),
            ("2024-03-01T00:00Z", "2024-03-01T00:00:00Z"),
            ("2024-03-01 00:00:00Z", "2024-03-01T00:00:00Z"),
            ("2024-03-01t00:00:00z", "2024-03-01T00:00:00Z"),
            ("2024-03-01T01:00:00+0100", "2024-03-01T00:00:00Z"),
            ("2024-03-01T01:00+01", "2024-03-01T00:00:00Z"),
            ("20240301T000000Z", "2024-03-01T00:00:00Z"),
            ("20240301T010000.5+0100", "2024-03-01T00:00:00.500Z"),
            ("20240229T2330Z", "2024-02-29T23:30:00Z"),
            ("now", "2024-03-02T12:34:56.789Z"),
            ("today", "2024-03-02T00:00:00Z"),
            ("yesterday", "2024-03-01T00:00:00Z"),
            ("-36h", "2024-03-01T00:34:56.789Z"),
        ] {
            assert_eq!(read(text), meant, "{text}");
        }
    }

    #[test]
    fn a_time_without_offset_is_refused_with_the_syntax_unless_it_means_utc() {
        for text in ["2024-03-01T00:00:00", "2024-03-01T00:00", "2024-03-01 00:00:00.000", "20240301T000000"] {
            let fault = parse(Field::Start, text, now()).unwrap_err();
            assert_eq!((fault.kind, &*fault.rule), (Kind::NoOffset, "has no offset from UTC"));
            let read = parse_with(Field::Start, text, WithoutOffset::Utc, now()).unwrap();
            assert_eq!(display(read), "2024-03-01T00:00:00Z");
        }
    }

    #[test]
    fn milliseconds_are_not_taken_for_seconds() {
        let fault = parse(Field::Start, "1709251200000", now()).unwrap_err();
        assert_eq!(fault.kind, Kind::Milliseconds);
        assert_eq!(seconds_of_milliseconds("1709251200000"), Some(1_709_251_200));
    }

    #[test]
    fn a_range_moves_with_the_clock_if_one_of_its_ends_does() {
        let time = |text| Some(TypedTime { text, without_offset: WithoutOffset::Refused });
        let moving = |from, until, last| TypedRange { from, until, last }.moving();
        assert_eq!(moving(time("yesterday"), time("today"), None), None);
        assert_eq!(moving(None, time("2024-03-01"), Some("24h")), None);
        assert_eq!(moving(time("yesterday"), None, None), Some(Field::End));
        assert_eq!(moving(time("-3d"), time("now"), None), Some(Field::End));
        assert_eq!(moving(time("-3d"), time("today"), None), Some(Field::Start));
    }

    #[test]
    fn nonsense_and_lengths_out_of_reach_are_refused() {
        for text in [
            "",
            "-",
            "tomorrowish",
            "2024-13-01",
            "-99999999999999y",
            "12",
            "20240301",
            "-1x",
            "2024-02-30T00:00:00Z",
            "2024-03-01T",
            "2024-03-01T00Z",
            "-2024-03-01",
        ] {
            assert!(parse(Field::Start, text, now()).is_err(), "{text:?} was accepted");
        }
        for text in ["", "0s", "-3h", "week", "1000000000y"] {
            assert!(parse_length(Field::Last, text).is_err() || before(now(), text).is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn the_end_is_now_unless_given_and_last_counts_back_from_it() {
        let mut faults = Faults::none();
        let today = TypedTime { text: "today", without_offset: WithoutOffset::Refused };
        let typed = TypedRange { until: Some(today), last: Some("24h"), from: None };
        let (start, end) = typed.resolve(now(), &mut faults);
        assert_eq!(
            (start.map(display), end.map(display)),
            (Some("2024-03-01T00:00:00Z".into()), Some("2024-03-02T00:00:00Z".into()))
        );
        assert_eq!(TypedRange::default().resolve(now(), &mut faults), (None, Some(now())));
        assert!(faults.is_empty());
    }
}
