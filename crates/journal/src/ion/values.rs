//! The top-level values of a stream, one at a time, each with the symbol table in effect.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::Arc;

use super::stream::{Stream, StreamPlace};
use super::{Grammar, IonError, ReadItems, Reader, SymbolTable};
use crate::JournalError;

/// One value as bytes.
#[derive(Debug, Clone)]
pub struct RawValue {
    /// The bytes, without version markers and symbol tables.
    pub bytes: Vec<u8>,
    /// Whether the bytes are Ion binary.
    pub binary: bool,
    /// The symbols that the bytes refer to.
    pub symbols: Arc<SymbolTable>,
    /// The offset of the first byte in the stream.
    pub offset: u64,
}

impl RawValue {
    /// Reads the value.
    pub fn reader(&self) -> Reader<'_> {
        Reader::new(&self.bytes, self.binary, Grammar::Ion, Arc::clone(&self.symbols))
    }

    /// The value that a reader has just read to its end.
    pub(crate) fn taken(reader: &Reader<'_>, place: &StreamPlace<'_>) -> Self {
        let start = reader.value_start();
        Self {
            bytes: place.input.get(start..reader.offset()).unwrap_or_default().to_vec(),
            binary: place.is_binary,
            symbols: Arc::clone(reader.symbols()),
            offset: place.offset + start as u64,
        }
    }
}

/// Iterates over the top-level values of a stream. Ends after the first error.
#[derive(Debug)]
pub struct Values<R> {
    stream: Stream<R>,
    waiting: VecDeque<RawValue>,
    failure: Option<JournalError>,
    is_done: bool,
}

/// Reads values of a stream that is Ion binary if it begins with the version marker, and Ion text (or JSON) otherwise.
pub fn values<R: Read>(source: R) -> Values<R> {
    Values { stream: Stream::new(source, Grammar::Ion, &[]), waiting: VecDeque::new(), failure: None, is_done: false }
}

fn read_value(reader: &mut Reader<'_>, place: &StreamPlace<'_>) -> Result<Option<RawValue>, IonError> {
    let Some(item) = reader.next_item()? else { return Ok(None) };
    if item.begins() {
        reader.skip_container()?;
    }
    Ok(Some(RawValue::taken(reader, place)))
}

impl<R: Read> Iterator for Values<R> {
    type Item = Result<RawValue, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(value) = self.waiting.pop_front() {
                return Some(Ok(value));
            }
            if self.is_done {
                return self.failure.take().map(Err);
            }
            self.failure = self.stream.read_on(&mut self.waiting, read_value).err();
            self.is_done = self.failure.is_some() || self.stream.is_at_end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ion::TextReader;

    /// The size of the buffer, where values are cut. A source that returns few bytes at a time does not cut them.
    const BORDER: usize = 256 << 10;

    /// The events of a text that is read in one piece: every cut must give the same.
    fn in_one(text: &str) -> Result<Vec<String>, IonError> {
        let mut reader = TextReader::new(text.as_bytes(), Arc::default());
        let mut events = Vec::new();
        while let Some(item) = reader.next_item()? {
            events.push(format!("{:?} {:?}", item.annotations, item.event));
        }
        Ok(events)
    }

    fn by_value(text: &str) -> Result<Vec<String>, String> {
        let mut events = Vec::new();
        for value in values(text.as_bytes()) {
            let value = value.map_err(|error| error.to_string())?;
            let mut reader = value.reader();
            while let Some(item) = reader.next_item().map_err(|error| error.to_string())? {
                events.push(format!("{:?} {:?}", item.annotations, item.event));
            }
        }
        Ok(events)
    }

    #[test]
    fn tokens_across_the_border_of_a_buffer_are_read_as_in_one_piece() {
        let tokens = [
            "// {forged:true} is a comment\n{a:1}",
            "// ä {forged:true} is a comment\r{a:1}",
            "/* {forged:true} */ {a:1}",
            "a /**/ :: b ::{c:1}",
            "symbol   {a:1}",
            "$ion_1_0 {a:1}",
            "$ion_1_0 // {b:1}\n ::{a:1}",
            "$ion_1_0abc {a:1}",
            "'''a''' '''b''' {a:1}",
            "{a:\"ä\\u00e4😀\"}",
            "{a:(+//)} {b:(\n)}",
            "{{ aGk= }} {{\"a\"}} null.int -inf {a:1}",
            "12 3.5e7 2024-03-01T00:00:00.000Z {a:1}",
            "[] () {} 'a' \"b\" {a:1}",
        ];
        for token in tokens {
            for before in 0..=token.len() {
                let text = format!("{}{token} {{end:1}}", " ".repeat(BORDER - before));
                let expected = in_one(&text);
                let found = by_value(&text);
                match expected {
                    Ok(expected) => assert_eq!(found, Ok(expected), "{token} cut after {before}"),
                    Err(_) => assert!(found.is_err(), "{token} cut after {before}: {found:?}"),
                }
            }
        }
    }

    #[test]
    fn half_a_character_at_the_end_is_an_error() {
        for rest in [&b"\xc3"[..], b"\xe2\x82", b"\xf0\x9f\x98"] {
            let text = [b"{a:1}\n", rest].concat();
            assert!(values(&text[..]).last().unwrap().is_err());
        }
    }

    #[test]
    fn a_comment_and_a_marker_at_the_very_end_are_whole() {
        for text in ["{a:1} // b", "{a:1} $ion_1_0", "// b", "$ion_1_0", "{a:1} /**/ "] {
            assert!(by_value(text).is_ok(), "{text}");
        }
    }
}
