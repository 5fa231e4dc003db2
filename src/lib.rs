//! Amazon QLDB journal exports: the call, a place that answers it, and the proof.
//!
//! The rooms, ground floor first. A room may use those below it, never one
//! above, and no two rooms use each other.
//!
//! | Room | What it is for | Stands on |
//! |---|---|---|
//! | [`request`] | what an export request means: domain types and every local check | nothing |
//! | [`journal`] | what a journal is: blocks, the Ion codec, hashes, the chain, the Merkle tree; a crate of its own | nothing |
//! | [`store`] | where objects lie: buckets in a directory or in S3 | `request` |
//! | [`archive`] | what an export leaves behind: keys, manifests, and the proof that it is whole | `request`, `journal`, `store` |
//! | [`engine`] | the service's work: ledgers, the catalog, export jobs | all of the above |
//! | [`endpoint`] | the service's face: HTTP, wire types, signatures | `engine` and below |
//! | [`client`] | the official SDK: connect, call, classify, wait | `request` alone |
//! | [`cli`] | what people type, and what they read | everything |
//!
//! The client never calls the engine: between them there is always HTTP, so
//! that `--local` takes the same path as a remote endpoint.

#![forbid(unsafe_code)]

pub mod archive;
pub mod cli;
pub mod client;
pub mod endpoint;
pub mod engine;
pub mod request;
pub mod store;

pub use qldb_journal as journal;
