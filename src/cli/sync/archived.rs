//! What the manifests at the destination say, and whether what was exported
//! now continues what was exported before.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use super::place::Place;
use crate::archive::find::{self, FoundExport};
use crate::archive::verify::{Break, Level, Levels, Report, Request, Status, VerifyError, verify};
use crate::cli::error::CliError;
use crate::request::{ExportRequest, TimeRange};

/// The completed exports of one ledger at one destination, in the order of their ranges.
pub(super) struct Archived<'a> {
    place: &'a Place,
    exports: Vec<FoundExport>,
}

impl<'a> Archived<'a> {
    /// Reads the manifests of a place. Blocks; not where futures are driven.
    pub(super) fn read(place: &'a Place, request: &ExportRequest) -> Result<Self, CliError> {
        if !place.is_there() {
            return Ok(Self { place, exports: Vec::new() });
        }
        let found = find::find(&[place.whole()], Some(request.ledger.as_str())).map_err(VerifyError::Source)?;
        let mut exports = found.exports;
        exports
            .retain(|export| export.started.prefix.as_deref() == Some(request.prefix.as_str()) && is_completed(export));
        Ok(Self { place, exports })
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
        let sources = [self.place.only(keys(chosen))];
        let request = Request {
            sources: &sources,
            levels: Levels::of(&[Level::Objects, Level::Blocks, Level::Chain]),
            ledger: None,
            digest: None,
            digest_bytes: false,
            resume: None,
            accepted: crate::archive::verify::Accepted::default(),
            jobs: crate::archive::verify::default_jobs(),
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

/// The keys of everything that belongs to some exports.
fn keys(exports: &[FoundExport]) -> BTreeSet<String> {
    let manifests = exports.iter().flat_map(|export| export.manifests.iter().map(|(file, _)| file));
    let objects = exports.iter().flat_map(|export| export.objects.iter().map(|object| &object.file));
    manifests.chain(objects).map(|file| file.found.key.clone()).collect()
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
