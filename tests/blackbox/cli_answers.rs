//! How the command line handles every response, and none: exit codes, retries, and text from
//! outside.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::canned::{Canned, EXPORT_ID, Reply, described, description, failed, started};
use super::cli_request::{RIGHT, right_and};
use super::support::{Place, Ran};

const STATUS: [&str; 4] = ["status", EXPORT_ID, "--ledger", "vehicle-registration"];

fn run(service: &Canned, arguments: &[&str]) -> Ran {
    Ran::of(service.command(&Place::new(), arguments.iter().copied()))
}

#[test]
fn every_answer_has_its_exit_code() {
    for (status, error, code) in [
        (404, "ResourceNotFoundException", 3),
        (400, "InvalidParameterException", 4),
        (412, "ResourcePreconditionNotMetException", 4),
        (400, "LimitExceededException", 5),
        (403, "AccessDeniedException", 6),
        (403, "ExpiredTokenException", 6),
        (403, "SignatureDoesNotMatch", 6),
        (500, "InternalFailure", 1),
        (400, "SomethingNewException", 1),
    ] {
        let service = Canned::new(move |request, _| {
            if request.starts_with("POST ") { failed(status, error) } else { failed(403, "AccessDeniedException") }
        });
        let ran = run(&service, &RIGHT);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(code), ""), "{error}: {}", ran.stderr);
        assert!(ran.stderr.contains("the service's own words") && ran.stderr.contains(error), "{}", ran.stderr);
        assert_eq!(service.starts(), 1, "{error} was asked for again");
    }
}

#[test]
fn a_throttled_start_is_sent_again() {
    let service = Canned::new(|_, before| if before == 0 { failed(429, "ThrottlingException") } else { started() });
    let ran = run(&service, &RIGHT);
    assert_eq!((ran.code, ran.stdout.trim()), (Some(0), EXPORT_ID), "{}", ran.stderr);
    assert_eq!(service.starts(), 2);
}

#[test]
fn a_start_whose_answer_is_lost_is_not_sent_again() {
    let service = Canned::new(|_, _| Reply::HangUp);
    let ran = run(&service, &RIGHT);
    assert_eq!(ran.code, Some(9));
    assert!(ran.stderr.contains("may have been started"), "{}", ran.stderr);
    assert_eq!(service.starts(), 1);
}

#[test]
fn a_failed_read_is_retried() {
    let service =
        Canned::new(|_, before| if before == 0 { failed(503, "ServiceUnavailable") } else { described("COMPLETED") });
    assert_eq!(run(&service, &STATUS).code, Some(0));
    assert_eq!(service.requests().len(), 2);
}

#[test]
fn an_endpoint_without_a_listener_is_exit_9() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let place = Place::new();
    let mut command = place.command(STATUS);
    command.env("AWS_ACCESS_KEY_ID", "key").env("AWS_SECRET_ACCESS_KEY", "secret");
    command.args(["--region", "us-east-1", "--endpoint-url", &format!("http://{free}")]);
    let ran = Ran::of(command);
    assert_eq!(ran.code, Some(9));
    assert!(ran.stderr.contains(&format!("http://{free} could not be reached")), "{}", ran.stderr);
}

#[test]
fn a_response_that_is_not_qldb_s_is_an_unexpected_failure() {
    let service = Canned::new(|_, _| Reply::Http(200, "", "<html>".to_owned()));
    assert_eq!(run(&service, &STATUS).code, Some(1));
}

#[test]
fn status_prints_the_response_of_the_api() {
    let service = Canned::new(|_, _| described("IN_PROGRESS"));
    let ran = run(&service, &[&STATUS[..], &["--output", "json"]].concat());
    let described = &ran.json()[0]["ExportDescription"];
    assert_eq!(described["ExportCreationTime"], "2019-09-18T23:03:21.418000+00:00");
    assert_eq!(described["ExclusiveEndTime"], "2019-09-18T22:59:59.123000+00:00");
    assert_eq!(described["Status"], "IN_PROGRESS");
    let expected = format!("GET /ledgers/vehicle-registration/journal-s3-exports/{EXPORT_ID}");
    assert_eq!(service.requests(), [expected]);
}

#[test]
fn the_words_of_the_aws_cli_ask_the_same() {
    let service = Canned::new(|_, _| described("COMPLETED"));
    let arguments = ["describe-journal-s3-export", "--name", "vehicle-registration", "--export-id", EXPORT_ID];
    assert!(run(&service, &arguments).stdout.contains("COMPLETED"));
}

#[test]
fn an_export_without_a_ledger_is_looked_up() {
    let service = Canned::new(|request, _| match request {
        "GET /journal-s3-exports" => {
            Reply::Http(200, "", format!("{{\"JournalS3Exports\":[{}]}}", description("COMPLETED")))
        }
        _ => described("COMPLETED"),
    });
    let found = run(&service, &["status", EXPORT_ID]);
    assert!(found.stdout.contains("Ledger:      vehicle-registration"), "{}", found.stdout);
    let unknown = run(&service, &["status", "0000000000000000000000"]);
    assert_eq!(unknown.code, Some(3));
}

/// Two pages: the first has a token, and an export that is older than the one on the second.
fn two_pages(request: &str) -> Reply {
    let (time, token) =
        if request.contains("next_token") { ("1568847999", "") } else { ("1568847801.418", r#","NextToken":"more""#) };
    let export = description("COMPLETED").replace("1568847801.418", time);
    Reply::Http(200, "", format!("{{\"JournalS3Exports\":[{export}]{token}}}"))
}

#[test]
fn a_list_has_all_pages_newest_first() {
    let service = Canned::new(|request, _| two_pages(request));
    let ran = run(&service, &["list", "--ledger", "vehicle-registration"]);
    let created: Vec<_> = ran.stdout.lines().map(|line| line.rsplit(' ').next().unwrap()).collect();
    assert_eq!(created, ["CREATED", "2019-09-18T23:06:39Z", "2019-09-18T23:03:21.418Z"]);
    let json = run(&service, &["list-journal-s3-exports", "--output", "json"]).json();
    assert_eq!(json[0]["JournalS3Exports"].as_array().unwrap().len(), 2);
}

#[test]
fn one_page_is_listed_where_the_aws_cli_would() {
    let service = Canned::new(|request, _| two_pages(request));
    let arguments = ["list-journal-s3-exports-for-ledger", "--name", "L", "--max-results", "1", "--output", "json"];
    let first = run(&service, &arguments).json();
    assert_eq!(first[0]["NextToken"], "more");
    let second = run(&service, &[&arguments[..], &["--next-token", "more"]].concat()).json();
    assert_eq!(second[0].get("NextToken"), None);
    assert_eq!(service.requests()[1], "GET /ledgers/L/journal-s3-exports?max_results=1&next_token=more");
}

#[test]
fn text_from_outside_cannot_send_terminal_escapes() {
    let service = Canned::new(|_, _| described("COMPLETED"));
    let ran = run(&service, &STATUS);
    assert!(ran.stdout.contains("a\\u{1b}[31mb/"), "{}", ran.stdout);
    let evil = Canned::new(|_, _| Reply::Http(400, "ValidationException", r#"{"message":"\u001b[2Jgone"}"#.to_owned()));
    assert!(!run(&evil, &STATUS).stderr.contains('\u{1b}'));
}

#[test]
fn a_reader_that_leaves_is_not_a_failure_if_nothing_was_changed() {
    let service = Canned::new(|_, _| described("COMPLETED"));
    let place = Place::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = service.command(&place, STATUS);
    let ended = command.stdout(writer).output().unwrap();
    assert_eq!((ended.status.code(), String::from_utf8(ended.stderr).unwrap().as_str()), (Some(0), ""));
}

#[test]
fn colour_is_used_only_on_request() {
    let service = Canned::new(|_, _| failed(404, "ResourceNotFoundException"));
    let coloured = |flag: &str| run(&service, &[&STATUS[..], &["--color", flag]].concat()).stderr.contains("\u{1b}[");
    assert_eq!([coloured("auto"), coloured("always"), coloured("on"), coloured("never")], [false, true, true, false]);
}

#[test]
fn a_full_ledger_is_reported_with_the_exports_that_occupy_it() {
    let listed = || Reply::Http(200, "", format!("{{\"JournalS3Exports\":[{}]}}", description("IN_PROGRESS")));
    let service = Canned::new(move |request, _| match request {
        request if request.starts_with("POST ") => failed(400, "LimitExceededException"),
        _ => listed(),
    });
    let ran = run(&service, &RIGHT);
    assert_eq!(ran.code, Some(5));
    assert!(
        ran.stderr.contains(&format!("already runs {EXPORT_ID} (since 2019-09-18T23:03:21.418Z)")),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_full_ledger_is_waited_for_on_request() {
    let starts = AtomicUsize::new(0);
    let service = Canned::new(move |request, _| match request {
        request if !request.starts_with("POST ") => described("COMPLETED"),
        _ if starts.fetch_add(1, Ordering::Relaxed) < 2 => failed(400, "LimitExceededException"),
        _ => started(),
    });
    let ran = run(&service, &right_and(&["--on-limit", "wait", "--poll-interval", "1ms"]));
    assert_eq!((ran.code, ran.stdout.trim()), (Some(0), EXPORT_ID), "{}", ran.stderr);
    assert_eq!(service.starts(), 3);
}

#[test]
fn a_query_that_fits_no_result_is_blamed_and_not_stdout() {
    let place = Place::new();
    let ran = place.run(["ledger", "list", "--query", "sort(Nothing)"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.starts_with("error: --query does not fit the result: "), "{}", ran.stderr);
}

#[test]
fn an_export_is_not_searched_for_after_the_page_that_lists_it() {
    let service = Canned::new(|request, _| {
        let page = |token: &str, exports: &str| {
            Reply::Http(200, "", format!(r#"{{"JournalS3Exports":[{exports}],"NextToken":"{token}"}}"#))
        };
        match request {
            _ if request.contains(&format!("/{EXPORT_ID}")) => described("COMPLETED"),
            _ if !request.contains("next_token") => page("second", ""),
            _ if request.contains("next_token=second") => page("third", &description("COMPLETED")),
            _ => page("fourth", ""),
        }
    });
    let ran = run(&service, &["status", EXPORT_ID]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(service.requests().len(), 3, "{:?}", service.requests());
}
