//! Requests to the endpoint: whatever it receives, it responds or closes the connection, and never
//! fails by itself.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials as Keys;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use qldb_endpoint::endpoint::{Credentials, Endpoint, Options};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::{Target, ledger};

const KEY: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI";
const REGION: &str = "us-east-1";
/// The time within which it must respond or close.
const PATIENCE: Duration = Duration::from_secs(5);

/// An endpoint with a small ledger.
pub(crate) struct Wire {
    address: SocketAddr,
    _runtime: Runtime,
    _directory: TempDir,
}

impl Wire {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let engine = ledger::engine(directory.path(), qldb_journal::request::time::now);
        ledger::sample(&engine, 5);
        let runtime = Runtime::new().unwrap();
        let credentials = Credentials::new(KEY, SECRET);
        let options = Options { region: REGION.to_owned(), ..Options::new(credentials) };
        let bound = Endpoint::bind(engine, SocketAddr::from(([127, 0, 0, 1], 0)), options);
        let endpoint = runtime.block_on(bound).unwrap();
        let address = endpoint.local_addr();
        runtime.spawn(endpoint.serve(std::future::pending()));
        Self { address, _runtime: runtime, _directory: directory }
    }

    /// Sends bytes and returns the first line of the response, if there is one. If the request may be incomplete, the
    /// sending side is closed, and the endpoint may close without a response.
    fn send(&self, request: &[u8], is_whole: bool) -> Result<Option<String>, String> {
        let mut stream =
            TcpStream::connect(self.address).map_err(|error| format!("it accepts no connection: {error}"))?;
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // It may close before it has read everything.
        let _ = stream.write_all(request);
        if !is_whole {
            let _ = stream.shutdown(std::net::Shutdown::Write);
        }
        let mut answer = Vec::new();
        if let Err(error) = stream.read_to_end(&mut answer)
            && matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
        {
            return Err(format!("it neither responds nor closes; so far {:?}", String::from_utf8_lossy(&answer)));
        }
        let line = answer.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let line = String::from_utf8_lossy(line).into_owned();
        if line.starts_with("HTTP/1.1 5") {
            return Err(format!("it responds {line}: {}", String::from_utf8_lossy(&answer)));
        }
        Ok((!line.is_empty()).then_some(line))
    }

    /// The input as a signed request: its first line has the method and the path, the rest is the body.
    fn signed(&self, input: &[u8]) -> Option<Vec<u8>> {
        let split = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
        let (line, body) = (&input[..split], input.get(split + 1..).unwrap_or_default());
        let line = std::str::from_utf8(line).ok()?.trim_end();
        let (method, path) = line.split_once(' ')?;
        let path = path.split(' ').next()?;
        let url = format!("http://{}{path}", self.address);
        let identity = Keys::from_keys(KEY, SECRET, None).into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(REGION)
            .name("qldb")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .ok()?
            .into();
        let host = self.address.to_string();
        let request =
            SignableRequest::new(method, &url, [("host", host.as_str())].into_iter(), SignableBody::Bytes(body))
                .ok()?;
        let (instructions, _) = sign(request, &parameters).ok()?.into_parts();
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in instructions.headers() {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head.push_str("connection: close\r\n\r\n");
        Some([head.as_bytes(), body].concat())
    }
}

impl Target for Wire {
    fn check(&mut self, input: &[u8]) -> Result<(), String> {
        self.send(input, false)?;
        match self.signed(input).map(|request| self.send(&request, true)).transpose()? {
            Some(None) => Err("there is no response to a complete request".to_owned()),
            _ => Ok(()),
        }
    }

    /// The endpoint still works.
    fn finish(&mut self) -> Result<(), String> {
        let request = self.signed(b"GET /ledgers\n").ok_or("a plain request can't be signed")?;
        match self.send(&request, true)? {
            Some(line) if line.starts_with("HTTP/1.1 200") => Ok(()),
            other => Err(format!("the response to a plain request is {other:?}")),
        }
    }
}
