//! `verify`, `ledger import` and `ledger digest` as people run them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::engine_support::files;
use crate::support::{Place, Ran};

const ROLE: &str = "arn:aws:iam::123456789012:role/export";

/// A place with a ledger that was exported in a format: the bucket's folder.
fn exported(format: &str) -> (Place, PathBuf) {
    let place = Place::new();
    assert_eq!(place.run(["ledger", "sample", "origin", "--transactions", "60", "--days", "2"]).code, Some(0));
    let start = ["start", "--local", "--ledger", "origin", "--last", "3d", "--bucket", "exports", "--prefix", "p/"];
    let ran = place.run(start.into_iter().chain(["--role-arn", ROLE, "--format", format, "--wait"]));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let bucket = place.path().join("buckets/exports");
    (place, bucket)
}

fn verify(place: &Place, folder: &Path, more: &[&str]) -> Ran {
    place.run(["verify", folder.to_str().unwrap()].into_iter().chain(more.iter().copied()))
}

fn data_object(bucket: &Path) -> PathBuf {
    let is_data = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "ion" || extension == "json");
    files(bucket).into_iter().find(is_data).unwrap()
}

#[test]
fn a_complete_export_is_proved_up_to_the_digest_of_its_ledger() {
    for format in ["ION_TEXT", "ION_BINARY"] {
        let (place, bucket) = exported(format);
        let digest = place.run(["ledger", "digest", "origin", "--output", "json"]);
        let saved = place.path().join("digest.json");
        fs::write(&saved, &digest.stdout).unwrap();
        let ran = verify(&place, &bucket, &["--digest", saved.to_str().unwrap(), "--output", "json"]);
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
        let report = &ran.json()[0];
        assert_eq!((&report["verdict"], &report["levels"]["digest"]), (&"proved".into(), &"proved".into()));
        assert_eq!((&report["blocks"], &report["lastSequenceNo"]), (&60.into(), &59.into()));
        assert_eq!(report["digest"], digest.json()[0]["Digest"]);
        let base64 = digest.json()[0]["Digest"].as_str().unwrap().to_owned();
        assert_eq!(verify(&place, &bucket, &["--digest", &base64, "--tip", "59"]).code, Some(0));
        let wrong_tip = verify(&place, &bucket, &["--digest", &base64, "--tip", "58"]);
        assert_eq!(wrong_tip.code, Some(10), "{}", wrong_tip.stdout);
        assert_eq!(verify(&place, &bucket, &["--digest", &base64, "--tip", "60"]).code, Some(11));
    }
}

#[test]
fn every_set_of_instructions_reads_and_hashes_the_same() {
    for format in ["ION_TEXT", "ION_BINARY"] {
        let (place, bucket) = exported(format);
        // Without the variable, the fastest that this CPU has; a name that it lacks has no effect.
        let verified = |name: Option<&str>| {
            let mut command = place.command(["verify", bucket.to_str().unwrap(), "--output", "json"]);
            command.envs(name.map(|name| ("QLDB_EXPORT_SHA256", name)));
            let ran = Ran::of(command);
            (ran.code, ran.stdout, ran.stderr)
        };
        let object = data_object(&bucket);
        let whole = fs::read(&object).unwrap();
        for place in [None, Some(whole.len() / 3), Some(whole.len() / 2), Some(whole.len() - 40)] {
            let mut bytes = whole.clone();
            place.into_iter().for_each(|place| bytes[place] ^= 1);
            fs::write(&object, &bytes).unwrap();
            let expected = verified(None);
            assert_eq!(expected.0 == Some(0), place.is_none(), "{}{}", expected.1, expected.2);
            for name in ["scalar", "sha-ni", "avx2", "avx512"] {
                assert_eq!(verified(Some(name)), expected, "{format}, {name}, byte {place:?}");
            }
        }
    }
}

#[test]
fn json_exits_with_12_unless_only_provable_levels_are_requested() {
    let (place, bucket) = exported("JSON");
    let ran = verify(&place, &bucket, &[]);
    assert_eq!(ran.code, Some(12), "{}", ran.stdout);
    assert!(ran.stdout.contains("JSON has lost the types"), "{}", ran.stdout);
    assert!(ran.stderr.starts_with("error: not proved: contents: JSON has lost the types"), "{}", ran.stderr);
    assert!(ran.stderr.contains("; --level objects,blocks,chain asks for"), "{}", ran.stderr);
    assert_eq!(verify(&place, &bucket, &["--level", "objects,blocks,chain"]).code, Some(0));
    let refused = place.run(["ledger", "import", "again", bucket.to_str().unwrap()]);
    assert_eq!(refused.code, Some(12));
    assert!(refused.stderr.contains("JSON has lost Ion's types"), "{}", refused.stderr);
}

#[test]
fn damage_is_10_and_names_object_block_field_expected_and_found() {
    let (place, bucket) = exported("ION_TEXT");
    let object = data_object(&bucket);
    let text = fs::read_to_string(&object).unwrap();
    fs::write(&object, text.replacen("State:\"", "State:\"X", 1)).unwrap();
    let ran = verify(&place, &bucket, &["--output", "json"]);
    assert_eq!(ran.code, Some(10), "{}", ran.stderr);
    let report = &ran.json()[0];
    let broken = &report["breaks"][0];
    assert!(broken["key"].as_str().unwrap().contains(".ion") && broken["sequenceNo"].is_u64(), "{broken}");
    assert!(broken["field"].as_str().unwrap().starts_with("revisions["), "{broken}");
    assert_ne!(broken["expected"], broken["found"]);
    let reported = verify(&place, &bucket, &[]);
    assert!(reported.stdout.starts_with("Verdict:") && reported.stdout.contains("damaged"), "{}", reported.stdout);
    let number = &broken["sequenceNo"];
    assert!(reported.stderr.starts_with("error: not proved: damaged: "), "{}", reported.stderr);
    assert!(
        reported.stderr.contains(&format!(": block {number}: a hash or value does not agree")),
        "{}",
        reported.stderr
    );
    let refused = place.run(["ledger", "import", "again", bucket.to_str().unwrap()]);
    assert_eq!(refused.code, Some(10));
    assert!(refused.stderr.contains("block "), "{}", refused.stderr);
}

#[test]
fn something_missing_is_11_and_nothing_at_all_is_never_success() {
    let (place, bucket) = exported("ION_BINARY");
    let manifest = files(&bucket).into_iter().find(|path| path.to_str().unwrap().ends_with(".completed.manifest"));
    fs::remove_file(manifest.unwrap()).unwrap();
    assert_eq!(verify(&place, &bucket, &[]).code, Some(11));
    let empty = place.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let nothing = verify(&place, &empty, &[]);
    assert!(matches!(nothing.code, Some(11 | 12)));
    let reported = format!("error: not proved: no export was found in {}: ", empty.display());
    assert!(nothing.stderr.starts_with(&reported), "{}", nothing.stderr);
    let absent = verify(&place, &place.path().join("absent"), &[]);
    assert_eq!(absent.code, Some(2), "{}", absent.stderr);
    assert!(absent.stderr.contains("give the folder that holds the manifests"), "{}", absent.stderr);
}

#[test]
fn a_receipt_names_every_input_with_its_sha256() {
    let (place, bucket) = exported("ION_TEXT");
    let receipt = place.path().join("receipt.json");
    assert_eq!(verify(&place, &bucket, &["--receipt", receipt.to_str().unwrap()]).code, Some(0));
    let receipt: serde_json::Value = serde_json::from_slice(&fs::read(receipt).unwrap()).unwrap();
    let objects = receipt["objects"].as_array().unwrap();
    let inputs = objects.iter().chain(receipt["manifests"].as_array().unwrap());
    let mut seen = 0;
    for input in inputs {
        let bytes = fs::read(bucket.join(input["key"].as_str().unwrap())).unwrap();
        let hash = qldb_journal::Hash::of(&bytes).to_hex();
        assert_eq!(
            (input["bytes"].as_u64(), input["sha256"].as_str()),
            (Some(bytes.len() as u64), Some(hash.as_str()))
        );
        seen += 1;
    }
    assert_eq!(seen, files(&bucket).len());
    assert_eq!(receipt["tool"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(receipt["report"]["verdict"], "proved");
}

#[test]
fn a_verification_resumes_where_it_was_interrupted_and_refuses_another_s_state() {
    let (place, bucket) = exported("ION_TEXT");
    let state = place.path().join("state.jsonl");
    let resume = ["--resume", state.to_str().unwrap()];
    let first = verify(&place, &bucket, &[&resume[..], &["--output", "json"]].concat());
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    let kept = fs::read_to_string(&state).unwrap();
    assert!(kept.lines().count() >= 2);
    // A line that was being written when the power failed is dropped; the object is read again.
    fs::write(&state, &kept[..kept.len() - 10]).unwrap();
    let again = verify(&place, &bucket, &[&resume[..], &["--output", "json"]].concat());
    assert_eq!(first.json(), again.json());
    assert_eq!(fs::read_to_string(&state).unwrap(), kept);
    let other = verify(&place, &bucket, &[&resume[..], &["--level", "blocks"]].concat());
    assert_eq!(other.code, Some(2), "{}", other.stderr);
}

#[test]
fn an_object_that_changed_since_the_interruption_is_read_again() {
    let (place, bucket) = exported("ION_TEXT");
    let state = place.path().join("state.jsonl");
    let resume = ["--resume", state.to_str().unwrap()];
    assert_eq!(verify(&place, &bucket, &resume).code, Some(0));
    let object = data_object(&bucket);
    let text = fs::read_to_string(&object).unwrap();
    fs::write(&object, text.replacen("State:\"", "State:\"X", 1)).unwrap();
    assert_eq!(verify(&place, &bucket, &resume).code, Some(10));
    assert_eq!(verify(&place, &bucket, &resume).code, Some(10));
}

#[test]
fn an_archive_becomes_a_ledger_that_can_be_exported_and_has_the_same_digest() {
    let (origin, bucket) = exported("ION_BINARY");
    for flags in [&[][..], &["--in-place"]] {
        let place = Place::new();
        let import = ["ledger", "import", "again", bucket.to_str().unwrap()];
        let ran = place.run(import.into_iter().chain(flags.iter().copied()));
        assert_eq!(
            (ran.code, ran.stdout.as_str()),
            (Some(0), "again: created, with 60 blocks in 1 segment\n"),
            "{}",
            ran.stderr
        );
        let twice = place.run(import);
        assert_eq!(twice.stdout, "again: nothing added, every block is there already\n");
        let digest =
            |place: &Place, name| place.run(["ledger", "digest", name, "--output", "json"]).json()[0]["Digest"].clone();
        assert_eq!(digest(&place, "again"), digest(&origin, "origin"));
    }
}

#[test]
fn saved_answers_of_the_real_service_are_proved_and_altered_ones_are_not() {
    let place = Place::new();
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let vector = |name: &str| vectors.join(name).to_str().unwrap().to_owned();
    let digest = vector("awscli-get-digest-123.json");
    for (flag, file) in [("--block", "awscli-get-block-100.json"), ("--revision", "awscli-get-revision-100.json")] {
        let ran = place.run(["verify", "--digest", &digest, flag, &vector(file)]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stdout.starts_with("proved: "), "{}", ran.stdout);
        let altered = place.path().join("altered.json");
        fs::write(&altered, fs::read_to_string(vector(file)).unwrap().replace("Everett", "Seattle")).unwrap();
        let ran = place.run(["verify", "--digest", &digest, flag, altered.to_str().unwrap()]);
        assert_eq!(ran.code, Some(10), "{}", ran.stdout);
    }
}

#[test]
fn all_faults_of_a_verify_command_are_reported_together() {
    let place = Place::new();
    let ran = place.run(["verify", "--level", "everything", "--digest", "x"]);
    assert_eq!(ran.code, Some(2));
    for flag in ["PATH", "--level", "--tip"] {
        assert!(ran.stderr.contains(flag), "{flag}: {}", ran.stderr);
    }
}
