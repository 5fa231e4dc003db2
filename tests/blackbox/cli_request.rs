//! What is checked before any call, and what is shown without one.

use super::canned::{Canned, failed};
use super::support::{Place, Ran};

/// A request that breaks no rule.
pub(crate) const RIGHT: [&str; 13] = [
    "start",
    "--ledger",
    "vehicle-registration",
    "--from",
    "2019-09-18",
    "--until",
    "2019-09-19T00:00:00.123+02:00",
    "--bucket",
    "exports",
    "--prefix",
    "nightly/",
    "--role-arn",
    "arn:aws:iam::123456789012:role/export",
];

/// The correct request with more flags.
pub(crate) fn right_and<'a>(more: &[&'a str]) -> Vec<&'a str> {
    RIGHT.iter().chain(more).copied().collect()
}

/// Runs against a service that must not be called.
fn refused(arguments: &[&str]) -> Ran {
    let (place, service) = (Place::new(), Canned::new(|_, _| failed(500, "")));
    let ran = Ran::of(service.command(&place, arguments.iter().copied()));
    assert_eq!(service.requests(), Vec::<String>::new());
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{}", ran.stderr);
    ran
}

#[test]
fn all_faults_of_a_request_are_reported_together_and_nothing_is_sent() {
    let ran = refused(&[
        "start",
        "--ledger=a--b",
        "--from=soon",
        "--until=tomorrow",
        "--bucket=s3://exports",
        "--prefix=../x",
        "--encryption=SSE_KMS",
        "--role-arn=export",
        "--format=CSV",
        "--timeout=3 fortnights",
        "--poll-interval=0s",
        "--endpoint-url=nowhere",
    ]);
    for flag in [
        "--ledger \"a--b\" must not hold two hyphens together",
        "--from \"soon\" is not a point in time",
        "--until \"tomorrow\" is not a point in time",
        "--bucket \"s3://exports\"",
        "give the bucket's name alone: exports",
        "--prefix \"../x\"",
        "--kms-key-arn is required",
        "--role-arn \"export\"",
        "--format \"CSV\"",
        "--timeout \"3 fortnights\"",
        "--poll-interval \"0s\"",
        "--endpoint-url \"nowhere\"",
    ] {
        assert!(ran.stderr.contains(flag), "{flag} is not in:\n{}", ran.stderr);
    }
    assert!(ran.stderr.contains("11 problems in the request"), "{}", ran.stderr);
}

#[test]
fn everything_missing_is_reported_together() {
    let ran = refused(&["start"]);
    for flag in ["--ledger", "--from", "--bucket", "--prefix", "--role-arn"] {
        assert!(ran.stderr.contains(&format!("{flag} is required")), "{flag} is not in:\n{}", ran.stderr);
    }
    assert!(refused(&["status"]).stderr.contains("EXPORT_ID is required"));
    assert!(refused(&["wait", "short"]).stderr.contains("must be 22 letters and digits"));
    assert!(refused(&["list", "--max-results", "101"]).stderr.contains("from 1 to 100"));
    assert!(refused(&["serve", "--listen", "here"]).stderr.contains("is not an address to listen on"));
}

#[test]
fn a_time_out_that_limits_nothing_is_refused() {
    assert!(refused(&right_and(&["--timeout", "1h"])).stderr.contains("--timeout \"1h\" has no effect without --wait"));
}

#[test]
fn flags_that_say_the_same_thing_twice_are_usage_errors() {
    refused(&right_and(&["--last", "24h"]));
    refused(&right_and(&["--s3-export-configuration", "Bucket=exports"]));
    refused(&right_and(&["--local", "--endpoint-url", "http://127.0.0.1:1"]));
}

#[test]
fn a_structure_that_cannot_be_read_is_one_fault() {
    let ran = refused(&[
        "export-journal-to-s3",
        "--name=vehicle-registration",
        "--inclusive-start-time=yesterday",
        "--role-arn=arn:aws:iam::123456789012:role/export",
        "--s3-export-configuration",
        "{\"Bucket\":",
    ]);
    assert!(ran.stderr.starts_with("error: --s3-export-configuration"), "{}", ran.stderr);
}

#[test]
fn a_dry_run_prints_the_request_and_sends_nothing() {
    let place = Place::new();
    let ran = place.run(right_and(&["--dry-run", "--format", "ION_BINARY"]));
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let (facts, request) = ran.stdout.split_once("\n\n").unwrap();
    for fact in
        ["2019-09-18T00:00:00Z", "2019-09-18T22:00:00.123Z", "s3://exports/nightly/", "not known: give --region"]
    {
        assert!(facts.contains(fact), "{fact} is not in:\n{facts}");
    }
    let (line, body) = request.split_once('\n').unwrap();
    assert_eq!(line, "POST /ledgers/vehicle-registration/journal-s3-exports");
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    let expected = serde_json::json!({
        "InclusiveStartTime": 1_568_764_800,
        "ExclusiveEndTime": 1_568_844_000.123,
        "S3ExportConfiguration": {
            "Bucket": "exports",
            "Prefix": "nightly/",
            "EncryptionConfiguration": { "ObjectEncryptionType": "SSE_S3" },
        },
        "RoleArn": "arn:aws:iam::123456789012:role/export",
        "OutputFormat": "ION_BINARY",
    });
    assert_eq!(body, expected);
}

#[test]
fn the_words_of_the_aws_cli_make_the_same_request() {
    let place = Place::new();
    let structure =
        r#"{"Bucket":"exports","Prefix":"nightly/","EncryptionConfiguration":{"ObjectEncryptionType":"SSE_S3"}}"#;
    let file = place.path().join("configuration.json");
    std::fs::write(&file, structure).unwrap();
    let ours = place.run(right_and(&["--dry-run", "--output", "json", "--format", "JSON"]));
    assert_eq!(ours.code, Some(0));
    for configuration in [
        structure,
        "Bucket=exports,Prefix=nightly/,EncryptionConfiguration={ObjectEncryptionType=SSE_S3}",
        &format!("file://{}", file.display()),
    ] {
        let theirs = place.run([
            "export-journal-to-s3",
            "--name",
            "vehicle-registration",
            "--inclusive-start-time",
            "2019-09-18T00:00:00Z",
            "--exclusive-end-time",
            "1568844000.123",
            "--s3-export-configuration",
            configuration,
            "--role-arn",
            "arn:aws:iam::123456789012:role/export",
            "--output-format",
            "JSON",
            "--dry-run",
            "--output",
            "json",
            "--no-cli-pager",
        ]);
        assert_eq!(theirs.json(), ours.json(), "{}", theirs.stderr);
    }
}

#[test]
fn encryption_defaults_to_what_the_destination_can_do() {
    let place = Place::new();
    let encryption = |more: &[&str]| {
        let ran = place.run(right_and(&[&["--dry-run", "--output", "json"], more].concat()));
        let kind = &ran.json()[0]["Body"]["S3ExportConfiguration"]["EncryptionConfiguration"]["ObjectEncryptionType"];
        kind.as_str().unwrap().to_owned()
    };
    assert_eq!(encryption(&[]), "SSE_S3");
    assert_eq!(encryption(&["--local"]), "NO_ENCRYPTION");
    assert_eq!(encryption(&["--local", "--encryption", "SSE_S3"]), "SSE_S3");
}

#[test]
fn a_missing_region_and_missing_credentials_are_reported_before_any_call() {
    let place = Place::new();
    let no_region = place.run(RIGHT);
    assert_eq!(no_region.code, Some(2));
    assert!(no_region.stderr.contains("--region"), "{}", no_region.stderr);
    let no_credentials = place.run(right_and(&["--region", "us-east-1", "--endpoint-url", "http://127.0.0.1:1"]));
    assert_eq!(no_credentials.code, Some(6));
    assert!(no_credentials.stderr.contains("AWS_ACCESS_KEY_ID"), "{}", no_credentials.stderr);
}

#[test]
fn help_and_version_go_to_stdout_and_usage_to_stderr() {
    let place = Place::new();
    let version = place.run(["--version"]);
    assert_eq!(version.stdout, format!("qldb-export {}\n", env!("CARGO_PKG_VERSION")));
    let help = place.run(["--help"]);
    assert!(help.stdout.contains("130  interrupted") && help.stdout.contains("QLDB_EXPORT_DATA_DIR"));
    let usage = place.run(["start", "--colour"]);
    assert_eq!((usage.code, usage.stdout.as_str()), (Some(2), ""));
}
