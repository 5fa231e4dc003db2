//! Exporting every window of time that is not exported yet: what a nightly job
//! does. What is done is read from the service's list of exports, from manifests
//! where the caller can read them, and from what the caller has noted of earlier
//! runs where it can't. Where none of them knows, it asks rather than leave a gap.

mod known;

use std::collections::{BTreeSet, VecDeque};
use std::iter::Peekable;

use chrono::{DateTime, Utc};

use super::wait::{Limits, Time};
use super::{Begun, Client, ClientError, ExportDescription, ExportStatus, Pace};
pub(crate) use known::{Known, exported_until};
use qldb_journal::request::{ExportRequest, Missing, TimeRange, UniqueId, Windows};

/// How many exports run at a time: as many as QLDB allows for a ledger.
const AT_A_TIME: usize = 2;

/// What to export, and what is known of earlier exports.
#[derive(Debug)]
pub(crate) struct SyncPlan<'a> {
    /// What every export asks for, but for its range.
    pub(crate) request: &'a ExportRequest,
    /// How the time is cut.
    pub(crate) windows: Windows,
    /// Where to begin, unless something is known to be exported before: then with that. None is the ledger's creation.
    pub(crate) from: Option<DateTime<Utc>>,
    /// What this machine's clock says. An export that ends later was made by another clock.
    pub(crate) now: DateTime<Utc>,
    /// Only windows that end by then are exported.
    pub(crate) until: DateTime<Utc>,
    /// What the manifests at the destination say; none where they can't be read.
    pub(crate) archived: Option<&'a [Exported]>,
    /// What earlier runs noted.
    pub(crate) noted: &'a Noted,
}

/// A range, and its export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exported {
    /// The export's id.
    pub(crate) id: String,
    /// Its range.
    pub(crate) range: TimeRange,
}

/// What runs note for those that follow. The service forgets exports 7 days after their end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Noted {
    /// What is exported, as far as anything ever said.
    pub(crate) exported: Vec<TimeRange>,
    /// Exports whose ranges once lay in the future. They can't hold all of that time, even when it has come.
    pub(crate) early: BTreeSet<String>,
}

impl Noted {
    /// What is exported of the time up to a moment. A range that ends later was noted by a clock that was wrong, and
    /// nothing says how much of it is done.
    fn until(&self, now: DateTime<Utc>) -> Vec<TimeRange> {
        self.exported.iter().filter(|range| range.end() <= now).copied().collect()
    }
}

/// Learns what happens.
pub(crate) trait SyncObserver {
    /// What is exported before this run begins, and which complete exports the service lists.
    fn known(&mut self, exported: &[TimeRange], listed: &[String]);
    /// Where the first window begins: everything since is to be exported.
    fn starts(&mut self, from: DateTime<Utc>);
    /// An export whose range lies in the future, so that it is not taken for work done.
    fn early(&mut self, export: &Exported);
    /// Nothing is known of earlier exports there, so that this is where to begin. Whether there was none is certain
    /// where the manifests can be read.
    fn first_run(&mut self, from: DateTime<Utc>, certain: bool);
    /// An export of a window runs: started now, or found.
    fn begun(&mut self, window: &TimeRange, export: &Begun);
    /// The service described the export of a window.
    fn described(&mut self, window: &TimeRange, description: &ExportDescription);
    /// The ledger has no free slot; these exports hold them, as far as the service says.
    fn full(&mut self, running: &[ExportDescription]);
    /// A question failed in a way that may pass.
    fn troubled(&mut self, error: &ClientError);
}

/// Why not every window is exported.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SyncError {
    /// What was exported before could not be found out.
    #[error(transparent)]
    Plan(ClientError),
    /// Nothing says where the last export ended, and nobody said where to begin.
    #[error("where the last export ended is not known")]
    Unknown {
        /// The end of the last export that was ever noted. The manifests say nothing about it.
        noted: Option<DateTime<Utc>>,
    },
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
    #[error("timed out")]
    TimedOut {
        /// The first window that is not exported.
        window: TimeRange,
    },
}

/// Exports every window that is not exported yet, in order, and follows the exports to their ends. Stops at the
/// first failure; an export that runs beside it keeps running, and the next run finds it.
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

/// A run under way.
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

    /// Starts exports for as long as there are slots; whether any was.
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

    /// Asks once for every export that runs; whether one has ended.
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
