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
    /// Whether it keeps something from being proved without being wrong by itself.
    pub doubtful: bool,
}

impl BlockFault {
    pub(super) fn new(
        level: Level,
        field: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self { level, field: field.into(), expected: expected.into(), found: found.into(), doubtful: false }
    }

    /// A field that QLDB does not write: it may have been one that a hash covers.
    pub(super) fn unknown_field(field: String) -> Self {
        Self { doubtful: true, ..Self::new(Level::Contents, field, "a field that QLDB writes", "another name") }
    }

    pub(super) fn hashes(level: Level, field: impl Into<String>, expected: Option<Hash>, found: Option<Hash>) -> Self {
        Self::new(level, field, shown(expected), shown(found))
    }

    /// A part whose hash is not in the list of entries.
    pub(super) fn absent_entry(level: Level, field: &str, computed: Option<Hash>) -> Self {
        Self::new(level, field, "a hash that entriesHashList holds", shown(computed))
    }
}
