//! `verify --block` and `--revision` as people run them, and what is reported about the given
//! digest.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Place, Ran};
use crate::verify_bench::{Bench, Layout, OTHER_STRAND, STRAND, blocks, journal};

const DIGEST: &str = "6m6BMXobbJKpMhahwVthAEsN6awgnHK62Qq5McGP1Gk=";

/// The text of one of the service's real responses.
fn vector(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name)).unwrap()
}

fn block() -> String {
    vector("awscli-get-block-100.json")
}

/// Runs `verify` over saved files of these contents.
fn verify(place: &Place, files: &[(&str, &[u8])], more: &[&str]) -> Ran {
    let mut arguments = vec!["verify".to_owned()];
    for (flag, bytes) in files {
        let path = place.path().join(format!("saved{flag}"));
        fs::write(&path, bytes).unwrap();
        arguments.extend([(*flag).to_owned(), path.to_str().unwrap().to_owned()]);
    }
    arguments.extend(more.iter().map(|&more| more.to_owned()));
    place.run(arguments.iter().map(String::as_str))
}

/// `verify --block` of a saved answer, against the real digest.
fn verify_block(place: &Place, saved: &str, more: &[&str]) -> Ran {
    let digest = vector("awscli-get-digest-123.json");
    verify(place, &[("--block", saved.as_bytes()), ("--digest", digest.as_bytes())], more)
}

#[test]
fn a_real_block_is_proved_only_at_its_own_position() {
    let place = Place::new();
    let ran = verify_block(&place, &block(), &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.starts_with("proved: the block 100 in "), "{}", ran.stdout);
    for reported in
        ["over blocks 0 to 123 of strand KmA3ZZca7vAIiJAK9S5Iwl", "7 siblings", "1: 1 proved", "blockTimestamp"]
    {
        assert!(ran.stdout.contains(reported), "{reported}: {}", ran.stdout);
    }
    for (elsewhere, code) in [(0, 12), (99, 10), (101, 10), (120, 10), (123, 10), (124, 10)] {
        let ran = verify_block(&place, &block().replace("sequenceNo:100", &format!("sequenceNo:{elsewhere}")), &[]);
        assert_eq!(ran.code, Some(code), "{elsewhere}: {}", ran.stdout);
    }
    // Nothing distinguishes an even block from another whose proof is as long: then the number is reported as unproved.
    let ran = verify_block(&place, &block().replace("sequenceNo:100", "sequenceNo:98"), &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("its number is its own claim"), "{}", ran.stdout);
}

#[test]
fn a_tip_that_can_t_be_the_digest_s_is_refused() {
    let place = Place::new();
    let saved = block();
    for tip in ["999999999999", "18446744073709551615"] {
        let ran = verify(&place, &[("--block", saved.as_bytes())], &["--digest", DIGEST, "--tip", tip]);
        assert_eq!(ran.code, Some(2), "{}", ran.stdout);
        assert!(ran.stderr.contains("--tip") && ran.stderr.contains("7 siblings"), "{}", ran.stderr);
        assert_eq!(ran.stdout, "");
        // A file that states another one is not overruled.
        let ran = verify_block(&place, &saved, &["--tip", tip]);
        assert_eq!(ran.code, Some(2), "{}", ran.stdout);
        assert!(ran.stderr.contains("which says block 123"), "{}", ran.stderr);
    }
    let ran = verify(&place, &[("--block", saved.as_bytes())], &["--digest", DIGEST, "--tip", "123"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(verify_block(&place, &saved, &["--tip", "123"]).code, Some(0));
}

#[test]
fn content_that_is_not_there_is_12_with_those_words() {
    let place = Place::new();
    let saved = block();
    let (begin, end) = (saved.find(",data:").unwrap(), saved.find(",metadata:").unwrap());
    let ran = verify_block(&place, &format!("{}{}", &saved[..begin], &saved[end..]), &[]);
    let words = "the hash is proved to be in the journal, but the content is missing";
    assert_eq!(ran.code, Some(12), "{}", ran.stdout);
    assert!(ran.stdout.starts_with("unproved: ") && ran.stdout.contains(words), "{}", ran.stdout);
    assert!(ran.stderr.contains(words), "{}", ran.stderr);
}

#[test]
fn an_answer_in_json_lists_what_was_proved_and_what_no_hash_covers() {
    let place = Place::new();
    let revision = vector("awscli-get-revision-100.json");
    let more = ["--digest", DIGEST, "--tip", "123", "--output", "json"];
    let ran = verify(&place, &[("--block", block().as_bytes()), ("--revision", revision.as_bytes())], &more);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let given = json!({ "digest": DIGEST, "tip": 123, "strandId": null, "source": "--digest and --tip" });
    for (report, (answer, siblings)) in ran.json().iter().zip([("block", 7), ("revision", 10)]) {
        assert_eq!((&report["verdict"], &report["answer"]), (&json!("proved"), &json!(answer)));
        assert_eq!((&report["sequenceNo"], &report["siblings"]), (&json!(100), &json!(siblings)));
        assert_eq!((&report["hashInJournal"], &report["contentProved"]), (&json!(true), &json!(true)));
        assert_eq!((&report["digestGiven"], &report["breaks"]), (&given, &json!([])));
        assert_eq!(report["revisions"]["proved"], 1);
        let fields: Vec<&str> =
            report["notCovered"].as_array().unwrap().iter().map(|one| one["what"].as_str().unwrap()).collect();
        assert!(fields.contains(&"blockAddress"), "{fields:?}");
    }
}

#[test]
fn a_receipt_of_saved_answers_names_them_with_their_sha256() {
    let place = Place::new();
    let receipt = place.path().join("receipt.json");
    let ran = verify_block(&place, &block(), &["--receipt", receipt.to_str().unwrap()]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("the receipt is in "), "{}", ran.stderr);
    let reported: Value = serde_json::from_slice(&fs::read(&receipt).unwrap()).unwrap();
    let answer = &reported["answers"][0];
    let hash = qldb_journal::Hash::of(block().as_bytes()).to_hex();
    assert_eq!((&answer["sha256"], &answer["bytes"]), (&json!(hash), &json!(block().len())));
    assert_eq!((&answer["report"]["verdict"], &reported["report"]), (&json!("proved"), &json!(null)));
    assert_eq!(reported["digestGiven"]["tip"], 123);
    let nowhere = place.path().join("saved--block/receipt.json");
    let ran = verify_block(&place, &block(), &["--receipt", nowhere.to_str().unwrap()]);
    assert_ne!(ran.code, Some(0), "{}", ran.stdout);
}

#[test]
fn answers_are_read_as_powershell_and_text_output_saved_them() {
    let place = Place::new();
    let units = block().encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let little = [&[0xFF, 0xFE], &units[..]].concat();
    let whole: Value = serde_json::from_str(&block()).unwrap();
    let [value, proof] = ["Block", "Proof"].map(|member| whole[member]["IonText"].as_str().unwrap());
    let text = format!("BLOCK\t{value}\nPROOF\t{proof}\n");
    for saved in [&little[..], text.as_bytes()] {
        let ran = verify(&place, &[("--block", saved)], &["--digest", DIGEST, "--tip", "123"]);
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn a_file_with_only_the_digest_needs_the_tip() {
    let place = Place::new();
    let saved = block();
    let files = [("--block", saved.as_bytes()), ("--digest", DIGEST.as_bytes())];
    let ran = verify(&place, &files, &[]);
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    assert!(ran.stderr.contains("--tip is required"), "{}", ran.stderr);
    let ran = verify(&place, &files, &["--tip", "123"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("saved--digest and --tip)"), "{}", ran.stdout);
    let long = vec![b' '; 70_000];
    for (digest, reported) in [(&b"{}"[..], "it has no Digest"), (b"\xFF\xFFx", "is not text"), (&long, "longer than")]
    {
        let ran = verify(&place, &[("--block", saved.as_bytes()), ("--digest", digest)], &["--tip", "123"]);
        assert_eq!(ran.code, Some(2), "{}", ran.stdout);
        assert!(ran.stderr.contains(reported), "{}", ran.stderr);
    }
}

// What a digest covers in an archive

/// An archive of one strand or two, with the digest of the first one's blocks up to a tip.
fn archive(count: u64, tip: u64, other: bool) -> (Bench, String) {
    let bench = Bench::new();
    let lines = journal(STRAND, count, "s", true);
    let hashes: Vec<_> = blocks(&lines).iter().map(|block| block.links.block_hash).collect();
    bench.export(&Layout { prefix: "one/", keys_prefix: "one/", ..Layout::default() }, &lines);
    if other {
        let layout = Layout { id: 'B', prefix: "two/", keys_prefix: "two/", ..Layout::default() };
        bench.export(&layout, &journal(OTHER_STRAND, 5, "o", true));
    }
    let digest = qldb_journal::internal::merkle_root(&hashes[..=usize::try_from(tip).unwrap()]).unwrap();
    let address = format!("{{strandId:\"{STRAND}\",sequenceNo:{tip}}}");
    (bench, json!({ "Digest": digest.to_base64(), "DigestTipAddress": { "IonText": address } }).to_string())
}

#[test]
fn the_report_says_which_digest_was_given_and_what_is_beyond_it() {
    let place = Place::new();
    for (tip, beyond, reported) in
        [(0, 9, "up to block 0: 9 blocks are beyond the digest"), (8, 1, "1 block is beyond"), (9, 0, "blocks 0 to 9")]
    {
        let (bench, digest) = archive(10, tip, false);
        let folder = bench.path("");
        let receipt = place.path().join("receipt.json");
        let more = [folder.to_str().unwrap(), "--receipt", receipt.to_str().unwrap()];
        let ran = verify(&place, &[("--digest", digest.as_bytes())], &more);
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains(reported) && ran.stdout.contains("saved--digest)"), "{}", ran.stdout);
        assert_eq!(ran.stdout.contains("beyond the digest"), beyond > 0, "{}", ran.stdout);
        let ran = verify(&place, &[("--digest", digest.as_bytes())], &[more[0], "--output", "json"]);
        let report = &ran.json()[0];
        let scope = json!({ "strandId": STRAND, "firstSequenceNo": 0, "lastSequenceNo": tip, "blocksBeyond": beyond, "otherStrands": [] });
        assert_eq!((&report["digestScope"], &report["digestGiven"]["tip"]), (&scope, &json!(tip)));
        let reported: Value = serde_json::from_slice(&fs::read(&receipt).unwrap()).unwrap();
        assert_eq!((&reported["report"]["digestScope"], &reported["digestGiven"]), (&scope, &report["digestGiven"]));
    }
}

#[test]
fn a_strand_that_no_digest_covers_is_unproved_by_digest() {
    let place = Place::new();
    let (bench, digest) = archive(10, 9, true);
    let folder = bench.path("").to_str().unwrap().to_owned();
    let base64 = digest.split('"').nth(3).unwrap().to_owned();
    for more in [vec![folder.as_str()], vec![folder.as_str(), "--digest", &base64, "--tip", "9"]] {
        let files: &[(&str, &[u8])] = &[("--digest", digest.as_bytes())];
        let ran = verify(&place, if more.len() > 1 { &[] } else { files }, &more);
        assert_eq!(ran.code, Some(12), "{}", ran.stdout);
        let reported = format!("no digest covers strand {OTHER_STRAND} with 5 blocks");
        assert!(ran.stderr.contains(&reported), "{}", ran.stderr);
        let ran =
            verify(&place, if more.len() > 1 { &[] } else { files }, &[&more[..], &["--output", "json"]].concat());
        let report = &ran.json()[0];
        assert_eq!((&report["levels"]["digest"], &report["levels"]["chain"]), (&json!("unproved"), &json!("proved")));
        assert_eq!(report["digestScope"]["otherStrands"], json!([OTHER_STRAND]));
        assert!(report["reasons"]["digest"].as_str().unwrap().contains(&reported), "{report}");
    }
}
