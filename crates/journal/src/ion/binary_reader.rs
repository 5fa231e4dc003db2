//! Reads Ion 1.0 binary.

use std::sync::Arc;

use super::field_names::FieldNames;
use super::numbers::{Decimal, Int, Magnitude};
use super::strange::{self, Strange, Stranger};
use super::symbols::{LOCAL_TABLE, VERSION_1_0};
use super::timestamp::{Fraction, Parts, Timestamp};
use super::{
    BINARY_VERSION_MARKER, Container, Event, IonError, IonType, Item, LONGEST_NUMBER, MAX_DEPTH, MOST_ANNOTATIONS,
    ReadItems, Scalar, SymbolTable, TakeItems,
};

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
    /// Where the last top-level value, or what stands before it, begins.
    top: usize,
    /// Where the padding before it begins.
    before: usize,
}

/// A value without parts; numbers lie in the reader.
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

/// The head of a value: type code, the low half of the descriptor, and where its content lies.
#[derive(Debug, Clone, Copy)]
struct Head {
    code: u8,
    low: u8,
    start: usize,
    end: usize,
}

const NULL: u8 = 0xF;
/// The length follows, instead of standing in the descriptor.
const SIZED: u8 = 0xE;
const ANNOTATION: u8 = 0xE;
const NOP_OR_NULL: u8 = 0x0;
const STRUCT: u8 = 0xD;
const BOOL: u8 = 0x1;
const FLOAT: u8 = 0x4;
const MINUTES_OF_A_DAY: i64 = 24 * 60;
const SYMBOL: u8 = 0x7;

impl Head {
    fn is_padding(self) -> bool {
        self.code == NOP_OR_NULL && self.low != NULL
    }

    fn container(self) -> Option<Container> {
        match (self.code, self.low) {
            (_, NULL) => None,
            (0xB, _) => Some(Container::List),
            (0xC, _) => Some(Container::Sexp),
            (STRUCT, _) => Some(Container::Struct),
            _ => None,
        }
    }
}

/// A variable-length unsigned integer and the offset after it. `Ok(None)` if the bytes end within it.
#[inline]
fn var_uint(input: &[u8], at: usize) -> Result<Option<(u64, usize)>, IonError> {
    let mut value = 0_u64;
    for (index, byte) in input.get(at..).unwrap_or_default().iter().enumerate() {
        if value >> (u64::BITS - 7) != 0 {
            return Err(IonError::new(at, "a variable-length integer is out of range"));
        }
        value = value << 7 | u64::from(byte & 0x7F);
        if byte & 0x80 != 0 {
            return Ok(Some((value, at + index + 1)));
        }
    }
    Ok(None)
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

    /// The offset of what was not read yet.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// The next item, or none at the end of the bytes. Version markers and symbol tables of the top level are heeded
    /// and not given.
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
                if !SymbolTable::update(self)? || is_annotated {
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

    /// Passes over the next value of the top level by the length in its head, heeding version markers and symbol
    /// tables; gives where it begins. Whether it is right inside, only reading it tells.
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
                SymbolTable::update(self)?;
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

    /// The error for bytes that end too early: at the top level more may come.
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

    /// The field's symbol and the value's head, behind its annotations. The reader stays before them all.
    #[inline]
    fn field_and_head(&mut self, limit: usize) -> Result<(Option<usize>, Head), IonError> {
        self.annotations.clear();
        let within = self.input.get(..limit).unwrap_or_default();
        let in_struct = matches!(self.containers.last(), Some((Container::Struct, _)));
        let mut at = self.at;
        let mut field = None;
        if in_struct {
            let (id, after) = var_uint(within, at)?.ok_or_else(|| self.cut())?;
            (field, at) = (Some(id), after);
        }
        let mut head = self.head(within, at)?;
        if head.code == ANNOTATION {
            head = self.annotated(at, head)?;
        }
        if head.is_padding() {
            return Ok((None, head));
        }
        let field = field.map(|id| self.known_field(id)).transpose()?;
        Ok((field, head))
    }

    /// The symbol of a field, one that the table has.
    #[inline]
    fn known_field(&mut self, id: u64) -> Result<usize, IonError> {
        let met = usize::try_from(id).ok().filter(|id| self.names.of_id(*id).is_some());
        if let Some(id) = met {
            return Ok(id);
        }
        let id = self.known(id, self.at)?;
        if let Some(text) = self.symbols.resolve(id).flatten() {
            self.names.keep_id(id, text);
        }
        Ok(id)
    }

    /// A symbol that the table has.
    fn known(&self, id: u64, at: usize) -> Result<usize, IonError> {
        let id = usize::try_from(id).ok().filter(|id| self.symbols.resolve(*id).is_some());
        id.ok_or_else(|| IonError::new(at, "a symbol is not in the symbol table"))
    }

    /// Reads the head of a value, which must end within the bytes.
    #[inline]
    fn head(&self, within: &[u8], at: usize) -> Result<Head, IonError> {
        let descriptor = *within.get(at).ok_or_else(|| self.cut())?;
        let (code, low) = (descriptor >> 4, descriptor & 0xF);
        let head = if low < SIZED && (code, low) != (STRUCT, 1) && code != BOOL {
            Head { code, low, start: at + 1, end: at + 1 + usize::from(low) }
        } else {
            self.rarer_head(within, at, code, low)?
        };
        if head.end > within.len() || code > ANNOTATION {
            return Err(if code > ANNOTATION {
                IonError::new(at, format!("no Ion value begins with byte 0x{descriptor:02x}"))
            } else {
                self.cut()
            });
        }
        Ok(head)
    }

    fn rarer_head(&self, within: &[u8], at: usize, code: u8, low: u8) -> Result<Head, IonError> {
        if low == NULL || code == BOOL {
            return Ok(Head { code, low, start: at + 1, end: at + 1 });
        }
        if code == FLOAT {
            return Err(IonError::new(at, "a float has 0, 4 or 8 bytes"));
        }
        let (length, start) = var_uint(within, at + 1)?.ok_or_else(|| self.cut())?;
        if length == 0 && low == 1 {
            return Err(IonError::new(at, "a struct with sorted fields is not empty"));
        }
        let end = usize::try_from(length).ok().and_then(|length| start.checked_add(length));
        let end = end.ok_or_else(|| IonError::new(at, "a length is out of range"))?;
        Ok(Head { code, low, start, end })
    }

    /// Reads the annotations of a wrapper and gives the head of the value inside.
    fn annotated(&mut self, at: usize, wrapper: Head) -> Result<Head, IonError> {
        let wrong = |reason: &str| IonError::new(at, reason);
        if wrapper.low < 3 || wrapper.low == NULL {
            return Err(wrong("an annotation wrapper has no room for a value"));
        }
        let within = self.input.get(..wrapper.end).unwrap_or_default();
        let (length, mut here) =
            var_uint(within, wrapper.start)?.ok_or_else(|| wrong("annotations have a wrong length"))?;
        let end = usize::try_from(length).ok().and_then(|length| here.checked_add(length));
        let end = end
            .filter(|end| *end < wrapper.end && length > 0)
            .ok_or_else(|| wrong("annotations have a wrong length"))?;
        while here < end {
            let (id, after) = var_uint(within, here)?.ok_or_else(|| wrong("annotations have a wrong length"))?;
            let id = self.known(id, here)?;
            if self.annotations.len() >= MOST_ANNOTATIONS {
                return Err(IonError::new(at, format!("more than {MOST_ANNOTATIONS} annotations on one value")));
            }
            self.annotations.push(self.symbols.resolve(id).flatten().map(str::to_owned));
            here = after;
        }
        let head = if here == end { self.head(within, here).ok() } else { None };
        let whole = head.filter(|head| head.end == wrapper.end && head.code != ANNOTATION && !head.is_padding());
        whole.ok_or_else(|| wrong("an annotation wrapper does not fit its value"))
    }

    /// Whether a value of the top level is a local symbol table.
    fn is_table(&self, head: Head) -> bool {
        self.containers.is_empty()
            && head.container() == Some(Container::Struct)
            && self.annotations.first().is_some_and(|first| first.as_deref() == Some(LOCAL_TABLE))
    }

    /// Whether a value of the top level is the symbol that the version marker of Ion text is.
    fn says_nothing(&self, head: Head) -> bool {
        let bytes = self.input.get(head.start..head.end).unwrap_or_default();
        head.code == SYMBOL
            && head.low != NULL
            && self.containers.is_empty()
            && self.annotations.is_empty()
            && self.symbol(bytes).is_some_and(|id| self.symbols.resolve(id).flatten() == Some(VERSION_1_0))
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
            let ion_type = IonType::ALL.into_iter().find(|ion_type| ion_type.code() == head.code);
            let of_int = (head.code == 0x3).then_some(IonType::Int);
            return ion_type.or(of_int).map(Raw::Null).ok_or_else(|| wrong("null"));
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
                self.timestamp = timestamp(bytes).ok_or_else(|| wrong("timestamp"))?;
                Raw::Timestamp
            }
            SYMBOL => Raw::Symbol(self.symbol(bytes).ok_or_else(|| wrong("symbol of the symbol table"))?),
            0x8 => Raw::String(std::str::from_utf8(bytes).map_err(|_| wrong("UTF-8 string"))?),
            0x9 => Raw::Clob(bytes),
            0xA => Raw::Blob(bytes),
            _ => return Err(wrong("value")),
        })
    }

    fn symbol(&self, bytes: &[u8]) -> Option<usize> {
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

    fn symbols_mut(&mut self) -> &mut Arc<SymbolTable> {
        self.names.forget_ids();
        &mut self.symbols
    }
}

pub(super) fn negative(bytes: &[u8]) -> Option<Int> {
    let magnitude = Magnitude::from_be_bytes(bytes);
    (!magnitude.is_zero()).then_some(Int { negative: true, magnitude })
}

fn float(bytes: &[u8]) -> Option<f64> {
    match bytes.len() {
        0 => Some(0.0),
        4 => Some(f64::from(f32::from_be_bytes(bytes.try_into().ok()?))),
        8 => Some(f64::from_be_bytes(bytes.try_into().ok()?)),
        _ => None,
    }
}

/// A variable-length signed integer: sign, value and the bytes after it. The sign of zero is kept.
fn var_int(bytes: &[u8]) -> Option<(bool, i64, &[u8])> {
    let first = *bytes.first()?;
    let negative = first & 0x40 != 0;
    let mut value = i64::from(first & 0x3F);
    let mut used = 1;
    if first & 0x80 == 0 {
        loop {
            let byte = *bytes.get(used)?;
            used += 1;
            value = value.checked_mul(128)? | i64::from(byte & 0x7F);
            if byte & 0x80 != 0 {
                break;
            }
        }
    }
    Some((negative, if negative { -value } else { value }, &bytes[used..]))
}

/// A fixed-length signed integer: the top bit is the sign.
fn int(bytes: &[u8]) -> Int {
    let Some((first, rest)) = bytes.split_first() else { return Int::from(0_u64) };
    let mut absolute = Vec::with_capacity(bytes.len());
    absolute.push(first & 0x7F);
    absolute.extend(rest);
    Int { negative: first & 0x80 != 0, magnitude: Magnitude::from_be_bytes(&absolute) }
}

pub(super) fn decimal(bytes: &[u8]) -> Option<Decimal> {
    if bytes.is_empty() {
        return Some(Decimal { coefficient: Int::from(0_u64), exponent: 0 });
    }
    let (_, exponent, rest) = var_int(bytes)?;
    Some(Decimal { coefficient: int(rest), exponent })
}

pub(super) fn timestamp(bytes: &[u8]) -> Option<Timestamp> {
    let (negative, minutes, mut rest) = var_int(bytes)?;
    // A date has no offset, but what stands in the place of one must be right.
    if minutes.abs() >= MINUTES_OF_A_DAY {
        return None;
    }
    let unknown = negative && minutes == 0;
    let offset = if unknown { None } else { Some(i16::try_from(minutes).ok()?) };
    let mut parts = Parts { year: take_part(&mut rest)??, offset, ..Parts::default() };
    parts.month = take_part(&mut rest)?;
    parts.day = take_part(&mut rest)?;
    if let Some(hour) = take_part(&mut rest)? {
        parts.time = Some((hour, take_part(&mut rest)??));
        parts.second = take_part(&mut rest)?;
        if !rest.is_empty() {
            parts.fraction = fraction(rest)?;
        }
    } else {
        parts.offset = None;
    }
    parts.utc()
}

/// The next part of a timestamp: none at the end. The outer option is none if it is malformed.
fn take_part(rest: &mut &[u8]) -> Option<Option<u32>> {
    if rest.is_empty() {
        return Some(None);
    }
    let (value, after) = var_uint(rest, 0).ok()??;
    *rest = &rest[after..];
    Some(Some(u32::try_from(value).ok()?))
}

fn fraction(bytes: &[u8]) -> Option<Option<Fraction>> {
    let (_, exponent, rest) = var_int(bytes)?;
    let coefficient = int(rest);
    if exponent >= 0 {
        return coefficient.magnitude.is_zero().then_some(None);
    }
    let positive = !coefficient.negative || coefficient.magnitude.is_zero();
    let digits = u32::try_from(exponent.unsigned_abs()).ok().filter(|_| positive)?;
    Some(Some(Fraction::new(digits, coefficient.magnitude)?))
}
