//! Large objects in pieces that several cores read at the same time.
//!
//! The end of a block is known only by reading it, so the end of a piece is a guess: after a line
//! end that is followed by a brace. The reader of a piece reports how far it got; only if it used
//! the whole piece does the next one begin where a block does. Otherwise the rest is read again
//! together with the next piece, so that a wrong guess costs time but never changes what is read.

use std::io::Read;
use std::sync::Arc;

use memchr::memmem;

use super::check::FIELDS;
use super::ion::{
    BINARY_VERSION_MARKER, BinaryReader, Grammar, IonError, LARGEST_VALUE, ReadItems, Reader, SymbolTable,
};
use super::{Checker, JournalError, Judged};

/// The approximate length of a piece.
const PIECE: usize = 1 << 20;

/// A part of an object.
#[derive(Debug, Clone)]
pub struct Piece {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The offset of the first byte in the object.
    pub offset: u64,
    /// Whether nothing follows.
    pub is_last: bool,
    /// Whether they are Ion binary.
    pub is_binary: bool,
    symbols: Arc<SymbolTable>,
    /// Whether it begins at the start of a line.
    begins_line: bool,
    /// How many bytes at its beginning were already read in vain: no block ends in them.
    in_vain: usize,
}

/// How far a piece could be read.
#[derive(Debug)]
pub struct PieceEnd {
    /// How many bytes were used by complete blocks and what is between them.
    pub used: usize,
    /// What can't be read after them.
    pub failure: Option<JournalError>,
    /// Something after the last block of the object that is not a block and that QLDB does not write: what and where.
    pub stranger: Option<(&'static str, u64)>,
    symbols: Arc<SymbolTable>,
}

impl Piece {
    /// Reads the blocks of the piece, and passes each to `each` once it was judged.
    pub fn read(&self, checker: &mut Checker, is_json: bool, each: &mut dyn FnMut(Judged<'_>)) -> PieceEnd {
        let is_json = is_json && !self.is_binary;
        // Each kind of reader has its own code, without a branch for every item.
        match self.reader(is_json).knowing(FIELDS) {
            Reader::Text(mut reader) => self.read_with(&mut reader, checker, is_json, each),
            Reader::Binary(mut reader) => self.read_with(&mut reader, checker, is_json, each),
        }
    }

    /// A reader of its bytes, with the symbols that apply at its beginning.
    pub(crate) fn reader(&self, is_json: bool) -> Reader<'_> {
        let grammar = if is_json { Grammar::Json } else { Grammar::Ion };
        Reader::new(&self.bytes, self.is_binary, grammar, Arc::clone(&self.symbols)).part(!self.is_last)
    }

    fn read_with(
        &self,
        reader: &mut impl ReadItems,
        checker: &mut Checker,
        is_json: bool,
        each: &mut dyn FnMut(Judged<'_>),
    ) -> PieceEnd {
        checker.begin(self.offset);
        let mut stranger = None;
        let mut last_end = 0;
        let (used, failure) = loop {
            let read = checker.read(reader, is_json);
            if matches!(read, Ok(true)) && is_json {
                if !self.is_line(last_end, reader.value_start(), reader.offset()) {
                    checker.note_form("a block that is not a line of its own");
                }
                last_end = reader.offset();
            }
            match read {
                Ok(true) if reader.offset() - reader.value_start() > LARGEST_VALUE => {
                    break (reader.value_start(), Some(self.too_long(reader.value_start(), "the value")));
                }
                Ok(true) if checker.is_full() => checker.judge(each),
                Ok(true) => {}
                Ok(false) => {
                    stranger = checker.take_stranger(reader);
                    if stranger.is_none() || self.is_last {
                        break (self.bytes.len(), None);
                    }
                    // Anything unexpected is reported with the block that follows it. As with the end of a block, it is
                    // not searched for indefinitely.
                    let resume = reader.resume_point();
                    break (resume, self.too_long_between(resume));
                }
                // Everything after this is read again, together with what follows.
                Err(error) => break (reader.resume_point(), self.failure(error, reader)),
            }
        };
        checker.judge(each);
        let stranger = stranger.or_else(|| checker.take_stranger(reader)).filter(|_| self.is_last);
        let stranger = stranger.map(|stranger| (stranger.what.as_str(), self.offset + stranger.at as u64));
        PieceEnd { used, failure, stranger, symbols: Arc::clone(reader.symbols()) }
    }

    /// Whether a block is a line of its own, as JSON Lines requires: a reader of lines would find another block, or
    /// none.
    fn is_line(&self, last_end: usize, start: usize, end: usize) -> bool {
        let before = self.bytes.get(last_end..start).unwrap_or_default();
        let begins = before.contains(&b'\n') || (last_end == 0 && self.begins_line);
        begins && memchr::memchr2(b'\n', b'\r', self.bytes.get(start..end).unwrap_or_default()).is_none()
    }

    /// What an error means: nothing yet if more bytes follow.
    fn failure(&self, error: IonError, reader: &impl ReadItems) -> Option<JournalError> {
        if !error.ended {
            return Some(JournalError::within(self.offset, error));
        }
        let start = reader.value_start();
        if self.is_longer(start) {
            return Some(self.too_long(start, "the value"));
        }
        if let Some(error) = self.too_long_between(reader.resume_point()) {
            return Some(error);
        }
        let end = self.offset + self.bytes.len() as u64;
        let reason = format!("the object ends at {end}, inside the value that begins here");
        self.is_last.then(|| JournalError::new(self.offset + start as u64, reason))
    }

    /// Whether a value that begins there, and has no end here, is longer than a value may be.
    fn is_longer(&self, start: usize) -> bool {
        self.bytes.len() - start > LARGEST_VALUE
    }

    fn too_long_between(&self, start: usize) -> Option<JournalError> {
        self.is_longer(start).then(|| self.too_long(start, "what is between blocks and"))
    }

    fn too_long(&self, start: usize, what: &str) -> JournalError {
        let reason = format!("{what} that begins here is longer than {LARGEST_VALUE} bytes");
        JournalError::new(self.offset + start as u64, reason)
    }

    /// Whether the following piece begins where a block does, with the symbols that it was given.
    pub fn is_followed_by(&self, end: &PieceEnd, next: &Self) -> bool {
        let same_symbols = Arc::ptr_eq(&end.symbols, &next.symbols) || end.symbols == next.symbols;
        end.used == self.bytes.len() && same_symbols
    }

    /// The unused rest of this piece, followed by the next one.
    #[must_use]
    pub fn rest_before(mut self, end: PieceEnd, next: &Self) -> Self {
        let begins_line = match end.used.checked_sub(1) {
            None => self.begins_line,
            Some(last) => self.bytes.get(last) == Some(&b'\n'),
        };
        self.bytes.drain(..end.used);
        let in_vain = self.bytes.len();
        Self { offset: self.offset + end.used as u64, symbols: end.symbols, begins_line, in_vain, ..self }.with(next)
    }

    /// This piece, followed by the next one.
    #[must_use]
    pub fn with(mut self, next: &Self) -> Self {
        self.bytes.extend_from_slice(&next.bytes);
        Self { is_last: next.is_last, ..self }
    }

    /// Whether more bytes should be available before it is read again: this makes the search for the end of a long
    /// block take time proportional to its length.
    pub fn waits_for_more(&self) -> bool {
        !self.is_last && self.bytes.len() < 2 * self.in_vain && self.bytes.len() <= LARGEST_VALUE
    }
}

/// Divides an object into pieces.
#[derive(Debug)]
pub struct Pieces<R> {
    source: R,
    rest: Vec<u8>,
    offset: u64,
    is_binary: Option<bool>,
    symbols: Arc<SymbolTable>,
    /// Whether the next piece begins at the start of a line.
    begins_line: bool,
    is_done: bool,
}

impl<R: Read> Pieces<R> {
    /// Reads an object from its beginning.
    pub fn new(source: R) -> Self {
        let symbols = Arc::default();
        Self { source, rest: Vec::new(), offset: 0, is_binary: None, symbols, begins_line: true, is_done: false }
    }

    /// The next piece.
    fn next_piece(&mut self) -> Result<Piece, JournalError> {
        let mut bytes = std::mem::take(&mut self.rest);
        // Most objects are smaller than a piece; in a larger one, the next piece is as long as the last.
        if self.offset > 0 {
            bytes.reserve(PIECE + 1);
        }
        let mut wanted = PIECE;
        loop {
            let before = bytes.len();
            let room = wanted.saturating_sub(before).max(1);
            let read = Read::by_ref(&mut self.source).take(room as u64).read_to_end(&mut bytes);
            read.map_err(|error| JournalError::io(self.offset + before as u64, error))?;
            let is_last = bytes.len() - before < room;
            let is_binary = *self.is_binary.get_or_insert_with(|| bytes.starts_with(&BINARY_VERSION_MARKER[..1]));
            let symbols = Arc::clone(&self.symbols);
            let cut = if is_last { bytes.len() } else { self.cut(&bytes, is_binary) };
            if cut == 0 && is_binary && !is_last && bytes.len() <= LARGEST_VALUE {
                wanted = bytes.len() * 2;
                continue;
            }
            let cut = if cut == 0 { bytes.len() } else { cut };
            self.rest = bytes.get(cut..).unwrap_or_default().to_vec();
            bytes.truncate(cut);
            let offset = self.offset;
            self.offset += cut as u64;
            self.is_done = is_last;
            let begins_line = std::mem::replace(&mut self.begins_line, bytes.ends_with(b"\n"));
            return Ok(Piece { bytes, offset, is_last, is_binary, symbols, begins_line, in_vain: 0 });
        }
    }

    /// Where to end the piece; 0 if there is no good position. Text is then cut anywhere.
    fn cut(&mut self, bytes: &[u8], is_binary: bool) -> usize {
        if !is_binary {
            return memmem::rfind(bytes, b"\n{").map_or(0, |at| at + 1);
        }
        let mut reader = BinaryReader::new(bytes, std::mem::take(&mut self.symbols));
        // An error, rather than a cut-off value, is found by the reader of the piece.
        while let Ok(Some(_)) = reader.pass_value() {}
        self.symbols = Arc::clone(reader.symbols());
        reader.value_start()
    }
}

impl<R: Read> Iterator for Pieces<R> {
    type Item = Result<Piece, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let piece = self.next_piece();
        self.is_done |= piece.is_err();
        Some(piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_the_whole_object_whatever_it_holds() {
        let line = |length: usize| format!("{{{}}}\n", "x".repeat(length)).into_bytes();
        let long = line(PIECE);
        for object in [vec![], b"\n".to_vec(), line(3), long.clone(), [long.clone(), long, line(3)].concat()] {
            let pieces: Vec<Piece> = Pieces::new(&object[..]).map(|piece| piece.unwrap()).collect();
            let joined: Vec<u8> = pieces.iter().flat_map(|piece| piece.bytes.clone()).collect();
            assert!(joined == object, "{} bytes", object.len());
            assert!(
                pieces.iter().rev().skip(1).all(|piece| !piece.is_last)
                    && pieces.last().is_some_and(|last| last.is_last)
            );
        }
    }
}
