//! What a listing reported about each object, in few bytes: an archive may have millions. For the
//! source, whose listing has the keys already.

use std::hash::{BuildHasher as _, RandomState};

use crate::store::s3::object::Version;

/// Ends a tag. No header, and so no tag, can contain it.
const END: char = '\0';

/// Versions of objects by key.
#[derive(Default)]
pub(super) struct Versions {
    hasher: RandomState,
    /// By a hash of the key, in this order once they are sorted.
    listed: Vec<Listed>,
    /// The tags, concatenated.
    tags: String,
}

struct Listed {
    key: u64,
    size: Option<u64>,
    /// Where the tag begins.
    tag: usize,
}

impl Versions {
    /// Adds an object.
    pub(super) fn add(&mut self, key: &str, version: &Version) {
        self.listed.push(Listed { key: self.hasher.hash_one(key), size: version.size, tag: self.tags.len() });
        self.tags.push_str(version.tag.as_deref().unwrap_or_default());
        self.tags.push(END);
    }

    /// Sorts them; before that, none is found.
    pub(super) fn sort(&mut self) {
        self.listed.sort_by_key(|one| one.key);
        self.listed.shrink_to_fit();
        self.tags.shrink_to_fit();
    }

    /// What the listing reported about an object; if it listed the object twice, the last report. An object mistaken
    /// for another would have another tag, and would not be read.
    pub(super) fn get(&self, key: &str) -> Option<Version> {
        let wanted = self.hasher.hash_one(key);
        let behind = self.listed.partition_point(|one| one.key <= wanted);
        let listed = self.listed.get(behind.checked_sub(1)?).filter(|one| one.key == wanted)?;
        let tag = self.tags.get(listed.tag..)?.split(END).next().filter(|tag| !tag.is_empty());
        Some(Version { tag: tag.map(str::to_owned), size: listed.size })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_entry_for_a_key_counts() {
        let version = |tag: Option<&str>, size| Version { tag: tag.map(str::to_owned), size };
        let said = [
            ("b", version(Some("\"1\""), Some(1))),
            ("a", version(None, Some(2))),
            ("c", version(Some("\"3-4\""), None)),
            ("b", version(Some("\"5\""), Some(5))),
        ];
        let mut versions = Versions::default();
        said.iter().for_each(|(key, version)| versions.add(key, version));
        versions.sort();
        for (key, version) in &said[1..] {
            assert_eq!(versions.get(key).as_ref(), Some(version), "{key}");
        }
        assert_eq!(versions.get("d"), None);
    }
}
