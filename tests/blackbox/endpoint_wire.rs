//! Requests that no SDK would send, byte by byte.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::endpoint_running::Running;

const EXPORTS: &str = "/ledgers/L1/journal-s3-exports";

/// A body of `ExportJournalToS3` with these times, and these members at its end.
fn export(times: &str, more: &str) -> String {
    format!(
        r#"{{{times}, "RoleArn": "arn:aws:iam::123456789012:role/export", "S3ExportConfiguration": {{"Bucket": "exports",
        "Prefix": "", "EncryptionConfiguration": {{"ObjectEncryptionType": "NO_ENCRYPTION", "KmsKeyArn": null}}}}{more}}}"#
    )
}

#[tokio::test]
async fn numbers_with_and_without_fraction_are_times_and_null_is_absent() {
    let running = Running::start().await;
    running.make_ledger("L1").await;
    let now = chrono::Utc::now().timestamp();
    for times in [
        format!(r#""InclusiveStartTime": {}, "ExclusiveEndTime": {now}"#, now - 60),
        format!(r#""InclusiveStartTime": -2208988800.5, "ExclusiveEndTime": {}.25"#, now - 1),
    ] {
        let body = export(&times, r#", "OutputFormat": null, "Unknown": {"member": [1]}"#);
        let started = running.send("POST", EXPORTS, body.as_bytes()).await;
        assert_eq!(started.status, 200, "{started:?}");
        assert!(started.body["ExportId"].is_string());
    }
    running.idle().await;
    let listed = running.send("GET", "/journal-s3-exports?max_results=1", b"").await;
    let newest = &listed.body["JournalS3Exports"][0];
    assert_eq!(newest["InclusiveStartTime"].as_f64(), Some(-2_208_988_800.5));
    assert!(newest["ExportCreationTime"].is_f64(), "{newest}");
    assert!(newest["S3ExportConfiguration"]["EncryptionConfiguration"].get("KmsKeyArn").is_none());
}

#[tokio::test]
async fn bodies_that_are_not_the_model_s_types_are_refused_by_name() {
    let running = Running::start().await;
    for (body, word) in [
        ("{".to_owned(), "not JSON"),
        ("[]".to_owned(), "must be a JSON object"),
        ("\u{feff}{}".to_owned(), "not JSON"),
        (export(r#""InclusiveStartTime": "2024-03-01T00:00:00Z""#, ""), "InclusiveStartTime"),
        (export(r#""ExclusiveEndTime": 1e300"#, ""), "ExclusiveEndTime"),
        (export(r#""InclusiveStartTime": 1"#, r#", "OutputFormat": 1"#), "OutputFormat"),
        (r#"{"S3ExportConfiguration": ["exports", "", {}]}"#.to_owned(), "S3ExportConfiguration"),
    ] {
        let answer = running.send("POST", EXPORTS, body.as_bytes()).await;
        assert_eq!((answer.status, answer.error()), (400, "SerializationException"), "{body}");
        assert!(answer.message().contains(word), "{}", answer.message());
    }
}

#[tokio::test]
async fn members_that_are_missing_are_all_named() {
    let running = Running::start().await;
    let answer = running.send("POST", EXPORTS, b"{}").await;
    assert_eq!((answer.status, answer.error()), (400, "InvalidParameterException"));
    assert_eq!(answer.body["ParameterName"], "InclusiveStartTime");
    for member in ["InclusiveStartTime", "ExclusiveEndTime", "Bucket", "Prefix", "ObjectEncryptionType", "RoleArn"] {
        assert!(answer.message().contains(&format!("{member} is required")), "{}", answer.message());
    }
    let empty = running.send("POST", EXPORTS, b"").await;
    assert_eq!((empty.status, empty.error()), (400, "ValidationException"));
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_before_it_is_read_as_json() {
    let running = Running::start().await;
    let answer = running.send("POST", "/ledgers", &vec![b'{'; 3 * 1024 * 1024]).await;
    assert_eq!((answer.status, answer.error()), (413, "RequestEntityTooLargeException"));
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own() {
    let running = Running::start().await;
    let mut ids = std::collections::BTreeSet::new();
    for target in ["/ledgers", "/ledgers/L1", "/nowhere"] {
        let answer = running.send("GET", target, b"").await;
        assert_eq!(answer.headers["content-type"], "application/json");
        ids.insert(answer.headers["x-amzn-requestid"].clone());
    }
    assert_eq!(ids.len(), 3);
    assert!(ids.iter().all(|id| id.len() == 36));
}

#[tokio::test]
async fn an_unknown_operation_still_needs_a_signature() {
    let running = Running::start().await;
    for (method, target) in [("GET", "/"), ("PUT", "/ledgers"), ("GET", "/ledgers/L1/secrets"), ("GET", "/ledgers/")] {
        let answer = running.send(method, target, b"").await;
        assert_eq!((answer.status, answer.error()), (404, "UnknownOperationException"), "{method} {target}");
        let unsigned = running.send_with(method, target, &[], b"").await;
        assert_eq!((unsigned.status, unsigned.error()), (403, "MissingAuthenticationTokenException"));
    }
}

#[tokio::test]
async fn an_authorization_of_another_kind_is_incomplete() {
    let running = Running::start().await;
    let answer = running.send_with("GET", "/ledgers", &[("authorization", "Basic bm9ib2R5")], b"").await;
    assert_eq!((answer.status, answer.error()), (400, "IncompleteSignatureException"));
}

#[tokio::test]
async fn names_that_try_to_leave_the_data_directory_are_refused() {
    let running = Running::start().await;
    for name in ["..", "%2E%2E", "..%2F..%2Fetc", "a%2Fb", "a%00b", "%FF", "a%0Ab"] {
        let answer = running.send("GET", &format!("/ledgers/{name}"), b"").await;
        assert_eq!((answer.status, answer.error()), (400, "InvalidParameterException"), "{name}");
        assert_eq!(answer.body["ParameterName"], "Name");
    }
    let arn = "arn%3Aaws%3Aqldb%3Aus-east-1%3A123456789012%3Aledger%2F..%2F..";
    assert_eq!(running.send("GET", &format!("/tags/{arn}"), b"").await.error(), "InvalidParameterException");
}

#[tokio::test]
async fn a_stopping_endpoint_closes_idle_connections_and_accepts_no_new_ones() {
    let running = Running::start().await;
    let address = running.address;
    let mut idle = TcpStream::connect(address).await.unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut byte = [0];
    idle.read_exact(&mut byte).await.unwrap();
    running.stop().await;
    assert!(idle.read_to_end(&mut Vec::new()).await.is_ok());
    assert!(TcpStream::connect(address).await.is_err());
}
