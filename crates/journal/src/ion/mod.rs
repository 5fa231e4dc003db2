//! Amazon Ion 1.0: readers for text and binary, writers for text, binary and
//! JSON, and Ion Hash.
//!
//! A [`Reader`] yields one [`Item`] at a time, a scalar or the begin or end of a
//! container; every writer and the hasher take items one at a time. Nothing
//! recurses, so that depth costs heap and never the stack.
//!
//! Used by the journal room, and by the archive room for manifests.

mod binary_reader;
mod binary_writer;
mod cursor;
mod hasher;
mod json_writer;
mod literals;
mod nesting;
mod numbers;
mod scan;
mod symbols;
mod text_reader;
mod text_writer;
mod timestamp;
mod value;
mod values;

pub use binary_reader::BinaryReader;
pub use binary_writer::BinaryWriter;
pub use hasher::{IonHasher, hash_of};
pub use json_writer::JsonWriter;
pub use numbers::{Decimal, Int};
pub(crate) use scan::{Framing, Scan};
pub use symbols::SymbolTable;
pub use text_reader::TextReader;
pub use text_writer::TextWriter;
pub use timestamp::Timestamp;
pub use value::{Container, Event, IonType, Item, Scalar, Symbol};
pub use values::{RawValue, Values, values};

/// The most containers inside one another. A document of 128 KB, QLDB's
/// largest, can't hold more.
pub const MAX_DEPTH: usize = 131_072;

/// The first bytes of an Ion 1.0 binary stream.
pub const BINARY_VERSION_MARKER: [u8; 4] = [0xE0, 0x01, 0x00, 0xEA];

/// A place that can't be read as Ion.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("offset {offset}: {reason}")]
pub struct IonError {
    /// The offset in the bytes that were given to the reader.
    pub offset: usize,
    /// What is wrong there.
    pub reason: String,
}

impl IonError {
    pub(crate) fn new(offset: usize, reason: impl Into<String>) -> Self {
        Self { offset, reason: reason.into() }
    }
}

/// Reads the items of Ion text or Ion binary.
#[derive(Debug)]
pub enum Reader<'i> {
    /// Ion text; JSON is read as the Ion text that it is.
    Text(TextReader<'i>),
    /// Ion binary.
    Binary(BinaryReader<'i>),
}

impl Reader<'_> {
    /// The next item, or none at the end.
    pub fn next_item(&mut self) -> Result<Option<Item<'_>>, IonError> {
        match self {
            Self::Text(reader) => reader.next_item(),
            Self::Binary(reader) => reader.next_item(),
        }
    }

    /// The offset of what was not read yet.
    pub fn offset(&self) -> usize {
        match self {
            Self::Text(reader) => reader.offset(),
            Self::Binary(reader) => reader.offset(),
        }
    }
}
