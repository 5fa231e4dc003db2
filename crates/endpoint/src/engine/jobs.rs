//! The threads of export jobs: starting, stopping, cancelling and waiting for them.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use chrono::{DateTime, Utc};

use super::Core;
use super::catalog::{DbError, exports as rows};
use super::damage::Damage;
use super::error::ServiceError;
use super::export::{ExportStatus, Job};
use crate::store::StoreError;
use qldb_journal::request::{ExportRequest, UniqueId};

/// The running jobs of an engine.
#[derive(Default)]
pub(super) struct Jobs {
    running: Mutex<HashMap<UniqueId, Arc<Control>>>,
    changed: Condvar,
    stopping: Arc<AtomicBool>,
    /// Outcomes that could not be recorded in the catalog yet, for example because the disk is full.
    late: Mutex<Vec<End>>,
}

/// The outcome of a job.
struct End {
    id: UniqueId,
    status: ExportStatus,
    finished: DateTime<Utc>,
    reason: Option<String>,
}

/// How a running job is controlled.
pub(super) struct Control {
    strand_id: UniqueId,
    stopping: Arc<AtomicBool>,
    cancelled: OnceLock<String>,
}

impl Control {
    /// Whether the job should end after the object in progress.
    pub(super) fn stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Why the job should end at once, if it should.
    pub(super) fn cancelled(&self) -> Result<(), Stop> {
        self.cancelled.get().map_or(Ok(()), |reason| Err(Stop::Cancel(reason.clone())))
    }
}

/// Why a job ends before it is done.
#[derive(Debug)]
pub(super) enum Stop {
    /// The engine shuts down; the job is resumed when it is next opened.
    Leave,
    /// The job ends CANCELLED for this reason.
    Cancel(String),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Cancel(error.to_string())
    }
}

impl From<Damage> for Stop {
    fn from(damage: Damage) -> Self {
        Self::Cancel(damage.to_string())
    }
}

impl From<DbError> for Stop {
    fn from(error: DbError) -> Self {
        Self::Cancel(format!("the catalog cannot be used: {error}"))
    }
}

impl Jobs {
    fn running(&self) -> MutexGuard<'_, HashMap<UniqueId, Arc<Control>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn late(&self) -> MutexGuard<'_, Vec<End>> {
        self.late.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until no job is running.
    pub(super) fn wait_idle(&self) {
        let idle = self.changed.wait_while(self.running(), |running| !running.is_empty());
        drop(idle.unwrap_or_else(PoisonError::into_inner));
    }

    /// Asks every job to end after its current object, and starts no more.
    pub(super) fn stop(&self) {
        let _running = self.running();
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Asks the jobs of a journal to end at once, and waits until they have.
    pub(super) fn cancel(&self, strand: &UniqueId, reason: &str) {
        let running = self.running();
        for control in running.values().filter(|control| control.strand_id == *strand) {
            // A job that is already cancelled keeps its first reason.
            let _ = control.cancelled.set(reason.to_owned());
        }
        let over =
            self.changed.wait_while(running, |running| running.values().any(|control| control.strand_id == *strand));
        drop(over.unwrap_or_else(PoisonError::into_inner));
    }

    /// Registers a job; `None` if no more jobs may start.
    fn enter(&self, job: &Job) -> Option<Arc<Control>> {
        let mut running = self.running();
        if self.stopping.load(Ordering::Relaxed) {
            return None;
        }
        let control = Arc::new(Control {
            strand_id: job.strand_id.clone(),
            stopping: Arc::clone(&self.stopping),
            cancelled: OnceLock::new(),
        });
        running.insert(job.export.id.clone(), Arc::clone(&control));
        Some(control)
    }

    fn leave(&self, id: &UniqueId) {
        self.running().remove(id);
        self.changed.notify_all();
    }
}

/// A running job's registration, removed when dropped.
struct Entry {
    jobs: Arc<Jobs>,
    id: UniqueId,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.jobs.leave(&self.id);
    }
}

impl Core {
    /// Runs a job in its own thread, or leaves it if the engine is shutting down.
    pub(super) fn spawn(self: &Arc<Self>, job: Job) -> Result<(), ServiceError> {
        let Some(control) = self.jobs.enter(&job) else { return Ok(()) };
        let entry = Entry { jobs: Arc::clone(&self.jobs), id: job.export.id.clone() };
        let core = Arc::clone(self);
        let work = move || {
            core.run_to_end(&job, &control);
            // In this order: when no job is left, nothing holds the catalog or the lock of the directory.
            drop(core);
            drop(entry);
        };
        let thread = std::thread::Builder::new().name("export".to_owned()).spawn(work);
        thread.map(|_| ()).map_err(ServiceError::internal)
    }

    /// Runs a job and records its outcome in the catalog.
    fn run_to_end(&self, job: &Job, control: &Control) {
        let ExportRequest { ledger, bucket, prefix, .. } = &job.export.request;
        let export = &job.export.id;
        let run = catch_unwind(AssertUnwindSafe(|| self.run(job, control)));
        match run.unwrap_or_else(|_| Err(Stop::Cancel("the export failed unexpectedly; the log says where".to_owned())))
        {
            Ok(()) => {
                tracing::info!(%ledger, %export, %bucket, %prefix, "export completed");
                self.end(job, ExportStatus::Completed, None);
            }
            Err(Stop::Leave) => tracing::info!(%ledger, %export, "export left for the next start"),
            Err(Stop::Cancel(reason)) => {
                tracing::error!(%ledger, %export, %bucket, %prefix, %reason, "export cancelled");
                self.end(job, ExportStatus::Cancelled, Some(reason));
            }
        }
    }

    fn end(&self, job: &Job, status: ExportStatus, reason: Option<String>) {
        let end = End { id: job.export.id.clone(), status, finished: self.now(), reason };
        self.jobs.late().push(end);
        self.enter_ends();
    }

    /// Records the outcomes of jobs in the catalog. What fails is retried when somebody next asks for exports.
    pub(super) fn enter_ends(&self) {
        let mut late = self.jobs.late();
        if late.is_empty() {
            return;
        }
        let entered = self.catalog.change(|catalog| {
            let mut ends = late.iter();
            ends.try_for_each(|end| rows::end(catalog, &end.id, end.status, end.finished, end.reason.as_deref()))
        });
        match entered {
            Ok(()) => late.clear(),
            Err(error) => tracing::error!(%error, "the end of an export could not be entered in the catalog yet"),
        }
    }
}
