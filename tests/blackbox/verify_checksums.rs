//! `verify --checksums`: a receipt compared with what S3 Batch Operations reports about the objects
//! at rest; and the manifest for that job.

use std::fmt::Write as _;
use std::path::PathBuf;

use base64::Engine as _;
use serde_json::{Value, json};

use crate::s3_archived::Cold;
use crate::support::Ran;

/// A receipt of an archive in S3, and the reports of the job.
struct Checked {
    cold: Cold,
}

impl Checked {
    fn new() -> Self {
        let checked = Self { cold: Cold::new() };
        let made = checked.cold.run(&["verify", "s3://exports/cold/", "--receipt", &checked.name("receipt.json")]);
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        checked
    }

    fn path(&self, name: &str) -> PathBuf {
        self.cold.place.path().join(name)
    }

    fn name(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn receipt(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.path("receipt.json")).unwrap()).unwrap()
    }

    /// The manifest of the job, line by line.
    fn manifest(&self) -> Vec<String> {
        let printed = self.cold.run(&["verify", "--print-batch-manifest", &self.name("receipt.json")]);
        assert_eq!(printed.code, Some(0), "{}", printed.stderr);
        printed.stdout.lines().map(str::to_owned).collect()
    }

    /// What the job reports about a line of its manifest, as in AWS's examples.
    fn row(&self, line: &str, kind: &str, hash: Option<&str>) -> String {
        let mut fields = line.split(',');
        let (bucket, key) = (fields.next().unwrap(), fields.next().unwrap());
        let receipt = self.receipt();
        let files = ["manifests", "objects"].iter().flat_map(|list| receipt[list].as_array().unwrap());
        let mut hashes = files.filter(|file| key.ends_with(file["key"].as_str().unwrap()));
        let known = hashes.next().map(|file| file["sha256"].as_str().unwrap().to_owned());
        let hash = hash.map(str::to_owned).or(known).unwrap();
        let bytes: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&hash[2 * at..2 * at + 2], 16).unwrap()).collect();
        let base64 = base64::engine::general_purpose::STANDARD.encode(bytes).replace('=', "\\u003d");
        let said = format!(
            "{{\"checksum_base64\":\"{base64}\",\"etag\":\"e\",\"checksumAlgorithm\":\"SHA256\",\
             \"checksumType\":\"{kind}\",\"checksum_hex\":\"{}\"}}",
            hash.to_uppercase()
        );
        let version = fields.next().unwrap_or_default();
        format!("{bucket},{key},{version},succeeded,200,,\"{}\"\n", said.replace('"', "\"\""))
    }

    fn rows(&self) -> Vec<String> {
        self.manifest().iter().map(|line| self.row(line, "FULL_OBJECT", None)).collect()
    }

    /// Compares the receipt with reports with these rows.
    fn check(&self, reports: &[String], code: i32) -> (Value, Ran) {
        let mut arguments: Vec<String> =
            ["verify", "--output", "json", "--receipt-check"].iter().map(|word| (*word).to_owned()).collect();
        arguments.extend([self.name("receipt.json"), "--checksums".to_owned()]);
        for (number, rows) in reports.iter().enumerate() {
            let name = self.name(&format!("report-{number}.csv"));
            std::fs::write(&name, rows).unwrap();
            arguments.push(name);
        }
        let before = self.cold.server.calls().len();
        let ran = self.cold.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(ran.code, Some(code), "{}", ran.stderr);
        assert_eq!(self.cold.server.calls().len(), before, "nothing is asked of S3");
        (ran.json().pop().unwrap_or_default(), ran)
    }
}

fn found(checked: &Value) -> Vec<(String, String)> {
    let differences = checked["differences"].as_array().unwrap().iter();
    let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    differences.map(|one| (text(one, "what"), text(one, "weight"))).collect()
}

fn one(what: &str, weight: &str) -> Vec<(String, String)> {
    vec![(what.to_owned(), weight.to_owned())]
}

#[test]
fn a_receipt_compared_with_s3_s_checksums_is_never_called_proved() {
    let checked = Checked::new();
    let rows = checked.rows();
    assert_eq!(rows.len(), 3);
    let (result, _) = checked.check(&[rows.concat()], 0);
    assert_eq!((&result["holds"], &result["sameFiles"], &result["rows"]), (&json!(true), &json!(3), &json!(3)));
    assert_eq!(result["receiptVerdict"], "proved");
    assert!(result.get("verdict").is_none() && result["basis"].as_str().unwrap().contains("nothing was read"));
    // A job writes several reports, and may be run twice.
    checked.check(&[rows[..1].concat(), rows.concat()], 0);
    let arguments = ["verify", "--receipt-check", &checked.name("receipt.json"), "--checksums"];
    let text = checked.cold.run(&[&arguments[..], &[&checked.name("report-1.csv")]].concat());
    assert!(
        text.stdout.contains("the receipt's verdict holds for the same bytes, on S3's word: proved"),
        "{}",
        text.stdout
    );
    assert!(text.stdout.contains("its word stands in for reading"), "{}", text.stdout);
}

#[test]
fn every_checksum_that_s3_reports_differently_or_not_at_all_is_named() {
    let checked = Checked::new();
    let (rows, manifest) = (checked.rows(), checked.manifest());
    let rest = rows[1..].concat();
    let with = |row: &str| vec![format!("{row}{rest}")];
    assert_eq!(found(&checked.check(std::slice::from_ref(&rest), 11).0), one("missing", "incomplete"));
    let other = checked.row(&manifest[0], "FULL_OBJECT", Some(&"ab".repeat(32)));
    assert_eq!(found(&checked.check(&with(&other), 10).0), one("sha256", "damaged"));
    let composite = checked.row(&manifest[0], "COMPOSITE", None);
    assert_eq!(found(&checked.check(&with(&composite), 12).0), one("noSha256", "unproved"));
    let crc = rows[0].replace("SHA256", "CRC32");
    assert_eq!(found(&checked.check(&with(&crc), 12).0), one("noSha256", "unproved"));
    // As quoted in AWS's own example.
    let failed = format!(
        "{},,failed,200,PermanentFailure,\"error details: {{\"\"failureMessage\"\":\"Task 1 Key not found\", \
         \"\"errorCode\"\": \"404\"}}\"\n",
        manifest[0]
    );
    let (result, ran) = checked.check(&with(&failed), 12);
    assert_eq!(found(&result), one("noSha256", "unproved"));
    assert!(ran.stderr.contains("PermanentFailure") && ran.stderr.contains("Key not found"), "{}", ran.stderr);
    // Of a failed task and a successful one, or of two kinds of checksums, neither hides the other.
    for beside in [failed, composite, rows[0].replace(",200,", ",404,")] {
        let (result, _) = checked.check(&[beside, rows.concat()], 12);
        assert_eq!(found(&result), one("noSha256", "unproved"));
    }
    // One of two versions is the receipt's; the report does not say which of them is the current one.
    let version = other.replace(",,succeeded", ",v2,succeeded");
    let (result, _) = checked.check(&[version, rows.concat()], 12);
    assert_eq!((found(&result), &result["sameFiles"]), (one("otherVersion", "unproved"), &json!(3)));
    // Files beside the archive, and files in it that can't be part of one, do not belong to it.
    let object = rows.iter().find(|row| row.contains(".ion")).unwrap();
    let beside = [object.replace("cold/", "warm/"), object.replace(".ion,", ".txt,")].concat();
    let (result, _) = checked.check(&[beside, rows.concat()], 0);
    assert_eq!(result["rowsElsewhere"], 2);
    let more = object.replace("/cold/", "/x/").replace("cold/", "cold/0/");
    assert_eq!(found(&checked.check(&[more, rows.concat()], 12).0), one("extra", "unproved"));
}

#[test]
fn a_receipt_without_objects_does_not_hold() {
    let checked = Checked::new();
    let rows = checked.rows().concat();
    let mut receipt = checked.receipt();
    receipt["objects"] = json!([]);
    std::fs::write(checked.path("receipt.json"), receipt.to_string()).unwrap();
    let (result, ran) = checked.check(&[rows], 12);
    assert_eq!(result["holds"], false);
    assert!(ran.stderr.contains("not") && !ran.stderr.contains("panicked"), "{}", ran.stderr);
}

#[test]
fn the_verdict_of_the_receipt_is_that_of_the_check() {
    let checked = Checked::new();
    let rows = checked.rows().concat();
    let mut receipt = checked.receipt();
    receipt["report"]["verdict"] = json!("unproved");
    std::fs::write(checked.path("receipt.json"), receipt.to_string()).unwrap();
    let (result, _) = checked.check(&[rows], 12);
    assert_eq!((&result["holds"], &result["receiptVerdict"]), (&json!(true), &json!("unproved")));
}

#[test]
fn a_receipt_of_a_copy_is_held_against_the_place_that_is_named() {
    let checked = Checked::new();
    let rows = checked.rows().concat();
    let folder = checked.cold.server.bucket("exports").join("cold");
    let made = checked.cold.run(&["verify", folder.to_str().unwrap(), "--receipt", &checked.name("receipt.json")]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let (_, ran) = checked.check(std::slice::from_ref(&rows), 2);
    assert!(
        ran.stderr.contains("was made of the folder") && ran.stderr.contains("s3://BUCKET/PREFIX"),
        "{}",
        ran.stderr
    );
    let report = checked.name("report-0.csv");
    let receipt = checked.name("receipt.json");
    let checks = ["verify", "--receipt-check", &receipt, "s3://exports/cold/", "--checksums", &report];
    let ran = checked.cold.run(&checks);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let printed = checked.cold.run(&["verify", "--print-batch-manifest", &receipt, "s3://exports/cold/"]);
    assert!(printed.stdout.lines().all(|line| line.starts_with("exports,cold/")), "{}", printed.stdout);
}

#[test]
fn files_that_are_not_reports_and_conflicting_flags_are_refused() {
    let checked = Checked::new();
    let (_, ran) = checked.check(&["{\"Format\":\"Report_CSV_20180820\"}\n".to_owned()], 2);
    assert!(ran.stderr.contains("line 1 is not a row"), "{}", ran.stderr);
    let (_, ran) = checked.check(&[String::new()], 2);
    assert!(ran.stderr.contains("has no rows"), "{}", ran.stderr);
    let report = checked.name("report-0.csv");
    let receipt = checked.name("receipt.json");
    for (arguments, rule) in [
        (&["--checksums", &report][..], "--receipt-check is required"),
        (
            &["--receipt-check", &receipt, "--level", "blocks", "--checksums", &report],
            "--level can't be used with --checksums",
        ),
        (&["--print-batch-manifest", &receipt, "--wait"], "can't be used with --print-batch-manifest"),
        (&["--print-batch-manifest", &report], "is not JSON"),
    ] {
        let ran = checked.cold.run(&[&["verify"], arguments].concat());
        assert_eq!(ran.code, Some(2), "{arguments:?} {}", ran.stderr);
        assert!(ran.stderr.contains(rule), "{}", ran.stderr);
    }
}

#[test]
fn versions_are_printed_if_the_receipt_has_all_of_them() {
    let checked = Checked::new();
    assert!(checked.manifest().iter().all(|line| line.split(',').count() == 2));
    checked
        .cold
        .paths
        .iter()
        .for_each(|path| checked.cold.server.frozen().lock(path, "GOVERNANCE", "2040-01-01T00:00:00.000Z"));
    let made = checked.cold.run(&["verify", "s3://exports/cold/", "--receipt", &checked.name("receipt.json")]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    assert!(checked.manifest().iter().all(|line| line.ends_with(",version-1")));
    let mut rows = String::new();
    checked.rows().iter().for_each(|row| write!(rows, "{row}").unwrap());
    checked.check(&[rows], 0);
}

impl Checked {
    /// Writes the receipt with a change.
    fn edit(&self, edit: impl FnOnce(&mut Value)) {
        let mut receipt = self.receipt();
        edit(&mut receipt);
        std::fs::write(self.path("receipt.json"), receipt.to_string()).unwrap();
    }
}

#[test]
fn the_worst_of_report_answers_and_differences_counts() {
    let checked = Checked::new();
    let rows = checked.rows();
    let made = checked.receipt();
    let extra = rows.iter().find(|row| row.contains(".ion")).unwrap().replace("cold/", "cold/0/");
    for (verdict, code) in [("proved", 0), ("unproved", 12), ("incomplete", 11), ("damaged", 10)] {
        let answer = json!([{ "file": "x", "report": { "answer": "block", "verdict": verdict } }]);
        checked.edit(|receipt| receipt["answers"] = answer);
        checked.check(&[rows.concat()], code);
        checked.edit(|receipt| *receipt = made.clone());
        checked.edit(|receipt| receipt["report"]["verdict"] = json!(verdict));
        let (result, _) = checked.check(&[rows.concat(), extra.clone()], if code == 0 { 12 } else { code });
        assert_eq!(result["receiptLevels"]["chain"], "proved");
        checked.edit(|receipt| *receipt = made.clone());
    }
}

#[test]
fn extra_objects_are_seen_in_a_bucket_that_is_named_without_a_slash() {
    let checked = Checked::new();
    for place in ["s3://exports", "s3://exports/"] {
        let made = checked.cold.run(&["verify", place, "--receipt", &checked.name("receipt.json")]);
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        let rows = checked.rows();
        let extra = rows.iter().find(|row| row.contains(".ion")).unwrap().replace("cold/", "other/");
        let (result, _) = checked.check(&[rows.concat(), extra], 12);
        assert_eq!(found(&result), one("extra", "unproved"), "{place}");
    }
}

#[test]
fn extra_objects_that_would_be_taken_for_data_count_under_any_name() {
    let checked = Checked::new();
    let made = checked.cold.run(&["verify", "s3://exports/", "--receipt", &checked.name("receipt.json")]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let rows = checked.rows();
    let row = rows.iter().find(|row| row.contains(".ion")).unwrap();
    for end in [".ion.gz", ".ION", "%20(1).ion", "-copy.ion"] {
        let extra = row.replacen(".ion", end, 1);
        let (result, _) = checked.check(&[rows.concat(), extra], 12);
        assert_eq!(found(&result), one("extra", "unproved"), "{end}");
    }
}

#[test]
fn receipts_that_no_verification_wrote_are_refused() {
    let checked = Checked::new();
    let rows = checked.rows().concat();
    let made = checked.receipt();
    let receipt = checked.name("receipt.json");
    let edits: [(&str, Value); 9] = [
        ("/manifests", json!("x")),
        ("/objects", json!({})),
        ("/objects/0/key", json!(5)),
        ("/objects/0/key", json!("")),
        ("/objects/0/path", json!("x")),
        ("/objects/0/versionId", json!("v\nexports,other")),
        ("/objects/0/versionId", json!(5)),
        ("/report/levels/chain", json!("damaged")),
        ("/report/verdict", json!("fine")),
    ];
    let none = |receipt: &mut Value| {
        receipt["objects"] = json!([]);
        receipt["report"]["objects"] = json!(0);
    };
    let refused = |what: &str| {
        checked.check(std::slice::from_ref(&rows), 2);
        let printed = checked.cold.run(&["verify", "--print-batch-manifest", &receipt]);
        assert_eq!((printed.code, printed.stdout.as_str()), (Some(2), ""), "{what} {}", printed.stderr);
    };
    for (member, value) in edits {
        checked.edit(|receipt| *receipt.pointer_mut(member).unwrap() = value);
        refused(member);
        checked.edit(|receipt| *receipt = made.clone());
    }
    checked.edit(none);
    refused("no objects");
    checked.edit(|receipt| *receipt = made.clone());
    let printed = checked.cold.run(&["verify", "--output", "json", "--print-batch-manifest", &receipt]);
    assert_eq!((printed.code, printed.stdout.as_str()), (Some(2), ""), "{}", printed.stderr);
    let idle = checked.cold.run(&["verify", "--print-batch-manifest", &receipt, "--tier", "Bulk"]);
    assert!(idle.stderr.contains("--tier") && !idle.stderr.contains("--restore"), "{}", idle.stderr);
}

#[test]
fn the_version_that_was_read_is_the_one_that_counts() {
    let checked = Checked::new();
    let manifest = checked.manifest();
    let of = |version: &str, hash: Option<&str>| -> String {
        manifest.iter().map(|line| checked.row(&format!("{line},{version}"), "FULL_OBJECT", hash)).collect()
    };
    checked.edit(|receipt| {
        for list in ["manifests", "objects"] {
            receipt[list].as_array_mut().unwrap().iter_mut().for_each(|file| file["versionId"] = json!("v1"));
        }
    });
    let says_versions = |rows: String, code: i32| {
        checked.check(&[rows], code);
        let (receipt, report) = (checked.name("receipt.json"), checked.name("report-0.csv"));
        let text = checked.cold.run(&["verify", "--receipt-check", &receipt, "--checksums", &report]);
        text.stdout.contains("those that were read for the receipt")
    };
    assert!(says_versions(of("v1", None), 0));
    assert!(!says_versions(of("v2", None), 0));
    assert!(!says_versions(of("v1", Some(&"00".repeat(32))) + &of("v0", None), 10));
}
