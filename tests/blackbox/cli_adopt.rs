//! `start` that is run again: the same export is followed, not started twice.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::canned::{Canned, EXPORT_ID, Reply, described, description, failed, started};
use super::cli_request::right_and;
use super::support::{Place, Ran};

const EXPORT: [&str; 13] = [
    "start",
    "--ledger",
    "vehicle-registration",
    "--from",
    "yesterday",
    "--until",
    "today",
    "--bucket",
    "exports",
    "--prefix",
    "nightly/",
    "--role-arn",
    "arn:aws:iam::123456789012:role/export",
];

fn export_and<'a>(more: &[&'a str]) -> Vec<&'a str> {
    EXPORT.iter().chain(more).copied().collect()
}

fn run(service: &Canned, arguments: &[&str]) -> Ran {
    Ran::of(service.command(&Place::new(), arguments.iter().copied()))
}

#[test]
fn a_step_that_runs_again_follows_the_export_that_it_started_before() {
    let place = Place::new();
    let first = place.run(export_and(&["--local", "--wait", "--adopt"]));
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    let second = place.run(export_and(&["--local", "--wait", "--adopt"]));
    assert_eq!((second.code, &second.stdout), (Some(0), &first.stdout), "{}", second.stderr);
    assert!(second.stderr.contains("not starting another"), "{}", second.stderr);
    let plain = place.run(export_and(&["--local", "--adopt", "--format", "ION_TEXT"]));
    assert_eq!(plain.stdout.lines().next(), first.stdout.lines().next(), "ION_TEXT is the default");
    for other in [["--format", "JSON"], ["--prefix", "other/"], ["--from", "2024-03-01"], ["--bucket", "others"]] {
        // The last of two equal flags is not used: replace it.
        let mut arguments = export_and(&["--local", "--adopt"]);
        match arguments.iter().position(|flag| *flag == other[0]) {
            Some(at) => arguments[at + 1] = other[1],
            None => arguments.extend(other),
        }
        let ran = place.run(arguments);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert_ne!(ran.stdout.lines().next(), first.stdout.lines().next(), "{other:?} is another export");
    }
    let listed = place.run(["list", "--local", "--output", "json"]).json();
    assert_eq!(listed[0]["JournalS3Exports"].as_array().unwrap().len(), 5);
}

#[test]
fn a_range_that_moves_with_the_clock_cannot_be_adopted() {
    let place = Place::new();
    for (range, moves) in [
        (&["--last", "24h"][..], "ends"),
        (&["--from", "yesterday", "--until", "now"], "ends"),
        (&["--from", "-36h", "--until", "today"], "starts"),
    ] {
        let rest = ["--ledger", "l", "--bucket", "exports", "--prefix", "p/", "--role-arn", EXPORT[12], "--adopt"];
        let ran = place.run(["start", "--local"].iter().chain(range).chain(&rest).copied());
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{}", ran.stderr);
        assert!(ran.stderr.contains(&format!("--adopt can't adopt: the range {moves}")), "{}", ran.stderr);
    }
    assert!(!place.path().join("catalog.db").exists(), "nothing was begun");
}

/// The export of the same request, as in a list.
fn same(status: &str) -> String {
    let export = description(status).replace("a\\u001b[31mb/", "nightly/");
    export.replace("1568764800.0", "1568764800").replace("1568847599.123", "1568844000.123")
}

fn listed(status: &str) -> Reply {
    Reply::Http(200, "", format!("{{\"JournalS3Exports\":[{}]}}", same(status)))
}

#[test]
fn an_export_that_runs_is_followed_and_one_that_was_cancelled_is_not() {
    for (status, starts) in [("IN_PROGRESS", 0), ("COMPLETED", 0), ("CANCELLED", 1)] {
        let service = Canned::new(move |request, _| match request {
            request if request.starts_with("POST ") => started(),
            request if request.ends_with("journal-s3-exports") => listed(status),
            _ => described("COMPLETED"),
        });
        let ran = run(&service, &right_and(&["--adopt", "--wait", "--poll-interval", "1ms"]));
        assert_eq!((ran.code, ran.stdout), (Some(0), format!("{EXPORT_ID}\nCOMPLETED\n")), "{}", ran.stderr);
        assert_eq!(service.starts(), starts, "{status}");
    }
}

#[test]
fn an_export_with_its_end_adjusted_to_now_is_the_same_and_one_requested_with_that_end_is_not() {
    // It was created when its end was the current time, as ends are rounded up to whole seconds; or later.
    for (end, created, starts) in [
        ("1568843999.5", "1568843999.5", 0),
        ("1568843999.5", "1568844000.1", 0),
        ("1568843999.5", "1568847801.418", 1),
        ("1568843998.5", "1568843998.5", 1),
        ("1568844000.5", "1568844000.5", 1),
    ] {
        let service = Canned::new(move |request, _| match request {
            request if request.starts_with("POST ") => started(),
            request if request.ends_with("journal-s3-exports") => {
                let export = same("IN_PROGRESS").replace("1568844000.123", end).replace("1568847801.418", created);
                Reply::Http(200, "", format!("{{\"JournalS3Exports\":[{export}]}}"))
            }
            _ => described("COMPLETED"),
        });
        let ran = run(&service, &right_and(&["--adopt"]));
        assert_eq!((ran.code, ran.stdout.trim()), (Some(0), EXPORT_ID), "{}", ran.stderr);
        assert_eq!(service.starts(), starts, "{end}, made at {created}");
    }
}

#[test]
fn without_the_flag_the_same_request_is_another_export() {
    let service = Canned::new(|request, _| if request.starts_with("POST ") { started() } else { listed("COMPLETED") });
    assert_eq!(run(&service, &right_and(&[])).code, Some(0));
    assert_eq!(service.requests(), ["POST /ledgers/vehicle-registration/journal-s3-exports"]);
}

#[test]
fn an_export_whose_answer_was_lost_is_found_in_the_list() {
    let now = || chrono::Utc::now().timestamp().to_string();
    let service = Canned::new(move |request, _| match request {
        request if request.starts_with("POST ") => Reply::HangUp,
        _ => {
            let export = same("IN_PROGRESS").replace("1568847801.418", &now());
            Reply::Http(200, "", format!("{{\"JournalS3Exports\":[{export}]}}"))
        }
    });
    let ran = run(&service, &right_and(&[]));
    assert_eq!((ran.code, ran.stdout.trim()), (Some(0), EXPORT_ID), "{}", ran.stderr);
    assert_eq!(service.starts(), 1);
}

#[test]
fn an_old_export_is_not_mistaken_for_the_one_whose_response_was_lost() {
    let service =
        Canned::new(|request, _| if request.starts_with("POST ") { Reply::HangUp } else { listed("COMPLETED") });
    let ran = run(&service, &right_and(&[]));
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(9), ""), "{}", ran.stderr);
}

#[test]
fn waiting_for_a_slot_names_the_exports_that_occupy_them() {
    let refused = AtomicUsize::new(0);
    let service = Canned::new(move |request, _| match request {
        request if !request.starts_with("POST ") => listed("IN_PROGRESS"),
        _ if refused.fetch_add(1, Ordering::Relaxed) < 3 => failed(400, "LimitExceededException"),
        _ => started(),
    });
    let ran = run(&service, &right_and(&["--on-limit", "wait", "--poll-interval", "1ms"]));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let reported = format!("already runs {EXPORT_ID} (since 2019-09-18T23:03:21.418Z); waiting for a slot");
    assert_eq!(ran.stderr.matches(&reported).count(), 1, "{}", ran.stderr);
}
