//! Compares responses with the model's spelling, member by member.

use serde_json::{Value, json};

use super::*;
use crate::engine::{ExportStatus, LedgerState, PermissionsMode};
use qldb_journal::request::{BucketName, KmsKeyArn, LedgerName, OutputFormat, Prefix, Progress, RoleArn, TimeRange};

const ID: &str = "8UyXulxccYLAsbN1aon7e4";
const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/k";

fn account() -> Account {
    Account { region: "us-east-1".to_owned(), id: "123456789012".to_owned() }
}

fn ledger(kms_key: Option<&str>) -> Ledger {
    Ledger {
        name: LedgerName::parse("L1").unwrap(),
        state: LedgerState::Active,
        created: "2019-09-18T23:03:21.418Z".parse().unwrap(),
        permissions_mode: PermissionsMode::Standard,
        deletion_protection: true,
        kms_key: kms_key.map(str::to_owned),
        strand_id: UniqueId::parse(ID).unwrap(),
    }
}

fn export(encryption: Encryption, format: Option<OutputFormat>) -> Export {
    Export {
        id: UniqueId::parse(ID).unwrap(),
        created: "2019-09-18T23:03:21.418Z".parse().unwrap(),
        status: ExportStatus::InProgress,
        request: ExportRequest {
            ledger: LedgerName::parse("L1").unwrap(),
            range: TimeRange::accepted(
                "2019-09-18T00:00:00Z".parse().unwrap(),
                "2019-09-18T22:59:59Z".parse().unwrap(),
            ),
            bucket: BucketName::parse("exports").unwrap(),
            prefix: Prefix::parse("").unwrap(),
            encryption,
            role_arn: RoleArn::parse("arn:aws:iam::123456789012:role/export").unwrap(),
            format,
        },
        progress: Progress::default(),
    }
}

fn value(answer: &impl Serialize) -> Value {
    serde_json::to_value(answer).unwrap()
}

#[test]
fn a_described_ledger_names_the_key_that_aws_owns() {
    let expected = json!({
        "Name": "L1",
        "Arn": "arn:aws:qldb:us-east-1:123456789012:ledger/L1",
        "State": "ACTIVE",
        "CreationDateTime": 1_568_847_801.418,
        "PermissionsMode": "STANDARD",
        "DeletionProtection": true,
        "EncryptionDescription": {"KmsKeyArn": "AWS_OWNED_KMS_KEY", "EncryptionStatus": "ENABLED"},
    });
    assert_eq!(value(&DescribedLedger::new(&ledger(None), &account())), expected);
}

#[test]
fn an_updated_ledger_is_described_without_its_permissions_mode() {
    let updated = value(&DescribedLedger::updated(&ledger(Some(KEY)), &account()));
    assert_eq!(updated.get("PermissionsMode"), None);
    assert_eq!(updated["EncryptionDescription"]["KmsKeyArn"], KEY);
}

#[test]
fn a_created_ledger_names_a_key_only_if_one_was_given() {
    assert_eq!(value(&CreatedLedger::new(&ledger(None), &account())).get("KmsKeyArn"), None);
    assert_eq!(value(&CreatedLedger::new(&ledger(Some(KEY)), &account()))["KmsKeyArn"], KEY);
}

#[test]
fn a_described_export_echoes_the_request() {
    let expected = json!({"ExportDescription": {
        "LedgerName": "L1",
        "ExportId": ID,
        "ExportCreationTime": 1_568_847_801.418,
        "Status": "IN_PROGRESS",
        "InclusiveStartTime": 1_568_764_800.0,
        "ExclusiveEndTime": 1_568_847_599.0,
        "S3ExportConfiguration": {
            "Bucket": "exports",
            "Prefix": "",
            "EncryptionConfiguration": {"ObjectEncryptionType": "NO_ENCRYPTION"},
        },
        "RoleArn": "arn:aws:iam::123456789012:role/export",
    }});
    assert_eq!(value(&DescribedExport::from(&export(Encryption::NoEncryption, None))), expected);
}

#[test]
fn an_export_is_described_with_key_and_format_if_the_request_named_them() {
    let key = KmsKeyArn::parse(KEY).unwrap();
    let answer = value(&DescribedExport::from(&export(Encryption::SseKms(key), Some(OutputFormat::Json))));
    let description = &answer["ExportDescription"];
    assert_eq!(description["OutputFormat"], "JSON");
    assert_eq!(
        description["S3ExportConfiguration"]["EncryptionConfiguration"],
        json!({"ObjectEncryptionType": "SSE_KMS", "KmsKeyArn": KEY})
    );
}

#[test]
fn the_last_page_of_a_list_has_no_token() {
    let page = |next_token| Page { items: vec![ledger(None)], next_token };
    let summary = json!({"Name": "L1", "State": "ACTIVE", "CreationDateTime": 1_568_847_801.418});
    assert_eq!(value(&Ledgers::from(page(None))), json!({"Ledgers": [summary]}));
    assert_eq!(value(&Ledgers::from(page(Some("more".to_owned()))))["NextToken"], "more");
    let none = Page::<Export> { items: vec![], next_token: None };
    assert_eq!(value(&Exports::from(none)), json!({"JournalS3Exports": []}));
}
