//! Exporting every window of time that is not exported yet: what a nightly job
//! does. Keeps no state of its own: what is done is read from the service's
//! list of exports, and from manifests where the caller can read them.

use std::collections::VecDeque;
use std::iter::Peekable;

use chrono::{DateTime, Utc};

use super::wait::{Limits, Time};
use super::{Begun, Client, ClientError, ExportDescription, ExportStatus, Pace};
use crate::request::{ExportRequest, Missing, TimeRange, UniqueId, Windows};

/// How many exports run at a time: as many as QLDB allows for a ledger.
const AT_A_TIME: usize = 2;

/// What is to be kept in step with the journal.
#[derive(Debug)]
pub struct Task<'a> {
    /// What every export asks for, but for its range.
    pub request: &'a ExportRequest,
    /// How the time is cut.
    pub windows: Windows,
    /// Where to begin if nothing was ever exported there; none is the ledger's creation.
    pub from: Option<DateTime<Utc>>,
    /// Only windows that end by then are exported.
    pub until: DateTime<Utc>,
    /// Ranges that are known to be exported, besides those that the service lists.
    pub archived: &'a [TimeRange],
}

/// Who is told what goes on.
pub trait Observer {
    /// Nothing is known of earlier exports there, so that this is where to begin.
    fn first_run(&mut self, from: DateTime<Utc>);
    /// An export of a window runs: started now, or found.
    fn begun(&mut self, window: &TimeRange, export: &Begun);
    /// The service described the export of a window.
    fn described(&mut self, window: &TimeRange, description: &ExportDescription);
    /// The ledger has no free slot; these exports hold them, as far as the service tells.
    fn full(&mut self, running: &[ExportDescription]);
    /// A question failed in a way that may pass.
    fn troubled(&mut self, error: &ClientError);
}

/// Why not every window is exported.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// What was exported before could not be found out.
    #[error(transparent)]
    Plan(ClientError),
    /// The export of a window could not be started, or not be followed.
    #[error("{cause}")]
    Failed {
        /// The window.
        window: TimeRange,
        /// What happened.
        #[source]
        cause: ClientError,
    },
    /// The export of a window will never be complete.
    #[error("export {} ended {}", .description.id, .description.status.as_str())]
    Cancelled {
        /// The window.
        window: TimeRange,
        /// The export.
        description: Box<ExportDescription>,
    },
    /// The time was up first.
    #[error("the time is up")]
    TimedOut {
        /// The first window that is not exported.
        window: TimeRange,
    },
}

/// Exports every window that is not exported yet, in order, and follows the exports to their ends. Stops at the
/// first failure; an export that runs beside it goes on, and the next run finds it.
pub async fn run(
    client: &Client,
    task: &Task<'_>,
    limits: Limits,
    pace: impl Fn() -> Pace,
    time: &impl Time,
    observer: &mut impl Observer,
) -> Result<(), SyncError> {
    let Plan { pending, found, first } = plan(client, task).await.map_err(SyncError::Plan)?;
    if let Some(from) = first {
        observer.first_run(from);
    }
    let mut run = Run { client, task, observer, pending: pending.peekable(), running: VecDeque::new() };
    for (window, id) in found {
        run.follow(window, Begun::Found(id));
    }
    let mut pauses = pace();
    while let Some(next) = run.next_window() {
        if run.fill_slots().await? {
            pauses = pace();
        }
        if run.poll().await? {
            continue;
        }
        if limits.is_over(time) {
            return Err(SyncError::TimedOut { window: next });
        }
        time.sleep(limits.cut(pauses.next_pause(), time)).await;
    }
    Ok(())
}

/// What is left to do.
struct Plan {
    pending: Missing,
    /// Exports of an earlier run that still run.
    found: Vec<(TimeRange, UniqueId)>,
    /// Where to begin, if nothing was exported there before.
    first: Option<DateTime<Utc>>,
}

async fn plan(client: &Client, task: &Task<'_>) -> Result<Plan, ClientError> {
    let mut listed = client.list_exports(Some(&task.request.ledger)).await?;
    listed.retain(|export| export.shares_destination(task.request));
    let range = |export: &ExportDescription| TimeRange::accepted(export.start, export.end);
    let known: Vec<TimeRange> = listed.iter().map(range).chain(task.archived.iter().copied()).collect();
    // A window whose export was cancelled is not exported, and yet where it began tells where to begin.
    let earliest = known.iter().map(TimeRange::start).min();
    let first = if earliest.is_none() { Some(first_start(client, task).await?) } else { None };
    let from = earliest.or(first).unwrap_or(task.until);
    let done = listed.iter().filter(|export| export.status != ExportStatus::Cancelled).map(range);
    let covered: Vec<TimeRange> = done.chain(task.archived.iter().copied()).collect();
    let runs = listed.iter().rev().filter(|export| !export.status.is_final());
    let found = runs.filter_map(|export| Some((range(export), UniqueId::parse(&export.id).ok()?))).collect();
    Ok(Plan { pending: task.windows.missing(&covered, from, task.windows.floor(task.until)), found, first })
}

async fn first_start(client: &Client, task: &Task<'_>) -> Result<DateTime<Utc>, ClientError> {
    match task.from {
        Some(from) => Ok(from),
        // QLDB takes a start before the ledger's creation as its creation (FACTS 2.1).
        None => Ok(task.windows.floor(client.ledger_created(&task.request.ledger).await?)),
    }
}

/// A run under way.
struct Run<'a, O> {
    client: &'a Client,
    task: &'a Task<'a>,
    observer: &'a mut O,
    pending: Peekable<Missing>,
    running: VecDeque<(TimeRange, UniqueId)>,
}

impl<O: Observer> Run<'_, O> {
    fn follow(&mut self, window: TimeRange, export: Begun) {
        self.observer.begun(&window, &export);
        let (Begun::Started(id) | Begun::Found(id)) = export;
        self.running.push_back((window, id));
    }

    /// The first window that is not exported yet.
    fn next_window(&mut self) -> Option<TimeRange> {
        self.running.front().map(|(window, _)| *window).or_else(|| self.pending.peek().copied())
    }

    /// Starts exports for as long as there are slots; whether any was.
    async fn fill_slots(&mut self) -> Result<bool, SyncError> {
        let mut started = false;
        while let Some(window) = self.pending.peek().copied().filter(|_| self.running.len() < AT_A_TIME) {
            let request = ExportRequest { range: window, ..self.task.request.clone() };
            match self.client.start_or_find(&request).await {
                Ok(export) => {
                    self.pending.next();
                    self.follow(window, export);
                    started = true;
                }
                Err(ClientError::LimitExceeded(_)) => {
                    self.tell_full().await;
                    break;
                }
                Err(error) if error.may_pass() && !matches!(error, ClientError::AnswerLost { .. }) => {
                    self.observer.troubled(&error);
                    break;
                }
                Err(cause) => return Err(SyncError::Failed { window, cause }),
            }
        }
        Ok(started)
    }

    async fn tell_full(&mut self) {
        let mut listed = self.client.list_exports(Some(&self.task.request.ledger)).await.unwrap_or_default();
        listed.retain(|export| export.status == ExportStatus::InProgress);
        self.observer.full(&listed);
    }

    /// Asks once for every export that runs; whether one has ended.
    async fn poll(&mut self) -> Result<bool, SyncError> {
        let before = self.running.len();
        for (window, id) in std::mem::take(&mut self.running) {
            match self.client.describe_export(&self.task.request.ledger, &id).await {
                Ok(description) => {
                    self.observer.described(&window, &description);
                    match description.status {
                        ExportStatus::Completed => {}
                        ExportStatus::Cancelled => {
                            return Err(SyncError::Cancelled { window, description: Box::new(description) });
                        }
                        _ => self.running.push_back((window, id)),
                    }
                }
                Err(error) if error.may_pass() => {
                    self.observer.troubled(&error);
                    self.running.push_back((window, id));
                }
                Err(cause) => return Err(SyncError::Failed { window, cause }),
            }
        }
        Ok(self.running.len() < before)
    }
}
