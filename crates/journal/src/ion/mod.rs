//! Amazon Ion 1.0: readers for text and binary, writers for text, binary and JSON, and Ion Hash.
//!
//! A [`Reader`] yields one [`Item`] at a time, a scalar or the beginning or end of a container;
//! every writer and the hasher take items one at a time. Nothing recurses, so depth costs heap and
//! never stack. Where a value ends is known only from reading it: there is no second lexer that
//! could disagree.
//!
//! Used by the journal's own modules, and by `archive` for manifests.

mod ascii;
mod binary_bytes;
mod binary_reader;
mod binary_writer;
mod cursor;
mod error;
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
#[cfg_attr(not(target_arch = "x86_64"), path = "narrow.rs")]
mod wide;

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
pub use json_writer::JsonWriter;
pub(crate) use nesting::Lines;
pub use numbers::{Decimal, Int};
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

/// Takes items as a reader reads them.
#[doc(hidden)]
pub trait TakeItems {
    /// Takes the next item, which ends at an offset; an error ends the reading.
    fn take(&mut self, at: usize, item: &Item<'_>) -> Result<(), IonError>;

    /// Takes a field instead of its item, which must have the same result.
    #[inline]
    fn take_field(&mut self, at: usize, field: &NamedValue<'_>) -> Result<(), IonError> {
        self.take(at, &field.item())
    }

    /// Notes something that QLDB does not write and that no item shows, before the last item.
    fn take_stranger(&mut self, stranger: Stranger);

    /// The values that may come next, and that are better taken together. If exactly these come, [`TakeItems::take_run`]
    /// takes them; taking their items one by one must have the same result.
    #[inline]
    fn expected(&self) -> Option<&'static Run> {
        None
    }

    /// Takes the expected values. Nothing about them is an error.
    #[inline]
    fn take_run(&mut self, _found: &Found<'_>) {}
}

/// What both readers provide, one item at a time.
#[doc(hidden)]
pub trait ReadItems {
    /// The next item, or `None` at the end. Version markers and local symbol tables at the top level are applied, and
    /// not returned.
    fn next_item(&mut self) -> Result<Option<Item<'_>>, IonError>;

    /// The offset of the first byte that was not read yet.
    fn offset(&self) -> usize;

    /// The number of open containers.
    fn depth(&self) -> usize;

    /// Where the last top-level value begins; if there is none, where the part begins that more bytes may continue. If
    /// the bytes ended too early, reading again from there, under the current symbols, gives the same result as if they
    /// had not.
    fn value_start(&self) -> usize;

    /// Where the blank space before that value begins: reading again from there also finds anything unusual in it.
    fn resume_point(&self) -> usize;

    /// The first thing since the last call that QLDB does not write and that no item shows.
    fn take_stranger(&mut self) -> Option<Stranger>;

    /// The symbols in effect here.
    fn symbols(&self) -> &std::sync::Arc<SymbolTable>;

    /// The same, to be replaced.
    fn symbols_mut(&mut self) -> &mut std::sync::Arc<SymbolTable>;

    /// Reads up to the end of the current container, and passes every item to the taker, including the end. Items and
    /// errors are those of [`ReadItems::next_item`]; this may be faster.
    fn drain(&mut self, taker: &mut impl TakeItems) -> Result<(), IonError> {
        let depth = self.depth();
        while self.depth() >= depth {
            if !self.drain_quickly(depth, taker)? {
                self.give_next(taker)?;
            }
        }
        Ok(())
    }

    /// Passes on items of the usual forms until fewer containers than `depth` are open. False if the next item has
    /// another form.
    fn drain_quickly(&mut self, _depth: usize, _taker: &mut impl TakeItems) -> Result<bool, IonError> {
        Ok(false)
    }

    /// Passes on the runs that are expected here, one after another, while at least `depth` containers are open.
    #[inline]
    fn give_runs(&mut self, depth: usize, taker: &mut impl TakeItems) {
        while self.depth() >= depth
            && let Some(run) = taker.expected()
        {
            if !self.give_run(run, taker) {
                break;
            }
        }
    }

    /// Passes on a run if all of it comes next. False if it does not; then nothing was read.
    fn give_run(&mut self, _run: &'static Run, _taker: &mut impl TakeItems) -> bool {
        false
    }

    /// Passes the next item of a container to the taker.
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

    /// Reads up to the end of the current container.
    fn skip_container(&mut self) -> Result<(), IonError> {
        let depth = self.depth();
        while self.depth() >= depth && self.next_item()?.is_some() {}
        Ok(())
    }
}

/// Reads the items of Ion text or Ion binary.
#[derive(Debug)]
pub enum Reader<'i> {
    /// Ion text; JSON is read as Ion text, which it is.
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

    /// Numbers the field names that are among these, for callers that use [`Item::number`].
    pub(crate) fn knowing(mut self, names: &'static [&'static str]) -> Self {
        match &mut self {
            Self::Text(reader) => reader.know(names),
            Self::Binary(reader) => reader.know(names),
        }
        self
    }

    /// Recognises the names that occurred in an earlier reader of text.
    pub(crate) fn remembering(mut self, names: FieldNames) -> Self {
        if let Self::Text(reader) = &mut self {
            reader.remember_names(names);
        }
        self
    }

    /// The names that occurred, for the next reader.
    pub(crate) fn into_names(self) -> FieldNames {
        match self {
            Self::Text(reader) => reader.into_names(),
            Self::Binary(_) => FieldNames::default(),
        }
    }

    /// Sets whether the bytes are part of a stream that may continue after them.
    pub(crate) fn part(mut self, may_go_on: bool) -> Self {
        if let Self::Text(reader) = &mut self {
            reader.set_may_go_on(may_go_on);
        }
        self
    }
}

impl Reader<'_> {
    /// The next item, or `None` at the end.
    pub fn next_item(&mut self) -> Result<Option<Item<'_>>, IonError> {
        match self {
            Self::Text(reader) => reader.next_item(),
            Self::Binary(reader) => reader.next_item(),
        }
    }

    /// The offset of the first byte that was not read yet.
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
