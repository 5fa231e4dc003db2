//! Calls of the neighbouring service `qldb-session`, which ran statements
//! (docs/qldb.md 1.1). A program that has one endpoint for both sends them here;
//! it hears in that service's own protocol, JSON 1.0, what is not done.

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::failure::Failure;

/// Names the operation in the JSON protocols.
const TARGET_HEADER: &str = "x-amz-target";
/// What the operations of the service begin with.
const TARGET_PREFIX: &str = "QLDBSession.";
/// The content type of JSON 1.0.
pub(super) const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

/// Whether a request is meant for the service that runs statements.
pub(super) fn is_session_call(headers: &HeaderMap) -> bool {
    let target = headers.get(TARGET_HEADER).and_then(|target| target.to_str().ok());
    target.is_some_and(|target| target.starts_with(TARGET_PREFIX))
}

/// The body of an error in JSON 1.0, which names its type.
pub(super) fn body(failure: &Failure) -> Value {
    let code = failure.shape().code;
    json!({ "__type": code, "Code": code, "Message": failure.message() })
}
