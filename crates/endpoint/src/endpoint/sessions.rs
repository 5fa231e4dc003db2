//! Calls to the neighbouring service `qldb-session`, which ran statements (docs/qldb.md 1.1). A
//! program with one endpoint for both sends them here; it gets an error in that service's own
//! protocol, JSON 1.0, that says what is not supported.

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::failure::Failure;

/// Names the operation in the JSON protocols.
const TARGET_HEADER: &str = "x-amz-target";
/// The prefix of the service's operations.
const TARGET_PREFIX: &str = "QLDBSession.";
/// The content type of JSON 1.0.
pub(super) const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

/// Whether a request is for the service that runs statements.
pub(super) fn is_session_call(headers: &HeaderMap) -> bool {
    let target = headers.get(TARGET_HEADER).and_then(|target| target.to_str().ok());
    target.is_some_and(|target| target.starts_with(TARGET_PREFIX))
}

/// The body of an error in JSON 1.0, which names its type.
pub(super) fn body(failure: &Failure) -> Value {
    let code = failure.shape().code;
    json!({ "__type": code, "Code": code, "Message": failure.message() })
}
