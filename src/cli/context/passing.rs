//! Conditions that pass by themselves: a data directory that another process holds for a moment, as
//! between two commands of a script, or while `serve` starts or stops. The operation is retried for
//! a short time before it fails.

use std::thread;
use std::time::{Duration, Instant};

use crate::cli::error::CliError;
use qldb_endpoint::engine::OpenError;

/// How long an operation is retried.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long to pause between two tries.
const PAUSE: Duration = Duration::from_millis(20);

/// Retries until it succeeds, fails for another reason, or the time is up. Blocks.
pub(crate) fn wait<T>(
    passes: impl Fn(&CliError) -> bool,
    mut attempt: impl FnMut() -> Result<T, CliError>,
) -> Result<T, CliError> {
    let started = Instant::now();
    loop {
        match attempt() {
            Err(error) if passes(&error) && started.elapsed() < PATIENCE => thread::sleep(PAUSE),
            outcome => return outcome,
        }
    }
}

/// Whether another process holds the data directory.
pub(crate) fn is_held(error: &CliError) -> bool {
    matches!(error, CliError::Open(OpenError::Locked { .. }))
}

/// Whether the `serve` that held the data directory went away before it accepted a call.
pub(crate) fn is_unheard(error: &CliError) -> bool {
    matches!(error, CliError::Unheard(_))
}
