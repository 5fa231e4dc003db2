//! `sync --status` reports how far the exports are, from manifests and the service's list alone,
//! and writes nothing.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::canned::{Canned, Reply, described, description};
use super::cli_local::files;
use super::cli_sync::{record, sampled, sync_and};
use super::s3_cli::in_environment_of;
use super::s3_server::{Fault, S3Server};
use super::support::{Place, Ran};

const STATUS: [&str; 4] = ["--status", "--output", "json", "--local"];

/// The one document that was printed.
fn status(ran: &Ran) -> Value {
    let [document] = ran.json().try_into().unwrap();
    document["SyncStatus"].clone()
}

/// Every file below a folder, with its content and modification time.
fn snapshot(folder: &Path) -> BTreeMap<std::path::PathBuf, (Vec<u8>, std::time::SystemTime)> {
    let of = |path: &Path| (std::fs::read(path).unwrap(), std::fs::metadata(path).unwrap().modified().unwrap());
    files(folder).into_iter().map(|path| (path.clone(), of(&path))).collect()
}

fn is_data(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "ion")
}

/// A service with this list of exports.
fn listing(exports: &str) -> Canned {
    let list = format!("{{\"JournalS3Exports\":[{exports}]}}");
    Canned::new(move |request, _| match request {
        request if request.ends_with("journal-s3-exports") => Reply::Http(200, "", list.clone()),
        _ => described("COMPLETED"),
    })
}

#[test]
fn a_data_directory_without_ledgers_stays_away() {
    let place = Place::new();
    let data_dir = place.path().join("data");
    let mut command = place.command(sync_and(&STATUS));
    command.env("QLDB_EXPORT_DATA_DIR", &data_dir);
    let ran = Ran::of(command);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(3), ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("holds no ledger yet"), "{}", ran.stderr);
    assert!(!data_dir.exists());
}

#[test]
fn it_follows_the_runs_from_nothing_to_proved() {
    let place = sampled();
    let before = place.run(sync_and(&STATUS));
    let found = status(&before);
    assert_eq!((before.code, &found["ExportedUpTo"], &found["MissingWindows"]), (Some(11), &Value::Null, &3.into()));
    assert!(before.stderr.contains("3 windows not exported, the first from "), "{}", before.stderr);
    assert_eq!(found["Missing"].as_array().unwrap().len(), 1, "windows that touch are one stretch: {found}");
    assert_eq!(found["LastVerification"]["Verdict"], Value::Null);

    let exported = place.run(sync_and(&["--local"]));
    assert_eq!(exported.code, Some(0), "{}", exported.stderr);
    let after = place.run(sync_and(&STATUS));
    let found = status(&after);
    assert_eq!((after.code, &found["MissingWindows"], &found["Archive"]["Exports"]), (Some(0), &0.into(), &3.into()));
    let last = exported.stdout.lines().last().unwrap().rsplit("  ").next().unwrap();
    assert_eq!(found["ExportedUpTo"].as_str().unwrap().replace("+00:00", "Z"), last);
    assert_eq!(found["NextRun"]["InclusiveStartTime"], found["ExportedUpTo"]);
    // With the flags of a sync that proves, it reports that nothing is proved.
    let asked = place.run(sync_and(&[&STATUS[..], &["--verify"]].concat()));
    assert_eq!((asked.code, &status(&asked)["LastVerification"]["UnprovedExports"]), (Some(12), &3.into()));
    assert!(asked.stderr.contains("no verification has proved 3 exports"), "{}", asked.stderr);

    assert_eq!(place.run(sync_and(&["--local", "--verify"])).code, Some(0));
    let proved = place.run(sync_and(&[&STATUS[..], &["--verify"]].concat()));
    let verified = &status(&proved)["LastVerification"];
    assert_eq!(
        (proved.code, &verified["Verdict"], &verified["UnprovedExports"]),
        (Some(0), &"proved".into(), &0.into())
    );
    let verify = place.run(["verify", "--output", "json", place.path().join("buckets/exports").to_str().unwrap()]);
    let (archive, verified) = (&status(&proved)["Archive"], &verify.json()[0]);
    assert_eq!((&archive["Blocks"], &archive["LastSequenceNo"]), (&verified["blocks"], &verified["lastSequenceNo"]));
}

#[test]
fn people_read_the_same_in_lines() {
    let place = sampled();
    assert_eq!(place.run(sync_and(&["--local", "--verify"])).code, Some(0));
    let ran = place.run(sync_and(&["--local", "--verify", "--status"]));
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let names: Vec<&str> = ran.stdout.lines().map(|line| line.split(": ").next().unwrap()).collect();
    let all =
        ["Ledger", "Destination", "Exported up to", "Missing", "In progress", "Archive", "Last verdict", "Next run"];
    assert_eq!(names, all, "{}", ran.stdout);
    assert!(ran.stdout.contains("proved, found at ") && ran.stdout.contains("due from "), "{}", ran.stdout);
}

#[test]
fn an_archive_that_did_not_verify_is_the_first_thing_that_is_wrong() {
    let place = sampled();
    assert_eq!(place.run(sync_and(&["--local"])).code, Some(0));
    let objects = files(&place.path().join("buckets/exports"));
    let object = objects.iter().find(|path| path.extension().is_some_and(|extension| extension == "ion")).unwrap();
    std::fs::write(object, "damaged").unwrap();
    assert_eq!(place.run(sync_and(&["--local", "--verify"])).code, Some(10));
    // One more window is missing if it is asked about shorter ones.
    for (more, missing) in [(&[][..], false), (&["--from", "2019-01-01"], true)] {
        let ran = place.run(sync_and(&[&STATUS[..], more].concat()));
        let verified = &status(&ran)["LastVerification"];
        assert_eq!((ran.code, &verified["Verdict"]), (Some(10), &"damaged".into()), "{}", ran.stderr);
        assert!(!verified["FailedSince"].is_null(), "{verified}");
        assert!(ran.stderr.contains("error: not proved: damaged, since "), "{}", ran.stderr);
        assert_eq!(ran.stderr.contains("warning: ") && ran.stderr.contains("not exported"), missing, "{}", ran.stderr);
    }
}

#[test]
fn a_gap_and_an_export_that_runs_are_named_and_nothing_is_written() {
    let place = sampled();
    assert_eq!(place.run(sync_and(&["--local"])).code, Some(0));
    let folder = place.path().join("buckets/exports");
    // The second of three exports is removed.
    let mut manifests = files(&folder);
    manifests.retain(|path| path.to_str().unwrap().ends_with(".started.manifest"));
    let start = |path: &Path| {
        let text = std::fs::read_to_string(path).unwrap();
        text.split("inclusiveStartTime:").nth(1).unwrap()[..25].to_owned()
    };
    manifests.sort_by_key(|path| start(path));
    let id = manifests[1].file_name().unwrap().to_str().unwrap().split('.').next().unwrap().to_owned();
    files(&folder).iter().filter(|path| path.to_str().unwrap().contains(&id)).for_each(|path| {
        std::fs::remove_file(path).unwrap();
    });
    let running = description("IN_PROGRESS").replace("a\\u001b[31mb/", "nightly/");
    let service = listing(&running);
    let elsewhere = Place::new();
    std::fs::create_dir(elsewhere.path().join("empty")).unwrap();
    let before = (snapshot(place.path()), snapshot(elsewhere.path()));
    let arguments = ["--status", "--output", "json", "--archive", folder.to_str().unwrap()];
    let ran = Ran::of(service.command(&elsewhere, sync_and(&arguments)));
    let found = status(&ran);
    assert_eq!(ran.code, Some(11), "{}", ran.stderr);
    assert_eq!(found["InProgress"].as_array().unwrap().len(), 1, "{found}");
    let missing = found["Missing"].as_array().unwrap();
    // From the end of the export that runs to the first one that exists, and the removed one.
    assert_eq!((missing.len(), &missing[1]["Windows"]), (2, &1.into()), "{found}");
    assert_eq!((snapshot(place.path()), snapshot(elsewhere.path())), before);
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 1, "no folder is made either");
    assert_eq!(service.starts(), 0);
}

#[test]
fn in_s3_no_object_is_read_and_nothing_is_written() {
    let server = S3Server::new("exports");
    let place = sampled();
    let to_s3 = sync_and(&["--local", "--object-store", "s3"]);
    assert_eq!(Ran::of(in_environment_of(&server, place.command(to_s3))).code, Some(0));
    let before = server.calls().len();
    server.plan(|call| is_data(&call.path).then_some(Fault::Answer(403, "AccessDenied")));
    let (service, elsewhere) = (listing(""), Place::new());
    let arguments = ["--status", "--output", "json", "--archive", "s3://exports/nightly/"];
    let ran = Ran::of(in_environment_of(&server, service.command(&elsewhere, sync_and(&arguments))));
    assert_eq!((ran.code, &status(&ran)["Archive"]["Exports"]), (Some(0), &3.into()), "{}", ran.stderr);
    let calls = server.calls().split_off(before);
    assert!(calls.iter().all(|call| call.method == "GET" && !is_data(&call.path)), "{calls:?}");
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[test]
fn without_a_first_window_it_stops_as_the_sync_would() {
    let service = listing("");
    let ran = Ran::of(service.command(&Place::new(), sync_and(&["--status"])));
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("--from is required: no earlier export"), "{}", ran.stderr);
}

/// A place whose record was changed after a sync.
fn with_record(change: impl Fn(&mut Value)) -> Place {
    let place = sampled();
    assert_eq!(place.run(sync_and(&["--local"])).code, Some(0));
    let mut content: Value = serde_json::from_slice(&std::fs::read(record(&place)).unwrap()).unwrap();
    change(&mut content);
    std::fs::write(record(&place), serde_json::to_vec(&content).unwrap()).unwrap();
    place
}

#[test]
fn a_record_that_ends_in_the_future_is_reported_and_does_not_count_as_done() {
    let place = with_record(|content| content["exported"][0][1] = "2099-01-01T00:00:00Z".into());
    let service = listing("");
    for (more, code) in [(&["--status"][..], 2), (&["--status", "--from", "-3d"], 11), (&[], 2)] {
        let ran = Ran::of(service.command(&place, sync_and(more)));
        assert_eq!(ran.code, Some(code), "{more:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("2099-01-01") && ran.stderr.contains("does not count as done"), "{}", ran.stderr);
    }
    assert_eq!(service.starts(), 0);
}

#[test]
fn a_record_of_another_destination_or_with_impossible_ranges_is_refused() {
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 4] = [
        ("of another ledger", |content| content["ledger"] = "other".into()),
        ("of another ledger", |content| content["bucket"] = "other".into()),
        ("of another ledger", |content| content["prefix"] = "other/".into()),
        ("ends before it begins", |content| content["exported"][0].as_array_mut().unwrap().reverse()),
    ];
    for (reason, change) in changes {
        let place = with_record(change);
        for more in [&["--local"][..], &["--local", "--status"]] {
            let ran = place.run(sync_and(more));
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{}", ran.stderr);
            assert!(ran.stderr.contains(reason) && ran.stderr.contains("move it away"), "{}", ran.stderr);
            assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
        }
    }
}

#[test]
fn values_in_a_record_cannot_begin_a_line() {
    let place = with_record(|content| {
        content["awaited"] = serde_json::json!(["a\n::error ::b"]);
        content["failed"] = serde_json::json!({
            "since": "2024-01-01T00:00:00Z", "verdict": "damaged", "archive": "a\n::error ::b",
        });
    });
    let ran = place.run(sync_and(&["--local", "--verify", "--status"]));
    assert_eq!(ran.code, Some(10), "{}", ran.stderr);
    assert!(ran.stderr.matches("::error ::b").count() >= 2, "{}", ran.stderr);
    assert!(!ran.stderr.contains("\n::error"), "{}", ran.stderr);
}
