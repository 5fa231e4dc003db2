//! What the names of an export's objects say (FACTS 3.1). The counterpart of
//! the keys that an export is written under.

use crate::journal::Encoding;
use crate::request::UniqueId;

const STARTED: &str = ".started.manifest";
const COMPLETED: &str = ".completed.manifest";

/// What a key is, by its last part.
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
    /// Nothing of an export.
    Other,
}

/// What the name of a data object says of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataName {
    /// The strand.
    pub strand_id: String,
    /// The first block.
    pub first: u64,
    /// The last block, inclusive.
    pub last: u64,
    /// Ion of either form is said to be text here; the bytes tell.
    pub encoding: Encoding,
}

impl Name {
    /// Reads a key.
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
        let strand_id = UniqueId::parse(strand_id).ok()?.to_string();
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

/// The id at the end of a name: a prefix without a final slash stands before it.
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
