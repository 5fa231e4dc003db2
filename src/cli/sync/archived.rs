//! What the manifests at the destination say, and whether what was exported
//! now continues what was exported before.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use crate::archive::find::{self, FoundExport};
use crate::archive::source::{Folder, Found, Source, SourceError};
use crate::archive::verify::{Break, Level, Levels, Report, Request, Status, VerifyError, verify};
use crate::cli::error::CliError;
use crate::request::{ExportRequest, TimeRange};

/// The completed exports of one ledger at one destination, in the order of their ranges.
#[derive(Debug, Default)]
pub(super) struct Archived {
    folder: PathBuf,
    exports: Vec<FoundExport>,
}

impl Archived {
    /// Reads the manifests under a folder. One that is not there holds none: a bucket comes to be with its first object.
    pub(super) fn read(folder: &Path, request: &ExportRequest) -> Result<Self, CliError> {
        if !folder.is_dir() {
            return Ok(Self::default());
        }
        let sources: Vec<Box<dyn Source>> = vec![Box::new(Folder::new(folder))];
        let mut exports = find::find(&sources, Some(request.ledger.as_str())).map_err(VerifyError::Source)?.exports;
        exports
            .retain(|export| export.started.prefix.as_deref() == Some(request.prefix.as_str()) && is_completed(export));
        Ok(Self { folder: folder.to_owned(), exports })
    }

    /// The ranges that they cover.
    pub(super) fn ranges(&self) -> Vec<TimeRange> {
        self.exports.iter().filter_map(range).collect()
    }

    /// Proves that the exports from `first` on are whole, and continue by hash the last one before that has blocks.
    pub(super) fn prove_from(&self, first: usize) -> Result<Option<Report>, CliError> {
        let has_objects = |export: &FoundExport| !export.objects.is_empty();
        // Exports between that have none may be of quiet times, or may have lost theirs: the proof tells.
        let before = self.exports.iter().take(first).rposition(has_objects).unwrap_or(0);
        let chosen = self.exports.get(before..).unwrap_or_default();
        if !chosen.iter().any(has_objects) {
            return Ok(None);
        }
        let sources: Vec<Box<dyn Source>> = vec![Box::new(Selected::of(&self.folder, chosen))];
        let request = Request {
            sources: &sources,
            levels: Levels::of(&[Level::Objects, Level::Blocks, Level::Chain]),
            ledger: None,
            digest: None,
            digest_bytes: false,
            resume: None,
            progress: &(),
            stop: &AtomicBool::new(false),
        };
        Ok(Some(verify(&request)?))
    }

    /// Where the first of some exports stands.
    pub(super) fn position(&self, ids: &BTreeSet<String>) -> Option<usize> {
        self.exports.iter().position(|export| ids.contains(&export.id))
    }
}

fn is_completed(export: &FoundExport) -> bool {
    export.manifests.iter().any(|(file, _)| file.found.key.ends_with(".completed.manifest")) && range(export).is_some()
}

fn range(export: &FoundExport) -> Option<TimeRange> {
    Some(TimeRange::accepted(export.started.start?, export.started.end?))
}

/// What a report says in one line.
pub(super) fn summary(report: &Report) -> String {
    let journals = report.journals.iter().map(|journal| format!("blocks {} to {}", journal.first, journal.last));
    let span = journals.collect::<Vec<_>>().join(", ");
    format!("verified: {span}: {}", report.verdict.as_str())
}

/// What speaks against a proof, one line each.
pub(super) fn doubts(report: &Report) -> Vec<String> {
    let place = |one: &Break| one.sequence_no.map(|number| format!(", block {number}")).unwrap_or_default();
    let breaks = report.breaks.iter().map(|one| {
        format!("{}{}: {}: expected {}, found {}", one.key, place(one), one.problem, one.expected, one.found)
    });
    let unproved = report.levels.iter().filter(|level| level.status == Some(Status::Unproved));
    let reasons = unproved.filter_map(|level| Some(format!("{}: {}", level.level.as_str(), level.reason.as_ref()?)));
    breaks.chain(reasons).collect()
}

/// Some exports of a folder, as if nothing else were in it.
struct Selected {
    folder: Folder,
    keys: BTreeSet<String>,
}

impl Selected {
    fn of(folder: &Path, exports: &[FoundExport]) -> Self {
        let manifests = exports.iter().flat_map(|export| export.manifests.iter().map(|(file, _)| file));
        let objects = exports.iter().flat_map(|export| export.objects.iter().map(|object| &object.file));
        let keys = manifests.chain(objects).map(|file| file.found.key.clone()).collect();
        Self { folder: Folder::new(folder), keys }
    }
}

impl Source for Selected {
    fn name(&self) -> String {
        self.folder.name()
    }

    fn list(&self) -> Result<Vec<Found>, SourceError> {
        let mut found = self.folder.list()?;
        found.retain(|file| self.keys.contains(&file.key));
        Ok(found)
    }

    fn open(&self, key: &str) -> Result<Box<dyn Read + Send>, SourceError> {
        self.folder.open(key)
    }

    fn path(&self, key: &str) -> Option<PathBuf> {
        self.folder.path(key)
    }
}
