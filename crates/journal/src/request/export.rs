//! An ExportJournalToS3 request, complete and checked.

use chrono::{DateTime, Utc};

use super::{
    BucketName, Encryption, EncryptionType, Fault, Faults, Field, KmsKeyArn, LedgerName, OutputFormat, Prefix, RoleArn,
    TimeRange,
};

/// A request that breaks none of the rules that can be checked without asking the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportRequest {
    /// The ledger.
    pub ledger: LedgerName,
    /// The range of commit times.
    pub range: TimeRange,
    /// The bucket.
    pub bucket: BucketName,
    /// The prefix of every key.
    pub prefix: Prefix,
    /// How S3 encrypts the objects.
    pub encryption: Encryption,
    /// The role that writes to the bucket.
    pub role_arn: RoleArn,
    /// The format, if the request names one.
    pub format: Option<OutputFormat>,
}

/// A request as it came in: text, with the times already parsed.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExportDraft<'a> {
    /// The ledger's name.
    pub ledger: Option<&'a str>,
    /// The inclusive start.
    pub start: Option<DateTime<Utc>>,
    /// The exclusive end.
    pub end: Option<DateTime<Utc>>,
    /// The bucket.
    pub bucket: Option<&'a str>,
    /// The prefix; required by the API, and may be empty.
    pub prefix: Option<&'a str>,
    /// The encryption type.
    pub encryption: Option<&'a str>,
    /// The KMS key.
    pub kms_key_arn: Option<&'a str>,
    /// The role.
    pub role_arn: Option<&'a str>,
    /// The output format.
    pub format: Option<&'a str>,
}

impl ExportDraft<'_> {
    /// Checks everything and reports every fault, in addition to those that parsing the draft found.
    pub fn check(self, now: DateTime<Utc>, mut faults: Faults) -> Result<ExportRequest, Faults> {
        let ledger = required(&mut faults, Field::Ledger, self.ledger, LedgerName::parse);
        let range = self.range(now, &mut faults);
        let bucket = required(&mut faults, Field::Bucket, self.bucket, BucketName::parse);
        let prefix = required(&mut faults, Field::Prefix, self.prefix, Prefix::parse);
        let encryption = self.encryption(&mut faults);
        let role_arn = required(&mut faults, Field::RoleArn, self.role_arn, RoleArn::parse);
        let format = self.format.map(OutputFormat::parse).map(|parsed| faults.note(parsed));
        match (ledger, range, bucket, prefix, encryption, role_arn) {
            (Some(ledger), Some(range), Some(bucket), Some(prefix), Some(encryption), Some(role_arn))
                if faults.is_empty() =>
            {
                Ok(ExportRequest { ledger, range, bucket, prefix, encryption, role_arn, format: format.flatten() })
            }
            _ => Err(faults),
        }
    }

    fn range(&self, now: DateTime<Utc>, faults: &mut Faults) -> Option<TimeRange> {
        if self.start.is_none() && !faults.concern(Field::Start) && !faults.concern(Field::Last) {
            faults.push(Fault::required(Field::Start));
        }
        if self.end.is_none() && !faults.concern(Field::End) {
            faults.push(Fault::required(Field::End));
        }
        match TimeRange::new(self.start?, self.end?, now) {
            Ok(range) => Some(range),
            Err(found) => {
                found.into_iter().for_each(|fault| faults.push(fault));
                None
            }
        }
    }

    fn encryption(&self, faults: &mut Faults) -> Option<Encryption> {
        let kind = required(faults, Field::Encryption, self.encryption, EncryptionType::parse);
        match self.kms_key_arn.map(KmsKeyArn::parse) {
            None => faults.note(Encryption::new(kind?, None)),
            Some(Ok(key)) => faults.note(Encryption::new(kind?, Some(key))),
            Some(Err(fault)) => {
                faults.push(fault);
                None
            }
        }
    }
}

fn required<T>(
    faults: &mut Faults,
    field: Field,
    text: Option<&str>,
    parse: fn(&str) -> Result<T, Fault>,
) -> Option<T> {
    faults.note(text.map_or_else(|| Err(Fault::required(field)), parse))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Kind;

    fn now() -> DateTime<Utc> {
        "2024-03-02T12:00:00Z".parse().unwrap()
    }

    fn good() -> ExportDraft<'static> {
        ExportDraft {
            ledger: Some("vehicle-registration"),
            start: Some("2024-03-01T00:00:00Z".parse().unwrap()),
            end: Some(now()),
            bucket: Some("exports"),
            prefix: Some(""),
            encryption: Some("SSE_S3"),
            kms_key_arn: None,
            role_arn: Some("arn:aws:iam::123456789012:role/export"),
            format: None,
        }
    }

    #[test]
    fn a_good_draft_becomes_a_request() {
        let request = good().check(now(), Faults::none()).unwrap();
        assert_eq!((request.format, request.encryption), (None, Encryption::SseS3));
    }

    #[test]
    fn an_empty_draft_lacks_every_required_member_at_once() {
        let faults = ExportDraft::default().check(now(), Faults::none()).unwrap_err();
        let fields: Vec<Field> = faults.iter().map(|fault| fault.field).collect();
        let required =
            [Field::Ledger, Field::Start, Field::End, Field::Bucket, Field::Prefix, Field::Encryption, Field::RoleArn];
        assert_eq!(fields, required);
        assert!(faults.iter().all(|fault| fault.kind == Kind::Missing));
    }

    #[test]
    fn every_wrong_value_is_named_at_once() {
        let wrong = ExportDraft {
            ledger: Some("-"),
            end: Some("2025-01-01T00:00:00Z".parse().unwrap()),
            bucket: Some("B"),
            prefix: Some(".."),
            kms_key_arn: Some("key"),
            role_arn: Some("role"),
            format: Some("XML"),
            ..good()
        };
        let fields: Vec<Field> =
            wrong.check(now(), Faults::none()).unwrap_err().iter().map(|fault| fault.field).collect();
        assert_eq!(
            fields,
            [
                Field::Ledger,
                Field::End,
                Field::Bucket,
                Field::Prefix,
                Field::KmsKeyArn,
                Field::RoleArn,
                Field::OutputFormat
            ]
        );
    }
}
