//! What the endpoint refuses, as the real SDK receives it: types, members and messages.

use std::sync::Arc;

use aws_sdk_qldb::error::ProvideErrorMetadata;
use aws_sdk_qldb::operation::export_journal_to_s3::builders::ExportJournalToS3FluentBuilder;
use aws_sdk_qldb::operation::list_journal_kinesis_streams_for_ledger::ListJournalKinesisStreamsForLedgerError as Error;
use aws_sdk_qldb::primitives::DateTime;
use aws_sdk_qldb::types::{OutputFormat, PermissionsMode, S3ObjectEncryptionType};
use qldb_endpoint::engine::SampleSpec;
use qldb_journal::request::LedgerName;

use crate::endpoint_running::{REGION, ROLE, Running, seconds_from_now, target, target_with};

const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const UNKNOWN_ID: &str = "0000000000000000000000";

/// A request that would be accepted.
fn good(running: &Running) -> ExportJournalToS3FluentBuilder {
    let call = running.client().export_journal_to_s3().name("L1").role_arn(ROLE);
    call.inclusive_start_time(seconds_from_now(-3600))
        .exclusive_end_time(seconds_from_now(0))
        .s3_export_configuration(target("exports", ""))
}

async fn refused(call: ExportJournalToS3FluentBuilder) -> (String, String) {
    let error = call.send().await.unwrap_err().into_service_error();
    (error.code().unwrap_or_default().to_owned(), error.message().unwrap_or_default().to_owned())
}

async fn with_ledger() -> Running {
    let running = Running::start().await;
    running.make_ledger("L1").await;
    running
}

#[tokio::test]
async fn an_unknown_ledger_is_not_found_and_named() {
    let running = Running::start().await;
    let error = good(&running).send().await.unwrap_err().into_service_error();
    let Some(missing) = as_not_found(&error) else { panic!("{error:?}") };
    assert_eq!((missing.resource_type(), missing.resource_name()), (Some("Ledger"), Some("L1")));
    assert_eq!(missing.message(), Some("The Ledger with name L1 is not found"));
}

fn as_not_found(
    error: &aws_sdk_qldb::operation::export_journal_to_s3::ExportJournalToS3Error,
) -> Option<&aws_sdk_qldb::types::error::ResourceNotFoundException> {
    use aws_sdk_qldb::operation::export_journal_to_s3::ExportJournalToS3Error as Error;
    if let Error::ResourceNotFoundException(missing) = error { Some(missing) } else { None }
}

#[tokio::test]
async fn every_rule_of_an_export_request_has_the_service_s_message() {
    let running = with_ledger().await;
    let call = || good(&running);
    let sse_s3 = target_with("exports", "", S3ObjectEncryptionType::SseS3, Some(KEY));
    let long = "p".repeat(129);
    for (call, message) in [
        (call().exclusive_end_time(seconds_from_now(3600)), "End date cannot be in the future"),
        (
            call().inclusive_start_time(seconds_from_now(-1)).exclusive_end_time(seconds_from_now(-2)),
            "Start date must not be greater than end date",
        ),
        (
            call().s3_export_configuration(target("exports", &long)),
            "The Amazon S3 bucket prefix must not exceed 128 characters",
        ),
        (
            call().s3_export_configuration(sse_s3),
            "The supplied object encryption setting (S3EncryptionConfiguration) is not compatible with an AWS KMS key",
        ),
        (
            call().s3_export_configuration(target("No_Bucket", "")),
            "QLDB encountered an error validating S3 configuration: InvalidBucketName",
        ),
        (
            call().s3_export_configuration(target("../../etc", "")),
            "QLDB encountered an error validating S3 configuration: InvalidBucketName",
        ),
        (call().s3_export_configuration(target("exports", "a/../../../b")), "Prefix \"a/../../../b\" must not hold"),
        (
            call().s3_export_configuration(target_with("exports", "", S3ObjectEncryptionType::SseKms, None)),
            "KmsKeyArn is required",
        ),
        (call().role_arn("arn:aws:iam::123456789012:user/someone"), "RoleArn"),
        (call().output_format(OutputFormat::from("XML")), "OutputFormat \"XML\""),
        (call().name("-L1"), "Name \"-L1\""),
    ] {
        let (code, text) = refused(call).await;
        assert_eq!(code, "InvalidParameterException", "{text}");
        assert!(text.starts_with(message), "{text:?} does not begin with {message:?}");
    }
}

#[tokio::test]
async fn several_faults_are_reported_together_and_the_first_names_the_parameter() {
    let running = with_ledger().await;
    let range = good(&running).inclusive_start_time(seconds_from_now(7200)).exclusive_end_time(seconds_from_now(3600));
    let (_, message) = refused(range).await;
    assert_eq!(message, "Start date must not be greater than end date; End date cannot be in the future");
}

#[tokio::test]
async fn a_third_export_is_refused_while_two_run() {
    let running = Running::start().await;
    let engine = Arc::clone(&running.engine);
    let name = LedgerName::parse("L1").unwrap();
    let spec = SampleSpec { name, transactions: 3000, days: 2, seed: 1 };
    tokio::task::spawn_blocking(move || engine.make_sample(&spec).unwrap()).await.unwrap();
    let from_the_start = DateTime::from_secs(0);
    let call = || good(&running).inclusive_start_time(from_the_start).output_format(OutputFormat::Json).send();
    let (first, second) = tokio::join!(call(), call());
    assert!(first.is_ok() && second.is_ok(), "{first:?} {second:?}");
    let third = call().await.unwrap_err();
    assert_eq!(third.raw_response().unwrap().status().as_u16(), 400);
    let third = third.into_service_error();
    assert_eq!(third.code(), Some("LimitExceededException"));
    assert_eq!(third.message(), Some("Exceeded the limit of 2 concurrently running Journal export jobs"));
    running.idle().await;
    assert!(call().await.is_ok(), "there is room again when they have ended");
}

#[tokio::test]
async fn a_directory_refuses_an_encryption_that_it_does_not_do() {
    let running = with_ledger().await;
    let (code, message) = refused(good(&running).s3_export_configuration(target_with(
        "exports",
        "",
        S3ObjectEncryptionType::SseS3,
        None,
    )))
    .await;
    assert_eq!(code, "InvalidParameterException");
    assert!(message.contains("NO_ENCRYPTION"), "{message}");
}

#[tokio::test]
async fn a_protected_ledger_is_not_deleted() {
    let running = Running::start().await;
    let client = running.client();
    client.create_ledger().name("L1").permissions_mode(PermissionsMode::Standard).send().await.unwrap();
    let error = client.delete_ledger().name("L1").send().await.unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 412);
    let error = error.into_service_error();
    assert!(error.is_resource_precondition_not_met_exception(), "{error:?}");
}

#[tokio::test]
async fn a_name_can_be_used_once() {
    let running = with_ledger().await;
    let again = running.client().create_ledger().name("L1").permissions_mode(PermissionsMode::Standard).send().await;
    let error = again.unwrap_err().into_service_error();
    assert!(error.is_resource_already_exists_exception(), "{error:?}");
}

#[tokio::test]
async fn an_export_of_another_ledger_is_not_found() {
    let running = with_ledger().await;
    running.make_ledger("L2").await;
    let id = good(&running).send().await.unwrap().export_id().to_owned();
    let client = running.client();
    for (ledger, id) in [("L2", id.as_str()), ("L1", UNKNOWN_ID), ("nobody", UNKNOWN_ID)] {
        let error = client.describe_journal_s3_export().name(ledger).export_id(id).send().await.unwrap_err();
        assert!(error.as_service_error().unwrap().is_resource_not_found_exception(), "{ledger} {id}: {error:?}");
    }
}

#[tokio::test]
async fn a_foreign_token_and_a_page_out_of_bounds_are_refused() {
    let running = Running::start().await;
    let client = running.client();
    let token = client.list_ledgers().next_token("AAAA").send().await.unwrap_err().into_service_error();
    assert_eq!(token.code(), Some("InvalidParameterException"));
    for size in [-1, 0, 101] {
        let error = client.list_journal_s3_exports().max_results(size).send().await.unwrap_err().into_service_error();
        assert_eq!(error.code(), Some("InvalidParameterException"), "{size}");
    }
}

#[tokio::test]
async fn unsupported_operations_are_refused() {
    let running = with_ledger().await;
    let call = running.client().describe_journal_kinesis_stream().ledger_name("L1").stream_id(UNKNOWN_ID);
    let stream = call.send().await.unwrap_err().into_service_error();
    assert_eq!(stream.code(), Some("UnsupportedOperationException"));
    assert!(stream.message().unwrap().contains("DescribeJournalKinesisStream"), "{stream:?}");
}

#[tokio::test]
async fn a_ledger_that_is_there_has_no_streams() {
    let running = with_ledger().await;
    let call = || running.client().list_journal_kinesis_streams_for_ledger();
    let listed = call().ledger_name("L1").max_results(100).send().await.unwrap();
    assert!(listed.streams().is_empty() && listed.next_token().is_none());
    let raw = running.send("GET", "/ledgers/L1/journal-kinesis-streams", b"").await;
    assert_eq!((raw.status, raw.body), (200, serde_json::json!({ "Streams": [] })));
    let missing = call().ledger_name("L2").send().await.unwrap_err().into_service_error();
    assert!(missing.is_resource_not_found_exception(), "{missing:?}");
    for (call, parameter) in [
        (call().ledger_name("-L1"), "LedgerName"),
        (call().ledger_name("L1").max_results(0), "MaxResults"),
        (call().ledger_name("L1").max_results(101), "MaxResults"),
        (call().ledger_name("L1").next_token("AAAA"), "NextToken"),
    ] {
        let error = call.send().await.unwrap_err().into_service_error();
        let Error::InvalidParameterException(invalid) = error else { panic!("{error:?}") };
        assert_eq!(invalid.parameter_name(), Some(parameter));
    }
}

#[tokio::test]
async fn an_end_up_to_a_second_ahead_is_now() {
    let running = with_ledger().await;
    let range = |end: i64| {
        let times = format!(r#""InclusiveStartTime": 1, "ExclusiveEndTime": {end}"#);
        format!(
            r#"{{{times}, "RoleArn": "{ROLE}", "S3ExportConfiguration": {{"Bucket": "exports", "Prefix": "",
            "EncryptionConfiguration": {{"ObjectEncryptionType": "NO_ENCRYPTION"}}}}}}"#
        )
    };
    // The current second, not over yet: what a client that rounds up sends.
    let before = chrono::Utc::now();
    let rounded = before.timestamp() + 1;
    let started = running.send("POST", "/ledgers/L1/journal-s3-exports", range(rounded).as_bytes()).await;
    let after = chrono::Utc::now();
    assert_eq!(started.status, 200, "{started:?}");
    running.idle().await;
    let listed = running.send("GET", "/journal-s3-exports", b"").await;
    let end = listed.body["JournalS3Exports"][0]["ExclusiveEndTime"].as_f64().unwrap();
    let end = chrono::DateTime::UNIX_EPOCH + std::time::Duration::from_secs_f64(end);
    let millisecond = chrono::TimeDelta::milliseconds(1);
    assert!(before - millisecond <= end && end <= after + millisecond, "{end} is not between {before} and {after}");
    let refused = running.send("POST", "/ledgers/L1/journal-s3-exports", range(rounded + 5).as_bytes()).await;
    assert_eq!((refused.status, refused.message()), (400, "End date cannot be in the future"));
}

#[tokio::test]
async fn errors_that_an_operation_does_not_declare_carry_their_text_in_a_header() {
    let running = with_ledger().await;
    let text = |answer: &crate::endpoint_running::RawAnswer| answer.headers.get("x-amzn-errormessage").cloned();
    let declared = running.send("GET", "/ledgers/L2", b"").await;
    assert_eq!((declared.error(), text(&declared)), ("ResourceNotFoundException", None));
    let refused = running.send("GET", "/ledgers?max_results=0", b"").await;
    assert_eq!(refused.error(), "InvalidParameterException");
    assert_eq!(text(&refused).as_deref(), Some(refused.message()));
    let unknown = running.send("GET", "/nothing/%0d%0a/%C3%A4", b"").await;
    assert_eq!(text(&unknown).as_deref(), Some(unknown.message()));
    let unsigned = running.send_with("GET", "/ledgers", &[], b"").await;
    assert_eq!(text(&unsigned).as_deref(), Some("Missing Authentication Token"));
    let long = format!("/ledgers?next_token={}", "%F0%9F%98%80".repeat(2000));
    let cut = text(&running.send("GET", &long, b"").await).unwrap();
    assert!(cut.is_ascii() && !cut.is_empty());
}

#[tokio::test]
async fn statements_are_refused_in_the_protocol_of_the_service_that_ran_them() {
    let running = with_ledger().await;
    let body = br#"{"StartSession":{"LedgerName":"L1"}}"#;
    let mut headers = running.signature("POST", "/", body);
    headers.push(("x-amz-target".to_owned(), "QLDBSession.SendCommand".to_owned()));
    headers.push(("content-type".to_owned(), "application/x-amz-json-1.0".to_owned()));
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = running.send_with("POST", "/", &headers, body).await;
    assert_eq!((answer.status, answer.error()), (400, "BadRequestException"));
    assert_eq!(answer.headers["content-type"], "application/x-amz-json-1.0");
    assert_eq!(answer.body["__type"], "BadRequestException");
    let message = answer.message();
    assert!(message.starts_with("Statements are not executed here") && message.contains("exports to S3"), "{message}");
    let unsigned = running.send_with("POST", "/", &headers[headers.len() - 2..], body).await;
    assert_eq!((unsigned.status, &unsigned.body["__type"]), (403, &"MissingAuthenticationTokenException".into()));
}

#[tokio::test]
async fn access_needs_the_secret_the_key_and_the_region() {
    let running = Running::start().await;
    let (key, secret) = (running.credentials.access_key_id.as_str(), running.credentials.secret_access_key.as_str());
    for (key, secret, region, code) in [
        (key, "guess", REGION, "InvalidSignatureException"),
        ("SOMEBODYELSE", secret, REGION, "UnrecognizedClientException"),
        (key, secret, "eu-west-1", "InvalidSignatureException"),
    ] {
        let error = running.client_as(key, secret, None, region).list_ledgers().send().await.unwrap_err();
        assert_eq!(error.raw_response().unwrap().status().as_u16(), 403);
        assert_eq!(error.into_service_error().code(), Some(code));
    }
}
