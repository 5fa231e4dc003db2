//! Writes Ion 1.0 binary.

use std::collections::HashMap;

use chrono::{Datelike, Timelike};

use super::numbers::{Decimal, Int};
use super::symbols::{LOCAL_TABLE, system_id};
use super::timestamp::{Precision, Timestamp};
use super::{BINARY_VERSION_MARKER, Container, Event, IonType, Item, Scalar, Symbol, SymbolTable};

/// Writes values, and keeps the symbol table that they need. The table is
/// written before the values, so both wait here until [`BinaryWriter::take`].
#[derive(Debug, Default)]
pub struct BinaryWriter {
    symbols: SymbolTable,
    ids: HashMap<String, usize>,
    body: Vec<u8>,
    open: Vec<Frame>,
}

/// A container whose length is not known yet.
#[derive(Debug)]
struct Frame {
    container: Container,
    annotations: Vec<usize>,
    content: Vec<u8>,
}

impl BinaryWriter {
    /// Takes the next item.
    pub fn write(&mut self, item: &Item<'_>) {
        match &item.event {
            Event::End => self.end(),
            Event::Begin(container) => {
                self.field(item.field);
                let annotations = self.annotation_ids(item.annotations);
                self.open.push(Frame { container: *container, annotations, content: Vec::new() });
            }
            Event::Scalar(scalar) => {
                self.field(item.field);
                let annotations = self.annotation_ids(item.annotations);
                let value = self.scalar(scalar);
                push_annotated(&annotations, &value, self.content());
            }
        }
    }

    /// How many bytes of values wait.
    pub fn len(&self) -> usize {
        self.body.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    /// Version marker, symbol table and values; the writer begins anew.
    pub fn take(&mut self) -> Vec<u8> {
        let written = std::mem::take(self);
        let mut stream = Self::preamble(&written.symbols);
        stream.extend(written.body);
        stream
    }

    /// The version marker and the symbol table that stand before values which use it.
    pub(crate) fn preamble(symbols: &SymbolTable) -> Vec<u8> {
        let mut stream = BINARY_VERSION_MARKER.to_vec();
        if symbols.is_system() {
            return stream;
        }
        let mut writer = Self::default();
        let annotation = [Some(LOCAL_TABLE.to_owned())];
        writer.write(&Item { annotations: &annotation, ..Item::bare(Event::Begin(Container::Struct)) });
        writer.write(&Item::of("symbols", Event::Begin(Container::List)));
        for text in symbols.local() {
            let scalar = text.map_or(Scalar::Null(IonType::String), Scalar::String);
            writer.write(&Item::bare(Event::Scalar(scalar)));
        }
        writer.write(&Item::end());
        writer.write(&Item::end());
        stream.extend(writer.body);
        stream
    }

    fn content(&mut self) -> &mut Vec<u8> {
        self.open.last_mut().map_or(&mut self.body, |frame| &mut frame.content)
    }

    fn field(&mut self, field: Option<Symbol<'_>>) {
        if let Some(name) = field {
            let id = self.id(name);
            push_var_uint(id as u64, self.content());
        }
    }

    fn end(&mut self) {
        if let Some(frame) = self.open.pop() {
            let mut value = Vec::with_capacity(frame.content.len() + 10);
            push_head(frame.container.ion_type().code(), &frame.content, &mut value);
            push_annotated(&frame.annotations, &value, self.content());
        }
    }

    fn annotation_ids(&mut self, annotations: &[Option<String>]) -> Vec<usize> {
        annotations.iter().map(|text| self.id(text.as_deref())).collect()
    }

    fn id(&mut self, symbol: Symbol<'_>) -> usize {
        let Some(text) = symbol else { return 0 };
        if let Some(id) = self.ids.get(text) {
            return *id;
        }
        let id = system_id(text).unwrap_or_else(|| self.symbols.push(Some(text)));
        self.ids.insert(text.to_owned(), id);
        id
    }

    fn scalar(&mut self, scalar: &Scalar<'_>) -> Vec<u8> {
        let mut value = Vec::new();
        match scalar {
            Scalar::Null(ion_type) => value.push(ion_type.code() << 4 | 0xF),
            Scalar::Bool(truth) => value.push(0x10 | u8::from(*truth)),
            Scalar::Int(int) => push_head(if int.negative { 0x3 } else { 0x2 }, &magnitude(int), &mut value),
            Scalar::Float(float) => push_head(0x4, &float_bytes(*float), &mut value),
            Scalar::Decimal(decimal) => push_head(0x5, &decimal_bytes(decimal), &mut value),
            Scalar::Timestamp(timestamp) => push_head(0x6, &timestamp_bytes(timestamp), &mut value),
            Scalar::Symbol(symbol) => push_head(0x7, &magnitude(&Int::from(self.id(*symbol) as u64)), &mut value),
            Scalar::String(text) => push_head(0x8, text.as_bytes(), &mut value),
            Scalar::Clob(bytes) => push_head(0x9, bytes, &mut value),
            Scalar::Blob(bytes) => push_head(0xA, bytes, &mut value),
        }
        value
    }
}

fn push_annotated(annotations: &[usize], value: &[u8], out: &mut Vec<u8>) {
    if annotations.is_empty() {
        return out.extend(value);
    }
    let mut ids = Vec::new();
    annotations.iter().for_each(|id| push_var_uint(*id as u64, &mut ids));
    let mut content = Vec::with_capacity(ids.len() + value.len() + 2);
    push_var_uint(ids.len() as u64, &mut content);
    content.extend(ids);
    content.extend(value);
    push_head(0xE, &content, out);
}

fn push_head(code: u8, content: &[u8], out: &mut Vec<u8>) {
    match u8::try_from(content.len()) {
        Ok(length) if length < 14 => out.push(code << 4 | length),
        _ => {
            out.push(code << 4 | 0xE);
            push_var_uint(content.len() as u64, out);
        }
    }
    out.extend(content);
}

fn push_var_uint(value: u64, out: &mut Vec<u8>) {
    let groups = (u64::BITS - value.leading_zeros()).div_ceil(7).max(1);
    for group in (0..groups).rev() {
        let last = if group == 0 { 0x80 } else { 0 };
        out.push(seven_bits(value, group) | last);
    }
}

/// Seven bits of a value, counted in groups from the end.
fn seven_bits(value: u64, group: u32) -> u8 {
    (value >> (7 * group) & 0x7F) as u8
}

/// A variable-length signed integer. A negative zero is written as such.
fn push_var_int(negative: bool, magnitude: u64, out: &mut Vec<u8>) {
    let sign = if negative { 0x40 } else { 0 };
    let bits = u64::BITS - magnitude.leading_zeros();
    let following = bits.saturating_sub(6).div_ceil(7);
    let first = seven_bits(magnitude, following) | sign;
    out.push(first | if following == 0 { 0x80 } else { 0 });
    for group in (0..following).rev() {
        let last = if group == 0 { 0x80 } else { 0 };
        out.push(seven_bits(magnitude, group) | last);
    }
}

/// A fixed-length signed integer: no bytes for zero, the top bit for the sign.
fn push_int(int: &Int, out: &mut Vec<u8>) {
    let start = out.len();
    int.magnitude.push_be_bytes(out);
    let room_for_sign = out.get(start).is_some_and(|byte| byte & 0x80 == 0);
    if !room_for_sign && (int.negative || out.len() > start) {
        out.insert(start, 0);
    }
    if int.negative {
        out[start] |= 0x80;
    }
}

pub(super) fn magnitude(int: &Int) -> Vec<u8> {
    let mut bytes = Vec::new();
    int.magnitude.push_be_bytes(&mut bytes);
    bytes
}

pub(super) fn float_bytes(float: f64) -> Vec<u8> {
    if float == 0.0 && float.is_sign_positive() {
        return Vec::new();
    }
    // One NaN stands for all.
    let bits = if float.is_nan() { 0x7FF8_0000_0000_0000 } else { float.to_bits() };
    bits.to_be_bytes().to_vec()
}

pub(super) fn decimal_bytes(decimal: &Decimal) -> Vec<u8> {
    let mut bytes = Vec::new();
    let plain_zero = decimal.exponent == 0 && decimal.coefficient == Int::from(0_u64);
    if !plain_zero {
        push_var_int(decimal.exponent < 0, decimal.exponent.unsigned_abs(), &mut bytes);
        push_int(&decimal.coefficient, &mut bytes);
    }
    bytes
}

/// Offset, then the parts in UTC up to the precision.
pub(super) fn timestamp_bytes(timestamp: &Timestamp) -> Vec<u8> {
    let mut bytes = Vec::new();
    let minutes = timestamp.offset();
    push_var_int(minutes.is_none_or(|minutes| minutes < 0), u64::from(minutes.unwrap_or(0).unsigned_abs()), &mut bytes);
    let time = timestamp.utc_or_local();
    let parts = [
        (Precision::Year, time.year().unsigned_abs()),
        (Precision::Month, time.month()),
        (Precision::Day, time.day()),
        (Precision::Minute, time.hour()),
        (Precision::Minute, time.minute()),
        (Precision::Second, time.second()),
    ];
    for (precision, part) in parts {
        if precision <= timestamp.precision() {
            push_var_uint(u64::from(part), &mut bytes);
        }
    }
    if let Some(fraction) = timestamp.fraction() {
        push_var_int(true, u64::from(fraction.digits), &mut bytes);
        push_int(&Int { negative: false, magnitude: fraction.value.clone() }, &mut bytes);
    }
    bytes
}
