//! What the service says about an export, and its JSON form.

use aws_sdk_qldb::types::{JournalS3ExportDescription, S3ExportConfiguration};
use aws_smithy_types::DateTime as SdkTime;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use qldb_journal::request::Progress;

/// The status of an export: the API's `ExportStatus`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportStatus {
    /// The job is running.
    InProgress,
    /// Everything is written.
    Completed,
    /// The job ended without finishing.
    Cancelled,
    /// A value that the model does not have.
    Other(String),
}

impl ExportStatus {
    /// The API's value.
    pub fn as_str(&self) -> &str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
            Self::Other(word) => word,
        }
    }

    /// Whether the status never changes again.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled)
    }

    fn read(word: &str) -> Self {
        let known = [Self::InProgress, Self::Completed, Self::Cancelled];
        known.into_iter().find(|status| status.as_str() == word).unwrap_or_else(|| Self::Other(word.to_owned()))
    }
}

/// An export as the service describes it. The strings are the service's, unchecked.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ExportDescription {
    /// The ledger.
    pub ledger: String,
    /// The export's id.
    pub id: String,
    /// When the job was created.
    pub created: DateTime<Utc>,
    /// Its status.
    pub status: ExportStatus,
    /// The inclusive start of the range.
    pub start: DateTime<Utc>,
    /// The exclusive end of the range.
    pub end: DateTime<Utc>,
    /// The bucket.
    pub bucket: String,
    /// What every key begins with.
    pub prefix: String,
    /// The encryption type, if the service names one.
    pub encryption: Option<String>,
    /// The KMS key.
    pub kms_key_arn: Option<String>,
    /// The role that writes.
    pub role_arn: String,
    /// The format; jobs from before 2022 have none.
    pub format: Option<String>,
    /// The progress of the job. The API has no member for it; the built-in endpoint sends it in a header.
    pub progress: Option<Progress>,
}

impl ExportDescription {
    pub(super) fn read(sdk: &JournalS3ExportDescription, progress: Option<Progress>) -> Self {
        let target = sdk.s3_export_configuration();
        let encryption = target.and_then(S3ExportConfiguration::encryption_configuration);
        Self {
            ledger: sdk.ledger_name().to_owned(),
            id: sdk.export_id().to_owned(),
            created: to_chrono(sdk.export_creation_time()),
            status: ExportStatus::read(sdk.status().as_str()),
            start: to_chrono(sdk.inclusive_start_time()),
            end: to_chrono(sdk.exclusive_end_time()),
            bucket: target.map(|target| target.bucket().to_owned()).unwrap_or_default(),
            prefix: target.map(|target| target.prefix().to_owned()).unwrap_or_default(),
            encryption: encryption.map(|encryption| encryption.object_encryption_type().as_str().to_owned()),
            kms_key_arn: encryption.and_then(|encryption| encryption.kms_key_arn()).map(str::to_owned),
            role_arn: sdk.role_arn().to_owned(),
            format: sdk.output_format().map(|format| format.as_str().to_owned()),
            progress,
        }
    }

    /// The API's `JournalS3ExportDescription`, with times as the AWS CLI printed them.
    pub(crate) fn to_json(&self) -> Value {
        let mut members = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                members.insert(name.to_owned(), value);
            }
        };
        put("LedgerName", Some(json!(self.ledger)));
        put("ExportId", Some(json!(self.id)));
        put("ExportCreationTime", Some(json!(iso_8601(self.created))));
        put("Status", Some(json!(self.status.as_str())));
        put("InclusiveStartTime", Some(json!(iso_8601(self.start))));
        put("ExclusiveEndTime", Some(json!(iso_8601(self.end))));
        put("S3ExportConfiguration", Some(self.target_json()));
        put("RoleArn", Some(json!(self.role_arn)));
        put("OutputFormat", self.format.as_ref().map(|format| json!(format)));
        Value::Object(members)
    }

    fn target_json(&self) -> Value {
        let mut target = json!({ "Bucket": self.bucket, "Prefix": self.prefix });
        if let Some(kind) = &self.encryption {
            target["EncryptionConfiguration"] = json!({ "ObjectEncryptionType": kind });
            if let Some(key) = &self.kms_key_arn {
                target["EncryptionConfiguration"]["KmsKeyArn"] = json!(key);
            }
        }
        target
    }
}

/// A time as the AWS CLI prints it: `2019-09-16T20:03:59.123000+00:00`, without the fraction if it is zero.
pub(crate) fn iso_8601(time: DateTime<Utc>) -> String {
    let format = if time.timestamp_subsec_micros() == 0 { SecondsFormat::Secs } else { SecondsFormat::Micros };
    time.to_rfc3339_opts(format, false)
}

/// The SDK reads floating-point seconds from the wire slightly too low, .417999 for .418, so this rounds to
/// milliseconds.
pub(super) fn to_chrono(time: &SdkTime) -> DateTime<Utc> {
    let millis = (time.as_nanos() + 500_000).div_euclid(1_000_000);
    i64::try_from(millis).ok().and_then(DateTime::from_timestamp_millis).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_qldb::types::{S3EncryptionConfiguration, S3ObjectEncryptionType};

    fn described() -> ExportDescription {
        let encryption =
            S3EncryptionConfiguration::builder().object_encryption_type(S3ObjectEncryptionType::SseS3).build().unwrap();
        let target = S3ExportConfiguration::builder()
            .bucket("exports")
            .prefix("nightly/")
            .encryption_configuration(encryption)
            .build()
            .unwrap();
        let sdk = JournalS3ExportDescription::builder()
            .ledger_name("vehicle-registration")
            .export_id("ADR2ONPKN5LINYGb4dp7yZ")
            .export_creation_time(SdkTime::from_secs_f64(1_568_847_801.418))
            .status("IN_PROGRESS".into())
            .inclusive_start_time(SdkTime::from_secs(1_568_764_800))
            .exclusive_end_time(SdkTime::from_secs(1_568_847_599))
            .s3_export_configuration(target)
            .role_arn("arn:aws:iam::123456789012:role/qldb-s3-export")
            .build()
            .unwrap();
        ExportDescription::read(&sdk, None)
    }

    #[test]
    fn times_are_rounded_to_the_milliseconds_that_were_sent() {
        for millis in [1_568_847_801_418_i64, 1_568_847_801_001, 1_568_847_801_999, -1] {
            #[expect(clippy::cast_precision_loss, reason = "as on the wire")]
            let wire = SdkTime::from_secs_f64(millis as f64 / 1000.0);
            assert_eq!(to_chrono(&wire).timestamp_millis(), millis);
        }
        assert_eq!(to_chrono(&SdkTime::from_nanos(1_568_847_801_417_999_000).unwrap()).timestamp_subsec_millis(), 418);
    }

    #[test]
    fn json_has_the_members_of_the_api_in_its_words() {
        let json = described().to_json();
        assert_eq!(json["ExportCreationTime"], "2019-09-18T23:03:21.418000+00:00");
        assert_eq!(json["InclusiveStartTime"], "2019-09-18T00:00:00+00:00");
        assert_eq!(json["S3ExportConfiguration"]["EncryptionConfiguration"]["ObjectEncryptionType"], "SSE_S3");
        assert_eq!(json.get("OutputFormat"), None);
    }

    #[test]
    fn only_two_states_are_final() {
        assert!(ExportStatus::read("COMPLETED").is_final() && ExportStatus::read("CANCELLED").is_final());
        assert!(!ExportStatus::read("IN_PROGRESS").is_final() && !ExportStatus::read("PAUSED").is_final());
    }
}
