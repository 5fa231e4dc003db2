//! Exports every window of time that is not exported yet, as a nightly job does. What is already
//! exported comes from the service's list of exports, from manifests if the caller can read them,
//! and otherwise from what the caller recorded in earlier runs. If none of them shows it, the run
//! fails and asks, rather than leave a gap.

mod known;

use std::collections::{BTreeSet, VecDeque};
use std::iter::Peekable;

use chrono::{DateTime, Utc};

use super::wait::{Limits, Time};
use super::{Begun, Client, ClientError, ExportDescription, ExportStatus, Pace};
pub(crate) use known::{Known, Stretch, exported_until, stretches};
use qldb_journal::request::{ExportRequest, Missing, TimeRange, UniqueId, Windows};

/// How many exports run at a time: as many as QLDB allows for a ledger.
const AT_A_TIME: usize = 2;

/// What to export, and what is known about earlier exports.
#[derive(Debug)]
pub(crate) struct SyncPlan<'a> {
    /// The request for every export, apart from its range.
    pub(crate) request: &'a ExportRequest,
    /// How time is divided into windows.
    pub(crate) windows: Windows,
    /// Where to begin, unless an earlier start is known from existing exports. `None` means the ledger's creation.
    pub(crate) from: Option<DateTime<Utc>>,
    /// The time by this machine's clock. An export that ends later was made by another clock.
    pub(crate) now: DateTime<Utc>,
    /// Only windows that end by then are exported.
    pub(crate) until: DateTime<Utc>,
    /// What the manifests at the destination say; `None` if they can't be read.
    pub(crate) archived: Option<&'a [Exported]>,
    /// What earlier runs recorded.
    pub(crate) noted: &'a Noted,
}

/// An export and its range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exported {
    /// The export's id.
    pub(crate) id: String,
    /// Its range.
    pub(crate) range: TimeRange,
}

/// What runs record for later ones. The service forgets exports 7 days after their end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Noted {
    /// Everything that was ever known to be exported.
    pub(crate) exported: Vec<TimeRange>,
    /// Exports whose ranges once were in the future. They can't cover all of that time, even once it has passed.
    pub(crate) early: BTreeSet<String>,
}

impl Noted {
    /// What is exported of the time up to a moment. A range that ends later was recorded by a wrong clock, and nothing
    /// shows how much of it is done.
    fn until(&self, now: DateTime<Utc>) -> Vec<TimeRange> {
        self.exported.iter().filter(|range| range.end() <= now).copied().collect()
    }
}

/// Observes a run.
pub(crate) trait SyncObserver {
    /// What is exported before this run begins, and which complete exports the service lists.
    fn known(&mut self, exported: &[TimeRange], listed: &[String]);
    /// Where the first window begins: everything since then is to be exported.
    fn starts(&mut self, from: DateTime<Utc>);
    /// What earlier runs recorded as exported and is gone. Whatever of it begins after `from` is exported again.
    fn lost(&mut self, lost: &[Stretch], from: DateTime<Utc>);
    /// An export whose range is in the future, so that it does not count as done.
    fn early(&mut self, export: &Exported);
    /// No earlier exports are known there, so this is where to begin. It is certain that there were none if the
    /// manifests can be read.
    fn first_run(&mut self, from: DateTime<Utc>, certain: bool);
    /// An export of a window is running: started now, or found.
    fn begun(&mut self, window: &TimeRange, export: &Begun);
    /// The service described the export of a window.
    fn described(&mut self, window: &TimeRange, description: &ExportDescription);
    /// The ledger has no free slot; these exports hold them, as far as the service reports.
    fn full(&mut self, running: &[ExportDescription]);
    /// A request failed in a way that may go away.
    fn troubled(&mut self, error: &ClientError);
}

/// Why not every window is exported.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SyncError {
    /// It could not be determined what was exported before.
    #[error(transparent)]
    Plan(ClientError),
    /// Nothing shows where the last export ended, and nobody said where to begin.
    #[error("where the last export ended is not known")]
    Unknown {
        /// The end of the last recorded export. The manifests say nothing about it.
        noted: Option<DateTime<Utc>>,
    },
    /// The export of a window could not be started or followed.
    #[error("{cause}")]
    Failed {
        /// The window.
        window: TimeRange,
        /// The cause.
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
    #[error("timed out")]
    TimedOut {
        /// The first window that is not exported.
        window: TimeRange,
    },
}

/// Exports every window that is not exported yet, in order, and follows the exports until they end. Stops at the first
/// failure; another running export keeps running, and the next run finds it.
pub(crate) async fn run(
    client: &Client,
    plan: &SyncPlan<'_>,
    limits: Limits,
    pace: impl Fn() -> Pace,
    time: &impl Time,
    observer: &mut impl SyncObserver,
) -> Result<(), SyncError> {
    let known = Known::ask(client, plan).await?;
    observer.known(&known.exported, &known.complete);
    known.early.iter().for_each(|export| observer.early(export));
    let start = known.start(client, plan).await?;
    observer.starts(start);
    if !known.lost.is_empty() {
        observer.lost(&known.lost, start);
    }
    if known.is_empty() {
        observer.first_run(start, plan.archived.is_some());
    }
    let pending = known.missing(start, plan);
    let mut run = Run { client, plan, observer, pending: pending.peekable(), running: VecDeque::new() };
    for (window, id) in known.running {
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

/// A run in progress.
struct Run<'a, O> {
    client: &'a Client,
    plan: &'a SyncPlan<'a>,
    observer: &'a mut O,
    pending: Peekable<Missing>,
    running: VecDeque<(TimeRange, UniqueId)>,
}

impl<O: SyncObserver> Run<'_, O> {
    fn follow(&mut self, window: TimeRange, export: Begun) {
        self.observer.begun(&window, &export);
        let (Begun::Started(id) | Begun::Found(id)) = export;
        self.running.push_back((window, id));
    }

    /// The first window that is not exported yet.
    fn next_window(&mut self) -> Option<TimeRange> {
        self.running.front().map(|(window, _)| *window).or_else(|| self.pending.peek().copied())
    }

    /// Starts exports as long as there are slots; returns whether any was started.
    async fn fill_slots(&mut self) -> Result<bool, SyncError> {
        let mut started = false;
        while let Some(window) = self.pending.peek().copied().filter(|_| self.running.len() < AT_A_TIME) {
            let request = ExportRequest { range: window, ..self.plan.request.clone() };
            match self.client.start_or_find(&request).await {
                Ok(export) => {
                    self.pending.next();
                    self.follow(window, export);
                    started = true;
                }
                Err(ClientError::LimitExceeded(_)) => {
                    self.report_full().await;
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

    async fn report_full(&mut self) {
        let mut listed = self.client.list_exports(Some(&self.plan.request.ledger)).await.unwrap_or_default();
        listed.retain(|export| export.status == ExportStatus::InProgress);
        self.observer.full(&listed);
    }

    /// Polls every running export once; returns whether one has ended.
    async fn poll(&mut self) -> Result<bool, SyncError> {
        let before = self.running.len();
        for (window, id) in std::mem::take(&mut self.running) {
            match self.client.describe_export(&self.plan.request.ledger, &id).await {
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
