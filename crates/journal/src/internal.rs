//! Items for the other crates of this repository, which are released together with this one. They
//! are not stable: they may change or disappear in any release.

pub use crate::append::append_whole;
pub use crate::build::{Change, NewBlock, Statement};
pub use crate::check::{
    BlockFault, BlockRun, CheckedBlock, Checker, Counts, Depth, FaultKind, FaultLevel, Judged, RevisionFact, check,
};
pub use crate::hash::{dot, dot_optional, merkle_root, merkle_root_optional, shown};
pub use crate::merkle::{Frontier, FrontierPart};
pub use crate::notable::{Notable, NotableKind, NotableList, NotableRevision};
pub use crate::outline::Outline;
pub use crate::parallel::{Helpers, run_tasks};
pub use crate::pieces::{Piece, PieceEnd, Pieces};
pub use crate::proof::{
    BlockAddress, BlockParts, ProofError, RevisionInBlock, RevisionParts, SavedBlock, SavedRevision, address_from_text,
    block_answer, block_from_text, block_text, digest_answer, find_revision, proof_from_text, proof_text,
    revision_answer, revision_from_text, revisions_of,
};
pub use crate::revisions::{LastRevision, last_revisions};
pub use crate::spare::Spare;
pub use crate::tables::{TableCounts, Tables};
pub use crate::timeline::Timeline;
pub use crate::transcode::{TranscodedBytes, Transcoder};

/// The Merkle tree over the hashes of blocks.
pub mod merkle {
    pub use crate::merkle::{Paths, fold_proof, path, path_length, path_lengths};
}

/// SHA-256 of many inputs at once.
pub mod sha256 {
    pub use crate::sha256::*;
}
