//! Amazon Ion 1.0: readers for text and binary, writers for text, binary and
//! JSON, and Ion Hash.
//!
//! A [`Reader`] yields one [`Item`] at a time, a scalar or the begin or end of a
//! container; every writer and the hasher take items one at a time. Nothing
//! recurses, so that depth costs heap and never the stack. Where a value ends is
//! known only by reading it: there is no second lexer that could disagree.
//!
//! Used by the journal's own modules, and by the archive room for manifests.

mod binary_bytes;
mod binary_reader;
mod binary_writer;
mod cursor;
mod field_names;
#[cfg(test)]
mod given;
mod hasher;
mod hashing;
mod json_writer;
mod literals;
mod nesting;
mod numbers;
mod quick;
mod quick_binary;
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
pub(crate) use field_names::{FieldName, FieldNames};
#[doc(hidden)]
pub use hasher::{IonHasher, hash_of};
#[doc(hidden)]
pub use hashing::{Hashing, Later};
#[doc(hidden)]
pub use json_writer::JsonWriter;
pub(crate) use nesting::Lines;
pub use numbers::{Decimal, Int};
pub(crate) use run::{Kind, LONGEST_RUN};
#[doc(hidden)]
pub use run::{Run, Value};
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

/// The most containers inside one another. A document of 128 KB, QLDB's
/// largest, can't hold more.
#[doc(hidden)]
pub const MAX_DEPTH: usize = 131_072;

/// The most annotations of one value, likewise.
pub(crate) const MOST_ANNOTATIONS: usize = 131_072;

/// The most digits of a number, and the most bytes of a binary one's: computing with longer ones takes time that
/// grows with their square.
pub(crate) const LONGEST_NUMBER: usize = 16_384;

/// The first bytes of an Ion 1.0 binary stream.
#[doc(hidden)]
pub const BINARY_VERSION_MARKER: [u8; 4] = [0xE0, 0x01, 0x00, 0xEA];

/// A place that can't be read as Ion. One word long, so that what may fail costs little where it does not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("offset {}: {}", .0.offset, .0.reason)]
pub struct IonError(Box<Unreadable>);

/// What an [`IonError`] says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The offset in the bytes that were given to the reader.
    pub offset: usize,
    /// What is wrong there.
    pub reason: String,
    /// Whether the bytes ended inside a value: with more of them it may be right.
    pub(crate) ended: bool,
}

impl IonError {
    #[cold]
    pub(crate) fn new(offset: usize, reason: impl Into<String>) -> Self {
        Self(Box::new(Unreadable { offset, reason: reason.into(), ended: false }))
    }

    /// The input ended within what begins at the offset.
    #[cold]
    pub(crate) fn ended(offset: usize, reason: impl Into<String>) -> Self {
        Self(Box::new(Unreadable { offset, reason: reason.into(), ended: true }))
    }

    /// What is wrong.
    pub fn into_reason(self) -> String {
        self.0.reason
    }
}

impl std::ops::Deref for IonError {
    type Target = Unreadable;

    fn deref(&self) -> &Unreadable {
        &self.0
    }
}

/// Takes items as a reader reads them.
#[doc(hidden)]
pub trait TakeItems {
    /// Takes the next item, behind an offset; an error ends the reading.
    fn take(&mut self, at: usize, item: &Item<'_>) -> Result<(), IonError>;

    /// Takes note of something before the last item that QLDB does not write and that no item shows.
    fn take_stranger(&mut self, stranger: Stranger);

    /// The fields that may come next, behind the begin of a struct, and then are better taken together. They are
    /// whatever comes next, if they are there: their items, one by one, must lead to the same.
    #[inline]
    fn expected(&self) -> Option<&'static Run> {
        None
    }

    /// Takes the fields that were expected.
    #[inline]
    fn take_run(&mut self, at: usize, run: &'static Run, values: &[Value<'_>]) -> Result<(), IonError> {
        for (place, value) in values.iter().enumerate() {
            if let Some(item) = run.item(place, value) {
                self.take(at, &item)?;
            }
        }
        Ok(())
    }
}

/// What both readers give, one item at a time.
#[doc(hidden)]
pub trait ReadItems {
    /// The next item, or none at the end. At the top level, version markers and local symbol tables are heeded and
    /// not given.
    fn next_item(&mut self) -> Result<Option<Item<'_>>, IonError>;

    /// The offset of what was not read yet.
    fn offset(&self) -> usize;

    /// How many containers are open.
    fn depth(&self) -> usize;

    /// Where the last value of the top level begins; once there is none, where what more bytes may continue does.
    /// Where the bytes ended too early, reading again from there, under the symbols of now, gives the same as if they
    /// had not.
    fn value_start(&self) -> usize;

    /// Where what stands before that value begins: reading again from there also finds the strangers among it.
    fn resume_point(&self) -> usize;

    /// The first thing since the last call that QLDB does not write and that no item shows.
    fn take_stranger(&mut self) -> Option<Stranger>;

    /// The symbols that hold here.
    fn symbols(&self) -> &std::sync::Arc<SymbolTable>;

    /// The same, to be replaced.
    fn symbols_mut(&mut self) -> &mut std::sync::Arc<SymbolTable>;

    /// Reads up to the end of the container in which the reader stands, and gives every item to who takes them, its end
    /// the last. The items, and what can't be read, are those of [`ReadItems::next_item`]; this may be faster.
    fn drain(&mut self, taker: &mut impl TakeItems) -> Result<(), IonError> {
        let depth = self.depth();
        while self.depth() >= depth {
            if !self.drain_quickly(depth, taker)? {
                self.give_next(taker)?;
            }
        }
        Ok(())
    }

    /// Gives items of the usual forms until fewer containers than `depth` are open. False if the next item has another
    /// form.
    fn drain_quickly(&mut self, _depth: usize, _taker: &mut impl TakeItems) -> Result<bool, IonError> {
        Ok(false)
    }

    /// Gives the next item of a container to who takes it.
    #[inline]
    fn give_next(&mut self, taker: &mut impl TakeItems) -> Result<(), IonError> {
        let at = self.offset();
        let item = self.next_item()?.ok_or_else(|| IonError::ended(at, "a container has no end"))?;
        taker.take(at, &item)?;
        if let Some(stranger) = self.take_stranger() {
            taker.take_stranger(stranger);
        }
        Ok(())
    }

    /// Reads up to the end of the container in which the reader stands.
    fn skip_container(&mut self) -> Result<(), IonError> {
        let depth = self.depth();
        while self.depth() >= depth && self.next_item()?.is_some() {}
        Ok(())
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

impl<'i> Reader<'i> {
    /// Reads bytes under some symbols.
    pub(crate) fn new(
        input: &'i [u8],
        is_binary: bool,
        grammar: Grammar,
        symbols: std::sync::Arc<SymbolTable>,
    ) -> Self {
        if is_binary {
            Self::Binary(BinaryReader::new(input, symbols))
        } else {
            Self::Text(TextReader::with_grammar(input, symbols, grammar))
        }
    }

    /// Numbers the names of fields that are among these, for who asks for [`Item::number`].
    pub(crate) fn knowing(mut self, names: &'static [&'static str]) -> Self {
        match &mut self {
            Self::Text(reader) => reader.know(names),
            Self::Binary(reader) => reader.know(names),
        }
        self
    }

    /// Recognises the names that an earlier reader of text met.
    pub(crate) fn remembering(mut self, names: FieldNames) -> Self {
        if let Self::Text(reader) = &mut self {
            reader.remember_names(names);
        }
        self
    }

    /// The names that were met, for the next reader.
    pub(crate) fn into_names(self) -> FieldNames {
        match self {
            Self::Text(reader) => reader.into_names(),
            Self::Binary(_) => FieldNames::default(),
        }
    }

    /// Says whether the bytes are part of a stream that may continue after them.
    pub(crate) fn part(mut self, may_go_on: bool) -> Self {
        if let Self::Text(reader) = &mut self {
            reader.set_may_go_on(may_go_on);
        }
        self
    }
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

impl ReadItems for Reader<'_> {
    fn next_item(&mut self) -> Result<Option<Item<'_>>, IonError> {
        self.next_item()
    }

    fn offset(&self) -> usize {
        self.offset()
    }

    fn depth(&self) -> usize {
        match self {
            Self::Text(reader) => reader.depth(),
            Self::Binary(reader) => reader.depth(),
        }
    }

    fn value_start(&self) -> usize {
        match self {
            Self::Text(reader) => reader.value_start(),
            Self::Binary(reader) => reader.value_start(),
        }
    }

    fn resume_point(&self) -> usize {
        match self {
            Self::Text(reader) => reader.resume_point(),
            Self::Binary(reader) => reader.resume_point(),
        }
    }

    fn take_stranger(&mut self) -> Option<Stranger> {
        match self {
            Self::Text(reader) => reader.take_stranger(),
            Self::Binary(reader) => reader.take_stranger(),
        }
    }

    fn symbols(&self) -> &std::sync::Arc<SymbolTable> {
        match self {
            Self::Text(reader) => reader.symbols(),
            Self::Binary(reader) => reader.symbols(),
        }
    }

    fn symbols_mut(&mut self) -> &mut std::sync::Arc<SymbolTable> {
        match self {
            Self::Text(reader) => reader.symbols_mut(),
            Self::Binary(reader) => reader.symbols_mut(),
        }
    }

    fn drain(&mut self, taker: &mut impl TakeItems) -> Result<(), IonError> {
        match self {
            Self::Text(reader) => reader.drain(taker),
            Self::Binary(reader) => reader.drain(taker),
        }
    }
}
