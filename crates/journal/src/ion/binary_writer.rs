//! Writes Ion 1.0 binary.

use std::collections::HashMap;
use std::ops::Range;

use super::binary_bytes::{
    head_length, push_decimal_bytes, push_float_bytes, push_head, push_timestamp_bytes, push_var_uint,
};
use super::field_names::FieldName;
use super::numbers::Int;
use super::symbols::{LOCAL_TABLE, system_id};
use super::{BINARY_VERSION_MARKER, Container, Event, IonType, Item, Scalar, Symbol, SymbolTable};

/// Writes values, and keeps the symbol table that they need. The table is written before the values, so both are held
/// until [`BinaryWriter::take`].
///
/// The head of a container has its length, which is known only at its end. Heads are kept separately and merged with
/// the rest in one pass, so that depth does not multiply the work.
#[derive(Debug, Default)]
pub struct BinaryWriter {
    symbols: SymbolTable,
    ids: HashMap<String, usize>,
    /// For each id, the one that last followed it as a field name.
    after: Vec<usize>,
    /// For each index that a name has in its reader, its id.
    by_place: Vec<usize>,
    /// The id of the last field name.
    last: usize,
    /// Everything except the heads of containers.
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

/// The position of a container's head, and its bytes.
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
    /// The number of bytes of heads when it began; those added since are inside it.
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
        if let (Event::Scalar(scalar), true) = (&item.event, item.annotations.is_empty()) {
            return self.scalar(&[], scalar);
        }
        let annotations = self.annotation_ids(item.annotations);
        match &item.event {
            Event::Begin(container) => self.begin(*container, annotations),
            Event::Scalar(scalar) => self.scalar(&annotations, scalar),
            Event::End => {}
        }
    }

    /// The number of bytes of values held.
    pub fn len(&self) -> usize {
        self.out.len() + self.head_bytes.len()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What was written so far, between two values of the top level.
    pub(crate) fn mark(&self) -> BinaryMark {
        BinaryMark { out: self.out.len(), heads: self.heads.len(), head_bytes: self.head_bytes.len() }
    }

    /// Removes what was written since. Symbols keep their ids.
    pub(crate) fn back_to(&mut self, mark: &BinaryMark) {
        self.out.truncate(mark.out);
        self.heads.truncate(mark.heads);
        self.head_bytes.truncate(mark.head_bytes);
        self.open.clear();
    }

    /// Version marker, symbol table and values; the writer starts again.
    pub fn take(&mut self) -> Vec<u8> {
        let mut stream = Vec::new();
        self.take_into(&mut stream);
        stream
    }

    /// The same, appended to a stream. The writer keeps its memory for what it writes next.
    pub(crate) fn take_into(&mut self, stream: &mut Vec<u8>) {
        stream.extend_from_slice(&Self::preamble(&self.symbols));
        self.push_values(stream);
        self.clear();
    }

    /// Starts again, without what was written.
    pub(crate) fn clear(&mut self) {
        self.symbols = SymbolTable::default();
        self.ids.clear();
        self.after.clear();
        self.by_place.clear();
        self.last = 0;
        self.out.clear();
        self.heads.clear();
        self.head_bytes.clear();
        self.open.clear();
    }

    /// The version marker and the symbol table that precede the values that use it.
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

    /// Merges the heads with the rest.
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

    /// The id of a field name. If the reader knows the name, its id is usually known here as well; other names follow
    /// in much the same order in every block. Comparing one text is cheaper than looking it up.
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

    #[inline]
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
#[inline]
fn push_annotations(annotations: &[usize], value_length: usize, out: &mut Vec<u8>) {
    if !annotations.is_empty() {
        push_wrapper(annotations, value_length, out);
    }
}

#[cold]
fn push_wrapper(annotations: &[usize], value_length: usize, out: &mut Vec<u8>) {
    let mut ids = Vec::new();
    annotations.iter().for_each(|id| push_var_uint(*id as u64, &mut ids));
    let mut length_of_ids = Vec::new();
    push_var_uint(ids.len() as u64, &mut length_of_ids);
    push_head(0xE, length_of_ids.len() + ids.len() + value_length, out);
    out.extend(length_of_ids);
    out.extend(ids);
}
