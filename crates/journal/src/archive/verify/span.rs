//! A run of blocks that was checked, with what is needed to join it to its neighbours.

use chrono::{DateTime, Utc};

use crate::{Frontier, Hash};

/// Where a run of blocks begins and ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ends {
    /// The first block's number.
    pub first: u64,
    /// The last block's number.
    pub last: u64,
    /// The hash of the previous block, as the first block states it.
    pub first_previous: Option<Hash>,
    /// The last block's hash.
    pub last_hash: Hash,
}

/// What is needed of a run of blocks to join it with its neighbours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Where it begins and ends.
    pub ends: Ends,
    /// When the first block was committed.
    pub first_time: DateTime<Utc>,
    /// When the last block was committed.
    pub last_time: DateTime<Utc>,
    /// The tree over the blocks' hashes.
    pub frontier: Frontier,
    /// The tree up to each block for which something was saved elsewhere, if the block is here.
    pub to_tips: Vec<(u64, Frontier)>,
}

impl Span {
    /// Appends the following blocks.
    pub(super) fn extend(&mut self, next: Self) {
        for (tip, part) in next.to_tips {
            let mut to_tip = self.frontier.clone();
            to_tip.extend(&part);
            self.to_tips.push((tip, to_tip));
        }
        self.frontier.extend(&next.frontier);
        (self.ends.last, self.ends.last_hash, self.last_time) = (next.ends.last, next.ends.last_hash, next.last_time);
    }
}
