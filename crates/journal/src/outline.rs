//! The outline of a journal: blocks over time, and what happened by table.

use super::{CheckedBlock, RawBlock, Tables, Timeline};

/// What many blocks come to. Small however many there are; outlines of parts merge into that of the whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// Blocks over time.
    pub timeline: Timeline,
    /// Documents and revisions by table; nothing where only the heads of blocks were read.
    pub tables: Tables,
}

impl Outline {
    /// Adds a block, with its contents if they were read.
    pub fn add(&mut self, block: &RawBlock, contents: Option<&CheckedBlock>) {
        self.timeline.add(block.header.timestamp);
        let tables = contents.into_iter().flat_map(|contents| &contents.tables);
        tables.for_each(|(name, counts)| self.tables.add(name, counts));
    }

    /// Adds blocks that come later.
    pub fn merge(&mut self, later: &Self) {
        self.timeline.merge(&later.timeline);
        self.tables.merge(&later.tables);
    }
}
