//! Finds where a top-level value ends without reading what is in it, so that a
//! block can be copied without being parsed.

use memchr::{memchr2, memmem};

use super::binary_reader::Head;
use super::{BINARY_VERSION_MARKER, IonError};

/// The two forms of Ion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Ion text, and JSON.
    Text,
    /// Ion 1.0 binary.
    Binary,
}

/// What stands next in some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scan {
    /// A value, annotations included.
    Value { start: usize, end: usize },
    /// A version marker: the symbol table begins anew.
    VersionMarker { end: usize },
    /// The bytes end before the value does; what stands before `start` is of no interest.
    Incomplete { start: usize },
    /// Nothing but white space, comments or padding.
    Nothing,
}

const TEXT_VERSION_MARKER: &[u8] = b"$ion_1_0";

impl Framing {
    /// Finds the next top-level value. `last` says that no more bytes follow.
    pub(crate) fn scan(self, bytes: &[u8], last: bool) -> Result<Scan, IonError> {
        match self {
            Self::Text => text(bytes, last),
            Self::Binary => binary(bytes),
        }
    }
}

fn binary(bytes: &[u8]) -> Result<Scan, IonError> {
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        if rest[0] == BINARY_VERSION_MARKER[0] {
            return version_marker(rest, at);
        }
        match Head::read(bytes, at)? {
            Some(head) if head.end > bytes.len() => return Ok(Scan::Incomplete { start: at }),
            Some(head) if head.is_padding() => at = head.end,
            Some(head) => return Ok(Scan::Value { start: at, end: head.end }),
            None => return Ok(Scan::Incomplete { start: at }),
        }
    }
    Ok(Scan::Nothing)
}

fn version_marker(rest: &[u8], at: usize) -> Result<Scan, IonError> {
    if rest.starts_with(&BINARY_VERSION_MARKER) {
        return Ok(Scan::VersionMarker { end: at + BINARY_VERSION_MARKER.len() });
    }
    if BINARY_VERSION_MARKER.starts_with(rest) {
        return Ok(Scan::Incomplete { start: at });
    }
    Err(IonError::new(at, "not the version marker of Ion 1.0"))
}

fn text(bytes: &[u8], last: bool) -> Result<Scan, IonError> {
    let mut cursor = Lexer { bytes, at: 0 };
    if cursor.skip_blank().is_none() {
        return Ok(if last { Scan::Incomplete { start: cursor.at } } else { Scan::Incomplete { start: 0 } });
    }
    let start = cursor.at;
    if start == bytes.len() {
        return Ok(Scan::Nothing);
    }
    let complete = cursor.value(last).map_err(|reason| IonError::new(start, reason))?;
    Ok(match complete {
        None => Scan::Incomplete { start },
        Some(end) if &bytes[start..end] == TEXT_VERSION_MARKER => Scan::VersionMarker { end },
        Some(end) => Scan::Value { start, end },
    })
}

/// Walks over tokens; `None` from any step means that the bytes end too early.
struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Bytes at which something begins or ends inside a container.
const STRUCTURAL: [bool; 256] = {
    let mut table = [false; 256];
    let bytes = b"\"'{}[]()/";
    let mut index = 0;
    while index < bytes.len() {
        table[bytes[index] as usize] = true;
        index += 1;
    }
    table
};

impl Lexer<'_> {
    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn skip_blank(&mut self) -> Option<()> {
        loop {
            self.at += self.rest().iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == 0x0b).count();
            match self.rest() {
                [b'/', b'/' | b'*', ..] => self.comment()?,
                [b'/'] => return None,
                _ => return Some(()),
            }
        }
    }

    /// A comment that the cursor stands before, or a lone slash.
    fn comment(&mut self) -> Option<()> {
        let skipped = match self.rest() {
            [b'/', b'/', text @ ..] => 2 + memchr2(b'\n', b'\r', text).unwrap_or(text.len()),
            [b'/', b'*', text @ ..] => 2 + memmem::find(text, b"*/")? + 2,
            [_, _, ..] => 1,
            _ => return None,
        };
        self.at += skipped;
        Some(())
    }

    /// The end of the value here, its annotations included.
    fn value(&mut self, last: bool) -> Result<Option<usize>, &'static str> {
        loop {
            let Some(first) = self.rest().first().copied() else { return Ok(None) };
            let ended = match first {
                b'{' | b'[' | b'(' => return Ok(self.container()),
                b'"' => return Ok(self.quoted().map(|()| self.at)),
                b'\'' => self.quote(),
                b'}' | b']' | b')' | b',' | b':' => return Err("no value begins with this character"),
                _ => self.run(last),
            };
            if ended.is_none() {
                return Ok(None);
            }
            let end = self.at;
            let blank = self.skip_blank();
            match self.rest() {
                [b':', b':', ..] => self.at += 2,
                [] | [b':'] if !last => return Ok(None),
                _ => return Ok(Some(end)),
            }
            if blank.is_none() || self.skip_blank().is_none() {
                return Ok(None);
            }
        }
    }

    /// An identifier or number outside all containers.
    fn run(&mut self, last: bool) -> Option<()> {
        let stop = |byte: &u8| byte.is_ascii_whitespace() || b"{}[](),\"':/".contains(byte);
        let in_time = |rest: &[u8], length: usize| {
            rest.get(length) == Some(&b':') && rest[..length].first().is_some_and(u8::is_ascii_digit)
        };
        let rest = self.rest();
        let mut length = rest.iter().position(stop).unwrap_or(rest.len());
        while in_time(rest, length) {
            length += 1 + rest[length + 1..].iter().position(stop).unwrap_or(rest.len() - length - 1);
        }
        let length = length.max(1);
        let open = self.at + length >= self.bytes.len() && !last;
        self.at += length;
        (!open).then_some(())
    }

    fn container(&mut self) -> Option<usize> {
        let mut depth = 0_usize;
        loop {
            self.at += self.rest().iter().position(|byte| STRUCTURAL[usize::from(*byte)])?;
            match self.rest() {
                [b'"', ..] => self.quoted()?,
                [b'\'', ..] => self.quote()?,
                [b'/', ..] => self.comment()?,
                [b'{', b'{', ..] => self.lob()?,
                [b'{'] => return None,
                [b'{' | b'[' | b'(', ..] => {
                    depth += 1;
                    self.at += 1;
                }
                _ => {
                    depth -= 1;
                    self.at += 1;
                    if depth == 0 {
                        return Some(self.at);
                    }
                }
            }
        }
    }

    /// A symbol in single quotes, or a string in three.
    fn quote(&mut self) -> Option<()> {
        match self.rest() {
            [b'\'', b'\'', b'\'', ..] => self.long_string(),
            [_] | [b'\'', b'\''] => None,
            _ => self.quoted(),
        }
    }

    /// A text between two of the quote that the cursor stands before.
    fn quoted(&mut self) -> Option<()> {
        let quote = *self.rest().first()?;
        self.at += 1;
        loop {
            self.at += memchr2(quote, b'\\', self.rest())?;
            if self.rest().first() == Some(&quote) {
                self.at += 1;
                return Some(());
            }
            self.at += 2;
        }
    }

    fn long_string(&mut self) -> Option<()> {
        self.at += 3;
        loop {
            self.at += memchr2(b'\'', b'\\', self.rest())?;
            match self.rest() {
                [b'\'', b'\'', b'\'', ..] => {
                    self.at += 3;
                    return Some(());
                }
                [b'\'', ..] => self.at += 1,
                _ => self.at += 2,
            }
        }
    }

    /// A blob or clob: its base64 may hold what looks like a comment.
    fn lob(&mut self) -> Option<()> {
        self.at += 2;
        self.at += self.rest().iter().position(|byte| !byte.is_ascii_whitespace())?;
        match self.rest() {
            [b'"', ..] => self.quoted()?,
            [b'\'', ..] => self.quotes_of_clob()?,
            _ => {}
        }
        self.at += memmem::find(self.rest(), b"}}")? + 2;
        Some(())
    }

    fn quotes_of_clob(&mut self) -> Option<()> {
        while self.rest().first()? == &b'\'' {
            self.quote()?;
            self.at += self.rest().iter().position(|byte| !byte.is_ascii_whitespace())?;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        let mut rest = text;
        while let Scan::Value { start, end } = Framing::Text.scan(rest.as_bytes(), true).unwrap() {
            found.push(&rest[start..end]);
            rest = &rest[end..];
        }
        found
    }

    #[test]
    fn values_end_where_they_end_whatever_they_hold() {
        let values = [
            "{a:1}",
            "{a:\"}\\\"\"}",
            "{a:'}',b:'''}'''}",
            "{a:{{ab//cd}} /* } */,b:[1,(2 // }\n)]}",
            "{a:{{\"}}\\\"\"}},b:{{'''}}''' '''}}'''}}}",
            "x::{a:1}",
            "'x y' :: z::[]",
            "abc",
            "12.5",
            "2024-03-01T00:00:00.000Z",
        ];
        assert_eq!(ends(&values.join(" \n")), values);
    }

    #[test]
    fn every_cut_of_a_struct_is_incomplete() {
        let text = r#"{a:"x\"}",b:{{aGk=}},c:'}',d:'''}''',e:[(/ /*}*/)]}"#;
        for cut in 1..text.len() {
            for last in [false, true] {
                assert_eq!(
                    Framing::Text.scan(&text.as_bytes()[..cut], last),
                    Ok(Scan::Incomplete { start: 0 }),
                    "{cut} {last}"
                );
            }
        }
    }

    #[test]
    fn a_scalar_may_go_on_until_the_last_byte_is_known() {
        assert_eq!(Framing::Text.scan(b"abc", false), Ok(Scan::Incomplete { start: 0 }));
        assert_eq!(Framing::Text.scan(b"abc", true), Ok(Scan::Value { start: 0, end: 3 }));
    }
}
