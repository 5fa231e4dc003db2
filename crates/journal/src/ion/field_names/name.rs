//! A field name, and what is derived from it once.

use crate::ion::hashing::{LONGEST_SHORT, push_symbol};
use crate::ion::runs::{self, BEGIN, END};
use crate::sha256::ROOM;

/// Longer names are read in full each time.
pub(in crate::ion) const LONGEST: usize = 32;
/// The size of a name of [`LONGEST`] bytes in an Ion hash: three bytes around it, room for some escapes, and the byte
/// with which a value begins.
const LONGEST_HASHED: usize = 40;

// A name, a value's qualifier, a short value, its end, and what a message needs after it.
const _: () = assert!(LONGEST_HASHED + 1 + LONGEST_SHORT + 1 + 9 <= ROOM);

/// A name that occurred before.
#[derive(Debug, Clone)]
pub(crate) struct FieldName {
    source: Spelling,
    text: Box<str>,
    number: Option<u8>,
    /// Its index among the names of its reader.
    place: Option<u16>,
    is_plain: bool,
    is_identifier: bool,
    /// Its representation in an Ion hash, and the byte after it with which a value begins.
    hashed: [u8; LONGEST_HASHED],
    hashed_length: u8,
}

impl FieldName {
    pub(super) fn new(source: Spelling, text: &str, known: &[&str]) -> Option<Self> {
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

    /// The same, at an index among the names of its reader.
    pub(super) fn at(self, place: u16) -> Self {
        Self { place: Some(place), ..self }
    }

    /// Whether it is written like this.
    #[inline]
    pub(super) fn is_written(&self, source: &Spelling) -> bool {
        self.source == *source
    }

    /// A name that is written literally, with a colon after it.
    pub(in crate::ion) fn identifier(name: &str, known: &[&str]) -> Option<Self> {
        Self::new(Spelling::whole(format!("{name}:").as_bytes())?, name, known)
    }

    /// Whether the rest begins with it.
    #[inline]
    pub(in crate::ion) fn begins(&self, ahead: &[u8; LONGEST]) -> bool {
        self.source.begins(ahead)
    }

    /// Whether it is this name.
    pub(in crate::ion) fn is(&self, text: Option<&str>) -> bool {
        let mut hashed = Vec::new();
        push_symbol(text, &mut hashed);
        self.hashed.get(..usize::from(self.hashed_length)) == Some(&hashed[..])
    }

    /// Its number among the names that the reader was asked to number.
    #[inline]
    pub(crate) fn number(&self) -> Option<u8> {
        self.number
    }

    /// Appends the representation of the name in an Ion hash.
    #[inline]
    pub(crate) fn push_hashed(&self, out: &mut Vec<u8>) {
        // Copying a constant length and truncating is cheaper than copying a variable length.
        let end = out.len() + usize::from(self.hashed_length);
        out.extend_from_slice(&self.hashed);
        out.truncate(end);
    }

    /// Writes the representation in an Ion hash of a field whose value has up to [`LONGEST_SHORT`] bytes without
    /// escapes, into zeros. Returns its length.
    #[inline]
    pub(in crate::ion) fn write_field(&self, qualifier: u8, value: &[u8], room: &mut [u8; ROOM]) -> usize {
        let start = usize::from(self.hashed_length) + 2;
        let end = start + value.len();
        if let Some(place) = room.first_chunk_mut() {
            *place = self.hashed;
        }
        // There is room for the longest name and value: an assertion above ensures it.
        if let Some(place) = room.get_mut(start - 1) {
            *place = qualifier;
        }
        if let Some(place) = room.get_mut(start..end) {
            copy_few(value, place);
        }
        if let Some(place) = room.get_mut(end) {
            *place = END;
        }
        end + 1
    }

    /// Its index among the names of its reader: the same index may later be another name.
    #[inline]
    pub(in crate::ion) fn place(&self) -> Option<usize> {
        self.place.map(usize::from)
    }

    /// Whether JSON needs no escape in it.
    #[inline]
    pub(in crate::ion) fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Whether Ion text needs no quotes around it.
    #[inline]
    pub(in crate::ion) fn is_identifier(&self) -> bool {
        self.is_identifier
    }

    /// Its text.
    #[inline]
    pub(in crate::ion) fn text(&self) -> &str {
        &self.text
    }

    /// The number of bytes it takes in Ion text, with its quotes and the colon.
    #[inline]
    pub(in crate::ion) fn length(&self) -> usize {
        usize::from(self.source.length)
    }
}

/// Copies few bytes: most texts are so short that a call costs more than copying.
#[inline]
pub(in crate::ion) fn copy_few(from: &[u8], to: &mut [u8]) {
    match from.len() {
        0..4 => to.iter_mut().zip(from).for_each(|(to, from)| *to = *from),
        4..8 => copy_ends::<4>(from, to),
        8..16 => copy_ends::<8>(from, to),
        16..=32 => copy_ends::<16>(from, to),
        _ => to.copy_from_slice(from),
    }
}

/// Copies from `N` to twice as many bytes: the first `N` and the last `N`.
#[inline]
fn copy_ends<const N: usize>(from: &[u8], to: &mut [u8]) {
    if let (Some(from), Some(to)) = (from.first_chunk::<N>(), to.first_chunk_mut::<N>()) {
        *to = *from;
    }
    if let (Some(from), Some(to)) = (from.last_chunk::<N>(), to.last_chunk_mut::<N>()) {
        *to = *from;
    }
}

/// The bytes of a name in Ion text up to the colon, or up to its end in a symbol table; or other bytes that are
/// expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ion) struct Spelling {
    words: [u64; LONGEST / 8],
    length: u8,
}

impl Spelling {
    /// A spelling with which no text begins.
    pub(in crate::ion) const NONE: Self = Self { words: [0; LONGEST / 8], length: 0 };

    /// The first bytes of the rest, if there are so many.
    #[inline]
    pub(super) fn of(rest: &[u8], length: usize) -> Option<Self> {
        let (Some(ahead), Ok(short)) = (rest.first_chunk::<LONGEST>(), u8::try_from(length)) else { return None };
        let masks = MASKS.get(length)?;
        let mut words = words(ahead);
        for (word, mask) in words.iter_mut().zip(masks) {
            *word &= mask;
        }
        Some(Self { words, length: short })
    }

    /// Some bytes; `None` if there are too many.
    pub(in crate::ion) fn whole(bytes: &[u8]) -> Option<Self> {
        let mut source = [0; LONGEST];
        source.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Self::of(&source, bytes.len())
    }

    /// The number of bytes.
    #[inline]
    pub(in crate::ion) fn length(&self) -> usize {
        usize::from(self.length)
    }

    /// Whether what is ahead begins with these bytes.
    #[inline]
    pub(in crate::ion) fn begins(&self, ahead: &[u8; LONGEST]) -> bool {
        let Some(masks) = MASKS.get(usize::from(self.length)) else { return false };
        let pairs = words(ahead).into_iter().zip(masks).zip(self.words);
        pairs.fold(0, |unlike, ((word, mask), own)| unlike | (word & mask ^ own)) == 0
    }

    /// Determines where it is looked up.
    #[inline]
    pub(super) fn place(&self) -> usize {
        let mixed = self.words.into_iter().fold(u64::from(self.length), |mixed, word| mixed.rotate_left(23) ^ word);
        (mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as usize
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

/// Whether a symbol needs no quotes.
pub(in crate::ion) fn is_identifier(text: &str) -> bool {
    let first = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_' || byte == b'$');
    let rest = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$');
    let keyword = matches!(text, "null" | "true" | "false" | "nan");
    // `$1a` is an identifier, but some readers take it for the symbol id `$1`.
    let like_id = text.strip_prefix('$').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
    first && rest && !keyword && !like_id
}
