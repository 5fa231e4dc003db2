//! Which exports list an object. Usually it is one, which also lists thousands of other objects, so
//! what follows from it is computed once and shared. For the verification of archives, and for the
//! states that it records.

use std::sync::Arc;

use crate::Hash;
use crate::archive::find::{Archive, FoundExport};

/// The exports that list an object.
pub(super) struct Listers<'a> {
    /// Their indexes in the archive.
    pub(super) numbers: Arc<[usize]>,
    pub(super) exports: Vec<&'a FoundExport>,
    /// Their ids, as they appear in the lines of states.
    pub(super) ids: String,
    /// A hash over all of their manifests, which determine what is expected of the object.
    pub(super) manifests: String,
}

impl<'a> Listers<'a> {
    pub(super) fn of(archive: &'a Archive, numbers: &[usize]) -> Self {
        let exports: Vec<&FoundExport> = numbers.iter().filter_map(|number| archive.exports.get(*number)).collect();
        let ids: Vec<&str> = exports.iter().map(|export| export.id.as_str()).collect();
        let (ids, manifests) = (ids.join(" "), hash_of_manifests(&exports));
        Self { numbers: numbers.into(), exports, ids, manifests }
    }
}

fn hash_of_manifests(exports: &[&FoundExport]) -> String {
    let hashes = exports.iter().flat_map(|export| &export.manifests).map(|(_, hash)| *hash);
    let mut hashes: Vec<Hash> = hashes.collect();
    hashes.sort_unstable_by_key(|hash| *hash.as_bytes());
    Hash::of(&hashes.iter().flat_map(|hash| *hash.as_bytes()).collect::<Vec<u8>>()).to_base64()
}
