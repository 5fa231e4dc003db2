//! The files of the sources by kind: manifests by the place of their export, data objects by key,
//! and other files.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap, HashSet};
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

/// A data object under one of its keys.
pub(super) struct Named {
    /// The source that was listed.
    source: usize,
    key: Key,
    /// One that is reached by several names is one file under several keys.
    pub(super) file: FileRef,
}

impl Named {
    fn place(&self) -> (usize, &str) {
        (self.source, self.key.as_str())
    }
}

/// The files in the sources.
#[derive(Default)]
pub(super) struct Files {
    pub(super) places: BTreeMap<ManifestPlace, Manifests>,
    /// Data objects in the order of source and key. Not a map: with a million objects, its nodes would be placed
    /// between longer-lived allocations, and their memory could not be reused.
    pub(super) data: Vec<Named>,
    /// The numbers of the data objects in the order of their keys' last parts.
    by_base: OnceCell<Vec<usize>>,
    /// Files that are not files of an export by their names, but would be read as such, directly or once they are
    /// unpacked.
    pub(super) lookalikes: Vec<FileRef>,
    pub(super) strangers: Strangers,
    /// What was reached, in order, each with a hash of its location and name.
    reached: Vec<(Hash, FileRef)>,
}

impl Files {
    /// Lists the sources.
    pub(super) fn list(sources: &[Box<dyn Source>]) -> Result<Self, SourceError> {
        let mut files = Self::default();
        for (index, source) in sources.iter().enumerate() {
            files.take_source(index, source.as_ref())?;
        }
        files.unite_names();
        files.join_linked();
        Ok(files)
    }

    /// The file of a key, if it is below the manifest's own place exactly as it is below the prefix.
    pub(super) fn exact(&self, place: &ManifestPlace, prefix: Option<&str>, key: &str) -> Option<&FileRef> {
        self.at(place.source, &format!("{}{}", place.head, below(prefix, key)))
    }

    /// The data object with this key.
    pub(super) fn at(&self, source: usize, key: &str) -> Option<&FileRef> {
        let found = self.data.binary_search_by(|one| one.place().cmp(&(source, key))).ok()?;
        self.data.get(found).map(|one| &one.file)
    }

    /// The keys of one source whose last part equals that of a key, each with its file.
    pub(super) fn called_as(&self, source: usize, key: &str) -> impl Iterator<Item = (&str, &FileRef)> {
        let wanted = base(key);
        let of = |number: &usize| self.data.get(*number).map_or("", |one| base(one.key.as_str()));
        let numbers = self.by_base.get_or_init(|| self.in_order_of_bases());
        let begin = numbers.partition_point(|number| of(number) < wanted);
        let called = numbers.iter().skip(begin).take_while(move |number| of(number) == wanted);
        let named = called.filter_map(|number| self.data.get(*number));
        named.filter(move |one| one.source == source).map(|one| (one.key.as_str(), &one.file))
    }

    /// Only moved archives need it, so that others don't pay for it.
    fn in_order_of_bases(&self) -> Vec<usize> {
        let mut numbers: Vec<usize> = (0..self.data.len()).collect();
        numbers.sort_by_key(|number| self.data.get(*number).map(|one| base(one.key.as_str())));
        numbers
    }

    fn take_source(&mut self, index: usize, source: &dyn Source) -> Result<(), SourceError> {
        let mut encoded: Vec<(Found, Option<String>)> = Vec::new();
        let listed = source.list()?;
        self.data.reserve(listed.len());
        self.reached.reserve(listed.len());
        for mut found in consumed(listed) {
            found.key.shrink_to_fit();
            if let Some(what) = strangers::of_key(&found.key) {
                self.strangers.add(Stranger { key: found.key, what });
            } else if let Some(key) = decoded(&found.key) {
                encoded.push((found, Some(key)));
            } else {
                let real = source.real(&found.key);
                self.take(FileRef { source: index, found: Arc::new(found) }, None, &real);
            }
        }
        self.sort_data();
        // A name that is literally a key takes precedence over one that decodes to the same key.
        let mut decoded_keys = HashSet::new();
        encoded.retain_mut(|(_, key)| {
            let is_free = |key: &String| !self.has(index, key) && decoded_keys.insert(key.clone());
            *key = key.take().filter(is_free);
            true
        });
        for (found, key) in encoded {
            let real = source.real(&found.key);
            self.take(FileRef { source: index, found: Arc::new(found) }, key, &real);
        }
        self.sort_data();
        source.passed_over().into_iter().for_each(|stranger| self.strangers.add(stranger));
        Ok(())
    }

    /// Sorts the data objects. A store may list a key twice.
    fn sort_data(&mut self) {
        self.data.sort_by(|one, other| one.place().cmp(&other.place()));
        self.data.dedup_by(|later, earlier| later.place() == earlier.place());
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
        self.reached.push((Hash::of(&place_and_name), file.clone()));
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
                self.data.push(Named { source, key, file });
            }
            Name::Other => {}
        }
    }

    /// Merges what was reached under several names into one file, with the first of them.
    fn unite_names(&mut self) {
        let mut reached = std::mem::take(&mut self.reached);
        // The first stays first among equal ones.
        reached.sort_by(|(one, _), (other, _)| one.as_bytes().cmp(other.as_bytes()));
        let mut first_names: HashMap<*const Found, &FileRef> = HashMap::new();
        for same in reached.chunk_by(|(one, _), (other, _)| one == other) {
            if let [(_, first), others @ ..] = same {
                first_names.extend(others.iter().map(|(_, other)| (other.address(), first)));
            }
        }
        if first_names.is_empty() {
            return;
        }
        let manifests =
            self.places.values_mut().flat_map(|one| one.started.iter_mut().chain(one.completed.values_mut()));
        for file in manifests.chain(self.data.iter_mut().map(|one| &mut one.file)) {
            if let Some(first) = first_names.get(&file.address()) {
                *file = (*first).clone();
            }
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

/// How many elements of a consumed list are kept although they are no longer needed, at most.
const RELEASED: usize = 1 << 14;

/// Passes on the elements of a list, and returns their memory meanwhile: with a million objects, the listing would
/// otherwise be there twice.
fn consumed<T>(mut list: Vec<T>) -> impl Iterator<Item = T> {
    list.reverse();
    std::iter::from_fn(move || {
        if list.len().is_multiple_of(RELEASED) {
            list.shrink_to_fit();
        }
        list.pop()
    })
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
