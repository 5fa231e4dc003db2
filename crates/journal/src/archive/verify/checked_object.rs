//! The result of checking one object. For the check, for those who keep the result, and for the
//! report.

use super::Span;
use crate::archive::finding::Breaks;
use crate::{Counts, Hash, Notable, Outline};

/// The result of checking one object.
#[derive(Debug, Clone, Default)]
pub struct CheckedObject {
    /// The blocks, if there are any and their numbers are consecutive.
    pub span: Option<Span>,
    /// How many blocks there are.
    pub blocks: u64,
    /// Totals over all objects, which are not kept for each. Passed on when the object is done.
    pub(super) seen: Option<Box<Seen>>,
    /// The first block that the outline may contain: earlier ones are in the outline of another object that also holds
    /// them.
    pub outlined_from: u64,
    /// Whether the object is JSON.
    pub json: bool,
    /// What is wrong.
    pub breaks: Breaks,
    /// The SHA-256 of the object's bytes, if it was asked for.
    pub sha256: Option<Hash>,
    /// The hash of every block, if other exports hold some of the same blocks.
    pub hashes: Vec<Hash>,
}

/// What is collected from the blocks of an object and reported for all objects together.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// What their contents prove.
    pub(super) counts: Counts,
    /// Blocks over time and revisions by table, for the blocks from [`CheckedObject::outlined_from`] on.
    pub(super) outline: Outline,
    /// The revisions that reports list, for the same blocks.
    pub(super) notable: Notable,
}

impl Seen {
    /// Appends what was collected next.
    pub(super) fn merge(&mut self, next: Self) {
        self.counts += next.counts;
        self.outline.merge(&next.outline);
        self.notable.merge(next.notable);
    }
}
