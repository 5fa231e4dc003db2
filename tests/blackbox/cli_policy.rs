//! `policy`: least privilege, derived from the settings of an export.

use serde_json::{Value, json};

use super::support::{Place, Ran};

const ALL: [&str; 11] = [
    "policy",
    "--ledger",
    "vehicle-registration",
    "--bucket",
    "exports",
    "--prefix",
    "nightly/",
    "--role-arn",
    "arn:aws:iam::123456789012:role/export",
    "--region",
    "eu-west-1",
];

fn run(arguments: &[&str]) -> Ran {
    Place::new().run(arguments.iter().copied())
}

fn policy(arguments: &[&str]) -> Value {
    let ran = run(arguments);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    ran.json().remove(0)
}

#[test]
fn all_three_policies_are_in_one_object() {
    let key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd";
    let all = policy(&[&ALL[..], &["--kms-key-arn", key]].concat());
    let trust = &all["TrustPolicy"]["Statement"][0];
    assert_eq!(trust["Principal"]["Service"], "qldb.amazonaws.com");
    let condition = json!({
        "ArnLike": { "aws:SourceArn": "arn:aws:qldb:eu-west-1:123456789012:*" },
        "StringEquals": { "aws:SourceAccount": "123456789012" },
    });
    assert_eq!(trust["Condition"], condition);
    let permissions = &all["PermissionsPolicy"]["Statement"];
    assert_eq!(permissions[0]["Resource"], "arn:aws:s3:::exports/nightly/*");
    assert_eq!(permissions[0]["Action"], json!(["s3:PutObject", "s3:PutObjectAcl"]));
    assert_eq!((&permissions[1]["Action"], &permissions[1]["Resource"]), (&json!("kms:GenerateDataKey"), &json!(key)));
    let caller = &all["CallerPolicy"]["Statement"];
    assert_eq!(caller[0]["Resource"], "arn:aws:qldb:eu-west-1:123456789012:ledger/vehicle-registration");
    assert_eq!(caller[2]["Resource"], "arn:aws:iam::123456789012:role/export");
    assert_eq!(caller[2]["Condition"]["StringEquals"]["iam:PassedToService"], "qldb.amazonaws.com");
}

#[test]
fn a_single_policy_is_ready_for_aws_iam_and_grants_only_what_is_needed() {
    let trust = policy(&["policy", "trust", "--region", "cn-north-1", "--account", "123456789012"]);
    assert_eq!(trust["Version"], "2012-10-17");
    let source = &trust["Statement"][0]["Condition"]["ArnLike"]["aws:SourceArn"];
    assert_eq!(source, "arn:aws-cn:qldb:cn-north-1:123456789012:*");
    let permissions = policy(&["policy", "permissions", "--bucket", "exports", "--prefix", ""]);
    assert_eq!(permissions["Statement"][0]["Resource"], "arn:aws:s3:::exports/*");
    assert_eq!(permissions["Statement"].as_array().unwrap().len(), 1, "no key, no right to use one");
    let caller = policy(&[&["policy", "caller"], &ALL[1..3], &ALL[7..]].concat());
    assert_eq!(caller["Statement"][0]["Action"][0], "qldb:ExportJournalToS3");
}

#[test]
fn a_prefix_is_not_a_pattern() {
    let permissions = policy(&["policy", "permissions", "--bucket", "exports", "--prefix", "a*b?${c}/"]);
    assert_eq!(permissions["Statement"][0]["Resource"], "arn:aws:s3:::exports/a${*}b${?}${$}{c}/*");
}

#[test]
fn everything_missing_or_wrong_is_reported_together() {
    let ran = run(&["policy"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    for flag in ["--ledger", "--bucket", "--prefix", "--role-arn", "--account", "--region"] {
        assert!(ran.stderr.contains(&format!("{flag} is required")), "{flag} is not in:\n{}", ran.stderr);
    }
    let wrong = run(&["policy", "trust", "--account", "12", "--region", "Ireland"]);
    assert!(wrong.stderr.contains("--account \"12\"") && wrong.stderr.contains("--region \"Ireland\""));
}
