//! Responses as the API model spells them: in `PascalCase`, and without members that have no value,
//! which are never null (docs/qldb.md 1.2, 1.3).

use std::collections::BTreeMap;
use std::convert::Infallible;

use serde::Serialize;

use super::arn::Account;
use super::timestamp;
use crate::engine::{AWS_OWNED_KMS_KEY, Export, Ledger, Page};
use qldb_journal::request::{Encryption, ExportRequest, UniqueId};

/// `CreateLedgerResponse`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreatedLedger {
    name: String,
    arn: String,
    state: &'static str,
    creation_date_time: f64,
    permissions_mode: &'static str,
    deletion_protection: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    kms_key_arn: Option<String>,
}

/// `DescribeLedgerResponse` and `UpdateLedgerResponse`, which has no permissions mode.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribedLedger {
    name: String,
    arn: String,
    state: &'static str,
    creation_date_time: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions_mode: Option<&'static str>,
    deletion_protection: bool,
    encryption_description: EncryptionDescription,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct EncryptionDescription {
    kms_key_arn: String,
    encryption_status: &'static str,
}

/// `UpdateLedgerPermissionsModeResponse`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct LedgerPermissions {
    name: String,
    arn: String,
    permissions_mode: &'static str,
}

/// `ListLedgersResponse`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Ledgers {
    ledgers: Vec<LedgerSummary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LedgerSummary {
    name: String,
    state: &'static str,
    creation_date_time: f64,
}

/// `ListJournalKinesisStreamsForLedgerResponse`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Streams {
    streams: Vec<Stream>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// `JournalKinesisStreamDescription`; there never is one.
#[derive(Serialize)]
enum Stream {}

/// `ListTagsForResourceResponse`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tags {
    pub(super) tags: BTreeMap<String, String>,
}

/// `ExportJournalToS3Response`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StartedExport {
    export_id: String,
}

/// `DescribeJournalS3ExportResponse`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribedExport {
    export_description: ExportDescription,
}

/// `ListJournalS3ExportsResponse` and `ListJournalS3ExportsForLedgerResponse`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Exports {
    journal_s3_exports: Vec<ExportDescription>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ExportDescription {
    ledger_name: String,
    export_id: String,
    export_creation_time: f64,
    status: &'static str,
    inclusive_start_time: f64,
    exclusive_end_time: f64,
    s3_export_configuration: ExportConfiguration,
    role_arn: String,
    /// Only if the request named one, as in the started manifest.
    #[serde(skip_serializing_if = "Option::is_none")]
    output_format: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ExportConfiguration {
    bucket: String,
    prefix: String,
    encryption_configuration: EncryptionConfiguration,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct EncryptionConfiguration {
    object_encryption_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kms_key_arn: Option<String>,
}

impl CreatedLedger {
    pub(super) fn new(ledger: &Ledger, account: &Account) -> Self {
        Self {
            name: ledger.name.to_string(),
            arn: account.ledger_arn(&ledger.name),
            state: ledger.state.as_str(),
            creation_date_time: timestamp::write(ledger.created),
            permissions_mode: ledger.permissions_mode.as_str(),
            deletion_protection: ledger.deletion_protection,
            kms_key_arn: account.key_arn(ledger.kms_key.as_deref()),
        }
    }
}

impl DescribedLedger {
    pub(super) fn new(ledger: &Ledger, account: &Account) -> Self {
        let key = account.key_arn(ledger.kms_key.as_deref()).unwrap_or_else(|| AWS_OWNED_KMS_KEY.to_owned());
        Self {
            name: ledger.name.to_string(),
            arn: account.ledger_arn(&ledger.name),
            state: ledger.state.as_str(),
            creation_date_time: timestamp::write(ledger.created),
            permissions_mode: Some(ledger.permissions_mode.as_str()),
            deletion_protection: ledger.deletion_protection,
            encryption_description: EncryptionDescription { kms_key_arn: key, encryption_status: "ENABLED" },
        }
    }

    /// The response of `UpdateLedger`.
    pub(super) fn updated(ledger: &Ledger, account: &Account) -> Self {
        Self { permissions_mode: None, ..Self::new(ledger, account) }
    }
}

impl LedgerPermissions {
    pub(super) fn new(ledger: &Ledger, account: &Account) -> Self {
        Self {
            name: ledger.name.to_string(),
            arn: account.ledger_arn(&ledger.name),
            permissions_mode: ledger.permissions_mode.as_str(),
        }
    }
}

impl From<Page<Ledger>> for Ledgers {
    fn from(page: Page<Ledger>) -> Self {
        let summary = |ledger: &Ledger| LedgerSummary {
            name: ledger.name.to_string(),
            state: ledger.state.as_str(),
            creation_date_time: timestamp::write(ledger.created),
        };
        Self { ledgers: page.items.iter().map(summary).collect(), next_token: page.next_token }
    }
}

impl From<Page<Infallible>> for Streams {
    fn from(page: Page<Infallible>) -> Self {
        Self { streams: page.items.into_iter().map(|never| match never {}).collect(), next_token: page.next_token }
    }
}

impl From<&UniqueId> for StartedExport {
    fn from(id: &UniqueId) -> Self {
        Self { export_id: id.to_string() }
    }
}

impl From<&Export> for DescribedExport {
    fn from(export: &Export) -> Self {
        Self { export_description: export.into() }
    }
}

impl From<Page<Export>> for Exports {
    fn from(page: Page<Export>) -> Self {
        Self { journal_s3_exports: page.items.iter().map(Into::into).collect(), next_token: page.next_token }
    }
}

impl From<&Export> for ExportDescription {
    fn from(export: &Export) -> Self {
        let request = &export.request;
        Self {
            ledger_name: request.ledger.to_string(),
            export_id: export.id.to_string(),
            export_creation_time: timestamp::write(export.created),
            status: export.status.as_str(),
            inclusive_start_time: timestamp::write(request.range.start()),
            exclusive_end_time: timestamp::write(request.range.end()),
            s3_export_configuration: request.into(),
            role_arn: request.role_arn.to_string(),
            output_format: request.format.map(qldb_journal::request::OutputFormat::as_str),
        }
    }
}

impl From<&ExportRequest> for ExportConfiguration {
    fn from(request: &ExportRequest) -> Self {
        Self {
            bucket: request.bucket.to_string(),
            prefix: request.prefix.to_string(),
            encryption_configuration: (&request.encryption).into(),
        }
    }
}

impl From<&Encryption> for EncryptionConfiguration {
    fn from(encryption: &Encryption) -> Self {
        Self {
            object_encryption_type: encryption.kind().as_str(),
            kms_key_arn: encryption.key().map(ToString::to_string),
        }
    }
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
