//! A service behind TLS, with a certificate that only `tests/tls/authority.pem`
//! vouches for. It has no exports.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// The certificate that signs the server's.
pub(crate) fn authority() -> PathBuf {
    file("authority.pem")
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/tls").join(name)
}

/// A server that runs until it is dropped.
pub(crate) struct TlsServer {
    address: SocketAddr,
    ended: Arc<AtomicBool>,
    serving: Option<JoinHandle<()>>,
}

impl TlsServer {
    pub(crate) fn new() -> Self {
        let certificate = CertificateDer::from_pem_file(file("server.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_file(file("server.key")).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let ended = Arc::<AtomicBool>::default();
        let over = Arc::clone(&ended);
        let serving = std::thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                // A client that does not trust the certificate hangs up.
                let _ = answer(connection, Arc::clone(&config));
            }
        });
        Self { address, ended, serving: Some(serving) }
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
        self.serving.take().map(JoinHandle::join);
    }
}

fn answer(connection: TcpStream, config: Arc<ServerConfig>) -> std::io::Result<()> {
    let tls = ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut stream = BufReader::new(StreamOwned::new(tls, connection));
    let mut line = String::new();
    while stream.read_line(&mut line)? > 0 && !line.trim().is_empty() {
        line.clear();
    }
    let body = "{\"JournalS3Exports\":[]}";
    let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    let mut stream = stream.into_inner();
    stream.write_all(format!("{head}{body}").as_bytes())?;
    stream.conn.send_close_notify();
    stream.flush()
}
