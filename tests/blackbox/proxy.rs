//! A small HTTP proxy, as companies have one: it hands requests on, makes
//! tunnels, and refuses what a test wants refused.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// A proxy on a free port of the loopback interface.
pub(crate) struct HttpProxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    ended: Arc<AtomicBool>,
    serving: Option<JoinHandle<()>>,
}

impl HttpProxy {
    /// Forwards everything.
    pub(crate) fn new() -> Self {
        Self::of(None)
    }

    /// Answers everything with a status, like a proxy that does not let a caller through.
    pub(crate) fn refusing(status: u16) -> Self {
        Self::of(Some(status))
    }

    fn of(refusal: Option<u16>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, ended) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicBool>::default());
        let (noted, over) = (Arc::clone(&asked), Arc::clone(&ended));
        let serving = std::thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let noted = Arc::clone(&noted);
                std::thread::spawn(move || serve(connection, refusal, &noted));
            }
        });
        Self { address, asked, ended, serving: Some(serving) }
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The first lines of all requests so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for HttpProxy {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
        self.serving.take().map(JoinHandle::join);
    }
}

fn serve(connection: TcpStream, refusal: Option<u16>, noted: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(connection.try_clone().ok()?);
    let (head, length) = head(&mut reader)?;
    let first = head.lines().next()?.to_owned();
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    noted.lock().unwrap().push(first.clone());
    let mut connection = connection;
    if let Some(status) = refusal {
        let page = "<html>not here</html>";
        let answer =
            format!("HTTP/1.1 {status} Any\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{page}", page.len());
        return connection.write_all(answer.as_bytes()).ok();
    }
    if let Some(target) = first.strip_prefix("CONNECT ") {
        let server = TcpStream::connect(target.split(' ').next()?).ok()?;
        connection.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").ok()?;
        return tunnel(connection, server);
    }
    hand_on(connection, &head, &body)
}

/// Sends a request in the form that its server expects, once.
fn hand_on(mut connection: TcpStream, head: &str, body: &[u8]) -> Option<()> {
    let (_, rest) = head.split_once("http://")?;
    let host = rest.split('/').next()?;
    let mut server = TcpStream::connect(host).ok()?;
    let rewritten = head.replacen(&format!("http://{host}"), "", 1);
    server.write_all(rewritten.as_bytes()).ok()?;
    server.write_all(body).ok()?;
    std::io::copy(&mut server, &mut connection).ok().map(|_| ())
}

fn tunnel(client: TcpStream, server: TcpStream) -> Option<()> {
    let (mut from_client, mut to_server) = (client.try_clone().ok()?, server.try_clone().ok()?);
    let there = std::thread::spawn(move || {
        let _ = std::io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Write);
    });
    let (mut from_server, mut to_client) = (server, client);
    let _ = std::io::copy(&mut from_server, &mut to_client);
    let _ = to_client.shutdown(Shutdown::Both);
    there.join().ok()
}

/// The head of a request, and the length of its body.
fn head(reader: &mut BufReader<TcpStream>) -> Option<(String, usize)> {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let start = head.len();
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
        let line = head[start..].to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            return Some((head, length));
        }
    }
}
