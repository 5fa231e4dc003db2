//! Amazon QLDB journal exports: the call, a place that answers it, and the proof.
//!
//! The rooms, ground floor first. A room may use those below it, never one
//! above, and no two rooms use each other.
//!
//! | Room | Crate | What it is for | Stands on |
//! |---|---|---|---|
//! | [`request`] | `qldb-journal` | what an export request means: domain types and every local check | nothing |
//! | [`journal`] | `qldb-journal` | what a journal is: blocks, the Ion codec, hashes, the chain, the Merkle tree | nothing |
//! | [`archive`] | `qldb-journal` | what an export leaves behind: keys, manifests, and the proof that it is whole | `request`, `journal` |
//! | [`store`] | `qldb-endpoint` | where objects lie: buckets in a directory or in S3; archives in S3 | all of the above |
//! | [`engine`] | `qldb-endpoint` | the service's work: ledgers, the catalog, export jobs | all of the above |
//! | [`endpoint`] | `qldb-endpoint` | the service's face: HTTP, wire types, signatures | `engine` and below |
//! | [`client`] | `qldb-export` | the official SDK: connect, call, classify, wait | `request` alone |
//! | [`cli`] | `qldb-export` | what people type, and what they read | everything |
//!
//! The client never calls the engine: between them there is always HTTP, so
//! that `--local` takes the same path as a remote endpoint.

#![forbid(unsafe_code)]

pub mod cli;
pub mod client;

pub use qldb_endpoint::{endpoint, engine, store};
pub use qldb_journal as journal;
pub use qldb_journal::{archive, request};
