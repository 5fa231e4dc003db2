//! `sync`: every window once, whatever happens to the runs.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::canned::{Canned, EXPORT_ID, Reply, described, description, failed, started};
use super::serving::signal;
use super::support::{Place, Ran};

pub(crate) const SYNC: [&str; 9] = [
    "sync",
    "--ledger",
    "vehicle-registration",
    "--bucket",
    "exports",
    "--prefix",
    "nightly/",
    "--role-arn",
    "arn:aws:iam::123456789012:role/export",
];

/// `sync` with more flags. Yesterday's window is due as soon as the day is over, so that the first minutes of a day are
/// like all others.
pub(crate) fn sync_and<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let lag: &[&str] = if more.contains(&"--lag") { &[] } else { &["--lag", "1ms"] };
    SYNC.iter().chain(lag).chain(more).copied().collect()
}

/// A place with a sample ledger of three days.
pub(crate) fn sampled() -> Place {
    let place = Place::new();
    let ran = place.run(["ledger", "sample", "vehicle-registration", "--transactions", "60", "--days", "3"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    place
}

/// The single record of a place.
pub(crate) fn record(place: &Place) -> std::path::PathBuf {
    let mut folders = std::fs::read_dir(place.path().join("sync")).unwrap();
    folders.next().unwrap().unwrap().path().join("record.json")
}

/// The ranges of all exports of a place, in order. Each must be complete.
fn exported(place: &Place) -> Vec<(String, String)> {
    let listed = place.run(["list", "--local", "--output", "json"]).json();
    let exports = listed[0]["JournalS3Exports"].as_array().unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    assert!(exports.iter().all(|export| export["Status"] == "COMPLETED"), "{listed:?}");
    let mut ranges: Vec<_> =
        exports.iter().map(|export| (text(&export["InclusiveStartTime"]), text(&export["ExclusiveEndTime"]))).collect();
    ranges.sort();
    ranges
}

fn assert_joined(ranges: &[(String, String)]) {
    assert!(ranges.windows(2).all(|pair| pair[0].1 == pair[1].0), "{ranges:?}");
}

#[test]
fn every_day_since_the_ledger_s_creation_is_exported_once_and_then_there_is_silence() {
    let place = sampled();
    let first = place.run(sync_and(&["--local", "--verify"]));
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    assert_eq!(first.stdout.lines().count(), 3, "{}", first.stdout);
    assert!(first.stderr.starts_with("no earlier export is known at this bucket and prefix"), "{}", first.stderr);
    assert!(first.stderr.contains("verified: blocks 0 to ") && first.stderr.contains(": proved"), "{}", first.stderr);
    assert_joined(&exported(&place));
    let second = place.run(sync_and(&["--local", "--verify"]));
    assert_eq!((second.code, second.stdout.as_str(), second.stderr.as_str()), (Some(0), "", ""));
}

#[test]
fn the_ids_with_their_windows_are_the_result_and_quiet_is_quiet() {
    let place = sampled();
    let ran = place.run(sync_and(&["--local", "--quiet"]));
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let shown: Vec<Vec<&str>> = ran.stdout.lines().map(|line| line.split("  ").collect()).collect();
    assert!(shown.iter().all(|line| line[0].len() == 22 && line[1].ends_with("T00:00:00Z")), "{shown:?}");
    assert!(shown.windows(2).all(|pair| pair[0][2] == pair[1][1]), "{shown:?}");
}

#[cfg(unix)]
#[test]
fn a_killed_run_is_resumed_by_the_next_one() {
    let place = sampled();
    let mut command = place.command(sync_and(&["--local", "--window", "2h"]));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut String::new()).unwrap();
    signal("-KILL", child.id());
    child.wait().unwrap();
    let ran = place.run(sync_and(&["--local", "--window", "2h", "--verify"]));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let ranges = exported(&place);
    assert!(ranges.len() > 30, "{ranges:?}");
    assert_joined(&ranges);
}

#[test]
fn windows_that_the_manifests_cover_are_not_exported_again() {
    let place = sampled();
    assert_eq!(place.run(sync_and(&["--local"])).code, Some(0));
    // Another service that has forgotten its exports, and the folder to which they were written.
    let service = Canned::new(|_, _| Reply::Http(200, "", r#"{"JournalS3Exports":[]}"#.to_owned()));
    let folder = place.path().join("buckets/exports");
    let ran = Ran::of(service.command(&place, sync_and(&["--archive", folder.to_str().unwrap()])));
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (Some(0), "", ""));
    assert_eq!(service.starts(), 0);
}

#[test]
fn an_export_before_that_has_lost_an_object_is_exit_11() {
    let place = sampled();
    let range = ["--from", "-4d", "--until", "yesterday", "--local"];
    assert_eq!(place.run([&["start"], &SYNC[1..], &range[..]].concat()).code, Some(0));
    let objects = super::cli_local::files(&place.path().join("buckets/exports"));
    let object = objects.iter().find(|path| path.extension().is_some_and(|extension| extension == "ion"));
    std::fs::remove_file(object.unwrap()).unwrap();
    let ran = place.run(sync_and(&["--local", "--verify"]));
    assert_eq!((ran.code, ran.stdout.lines().count()), (Some(11), 1), "{}", ran.stderr);
    assert!(ran.stderr.contains("an object that the manifest lists is missing"), "{}", ran.stderr);
}

fn none() -> Reply {
    Reply::Http(200, "", r#"{"JournalS3Exports":[]}"#.to_owned())
}

/// A service with this list of exports, where every started export ends this way.
fn service(list: fn() -> Reply, status: &'static str) -> Canned {
    Canned::new(move |request, _| match request {
        "GET /ledgers/vehicle-registration/journal-s3-exports" => list(),
        request if request.starts_with("POST ") => started(),
        _ => described(status),
    })
}

fn run(service: &Canned, arguments: &[&str]) -> Ran {
    Ran::of(service.command(&Place::new(), arguments.iter().copied()))
}

const SINCE: [&str; 4] = ["--from", "2019-09-18", "--poll-interval", "1ms"];

#[test]
fn the_first_failure_ends_the_run_with_its_window_named() {
    let service = service(none, "CANCELLED");
    let ran = run(&service, &sync_and(&SINCE));
    assert_eq!(ran.code, Some(7));
    let named = format!("2019-09-18T00:00:00Z to 2019-09-19T00:00:00Z: export {EXPORT_ID} ended CANCELLED");
    assert!(ran.stderr.contains(&named), "{}", ran.stderr);
    assert_eq!(service.starts(), 2);
}

#[test]
fn a_refusal_ends_the_run_with_its_window_named_and_the_refusal_s_code() {
    let service = Canned::new(|request, _| match request {
        request if request.starts_with("POST ") => failed(403, "AccessDeniedException"),
        _ => none(),
    });
    let ran = run(&service, &sync_and(&SINCE));
    assert_eq!(ran.code, Some(6));
    assert!(
        ran.stderr.contains("2019-09-18T00:00:00Z to 2019-09-19T00:00:00Z: the service's own words"),
        "{}",
        ran.stderr
    );
    assert_eq!(service.starts(), 1);
}

#[test]
fn a_full_ledger_is_waited_for() {
    let refused = AtomicUsize::new(0);
    let service = Canned::new(move |request, _| match request {
        request if request.starts_with("POST ") && refused.fetch_add(1, Ordering::Relaxed) < 2 => {
            failed(400, "LimitExceededException")
        }
        request if request.starts_with("POST ") => started(),
        request if request.ends_with("journal-s3-exports") => none(),
        _ => described("COMPLETED"),
    });
    let ran = run(&service, &sync_and(&["--from", "2019-09-18", "--window", "366d", "--poll-interval", "1ms"]));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("waiting for a slot"), "{}", ran.stderr);
    assert_eq!(service.starts(), ran.stdout.lines().count() + 2);
}

/// An export to the same destination that an earlier run left.
fn left_running() -> Reply {
    let export = description("IN_PROGRESS").replace("a\\u001b[31mb/", "nightly/");
    Reply::Http(200, "", format!("{{\"JournalS3Exports\":[{export}]}}"))
}

#[test]
fn an_export_that_an_earlier_run_has_left_is_followed_and_not_started_again() {
    let service = service(left_running, "CANCELLED");
    let ran = run(&service, &sync_and(&["--window", "366d", "--poll-interval", "1ms"]));
    assert_eq!(ran.code, Some(7), "{}", ran.stderr);
    assert!(ran.stderr.contains("was started before; following it"), "{}", ran.stderr);
    assert!(ran.stderr.contains("2019-09-18T00:00:00Z to 2019-09-18T22:59:59.123Z: export"), "{}", ran.stderr);
    // The other slot is used for the first window that is missing.
    assert_eq!(service.starts(), 1);
    assert!(ran.stdout.lines().nth(1).unwrap().contains("  2019-09-18T22:59:59.123Z  "), "{}", ran.stdout);
}

#[test]
fn time_that_is_up_is_exit_8_and_names_what_is_missing() {
    let service = service(none, "IN_PROGRESS");
    let ran = run(&service, &sync_and(&[&SINCE[..], &["--timeout", "50ms"]].concat()));
    assert_eq!(ran.code, Some(8));
    assert!(ran.stderr.contains("2019-09-18T00:00:00Z to 2019-09-19T00:00:00Z is the first window"), "{}", ran.stderr);
}

/// A run that has begun an export that does not end.
#[cfg(unix)]
fn endless(service: &Canned, place: &Place) -> Child {
    let mut command = service.command(place, sync_and(&SINCE));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut String::new()).unwrap();
    child
}

#[cfg(unix)]
#[test]
fn a_second_run_at_the_same_time_does_nothing_and_says_so() {
    let (service, place) = (service(none, "IN_PROGRESS"), Place::new());
    let mut first = endless(&service, &place);
    let second = Ran::of(service.command(&place, sync_and(&SINCE)));
    assert_eq!((second.code, second.stdout.as_str()), (Some(0), ""), "{}", second.stderr);
    assert!(second.stderr.contains(&format!("is running (process {})", first.id())), "{}", second.stderr);
    signal("-TERM", first.id());
    let mut said = String::new();
    first.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(first.wait().unwrap().code(), Some(143));
    assert!(said.contains("the next sync finds them"), "{said}");
}

#[test]
fn all_wrong_words_are_reported_together_and_nothing_is_sent() {
    let service = service(none, "COMPLETED");
    let wrong = ["sync", "--ledger=vehicles", "--window=1s", "--lag=soon", "--from=tomorrowish", "--archive=/dev/null"];
    let ran = run(&service, &wrong);
    assert_eq!((ran.code, service.requests().len()), (Some(2), 0));
    for flag in ["--window \"1s\"", "--lag \"soon\"", "--from \"tomorrowish\"", "--archive", "--bucket", "--role-arn"] {
        assert!(ran.stderr.contains(flag), "{flag} is not in:\n{}", ran.stderr);
    }
    assert!(run(&service, &sync_and(&["--verify"])).stderr.contains("--archive is required"));
}
