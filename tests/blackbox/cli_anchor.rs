//! `--anchor` and `--anchored`: the anchor of a journal, and whether an archive still hashes to it.

use std::fs;
use std::path::{Path, PathBuf};

use qldb_journal::Hash;
use serde_json::Value;

use crate::engine_support::files;
use crate::support::{Place, Ran};

const ARCHIVES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/archives");

fn truth(name: &str) -> Value {
    serde_json::from_slice(&fs::read(format!("{ARCHIVES}/{name}/truth.json")).unwrap()).unwrap()
}

/// The root of RFC 6962 over the hashes of the first blocks, as the RFC defines it.
fn root(blocks: &[Value]) -> Hash {
    let (half, prefix) = (blocks.len().next_power_of_two() / 2, |prefix: u8, parts: &[Hash]| {
        let bytes = parts.iter().flat_map(Hash::as_bytes);
        Hash::of(&std::iter::once(&prefix).chain(bytes).copied().collect::<Vec<u8>>())
    });
    match blocks {
        [one] => prefix(0, &[Hash::from_base64(one["blockHash"].as_str().unwrap()).unwrap()]),
        _ => prefix(1, &[root(&blocks[..half]), root(&blocks[half..])]),
    }
}

/// What the anchor of the first blocks must be.
pub(crate) fn expected(truth: &Value, blocks: usize) -> String {
    let text = |name: &str| truth[name].as_str().unwrap().to_owned();
    let tip = blocks as u64 - 1;
    let digests = truth["digests"].as_array().unwrap();
    let digest = digests.iter().find(|digest| digest["tip"] == tip).unwrap()["digest"].as_str().unwrap();
    let root = root(&truth["blockList"].as_array().unwrap()[..blocks]).to_base64();
    format!("qldb/{}/{}\n{blocks}\n{root}\nqldb-digest {digest}\n", text("ledger"), text("strandId"))
}

fn verify(place: &Place, archive: &Path, more: &[&str]) -> Ran {
    let mut command = place.command(["verify"]);
    command.arg(archive).args(more).current_dir(place.path());
    Ran::of(command)
}

fn archive(name: &str) -> PathBuf {
    Path::new(ARCHIVES).join(name)
}

/// An export of the objects of the small archive up to a block.
fn cut(place: &Place, objects: &[&str]) -> PathBuf {
    let (whole, cut) = (archive("small/ION_TEXT"), place.path().join("cut"));
    let mut keys = Vec::new();
    for file in files(&whole) {
        let key = file.strip_prefix(&whole).unwrap().to_str().unwrap();
        let is_object = objects.iter().any(|object| key.ends_with(&format!(".{object}.ion")));
        let to = cut.join(key);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        if is_object || key.ends_with(".started.manifest") {
            fs::copy(&file, &to).unwrap();
        }
        keys.extend(is_object.then(|| format!("\"{key}\"")));
    }
    keys.sort_by_key(|key| objects.iter().position(|object| key.contains(&format!(".{object}."))));
    let completed = "exports/forge-ledger/DtXoCHhTo0NIh5EsCzTOvH.6BpvY66W8XW94nBQAC0kRi.completed.manifest";
    fs::write(cut.join(completed), format!("{{keys:[{}]}}", keys.join(","))).unwrap();
    cut
}

#[test]
fn an_anchor_is_the_same_whatever_the_format_the_cut_into_exports_and_the_threads() {
    let place = Place::new();
    for (name, formats) in [("small", &["ION_TEXT", "ION_BINARY", "JSON"][..]), ("daily", &["ION_TEXT", "ION_BINARY"])]
    {
        let truth = truth(name);
        let expected = expected(&truth, truth["blockList"].as_array().unwrap().len());
        for format in formats {
            let folder = archive(name).join(format);
            let levels = if *format == "JSON" { "objects,blocks,chain" } else { "objects,blocks,contents,chain" };
            for jobs in ["1", "4"] {
                let ran = verify(&place, &folder, &["--anchor", "anchor", "--level", levels, "--jobs", jobs]);
                assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
                assert!(ran.stderr.contains("the anchor is in anchor"), "{}", ran.stderr);
                assert_eq!(fs::read_to_string(place.path().join("anchor")).unwrap(), expected, "{name} {format}");
            }
            let again = ["--anchor", "-", "--quiet", "--resume", "state", "--level", levels];
            let [first, again] = [0, 1].map(|_| verify(&place, &folder, &again));
            assert_eq!((first.code, &first.stdout), (Some(0), &again.stdout), "{}", first.stderr);
            assert!(first.stdout.starts_with(&expected), "{}", first.stdout);
            fs::remove_file(place.path().join("state")).unwrap();
        }
    }
}

#[test]
fn an_archive_still_hashes_to_its_anchor_signed_or_not_and_however_much_longer_it_became() {
    let place = Place::new();
    let truth = truth("small");
    let short = cut(&place, &["0-4", "5-12", "13-16", "17-20"]);
    assert_eq!(verify(&place, &short, &["--anchor", "anchor"]).code, Some(0));
    let anchor = fs::read_to_string(place.path().join("anchor")).unwrap();
    assert_eq!(anchor, expected(&truth, 21));
    fs::write(place.path().join("signed"), format!("{anchor}\n\u{2014} somebody AAAAAAAAAAAAAA==\n")).unwrap();
    let whole = archive("small/ION_BINARY");
    for (file, signature) in [("anchor", ""), ("signed", "; its signature is not checked here")] {
        let same = verify(&place, &short, &["--anchored", file]);
        assert_eq!(same.code, Some(0), "{}{}", same.stdout, same.stderr);
        let longer = verify(&place, &whole, &["--anchored", file]);
        assert_eq!(longer.code, Some(0), "{}{}", longer.stdout, longer.stderr);
        let reported = format!(
            "over blocks 0 to 20 of strand 6BpvY66W8XW94nBQAC0kRi of ledger forge-ledger (from {file}{signature})"
        );
        assert!(longer.stdout.contains(&reported), "{}", longer.stdout);
        assert!(longer.stdout.contains("up to block 20: 39 blocks are beyond the anchor"), "{}", longer.stdout);
    }
    // Beside a digest with another tip, over several threads, and in JSON.
    let last = truth["digests"].as_array().unwrap().last().unwrap();
    let more =
        ["--digest", last["digest"].as_str().unwrap(), "--tip", "59", "--anchored", "signed", "--output", "json"];
    let report = verify(&place, &whole, &more).json().remove(0);
    assert_eq!((&report["levels"]["digest"], &report["anchorScope"]["blocksBeyond"]), (&"proved".into(), &39.into()));
    assert_eq!((&report["anchorGiven"]["blocks"], &report["anchorGiven"]["signatures"]), (&21.into(), &1.into()));
    assert_eq!(report["journals"][0]["logRoot"], root(truth["blockList"].as_array().unwrap()).to_base64());
}

#[test]
fn what_an_archive_does_not_hash_to_ends_as_a_wrong_digest_does() {
    let place = Place::new();
    let (whole, truth) = (archive("small/ION_TEXT"), truth("small"));
    let anchor = expected(&truth, 60);
    let lines: Vec<&str> = anchor.lines().collect();
    let other = Hash::of(b"other").to_base64();
    for (text, code, reported) in [
        (anchor.replace(lines[2], &other), 10, "the blocks do not hash to the root of the anchor"),
        (
            anchor.replace(lines[3], &format!("qldb-digest {other}")),
            10,
            "the journal does not hash to the saved digest",
        ),
        (anchor.replace("\n60\n", "\n59\n"), 10, "does not hash to the saved digest"),
        (anchor.replace("\n60\n", "\n61\n"), 11, "the journal ends before the anchor's tip"),
        (
            anchor.replace("6BpvY66W8XW94nBQAC0kRi", "BGKEj3WUiP3AMhvoCAdOv6"),
            12,
            "no one journal of the archive is that of the anchor",
        ),
        (
            anchor.replace("forge-ledger", "another-ledger"),
            12,
            "the anchor names the ledger another-ledger, and the exports of its strand name forge-ledger",
        ),
        (anchor.replace('\n', "\r\n"), 2, "line 1 has a control character"),
        (anchor.replace("qldb/", "example.com/"), 2, "its first line is not qldb/LEDGER/STRAND"),
        (anchor.clone() + "\nnothing\n", 2, "line 6 follows the empty line and is not a signature"),
        (String::new(), 2, "it has fewer than three lines"),
    ] {
        fs::write(place.path().join("anchor"), &text).unwrap();
        let ran = verify(&place, &whole, &["--anchored", "anchor"]);
        assert_eq!(ran.code, Some(code), "{text}{}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(reported), "{reported}: {}", ran.stderr);
    }
    let absent = verify(&place, &whole, &["--anchored", "absent"]);
    assert_eq!(absent.code, Some(2), "{}", absent.stderr);
    // One bit of a block that the anchor covers.
    fs::write(place.path().join("anchor"), &anchor).unwrap();
    let altered = cut(&place, &["0-4", "5-12", "13-16", "17-20", "21-28", "29-32", "33-39", "40-47", "48-55", "56-59"]);
    let file = files(&altered).into_iter().find(|file| file.to_str().unwrap().ends_with(".5-12.ion")).unwrap();
    fs::write(&file, fs::read_to_string(&file).unwrap().replacen("statement:\"S", "statement:\"R", 1)).unwrap();
    assert_eq!(verify(&place, &altered, &["--anchored", "anchor"]).code, Some(10));
}

/// A state is believed, but what it does not say is not compared, and so not proved.
#[test]
fn a_state_without_the_log_does_not_prevent_an_anchor() {
    let place = Place::new();
    let (whole, anchor) = (archive("small/ION_TEXT"), expected(&truth("small"), 60));
    let root = anchor.lines().nth(2).unwrap();
    fs::write(place.path().join("anchor"), anchor.replace(root, &Hash::of(b"other").to_base64())).unwrap();
    let arguments = ["--anchored", "anchor", "--resume", "state"];
    assert_eq!(verify(&place, &whole, &arguments).code, Some(10));
    let state = place.path().join("state");
    let mut lines: Vec<Value> =
        fs::read_to_string(&state).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for line in lines.iter_mut().skip(1) {
        let span = line["span"].as_object_mut().unwrap();
        let mut frontiers = span["to_tips"].as_array().unwrap().clone();
        frontiers.iter_mut().for_each(|at_tip| without_log(&mut at_tip[1]));
        span["to_tips"] = frontiers.into();
        without_log(&mut span["frontier"]);
    }
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    fs::write(&state, lines.join("\n") + "\n").unwrap();
    let ran = verify(&place, &whole, &arguments);
    assert_eq!(ran.code, Some(12), "{}", ran.stdout);
    assert!(ran.stderr.contains("the root of the anchor was not computed"), "{}", ran.stderr);
}

/// Takes the hashes of RFC 6962's tree out of the parts of a frontier.
fn without_log(frontier: &mut Value) {
    frontier.as_array_mut().unwrap().iter_mut().for_each(|part| part[3] = Value::Null);
}

#[test]
fn an_anchor_needs_a_proof_from_block_0() {
    let place = Place::new();
    let missing = "the journal begins at block 2147483640, and an anchor covers it from block 0; no anchor was written";
    for (name, more, code, reported) in [
        ("far/ION_TEXT", &[][..], 12, missing),
        ("small/JSON", &[], 12, "JSON has lost the types"),
        ("small/ION_TEXT", &["--level", "objects"], 12, "the archive is not proved on the levels blocks and chain"),
    ] {
        let ran = verify(&place, &archive(name), &[&["--anchor", "anchor"], more].concat());
        assert_eq!(ran.code, Some(code), "{name}: {}", ran.stderr);
        assert!(
            ran.stderr.contains(reported) && ran.stderr.contains("no anchor was written"),
            "{name}: {}",
            ran.stderr
        );
        assert!(!place.path().join("anchor").exists());
    }
    // Compared with an archive that begins later, it proves nothing.
    fs::write(
        place.path().join("anchor"),
        "qldb/far-ledger/0wH8jdOnXeL0XAPNIWZ0n0\n2147483650\nSCD4O23CC18fNliEtMyDle07pTFT09mFSE2YLBtq2KY=\n",
    )
    .unwrap();
    let ran = verify(&place, &archive("far/ION_TEXT"), &["--anchored", "anchor"]);
    assert_eq!(ran.code, Some(12), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("the journal begins at block 2147483640, and an anchor covers it from block 0"),
        "{}",
        ran.stderr
    );
    // Only an anchor is replaced by an anchor, and none is written into the archive.
    fs::write(place.path().join("notes"), "notes").unwrap();
    assert_eq!(verify(&place, &archive("small/ION_TEXT"), &["--anchor", "notes"]).code, Some(2));
    assert_eq!(fs::read(place.path().join("notes")).unwrap(), b"notes");
    let nowhere = Ran::of({
        let mut command = place.command(["verify", "--block", "x", "--digest", "y", "--anchor", "anchor"]);
        command.current_dir(place.path());
        command
    });
    assert!(nowhere.code == Some(2) && nowhere.stderr.contains("--anchor is about an archive"), "{}", nowhere.stderr);
}

#[test]
fn exports_that_name_no_ledger_speak_against_no_anchor() {
    let place = Place::new();
    let short = cut(&place, &["0-4", "5-12", "13-16", "17-20"]);
    let started = files(&short).into_iter().find(|file| file.to_str().unwrap().ends_with(".started.manifest")).unwrap();
    let manifest = fs::read_to_string(&started).unwrap();
    let unnamed = manifest.replace("ledgerName:\"forge-ledger\",", "");
    assert_ne!(unnamed, manifest);
    fs::write(&started, unnamed).unwrap();
    let anchor = expected(&truth("small"), 21).replace("forge-ledger", "another-ledger");
    fs::write(place.path().join("anchor"), anchor).unwrap();
    let ran = verify(&place, &short, &["--anchored", "anchor"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn an_anchor_only_replaces_an_anchor() {
    let place = Place::new();
    let (whole, anchor) = (archive("small/ION_TEXT"), expected(&truth("small"), 21));
    let signed = format!("{anchor}\n\u{2014} somebody AAAAAAAAAAAAAA==\n");
    let others = [
        (signed.clone(), "holds an anchor with signatures"),
        (signed.replacen("=\n\n", "=\nextension of others\n\n", 1), "holds an anchor with signatures"),
        (format!("{anchor}extension of others\n"), "already exists and is not an anchor"),
        (format!("{anchor}\nnothing\n"), "already exists and is not an anchor"),
        (anchor.replace("qldb/", "qldb//"), "already exists and is not an anchor"),
        ("qldb/ notes on\nqldb-digest\n".to_owned(), "already exists and is not an anchor"),
    ];
    let path = place.path().join("anchor");
    for (text, reported) in others {
        fs::write(&path, &text).unwrap();
        let ran = verify(&place, &whole, &["--anchor", "anchor"]);
        assert!(ran.code == Some(2) && ran.stderr.contains(reported), "{text}{}", ran.stderr);
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    // The one that is being checked stays, whatever its name.
    fs::write(&path, &anchor).unwrap();
    let checked = verify(&place, &whole, &["--anchored", "anchor", "--anchor", "./anchor"]);
    assert_eq!(checked.code, Some(2), "{}", checked.stderr);
    assert!(checked.stderr.contains("is the file that --anchored checks"), "{}", checked.stderr);
    assert_eq!(fs::read_to_string(&path).unwrap(), anchor);
    assert_eq!(verify(&place, &whole, &["--anchored", "anchor", "--anchor", "other"]).code, Some(0));
    assert_eq!(verify(&place, &whole, &["--anchor", "anchor"]).code, Some(0));
    assert_eq!(fs::read_to_string(&path).unwrap(), expected(&truth("small"), 60));
}

#[test]
fn an_anchor_without_the_level_digest_is_refused() {
    let place = Place::new();
    fs::write(place.path().join("anchor"), expected(&truth("small"), 60)).unwrap();
    let whole = archive("small/ION_TEXT");
    let idle = verify(&place, &whole, &["--anchored", "anchor", "--level", "blocks,chain"]);
    assert_eq!((idle.code, idle.stdout.as_str()), (Some(2), ""), "{}", idle.stderr);
    assert!(idle.stderr.contains("--anchored has no effect without the level digest"), "{}", idle.stderr);
    let asked = verify(&place, &whole, &["--anchored", "anchor", "--level", "chain,digest"]);
    assert_eq!(asked.code, Some(0), "{}{}", asked.stdout, asked.stderr);
}
