//! Mismatches in a block.

use crate::{Hash, shown};

/// The number of bytes of a text that are shown. The texts of a block may be as long as the block, and a fault repeats
/// them.
const LONGEST_SHOWN: usize = 512;

/// What a fault counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultLevel {
    /// The block's own hashes.
    Blocks,
    /// The contents of the block.
    Contents,
}

/// What kind of fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// Something does not match its hash, or another part of the block.
    Differs,
    /// Something has a form that QLDB does not write, so that other programs may read it differently.
    Unlike,
}

/// One mismatch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockFault {
    /// What it counts against.
    pub level: FaultLevel,
    /// The field of the block.
    pub field: String,
    /// The expected value; hashes are in base64.
    pub expected: String,
    /// The value found.
    pub found: String,
    /// Whether it is a mismatch, or only prevents something from being proved.
    pub kind: FaultKind,
}

impl BlockFault {
    pub(super) fn new(
        level: FaultLevel,
        field: impl AsRef<str>,
        expected: impl AsRef<str>,
        found: impl AsRef<str>,
    ) -> Self {
        let [field, expected, found] = [field.as_ref(), expected.as_ref(), found.as_ref()].map(shortened);
        Self { level, field, expected, found, kind: FaultKind::Differs }
    }

    /// Something in another form than QLDB writes.
    pub(super) fn of_form(field: &str, found: &str) -> Self {
        Self { kind: FaultKind::Unlike, ..Self::new(FaultLevel::Blocks, field, "the form that QLDB writes", found) }
    }

    /// Annotations where QLDB writes none.
    pub(super) fn annotated(field: &str) -> Self {
        Self::of_form(field, "an annotation")
    }

    /// A field that QLDB does not write: it may have been one that a hash covers.
    pub(super) fn unknown_field(field: String) -> Self {
        let fault = Self::new(FaultLevel::Contents, field, "a field that QLDB writes", "another name");
        Self { kind: FaultKind::Unlike, ..fault }
    }

    pub(super) fn hashes(
        level: FaultLevel,
        field: impl AsRef<str>,
        expected: Option<Hash>,
        found: Option<Hash>,
    ) -> Self {
        Self::new(level, field, shown(expected), shown(found))
    }

    /// A part whose hash is not in the list of entries.
    pub(super) fn absent_entry(level: FaultLevel, field: &str, computed: Option<Hash>) -> Self {
        Self::new(level, field, "a hash that entriesHashList holds", shown(computed))
    }
}

fn shortened(text: &str) -> String {
    match text.get(..text.floor_char_boundary(LONGEST_SHOWN)) {
        Some(start) if start.len() < text.len() => format!("{start}…"),
        _ => text.to_owned(),
    }
}

/// The number of faults that are kept for one block; the rest are counted.
const MOST_FAULTS: usize = 256;

/// The faults of one block.
#[derive(Debug, Default)]
pub(super) struct Faults {
    kept: Vec<BlockFault>,
    omitted: u64,
}

impl Faults {
    /// Adds one. No fault stands for another of a different level or kind, so that something of each is kept.
    pub(super) fn push(&mut self, fault: BlockFault) {
        let is_alike = |other: &BlockFault| (other.level, other.kind) == (fault.level, fault.kind);
        if self.kept.len() < MOST_FAULTS || !self.kept.iter().any(is_alike) {
            self.kept.push(fault);
        } else {
            self.omitted += 1;
        }
    }

    /// All of them; the omitted ones as one.
    pub(super) fn into_list(mut self) -> Vec<BlockFault> {
        if let Some(last) = self.kept.last().filter(|_| self.omitted > 0) {
            let found = format!("{} more", self.omitted);
            let more = BlockFault { found, field: "block".to_owned(), expected: "none".to_owned(), ..last.clone() };
            self.kept.push(more);
        }
        self.kept
    }
}
