//! What the manifests at the destination say, and whether the exports there are complete and
//! continue each other.

use std::fmt::Write as _;

use super::destination::Destination;
use crate::cli::context::subset::keys_of;
use crate::cli::error::CliError;
use crate::client::sync::Exported;
use qldb_journal::archive::find::{self, FoundExport};
use qldb_journal::archive::verify::{Break, Level, Levels, Report, Request, Status, VerifyError, verify};
use qldb_journal::request::{ExportRequest, TimeRange};
use qldb_journal::{Encoding, Hash};

/// The completed exports of one ledger at one destination, ordered by their ranges.
pub(super) struct ArchivedExports<'a> {
    place: &'a Destination,
    exports: Vec<FoundExport>,
    /// What is wrong with these exports or others.
    breaks: Vec<Break>,
}

/// How much the exports hold, according to the manifests and the names of their objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Extent {
    /// How many exports there are.
    pub(super) exports: usize,
    /// Blocks; a block in several exports counts once.
    pub(super) blocks: u64,
    /// The bytes of the objects.
    pub(super) bytes: u64,
    /// The last block's number in the journal that was exported last.
    pub(super) tip: Option<u64>,
}

/// The result of verifying some exports.
pub(super) struct Verification {
    /// What the verification found.
    pub(super) report: Report,
    /// The verdict, on the levels that the exports' formats allow.
    pub(super) verdict: Status,
    /// The levels that were left out, and why.
    pub(super) left_out: Vec<(Level, String)>,
    /// What is wrong with files there that belong to none of these exports, as `verify` reports it for the whole
    /// archive.
    pub(super) beside: Vec<Break>,
}

impl<'a> ArchivedExports<'a> {
    /// Reads the manifests of a location. Blocks; must not be called from async code.
    pub(super) fn read(place: &'a Destination, request: &ExportRequest) -> Result<Self, CliError> {
        if !place.is_there() {
            return Ok(Self { place, exports: Vec::new(), breaks: Vec::new() });
        }
        let found = find::find(&[place.whole()], Some(request.ledger.as_str())).map_err(VerifyError::Source)?;
        let mut exports = found.exports;
        exports
            .retain(|export| export.started.prefix.as_deref() == Some(request.prefix.as_str()) && is_completed(export));
        Ok(Self { place, exports, breaks: found.breaks })
    }

    /// The exports.
    pub(super) fn exported(&self) -> Vec<Exported> {
        let exported = |export: &FoundExport| Some(Exported { id: export.id.clone(), range: range(export)? });
        self.exports.iter().filter_map(exported).collect()
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.exports.len()
    }

    /// How much they hold. Opens no object.
    pub(super) fn extent(&self) -> Extent {
        let objects = || self.exports.iter().flat_map(|export| &export.objects);
        let mut ranges: Vec<_> =
            objects().map(|object| (&object.name.strand_id, object.name.first, object.name.last)).collect();
        ranges.sort_unstable();
        let (mut blocks, mut reached) = (0u64, None);
        for (strand, first, last) in ranges {
            let next = reached.filter(|(of, _)| *of == strand).map_or(first, |(_, end): (_, u64)| first.max(end));
            // A name can claim anything; a wrong name is a break, and counts as it claims.
            let end = last.saturating_add(1).max(next);
            blocks = blocks.saturating_add(end - next);
            reached = Some((strand, end));
        }
        let newest = self.exports.iter().rev().find(|export| has_objects(export));
        Extent {
            exports: self.exports.len(),
            blocks,
            bytes: objects().map(|object| object.file.found.size).sum(),
            tip: newest.and_then(|export| export.objects.iter().map(|object| object.name.last).max()),
        }
    }

    /// Their ids.
    pub(super) fn ids(&self) -> Vec<&str> {
        self.exports.iter().map(|export| export.id.as_str()).collect()
    }

    /// A hash over the first exports: their ids, and the names and sizes of their objects that exist, wherever they are.
    /// It changes if an object is lost or truncated. `None` if there are fewer exports.
    pub(super) fn fingerprint(&self, exports: usize) -> Option<String> {
        let mut hash = Hash::of(b"");
        for export in self.exports.get(..exports)? {
            let mut text = format!("{}\n{}\n", hash.to_hex(), export.id);
            for object in &export.objects {
                let (name, size) = (&object.name, object.file.found.size);
                // Writing to a text can't fail.
                let _ = writeln!(text, "{} {} {} {size}", name.strand_id, name.first, name.last);
            }
            hash = Hash::of(text.as_bytes());
        }
        Some(hash.to_hex())
    }

    /// Proves that the exports from `first` on are complete, as `verify` does, and that they continue the last one
    /// before them that has blocks. `None` if none of them holds a block, nor should.
    pub(super) fn prove_from(&self, first: usize) -> Result<Option<Verification>, CliError> {
        // Exports without blocks in between may cover quiet times, or may have lost their blocks: the proof decides.
        let before = self.exports.iter().take(first).rposition(has_objects).unwrap_or(0);
        let chosen = self.exports.get(before..).unwrap_or_default();
        let report = self.verified(chosen.iter(), Levels::without_digest())?;
        if report.breaks.is_empty() && !chosen.iter().any(has_objects) {
            return Ok(None);
        }
        let Some(reason) = lost_types(&report, chosen) else {
            return Ok(Some(Verification {
                verdict: report.verdict,
                report,
                left_out: Vec::new(),
                beside: self.beside(),
            }));
        };
        let others = report.levels.iter().filter(|level| level.level != Level::Contents);
        let mut verdict = others.filter_map(|level| level.status).max().unwrap_or(Status::Unproved);
        // Exports that keep their types are still proved on every level.
        if chosen.iter().any(has_types) {
            let typed = chosen.iter().filter(|export| has_types(export));
            verdict = verdict.max(self.verified(typed, Levels::of(&[Level::Contents]))?.verdict);
        }
        Ok(Some(Verification { report, verdict, left_out: vec![(Level::Contents, reason)], beside: self.beside() }))
    }

    /// What is wrong with other files: an export that did not end, an object that no manifest lists.
    fn beside(&self) -> Vec<Break> {
        let own = keys_of(self.exports.iter(), 0);
        let listed = |one: &&Break| one.level == Level::Objects && !own.contains(&one.key) && one.field != "object";
        self.breaks.iter().filter(listed).cloned().collect()
    }

    fn verified<'b>(&self, exports: impl Iterator<Item = &'b FoundExport>, levels: Levels) -> Result<Report, CliError> {
        let sources = [self.place.only(keys_of(exports, 0))];
        let request = Request::new(&sources).levels(levels);
        Ok(verify(&request)?)
    }
}

/// Why contents can't be proved, if that is only due to the format.
fn lost_types(report: &Report, exports: &[FoundExport]) -> Option<String> {
    let contents = report.levels.iter().find(|level| level.level == Level::Contents)?;
    let broken = report.breaks.iter().any(|one| one.level == Level::Contents);
    let is_json =
        exports.iter().flat_map(|export| &export.objects).any(|object| object.name.encoding == Encoding::Json);
    contents.reason.clone().filter(|_| is_json && !broken && contents.status == Some(Status::Unproved))
}

fn has_objects(export: &FoundExport) -> bool {
    !export.objects.is_empty()
}

fn has_types(export: &FoundExport) -> bool {
    export.objects.iter().any(|object| object.name.encoding != Encoding::Json)
}

fn is_completed(export: &FoundExport) -> bool {
    export.manifests.iter().any(|(file, _)| file.found.key.ends_with(".completed.manifest")) && range(export).is_some()
}

fn range(export: &FoundExport) -> Option<TimeRange> {
    Some(TimeRange::accepted(export.started.start?, export.started.end?))
}
