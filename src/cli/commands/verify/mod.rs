//! `verify`: proves that archived exports are complete and unaltered.

mod anchored;
pub(crate) mod archive;
mod args;
mod batch;
mod checked;
mod checksums;
pub(crate) mod given;
mod json_report;
pub(crate) mod locks;
pub(crate) mod page;
pub(crate) mod part;
pub(crate) mod reason;
pub(crate) mod receipt;
mod recheck;
mod run;
pub(crate) mod saved;
pub(crate) mod state;
mod text_report;

pub(crate) use args::{Acceptable, VerifyArgs, accepted};
pub(crate) use checked::jobs;
pub(crate) use run::{Anchoring, Question, answered, part_read, verified, whole_archive};
pub(crate) use state::Earlier;

use std::path::PathBuf;

use serde_json::Value;

use crate::cli::commands::restoring::Needed;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::output::output_file::{FileKind, OutputFile};
use archive::Selected;
use checked::Checked;
use given::GivenDigest;
use locks::Stores;
use page::{About, Repeated, ReportFile};
use qldb_journal::archive::verify::{Level, Levels, Part, Report, ResumeAsked, SavedAnchor, Status};
use recheck::Replay;
use state::State;

/// What to do after an interruption.
pub(crate) const GO_ON: &str = "the same command continues where this one ended";
const NEXT_TIME: &str = "with --resume FILE an interrupted run can be continued";

/// Verifies, prints the report, and fails unless everything that was asked for is proved.
pub(crate) fn run(context: &Context, mut args: VerifyArgs) -> Result<(), CliError> {
    state::sort(&mut args.paths, &mut args.resume);
    if args.print_batch_manifest.is_some() {
        return batch::print(context, &args);
    }
    if !args.checksums.is_empty() {
        return checksums::run(context, &args);
    }
    if args.receipt_check.is_none() {
        return run_as(context, &args, None);
    }
    let (replay, args) = Replay::of(&args, context.global.faults())?;
    run_as(context, &args, Some(&replay))
}

fn run_as(context: &Context, args: &VerifyArgs, replay: Option<&Replay>) -> Result<(), CliError> {
    let Checked { jobs, levels, digest, anchor, export, part, restoring, state } = args.check(context)?;
    let paths = archive::paths(context, &args.paths, args.ledger.as_deref(), export.as_ref())?;
    let selected = Selected { paths: &paths, export: export.as_ref(), restoring };
    if let Some(part) = part {
        return read_part(context, args, &selected, (levels, jobs), (digest.as_ref(), anchor), (&state, part));
    }
    let files = ResultFiles::check(args, &state, &paths)?;
    let answers = match &digest {
        Some(given) => saved::check(args.block.as_deref(), args.revision.as_deref(), given)?,
        None => Vec::new(),
    };
    let read = if paths.is_empty() {
        None
    } else {
        let anchoring = Anchoring { saved: anchor, is_wanted: args.anchors.anchor.is_some() };
        Some(archive(context, args, &selected, (levels, jobs), (digest.as_ref(), anchoring), &state)?)
    };
    let (report, stores) = read.map_or_else(Default::default, |(report, stores)| (Some(report), stores));
    let proof = receipt::Proof {
        asked: args.asked(),
        inputs: &paths,
        given: digest.as_ref(),
        answers: &answers,
        report: report.as_ref(),
        stores: &stores,
    };
    let made = replay.map(|_| receipt::of(&proof)).transpose()?;
    files.write(&proof, made.as_ref(), args.repeated(context, &paths))?;
    let anchored = files.write_anchor(report.as_ref());
    print(context, &proof)?;
    let compared = replay.zip(made.as_ref()).map(|(replay, made)| replay.end(context, made)).transpose()?;
    args.note_files(context, &anchored);
    let of_archive = report.map(|report| (report.verdict, reason::of(&report, &paths, args.ledger.as_deref())));
    let outcomes = answers.iter().map(|answer| (answer.report.status(), answer.reason())).chain(of_archive);
    let outcomes = compared.into_iter().chain(outcomes);
    match outcomes.max_by_key(|(status, _)| *status).filter(|(status, _)| *status != Status::Proved) {
        Some((status, reason)) => Err(CliError::NotProvedFor(status, reason)),
        None => anchored.map(drop),
    }
}

/// The files to which results are written.
struct ResultFiles {
    receipt: Option<OutputFile>,
    anchor: Option<OutputFile>,
    page: Option<ReportFile>,
}

impl ResultFiles {
    /// Checks the files, before anything is read.
    fn check(args: &VerifyArgs, state: &State, paths: &[PathBuf]) -> Result<Self, CliError> {
        let file = |path: &PathBuf, kind: FileKind| OutputFile::check(path, kind, paths);
        let receipt = args.receipt.as_ref().map(|path| file(path, FileKind::Receipt)).transpose()?;
        let anchor = args.anchors.anchor.as_ref().map(|path| file(path, FileKind::Anchor)).transpose()?;
        let page = args.report.as_ref().map(|path| ReportFile::check(path, paths)).transpose()?;
        let own = state.own(paths)?;
        let written = [receipt.as_ref(), anchor.as_ref(), page.as_ref().map(ReportFile::file), own.as_ref()];
        OutputFile::refuse_same(&written)?;
        Ok(Self { receipt, anchor, page })
    }

    /// Writes the receipt, which may have been made already, and the report.
    fn write(&self, proof: &receipt::Proof<'_>, made: Option<&Value>, repeated: Repeated<'_>) -> Result<(), CliError> {
        match (&self.receipt, made) {
            (Some(file), Some(made)) => receipt::write(file, made)?,
            (Some(file), None) => receipt::write(file, &receipt::Receipt(proof))?,
            (None, _) => {}
        }
        match &self.page {
            Some(page) => page.write(proof, &About { repeated, made: None }),
            None => Ok(()),
        }
    }

    /// Writes the anchor. Returns whether there was anything to anchor.
    fn write_anchor(&self, report: Option<&Report>) -> Result<bool, CliError> {
        match (&self.anchor, report) {
            (Some(file), Some(report)) => anchored::write(file, report),
            _ => Ok(false),
        }
    }
}

fn archive(
    context: &Context,
    args: &VerifyArgs,
    selected: &Selected<'_>,
    (levels, jobs): (Levels, usize),
    (given, anchoring): (Option<&GivenDigest>, Anchoring),
    state: &State,
) -> Result<(Report, Stores), CliError> {
    let digest_bytes = args.wants_sha256();
    let asked = asked(levels, given, &anchoring, digest_bytes);
    let earlier = state.open(context, selected.paths, &asked, None)?.complete(args.complete);
    let advice = if args.resume.is_empty() { NEXT_TIME } else { GO_ON };
    let question = args.question(levels, jobs, given, anchoring);
    let question = Question { digest_bytes, earlier, advice, ..question };
    // What others have read is not read again.
    let is_read = args.complete || !matches!(state, State::Others(_));
    let sources = archive::sources(context, selected, &args.needed(selected, levels, is_read))?;
    let (report, sources) = verified(context, sources, question)?;
    Ok((report, Stores::of(&sources)))
}

/// The question that a recorded state must answer.
pub(crate) fn asked(levels: Levels, given: Option<&GivenDigest>, anchoring: &Anchoring, digests: bool) -> ResumeAsked {
    let tips = [given.map(|given| given.saved.tip), anchoring.saved.as_ref().map(|saved| saved.anchor.tip())];
    let log = anchoring.is_wanted || anchoring.saved.is_some();
    ResumeAsked { levels, tips: tips.into_iter().flatten().collect(), log, digests }
}

/// Reads one part of the archive, and reports what was read. If something is wrong with it, the join reports that.
fn read_part(
    context: &Context,
    args: &VerifyArgs,
    selected: &Selected<'_>,
    (levels, jobs): (Levels, usize),
    (given, anchor): (Option<&GivenDigest>, Option<SavedAnchor>),
    (state, part): (&State, Part),
) -> Result<(), CliError> {
    // The user who joins the parts may want an anchor.
    let anchoring = Anchoring { saved: anchor, is_wanted: true };
    let asked = asked(levels, given, &anchoring, true);
    let earlier = state.open(context, selected.paths, &asked, Some(part))?;
    let question = args.question(levels, jobs, given, anchoring);
    let question = Question { digest_bytes: true, earlier, part: Some(part), advice: GO_ON, ..question };
    let sources = archive::sources(context, selected, &args.needed(selected, levels, true))?;
    let report = part_read(context, sources, question)?;
    let printer = &context.printer;
    Ok(if printer.is_json() {
        printer.json(&part::json(&report))
    } else {
        printer.painted(&part::text(&report, part::JOIN))
    }?)
}

/// Prints the results, the saved responses first.
fn print(context: &Context, proof: &receipt::Proof<'_>) -> Result<(), CliError> {
    let (printer, verbose) = (&context.printer, context.global.verbose);
    let receipt::Proof { answers, report, given, stores, .. } = *proof;
    if printer.is_json() {
        answers.iter().try_for_each(|answer| printer.json(&answer.json()))?;
        return Ok(report.map_or(Ok(()), |report| printer.json(&json_report::of(report, given, stores)))?);
    }
    answers.iter().try_for_each(|answer| printer.painted(&answer.text(verbose, printer.screen())))?;
    let text = |report| text_report::of(report, (given, stores), verbose, printer.screen());
    Ok(report.map_or(Ok(()), |report| printer.painted(&text(report)))?)
}

impl VerifyArgs {
    /// The question about an archive, read from the start.
    fn question(&self, levels: Levels, jobs: usize, given: Option<&GivenDigest>, anchoring: Anchoring) -> Question {
        Question {
            levels,
            ledger: self.ledger.clone(),
            digest: given.map(|given| given.saved.clone()),
            anchoring,
            digest_bytes: false,
            earlier: Earlier::None,
            part: None,
            jobs,
            accepted: accepted(&self.accept),
            keeper: None,
            taker: None,
            advice: NEXT_TIME,
        }
    }

    /// What is read of an archive in the given locations.
    fn needed(&self, selected: &Selected<'_>, levels: Levels, is_read: bool) -> Needed {
        let data = is_read && levels != Levels::of(&[Level::Objects]);
        Needed { ledger: self.ledger.clone(), export: selected.export.cloned(), data }
    }

    /// What was asked for, for the receipt.
    fn asked(&self) -> receipt::Selection<'_> {
        receipt::Selection { ledger: self.ledger.as_deref(), export: self.export.as_deref(), accept: &self.accept }
    }

    /// Prints where the results were written.
    fn note_files(&self, context: &Context, anchored: &Result<bool, CliError>) {
        if let Some(path) = &self.receipt {
            context.printer.note(&format!("the receipt is in {}", path.display()));
        }
        self.anchors.note(context, anchored);
        if let Some(path) = &self.report {
            context.printer.note(&format!("the report is in {}", path.display()));
        }
    }
}
