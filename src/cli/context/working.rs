//! Local work that can take long: on a terminal a spinner or a bar after a second, elsewhere a line
//! at each heartbeat, and events for programs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::output::events::Event;
use crate::cli::output::printer::beside_elapsed;
use crate::cli::output::text;
use qldb_journal::archive::verify;

/// How long work may take before a terminal shows it.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often a terminal's bar is updated.
const TICK: Duration = Duration::from_millis(250);
/// The shortest time between two events.
const EVENTS: Duration = Duration::from_secs(1);

/// How much is done, and the totals: zero if they are not known.
#[derive(Debug, Default)]
pub(crate) struct Done {
    objects: AtomicU64,
    of_objects: AtomicU64,
    bytes: AtomicU64,
    of_bytes: AtomicU64,
}

impl Done {
    /// Objects done, objects in total, bytes done, bytes in total.
    pub(crate) fn counts(&self) -> [u64; 4] {
        [&self.objects, &self.of_objects, &self.bytes, &self.of_bytes].map(|count| count.load(Ordering::Relaxed))
    }

    /// Takes over the counts of another process.
    #[cfg_attr(not(unix), allow(dead_code, reason = "only where there are such sockets"))]
    pub(crate) fn set(&self, counts: [u64; 4]) {
        let all = [&self.objects, &self.of_objects, &self.bytes, &self.of_bytes];
        all.into_iter().zip(counts).for_each(|(own, count)| own.store(count, Ordering::Relaxed));
    }

    /// `3 of 12 objects, 1.2 GiB of 5.1 GiB`; `None` before anything is known.
    fn shown(&self) -> Option<String> {
        let parts: Vec<String> = self.objects().into_iter().chain(self.bytes()).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    fn objects(&self) -> Option<String> {
        let [objects, of_objects, ..] = self.counts();
        (of_objects > 0).then(|| format!("{objects} of {}", text::count(of_objects, "object")))
    }

    fn bytes(&self) -> Option<String> {
        let [.., bytes, of_bytes] = self.counts();
        (of_bytes > 0).then(|| format!("{} of {}", text::size(bytes), text::size(of_bytes)))
    }

    /// The same for a terminal, with percentage, rate and remaining time, the most important first.
    fn rated(&self, per_second: u64, remaining: Duration) -> Vec<String> {
        let [.., bytes, of_bytes] = self.counts();
        let percent = u128::from(bytes.min(of_bytes)) * 100 / u128::from(of_bytes.max(1));
        let rate = (per_second > 0).then(|| format!("{}/s", text::size(per_second)));
        let remaining = rate.as_ref().map(|_| format!("{} to go", text::length(remaining)));
        let parts = [Some(format!("{percent}%")), rate, remaining, self.bytes(), self.objects()];
        parts.into_iter().flatten().collect()
    }

    fn event(&self) -> Option<Value> {
        let [objects, of_objects, bytes, of_bytes] = self.counts();
        let event = || json!({ "objects": objects, "ofObjects": of_objects, "bytes": bytes, "ofBytes": of_bytes });
        (of_bytes > 0).then(event)
    }
}

impl verify::Watcher for Done {
    fn begin(&self, objects: u64, bytes: u64) {
        self.of_objects.store(objects, Ordering::Relaxed);
        self.of_bytes.store(bytes, Ordering::Relaxed);
    }

    fn advance(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn object_done(&self) {
        self.objects.fetch_add(1, Ordering::Relaxed);
    }
}

/// Does the work, and shows that it is still running.
pub(crate) fn working<T>(context: &Context, what: &str, work: impl FnOnce(&Arc<Done>) -> T) -> T {
    let done = Arc::<Done>::default();
    let over = Over::default();
    let outcome = std::thread::scope(|scope| {
        scope.spawn(|| Show { context, what, done: &done, started: Instant::now() }.until(&over));
        let _ending = Ending(&over);
        work(&done)
    });
    if let Some(event) = done.event() {
        context.emit(Event::Progress, event);
    }
    outcome
}

/// Whether the work has ended.
#[derive(Default)]
struct Over {
    over: Mutex<bool>,
    changed: Condvar,
}

impl Over {
    /// Waits for the end, but no longer than the given time.
    fn within(&self, time: Duration) -> bool {
        let over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(over, time, |over| !*over);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// Reports the end, however the work ends.
struct Ending<'a>(&'a Over);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        *self.0.over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.changed.notify_all();
    }
}

struct Show<'a> {
    context: &'a Context,
    what: &'a str,
    done: &'a Done,
    started: Instant,
}

impl Show<'_> {
    fn until(&self, over: &Over) {
        let heartbeat = self.context.global.heartbeat;
        let (mut bar, mut beaten, mut reported) = (None, self.started, self.started);
        while !over.within(TICK.min(heartbeat)) {
            if bar.is_none() && self.started.elapsed() >= PATIENCE {
                bar = self.context.printer.spin();
            }
            match &bar {
                Some(bar) => self.show(bar),
                None if beaten.elapsed() >= heartbeat => {
                    beaten = Instant::now();
                    self.context.printer.progress(&self.line());
                }
                None => {}
            }
            if let Some(event) = self.done.event().filter(|_| reported.elapsed() >= EVENTS) {
                reported = Instant::now();
                self.context.emit(Event::Progress, event);
            }
        }
        if bar.is_some() {
            self.context.printer.stop_spinning();
        }
    }

    fn show(&self, bar: &ProgressBar) {
        let [.., bytes, of_bytes] = self.done.counts();
        bar.set_length(of_bytes);
        bar.set_position(bytes);
        let rate = (of_bytes > 0).then(|| self.done.rated(rate(bar.per_sec()), bar.eta()));
        let parts = rate.unwrap_or_else(|| vec![self.what.to_owned()]);
        bar.set_message(beside_elapsed(&parts));
    }

    fn line(&self) -> String {
        let after = text::length(self.started.elapsed());
        match self.done.shown() {
            Some(done) => format!("{}: {done}, after {after}", self.what),
            None => format!("{} is still running, after {after}", self.what),
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate for people; the cast saturates")]
fn rate(per_second: f64) -> u64 {
    per_second as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_has_parts_that_can_be_left_out() {
        let done = Done::default();
        verify::Watcher::begin(&done, 12, 5 << 30);
        verify::Watcher::advance(&done, 1 << 30);
        let parts = done.rated(120 << 20, Duration::from_secs(34));
        assert_eq!(parts.join(", "), "20%, 120 MiB/s, 34s to go, 1.0 GiB of 5.0 GiB, 0 of 12 objects");
        assert_eq!(text::fitted(&parts, 41), "20%, 120 MiB/s, 34s to go");
        assert_eq!(text::fitted(&parts, 2), "20%");
        assert_eq!(done.rated(0, Duration::ZERO).join(", "), "20%, 1.0 GiB of 5.0 GiB, 0 of 12 objects");
    }
}
