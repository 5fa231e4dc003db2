//! Amazon Ion 1.0: readers for text and binary, writers for text, binary and JSON, and Ion Hash.
//!
//! A [`Reader`] yields one [`Item`] at a time, a scalar or the beginning or end of a container;
//! every writer and the hasher take items one at a time. Nothing recurses, so depth costs heap and
//! never stack. Where a value ends is known only from reading it: there is no second lexer that
//! could disagree.
//!
//! Used by the journal's own modules, and by `archive` for manifests.

mod binary_bytes;
mod binary_reader;
mod binary_writer;
mod cursor;
mod declared;
mod error;
mod field_names;
#[cfg(test)]
mod given;
mod hasher;
mod hashing;
mod items;
mod json_writer;
mod literals;
mod nesting;
mod numbers;
mod quick;
mod quick_binary;
mod reader;
mod run;
mod runs;
mod strange;
mod stream;
mod symbols;
mod text_reader;
mod text_writer;
mod timestamp;
mod value;
mod values;

#[doc(hidden)]
pub use binary_reader::BinaryReader;
pub(crate) use binary_writer::BinaryMark;
#[doc(hidden)]
pub use binary_writer::BinaryWriter;
pub use error::{BINARY_VERSION_MARKER, IonError, MAX_DEPTH};
pub(crate) use error::{LONGEST_NUMBER, MOST_ANNOTATIONS};
pub(crate) use field_names::{FieldName, FieldNames};
#[doc(hidden)]
pub use hasher::{IonHasher, hash_of};
#[doc(hidden)]
pub use hashing::{Hashing, Later};
#[doc(hidden)]
pub use items::{ReadItems, TakeItems};
#[doc(hidden)]
pub use json_writer::JsonWriter;
pub(crate) use nesting::Lines;
pub use numbers::{Decimal, Int};
pub use reader::Reader;
#[doc(hidden)]
pub use run::{Found, NamedValue, Run};
pub(crate) use run::{Kind, LONGEST_RUN, RunStep, Value};
#[doc(hidden)]
pub use strange::{Strange, Stranger};
#[doc(hidden)]
pub use stream::LARGEST_VALUE;
pub(crate) use stream::{Stream, StreamPlace};
#[doc(hidden)]
pub use symbols::SymbolTable;
#[doc(hidden)]
pub use text_reader::{Grammar, TextReader};
#[doc(hidden)]
pub use text_writer::TextWriter;
pub use timestamp::Timestamp;
pub use value::{Container, Event, IonType, Item, Scalar, Symbol};
#[doc(hidden)]
pub use values::{RawValue, Values, values};
