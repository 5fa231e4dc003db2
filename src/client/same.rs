//! Whether an export that the service lists is the one that a request asks
//! for. The call has no client token (docs/qldb.md 2.1): this is how a step that runs
//! again finds what it has started before.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Client, ClientError, ExportDescription, ExportStatus};
use qldb_journal::request::{Encryption, ExportRequest, OutputFormat, UniqueId, time};

/// How far the clocks of this machine and of the service may be apart.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// How far ahead an end may lie that the service takes for now: clients round to whole seconds.
const ROUNDING: TimeDelta = TimeDelta::seconds(1);

/// An export that a request has, made by it or found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// The request has started it.
    Started(UniqueId),
    /// It was there already.
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
        // An absent format means the default, on both sides (docs/qldb.md 2.1).
        let format = request.format.unwrap_or_default();
        self.shares_destination(request)
            && self.start == request.range.start()
            && (self.end == request.range.end() || self.was_cut_at_its_start(request.range.end()))
            && self.encryption.as_deref() == Some(Encryption::kind(&request.encryption).as_str())
            && self.kms_key_arn.as_deref() == key
            && self.format.as_deref().unwrap_or(OutputFormat::default().as_str()) == format.as_str()
    }

    /// Whether it ends where the service took an end up to a second ahead for now.
    pub(crate) fn is_rounding_of(&self, end: DateTime<Utc>) -> bool {
        let cut = end - self.end;
        cut > TimeDelta::zero() && cut <= ROUNDING
    }

    /// The same, and it was made at that moment: not one that was asked to end there.
    fn was_cut_at_its_start(&self, end: DateTime<Utc>) -> bool {
        self.is_rounding_of(end) && (self.created - self.end).abs() <= ROUNDING
    }

    fn may_be_followed(&self) -> bool {
        matches!(self.status, ExportStatus::InProgress | ExportStatus::Completed)
    }
}

impl Client {
    /// The newest export that runs or is complete, and is what the request asks for.
    pub async fn find_same(&self, request: &ExportRequest) -> Result<Option<ExportDescription>, ClientError> {
        let listed = self.list_exports(Some(&request.ledger)).await?;
        Ok(listed.into_iter().find(|export| export.may_be_followed() && export.is_what(request)))
    }

    /// Starts an export. Where the answer is lost, the export is looked for instead of being started again.
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
