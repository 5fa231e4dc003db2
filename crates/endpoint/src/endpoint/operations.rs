//! The operations: each reads the request, calls the engine, and formats the response.

use std::sync::Arc;

use serde::Serialize;

use super::arn::Account;
use super::checks;
use super::failure::Failure;
use super::members::Members;
use super::route::{Operation, Route};
use super::wire::{
    CreatedLedger, DescribedExport, DescribedLedger, Exports, LedgerPermissions, Ledgers, StartedExport, Streams, Tags,
};
use crate::engine::{Engine, LedgerChange, NewLedger, Page, ServiceError};
use qldb_journal::request::{ExportDraft, ExportRequest, Faults, Progress};

/// What every operation works with.
#[derive(Clone)]
pub(super) struct Operations {
    /// Does the work.
    pub(super) engine: Arc<Engine>,
    /// Names what the engine stores.
    pub(super) account: Arc<Account>,
}

/// One request, routed and parsed.
#[derive(Debug)]
pub(super) struct Call {
    /// The operation and the values in the path.
    pub(super) route: Route,
    /// The query, still percent-encoded.
    pub(super) query: String,
    /// The body.
    pub(super) body: Members,
}

/// The response of an operation.
#[derive(Debug)]
pub(super) struct Success {
    /// The body, JSON.
    pub(super) body: Vec<u8>,
    /// A header that is not in the API model.
    pub(super) header: Option<(&'static str, String)>,
}

impl Success {
    pub(super) fn json(value: &impl Serialize) -> Result<Self, Failure> {
        let body = serde_json::to_vec(value).map_err(|error| Failure::Internal(error.to_string()))?;
        Ok(Self { body, header: None })
    }

    fn empty() -> Self {
        Self { body: b"{}".to_vec(), header: None }
    }
}

/// Whether the operation's body has required members.
pub(super) fn needs_body(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::CreateLedger
            | Operation::ExportJournalToS3
            | Operation::GetBlock
            | Operation::GetRevision
            | Operation::TagResource
            | Operation::UpdateLedgerPermissionsMode
    )
}

impl Operations {
    /// Carries out one request. Blocks while the engine works.
    pub(super) fn carry_out(&self, call: &Call) -> Result<Success, Failure> {
        match call.route.operation {
            Operation::CreateLedger => self.create_ledger(call),
            Operation::DescribeLedger => self.describe_ledger(call),
            Operation::ListLedgers => self.list_ledgers(call),
            Operation::UpdateLedger => self.update_ledger(call),
            Operation::UpdateLedgerPermissionsMode => self.update_permissions_mode(call),
            Operation::DeleteLedger => self.delete_ledger(call),
            Operation::ListTagsForResource => self.list_tags(call),
            Operation::TagResource => self.tag(call),
            Operation::UntagResource => self.untag(call),
            Operation::ExportJournalToS3 => self.export(call),
            Operation::DescribeJournalS3Export => self.describe_export(call),
            Operation::ListJournalS3Exports => self.list_exports(call, None),
            Operation::ListJournalS3ExportsForLedger => self.list_exports(call, Some(&call.route.resource)),
            Operation::GetDigest => self.get_digest(call),
            Operation::GetBlock => self.get_block(call),
            Operation::GetRevision => self.get_revision(call),
            Operation::ListJournalKinesisStreamsForLedger => self.list_streams(call),
            refused @ (Operation::CancelJournalKinesisStream
            | Operation::DescribeJournalKinesisStream
            | Operation::StreamJournalToKinesis) => {
                Err(not_done(refused, "there is no Kinesis to stream to; export the journal instead"))
            }
        }
    }

    fn create_ledger(&self, call: &Call) -> Result<Success, Failure> {
        let body = &call.body;
        let name = body.text("Name")?.ok_or_else(|| Failure::parameter("Name", "Name is required"))?;
        let new = NewLedger {
            name: checks::ledger(name)?,
            permissions_mode: checks::permissions_mode(body.text("PermissionsMode")?)?,
            deletion_protection: body.flag("DeletionProtection")?.unwrap_or(true),
            kms_key: body.text("KmsKey")?.map(str::to_owned),
            tags: checks::tags(body.texts("Tags")?.unwrap_or_default())?,
        };
        Success::json(&CreatedLedger::new(&self.engine.create_ledger(new)?, &self.account))
    }

    fn describe_ledger(&self, call: &Call) -> Result<Success, Failure> {
        let ledger = self.engine.describe_ledger(&checks::ledger(&call.route.resource)?)?;
        Success::json(&DescribedLedger::new(&ledger, &self.account))
    }

    fn list_ledgers(&self, call: &Call) -> Result<Success, Failure> {
        Success::json(&Ledgers::from(self.engine.list_ledgers(&checks::page(&call.query)?)?))
    }

    fn update_ledger(&self, call: &Call) -> Result<Success, Failure> {
        let name = checks::ledger(&call.route.resource)?;
        let change = LedgerChange {
            deletion_protection: call.body.flag("DeletionProtection")?,
            kms_key: call.body.text("KmsKey")?.map(str::to_owned),
        };
        Success::json(&DescribedLedger::updated(&self.engine.update_ledger(&name, change)?, &self.account))
    }

    fn update_permissions_mode(&self, call: &Call) -> Result<Success, Failure> {
        let name = checks::ledger(&call.route.resource)?;
        let mode = checks::permissions_mode(call.body.text("PermissionsMode")?)?;
        let ledger = self.engine.update_permissions_mode(&name, mode)?;
        Success::json(&LedgerPermissions::new(&ledger, &self.account))
    }

    fn delete_ledger(&self, call: &Call) -> Result<Success, Failure> {
        self.engine.delete_ledger(&checks::ledger(&call.route.resource)?)?;
        Ok(Success::empty())
    }

    fn list_tags(&self, call: &Call) -> Result<Success, Failure> {
        let name = self.account.tagged_ledger(&call.route.resource)?;
        Success::json(&Tags { tags: self.engine.tags(&name)? })
    }

    fn tag(&self, call: &Call) -> Result<Success, Failure> {
        let name = self.account.tagged_ledger(&call.route.resource)?;
        let tags = call.body.texts("Tags")?.ok_or_else(|| Failure::parameter("Tags", "Tags is required"))?;
        self.engine.tag(&name, &checks::tags(tags)?)?;
        Ok(Success::empty())
    }

    fn untag(&self, call: &Call) -> Result<Success, Failure> {
        let name = self.account.tagged_ledger(&call.route.resource)?;
        self.engine.untag(&name, &checks::untagged_keys(&call.query)?)?;
        Ok(Success::empty())
    }

    fn export(&self, call: &Call) -> Result<Success, Failure> {
        let id = self.engine.start_export(self.export_request(call)?)?;
        Success::json(&StartedExport::from(&id))
    }

    fn export_request(&self, call: &Call) -> Result<ExportRequest, Failure> {
        let body = &call.body;
        let now = self.engine.now();
        let target = body.structure("S3ExportConfiguration")?.unwrap_or_default();
        let encryption = target.structure("EncryptionConfiguration")?.unwrap_or_default();
        let draft = ExportDraft {
            ledger: Some(&call.route.resource),
            start: body.time("InclusiveStartTime")?,
            end: body.time("ExclusiveEndTime")?.map(|end| checks::rounded_end(end, now)),
            bucket: target.text("Bucket")?,
            prefix: target.text("Prefix")?,
            encryption: encryption.text("ObjectEncryptionType")?,
            kms_key_arn: encryption.text("KmsKeyArn")?,
            role_arn: body.text("RoleArn")?,
            format: body.text("OutputFormat")?,
        };
        Ok(draft.check(now, Faults::none())?)
    }

    /// There are no streams here, so the list for an existing ledger is empty.
    fn list_streams(&self, call: &Call) -> Result<Success, Failure> {
        let ledger = checks::ledger_of_streams(&call.route.resource)?;
        let page = self.engine.list_streams(&ledger, &checks::page(&call.query)?)?;
        Success::json(&Streams::from(page))
    }

    fn describe_export(&self, call: &Call) -> Result<Success, Failure> {
        let ledger = checks::ledger(&call.route.resource)?;
        let export = self.engine.describe_export(&ledger, &checks::export_id(&call.route.id)?)?;
        let answer = Success::json(&DescribedExport::from(&export))?;
        Ok(Success { header: Some((Progress::HEADER, export.progress.to_header())), ..answer })
    }

    /// `ListJournalS3ExportsForLedger` declares no errors, so an unknown ledger has no exports (docs/qldb.md 2.2).
    fn list_exports(&self, call: &Call, ledger: Option<&str>) -> Result<Success, Failure> {
        let ledger = ledger.map(checks::ledger).transpose()?;
        let page = match self.engine.list_exports(ledger.as_ref(), &checks::page(&call.query)?) {
            Err(ServiceError::ResourceNotFound { .. }) => Page { items: Vec::new(), next_token: None },
            listed => listed?,
        };
        Success::json(&Exports::from(page))
    }
}

fn not_done(operation: Operation, why: &str) -> Failure {
    Failure::NotDone(format!("The built-in endpoint does not support {operation}: {why}"))
}
