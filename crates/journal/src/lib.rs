//! Amazon QLDB journals: export requests, the blocks that an export leaves behind, and the proof
//! that they are complete and unaltered. No network and no async runtime; only [`archive`] accesses
//! the file system.
//!
//! # Where to start
//!
//! To verify an archive, pass its folder to [`archive::verify::verify`]:
//!
//! ```
//! use qldb_journal::archive::source::{Folder, Source};
//! use qldb_journal::archive::verify::{Request, Status, verify};
//!
//! # let folder = "../../tests/archives/small/ION_BINARY";
//! let sources: Vec<Box<dyn Source>> = vec![Box::new(Folder::new(folder))];
//! let report = verify(&Request::new(&sources))?;
//! assert_eq!(report.verdict, Status::Proved, "{:?}", report.breaks);
//! # Ok::<(), qldb_journal::archive::verify::VerifyError>(())
//! ```
//!
//! To read the blocks of an object, use [`BlockReader`]; to write them in another format,
//! [`BlockWriter`]; to look inside a block, [`RawBlock::reader`] and [`ion`]:
//!
//! ```
//! use std::fs::File;
//!
//! use qldb_journal::{BlockReader, Encoding};
//!
//! # let path = "../../tests/vectors/awscli-block-100.ion";
//! for block in BlockReader::new(File::open(path)?, Encoding::IonText) {
//!     let block = block?;
//!     println!("{} was committed at {}", block.header.sequence_no, block.header.timestamp);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! To check an export request before it is sent, use [`request::ExportDraft`].
//!
//! Blocks are passed around as [`RawBlock`], bytes plus the little that selection needs; copying,
//! transcoding and checking a block all work on these bytes.

// Bytes come from anywhere, so no index into them may panic.
#![warn(clippy::indexing_slicing)]

mod append;
pub mod archive;
mod block;
mod build;
#[allow(clippy::indexing_slicing, reason = "indexes are positions in tables of its own")]
mod check;
mod error;
mod hash;
#[doc(hidden)]
pub mod internal;
#[allow(clippy::indexing_slicing, reason = "spans of buffers that it has just measured; fuzzed")]
pub mod ion;
mod log_tree;
mod merkle;
mod notable;
mod outline;
mod parallel;
mod pieces;
mod proof;
mod raw;
pub mod request;
mod revisions;
#[allow(clippy::indexing_slicing, reason = "positions within lists of its own")]
mod roots;
#[allow(clippy::indexing_slicing, reason = "arrays of fixed sizes; held against a model")]
mod sha256;
mod spare;
mod tables;
mod timeline;
mod transcode;

pub use block::{BlockReader, BlockWriter};
pub use error::JournalError;
pub use hash::Hash;
pub use raw::{BlockHeader, Encoding, Links, RawBlock};

use internal::{
    BlockAddress, BlockFault, BlockParts, CheckedBlock, Checker, Counts, Depth, FaultKind, FaultLevel, Frontier,
    FrontierPart, Helpers, Judged, Notable, NotableKind, NotableList, NotableRevision, Outline, Piece, PieceEnd,
    Pieces, ProofError, RevisionFact, RevisionParts, SavedBlock, SavedRevision, TableCounts, Tables, Timeline,
    address_from_text, block_from_text, dot, dot_optional, merkle_root, merkle_root_optional, proof_from_text,
    revision_from_text, run_tasks, shown,
};
