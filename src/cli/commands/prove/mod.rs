//! `prove`: a document's or a block's proof, for someone without the archive.

mod folder;
mod outcome;
mod readme;
mod show;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::proving::{Proving, ProvingArgs, note_breaks};
use super::verify::given::GivenDigest;
use super::verify::page::{About, ReportFile};
use super::verify::receipt::Proof;
use super::written::{self, DestinationFlag};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::error::flags::WithRemedy as _;
use folder::ProofFolder;
use outcome::Outcome;
use qldb_journal::archive::prove::{Beyond, ProveError, Prover, Wanted};
use qldb_journal::archive::verify::{Report, SavedDigest, Status};
use qldb_journal::request::{Fault, Faults, Field};

/// What a signal leaves of a proof.
const NOTHING_LEFT: &str = "nothing was written";

/// The source of the journal's own digest, if none is given.
const OWN_DIGEST: &str = "the archive itself";

const OUT: DestinationFlag = DestinationFlag { flag: "--out", missing: "give a folder for the proof" };

/// What to prove, and where to write the proof.
#[expect(clippy::doc_markdown, reason = "the comments are the help")]
#[derive(Debug, Args)]
pub(crate) struct ProveArgs {
    /// Folders or S3 locations (s3://BUCKET/PREFIX) that hold exports; several are one archive
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The document with this id, as QLDB assigned it
    ///
    /// Every version of it that the digest covers is written; the others are listed.
    #[arg(long, value_name = "ID", conflicts_with = "block")]
    document: Option<String>,
    /// Only this version of the document
    #[arg(long = "version", id = "document_version", value_name = "N", requires = "document")]
    version: Option<String>,
    /// The block with this number
    #[arg(long, value_name = "N")]
    block: Option<String>,
    /// The folder to write
    ///
    /// It is written completely when everything is proved, or not at all. It must not exist, or must be empty.
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    out: Option<PathBuf>,
    /// Replace a folder that an earlier `prove` wrote
    #[arg(long)]
    force: bool,
    /// Write a report of the verification: a page if FILE ends in .html, text if it ends in .txt
    ///
    /// As for verify. It is written for every verdict, and says whether the proof was written.
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    report: Option<PathBuf>,
    #[command(flatten)]
    proving: ProvingArgs,
}

/// The arguments, checked.
struct Checked<'a> {
    proving: Proving,
    wanted: Wanted,
    out: &'a Path,
}

/// Verifies the archive, and writes the proof.
pub(crate) fn run(context: &Context, args: &ProveArgs) -> Result<(), CliError> {
    let Checked { proving, wanted, out } = args.check(context.global.faults())?;
    let page = args.report.as_ref().map(|path| ReportFile::check(path, &args.paths)).transpose()?;
    let given = proving.digest().cloned();
    let folder = ProofFolder::begin(out, args.force)?;
    let tip = given.as_ref().map(|given| given.saved.tip);
    let prover = Arc::new(Prover::begin(wanted.clone(), tip, folder.spool()?));
    let taker = Arc::clone(&prover) as Arc<_>;
    let (report, stores) = args.proving.run(context, &args.paths, proving, taker, NOTHING_LEFT)?;
    note_breaks(context, &report);
    let made = write_proof(args, &wanted, out, &report, prover, folder, given.as_ref());
    if made.is_ok() {
        written::made(context, out);
    }
    if let Some(page) = &page {
        let (inputs, asked) = (&args.paths, args.proving.asked());
        let proof =
            Proof { asked, inputs, given: given.as_ref(), answers: &[], report: Some(&report), stores: &stores };
        let about = About { repeated: args.proving.repeated(context, inputs), made: Some(in_report(out, &made)) };
        page.write(&proof, &about)?;
    }
    show::outcome(context, &made?)
}

/// What a report of the verification says about the proof.
fn in_report(out: &Path, made: &Result<Outcome<'_>, CliError>) -> String {
    let out = out.display();
    match made {
        Ok(_) => format!("The requested proof was written to {out} in the same pass."),
        Err(_) => format!("No proof was written to {out}."),
    }
}

/// Writes the proof, if the archive is proved and contains the requested block or document.
fn write_proof<'a>(
    args: &'a ProveArgs,
    wanted: &'a Wanted,
    out: &'a Path,
    report: &'a Report,
    prover: Arc<Prover<std::fs::File>>,
    folder: ProofFolder,
    given: Option<&GivenDigest>,
) -> Result<Outcome<'a>, CliError> {
    if report.verdict != Status::Proved {
        let why = args.proving.why(report, &args.paths);
        return Err(CliError::NotProvedFor(report.verdict, not_proved(&why, report)));
    }
    let (is_own, digest) = match given {
        Some(given) => (false, given.clone()),
        None => (true, own_digest(report)?),
    };
    let ended = || CliError::System("the verification still holds its proofs".to_owned());
    let proofs = Arc::try_unwrap(prover).map_err(|_| ended())?.end(&digest.saved).map_err(failed)?;
    let beyond = proofs.beyond().to_vec();
    if proofs.count() == 0 {
        return Err(nothing(wanted, report, &digest, (proofs.versions(), &beyond)));
    }
    let answers = folder.write(proofs, wanted.answer(), &digest)?;
    let outcome = Outcome { wanted, report, digest, is_own, answers, beyond, out };
    folder.describe(&outcome, &args.paths)?;
    folder.publish()?;
    Ok(outcome)
}

/// Why nothing was written, and what to type instead if there is an alternative.
fn not_proved(why: &str, report: &Report) -> String {
    let message = format!("{why}; nothing was written");
    if report.counts.typeless > 0 && report.verdict == Status::Unproved {
        return format!("{message}: prove it from an export in Ion of the same blocks");
    }
    message
}

/// The digest at the journal's own end, if none was given.
fn own_digest(report: &Report) -> Result<GivenDigest, CliError> {
    let journal = report.only_journal();
    let digest = journal.and_then(|journal| Some((journal, journal.digest?)));
    let Some((journal, digest)) = digest else {
        let first = journal.map_or(0, |journal| journal.first);
        let why = format!(
            "the archive begins at block {first}, and a proof needs every block from 0 on; nothing was written: give the \
             exports of the earlier blocks as well"
        );
        return Err(CliError::NotProvedFor(Status::Unproved, why));
    };
    let saved = SavedDigest { digest, tip: journal.last, strand_id: Some(journal.strand_id.clone()) };
    Ok(GivenDigest { saved, source: OWN_DIGEST.to_owned() })
}

/// Why there is nothing to write: it does not exist, or the digest does not cover it.
fn nothing(
    wanted: &Wanted,
    report: &Report,
    digest: &GivenDigest,
    (versions, beyond): (Option<(u64, u64)>, &[Beyond]),
) -> CliError {
    let tip = digest.saved.tip;
    let journal = report.only_journal();
    let (first, last) = journal.map(|journal| (journal.first, journal.last)).unwrap_or_default();
    let subject = match wanted {
        Wanted::Block(number) => format!("block {number}"),
        Wanted::Document { id, version: None } => format!("document {id}"),
        Wanted::Document { id, version: Some(version) } => format!("version {version} of document {id}"),
    };
    let beyond_tip = match (wanted, beyond.first()) {
        (Wanted::Block(number), _) if (first..=last).contains(number) => Some(*number),
        (_, first) => first.map(|one| one.sequence_no),
    };
    if let Some(block) = beyond_tip {
        let lies = match wanted {
            Wanted::Block(_) => "is".to_owned(),
            Wanted::Document { version: None, .. } => format!("begins in block {block},"),
            Wanted::Document { .. } => format!("is in block {block},"),
        };
        let why = format!(
            "{subject} {lies} beyond the digest's tip, block {tip}; nothing was written: give a later digest, or leave \
             --digest out for the end of the archive's own journal"
        );
        return CliError::NotProvedFor(Status::Unproved, why);
    }
    let there = match (wanted, versions) {
        (Wanted::Document { version: Some(_), .. }, Some((lowest, highest))) if lowest == highest => {
            format!("; the archive has version {lowest}")
        }
        (Wanted::Document { version: Some(_), .. }, Some((lowest, highest))) => {
            format!("; the archive has versions {lowest} to {highest}")
        }
        _ => String::new(),
    };
    CliError::NotInArchive(format!("there is no {subject} in blocks {first} to {last}{there}"))
}

fn failed(error: ProveError) -> CliError {
    CliError::Verify(qldb_journal::archive::verify::VerifyError::Take(error.into()))
}

impl ProveArgs {
    /// What is only read.
    pub(crate) fn archives(&self) -> &[PathBuf] {
        &self.paths
    }

    fn check(&self, mut faults: Faults) -> Result<Checked<'_>, CliError> {
        let proving = self.proving.check(&self.paths, &mut faults);
        let wanted = self.wanted(&mut faults);
        let out = written::destination(&OUT, self.out.as_deref(), &self.paths, &mut faults);
        match (proving, wanted, out) {
            (Some(proving), Some(wanted), Some(out)) if faults.is_empty() => Ok(Checked { proving, wanted, out }),
            _ => Err(faults.into()),
        }
    }

    fn wanted(&self, faults: &mut Faults) -> Option<Wanted> {
        let number = |flag, typed: &str, what| {
            let malformed = |_| {
                Fault::malformed(Field::Named(flag), typed, format!("is not the number of a {what}"), "give digits")
            };
            typed.parse().map_err(malformed)
        };
        match (&self.document, &self.block) {
            (Some(id), _) => {
                let version = self.version.as_deref().map(|typed| number("--version", typed, "version")).transpose();
                let version = faults.note(version)?;
                Some(Wanted::Document { id: id.clone(), version })
            }
            (None, Some(typed)) => faults.note(number("--block", typed, "block")).map(Wanted::Block),
            (None, None) => {
                let remedy = "give the id of a document, or the number of a block with --block";
                faults.push(Fault::missing(Field::Named("--document"), remedy));
                None
            }
        }
    }
}
