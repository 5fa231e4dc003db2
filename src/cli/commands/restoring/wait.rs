//! Waiting until S3 has restored what an archive needs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::needed::Needed;
use super::show;
use crate::cli::commands::follow::Waiting;
use crate::cli::context::Context;
use crate::cli::context::object_store::Sources;
use crate::cli::context::signalled::under_signals;
use crate::cli::context::working::{Done, working};
use crate::cli::error::{CliError, s3};
use crate::cli::output::text;
use crate::client::Pace;
use qldb_journal::archive::source::{Archived, SourceError};
use qldb_journal::archive::verify::VerifyError;

/// How long a signal may go unnoticed.
const NAP: Duration = Duration::from_millis(100);

/// What happens to a restore that is no longer waited for.
const GOES_ON: &str = "S3 keeps restoring; run the same command to wait again";

/// Waits until everything that is needed can be read, or until the time is up.
pub(super) fn until_readable(
    context: &Context,
    sources: Sources,
    needed: Needed,
    archived: &[Archived],
    waiting: Waiting,
) -> Result<Sources, CliError> {
    let (objects, bytes) = show::sum(archived);
    let pace = waiting.pace(context);
    let (sources, is_over) = working(context, "restore", |done| {
        let done = Arc::clone(done);
        done.set([0, objects, 0, bytes]);
        let wait = Wait { needed, of: [objects, bytes], timeout: waiting.timeout, started: Instant::now() };
        under_signals(context, GOES_ON, move |stop| wait.poll(sources, pace, &done, stop))
    })?;
    if is_over {
        let limit = text::length(waiting.timeout.unwrap_or_default());
        return Err(CliError::TimedOut(format!("timed out after {limit}; {GOES_ON}")));
    }
    context.printer.note(&format!("{} can be read now", text::count(objects, "object")));
    Ok(sources)
}

struct Wait {
    needed: Needed,
    /// Objects and bytes at the start.
    of: [u64; 2],
    timeout: Option<Duration>,
    started: Instant,
}

impl Wait {
    /// The sources, unless the time was up first.
    fn poll(
        &self,
        sources: Sources,
        mut pace: Pace,
        done: &Done,
        stop: &AtomicBool,
    ) -> Result<(Sources, bool), VerifyError> {
        loop {
            match self.needed.archived(&sources) {
                Ok(left) if left.is_empty() => return Ok((sources, false)),
                Ok(left) => {
                    let [objects, bytes] = self.of;
                    let (left, left_bytes) = show::sum(&left);
                    done.set([objects.saturating_sub(left), objects, bytes.saturating_sub(left_bytes), bytes]);
                }
                // This uses up time, but never changes the verdict.
                Err(error) if may_pass(&error) => tracing::warn!(%error, "retrying S3"),
                Err(error) => return Err(VerifyError::Source(error)),
            }
            if self.left().is_some_and(|left| left.is_zero()) {
                return Ok((sources, true));
            }
            let next = pace.next_pause();
            pause(self.left().map_or(next, |left| next.min(left)), stop)?;
        }
    }

    fn left(&self) -> Option<Duration> {
        self.timeout.map(|timeout| timeout.saturating_sub(self.started.elapsed()))
    }
}

/// Pauses, unless a signal arrives.
fn pause(length: Duration, stop: &AtomicBool) -> Result<(), VerifyError> {
    let begun = Instant::now();
    loop {
        if stop.load(Ordering::Relaxed) {
            return Err(VerifyError::Interrupted);
        }
        let left = length.saturating_sub(begun.elapsed());
        if left.is_zero() {
            return Ok(());
        }
        std::thread::sleep(left.min(NAP));
    }
}

fn may_pass(error: &SourceError) -> bool {
    s3::said(error).is_some_and(|said| said.failure.may_pass())
}
