//! One request from its first byte to its response: reads the body, checks the signature, finds the
//! operation, carries it out, formats the result, and logs a line.

use std::fmt::Write as _;
use std::pin::Pin;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{CONTENT_TYPE, DATE, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::http::{Request, Response, StatusCode};
use tracing::{error, info};

use super::callers::Callers;
use super::failure::Failure;
use super::members::Members;
use super::operations::{Call, Operations, Success, needs_body};
use super::route::{Operation, Route};
use super::sessions;
use super::signed::Signed;

/// The maximum number of bytes in a request's body. Role ARNs have up to 1,600 characters; addresses as Ion text could
/// have a million, but need only about a hundred.
const MAX_BODY: usize = 1024 * 1024;
/// A longer body is still read up to this length, so that the caller gets the reason for the refusal.
const MAX_DRAINED: usize = 16 * MAX_BODY;
/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(30);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
const ERROR_MESSAGE: HeaderName = HeaderName::from_static("x-amzn-errormessage");
/// How much of an error's text a header carries; the body has all of it.
const HEADER_CHARACTERS: usize = 1024;

/// Answers requests.
pub(super) struct RequestHandler {
    /// Carries out operations.
    pub(super) operations: Operations,
    /// Checks signatures.
    pub(super) callers: Callers,
}

impl RequestHandler {
    /// Answers one request; always with a response, never with a connection error.
    pub(super) async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let started = Instant::now();
        let id = request_id();
        let (parts, body) = request.into_parts();
        let route = Route::find(parts.method.as_str(), parts.uri.path());
        let outcome = self.outcome(&parts, body, route.clone()).await;
        let status = outcome.as_ref().map_or_else(|failure| failure.shape().status, |_| StatusCode::OK);
        log(&parts, route.as_ref(), status, started, &id, outcome.as_ref().err());
        let protocol = Protocol::of(&parts, route.as_ref());
        let mut response = respond(outcome, status, &id, protocol);
        // SDKs set their clocks by it, and signatures are checked by the engine's clock.
        let date = self.operations.engine.now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        response.headers_mut().extend(HeaderValue::from_str(&date).ok().map(|date| (DATE, date)));
        response
    }

    async fn outcome(&self, parts: &Parts, body: Body, route: Option<Route>) -> Result<Success, Failure> {
        let body = read(body).await?;
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
        let signed = Signed { method: parts.method.as_str(), target, headers: &parts.headers, body: &body };
        self.callers.admit(&signed, self.operations.engine.now()).await?;
        if sessions::is_session_call(&parts.headers) {
            return Err(Failure::Statement);
        }
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
        let operations = self.operations.clone();
        let work = tokio::task::spawn_blocking(move || operations.carry_out(&call));
        work.await.unwrap_or_else(|failed| Err(Failure::Internal(failed.to_string())))
    }
}

/// The whole body, if it is within the limit and arrives in time.
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

/// The protocol of a response.
#[derive(Clone, Copy)]
enum Protocol {
    /// QLDB's own, rest-json, with the requested operation.
    Rest(Option<Operation>),
    /// JSON 1.0, of the service that ran statements.
    Json,
}

impl Protocol {
    fn of(parts: &Parts, route: Option<&Route>) -> Self {
        if sessions::is_session_call(&parts.headers) {
            return Self::Json;
        }
        Self::Rest(route.map(|route| route.operation))
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Rest(_) => "application/json",
            Self::Json => sessions::CONTENT_TYPE,
        }
    }

    fn error(self, failure: &Failure) -> Vec<u8> {
        let body = match self {
            Self::Rest(_) => failure.body(),
            Self::Json => sessions::body(failure),
        };
        body.to_string().into_bytes()
    }

    /// Whether a client generated from the model looks for the error's text in the body.
    fn declares(self, code: &str) -> bool {
        match self {
            Self::Rest(operation) => operation.is_some_and(|operation| operation.declared_errors().contains(&code)),
            Self::Json => true,
        }
    }
}

fn respond(outcome: Result<Success, Failure>, status: StatusCode, id: &str, protocol: Protocol) -> Response<Body> {
    let (body, error, extra) = match outcome {
        Ok(Success { body, header }) => (body, None, header),
        Err(failure) => (protocol.error(&failure), Some((failure.shape().code, failure.message())), None),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(protocol.content_type()));
    // Both are ASCII; if one were not, it would be better to omit it than the whole response.
    headers.extend(HeaderValue::from_str(id).ok().map(|id| (REQUEST_ID, id)));
    headers.extend(extra.and_then(|(name, value)| {
        HeaderValue::from_str(&value).ok().map(|value| (HeaderName::from_static(name), value))
    }));
    if let Some((code, message)) = error {
        headers.insert(ERROR_TYPE, HeaderValue::from_static(code));
        if !protocol.declares(code) {
            headers.extend(HeaderValue::from_str(&in_header(&message)).ok().map(|text| (ERROR_MESSAGE, text)));
        }
    }
    response
}

/// A text for a header: everything that is not printable ASCII is escaped.
fn in_header(text: &str) -> String {
    let escaped = |one: char| {
        if one == ' ' || one.is_ascii_graphic() { one.to_string() } else { one.escape_default().to_string() }
    };
    text.chars().take(HEADER_CHARACTERS).map(escaped).collect()
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

/// A random id in the format of AWS's request ids.
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
