//! How long to retry failed calls to S3. For the connection to S3.
//!
//! The pauses differ on purpose from those between polls of an export (the client's `pace`): a retry must never keep
//! step with others that failed at the same time, while a poll begins at exactly the interval that was asked for.

use std::time::Duration;

/// The retry budget of one call: tries, and pauses between them that grow and are randomised.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// The maximum number of tries.
    pub tries: u32,
    /// The longest first pause; each later one can be twice as long.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
    /// After this long, no further try is begun.
    pub time: Duration,
    /// How long the network may be silent while waiting for a response.
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
    /// How long to pause after this many tries; `None` if the budget is spent.
    pub(super) fn pause(&self, tries: u32, elapsed: Duration) -> Option<Duration> {
        if tries >= self.tries || elapsed >= self.time {
            return None;
        }
        let doublings = tries.saturating_sub(1).min(20);
        let longest = self.first_pause.saturating_mul(1 << doublings).min(self.longest_pause);
        // Never zero: clients that failed together must not retry together.
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
