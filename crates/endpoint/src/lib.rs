//! A place that answers as QLDB does: ledgers and their journals, export jobs,
//! and the control plane over HTTP that the AWS SDKs and the AWS CLI speak to.
//!
//! | Room | What it is for | Stands on |
//! |---|---|---|
//! | [`store`] | where objects lie: buckets in a directory or in S3 | `qldb-journal` |
//! | [`engine`] | the service's work: ledgers, the catalog, export jobs | `store` and below |
//! | [`endpoint`] | the service's face: HTTP, wire types, signatures | `engine` and below |

#![forbid(unsafe_code)]

pub mod endpoint;
pub mod engine;
pub mod store;

use qldb_journal::{self as journal, archive, request};
