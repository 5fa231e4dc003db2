//! Ion Hash 1.0 with SHA-256, computed later: values are taken item by item as they are read, and
//! their hashes are computed together, many at a time, which is much faster on a CPU than one hash
//! after the other.
//!
//! A struct's field is hashed separately, name first; the struct's own text consists of the sorted
//! hashes of its fields. So the texts form levels: those of level 0 are known when the field ends,
//! those of the next level when the hashes of the level below are.

mod escapes;
mod join;
mod recurring;
mod serial;
mod waiting;

use super::runs::{BEGIN, END};
use super::{Container, Event, FieldName, Item, Scalar, Value};
use crate::Hash;
use crate::sha256::{Backend, Batch};
pub(super) use escapes::{LONGEST_SHORT, push_symbol};
use join::{Insert, Joining};
use recurring::Recurring;
use serial::{push_annotated_scalar, push_annotations, push_field};
use waiting::Waiting;

/// Beyond this level, everything below is computed at once, and counting starts again.
const HIGHEST: usize = 24;
/// The number of bytes of text that are held before they are hashed, however long the value is.
const MOST_WAITING: usize = 1 << 20;

/// A hash that is computed by the next [`Hashing::resolve`]: its index among all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Later(u32);

impl Later {
    /// There are never hashes that fill more than 128 GB.
    #[inline]
    fn at(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    #[inline]
    fn index(self) -> usize {
        self.0 as usize
    }
}

/// Takes values, and computes their hashes together.
#[derive(Debug)]
pub struct Hashing {
    batch: Batch,
    /// The hashes that were computed; the number that were promised, and the number of these that exist. The rest
    /// belong to values that were forgotten.
    digests: Vec<[u8; Hash::LENGTH]>,
    promised: usize,
    computed: usize,
    /// The texts waiting on each level above 0.
    waiting: Vec<Waiting>,
    /// The open containers of the current value.
    open: Vec<Open>,
    /// The texts that are being assembled, innermost last.
    texts: Vec<Text>,
    bytes: Vec<u8>,
    inserts: Vec<Insert>,
    /// Hashes of fields of open structs, and of structs that ended in a text that has not ended.
    fields: Vec<Later>,
    joining: Joining,
    recurring: Recurring,
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

/// A text: what preceded it, and its level as far as it is known.
#[derive(Debug, Clone, Copy)]
struct Text {
    bytes: usize,
    inserts: usize,
    fields: usize,
    level: usize,
}

impl Default for Hashing {
    fn default() -> Self {
        Self::new(Backend::best())
    }
}

impl Hashing {
    /// Computes with one implementation of SHA-256.
    pub fn new(backend: Backend) -> Self {
        Self {
            batch: Batch::new(backend),
            digests: Vec::new(),
            promised: 0,
            computed: 0,
            waiting: Vec::new(),
            open: Vec::new(),
            texts: Vec::new(),
            bytes: Vec::new(),
            inserts: Vec::new(),
            fields: Vec::new(),
            joining: Joining::new(backend),
            recurring: Recurring::default(),
            number: Vec::new(),
        }
    }

    /// Takes the next item of a value. Its hash is promised when the outermost value has ended.
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
        let name = item.name().filter(|_| in_struct && item.annotations.is_empty());
        let later = if let Some(later) = name.and_then(|name| self.short(name, scalar, item.is_plain())) {
            later
        } else {
            let text = self.batch.bytes();
            if in_struct {
                push_field(item, text);
            }
            push_annotated_scalar(item, scalar, text, &mut self.number);
            self.end_batched()
        };
        if in_struct {
            self.fields.push(later);
            return None;
        }
        Some(later)
    }

    /// [`Hashing::write`] for a field without annotations whose name occurred before. Inlined where it is known what kind
    /// of value it is.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs more than what is left for one kind of value")]
    pub(crate) fn write_named(&mut self, name: &FieldName, value: &Value<'_>) -> Option<Later> {
        let in_struct = self.open.last().is_some_and(|open| open.fields.is_some());
        match if in_struct { self.short(name, &value.scalar, value.is_plain) } else { None } {
            Some(later) => {
                self.fields.push(later);
                None
            }
            None => self.write(&value.item(Some(name))),
        }
    }

    /// The promise for a field whose value is short and needs no escapes: it is written in one go.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call costs more than what is left for one kind of value")]
    fn short(&mut self, name: &FieldName, scalar: &Scalar<'_>, is_plain: bool) -> Option<Later> {
        let (qualifier, value) = serial::short(scalar, is_plain, &mut self.number)?;
        self.batch.write_at(self.promised, |room| name.write_field(qualifier, value, room));
        Some(self.promise_batched())
    }

    fn end_batched(&mut self) -> Later {
        self.batch.end_at(self.promised);
        self.promise_batched()
    }

    /// The promise for a text that is in the batch.
    #[inline]
    fn promise_batched(&mut self) -> Later {
        let later = self.promise();
        if self.batch.byte_len() > MOST_WAITING {
            self.resolve();
        }
        later
    }

    #[inline]
    fn promise(&mut self) -> Later {
        let later = Later::at(self.promised);
        self.promised += 1;
        later
    }

    fn begin(&mut self, item: &Item<'_>, container: Container) {
        let in_struct = self.open.last().is_some_and(|open| open.fields.is_some());
        let begins_text = in_struct || self.open.is_empty();
        if begins_text {
            let (bytes, inserts, fields) = (self.bytes.len(), self.inserts.len(), self.fields.len());
            self.texts.push(Text { bytes, inserts, fields, level: 0 });
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
        let (later, level) = self.end_text();
        let Some(holder) = self.texts.last_mut() else { return Some(later) };
        holder.level = holder.level.max(level + 1);
        self.fields.push(later);
        None
    }

    /// Reserves room for a struct's hashes in the text; the hashes stay on the stack until the text ends.
    #[inline]
    fn end_struct(&mut self, first: usize) {
        let count = self.fields.len() - first;
        let Some(text) = self.texts.last_mut().filter(|_| count > 0) else { return };
        text.level = text.level.max(1);
        self.inserts.push(Insert { at: self.bytes.len() - text.bytes, count });
    }

    /// Ends a text, and returns its level.
    fn end_text(&mut self) -> (Later, usize) {
        let Some(text) = self.texts.pop() else { return (Later::at(usize::MAX), 0) };
        if text.level > HIGHEST {
            self.resolve();
        }
        let is_known = text.level == 0 || text.level > HIGHEST;
        let bytes = self.bytes.get(text.bytes..).unwrap_or_default();
        let inserts = self.inserts.get(text.inserts..).unwrap_or_default();
        let fields = self.fields.get(text.fields..).unwrap_or_default();
        let (later, level) = if is_known {
            self.joining.push(bytes, bytes.len(), inserts, fields, &self.digests, self.batch.bytes());
            (self.end_batched(), 0)
        } else {
            while self.waiting.len() < text.level {
                self.waiting.push(Waiting::default());
            }
            let promise = Later::at(self.promised);
            // It has just been made long enough.
            self.waiting[text.level - 1].push(bytes, inserts, fields, promise);
            (self.promise(), text.level)
        };
        self.bytes.truncate(text.bytes);
        self.inserts.truncate(text.inserts);
        self.fields.truncate(text.fields);
        (later, level)
    }

    /// Computes everything that was promised.
    pub fn resolve(&mut self) {
        // The hashes of earlier values are overwritten: filling their slots first would cost more than it protects.
        if self.digests.len() < self.promised {
            self.digests.resize(self.promised, [0; Hash::LENGTH]);
        }
        self.computed += self.batch.len();
        self.batch.hash_to(&mut self.digests);
        for waiting in &mut self.waiting {
            waiting.join(&mut self.joining, &self.digests, &mut self.batch);
            self.computed += self.batch.len();
            self.batch.hash_to(&mut self.digests);
        }
        self.distrust_gaps();
    }

    /// Each promise is kept by exactly one text. If one were not, a hash of an earlier value would be in its slot, so
    /// all hashes are discarded then.
    fn distrust_gaps(&mut self) {
        debug_assert_eq!(self.computed, self.promised, "promises that were not kept");
        if self.computed != self.promised {
            self.digests.fill([0; Hash::LENGTH]);
        }
    }

    /// A hash that was promised before the last [`Hashing::resolve`].
    #[inline]
    pub fn digest(&self, later: Later) -> Hash {
        Hash::from_bytes(*join::digest(&self.digests, later))
    }

    /// The batch, for hashes that are not Ion hashes; to be left empty.
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

    /// The number of hashes held.
    pub(crate) fn len(&self) -> usize {
        self.promised
    }

    /// Forgets all hashes, finished and begun. Everything that was promised must have been computed.
    pub fn clear(&mut self) {
        (self.promised, self.computed) = (0, 0);
        self.recurring.forget();
        self.abandon();
    }
}
