//! Finds the exports under some sources: the manifests, not a listing, say
//! which objects belong together (FACTS 3.1). Tolerant where FACTS part 8 says
//! that a reader must be; everything else that does not fit is a [`Break`].

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use super::manifest_reader::{LARGEST_MANIFEST, Started, read_completed, read_started};
use super::names::{DataName, Name, base};
use super::source::{Found, Source, SourceError};
use super::verify::{Break, Level};
use crate::journal::Hash;

/// What is wrong with an object that has no content.
pub(super) const NO_BLOCK: &str = "the object holds no block";

/// A file of one of the sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRef {
    /// Which source.
    pub source: usize,
    /// Name, size and time.
    pub found: Found,
}

/// A data object that a manifest lists and that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataObject {
    /// Where it lies.
    pub file: FileRef,
    /// What its name says.
    pub name: DataName,
}

/// One export: its manifests and its objects in journal order.
#[derive(Debug, Clone)]
pub struct FoundExport {
    /// The export's id.
    pub id: String,
    /// What its first manifest says; nothing if there is none.
    pub started: Started,
    /// Its objects that are there.
    pub objects: Vec<DataObject>,
    /// Every manifest of it that is there, with its SHA-256.
    pub manifests: Vec<(FileRef, Hash)>,
}

/// Everything found under some sources.
#[derive(Debug, Default)]
pub struct Archive {
    /// The exports, in the order of their ranges.
    pub exports: Vec<FoundExport>,
    /// What does not fit.
    pub breaks: Vec<Break>,
}

/// Lists the sources and reads their manifests. `ledger` limits to the exports of one ledger.
pub fn find(sources: &[Box<dyn Source>], ledger: Option<&str>) -> Result<Archive, SourceError> {
    let mut finder = Finder::default();
    for (source, listed) in sources.iter().enumerate() {
        for found in listed.list()? {
            finder.take(FileRef { source, found });
        }
    }
    finder.exports(sources, ledger)
}

/// An export by where its manifests lie: source, everything before the id, and the id.
type Place = (usize, String, String);

/// The files of the sources by what they are.
#[derive(Default)]
struct Finder {
    started: BTreeMap<Place, FileRef>,
    completed: BTreeMap<Place, (String, FileRef)>,
    data: BTreeMap<(usize, String), FileRef>,
    by_base: BTreeMap<String, Vec<(usize, String)>>,
    listed: BTreeSet<(usize, String)>,
    breaks: Vec<Break>,
}

impl Finder {
    fn take(&mut self, file: FileRef) {
        let key = file.found.key.clone();
        let place = |id: &str| (file.source, key[..key.rfind(id).unwrap_or(0)].to_owned(), id.to_owned());
        match Name::of(&key) {
            Name::Started { export_id } => drop(self.started.insert(place(&export_id), file)),
            Name::Completed { export_id, strand_id } => {
                let place = (file.source, head_of(&key, &export_id, &strand_id), export_id);
                self.completed.insert(place, (strand_id, file));
            }
            Name::Data(_) => {
                self.by_base.entry(base(&key).to_owned()).or_default().push((file.source, key.clone()));
                self.data.insert((file.source, key), file);
            }
            Name::Other => {}
        }
    }

    fn exports(mut self, sources: &[Box<dyn Source>], ledger: Option<&str>) -> Result<Archive, SourceError> {
        let places: BTreeSet<Place> = self.started.keys().chain(self.completed.keys()).cloned().collect();
        let mut exports = Vec::new();
        let mut skipped = false;
        let mut unfinished = false;
        for place in places {
            let (started, manifest) = self.read_first(sources, &place)?;
            // An export whose ledger can't be read may be of any.
            if ledger.is_some_and(|wanted| started.ledger.as_ref().is_some_and(|found| found != wanted)) {
                skipped = true;
                continue;
            }
            unfinished |= !self.completed.contains_key(&place);
            exports.push(self.export(sources, &place, started, manifest)?);
        }
        if !skipped {
            self.note_unlisted(unfinished);
        }
        let order =
            |export: &FoundExport| (export.started.start, export.objects.first().map(|object| object.name.first));
        exports.sort_by_key(order);
        Ok(Archive { exports, breaks: self.breaks })
    }

    /// What the first manifest says; what is wrong with it is noted.
    fn read_first(
        &mut self,
        sources: &[Box<dyn Source>],
        place: &Place,
    ) -> Result<(Started, Option<(FileRef, Hash)>), SourceError> {
        let Some(file) = self.started.get(place).cloned() else {
            if let Some((_, completed)) = self.completed.get(place) {
                let key = completed.found.key.clone();
                self.breaks.push(Break::missing(
                    Level::Objects,
                    &key,
                    "the started manifest is missing",
                    "started manifest",
                ));
            }
            return Ok((Started::default(), None));
        };
        let (bytes, hash) = read_whole(sources, &file)?;
        let read = read_started(&bytes);
        let started = read.unwrap_or_else(|reason| {
            self.breaks.push(unreadable(&file.found.key, &reason));
            Started::default()
        });
        if started.export_id.as_ref().is_some_and(|id| *id != place.2) {
            let found = started.export_id.clone().unwrap_or_default();
            let problem = "the manifest is that of another export";
            self.breaks
                .push(Break::damaged(Level::Objects, &file.found.key, problem, "exportId").between(&place.2, found));
        }
        Ok((started, Some((file, hash))))
    }

    fn export(
        &mut self,
        sources: &[Box<dyn Source>],
        place: &Place,
        started: Started,
        manifest: Option<(FileRef, Hash)>,
    ) -> Result<FoundExport, SourceError> {
        let mut manifests: Vec<(FileRef, Hash)> = manifest.into_iter().collect();
        let mut objects = Vec::new();
        if let Some((strand_id, file)) = self.completed.get(place).cloned() {
            let (bytes, hash) = read_whole(sources, &file)?;
            match read_completed(&bytes) {
                Ok(keys) => objects = self.objects(&keys, &strand_id, &file, &started),
                Err(reason) => self.breaks.push(unreadable(&file.found.key, &reason)),
            }
            manifests.push((file, hash));
        } else if let Some((file, _)) = manifests.first() {
            let problem = "the completed manifest is missing: the export did not end, or it was removed";
            self.breaks.push(Break::missing(Level::Objects, &file.found.key, problem, "completed manifest"));
        }
        Ok(FoundExport { id: place.2.clone(), started, objects, manifests })
    }

    /// The objects that a manifest lists. Their names must join without gap or overlap.
    fn objects(&mut self, keys: &[String], strand_id: &str, manifest: &FileRef, started: &Started) -> Vec<DataObject> {
        let mut objects = Vec::new();
        let mut next: Option<u64> = None;
        for key in keys {
            let Name::Data(name) = Name::of(key) else {
                let problem = "the manifest lists a key that names no data object";
                self.breaks.push(
                    Break::damaged(Level::Objects, &manifest.found.key, problem, "keys")
                        .between("STRAND.FIRST-LAST.ion or .json", key),
                );
                continue;
            };
            self.judge_name(key, &name, strand_id, started, next);
            next = name.last.checked_add(1);
            if let Some(file) = self.resolve(key, manifest, started) {
                self.listed.insert((file.source, file.found.key.clone()));
                self.judge_size(&file, &name);
                objects.push(DataObject { file, name });
            } else {
                let range = format!("blocks {} to {}", name.first, name.last);
                let missing =
                    Break::missing(Level::Objects, key, "an object that the manifest lists is missing", "object");
                self.breaks.push(missing.between(range, "nothing"));
            }
        }
        objects
    }

    /// Told without opening the object, so that nothing is never taken for something.
    fn judge_size(&mut self, file: &FileRef, name: &DataName) {
        if file.found.size == 0 {
            let empty = Break::damaged(Level::Objects, &file.found.key, NO_BLOCK, "object");
            self.breaks.push(empty.between(format!("blocks {} to {}", name.first, name.last), "0 bytes"));
        }
    }

    fn judge_name(&mut self, key: &str, name: &DataName, strand_id: &str, started: &Started, next: Option<u64>) {
        let mut damaged = |problem: &str, field: &str, expected: String, found: String| {
            self.breaks.push(Break::damaged(Level::Objects, key, problem, field).between(expected, found));
        };
        if name.strand_id != strand_id {
            damaged(
                "the object is of another strand than its manifest",
                "strandId",
                strand_id.to_owned(),
                name.strand_id.clone(),
            );
        }
        if name.last < name.first {
            damaged(
                "the object's name has its range the wrong way round",
                "name",
                format!("{} or more", name.first),
                name.last.to_string(),
            );
        }
        if let Some(next) = next.filter(|next| *next != name.first) {
            let problem =
                if name.first > next { "the objects leave a gap" } else { "the objects overlap or are out of order" };
            damaged(problem, "name", next.to_string(), name.first.to_string());
        }
        let json = name.encoding == crate::journal::Encoding::Json;
        if let Some(format) = started.format.as_ref().filter(|format| (*format == "JSON") != json) {
            damaged(
                "the object's extension does not fit the export's format",
                "outputFormat",
                format.clone(),
                base(key).to_owned(),
            );
        }
    }

    /// The file of a key. The archive may have been moved, the manifest may list keys with the prefix or
    /// without, and a slash may stand after the prefix or not: what must agree is the name and the hour
    /// folder, or the file lies beside its manifest. Of several the one that agrees furthest is taken.
    fn resolve(&self, key: &str, manifest: &FileRef, started: &Started) -> Option<FileRef> {
        const HOUR_FOLDER: usize = 4;
        let same_folder = |candidate: &str| folder(candidate) == folder(&manifest.found.key);
        let shared = |candidate: &str| common_prefix(candidate, &manifest.found.key);
        // A prefix that does not end in a slash runs into the year.
        let year_is_glued = started.prefix.as_ref().is_some_and(|prefix| !prefix.is_empty() && !prefix.ends_with('/'));
        let needed = 1 + HOUR_FOLDER - usize::from(year_is_glued);
        let candidates = self.by_base.get(base(key))?.iter();
        let fitting = candidates.filter(|(source, candidate)| {
            *source == manifest.source && (common_parts(candidate, key) >= needed || same_folder(candidate))
        });
        let best = fitting.max_by_key(|(_, candidate)| (common_parts(candidate, key), shared(candidate)))?;
        self.data.get(best).cloned()
    }

    /// Objects that no manifest lists. Where an export has no completed manifest, they may be its own.
    fn note_unlisted(&mut self, unfinished: bool) {
        for place in self.data.keys().filter(|place| !self.listed.contains(*place)) {
            let problem = "no completed manifest lists this object";
            let note = if unfinished { Break::missing } else { Break::damaged };
            self.breaks
                .push(note(Level::Objects, &place.1, problem, "keys").between("its key in a manifest", "nothing"));
        }
    }
}

/// Reads a manifest, and takes its SHA-256.
fn read_whole(sources: &[Box<dyn Source>], file: &FileRef) -> Result<(Vec<u8>, Hash), SourceError> {
    let source = &sources[file.source];
    let mut bytes = Vec::new();
    let read = source.open(&file.found.key)?.take(LARGEST_MANIFEST).read_to_end(&mut bytes);
    read.map_err(|cause| SourceError { name: format!("{}/{}", source.name(), file.found.key), cause })?;
    let hash = Hash::of(&bytes);
    Ok((bytes, hash))
}

fn head_of(key: &str, export_id: &str, strand_id: &str) -> String {
    let tail = export_id.len() + 1 + strand_id.len() + ".completed.manifest".len();
    key[..key.len().saturating_sub(tail)].to_owned()
}

fn unreadable(key: &str, reason: &str) -> Break {
    Break::damaged(Level::Objects, key, "the manifest can't be read", "manifest").between("a manifest", reason)
}

fn folder(key: &str) -> &str {
    key.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// How many parts two keys have in common, counted from the end.
fn common_parts(one: &str, other: &str) -> usize {
    one.rsplit('/').zip(other.rsplit('/')).take_while(|(one, other)| one == other).count()
}

fn common_prefix(one: &str, other: &str) -> usize {
    one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count()
}
