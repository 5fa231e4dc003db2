//! `prove`: files that anyone with the digest can check, and nothing if something is not proved.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use qldb_journal::archive::verify::{SavedAnswer, SavedDigest, Status, check_saved};
use qldb_journal::internal::Statement;
use qldb_journal::ion::{TextWriter, values};
use serde_json::{Value, json};

use crate::history::{archive, truth};
use crate::s3_cli::in_environment_of;
use crate::s3_server::S3Server;
use crate::support::{Place, Ran};
use crate::verify_bench::{Bench, Layout, STRAND, new_block};

const REDACTED: &str = "CKY2POw9yEH7JN1XRuPyJW";
const DELETED: &str = "7YlsBqb9yKz4pZYQWNwaSu";
/// The digest of `small` over its first three blocks.
const EARLY: [&str; 4] = ["--digest", "6nkkQjxma5Kst4JM5qVG6WGLMmhYGfEy4kf4ljF+NcI=", "--tip", "2"];

/// A place to write proofs to.
struct Desk(Place);

impl Desk {
    fn new() -> Self {
        Self(Place::new())
    }

    fn out(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn prove(&self, archive: &str, name: &str, arguments: &[&str]) -> Ran {
        let out = self.out(name);
        let fixed = ["prove", archive, "--out", out.to_str().unwrap()];
        self.0.run(fixed.into_iter().chain(arguments.iter().copied()))
    }

    /// Proves, and returns what the command reports.
    fn proved(&self, archive: &str, name: &str, arguments: &[&str]) -> Value {
        let ran = self.prove(archive, name, &[arguments, &["--output", "json"]].concat());
        assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.stderr);
        ran.json().remove(0)
    }

    fn read(&self, name: &str, file: &str) -> String {
        std::fs::read_to_string(self.out(name).join(file)).unwrap()
    }

    /// The names beside the data directory's own.
    fn names(&self) -> BTreeSet<String> {
        names(self.0.path())
    }
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The digests of an archive that its generator recorded.
fn digests(name: &str) -> Vec<SavedDigest> {
    let truth = truth(name);
    let strand_id = truth["strandId"].as_str().map(str::to_owned);
    let digest = |one: &Value| {
        let saved = SavedDigest::new(one["digest"].as_str().unwrap(), one["tip"].as_u64().unwrap()).unwrap();
        SavedDigest { strand_id: strand_id.clone(), ..saved }
    };
    truth["digests"].as_array().unwrap().iter().map(digest).collect()
}

fn response(digest: &SavedDigest) -> String {
    let address = format!("{{strandId:\"{}\",sequenceNo:{}}}", digest.strand_id.as_ref().unwrap(), digest.tip);
    json!({ "Digest": digest.digest.to_base64(), "DigestTipAddress": { "IonText": address } }).to_string()
}

fn answer(name: &str) -> SavedAnswer {
    if name.starts_with("block-") { SavedAnswer::Block } else { SavedAnswer::Revision }
}

/// Each file is checked by itself, with the result that the command reported.
fn check_files(desk: &Desk, name: &str, said: &Value, digest: &SavedDigest) -> usize {
    let files = said["files"].as_array().unwrap();
    for file in files {
        let name_of_file = file["file"].as_str().unwrap();
        let report = check_saved(answer(name_of_file), name_of_file, desk.read(name, name_of_file), digest).unwrap();
        assert!(report.in_journal && report.breaks.is_empty(), "{report:#?}");
        let stated = [&file["verdict"], &file["sequenceNo"], &file["siblings"]];
        let found = [json!(report.status().as_str()), json!(report.sequence_no), json!(report.siblings)];
        assert_eq!(stated, found.each_ref());
        // No known hash covers a deletion's own contents, and the service's own blocks contain nothing else.
        let counts = report.counts;
        let is_open = match report.answer {
            SavedAnswer::Block => counts.transactions + counts.proved == 0,
            SavedAnswer::Revision => counts.deleted == 1,
        };
        assert_eq!(report.status() == Status::Unproved, is_open, "{report:#?}");
    }
    files.len()
}

#[test]
fn a_report_says_whether_the_proof_was_written() {
    let desk = Desk::new();
    let report = desk.out("report.txt");
    let more = |arguments: &[&'static str]| -> Vec<String> {
        let given = arguments.iter().map(|word| (*word).to_owned());
        given.chain(["--report".to_owned(), report.display().to_string()]).collect()
    };
    for (arguments, code, said) in [
        (&["--block", "3"][..], 0, "The requested proof was written to "),
        (&["--block", "99999"], 3, "No proof was written to "),
    ] {
        let arguments = more(arguments);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let ran = desk.prove(&archive("small/ION_TEXT"), "proof", &[&arguments[..], &["--force"]].concat());
        assert_eq!(ran.code, Some(code), "{}", ran.stderr);
        let text = std::fs::read_to_string(&report).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn documents_and_blocks_are_proved_at_every_digest() {
    for folder in ["small/ION_TEXT", "small/ION_BINARY", "daily/ION_BINARY"] {
        let (name, _) = folder.split_once('/').unwrap();
        let (desk, truth) = (Desk::new(), truth(name));
        let documents: Vec<&String> = truth["documents"].as_object().unwrap().keys().collect();
        let mut proved = 0;
        for (round, digest) in digests(name).iter().enumerate() {
            let saved = desk.out("saved.json");
            std::fs::write(&saved, response(digest)).unwrap();
            let given = ["--digest", saved.to_str().unwrap()];
            for number in BTreeSet::from([0, digest.tip / 2, digest.tip]) {
                let out = format!("block-{round}-{number}");
                let said =
                    desk.proved(&archive(folder), &out, &[&["--block", &number.to_string()], &given[..]].concat());
                assert_eq!(check_files(&desk, &out, &said, digest), 1);
            }
            for document in documents.iter().skip(round).step_by(11) {
                let out = format!("document-{round}-{document}");
                let ran = desk.prove(
                    &archive(folder),
                    &out,
                    &[&["--document", document, "--output", "json"], &given[..]].concat(),
                );
                // The digest may be older than the document.
                if ran.code == Some(12) {
                    assert!(ran.stderr.contains("beyond the digest's tip"), "{}", ran.stderr);
                    continue;
                }
                assert_eq!(ran.code, Some(0), "{}", ran.stderr);
                proved += check_files(&desk, &out, &ran.json()[0], digest);
            }
            // What is left over is what was written.
            let left = desk.names().into_iter().filter(|name| name.contains("unfinished")).collect::<Vec<_>>();
            assert_eq!(left, [""; 0]);
        }
        assert!(proved > 10, "{folder}: {proved}");
    }
}

/// The generator has its own tree, and shares no code.
#[test]
fn the_proofs_are_those_that_the_generator_made() {
    for (name, folder) in [("small", "small/ION_BINARY"), ("daily", "daily/ION_TEXT")] {
        let (desk, truth) = (Desk::new(), truth(name));
        let of_text = |answer: &Value| {
            let text = answer["Proof"]["IonText"].as_str().unwrap().replace("{{", "\"").replace("}}", "\"");
            serde_json::from_str::<Value>(&text).unwrap()
        };
        for known in truth["proofs"]["blocks"].as_array().unwrap() {
            let (number, tip) = (known["sequenceNo"].to_string(), known["tip"].to_string());
            let given = ["--block", &number, "--digest", known["digest"].as_str().unwrap(), "--tip", &tip];
            desk.proved(&archive(folder), &format!("b{number}-{tip}"), &given);
            let file: Value =
                serde_json::from_str(&desk.read(&format!("b{number}-{tip}"), &format!("block-{number}.json"))).unwrap();
            assert_eq!(of_text(&file), known["proof"]);
        }
        let mut seen = 0;
        for known in truth["proofs"]["revisions"].as_array().unwrap() {
            let (Some(id), Some(version)) = (known["documentId"].as_str(), known["version"].as_u64()) else { continue };
            let (version, tip) = (version.to_string(), known["tip"].to_string());
            let given =
                ["--document", id, "--version", &version, "--digest", known["digest"].as_str().unwrap(), "--tip", &tip];
            let out = format!("r{id}-{version}-{tip}");
            let said = desk.proved(&archive(folder), &out, &given);
            assert_eq!(
                (&said["files"][0]["sequenceNo"], &said["files"][0]["hash"]),
                (&known["sequenceNo"], &known["leaf"])
            );
            let file: Value = serde_json::from_str(&desk.read(&out, &format!("revision-{version}.json"))).unwrap();
            assert_eq!(of_text(&file), known["proof"]);
            seen += 1;
        }
        assert!(seen > 5, "{seen}");
    }
}

#[test]
fn without_a_digest_the_proof_is_up_to_the_journal_s_end_and_its_digest_is_written() {
    let desk = Desk::new();
    let archive = archive("small/ION_TEXT");
    let said = desk.proved(&archive, "a", &["--document", REDACTED]);
    let digest = digests("small").pop().unwrap();
    assert_eq!(
        names(&desk.out("a")),
        ["README.txt", "digest.json", "revision-0.json", "revision-1.json", "revision-2.json"]
            .map(str::to_owned)
            .into()
    );
    assert_eq!(
        serde_json::from_str::<Value>(&desk.read("a", "digest.json")).unwrap(),
        serde_json::from_str::<Value>(&response(&digest)).unwrap()
    );
    assert_eq!((&said["digestFile"], &said["digest"]["tip"]), (&json!("digest.json"), &json!(59)));
    check_files(&desk, "a", &said, &digest);
    let file = |name: &str| desk.out("a").join(name).to_str().unwrap().to_owned();
    let verified = desk.0.run(["verify", "--revision", &file("revision-1.json"), "--digest", &file("digest.json")]);
    assert_eq!(verified.code, Some(0), "{}", verified.stderr);

    // With a given digest, there is no other file that might be mistaken for another witness.
    let given = response(&digest);
    let saved = desk.out("saved.json");
    std::fs::write(&saved, given).unwrap();
    let said = desk.proved(&archive, "b", &["--document", DELETED, "--digest", saved.to_str().unwrap()]);
    assert!(!desk.out("b").join("digest.json").exists() && said["digestFile"].is_null());
    // For a deletion, it is proved that the hash was there, and no more.
    let last = said["files"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["verdict"], &last["hashInJournal"], &last["contentProved"]),
        (&json!("unproved"), &json!(true), &json!(false))
    );
    let text = desk.read("b", "README.txt");
    assert!(text.contains("its hash alone") && text.contains("deletes the"), "{text}");
    let deletion = desk.out("b").join(last["file"].as_str().unwrap());
    let verified =
        desk.0.run(["verify", "--revision", deletion.to_str().unwrap(), "--digest", saved.to_str().unwrap()]);
    assert_eq!(verified.code, Some(12), "{}", verified.stderr);
}

#[test]
fn a_missing_or_unproved_document_leaves_nothing_behind() {
    let desk = Desk::new();
    let small = archive("small/ION_TEXT");
    let before = desk.names();
    let late = |arguments: &[&'static str]| [arguments, &EARLY[..]].concat();
    for (archive, arguments, code, reported) in [
        (&small, vec!["--document", "0000000000000000000000"], 3, "there is no document"),
        (&small, vec!["--document", REDACTED, "--version", "3"], 3, "the archive has versions 0 to 2"),
        (&small, vec!["--block", "60"], 3, "there is no block 60 in blocks 0 to 59"),
        (&small, late(&["--block", "3"]), 12, "block 3 is beyond the digest's tip, block 2"),
        (&small, late(&["--document", REDACTED]), 12, "begins in block 15, beyond the digest's tip"),
        (&small, late(&["--document", REDACTED, "--version", "2"]), 12, "is in block 37, beyond the digest's tip"),
        (
            &small,
            vec!["--block", "3", "--digest", "6nkkQjxma5Kst4JM5qVG6WGLMmhYGfEy4kf4ljF+NcI=", "--tip", "3"],
            10,
            "does not hash to the saved digest",
        ),
        (
            &small,
            vec!["--block", "3", "--digest", "6nkkQjxma5Kst4JM5qVG6WGLMmhYGfEy4kf4ljF+NcI=", "--tip", "99"],
            11,
            "ends before the digest's tip",
        ),
        (&archive("small/JSON"), vec!["--block", "3"], 12, "prove it from an export in Ion"),
        (&archive("far/ION_TEXT"), vec!["--block", "2147483641"], 12, "the archive begins at block 2147483640"),
        (&small, vec!["--block", "three"], 2, "--block"),
        (&small, vec!["--document", REDACTED, "--version", "first"], 2, "--version"),
        (&small, vec![], 2, "--document is required"),
        (&small, vec!["--block", "3", "--tip", "3"], 2, "--digest is required"),
        (&archive("nowhere"), vec!["--block", "3"], 2, "nowhere"),
    ] {
        let ran = desk.prove(archive, "out", &arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(code), ""), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(reported), "{arguments:?}: {}", ran.stderr);
        assert_eq!(desk.names(), before, "{arguments:?}");
    }
    let several = desk.0.run([
        "prove",
        &small,
        &archive("daily/ION_TEXT"),
        "--block",
        "3",
        "--out",
        desk.out("out").to_str().unwrap(),
    ]);
    assert!(several.code == Some(2) && several.stderr.contains("--ledger"), "{}", several.stderr);
    let one = ["prove", &small, &archive("daily/ION_TEXT"), "--block", "3", "--ledger", "forge-ledger", "--out"];
    assert_eq!(desk.0.run(one.into_iter().chain([desk.out("out").to_str().unwrap()])).code, Some(0));
}

#[test]
fn a_damaged_archive_proves_nothing_even_of_its_sound_blocks() {
    let (desk, bench) = (Desk::new(), Bench::of_sample());
    let archive = bench.path("").to_str().unwrap().to_owned();
    assert_eq!(desk.prove(&archive, "sound", &["--block", "1"]).code, Some(0));
    let object = bench.path(crate::verify_bench::HOUR);
    let object = std::fs::read_dir(object).unwrap().map(|entry| entry.unwrap().path()).max().unwrap();
    let text = std::fs::read_to_string(&object).unwrap();
    std::fs::write(&object, text.replacen("INSERT", "UPSERT", 1)).unwrap();
    let ran = desk.prove(&archive, "out", &["--block", "1"]);
    assert_eq!(ran.code, Some(10), "{}", ran.stderr);
    std::fs::remove_file(&object).unwrap();
    let ran = desk.prove(&archive, "out", &["--block", "1"]);
    assert_eq!(ran.code, Some(11), "{}", ran.stderr);
    assert!(!desk.out("out").exists() && ran.stdout.is_empty());
}

#[test]
fn versions_beyond_the_digest_are_named_and_the_others_are_proved() {
    let desk = Desk::new();
    let archive = archive("small/ION_TEXT");
    let middle = digests("small").into_iter().find(|digest| digest.tip == 30).unwrap();
    let (digest, tip) = (middle.digest.to_base64(), middle.tip.to_string());
    let ran = desk.prove(&archive, "a", &["--document", REDACTED, "--digest", &digest, "--tip", &tip]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("beyond the digest's tip, block 30, and therefore not written: version 2 (block 37)"),
        "{}",
        ran.stderr
    );
    assert_eq!(names(&desk.out("a")), ["README.txt", "revision-0.json", "revision-1.json"].map(str::to_owned).into());
    assert!(desk.read("a", "README.txt").contains("version 2 (block 37)"));
}

#[test]
fn a_folder_is_replaced_only_if_it_is_a_proof_and_with_force() {
    let desk = Desk::new();
    let archive = archive("small/ION_TEXT");
    let prove = |arguments: &[&str]| desk.prove(&archive, "a", &[&["--block", "3"], arguments].concat());
    std::fs::create_dir(desk.out("a")).unwrap();
    assert_eq!(prove(&[]).code, Some(0), "an empty folder gives way");
    let again = prove(&[]);
    assert!(again.code == Some(2) && again.stderr.contains("--force"), "{}", again.stderr);
    let other = desk.prove(&archive, "a", &["--document", REDACTED, "--force"]);
    assert_eq!(other.code, Some(0), "{}", other.stderr);
    assert!(!desk.out("a").join("block-3.json").exists() && desk.out("a").join("revision-0.json").exists());
    std::fs::write(desk.out("a").join("mine.txt"), "mine").unwrap();
    let foreign = prove(&["--force"]);
    assert!(foreign.code == Some(2) && foreign.stderr.contains("mine.txt"), "{}", foreign.stderr);
    std::fs::remove_file(desk.out("a").join("mine.txt")).unwrap();
    std::fs::write(desk.out("a").join("README.txt"), "another one").unwrap();
    assert_eq!(prove(&["--force"]).code, Some(2));
    std::fs::write(desk.out("file"), "mine").unwrap();
    let file = desk.prove(&archive, "file", &["--block", "3", "--force"]);
    assert!(file.code == Some(2) && file.stderr.contains("is not a folder"), "{}", file.stderr);
    for elsewhere in [Path::new(&archive).join("proof"), desk.out("no/such"), PathBuf::from("s3://bucket/proof")] {
        let ran = desk.0.run(["prove", &archive, "--block", "3", "--out", elsewhere.to_str().unwrap()]);
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    }
    assert_eq!(desk.0.run(["prove", &archive, "--block", "3"]).code, Some(2));
}

#[test]
fn a_document_that_one_transaction_changed_twice_has_a_proof_of_each_version() {
    let (desk, bench) = (Desk::new(), Bench::new());
    let mut block = new_block(STRAND, 0, None, "s", true);
    let mut second = block.changes[0].clone();
    let id = second.document_id.clone();
    (second.version, second.statement) = (1, 1);
    block.changes.push(second);
    block.statements.push(Statement { text: "UPDATE T SET n = 1".to_owned(), start_time: block.timestamp });
    let mut line = Vec::new();
    block.encode(&mut line).unwrap();
    bench.export(&Layout::default(), &[String::from_utf8(line).unwrap().trim_end().to_owned()]);
    let said = desk.proved(bench.path("").to_str().unwrap(), "a", &["--document", &id]);
    let numbers: Vec<&Value> = said["files"].as_array().unwrap().iter().map(|file| &file["version"]).collect();
    assert_eq!(numbers, [&json!(0), &json!(1)]);
    check_files(&desk, "a", &said, &SavedDigest::from_response(desk.read("a", "digest.json")).unwrap());
}

#[test]
fn an_archive_in_s3_is_proved_from_as_one_in_a_folder() {
    let (desk, server) = (Desk::new(), S3Server::new("forge-bucket"));
    let (from, to) = (PathBuf::from(archive("small/ION_BINARY")), server.bucket("forge-bucket"));
    for path in crate::engine_support::files(&from) {
        let target = to.join(path.strip_prefix(&from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(&path, target).unwrap();
    }
    let out = desk.out("a");
    let arguments = ["prove", "s3://forge-bucket/exports/", "--document", REDACTED, "--out", out.to_str().unwrap()];
    let ran = Ran::of(in_environment_of(&server, desk.0.command(arguments)));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    desk.proved(&archive("small/ION_TEXT"), "b", &["--document", REDACTED]);
    for file in ["revision-0.json", "revision-1.json", "revision-2.json", "digest.json"] {
        assert_eq!(desk.read("a", file), desk.read("b", file), "binary and text are the same answers");
    }
}

/// The steps in README.txt for checking a file by hand give the digest.
#[cfg(unix)]
#[test]
fn the_program_in_the_readme_prints_the_digest() {
    if !crate::tools::has("python3") {
        return;
    }
    let desk = Desk::new();
    let digest = digests("small").pop().unwrap().digest.to_base64();
    for wanted in [["--document", REDACTED], ["--block", "43"]] {
        desk.proved(&archive("small/ION_TEXT"), wanted[0], &wanted);
        let text = desk.read(wanted[0], "README.txt");
        let program: Vec<&str> = text
            .lines()
            .skip_while(|line| !line.starts_with("  import "))
            .take_while(|line| line.is_empty() || line.starts_with("  "))
            .collect();
        let program: String = program.iter().flat_map(|line| [line.get(2..).unwrap_or_default(), "\n"]).collect();
        let mut python = std::process::Command::new("python3");
        let ran = Ran::of(std::mem::replace(
            python.args(["-c", &program]).current_dir(desk.out(wanted[0])),
            std::process::Command::new(""),
        ));
        assert_eq!((ran.code, ran.stdout.trim()), (Some(0), digest.as_str()), "{}", ran.stderr);
        assert!(
            text.contains(&format!("gives {digest}  (the digest)"))
                && text.lines().all(|line| line.chars().count() <= 90),
            "{text}"
        );
    }
}

/// Files by their names.
type Files = Vec<(String, Vec<u8>)>;

/// Every file of some proofs, and their digest.
fn files() -> (Files, SavedDigest) {
    let desk = Desk::new();
    let archive = archive("small/ION_TEXT");
    let mut found = Vec::new();
    for wanted in [["--document", REDACTED], ["--document", DELETED], ["--block", "43"], ["--block", "21"]] {
        let said = desk.proved(&archive, &wanted.concat(), &wanted);
        for file in said["files"].as_array().unwrap() {
            let name = file["file"].as_str().unwrap();
            // If only the hash is proved, nothing can become less.
            if file["verdict"] == "proved" {
                found.push((name.to_owned(), desk.read(&wanted.concat(), name).into_bytes()));
            }
        }
    }
    (found, digests("small").pop().unwrap())
}

/// The parts of a response that no hash covers, as `verify` reports: its position, and a block's transaction id and
/// time.
fn is_uncovered(file: &[u8], at: usize) -> bool {
    let text = String::from_utf8_lossy(file);
    let begin = |field: &str| text.find(field);
    let covered_from = begin(",hash:").into_iter().chain(begin(",blockHash:")).min().unwrap();
    at < covered_from && at > text.find("IonText").unwrap()
}

/// Both Ion texts of an answer, rewritten: white space and spellings of numbers don't matter, and members may have any
/// case, as some SDKs write them.
fn meaning(name: &str, file: &[u8]) -> Option<[String; 2]> {
    let file: Value = serde_json::from_slice(file).ok()?;
    let named = |value: &Value, name: &str| {
        let (_, member) = value.as_object()?.iter().find(|(other, _)| other.eq_ignore_ascii_case(name))?;
        Some(member.clone())
    };
    let written = |member: &str| {
        let mut writer = TextWriter::default();
        for value in values(named(&named(&file, member)?, "IonText")?.as_str()?.as_bytes()) {
            let value = value.ok()?;
            let mut reader = value.reader();
            while let Some(item) = reader.next_item().ok()? {
                writer.write(&item);
            }
        }
        String::from_utf8(writer.take()).ok()
    };
    let member = if answer(name) == SavedAnswer::Block { "Block" } else { "Revision" };
    Some([written(member)?, written("Proof")?])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_bit_that_differs_is_found_anywhere_that_a_hash_reaches(
        file in any::<prop::sample::Index>(), place in any::<prop::sample::Index>(), bit in 0..8_u32
    ) {
        static FILES: std::sync::LazyLock<(Files, SavedDigest)> = std::sync::LazyLock::new(files);
        let (files, digest) = &*FILES;
        let (name, bytes) = file.get(files);
        let at = place.index(bytes.len());
        let mut changed = bytes.clone();
        changed[at] ^= 1 << bit;
        let proved = check_saved(answer(name), name, &changed, digest).is_ok_and(|report| report.status() == Status::Proved);
        // A line break between two members can become another kind of Ion white space.
        let says_nothing = bytes[at] == b'\n' || meaning(name, &changed) == meaning(name, bytes);
        prop_assert!(!proved || says_nothing || is_uncovered(bytes, at), "{name}, byte {at}, bit {bit}: {}", String::from_utf8_lossy(&changed));
    }
}
