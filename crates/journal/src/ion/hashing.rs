//! Ion Hash 1.0 with SHA-256, computed later: values are taken item by item as
//! they are read, and their hashes are computed together, many at a time. That
//! is what the CPU does well, and one hash after the other is what it does not.
//!
//! A struct's field is hashed by itself, name first; the struct's own text is
//! made of the sorted hashes of its fields. So the texts form levels: those of
//! level 0 are known when the field ends, those of the next when the hashes of
//! the level below are.

use super::binary_writer::{push_decimal_bytes, push_float_bytes, push_timestamp_bytes};
use super::{Container, Event, Item, Scalar, Symbol, runs};
use crate::Hash;
use crate::sha256::{Batch, Engine};

const BEGIN: u8 = 0x0B;
const END: u8 = 0x0E;
const ESCAPE: u8 = 0x0C;
const ANNOTATED: u8 = 0xE0;
const SYMBOL: u8 = 0x70;
const UNKNOWN_SYMBOL: u8 = 0x71;

/// Beyond this level everything below is computed at once, and counting begins anew.
const HIGHEST: usize = 24;
/// So many bytes of texts wait before they are hashed, however long the value is.
const MOST_WAITING: usize = 1 << 20;

/// A hash that is computed by the next [`Hashing::resolve`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Later {
    level: usize,
    index: usize,
}

/// Takes values, and computes their hashes together.
#[derive(Debug)]
pub struct Hashing {
    batch: Batch,
    /// The hashes of each level.
    digests: Vec<Vec<[u8; Hash::LENGTH]>>,
    /// What waits on each level above 0.
    waiting: Vec<Waiting>,
    /// The containers of the value that is being taken.
    open: Vec<Open>,
    /// The texts that are being put together, innermost last.
    texts: Vec<Text>,
    bytes: Vec<u8>,
    inserts: Vec<Insert>,
    /// Hashes of fields of open structs, and of structs that ended in a text that has not.
    fields: Vec<Later>,
    sorted: Vec<(u64, Later)>,
    /// The bytes of a number before they are escaped.
    number: Vec<u8>,
}

/// A container that has begun.
#[derive(Debug, Clone, Copy)]
struct Open {
    /// For a struct, where the hashes of its fields begin.
    fields: Option<usize>,
    is_annotated: bool,
    /// Whether its end ends a text.
    ends_text: bool,
}

/// A text: what was there before it.
#[derive(Debug, Clone, Copy)]
struct Text {
    bytes: usize,
    inserts: usize,
    level: usize,
}

/// A place in a text where the sorted hashes of some fields go.
#[derive(Debug, Clone, Copy)]
struct Insert {
    at: usize,
    count: usize,
}

/// Texts of one level that lack hashes of the levels below.
#[derive(Debug, Default)]
struct Waiting {
    bytes: Vec<u8>,
    inserts: Vec<Insert>,
    fields: Vec<Later>,
    /// The ends of each text in the three.
    ends: Vec<(usize, usize)>,
}

impl Default for Hashing {
    fn default() -> Self {
        Self::new(Engine::best())
    }
}

impl Hashing {
    /// Computes with one implementation of SHA-256.
    pub fn new(engine: Engine) -> Self {
        Self {
            batch: Batch::new(engine),
            digests: vec![Vec::new()],
            waiting: Vec::new(),
            open: Vec::new(),
            texts: Vec::new(),
            bytes: Vec::new(),
            inserts: Vec::new(),
            fields: Vec::new(),
            sorted: Vec::new(),
            number: Vec::new(),
        }
    }

    /// Takes the next item of a value. Its hash is promised once the outermost value has ended.
    #[inline]
    pub fn write(&mut self, item: &Item<'_>) -> Option<Later> {
        match &item.event {
            Event::Scalar(scalar) => self.scalar(item, scalar),
            Event::Begin(container) => {
                self.begin(item, *container);
                None
            }
            Event::End => self.end(),
        }
    }

    #[inline]
    fn scalar(&mut self, item: &Item<'_>, scalar: &Scalar<'_>) -> Option<Later> {
        let in_struct = match self.open.last() {
            None => false,
            Some(open) if open.fields.is_some() => true,
            Some(_) => {
                push_annotated_scalar(item, scalar, &mut self.bytes, &mut self.number);
                return None;
            }
        };
        let text = self.batch.bytes();
        if in_struct {
            push_field(item, text);
        }
        push_annotated_scalar(item, scalar, text, &mut self.number);
        let later = self.end_batched();
        if in_struct {
            self.fields.push(later);
            return None;
        }
        Some(later)
    }

    fn end_batched(&mut self) -> Later {
        let index = self.digests.first().map_or(0, Vec::len) + self.batch.end();
        if self.batch.byte_len() > MOST_WAITING {
            self.resolve();
        }
        Later { level: 0, index }
    }

    fn begin(&mut self, item: &Item<'_>, container: Container) {
        let in_struct = self.open.last().is_some_and(|open| open.fields.is_some());
        let begins_text = in_struct || self.open.is_empty();
        if begins_text {
            self.texts.push(Text { bytes: self.bytes.len(), inserts: self.inserts.len(), level: 0 });
        }
        if in_struct {
            push_field(item, &mut self.bytes);
        }
        let is_annotated = push_annotations(item, &mut self.bytes);
        self.bytes.extend_from_slice(&[BEGIN, container.ion_type().code() << 4]);
        let fields = (container == Container::Struct).then_some(self.fields.len());
        self.open.push(Open { fields, is_annotated, ends_text: begins_text });
    }

    fn end(&mut self) -> Option<Later> {
        let open = self.open.pop()?;
        if let Some(first) = open.fields {
            self.end_struct(first);
        }
        self.bytes.push(END);
        if open.is_annotated {
            self.bytes.push(END);
        }
        if !open.ends_text {
            return None;
        }
        let later = self.end_text();
        if self.open.is_empty() {
            return Some(later);
        }
        self.fields.push(later);
        None
    }

    /// Leaves the place of a struct's hashes in the text; the hashes stay on the stack until the text ends.
    fn end_struct(&mut self, first: usize) {
        let fields = self.fields.get(first..).unwrap_or_default();
        let above = fields.iter().map(|field| field.level + 1).max().unwrap_or(0);
        let Some(text) = self.texts.last_mut() else { return };
        text.level = text.level.max(above);
        let count = fields.len();
        if count > 0 {
            self.inserts.push(Insert { at: self.bytes.len() - text.bytes, count });
        }
    }

    fn end_text(&mut self) -> Later {
        let Some(text) = self.texts.pop() else { return Later { level: 0, index: 0 } };
        let needed: usize = self.inserts.iter().skip(text.inserts).map(|insert| insert.count).sum();
        let first_field = self.fields.len() - needed;
        if text.level > HIGHEST {
            self.resolve();
        }
        let later = if text.level == 0 || text.level > HIGHEST {
            let target = self.batch.bytes();
            let inserts = self.inserts.get(text.inserts..).unwrap_or_default();
            let fields = self.fields.get(first_field..).unwrap_or_default();
            let bytes = self.bytes.get(text.bytes..).unwrap_or_default();
            join(bytes, inserts, fields, &self.digests, &mut self.sorted, target);
            self.end_batched()
        } else {
            self.wait(text, first_field)
        };
        self.bytes.truncate(text.bytes);
        self.inserts.truncate(text.inserts);
        self.fields.truncate(first_field);
        later
    }

    fn wait(&mut self, text: Text, first_field: usize) -> Later {
        while self.waiting.len() < text.level {
            self.waiting.push(Waiting::default());
            self.digests.push(Vec::new());
        }
        // Both have just been made long enough.
        let waiting = &mut self.waiting[text.level - 1];
        let index = self.digests[text.level].len() + waiting.ends.len();
        waiting.bytes.extend_from_slice(self.bytes.get(text.bytes..).unwrap_or_default());
        waiting.inserts.extend_from_slice(self.inserts.get(text.inserts..).unwrap_or_default());
        waiting.fields.extend_from_slice(self.fields.get(first_field..).unwrap_or_default());
        waiting.ends.push((waiting.bytes.len(), waiting.inserts.len()));
        Later { level: text.level, index }
    }

    /// Computes everything that was promised.
    pub fn resolve(&mut self) {
        self.batch.hash(&mut self.digests[0]);
        for level in 0..self.waiting.len() {
            let waiting = &mut self.waiting[level];
            let (mut bytes, mut inserts, mut fields) = (0, 0, 0);
            for (bytes_end, inserts_end) in waiting.ends.drain(..) {
                let places = waiting.inserts.get(inserts..inserts_end).unwrap_or_default();
                let count: usize = places.iter().map(|insert| insert.count).sum();
                join(
                    waiting.bytes.get(bytes..bytes_end).unwrap_or_default(),
                    places,
                    waiting.fields.get(fields..fields + count).unwrap_or_default(),
                    &self.digests,
                    &mut self.sorted,
                    self.batch.bytes(),
                );
                self.batch.end();
                (bytes, inserts, fields) = (bytes_end, inserts_end, fields + count);
            }
            waiting.bytes.clear();
            waiting.inserts.clear();
            waiting.fields.clear();
            self.batch.hash(&mut self.digests[level + 1]);
        }
    }

    /// A hash that was promised before the last [`Hashing::resolve`].
    #[inline]
    pub fn digest(&self, later: Later) -> Hash {
        Hash::from_bytes(*digest(&self.digests, later))
    }

    /// The batch, for hashes that are none of Ion; to be left empty.
    pub(crate) fn batch(&mut self) -> &mut Batch {
        &mut self.batch
    }

    /// Drops a value that was begun; what was promised stays.
    pub fn abandon(&mut self) {
        self.open.clear();
        self.texts.clear();
        self.bytes.clear();
        self.inserts.clear();
        self.fields.clear();
    }

    /// How many hashes are held.
    pub(crate) fn len(&self) -> usize {
        self.digests.iter().map(Vec::len).sum()
    }

    /// Forgets all hashes, and whatever was begun.
    pub fn clear(&mut self) {
        self.digests.iter_mut().for_each(Vec::clear);
        self.abandon();
    }
}

#[inline]
fn digest(digests: &[Vec<[u8; Hash::LENGTH]>], later: Later) -> &[u8; Hash::LENGTH] {
    // Every promise is kept: it was counted when it was made.
    digests.get(later.level).and_then(|level| level.get(later.index)).unwrap_or(&[0; Hash::LENGTH])
}

/// Puts a text together whose hashes are known.
#[inline]
fn join(
    bytes: &[u8],
    inserts: &[Insert],
    fields: &[Later],
    digests: &[Vec<[u8; Hash::LENGTH]>],
    sorted: &mut Vec<(u64, Later)>,
    out: &mut Vec<u8>,
) {
    let (mut done, mut rest) = (0, fields);
    for insert in inserts {
        out.extend_from_slice(bytes.get(done..insert.at).unwrap_or_default());
        let (mine, others) = rest.split_at_checked(insert.count).unwrap_or((rest, &[]));
        push_sorted(mine, digests, sorted, out);
        (done, rest) = (insert.at, others);
    }
    out.extend_from_slice(bytes.get(done..).unwrap_or_default());
}

/// The hashes of a struct's fields, in their order.
#[inline]
fn push_sorted(
    fields: &[Later],
    digests: &[Vec<[u8; Hash::LENGTH]>],
    sorted: &mut Vec<(u64, Later)>,
    out: &mut Vec<u8>,
) {
    if let [field] = fields {
        return push_escaped_hash(digest(digests, *field), out);
    }
    sorted.clear();
    sorted.extend(fields.iter().map(|field| (head(digest(digests, *field)), *field)));
    sorted.sort_unstable_by(|(one_head, one), (other_head, other)| {
        one_head.cmp(other_head).then_with(|| digest(digests, *one).cmp(digest(digests, *other)))
    });
    for (_, field) in &*sorted {
        push_escaped_hash(digest(digests, *field), out);
    }
}

/// The first bytes as a number: where two hashes differ, they almost always differ here.
#[inline]
fn head(hash: &[u8; Hash::LENGTH]) -> u64 {
    hash.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// [`push_escaped`] for a length that is known: two of three hashes need no escape, and one look at all bytes tells.
#[inline]
fn push_escaped_hash(hash: &[u8; Hash::LENGTH], out: &mut Vec<u8>) {
    if runs::has_escaped(hash) {
        push_escapes(hash, runs::unescaped(hash), out);
    } else {
        out.extend_from_slice(hash);
    }
}

fn push_annotations(item: &Item<'_>, out: &mut Vec<u8>) -> bool {
    if item.annotations.is_empty() {
        return false;
    }
    out.extend_from_slice(&[BEGIN, ANNOTATED]);
    item.annotations.iter().for_each(|annotation| push_symbol(annotation.as_deref(), out));
    true
}

#[inline]
fn push_annotated_scalar(item: &Item<'_>, scalar: &Scalar<'_>, out: &mut Vec<u8>, number: &mut Vec<u8>) {
    let is_annotated = push_annotations(item, out);
    match scalar {
        Scalar::String(text) if item.is_plain() => {
            out.extend_from_slice(&[BEGIN, 0x80]);
            out.extend_from_slice(text.as_bytes());
            out.push(END);
        }
        _ => push_scalar(scalar, out, number),
    }
    if is_annotated {
        out.push(END);
    }
}

#[inline]
fn push_escaped(bytes: &[u8], out: &mut Vec<u8>) {
    let plain = runs::unescaped(bytes);
    if plain == bytes.len() {
        return out.extend_from_slice(bytes);
    }
    push_escapes(bytes, plain, out);
}

/// Appends bytes of which the first so many need no escape, and the next does.
fn push_escapes(bytes: &[u8], mut plain: usize, out: &mut Vec<u8>) {
    let mut rest = bytes;
    loop {
        let (run, special) = rest.split_at_checked(plain).unwrap_or((rest, &[]));
        out.extend_from_slice(run);
        let Some((byte, after)) = special.split_first() else { return };
        out.extend_from_slice(&[ESCAPE, *byte]);
        rest = after;
        plain = runs::unescaped(rest);
    }
}

#[inline]
fn push_value(qualifier: u8, representation: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&[BEGIN, qualifier]);
    push_escaped(representation, out);
    out.push(END);
}

/// The name of an item's field.
#[inline]
fn push_field(item: &Item<'_>, out: &mut Vec<u8>) {
    match item.name() {
        Some(name) => {
            debug_assert!(name.is(item.field.flatten()), "the name of another field");
            name.push_hashed(out);
        }
        None => push_symbol(item.field.flatten(), out),
    }
}

#[inline]
pub(super) fn push_symbol(symbol: Symbol<'_>, out: &mut Vec<u8>) {
    match symbol {
        Some(text) => push_value(SYMBOL, text.as_bytes(), out),
        None => push_value(UNKNOWN_SYMBOL, &[], out),
    }
}

#[inline]
fn push_scalar(scalar: &Scalar<'_>, out: &mut Vec<u8>, number: &mut Vec<u8>) {
    let qualifier = match scalar {
        Scalar::String(text) => return push_value(0x80, text.as_bytes(), out),
        Scalar::Blob(bytes) => {
            let Ok(hash) = <&[u8; Hash::LENGTH]>::try_from(*bytes) else { return push_value(0xA0, bytes, out) };
            out.extend_from_slice(&[BEGIN, 0xA0]);
            push_escaped_hash(hash, out);
            return out.push(END);
        }
        Scalar::Symbol(symbol) => return push_symbol(*symbol, out),
        Scalar::Clob(bytes) => return push_value(0x90, bytes, out),
        Scalar::Null(ion_type) => return push_value(ion_type.code() << 4 | 0xF, &[], out),
        Scalar::Bool(truth) => return push_value(0x10 | u8::from(*truth), &[], out),
        number => numeric_qualifier(number),
    };
    number.clear();
    match scalar {
        Scalar::Int(int) => int.magnitude.push_be_bytes(number),
        Scalar::Float(float) => push_float_bytes(*float, number),
        Scalar::Decimal(decimal) => push_decimal_bytes(decimal, number),
        Scalar::Timestamp(timestamp) => push_timestamp_bytes(timestamp, number),
        _ => {}
    }
    push_value(qualifier, number, out);
}

fn numeric_qualifier(scalar: &Scalar<'_>) -> u8 {
    match scalar {
        Scalar::Int(int) if int.negative => 0x30,
        Scalar::Int(_) => 0x20,
        Scalar::Float(_) => 0x40,
        Scalar::Decimal(_) => 0x50,
        _ => 0x60,
    }
}
