//! A place in Ion text, and the tokens that can be read there without knowing
//! what surrounds them.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::IonError;

/// A text that stands in the input, or was put together from it.
pub(super) type Text<'i> = Cow<'i, str>;

/// A place in the input, and the tokens that need nothing but the input.
#[derive(Debug)]
pub(super) struct Cursor<'i> {
    pub(super) input: &'i [u8],
    pub(super) at: usize,
}

impl<'i> Cursor<'i> {
    pub(super) fn error(&self, reason: impl Into<String>) -> IonError {
        IonError::new(self.at, reason)
    }

    pub(super) fn unexpected(&self, wanted: &str) -> IonError {
        let found = match self.peek() {
            None => "the end".to_owned(),
            Some(byte) if byte.is_ascii_graphic() => format!("{:?}", char::from(byte)),
            Some(byte) => format!("byte 0x{byte:02x}"),
        };
        self.error(format!("expected {wanted}, found {found}"))
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.input.len()
    }

    pub(super) fn rest(&self) -> &'i [u8] {
        self.input.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.input.get(self.at).copied()
    }

    pub(super) fn peek_at(&self, distance: usize) -> Option<u8> {
        self.input.get(self.at + distance).copied()
    }

    pub(super) fn looks_at(&self, bytes: &[u8]) -> bool {
        self.rest().starts_with(bytes)
    }

    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    pub(super) fn take_while(&mut self, accepted: impl Fn(u8) -> bool) -> &'i [u8] {
        let rest = self.rest();
        let length = rest.iter().position(|byte| !accepted(*byte)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    pub(super) fn infinity(&self) -> bool {
        self.rest().get(1..4) == Some(b"inf") && !self.peek_at(4).is_some_and(is_identifier_part)
    }

    pub(super) fn at_numeric_stop(&self) -> bool {
        let byte = self.peek().unwrap_or(b' ');
        b"{}[](),\"' \t\n\r\x0b\x0c".contains(&byte) || self.looks_at(b"//") || self.looks_at(b"/*")
    }

    pub(super) fn skip_white(&mut self) {
        self.take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c));
    }

    /// White space and comments.
    pub(super) fn skip_blank(&mut self) -> Result<(), IonError> {
        loop {
            self.skip_white();
            if self.looks_at(b"//") {
                self.take_while(|byte| byte != b'\n' && byte != b'\r');
            } else if self.looks_at(b"/*") {
                let end =
                    memchr::memmem::find(&self.rest()[2..], b"*/").ok_or_else(|| self.error("a comment has no end"))?;
                self.at += 2 + end + 2;
            } else {
                return Ok(());
            }
        }
    }

    pub(super) fn string(&mut self) -> Result<Text<'i>, IonError> {
        self.short_text(b'"')
    }

    pub(super) fn quoted_symbol(&mut self) -> Result<Text<'i>, IonError> {
        self.short_text(b'\'')
    }

    /// A text between two quotes on one line; borrowed if it holds no escape.
    pub(super) fn short_text(&mut self, quote: u8) -> Result<Text<'i>, IonError> {
        let start = self.at;
        self.at += 1;
        let plain = self.take_while(|byte| byte != quote && byte != b'\\' && !is_line_end(byte));
        if self.eat(quote) {
            return utf8(plain, start + 1).map(Cow::Borrowed);
        }
        let mut text = utf8(plain, start + 1)?.to_owned();
        while !self.eat(quote) {
            self.piece(&mut text, |byte| byte != quote && byte != b'\\' && !is_line_end(byte), start)?;
        }
        Ok(Cow::Owned(text))
    }

    /// `'''…'''`, several of which in a row are one string.
    pub(super) fn long_string(&mut self) -> Result<Text<'i>, IonError> {
        let start = self.at;
        let mut text = String::new();
        while self.looks_at(b"'''") {
            self.at += 3;
            while !self.looks_at(b"'''") {
                if self.eat(b'\'') {
                    text.push('\'');
                } else if !self.line_end(&mut text) {
                    self.piece(&mut text, |byte| !matches!(byte, b'\'' | b'\\' | b'\r'), start)?;
                }
            }
            self.at += 3;
            self.skip_blank()?;
        }
        Ok(Cow::Owned(text))
    }

    /// In a long string every line end is one line feed.
    pub(super) fn line_end(&mut self, text: &mut String) -> bool {
        let found = self.eat(b'\r');
        if found {
            self.eat(b'\n');
            text.push('\n');
        }
        found
    }

    /// A run of plain characters, or one escape.
    pub(super) fn piece(
        &mut self,
        text: &mut String,
        plain: impl Fn(u8) -> bool,
        start: usize,
    ) -> Result<(), IonError> {
        if self.eat(b'\\') {
            return self.escape(text);
        }
        let at = self.at;
        let run = self.take_while(plain);
        if run.is_empty() {
            let reason = if self.is_at_end() { "a string or symbol has no end" } else { "a line end must be escaped" };
            return Err(IonError::new(if self.is_at_end() { start } else { at }, reason));
        }
        text.push_str(utf8(run, at)?);
        Ok(())
    }

    /// What stands after a backslash.
    pub(super) fn escape(&mut self, text: &mut String) -> Result<(), IonError> {
        let start = self.at - 1;
        let byte = self.peek().ok_or_else(|| self.error("a string or symbol has no end"))?;
        self.at += 1;
        let digits = match byte {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            b'\n' => return Ok(()),
            b'\r' => {
                self.eat(b'\n');
                return Ok(());
            }
            _ => {
                let simple = simple_escape(byte).ok_or_else(|| IonError::new(start, "no such escape"))?;
                text.push(char::from(simple));
                return Ok(());
            }
        };
        let mut code = self.hexadecimal(digits)?;
        if byte == b'u' && (0xD800..0xDC00).contains(&code) && self.looks_at(b"\\u") {
            self.at += 2;
            let low = self.hexadecimal(4)?;
            let pair = (0xDC00..0xE000).contains(&low);
            code = if pair { 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00) } else { code };
        }
        text.push(char::from_u32(code).ok_or_else(|| IonError::new(start, "not a Unicode character"))?);
        Ok(())
    }

    pub(super) fn hexadecimal(&mut self, digits: usize) -> Result<u32, IonError> {
        let slice = self.rest().get(..digits).and_then(|bytes| std::str::from_utf8(bytes).ok());
        let hexadecimal = slice.filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = hexadecimal.and_then(|text| u32::from_str_radix(text, 16).ok());
        let code = code.ok_or_else(|| self.error(format!("expected {digits} hexadecimal digits")))?;
        self.at += digits;
        Ok(code)
    }

    /// The bytes of a clob between two marks.
    pub(super) fn clob(&mut self, mark: &[u8], out: &mut Vec<u8>) -> Result<(), IonError> {
        let long = mark.len() > 1;
        self.at += mark.len();
        while !self.looks_at(mark) {
            let byte = self.peek().ok_or_else(|| self.error("a clob has no end"))?;
            self.at += 1;
            match byte {
                b'\\' => self.clob_escape(out)?,
                b'\r' if long => {
                    self.eat(b'\n');
                    out.push(b'\n');
                }
                b'\n' if long => out.push(byte),
                b'\t' | 0x0b | 0x0c | 0x20..=0x7e => out.push(byte),
                _ => return Err(IonError::new(self.at - 1, "a clob may hold only ASCII; write other bytes as \\xHH")),
            }
        }
        self.at += mark.len();
        Ok(())
    }

    pub(super) fn clob_escape(&mut self, out: &mut Vec<u8>) -> Result<(), IonError> {
        let byte = self.peek().ok_or_else(|| self.error("a clob has no end"))?;
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
    pub(super) fn blob(&mut self, out: &mut Vec<u8>) -> Result<(), IonError> {
        let start = self.at;
        let text = self.take_while(|byte| byte != b'}');
        let decoded = if text.iter().any(u8::is_ascii_whitespace) || text.contains(&0x0b) {
            let dense: Vec<u8> =
                text.iter().copied().filter(|byte| !byte.is_ascii_whitespace() && *byte != 0x0b).collect();
            STANDARD.decode_vec(dense, out)
        } else {
            STANDARD.decode_vec(text, out)
        };
        decoded.map_err(|_| IonError::new(start, "a blob is not base64"))
    }
}

fn utf8(bytes: &[u8], at: usize) -> Result<&str, IonError> {
    std::str::from_utf8(bytes).map_err(|error| IonError::new(at + error.valid_up_to(), "not UTF-8"))
}

/// Line ends can't stand in a quoted text as they are. Other control characters
/// should not, but writers exist that leave them so, and their meaning is plain.
fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
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

pub(super) fn is_identifier_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte == b'$'
}

pub(super) fn is_identifier_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$'
}
