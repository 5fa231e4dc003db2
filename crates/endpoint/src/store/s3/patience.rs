//! How long failures of S3 are borne.

use std::time::Duration;

/// The budget of one call: tries, and pauses between them that grow and are drawn at random.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How often a call is tried at most.
    pub tries: u32,
    /// The longest that the first pause can be; each next one can be twice as long.
    pub first_pause: Duration,
    /// No pause is longer.
    pub longest_pause: Duration,
    /// After so long, no further try is begun.
    pub time: Duration,
    /// How long the network may be silent while an answer is awaited.
    pub silence: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            tries: 8,
            first_pause: Duration::from_millis(200),
            longest_pause: Duration::from_secs(10),
            time: Duration::from_mins(2),
            silence: Duration::from_mins(1),
        }
    }
}

#[cfg(feature = "s3")]
impl Patience {
    /// How long to pause after so many tries; none when the budget is spent.
    pub(super) fn pause(&self, tries: u32, elapsed: Duration) -> Option<Duration> {
        if tries >= self.tries || elapsed >= self.time {
            return None;
        }
        let doublings = tries.saturating_sub(1).min(20);
        let longest = self.first_pause.saturating_mul(1 << doublings).min(self.longest_pause);
        // Never none at all: those who failed together are not to come back together.
        Some(longest.mul_f64(0.25 + 0.75 * fastrand::f64()))
    }
}

#[cfg(all(test, feature = "s3"))]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_are_bounded_and_end() {
        let patience = Patience::default();
        for tries in 1..8 {
            let pause = patience.pause(tries, Duration::ZERO).unwrap();
            let longest = patience.first_pause * (1 << (tries - 1));
            assert!(pause <= longest.min(patience.longest_pause) && pause >= longest.min(patience.longest_pause) / 4);
        }
        assert_eq!(patience.pause(8, Duration::ZERO), None);
        assert_eq!(patience.pause(1, patience.time), None);
    }
}
