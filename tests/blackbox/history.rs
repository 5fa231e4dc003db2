//! `history`: every version of a document, as GetRevision answers it.

use std::path::Path;

use serde_json::Value;

use crate::support::{Place, Ran};

pub(crate) fn archive(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/archives").join(name).to_str().unwrap().to_owned()
}

pub(crate) fn truth(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(archive(name) + "/truth.json").unwrap()).unwrap()
}

fn history(arguments: &[&str]) -> Ran {
    Place::new().run(["history"].into_iter().chain(arguments.iter().copied()))
}

/// Versions and deletions are those that the generator of the archives noted, for every document.
#[test]
fn every_document_has_the_versions_that_it_was_given() {
    let (archive, truth) = (archive("small/ION_BINARY"), truth("small"));
    let documents = truth["documents"].as_object().unwrap();
    let mut many = documents.iter().filter(|(_, document)| document["version"].as_u64() > Some(1));
    let mut deleted = documents.iter().filter(|(_, document)| document["deleted"] == true);
    for (id, document) in [many.next().unwrap(), deleted.next().unwrap()] {
        let ran = history(&[&archive, "--document", id, "--output", "json"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let found = &ran.json()[0];
        assert_eq!((&found["documentId"], &found["tableName"]), (&Value::from(id.as_str()), &document["tableName"]));
        assert_eq!(
            (&found["complete"], &found["missingVersions"]),
            (&Value::from(true), &Value::from(Vec::<u64>::new()))
        );
        let versions = found["versions"].as_array().unwrap();
        let last = document["version"].as_u64().unwrap();
        let numbers: Vec<u64> = versions.iter().map(|version| version["version"].as_u64().unwrap()).collect();
        assert_eq!(numbers, (0..=last).collect::<Vec<_>>());
        let newest = versions.last().unwrap();
        assert_eq!(newest["operation"] == "D", document["deleted"] == true);
        assert_eq!(newest["blockAddress"]["sequenceNo"], document["lastSequenceNo"]);
        assert!(versions.iter().all(|one| one["proved"] == (one["operation"] != "D")), "{found}");
        // What it did is said of each version, and the first one changed everything.
        let ran = history(&[&archive, "--document", id, "--diff"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stdout.contains(&format!("0 to {last}, without gap")), "{}", ran.stdout);
        assert!(ran.stdout.contains("blocks 0 to 59, proved without gap"), "{}", ran.stdout);
    }
}

#[test]
fn an_archive_that_begins_later_says_which_versions_it_lacks() {
    let (archive, truth) = (archive("far/ION_TEXT"), truth("far"));
    let documents = truth["documents"].as_object().unwrap();
    let id = documents.iter().find(|(_, document)| document["version"].as_u64() > Some(2)).unwrap().0;
    let ran = history(&[&archive, "--document", id, "--output", "json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let found = &ran.json()[0];
    if found["versions"][0]["version"] != 0 {
        assert_eq!(found["complete"], false);
    }
}

#[test]
fn documents_are_found_by_what_they_hold_in_any_version() {
    let place = Place::new();
    assert_eq!(place.run(["ledger", "sample", "demo", "--transactions", "60"]).code, Some(0));
    let start =
        ["start", "--local", "--ledger", "demo", "--last", "99d", "--bucket", "exports", "--prefix", "a/", "--wait"];
    let role = ["--role-arn", "arn:aws:iam::123456789012:role/export"];
    assert_eq!(place.run(start.into_iter().chain(role)).code, Some(0));
    let archive = place.path().join("buckets/exports").to_str().unwrap().to_owned();
    let ran = place.run(["history", &archive, "--where", "Vehicle.Type=Sedan", "--output", "json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let found = ran.json();
    assert!(!found.is_empty());
    for document in &found {
        let versions = document["versions"].as_array().unwrap();
        assert!(versions.iter().any(|version| version["data"]["Type"] == "Sedan"), "{document}");
        let of_id = place.run([
            "history",
            &archive,
            "--document",
            document["documentId"].as_str().unwrap(),
            "--output",
            "json",
        ]);
        assert_eq!(of_id.json()[0], *document);
    }
    for arguments in [["--where", "Vehicle.Type=Spaceship"], ["--document", "0000000000000000000000"]] {
        let ran = place.run(["history", &archive].into_iter().chain(arguments));
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(3), ""), "{}", ran.stderr);
        assert!(ran.stderr.contains("there is no document"), "{}", ran.stderr);
    }
    let before = place.run(["history", &archive, "--where", "Vehicle.Type=Sedan", "--as-of", "1999-01-01"]);
    assert!(before.code == Some(0) && before.stdout.contains("it was not there yet"), "{before:?}");
}

#[test]
fn what_is_not_proved_is_shown_only_when_asked_for() {
    let (archive, truth) = (archive("small/JSON"), truth("small"));
    let id = truth["documents"].as_object().unwrap().keys().next().unwrap();
    let ran = history(&[&archive, "--document", id]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(12), ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("--unverified"), "{}", ran.stderr);
    let ran = history(&[&archive, "--document", id, "--unverified", "--output", "json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.json()[0]["versions"].as_array().unwrap().iter().all(|version| version["proved"] == false));
    for wrong in [&["--where", "Vehicle=1"][..], &[], &["--document", id, "--as-of", "soon"]] {
        let ran = history(&[&[archive.as_str()], wrong].concat());
        assert_eq!(ran.code, Some(2), "{wrong:?} {}", ran.stderr);
    }
}
