//! What the manifests of each export state.

use std::io::Read;
use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA256};

use super::files::{Files, ManifestPlace, Manifests};
use super::noted::Noted;
use super::{DataObject, FileRef, FoundExport};
use crate::Hash;
use crate::archive::finding::{Break, BreakKind, Level};
use crate::archive::foreign::Foreign;
use crate::archive::manifest_reader::{LARGEST_MANIFEST, Started, read_completed, read_started};
use crate::archive::names::{DataName, Name, base};
use crate::archive::source::{Source, SourceError};

/// An export as its manifests describe it.
pub(super) struct Described {
    pub(super) id: String,
    /// Where its manifests are; the first place is their own, and links lead there from the others.
    pub(super) places: Vec<ManifestPlace>,
    /// What the started manifest states; empty if there is none that can be read.
    pub(super) started: Started,
    /// The started manifest, if it exists.
    pub(super) started_file: Option<FileRef>,
    /// Whether a completed manifest exists, readable or not.
    pub(super) is_completed: bool,
    /// What the completed manifests list, each list once.
    pub(super) lists: Vec<List>,
    manifests: Vec<(FileRef, Hash)>,
    /// What is wrong with it.
    pub(super) breaks: Noted,
}

/// What a completed manifest lists.
pub(super) struct List {
    /// The strand in the manifest's name, and those of other manifests of the export with the same list.
    pub(super) strands: Vec<String>,
    /// The manifest.
    pub(super) file: FileRef,
    /// Whether it lists nothing.
    pub(super) is_empty: bool,
    /// A hash over all keys that it lists.
    keys: Option<Hash>,
    /// The same over their last parts, which do not change when an archive is moved.
    pub(super) names: Option<Hash>,
    /// The entries that name data objects.
    pub(super) objects: Vec<Listed>,
}

/// A data object that is listed.
pub(super) struct Listed {
    /// The key; `None` if it equals that of the file.
    key: Option<Box<str>>,
    pub(super) name: DataName,
    /// The file, once it is found.
    pub(super) file: Option<FileRef>,
}

impl Listed {
    pub(super) fn key(&self) -> &str {
        let own = self.file.as_ref().map_or("", |file| &file.found.key);
        self.key.as_deref().unwrap_or(own)
    }

    /// Records which file it is. Of many millions of keys, each is stored once.
    pub(super) fn found(&mut self, file: FileRef) {
        self.key = self.key.take().filter(|key| **key != *file.found.key);
        self.file = Some(file);
    }
}

/// A hash over texts and their borders.
fn hash_of<'a>(texts: impl Iterator<Item = &'a str>) -> Option<Hash> {
    let mut all = Context::new(&SHA256);
    for text in texts {
        all.update(&(text.len() as u64).to_le_bytes());
        all.update(text.as_bytes());
    }
    Hash::from_slice(all.finish().as_ref())
}

/// Reads the manifests of every place.
pub(super) fn read(sources: &[Box<dyn Source>], files: &Files) -> Result<Vec<Described>, SourceError> {
    files.places.iter().map(|(place, manifests)| Described::read(sources, files, place, manifests)).collect()
}

impl Described {
    fn read(
        sources: &[Box<dyn Source>],
        files: &Files,
        place: &ManifestPlace,
        manifests: &Manifests,
    ) -> Result<Self, SourceError> {
        let mut described = Self {
            id: place.export_id.clone(),
            places: [place].into_iter().chain(&manifests.linked_from).cloned().collect(),
            started: Started::default(),
            started_file: manifests.started.clone(),
            is_completed: !manifests.completed.is_empty(),
            lists: Vec::new(),
            manifests: Vec::new(),
            breaks: Noted::default(),
        };
        described.read_started(sources, manifests)?;
        for (strand_id, file) in &manifests.completed {
            described.read_completed(sources, files, strand_id, file)?;
        }
        Ok(described)
    }

    /// Whether it may be an export of a ledger: an unreadable one may be of any.
    pub(super) fn may_be_of(&self, ledger: Option<&str>) -> bool {
        ledger.is_none_or(|wanted| self.started.ledger.as_ref().is_none_or(|found| found == wanted))
    }

    /// Every object that it lists.
    pub(super) fn objects(&self) -> impl Iterator<Item = &Listed> {
        self.lists.iter().flat_map(|list| &list.objects)
    }

    /// The export with those of its objects that exist.
    pub(super) fn found(self) -> FoundExport {
        // An exact allocation fits where the lists of other exports were; a growing one would be placed after them.
        let mut objects = Vec::with_capacity(self.objects().filter(|one| one.file.is_some()).count());
        let listed = self.lists.into_iter().flat_map(|list| list.objects);
        objects.extend(listed.filter_map(|one| Some(DataObject { file: one.file?, name: one.name })));
        FoundExport { id: self.id, started: self.started, objects, manifests: self.manifests }
    }

    fn read_started(&mut self, sources: &[Box<dyn Source>], manifests: &Manifests) -> Result<(), SourceError> {
        let Some(file) = &manifests.started else {
            if let Some(completed) = manifests.completed.values().next() {
                let problem = "the started manifest is missing";
                let missing = Break::missing(Level::Objects, &completed.found.key, problem, "started manifest");
                self.breaks.push(missing);
            }
            return Ok(());
        };
        let Some(bytes) = self.bytes_of(sources, file)? else { return Ok(()) };
        match read_started(&bytes) {
            Ok(read) => {
                self.started = read.content;
                self.note_unknown(file, &read.unknown);
            }
            Err(reason) => self.breaks.push(unreadable(&file.found.key, &bytes, &reason)),
        }
        if let Some(found) = self.started.export_id.as_ref().filter(|id| **id != self.id) {
            let problem = "the manifest is that of another export";
            let other = Break::damaged(Level::Objects, &file.found.key, problem, "exportId");
            self.breaks.push(other.between(&self.id, found));
        }
        Ok(())
    }

    fn read_completed(
        &mut self,
        sources: &[Box<dyn Source>],
        files: &Files,
        strand_id: &str,
        file: &FileRef,
    ) -> Result<(), SourceError> {
        let Some(bytes) = self.bytes_of(sources, file)? else { return Ok(()) };
        let keys = match read_completed(&bytes) {
            Ok(read) => {
                self.note_unknown(file, &read.unknown);
                read.content
            }
            Err(reason) => {
                self.breaks.push(unreadable(&file.found.key, &bytes, &reason));
                return Ok(());
            }
        };
        drop(bytes);
        let all = hash_of(keys.iter().map(String::as_str));
        if let Some(same) = self.lists.iter_mut().find(|list| list.keys == all) {
            same.strands.push(strand_id.to_owned());
            return Ok(());
        }
        let names = hash_of(keys.iter().map(|key| base(key)));
        let is_empty = keys.is_empty();
        let mut objects: Vec<Listed> = Vec::with_capacity(keys.len());
        let prefix = self.started.prefix.as_deref();
        for key in keys {
            if let Name::Data(mut name) = Name::of(&key) {
                if let Some(before) = objects.last().filter(|before| before.name.strand_id == name.strand_id) {
                    name.strand_id = Arc::clone(&before.name.strand_id);
                }
                let file = self.places.iter().find_map(|place| files.exact(place, prefix, &key));
                let mut listed = Listed { key: Some(key.into()), name, file: None };
                if let Some(file) = file {
                    listed.found(file.clone());
                }
                objects.push(listed);
            } else {
                let problem = "the manifest lists a key that does not name a data object";
                let other = Break::damaged(Level::Objects, &file.found.key, problem, "keys");
                self.breaks.push(other.between("STRAND.FIRST-LAST.ion or .json", key));
            }
        }
        let strands = vec![strand_id.to_owned()];
        self.lists.push(List { strands, file: file.clone(), is_empty, keys: all, names, objects });
        Ok(())
    }

    /// Notes members of a manifest that the service does not write: other programs may interpret them.
    fn note_unknown(&mut self, file: &FileRef, unknown: &[String]) {
        let Some(first) = unknown.first() else { return };
        let others = if unknown.len() > 1 { format!(" and {} more", unknown.len() - 1) } else { String::new() };
        let problem = "the manifest is not as QLDB writes it";
        let found = Break::damaged(Level::Objects, &file.found.key, problem, "manifest");
        let found = found.between("its own members alone", format!("{first}{others}"));
        self.breaks.push(Break { kind: BreakKind::Doubtful, ..found });
    }

    /// Reads a manifest, and keeps its SHA-256. `None` if it is too long, which is noted.
    fn bytes_of(&mut self, sources: &[Box<dyn Source>], file: &FileRef) -> Result<Option<Vec<u8>>, SourceError> {
        let mut bytes = Vec::new();
        let mut length = file.found.size;
        if let Some(source) = sources.get(file.source).filter(|_| length <= LARGEST_MANIFEST) {
            let read = source.open(&file.found.key)?.take(LARGEST_MANIFEST + 1).read_to_end(&mut bytes);
            read.map_err(|cause| SourceError { name: format!("{}/{}", source.name(), file.found.key), cause })?;
            length = bytes.len() as u64;
        }
        if length > LARGEST_MANIFEST {
            let problem = "the manifest is too long";
            let long = Break::damaged(Level::Objects, &file.found.key, problem, "manifest");
            let long = long.between(format!("at most {LARGEST_MANIFEST} bytes"), format!("{length} bytes"));
            self.breaks.push(Break { kind: BreakKind::Doubtful, ..long });
            return Ok(None);
        }
        self.manifests.push((file.clone(), Hash::of(&bytes)));
        Ok(Some(bytes))
    }
}

fn unreadable(key: &str, bytes: &[u8], reason: &str) -> Break {
    let found = Break::damaged(Level::Objects, key, "the manifest can't be read", "manifest");
    Break { foreign: Foreign::of(bytes), ..found.between("a manifest", reason) }
}
