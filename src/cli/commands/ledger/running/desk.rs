//! The server side: `serve` accepts calls of its owner's commands, each on its own thread.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::UnixListener;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

use super::message::{Call, CallError, Reply};
use super::replies::Replies;
use super::socket::Socket;
use super::work::Work;
use super::{LedgerOperation, frame, work};
use crate::cli::advice;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::global::exit::Exit;
use crate::cli::global::settings::Settings;
use crate::cli::global::typed::Typed;
use qldb_endpoint::engine::Engine;

/// How long calls in progress may take to end once `serve` is stopping.
const GRACE: Duration = Duration::from_secs(10);
/// How long to wait if the system can't provide a connection.
const PAUSE: Duration = Duration::from_millis(100);

/// Accepts calls until it is closed.
pub(crate) struct CommandServer {
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

/// What every call works with.
struct Shared {
    engine: Arc<Engine>,
    /// The flags of `serve`.
    global: Settings,
    /// Whether `serve` is stopping.
    stopping: AtomicBool,
    open: Mutex<HashMap<u64, UnixStream>>,
    next: AtomicU64,
}

impl CommandServer {
    /// Listens for the commands of this user.
    pub(crate) fn open(context: &Context, engine: &Arc<Engine>) -> io::Result<Self> {
        let (place, listener) = Socket::make(engine.data_dir())?;
        listener.set_nonblocking(true)?;
        let listener = UnixListener::from_std(listener)?;
        let shared = Arc::new(Shared {
            engine: Arc::clone(engine),
            global: context.global.clone(),
            stopping: AtomicBool::new(false),
            open: Mutex::default(),
            next: AtomicU64::new(0),
        });
        let (stop, stopped) = oneshot::channel();
        Ok(Self { stop, serving: tokio::spawn(serve(place, listener, shared, stopped)) })
    }

    /// Accepts no more calls, and waits until those in progress have ended.
    pub(crate) async fn close(self) {
        let _ = self.stop.send(());
        let _ = self.serving.await;
    }
}

async fn serve(place: Socket, listener: UnixListener, shared: Arc<Shared>, mut stopped: oneshot::Receiver<()>) {
    let mut calls = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            accepted = listener.accept() => match accepted.and_then(|(stream, _)| blocking(stream)) {
                Ok(stream) => {
                    let shared = Arc::clone(&shared);
                    calls.spawn_blocking(move || shared.converse(&stream));
                }
                Err(error) => {
                    tracing::warn!(%error, "a command could not be heard");
                    tokio::time::sleep(PAUSE).await;
                }
            },
            Some(_) = calls.join_next() => {}
        }
    }
    drop(listener);
    drop(place);
    shared.stop();
    if tokio::time::timeout(GRACE, async { while calls.join_next().await.is_some() {} }).await.is_err() {
        tracing::warn!(open = calls.len(), "commands were cut off: they did not end within {GRACE:?}");
    }
}

fn blocking(stream: tokio::net::UnixStream) -> io::Result<UnixStream> {
    let stream = stream.into_std()?;
    stream.set_nonblocking(false)?;
    Ok(stream)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Makes the calls in progress end: nothing more is read from them.
    fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        for stream in lock(&self.open).values() {
            let _ = stream.shutdown(Shutdown::Read);
        }
    }

    fn converse(&self, stream: &UnixStream) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if let Ok(stream) = stream.try_clone() {
            lock(&self.open).insert(number, stream);
        }
        // A call that arrived while stopping.
        if self.stopping.load(Ordering::Relaxed) {
            let _ = stream.shutdown(Shutdown::Read);
        }
        if let Err(error) = self.answer(stream) {
            tracing::debug!(%error, "a command went away");
        }
        lock(&self.open).remove(&number);
    }

    fn answer(&self, stream: &UnixStream) -> io::Result<()> {
        // A client that only checks whether somebody listens sends nothing.
        let Some(call) = frame::read(stream)? else { return Ok(()) };
        let replies = Replies::to(stream)?;
        let asked = match understood(&call) {
            Ok(asked) => asked,
            Err(message) => {
                let error = CliError::Served { exit: Exit::Unreachable, message, advice: None };
                return replies.send(&Reply::Failed(CallError::of(&error, Vec::new(), None)));
            }
        };
        // A client that is gone has already turned to another process.
        replies.send(&Reply::Heard)?;
        tracing::info!(asked = asked.name(), "a command of this data directory's owner");
        let mut notes = Vec::new();
        let caller = self.context_of(&asked);
        let outcome = Work { engine: &self.engine, stream, replies: &replies, notes: &mut notes }.run(asked);
        let reply = match outcome {
            Ok(value) => Reply::Done(value),
            Err(error) => {
                let error = self.as_stopped(error);
                Reply::Failed(CallError::of(&error, notes, advice::on(&error, &caller)))
            }
        };
        replies.send(&reply)
    }

    /// The context on which advice to a caller is based.
    fn context_of(&self, asked: &LedgerOperation) -> Context {
        let mut global = self.global.clone();
        if let LedgerOperation::Import(import) = asked {
            global.profile.clone_from(&import.profile);
        }
        Context::new(global, Typed::default(), BTreeSet::new())
    }

    /// A failure because `serve` is stopping is not the command's fault.
    fn as_stopped(&self, error: CliError) -> CliError {
        if !self.stopping.load(Ordering::Relaxed) || !work::is_cut_off(&error) {
            return error;
        }
        let message =
            "the `serve` that held the data directory was stopped meanwhile, and nothing was changed; run the \
                       command again"
                .to_owned();
        CliError::Served { exit: Exit::Unreachable, message, advice: None }
    }
}

/// The call, if the caller has the same version.
fn understood(call: &[u8]) -> Result<LedgerOperation, String> {
    let own = env!("CARGO_PKG_VERSION");
    let version = serde_json::from_slice(call)
        .ok()
        .and_then(|call: serde_json::Value| Some(call.get("version")?.as_str()?.to_owned()));
    match (version, serde_json::from_slice::<Call>(call)) {
        (Some(version), Ok(call)) if version == own => Ok(call.asked),
        (version, _) => Err(format!(
            "the `serve` that holds the data directory is version {own}, and does not understand this command of version \
             {}: start it anew with the same version",
            version.as_deref().unwrap_or("unknown")
        )),
    }
}
