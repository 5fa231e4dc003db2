//! Exports: accepted, described and listed (docs/qldb.md 2).

use std::sync::{Arc, PoisonError};

use super::catalog::{exports as rows, segments};
use super::error::ServiceError;
use super::export::{Export, ExportStatus, Job};
use super::ledgers::active;
use super::page::{Page, PageRequest};
use super::{Core, Engine, limits, new_id};
use crate::store::{Access, ObjectKey, ObjectStore, S3Failure, StoreError};
use qldb_journal::request::{ExportRequest, Field, LedgerName, Progress, UniqueId};

/// The prefix of the tokens of the lists of exports.
const LIST: &str = "exports";

#[doc(hidden)]
impl Engine {
    /// Accepts an export and starts it. The request's own rules, including those for its times, were checked when it
    /// was made.
    pub fn start_export(&self, request: ExportRequest) -> Result<UniqueId, ServiceError> {
        self.core.enter_ends();
        let strand_id = self.core.catalog.read(|catalog| active(catalog, &request.ledger))?.strand_id;
        let journal = self.core.journals.of(&strand_id);
        let job = self.core.draft(request, strand_id)?;
        // Before the journal is locked, because a store may take its time.
        self.core.check_store(&job)?;
        // Held until the job is running, so that a deletion of the ledger finds it among the running jobs.
        let _held = journal.lock().unwrap_or_else(PoisonError::into_inner);
        let job = self.core.accept(job)?;
        let (id, request) = (job.export.id.clone(), &job.export.request);
        tracing::info!(
            ledger = %request.ledger, export = %id, bucket = %request.bucket, prefix = %request.prefix,
            "export accepted"
        );
        self.core.spawn(job)?;
        Ok(id)
    }

    /// Describes an export. One that ended more than seven days ago no longer exists.
    pub fn describe_export(&self, ledger: &LedgerName, id: &UniqueId) -> Result<Export, ServiceError> {
        self.core.enter_ends();
        let expiry = self.core.expiry();
        self.core.catalog.read(|catalog| {
            if let Some(export) = rows::find(catalog, ledger, id, expiry)? {
                return Ok(export);
            }
            super::ledgers::existing(catalog, ledger)?;
            Err(ServiceError::export_not_found(ledger, id))
        })
    }

    /// Lists exports, newest first: of one ledger, or of all.
    pub fn list_exports(&self, ledger: Option<&LedgerName>, page: &PageRequest) -> Result<Page<Export>, ServiceError> {
        let size = page.size()?;
        let before = page.place(LIST, |number| number.parse().ok())?;
        self.core.enter_ends();
        let expiry = self.core.expiry();
        let found = self.core.catalog.read(|catalog| {
            let found = rows::list(catalog, ledger, before, expiry, size + 1)?;
            if let (Some(name), true) = (ledger, found.is_empty()) {
                super::ledgers::existing(catalog, name)?;
            }
            Ok::<_, ServiceError>(found)
        })?;
        let Page { items, next_token } = Page::cut(found, size, LIST, |(number, _)| number.to_string());
        Ok(Page { items: items.into_iter().map(|(_, export)| export).collect(), next_token })
    }
}

impl Core {
    /// A job that is not accepted yet.
    fn draft(&self, request: ExportRequest, strand_id: UniqueId) -> Result<Job, ServiceError> {
        let export = Export {
            id: new_id()?,
            created: self.now(),
            status: ExportStatus::InProgress,
            request,
            progress: Progress::default(),
        };
        Ok(Job { export, strand_id, tip: None, store: self.store.kind(), resumed: false })
    }

    /// Adds a job to the catalog, if the ledger allows it.
    fn accept(&self, mut job: Job) -> Result<Job, ServiceError> {
        job.export.created = self.now();
        let expiry = self.expiry();
        self.catalog.change(|catalog| {
            // A process may run for months: lists must not have to pass over ever more exports.
            rows::forget(catalog, expiry)?;
            if active(catalog, &job.export.request.ledger)?.strand_id != job.strand_id {
                return Err(ServiceError::ledger_not_found(&job.export.request.ledger));
            }
            if rows::active(catalog, &job.strand_id)? >= limits::ACTIVE_EXPORTS_PER_LEDGER {
                return Err(ServiceError::too_many_exports());
            }
            job.tip = segments::last(catalog, &job.strand_id)?.map(|segment| segment.last);
            rows::insert(catalog, &job)?;
            Ok(job)
        })
    }

    /// Whether the store can hold the objects of a job.
    fn check_store(&self, job: &Job) -> Result<(), ServiceError> {
        let request = &job.export.request;
        let key = ObjectKey::parse(job.keys().longest())
            .map_err(|rule| ServiceError::invalid(Field::Prefix.member(), rule))?;
        self.store_for(job).check(&request.bucket, &key, &request.encryption).map_err(|error| refused(&error))
    }

    /// The store as a job uses it.
    pub(super) fn store_for(&self, job: &Job) -> Arc<dyn ObjectStore> {
        let access = Access { role: &job.export.request.role_arn, session: job.export.id.as_str() };
        Arc::clone(&self.store).for_export(&access)
    }
}

/// The response if the store refuses a request.
fn refused(error: &StoreError) -> ServiceError {
    let (field, message) = match error {
        StoreError::S3 { failure, .. } => (Field::Bucket, refused_by_s3(failure)),
        StoreError::NotEncrypted { .. } => (Field::Encryption, unexpected(&error.to_string())),
        StoreError::Encryption { .. } => (Field::Encryption, format!("{error}; it must be NO_ENCRYPTION")),
        StoreError::Unfit { .. } => (Field::Prefix, error.to_string()),
        StoreError::NotFound { .. }
        | StoreError::Failed { .. }
        | StoreError::Exists { .. }
        | StoreError::Changed { .. } => (Field::Bucket, error.to_string()),
    };
    ServiceError::invalid(field.member(), message)
}

/// The service's messages (docs/qldb.md 2.3).
fn refused_by_s3(failure: &S3Failure) -> String {
    let answer = failure.code_and_message();
    if failure.is_configuration() {
        format!("QLDB encountered an error validating S3 configuration: {answer}")
    } else {
        unexpected(&answer)
    }
}

fn unexpected(answer: &str) -> String {
    format!("Unexpected response from Amazon S3 while validating the S3 configuration. Response from S3: {answer}")
}
