//! The top-level values of a stream, one at a time, each with the symbol table
//! that holds there.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::Arc;

use super::stream::{Place, Stream};
use super::{Event, Grammar, IonError, ReadItems, Reader, SymbolTable};
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
    pub(crate) fn taken(reader: &Reader<'_>, place: &Place<'_>) -> Self {
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
    Values { stream: Stream::new(source, Grammar::Ion), waiting: VecDeque::new(), failure: None, is_done: false }
}

fn read_value(reader: &mut Reader<'_>, place: &Place<'_>) -> Result<Option<RawValue>, IonError> {
    let Some(item) = reader.next_item()? else { return Ok(None) };
    if matches!(item.event, Event::Begin(_)) {
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
