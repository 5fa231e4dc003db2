//! `verify`: proves that archived exports are complete and unaltered.

mod anchored;
pub(crate) mod archive;
mod batch;
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

pub(crate) use run::{Anchoring, Question, answered, part_read, verified, whole_archive};
pub(crate) use state::Earlier;

use std::path::PathBuf;

use clap::Args;

use crate::cli::commands::restoring::{Needed, RestoreArgs, Restoring};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::error::flags::{self, WithRemedy as _};
use crate::cli::output::output_file::{FileKind, OutputFile};
use anchored::AnchorArgs;
use archive::Place;
use given::GivenDigest;
use locks::Stores;
use page::{ReportFile, TypedFlag};
use qldb_journal::archive::verify::{
    Accepted, Level, Levels, Part, Report, ResumeAsked, SavedAnchor, Status, default_jobs,
};
use qldb_journal::request::{Fault, Faults, Field, UniqueId};
use recheck::Replay;
use state::State;

/// What to verify, and how thoroughly.
#[expect(clippy::doc_markdown, reason = "the comments are the help")]
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Folders or S3 locations (s3://BUCKET/PREFIX) that hold exports; several are one archive
    ///
    /// Without a path, --export finds the location of the export, and --local everything that the built-in endpoint
    /// exported.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Only the export with this id
    ///
    /// Without a path, the export is read from where it was written: the service gives the location as long as it lists
    /// the export, and with --local the data directory has it.
    #[arg(long, value_name = "EXPORT_ID")]
    export: Option<String>,
    /// What to prove: objects, blocks, contents, chain, digest, or several separated by commas
    ///
    /// objects: manifests, objects and the numbers in their names agree. blocks: each block's hashes follow from its
    /// entries. contents: each revision and transaction has the hash that is stated for it. chain: each block names the
    /// one before it, without a gap. digest: the whole journal, from block 0, hashes to --digest. A level proves
    /// nothing about the levels that are not listed. The default is everything that an archive can prove by itself, and
    /// the digest if one is given.
    #[arg(long, value_name = "LEVELS")]
    level: Option<String>,
    /// A digest saved from the service: base64, or a file with the response of GetDigest
    ///
    /// The file may be as the AWS CLI, the console, PowerShell, boto3 or JavaScript wrote it: JSON, Ion, YAML or text,
    /// in UTF-8 or UTF-16, or the digest alone, with --tip. The report says which blocks the digest covers, and which
    /// it does not; in JSON, digestGiven is the digest with its tip and source, and digestScope what it covers of the
    /// archive.
    #[arg(long, value_name = "DIGEST", value_hint = clap::ValueHint::FilePath)]
    digest: Option<String>,
    /// The last block that a digest covers, if the digest is given as base64
    #[arg(long, value_name = "N")]
    tip: Option<String>,
    /// Check a saved response of GetBlock against the digest
    ///
    /// In addition to its hashes, its proof must have the right number of siblings for this block under this tip. If
    /// the hash is proved to be in the journal but its content is missing, the exit code is 12. JSON reports
    /// hashInJournal and contentProved separately, with hash, strandId, siblings, revisions, unaccountedEntries and
    /// notCovered.
    #[arg(long, value_name = "FILE")]
    block: Option<PathBuf>,
    /// Check a saved response of GetRevision against the digest
    ///
    /// As with --block. A hash that was saved without its revision, as a receipt is, ends with 12.
    #[arg(long, value_name = "FILE")]
    revision: Option<PathBuf>,
    /// Only exports of this ledger
    #[arg(long, value_name = "NAME", alias = "name")]
    ledger: Option<String>,
    /// Write a receipt with which someone else can repeat the verification; - is stdout
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
    /// Repeat the verification of a receipt, and report every difference
    ///
    /// The levels, the digest, the ledger, the export and the accepted exceptions are the receipt's; so is the location
    /// of the archive if no PATH is given. Every object, the span, the tip and the verdict are compared. Anything that
    /// has changed ends with 10, anything missing with 11, and anything that the receipt does not mention with 12.
    /// Receipts of format 1 do not record what was accepted, or which ledger and export were selected, so --accept,
    /// --ledger and --export can be given with them.
    #[arg(long, value_name = "RECEIPT", value_hint = clap::ValueHint::FilePath)]
    receipt_check: Option<PathBuf>,
    /// With --receipt-check: compare with completion reports of S3 Batch Operations; nothing is read
    ///
    /// A job that computes the SHA-256 of objects in place (S3ComputeObjectChecksum) works in every storage class,
    /// without restoring or downloading anything. Every file of the receipt is compared with the job's reports, CSV
    /// files. S3's word replaces reading: the result is that the receipt's verdict holds for the same bytes, never that
    /// the archive is proved. Exit codes are those of --receipt-check. PATH gives the location of the archive, if the
    /// receipt was made from a copy.
    #[arg(long, value_name = "REPORT", num_args = 1.., value_hint = clap::ValueHint::FilePath)]
    checksums: Vec<PathBuf>,
    /// Print the manifest of such a job: bucket and key of every file that a receipt lists
    ///
    /// There is one line for each file, with its version if the receipt has the versions of all files. PATH is as with
    /// --checksums.
    #[arg(long, value_name = "RECEIPT", value_hint = clap::ValueHint::FilePath)]
    print_batch_manifest: Option<PathBuf>,
    /// Write a report for people: a page if FILE ends in .html, text if it ends in .txt
    ///
    /// It says what was proved, what can't be proved and why, and lists every file with its SHA-256. The page needs no
    /// script and no network, and prints well. It is written for every verdict.
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    report: Option<PathBuf>,
    #[command(flatten)]
    restoring: RestoreArgs,
    #[command(flatten)]
    anchors: AnchorArgs,
    /// Record progress in FILE, and resume from there; or join the FILEs of all parts
    ///
    /// What FILE records as proved is trusted, as long as the object's size and time are the same: keep it where only
    /// the verifier can write. Several files, a folder of them, s3://BUCKET/PREFIX, or the file of a part without
    /// --part are joined: they are read and not written, and together give the verdict. An object in another location
    /// than where the part was read, or with another time, is recognised by its SHA-256. With --part, an existing
    /// folder gets a file for each part.
    #[arg(long, value_name = "FILE", num_args = 1.., value_hint = clap::ValueHint::AnyPath)]
    resume: Vec<PathBuf>,
    /// Read only one of N parts of the archive, and record findings in --resume FILE; no verdict
    ///
    /// The parts have about equal numbers of bytes, and depend only on the listing, so that machines can share the
    /// work: each reads its part, and `verify` with the files of all parts gives the verdict. A part exits with 0 once
    /// it is read, even if something is wrong with it. auto takes K and N from the AWS Batch or Slurm array that runs
    /// this; auto/N also takes K from an indexed Job of Kubernetes.
    #[arg(long, value_name = "K/N")]
    part: Option<String>,
    /// When joining parts: read what no part has read, instead of ending with 11
    #[arg(long)]
    complete: bool,
    /// Number of threads [default: one for each core]
    #[arg(long, value_name = "N")]
    jobs: Option<String>,
    /// Accept a known exception that would leave the contents unproved
    ///
    /// hash-only-blocks: blocks that hold only hashes, as the service writes them for its own work. They can't be told
    /// apart from blocks whose contents were removed. redactions-elsewhere: more revisions with the hash of their data
    /// in its place than redactionInfo in the archive names, because blocks outside the archive redacted them.
    #[arg(long, value_name = "NAME")]
    accept: Vec<Acceptable>,
    /// The digest that was given, according to a receipt.
    #[arg(skip)]
    replayed_digest: Option<GivenDigest>,
    /// What was typed in addition to a receipt.
    #[arg(skip)]
    beside_receipt: Vec<TypedFlag>,
}

/// What to do after an interruption.
pub(crate) const GO_ON: &str = "the same command continues where this one ended";
const NEXT_TIME: &str = "with --resume FILE an interrupted run can be continued";

/// Exceptions that can be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Acceptable {
    HashOnlyBlocks,
    RedactionsElsewhere,
}

/// The arguments, checked.
struct Checked {
    jobs: usize,
    levels: Levels,
    digest: Option<GivenDigest>,
    anchor: Option<SavedAnchor>,
    export: Option<UniqueId>,
    part: Option<Part>,
    /// How to handle objects that must be restored.
    restoring: Restoring,
    /// What was found before.
    state: State,
}

const EXPORT: Field = Field::Named("--export");

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
    if let Some(part) = part {
        let read = Place { paths: &paths, export: export.as_ref(), restoring };
        return read_part(context, args, &read, (levels, jobs), (digest.as_ref(), anchor), (&state, part));
    }
    let file = |path: &PathBuf, kind: FileKind| OutputFile::check(path, kind, &paths);
    let receipt = args.receipt.as_ref().map(|path| file(path, FileKind::Receipt)).transpose()?;
    let anchor_file = args.anchors.anchor.as_ref().map(|path| file(path, FileKind::Anchor)).transpose()?;
    let page = args.report.as_ref().map(|path| ReportFile::check(path, &paths)).transpose()?;
    let own = state.own(&paths)?;
    let written = [receipt.as_ref(), anchor_file.as_ref(), page.as_ref().map(ReportFile::file), own.as_ref()];
    OutputFile::refuse_same(&written)?;
    let answers = match &digest {
        Some(given) => saved::check(args.block.as_deref(), args.revision.as_deref(), given)?,
        None => Vec::new(),
    };
    let read = if paths.is_empty() {
        None
    } else {
        let anchoring = Anchoring { saved: anchor, is_wanted: args.anchors.anchor.is_some() };
        let read = Place { paths: &paths, export: export.as_ref(), restoring };
        Some(archive(context, args, &read, (levels, jobs), (digest.as_ref(), anchoring), &state)?)
    };
    let (report, stores) = read.map_or_else(Default::default, |(report, stores)| (Some(report), stores));
    let (given, found) = (digest.as_ref(), report.as_ref());
    let proof = receipt::Proof {
        asked: args.asked(),
        inputs: &paths,
        given,
        answers: &answers,
        report: found,
        stores: &stores,
    };
    let made = replay.map(|_| receipt::of(&proof)).transpose()?;
    match (&receipt, &made) {
        (Some(file), Some(made)) => receipt::write(file, made)?,
        (Some(file), None) => receipt::write(file, &receipt::Receipt(&proof))?,
        (None, _) => {}
    }
    if let Some(page) = &page {
        page.write(&proof, &page::About { repeated: args.repeated(context, &paths), made: None })?;
    }
    let anchored = match (&anchor_file, &report) {
        (Some(file), Some(report)) => anchored::write(file, report),
        _ => Ok(false),
    };
    print(context, &proof)?;
    let compared = replay.zip(made.as_ref()).map(|(replay, made)| replay.end(context, made)).transpose()?;
    if let Some(path) = &args.receipt {
        context.printer.note(&format!("the receipt is in {}", path.display()));
    }
    args.anchors.note(context, &anchored);
    if let Some(path) = &args.report {
        context.printer.note(&format!("the report is in {}", path.display()));
    }
    let of_archive = report.map(|report| (report.verdict, reason::of(&report, &paths, args.ledger.as_deref())));
    let outcomes = answers.iter().map(|answer| (answer.report.status(), answer.reason())).chain(of_archive);
    let outcomes = compared.into_iter().chain(outcomes);
    match outcomes.max_by_key(|(status, _)| *status).filter(|(status, _)| *status != Status::Proved) {
        Some((status, reason)) => Err(CliError::NotProvedFor(status, reason)),
        None => anchored.map(drop),
    }
}

fn archive(
    context: &Context,
    args: &VerifyArgs,
    place: &Place<'_>,
    (levels, jobs): (Levels, usize),
    (given, anchoring): (Option<&GivenDigest>, Anchoring),
    state: &State,
) -> Result<(Report, Stores), CliError> {
    let digest_bytes = args.receipt.is_some() || args.report.is_some() || args.receipt_check.is_some();
    let asked = asked(levels, given, &anchoring, digest_bytes);
    let earlier = state.open(context, place.paths, &asked, None)?.complete(args.complete);
    let advice = if args.resume.is_empty() { NEXT_TIME } else { GO_ON };
    let question = args.question(levels, jobs, given, anchoring);
    let question = Question { digest_bytes, earlier, advice, ..question };
    // What others have read is not read again.
    let is_read = args.complete || !matches!(state, State::Others(_));
    let sources = archive::sources(context, place, &args.needed(place, levels, is_read))?;
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
    place: &Place<'_>,
    (levels, jobs): (Levels, usize),
    (given, anchor): (Option<&GivenDigest>, Option<SavedAnchor>),
    (state, part): (&State, Part),
) -> Result<(), CliError> {
    // The user who joins the parts may want an anchor.
    let anchoring = Anchoring { saved: anchor, is_wanted: true };
    let asked = asked(levels, given, &anchoring, true);
    let earlier = state.open(context, place.paths, &asked, Some(part))?;
    let question = args.question(levels, jobs, given, anchoring);
    let question = Question { digest_bytes: true, earlier, part: Some(part), advice: GO_ON, ..question };
    let sources = archive::sources(context, place, &args.needed(place, levels, true))?;
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

/// The exceptions that were accepted.
pub(crate) fn accepted(named: &[Acceptable]) -> Accepted {
    Accepted {
        hash_only_blocks: named.contains(&Acceptable::HashOnlyBlocks),
        redactions_elsewhere: named.contains(&Acceptable::RedactionsElsewhere),
    }
}

/// The number of threads.
pub(crate) fn jobs(typed: Option<&str>, faults: &mut Faults) -> Option<usize> {
    let Some(typed) = typed else { return Some(default_jobs()) };
    let fault = || Fault::malformed(Field::Named("--jobs"), typed, "is not a number of threads", "give 1 to 1024");
    faults.note(typed.parse().ok().filter(|jobs| (1..=1024).contains(jobs)).ok_or_else(fault))
}

impl VerifyArgs {
    /// What is only read.
    pub(crate) fn archives(&self) -> &[PathBuf] {
        &self.paths
    }

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
    fn needed(&self, place: &Place<'_>, levels: Levels, is_read: bool) -> Needed {
        let data = is_read && levels != Levels::of(&[Level::Objects]);
        Needed { ledger: self.ledger.clone(), export: place.export.cloned(), data }
    }

    /// What was asked for, for the receipt.
    fn asked(&self) -> receipt::Selection<'_> {
        receipt::Selection { ledger: self.ledger.as_deref(), export: self.export.as_deref(), accept: &self.accept }
    }

    fn has_saved(&self) -> bool {
        self.block.is_some() || self.revision.is_some()
    }

    fn has_digest(&self) -> bool {
        self.digest.is_some() || self.replayed_digest.is_some()
    }

    /// Whether something says where the archive is.
    fn is_placed(&self, context: &Context) -> bool {
        !self.paths.is_empty() || self.export.is_some() || context.global.writes_directories()
    }

    fn check(&self, context: &Context) -> Result<Checked, CliError> {
        let mut faults = context.global.faults();
        archive::idle_flags(context, self).into_iter().for_each(|fault| faults.push(fault));
        if !self.is_placed(context) && !self.has_saved() {
            faults.push(archive::unplaced(context));
        }
        let export = self.export.as_deref().map(UniqueId::parse).map(|read| {
            let remedy = Some(flags::EXPORT_ID.to_owned());
            read.map_err(|fault| Fault { field: EXPORT, remedy, ..fault })
        });
        let export = export.and_then(|export| faults.note(export));
        if self.has_saved() && !self.has_digest() {
            let remedy = "a saved answer is checked against a digest: give the one that was saved with it";
            faults.push(Fault::missing(Field::Named("--digest"), remedy));
        }
        let part = self.part.as_deref().and_then(|typed| faults.note(part::read(typed)));
        let state = state::of(&self.resume, part);
        part::idle_flags(self, &state).into_iter().for_each(|fault| faults.push(fault));
        let levels = self.levels(&mut faults);
        let anchor = self.anchors.check(self.is_placed(context), levels, &mut faults);
        let restoring = self.restoring.check(&self.paths, &mut faults);
        let jobs = jobs(self.jobs.as_deref(), &mut faults);
        let typed = self.digest.as_deref();
        let digest = typed.and_then(|typed| GivenDigest::read(typed, self.tip.as_deref(), &mut faults));
        let digest = digest.or_else(|| self.replayed_digest.clone());
        match (levels, jobs) {
            (Some(levels), Some(jobs)) if faults.is_empty() => {
                Ok(Checked { jobs, levels, digest, anchor, export, part, restoring, state })
            }
            _ => Err(faults.into()),
        }
    }

    fn levels(&self, faults: &mut Faults) -> Option<Levels> {
        let Some(typed) = &self.level else {
            let levels = Levels::without_digest();
            return Some(if self.has_digest() || self.anchors.anchored.is_some() {
                levels.with(Level::Digest)
            } else {
                levels
            });
        };
        let fault = |_| {
            let remedy = "give objects, blocks, contents, chain or digest, or several separated by commas";
            Fault::malformed(Field::Named("--level"), typed, "is not a level of verification", remedy)
        };
        let levels: Levels = faults.note(typed.parse().map_err(fault))?;
        if levels.has(Level::Digest) && !self.has_digest() && self.anchors.anchored.is_none() {
            let remedy = "the level digest needs the digest that was saved from the service, or --anchored";
            faults.push(Fault::missing(Field::Named("--digest"), remedy));
        }
        Some(levels)
    }
}
