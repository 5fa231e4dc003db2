//! The service's work: ledgers, their journals, and export jobs from start to end.
//!
//! For the endpoint, which gives it HTTP, and for the commands that create ledgers. Everything is
//! stored in one data directory: `catalog.db`, `journals/`, `buckets/`, and a lock that one process
//! holds. What the catalog does not know is never removed.

mod append;
mod aside;
mod catalog;
mod clock;
mod compact;
mod completion;
mod copies;
mod counted;
mod damage;
mod data_dir;
mod database;
mod digest;
mod document_fault;
mod error;
mod existing;
mod export;
mod export_run;
mod exports;
mod folder;
mod glance;
#[allow(clippy::indexing_slicing, reason = "an object names one of the sources that it was found in")]
mod import;
mod jobs;
mod journal_outline;
mod ledger;
mod ledgers;
#[doc(hidden)]
pub mod limits;
mod object;
mod page;
mod places;
mod plan;
mod record;
mod recover;
mod recovery;
#[allow(clippy::indexing_slicing, reason = "choices among constants")]
mod sample;
#[allow(clippy::indexing_slicing, reason = "as many bytes as were read")]
mod segment;
#[allow(clippy::indexing_slicing, reason = "as many bytes as were read")]
mod transfer;
mod verified;
mod whole;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, SubsecRound, Utc};

pub use append::{AppendOptions, Appended};
pub use document_fault::DocumentFault;
pub use error::{CatalogError, LedgerError, OpenError, ServiceError};
pub use ledger::JournalFacts;
pub use sample::SampleSpec;

// For the crates beside this one.
#[doc(hidden)]
pub use clock::{Clock, system_clock};
#[doc(hidden)]
pub use compact::Compacted;
#[doc(hidden)]
pub use digest::{Digest, TextWithProof};
#[doc(hidden)]
pub use error::{EXPORT, LEDGER};
#[doc(hidden)]
pub use export::{Export, ExportStatus};
#[doc(hidden)]
pub use glance::Glance;
#[doc(hidden)]
pub use import::{ImportError, Imported, Stage};
#[doc(hidden)]
pub use ledger::{AWS_OWNED_KMS_KEY, Ledger, LedgerChange, LedgerState, NewLedger, PermissionsMode};
#[doc(hidden)]
pub use page::{Page, PageRequest};
#[doc(hidden)]
pub use recovery::{RecoverError, RecoveredLedger, Recovery, Refusal, RefusedJournal};

use crate::store::{DirectoryStore, ObjectStore, ProcessLock, S3Options, StoreKind};
use qldb_journal::request::{BucketName, UniqueId};

use catalog::{Catalog, DbError, exports as export_rows, ledgers as ledger_rows, passing};
use data_dir::DataDir;
use existing::Claims;
use jobs::Jobs;
use places::Places;

const CATALOG: &str = "catalog.db";
const BUCKETS: &str = "buckets";

/// How an engine is opened.
pub struct Config {
    /// The data directory; created if it does not exist.
    pub data_dir: PathBuf,
    /// The clock.
    #[doc(hidden)]
    pub clock: Clock,
    /// How objects that were imported in place are read, regardless of the store that exports write to. The environment
    /// is not read, and no call is made, until there is such an object.
    pub s3: S3Options,
}

impl Config {
    /// The settings for a data directory, with the system's clock; S3 is reached as by every AWS tool.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self { data_dir: data_dir.into(), clock: system_clock(), s3: S3Options::default() }
    }
}

/// The work of the service on one data directory.
pub struct Engine {
    core: Arc<Core>,
}

/// What the engine shares with the threads of its jobs.
struct Core {
    data_dir: PathBuf,
    places: Places,
    clock: Clock,
    catalog: Catalog,
    store: Arc<dyn ObjectStore>,
    buckets: PathBuf,
    jobs: Arc<Jobs>,
    journals: JournalLocks,
    claims: Claims,
    /// Held while a record is written.
    records: Mutex<()>,
    notices: Mutex<Vec<Notice>>,
    // Last, so that it is released after everything else.
    _lock: ProcessLock,
}

impl Engine {
    /// Takes the lock of the data directory, opens the catalog, removes what a crash left half-written, and resumes
    /// interrupted exports. Exports write into directories under the data directory. A catalog that does not know a
    /// journal beside it is refused, and nothing is changed.
    pub fn open(config: Config) -> Result<Arc<Self>, OpenError> {
        Self::open_with(config, None)
    }

    /// Like [`Engine::open`], with exports that write to another store. Exports that were interrupted on another kind
    /// of store stay as they are until the engine is opened with that store again.
    #[doc(hidden)]
    pub fn open_on(config: Config, store: Arc<dyn ObjectStore>) -> Result<Arc<Self>, OpenError> {
        Self::open_with(config, Some(store))
    }

    fn open_with(config: Config, store: Option<Arc<dyn ObjectStore>>) -> Result<Arc<Self>, OpenError> {
        let DataDir { path: data_dir, lock, notices } = DataDir::take(&config.data_dir)?;
        folder::refuse_blank(&data_dir)?;
        let catalog = Catalog::open(&data_dir.join(CATALOG))?;
        folder::refuse_behind(&data_dir, &catalog)?;
        let buckets = data_dir.join(BUCKETS);
        let directory =
            DirectoryStore::open(buckets.clone()).map_err(|source| OpenError::Io { path: buckets.clone(), source })?;
        let core = Arc::new(Core {
            places: Places::new(data_dir.clone(), config.s3),
            data_dir,
            clock: config.clock,
            catalog,
            store: store.unwrap_or_else(|| Arc::new(directory)),
            buckets,
            jobs: Arc::default(),
            journals: JournalLocks::default(),
            claims: Claims::default(),
            records: Mutex::default(),
            notices: Mutex::new(notices),
            _lock: lock,
        });
        core.settle()?;
        Ok(Arc::new(Self { core }))
    }

    /// Whether a folder already is a data directory; opening it would make it one.
    #[doc(hidden)]
    pub fn is_kept_in(folder: &Path) -> bool {
        [CATALOG, segment::JOURNALS].iter().any(|part| folder.join(part).exists())
    }

    /// The data directory.
    pub fn data_dir(&self) -> &Path {
        &self.core.data_dir
    }

    /// Problems that were found when the data directory was opened.
    #[doc(hidden)]
    pub fn notices(&self) -> Vec<Notice> {
        self.core.notices.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Which kind of store exports write to.
    #[doc(hidden)]
    pub fn store_kind(&self) -> StoreKind {
        self.core.store.kind()
    }

    /// Where the objects of a bucket are, if exports write into directories.
    pub fn bucket_dir(&self, bucket: &BucketName) -> PathBuf {
        self.core.buckets.join(bucket.as_str())
    }

    /// What the engine's clock says.
    pub fn now(&self) -> DateTime<Utc> {
        self.core.now()
    }

    /// Whether no ledger was ever created here.
    pub fn is_empty(&self) -> Result<bool, ServiceError> {
        self.core.catalog.read(|catalog| Ok(!ledger_rows::ever_made(catalog)?))
    }

    /// Waits until no export job is running.
    #[doc(hidden)]
    pub fn wait_idle(&self) {
        self.core.jobs.wait_idle();
    }

    /// Finishes the objects in progress and leaves the rest of every job for the next open. Exports that are accepted
    /// from now on are left as well.
    pub fn shut_down(&self) {
        self.core.jobs.stop();
        self.core.jobs.wait_idle();
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.shut_down();
    }
}

impl Core {
    /// The time in milliseconds, the precision of everything stored here.
    fn now(&self) -> DateTime<Utc> {
        (self.clock)().trunc_subsecs(3)
    }

    /// Exports that ended before this are forgotten.
    fn expiry(&self) -> DateTime<Utc> {
        self.now() - limits::FINISHED_EXPORTS_LISTED
    }

    /// Completes or resumes what the last process left undone.
    fn settle(self: &Arc<Self>) -> Result<(), OpenError> {
        let unsettled = self.catalog.read(ledger_rows::unsettled).map_err(resume)?;
        for ledger in unsettled {
            tracing::info!(ledger = %ledger.name, state = ledger.state.as_str(), "removing a ledger that was not finished");
            self.purge(&ledger).map_err(OpenError::Resume)?;
        }
        for strand in self.catalog.read(passing::strands).map_err(resume)? {
            tracing::info!(%strand, "ending the joining of segments that was cut off");
            // What stays is moved aside with everything that is not part of a journal.
            if let Err(error) = self.remove_passing(&strand) {
                tracing::warn!(%strand, %error, "segments that were joined could not be removed");
            }
        }
        self.tidy_journals()?;
        let expiry = self.expiry();
        self.catalog.change(|catalog| export_rows::forget(catalog, expiry)).map_err(resume)?;
        for job in self.catalog.read(export_rows::unfinished).map_err(resume)? {
            let (ledger, export) = (&job.export.request.ledger, &job.export.id);
            if job.store == self.store.kind() {
                tracing::info!(%ledger, %export, "resuming an export");
                self.spawn(job).map_err(OpenError::Resume)?;
            } else {
                tracing::warn!(%ledger, %export, "an interrupted export waits for the object store that it was begun with");
            }
        }
        Ok(())
    }
}

/// What somebody who opens a data directory should know.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Notice {
    /// A file that the catalog does not know was moved.
    #[error("something in the data directory that belongs to no ledger was moved to {}", .0.display())]
    PutAside(PathBuf),
    /// Others can read the data directory.
    #[error(
        "the data directory {} can be read by others, and is left so, because it is not this user's or holds other \
         things as well",
        .0.display()
    )]
    Open(PathBuf),
}

fn resume(error: DbError) -> OpenError {
    OpenError::Resume(error.into())
}

/// One lock for each journal: held while blocks are added to it, and while an export of it is accepted. So every block
/// in an export's range is in the catalog when the export is accepted.
#[derive(Default)]
struct JournalLocks {
    locks: Mutex<HashMap<UniqueId, Arc<Mutex<()>>>>,
}

impl JournalLocks {
    fn of(&self, strand: &UniqueId) -> Arc<Mutex<()>> {
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(locks.entry(strand.clone()).or_default())
    }
}

/// A new id of random bits.
fn new_id() -> Result<UniqueId, ServiceError> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).map_err(|_| ServiceError::internal("the system gives no random numbers"))?;
    Ok(UniqueId::from_bits(u128::from_ne_bytes(bits)))
}
