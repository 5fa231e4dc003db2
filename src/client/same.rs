//! Whether an export that the service lists is the one that a request asks for. The call has no
//! client token (docs/qldb.md 2.1): this is how a step that runs again finds what it started
//! before.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Client, ClientError, ExportDescription, ExportStatus};
use qldb_journal::request::{Encryption, ExportRequest, OutputFormat, UniqueId, time};

/// How far the clocks of this machine and of the service may differ.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// How far in the future an end may be and still count as now: clients round to whole seconds.
const ROUNDING: TimeDelta = TimeDelta::seconds(1);

/// The export for a request, either started by it or found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// The request started it.
    Started(UniqueId),
    /// It already existed.
    Found(UniqueId),
}

impl Begun {
    /// The export.
    pub fn id(&self) -> &UniqueId {
        match self {
            Self::Started(id) | Self::Found(id) => id,
        }
    }
}

impl ExportDescription {
    /// Whether it writes to the request's bucket, under the request's prefix.
    pub fn shares_destination(&self, request: &ExportRequest) -> bool {
        self.ledger == request.ledger.as_str()
            && self.bucket == request.bucket.as_str()
            && self.prefix == request.prefix.as_str()
    }

    /// Whether it is what the request asks for: the same ledger, range, destination, encryption and format.
    pub fn is_what(&self, request: &ExportRequest) -> bool {
        let key = request.encryption.key().map(qldb_journal::request::KmsKeyArn::as_str);
        // A missing format means the default, on both sides (docs/qldb.md 2.1).
        let format = request.format.unwrap_or_default();
        self.shares_destination(request)
            && self.start == request.range.start()
            && (self.end == request.range.end() || self.was_cut_at_its_start(request.range.end()))
            && self.encryption.as_deref() == Some(Encryption::kind(&request.encryption).as_str())
            && self.kms_key_arn.as_deref() == key
            && self.format.as_deref().unwrap_or(OutputFormat::default().as_str()) == format.as_str()
    }

    /// Whether it ends where the service treated an end up to a second in the future as now.
    pub(crate) fn is_rounding_of(&self, end: DateTime<Utc>) -> bool {
        let cut = end - self.end;
        cut > TimeDelta::zero() && cut <= ROUNDING
    }

    /// The same, and it was created at that moment, so it is not an export that was asked to end there.
    fn was_cut_at_its_start(&self, end: DateTime<Utc>) -> bool {
        self.is_rounding_of(end) && (self.created - self.end).abs() <= ROUNDING
    }

    fn may_be_followed(&self) -> bool {
        matches!(self.status, ExportStatus::InProgress | ExportStatus::Completed)
    }
}

impl Client {
    /// The newest export that is running or complete and matches the request.
    pub async fn find_same(&self, request: &ExportRequest) -> Result<Option<ExportDescription>, ClientError> {
        let listed = self.list_exports(Some(&request.ledger)).await?;
        Ok(listed.into_iter().find(|export| export.may_be_followed() && export.is_what(request)))
    }

    /// Starts an export. If the response is lost, the export is looked up instead of being started again.
    pub async fn start_or_find(&self, request: &ExportRequest) -> Result<Begun, ClientError> {
        let sent = time::now();
        let lost = match self.start_export(request).await {
            Err(lost @ ClientError::AnswerLost { .. }) => lost,
            outcome => return outcome.map(Begun::Started),
        };
        let found = self.find_same(request).await.ok().flatten();
        let found = found.filter(|export| export.created >= sent - CLOCK_SKEW);
        found.and_then(|export| UniqueId::parse(&export.id).ok()).map(Begun::Found).ok_or(lost)
    }
}
