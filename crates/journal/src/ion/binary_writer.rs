//! Writes Ion 1.0 binary.

use std::collections::HashMap;
use std::ops::Range;

use super::field_names::FieldName;
use super::numbers::{Decimal, Int, Magnitude};
use super::symbols::{LOCAL_TABLE, system_id};
use super::timestamp::{Precision, Timestamp};
use super::{BINARY_VERSION_MARKER, Container, Event, IonType, Item, Scalar, Symbol, SymbolTable};

/// Writes values, and keeps the symbol table that they need. The table is
/// written before the values, so both wait here until [`BinaryWriter::take`].
///
/// The head of a container holds its length, which is known only at its end.
/// Heads are kept apart and joined with the rest in one pass, so that depth
/// does not multiply the work.
#[derive(Debug, Default)]
pub struct BinaryWriter {
    symbols: SymbolTable,
    ids: HashMap<String, usize>,
    /// For each id, the one that came after it as the name of a field.
    after: Vec<usize>,
    /// For each place that a name has among those of its reader, its id.
    by_place: Vec<usize>,
    /// The id of the last field's name.
    last: usize,
    /// Everything but the heads of containers.
    out: Vec<u8>,
    /// The heads, in the order in which the containers begin.
    heads: Vec<Head>,
    head_bytes: Vec<u8>,
    open: Vec<Frame>,
    /// The content of a number, before its head is written.
    content: Vec<u8>,
}

/// How much was written.
#[derive(Debug)]
pub(crate) struct BinaryMark {
    out: usize,
    heads: usize,
    head_bytes: usize,
}

/// Where a container's head belongs, and which bytes it has.
#[derive(Debug)]
struct Head {
    at: usize,
    bytes: Range<usize>,
}

/// A container whose length is not known yet.
#[derive(Debug)]
struct Frame {
    container: Container,
    annotations: Vec<usize>,
    head: usize,
    /// How many bytes of heads there were when it began; those since then lie inside it.
    heads_before: usize,
}

impl BinaryWriter {
    /// Takes the next item.
    pub fn write(&mut self, item: &Item<'_>) {
        if matches!(item.event, Event::End) {
            return self.end();
        }
        if let Some(name) = item.field {
            let id = self.field_id(name, item.name().and_then(FieldName::place));
            push_var_uint(id as u64, &mut self.out);
        }
        let annotations = self.annotation_ids(item.annotations);
        match &item.event {
            Event::Begin(container) => self.begin(*container, annotations),
            Event::Scalar(scalar) => self.scalar(&annotations, scalar),
            Event::End => {}
        }
    }

    /// How many bytes of values wait.
    pub fn len(&self) -> usize {
        self.out.len() + self.head_bytes.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What was written so far, between two values of the top level.
    pub(crate) fn mark(&self) -> BinaryMark {
        BinaryMark { out: self.out.len(), heads: self.heads.len(), head_bytes: self.head_bytes.len() }
    }

    /// Takes back what was written since. Symbols keep their numbers.
    pub(crate) fn back_to(&mut self, mark: &BinaryMark) {
        self.out.truncate(mark.out);
        self.heads.truncate(mark.heads);
        self.head_bytes.truncate(mark.head_bytes);
        self.open.clear();
    }

    /// Version marker, symbol table and values; the writer begins anew.
    pub fn take(&mut self) -> Vec<u8> {
        let written = std::mem::take(self);
        let mut stream = Self::preamble(&written.symbols);
        written.push_values(&mut stream);
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
        writer.write(&Item::new(None, &annotation, Event::Begin(Container::Struct)));
        writer.write(&Item::of("symbols", Event::Begin(Container::List)));
        for text in symbols.local() {
            let scalar = text.map_or(Scalar::Null(IonType::String), Scalar::String);
            writer.write(&Item::bare(Event::Scalar(scalar)));
        }
        writer.write(&Item::end());
        writer.write(&Item::end());
        writer.push_values(&mut stream);
        stream
    }

    /// Joins the heads with the rest.
    fn push_values(&self, stream: &mut Vec<u8>) {
        stream.reserve(self.len());
        let mut done = 0;
        for head in &self.heads {
            stream.extend_from_slice(&self.out[done..head.at]);
            stream.extend_from_slice(&self.head_bytes[head.bytes.clone()]);
            done = head.at;
        }
        stream.extend_from_slice(&self.out[done..]);
    }

    fn begin(&mut self, container: Container, annotations: Vec<usize>) {
        let head = self.heads.len();
        self.heads.push(Head { at: self.out.len(), bytes: 0..0 });
        self.open.push(Frame { container, annotations, head, heads_before: self.head_bytes.len() });
    }

    fn end(&mut self) {
        let Some(frame) = self.open.pop() else { return };
        let start = self.head_bytes.len();
        let length = self.out.len() - self.heads[frame.head].at + start - frame.heads_before;
        let code = frame.container.ion_type().code();
        push_annotations(&frame.annotations, head_length(length) + length, &mut self.head_bytes);
        push_head(code, length, &mut self.head_bytes);
        self.heads[frame.head].bytes = start..self.head_bytes.len();
    }

    /// The id of a field's name. Where a name has a place among those that its reader met, it was there before as a
    /// rule; others come in much the same order in every block. To compare one text is cheaper than to look for it.
    #[inline]
    fn field_id(&mut self, name: Symbol<'_>, place: Option<usize>) -> usize {
        let likely = place.map_or_else(|| self.after.get(self.last), |place| self.by_place.get(place));
        let likely = likely.copied().unwrap_or_default();
        let is_likely = name.is_some() && self.symbols.resolve(likely) == Some(name);
        self.last = if is_likely { likely } else { self.other_field_id(name, place) };
        self.last
    }

    #[inline(never)]
    fn other_field_id(&mut self, name: Symbol<'_>, place: Option<usize>) -> usize {
        let id = self.id(name);
        let last = self.last;
        let (ids, place) = place.map_or((&mut self.after, last), |place| (&mut self.by_place, place));
        if ids.len() <= place {
            ids.resize(place + 1, 0);
        }
        if let Some(kept) = ids.get_mut(place) {
            *kept = id;
        }
        id
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

    fn scalar(&mut self, annotations: &[usize], scalar: &Scalar<'_>) {
        match scalar {
            Scalar::Null(ion_type) => self.one_byte(annotations, ion_type.code() << 4 | 0xF),
            Scalar::Bool(truth) => self.one_byte(annotations, 0x10 | u8::from(*truth)),
            Scalar::Int(int) => {
                let code = if int.negative { 0x3 } else { 0x2 };
                self.number(annotations, code, |out| int.magnitude.push_be_bytes(out));
            }
            Scalar::Float(float) => self.number(annotations, 0x4, |out| push_float_bytes(*float, out)),
            Scalar::Decimal(decimal) => self.number(annotations, 0x5, |out| push_decimal_bytes(decimal, out)),
            Scalar::Timestamp(timestamp) => self.number(annotations, 0x6, |out| push_timestamp_bytes(timestamp, out)),
            Scalar::Symbol(symbol) => {
                let id = Int::from(self.id(*symbol) as u64);
                self.number(annotations, 0x7, |out| id.magnitude.push_be_bytes(out));
            }
            Scalar::String(text) => self.value(annotations, 0x8, text.as_bytes()),
            Scalar::Clob(bytes) => self.value(annotations, 0x9, bytes),
            Scalar::Blob(bytes) => self.value(annotations, 0xA, bytes),
        }
    }

    fn one_byte(&mut self, annotations: &[usize], byte: u8) {
        push_annotations(annotations, 1, &mut self.out);
        self.out.push(byte);
    }

    fn number(&mut self, annotations: &[usize], code: u8, push: impl Fn(&mut Vec<u8>)) {
        let mut content = std::mem::take(&mut self.content);
        content.clear();
        push(&mut content);
        self.value(annotations, code, &content);
        self.content = content;
    }

    fn value(&mut self, annotations: &[usize], code: u8, content: &[u8]) {
        push_annotations(annotations, head_length(content.len()) + content.len(), &mut self.out);
        push_head(code, content.len(), &mut self.out);
        self.out.extend_from_slice(content);
    }
}

/// The wrapper of an annotated value of some length, up to the value itself.
fn push_annotations(annotations: &[usize], value_length: usize, out: &mut Vec<u8>) {
    if annotations.is_empty() {
        return;
    }
    let mut ids = Vec::new();
    annotations.iter().for_each(|id| push_var_uint(*id as u64, &mut ids));
    let mut length_of_ids = Vec::new();
    push_var_uint(ids.len() as u64, &mut length_of_ids);
    push_head(0xE, length_of_ids.len() + ids.len() + value_length, out);
    out.extend(length_of_ids);
    out.extend(ids);
}

/// Lengths from here on stand after the descriptor, not in it.
const LONG: usize = 0xE;

fn push_head(code: u8, length: usize, out: &mut Vec<u8>) {
    match u8::try_from(length) {
        Ok(short) if length < LONG => out.push(code << 4 | short),
        _ => {
            out.push(code << 4 | 0xE);
            push_var_uint(length as u64, out);
        }
    }
}

/// How many bytes [`push_head`] writes.
fn head_length(length: usize) -> usize {
    if length < LONG { 1 } else { 1 + groups_of_seven(length as u64) as usize }
}

fn groups_of_seven(value: u64) -> u32 {
    (u64::BITS - value.leading_zeros()).div_ceil(7).max(1)
}

#[inline]
fn push_var_uint(value: u64, out: &mut Vec<u8>) {
    match value {
        0..0x80 => return out.push(seven_bits(value, 0) | 0x80),
        0x80..0x4000 => return out.extend_from_slice(&[seven_bits(value, 1), seven_bits(value, 0) | 0x80]),
        0x4000..0x20_0000 => {
            return out.extend_from_slice(&[seven_bits(value, 2), seven_bits(value, 1), seven_bits(value, 0) | 0x80]);
        }
        _ => {}
    }
    for group in (0..groups_of_seven(value)).rev() {
        let last = if group == 0 { 0x80 } else { 0 };
        out.push(seven_bits(value, group) | last);
    }
}

/// Seven bits of a value, counted in groups from the end.
fn seven_bits(value: u64, group: u32) -> u8 {
    (value >> (7 * group) & 0x7F) as u8
}

/// A variable-length signed integer. A negative zero is written as such.
#[inline]
fn push_var_int(negative: bool, magnitude: u64, out: &mut Vec<u8>) {
    let sign = if negative { 0x40 } else { 0 };
    if magnitude < 0x40 {
        return out.push(seven_bits(magnitude, 0) | sign | 0x80);
    }
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
fn push_int(negative: bool, magnitude: &Magnitude, out: &mut Vec<u8>) {
    let start = out.len();
    magnitude.push_be_bytes(out);
    let room_for_sign = out.get(start).is_some_and(|byte| byte & 0x80 == 0);
    if !room_for_sign && (negative || out.len() > start) {
        out.insert(start, 0);
    }
    if let Some(first) = out.get_mut(start).filter(|_| negative) {
        *first |= 0x80;
    }
}

pub(super) fn push_float_bytes(float: f64, out: &mut Vec<u8>) {
    if float == 0.0 && float.is_sign_positive() {
        return;
    }
    // One NaN stands for all.
    let bits = if float.is_nan() { 0x7FF8_0000_0000_0000 } else { float.to_bits() };
    out.extend_from_slice(&bits.to_be_bytes());
}

pub(super) fn push_decimal_bytes(decimal: &Decimal, out: &mut Vec<u8>) {
    let plain_zero = decimal.exponent == 0 && !decimal.coefficient.negative && decimal.coefficient.magnitude.is_zero();
    if !plain_zero {
        push_var_int(decimal.exponent < 0, decimal.exponent.unsigned_abs(), out);
        push_int(decimal.coefficient.negative, &decimal.coefficient.magnitude, out);
    }
}

/// Offset, then the parts in UTC up to the precision.
pub(super) fn push_timestamp_bytes(timestamp: &Timestamp, out: &mut Vec<u8>) {
    let minutes = timestamp.offset();
    push_var_int(minutes.is_none_or(|minutes| minutes < 0), u64::from(minutes.unwrap_or(0).unsigned_abs()), out);
    let time = timestamp.utc_or_local();
    push_var_uint(time.year.into(), out);
    // One byte holds each of these: the bit marks it as the last of its part.
    let others = [time.month, time.day, time.hour, time.minute, time.second].map(|part| part | 0x80);
    let count = match timestamp.precision() {
        Precision::Year => 0,
        Precision::Month => 1,
        Precision::Day => 2,
        Precision::Minute => 4,
        Precision::Second => 5,
    };
    out.extend_from_slice(&others);
    out.truncate(out.len() - (others.len() - count));
    if let Some(fraction) = timestamp.fraction() {
        push_var_int(true, u64::from(fraction.digits), out);
        push_int(false, &fraction.value, out);
    }
}
