//! Long work on archives that signals can interrupt. For the commands that read archives.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Context, runtime, signals};
use crate::cli::error::CliError;
use crate::cli::global::signal::Signal;
use qldb_journal::archive::verify::VerifyError;

/// Runs long work on another thread. A signal ends it after the objects in progress.
pub(crate) fn under_signals<T: Send + 'static>(
    context: &Context,
    advice: &'static str,
    work: impl FnOnce(&AtomicBool) -> Result<T, VerifyError> + Send + 'static,
) -> Result<T, CliError> {
    let runtime = runtime()?;
    runtime.block_on(async {
        let mut signals = signals()?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopping = Arc::clone(&stop);
        let mut work = tokio::task::spawn_blocking(move || work(&stopping));
        tokio::select! {
            done = &mut work => finished(done),
            signal = signals.next() => {
                stop.store(true, Ordering::Relaxed);
                // At once: the objects in progress may take a while.
                context.printer.stop_spinning();
                context.printer.warn(&format!("{signal}; {advice}"));
                signals.leave_at_next();
                Err(stopped(finished(work.await), signal))
            }
        }
    })
}

/// How a verification ends if a signal arrives: by the signal, unless something had failed before.
fn stopped<T>(outcome: Result<T, CliError>, signal: Signal) -> CliError {
    match outcome {
        Ok(_) | Err(CliError::Verify(VerifyError::Interrupted)) => CliError::Stopped(signal),
        Err(failed) => failed,
    }
}

fn finished<T>(done: Result<Result<T, VerifyError>, tokio::task::JoinError>) -> Result<T, CliError> {
    let outcome = done.map_err(|error| CliError::System(format!("the verification ended early: {error}")))?;
    Ok(outcome?)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::cli::global::exit::Exit;

    #[test]
    fn each_signal_ends_a_verification_with_its_own_code() {
        let interrupted = || Err::<(), _>(CliError::Verify(VerifyError::Interrupted));
        assert_eq!(stopped(interrupted(), Signal::Interrupt).exit(), Exit::Interrupted);
        assert_eq!(stopped(interrupted(), Signal::Terminate).exit(), Exit::Terminated);
        assert_eq!(stopped(Ok(()), Signal::Terminate).exit(), Exit::Terminated);
        let failed = Err::<(), _>(CliError::System("no thread".to_owned()));
        assert_eq!(stopped(failed, Signal::Interrupt).exit(), Exit::Unexpected);
    }
}
