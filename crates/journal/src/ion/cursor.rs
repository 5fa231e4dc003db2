//! A position in Ion text, and the tokens that can be read there without knowing the context.

mod texts;

use super::IonError;
use super::strange::{self, Strange, Stranger};

/// The texts that are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grammar {
    /// Ion 1.0 text, which includes JSON.
    Ion,
    /// Only JSON (RFC 8259), so that every JSON reader reads the same.
    Json,
}

/// A text that is in the input, or was assembled from it.
#[derive(Debug, Default)]
pub(super) struct Text<'i> {
    plain: &'i str,
    /// Used if the text consists of several pieces or has escapes; kept for reuse.
    made: String,
    is_made: bool,
}

impl<'i> Text<'i> {
    pub(super) fn get(&self) -> &str {
        if self.is_made { &self.made } else { self.plain }
    }

    /// Whether it was assembled: if not, it has no escapes and no control characters.
    #[inline]
    pub(super) fn is_made(&self) -> bool {
        self.is_made
    }

    #[inline]
    pub(super) fn set(&mut self, plain: &'i str) {
        self.plain = plain;
        self.is_made = false;
    }

    /// An empty text that is assembled from now on.
    pub(super) fn make(&mut self) -> &mut String {
        self.made.clear();
        self.is_made = true;
        &mut self.made
    }
}

/// What follows the UTF-8 part of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beyond {
    Nothing,
    /// The beginning of a character.
    CutCharacter,
    /// A byte with which no character begins.
    Stray,
}

/// A position in the input, and the tokens that need only the input.
#[derive(Debug)]
pub(super) struct Cursor<'i> {
    /// The UTF-8 part of the input.
    text: &'i str,
    beyond: Beyond,
    /// Whether the input is part of a text that may continue, so that its end decides nothing.
    pub(super) may_go_on: bool,
    pub(super) at: usize,
    pub(super) grammar: Grammar,
    pub(super) stranger: Option<Stranger>,
}

impl<'i> Cursor<'i> {
    pub(super) fn new(input: &'i [u8], grammar: Grammar) -> Self {
        let (text, beyond) = match std::str::from_utf8(input) {
            Ok(text) => (text, Beyond::Nothing),
            Err(error) => {
                let valid = input.get(..error.valid_up_to()).unwrap_or_default();
                let beyond = if error.error_len().is_none() { Beyond::CutCharacter } else { Beyond::Stray };
                (std::str::from_utf8(valid).unwrap_or_default(), beyond)
            }
        };
        Self { text, beyond, may_go_on: false, at: 0, grammar, stranger: None }
    }

    pub(super) fn error(&self, reason: impl Into<String>) -> IonError {
        IonError::new(self.at, reason)
    }

    /// The error at the end of the input, where `reason` describes what began at `start` and has no end.
    pub(super) fn cut(&self, start: usize, reason: &str) -> IonError {
        match self.beyond {
            Beyond::Stray => IonError::new(self.text.len(), "not UTF-8"),
            Beyond::Nothing | Beyond::CutCharacter => IonError::ended(start, reason),
        }
    }

    pub(super) fn unexpected(&self, wanted: &str) -> IonError {
        match self.peek() {
            None => self.cut(self.at, &format!("expected {wanted}, found the end")),
            Some(byte) if byte.is_ascii_graphic() => {
                self.error(format!("expected {wanted}, found {:?}", char::from(byte)))
            }
            Some(byte) => self.error(format!("expected {wanted}, found byte 0x{byte:02x}")),
        }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    /// The error at the end of the input if it can't end there: within a character, or after the UTF-8 part.
    pub(super) fn ends_whole(&self) -> Result<(), IonError> {
        match self.beyond {
            Beyond::Nothing => Ok(()),
            Beyond::CutCharacter if self.may_go_on => Err(self.cut(self.at, "the text ends inside a character")),
            Beyond::CutCharacter | Beyond::Stray => Err(IonError::new(self.text.len(), "not UTF-8")),
        }
    }

    #[inline]
    pub(super) fn rest(&self) -> &'i [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// The UTF-8 part of the input.
    #[inline]
    pub(super) fn bytes(&self) -> &'i [u8] {
        self.text.as_bytes()
    }

    /// The input from a position on.
    pub(super) fn from(&self, start: usize) -> &'i [u8] {
        self.text.as_bytes().get(start..).unwrap_or_default()
    }

    /// A part of the input between two ASCII characters, and so between characters.
    #[inline]
    pub(super) fn slice(&self, start: usize, end: usize) -> &'i str {
        self.text.get(start..end).unwrap_or_default()
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn peek_at(&self, distance: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + distance).copied()
    }

    pub(super) fn looks_at(&self, bytes: &[u8]) -> bool {
        self.rest().starts_with(bytes)
    }

    /// Like [`Cursor::looks_at`], but the end of a part within these bytes decides nothing.
    pub(super) fn looks_at_whole(&self, bytes: &[u8]) -> Result<bool, IonError> {
        let rest = self.rest();
        if self.may_go_on && rest.len() < bytes.len() && bytes.starts_with(rest) {
            return Err(self.cut(self.at, "the text ends inside a token"));
        }
        Ok(rest.starts_with(bytes))
    }

    #[inline]
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    #[inline]
    pub(super) fn take_while(&mut self, accepted: impl Fn(u8) -> bool) -> &'i str {
        let rest = self.rest();
        let length = rest.iter().position(|byte| !accepted(*byte)).unwrap_or(rest.len());
        let start = self.at;
        self.at += length;
        self.slice(start, self.at)
    }

    /// The run of bytes of a class that begins here.
    #[inline]
    pub(super) fn take_class(&mut self, class: &Class) -> &'i str {
        let rest = self.rest();
        let length = rest.iter().position(|byte| !class[usize::from(*byte)]).unwrap_or(rest.len());
        let start = self.at;
        self.at += length;
        self.slice(start, self.at)
    }

    pub(super) fn infinity(&self) -> bool {
        self.rest().get(1..4) == Some(b"inf") && !self.peek_at(4).is_some_and(is_identifier_part)
    }

    /// Whether a number may end here.
    #[inline]
    pub(super) fn at_numeric_stop(&self) -> bool {
        let Some(byte) = self.peek() else { return !self.may_go_on };
        byte == b','
            || byte == b'}'
            || b"{}[](),\"' \t\n\r\x0b\x0c".contains(&byte)
            || self.looks_at(b"//")
            || self.looks_at(b"/*")
    }

    pub(super) fn skip_white(&mut self) {
        let white = |byte| match self.grammar {
            Grammar::Ion => is_white(byte),
            Grammar::Json => matches!(byte, b' ' | b'\t' | b'\n' | b'\r'),
        };
        let rest = self.rest();
        self.at += rest.iter().position(|byte| !white(*byte)).unwrap_or(rest.len());
    }

    /// White space and comments.
    #[inline]
    pub(super) fn skip_blank(&mut self) -> Result<(), IonError> {
        match self.peek() {
            Some(byte) if byte > b' ' && byte != b'/' => Ok(()),
            _ => self.skip_blanks(),
        }
    }

    fn skip_blanks(&mut self) -> Result<(), IonError> {
        loop {
            self.skip_white();
            if self.peek() != Some(b'/') || self.grammar == Grammar::Json {
                return Ok(());
            }
            let start = self.at;
            match self.peek_at(1) {
                Some(b'/') => {
                    let rest = self.rest();
                    let end = memchr::memchr2(b'\n', b'\r', rest);
                    if self.may_go_on && end.is_none() {
                        return Err(self.cut(start, "the text ends inside a comment"));
                    }
                    self.at += end.unwrap_or(rest.len());
                }
                Some(b'*') => {
                    let inside = self.rest().get(2..).unwrap_or_default();
                    let end =
                        memchr::memmem::find(inside, b"*/").ok_or_else(|| self.cut(start, "a comment has no end"))?;
                    self.at += 2 + end + 2;
                }
                Some(_) => return Ok(()),
                None => return Err(self.cut(start, "the text ends inside a token")),
            }
            strange::note(&mut self.stranger, start, Strange::Comment);
        }
    }
}

fn is_white(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

/// A class of bytes, as a lookup table.
pub(super) type Class = [bool; 256];

/// The bytes of identifiers.
pub(super) const IDENTIFIER: Class = class(b"_$");
/// The bytes of numbers and timestamps.
pub(super) const NUMERIC: Class = class(b"_.+-:");

/// Letters, digits and some others.
const fn class(others: &[u8]) -> Class {
    let mut class = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        class[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    let mut index = 0;
    while index < others.len() {
        class[others[index] as usize] = true;
        index += 1;
    }
    class
}

#[inline]
pub(super) fn is_identifier_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte == b'$'
}

#[inline]
pub(super) fn is_identifier_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$'
}
