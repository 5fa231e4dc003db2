//! The server: connections, their timeouts, and a shutdown that does not cut off responses.

use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use chrono::DateTime;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::{debug, warn};

use super::arn::Account;
use super::callers::Callers;
use super::operations::Operations;
use super::service::RequestHandler;
use super::{EndpointError, Options};
use crate::engine::Engine;
use qldb_journal::request::time;

/// How long the head of a request may take, and how long a connection may be idle between requests.
const HEAD_TIME: Duration = Duration::from_mins(1);
/// How long requests in progress may take to end once the endpoint is stopping.
const GRACE: Duration = Duration::from_secs(10);
/// How long to wait for a connection to end if the system has run out of them.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// A bound endpoint.
pub struct Endpoint {
    listener: TcpListener,
    address: SocketAddr,
    service: Arc<RequestHandler>,
}

impl Endpoint {
    /// Binds an address; port 0 picks a free one. Requests are answered once [`Endpoint::serve`] runs.
    pub async fn bind(engine: Arc<Engine>, listen: SocketAddr, options: Options) -> Result<Self, EndpointError> {
        let now = Some(time::now()).filter(|now| *now < DateTime::UNIX_EPOCH);
        now.map_or(Ok(()), |now| Err(EndpointError::Clock(now)))?;
        let failed = |source| EndpointError::Bind { listen, source };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let callers = Callers::new(&options);
        let account = Arc::new(Account { region: options.region, id: options.account_id });
        let service = Arc::new(RequestHandler { operations: Operations { engine, account }, callers });
        Ok(Self { listener, address, service })
    }

    /// The bound address.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The URL by which clients on this machine reach it.
    pub fn url(&self) -> String {
        let loopback = match self.address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        format!("http://{}", SocketAddr::new(loopback, self.address.port()))
    }

    /// Serves until `stop` completes, then lets the requests in progress end. The engine's jobs keep running.
    pub async fn serve(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), EndpointError> {
        let (stopping, stopped) = watch::channel(false);
        let mut connections = JoinSet::new();
        let mut stop = pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, peer)) => {
                        debug!(%peer, "connection");
                        connections.spawn(converse(stream, Arc::clone(&self.service), stopped.clone()));
                    }
                    Err(error) => recover(error, &mut connections).await?,
                },
                Some(_) = connections.join_next() => {}
            }
        }
        drop(self.listener);
        // This fails only if no connection is open.
        let _ = stopping.send(true);
        let ended = tokio::time::timeout(GRACE, async { while connections.join_next().await.is_some() {} }).await;
        if ended.is_err() {
            warn!(open = connections.len(), "connections cut off: they did not end within {GRACE:?}");
        }
        Ok(())
    }
}

/// A connection that broke before it was accepted is its caller's problem. Otherwise the system has run out of a
/// resource: it becomes available when one of our connections ends, or not at all.
async fn recover(error: std::io::Error, connections: &mut JoinSet<()>) -> Result<(), EndpointError> {
    let theirs = [ErrorKind::ConnectionAborted, ErrorKind::ConnectionReset, ErrorKind::ConnectionRefused];
    if theirs.contains(&error.kind()) {
        return Ok(());
    }
    if connections.is_empty() {
        return Err(EndpointError::Accept(error));
    }
    warn!(%error, "no connection can be taken until another one ends");
    let _ = tokio::time::timeout(ACCEPT_PAUSE, connections.join_next()).await;
    Ok(())
}

/// Serves one connection's requests, one after the other.
async fn converse(stream: TcpStream, service: Arc<RequestHandler>, mut stopped: watch::Receiver<bool>) {
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "answers may be delayed");
    }
    let answer = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let service = Arc::clone(&service);
        async move { Ok::<_, Infallible>(service.answer(request.map(Body::new)).await) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), answer));
    let stopping = async move { drop(stopped.wait_for(|stopped| *stopped).await) };
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopping => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        debug!(%error, "connection ended");
    }
}
