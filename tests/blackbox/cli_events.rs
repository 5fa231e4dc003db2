//! `--events`: the report for programs, besides what people read.

use std::process::Command;

use serde_json::Value;

use super::canned::{Canned, EXPORT_ID, described, failed, started};
use super::cli_request::{RIGHT, right_and};
use super::support::{Place, Ran};

const QUICK: [&str; 3] = ["--wait", "--poll-interval", "1ms"];

fn events(place: &Place, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(place.path().join(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn with_events(place: &Place, mut command: Command) -> Ran {
    command.arg("--events").arg(place.path().join("events.jsonl"));
    Ran::of(command)
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

pub(crate) fn ending(status: &'static str) -> Canned {
    Canned::new(move |request, _| if request.starts_with("POST ") { started() } else { described(status) })
}

#[test]
fn events_begin_with_the_format_and_follow_an_export() {
    let (place, service) = (Place::new(), ending("COMPLETED"));
    let ran = with_events(&place, service.command(&place, right_and(&QUICK)));
    assert_eq!((ran.code, ran.stdout), (Some(0), format!("{EXPORT_ID}\nCOMPLETED\n")), "{}", ran.stderr);
    let events = events(&place, "events.jsonl");
    assert_eq!(types(&events), ["version", "export", "state", "end"]);
    assert_eq!((&events[0]["format"], &events[0]["program"]), (&Value::from(1), &Value::from("qldb-export")));
    assert_eq!((&events[1]["action"], &events[1]["exportId"]), (&Value::from("started"), &Value::from(EXPORT_ID)));
    assert_eq!(events[1]["exclusiveEndTime"], "2019-09-18T22:00:00.123Z");
    assert_eq!(events[2]["status"], "COMPLETED");
    assert_eq!((&events[3]["exitCode"], &events[3]["error"]), (&Value::from(0), &Value::Null));
}

#[test]
fn events_list_what_a_local_job_writes_and_every_window_of_a_sync() {
    let place = Place::new();
    assert_eq!(place.run(["ledger", "sample", "vehicles", "--days", "2", "--transactions", "20"]).code, Some(0));
    let destination = ["--ledger", "vehicles", "--bucket", "exports", "--prefix", "", "--local", "--role-arn"];
    let role = "arn:aws:iam::123456789012:role/export";
    let arguments = [&["sync", "--lag", "1ms"], &destination[..], &[role]].concat();
    let ran = with_events(&place, place.command(arguments));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let events = events(&place, "events.jsonl");
    let begun: Vec<_> = events.iter().filter(|event| event["type"] == "export").collect();
    assert_eq!((begun.len(), &begun[0]["exclusiveEndTime"]), (2, &begun[1]["inclusiveStartTime"]));
    let done: Vec<_> = events.iter().filter(|event| event["status"] == "COMPLETED").collect();
    assert!(done.len() == 2 && done.iter().all(|event| event["blocks"].is_u64()), "{events:?}");
}

#[test]
fn events_end_with_the_error_and_its_exit_code() {
    let (place, service) = (Place::new(), Canned::new(|_, _| failed(404, "ResourceNotFoundException")));
    let ran = with_events(&place, service.command(&place, RIGHT));
    let events = events(&place, "events.jsonl");
    let last = events.last().unwrap();
    assert_eq!((ran.code, &last["exitCode"]), (Some(3), &Value::from(3)));
    assert!(last["error"].as_str().unwrap().contains("the service's own words"));
}

#[test]
fn events_that_cannot_be_written_stop_the_command_before_it_does_anything() {
    let (place, service) = (Place::new(), ending("COMPLETED"));
    let ran = Ran::of(service.command(&place, right_and(&["--events", "/nowhere/at/all"])));
    assert_eq!((ran.code, ran.stdout.as_str(), service.requests().len()), (Some(2), "", 0));
    assert!(ran.stderr.contains("/nowhere/at/all"), "{}", ran.stderr);
}
