//! A service that answers as a test requires, for what the built-in endpoint never does: failing,
//! hanging up, or never ending.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use super::support::Place;

/// One response.
#[derive(Clone)]
pub(crate) enum Reply {
    /// A status, the name of an error or nothing, and a body.
    Http(u16, &'static str, String),
    /// The same with another header.
    Headed(&'static str, u16, &'static str, String),
    /// The connection is closed without a response.
    HangUp,
}

impl Reply {
    /// Adds a header.
    pub(crate) fn with_header(self, header: &'static str) -> Self {
        match self {
            Self::Http(status, error, body) => Self::Headed(header, status, error, body),
            other => other,
        }
    }
}

/// A service on a free port of the loopback interface.
pub(crate) struct Canned {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    /// The credential scope of each request: `KEY/DATE/REGION/qldb/aws4_request`.
    scopes: Arc<Mutex<Vec<String>>>,
    ended: Arc<AtomicBool>,
    serving: Option<JoinHandle<()>>,
}

impl Canned {
    /// Answers each request by its first line and the number of earlier ones.
    pub(crate) fn new(answer: impl Fn(&str, usize) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (requests, ended) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicBool>::default());
        let scopes = Arc::<Mutex<Vec<String>>>::default();
        let (noted, signed, over) = (Arc::clone(&requests), Arc::clone(&scopes), Arc::clone(&ended));
        let serving = std::thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let mut connection = BufReader::new(connection);
                let Some((line, scope)) = request_line(&mut connection) else { continue };
                signed.lock().unwrap().extend(scope);
                let before = noted.lock().unwrap().len();
                noted.lock().unwrap().push(line.clone());
                send(connection.into_inner(), &answer(&line, before));
            }
        });
        Self { address, requests, scopes, ended, serving: Some(serving) }
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Who signed the requests so far, each as key and region.
    pub(crate) fn signers(&self) -> Vec<(String, String)> {
        let scopes = self.scopes.lock().unwrap();
        let signer = |scope: &String| {
            let mut parts = scope.split('/');
            (parts.next().unwrap().to_owned(), parts.nth(1).unwrap().to_owned())
        };
        scopes.iter().map(signer).collect()
    }

    /// Every request so far, each as `METHOD /path`.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// The number of exports that were requested.
    pub(crate) fn starts(&self) -> usize {
        self.requests().iter().filter(|request| request.starts_with("POST ")).count()
    }

    /// The binary, pointed at this service.
    pub(crate) fn command<'a>(&self, place: &Place, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = place.command(arguments);
        command.env("AWS_ENDPOINT_URL_QLDB", self.url()).env("AWS_REGION", "us-east-1");
        command.env("AWS_ACCESS_KEY_ID", "key").env("AWS_SECRET_ACCESS_KEY", "secret");
        command
    }
}

impl Drop for Canned {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
        self.serving.take().map(JoinHandle::join);
    }
}

/// `METHOD /path` of a request, and the scope of its signature.
fn request_line(connection: &mut BufReader<TcpStream>) -> Option<(String, Option<String>)> {
    let mut first = String::new();
    connection.read_line(&mut first).ok()?;
    let (mut length, mut scope) = (0, None);
    loop {
        let mut header = String::new();
        connection.read_line(&mut header).ok()?;
        if header.trim().is_empty() {
            break;
        }
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        let signed = header.split("Credential=").nth(1).and_then(|rest| rest.split(',').next());
        scope = scope.or(signed.map(str::to_owned));
    }
    connection.read_exact(&mut vec![0; length]).ok()?;
    let (request, _) = first.trim().rsplit_once(' ')?;
    Some((request.to_owned(), scope))
}

fn send(mut connection: TcpStream, reply: &Reply) {
    let (header, status, error, body) = match reply {
        Reply::Http(status, error, body) => (String::new(), status, error, body),
        Reply::Headed(header, status, error, body) => (format!("{header}\r\n"), status, error, body),
        Reply::HangUp => return,
    };
    let error = if error.is_empty() { String::new() } else { format!("x-amzn-ErrorType: {error}\r\n") };
    let length = body.len();
    let head = format!("HTTP/1.1 {status} Any\r\n{header}{error}Connection: close\r\nContent-Length: {length}\r\n\r\n");
    let _ = connection.write_all(format!("{head}{body}").as_bytes());
}

/// The id of the export that the canned service knows.
pub(crate) const EXPORT_ID: &str = "ADR2ONPKN5LINYGb4dp7yZ";

/// The response to a start.
pub(crate) fn started() -> Reply {
    Reply::Http(200, "", format!("{{\"ExportId\":\"{EXPORT_ID}\"}}"))
}

/// The response to a query for the export.
pub(crate) fn described(status: &str) -> Reply {
    Reply::Http(200, "", format!("{{\"ExportDescription\":{}}}", description(status)))
}

/// An export as the service describes it, with a ledger name that must never be printed unescaped.
pub(crate) fn description(status: &str) -> String {
    format!(
        r#"{{"LedgerName":"vehicle-registration","ExportId":"{EXPORT_ID}","ExportCreationTime":1568847801.418,
        "Status":"{status}","InclusiveStartTime":1568764800.0,"ExclusiveEndTime":1568847599.123,
        "RoleArn":"arn:aws:iam::123456789012:role/export","S3ExportConfiguration":{{"Bucket":"exports",
        "Prefix":"a\u001b[31mb/","EncryptionConfiguration":{{"ObjectEncryptionType":"SSE_S3"}}}}}}"#
    )
}

/// An error of the service.
pub(crate) fn failed(status: u16, error: &'static str) -> Reply {
    Reply::Http(status, error, r#"{"Message":"the service's own words"}"#.to_owned())
}
