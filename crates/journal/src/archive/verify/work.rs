//! The objects to check, each once, in the order of the archive, and the exports that list each.
//! For the verification of archives, which may have millions of them: only the position of each in
//! its export is kept.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::listers::Listers;
use crate::archive::find::{Archive, DataObject, FoundExport};
use crate::archive::source::Found;

/// The objects of an archive.
pub(super) struct Work<'a> {
    archive: &'a Archive,
    listers: Vec<Listers<'a>>,
    places: Vec<Place>,
}

/// Identifies an object by an export and its number there. No archive in memory has so many objects that numbers of
/// 32 bits would not suffice.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// The first export that lists it.
    export: u32,
    /// Its number among the objects of that export.
    object: u32,
    /// The number of its set of listing exports.
    listers: u32,
}

/// The positions of the objects in their archive, and the exports that list each.
#[derive(Debug, Default)]
pub(super) struct Places {
    places: Vec<Place>,
    /// The numbers of the exports that list an object.
    numbers: Vec<Arc<[usize]>>,
}

fn short(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl<'a> Work<'a> {
    /// Every object once, in the order of the archive.
    pub(super) fn of(archive: &'a Archive) -> Self {
        let mut work = Self { archive, listers: Vec::new(), places: Vec::new() };
        let mut known: HashMap<*const Found, usize> = HashMap::new();
        let mut several: HashMap<Vec<usize>, u32> = HashMap::new();
        for (export, found) in archive.exports.iter().enumerate() {
            let alone = work.add_listers(&[export]);
            for (object, DataObject { file, .. }) in found.objects.iter().enumerate() {
                // An object that nothing else refers to is in no other export: usually no lookup is needed.
                match file.is_shared().then(|| known.entry(file.address())) {
                    Some(Entry::Occupied(known)) => work.add_lister(*known.get(), export, &mut several),
                    place => {
                        if let Some(Entry::Vacant(place)) = place {
                            place.insert(work.places.len());
                        }
                        work.places.push(Place { export: short(export), object: short(object), listers: alone });
                    }
                }
            }
        }
        work.places.shrink_to_fit();
        work
    }

    fn add_listers(&mut self, numbers: &[usize]) -> u32 {
        self.listers.push(Listers::of(self.archive, numbers));
        short(self.listers.len() - 1)
    }

    /// Another export lists a known object.
    fn add_lister(&mut self, index: usize, export: usize, several: &mut HashMap<Vec<usize>, u32>) {
        let numbers = [&*self.listers(index).numbers, &[export]].concat();
        let known = several.get(&numbers).copied();
        let listers = known.unwrap_or_else(|| self.add_listers(&numbers));
        several.insert(numbers, listers);
        if let Some(place) = self.places.get_mut(index) {
            place.listers = listers;
        }
    }

    /// The number of objects.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// Their sizes.
    pub(super) fn sizes(&self) -> impl Iterator<Item = u64> + Clone + '_ {
        (0..self.len()).map(|index| self.object(index).file.found.size)
    }

    /// The number of objects, and their bytes.
    pub(super) fn total(&self) -> (u64, u64) {
        (self.len() as u64, self.sizes().sum())
    }

    /// An object.
    #[allow(clippy::indexing_slicing, reason = "places of the archive itself")]
    pub(super) fn object(&self, index: usize) -> &'a DataObject {
        let Place { export, object, .. } = self.places[index];
        &self.archive.exports[export as usize].objects[object as usize]
    }

    /// The exports that list an object.
    #[allow(clippy::indexing_slicing, reason = "the numbers of `listers` itself")]
    pub(super) fn listers(&self, index: usize) -> &Listers<'a> {
        &self.listers[self.places[index].listers as usize]
    }

    /// What remains when everything was checked.
    pub(super) fn into_places(self) -> Places {
        let numbers = self.listers.into_iter().map(|listers| listers.numbers).collect();
        Places { places: self.places, numbers }
    }
}

impl Places {
    /// The number of objects.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// An object, with the numbers of the exports that list it.
    pub(super) fn get<'a>(&'a self, exports: &'a [FoundExport], index: usize) -> Option<(&'a DataObject, &'a [usize])> {
        let Place { export, object, listers } = *self.places.get(index)?;
        let object = exports.get(export as usize)?.objects.get(object as usize)?;
        Some((object, self.numbers.get(listers as usize)?))
    }
}
