//! Export jobs as the API describes them.

use chrono::{DateTime, Utc};

use crate::store::StoreKind;
use qldb_journal::Encoding;
use qldb_journal::archive::{ExportKeys, encoding};
use qldb_journal::request::{ExportRequest, Progress, UniqueId};

use super::ledger::words;

/// The status of an export job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExportStatus {
    /// It is running, or will resume when the engine is next opened.
    InProgress,
    /// Every object is written, the completed manifest last.
    Completed,
    /// It could not finish; the progress says why.
    Cancelled,
}

words!(ExportStatus { InProgress => "IN_PROGRESS", Completed => "COMPLETED", Cancelled => "CANCELLED" });

/// An export job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// Its id.
    pub id: UniqueId,
    /// When it was accepted, in milliseconds.
    pub created: DateTime<Utc>,
    /// Its status.
    pub status: ExportStatus,
    /// The request.
    pub request: ExportRequest,
    /// Its progress.
    pub progress: Progress,
}

/// An export job with everything that its objects depend on.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) export: Export,
    /// The strand of the ledger.
    pub(super) strand_id: UniqueId,
    /// The last block of the journal when the job was accepted; `None` if there was no block. What is added later does
    /// not belong to the job, however late it runs.
    pub(super) tip: Option<u64>,
    /// The store that it writes to. It is not resumed on another kind of store.
    pub(super) store: StoreKind,
    /// Whether an earlier process worked on it, and may have got to any point.
    pub(super) resumed: bool,
}

impl Job {
    /// The encoding of the objects.
    pub(super) fn encoding(&self) -> Encoding {
        encoding(self.export.request.format.unwrap_or_default())
    }

    /// The keys of the objects.
    pub(super) fn keys(&self) -> ExportKeys {
        ExportKeys {
            prefix: self.export.request.prefix.clone(),
            export_id: self.export.id.clone(),
            strand_id: self.strand_id.clone(),
            requested: self.export.created,
            encoding: self.encoding(),
        }
    }
}
