//! Reads Ion 1.0 binary.

mod heads;
mod scalars;

use std::sync::Arc;

use super::field_names::FieldNames;
use super::numbers::{Decimal, Int, Magnitude};
use super::strange::{self, Strange, Stranger};
use super::timestamp::Timestamp;
use super::{
    BINARY_VERSION_MARKER, Container, Event, IonError, IonType, Item, LONGEST_NUMBER, MAX_DEPTH, ReadItems, Run,
    Scalar, SymbolTable, TakeItems, declared,
};
pub(super) use heads::NULL;
use heads::{BOOL, FLOAT, Head, SYMBOL};
use scalars::{Dated, any_timestamp, float};
pub(super) use scalars::{decimal, negative, timestamp};

/// Reads the items of some Ion binary.
#[derive(Debug)]
pub struct BinaryReader<'i> {
    pub(super) input: &'i [u8],
    pub(super) at: usize,
    pub(super) symbols: Arc<SymbolTable>,
    pub(super) containers: Vec<(Container, usize)>,
    pub(super) names: FieldNames,
    annotations: Vec<Option<String>>,
    pub(super) int: Int,
    pub(super) decimal: Decimal,
    pub(super) timestamp: Timestamp,
    stranger: Option<Stranger>,
    /// Where the last top-level value begins, or the next one may.
    top: usize,
    /// Where the padding before it begins.
    before: usize,
}

/// A value without parts; numbers are stored in the reader.
enum Raw<'i> {
    Null(IonType),
    Bool(bool),
    Int,
    Float(f64),
    Decimal,
    Timestamp,
    Symbol(usize),
    String(&'i str),
    Clob(&'i [u8]),
    Blob(&'i [u8]),
}

impl<'i> BinaryReader<'i> {
    /// Reads values under a symbol table.
    pub fn new(input: &'i [u8], symbols: Arc<SymbolTable>) -> Self {
        Self {
            input,
            at: 0,
            symbols,
            containers: Vec::new(),
            names: FieldNames::default(),
            annotations: Vec::new(),
            int: Int::from(0_u64),
            decimal: Decimal::new(0, 0),
            timestamp: Timestamp::default(),
            stranger: None,
            top: 0,
            before: 0,
        }
    }

    /// Numbers these field names.
    pub(crate) fn know(&mut self, names: &'static [&'static str]) {
        self.names.know(names);
    }

    /// The offset of the first byte that was not read yet.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// The next item, or `None` at the end of the bytes. Version markers and symbol tables at the top level are
    /// applied, and not returned.
    #[inline]
    pub fn next_item(&mut self) -> Result<Option<Item<'_>>, IonError> {
        if self.containers.is_empty() {
            self.before = self.at;
        }
        loop {
            let limit = self.limit();
            if self.at == limit {
                return Ok(self.containers.pop().map(|_| Item::end()));
            }
            if self.containers.is_empty() {
                self.top = self.at;
                if self.pass_version_marker()? {
                    self.before = self.at;
                    continue;
                }
            }
            let (field, head) = self.field_and_head(limit)?;
            if head.is_padding() {
                strange::note(&mut self.stranger, self.at, Strange::Padding);
                self.at = head.end;
                continue;
            }
            if self.is_table(head) {
                self.at = head.start;
                self.containers.push((Container::Struct, head.end));
                let (at, is_annotated) = (self.at, self.annotations.len() > 1);
                if !declared::apply(self)? || is_annotated {
                    strange::note(&mut self.stranger, at, Strange::SymbolTable);
                }
                self.before = self.at;
                continue;
            }
            if self.says_nothing(head) {
                strange::note(&mut self.stranger, self.at, Strange::VersionMarker);
                self.at = head.end;
                continue;
            }
            return self.item(field, head).map(Some);
        }
    }

    /// Skips the next top-level value by the length in its head, and applies version markers and symbol tables; returns
    /// where it begins. Only reading the value shows whether its content is valid.
    pub(crate) fn pass_value(&mut self) -> Result<Option<usize>, IonError> {
        loop {
            self.top = self.at;
            if self.at == self.input.len() {
                return Ok(None);
            }
            if self.pass_version_marker()? {
                continue;
            }
            let (_, head) = self.field_and_head(self.input.len())?;
            if self.is_table(head) {
                self.at = head.start;
                self.containers.push((Container::Struct, head.end));
                declared::apply(self)?;
                continue;
            }
            self.at = head.end;
            if !head.is_padding() {
                return Ok(Some(self.top));
            }
        }
    }

    #[inline]
    fn limit(&self) -> usize {
        self.containers.last().map_or(self.input.len(), |(_, end)| *end)
    }

    fn error(&self, reason: impl Into<String>) -> IonError {
        IonError::new(self.at, reason)
    }

    /// The error for bytes that end too early: at the top level, more may follow.
    fn cut(&self) -> IonError {
        if self.containers.is_empty() {
            IonError::ended(self.at, "the object ends inside a value")
        } else {
            self.error("a value reaches beyond what holds it")
        }
    }

    fn pass_version_marker(&mut self) -> Result<bool, IonError> {
        let rest = self.input.get(self.at..).unwrap_or_default();
        if rest.first() != BINARY_VERSION_MARKER.first() {
            return Ok(false);
        }
        if rest.len() < BINARY_VERSION_MARKER.len() {
            return Err(self.cut());
        }
        if !rest.starts_with(&BINARY_VERSION_MARKER) {
            return Err(self.error("only version 1.0 of Ion is read"));
        }
        self.at += BINARY_VERSION_MARKER.len();
        self.symbols = Arc::default();
        self.names.forget_ids();
        Ok(true)
    }

    #[inline]
    fn item(&mut self, field: Option<usize>, head: Head) -> Result<Item<'_>, IonError> {
        let event = if let Some(container) = head.container() {
            if self.containers.len() >= MAX_DEPTH {
                return Err(self.error(format!("more than {MAX_DEPTH} containers inside one another")));
            }
            self.at = head.start;
            self.containers.push((container, head.end));
            Event::Begin(container)
        } else {
            let raw = self.scalar(head)?;
            self.at = head.end;
            Event::Scalar(match raw {
                Raw::Null(ion_type) => Scalar::Null(ion_type),
                Raw::Bool(value) => Scalar::Bool(value),
                Raw::Int => Scalar::Int(&self.int),
                Raw::Float(value) => Scalar::Float(value),
                Raw::Decimal => Scalar::Decimal(&self.decimal),
                Raw::Timestamp => Scalar::Timestamp(&self.timestamp),
                Raw::Symbol(id) => Scalar::Symbol(self.symbols.resolve(id).flatten()),
                Raw::String(text) => Scalar::String(text),
                Raw::Clob(bytes) => Scalar::Clob(bytes),
                Raw::Blob(bytes) => Scalar::Blob(bytes),
            })
        };
        let name = field.and_then(|id| self.names.get(self.names.of_id(id)));
        let text = |id| name.map_or_else(|| self.symbols.resolve(id).flatten(), |name| Some(name.text()));
        let field = field.map(text);
        Ok(Item::new(field, &self.annotations, event).with_hints(name, false))
    }

    #[inline]
    fn scalar(&mut self, head: Head) -> Result<Raw<'i>, IonError> {
        let bytes = self.input.get(head.start..head.end).unwrap_or_default();
        let wrong = |what: &str| IonError::new(head.start, format!("not a {what}"));
        if head.low == NULL {
            return IonType::of_code(head.code).map(Raw::Null).ok_or_else(|| wrong("null"));
        }
        if matches!(head.code, 0x2..=0x7) && bytes.len() > LONGEST_NUMBER {
            return Err(IonError::new(head.start, format!("a number has more than {LONGEST_NUMBER} bytes")));
        }
        Ok(match head.code {
            BOOL if head.low < 2 => Raw::Bool(head.low == 1),
            BOOL => return Err(wrong("boolean")),
            0x2 => {
                self.int = Int { negative: false, magnitude: Magnitude::from_be_bytes(bytes) };
                Raw::Int
            }
            0x3 => {
                self.int = negative(bytes).ok_or_else(|| wrong("negative integer"))?;
                Raw::Int
            }
            FLOAT => Raw::Float(float(bytes).ok_or_else(|| wrong("float"))?),
            0x5 => {
                self.decimal = decimal(bytes).ok_or_else(|| wrong("decimal"))?;
                Raw::Decimal
            }
            0x6 => {
                let (timestamp, dated) = any_timestamp(bytes).ok_or_else(|| wrong("timestamp"))?;
                if dated == Dated::WithOffset {
                    strange::note(&mut self.stranger, self.at, Strange::DateOffset);
                }
                self.timestamp = timestamp;
                Raw::Timestamp
            }
            SYMBOL => Raw::Symbol(self.symbol(bytes).ok_or_else(|| wrong("symbol of the symbol table"))?),
            0x8 => Raw::String(std::str::from_utf8(bytes).map_err(|_| wrong("UTF-8 string"))?),
            0x9 => Raw::Clob(bytes),
            0xA => Raw::Blob(bytes),
            _ => return Err(wrong("value")),
        })
    }

    pub(super) fn symbol(&self, bytes: &[u8]) -> Option<usize> {
        let Magnitude::Small(id) = Magnitude::from_be_bytes(bytes) else { return None };
        usize::try_from(id).ok().filter(|id| self.symbols.resolve(*id).is_some())
    }
}

impl ReadItems for BinaryReader<'_> {
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
        self.stranger.take()
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
        self.names.forget_ids();
        &mut self.symbols
    }
}
