//! The client side.

use std::io::{self, BufReader, Read};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::message::{Call, CallError, Reply};
use super::wire::Wire;
use super::{LedgerOperation, frame, socket};
use crate::cli::context::Context;
use crate::cli::context::working::Done;
use crate::cli::error::CliError;
use crate::cli::global::exit::Exit;
use crate::cli::output::events::Event;
use qldb_endpoint::engine::LedgerError;

/// How long a `serve` may take to acknowledge a call.
const HEARING: Duration = Duration::from_secs(10);
/// How many bytes of documents are sent at once.
const PIECE: usize = 64 * 1024;

/// The `serve` that holds a data directory.
pub(in crate::cli::commands::ledger) struct Running {
    socket: PathBuf,
}

/// A call that was sent, and that can be cancelled while another thread waits for its reply.
pub(in crate::cli::commands::ledger) struct PendingCall {
    stream: UnixStream,
    is_change: bool,
}

impl Running {
    /// Finds the `serve` that listens there, if there is one.
    pub(in crate::cli::commands::ledger) fn find(data_dir: &Path) -> Option<Self> {
        let socket = socket::socket(data_dir)?;
        UnixStream::connect(&socket).is_ok().then_some(Self { socket })
    }

    /// Sends a call, and waits for the reply.
    pub(in crate::cli::commands::ledger) fn ask<T: Wire>(
        &self,
        context: &Context,
        asked: LedgerOperation,
        done: Option<&Done>,
    ) -> Result<T, CliError> {
        self.begin(asked)?.answer(context, done, io::empty())
    }

    /// Sends a call, and waits until it is accepted.
    pub(in crate::cli::commands::ledger) fn begin(&self, asked: LedgerOperation) -> Result<PendingCall, CliError> {
        let is_change = asked.is_change();
        let call = Call { version: env!("CARGO_PKG_VERSION").to_owned(), asked };
        // A path that is not UTF-8 has no JSON form.
        let call = serde_json::to_vec(&call).map_err(|error| {
            served(Exit::Usage, format!("this can't be sent to the `serve` that holds the data directory: {error}"))
        })?;
        let unheard = |error| CliError::Unheard(Some(error));
        let stream = UnixStream::connect(&self.socket).map_err(unheard)?;
        stream.set_read_timeout(Some(HEARING)).map_err(unheard)?;
        frame::write(&stream, &call).map_err(unheard)?;
        // If nothing comes back, the call was not accepted: `serve` acknowledges a call before it acts on it.
        let first = frame::read(&stream).map_err(unheard)?;
        stream.set_read_timeout(None).map_err(unheard)?;
        match first.and_then(|reply| serde_json::from_slice(&reply).ok()) {
            Some(Reply::Heard) => Ok(PendingCall { stream, is_change }),
            Some(Reply::Failed(failed)) => Err(failed.into_error().0),
            _ => Err(CliError::Unheard(None)),
        }
    }
}

impl PendingCall {
    /// Cancels the call: `serve` then undoes what it had begun.
    pub(in crate::cli::commands::ledger) fn stopper(&self) -> io::Result<impl FnOnce() + Send + use<>> {
        let stream = self.stream.try_clone()?;
        Ok(move || drop(stream.shutdown(Shutdown::Write)))
    }

    /// Sends the documents when they are requested, shows the progress meanwhile, and returns the reply.
    pub(in crate::cli::commands::ledger) fn answer<T: Wire>(
        self,
        context: &Context,
        done: Option<&Done>,
        mut documents: impl Read,
    ) -> Result<T, CliError> {
        let mut input = BufReader::new(&self.stream);
        loop {
            let reply = frame::read(&mut input).ok().flatten();
            let reply = reply.and_then(|reply| serde_json::from_slice(&reply).ok());
            match reply.ok_or_else(|| self.lost())? {
                Reply::Heard => {}
                Reply::Send => self.send(&mut documents)?,
                Reply::Progress(counts) => done.into_iter().for_each(|done| done.set(counts)),
                Reply::Event(name, members) => {
                    Event::of_name(&name).into_iter().for_each(|event| context.emit(event, members.clone()));
                }
                Reply::Done(value) => return T::meant(value).ok_or_else(|| self.lost()),
                Reply::Failed(failed) => return Err(failure(context, failed)),
            }
        }
    }

    /// Sends all documents. If `serve` stops accepting them, its reply says why; if they can't be read, `serve` never
    /// sees their end and adds none of them.
    fn send(&self, documents: &mut impl Read) -> Result<(), CliError> {
        let mut piece = vec![0; PIECE];
        loop {
            let count = match documents.read(&mut piece) {
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(source) => {
                    return Err(LedgerError::Io { what: "cannot read the documents".to_owned(), source }.into());
                }
            };
            if frame::write(&self.stream, piece.get(..count).unwrap_or_default()).is_err() || count == 0 {
                return Ok(());
            }
        }
    }

    /// The connection ended without a reply.
    fn lost(&self) -> CliError {
        let fate = if self.is_change {
            "it is unknown whether it was done: check with `ledger describe`, and run the command again if it was not"
        } else {
            "run the command again"
        };
        served(Exit::Unreachable, format!("the `serve` that holds the data directory ended before it answered; {fate}"))
    }
}

fn failure(context: &Context, failed: CallError) -> CliError {
    let (error, notes) = failed.into_error();
    notes.iter().for_each(|note| context.printer.note(note));
    error
}

fn served(exit: Exit, message: String) -> CliError {
    CliError::Served { exit, message, advice: None }
}
