//! Work on all cores: each core runs one task after the other, and cores without a task help with
//! the parts of another's task. Results keep the order of the tasks and of the parts, so that the
//! result does not depend on how the work was divided.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

type Work<'env> = Box<dyn FnOnce() + Send + 'env>;

/// The threads that may help with a task.
pub struct Helpers<'env> {
    jobs: usize,
    state: Mutex<State<'env>>,
    changed: Condvar,
}

struct State<'env> {
    queue: VecDeque<Work<'env>>,
    /// The number of idle threads.
    idle: usize,
    /// The number of unfinished tasks.
    tasks: usize,
}

/// A result that is available now or later.
struct Slot<R>(Mutex<Option<R>>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `drive` for each task, on this many threads. A task that is not started because of `stop` has no result.
pub fn run_tasks<'env, T: Sync, O: Send>(
    jobs: usize,
    tasks: &'env [T],
    stop: impl Fn() -> bool + Sync,
    drive: impl Fn(usize, &'env T, &Helpers<'env>) -> O + Sync,
) -> Vec<Option<O>> {
    let helpers = Helpers {
        jobs: jobs.max(1),
        state: Mutex::new(State { queue: VecDeque::new(), idle: 0, tasks: tasks.len() }),
        changed: Condvar::new(),
    };
    let results: Mutex<Vec<Option<O>>> = Mutex::new(tasks.iter().map(|_| None).collect());
    let next = AtomicUsize::new(0);
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(task) = tasks.get(index) else { break };
            let guard = TaskEnd(&helpers);
            if !stop() {
                let result = drive(index, task, &helpers);
                if let Some(place) = lock(&results).get_mut(index) {
                    *place = Some(result);
                }
            }
            drop(guard);
        }
        helpers.help_until_done();
    };
    std::thread::scope(|scope| {
        for _ in 1..helpers.jobs {
            scope.spawn(work);
        }
        work();
    });
    results.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Counts a task as done, even if it panics, so that nobody waits for it.
struct TaskEnd<'a, 'env>(&'a Helpers<'env>);

impl Drop for TaskEnd<'_, '_> {
    fn drop(&mut self) {
        lock(&self.0.state).tasks -= 1;
        self.0.changed.notify_all();
    }
}

impl<'env> Helpers<'env> {
    /// Runs `work` on each part, here and on idle threads, and passes the results to `take` in the order of the parts.
    /// Only a few parts are queued at a time, however many there are. Ends early if `take` asks for it.
    pub fn each_in_order<P: Send + 'env, R: Send + 'env>(
        &self,
        parts: impl Iterator<Item = P>,
        work: impl Fn(P) -> R + Clone + Send + 'env,
        mut take: impl FnMut(R) -> bool,
    ) {
        let mut waiting: VecDeque<Arc<Slot<R>>> = VecDeque::new();
        for part in parts {
            while waiting.len() >= 2 * self.jobs {
                let Some(front) = waiting.pop_front() else { break };
                let Some(result) = self.wait_for(&front) else { return };
                if !take(result) {
                    return;
                }
            }
            let slot = Arc::new(Slot(Mutex::new(None)));
            if self.has_idle() {
                let (slot, work) = (Arc::clone(&slot), work.clone());
                self.submit(Box::new(move || {
                    let result = work(part);
                    *lock(&slot.0) = Some(result);
                }));
            } else {
                *lock(&slot.0) = Some(work(part));
            }
            waiting.push_back(slot);
            // Available results need not wait for more.
            while let Some(result) = waiting.front().and_then(|front| lock(&front.0).take()) {
                waiting.pop_front();
                if !take(result) {
                    return;
                }
            }
        }
        for slot in waiting {
            let Some(result) = self.wait_for(&slot) else { return };
            if !take(result) {
                return;
            }
        }
    }

    /// Whether some thread is idle and not about to get work.
    fn has_idle(&self) -> bool {
        let state = lock(&self.state);
        state.idle > state.queue.len()
    }

    fn submit(&self, work: Work<'env>) {
        lock(&self.state).queue.push_back(work);
        self.changed.notify_all();
    }

    /// Waits for a result, and meanwhile works on the queue. `None` if the thread that worked on it panicked; the panic
    /// resumes when all threads have ended.
    fn wait_for<R>(&self, slot: &Arc<Slot<R>>) -> Option<R> {
        loop {
            let mut state = lock(&self.state);
            let result = lock(&slot.0).take();
            // The thread that works on it holds the slot as well.
            if result.is_some() || Arc::strong_count(slot) == 1 {
                return result;
            }
            if let Some(work) = state.queue.pop_front() {
                drop(state);
                self.run(work);
                continue;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            drop(state);
        }
    }

    fn help_until_done(&self) {
        let mut state = lock(&self.state);
        loop {
            if let Some(work) = state.queue.pop_front() {
                drop(state);
                self.run(work);
                state = lock(&self.state);
                continue;
            }
            if state.tasks == 0 {
                return;
            }
            state.idle += 1;
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }

    fn run(&self, work: Work<'env>) {
        let _ended = WorkEnd(self);
        work();
    }
}

/// Wakes the waiting thread when work is done, even if it panics. The state is locked once before, so that no thread
/// checks for a result before it is available and then waits after the wake-up.
struct WorkEnd<'a, 'env>(&'a Helpers<'env>);

impl Drop for WorkEnd<'_, '_> {
    fn drop(&mut self) {
        drop(lock(&self.0.state));
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_their_order_however_many_threads_there_are() {
        for jobs in [1, 2, 3, 8] {
            let tasks: Vec<u64> = (0..20).collect();
            let results = run_tasks(
                jobs,
                &tasks,
                || false,
                |index, task, helpers| {
                    let mut found = Vec::new();
                    helpers.each_in_order(
                        0..*task,
                        |part| part * 2,
                        |part| {
                            found.push(part);
                            true
                        },
                    );
                    (index, found)
                },
            );
            for (index, result) in results.into_iter().enumerate() {
                assert_eq!(result, Some((index, (0..index as u64).map(|part| part * 2).collect())));
            }
        }
    }

    #[test]
    fn parts_end_early_and_tasks_are_not_begun_after_a_stop() {
        let begun = AtomicUsize::new(0);
        let results = run_tasks(
            2,
            &[(); 50],
            || begun.load(Ordering::Relaxed) >= 10,
            |_, (), helpers| {
                begun.fetch_add(1, Ordering::Relaxed);
                let mut last = 0;
                helpers.each_in_order(
                    0..,
                    |part: u64| part,
                    |part| {
                        last = part;
                        part < 100
                    },
                );
                last
            },
        );
        assert!(results.iter().flatten().all(|last| *last == 100));
        assert!(results.iter().any(Option::is_none));
    }
}
