//! GitHub Actions: annotations, the step's outputs and its summary.

use std::path::Path;
use std::process::Command;

use crate::canned::EXPORT_ID;
use crate::cli_events::ending;
use crate::cli_request::{RIGHT, right_and};
use crate::engine_support::files;
use crate::support::{Place, Ran};

const ROLE: &str = "arn:aws:iam::123456789012:role/export";
const QUICK: [&str; 3] = ["--wait", "--poll-interval", "1ms"];

/// What the runner reads from a step.
struct Step {
    ran: Ran,
    outputs: String,
    summary: String,
}

impl Step {
    fn of(place: &Place, mut command: Command) -> Self {
        let [outputs, summary] = ["outputs", "summary"].map(|name| place.path().join(name));
        command.env("GITHUB_ACTIONS", "true");
        command.env("GITHUB_OUTPUT", &outputs).env("GITHUB_STEP_SUMMARY", &summary);
        let ran = Ran::of(command);
        let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
        Self { ran, outputs: read(&outputs), summary: read(&summary) }
    }

    /// The last value of an output, as the runner reads it.
    fn output(&self, name: &str) -> Option<&str> {
        self.outputs.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('=')).next_back()
    }
}

#[test]
fn an_export_s_id_status_destination_and_span_are_outputs_of_the_step() {
    let (place, service) = (Place::new(), ending("COMPLETED"));
    let step = Step::of(&place, service.command(&place, right_and(&QUICK)));
    assert_eq!((step.ran.code, step.output("export-id")), (Some(0), Some(EXPORT_ID)), "{}", step.ran.stderr);
    assert_eq!(step.output("status"), Some("COMPLETED"));
    assert_eq!(step.output("span"), Some("2019-09-18T00:00:00Z/2019-09-18T22:59:59.123Z"));
    assert_eq!(step.output("destination"), Some("s3://exports/a\\u{1b}[31mb/"));
    assert_eq!(step.output("verdict"), None);
    assert!(step.summary.contains(EXPORT_ID) && !step.summary.contains('\u{1b}'), "{}", step.summary);
    let again = Step::of(&place, service.command(&place, RIGHT));
    assert!(again.outputs.starts_with(&step.outputs), "what other commands have written stays");
    assert!(again.summary.starts_with(&step.summary));
}

#[test]
fn an_export_that_nobody_waits_for_has_no_status_yet() {
    let (place, service) = (Place::new(), ending("COMPLETED"));
    let step = Step::of(&place, service.command(&place, RIGHT));
    assert_eq!((step.ran.code, step.output("status")), (Some(0), None));
    assert_eq!(step.output("destination"), Some("s3://exports/nightly/"));
    assert_eq!(step.output("span"), Some("2019-09-18T00:00:00Z/2019-09-18T22:00:00.123Z"));
}

#[test]
fn a_failed_export_is_in_outputs_and_summary() {
    let (place, service) = (Place::new(), ending("CANCELLED"));
    let step = Step::of(&place, service.command(&place, right_and(&QUICK)));
    assert_eq!((step.ran.code, step.output("status")), (Some(7), Some("CANCELLED")));
    assert!(step.summary.contains("### Exit code 7\n\n```text\n"), "{}", step.summary);
}

/// A place with a ledger that was synced, as a step.
fn synced(place: &Place) -> Step {
    assert_eq!(place.run(["ledger", "sample", "origin", "--transactions", "60", "--days", "3"]).code, Some(0));
    let destination = ["--ledger", "origin", "--bucket", "exports", "--prefix", "daily/", "--role-arn", ROLE];
    let arguments = [&["sync", "--local", "--lag", "1ms", "--verify"], &destination[..]].concat();
    Step::of(place, place.command(arguments))
}

#[test]
fn a_sync_is_one_span_one_status_and_the_verdict() {
    let place = Place::new();
    let step = synced(&place);
    assert_eq!(step.ran.code, Some(0), "{}", step.ran.stderr);
    let ids = step.output("export-ids").unwrap().split(' ').count();
    assert!(ids >= 2);
    assert_eq!((step.output("status"), step.output("verdict")), (Some("COMPLETED"), Some("proved")));
    assert_eq!(step.output("destination"), Some("s3://exports/daily/"));
    let (from, until) = step.output("span").unwrap().split_once('/').unwrap();
    assert!(from < until && from.ends_with("T00:00:00Z") && until.ends_with("T00:00:00Z"), "{from} {until}");
    assert!(step.summary.contains("### Exports\n"), "{}", step.summary);
    assert_eq!(step.summary.matches("COMPLETED").count(), ids);
    assert!(step.summary.contains("### Verdict: proved\n"), "{}", step.summary);
}

#[test]
fn a_verdict_and_what_speaks_against_an_archive_are_reported() {
    let place = Place::new();
    synced(&place);
    let bucket = place.path().join("buckets/exports");
    let verify = ["verify", bucket.to_str().unwrap()];
    let elsewhere = Place::new();
    let whole = Step::of(&elsewhere, elsewhere.command(verify));
    assert_eq!((whole.ran.code, whole.output("verdict"), whole.output("status")), (Some(0), Some("proved"), None));
    let (first, last) = whole.output("span").unwrap().split_once('/').unwrap();
    assert!(first < last && last.ends_with('Z'), "{first} {last}");
    let object = files(&bucket).into_iter().find(|path| path.extension().is_some_and(|kind| kind == "ion")).unwrap();
    std::fs::remove_file(object).unwrap();
    let broken = Step::of(&elsewhere, elsewhere.command(verify));
    assert_eq!((broken.ran.code, broken.output("verdict")), (Some(11), Some("incomplete")));
    assert!(broken.summary.contains("| an object that the manifest lists is missing |"), "{}", broken.summary);
    assert!(broken.summary.contains("### Exit code 11\n"), "{}", broken.summary);
}

#[test]
fn what_cannot_be_written_is_a_warning_and_changes_nothing() {
    let (place, service) = (Place::new(), ending("COMPLETED"));
    let mut command = service.command(&place, right_and(&QUICK));
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", "/nowhere/at/all");
    let ran = Ran::of(command);
    assert_eq!((ran.code, ran.stdout), (Some(0), format!("{EXPORT_ID}\nCOMPLETED\n")), "{}", ran.stderr);
    assert!(ran.stderr.contains("warning: the step's outputs and summary could not be written"), "{}", ran.stderr);
}

#[test]
fn an_error_is_an_annotation_of_one_line() {
    let (place, service) = (Place::new(), ending("COMPLETED"));
    let Step { ran, outputs, .. } = Step::of(&place, service.command(&place, ["start"]));
    assert_eq!((ran.code, outputs.as_str(), ran.stderr.lines().count()), (Some(2), "", 1), "{}", ran.stderr);
    assert!(ran.stderr.starts_with("::error title=qldb-export::5 problems in the request"), "{}", ran.stderr);
    assert!(ran.stderr.contains("%0A  --bucket is required"), "{}", ran.stderr);
    let ran = Step::of(&place, service.command(&place, ["start", "--unknown"])).ran;
    assert!(
        ran.code == Some(2) && ran.stderr.contains("::error title=qldb-export::error: unexpected"),
        "{}",
        ran.stderr
    );
}

#[test]
fn outside_github_nothing_is_reported_to_github() {
    let (place, service) = (Place::new(), ending("COMPLETED"));
    let mut command = service.command(&place, RIGHT);
    let files = ["output", "summary"].map(|name| place.path().join(name));
    command.env("GITHUB_OUTPUT", &files[0]).env("GITHUB_STEP_SUMMARY", &files[1]);
    assert_eq!(Ran::of(command).code, Some(0));
    assert!(files.iter().all(|file| !file.exists()));
}
