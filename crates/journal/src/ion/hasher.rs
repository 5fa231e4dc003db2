//! Ion Hash of one value at a time; see [`super::hashing`] for many.

use super::hashing::Hashing;
use super::{IonError, Item, Reader};
use crate::Hash;

/// Hashes values, item by item.
#[derive(Debug, Default)]
pub struct IonHasher {
    hashing: Hashing,
}

impl IonHasher {
    /// Takes the next item. Returns the hash when the outermost value has ended.
    pub fn write(&mut self, item: &Item<'_>) -> Option<Hash> {
        let later = self.hashing.write(item)?;
        self.hashing.resolve();
        let hash = self.hashing.digest(later);
        self.hashing.clear();
        Some(hash)
    }
}

/// The Ion hash of the next value of a reader; `None` at the end.
pub fn hash_of(reader: &mut Reader<'_>) -> Result<Option<Hash>, IonError> {
    let mut hasher = IonHasher::default();
    while let Some(item) = reader.next_item()? {
        if let Some(hash) = hasher.write(&item) {
            return Ok(Some(hash));
        }
    }
    Ok(None)
}
