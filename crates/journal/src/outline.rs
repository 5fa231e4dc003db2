//! The outline of a journal: blocks over time, and what happened by table.

use super::{CheckedBlock, Judged, RawBlock, Tables, Timeline};

/// A summary of many blocks. Small however many there are; the outlines of parts merge into that of the whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// Blocks over time.
    pub timeline: Timeline,
    /// Documents and revisions by table; empty if only the heads of blocks were read.
    pub tables: Tables,
}

impl Outline {
    /// Adds a block, with its contents if they were read.
    pub fn add(&mut self, block: &RawBlock, contents: Option<&CheckedBlock>) {
        self.timeline.add(block.header.timestamp);
        if let Some(contents) = contents {
            self.tables.merge(&contents.tables);
        }
    }

    /// Adds a block in the form in which a checker returns it.
    pub fn add_judged(&mut self, block: &Judged<'_>) {
        self.timeline.add(block.timestamp);
        block.add_to(&mut self.tables);
    }

    /// Adds later blocks.
    pub fn merge(&mut self, later: &Self) {
        self.timeline.merge(&later.timeline);
        self.tables.merge(&later.tables);
    }
}
