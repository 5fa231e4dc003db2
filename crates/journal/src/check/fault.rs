//! What does not agree in a block.

use crate::{Hash, shown};

/// What a fault speaks against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The block's own hashes.
    Blocks,
    /// What the block holds.
    Contents,
}

/// What kind of fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// Something is not what its hash, or another place, says.
    Differs,
    /// Something has a form that QLDB does not write, so that others may read it in another way.
    Unlike,
}

/// One thing that does not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockFault {
    /// What it speaks against.
    pub level: Level,
    /// The field of the block.
    pub field: String,
    /// What was expected there; hashes in base64.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// Whether it differs, or keeps something from being proved without being wrong by itself.
    pub kind: FaultKind,
}

impl BlockFault {
    pub(super) fn new(
        level: Level,
        field: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self { level, field: field.into(), expected: expected.into(), found: found.into(), kind: FaultKind::Differs }
    }

    /// A form that QLDB does not write.
    pub(super) fn unlike(field: impl Into<String>, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { kind: FaultKind::Unlike, ..Self::new(Level::Blocks, field, expected, found) }
    }

    /// A field that QLDB does not write: it may have been one that a hash covers.
    pub(super) fn unknown_field(field: String) -> Self {
        let fault = Self::new(Level::Contents, field, "a field that QLDB writes", "another name");
        Self { kind: FaultKind::Unlike, ..fault }
    }

    pub(super) fn hashes(level: Level, field: impl Into<String>, expected: Option<Hash>, found: Option<Hash>) -> Self {
        Self::new(level, field, shown(expected), shown(found))
    }

    /// A part whose hash is not in the list of entries.
    pub(super) fn absent_entry(level: Level, field: &str, computed: Option<Hash>) -> Self {
        Self::new(level, field, "a hash that entriesHashList holds", shown(computed))
    }
}
