//! Reads Ion 1.0 binary.

use std::sync::Arc;

use super::numbers::{Decimal, Int, Magnitude};
use super::timestamp::{Fraction, Parts, Timestamp};
use super::{BINARY_VERSION_MARKER, Container, Event, IonError, IonType, Item, MAX_DEPTH, Scalar, SymbolTable};

/// Reads the items of some Ion binary.
#[derive(Debug)]
pub struct BinaryReader<'i> {
    input: &'i [u8],
    at: usize,
    symbols: Arc<SymbolTable>,
    containers: Vec<(Container, usize)>,
    annotations: Vec<Option<String>>,
}

/// The head of a value: type code, the low half of the descriptor, and where its content lies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    pub(crate) code: u8,
    pub(crate) low: u8,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

const NULL: u8 = 0xF;
const ANNOTATION: u8 = 0xE;
const NOP_OR_NULL: u8 = 0x0;
const STRUCT: u8 = 0xD;
const BOOL: u8 = 0x1;

impl Head {
    /// Reads a head at an offset. `Ok(None)` if the bytes end within it.
    pub(crate) fn read(input: &[u8], at: usize) -> Result<Option<Self>, IonError> {
        let Some(descriptor) = input.get(at).copied() else { return Ok(None) };
        let (code, low) = (descriptor >> 4, descriptor & 0xF);
        if code > ANNOTATION {
            return Err(IonError::new(at, format!("no Ion value begins with byte 0x{descriptor:02x}")));
        }
        let sized = low == 14 || (code == STRUCT && low == 1);
        if sized && code != BOOL {
            let Some((length, start)) = var_uint(input, at + 1)? else { return Ok(None) };
            let end = usize::try_from(length).ok().and_then(|length| start.checked_add(length));
            let end = end.ok_or_else(|| IonError::new(at, "a length is out of range"))?;
            return Ok(Some(Self { code, low, start, end }));
        }
        let length = if low == NULL || code == BOOL { 0 } else { usize::from(low) };
        Ok(Some(Self { code, low, start: at + 1, end: at + 1 + length }))
    }

    pub(crate) fn is_padding(self) -> bool {
        self.code == NOP_OR_NULL && self.low != NULL
    }
}

/// A variable-length unsigned integer and the offset after it. `Ok(None)` if the bytes end within it.
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
    /// Reads values under a symbol table; version markers and local tables are not interpreted.
    pub fn new(input: &'i [u8], symbols: Arc<SymbolTable>) -> Self {
        Self { input, at: 0, symbols, containers: Vec::new(), annotations: Vec::new() }
    }

    /// The offset of what was not read yet.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// The next item, or none at the end of the bytes.
    pub fn next_item(&mut self) -> Result<Option<Item<'_>>, IonError> {
        self.annotations.clear();
        loop {
            if self.at == self.limit() {
                return Ok(self.containers.pop().map(|_| Item::end()));
            }
            if self.containers.is_empty() && self.input[self.at..].starts_with(&BINARY_VERSION_MARKER) {
                self.at += BINARY_VERSION_MARKER.len();
                continue;
            }
            let field = self.field()?;
            let mut head = self.head()?;
            if head.is_padding() {
                self.at = head.end;
                continue;
            }
            if head.code == ANNOTATION {
                head = self.annotated(head)?;
            }
            return self.item(field, head).map(Some);
        }
    }

    fn limit(&self) -> usize {
        self.containers.last().map_or(self.input.len(), |(_, end)| *end)
    }

    fn error(&self, reason: impl Into<String>) -> IonError {
        IonError::new(self.at, reason)
    }

    fn field(&mut self) -> Result<Option<usize>, IonError> {
        match self.containers.last() {
            Some((Container::Struct, _)) => self.symbol_id().map(Some),
            _ => Ok(None),
        }
    }

    fn symbol_id(&mut self) -> Result<usize, IonError> {
        let at = self.at;
        let id = self.var_uint(self.limit())?;
        let id = usize::try_from(id).ok().filter(|id| self.symbols.resolve(*id).is_some());
        id.ok_or_else(|| IonError::new(at, "a symbol is not in the symbol table"))
    }

    fn var_uint(&mut self, limit: usize) -> Result<u64, IonError> {
        let within = self.input.get(..limit).unwrap_or_default();
        let (value, after) = var_uint(within, self.at)?.ok_or_else(|| self.error("a value ends too early"))?;
        self.at = after;
        Ok(value)
    }

    /// The head of the value here, which must end within its container.
    fn head(&mut self) -> Result<Head, IonError> {
        let limit = self.limit();
        let head = Head::read(self.input.get(..limit).unwrap_or_default(), self.at)?;
        let head = head.filter(|head| head.end <= limit);
        head.ok_or_else(|| self.error("a value reaches beyond what holds it"))
    }

    /// Reads the annotations of a wrapper and gives the head of the value inside.
    fn annotated(&mut self, wrapper: Head) -> Result<Head, IonError> {
        if wrapper.low < 3 || wrapper.low == NULL {
            return Err(self.error("an annotation wrapper has no room for a value"));
        }
        self.at = wrapper.start;
        let length = self.var_uint(wrapper.end)?;
        let end = usize::try_from(length).ok().and_then(|length| self.at.checked_add(length));
        let end = end
            .filter(|end| *end < wrapper.end && length > 0)
            .ok_or_else(|| self.error("annotations have a wrong length"))?;
        while self.at < end {
            let id = self.symbol_id()?;
            self.annotations.push(self.symbols.resolve(id).flatten().map(str::to_owned));
        }
        let head = Head::read(self.input.get(..wrapper.end).unwrap_or_default(), self.at)?;
        let whole = head
            .filter(|head| head.end == wrapper.end && self.at == end && head.code != ANNOTATION && !head.is_padding());
        whole.ok_or_else(|| self.error("an annotation wrapper does not fit its value"))
    }

    fn item(&mut self, field: Option<usize>, head: Head) -> Result<Item<'_>, IonError> {
        let event = if let Some(container) = container(head) {
            if self.containers.len() >= MAX_DEPTH {
                return Err(self.error(format!("more than {MAX_DEPTH} containers inside one another")));
            }
            self.at = head.start;
            self.containers.push((container, head.end));
            Event::Begin(container)
        } else {
            self.at = head.end;
            Event::Scalar(scalar(self.input, &self.symbols, head)?)
        };
        let field = field.map(|id| self.symbols.resolve(id).flatten());
        Ok(Item { field, annotations: &self.annotations, event })
    }
}

fn container(head: Head) -> Option<Container> {
    match (head.code, head.low) {
        (_, NULL) => None,
        (0xB, _) => Some(Container::List),
        (0xC, _) => Some(Container::Sexp),
        (0xD, _) => Some(Container::Struct),
        _ => None,
    }
}

fn scalar<'a>(input: &'a [u8], symbols: &'a SymbolTable, head: Head) -> Result<Scalar<'a>, IonError> {
    let bytes = input.get(head.start..head.end).unwrap_or_default();
    let wrong = |what: &str| IonError::new(head.start, format!("not a {what}"));
    if head.low == NULL {
        let ion_type = IonType::ALL.into_iter().find(|ion_type| ion_type.code() == head.code);
        let of_int = (head.code == 0x3).then_some(IonType::Int);
        return ion_type.or(of_int).map(Scalar::Null).ok_or_else(|| wrong("null"));
    }
    match head.code {
        BOOL => match head.low {
            0 => Ok(Scalar::Bool(false)),
            1 => Ok(Scalar::Bool(true)),
            _ => Err(wrong("boolean")),
        },
        0x2 => Ok(Scalar::Int(Int { negative: false, magnitude: Magnitude::from_be_bytes(bytes) })),
        0x3 => negative(bytes).map(Scalar::Int).ok_or_else(|| wrong("negative integer")),
        0x4 => float(bytes).map(Scalar::Float).ok_or_else(|| wrong("float")),
        0x5 => decimal(bytes).map(Scalar::Decimal).ok_or_else(|| wrong("decimal")),
        0x6 => timestamp(bytes).map(Scalar::Timestamp).ok_or_else(|| wrong("timestamp")),
        0x7 => symbol(symbols, bytes).map(Scalar::Symbol).ok_or_else(|| wrong("symbol of the symbol table")),
        0x8 => std::str::from_utf8(bytes).map(Scalar::String).map_err(|_| wrong("UTF-8 string")),
        0x9 => Ok(Scalar::Clob(bytes)),
        0xA => Ok(Scalar::Blob(bytes)),
        _ => Err(wrong("value")),
    }
}

fn negative(bytes: &[u8]) -> Option<Int> {
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

fn symbol<'a>(symbols: &'a SymbolTable, bytes: &[u8]) -> Option<Option<&'a str>> {
    let Magnitude::Small(id) = Magnitude::from_be_bytes(bytes) else { return None };
    symbols.resolve(usize::try_from(id).ok()?)
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

fn decimal(bytes: &[u8]) -> Option<Decimal> {
    if bytes.is_empty() {
        return Some(Decimal { coefficient: Int::from(0_u64), exponent: 0 });
    }
    let (_, exponent, rest) = var_int(bytes)?;
    Some(Decimal { coefficient: int(rest), exponent })
}

fn timestamp(bytes: &[u8]) -> Option<Timestamp> {
    let (negative, minutes, mut rest) = var_int(bytes)?;
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
