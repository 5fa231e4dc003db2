//! What a revision by itself proves. For the check of revisions, and for saved responses.

use super::BlockFault;
use crate::Hash;

/// A revision by itself: the hash that it states, and what does not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionFact {
    /// The hash that the revision states.
    pub hash: Hash,
    /// Its position, as stated in the revision; no hash covers this.
    pub address: Option<(String, u64)>,
    /// Whether the hash follows from data and metadata; false for deleted and hash-only revisions.
    pub proved: bool,
    /// What does not agree.
    pub faults: Vec<BlockFault>,
}
