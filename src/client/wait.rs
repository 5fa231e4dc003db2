//! Polls an export until it ends, and a ledger until it has a free slot.
//!
//! Throttling, service failures and lost connections use up the timeout, but never decide the
//! result. A final status, or an export that no longer exists, ends the wait at once.

use std::time::{Duration, Instant};

use qldb_journal::request::{LedgerName, UniqueId};

use super::{Client, ClientError, ExportDescription, Pace};

/// How long the last request may still take when the time is up.
const LAST_QUESTION: Duration = Duration::from_secs(5);

/// The clock of a wait.
pub(crate) trait Time {
    /// How long ago the wait began.
    fn elapsed(&self) -> Duration;
    /// Pauses.
    fn sleep(&self, length: Duration) -> impl Future<Output = ()>;
    /// Waits for the full time, even if something ends a pause early.
    fn pass(&self, length: Duration) -> impl Future<Output = ()> {
        self.sleep(length)
    }
}

/// The real clock.
#[derive(Debug)]
pub(crate) struct WallTime(Instant);

impl WallTime {
    /// Starts now.
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }
}

impl Time for WallTime {
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    async fn sleep(&self, length: Duration) {
        tokio::time::sleep(length).await;
    }
}

/// Observes a wait.
pub(crate) trait WaitObserver {
    /// The service described the export.
    fn described(&mut self, description: &ExportDescription);
    /// A request failed in a way that may go away; the wait continues.
    fn troubled(&mut self, error: &ClientError);
}

/// How long to wait, and how.
#[derive(Debug)]
pub(crate) struct Limits {
    /// When to stop waiting, counted from the start of the clock; `None` means never.
    pub(crate) timeout: Option<Duration>,
    /// Whether the service has responded before, so that silence means a lost connection.
    pub(crate) contacted: bool,
}

impl Limits {
    fn left(&self, time: &impl Time) -> Option<Duration> {
        self.timeout.map(|timeout| timeout.saturating_sub(time.elapsed()))
    }

    pub(super) fn is_over(&self, time: &impl Time) -> bool {
        self.left(time).is_some_and(|left| left.is_zero())
    }

    /// The next pause, shortened if the time is up before its end.
    pub(super) fn cut(&self, pause: Duration, time: &impl Time) -> Duration {
        self.left(time).map_or(pause, |left| pause.min(left))
    }

    /// Runs a request while there is time, and slightly longer; `None` if that was not enough.
    async fn within<T>(&self, time: &impl Time, question: impl Future<Output = T>) -> Option<T> {
        let Some(left) = self.left(time) else {
            return Some(question.await);
        };
        tokio::select! {
            biased;
            answer = question => Some(answer),
            () = time.pass(left.max(LAST_QUESTION)) => None,
        }
    }
}

/// How a wait ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Waited {
    /// The export has a final status.
    Ended(Box<ExportDescription>),
    /// The time was up first.
    TimedOut,
}

/// For callers that do not observe.
impl WaitObserver for () {
    fn described(&mut self, _description: &ExportDescription) {}
    fn troubled(&mut self, _error: &ClientError) {}
}

/// The first pause between two requests.
const FIRST_PAUSE: Duration = Duration::from_secs(5);

impl Client {
    /// Polls an export, with growing pauses, until it has ended or the time is up; without a timeout, until it has
    /// ended. Throttling and lost connections are tolerated once the service has responded.
    ///
    /// # Errors
    /// Any failure that can't go away by itself, such as an export that the service doesn't have.
    pub async fn wait_for_export(
        &self,
        ledger: &LedgerName,
        export_id: &UniqueId,
        timeout: Option<Duration>,
    ) -> Result<Waited, ClientError> {
        let describe = async || self.describe_export(ledger, export_id).await;
        let limits = Limits { timeout, contacted: false };
        until_ended(describe, limits, Pace::new(FIRST_PAUSE), &WallTime::start(), &mut ()).await
    }
}

/// Polls until the export has ended or the time is up.
///
/// # Errors
/// Any failure that can't go away by itself, and any failure before the first contact.
pub(crate) async fn until_ended(
    mut describe: impl AsyncFnMut() -> Result<ExportDescription, ClientError>,
    mut limits: Limits,
    mut pace: Pace,
    time: &impl Time,
    observer: &mut impl WaitObserver,
) -> Result<Waited, ClientError> {
    loop {
        match limits.within(time, describe()).await {
            None => return Ok(Waited::TimedOut),
            Some(Ok(description)) => {
                limits.contacted = true;
                observer.described(&description);
                if description.status.is_final() {
                    return Ok(Waited::Ended(Box::new(description)));
                }
            }
            Some(Err(error)) if limits.contacted && error.may_pass() => observer.troubled(&error),
            Some(Err(error)) => return Err(error),
        }
        if limits.is_over(time) {
            return Ok(Waited::TimedOut);
        }
        time.sleep(limits.cut(pace.next_pause(), time)).await;
    }
}

/// Starts an export as soon as the ledger has a free slot. `on_full` is called each time that it has none.
///
/// # Errors
/// `LimitExceeded` if the time is up first, and anything else that can go wrong with a start.
pub(crate) async fn until_accepted<T>(
    mut start: impl AsyncFnMut() -> Result<T, ClientError>,
    limits: Limits,
    mut pace: Pace,
    time: &impl Time,
    mut on_full: impl AsyncFnMut(),
) -> Result<T, ClientError> {
    loop {
        match start().await {
            Err(ClientError::LimitExceeded(answer)) => {
                if limits.is_over(time) {
                    return Err(ClientError::LimitExceeded(answer));
                }
                on_full().await;
            }
            outcome => return outcome,
        }
        time.sleep(limits.cut(pace.next_pause(), time)).await;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use chrono::DateTime;

    use super::*;
    use crate::client::{ErrorResponse, ExportStatus};

    /// A clock that moves only when somebody sleeps.
    #[derive(Default)]
    struct Slept(Cell<Duration>, RefCell<Vec<u64>>);

    impl Time for Slept {
        fn elapsed(&self) -> Duration {
            self.0.get()
        }

        async fn sleep(&self, length: Duration) {
            self.0.set(self.0.get() + length);
            self.1.borrow_mut().push(length.as_secs());
        }
    }

    #[derive(Default)]
    struct Seen(Vec<String>);

    impl WaitObserver for Seen {
        fn described(&mut self, description: &ExportDescription) {
            self.0.push(description.status.as_str().to_owned());
        }

        fn troubled(&mut self, error: &ClientError) {
            self.0.push(error.to_string());
        }
    }

    fn description(status: ExportStatus) -> ExportDescription {
        ExportDescription {
            ledger: "L".to_owned(),
            id: "0".repeat(22),
            created: DateTime::UNIX_EPOCH,
            status,
            start: DateTime::UNIX_EPOCH,
            end: DateTime::UNIX_EPOCH,
            bucket: String::new(),
            prefix: String::new(),
            encryption: None,
            kms_key_arn: None,
            role_arn: String::new(),
            format: None,
            progress: None,
        }
    }

    fn answer() -> ErrorResponse {
        ErrorResponse { operation: "Any", code: None, status: 400, message: None, request_id: None }
    }

    fn lost() -> ClientError {
        ClientError::Unreachable { endpoint: "there".to_owned(), reason: "gone".to_owned(), proxy: None }
    }

    type Outcome = Result<ExportDescription, ClientError>;

    fn run(
        answers: Vec<Outcome>,
        timeout: Option<u64>,
        contacted: bool,
    ) -> (Result<Waited, ClientError>, Vec<u64>, Seen) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (time, mut seen) = (Slept::default(), Seen::default());
        let mut answers = answers.into_iter();
        let describe = async || answers.next().unwrap_or_else(|| Ok(description(ExportStatus::InProgress)));
        let limits = Limits { timeout: timeout.map(Duration::from_secs), contacted };
        let pace = Pace::with_random(Duration::from_secs(5), || 0.5);
        let waited = runtime.block_on(until_ended(describe, limits, pace, &time, &mut seen));
        (waited, time.1.into_inner(), seen)
    }

    #[test]
    fn polls_at_growing_pauses_until_the_export_has_ended() {
        let running = || Ok(description(ExportStatus::InProgress));
        let done = Ok(description(ExportStatus::Completed));
        let (waited, slept, seen) = run(vec![running(), running(), running(), done], None, true);
        assert!(matches!(waited, Ok(Waited::Ended(description)) if description.status == ExportStatus::Completed));
        assert_eq!(slept, [5, 10, 17]);
        assert_eq!(seen.0, ["IN_PROGRESS", "IN_PROGRESS", "IN_PROGRESS", "COMPLETED"]);
    }

    #[test]
    fn an_export_that_has_ended_is_not_waited_for() {
        let (waited, slept, _) = run(vec![Ok(description(ExportStatus::Cancelled))], Some(1), false);
        assert!(matches!(waited, Ok(Waited::Ended(_))));
        assert!(slept.is_empty());
    }

    #[test]
    fn time_is_up_at_the_time_out_and_not_later() {
        let (waited, slept, _) = run(Vec::new(), Some(20), true);
        assert!(matches!(waited, Ok(Waited::TimedOut)));
        assert_eq!(slept.iter().sum::<u64>(), 20);
    }

    #[test]
    fn trouble_spends_the_time_and_does_not_end_the_wait() {
        let throttled = Err(ClientError::Throttled(answer()));
        let done = Ok(description(ExportStatus::Completed));
        let (waited, slept, seen) = run(vec![Err(lost()), throttled, Err(lost()), done], None, true);
        assert!(matches!(waited, Ok(Waited::Ended(_))));
        assert_eq!((slept.len(), seen.0.len()), (3, 4));
        assert!(matches!(run(vec![Err(lost()), Err(lost())], Some(5), true).0, Ok(Waited::TimedOut)));
    }

    #[test]
    fn a_missing_listener_is_not_a_lost_connection() {
        assert!(matches!(run(vec![Err(lost())], None, false).0, Err(ClientError::Unreachable { .. })));
    }

    #[test]
    fn an_export_that_is_gone_ends_the_wait() {
        let running = Ok(description(ExportStatus::InProgress));
        let gone = Err(ClientError::NotFound(answer()));
        assert!(matches!(run(vec![running, gone], None, true).0, Err(ClientError::NotFound(_))));
    }

    fn start_when_free(refusals: usize, timeout: u64) -> (Result<usize, ClientError>, usize) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (time, reported, asked) = (Slept::default(), Cell::new(0), Cell::new(0));
        let start = async || {
            asked.set(asked.get() + 1);
            if asked.get() <= refusals { Err(ClientError::LimitExceeded(answer())) } else { Ok(asked.get()) }
        };
        let limits = Limits { timeout: Some(Duration::from_secs(timeout)), contacted: false };
        let on_full = async || reported.set(reported.get() + 1);
        let pace = Pace::with_random(Duration::from_secs(5), || 0.0);
        let outcome = runtime.block_on(until_accepted(start, limits, pace, &time, on_full));
        (outcome, reported.get())
    }

    #[test]
    fn a_full_ledger_is_retried_until_there_is_a_slot_or_the_time_is_up() {
        assert!(matches!(start_when_free(3, 60), (Ok(4), 3)));
        assert!(matches!(start_when_free(30, 12), (Err(ClientError::LimitExceeded(_)), 3)));
    }
}
