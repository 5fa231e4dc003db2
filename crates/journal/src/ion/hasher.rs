//! Ion Hash 1.0 with SHA-256: covers type and value whatever the encoding.

use memchr::memchr3;

use super::binary_writer::{decimal_bytes, float_bytes, magnitude, timestamp_bytes};
use super::{Container, Event, IonError, Item, Reader, Scalar, Symbol};
use crate::Hash;

const BEGIN: u8 = 0x0B;
const END: u8 = 0x0E;
const ESCAPE: u8 = 0x0C;
const ANNOTATED: u8 = 0xE0;
const SYMBOL: u8 = 0x70;
const UNKNOWN_SYMBOL: u8 = 0x71;

/// Hashes one value, item by item.
#[derive(Debug, Default)]
pub struct IonHasher {
    /// What is to be hashed, innermost struct field last.
    texts: Vec<Vec<u8>>,
    containers: Vec<Open>,
    /// Buffers that were used before, for the next fields.
    spare: Vec<Vec<u8>>,
}

/// A container that has begun.
#[derive(Debug)]
struct Open {
    /// For a struct: the hashes of its fields so far.
    fields: Option<Vec<[u8; Hash::LENGTH]>>,
    annotated: bool,
}

impl IonHasher {
    /// Takes the next item. The hash is there once the outermost value has ended.
    pub fn write(&mut self, item: &Item<'_>) -> Option<Hash> {
        match &item.event {
            Event::End => self.end(),
            Event::Begin(container) => {
                self.begin(item, *container);
                None
            }
            Event::Scalar(scalar) => {
                self.open_value(item);
                let text = self.text();
                push_scalar(scalar, text);
                if !item.annotations.is_empty() {
                    text.push(END);
                }
                self.close_value()
            }
        }
    }

    fn text(&mut self) -> &mut Vec<u8> {
        if self.texts.is_empty() {
            self.texts.push(Vec::new());
        }
        let last = self.texts.len() - 1;
        &mut self.texts[last]
    }

    fn in_struct(&self) -> bool {
        self.containers.last().is_some_and(|open| open.fields.is_some())
    }

    /// A struct's field is hashed by itself, name first; everything else goes into what holds it.
    fn open_value(&mut self, item: &Item<'_>) {
        if self.in_struct() {
            let mut text = self.spare.pop().unwrap_or_default();
            push_symbol(item.field.flatten(), &mut text);
            self.texts.push(text);
        }
        let text = self.text();
        if !item.annotations.is_empty() {
            text.extend([BEGIN, ANNOTATED]);
            item.annotations.iter().for_each(|annotation| push_symbol(annotation.as_deref(), text));
        }
    }

    fn close_value(&mut self) -> Option<Hash> {
        if self.containers.is_empty() {
            return self.texts.pop().map(|text| Hash::of(&text));
        }
        if self.in_struct() {
            let hash = self.texts.pop().map(|text| self.hashed(text));
            let fields = self.containers.last_mut().and_then(|open| open.fields.as_mut());
            if let (Some(hash), Some(fields)) = (hash, fields) {
                fields.push(*hash.as_bytes());
            }
        }
        None
    }

    fn hashed(&mut self, mut text: Vec<u8>) -> Hash {
        let hash = Hash::of(&text);
        text.clear();
        self.spare.push(text);
        hash
    }

    fn begin(&mut self, item: &Item<'_>, container: Container) {
        self.open_value(item);
        self.text().extend([BEGIN, container.ion_type().code() << 4]);
        let fields = (container == Container::Struct).then(Vec::new);
        self.containers.push(Open { fields, annotated: !item.annotations.is_empty() });
    }

    fn end(&mut self) -> Option<Hash> {
        let open = self.containers.pop()?;
        let text = self.text();
        if let Some(mut fields) = open.fields {
            fields.sort_unstable();
            fields.iter().for_each(|hash| push_escaped(hash, text));
        }
        text.push(END);
        if open.annotated {
            text.push(END);
        }
        self.close_value()
    }
}

/// The Ion hash of the next value of a reader; none at the end.
pub fn hash_of(reader: &mut Reader<'_>) -> Result<Option<Hash>, IonError> {
    let mut hasher = IonHasher::default();
    while let Some(item) = reader.next_item()? {
        if let Some(hash) = hasher.write(&item) {
            return Ok(Some(hash));
        }
    }
    Ok(None)
}

fn push_escaped(bytes: &[u8], out: &mut Vec<u8>) {
    let mut rest = bytes;
    while let Some(special) = memchr3(BEGIN, END, ESCAPE, rest) {
        out.extend_from_slice(&rest[..special]);
        out.extend([ESCAPE, rest[special]]);
        rest = &rest[special + 1..];
    }
    out.extend_from_slice(rest);
}

fn push_value(qualifier: u8, representation: &[u8], out: &mut Vec<u8>) {
    out.extend([BEGIN, qualifier]);
    push_escaped(representation, out);
    out.push(END);
}

fn push_symbol(symbol: Symbol<'_>, out: &mut Vec<u8>) {
    match symbol {
        Some(text) => push_value(SYMBOL, text.as_bytes(), out),
        None => push_value(UNKNOWN_SYMBOL, &[], out),
    }
}

fn push_scalar(scalar: &Scalar<'_>, out: &mut Vec<u8>) {
    match scalar {
        Scalar::Null(ion_type) => push_value(ion_type.code() << 4 | 0xF, &[], out),
        Scalar::Bool(truth) => push_value(0x10 | u8::from(*truth), &[], out),
        Scalar::Int(int) => push_value(if int.negative { 0x30 } else { 0x20 }, &magnitude(int), out),
        Scalar::Float(float) => push_value(0x40, &float_bytes(*float), out),
        Scalar::Decimal(decimal) => push_value(0x50, &decimal_bytes(decimal), out),
        Scalar::Timestamp(timestamp) => push_value(0x60, &timestamp_bytes(timestamp), out),
        Scalar::Symbol(symbol) => push_symbol(*symbol, out),
        Scalar::String(text) => push_value(0x80, text.as_bytes(), out),
        Scalar::Clob(bytes) => push_value(0x90, bytes, out),
        Scalar::Blob(bytes) => push_value(0xA0, bytes, out),
    }
}
