//! An S3 server inside the test process: `s3s` over a directory, under a layer
//! that keeps what the directory drops (encryption, media type, ACL, versions)
//! and that fails where a test wants it to.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::HttpBody;
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use bytes::Bytes;
use hyper::body::{Frame, Incoming};
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use qldb_endpoint::store::{Patience, S3Options, S3Store};
use s3s::Body;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

use crate::s3_frozen::Frozen;

pub(crate) const ACCESS_KEY: (&str, &str) = ("AKIDTEST", "secret");

/// Adds the key that the server accepts to the endpoint of a data directory, which must not have run yet.
#[cfg(unix)]
#[allow(dead_code, reason = "not by the bench")]
pub(crate) fn take_the_key_of_s3(place: &std::path::Path) {
    let [id, secret] = [ACCESS_KEY.0, ACCESS_KEY.1];
    let key = format!("{{\"access_key_id\":\"{id}\",\"secret_access_key\":\"{secret}\"}}");
    let path = place.join("credentials.json");
    std::fs::write(&path, key).unwrap();
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

const SSE: &str = "x-amz-server-side-encryption";
/// What the layer remembers about a request that creates an object.
const KEPT: [&str; 4] = [SSE, "x-amz-server-side-encryption-aws-kms-key-id", "content-type", "x-amz-acl"];

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// Its number among all requests, from 0.
    pub(crate) number: usize,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
}

impl Call {
    /// The bytes that the request carries.
    pub(crate) fn length(&self) -> u64 {
        self.headers.get("content-length").map_or(0, |length| length.to_str().unwrap().parse().unwrap())
    }

    /// Whether the store is to copy an object or a part of one.
    pub(crate) fn copies(&self) -> bool {
        self.headers.contains_key("x-amz-copy-source")
    }
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// This status and code instead of a response; nothing is done.
    Answer(u16, &'static str),
    /// The response to a request for a bucket of this region in another region; nothing is done.
    Elsewhere(&'static str),
    /// The connection is cut; nothing is done.
    Reset,
    /// No response ever comes; nothing is done.
    Silence,
    /// Everything is done, and the connection is cut before the response.
    LostAnswer,
    /// The response breaks off after this many bytes of its body.
    CutAfter(usize),
    /// Nothing fails: the response waits until [`TOGETHER`] requests with this wait at once.
    Together,
    /// Whole objects are returned, whatever part is requested.
    IgnoreRange,
    /// Nothing fails: the response does not state the length of its body.
    NoLength,
}

/// The number of requests that [`Fault::Together`] waits for.
pub(crate) const TOGETHER: usize = 3;

type Plan = Box<dyn FnMut(&Call) -> Option<Fault> + Send>;

struct State {
    service: S3Service,
    root: PathBuf,
    plan: Mutex<Plan>,
    calls: Mutex<Vec<Call>>,
    kept: Mutex<BTreeMap<String, HeaderMap>>,
    frozen: Frozen,
    /// A part of the paths of the objects that the server forgets to encrypt.
    careless: Mutex<Option<String>>,
    /// Whether the server reports an object's encryption only in response to HEAD.
    reticent: AtomicBool,
    number: AtomicUsize,
    together: tokio::sync::Barrier,
    /// The uploads that were begun and neither completed nor aborted: id to path, and when they were begun.
    uploads: Mutex<BTreeMap<String, (String, String)>>,
    /// How long the sessions of a role last, in seconds; and how many were created.
    session: AtomicU64,
    sessions: AtomicUsize,
    /// How many requests are being answered, and the maximum so far.
    answering: AtomicUsize,
    most_answering: AtomicUsize,
}

/// A server that runs until it is dropped.
pub(crate) struct S3Server {
    runtime: Option<Runtime>,
    state: Arc<State>,
    pub(crate) url: String,
    _root: TempDir,
}

impl S3Server {
    /// A server without faults, with one bucket.
    pub(crate) fn new(bucket: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join(bucket)).unwrap();
        let mut builder = S3ServiceBuilder::new(s3s_fs::FileSystem::new(root.path()).unwrap());
        builder.set_auth(SimpleAuth::from_single(ACCESS_KEY.0, ACCESS_KEY.1));
        let state = Arc::new(State {
            service: builder.build(),
            root: root.path().to_owned(),
            plan: Mutex::new(Box::new(|_| None)),
            calls: Mutex::default(),
            kept: Mutex::default(),
            frozen: Frozen::default(),
            careless: Mutex::default(),
            reticent: AtomicBool::new(false),
            number: AtomicUsize::new(0),
            together: tokio::sync::Barrier::new(TOGETHER),
            uploads: Mutex::default(),
            session: AtomicU64::new(3600),
            sessions: AtomicUsize::new(0),
            answering: AtomicUsize::new(0),
            most_answering: AtomicUsize::new(0),
        });
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let served = Arc::clone(&state);
        runtime.spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, Arc::clone(&served)));
            }
        });
        Self { runtime: Some(runtime), state, url, _root: root }
    }

    /// From now on, requests fail as planned, and are counted from 0.
    pub(crate) fn plan(&self, plan: impl FnMut(&Call) -> Option<Fault> + Send + 'static) {
        *self.state.plan.lock().unwrap() = Box::new(plan);
        self.state.number.store(0, Ordering::SeqCst);
    }

    /// Storage classes and locks of objects.
    pub(crate) fn frozen(&self) -> &Frozen {
        &self.state.frozen
    }

    /// From now on, nothing is encrypted, whatever is requested.
    pub(crate) fn forget_encryption(&self) {
        self.forget_encryption_of("");
    }

    /// From now on, nothing with this in its path is encrypted.
    pub(crate) fn forget_encryption_of(&self, part: &str) {
        *self.state.careless.lock().unwrap() = Some(part.to_owned());
    }

    /// From now on, an object's encryption is only reported in response to HEAD.
    pub(crate) fn tell_encryption_on_head_alone(&self) {
        self.state.reticent.store(true, Ordering::SeqCst);
    }

    /// Every request so far.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.state.calls.lock().unwrap().clone()
    }

    /// The maximum number of requests that were answered at once.
    pub(crate) fn most_at_once(&self) -> usize {
        self.state.most_answering.load(Ordering::SeqCst)
    }

    /// From now on, the sessions of roles last this many seconds.
    pub(crate) fn let_sessions_last(&self, seconds: u64) {
        self.state.session.store(seconds, Ordering::SeqCst);
    }

    /// The paths of the uploads that were begun and neither completed nor aborted.
    pub(crate) fn uploads(&self) -> std::collections::BTreeSet<String> {
        self.state.uploads.lock().unwrap().values().map(|(path, _)| path.clone()).collect()
    }

    /// How often a role was assumed.
    pub(crate) fn sessions(&self) -> usize {
        self.state.sessions.load(Ordering::SeqCst)
    }

    /// The folder with the objects of a bucket.
    pub(crate) fn bucket(&self, bucket: &str) -> PathBuf {
        self.state.root.join(bucket)
    }

    /// The headers with which each object was created, by `/bucket/key`.
    pub(crate) fn kept(&self) -> BTreeMap<String, HeaderMap> {
        self.state.kept.lock().unwrap().clone()
    }

    /// The remains of uploads that were neither completed nor aborted.
    pub(crate) fn parts(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&self.state.root).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.file_name().unwrap().to_string_lossy().contains(".upload")).collect()
    }

    pub(crate) fn options(&self) -> S3Options {
        S3Options {
            region: Some("us-east-1".to_owned()),
            endpoint_url: Some(self.url.clone()),
            credentials: Some((ACCESS_KEY.0.to_owned(), ACCESS_KEY.1.to_owned())),
            patience: Patience {
                tries: 3,
                first_pause: Duration::from_millis(1),
                longest_pause: Duration::from_millis(2),
                time: Duration::from_mins(1),
                silence: Duration::from_mins(1),
            },
            ..S3Options::default()
        }
    }

    pub(crate) fn store(&self) -> S3Store {
        S3Store::open(&self.options()).unwrap()
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.runtime.take().unwrap().shutdown_background();
    }
}

/// The connection is to be cut.
#[derive(Debug)]
struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("cut")
    }
}

impl std::error::Error for Cut {}

async fn serve(socket: TcpStream, state: Arc<State>) {
    // Otherwise small responses wait for the client's acknowledgements.
    socket.set_nodelay(true).unwrap();
    let service = service_fn(move |request| answer(Arc::clone(&state), request));
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), service).await;
}

async fn answer(state: Arc<State>, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
    let now = state.answering.fetch_add(1, Ordering::SeqCst) + 1;
    state.most_answering.fetch_max(now, Ordering::SeqCst);
    let answered = answer_one(&state, request).await;
    state.answering.fetch_sub(1, Ordering::SeqCst);
    answered
}

async fn answer_one(state: &Arc<State>, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
    let call = Call {
        number: state.number.fetch_add(1, Ordering::SeqCst),
        method: request.method().clone(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        headers: request.headers().clone(),
    };
    state.calls.lock().unwrap().push(call.clone());
    let fault = (state.plan.lock().unwrap())(&call);
    match fault {
        Some(Fault::Answer(status, code)) => {
            // A client that is still sending would find the connection cut, and no response.
            let _ = axum::body::to_bytes(axum::body::Body::new(request.into_body()), usize::MAX).await;
            return Ok(error(status, code));
        }
        Some(Fault::Elsewhere(region)) => {
            let mut answer = error(301, "PermanentRedirect");
            answer.headers_mut().insert("x-amz-bucket-region", HeaderValue::from_static(region));
            return Ok(answer);
        }
        Some(Fault::Reset) => return Err(Cut),
        Some(Fault::Silence) => return std::future::pending().await,
        Some(Fault::Together) => {
            state.together.wait().await;
        }
        Some(Fault::IgnoreRange) => {
            let whole = std::fs::read(state.root.join(call.path.trim_start_matches('/'))).unwrap();
            return Ok(Response::new(Body::from(Bytes::from(whole))));
        }
        _ => {}
    }
    // As in S3, work that was begun is completed even if the caller no longer waits for it.
    let (doing, of) = (Arc::clone(state), call.clone());
    let done = tokio::spawn(async move { doing.carry_out(&of, request).await }).await.unwrap();
    match fault {
        Some(Fault::LostAnswer) => {
            // Everything that the response waits for is done when its body was read.
            let _ = axum::body::to_bytes(axum::body::Body::new(done.into_body()), usize::MAX).await;
            Err(Cut)
        }
        Some(Fault::CutAfter(count)) => Ok(cut(done, count).await),
        Some(Fault::NoLength) => {
            let (mut parts, body) = done.into_parts();
            parts.headers.remove("content-length");
            let body = axum::body::Body::from_stream(axum::body::Body::new(body).into_data_stream());
            Ok(Response::from_parts(parts, Body::http_body_unsync(body)))
        }
        _ => Ok(done),
    }
}

impl State {
    async fn carry_out(&self, call: &Call, request: Request<Incoming>) -> Response<Body> {
        if call.method == Method::POST && call.path == "/" {
            return self.assume_role();
        }
        if call.method == Method::GET && call.query.split('&').any(|part| part == "uploads" || part == "uploads=") {
            return self.list_uploads(call);
        }
        let begins = call.method == Method::POST && call.query.split('&').any(|part| part.starts_with("uploads"));
        let bucket = call.path.split('/').nth(1).unwrap_or_default();
        if begins && !self.root.join(bucket).is_dir() {
            return error(404, "NoSuchBucket");
        }
        let part = call.query.contains("partNumber");
        if begins || call.method == Method::PUT && !part {
            self.keep(&call.path, request.headers());
        }
        if let Some(answer) = self.frozen.answer(call) {
            return answer;
        }
        let wanted = request.headers().get("if-match").cloned();
        let mut answer = Service::call(&self.service, request).await.unwrap();
        if begins && answer.status().is_success() {
            answer = self.note_upload(call, answer).await;
        }
        if let Some(id) = parameter(&call.query, "uploadId").filter(|_| !part && answer.status().is_success()) {
            self.uploads.lock().unwrap().remove(&id);
        }
        if let (Some(wanted), Some(found)) = (wanted, answer.headers().get("etag"))
            && call.method == Method::GET
            && wanted != *found
        {
            return error(412, "PreconditionFailed");
        }
        if answer.status().is_success() && matches!(call.method, Method::GET | Method::HEAD) {
            answer.headers_mut().extend(self.frozen.headers(call));
        }
        if call.method == Method::GET && call.query.contains("list-type=2") {
            let (parts, body) = answer.into_parts();
            let bytes = axum::body::to_bytes(axum::body::Body::new(body), usize::MAX).await.unwrap();
            let listing = self.frozen.listed(call, &String::from_utf8_lossy(&bytes));
            answer = Response::from_parts(parts, Body::from(listing));
            answer.headers_mut().remove("content-length");
        }
        if answer.status().is_success() && !part && self.tells_encryption(call) {
            let kept = self.kept.lock().unwrap().get(&call.path).cloned().unwrap_or_default();
            answer.headers_mut().extend(
                kept.into_iter().filter(|(name, _)| name.as_ref().is_some_and(|name| name.as_str().starts_with(SSE))),
            );
        }
        answer
    }

    fn tells_encryption(&self, call: &Call) -> bool {
        let forgotten = self.careless.lock().unwrap().as_ref().is_some_and(|part| call.path.contains(part));
        let reticent = self.reticent.load(Ordering::SeqCst) && call.method != Method::HEAD;
        !forgotten && !reticent
    }

    /// Records the upload that a response names.
    async fn note_upload(&self, call: &Call, answer: Response<Body>) -> Response<Body> {
        let (parts, body) = answer.into_parts();
        let bytes = axum::body::to_bytes(axum::body::Body::new(body), usize::MAX).await.unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let id = text.split("<UploadId>").nth(1).and_then(|rest| rest.split('<').next()).unwrap();
        let begun = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        self.uploads.lock().unwrap().insert(id.to_owned(), (call.path.clone(), begun));
        Response::from_parts(parts, Body::from(bytes))
    }

    /// What the directory below does not provide: the uploads under a prefix, one per page.
    fn list_uploads(&self, call: &Call) -> Response<Body> {
        let decoded = |name| {
            let value = parameter(&call.query, name).unwrap_or_default();
            percent_encoding::percent_decode_str(&value).decode_utf8().unwrap().into_owned()
        };
        let (prefix, after) = (decoded("prefix"), decoded("upload-id-marker"));
        let bucket = format!("{}/", call.path.trim_end_matches('/'));
        let uploads = self.uploads.lock().unwrap();
        let mut found = uploads.iter().filter_map(|(id, (path, begun))| {
            let key = percent_encoding::percent_decode_str(path.strip_prefix(&bucket)?).decode_utf8().unwrap();
            (key.starts_with(&prefix) && *id > after).then(|| (id.clone(), key.into_owned(), begun.clone()))
        });
        let page = found.next();
        let upload = page.as_ref().map_or_else(String::new, |(id, key, begun)| {
            format!(
                "<Upload><Key>{key}</Key><UploadId>{id}</UploadId><Initiated>{begun}</Initiated></Upload><NextKeyMarker>{key}</NextKeyMarker>\
                 <NextUploadIdMarker>{id}</NextUploadIdMarker>"
            )
        });
        let more = found.next().is_some();
        xml(&format!(
            "<ListMultipartUploadsResult><IsTruncated>{more}</IsTruncated>{upload}</ListMultipartUploadsResult>"
        ))
    }

    /// STS: every session has the same key pair, and a numbered token.
    fn assume_role(&self) -> Response<Body> {
        let number = self.sessions.fetch_add(1, Ordering::SeqCst) + 1;
        let lasts = Duration::from_secs(self.session.load(Ordering::SeqCst));
        let expires = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now() + lasts);
        let (id, secret) = ACCESS_KEY;
        xml(&format!(
            "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><AssumedRoleUser>\
             <AssumedRoleId>AROATEST:s</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/export/s</Arn>\
             </AssumedRoleUser><Credentials><AccessKeyId>{id}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>\
             <SessionToken>session-{number}</SessionToken><Expiration>{}</Expiration></Credentials></AssumeRoleResult>\
             </AssumeRoleResponse>",
            expires.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
        ))
    }

    fn keep(&self, path: &str, headers: &HeaderMap) {
        let mut kept = HeaderMap::new();
        for name in KEPT {
            kept.extend(headers.get(name).map(|value| (axum::http::HeaderName::from_static(name), value.clone())));
        }
        self.kept.lock().unwrap().insert(path.to_owned(), kept);
    }
}

fn parameter(query: &str, name: &str) -> Option<String> {
    query.split('&').find_map(|part| part.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
}

fn xml(text: &str) -> Response<Body> {
    let mut answer = Response::new(Body::from(format!("<?xml version=\"1.0\"?>{text}")));
    answer.headers_mut().insert("content-type", HeaderValue::from_static("application/xml"));
    answer
}

pub(crate) fn error(status: u16, code: &str) -> Response<Body> {
    let xml = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>as planned</Message></Error>");
    let mut answer = Response::new(Body::from(xml));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
    answer.headers_mut().insert("content-type", HeaderValue::from_static("application/xml"));
    answer
}

/// The same response, with a truncated body.
async fn cut(answer: Response<Body>, count: usize) -> Response<Body> {
    let (parts, body) = answer.into_parts();
    let mut whole = axum::body::to_bytes(axum::body::Body::new(body), usize::MAX).await.unwrap();
    whole.truncate(count);
    Response::from_parts(parts, Body::http_body_unsync(Broken { bytes: Some(whole), sent: false }))
}

/// Some bytes, and then no end.
struct Broken {
    bytes: Option<Bytes>,
    sent: bool,
}

impl HttpBody for Broken {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if let Some(bytes) = self.bytes.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        // The available bytes are sent while the body waits; otherwise the connection would be cut before them.
        if !std::mem::replace(&mut self.sent, true) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(std::io::Error::other("cut"))))
    }
}
