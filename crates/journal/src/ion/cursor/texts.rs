//! Strings, quoted symbols, clobs and blobs of Ion text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Cursor, Grammar, Text, is_white};
use crate::ion::{IonError, runs};

impl<'i> Cursor<'i> {
    /// A text between two quotes on one line; borrowed if it has no escapes.
    #[inline]
    pub(in crate::ion) fn quoted(&mut self, quote: u8, text: &mut Text<'i>) -> Result<(), IonError> {
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

    /// `'''…'''`; several of them in a row are one string.
    pub(in crate::ion) fn long_string(&mut self, text: &mut Text<'i>) -> Result<(), IonError> {
        let text = text.make();
        loop {
            self.long_segment(text)?;
            let end = self.at;
            let stranger = self.stranger;
            self.skip_blank()?;
            if !self.looks_at_whole(b"'''")? {
                // What follows does not belong to it: a comment there is found again.
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
                // In a long string, every line break is one line feed.
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

    /// The character that a backslash and the characters after it represent.
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
    pub(in crate::ion) fn clob(&mut self, mark: &[u8], out: &mut Vec<u8>) -> Result<(), IonError> {
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
    pub(in crate::ion) fn blob(&mut self, out: &mut Vec<u8>) -> Result<(), IonError> {
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

/// The byte of a one-letter escape.
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
