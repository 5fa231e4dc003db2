//! The service's known errors, each with its cause and what to type next.

use super::canned::{Canned, EXPORT_ID, Reply};
use super::cli_request::{RIGHT, right_and};
use super::support::{Place, Ran};

/// Runs against a service whose only response is this error.
fn reported(status: u16, error: &'static str, message: &str, arguments: &[&str]) -> String {
    let body = serde_json::json!({ "Message": message }).to_string();
    let service = Canned::new(move |_, _| Reply::Http(status, error, body.clone()));
    let ran = Ran::of(service.command(&Place::new(), arguments.iter().copied()));
    assert_ne!(ran.code, Some(0));
    assert!(ran.stderr.contains(message), "{}", ran.stderr);
    ran.stderr
}

#[test]
fn every_known_refusal_has_its_cause_and_the_next_command() {
    let policy = "--ledger vehicle-registration --bucket exports --prefix nightly/ \
                  --role-arn arn:aws:iam::123456789012:role/export";
    let (caller, permissions) = (format!("policy caller {policy}"), format!("policy permissions {policy}"));
    let s3 = "QLDB encountered an error validating S3 configuration:";
    let other = "Unexpected response from Amazon S3 while validating the S3 configuration. Response from S3:";
    for (status, error, message, cause, next) in [
        (
            403,
            "AccessDeniedException",
            "User: u is not authorized to perform: iam:PassRole on resource: r".to_owned(),
            "may not pass this role to QLDB",
            caller.as_str(),
        ),
        (
            403,
            "AccessDeniedException",
            "User: u is not authorized to perform: qldb:ExportJournalToS3 on resource: l".to_owned(),
            "may not do this with this ledger",
            caller.as_str(),
        ),
        (
            400,
            "InvalidParameterException",
            format!("{s3} NoSuchBucket The specified bucket does not exist"),
            "the bucket does not exist",
            "aws s3 mb s3://exports",
        ),
        (
            400,
            "InvalidParameterException",
            format!("{s3} AccessDenied Access Denied"),
            "the role may not write",
            permissions.as_str(),
        ),
        (
            400,
            "InvalidParameterException",
            format!("{other} PermanentRedirect elsewhere"),
            "not in the ledger's region",
            "get-bucket-location --bucket exports",
        ),
        (
            400,
            "InvalidParameterException",
            "The Amazon S3 bucket prefix must not exceed 128 characters".to_owned(),
            "more than 128 characters",
            "shorter --prefix",
        ),
        (
            400,
            "InvalidParameterException",
            "Start date must not be greater than end date".to_owned(),
            "the wrong way round",
            "--from before --until",
        ),
        (
            400,
            "InvalidParameterException",
            "End date cannot be in the future".to_owned(),
            "clock is ahead",
            "--until -1m",
        ),
        (
            400,
            "InvalidParameterException",
            "The supplied object encryption setting (S3EncryptionConfiguration) is not compatible with an AWS KMS key"
                .to_owned(),
            "only be used with SSE_KMS",
            "without --kms-key-arn",
        ),
        (
            400,
            "LimitExceededException",
            "Exceeded the limit of 2 concurrently running Journal export jobs".to_owned(),
            "two exports of a ledger at a time",
            "--on-limit wait",
        ),
        (
            404,
            "ResourceNotFoundException",
            "The Ledger with name vehicle-registration is not found".to_owned(),
            "not in this account and region",
            "--region",
        ),
        (412, "ResourcePreconditionNotMetException", "not ACTIVE".to_owned(), "created or deleted", "in a minute"),
        (403, "ExpiredTokenException", "expired".to_owned(), "have expired", "aws sso login"),
        (403, "SignatureDoesNotMatch", "no match".to_owned(), "the secret key does not", "AWS_SECRET_ACCESS_KEY"),
        (403, "UnrecognizedClientException", "invalid".to_owned(), "does not know this access key", "serve"),
    ] {
        let stderr = reported(status, error, &message, &RIGHT);
        let line =
            |label: &str| stderr.lines().find_map(|line| line.trim_start().strip_prefix(label)).unwrap_or_default();
        assert!(line("why:").contains(cause), "{cause} is not in:\n{stderr}");
        assert!(line("next:").contains(next), "{next} is not in:\n{stderr}");
    }
}

#[test]
fn an_export_that_is_forgotten_leads_to_the_list() {
    let message = format!("The JournalS3Export with id {EXPORT_ID} of ledger vehicle-registration is not found");
    let arguments = ["status", EXPORT_ID, "--ledger", "vehicle-registration", "--region", "eu-west-1"];
    let stderr = reported(404, "ResourceNotFoundException", &message, &arguments);
    assert!(stderr.contains("next: qldb-export list --region eu-west-1"), "{stderr}");
}

#[test]
fn an_unknown_error_is_shown_unchanged() {
    let stderr = reported(400, "SomethingNewException", "new", &right_and(&[]));
    assert!(!stderr.contains("next:"), "{stderr}");
}

#[test]
fn a_ledger_that_is_not_in_the_data_directory_leads_to_those_that_are() {
    let place = Place::new();
    let mut arguments = right_and(&["--local"]);
    arguments[2] = "unknown";
    let ran = place.run(arguments);
    assert_eq!(ran.code, Some(3));
    assert!(ran.stderr.contains("next: qldb-export ledger list --local"), "{}", ran.stderr);
    assert_eq!(place.run(["ledger", "list", "--local"]).code, Some(0), "what is advised works");
}

#[test]
fn without_a_listener_on_this_machine_serve_is_suggested() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let place = Place::new();
    let mut command = place.command(["list", "--region", "us-east-1", "--endpoint-url", &format!("http://{free}")]);
    command.env("AWS_ACCESS_KEY_ID", "key").env("AWS_SECRET_ACCESS_KEY", "secret");
    let ran = Ran::of(command);
    assert_eq!(ran.code, Some(9));
    assert!(ran.stderr.contains(&format!("next: qldb-export serve --listen {free}")), "{}", ran.stderr);
}

#[test]
fn an_unreachable_aws_endpoint_says_that_the_service_ended_and_what_to_use() {
    let place = Place::new();
    // No AWS region has this name, so its endpoint does not resolve, like QLDB's own since the end of the service.
    let mut command = place.command(["list", "--region", "nowhere-1"]);
    command.env("AWS_ACCESS_KEY_ID", "key").env("AWS_SECRET_ACCESS_KEY", "secret").env("AWS_MAX_ATTEMPTS", "1");
    let ran = Ran::of(command);
    assert_eq!(ran.code, Some(9), "{}", ran.stderr);
    for reported in ["qldb.nowhere-1.amazonaws.com", "ended on 2025-07-31", "--local", "serve", "AWS_ENDPOINT_URL_QLDB"]
    {
        assert!(ran.stderr.contains(reported), "{reported} is not in:\n{}", ran.stderr);
    }
}
