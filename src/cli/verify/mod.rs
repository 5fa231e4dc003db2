//! `verify`: prove that archived exports are whole and unaltered.

mod json_report;
mod reason;
mod receipt;
mod run;
mod saved;
mod text_report;

pub(crate) use run::{Question, Sources, verified};
pub(crate) use text_report::of_break;

use std::path::{Path, PathBuf};

use clap::Args;

use super::context::Context;
use super::error::CliError;
use super::object_store::sources;
use super::output_file::{Kind, OutputFile};
use crate::archive::verify::{Level, Levels, Report, Resume, SavedDigest, Status};
use crate::request::{Fault, Faults, Field};

/// What to verify, and how far.
#[expect(clippy::doc_markdown, reason = "the comments are the help")]
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Folders or places in S3 (s3://BUCKET/PREFIX) that hold exports; several are one archive
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How far: objects, blocks, contents, chain, digest, or several with commas between
    ///
    /// objects: manifests, objects and the numbers in their names agree. blocks: each block has the hashes that its
    /// entries ask for. contents: each revision and transaction has the hash that it states. chain: each block names
    /// the one before it, without gap. digest: the whole journal, from block 0, hashes to --digest. A level proves
    /// nothing of those that are not asked for. Without it, all that an archive can prove by itself, and the digest if
    /// one is given.
    #[arg(long, value_name = "LEVELS")]
    level: Option<String>,
    /// A digest saved from the service: base64, or a file with the response of GetDigest
    #[arg(long, value_name = "DIGEST")]
    digest: Option<String>,
    /// The last block that a digest given as base64 covers
    #[arg(long, value_name = "N")]
    tip: Option<String>,
    /// Check a saved response of GetBlock against the digest
    #[arg(long, value_name = "FILE")]
    block: Option<PathBuf>,
    /// Check a saved response of GetRevision against the digest
    #[arg(long, value_name = "FILE")]
    revision: Option<PathBuf>,
    /// Only exports of this ledger
    #[arg(long, value_name = "NAME", alias = "name")]
    ledger: Option<String>,
    /// Write a receipt with which somebody else can repeat the verification; - is stdout
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
    /// Keep what is done in FILE, and go on from there if it was interrupted
    ///
    /// What FILE says was proved is believed, as long as size and time of the object are the same: keep it where only
    /// the verifier can write.
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,
}

/// What to do after an interruption.
const GO_ON: &str = "the same command goes on where this one ended";
const NEXT_TIME: &str = "with --resume FILE a run that is interrupted goes on where it ended";

/// What was meant.
struct Checked {
    levels: Levels,
    digest: Option<SavedDigest>,
}

/// Verifies, prints the report, and fails unless everything that was asked for is proved.
pub(crate) fn run(context: &Context, args: &VerifyArgs) -> Result<(), CliError> {
    let checked = args.check(context.global.faults())?;
    let mut answers = Status::Proved;
    if let Some(digest) = checked.digest.as_ref().filter(|_| args.has_saved()) {
        answers = saved::run(context, args.block.as_deref(), args.revision.as_deref(), digest)?;
    }
    if !args.paths.is_empty() {
        let report = archive(context, args, checked)?;
        if report.verdict > answers {
            return Err(CliError::NotProvedFor(report.verdict, reason::of(&report, args)));
        }
    }
    if answers == Status::Proved { Ok(()) } else { Err(CliError::NotProved(answers)) }
}

fn archive(context: &Context, args: &VerifyArgs, checked: Checked) -> Result<Report, CliError> {
    let digests = args.receipt.is_some();
    let file = |path: &PathBuf, kind: Kind| OutputFile::check(path, kind, args.archives());
    let receipt = args.receipt.as_ref().map(|path| file(path, Kind::Receipt)).transpose()?;
    let state = args.resume.as_ref().map(|path| file(path, Kind::Resume)).transpose()?;
    let state = state.as_ref().map(OutputFile::regular).transpose()?;
    let resume = state.map(|path| Resume::open(path, checked.levels, checked.digest.as_ref(), digests));
    let question = Question {
        levels: checked.levels,
        ledger: args.ledger.clone(),
        digest: checked.digest,
        digest_bytes: digests,
        resume: resume.transpose()?,
        advice: if args.resume.is_some() { GO_ON } else { NEXT_TIME },
    };
    let (report, _) = verified(context, sources(context, &args.paths)?, question)?;
    if let Some(file) = &receipt {
        receipt::write(file, &args.paths, &report)?;
    }
    if context.printer.is_json() {
        context.printer.json(&json_report::of(&report))?;
    } else {
        context.printer.painted(&text_report::of(&report, context.printer.screen()))?;
    }
    if let Some(path) = &args.receipt {
        context.printer.note(&format!("the receipt is in {}", path.display()));
    }
    Ok(report)
}

impl VerifyArgs {
    /// What is read and not written to.
    pub(crate) fn archives(&self) -> &[PathBuf] {
        &self.paths
    }

    fn has_saved(&self) -> bool {
        self.block.is_some() || self.revision.is_some()
    }

    fn check(&self, mut faults: Faults) -> Result<Checked, CliError> {
        if self.paths.is_empty() && !self.has_saved() {
            faults.push(Fault::missing(Field::Flag("PATH"), "give the folder that holds the exports"));
        }
        if self.has_saved() && self.digest.is_none() {
            let remedy = "a saved answer is checked against a digest: give the one that was saved with it";
            faults.push(Fault::missing(Field::Flag("--digest"), remedy));
        }
        let levels = self.levels(&mut faults);
        let digest = self.digest.as_deref().and_then(|typed| self.saved_digest(typed, &mut faults));
        match levels {
            Some(levels) if faults.is_empty() => Ok(Checked { levels, digest }),
            _ => Err(faults.into()),
        }
    }

    fn levels(&self, faults: &mut Faults) -> Option<Levels> {
        let Some(typed) = &self.level else {
            let levels = Levels::without_digest();
            return Some(if self.digest.is_some() { levels.with(Level::Digest) } else { levels });
        };
        let fault = |_| {
            let remedy = "give objects, blocks, contents, chain or digest, or several with commas between";
            Fault::malformed(Field::Flag("--level"), typed, "is no level of verification", remedy)
        };
        let levels: Levels = faults.note(typed.parse().map_err(fault))?;
        if levels.has(Level::Digest) && self.digest.is_none() {
            let remedy = "the level digest needs the digest that was saved from the service";
            faults.push(Fault::missing(Field::Flag("--digest"), remedy));
        }
        Some(levels)
    }

    /// The digest that was typed, or that a saved response holds.
    fn saved_digest(&self, typed: &str, faults: &mut Faults) -> Option<SavedDigest> {
        let fault = |rule: String| {
            let remedy =
                "give the base64 that GetDigest answered together with --tip, or the file that holds the answer";
            Fault::malformed(Field::Flag("--digest"), typed, rule, remedy)
        };
        let is_file = Path::new(typed).is_file();
        if is_file {
            let read = std::fs::read_to_string(typed).map_err(|error| fault(format!("can't be read: {error}")));
            let parsed =
                read.and_then(|json| SavedDigest::from_response(&json).map_err(|error| fault(format!("is {error}"))));
            return faults.note(parsed);
        }
        let Some(tip) = &self.tip else {
            faults
                .push(Fault::missing(Field::Flag("--tip"), "give the number of the last block that the digest covers"));
            return None;
        };
        let fault_of_tip =
            |_| Fault::malformed(Field::Flag("--tip"), tip, "is not the number of a block", "give digits");
        let tip = faults.note(tip.parse().map_err(fault_of_tip))?;
        faults.note(
            SavedDigest::new(typed, tip).map_err(|_| fault("is neither base64 of 32 bytes nor a file".to_owned())),
        )
    }
}
