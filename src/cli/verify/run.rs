//! Runs a verification under the signals, with its progress on the terminal.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::ProgressBar;

use crate::archive::source::Source;
use crate::archive::verify::{Levels, Progress, Report, Request, Resume, SavedDigest, VerifyError, verify};
use crate::cli::context::{self, Context};
use crate::cli::error::CliError;
use crate::cli::signal::Signals;

/// Sources that are read as one archive.
pub(crate) type Sources = Vec<Box<dyn Source>>;

/// What is asked of a verification.
pub(crate) struct Question {
    pub(crate) levels: Levels,
    pub(crate) ledger: Option<String>,
    pub(crate) digest: Option<SavedDigest>,
    pub(crate) digest_bytes: bool,
    pub(crate) resume: Option<Resume>,
}

/// Verifies, and gives the sources back. A signal ends it after the objects in hand.
pub(crate) fn verified(context: &Context, sources: Sources, question: Question) -> Result<(Report, Sources), CliError> {
    let runtime = context::runtime()?;
    let bar = context.printer.bar();
    let shown = bar.clone();
    let outcome = runtime.block_on(async {
        let mut signals = Signals::catch().map_err(|error| CliError::System(format!("no signal handler: {error}")))?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopping = Arc::clone(&stop);
        let mut work = tokio::task::spawn_blocking(move || answered(sources, &question, &Bar(shown), &stopping));
        tokio::select! {
            done = &mut work => finished(done),
            signal = signals.next() => {
                stop.store(true, Ordering::Relaxed);
                signals.leave_at_next();
                finished(work.await).and(Err(CliError::Stopped(signal)))
            }
        }
    });
    context.printer.stop_spinning();
    match outcome {
        Err(CliError::Verify(VerifyError::Interrupted)) => {
            context.printer.warn("interrupted; with --resume FILE the next run goes on where this one ended");
            Err(CliError::Stopped(crate::cli::signal::Signal::Interrupt))
        }
        other => other,
    }
}

fn finished(
    done: Result<Result<(Report, Sources), VerifyError>, tokio::task::JoinError>,
) -> Result<(Report, Sources), CliError> {
    let outcome = done.map_err(|error| CliError::System(format!("the verification ended early: {error}")))?;
    Ok(outcome?)
}

fn answered(
    sources: Sources,
    question: &Question,
    progress: &Bar,
    stop: &AtomicBool,
) -> Result<(Report, Sources), VerifyError> {
    let report = verify(&Request {
        sources: &sources,
        levels: question.levels,
        ledger: question.ledger.as_deref(),
        digest: question.digest.clone(),
        digest_bytes: question.digest_bytes,
        resume: question.resume.as_ref(),
        progress,
        stop,
    })?;
    Ok((report, sources))
}

/// Bytes and rate on a terminal; nothing elsewhere.
struct Bar(Option<ProgressBar>);

impl Progress for Bar {
    fn begin(&self, bytes: u64) {
        if let Some(bar) = &self.0 {
            bar.set_length(bytes);
        }
    }

    fn advance(&self, bytes: u64) {
        if let Some(bar) = &self.0 {
            bar.inc(bytes);
        }
    }
}
