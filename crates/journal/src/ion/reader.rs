//! One reader for text and binary.

use std::sync::Arc;

use super::binary_reader::BinaryReader;
use super::error::IonError;
use super::field_names::FieldNames;
use super::items::{ReadItems, TakeItems};
use super::strange::Stranger;
use super::symbols::SymbolTable;
use super::text_reader::{Grammar, TextReader};
use super::value::Item;

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
    pub(crate) fn new(input: &'i [u8], is_binary: bool, grammar: Grammar, symbols: Arc<SymbolTable>) -> Self {
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

    fn symbols(&self) -> &Arc<SymbolTable> {
        match self {
            Self::Text(reader) => reader.symbols(),
            Self::Binary(reader) => reader.symbols(),
        }
    }

    fn symbols_mut(&mut self) -> &mut Arc<SymbolTable> {
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
