//! Tables from the exports of an Amazon QLDB journal: what is verified becomes rows in the same
//! pass, and the tables appear once everything is proved.
//!
//! ```no_run
//! use qldb_journal::archive::source::{Folder, Source};
//! use qldb_journal::archive::verify::Request;
//! use qldb_tables::{Converted, Form, Options, convert};
//!
//! let sources: Vec<Box<dyn Source>> = vec![Box::new(Folder::new("exports"))];
//! let request = Request::new(&sources).sha256_of_objects(true);
//! let (report, converted) = convert(&request, Options::new("archive.db", Form::Sqlite))?;
//! assert!(matches!(converted, Converted::Written(_)), "{:?}", report.breaks);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Used by the command line.

#![forbid(unsafe_code)]
// Archives and the tables of earlier conversions come from anywhere, so no index into them may panic.
#![warn(clippy::indexing_slicing)]

mod batch;
mod changes;
mod columns;
mod condition;
mod convert;
mod current;
mod ddl;
mod destination;
mod error;
mod extract;
mod facts;
mod folder;
mod form;
mod forms;
mod held;
mod history;
mod join;
mod leaves;
mod lines;
mod object;
mod parquet;
mod parts;
mod postgres;
mod rows;
mod sink;
mod sqlite;

pub use columns::{Column, Kind, Table};
// For the command line, which writes its own folders.
#[doc(hidden)]
pub use destination::Unfinished;

pub use changes::{Change, changes};
pub use condition::Condition;
pub use convert::{Conversion, ConvertError, convert};
pub use ddl::QueryEngine;
pub use error::TableError;
pub use form::{Form, Options};
pub use history::{Document, Documents, History, Version};
#[doc(hidden)]
pub use join::join as join_parts;
pub use leaves::{Leaf, leaves};
pub use rows::{Converted, Rows};
