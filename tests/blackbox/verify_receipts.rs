//! `verify --receipt-check`: what a receipt says is done again, and every difference is reported.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cli_anchor::expected;
use crate::engine_support::files;
use crate::history::{archive, truth};
use crate::support::{Place, Ran};
use crate::verify_bench::{Bench, Layout, STRAND, journal};

/// An archive that can be changed, and receipts of it.
struct Desk {
    place: Place,
}

impl Desk {
    /// A copy of one of the archives.
    fn of(name: &str) -> Self {
        let desk = Self { place: Place::new() };
        let from = PathBuf::from(archive(name));
        for path in files(&from) {
            let target = desk.path("archive").join(path.strip_prefix(&from).unwrap());
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::copy(&path, target).unwrap();
        }
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// Runs `verify` in the folder of the archive.
    fn verify(&self, arguments: &[&str]) -> Ran {
        let mut command = self.place.command(["verify"].into_iter().chain(arguments.iter().copied()));
        command.current_dir(self.place.path());
        Ran::of(command)
    }

    /// Makes a receipt.
    fn receipt(&self, code: i32, arguments: &[&str]) {
        let ran = self.verify(&[arguments, &["--receipt", "receipt.json"]].concat());
        assert_eq!(ran.code, Some(code), "{}", ran.stderr);
    }

    /// Does again what the receipt says; the comparison, and how it ended.
    fn check(&self, code: i32, arguments: &[&str]) -> (Value, Ran) {
        let ran = self.verify(&[&["--receipt-check", "receipt.json", "--output", "json"], arguments].concat());
        assert_eq!(ran.code, Some(code), "{arguments:?} {}", ran.stderr);
        (ran.json().pop().unwrap(), ran)
    }

    fn edit(&self, change: impl FnOnce(&mut Value)) {
        let path = self.path("receipt.json");
        let mut receipt = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        change(&mut receipt);
        fs::write(path, receipt.to_string()).unwrap();
    }

    /// The files of the archive whose path holds this.
    fn named(&self, part: &str) -> Vec<PathBuf> {
        files(&self.path("archive")).into_iter().filter(|path| path.to_str().unwrap().contains(part)).collect()
    }
}

fn fields(comparison: &Value) -> Vec<(&str, &str, &str)> {
    let differences = comparison["differences"].as_array().unwrap().iter();
    let text = |one: &'_ Value, member: &str| one[member].as_str().unwrap().to_owned().leak() as &str;
    differences.map(|one| (text(one, "part"), text(one, "field"), text(one, "weight"))).collect()
}

#[test]
fn a_receipt_is_repeated_wherever_the_archive_is() {
    let desk = Desk::of("small/ION_BINARY");
    let digest = truth("small")["digests"].as_array().unwrap().last().unwrap().clone();
    let digest = ["--digest", digest["digest"].as_str().unwrap(), "--tip", "59"];
    desk.receipt(0, &[&["archive"], &digest[..]].concat());
    let read = files(&desk.path("archive")).len() as u64;
    fs::rename(desk.path("archive/exports"), desk.path("moved")).unwrap();
    fs::create_dir_all(desk.path("archive/exports")).unwrap();
    fs::rename(desk.path("moved"), desk.path("archive/exports/again")).unwrap();
    for place in ["archive/exports/again", "archive/exports/again/forge-ledger"] {
        let (comparison, ran) = desk.check(0, &[place]);
        assert_eq!((&comparison["same"], &comparison["sameFiles"]), (&json!(true), &json!(read)), "{comparison}");
        assert_eq!((&comparison["differences"], &comparison["notCompared"]), (&json!([]), &json!([])));
        let report = &ran.json()[0];
        assert_eq!((&report["levels"]["digest"], &report["digestGiven"]["tip"]), (&json!("proved"), &json!(59)));
        assert_eq!(report["digestGiven"]["source"], "--digest and --tip, as receipt.json says");
    }
    let reported = desk.verify(&["--receipt-check", "receipt.json", "archive/exports/again"]);
    assert!(
        reported.stdout.contains("everything is as it says") && reported.stdout.contains("the same binary"),
        "{}",
        reported.stdout
    );
    // The receipt of a repeated verification can be repeated itself.
    let again = desk.verify(&["--receipt-check", "receipt.json", "archive/exports/again", "--receipt", "again.json"]);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    fs::rename(desk.path("again.json"), desk.path("receipt.json")).unwrap();
    let (comparison, _) = desk.check(0, &[]);
    assert_eq!(comparison["same"], true, "{comparison}");
}

#[test]
fn a_changed_byte_that_proves_itself_is_a_difference_all_the_same() {
    let desk = Desk::of("small/ION_TEXT");
    desk.receipt(0, &["archive"]);
    let object = desk.named(".17-20.ion").remove(0);
    let text = fs::read_to_string(&object).unwrap();
    fs::write(&object, text + "\n").unwrap();
    assert_eq!(desk.verify(&["archive"]).code, Some(0));
    let (comparison, ran) = desk.check(10, &[]);
    assert_eq!(fields(&comparison), [("object", "bytes", "damaged"), ("object", "sha256", "damaged")]);
    assert!(ran.stderr.contains("not as receipt.json says: one of 2 differences: object exports/"), "{}", ran.stderr);
    assert!(comparison["differences"][1]["inReceipt"].is_string() && comparison["differences"][1]["found"].is_string());
    // What no longer proves itself ends as `verify` ends.
    fs::write(&object, fs::read_to_string(&object).unwrap().replacen("sequenceNo:17", "sequenceNo:16", 1)).unwrap();
    let reported = desk.verify(&["--receipt-check", "receipt.json"]);
    assert_eq!(reported.code, Some(10), "{}", reported.stderr);
    assert!(reported.stdout.contains("verdict: proved in the receipt, now damaged"), "{}", reported.stdout);
}

#[test]
fn an_export_that_is_gone_is_missing_and_one_that_was_added_is_beyond_the_receipt() {
    let desk = Desk::of("daily/ION_TEXT");
    let first = truth("daily")["exports"]["ION_TEXT"].as_array().unwrap()[0].clone();
    let keys: Vec<String> =
        first["objects"].as_array().unwrap().iter().map(|object| object["key"].as_str().unwrap().to_owned()).collect();
    let id = first["exportId"].as_str().unwrap();
    let mut paths: Vec<PathBuf> = keys.iter().map(|key| desk.path("archive").join(key)).collect();
    paths.extend(desk.named(id));
    let aside = |path: &Path| PathBuf::from(path.to_str().unwrap().replace("/archive/", "/aside/"));

    desk.receipt(0, &["archive"]);
    for path in &paths {
        fs::create_dir_all(aside(path).parent().unwrap()).unwrap();
        fs::rename(path, aside(path)).unwrap();
    }
    assert_eq!(desk.verify(&["archive"]).code, Some(0), "the rest proves itself");
    let (comparison, ran) = desk.check(11, &[]);
    let gone = comparison["differences"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["found"].is_null() && one["field"] == "key");
    assert_eq!(gone.count(), paths.len());
    assert!(fields(&comparison).contains(&("journal", "firstSequenceNo", "incomplete")), "{comparison}");
    assert!(ran.stderr.contains("incomplete: not as receipt.json says"), "{}", ran.stderr);

    // A receipt of what is left, and then everything is there again.
    desk.receipt(0, &["archive"]);
    paths.iter().for_each(|path| fs::rename(aside(path), path).unwrap());
    let (comparison, _) = desk.check(12, &[]);
    assert!(fields(&comparison).iter().all(|(.., weight)| *weight == "unproved"), "{comparison}");
    assert!(fields(&comparison).contains(&("journal", "digest", "unproved")), "{comparison}");
}

#[test]
fn a_verdict_that_was_not_proved_is_the_same_again() {
    let desk = Desk::of("small/JSON");
    desk.receipt(12, &["archive"]);
    let (comparison, ran) = desk.check(12, &[]);
    assert!(comparison["same"] == true && ran.stderr.contains("JSON has lost the types"), "{}", ran.stderr);
    desk.receipt(0, &["archive", "--level", "objects,blocks,chain"]);
    let (comparison, ran) = desk.check(0, &[]);
    assert_eq!((&comparison["same"], &ran.json()[0]["levels"]["contents"]), (&json!(true), &Value::Null));
    // A receipt that says more than there is.
    desk.edit(|receipt| receipt["report"]["levels"]["contents"] = "proved".into());
    let (comparison, _) = desk.check(12, &[]);
    assert_eq!(fields(&comparison), [("verdict", "level", "unproved")]);
}

#[test]
fn what_was_accepted_and_which_ledger_and_export_are_the_receipts() {
    let bench = Bench::new();
    bench.export(&Layout::default(), &journal(STRAND, 8, "s", false));
    let desk = Desk { place: Place::new() };
    let archive = bench.path("").to_str().unwrap().to_owned();
    desk.receipt(0, &[&archive, "--accept", "hash-only-blocks", "--ledger", "l"]);
    let (comparison, _) = desk.check(0, &[]);
    assert_eq!(comparison["same"], true);
    let refused = desk.verify(&[
        "--receipt-check",
        "receipt.json",
        "--accept",
        "hash-only-blocks",
        "--ledger",
        "l",
        "--level",
        "chain",
    ]);
    assert_eq!(refused.code, Some(2));
    for flag in ["--accept", "--ledger", "--level"] {
        assert!(refused.stderr.contains(&format!("{flag} can't be used with --receipt-check")), "{}", refused.stderr);
    }
    // A receipt of format 1 does not say it.
    desk.edit(|receipt| {
        receipt["format"] = 1.into();
        for member in ["accepted", "ledger", "export"] {
            receipt.as_object_mut().unwrap().remove(member);
        }
        receipt["tool"].as_object_mut().unwrap().remove("sha256");
    });
    let (comparison, _) = desk.check(12, &[]);
    assert_eq!(comparison["notCompared"], json!(["tool.sha256", "accepted", "ledger", "export"]));
    let (comparison, _) = desk.check(0, &["--accept", "hash-only-blocks"]);
    assert_eq!(comparison["same"], true);
}

/// As an earlier version wrote it.
#[test]
fn a_receipt_of_format_1_is_still_checked() {
    let desk = Desk::of("small/ION_TEXT");
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    fs::copy(vectors.join("receipt-of-format-1.json"), desk.path("receipt.json")).unwrap();
    let (comparison, _) = desk.check(0, &["archive"]);
    assert_eq!((&comparison["same"], &comparison["format"]), (&json!(true), &json!(1)), "{comparison}");
    assert_eq!(comparison["notCompared"], json!(["tool.sha256", "accepted", "ledger", "export"]));
    let reported = desk.verify(&["--receipt-check", "receipt.json", "archive"]);
    assert!(reported.stdout.contains("the receipt, of format 1, lacks them"), "{}", reported.stdout);
    let object = desk.named(".48-55.ion").remove(0);
    fs::remove_file(object).unwrap();
    let (comparison, _) = desk.check(11, &["archive"]);
    assert_eq!(fields(&comparison)[0], ("object", "key", "incomplete"), "{comparison}");
}

#[test]
fn saved_responses_are_checked_again_in_place() {
    let desk = Desk { place: Place::new() };
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    for (from, to) in [("awscli-get-block-100.json", "block.json"), ("awscli-get-digest-123.json", "digest.json")] {
        fs::copy(vectors.join(from), desk.path(to)).unwrap();
    }
    desk.receipt(0, &["--block", "block.json", "--digest", "digest.json"]);
    let (comparison, ran) = desk.check(0, &[]);
    assert_eq!((&comparison["same"], &comparison["sameFiles"], ran.json().len()), (&json!(true), &json!(1), 2));
    let block = fs::read_to_string(desk.path("block.json")).unwrap();
    fs::write(desk.path("block.json"), block.replace("Everett", "Seattle")).unwrap();
    let (comparison, _) = desk.check(10, &[]);
    assert_eq!(fields(&comparison), [("answer", "sha256", "damaged"), ("answer", "verdict", "unproved")]);
    let refused = desk.verify(&["--receipt-check", "receipt.json", "."]);
    assert!(refused.code == Some(2) && refused.stderr.contains("of saved answers alone"), "{}", refused.stderr);
    fs::remove_file(desk.path("block.json")).unwrap();
    assert_eq!(desk.verify(&["--receipt-check", "receipt.json"]).code, Some(2));
}

#[test]
fn a_file_that_is_not_a_receipt_is_refused() {
    let desk = Desk::of("small/ION_TEXT");
    for (text, reported) in [
        ("", "is not JSON"),
        ("{}", "is not a receipt"),
        ("[1]", "is not a receipt"),
        (r#"{"receipt":"qldb-export verify","format":99}"#, "is of format 99, and this version knows 1 to 2"),
        (r#"{"receipt":"qldb-export verify"}"#, "is of format null"),
        (
            r#"{"receipt":"qldb-export verify","format":2,"report":{},"accepted":["everything"]}"#,
            "a member accepted that no receipt has",
        ),
        (
            r#"{"receipt":"qldb-export verify","format":2,"report":{},"digestGiven":{"digest":"x","tip":1}}"#,
            "a member digestGiven that no receipt has",
        ),
        (
            r#"{"receipt":"qldb-export verify","format":2,"report":{},"levelsAskedFor":"all"}"#,
            "is not a level of verification",
        ),
    ] {
        fs::write(desk.path("receipt.json"), text).unwrap();
        let ran = desk.verify(&["--receipt-check", "receipt.json", "archive"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{text}: {}", ran.stderr);
        assert!(ran.stderr.contains(reported), "{text}: {}", ran.stderr);
    }
    assert_eq!(desk.verify(&["--receipt-check", "nowhere.json", "archive"]).code, Some(2));
}

#[test]
fn the_anchor_is_the_receipts_and_another_is_a_difference() {
    let desk = Desk::of("small/ION_BINARY");
    let truth = truth("small");
    for blocks in [21, 60] {
        fs::write(desk.path(&format!("anchor-{blocks}")), expected(&truth, blocks)).unwrap();
    }
    let digest = truth["digests"].as_array().unwrap().last().unwrap();
    let digest = ["--digest", digest["digest"].as_str().unwrap(), "--tip", "59"];
    let both = [&["archive", "--anchored", "anchor-60"], &digest[..]].concat();
    for asked in [&both[..3], &both[..]] {
        fs::write(desk.path("anchor-60"), expected(&truth, 60)).unwrap();
        desk.receipt(0, asked);
        fs::rename(desk.path("anchor-60"), desk.path("same")).unwrap();
        // The receipt has it, so that the file need not be there.
        let (comparison, ran) = desk.check(0, &[]);
        assert_eq!((&comparison["same"], &comparison["notCompared"]), (&json!(true), &json!([])), "{comparison}");
        let report = &ran.json()[0];
        assert_eq!(report["anchorGiven"]["source"], "anchor-60, as receipt.json says");
        assert_eq!((&report["levels"]["digest"], &report["anchorGiven"]["blocks"]), (&json!("proved"), &json!(60)));
        desk.check(0, &["--anchored", "same"]);
        let (comparison, ran) = desk.check(10, &["--anchored", "anchor-21"]);
        let damaged = |field| ("anchor", field, "damaged");
        assert_eq!(fields(&comparison), [damaged("blocks"), damaged("root"), damaged("digest")]);
        assert_eq!(ran.json()[0]["verdict"], "proved", "the archive hashes to both");
    }
    // Not that of the archive any more.
    let root = expected(&truth, 21).lines().nth(2).unwrap().to_owned();
    desk.edit(|receipt| receipt["report"]["anchorGiven"]["root"] = root.into());
    let (_, ran) = desk.check(10, &[]);
    assert_eq!(ran.json()[0]["levels"]["digest"], "damaged");
    desk.edit(|receipt| receipt["report"]["anchorGiven"]["root"] = "x".into());
    let refused = desk.verify(&["--receipt-check", "receipt.json"]);
    assert!(
        refused.code == Some(2) && refused.stderr.contains("a member report.anchorGiven that no receipt has"),
        "{}",
        refused.stderr
    );
    // A receipt that lacks it confirms less than it should.
    desk.edit(|receipt| drop(receipt["report"].as_object_mut().unwrap().remove("anchorGiven")));
    let (comparison, ran) = desk.check(12, &[]);
    assert_eq!(comparison["notCompared"], json!(["report.anchorGiven"]), "{comparison}");
    assert_eq!((&comparison["same"], &comparison["differences"]), (&json!(false), &json!([])));
    assert!(ran.stderr.contains("unproved: not all that receipt.json must say can be compared"), "{}", ran.stderr);
    let reported = desk.verify(&["--receipt-check", "receipt.json"]).stdout;
    assert!(!reported.contains("everything is as it says") && reported.contains("report.anchorGiven"), "{reported}");
    // Without a digest either, only the anchor itself helps.
    desk.edit(|receipt| receipt["digestGiven"] = Value::Null);
    let refused = desk.verify(&["--receipt-check", "receipt.json"]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains("--anchored") && !refused.stderr.contains("--digest"), "{}", refused.stderr);
    let (comparison, _) = desk.check(12, &["--anchored", "same"]);
    assert_eq!(comparison["notCompared"], json!(["report.anchorGiven"]), "{comparison}");
}

#[test]
fn an_anchor_that_the_receipt_does_not_have_is_beyond_it_or_idle() {
    let desk = Desk::of("small/ION_TEXT");
    let truth = truth("small");
    fs::write(desk.path("anchor"), expected(&truth, 60)).unwrap();
    let digest = truth["digests"].as_array().unwrap().last().unwrap();
    desk.receipt(0, &["archive", "--digest", digest["digest"].as_str().unwrap(), "--tip", "59"]);
    let (comparison, _) = desk.check(12, &["--anchored", "anchor"]);
    assert_eq!(fields(&comparison), [("anchor", "strandId", "unproved")]);
    desk.receipt(0, &["archive"]);
    let refused = desk.verify(&["--receipt-check", "receipt.json", "--anchored", "anchor"]);
    let rule = "--anchored can't be used with --receipt-check: the receipt does not ask for the level digest";
    assert!(refused.code == Some(2) && refused.stderr.contains(rule), "{}", refused.stderr);
}

#[test]
fn objects_that_were_not_read_are_listed_and_compared_only_by_size() {
    let desk = Desk::of("small/ION_TEXT");
    desk.receipt(0, &["archive", "--level", "objects"]);
    let receipt: Value = serde_json::from_slice(&fs::read(desk.path("receipt.json")).unwrap()).unwrap();
    let (objects, manifests) = (desk.named(".ion"), desk.named(".manifest").len());
    let listed = receipt["objects"].as_array().unwrap();
    assert_eq!(listed.len(), objects.len());
    for object in listed {
        let file = desk.path("archive").join(object["key"].as_str().unwrap());
        assert_eq!(object["bytes"], fs::metadata(file).unwrap().len());
        assert!(object["sha256"].is_null() && object["exports"][0].is_string(), "{object}");
    }
    let (comparison, _) = desk.check(0, &[]);
    assert_eq!((&comparison["same"], &comparison["sameFiles"]), (&json!(true), &json!(manifests)), "{comparison}");
    assert_eq!(comparison["notCompared"], json!(["objects.sha256"]));
    let reported = desk.verify(&["--receipt-check", "receipt.json"]).stdout;
    let counted =
        format!("{manifests} files the same, byte for byte; {} objects compared by size alone", objects.len());
    assert!(reported.contains(&counted) && !reported.contains("everything is as it says"), "{reported}");
    let text = fs::read_to_string(&objects[0]).unwrap();
    fs::write(&objects[0], text + "\n").unwrap();
    let (comparison, _) = desk.check(10, &[]);
    assert_eq!(fields(&comparison), [("object", "bytes", "damaged")]);
}

#[test]
fn members_of_another_type_are_refused_and_those_that_are_not_there_are_named() {
    let desk = Desk::of("small/ION_TEXT");
    desk.receipt(0, &["archive"]);
    let whole = fs::read(desk.path("receipt.json")).unwrap();
    for (member, value) in [
        ("levelsAskedFor", json!(5)),
        ("accepted", json!("x")),
        ("accepted", json!([1])),
        ("ledger", json!(7)),
        ("export", json!(5)),
        ("answers", json!(5)),
        ("objects", json!({})),
        ("report", json!([])),
    ] {
        desk.edit(|receipt| receipt[member] = value);
        let ran = desk.verify(&["--receipt-check", "receipt.json", "archive"]);
        let reported = format!("a member {member} that no receipt has");
        assert!(
            ran.code == Some(2) && ran.stdout.is_empty() && ran.stderr.contains(&reported),
            "{reported}: {}",
            ran.stderr
        );
        fs::write(desk.path("receipt.json"), &whole).unwrap();
    }
    desk.edit(|receipt| {
        receipt.as_object_mut().unwrap().remove("levelsAskedFor");
        receipt["report"].as_object_mut().unwrap().remove("levels");
    });
    let (comparison, _) = desk.check(12, &[]);
    assert_eq!(comparison["notCompared"], json!(["levelsAskedFor", "report.levels"]));
    // The receipt that is checked is not written over.
    fs::write(desk.path("receipt.json"), &whole).unwrap();
    let ran = desk.verify(&["--receipt-check", "receipt.json", "--receipt", "./receipt.json"]);
    assert!(ran.code == Some(2) && ran.stderr.contains("is the file that --receipt-check reads"), "{}", ran.stderr);
    assert_eq!(fs::read(desk.path("receipt.json")).unwrap(), whole);
}

/// Copies of one archive have the same keys.
#[test]
fn the_order_of_the_places_makes_no_difference() {
    let desk = Desk::of("small/ION_TEXT");
    for file in desk.named("") {
        let copy = desk.path("copy").join(file.strip_prefix(desk.path("archive")).unwrap());
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        let mut bytes = fs::read(&file).unwrap();
        bytes.push(b'\n');
        fs::write(copy, bytes).unwrap();
    }
    desk.receipt(0, &["archive", "copy"]);
    let (comparison, _) = desk.check(0, &["copy", "archive"]);
    assert_eq!((&comparison["same"], &comparison["differences"]), (&json!(true), &json!([])), "{comparison}");
    let object = desk.named(".17-20.ion").remove(0);
    let text = fs::read_to_string(&object).unwrap();
    fs::write(&object, text + "\n\n").unwrap();
    let (comparison, _) = desk.check(10, &["copy", "archive"]);
    assert_eq!(fields(&comparison), [("object", "bytes", "damaged"), ("object", "sha256", "damaged")]);
}

#[test]
fn two_flags_that_name_one_file_are_refused_before_anything_is_read() {
    let desk = Desk::of("small/ION_TEXT");
    let state = ["--resume", "./one.txt", "--report", "one.txt"];
    for flags in [["--receipt", "one", "--anchor", "./one"], ["--report", "one.txt", "--receipt", "one.txt"], state] {
        let ran = desk.verify(&[&["archive"], &flags[..]].concat());
        assert_eq!(ran.code, Some(2), "{flags:?} {}", ran.stderr);
        assert!(ran.stderr.contains("names as well: name another file"), "{}", ran.stderr);
        assert!(!desk.path("one").exists() && !desk.path("one.txt").exists() && ran.stdout.is_empty());
    }
}

#[test]
fn a_report_repeats_the_flags_given_with_a_receipt() {
    let desk = Desk::of("small/ION_TEXT");
    let digest = truth("small")["digests"].as_array().unwrap().last().unwrap().clone();
    let digest = ["--digest", digest["digest"].as_str().unwrap(), "--tip", "59"];
    desk.receipt(0, &[&["archive", "--anchor", "anchor.txt"], &digest[..]].concat());
    let ran = desk.verify(&["--receipt-check", "receipt.json", "--anchored", "anchor.txt", "--report", "report.txt"]);
    assert_eq!(ran.code, Some(12), "the receipt knows no anchor: {}", ran.stderr);
    let report = fs::read_to_string(desk.path("report.txt")).unwrap();
    let words = report.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("qldb-export verify archive --receipt-check receipt.json --anchored anchor.txt"), "{words}");
}
