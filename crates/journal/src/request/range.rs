//! The range of time that an export covers.

use chrono::{DateTime, SubsecRound, Utc};

use super::time::display;
use super::{Fault, Field, Kind};

/// From `start` (inclusive) to `end` (exclusive), in milliseconds and UTC. Start is before end, and end was not in the
/// future when the range was made (docs/qldb.md 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeRange {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

impl TimeRange {
    /// Checks a range against the caller's clock. Anything finer than milliseconds is truncated, because QLDB stores
    /// none.
    pub fn new(start: DateTime<Utc>, end: DateTime<Utc>, now: DateTime<Utc>) -> Result<Self, Vec<Fault>> {
        let range = Self { start: start.trunc_subsecs(3), end: end.trunc_subsecs(3) };
        let faults: Vec<Fault> = [range.out_of_order(), range.in_the_future(now)].into_iter().flatten().collect();
        if faults.is_empty() { Ok(range) } else { Err(faults) }
    }

    /// A range that was checked when it was accepted, such as one from the catalog.
    pub fn accepted(start: DateTime<Utc>, end: DateTime<Utc>) -> Self {
        Self { start, end }
    }

    fn out_of_order(&self) -> Option<Fault> {
        let rule = format!("must be before the end, {}", display(self.end));
        (self.start >= self.end).then(|| Fault::new(Field::Start, Kind::StartNotBeforeEnd, &display(self.start), rule))
    }

    fn in_the_future(&self, now: DateTime<Utc>) -> Option<Fault> {
        let rule = format!("must not be later than now, {}", display(now));
        (self.end > now).then(|| Fault::new(Field::End, Kind::EndInFuture, &display(self.end), rule))
    }

    /// The inclusive start.
    pub fn start(&self) -> DateTime<Utc> {
        self.start
    }

    /// The exclusive end.
    pub fn end(&self) -> DateTime<Utc> {
        self.end
    }

    /// Whether a block committed at this time is in the range.
    pub fn contains(&self, time: DateTime<Utc>) -> bool {
        self.start <= time && time < self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn now() -> DateTime<Utc> {
        "2024-03-02T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn the_start_is_in_and_the_end_is_out() {
        let range = TimeRange::new(now() - TimeDelta::hours(1), now(), now()).unwrap();
        assert!(range.contains(range.start()));
        assert!(!range.contains(range.end()));
    }

    #[test]
    fn both_faults_of_a_range_are_found_at_once() {
        let kinds: Vec<Kind> = TimeRange::new(now() + TimeDelta::hours(2), now() + TimeDelta::hours(1), now())
            .unwrap_err()
            .into_iter()
            .map(|fault| fault.kind)
            .collect();
        assert_eq!(kinds, [Kind::StartNotBeforeEnd, Kind::EndInFuture]);
    }

    #[test]
    fn an_empty_range_is_refused() {
        assert!(TimeRange::new(now(), now(), now()).is_err());
    }

    #[test]
    fn a_range_that_is_empty_in_milliseconds_is_refused() {
        assert!(
            TimeRange::new(now() - TimeDelta::microseconds(900), now() - TimeDelta::microseconds(100), now()).is_err()
        );
    }
}
