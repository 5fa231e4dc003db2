//! Windows of time, for exports that follow each other without gaps: the calendar divided at
//! multiples of one length, counted from 1970 in UTC.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Fault, Field, Kind, TimeRange, time};

/// The shortest window: below this, an export takes longer than the time that it covers.
const SHORTEST: TimeDelta = TimeDelta::minutes(1);
/// The longest window.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// The calendar in windows of one length. One day is from midnight to midnight, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows(TimeDelta);

impl Windows {
    /// Parses the length: `1d`, `6h`.
    pub fn parse(field: Field, text: &str) -> Result<Self, Fault> {
        let typed: Duration = time::parse_length(field, text)?;
        let length = TimeDelta::from_std(typed).ok().filter(|length| (SHORTEST..=LONGEST).contains(length));
        let rule = "must be from one minute to 366 days long";
        length.map(Self).ok_or_else(|| Fault::new(field, Kind::Window, text, rule))
    }

    /// The last boundary that is not later than a given time.
    pub fn floor(self, time: DateTime<Utc>) -> DateTime<Utc> {
        let length = self.0.num_milliseconds();
        let boundary = time.timestamp_millis().div_euclid(length) * length;
        DateTime::from_timestamp_millis(boundary).unwrap_or(time)
    }

    /// The parts of `[from, until)` that nothing in `covered` covers, in order, each within one window.
    pub fn missing(self, covered: &[TimeRange], from: DateTime<Utc>, until: DateTime<Utc>) -> Missing {
        Missing { windows: self, holes: holes(covered, from, until).into_iter(), hole: None }
    }

    /// The first boundary that is later than a given time.
    #[doc(hidden)]
    pub fn next_boundary(self, time: DateTime<Utc>) -> DateTime<Utc> {
        self.floor(time).checked_add_signed(self.0).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

/// What is still to be exported, window by window.
#[derive(Debug)]
pub struct Missing {
    windows: Windows,
    holes: std::vec::IntoIter<TimeRange>,
    hole: Option<TimeRange>,
}

impl Iterator for Missing {
    type Item = TimeRange;

    fn next(&mut self) -> Option<TimeRange> {
        let hole = self.hole.take().or_else(|| self.holes.next())?;
        let end = self.windows.next_boundary(hole.start()).min(hole.end());
        self.hole = (end < hole.end()).then(|| TimeRange::accepted(end, hole.end()));
        Some(TimeRange::accepted(hole.start(), end))
    }
}

fn holes(covered: &[TimeRange], from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<TimeRange> {
    let mut covered = covered.to_vec();
    covered.sort_by_key(TimeRange::start);
    let end = TimeRange::accepted(until, until);
    let mut holes = Vec::new();
    let mut reached = from;
    for range in covered.iter().chain([&end]) {
        let start = range.start().min(until);
        if reached < start {
            holes.push(TimeRange::accepted(reached, start));
        }
        reached = reached.max(range.end());
    }
    holes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        format!("2024-03-{text}:00:00Z").parse().unwrap()
    }

    fn range(start: &str, end: &str) -> TimeRange {
        TimeRange::accepted(at(start), at(end))
    }

    fn missing(window: &str, covered: &[TimeRange], from: &str, until: &str) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
        let windows = Windows::parse(Field::Named("window"), window).unwrap();
        windows.missing(covered, at(from), at(until)).map(|range| (range.start(), range.end())).collect()
    }

    #[test]
    fn days_begin_at_midnight_in_utc() {
        let windows = Windows::parse(Field::Named("window"), "1d").unwrap();
        assert_eq!(windows.floor(at("05T13")), at("05T00"));
        assert_eq!(windows.floor(at("05T00")), at("05T00"));
        let before_1970 = "1969-12-31T23:59:59Z".parse().unwrap();
        assert_eq!(time::display(windows.floor(before_1970)), "1969-12-31T00:00:00Z");
    }

    #[test]
    fn a_range_is_cut_at_the_boundaries() {
        let cut = missing("1d", &[], "01T13", "03T00");
        assert_eq!(cut, [(at("01T13"), at("02T00")), (at("02T00"), at("03T00"))]);
        assert_eq!(missing("6h", &[], "01T00", "01T12").len(), 2);
    }

    #[test]
    fn only_what_is_not_covered_is_missing() {
        let covered = [range("04T00", "05T00"), range("01T00", "02T00"), range("01T12", "02T06")];
        let cut = missing("1d", &covered, "01T00", "06T00");
        assert_eq!(cut, [(at("02T06"), at("03T00")), (at("03T00"), at("04T00")), (at("05T00"), at("06T00"))]);
        assert_eq!(missing("1d", &[range("01T00", "09T00")], "01T00", "06T00"), []);
    }

    #[test]
    fn nothing_is_missing_if_the_end_is_not_after_the_start() {
        assert_eq!(missing("1d", &[], "02T13", "02T00"), []);
        assert_eq!(missing("1d", &[range("03T00", "04T00")], "02T00", "02T00"), []);
    }

    #[test]
    fn windows_that_are_too_short_or_too_long_are_refused() {
        for text in ["1s", "2y", "0d", "day", ""] {
            assert!(Windows::parse(Field::Named("window"), text).is_err(), "{text:?} was accepted");
        }
    }
}
