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
    others: Vec<Other>,
    /// The tags of the others, concatenated.
    tags: String,
}

struct Listed {
    key: u64,
    said: Said,
}

enum Said {
    /// Almost always: fewer than 4 GiB, and a tag as in [`Short`].
    Short(u32, Short),
    /// Everything else, by its number among the others.
    Other(u32),
}

/// A tag as S3 makes it: in quotes, 16 bytes in hexadecimal and, after an upload in parts, their number.
#[derive(Clone, Copy)]
struct Short {
    hash: [u8; 16],
    /// 0 if it was not uploaded in parts.
    parts: u16,
}

struct Other {
    size: Option<u64>,
    /// Where the tag begins.
    tag: usize,
}

impl Versions {
    /// Adds an object.
    pub(super) fn add(&mut self, key: &str, version: &Version) {
        let short = version.tag.as_deref().and_then(Short::of);
        let size = version.size.and_then(|size| u32::try_from(size).ok());
        let said = size.zip(short).map(|(size, short)| Said::Short(size, short));
        let said = said.unwrap_or_else(|| self.add_other(version));
        self.listed.push(Listed { key: self.hasher.hash_one(key), said });
    }

    fn add_other(&mut self, version: &Version) -> Said {
        // A listing in memory never has so many that 32 bits would not suffice.
        let number = u32::try_from(self.others.len()).unwrap_or(u32::MAX);
        self.others.push(Other { size: version.size, tag: self.tags.len() });
        self.tags.push_str(version.tag.as_deref().unwrap_or_default());
        self.tags.push(END);
        Said::Other(number)
    }

    /// Sorts them; before that, none is found.
    pub(super) fn sort(&mut self) {
        self.listed.sort_by_key(|one| one.key);
        self.listed.shrink_to_fit();
        self.others.shrink_to_fit();
        self.tags.shrink_to_fit();
    }

    /// What the listing reported about an object; if it listed the object twice, the last report. An object mistaken
    /// for another would have another tag, and would not be read.
    pub(super) fn get(&self, key: &str) -> Option<Version> {
        let wanted = self.hasher.hash_one(key);
        let behind = self.listed.partition_point(|one| one.key <= wanted);
        let listed = self.listed.get(behind.checked_sub(1)?).filter(|one| one.key == wanted)?;
        match listed.said {
            Said::Short(size, short) => Some(Version { tag: Some(short.text()), size: Some(size.into()) }),
            Said::Other(number) => {
                let other = self.others.get(usize::try_from(number).ok()?)?;
                let tag = self.tags.get(other.tag..)?.split(END).next().filter(|tag| !tag.is_empty());
                Some(Version { tag: tag.map(str::to_owned), size: other.size })
            }
        }
    }
}

impl Short {
    fn of(tag: &str) -> Option<Self> {
        let inner = tag.strip_prefix('"')?.strip_suffix('"')?;
        let (hash, parts) = inner.split_once('-').unwrap_or((inner, "0"));
        let hash = u128::from_str_radix(hash, 16).ok()?.to_be_bytes();
        let short = Self { hash, parts: parts.parse().ok()? };
        // Anything else that reads the same, such as capital letters, must come back as it was.
        (short.text() == tag).then_some(short)
    }

    fn text(self) -> String {
        let hash = u128::from_be_bytes(self.hash);
        if self.parts == 0 { format!("\"{hash:032x}\"") } else { format!("\"{hash:032x}-{}\"", self.parts) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_entry_for_a_key_counts() {
        let version = |tag: Option<&str>, size| Version { tag: tag.map(str::to_owned), size };
        let short = |end: &str| format!("\"0123456789abcdef0123456789abcd{end}\"");
        let said = [
            ("b", version(Some("\"1\""), Some(1))),
            ("a", version(None, Some(2))),
            ("c", version(Some("\"3-4\""), None)),
            ("b", version(Some("\"5\""), Some(5))),
            ("whole", version(Some(&short("ef")), Some(6))),
            ("in parts", version(Some(&short("ef-10000")), Some(u32::MAX.into()))),
            ("large", version(Some(&short("ef")), Some(1 << 32))),
            ("without a size", version(Some(&short("ef")), None)),
            ("not of S3", version(Some(&short("EF")), Some(7))),
            ("too long", version(Some(&short("ef0")), Some(7))),
            ("too short", version(Some(&short("e")), Some(7))),
            ("with a sign", version(Some("\"+123456789abcdef0123456789abcdef\""), Some(7))),
            ("parts that are not a number of parts", version(Some(&short("ef-0")), Some(7))),
            ("parts with a zero", version(Some(&short("ef-07")), Some(7))),
            ("too many parts", version(Some(&short("ef-65536")), Some(7))),
            ("without quotes", version(Some("0123456789abcdef0123456789abcdef"), Some(7))),
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
