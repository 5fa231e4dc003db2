//! Archives in S3 in storage classes that must be restored, that somebody else pays for, or that
//! are locked.

use std::path::PathBuf;

use axum::http::Method;
use serde_json::{Value, json};

use crate::engine_support::files;
use crate::s3_cli::in_environment_of;
use crate::s3_server::{Call, Fault, S3Server};
use crate::support::{Place, Ran};

const ARCHIVE: &str = "s3://exports/cold/";

/// An archive in S3, and its reader.
pub(crate) struct Cold {
    pub(crate) place: Place,
    pub(crate) server: S3Server,
    /// The paths of its objects, the data objects last.
    pub(crate) paths: Vec<String>,
}

impl Cold {
    pub(crate) fn new() -> Self {
        let (place, server) = (Place::new(), S3Server::new("exports"));
        let made = Ran::of(place.command(["ledger", "sample", "cars", "--transactions", "20"]));
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        let start = ["start", "--local", "--object-store", "s3", "--wait", "--ledger", "cars", "--last", "365d"];
        let more = ["--bucket", "exports", "--prefix", "cold/", "--role-arn", "arn:aws:iam::123456789012:role/export"];
        let cold = Self { place, server, paths: Vec::new() };
        let started = cold.run(&[&start[..], &more[..]].concat());
        assert_eq!(started.code, Some(0), "{}", started.stderr);
        let root = cold.server.bucket("exports");
        let path = |file: &PathBuf| format!("/exports/{}", file.strip_prefix(&root).unwrap().to_str().unwrap());
        let mut paths: Vec<String> = files(&root.join("cold")).iter().map(path).collect();
        paths.sort_by_key(|path| !path.contains(".manifest"));
        assert_eq!(paths.len(), 3, "{paths:?}");
        Self { paths, ..cold }
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(in_environment_of(&self.server, self.place.command(arguments.iter().copied())))
    }

    fn verify(&self, more: &[&str]) -> Ran {
        self.run(&[&["verify", ARCHIVE], more].concat())
    }

    fn data(&self) -> &str {
        self.paths.last().unwrap()
    }

    fn freeze_all(&self, class: &str) {
        self.paths.iter().for_each(|path| self.server.frozen().freeze(path, class, None));
    }

    /// The calls after the first ones, as many as given.
    fn calls_from(&self, count: usize) -> Vec<Call> {
        self.server.calls().into_iter().skip(count).collect()
    }
}

fn count_of(calls: &[Call], is_one: impl Fn(&Call) -> bool) -> usize {
    calls.iter().filter(|call| is_one(call)).count()
}

fn is_restore(call: &Call) -> bool {
    call.method == Method::POST && call.query.contains("restore")
}

#[test]
fn all_objects_that_must_be_restored_are_named_before_any_is_read() {
    let cold = Cold::new();
    cold.freeze_all("GLACIER");
    cold.server.frozen().freeze(cold.data(), "DEEP_ARCHIVE", None);
    let before = cold.server.calls().len();
    let ran = cold.verify(&["--output", "json"]);
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    let is_read = |call: &Call| call.method == Method::GET && !call.query.contains("list-type");
    assert_eq!(count_of(&cold.calls_from(before), is_read), 0);
    let archived = &ran.json()[0]["archived"];
    assert_eq!((&archived["count"], &archived["asked"]), (&json!(3), &Value::Null));
    let objects = archived["objects"].as_array().unwrap();
    let bytes: u64 = objects.iter().map(|object| object["bytes"].as_u64().unwrap()).sum();
    assert_eq!(archived["bytes"], bytes);
    let keys: Vec<String> =
        objects.iter().map(|object| format!("/exports/{}", object["key"].as_str().unwrap())).collect();
    assert!(cold.paths.iter().all(|path| keys.contains(path)), "{keys:?}");
    for text in [
        "3 objects of ",
        "1 in DEEP_ARCHIVE, 2 in GLACIER; nothing was read",
        "qldb-export verify s3://exports/cold/ --output json --restore 7 --tier Bulk --wait",
        "aws s3api restore-object --bucket exports --key cold/",
    ] {
        assert!(ran.stderr.contains(text), "{text}: {}", ran.stderr);
    }
    for command in [
        &["history", ARCHIVE, "--document", "x"][..],
        &["convert", ARCHIVE, "--to", "cars.db"],
        &["prove", ARCHIVE, "--block", "1", "--out", "proof"],
        &["ledger", "import", "again", ARCHIVE],
    ] {
        let ran = cold.run(command);
        assert_eq!(ran.code, Some(4), "{command:?} {}", ran.stderr);
        assert!(ran.stderr.contains("must be restored"), "{}", ran.stderr);
    }
}

#[test]
fn only_what_is_needed_must_be_restored() {
    let cold = Cold::new();
    // It can't be part of an export.
    std::fs::write(cold.server.bucket("exports").join("cold/notes.txt"), "x").unwrap();
    cold.server.frozen().freeze("/exports/cold/notes.txt", "GLACIER", None);
    assert_eq!(cold.verify(&[]).code, Some(0));
    // Copies are readable, and other classes always were.
    cold.server.frozen().freeze(cold.data(), "GLACIER_IR", None);
    let manifests = cold.verify(&["--level", "objects"]);
    assert_eq!(manifests.code, Some(0), "{}", manifests.stderr);
    cold.server.frozen().freeze(cold.data(), "GLACIER", None);
    assert_eq!(cold.verify(&["--level", "objects"]).code, Some(0));
    assert_eq!(cold.verify(&[]).code, Some(4));
}

#[test]
fn a_tier_that_only_head_reports_is_found() {
    let cold = Cold::new();
    cold.paths.iter().for_each(|path| cold.server.frozen().freeze(path, "INTELLIGENT_TIERING", None));
    cold.server.frozen().freeze(cold.data(), "INTELLIGENT_TIERING", Some("DEEP_ARCHIVE_ACCESS"));
    let ran = cold.verify(&["--output", "json"]);
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    let archived = &ran.json()[0]["archived"];
    assert_eq!(
        (&archived["count"], &archived["objects"][0]["archiveStatus"]),
        (&json!(1), &json!("DEEP_ARCHIVE_ACCESS"))
    );
    // S3 refuses a number of days.
    assert!(!archived["objects"][0]["restoreCommand"].as_str().unwrap().contains("Days"));
    cold.server.frozen().take_listings(1);
    let restored = cold.verify(&["--restore", "2", "--wait", "--poll-interval", "1s"]);
    assert_eq!(restored.code, Some(0), "{}", restored.stderr);
}

#[test]
fn each_restore_is_requested_once_and_waited_for() {
    let cold = Cold::new();
    cold.freeze_all("GLACIER");
    cold.server.frozen().take_listings(3);
    let before = cold.server.calls().len();
    let asked = cold.verify(&["--restore", "2", "--tier", "Bulk"]);
    assert_eq!(asked.code, Some(4), "{}", asked.stderr);
    assert!(asked.stderr.contains("asked S3 to restore 3 objects for 2 days, tier Bulk\n"), "{}", asked.stderr);
    assert!(asked.stderr.contains("are being restored; nothing was read"), "{}", asked.stderr);
    assert_eq!(count_of(&cold.calls_from(before), is_restore), 3);
    // One listing closer to the end; each is being restored already, and is not requested again.
    let again = cold.verify(&["--restore", "2", "--wait", "--poll-interval", "1s"]);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert!(
        again.stderr.contains("restore 0 objects for 2 days, tier Standard; 3 were being restored already"),
        "{}",
        again.stderr
    );
    assert!(again.stderr.contains("3 objects can be read now"), "{}", again.stderr);
    assert!(again.stdout.contains("Verdict: proved"), "{}", again.stdout);
    assert_eq!(count_of(&cold.calls_from(before), is_restore), 3);
    assert_eq!(cold.verify(&[]).code, Some(0));
}

#[test]
fn a_wait_ends_when_its_time_is_up_and_bears_what_passes() {
    let cold = Cold::new();
    cold.freeze_all("GLACIER");
    cold.server.frozen().take_listings(1_000_000);
    assert_eq!(cold.verify(&["--restore", "2"]).code, Some(4));
    let over = cold.verify(&["--wait", "--timeout", "1s", "--poll-interval", "1s"]);
    assert_eq!(over.code, Some(8), "{}", over.stderr);
    assert!(over.stderr.contains("timed out after 1s; S3 keeps restoring"), "{}", over.stderr);
    // Another caller was faster.
    cold.server.frozen().freeze(cold.data(), "GLACIER", None);
    cold.server.plan(|call| is_restore(call).then_some(Fault::Answer(409, "RestoreAlreadyInProgress")));
    let raced = cold.verify(&["--restore", "2"]);
    assert_eq!(raced.code, Some(4), "{}", raced.stderr);
    assert!(raced.stderr.contains("3 were being restored already"), "{}", raced.stderr);
    cold.server.plan(|call| is_restore(call).then_some(Fault::Answer(403, "AccessDenied")));
    let denied = cold.verify(&["--restore", "2"]);
    assert_eq!(denied.code, Some(6), "{}", denied.stderr);
}

#[test]
fn impossible_requests_to_s3_are_refused_before_any_call() {
    let cold = Cold::new();
    cold.freeze_all("DEEP_ARCHIVE");
    let before = cold.server.calls().len();
    let ran = cold.verify(&["--restore", "2", "--tier", "Expedited"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("can't be used for DEEP_ARCHIVE, where 3 objects of the archive are"),
        "{}",
        ran.stderr
    );
    assert_eq!(count_of(&cold.calls_from(before), is_restore), 0);
    for (arguments, rule) in [
        (&[ARCHIVE, "--restore", "0"][..], "is not a number of days"),
        (&[ARCHIVE, "--tier", "Bulk"], "has no effect without --restore"),
        (&[ARCHIVE, "--timeout", "1s"], "has no effect without --wait"),
        (&["folder", "--restore", "2"], "is for archives in S3"),
        (&[ARCHIVE, "--expected-bucket-owner", "12345678901x"], "has 12 digits"),
    ] {
        let ran = cold.run(&[&["verify"], arguments].concat());
        assert_eq!(ran.code, Some(2), "{arguments:?} {}", ran.stderr);
        assert!(ran.stderr.contains(rule), "{}", ran.stderr);
    }
}

/// A command that reads only manifests meets such an object itself.
#[test]
fn an_object_that_is_met_unrestored_ends_with_what_to_do() {
    let cold = Cold::new();
    cold.freeze_all("GLACIER");
    let ran = cold.run(&["list", "--keys", ARCHIVE]);
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    assert!(ran.stderr.contains("must be restored first") && ran.stderr.contains("--restore DAYS"), "{}", ran.stderr);
}

#[test]
fn every_call_states_who_pays_and_the_expected_bucket_owner() {
    let cold = Cold::new();
    let flags = ["--request-payer", "requester", "--expected-bucket-owner", "123456789012"];
    let says = |call: &Call| {
        let header = |name: &str| call.headers.get(name).map(|value| value.to_str().unwrap());
        header("x-amz-request-payer") == Some("requester")
            && header("x-amz-expected-bucket-owner") == Some("123456789012")
            // A copy names the owner of its source as well.
            && (!call.copies() || header("x-amz-source-expected-bucket-owner") == Some("123456789012"))
    };
    let before = cold.server.calls().len();
    let verified = cold.verify(&flags);
    assert_eq!(verified.code, Some(0), "{}", verified.stderr);
    cold.freeze_all("GLACIER");
    let restored = cold.verify(&[&["--restore", "1", "--wait", "--poll-interval", "1s"], &flags[..]].concat());
    assert_eq!(restored.code, Some(0), "{}", restored.stderr);
    let import = ["ledger", "import", "cars", ARCHIVE, "--in-place"];
    let other = Place::new();
    let run = |arguments: &[&str]| {
        let all: Vec<&str> = arguments.iter().copied().chain(flags).collect();
        Ran::of(in_environment_of(&cold.server, other.command(all)))
    };
    assert_eq!(run(&import).code, Some(0));
    let start = ["start", "--local", "--object-store", "s3", "--wait", "--ledger", "cars", "--last", "365d"];
    let more = ["--bucket", "exports", "--prefix", "copy/", "--role-arn", "arn:aws:iam::123456789012:role/export"];
    let started = run(&[&start[..], &more[..]].concat());
    assert_eq!(started.code, Some(0), "{}", started.stderr);
    let calls = cold.calls_from(before);
    assert!(calls.iter().any(Call::copies) && calls.iter().any(is_restore));
    let silent: Vec<&Call> = calls.iter().filter(|call| !says(call)).collect();
    assert!(silent.is_empty(), "{silent:#?}");
    // Without the flags, nothing is sent, and the value may be omitted.
    let before = cold.server.calls().len();
    assert_eq!(cold.verify(&[]).code, Some(0));
    assert_eq!(cold.verify(&["--request-payer"]).code, Some(0));
    let payers: Vec<bool> =
        cold.calls_from(before).iter().map(|call| call.headers.contains_key("x-amz-request-payer")).collect();
    assert!(payers.first() == Some(&false) && payers.last() == Some(&true), "{payers:?}");
}

#[test]
fn a_bucket_of_another_owner_is_refused_with_that_reason() {
    let cold = Cold::new();
    cold.server.plan(|_| Some(Fault::Answer(403, "AccessDenied")));
    let ran = cold.verify(&["--expected-bucket-owner", "123456789012"]);
    assert_eq!(ran.code, Some(6), "{}", ran.stderr);
    assert!(ran.stderr.contains("does not belong to the account in --expected-bucket-owner"), "{}", ran.stderr);
}

#[test]
fn locks_are_shown_if_s3_reports_them_with_the_bytes() {
    let cold = Cold::new();
    let without = cold.verify(&["--output", "json"]);
    assert_eq!(without.json()[0]["objectLock"], Value::Null);
    let before = cold.server.calls().len();
    assert_eq!(cold.verify(&[]).code, Some(0));
    let usual = cold.calls_from(before).len();
    cold.server.frozen().lock(cold.data(), "COMPLIANCE", "2040-01-02T03:04:05.000Z");
    let before = cold.server.calls().len();
    let report = cold.place.path().join("report.txt");
    let receipt = cold.place.path().join("receipt.json");
    let [report, receipt] = [report.to_str().unwrap(), receipt.to_str().unwrap()];
    let ran = cold.verify(&["--report", report, "--receipt", receipt]);
    assert_eq!(cold.calls_from(before).len(), usual);
    let words = "1 of 1 object locked (COMPLIANCE), until 2040-01-02T03:04:05Z at least";
    assert!(ran.stdout.contains(words), "{}", ran.stdout);
    let report: Vec<String> = std::fs::read_to_string(report).unwrap().split_whitespace().map(str::to_owned).collect();
    assert!(report.join(" ").contains(words));
    let receipt: Value = serde_json::from_slice(&std::fs::read(receipt).unwrap()).unwrap();
    assert_eq!(receipt["objects"][0]["lock"], json!({ "mode": "COMPLIANCE", "until": "2040-01-02T03:04:05+00:00" }));
    assert_eq!(receipt["objects"][0]["versionId"], "version-1");
    let locks = &receipt["report"]["objectLock"];
    assert_eq!((&locks["locked"], &locks["objects"], &locks["modes"]), (&json!(1), &json!(1), &json!(["COMPLIANCE"])));
}
