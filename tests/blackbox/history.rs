//! `history`: every version of a document, as GetRevision returns it.

use std::path::Path;

use aws_sdk_qldb::types::ValueHolder;
use ion_rs::{Element, IonData};
use qldb_endpoint::engine::SampleSpec;
use qldb_journal::request::LedgerName;
use serde_json::Value;

use crate::endpoint_running::{ROLE, Running, seconds_from_now, target};
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

/// The export of a ledger that was made of one document, in the table Corners.
pub(crate) fn exported(place: &Place, document: &str) -> String {
    let file = place.path().join("document.ion");
    std::fs::write(&file, document).unwrap();
    assert_eq!(place.run(["ledger", "sample", "demo", "--transactions", "1"]).code, Some(0));
    let ran = place.run(["ledger", "append", "demo", "--table", "Corners", file.to_str().unwrap()]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let start =
        ["start", "--local", "--ledger", "demo", "--from", "2000-01-01", "--bucket", "exports", "--prefix", "a/"];
    let role = ["--wait", "--role-arn", "arn:aws:iam::123456789012:role/export"];
    assert_eq!(place.run(start.into_iter().chain(role)).code, Some(0));
    place.path().join("buckets/exports").to_str().unwrap().to_owned()
}

#[test]
fn numbers_are_compared_by_all_their_digits() {
    let place = Place::new();
    let archive = exported(&place, "{long:1234567890123456789.50, tiny:1d-400, 'a\"b':1}");
    for (condition, code) in [
        ("Corners.long=1234567890123456789.5", 0),
        ("Corners.long=1234567890123456789.4", 3),
        ("Corners.tiny=0", 3),
        ("Corners.tiny=0.1e-399", 0),
        ("Corners.\"a\"\"b\"=1", 0),
    ] {
        let ran = place.run(["history", &archive, "--where", condition]);
        assert_eq!(ran.code, Some(code), "{condition}: {}", ran.stderr);
    }
}

/// Versions and deletions are those that the generator of the archives recorded, for every document.
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
        // Its operation is shown for each version, and the first one changed everything.
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
    let ran = place.run(["history", &archive, "--where", "vehicle.Type=Sedan"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(3), ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("the tables are DriversLicense, Person, Vehicle"), "{}", ran.stderr);
    for arguments in [["--where", "Vehicle.Type=Spaceship"], ["--document", "0000000000000000000000"]] {
        let ran = place.run(["history", &archive].into_iter().chain(arguments));
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(3), ""), "{}", ran.stderr);
        assert!(ran.stderr.contains("there is no document"), "{}", ran.stderr);
    }
    let before = place.run(["history", &archive, "--where", "Vehicle.Type=Sedan", "--as-of", "1999-01-01"]);
    assert_eq!((before.code, before.stdout.as_str()), (Some(3), ""), "{before:?}");
    let others = format!("nor has {} other document", found.len() - 1);
    assert!(before.stderr.contains("has no version at 1999-01-01T00:00:00Z: it was inserted at "), "{before:?}");
    assert!(before.stderr.contains(&others), "{before:?}");
    // Those that were there are shown, and the others are omitted.
    let mut first: Vec<&str> = found.iter().map(|one| one["versions"][0]["txTime"].as_str().unwrap()).collect();
    first.sort_unstable();
    let at = ["history", &archive, "--where", "Vehicle.Type=Sedan", "--as-of", first[0], "--output", "json"];
    let shown = place.run(at);
    assert_eq!((shown.code, shown.json().len()), (Some(0), 1), "{shown:?}");
    assert_eq!(shown.json()[0]["versions"].as_array().unwrap().len(), 1);
}

/// Every version of every document, requested by its block through the endpoint.
#[tokio::test]
async fn versions_are_what_get_revision_answers() {
    let running = Running::start().await;
    let engine = std::sync::Arc::clone(&running.engine);
    let spec = SampleSpec { name: LedgerName::parse("L1").unwrap(), transactions: 60, days: 2, seed: 1 };
    tokio::task::spawn_blocking(move || engine.make_sample(&spec).unwrap()).await.unwrap();
    let client = running.client();
    let call = client.export_journal_to_s3().name("L1").role_arn(ROLE).s3_export_configuration(target("exports", ""));
    let call = call.inclusive_start_time(seconds_from_now(-9 * 86_400)).exclusive_end_time(seconds_from_now(-1));
    call.send().await.unwrap();
    running.idle().await;
    let archive = running.engine.data_dir().join("buckets/exports").to_str().unwrap().to_owned();
    let mut versions = 0;
    let mut several = 0;
    for condition in ["Vehicle.Type=Sedan", "Person.GovIdType=Passport", "VehicleRegistration.State=WA"] {
        let ran = history(&[&archive, "--where", condition, "--output", "json"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        for document in ran.json() {
            let id = document["documentId"].as_str().unwrap();
            let found = document["versions"].as_array().unwrap();
            several += usize::from(found.len() > 1);
            for version in found {
                let text = |member: &str| version[member].as_str().unwrap().to_owned();
                let place = &version["blockAddress"];
                let address = format!("{{strandId:{},sequenceNo:{}}}", place["strandId"], place["sequenceNo"]);
                let holder = ValueHolder::builder().ion_text(&address).build();
                let answer =
                    client.get_revision().name("L1").block_address(holder).document_id(id).send().await.unwrap();
                let answer = Element::read_one(answer.revision().unwrap().ion_text().unwrap()).unwrap();
                // A full second is shown without milliseconds, which the journal has.
                let time: chrono::DateTime<chrono::Utc> = text("txTime").parse().unwrap();
                let data = version["dataIon"].as_str().map(|data| format!(",data:{data}")).unwrap_or_default();
                let shown = format!(
                    "{{blockAddress:{address},hash:{{{{{}}}}}{data},metadata:{{id:\"{id}\",version:{},txTime:{},txId:\"{}\"}}}}",
                    text("hash"),
                    version["version"],
                    time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
                    text("txId"),
                );
                let shown = Element::read_one(&shown).unwrap();
                assert!(IonData::eq(&shown, &answer), "{shown}\n{answer}");
                versions += 1;
            }
        }
    }
    assert!(versions > 20 && several > 2, "{versions} {several}");
    running.stop().await;
}

/// Nobody knows what a version changed whose data are not here, or those of the one before.
#[test]
fn changes_are_shown_only_if_both_versions_exist() {
    let small = archive("small/ION_TEXT");
    let redacted = ["history", &small, "--document", "CKY2POw9yEH7JN1XRuPyJW", "--diff"];
    let place = Place::new();
    let ran = place.run(redacted.into_iter().chain(["--output", "json"]));
    let found = &ran.json()[0]["versions"];
    let changes: Vec<bool> = found.as_array().unwrap().iter().map(|version| version["changes"].is_array()).collect();
    assert_eq!((found[1]["redacted"].clone(), changes), (true.into(), vec![true, false, false]));
    let ran = place.run(redacted);
    assert!(ran.stdout.contains("unknown changes: "), "{}", ran.stdout);
    let (_, last) = ran.stdout.split_once("Version 2").unwrap();
    assert!(last.contains("VALUE") && !last.contains("BEFORE"), "{last}");
    // In an archive that begins later, the first version there did not insert everything.
    let (far, truth) = (archive("far/ION_TEXT"), truth("far"));
    let mut later = 0;
    for id in truth["documents"].as_object().unwrap().keys() {
        let ran = place.run(["history", &far, "--document", id, "--diff", "--output", "json"]);
        for found in ran.json() {
            let first = &found["versions"][0];
            let is_known = first["version"] == 0 && first["redacted"] == false;
            assert_eq!(first["changes"].is_array(), is_known, "{first}");
            later += u64::from(first["version"] != 0);
        }
    }
    assert!(later > 0, "no document there begins before the archive");
}

/// JSON is read here up to some depth: what is deeper is not lost.
#[test]
fn data_that_are_nested_very_deep_are_shown() {
    let place = Place::new();
    let start =
        ["start", "--local", "--ledger", "deep", "--last", "9d", "--bucket", "exports", "--prefix", "a/", "--wait"];
    let role = ["--role-arn", "arn:aws:iam::123456789012:role/export"];
    let document = format!("{{Name:\"x\",Deep:{}1{}}}", "[".repeat(300), "]".repeat(300));
    std::fs::write(place.path().join("deep.ion"), &document).unwrap();
    assert_eq!(place.run(["ledger", "sample", "deep", "--transactions", "5"]).code, Some(0));
    let file = place.path().join("deep.ion").to_str().unwrap().to_owned();
    assert_eq!(place.run(["ledger", "append", "deep", "--table", "Deep", &file]).code, Some(0));
    assert_eq!(place.run(start.into_iter().chain(role)).code, Some(0));
    let archive = place.path().join("buckets/exports").to_str().unwrap().to_owned();
    let ran = place.run(["history", &archive, "--where", "Deep.Name=x", "--output", "json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let data = ran.json()[0]["versions"][0]["data"].as_str().unwrap().to_owned();
    assert!(data.contains(&"[".repeat(300)), "{data}");
}

#[test]
fn unproved_versions_are_shown_only_on_request() {
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
