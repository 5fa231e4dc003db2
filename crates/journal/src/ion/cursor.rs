//! A place in Ion text, and the tokens that can be read there without knowing
//! what surrounds them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::strange::{self, Strange, Stranger};
use super::{IonError, runs};

/// Which texts are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grammar {
    /// Ion 1.0 text, of which JSON is a part.
    Ion,
    /// JSON alone (RFC 8259), so that every reader of JSON reads the same.
    Json,
}

/// A text that stands in the input, or was put together from it.
#[derive(Debug, Default)]
pub(super) struct Text<'i> {
    plain: &'i str,
    /// Used where escapes or several pieces make up the text; kept for the next.
    made: String,
    is_made: bool,
}

impl<'i> Text<'i> {
    pub(super) fn get(&self) -> &str {
        if self.is_made { &self.made } else { self.plain }
    }

    /// Whether it was put together: if not, it has no escape and no control character.
    #[inline]
    pub(super) fn is_made(&self) -> bool {
        self.is_made
    }

    #[inline]
    pub(super) fn set(&mut self, plain: &'i str) {
        self.plain = plain;
        self.is_made = false;
    }

    /// An empty text that is put together from now on.
    pub(super) fn make(&mut self) -> &mut String {
        self.made.clear();
        self.is_made = true;
        &mut self.made
    }
}

/// What stands behind the part of the input that is UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beyond {
    Nothing,
    /// The beginning of a character.
    CutCharacter,
    /// What no character begins with.
    Stray,
}

/// A place in the input, and the tokens that need nothing but the input.
#[derive(Debug)]
pub(super) struct Cursor<'i> {
    /// The input as far as it is UTF-8.
    text: &'i str,
    beyond: Beyond,
    /// Whether the input is a part of a text that may go on, so that its end decides nothing.
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

    /// The error at the end of the input, where `reason` says what began at `start` and has no end.
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

    /// The error at the end of the input if that is no place to end: within a character, or behind what is UTF-8.
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

    /// The input as far as it is UTF-8.
    #[inline]
    pub(super) fn bytes(&self) -> &'i [u8] {
        self.text.as_bytes()
    }

    /// The input from a place on.
    pub(super) fn from(&self, start: usize) -> &'i [u8] {
        self.text.as_bytes().get(start..).unwrap_or_default()
    }

    /// A part of the input between two ASCII characters, which is between characters.
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

    /// [`Cursor::looks_at`], where the end of a part within these bytes decides nothing.
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

    /// A text between two quotes on one line; borrowed if it holds no escape.
    #[inline]
    pub(super) fn quoted(&mut self, quote: u8, text: &mut Text<'i>) -> Result<(), IonError> {
        let start = self.at + 1;
        let length = runs::plain(self.text.as_bytes().get(start..).unwrap_or_default(), quote);
        let end = start + length;
        if self.text.as_bytes().get(end) == Some(&quote) {
            text.set(self.slice(start, end));
            self.at = end + 1;
            return Ok(());
        }
        self.quoted_in_pieces(quote, text.make())
    }

    fn quoted_in_pieces(&mut self, quote: u8, text: &mut String) -> Result<(), IonError> {
        let start = self.at;
        self.at += 1;
        loop {
            let run = self.at;
            self.at += runs::plain(self.rest(), quote);
            text.push_str(self.slice(run, self.at));
            match self.peek() {
                Some(byte) if byte == quote => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape(text)?,
                Some(byte @ (b'\t' | 0x0b | 0x0c)) if self.grammar == Grammar::Ion => {
                    text.push(char::from(byte));
                    self.at += 1;
                }
                Some(b'\n' | b'\r') => return Err(self.error("a line end must be escaped")),
                Some(byte) => return Err(self.error(format!("the control character 0x{byte:02x} must be escaped"))),
                None => return Err(self.cut(start, "a string or symbol has no end")),
            }
        }
    }

    /// `'''…'''`, several of which in a row are one string.
    pub(super) fn long_string(&mut self, text: &mut Text<'i>) -> Result<(), IonError> {
        let text = text.make();
        loop {
            self.long_segment(text)?;
            let end = self.at;
            let stranger = self.stranger;
            self.skip_blank()?;
            if !self.looks_at_whole(b"'''")? {
                // What follows is somebody else's: a comment there is found again.
                (self.at, self.stranger) = (end, stranger);
                return Ok(());
            }
        }
    }

    fn long_segment(&mut self, text: &mut String) -> Result<(), IonError> {
        let start = self.at;
        self.at += 3;
        loop {
            let run = self.at;
            self.at += runs::plain(self.rest(), b'\'');
            text.push_str(self.slice(run, self.at));
            match self.peek() {
                Some(b'\'') => {
                    if self.looks_at(b"'''") {
                        self.at += 3;
                        return Ok(());
                    }
                    text.push('\'');
                    self.at += 1;
                }
                Some(b'\\') => self.escape(text)?,
                // In a long string every line end is one line feed.
                Some(b'\r') => {
                    self.at += 1;
                    self.eat(b'\n');
                    text.push('\n');
                }
                Some(byte @ (b'\n' | b'\t' | 0x0b | 0x0c)) => {
                    text.push(char::from(byte));
                    self.at += 1;
                }
                Some(byte) => return Err(self.error(format!("the control character 0x{byte:02x} must be escaped"))),
                None => return Err(self.cut(start, "a string or symbol has no end")),
            }
        }
    }

    /// What a backslash and the characters after it stand for.
    fn escape(&mut self, text: &mut String) -> Result<(), IonError> {
        let start = self.at;
        let byte = self.peek_at(1).ok_or_else(|| self.cut(start, "a string or symbol has no end"))?;
        self.at += 2;
        let is_json = self.grammar == Grammar::Json;
        let digits = match byte {
            b'u' => 4,
            b'x' if !is_json => 2,
            b'U' if !is_json => 8,
            b'\n' if !is_json => return Ok(()),
            b'\r' if !is_json => {
                self.eat(b'\n');
                return Ok(());
            }
            _ => {
                let simple = simple_escape(byte).filter(|_| !is_json || b"btnfr\"\\/".contains(&byte));
                text.push(char::from(simple.ok_or_else(|| IonError::new(start, "no such escape"))?));
                return Ok(());
            }
        };
        let mut code = self.hexadecimal(digits)?;
        if byte == b'u' && (0xD800..0xDC00).contains(&code) && self.looks_at_whole(b"\\u")? {
            self.at += 2;
            let low = self.hexadecimal(4)?;
            let pair = (0xDC00..0xE000).contains(&low);
            code = if pair { 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00) } else { code };
        }
        text.push(char::from_u32(code).ok_or_else(|| IonError::new(start, "not a Unicode character"))?);
        Ok(())
    }

    fn hexadecimal(&mut self, digits: usize) -> Result<u32, IonError> {
        let found = self.rest();
        let found = found.get(..digits).unwrap_or(found);
        if !found.iter().all(u8::is_ascii_hexdigit) {
            return Err(self.error(format!("expected {digits} hexadecimal digits")));
        }
        if found.len() < digits {
            return Err(self.cut(self.at, "the text ends inside an escape"));
        }
        let code = std::str::from_utf8(found).ok().and_then(|text| u32::from_str_radix(text, 16).ok());
        let code = code.ok_or_else(|| self.error("not a Unicode character"))?;
        self.at += digits;
        Ok(code)
    }

    /// The bytes of a clob between two marks.
    pub(super) fn clob(&mut self, mark: &[u8], out: &mut Vec<u8>) -> Result<(), IonError> {
        let long = mark.len() > 1;
        let start = self.at;
        self.at += mark.len();
        while !self.looks_at(mark) {
            let byte = self.peek().ok_or_else(|| self.cut(start, "a clob has no end"))?;
            self.at += 1;
            match byte {
                b'\\' => self.clob_escape(out)?,
                b'\r' if long => {
                    self.eat(b'\n');
                    out.push(b'\n');
                }
                b'\n' if long => out.push(byte),
                b'\t' | 0x0b | 0x0c | 0x20..=0x7f => out.push(byte),
                _ => return Err(IonError::new(self.at - 1, "a clob may hold only ASCII; write other bytes as \\xHH")),
            }
        }
        self.at += mark.len();
        Ok(())
    }

    fn clob_escape(&mut self, out: &mut Vec<u8>) -> Result<(), IonError> {
        let byte = self.peek().ok_or_else(|| self.cut(self.at, "a clob has no end"))?;
        self.at += 1;
        match byte {
            b'x' => {
                let code = self.hexadecimal(2)?;
                out.push(u8::try_from(code).unwrap_or_default());
            }
            b'\n' => {}
            b'\r' => drop(self.eat(b'\n')),
            _ => out.push(simple_escape(byte).ok_or_else(|| IonError::new(self.at - 2, "no such escape in a clob"))?),
        }
        Ok(())
    }

    /// The base64 of a blob up to its closing braces.
    #[inline]
    pub(super) fn blob(&mut self, out: &mut Vec<u8>) -> Result<(), IonError> {
        let start = self.at;
        let rest = self.rest();
        let length = memchr::memchr(b'}', rest).ok_or_else(|| self.cut(start, "a blob has no end"))?;
        let text = rest.get(..length).unwrap_or_default();
        self.at += length;
        if STANDARD.decode_vec(text, out).is_ok() {
            return Ok(());
        }
        out.clear();
        let dense: Vec<u8> = text.iter().copied().filter(|byte| !is_white(*byte)).collect();
        STANDARD.decode_vec(dense, out).map_err(|_| IonError::new(start, "a blob is not base64"))
    }
}

fn is_white(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

/// A class of bytes, to be looked up.
pub(super) type Class = [bool; 256];

/// What an identifier is made of.
pub(super) const IDENTIFIER: Class = class(b"_$");
/// What numbers and timestamps are made of.
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

/// The byte of an escape with one letter.
fn simple_escape(byte: u8) -> Option<u8> {
    match byte {
        b'0' => Some(0),
        b'a' => Some(7),
        b'b' => Some(8),
        b't' => Some(b'\t'),
        b'n' => Some(b'\n'),
        b'f' => Some(0x0c),
        b'r' => Some(b'\r'),
        b'v' => Some(0x0b),
        b'"' | b'\'' | b'?' | b'\\' | b'/' => Some(byte),
        _ => None,
    }
}

#[inline]
pub(super) fn is_identifier_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte == b'$'
}

#[inline]
pub(super) fn is_identifier_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$'
}
