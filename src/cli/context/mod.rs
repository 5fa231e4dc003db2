//! What every command works with, and how a command that makes calls is run: interruptible by
//! signals, and with the built-in endpoint shut down afterwards.

mod connect;
pub(crate) mod local;
pub(crate) mod logging;
pub(crate) mod object_store;
pub(crate) mod passing;
pub(crate) mod progress;
#[cfg(feature = "s3")]
mod s3;
#[cfg(not(feature = "s3"))]
#[path = "without_s3.rs"]
mod s3;
pub(crate) mod sample;
pub(crate) mod signalled;
pub(crate) mod subset;
pub(crate) mod working;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::cli::error::flags::WithRemedy as _;
use crate::cli::error::{CliError, remedies};
use crate::cli::global::environment;
use crate::cli::global::settings::Settings;
use crate::cli::global::signal::{Signal, Signals};
use crate::cli::global::typed::Typed;
use crate::cli::output::events::{Event, Events};
use crate::cli::output::printer::Printer;
use crate::cli::output::{github, text};
use crate::client::Client;
pub(crate) use connect::unknown_region;
use local::Local;
use qldb_endpoint::engine::Engine;
use qldb_journal::request::{ExportRequest, Fault, Faults, Field, LedgerName, UniqueId};

/// The region of the built-in endpoint, if none is given.
const LOCAL_REGION: &str = "us-east-1";

/// What would be left behind if the command ended now.
#[derive(Debug, Clone, Default)]
pub(crate) enum Phase {
    /// Nothing.
    #[default]
    Idle,
    /// Possibly an export: the request is on its way.
    Sending(LedgerName),
    /// A running export.
    Running(LedgerName, UniqueId),
    /// Exports of a sync.
    Syncing(LedgerName),
}

/// What every command works with.
pub(crate) struct Context {
    /// Prints all output.
    pub(crate) printer: Printer,
    /// The global flags.
    pub(crate) global: Settings,
    /// The names by which the command and its flags were called.
    pub(crate) typed: Typed,
    events: Events,
    /// The flags of the command.
    flags: BTreeSet<String>,
    step: Mutex<github::Step>,
    subject: Mutex<Option<ExportRequest>>,
    ledger: Mutex<Option<LedgerName>>,
    phase: Mutex<Phase>,
    local: Mutex<Option<Local>>,
    client: Mutex<Option<Client>>,
    /// Ledgers with names similar to the one that does not exist.
    near_ledgers: Mutex<Vec<String>>,
}

impl Context {
    /// The context of a command with these flags and global settings.
    pub(crate) fn new(global: Settings, typed: Typed, flags: BTreeSet<String>) -> Self {
        Self {
            printer: Printer::new(&global, typed.aws_command().is_some()),
            global,
            typed,
            events: Events::default(),
            flags,
            step: Mutex::default(),
            subject: Mutex::default(),
            ledger: Mutex::default(),
            phase: Mutex::default(),
            local: Mutex::default(),
            client: Mutex::default(),
            near_ledgers: Mutex::default(),
        }
    }

    /// Opens the file of events, if one was asked for. `archives` are only read by the command.
    pub(crate) fn open_events(&self, archives: &[PathBuf]) -> Result<(), CliError> {
        let Some(path) = &self.global.events else { return Ok(()) };
        let kept = self.data_dir().ok().map_or_else(Vec::new, |directory| kept_in(&directory).to_vec());
        self.events.open(path, &[archives, &kept].concat())
    }

    /// Writes an event, if events are written, and its effects under GitHub Actions. A failure to write is reported,
    /// and ends nothing.
    pub(crate) fn emit(&self, event: Event, members: Value) {
        if let Err(error) = guard(&self.step).note(event, &members) {
            self.printer.warn(&format!("the step's outputs and summary could not be written: {error}"));
        }
        if let Err((path, error)) = self.events.write(event, members) {
            self.printer.warn(&format!("{}: {error}; no more events are written", path.display()));
        }
    }

    /// Passes a result to later steps, under GitHub Actions.
    pub(crate) fn step_output(&self, name: &str, value: &str) {
        if let Err(error) = github::output(name, value) {
            self.printer.warn(&format!("the step's output {name} could not be written: {error}"));
        }
    }

    /// Whether the command has a flag, for advice.
    pub(crate) fn has_flag(&self, flag: &str) -> bool {
        self.flags.contains(flag)
    }

    /// Records what the command is about, for advice.
    pub(crate) fn set_subject(&self, request: &ExportRequest) {
        *guard(&self.subject) = Some(request.clone());
        self.set_ledger(&request.ledger);
    }

    /// Records which ledger the command is about, for advice.
    pub(crate) fn set_ledger(&self, ledger: &LedgerName) {
        *guard(&self.ledger) = Some(ledger.clone());
    }

    /// What the command is about.
    pub(crate) fn subject(&self) -> Option<ExportRequest> {
        guard(&self.subject).clone()
    }

    /// Records what would be left behind.
    pub(crate) fn enter(&self, phase: Phase) {
        *guard(&self.phase) = phase;
    }

    /// Runs a command until it ends or the first signal arrives.
    pub(crate) fn run(&self, command: impl Future<Output = Result<(), CliError>>) -> Result<(), CliError> {
        let runtime = runtime()?;
        let outcome = runtime.block_on(self.interruptible(command));
        runtime.shutdown_background();
        outcome
    }

    async fn interruptible(&self, command: impl Future<Output = Result<(), CliError>>) -> Result<(), CliError> {
        let mut signals = signals()?;
        let outcome = tokio::select! {
            outcome = command => outcome,
            signal = signals.next() => {
                self.printer.stop_spinning();
                self.printer.warn(&self.farewell(signal));
                Err(CliError::Stopped(signal))
            }
        };
        signals.leave_at_next();
        if let Err(error) = &outcome {
            self.look_for_ledger(error).await;
        }
        let local = guard(&self.local).take();
        if let Some(local) = local {
            local.close().await;
        }
        outcome
    }

    /// What someone who stops the command has to know.
    fn farewell(&self, signal: Signal) -> String {
        match &*guard(&self.phase) {
            Phase::Idle => signal.to_string(),
            Phase::Sending(ledger) => format!(
                "{signal} while the request was being sent: an export may have been started; look for it with\n  {}",
                self.invocation(&format!("list --ledger {ledger}"))
            ),
            Phase::Running(ledger, id) => format!("{signal}; {}", self.running_on(ledger, id)),
            Phase::Syncing(ledger) => format!(
                "{signal}; running exports continue, and the next sync finds them. To look at them:\n  {}",
                self.invocation(&format!("list --ledger {ledger}"))
            ),
        }
    }

    /// What happens to an export that this command no longer follows, and the command that resumes following it.
    pub(crate) fn running_on(&self, ledger: &LedgerName, id: &UniqueId) -> String {
        let fate = if self.global.local {
            "is suspended now; the next command on this data directory resumes it"
        } else {
            "is still running, and QLDB has no way to cancel it"
        };
        format!("export {id} {fate}. To follow it:\n  {}", self.invocation(&format!("wait {id} --ledger {ledger}")))
    }

    /// A command line that reaches the same endpoint as this one.
    pub(crate) fn invocation(&self, command: &str) -> String {
        let Settings { region, profile, endpoint_url, local, data_dir, store, .. } = &self.global;
        let mut words = vec![format!("qldb-export {command}")];
        if *local {
            words.push("--local".to_owned());
            words.extend(store.typed());
        }
        let data_dir = data_dir.as_ref().filter(|_| *local).map(|directory| directory.display().to_string());
        let flags =
            [("--region", region), ("--profile", profile), ("--endpoint-url", endpoint_url), ("--data-dir", &data_dir)];
        for (name, value) in flags {
            words.extend(value.iter().map(|value| format!("{name} {}", text::shell_word(value))));
        }
        words.join(" ")
    }

    /// A `ledger` command line for the same data directory.
    pub(crate) fn ledger_invocation(&self, command: &str) -> String {
        let data_dir = self.global.data_dir.as_ref().map(|directory| directory.display().to_string());
        let data_dir = data_dir.map(|directory| format!(" --data-dir {}", text::shell_word(&directory)));
        format!("qldb-export ledger {command}{}", data_dir.unwrap_or_default())
    }

    /// Warns about problems found in a data directory.
    pub(crate) fn show_notices(&self, engine: &Engine) {
        engine.notices().iter().for_each(|notice| self.printer.warn(&remedies::notice(notice)));
    }

    /// Gives access to the built-in endpoint, if this command runs one.
    pub(crate) fn with_local<T>(&self, look: impl FnOnce(&Local) -> T) -> Option<T> {
        guard(&self.local).as_ref().map(look)
    }

    /// The region that the built-in endpoint reports.
    pub(crate) fn local_region(&self) -> String {
        let given = self.global.region.clone().or_else(|| environment::value(environment::REGION));
        given.unwrap_or_else(|| LOCAL_REGION.to_owned())
    }

    /// The data directory of the built-in endpoint.
    pub(crate) fn data_dir(&self) -> Result<PathBuf, CliError> {
        let given = self.global.data_dir.clone();
        let given = given.or_else(|| environment::value(environment::DATA_DIR).map(PathBuf::from));
        given.or_else(platform_data_dir).ok_or_else(|| {
            let remedy = format!("the platform names no data directory; give one, or set {}", environment::DATA_DIR);
            Faults::from(Fault::missing(Field::Named("--data-dir"), remedy)).into()
        })
    }
}

/// What a data directory holds that only the engine writes.
fn kept_in(data_dir: &Path) -> [PathBuf; 2] {
    ["journals", "buckets"].map(|folder| data_dir.join(folder))
}

/// The platform's directory for a user's data.
pub(crate) fn platform_data_dir() -> Option<PathBuf> {
    Some(directories::ProjectDirs::from("", "", env!("CARGO_PKG_NAME"))?.data_dir().to_owned())
}

/// Threads and timers for commands that make calls or serve.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    let built = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    built.map_err(|error| CliError::System(format!("can't start threads: {error}")))
}

/// Catches signals from now on. Must be called within a runtime.
pub(crate) fn signals() -> Result<Signals, CliError> {
    Signals::catch().map_err(|error| CliError::System(format!("can't install a signal handler: {error}")))
}

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
