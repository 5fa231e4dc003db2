//! Following an export to its end, or away from it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use super::canned::{Canned, EXPORT_ID, Reply, described, failed, started};
use super::cli_request::right_and;
use super::support::{Place, Ran};

const WAIT: [&str; 6] = ["wait", EXPORT_ID, "--ledger", "vehicle-registration", "--poll-interval", "1ms"];

fn run(service: &Canned, arguments: &[&str]) -> Ran {
    Ran::of(service.command(&Place::new(), arguments.iter().copied()))
}

fn in_turn(replies: Vec<Reply>) -> Canned {
    Canned::new(move |_, before| replies[before.min(replies.len() - 1)].clone())
}

#[test]
fn the_id_is_printed_first_and_the_outcome_last() {
    let service = in_turn(vec![started(), described("IN_PROGRESS"), described("COMPLETED")]);
    let ran = run(&service, &right_and(&["--wait", "--poll-interval", "1ms"]));
    assert_eq!((ran.code, ran.stdout), (Some(0), format!("{EXPORT_ID}\nCOMPLETED\n")));
    // What only the built-in endpoint reports is omitted, not shown as zeros.
    let summary =
        "Range:       2019-09-18T00:00:00Z to 2019-09-18T22:59:59.123Z\nDestination: s3://exports/a\\u{1b}[31mb/\n";
    let expected = format!("export {EXPORT_ID}: IN_PROGRESS\nexport {EXPORT_ID}: COMPLETED\n{summary}");
    assert_eq!(ran.stderr, expected);
}

#[test]
fn json_has_the_id_first_and_the_final_description_last() {
    let service = in_turn(vec![started(), described("IN_PROGRESS"), described("COMPLETED")]);
    let ran = run(&service, &right_and(&["--wait", "--poll-interval", "1ms", "--output", "json", "--quiet"]));
    let documents = ran.json();
    assert_eq!(documents[0], serde_json::json!({ "ExportId": EXPORT_ID }));
    assert_eq!(documents[1]["ExportDescription"]["Status"], "COMPLETED");
    assert_eq!((documents.len(), ran.stderr.as_str()), (2, ""));
}

#[test]
fn a_cancelled_export_is_exit_7_at_once() {
    let ran = run(&in_turn(vec![described("CANCELLED")]), &WAIT);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(7), "CANCELLED\n"));
    assert!(ran.stderr.contains("ended CANCELLED"), "{}", ran.stderr);
}

#[test]
fn an_export_that_is_gone_is_exit_3() {
    let service = in_turn(vec![described("IN_PROGRESS"), failed(404, "ResourceNotFoundException")]);
    assert_eq!(run(&service, &WAIT).code, Some(3));
}

#[test]
fn a_time_out_is_exit_8_and_says_how_to_continue() {
    let service = in_turn(vec![described("IN_PROGRESS")]);
    let ran = run(&service, &[&WAIT[..], &["--timeout", "50ms", "--region", "eu-west-1"]].concat());
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(8), ""));
    let resume = format!("qldb-export wait {EXPORT_ID} --ledger vehicle-registration --region eu-west-1");
    assert!(ran.stderr.contains(&resume), "{}", ran.stderr);
}

#[test]
fn trouble_on_the_way_does_not_end_the_wait() {
    let trouble = [failed(429, "ThrottlingException"), Reply::HangUp, failed(503, "ServiceUnavailable")];
    // The SDK retries three times by itself.
    let replies = [vec![described("IN_PROGRESS")], trouble.to_vec(), vec![described("COMPLETED")]].concat();
    let ran = run(&in_turn(replies), &WAIT);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "COMPLETED\n"), "{}", ran.stderr);
    assert!(ran.stderr.contains("retrying"), "{}", ran.stderr);
}

/// Starts the binary and waits until it has printed something on stderr.
fn begun(mut command: Command) -> (Child, BufReader<std::process::ChildStderr>) {
    let mut child = command.stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    stderr.read_line(&mut String::new()).unwrap();
    (child, stderr)
}

fn interrupted(signal: &str) -> (Option<i32>, String) {
    let service = in_turn(vec![described("IN_PROGRESS")]);
    let place = Place::new();
    let arguments = ["wait", EXPORT_ID, "--ledger", "vehicle-registration", "--endpoint-url"];
    let url = service.command(&place, []);
    let url = url.get_envs().find(|(name, _)| *name == "AWS_ENDPOINT_URL_QLDB").unwrap().1.unwrap();
    let mut command = service.command(&place, arguments);
    command.arg(url);
    let (mut child, mut stderr) = begun(command);
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    assert!(rest.contains(&format!("--endpoint-url {}", url.display())), "{rest}");
    (child.wait().unwrap().code(), rest)
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_the_export_running_and_says_how_to_follow_it() {
    let (code, said) = interrupted("-INT");
    assert_eq!(code, Some(130));
    assert!(said.contains("is still running, and QLDB has no way to cancel it"), "{said}");
    assert!(said.contains(&format!("qldb-export wait {EXPORT_ID} --ledger vehicle-registration")), "{said}");
}

#[cfg(unix)]
#[test]
fn a_termination_is_exit_143() {
    assert_eq!(interrupted("-TERM").0, Some(143));
}
