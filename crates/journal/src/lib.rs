//! What a journal is: blocks, revisions, their Ion forms, hashes, the chain
//! and the Merkle tree; and on top of that what an export of one asks for
//! ([`request`]) and leaves behind ([`archive`]).
//!
//! No network and no async runtime; nothing but [`archive`] reads a disk. Blocks travel as [`RawBlock`], bytes plus the
//! little that selection needs; what happens to one is a copy, a transcoding
//! or a check over those bytes.

pub mod archive;
mod block;
mod build;
mod check;
mod error;
mod hash;
pub mod ion;
pub mod merkle;
mod outline;
mod parallel;
mod pieces;
mod proof;
pub mod request;
mod roots;
pub mod sha256;
mod tables;
mod timeline;
mod transcode;

pub use block::{BlockHeader, BlockReader, BlockWriter, Encoding, Links, RawBlock};
pub use build::{Change, NewBlock, Statement};
pub use check::{BlockFault, CheckedBlock, Checker, Counts, Depth, FaultKind, Judged, Level, check};
pub use error::JournalError;
pub use hash::{Hash, dot, dot_optional, merkle_root, merkle_root_optional, shown};
pub use merkle::Frontier;
pub use outline::Outline;
pub use parallel::{Helpers, run_tasks};
pub use pieces::{Piece, PieceEnd, Pieces};
pub use proof::{
    BlockAddress, BlockParts, ProofError, RevisionFact, RevisionInBlock, RevisionParts, SavedBlock, SavedRevision,
    address_from_text, block_from_text, block_text, find_revision, proof_from_text, proof_text, revision_from_text,
};
pub use tables::{TableCounts, Tables};
pub use timeline::Timeline;
pub use transcode::Transcoder;
