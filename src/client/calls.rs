//! The operations, each with the types of `request` as input and output.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::Credentials;
use aws_sdk_qldb::error::SdkError;
use aws_sdk_qldb::operation::export_journal_to_s3::builders::ExportJournalToS3FluentBuilder;
use aws_sdk_qldb::types::{self as sdk, JournalS3ExportDescription};
use aws_smithy_types::DateTime as SdkTime;
use chrono::{DateTime, Utc};

use super::description::to_chrono;
use super::observe::{Capture, ProgressHeader, RouteRecorder};
use super::prepared::PreparedRequest;
use super::retry::OnlyWhatCannotHaveStarted;
use super::{Client, ClientError, ExportDescription};
use qldb_journal::request::{Encryption, ExportRequest, LedgerName, UniqueId};

/// The time limit for `ExportJournalToS3`: the service tests the bucket before it responds.
const START_TIMEOUT: Duration = Duration::from_mins(2);

/// One page of a list.
#[derive(Debug, Clone, Default)]
pub(crate) struct ListPage {
    /// The exports on it, in the service's order.
    pub(crate) exports: Vec<ExportDescription>,
    /// The token for the next page; `None` on the last.
    pub(crate) next_token: Option<String>,
}

impl Client {
    /// Starts an export. The request is never sent again once it may have been executed.
    pub async fn start_export(&self, request: &ExportRequest) -> Result<UniqueId, ClientError> {
        const OPERATION: &str = "ExportJournalToS3";
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(START_TIMEOUT).build();
        let only_once = aws_sdk_qldb::config::Builder::default()
            .retry_classifier(OnlyWhatCannotHaveStarted)
            .timeout_config(timeouts);
        let sent = export_call(&self.sdk, request)?.customize().config_override(only_once).send().await;
        let answer = sent.map_err(|failure| self.start_failure(OPERATION, &failure))?;
        UniqueId::parse(answer.export_id())
            .map_err(|fault| ClientError::Unexpected(format!("{OPERATION} answered with no export id: {fault}")))
    }

    /// Distinguishes failures after which the service may have acted from those after which it has not.
    fn start_failure<E>(
        &self,
        operation: &'static str,
        failure: &SdkError<E, aws_sdk_qldb::config::http::HttpResponse>,
    ) -> ClientError
    where
        E: aws_sdk_qldb::error::ProvideErrorMetadata + std::error::Error + 'static,
    {
        let lost = match failure {
            SdkError::TimeoutError(_) | SdkError::ResponseError(_) => true,
            SdkError::DispatchFailure(dispatch) => {
                dispatch.as_connector_error().is_some_and(|cause| !qldb_aws::was_never_sent(cause))
            }
            _ => false,
        };
        match ClientError::sort(operation, failure, self.destination.route()) {
            ClientError::Unreachable { endpoint, proxy, reason }
            | ClientError::ServiceEnded { endpoint, proxy, reason }
                if lost =>
            {
                ClientError::AnswerLost { endpoint, proxy, reason }
            }
            // A gateway that gave up waiting may have passed the request on.
            ClientError::ProxyAnswered { endpoint, proxy, status } if status >= 500 => {
                let reason = format!("it answered HTTP {status}");
                ClientError::AnswerLost { endpoint, proxy: Some(proxy), reason }
            }
            other => other,
        }
    }

    /// Describes one export.
    pub async fn describe_export(
        &self,
        ledger: &LedgerName,
        export_id: &UniqueId,
    ) -> Result<ExportDescription, ClientError> {
        const OPERATION: &str = "DescribeJournalS3Export";
        let header = ProgressHeader::default();
        let call = self.sdk.describe_journal_s3_export().name(ledger.as_str()).export_id(export_id.as_str());
        let sent = call.customize().interceptor(header.clone()).send().await;
        let answer = self.sorted(OPERATION, sent)?;
        let described = answer.export_description();
        let described =
            described.ok_or_else(|| ClientError::Unexpected(format!("{OPERATION} answered without a description")))?;
        Ok(ExportDescription::read(described, header.progress()))
    }

    /// When a ledger was created.
    pub(crate) async fn ledger_created(&self, ledger: &LedgerName) -> Result<DateTime<Utc>, ClientError> {
        const OPERATION: &str = "DescribeLedger";
        let answer = self.sorted(OPERATION, self.sdk.describe_ledger().name(ledger.as_str()).send().await)?;
        let created = answer.creation_date_time().map(to_chrono);
        created.ok_or_else(|| ClientError::Unexpected(format!("{OPERATION} answered without a CreationDateTime")))
    }

    /// The names of all ledgers of the account and region.
    pub async fn list_ledgers(&self) -> Result<Vec<String>, ClientError> {
        let (mut names, mut token) = (Vec::new(), None);
        loop {
            let sent = self.sdk.list_ledgers().set_next_token(token.clone()).send().await;
            let page = self.sorted("ListLedgers", sent)?;
            names.extend(page.ledgers().iter().filter_map(|ledger| ledger.name().map(str::to_owned)));
            if page.next_token().is_none() || page.next_token() == token.as_deref() {
                return Ok(names);
            }
            token = page.next_token().map(str::to_owned);
        }
    }

    /// One page of the exports of a ledger, or of the account and region.
    pub(crate) async fn list_page(
        &self,
        ledger: Option<&LedgerName>,
        max_results: Option<i32>,
        next_token: Option<String>,
    ) -> Result<ListPage, ClientError> {
        if let Some(ledger) = ledger {
            let call = self.sdk.list_journal_s3_exports_for_ledger().name(ledger.as_str());
            let sent = call.set_max_results(max_results).set_next_token(next_token).send().await;
            let answer = self.sorted("ListJournalS3ExportsForLedger", sent)?;
            return Ok(page(answer.journal_s3_exports(), answer.next_token()));
        }
        let call = self.sdk.list_journal_s3_exports();
        let sent = call.set_max_results(max_results).set_next_token(next_token).send().await;
        let answer = self.sorted("ListJournalS3Exports", sent)?;
        Ok(page(answer.journal_s3_exports(), answer.next_token()))
    }

    /// Every export of a ledger, or of the account and region, newest first.
    pub async fn list_exports(&self, ledger: Option<&LedgerName>) -> Result<Vec<ExportDescription>, ClientError> {
        let mut exports = Vec::new();
        self.list_until(ledger, |page| {
            exports.extend(page);
            false
        })
        .await?;
        exports.sort_by_key(|export| std::cmp::Reverse(export.created));
        Ok(exports)
    }

    /// The export with this id among those of the account and region. No further page is requested once the export is
    /// found: usually it is one of the newest, which come first.
    pub(crate) async fn find_export(&self, id: &UniqueId) -> Result<Option<ExportDescription>, ClientError> {
        let mut found = None;
        self.list_until(None, |page| {
            found = page.into_iter().find(|export| export.id == id.as_str());
            found.is_some()
        })
        .await?;
        Ok(found)
    }

    /// Gets one page after the other, until the callback returns true.
    async fn list_until(
        &self,
        ledger: Option<&LedgerName>,
        mut is_enough: impl FnMut(Vec<ExportDescription>) -> bool,
    ) -> Result<(), ClientError> {
        let mut token = None;
        loop {
            let page = self.list_page(ledger, None, token.clone()).await?;
            if is_enough(page.exports) || page.next_token.is_none() || page.next_token == token {
                return Ok(());
            }
            token = page.next_token;
        }
    }

    fn sorted<T, E>(
        &self,
        operation: &'static str,
        sent: Result<T, SdkError<E, aws_sdk_qldb::config::http::HttpResponse>>,
    ) -> Result<T, ClientError>
    where
        E: aws_sdk_qldb::error::ProvideErrorMetadata + std::error::Error + 'static,
    {
        sent.map_err(|failure| ClientError::sort(operation, &failure, self.destination.route()))
    }
}

/// What `start_export` would send, built by the SDK itself, without credentials or a connection.
pub(crate) async fn prepare(request: &ExportRequest, config: &SdkConfig) -> Result<PreparedRequest, ClientError> {
    let capture = Capture::default();
    let config = aws_sdk_qldb::config::Builder::from(config)
        // It is not signed.
        .credentials_provider(Credentials::new("none", "none", None, None, "none"))
        .interceptor(capture.clone())
        .build();
    let stopped = export_call(&aws_sdk_qldb::Client::from_conf(config), request)?.send().await;
    capture.request().ok_or_else(|| match stopped {
        Ok(_) => ClientError::Unexpected("the request was not captured".to_owned()),
        Err(failure) => ClientError::sort("ExportJournalToS3", &failure, RouteRecorder::within().route()),
    })
}

fn export_call(
    client: &aws_sdk_qldb::Client,
    request: &ExportRequest,
) -> Result<ExportJournalToS3FluentBuilder, ClientError> {
    let target = sdk::S3ExportConfiguration::builder()
        .bucket(request.bucket.as_str())
        .prefix(request.prefix.as_str())
        .encryption_configuration(encryption(&request.encryption)?)
        .build()
        .map_err(unbuildable)?;
    Ok(client
        .export_journal_to_s3()
        .name(request.ledger.as_str())
        .inclusive_start_time(to_sdk(request.range.start()))
        .exclusive_end_time(to_sdk(request.range.end()))
        .s3_export_configuration(target)
        .role_arn(request.role_arn.as_str())
        .set_output_format(request.format.map(|format| format.as_str().into())))
}

fn encryption(encryption: &Encryption) -> Result<sdk::S3EncryptionConfiguration, ClientError> {
    sdk::S3EncryptionConfiguration::builder()
        .object_encryption_type(encryption.kind().as_str().into())
        .set_kms_key_arn(encryption.key().map(|key| key.as_str().to_owned()))
        .build()
        .map_err(unbuildable)
}

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err asks for")]
fn unbuildable(error: aws_sdk_qldb::error::BuildError) -> ClientError {
    ClientError::Unexpected(error.to_string())
}

fn to_sdk(time: DateTime<Utc>) -> SdkTime {
    SdkTime::from_millis(time.timestamp_millis())
}

fn page(exports: &[JournalS3ExportDescription], next_token: Option<&str>) -> ListPage {
    let exports = exports.iter().map(|export| ExportDescription::read(export, None)).collect();
    ListPage { exports, next_token: next_token.map(str::to_owned) }
}
