//! The folder with a proof: complete under its name, or not there at all.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::outcome::{DIGEST, Outcome, ProofFile, README};
use super::readme;
use crate::cli::commands::verify::given::GivenDigest;
use crate::cli::commands::verify::saved::CheckedResponse;
use crate::cli::error::CliError;
use crate::cli::error::flags::WithRemedy as _;
use qldb_journal::archive::prove::{Proofs, ProveError, Proved};
use qldb_journal::archive::verify::SavedAnswer;
use qldb_journal::internal::{BlockAddress, digest_answer};
use qldb_journal::request::{Fault, Faults, Field};
use qldb_tables::{TableError, Unfinished};

/// A folder that is being written.
pub(super) struct ProofFolder {
    out: PathBuf,
    may_replace: bool,
    unfinished: Unfinished,
}

impl ProofFolder {
    /// Starts before anything is read, so that obstacles are found early.
    pub(super) fn begin(out: &Path, may_replace: bool) -> Result<Self, CliError> {
        let unfinished = Unfinished::begin(out).map_err(|error| of_destination(out, error))?;
        let folder = Self { out: out.to_owned(), may_replace, unfinished };
        folder.clear_way()?;
        let new = folder.unfinished.path();
        fs::create_dir(&new).map_err(at(&new))?;
        Ok(folder)
    }

    /// An empty temporary file, which is deleted with everything else that is not part of the proof.
    pub(super) fn spool(&self) -> Result<File, CliError> {
        let path = self.unfinished.aside();
        File::options().read(true).write(true).create_new(true).open(&path).map_err(at(&path))
    }

    /// Writes each proof into its own file, and checks it there the way its recipient will.
    pub(super) fn write(
        &self,
        proofs: Proofs<File>,
        answer: SavedAnswer,
        digest: &GivenDigest,
    ) -> Result<Vec<ProofFile>, CliError> {
        let mut names = BTreeSet::new();
        let mut written = Vec::new();
        proofs.each::<Failed>(|mut proved| {
            let name = file_name(answer, &proved, &mut names);
            let bytes = self.put(&name, &std::mem::take(&mut proved.answer))?;
            let refused = |error: &dyn std::fmt::Display| CliError::System(format!("{name} is not proved: {error}"));
            let checked = CheckedResponse::check(answer, &name, &bytes, digest).map_err(|error| refused(&error))?;
            if !checked.report.in_journal || !checked.report.breaks.is_empty() {
                let why = format!("{name} by itself: {}; nothing was written", checked.reason());
                return Err(CliError::NotProvedFor(checked.report.status(), why).into());
            }
            written.push(ProofFile { name, proved, answer: checked });
            Ok(())
        })?;
        Ok(written)
    }

    /// Writes the description of the contents, and the digest if it is the archive's own.
    pub(super) fn describe(&self, outcome: &Outcome<'_>, paths: &[PathBuf]) -> Result<(), CliError> {
        if outcome.is_own {
            let saved = &outcome.digest.saved;
            let strand_id = saved.strand_id.clone().unwrap_or_default();
            self.put(DIGEST, &digest_answer(saved.digest, &BlockAddress { strand_id, sequence_no: saved.tip }))?;
        }
        let path = self.unfinished.path().join(README);
        fs::write(&path, readme::of(outcome, paths)).map_err(at(&path))
    }

    /// Gives the folder its name.
    pub(super) fn publish(self) -> Result<(), CliError> {
        // Something else may have appeared there in the meantime.
        self.clear_way()?;
        let Self { out, may_replace, unfinished } = self;
        unfinished.publish(may_replace).map_err(|error| of_destination(&out, error))
    }

    fn put(&self, name: &str, answer: &Value) -> Result<Vec<u8>, CliError> {
        let path = self.unfinished.path().join(name);
        let bytes = format!("{answer:#}\n").into_bytes();
        fs::write(&path, &bytes).map_err(at(&path))?;
        Ok(bytes)
    }

    /// Succeeds if nothing is there, or an empty folder, or a proof that may be replaced.
    fn clear_way(&self) -> Result<(), CliError> {
        let out = &self.out;
        let Ok(found) = fs::symlink_metadata(out) else { return Ok(()) };
        if !found.is_dir() {
            return Err(fault(out, "already exists and is not a folder", "name another place"));
        }
        let entries = fs::read_dir(out).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(at(out))?;
        if entries.is_empty() {
            return Ok(());
        }
        if !self.may_replace {
            let remedy = "name another folder, or add --force to replace what an earlier `prove` wrote";
            return Err(fault(out, "already exists and is not empty", remedy));
        }
        let names: Vec<String> = entries.iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        let begins = fs::read_to_string(out.join(README)).is_ok_and(|text| text.starts_with(readme::TITLE));
        let stranger = names.iter().find(|name| !is_ours(name));
        let rule = match stranger {
            Some(name) => format!("holds {name}, which no `prove` wrote"),
            None if !begins => format!("has no {README} of an earlier `prove`"),
            None => return Ok(()),
        };
        Err(fault(out, &rule, "name another folder, or remove it first"))
    }
}

/// A failure to prove or to write.
struct Failed(CliError);

impl From<ProveError> for Failed {
    fn from(error: ProveError) -> Self {
        Self(super::failed(error))
    }
}

impl From<CliError> for Failed {
    fn from(error: CliError) -> Self {
        Self(error)
    }
}

impl From<Failed> for CliError {
    fn from(Failed(error): Failed) -> Self {
        error
    }
}

/// `revision-VERSION.json` or `block-NUMBER.json`. No hash covers the version that a deletion claims, so another
/// revision may have the same version.
fn file_name(answer: SavedAnswer, proved: &Proved, taken: &mut BTreeSet<String>) -> String {
    let stem = match (answer, proved.version) {
        (SavedAnswer::Block, _) => format!("block-{}", proved.sequence_no),
        (SavedAnswer::Revision, Some(version)) => format!("revision-{version}"),
        (SavedAnswer::Revision, None) => format!("revision-of-block-{}", proved.sequence_no),
    };
    let others = (2_u64..).map(|number| format!("{stem}-{number}.json"));
    let mut names = std::iter::once(format!("{stem}.json")).chain(others);
    names.find(|name| taken.insert(name.clone())).unwrap_or(stem)
}

/// Whether a file has a name that `prove` uses.
fn is_ours(name: &str) -> bool {
    let stem = name.strip_suffix(".json").unwrap_or_default();
    let is_answer = ["revision-", "block-"].iter().any(|begins| stem.starts_with(begins));
    name == README || name == DIGEST || is_answer
}

fn fault(out: &Path, rule: &str, remedy: &'static str) -> CliError {
    Faults::from(Fault::malformed(Field::Named("--out"), &out.display().to_string(), rule, remedy)).into()
}

fn of_destination(out: &Path, error: TableError) -> CliError {
    match error {
        TableError::Exists(_) => fault(out, "has just been created by something else", "name another folder"),
        error => CliError::Table(error),
    }
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> CliError + '_ {
    |source| CliError::File { path: path.to_owned(), source }
}
