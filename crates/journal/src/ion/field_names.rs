//! Field names that come again. A journal has few of them, in much the same
//! order in every block: a name that was read twice is recognised by its bytes
//! from then on, and what is made of it, its part of an Ion hash and its number
//! among the names that a caller asked for, is made once.
//!
//! Used by the readers. Whatever is not recognised is read as it always was,
//! so this decides how fast a name is read and never what it says.

use super::hashing::{BEGIN, END, LONGEST_SHORT, push_symbol};
use super::runs;
use super::text_writer::is_identifier;
use crate::sha256::ROOM;

/// Longer names are read anew each time.
pub(super) const LONGEST: usize = 32;
/// A name of [`LONGEST`] bytes in an Ion hash: three bytes around it, room for some escapes, and the byte with which a
/// value begins.
const LONGEST_HASHED: usize = 40;

// A name, a value's qualifier, a short value, its end, and what a message needs behind it.
const _: () = assert!(LONGEST_HASHED + 1 + LONGEST_SHORT + 1 + 9 <= ROOM);
/// More names than these of one reader are read anew each time.
const MOST: usize = 1024;
/// How many pairs of names are remembered with the one that came after them.
const HISTORIES: usize = 1 << 10;
/// How many places there are for names by their bytes, and how many of them one name may lie in.
const PLACES: usize = 4 * MOST;
const PROBES: usize = 4;

/// A name that was met before.
#[derive(Debug, Clone)]
pub(crate) struct FieldName {
    source: Source,
    text: Box<str>,
    number: Option<u8>,
    /// Its place among the names of its reader.
    place: Option<u16>,
    is_plain: bool,
    is_identifier: bool,
    /// What stands for it in an Ion hash, and the byte behind it with which a value begins.
    hashed: [u8; LONGEST_HASHED],
    hashed_length: u8,
}

impl FieldName {
    fn new(source: Source, text: &str, known: &[&str]) -> Option<Self> {
        let mut bytes = Vec::with_capacity(LONGEST_HASHED);
        push_symbol(Some(text), &mut bytes);
        let mut hashed = [0; LONGEST_HASHED];
        *hashed.get_mut(bytes.len())? = BEGIN;
        hashed.get_mut(..bytes.len())?.copy_from_slice(&bytes);
        Some(Self {
            source,
            text: text.into(),
            place: None,
            is_plain: runs::plain(text.as_bytes(), b'"') == text.len(),
            is_identifier: is_identifier(text),
            number: known.iter().position(|known| *known == text).and_then(|index| u8::try_from(index).ok()),
            hashed,
            hashed_length: u8::try_from(bytes.len()).ok()?,
        })
    }

    /// A name that is written as it is, with a colon behind it.
    pub(super) fn identifier(name: &str, known: &[&str]) -> Option<Self> {
        let mut source = [0; LONGEST];
        source.get_mut(..=name.len())?.copy_from_slice(format!("{name}:").as_bytes());
        Self::new(Source::of(&source, name.len() + 1)?, name, known)
    }

    /// Whether what follows begins with it.
    #[inline]
    pub(super) fn begins(&self, ahead: &[u8; LONGEST]) -> bool {
        self.source.begins(ahead)
    }

    /// Whether it is this name.
    pub(super) fn is(&self, text: Option<&str>) -> bool {
        let mut hashed = Vec::new();
        push_symbol(text, &mut hashed);
        self.hashed.get(..usize::from(self.hashed_length)) == Some(&hashed[..])
    }

    /// Its place among the names that the reader was asked to number.
    #[inline]
    pub(crate) fn number(&self) -> Option<u8> {
        self.number
    }

    /// Appends what stands for the name in an Ion hash.
    #[inline]
    pub(crate) fn push_hashed(&self, out: &mut Vec<u8>) {
        // A copy of constant length and a cut are cheaper than one of a length that varies.
        let end = out.len() + usize::from(self.hashed_length);
        out.extend_from_slice(&self.hashed);
        out.truncate(end);
    }

    /// Writes a field, which has a value of up to [`LONGEST_SHORT`] bytes without escapes, into zeros: what stands for
    /// it in an Ion hash. Gives its length.
    #[inline]
    pub(super) fn write_field(&self, qualifier: u8, value: &[u8], room: &mut [u8; ROOM]) -> usize {
        let start = usize::from(self.hashed_length) + 2;
        let end = start + value.len();
        if let Some(place) = room.first_chunk_mut() {
            *place = self.hashed;
        }
        // The room is long enough for the longest name and value: an assertion above says so.
        if let Some(place) = room.get_mut(start - 1) {
            *place = qualifier;
        }
        if let Some(place) = room.get_mut(start..end) {
            copy(value, place);
        }
        if let Some(place) = room.get_mut(end) {
            *place = END;
        }
        end + 1
    }

    /// Its place among the names of its reader: the same at another time may be another name.
    #[inline]
    pub(super) fn place(&self) -> Option<usize> {
        self.place.map(usize::from)
    }

    /// Whether JSON needs no escape in it.
    #[inline]
    pub(super) fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Whether Ion text needs no quotes around it.
    #[inline]
    pub(super) fn is_identifier(&self) -> bool {
        self.is_identifier
    }

    /// Its text.
    #[inline]
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// How many bytes it takes in Ion text, with its quotes and the colon.
    #[inline]
    pub(super) fn length(&self) -> usize {
        usize::from(self.source.length)
    }
}

/// Copies few bytes to as many: most texts have so few that to call for help costs more than to copy.
#[inline]
fn copy(from: &[u8], to: &mut [u8]) {
    match from.len() {
        0..4 => to.iter_mut().zip(from).for_each(|(to, from)| *to = *from),
        4..8 => copy_ends::<4>(from, to),
        8..16 => copy_ends::<8>(from, to),
        16..=32 => copy_ends::<16>(from, to),
        _ => to.copy_from_slice(from),
    }
}

/// Copies from `N` to twice as many bytes: the first `N` and the last.
#[inline]
fn copy_ends<const N: usize>(from: &[u8], to: &mut [u8]) {
    if let (Some(from), Some(to)) = (from.first_chunk::<N>(), to.first_chunk_mut::<N>()) {
        *to = *from;
    }
    if let (Some(from), Some(to)) = (from.last_chunk::<N>(), to.last_chunk_mut::<N>()) {
        *to = *from;
    }
}

/// The bytes of a name in Ion text up to the colon, or up to its end in a symbol table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Source {
    words: [u64; LONGEST / 8],
    length: u8,
}

impl Source {
    /// The first bytes of what follows, if there are so many.
    #[inline]
    fn of(rest: &[u8], length: usize) -> Option<Self> {
        let (Some(ahead), Ok(short)) = (rest.first_chunk::<LONGEST>(), u8::try_from(length)) else { return None };
        let masks = MASKS.get(length)?;
        let mut words = words(ahead);
        for (word, mask) in words.iter_mut().zip(masks) {
            *word &= mask;
        }
        Some(Self { words, length: short })
    }

    #[inline]
    fn begins(&self, ahead: &[u8; LONGEST]) -> bool {
        let Some(masks) = MASKS.get(usize::from(self.length)) else { return false };
        let pairs = words(ahead).into_iter().zip(masks).zip(self.words);
        pairs.fold(0, |unlike, ((word, mask), own)| unlike | (word & mask ^ own)) == 0
    }

    /// Where it is looked for among so many places.
    #[inline]
    fn place(&self) -> usize {
        let mixed = self.words.into_iter().fold(u64::from(self.length), |mixed, word| mixed.rotate_left(23) ^ word);
        (mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as usize % PLACES
    }
}

#[inline]
fn words(bytes: &[u8; LONGEST]) -> [u64; LONGEST / 8] {
    let mut words = [0; LONGEST / 8];
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    words
}

/// By length, which bits of the words belong to a name.
const MASKS: [[u64; LONGEST / 8]; LONGEST + 1] = {
    let mut masks = [[0; LONGEST / 8]; LONGEST + 1];
    let mut length = 0;
    while length <= LONGEST {
        let mut byte = 0;
        while byte < length {
            masks[length][byte / 8] |= 0xFF << (byte % 8 * 8);
            byte += 1;
        }
        length += 1;
    }
    masks
};

/// The names that a reader met.
#[derive(Debug, Default)]
pub(crate) struct FieldNames {
    /// Whether names are kept: that pays where much is read.
    is_on: bool,
    known: &'static [&'static str],
    names: Vec<FieldName>,
    /// For each place, the name that lies there, one more than its index; what was met once is a number beyond all.
    places: Vec<u16>,
    /// What came after two names, likewise.
    after: Vec<u16>,
    history: usize,
    /// For names of a symbol table, the index by id, likewise.
    by_id: Vec<u16>,
}

/// Marks a place whose name was met once.
const MET_ONCE: u16 = u16::MAX;

impl FieldNames {
    /// Keeps names, and numbers none.
    pub(crate) fn kept() -> Self {
        Self { is_on: true, ..Self::default() }
    }

    /// Keeps names from now on, and numbers those that are among these.
    pub(super) fn know(&mut self, known: &'static [&'static str]) {
        self.is_on = true;
        self.known = known;
    }

    /// The name, by its index, with which what follows begins, if it was met before. Who reads on behind it says so by
    /// [`FieldNames::follow`].
    #[inline]
    pub(super) fn at(&mut self, rest: &[u8]) -> Option<usize> {
        let ahead = rest.first_chunk()?;
        let expected = self.after.get(self.history).copied().and_then(index_of);
        match expected.filter(|index| self.names.get(*index).is_some_and(|name| name.source.begins(ahead))) {
            Some(index) => Some(index),
            None => self.unexpected(ahead),
        }
    }

    /// The same, for another name than the one that came after the last two before.
    #[inline(never)]
    fn unexpected(&mut self, ahead: &[u8; LONGEST]) -> Option<usize> {
        let colon = ahead.iter().position(|byte| *byte == b':')?;
        let source = Source::of(ahead, colon + 1)?;
        let first = source.place();
        let mut found = self.places.get(first..first + PROBES)?.iter().copied().filter_map(index_of);
        let index = found.find(|index| self.names.get(*index).is_some_and(|name| name.source == source))?;
        *self.after.get_mut(self.history)? = u16::try_from(index + 1).ok()?;
        Some(index)
    }

    /// Takes note of the name that was read last.
    #[inline]
    pub(super) fn follow(&mut self, index: usize) {
        self.history = (self.history << 5 ^ index) % HISTORIES;
    }

    /// Takes note that a container has ended: what comes then is another name than within it.
    #[inline]
    pub(super) fn note_end(&mut self) {
        self.follow(usize::MAX);
    }

    /// Takes note that fields were read of which nobody expected the names.
    #[inline]
    pub(super) fn note_run(&mut self) {
        self.history = HISTORIES - 2;
    }

    /// The name of which so many bytes at the beginning of `rest` are the source, once it was met twice.
    pub(super) fn met(&mut self, rest: &[u8], length: usize, text: &str) -> Option<usize> {
        if !self.is_on {
            return None;
        }
        let source = Source::of(rest, length)?;
        if self.places.is_empty() {
            self.places = vec![0; PLACES + PROBES];
            self.after = vec![0; HISTORIES];
        }
        let first = source.place();
        for place in self.places.get_mut(first..first + PROBES)? {
            match index_of(*place) {
                Some(index) if self.names.get(index).is_some_and(|name| name.source == source) => return Some(index),
                Some(_) => {}
                // Names that come once, as ids of documents do, take no room.
                None if *place == 0 => {
                    *place = MET_ONCE;
                    return None;
                }
                None if self.names.len() >= MOST => return None,
                None => {
                    let name = FieldName::new(source, text, self.known)?;
                    *place = keep(name, &mut self.names)?;
                    return Some(self.names.len() - 1);
                }
            }
        }
        None
    }

    /// A name by its index.
    #[inline]
    pub(super) fn get(&self, index: Option<usize>) -> Option<&FieldName> {
        self.names.get(index?)
    }

    /// The index of the name that a symbol table has under an id, if it was met.
    #[inline]
    pub(super) fn of_id(&self, id: usize) -> Option<usize> {
        self.by_id.get(id).copied().and_then(index_of)
    }

    /// Keeps the name that a symbol table has under an id, once it was met twice.
    pub(super) fn keep_id(&mut self, id: usize, text: &str) -> Option<usize> {
        if !self.is_on || self.names.len() >= MOST || id >= PLACES {
            return None;
        }
        if self.by_id.len() <= id {
            self.by_id.resize(id + 1, 0);
        }
        let place = self.by_id.get_mut(id)?;
        if *place == 0 {
            *place = MET_ONCE;
            return None;
        }
        let source = Source { words: [0; LONGEST / 8], length: 0 };
        *place = keep(FieldName::new(source, text, self.known)?, &mut self.names)?;
        Some(self.names.len() - 1)
    }

    /// Forgets what ids mean: another symbol table holds.
    pub(super) fn forget_ids(&mut self) {
        self.by_id.clear();
        self.names.clear();
    }
}

/// Keeps a name, and gives its place: one more than its index.
fn keep(name: FieldName, names: &mut Vec<FieldName>) -> Option<u16> {
    let place = u16::try_from(names.len()).ok()?;
    names.push(FieldName { place: Some(place), ..name });
    place.checked_add(1)
}

#[inline]
fn index_of(place: u16) -> Option<usize> {
    if place == MET_ONCE { None } else { usize::from(place).checked_sub(1) }
}
