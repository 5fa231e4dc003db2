//! `ledger import`: turns archived exports into a ledger again.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use serde_json::json;

use super::ledgers::Way;
use super::running::{Import, LedgerOperation, Running};
use super::{open, parse_name};
use crate::cli::commands::restoring::{Needed, RestoreArgs, readable};
use crate::cli::commands::verify::{Question, verified, whole_archive};
use crate::cli::context::object_store::{self, S3Access, Sources, sources};
use crate::cli::context::working::working;
use crate::cli::context::{self, Context};
use crate::cli::error::CliError;
use crate::cli::global::exit::Exit;
use crate::cli::global::signal::Signal;
use crate::cli::output::breaks;
use crate::cli::output::events::Event;
use crate::cli::output::text;
use qldb_endpoint::engine::{Engine, ImportError, Imported, Stage};
use qldb_journal::archive::verify::{Keeper, Report};
use qldb_journal::request::{Faults, LedgerName};

/// What a signal leaves of an import.
const TAKEN_BACK: &str = "nothing is imported, and copied objects are removed";

/// What to import, and under which name.
#[expect(clippy::doc_markdown, reason = "the comments are the help")]
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// Name of the ledger; created if it does not exist
    #[arg(value_name = "NAME")]
    name: String,
    /// Folders or S3 locations (s3://BUCKET/PREFIX) that hold exports of one ledger, in Ion text or Ion binary
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Use the objects where they are instead of copying them
    #[arg(long)]
    in_place: bool,
    /// Only exports of this ledger, if the folders hold several
    #[arg(long, value_name = "NAME", id = "only_ledger")]
    ledger: Option<String>,
    #[command(flatten)]
    restoring: RestoreArgs,
}

impl ImportArgs {
    /// What is only read.
    pub(super) fn archives(&self) -> &[PathBuf] {
        &self.paths
    }
}

/// Verifies the archive, and adds it if it is proved.
pub(super) fn run(context: &Context, mut faults: Faults, args: &ImportArgs) -> Result<(), CliError> {
    let name = faults.note(parse_name(&args.name));
    let restoring = args.restoring.check(&args.paths, &mut faults);
    let Some(name) = name.filter(|_| faults.is_empty()) else { return Err(faults.into()) };
    let needed = Needed { ledger: args.ledger.clone(), export: None, data: true };
    let sources = readable(context, sources(&context.global, &args.paths)?, &needed, restoring)?;
    let engine = match open(context)?.into_way() {
        Way::Here(engine) => engine,
        Way::Served(running) => return show(context, &name, &served(context, &running, &name, args)?),
    };
    let stage = Arc::new(engine.stage(&name, args.in_place)?);
    let question = whole_archive(args.ledger.clone(), args.in_place, Arc::clone(&stage) as Arc<dyn Keeper>);
    let question = Question { advice: TAKEN_BACK, ..question };
    let (report, sources) = verified(context, sources, question)?;
    let work = Work { engine, name: name.clone(), report, sources, stage };
    let (imported, report) = working(context, "ledger import", |_| work.run_under_signals(context))?;
    let imported = imported.map_err(|error| {
        if matches!(error, CliError::Import(ImportError::NotProved(_))) {
            report.breaks.iter().for_each(|one| context.printer.note(&breaks::line(one)));
            // Several levels may have the same reason.
            let reasons: BTreeSet<&String> = report.levels.iter().filter_map(|level| level.reason.as_ref()).collect();
            reasons.into_iter().for_each(|reason| context.printer.note(reason));
        }
        error
    })?;
    show(context, &name, &imported)
}

/// Has the `serve` that holds the data directory import the archive. A signal cancels it.
fn served(context: &Context, running: &Running, name: &LedgerName, args: &ImportArgs) -> Result<Imported, CliError> {
    let absolute = |path: &PathBuf| match object_store::address(path) {
        Some(_) => Ok(path.clone()),
        None => std::path::absolute(path).map_err(|source| CliError::File { path: path.clone(), source }),
    };
    let runtime = context::runtime()?;
    let mut signals = runtime.block_on(async { context::signals() })?;
    let asking = running.begin(LedgerOperation::Import(Box::new(Import {
        name: name.to_string(),
        paths: args.paths.iter().map(absolute).collect::<Result<_, _>>()?,
        in_place: args.in_place,
        ledger: args.ledger.clone(),
        profile: context.global.profile.clone(),
        s3: S3Access::by(&context.global, &args.paths)?,
    })))?;
    let stop = asking.stopper().map_err(|error| CliError::System(format!("can't prepare to cancel: {error}")))?;
    let came = std::sync::OnceLock::new();
    std::thread::scope(|scope| {
        let (over, mut ended) = tokio::sync::oneshot::channel::<()>();
        let (came, runtime) = (&came, &runtime);
        scope.spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = &mut ended => {}
                    signal = signals.next() => {
                        let _ = came.set(signal);
                        stop();
                        context.printer.stop_spinning();
                        context.printer.warn(&format!("{signal}; {TAKEN_BACK}"));
                        signals.leave_at_next();
                    }
                }
            });
        });
        let imported = working(context, "ledger import", |done| asking.answer(context, Some(done), io::empty()));
        let _ = over.send(());
        imported
    })
    .map_err(|error| match came.get() {
        Some(signal) if error.exit() == Exit::Interrupted => CliError::Stopped(*signal),
        _ => error,
    })
}

/// An import of a verified archive.
struct Work {
    engine: Arc<Engine>,
    name: LedgerName,
    report: Report,
    sources: Sources,
    stage: Arc<Stage>,
}

impl Work {
    /// Copies until a signal arrives, and then removes what was copied. Returns the report.
    fn run_under_signals(self, context: &Context) -> Result<(Result<Imported, CliError>, Report), CliError> {
        let runtime = context::runtime()?;
        runtime.block_on(async {
            let mut signals = context::signals()?;
            let stop = Arc::new(AtomicBool::new(false));
            let stopping = Arc::clone(&stop);
            let mut work = tokio::task::spawn_blocking(move || {
                let Self { engine, name, report, sources, stage } = self;
                (engine.import_staged(&name, &report, &sources, &stage, &stopping), report)
            });
            let ended = |error| CliError::System(format!("the import ended early: {error}"));
            tokio::select! {
                done = &mut work => {
                    let (imported, report) = done.map_err(ended)?;
                    Ok((imported.map_err(CliError::from), report))
                }
                signal = signals.next() => {
                    stop.store(true, Ordering::Relaxed);
                    context.printer.stop_spinning();
                    context.printer.warn(&format!("{signal}; {TAKEN_BACK}"));
                    signals.leave_at_next();
                    let (imported, report) = work.await.map_err(ended)?;
                    Ok((imported.map_err(|error| stopped(error, signal)), report))
                }
            }
        })
    }
}

/// How an import ends if a signal arrives: by the signal, unless something else had failed before.
fn stopped(error: ImportError, signal: Signal) -> CliError {
    match error {
        ImportError::Interrupted => CliError::Stopped(signal),
        failed => failed.into(),
    }
}

fn show(context: &Context, name: &LedgerName, imported: &Imported) -> Result<(), CliError> {
    let Imported { created, blocks, segments, bytes } = imported;
    let action = if *created { "made" } else { "imported" };
    context.emit(Event::Ledger, json!({ "action": action, "ledger": name.as_str(), "blocks": blocks, "bytes": bytes }));
    context.printer.made(&format!("ledger {name} holds what was imported: {}", text::count(*blocks, "new block")));
    if context.printer.is_json() {
        let value = json!({
            "Name": name.as_str(), "Created": created, "Blocks": blocks, "Segments": segments, "Bytes": bytes,
        });
        return Ok(context.printer.json(&value)?);
    }
    let line = match (created, blocks) {
        (_, 0) => format!("{name}: nothing added, every block is there already"),
        (true, _) => {
            format!("{name}: created, with {} in {}", text::count(*blocks, "block"), text::count(*segments, "segment"))
        }
        (false, _) => {
            format!("{name}: {} added in {}", text::count(*blocks, "block"), text::count(*segments, "segment"))
        }
    };
    Ok(context.printer.result(&line)?)
}
