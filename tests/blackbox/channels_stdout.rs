//! A change that was made is reported, even if stdout can't be written: otherwise a user who misses
//! the result may make the change again.

use std::process::{Command, Stdio};

use super::canned::{Canned, EXPORT_ID, Reply, described, started};
use super::cli_request::{RIGHT, right_and};
use super::support::{Place, Ran};

const ROLE: &str = "arn:aws:iam::123456789012:role/export";

/// How a command ends if its reader has gone, and if its stdout is full.
fn without_stdout(command: impl Fn() -> Command) -> Vec<Ran> {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut sinks = vec![Stdio::from(writer)];
    sinks.extend(std::fs::OpenOptions::new().write(true).open("/dev/full").map(Stdio::from));
    sinks.into_iter().map(|sink| Ran::from(command().stdout(sink).output().unwrap())).collect()
}

/// Each failed, and reported on stderr what was changed.
#[track_caller]
fn assert_reported(ran: &[Ran], change: &str) {
    for one in ran {
        assert_eq!(one.code, Some(1), "{one:?}");
        assert!(
            one.stderr.contains("the result could not be written to stdout") && one.stderr.contains(change),
            "{one:?}"
        );
    }
}

#[test]
fn a_started_export_is_reported() {
    let service =
        Canned::new(|request, _| if request.starts_with("POST ") { started() } else { described("COMPLETED") });
    let place = Place::new();
    let reported = format!("export {EXPORT_ID} is still running");
    assert_reported(&without_stdout(|| service.command(&place, RIGHT)), &reported);
    for more in [&["--wait"][..], &["--output", "json"], &["--quiet"]] {
        assert_reported(&without_stdout(|| service.command(&place, right_and(more))), &reported);
    }
}

#[test]
fn exports_of_a_sync_are_reported() {
    let service = Canned::new(|request, _| match request {
        request if request.starts_with("POST ") => started(),
        request if request.ends_with("journal-s3-exports") => {
            Reply::Http(200, "", r#"{"JournalS3Exports":[]}"#.to_owned())
        }
        _ => described("COMPLETED"),
    });
    let sync =
        ["sync", "--ledger", "vehicle-registration", "--bucket", "exports", "--prefix", "nightly/", "--role-arn"];
    let when = [ROLE, "--from", "2019-09-18", "--window", "366d", "--poll-interval", "1ms", "--quiet"];
    for output in [&[][..], &["--output", "json"]] {
        let place = Place::new();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let arguments = sync.into_iter().chain(when).chain(output.iter().copied());
        let ran = Ran::from(service.command(&place, arguments).stdout(writer).output().unwrap());
        assert_reported(&[ran], EXPORT_ID);
    }
}

#[test]
fn changes_of_ledgers_are_reported_even_without_stdout() {
    let place = Place::new();
    let sample = ["ledger", "sample", "demo", "--transactions", "20", "--days", "1"];
    assert_eq!(place.run(sample).code, Some(0));
    let start = ["start", "--local", "--ledger", "demo", "--last", "9d", "--bucket", "exports", "--prefix", "a/"];
    assert_eq!(place.run(start.into_iter().chain(["--role-arn", ROLE, "--wait"])).code, Some(0));
    let archive = place.path().join("buckets/exports/a");
    std::fs::write(place.path().join("document"), "{n:1}").unwrap();
    for output in ["json", "text"] {
        let run = |arguments: &[&str]| {
            without_stdout(|| {
                let elsewhere = place.path().join(format!("data-{}", fastrand::u64(..)));
                let mut command = place.command(arguments.iter().copied().chain(["--output", output]));
                if arguments[1] != "append" && arguments[1] != "delete" {
                    command.env("QLDB_EXPORT_DATA_DIR", elsewhere);
                }
                command.current_dir(place.path());
                command
            })
        };
        assert_reported(
            &run(&["ledger", "sample", "another", "--transactions", "20"]),
            "the ledger another was created",
        );
        assert_reported(
            &run(&["ledger", "import", "demo", archive.to_str().unwrap()]),
            "ledger demo holds what was imported",
        );
        assert_reported(
            &run(&["ledger", "append", "demo", "--table", "T", "document"]),
            "written to ledger demo: 1 change",
        );
    }
    let deleting = ["ledger", "delete", "demo", "--force", "--output", "json"];
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let ran = Ran::from(place.command(deleting).stdout(writer).output().unwrap());
    assert_reported(&[ran], "the ledger demo was deleted");
}

#[test]
fn a_query_that_selects_nothing_still_reports_the_change() {
    let service = Canned::new(|_, _| started());
    let ran = Ran::of(service.command(&Place::new(), right_and(&["--query", "sort(ExportId)"])));
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("--query does not fit") && ran.stderr.contains(EXPORT_ID), "{ran:?}");
}
