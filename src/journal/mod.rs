//! What a journal is: blocks, revisions, their Ion forms, hashes, the chain
//! and the Merkle tree.
//!
//! Pure: bytes in, bytes out. Blocks travel as [`RawBlock`], bytes plus the
//! little that selection needs; what happens to one is a copy, a transcoding
//! or a check over those bytes.

pub mod block;
pub mod build;
pub mod hash;

pub use block::{BlockHeader, BlockReader, BlockWriter, Encoding, JournalError, Links, RawBlock};
pub use build::{Change, NewBlock, Statement};
pub use hash::{Hash, dot, merkle_root};
