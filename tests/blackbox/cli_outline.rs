//! Blocks over time, and documents and revisions by table: in `ledger describe` and in `verify`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;

use crate::engine_support::files;
use crate::support::{Place, Ran};

const ROLE: &str = "arn:aws:iam::123456789012:role/export";

/// Appends documents, and returns the ids that were printed.
fn append(place: &Place, more: &[&str], documents: &str) -> Vec<String> {
    let mut command =
        place.command(["ledger", "append", "demo", "--table", "Players"].into_iter().chain(more.to_vec()));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(documents.as_bytes()).unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    ran.stdout.lines().map(str::to_owned).collect()
}

/// A ledger with a known history: three players, one updated twice, one deleted.
fn known() -> Place {
    let place = Place::new();
    let ran = place.run(["ledger", "sample", "demo", "--transactions", "40", "--days", "3"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let ids = append(&place, &[], "{n:1}\n{n:2}\n{n:3}\n");
    let [updated, deleted] = [&ids[0], &ids[2]];
    let change = |id: &str, rest: &str| format!("{{metadata:{{id:\"{id}\"}}{rest}}}\n");
    append(&place, &["--committed"], &change(updated, ",data:{n:10}"));
    append(&place, &["--committed"], &change(updated, ",data:{n:11}"));
    append(&place, &["--committed"], &change(deleted, ""));
    place
}

fn export(place: &Place, prefix: &str, more: &[&str]) {
    let start = ["start", "--local", "--ledger", "demo", "--bucket", "exports", "--role-arn", ROLE, "--wait"];
    let ran = place.run(start.into_iter().chain(["--prefix", prefix]).chain(more.iter().copied()));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

fn bucket(place: &Place, prefix: &str) -> PathBuf {
    place.path().join("buckets/exports").join(prefix)
}

fn verify(place: &Place, folder: &Path, more: &[&str]) -> Value {
    let ran = place.run(["verify", folder.to_str().unwrap(), "--output", "json"].into_iter().chain(more.to_vec()));
    ran.json().remove(0)
}

fn counted(timeline: &Value) -> u64 {
    timeline["counts"].as_array().unwrap().iter().map(|count| count.as_u64().unwrap()).sum()
}

#[test]
fn a_described_ledger_has_its_documents_and_revisions_by_table_and_its_blocks_over_time() {
    let place = known();
    let journal = place.run(["ledger", "describe", "demo", "--output", "json"]).json()[0]["Journal"].clone();
    let tables = journal["TableCounts"].as_array().unwrap();
    let players = tables.iter().find(|table| table["Name"] == "Players").unwrap();
    let counts = ["Documents", "Inserted", "Revisions", "Deleted", "Redacted"].map(|count| players[count].as_u64());
    assert_eq!(counts, [Some(2), Some(3), Some(6), Some(1), Some(0)]);
    let over_time = &journal["BlocksOverTime"]["Counts"];
    let sum: u64 = over_time.as_array().unwrap().iter().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(Some(sum), journal["Blocks"].as_u64());
    let text = place.run(["ledger", "describe", "demo"]).stdout;
    assert!(text.contains("\nTABLE                DOCUMENTS  REVISIONS  DELETED  REDACTED\n"), "{text}");
    assert!(text.contains("\nPlayers                      2          6        1         0\n"), "{text}");
}

#[test]
fn bars_are_ascii_unless_the_locale_names_utf_8() {
    let place = known();
    let bars = |locale: &[(&str, &str)]| {
        let mut command = place.command(["ledger", "describe", "demo"]);
        command.env_remove("LC_ALL").env_remove("LC_CTYPE").env_remove("LANG").envs(locale.iter().copied());
        let text = Ran::of(command).stdout;
        text.lines().skip_while(|line| !line.starts_with("Blocks over time")).nth(1).unwrap().to_owned()
    };
    assert!(bars(&[("LANG", "en_US.UTF-8")]).contains('█'));
    assert!(bars(&[("LC_CTYPE", "C.utf8"), ("LANG", "C")]).contains('█'));
    assert!(bars(&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")]).is_ascii());
    assert!(bars(&[]).is_ascii());
}

#[test]
fn a_journal_that_cannot_be_read_through_is_described_without_counts_and_is_a_failure() {
    let place = known();
    let segment = crate::engine_support::segments(place.path()).pop().unwrap();
    let whole = std::fs::read(&segment).unwrap();
    std::fs::write(&segment, &whole[..whole.len() - 40]).unwrap();
    let ran = place.run(["ledger", "describe", "demo"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stdout.contains("Ledger:") && !ran.stdout.contains("REVISIONS"), "{}", ran.stdout);
    assert!(ran.stderr.contains("offset"), "{}", ran.stderr);
}

#[test]
fn a_verified_archive_counts_what_its_ledger_counts_however_many_exports_hold_a_block() {
    let place = known();
    export(&place, "a/text/", &["--last", "4d"]);
    let once = verify(&place, &bucket(&place, "a"), &[]);
    let described = place.run(["ledger", "describe", "demo", "--output", "json"]).json()[0]["Journal"].clone();
    for table in described["TableCounts"].as_array().unwrap() {
        let counts = &once["tables"][table["Name"].as_str().unwrap()];
        for (here, there) in
            [("Documents", "documents"), ("Inserted", "inserted"), ("Revisions", "revisions"), ("Deleted", "deleted")]
        {
            assert_eq!(table[here], counts[there], "{table} {counts}");
        }
    }
    assert_eq!(once["blocksOverTime"]["counts"], described["BlocksOverTime"]["Counts"]);
    export(&place, "a/binary/", &["--last", "36h", "--format", "ION_BINARY"]);
    export(&place, "a/text/", &["--last", "4d"]);
    let thrice = verify(&place, &bucket(&place, "a"), &[]);
    assert_eq!(thrice["exports"], 3);
    assert_eq!((&thrice["tables"], &thrice["blocksOverTime"]), (&once["tables"], &once["blocksOverTime"]));
}

#[test]
fn a_part_of_a_journal_has_revisions_by_table_and_does_not_say_how_many_documents_are_left() {
    let place = known();
    export(&place, "part/", &["--last", "36h"]);
    let report = verify(&place, &bucket(&place, "part"), &[]);
    assert_ne!(report["firstSequenceNo"], 0);
    assert_eq!(report["tables"]["Players"]["documents"], Value::Null);
    assert_eq!(report["tables"]["Players"]["revisions"], 6);
    assert_eq!(Some(counted(&report["blocksOverTime"])), report["blocks"].as_u64());
    let text = place.run(["verify", bucket(&place, "part").to_str().unwrap()]).stdout;
    assert!(text.contains("Revisions by table, of these blocks alone, as the blocks state it:"), "{text}");
    assert!(text.contains("TABLE                INSERTED"), "{text}");
}

#[test]
fn levels_without_contents_report_only_blocks_over_time() {
    let place = known();
    export(&place, "chain/", &["--last", "4d"]);
    let report = verify(&place, &bucket(&place, "chain"), &["--level", "chain"]);
    assert_eq!(report["tables"], serde_json::json!({}));
    assert_eq!(Some(counted(&report["blocksOverTime"])), report["blocks"].as_u64());
}

#[test]
fn a_resumed_verification_counts_what_an_uninterrupted_one_counts() {
    let place = known();
    export(&place, "r/text/", &["--last", "4d"]);
    let state = place.path().join("state.jsonl");
    let resume = ["--resume", state.to_str().unwrap()];
    let whole = verify(&place, &bucket(&place, "r"), &resume);
    assert_eq!(verify(&place, &bucket(&place, "r"), &resume), whole);
    // Another export that comes first takes over some of the blocks: the state kept for them no longer applies.
    export(&place, "r/binary/", &["--last", "36h", "--format", "ION_BINARY"]);
    let more = verify(&place, &bucket(&place, "r"), &resume);
    assert_eq!((&more["tables"], &more["blocksOverTime"]), (&whole["tables"], &whole["blocksOverTime"]));
    assert_eq!(verify(&place, &bucket(&place, "r"), &[]), more);
}

/// The folder of a journal in Ion text, and its longest object.
fn object_in(place: &Place, prefix: &str) -> (PathBuf, PathBuf) {
    export(place, &format!("{prefix}/"), &["--last", "4d", "--format", "ION_TEXT"]);
    let folder = bucket(place, prefix);
    let is_data = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "ion");
    let size = |path: &PathBuf| std::fs::metadata(path).unwrap().len();
    let object = files(&folder).into_iter().filter(is_data).max_by_key(size).unwrap();
    (folder, object)
}

#[test]
fn with_a_removed_block_no_count_of_remaining_documents_is_given() {
    let place = known();
    let (folder, object) = object_in(&place, "less");
    let blocks = |report: &Value| report["journals"][0]["blocks"].as_u64().unwrap();
    let before = verify(&place, &folder, &[]);
    let text = std::fs::read_to_string(&object).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() > 2);
    lines.remove(1);
    std::fs::write(&object, lines.join("\n") + "\n").unwrap();
    for levels in [&[][..], &["--level", "blocks"], &["--level", "contents"], &["--level", "chain"]] {
        let report = verify(&place, &folder, levels);
        assert_eq!(blocks(&report), blocks(&before) - 1, "{levels:?}");
        let tables = report["tables"].as_object().unwrap();
        assert!(tables.values().all(|table| table["documents"].is_null()), "{levels:?} {report}");
    }
}

#[test]
fn the_report_says_if_it_counts_a_block_more_than_once() {
    let place = known();
    export(&place, "twice/a/", &["--last", "4d"]);
    let reported = || place.run(["verify", bucket(&place, "twice").to_str().unwrap()]).stdout;
    let once = reported();
    assert!(!once.contains("Read:"), "{once}");
    export(&place, "twice/b/", &["--last", "4d", "--format", "ION_BINARY"]);
    let blocks: u64 = verify(&place, &bucket(&place, "twice"), &[])["journals"][0]["blocks"].as_u64().unwrap();
    let twice = reported();
    assert!(
        twice.contains(&format!("\nRead:      {} blocks: a block that occurs more than once", 2 * blocks)),
        "{twice}"
    );
}

#[test]
fn an_object_that_two_exports_list_is_one_object() {
    let place = known();
    let archived = |more: &[&str]| {
        let (folder, _) = object_in(&place, "same");
        let report = verify(&place, &folder, more);
        let objects = files(&folder).iter().filter(|path| path.extension().is_some_and(|end| end == "ion")).count();
        (report["exports"].clone(), report["objects"].as_u64(), objects as u64)
    };
    assert_eq!(archived(&[]).0, 1);
    let (exports, reported, there) = archived(&["--level", "objects"]);
    assert_eq!((exports, reported), (2.into(), Some(there)));
}
