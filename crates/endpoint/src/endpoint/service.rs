//! One request from its first byte to its answer: read the body, check the
//! signature, find the operation, carry it out, word the outcome, log a line.

use std::fmt::Write as _;
use std::pin::Pin;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{CONTENT_TYPE, DATE, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::http::{Request, Response, StatusCode};
use tracing::{error, info};

use super::failure::Failure;
use super::members::Members;
use super::operations::{Answer, Call, Desk, needs_body};
use super::route::Route;
use super::signature::{Signed, Verifier};

/// The most bytes of a request's body. Role ARNs have up to 1,600 characters;
/// addresses as Ion text might have a million, and a hundred are enough for one.
const MAX_BODY: usize = 1024 * 1024;
/// A longer body is still read so far, so that the caller hears why it is refused.
const MAX_DRAINED: usize = 16 * MAX_BODY;
/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(30);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// Answers requests.
pub(super) struct Service {
    /// Carries out operations.
    pub(super) desk: Desk,
    /// Checks signatures.
    pub(super) verifier: Verifier,
}

impl Service {
    /// Answers one request; always with an answer, never with an error of the connection.
    pub(super) async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let started = Instant::now();
        let id = request_id();
        let (parts, body) = request.into_parts();
        let route = Route::find(parts.method.as_str(), parts.uri.path());
        let outcome = self.outcome(&parts, body, route.clone()).await;
        let status = outcome.as_ref().map_or_else(|failure| failure.shape().status, |_| StatusCode::OK);
        log(&parts, route.as_ref(), status, started, &id, outcome.as_ref().err());
        let mut response = respond(outcome, status, &id);
        // SDKs set their clocks by it, and signatures are checked by the engine's.
        let date = self.desk.engine.now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        response.headers_mut().extend(HeaderValue::from_str(&date).ok().map(|date| (DATE, date)));
        response
    }

    async fn outcome(&self, parts: &Parts, body: Body, route: Option<Route>) -> Result<Answer, Failure> {
        let body = read(body).await?;
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
        let signed = Signed { method: parts.method.as_str(), target, headers: &parts.headers, body: &body };
        self.verifier.check(&signed, self.desk.engine.now())?;
        let Some(route) = route else {
            return Err(Failure::UnknownOperation {
                method: parts.method.to_string(),
                path: parts.uri.path().to_owned(),
            });
        };
        if body.is_empty() && needs_body(route.operation) {
            return Err(Failure::NoBody(route.operation));
        }
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let call = Call { route, query, body: Members::of_body(&body)? };
        let desk = self.desk.clone();
        let work = tokio::task::spawn_blocking(move || desk.carry_out(&call));
        work.await.unwrap_or_else(|failed| Err(Failure::Internal(failed.to_string())))
    }
}

/// The whole body, if it is no longer than the limit and arrives in time.
async fn read(body: Body) -> Result<Vec<u8>, Failure> {
    match tokio::time::timeout(BODY_TIME, collect(body)).await {
        Ok(collected) => collected,
        Err(_) => Err(Failure::BodyCutOff),
    }
}

async fn collect(mut body: Body) -> Result<Vec<u8>, Failure> {
    let mut whole = Vec::new();
    let mut length = 0_usize;
    while let Some(part) = next_part(&mut body).await? {
        length = length.saturating_add(part.len());
        if length > MAX_DRAINED {
            break;
        }
        if length <= MAX_BODY {
            whole.extend_from_slice(&part);
        }
    }
    if length > MAX_BODY { Err(Failure::TooLarge { limit: MAX_BODY }) } else { Ok(whole) }
}

async fn next_part(body: &mut Body) -> Result<Option<Bytes>, Failure> {
    match std::future::poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await {
        Some(Ok(frame)) => Ok(Some(frame.into_data().unwrap_or_default())),
        Some(Err(_)) => Err(Failure::BodyCutOff),
        None => Ok(None),
    }
}

fn respond(outcome: Result<Answer, Failure>, status: StatusCode, id: &str) -> Response<Body> {
    let (body, error_type, extra) = match outcome {
        Ok(Answer { body, header }) => (body, None, header),
        Err(failure) => (failure.body().to_string().into_bytes(), Some(failure.shape().code), None),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // Both are ASCII; one that were not is better left out than the whole answer.
    headers.extend(HeaderValue::from_str(id).ok().map(|id| (REQUEST_ID, id)));
    headers.extend(extra.and_then(|(name, value)| {
        HeaderValue::from_str(&value).ok().map(|value| (HeaderName::from_static(name), value))
    }));
    headers.extend(error_type.map(|code| (ERROR_TYPE, HeaderValue::from_static(code))));
    response
}

fn log(
    parts: &Parts,
    route: Option<&Route>,
    status: StatusCode,
    started: Instant,
    id: &str,
    failure: Option<&Failure>,
) {
    let operation = route.map_or_else(|| "-".to_owned(), |route| route.operation.to_string());
    let ledger = route.map_or("", |route| route.resource.as_str());
    let (status, took) = (status.as_u16(), started.elapsed());
    let reason = failure.map(ToString::to_string).unwrap_or_default();
    if status >= StatusCode::INTERNAL_SERVER_ERROR.as_u16() {
        error!(operation, ?ledger, status, ?took, request_id = id, ?failure, "{}", parts.method);
    } else {
        info!(operation, ?ledger, status, ?took, request_id = id, ?reason, "{}", parts.method);
    }
}

/// A random id in the form of AWS's request ids.
fn request_id() -> String {
    let bits = fastrand::u128(..);
    let mut id = String::with_capacity(36);
    for (index, digit) in format!("{bits:032x}").chars().enumerate() {
        if matches!(index, 8 | 12 | 16 | 20) {
            id.push('-');
        }
        // Writing to a string does not fail.
        let _ = id.write_char(digit);
    }
    id
}
