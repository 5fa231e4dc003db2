//! How long to pause between two polls of an export. For the client.

use std::time::Duration;

/// The longest pause, unless the first is longer.
const CEILING: Duration = Duration::from_mins(1);

/// Decorrelated jitter: the first pause is the base; each later one is between the base and three times the previous
/// one, up to a minute.
pub(crate) struct Pace {
    base: Duration,
    previous: Option<Duration>,
    random: Box<dyn FnMut() -> f64 + Send>,
}

impl Pace {
    /// A pace whose first pause is `base`, with the process's random source.
    pub(crate) fn new(base: Duration) -> Self {
        Self::with_random(base, fastrand::f64)
    }

    /// A pace with a random source of numbers from 0 to 1, excluding 1.
    pub(crate) fn with_random(base: Duration, random: impl FnMut() -> f64 + Send + 'static) -> Self {
        Self { base, previous: None, random: Box::new(random) }
    }

    /// The next pause.
    pub(crate) fn next_pause(&mut self) -> Duration {
        let pause = match self.previous {
            None => self.base,
            Some(previous) => {
                let spread = previous.saturating_mul(3).saturating_sub(self.base);
                (self.base + spread.mul_f64((self.random)())).min(CEILING.max(self.base))
            }
        };
        self.previous = Some(pause);
        pause
    }
}

impl std::fmt::Debug for Pace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pace").field("base", &self.base).field("previous", &self.previous).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(base: u64, random: f64, count: usize) -> Vec<u64> {
        let mut pace = Pace::with_random(Duration::from_secs(base), move || random);
        std::iter::repeat_with(|| pace.next_pause().as_secs()).take(count).collect()
    }

    #[test]
    fn the_first_pause_is_the_base_and_the_longest_a_minute() {
        assert_eq!(pauses(5, 0.999_999_999, 5), [5, 14, 44, 60, 60]);
        assert_eq!(pauses(5, 0.0, 4), [5, 5, 5, 5]);
    }

    #[test]
    fn a_base_beyond_a_minute_is_kept() {
        assert_eq!(pauses(90, 0.5, 3), [90, 90, 90]);
    }

    #[test]
    fn every_pause_of_a_random_walk_lies_between_base_and_ceiling() {
        let mut random = fastrand::Rng::with_seed(7);
        let mut pace = Pace::with_random(Duration::from_secs(1), move || random.f64());
        for _ in 0..10_000 {
            let pause = pace.next_pause();
            assert!((Duration::from_secs(1)..=CEILING).contains(&pause), "{pause:?}");
        }
    }
}
