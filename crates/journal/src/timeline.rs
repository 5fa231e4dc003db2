//! Blocks over time, in a fixed number of bins: small however long a journal is, and the same
//! however its blocks are divided among several counters.
//!
//! Bins lie on a grid that begins in 1970, and are as narrow as the first and the last time allow.
//! So the bins depend only on the set of times, and timelines merge in any order and grouping with
//! the same result.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// Counts of blocks by commit time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    /// A bin is 2 to this power seconds wide.
    exponent: u32,
    /// The index of the first bin on the grid.
    first: i64,
    /// Neither the first nor the last is zero.
    counts: Vec<u64>,
}

impl Timeline {
    /// The maximum number of bins.
    pub const BINS: usize = 128;

    /// Counts one block.
    pub fn add(&mut self, time: DateTime<Utc>) {
        // Usually there is a bin already.
        let index = self.index(time.timestamp() >> self.exponent);
        if let Some(count) = index.and_then(|index| self.counts.get_mut(index)) {
            *count = count.saturating_add(1);
            return;
        }
        self.merge(&Self { exponent: 0, first: time.timestamp(), counts: vec![1] });
    }

    /// Adds the counts of another timeline.
    pub fn merge(&mut self, other: &Self) {
        if other.counts.is_empty() {
            return;
        }
        if self.counts.is_empty() {
            self.clone_from(other);
            return;
        }
        let mut shift = self.exponent.saturating_sub(other.exponent);
        while self.exponent < other.exponent || self.span_with(other, shift) > Self::BINS as u64 {
            self.coarsen();
            shift = self.exponent.saturating_sub(other.exponent);
        }
        self.reach(other.first >> shift, other.last() >> shift);
        for (place, count) in (other.first..).zip(&other.counts) {
            // It is within range, which was just ensured.
            if let Some(sum) = self.index(place >> shift).and_then(|index| self.counts.get_mut(index)) {
                *sum = sum.saturating_add(*count);
            }
        }
    }

    fn last(&self) -> i64 {
        self.first.saturating_add_unsigned(self.counts.len() as u64).saturating_sub(1)
    }

    fn index(&self, place: i64) -> Option<usize> {
        usize::try_from(place.checked_sub(self.first)?).ok()
    }

    /// How many bins of this width both together need.
    fn span_with(&self, other: &Self, shift: u32) -> u64 {
        let (first, last) = (self.first.min(other.first >> shift), self.last().max(other.last() >> shift));
        last.abs_diff(first).saturating_add(1)
    }

    /// Doubles the width of the bins.
    fn coarsen(&mut self) {
        let mut counts = vec![0_u64; self.counts.len() / 2 + 1];
        let first = self.first >> 1;
        for (place, count) in (self.first..).zip(&self.counts) {
            let index = usize::try_from((place >> 1) - first).ok();
            if let Some(sum) = index.and_then(|index| counts.get_mut(index)) {
                *sum = sum.saturating_add(*count);
            }
        }
        counts.truncate(counts.len() - usize::from(counts.last() == Some(&0)));
        (self.exponent, self.first, self.counts) = (self.exponent + 1, first, counts);
    }

    /// Adds empty bins up to these two indexes, which are within the maximum.
    fn reach(&mut self, first: i64, last: i64) {
        let before = usize::try_from(self.first.saturating_sub(first)).unwrap_or_default();
        self.counts.splice(..0, std::iter::repeat_n(0, before));
        self.first = self.first.min(first);
        let after = usize::try_from(last.saturating_sub(self.last())).unwrap_or_default();
        self.counts.extend(std::iter::repeat_n(0, after));
    }

    /// The length of a bin.
    pub fn bin_length(&self) -> Duration {
        Duration::from_secs(1 << self.exponent.min(62))
    }

    /// When the first bin begins; `None` without blocks.
    pub fn begin(&self) -> Option<DateTime<Utc>> {
        let seconds = self.first.checked_shl(self.exponent)?;
        DateTime::from_timestamp(seconds, 0).filter(|_| !self.counts.is_empty())
    }

    /// The blocks in each bin, oldest first.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The parts that [`Timeline::from_parts`] takes: the binary logarithm of the bins' width in seconds, the index of
    /// the first bin, counted in bins from 1970, and the counts.
    pub fn parts(&self) -> (u32, i64, &[u64]) {
        (self.exponent, self.first, &self.counts)
    }

    /// A timeline from stored parts; `None` if they are not valid.
    pub fn from_parts(exponent: u32, first: i64, counts: Vec<u64>) -> Option<Self> {
        let ends = counts.first() != Some(&0) && counts.last() != Some(&0);
        let seconds = first.checked_mul(1_i64.checked_shl(exponent)?)?;
        let possible = exponent < 48 && counts.len() <= Self::BINS && DateTime::from_timestamp(seconds, 0).is_some();
        (ends && possible).then_some(Self { exponent, first, counts })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(seconds: &[i64]) -> Timeline {
        let mut timeline = Timeline::default();
        for second in seconds {
            timeline.add(DateTime::from_timestamp(*second, 0).unwrap());
        }
        timeline
    }

    #[test]
    fn bins_are_as_narrow_as_the_ends_allow() {
        let day = of(&[0, 86_399]);
        assert_eq!((day.bin_length().as_secs(), day.counts().len()), (1024, 85));
        assert_eq!(day.begin(), DateTime::from_timestamp(0, 0));
        assert_eq!(of(&[7, 7, 7]).counts(), [3]);
        assert_eq!(Timeline::default().begin(), None);
    }

    #[test]
    fn the_furthest_times_that_there_are_have_a_place() {
        let all = of(&[DateTime::<Utc>::MIN_UTC.timestamp(), 0, DateTime::<Utc>::MAX_UTC.timestamp()]);
        assert_eq!(all.counts().iter().sum::<u64>(), 3);
        assert!(all.counts().len() <= Timeline::BINS);
    }

    proptest! {
        #[test]
        fn timelines_merge_in_any_order_and_grouping_with_the_same_result(
            times in proptest::collection::vec(prop_oneof![-5_000_i64..5_000, -2_000_000_000_i64..2_000_000_000], 0..60),
            parts in proptest::collection::vec(0_usize..4, 60),
        ) {
            let whole = of(&times);
            let part = |wanted| {
                let mine = times.iter().zip(&parts).filter(|(_, part)| **part == wanted);
                of(&mine.map(|(time, _)| *time).collect::<Vec<_>>())
            };
            let [a, b, c, d] = [0, 1, 2, 3].map(part);
            let merged = |one: &Timeline, other: &Timeline| { let mut one = one.clone(); one.merge(other); one };
            prop_assert_eq!(&merged(&merged(&merged(&a, &b), &c), &d), &whole);
            prop_assert_eq!(&merged(&merged(&d, &c), &merged(&b, &a)), &whole);
            prop_assert_eq!(whole.counts().iter().sum::<u64>(), times.len() as u64);
            prop_assert!(whole.counts().len() <= Timeline::BINS);
            let (exponent, first, counts) = whole.parts();
            prop_assert_eq!(Timeline::from_parts(exponent, first, counts.to_vec()), Some(whole.clone()));
        }
    }
}
