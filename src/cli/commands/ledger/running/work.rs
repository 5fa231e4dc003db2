//! What `serve` does for a command: the engine's own call, with progress sent to the socket and
//! documents read from it.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::message::Reply;
use super::replies::Replies;
use super::wire::Wire;
use super::{Import, LedgerOperation, frame};
use crate::cli::commands::ledger::list;
use crate::cli::commands::verify::{answered, whole_archive};
use crate::cli::context::object_store::{S3Access, sources_by};
use crate::cli::context::working::Done;
use crate::cli::error::CliError;
use crate::cli::output::{breaks, events};
use qldb_endpoint::engine::{AppendOptions, Engine, ImportError, Imported, LedgerChange, LedgerError, SampleSpec};
use qldb_journal::archive::verify::{Report, VerifyError, Watcher};
use qldb_journal::request::{Faults, LedgerName};

/// How often progress is sent to the caller.
const TICK: Duration = Duration::from_millis(250);

impl LedgerOperation {
    /// Its name in the log.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Ledger { .. } | Self::Facts { .. } | Self::Outline { .. } => "describe",
            Self::Digest { .. } => "digest",
            Self::Sample { .. } => "sample",
            Self::Append { .. } => "append",
            Self::Import(_) => "import",
            Self::Unprotect { .. } | Self::Delete { .. } => "delete",
            Self::Compact { .. } => "compact",
        }
    }
}

/// One call.
pub(super) struct Work<'a> {
    pub(super) engine: &'a Arc<Engine>,
    pub(super) stream: &'a UnixStream,
    pub(super) replies: &'a Replies,
    /// What the caller prints before the error.
    pub(super) notes: &'a mut Vec<String>,
}

impl Work<'_> {
    /// Does what was asked.
    pub(super) fn run(mut self, asked: LedgerOperation) -> Result<Value, CliError> {
        let engine = self.engine;
        match asked {
            LedgerOperation::List => Ok(list::all(engine)?.sent()),
            LedgerOperation::Ledger { name } => Ok(engine.describe_ledger(&ledger(&name)?)?.sent()),
            LedgerOperation::Facts { name } => Ok(engine.journal_facts(&ledger(&name)?)?.sent()),
            LedgerOperation::Outline { name } => {
                let name = ledger(&name)?;
                let outline = self.with_progress(|done| {
                    done.begin(0, engine.journal_facts(&name).map_or(0, |facts| facts.bytes));
                    engine.journal_outline(&name, &|bytes| done.advance(bytes))
                });
                Ok(outline?.sent())
            }
            LedgerOperation::Digest { name } => Ok(engine.digest(&ledger(&name)?)?.sent()),
            LedgerOperation::Sample { name, transactions, days, seed } => {
                let spec = SampleSpec { name: ledger(&name)?, transactions, days, seed };
                Ok(engine.make_sample(&spec)?.sent())
            }
            LedgerOperation::Append { name, table, batch, committed } => {
                let documents = DocumentStream { stream: self.stream, replies: self.replies, state: State::Unasked };
                let options = AppendOptions { batch, committed };
                Ok(engine.append(&ledger(&name)?, &table, documents, options)?.sent())
            }
            LedgerOperation::Import(import) => Ok(self.import(&import)?.sent()),
            LedgerOperation::Unprotect { name } => {
                let change = LedgerChange { deletion_protection: Some(false), kms_key: None };
                engine.update_ledger(&ledger(&name)?, change)?;
                Ok(().sent())
            }
            LedgerOperation::Delete { name } => Ok(engine.delete_ledger(&ledger(&name)?)?.sent()),
            LedgerOperation::Compact { name } => {
                let name = ledger(&name)?;
                Ok(self.with_progress(|done| engine.compact(&name, &|bytes| done.advance(bytes)))?.sent())
            }
        }
    }

    /// Verifies an archive that this process can read, and adds it if it is proved. The import is cancelled when the
    /// caller disconnects, or closes its sending side.
    fn import(&mut self, import: &Import) -> Result<Imported, CliError> {
        let name = ledger(&import.name)?;
        let engine = self.engine;
        let stage = Arc::new(engine.stage(&name, import.in_place)?);
        let question = whole_archive(import.ledger.clone(), import.in_place, Arc::clone(&stage) as _);
        let s3 = import.s3.clone().map(S3Access::into_options).unwrap_or_default();
        let sources = sources_by(&s3, &import.paths)?;
        let stop = Arc::new(AtomicBool::new(false));
        let outcome = std::thread::scope(|scope| {
            scope.spawn(|| {
                // Nothing is sent here: the read ends when nothing can be sent any more.
                let _ = self.stream.take(1).read(&mut [0]);
                stop.store(true, Ordering::Relaxed);
            });
            let outcome = self.with_progress(|done| -> Result<(Report, Result<Imported, ImportError>), CliError> {
                let (report, sources) = answered(sources, &question, done, &stop)?;
                for (event, members) in events::of_report(&report) {
                    let _ = self.replies.send(&Reply::Event(event.name().to_owned(), members));
                }
                let imported = engine.import_staged(&name, &report, &sources, &stage, &stop);
                Ok((report, imported))
            });
            let _ = self.stream.shutdown(Shutdown::Read);
            outcome
        });
        let (report, imported) = outcome?;
        if matches!(imported, Err(ImportError::NotProved(_))) {
            self.notes.extend(report.breaks.iter().map(breaks::line));
            // Several levels may have the same reason.
            let reasons: BTreeSet<&String> = report.levels.iter().filter_map(|level| level.reason.as_ref()).collect();
            self.notes.extend(reasons.into_iter().cloned());
        }
        Ok(imported?)
    }

    /// Does something long, and reports progress to the caller.
    fn with_progress<T>(&self, work: impl FnOnce(&Arc<Done>) -> T) -> T {
        let done = Arc::<Done>::default();
        let (over, changed) = (Mutex::new(false), Condvar::new());
        let outcome = std::thread::scope(|scope| {
            scope.spawn(|| {
                loop {
                    let guard = over.lock().unwrap_or_else(PoisonError::into_inner);
                    let waited = changed.wait_timeout_while(guard, TICK, |over| !*over);
                    if *waited.unwrap_or_else(PoisonError::into_inner).0 {
                        return;
                    }
                    // A caller that disconnected gets no reply; its request is still carried out.
                    let _ = self.replies.send(&Reply::Progress(done.counts()));
                }
            });
            let _ending = Ending(&over, &changed);
            work(&done)
        });
        let _ = self.replies.send(&Reply::Progress(done.counts()));
        outcome
    }
}

/// Ends the progress reports, however the work ends.
struct Ending<'a>(&'a Mutex<bool>, &'a Condvar);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.1.notify_all();
    }
}

fn ledger(name: &str) -> Result<LedgerName, CliError> {
    LedgerName::parse(name).map_err(|fault| Faults::from(fault).into())
}

/// Whether something failed because it was interrupted from outside.
pub(super) fn is_cut_off(error: &CliError) -> bool {
    match error {
        CliError::Verify(VerifyError::Interrupted) | CliError::Import(ImportError::Interrupted) => true,
        CliError::Ledger(LedgerError::Io { source, .. }) => source.kind() == io::ErrorKind::UnexpectedEof,
        _ => false,
    }
}

/// The documents that a command sends, from the first read on. A missing end is a failure, so that none of them is
/// added if the command was interrupted.
struct DocumentStream<'a> {
    stream: &'a UnixStream,
    replies: &'a Replies,
    state: State,
}

enum State {
    Unasked,
    Coming(io::Cursor<Vec<u8>>),
    Ended,
}

impl Read for DocumentStream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match &mut self.state {
                State::Unasked => {
                    self.replies.send(&Reply::Send)?;
                    self.state = State::Coming(io::Cursor::default());
                }
                State::Coming(piece) => {
                    let count = piece.read(buffer)?;
                    if count > 0 || buffer.is_empty() {
                        return Ok(count);
                    }
                    let next = frame::read(self.stream)?.ok_or(io::ErrorKind::UnexpectedEof)?;
                    self.state = if next.is_empty() { State::Ended } else { State::Coming(io::Cursor::new(next)) };
                }
                State::Ended => return Ok(0),
            }
        }
    }
}
