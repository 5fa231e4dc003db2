//! The files of the sources by kind: manifests by the place of their export, data objects by key,
//! and other files.

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use super::FileRef;
use crate::Hash;
use crate::archive::names::{Name, base, below_prefix, decoded, is_lookalike};
use crate::archive::source::{Found, Source, SourceError};
use crate::archive::strangers::{self, Stranger, Strangers};

/// Where the manifests of an export are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ManifestPlace {
    pub(super) source: usize,
    /// Everything before the id: a folder with its slash, or a prefix without one.
    pub(super) head: String,
    pub(super) export_id: String,
}

/// The manifests of one place.
#[derive(Debug, Default)]
pub(super) struct Manifests {
    pub(super) started: Option<FileRef>,
    /// By strand.
    pub(super) completed: BTreeMap<String, FileRef>,
    /// Places from which links lead to exactly these files.
    pub(super) linked_from: Vec<ManifestPlace>,
}

impl Manifests {
    /// Whether each of these files is among the others'.
    fn are_among(&self, others: &Self) -> bool {
        self.started.as_ref().is_none_or(|file| others.started.as_ref() == Some(file))
            && self.completed.iter().all(|(strand, file)| others.completed.get(strand) == Some(file))
    }
}

/// The part of a key below the prefix. Without its started manifest, an export's prefix is not known.
pub(super) fn below<'a>(prefix: Option<&str>, key: &'a str) -> &'a str {
    match prefix {
        Some(prefix) => key.strip_prefix(prefix).unwrap_or(key),
        None => below_prefix(key).unwrap_or(key),
    }
}

/// The key under which a file was reached: usually its own name, which is then not stored twice.
#[derive(Debug, Clone)]
pub(super) enum Key {
    /// The file's own name.
    Own(Arc<Found>),
    /// Another one, through a link or by decoding.
    Other(Box<str>),
}

impl Key {
    fn as_str(&self) -> &str {
        match self {
            Self::Own(found) => &found.key,
            Self::Other(key) => key,
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

/// The files in the sources.
#[derive(Default)]
pub(super) struct Files {
    pub(super) places: BTreeMap<ManifestPlace, Manifests>,
    /// Data objects by source and key. One that is reached by several names is one file under several keys.
    pub(super) data: BTreeMap<(usize, Key), FileRef>,
    /// The keys of data objects by their last part.
    by_base: OnceCell<HashMap<String, Vec<(usize, Key)>>>,
    /// Files that are not files of an export by their names, but would be read as such, directly or once they are
    /// unpacked.
    pub(super) lookalikes: Vec<FileRef>,
    pub(super) strangers: Strangers,
    /// The first name under which each file was reached, by a hash of its location and name.
    first: HashMap<Hash, FileRef>,
}

impl Files {
    /// Lists the sources.
    pub(super) fn list(sources: &[Box<dyn Source>]) -> Result<Self, SourceError> {
        let mut files = Self::default();
        for (index, source) in sources.iter().enumerate() {
            files.take_source(index, source.as_ref())?;
        }
        files.join_linked();
        files.first = HashMap::new();
        Ok(files)
    }

    /// The file of a key, if it is below the manifest's own place exactly as it is below the prefix.
    pub(super) fn exact(&self, place: &ManifestPlace, prefix: Option<&str>, key: &str) -> Option<&FileRef> {
        self.at(place.source, &format!("{}{}", place.head, below(prefix, key)))
    }

    /// The data object with this key.
    pub(super) fn at(&self, source: usize, key: &str) -> Option<&FileRef> {
        self.data.get(&(source, Key::Other(key.into())))
    }

    /// The keys of one source whose last part equals that of a key, each with its file.
    pub(super) fn called_as(&self, source: usize, key: &str) -> impl Iterator<Item = (&str, &FileRef)> {
        let called = self
            .by_base
            .get_or_init(|| self.bases())
            .get(base(key))
            .into_iter()
            .flatten()
            .filter(move |(found, _)| *found == source);
        called.filter_map(|place| Some((place.1.as_str(), self.data.get(place)?)))
    }

    /// Only moved archives need it, so that others don't pay for it.
    fn bases(&self) -> HashMap<String, Vec<(usize, Key)>> {
        let mut bases: HashMap<String, Vec<(usize, Key)>> = HashMap::new();
        for (source, key) in self.data.keys() {
            bases.entry(base(key.as_str()).to_owned()).or_default().push((*source, key.clone()));
        }
        bases
    }

    fn take_source(&mut self, index: usize, source: &dyn Source) -> Result<(), SourceError> {
        let mut encoded: Vec<(Found, String)> = Vec::new();
        for mut found in source.list()? {
            found.key.shrink_to_fit();
            if let Some(what) = strangers::of_key(&found.key) {
                self.strangers.add(Stranger { key: found.key, what });
            } else if let Some(key) = decoded(&found.key) {
                encoded.push((found, key));
            } else {
                let real = source.real(&found.key);
                self.take(FileRef { source: index, found: Arc::new(found) }, None, &real);
            }
        }
        // A name that is literally a key takes precedence over one that decodes to the same key.
        for (found, key) in encoded {
            let real = source.real(&found.key);
            let key = Some(key).filter(|key| !self.has(index, key));
            self.take(FileRef { source: index, found: Arc::new(found) }, key, &real);
        }
        source.passed_over().into_iter().for_each(|stranger| self.strangers.add(stranger));
        Ok(())
    }

    fn has(&self, source: usize, key: &str) -> bool {
        match Name::of(key) {
            Name::Data(_) => self.at(source, key).is_some(),
            Name::Started { export_id } => {
                self.places.get(&place(source, key, &export_id)).is_some_and(|found| found.started.is_some())
            }
            Name::Completed { export_id, strand_id } => {
                let found = self.places.get(&place(source, key, &export_id));
                found.is_some_and(|found| found.completed.contains_key(&strand_id))
            }
            Name::Other => false,
        }
    }

    /// Takes a file, which may have been saved under a name other than its key.
    fn take(&mut self, file: FileRef, decoded_key: Option<String>, real: &Path) {
        let (source, reached) = (file.source, Arc::clone(&file.found));
        let key = decoded_key.as_ref().unwrap_or(&reached.key);
        let name = Name::of(key);
        if name == Name::Other {
            if is_lookalike(key) {
                self.lookalikes.push(file);
            } else {
                self.strangers.add(Stranger { key: file.found.key.clone(), what: strangers::OTHER });
            }
            return;
        }
        let place_and_name = [real.as_os_str().as_encoded_bytes(), b"\0", base(key).as_bytes()].concat();
        let file = self.first.entry(Hash::of(&place_and_name)).or_insert(file).clone();
        match name {
            Name::Started { export_id } => {
                self.places.entry(place(source, key, &export_id)).or_default().started = Some(file);
            }
            Name::Completed { export_id, strand_id } => {
                let manifests = self.places.entry(place(source, key, &export_id)).or_default();
                manifests.completed.insert(strand_id, file);
            }
            Name::Data(_) => {
                let key = decoded_key.map_or(Key::Own(reached), |key| Key::Other(key.into()));
                self.data.insert((source, key), file);
            }
            Name::Other => {}
        }
    }

    /// Merges places whose manifests are the same files into one export.
    fn join_linked(&mut self) {
        let places: Vec<ManifestPlace> = self.places.keys().cloned().collect();
        for place in places {
            let Some(manifests) = self.places.get(&place) else { continue };
            let is_whole =
                |other: &&ManifestPlace| self.places.get(*other).is_some_and(|others| manifests.are_among(others));
            let home = homes(&place, manifests).find(|home| *home != place && is_whole(&home));
            if let Some(home) = home {
                self.places.remove(&place);
                if let Some(manifests) = self.places.get_mut(&home) {
                    manifests.linked_from.push(place);
                }
            }
        }
    }
}

/// The places in which the manifests of a place were reached first.
fn homes(of: &ManifestPlace, manifests: &Manifests) -> impl Iterator<Item = ManifestPlace> {
    let files = manifests.completed.values().chain(&manifests.started);
    files.map(|file| {
        let key = decoded(&file.found.key).unwrap_or_else(|| file.found.key.clone());
        place(file.source, &key, &of.export_id)
    })
}

/// The place of a manifest. The export's id is the last part of its name, except for a strand's.
fn place(source: usize, key: &str, export_id: &str) -> ManifestPlace {
    let start = key.len() - base(key).len();
    let name = base(key);
    let end = name.strip_suffix(".completed.manifest").and_then(|rest| rest.rsplit_once('.')).map(|(end, _)| end);
    let end = end.or_else(|| name.strip_suffix(".started.manifest")).unwrap_or(name);
    let head = start + end.len().saturating_sub(export_id.len());
    ManifestPlace { source, head: key.get(..head).unwrap_or_default().to_owned(), export_id: export_id.to_owned() }
}
