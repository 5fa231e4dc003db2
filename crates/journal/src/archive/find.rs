//! Finds the exports under some sources: the manifests, not a listing, determine which objects
//! belong together (docs/qldb.md 3.1). Tolerant where docs/qldb.md 8 says that a reader must be;
//! everything else that does not match is a [`Break`].

mod described;
mod files;
mod judge;
mod noted;
mod resolve;

use std::sync::Arc;

use serde::Serialize;

use super::finding::Break;
use super::manifest_reader::Started;
use super::names::DataName;
use super::source::{Found, Source, SourceError};
use super::strangers::Strangers;
use crate::Hash;
use files::Files;

/// The problem of an object that has no contents.
pub(super) const NO_BLOCK: &str = "the object holds no block";

/// A file of one of the sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRef {
    /// The index of the source.
    pub source: usize,
    /// Name, size and time; shared, since an archive may have millions of objects.
    pub found: Arc<Found>,
}

impl FileRef {
    /// Distinguishes it from the other files of an archive: each file is stored once, however many exports list it.
    pub(super) fn address(&self) -> *const Found {
        Arc::as_ptr(&self.found)
    }

    /// Whether something else refers to it as well, such as a second export that lists it.
    pub(super) fn is_shared(&self) -> bool {
        Arc::strong_count(&self.found) > 1
    }
}

/// A data object that a manifest lists and that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataObject {
    /// Where it is.
    pub file: FileRef,
    /// What its name states.
    pub name: DataName,
}

/// One export: its manifests and its objects in journal order.
#[derive(Debug, Clone)]
pub struct FoundExport {
    /// The export's id.
    pub id: String,
    /// What its started manifest states; empty if there is none.
    pub started: Started,
    /// Those of its objects that exist, strand by strand if it has several.
    pub objects: Vec<DataObject>,
    /// Those of its manifests that exist, each with its SHA-256.
    pub manifests: Vec<(FileRef, Hash)>,
}

/// Something that does not affect the verdict, but that its reader should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// The file that it is about; empty if it is about the whole.
    pub key: String,
    /// The fact to know.
    pub what: String,
}

/// Everything found under some sources.
#[derive(Debug, Default)]
pub struct Archive {
    /// The exports, in the order of their ranges.
    pub exports: Vec<FoundExport>,
    /// What does not match.
    pub breaks: Vec<Break>,
    /// The files that were ignored.
    pub strangers: Strangers,
    /// Facts that do not affect the verdict.
    pub notes: Vec<Note>,
}

/// Lists the sources and reads their manifests. `ledger` selects the exports of one ledger; those of others are read
/// nevertheless, because the objects that they list belong to them.
pub fn find(sources: &[Box<dyn Source>], ledger: Option<&str>) -> Result<Archive, SourceError> {
    let mut files = Files::list(sources)?;
    let mut described = described::read(sources, &files)?;
    resolve::resolve(&mut described, &files);
    described.iter_mut().for_each(judge::objects);
    judge::copies(&mut described);
    let mut notes = judge::unfinished(&mut described, ledger);
    notes.extend(judge::strands(&described, ledger));
    notes.extend(judge::idle(sources, &described));
    let unlisted = judge::unlisted(&files, &described, ledger, &mut notes);
    let strangers = std::mem::take(&mut files.strangers);
    drop(files);
    let mut archive = Archive { strangers, notes, ..Archive::default() };
    for mut export in described.into_iter().filter(|export| export.may_be_of(ledger)) {
        archive.breaks.append(&mut std::mem::take(&mut export.breaks).breaks());
        archive.exports.push(export.found());
    }
    archive.breaks.append(&mut unlisted.breaks());
    let order = |export: &FoundExport| (export.started.start, export.objects.first().map(|object| object.name.first));
    archive.exports.sort_by_key(order);
    Ok(archive)
}
