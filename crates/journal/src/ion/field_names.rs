//! Field names that come again. A journal has few of them, in much the same
//! order in every block: a name that was read twice is recognised by its bytes
//! from then on, and what is made of it, its part of an Ion hash and its number
//! among the names that a caller asked for, is made once.
//!
//! Used by the readers. Whatever is not recognised is read as it always was,
//! so this decides how fast a name is read and never what it says.

use super::hashing::push_symbol;

/// Longer names are read anew each time.
const LONGEST: usize = 32;
/// A name of [`LONGEST`] bytes in an Ion hash: three bytes around it, and room for some escapes.
const LONGEST_HASHED: usize = 40;
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
    /// Where the text lies in the source: behind the quote, if there is one.
    text_start: u8,
    text_end: u8,
    number: Option<u8>,
    hashed: [u8; LONGEST_HASHED],
    hashed_length: u8,
}

impl FieldName {
    fn new(source: Source, text_start: usize, text: &str, known: &[&str]) -> Option<Self> {
        let mut bytes = Vec::with_capacity(LONGEST_HASHED);
        push_symbol(Some(text), &mut bytes);
        let mut hashed = [0; LONGEST_HASHED];
        hashed.get_mut(..bytes.len())?.copy_from_slice(&bytes);
        Some(Self {
            source,
            text_start: u8::try_from(text_start).ok()?,
            text_end: u8::try_from(text_start + text.len()).ok()?,
            number: known.iter().position(|known| *known == text).and_then(|index| u8::try_from(index).ok()),
            hashed,
            hashed_length: u8::try_from(bytes.len()).ok()?,
        })
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

    /// Where its text lies in what was read, and how long that is.
    #[inline]
    pub(super) fn extent(&self) -> (usize, usize, usize) {
        (usize::from(self.text_start), usize::from(self.text_end), usize::from(self.source.length))
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

    /// The name of which so many bytes at the beginning of `rest` are the source, once it was met twice.
    pub(super) fn met(&mut self, rest: &[u8], length: usize, text_start: usize, text: &str) -> Option<usize> {
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
                    self.names.push(FieldName::new(source, text_start, text, self.known)?);
                    *place = u16::try_from(self.names.len()).ok()?;
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

    /// Keeps the name that a symbol table has under an id.
    pub(super) fn keep_id(&mut self, id: usize, text: &str) -> Option<usize> {
        if !self.is_on || self.names.len() >= MOST || id >= PLACES {
            return None;
        }
        if self.by_id.len() <= id {
            self.by_id.resize(id + 1, 0);
        }
        let source = Source { words: [0; LONGEST / 8], length: 0 };
        self.names.push(FieldName::new(source, 0, text, self.known)?);
        *self.by_id.get_mut(id)? = u16::try_from(self.names.len()).ok()?;
        Some(self.names.len() - 1)
    }

    /// Forgets what ids mean: another symbol table holds.
    pub(super) fn forget_ids(&mut self) {
        self.by_id.clear();
        self.names.clear();
    }
}

#[inline]
fn index_of(place: u16) -> Option<usize> {
    if place == MET_ONCE { None } else { usize::from(place).checked_sub(1) }
}
