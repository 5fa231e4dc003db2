//! What the names of an export's objects mean (docs/qldb.md 3.1): the inverse of the keys that an
//! export is written under.

use std::sync::Arc;

use super::strangers;
use crate::Encoding;
use crate::request::UniqueId;

const STARTED: &str = ".started.manifest";
const COMPLETED: &str = ".completed.manifest";

/// What a key is, according to its last part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Name {
    /// The manifest that is written first.
    Started {
        /// The export.
        export_id: String,
    },
    /// The manifest that is written last.
    Completed {
        /// The export.
        export_id: String,
        /// The strand whose objects it lists.
        strand_id: String,
    },
    /// A data object.
    Data(DataName),
    /// Not part of an export.
    Other,
}

/// What an object that can belong to an export is, according to its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A manifest.
    Manifest,
    /// A data object.
    Data,
}

impl Kind {
    /// Parses a key; `None` if no export has such an object.
    pub fn of(key: &str) -> Option<Self> {
        match Name::of(key) {
            _ if strangers::of_key(key).is_some() => None,
            Name::Started { .. } | Name::Completed { .. } => Some(Self::Manifest),
            Name::Data(_) => Some(Self::Data),
            Name::Other => None,
        }
    }

    /// Whether an object leaves an archive unproved although no export has such a key: read directly, unpacked or under
    /// its decoded name, it would be taken for an export's object.
    #[doc(hidden)]
    pub fn is_lookalike(key: &str) -> bool {
        strangers::of_key(key).is_none() && Name::of(key) == Name::Other && is_lookalike(key)
    }
}

/// What the name of a data object says about its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataName {
    /// The strand; objects of one manifest share it.
    pub strand_id: Arc<str>,
    /// The first block.
    pub first: u64,
    /// The last block, inclusive.
    pub last: u64,
    /// Either form of Ion counts as text here; the bytes show which it is.
    pub encoding: Encoding,
}

impl Name {
    /// Parses a key.
    pub(super) fn of(key: &str) -> Self {
        let name = base(key);
        let started = name.strip_suffix(STARTED).and_then(export_id);
        if let Some(export_id) = started {
            return Self::Started { export_id };
        }
        let completed = name.strip_suffix(COMPLETED).and_then(|rest| rest.rsplit_once('.'));
        if let Some((export, strand)) = completed {
            let strand = UniqueId::parse(strand).ok().map(|id| id.to_string());
            return match (export_id(export), strand) {
                (Some(export_id), Some(strand_id)) => Self::Completed { export_id, strand_id },
                _ => Self::Other,
            };
        }
        DataName::of(name).map_or(Self::Other, Self::Data)
    }
}

impl DataName {
    fn of(name: &str) -> Option<Self> {
        let (stem, extension) = name.rsplit_once('.')?;
        let (strand_id, range) = stem.rsplit_once('.')?;
        let (first, last) = range.split_once('-')?;
        let encoding = match extension {
            "ion" => Encoding::IonText,
            "json" => Encoding::Json,
            _ => return None,
        };
        let strand_id = UniqueId::parse(strand_id).ok()?.as_str().into();
        Some(Self { strand_id, first: number(first)?, last: number(last)?, encoding })
    }
}

fn number(digits: &str) -> Option<u64> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

/// The last part of a key.
pub(super) fn base(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or(key)
}

/// Everything before the last part of a key.
pub(super) fn folder(key: &str) -> &str {
    key.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The key that a tool saved under a name with slashes written as `%2F`; `None` if it did not.
pub(super) fn decoded(key: &str) -> Option<String> {
    let name = base(key);
    if !name.contains("%2F") && !name.contains("%2f") {
        return None;
    }
    let name = percent_encoding::percent_decode_str(name).decode_utf8().ok()?;
    let key = if key.contains('/') { format!("{}/{name}", folder(key)) } else { name.into_owned() };
    (Name::of(&key) != Name::Other).then_some(key)
}

/// The part of a data object's key after the prefix: the hour's folder and the name. `None` if the key has no hour's
/// folder.
pub(super) fn below_prefix(key: &str) -> Option<&str> {
    const YEAR: usize = 4;
    let mut parts = key.rsplitn(5, '/');
    let name = parts.next()?;
    let [hour, day, month, year] = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    // A prefix that does not end in a slash runs into the year.
    let year = year.rsplit('/').next()?;
    let year = year.get(year.len().checked_sub(YEAR)?..)?;
    let is_hour = digits(year, YEAR) && [month, day, hour].iter().all(|part| digits(part, 2));
    let length = YEAR + "/MM/dd/HH/".len() + name.len();
    key.get(key.len().checked_sub(length)?..).filter(|_| is_hour)
}

/// The name of the content of a packed file, by its extension; `None` if it has none of these extensions.
fn unpacked(name: &str) -> Option<&str> {
    [".gz", ".zst", ".bz2", ".xz", ".lz4", ".zip"].iter().find_map(|extension| name.strip_suffix(extension))
}

/// Whether a key names a packed file of an export.
pub(super) fn is_packed(key: &str) -> bool {
    unpacked(key).is_some_and(|key| Name::of(key) != Name::Other)
}

/// Whether a file that no export has by its name would be taken for an export's file: directly, unpacked or under its
/// decoded name.
pub(super) fn is_lookalike(key: &str) -> bool {
    looks_like_data(key) || decoded(key).is_some() || is_packed(key)
}

/// Whether a reader of the whole hour's folder would take a file for a data object that is not one.
fn looks_like_data(key: &str) -> bool {
    let name = base(key).to_ascii_lowercase();
    let name = unpacked(&name).unwrap_or(&name);
    let hidden = name.starts_with(['.', '_']);
    let is_data = [".ion", ".10n", ".json"].iter().any(|extension| name.ends_with(extension));
    is_data && !hidden && below_prefix(key).is_some()
}

/// The id at the end of a name: a prefix without a final slash precedes it.
fn export_id(name: &str) -> Option<String> {
    let start = name.len().checked_sub(UniqueId::LENGTH)?;
    UniqueId::parse(name.get(start..)?).ok().map(|id| id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPORT: &str = "8UyXulxccYLAsbN1aon7e4";
    const STRAND: &str = "JdxjkR9bSYB5jMHWcI464T";

    #[test]
    fn names_are_read_with_a_prefix_that_ends_in_a_slash_or_does_not() {
        for prefix in ["", "a/b/", "journalExport", "dotted.prefix."] {
            let started = Name::Started { export_id: EXPORT.into() };
            assert_eq!(Name::of(&format!("{prefix}{EXPORT}.started.manifest")), started);
            let completed = Name::Completed { export_id: EXPORT.into(), strand_id: STRAND.into() };
            assert_eq!(Name::of(&format!("{prefix}{EXPORT}.{STRAND}.completed.manifest")), completed);
        }
    }

    #[test]
    fn a_data_object_s_name_holds_its_range() {
        let name = Name::of(&format!("p/2019/04/15/22/{STRAND}.2147483648-9223372036854775807.json"));
        let Name::Data(name) = name else { panic!("{name:?}") };
        assert_eq!((name.first, name.last, name.encoding), (2_147_483_648, 9_223_372_036_854_775_807, Encoding::Json));
    }

    #[test]
    fn encoded_slashes_are_decoded_in_an_export_s_name() {
        let saved = format!("x/exports%2F2024%2f03%2F31%2F12%2F{STRAND}.0-3.ion");
        assert_eq!(decoded(&saved).unwrap(), format!("x/exports/2024/03/31/12/{STRAND}.0-3.ion"));
        assert_eq!(decoded(&format!("a%2F{EXPORT}.started.manifest")).unwrap(), format!("a/{EXPORT}.started.manifest"));
        for other in [format!("a%2Fb/{STRAND}.0-3.ion"), format!("{STRAND}.0-3.ion"), "a%2Fb".into(), "%FF%2Fb".into()]
        {
            assert_eq!(decoded(&other), None, "{other}");
        }
    }

    #[test]
    fn the_part_below_the_prefix_is_found_from_the_end() {
        for prefix in ["", "p/", "/", "p//", "glued", "2020/01/01/00/", "é"] {
            let key = format!("{prefix}2024/03/31/12/x.ion");
            assert_eq!(below_prefix(&key), Some("2024/03/31/12/x.ion"), "{key}");
        }
        for other in ["x.ion", "2024/03/31/x.ion", "2024/03/31/1/x.ion", "é24/03/31/12/x.ion", "/03/31/12/x", ""] {
            assert_eq!(below_prefix(other), None, "{other}");
        }
    }

    #[test]
    fn data_under_other_names_is_told_among_data() {
        for name in ["evil.ion", "x.JSON", "x (1).ion", "x.ion.gz", "x.10n"] {
            assert!(looks_like_data(&format!("p/2024/03/31/12/{name}")), "{name}");
            assert!(!looks_like_data(name), "{name}");
        }
        for name in ["README.md", ".x.ion", "_SUCCESS", "_x.json", "x.ion.md5"] {
            assert!(!looks_like_data(&format!("p/2024/03/31/12/{name}")), "{name}");
        }
    }

    #[test]
    fn other_names_are_nothing_of_an_export() {
        for key in [
            "README.md",
            "x.started.manifest",
            ".completed.manifest",
            "a.1-2.ion",
            "JdxjkR9bSYB5jMHWcI464T.1-x.ion",
            "",
        ] {
            assert_eq!(Name::of(key), Name::Other, "{key}");
        }
    }
}
