//! Verification of whole exports made by an independent implementation.

use std::path::Path;

use qldb_journal::archive::source::{Folder, Source};
use qldb_journal::archive::verify::{
    Level, Levels, Report, Request, SavedAnswer, SavedDigest, Status, check_saved, verify,
};

use crate::journal_archives::archives;

fn truth(folder: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(folder.join("truth.json")).unwrap()).unwrap()
}

fn verified(folder: &Path, levels: Levels, digest: Option<SavedDigest>) -> Report {
    let sources: Vec<Box<dyn Source>> = vec![Box::new(Folder::new(folder))];
    let levels = if digest.is_some() { levels.with(Level::Digest) } else { levels };
    verify(&Request::new(&sources).levels(levels).digest(digest).sha256_of_objects(true)).unwrap()
}

#[test]
fn independent_ion_archives_are_proved_up_to_every_digest_that_is_known() {
    let archives = archives();
    for (name, format) in
        [("small", "ION_TEXT"), ("small", "ION_BINARY"), ("daily", "ION_TEXT"), ("daily", "ION_BINARY")]
    {
        let truth = truth(&archives.join(name));
        for known in truth["digests"].as_array().unwrap() {
            let digest = SavedDigest::new(known["digest"].as_str().unwrap(), known["tip"].as_u64().unwrap()).unwrap();
            let report = verified(&archives.join(name).join(format), Levels::without_digest(), Some(digest));
            assert_eq!(
                report.verdict,
                Status::Proved,
                "{name} {format} {known}: {:#?} {:?}",
                report.breaks,
                report.levels
            );
        }
        let report = verified(&archives.join(name).join(format), Levels::without_digest(), None);
        assert_eq!(report.blocks, truth["blocks"].as_u64().unwrap());
        let journal = report.only_journal().unwrap();
        let last = truth["digests"].as_array().unwrap().last().unwrap();
        if last["tip"].as_u64() == Some(journal.last) {
            assert_eq!(Some(journal.digest.unwrap().to_base64().as_str()), last["digest"].as_str());
        }
        for (table, counts) in truth["tables"].as_object().unwrap() {
            let found = &report.outline.tables.named()[table];
            let expected = ["documents", "activeDocuments", "revisions"].map(|count| counts[count].as_u64().unwrap());
            assert_eq!([found.documents, found.existing(), found.revisions], expected, "{table}");
        }
    }
}

#[test]
fn numbers_beyond_31_bits_are_proved_and_a_digest_can_t_be() {
    let archives = archives();
    let far = archives.join("far/ION_TEXT");
    let report = verified(&far, Levels::without_digest(), None);
    assert_eq!(report.verdict, Status::Proved, "{:#?}", report.breaks);
    assert_eq!(report.only_journal().unwrap().last, 2_147_483_659);
    let digest = SavedDigest::new("6m6BMXobbJKpMhahwVthAEsN6awgnHK62Qq5McGP1Gk=", 2_147_483_650).unwrap();
    assert_eq!(verified(&far, Levels::without_digest(), Some(digest)).verdict, Status::Unproved);
}

#[test]
fn json_is_proved_in_what_it_can_prove_and_no_further() {
    let archives = archives();
    let json = archives.join("small/JSON");
    let provable = Levels::of(&[Level::Objects, Level::Blocks, Level::Chain]);
    let report = verified(&json, provable, None);
    assert_eq!(report.verdict, Status::Proved, "{:#?}", report.breaks);
    assert_eq!(verified(&json, Levels::without_digest(), None).verdict, Status::Unproved);
}

#[test]
fn answers_of_the_real_service_are_proved_against_its_digest() {
    let digest = SavedDigest::from_response(include_str!("../vectors/awscli-get-digest-123.json")).unwrap();
    for (answer, json) in [
        (SavedAnswer::Block, include_str!("../vectors/awscli-get-block-100.json")),
        (SavedAnswer::Revision, include_str!("../vectors/awscli-get-revision-100.json")),
    ] {
        let report = check_saved(answer, "answer.json", json, &digest).unwrap();
        assert_eq!((report.sequence_no, report.content_proved, report.breaks), (Some(100), true, vec![]));
        let altered = json.replace("Everett", "Seattle");
        assert!(!check_saved(answer, "answer.json", &altered, &digest).unwrap().breaks.is_empty());
    }
}
