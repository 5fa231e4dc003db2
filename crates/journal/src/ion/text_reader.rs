//! Reads Ion text, and JSON as Ion text, which it is.

mod names;
#[cfg(test)]
mod tests;
mod values;

use std::sync::Arc;

pub use super::cursor::Grammar;
use super::cursor::{Cursor, Text};
use super::field_names::FieldNames;
use super::numbers::{Decimal, Int};
use super::strange::{self, Strange, Stranger};
use super::symbols::{LOCAL_TABLE, VERSION_1_0};
use super::timestamp::Timestamp;
use super::{Container, Event, IonError, IonType, Item, ReadItems, Run, Scalar, SymbolTable, TakeItems, declared};
use values::word;

/// Reads the items of some Ion text.
#[derive(Debug)]
pub struct TextReader<'i> {
    pub(super) cursor: Cursor<'i>,
    symbols: Arc<SymbolTable>,
    pub(super) containers: Vec<Container>,
    /// Whether a value precedes the cursor in the same list or struct.
    pub(super) after_value: bool,
    annotations: Vec<Option<String>>,
    field: Name<'i>,
    /// Its index, if it occurred before.
    met: Option<usize>,
    pub(super) names: FieldNames,
    value: Name<'i>,
    lob: Vec<u8>,
    pub(super) int: Int,
    float: f64,
    pub(super) decimal: Decimal,
    pub(super) timestamp: Timestamp,
    /// Where the last top-level value begins, or the next one may.
    top: usize,
    /// Where the white space and comments before it begin.
    before: usize,
    /// Whether a value or a version marker was read: only a marker at the very beginning is allowed.
    has_begun: bool,
}

/// The meaning of a token that may be a symbol.
#[derive(Debug, Default)]
struct Name<'i> {
    text: Text<'i>,
    /// Symbol zero, or one of a table that is not available.
    is_unknown: bool,
}

impl<'i> Name<'i> {
    fn symbol(&self) -> Option<&str> {
        (!self.is_unknown).then(|| self.text.get())
    }

    fn text(&mut self) -> &mut Text<'i> {
        self.is_unknown = false;
        &mut self.text
    }
}

/// A value as the grammar sees it; its content is stored in the reader.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Raw {
    Null(IonType),
    Bool(bool),
    Int,
    Float,
    Decimal,
    Timestamp,
    Symbol,
    /// `$ion_1_0` and similar, unquoted.
    VersionMarker,
    String,
    Clob,
    Blob,
    Begin(Container),
    End,
}

/// What a token without quotes turned out to be.
enum Word<'i> {
    Symbol,
    VersionMarker,
    Keyword(&'i str),
}

impl<'i> TextReader<'i> {
    /// Reads Ion text under a symbol table, to which `$10` and the like refer.
    pub fn new(input: &'i [u8], symbols: Arc<SymbolTable>) -> Self {
        Self::with_grammar(input, symbols, Grammar::Ion)
    }

    /// Reads text of a grammar.
    pub fn with_grammar(input: &'i [u8], symbols: Arc<SymbolTable>, grammar: Grammar) -> Self {
        Self {
            cursor: Cursor::new(input, grammar),
            symbols,
            containers: Vec::new(),
            after_value: false,
            annotations: Vec::new(),
            field: Name::default(),
            met: None,
            names: FieldNames::default(),
            value: Name::default(),
            lob: Vec::new(),
            int: Int::from(0_u64),
            float: 0.0,
            decimal: Decimal::new(0, 0),
            timestamp: Timestamp::default(),
            top: 0,
            before: 0,
            has_begun: false,
        }
    }

    /// Whether the input is part of a text that may continue after it. If so, errors at its end state that the bytes
    /// ended.
    pub(super) fn set_may_go_on(&mut self, may_go_on: bool) {
        self.cursor.may_go_on = may_go_on;
    }

    /// Numbers these field names.
    pub(crate) fn know(&mut self, names: &'static [&'static str]) {
        self.names.know(names);
    }

    /// Recognises names that occurred in another reader of the same grammar.
    pub(super) fn remember_names(&mut self, names: FieldNames) {
        self.names = names;
    }

    /// The names that occurred.
    pub(super) fn into_names(self) -> FieldNames {
        self.names
    }

    /// The offset of the first byte that was not read yet.
    pub fn offset(&self) -> usize {
        self.cursor.at
    }

    /// The next item, or `None` at the end of the text. Version markers and symbol tables at the top level are applied,
    /// and not returned.
    #[inline]
    pub fn next_item(&mut self) -> Result<Option<Item<'_>>, IonError> {
        loop {
            let holder = self.containers.last().copied();
            let Some(raw) = self.next_raw(holder)? else { return Ok(None) };
            if holder.is_some() || !self.heeds(raw)? {
                return Ok(Some(self.item(raw, holder)));
            }
        }
    }

    #[inline]
    fn item(&self, raw: Raw, holder: Option<Container>) -> Item<'_> {
        let in_struct = holder == Some(Container::Struct);
        let name = if in_struct { self.names.get(self.met) } else { None };
        let field = in_struct.then(|| name.map_or_else(|| self.field.symbol(), |name| Some(name.text())));
        let scalar = match raw {
            Raw::Begin(container) => {
                return Item::new(field, &self.annotations, Event::Begin(container)).with_hints(name, false);
            }
            Raw::End => return Item::end(),
            Raw::Null(ion_type) => Scalar::Null(ion_type),
            Raw::Bool(value) => Scalar::Bool(value),
            Raw::Int => Scalar::Int(&self.int),
            Raw::Float => Scalar::Float(self.float),
            Raw::Decimal => Scalar::Decimal(&self.decimal),
            Raw::Timestamp => Scalar::Timestamp(&self.timestamp),
            Raw::Symbol | Raw::VersionMarker => Scalar::Symbol(self.value.symbol()),
            Raw::String => Scalar::String(self.value.text.get()),
            Raw::Clob => Scalar::Clob(&self.lob),
            Raw::Blob => Scalar::Blob(&self.lob),
        };
        let is_plain = raw == Raw::String && !self.value.text.is_made();
        Item::new(field, &self.annotations, Event::Scalar(scalar)).with_hints(name, is_plain)
    }

    /// Applies a version marker or a symbol table, if the value that was read at the top level is one.
    fn heeds(&mut self, raw: Raw) -> Result<bool, IonError> {
        let had_begun = std::mem::replace(&mut self.has_begun, true);
        if raw == Raw::VersionMarker && self.annotations.is_empty() {
            let at = self.cursor.at - self.value.text.get().len();
            if self.value.text.get() != VERSION_1_0 {
                return Err(IonError::new(at, "only version 1.0 of Ion is read"));
            }
            self.symbols = Arc::default();
            if had_begun {
                strange::note(&mut self.cursor.stranger, at, Strange::VersionMarker);
            }
            return Ok(true);
        }
        if raw == Raw::Symbol && self.annotations.is_empty() && self.value.symbol() == Some(VERSION_1_0) {
            strange::note(&mut self.cursor.stranger, self.top, Strange::VersionMarker);
            return Ok(true);
        }
        let is_table = raw == Raw::Begin(Container::Struct)
            && self.annotations.first().is_some_and(|first| first.as_deref() == Some(LOCAL_TABLE));
        if is_table {
            strange::note(&mut self.cursor.stranger, self.cursor.at, Strange::SymbolTable);
            declared::apply(self)?;
        }
        Ok(is_table)
    }

    #[inline]
    fn next_raw(&mut self, holder: Option<Container>) -> Result<Option<Raw>, IonError> {
        if !self.annotations.is_empty() {
            self.annotations.clear();
        }
        let Some(container) = holder else {
            (self.top, self.before) = (self.cursor.at, self.cursor.at);
            self.cursor.skip_blank()?;
            self.top = self.cursor.at;
            if !self.cursor.is_at_end() {
                return self.value(None).map(Some);
            }
            return self.cursor.ends_whole().map(|()| None);
        };
        self.cursor.skip_blank()?;
        let mut after_comma = false;
        if self.after_value && container != Container::Sexp && self.cursor.eat(b',') {
            self.after_value = false;
            after_comma = true;
            self.cursor.skip_blank()?;
        }
        if self.cursor.eat(container.brackets().1) {
            if after_comma && self.cursor.grammar == Grammar::Json {
                return Err(self.cursor.error("JSON has no comma before the end"));
            }
            self.containers.pop();
            self.after_value = true;
            return Ok(Some(Raw::End));
        }
        if self.after_value && container != Container::Sexp {
            return Err(self.cursor.unexpected("a comma or the end of the container"));
        }
        if container == Container::Struct {
            self.field_name()?;
        }
        self.value(Some(container)).map(Some)
    }
}

impl ReadItems for TextReader<'_> {
    #[inline]
    fn next_item(&mut self) -> Result<Option<Item<'_>>, IonError> {
        self.next_item()
    }

    fn offset(&self) -> usize {
        self.offset()
    }

    fn depth(&self) -> usize {
        self.containers.len()
    }

    fn value_start(&self) -> usize {
        self.top
    }

    fn resume_point(&self) -> usize {
        self.before
    }

    fn take_stranger(&mut self) -> Option<Stranger> {
        self.cursor.stranger.take()
    }

    fn symbols(&self) -> &Arc<SymbolTable> {
        &self.symbols
    }

    fn drain_quickly(&mut self, depth: usize, taker: &mut impl TakeItems) -> Result<bool, IonError> {
        self.drain_usual(depth, taker)
    }

    fn give_run(&mut self, run: &'static Run, taker: &mut impl TakeItems) -> bool {
        self.usual_run(run, taker)
    }

    fn symbols_mut(&mut self) -> &mut Arc<SymbolTable> {
        &mut self.symbols
    }
}
