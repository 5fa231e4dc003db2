//! The top-level values of a stream, one at a time, each with the symbol table
//! that holds there. Memory holds one value, never the stream.

use std::io::Read;
use std::sync::Arc;

use super::symbols::LOCAL_TABLE;
use super::{BINARY_VERSION_MARKER, BinaryReader, Framing, Reader, Scan, SymbolTable, TextReader};
use crate::JournalError;

/// A value longer than this is refused; a block of QLDB stays far below it.
const LARGEST_VALUE: usize = 256 << 20;
/// How much is read at once.
const READ_SIZE: usize = 256 << 10;

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
        reader(self.binary, &self.bytes, &self.symbols)
    }
}

fn reader<'a>(binary: bool, bytes: &'a [u8], symbols: &Arc<SymbolTable>) -> Reader<'a> {
    if binary {
        Reader::Binary(BinaryReader::new(bytes, Arc::clone(symbols)))
    } else {
        Reader::Text(TextReader::new(bytes, Arc::clone(symbols)))
    }
}

/// Iterates over the top-level values of a stream. Ends after the first error.
#[derive(Debug)]
pub struct Values<R> {
    source: R,
    framing: Option<Framing>,
    symbols: Arc<SymbolTable>,
    buffer: Vec<u8>,
    /// Where in the buffer the rest begins.
    at: usize,
    /// The offset of the buffer's first byte in the stream.
    offset: u64,
    source_ended: bool,
    failed: bool,
}

/// Reads values of a stream that is Ion binary if it begins with the version marker, and Ion text (or JSON) otherwise.
pub fn values<R: Read>(source: R) -> Values<R> {
    Values {
        source,
        framing: None,
        symbols: Arc::default(),
        buffer: Vec::new(),
        at: 0,
        offset: 0,
        source_ended: false,
        failed: false,
    }
}

impl<R: Read> Values<R> {
    /// The offset after the last value.
    pub fn offset(&self) -> u64 {
        self.offset + self.at as u64
    }

    fn next_value(&mut self) -> Result<Option<RawValue>, JournalError> {
        loop {
            let framing = self.framing()?;
            let rest = self.buffer.get(self.at..).unwrap_or_default();
            match framing.scan(rest, self.source_ended).map_err(|error| JournalError::within(self.offset(), error))? {
                Scan::Value { start, end } => {
                    let value = self.take(framing, start, end);
                    if !self.is_symbol_table(&value)? {
                        return Ok(Some(value));
                    }
                }
                Scan::VersionMarker { end } => {
                    self.symbols = Arc::default();
                    self.at += end;
                }
                Scan::Nothing if self.source_ended => return Ok(None),
                Scan::Incomplete { start } if self.source_ended => return Err(self.cut_off(start)),
                Scan::Nothing => {
                    self.at = self.buffer.len();
                    self.fill()?;
                }
                Scan::Incomplete { start } => {
                    self.at += start;
                    self.fill()?;
                }
            }
        }
    }

    /// The framing, told by the first bytes.
    fn framing(&mut self) -> Result<Framing, JournalError> {
        while self.framing.is_none() && self.buffer.len() < BINARY_VERSION_MARKER.len() && !self.source_ended {
            self.fill()?;
        }
        let binary = self.buffer.starts_with(&BINARY_VERSION_MARKER[..1]);
        Ok(*self.framing.get_or_insert(if binary { Framing::Binary } else { Framing::Text }))
    }

    fn take(&mut self, framing: Framing, start: usize, end: usize) -> RawValue {
        let value = RawValue {
            bytes: self.buffer[self.at + start..self.at + end].to_vec(),
            binary: framing == Framing::Binary,
            symbols: Arc::clone(&self.symbols),
            offset: self.offset() + start as u64,
        };
        self.at += end;
        value
    }

    /// Whether the value is a local symbol table, which then holds from here on.
    fn is_symbol_table(&mut self, value: &RawValue) -> Result<bool, JournalError> {
        let may_be = if value.binary { value.bytes[0] >> 4 == 0xE } else { matches!(value.bytes[0], b'$' | b'\'') };
        if !may_be {
            return Ok(false);
        }
        let within = |error| JournalError::within(value.offset, error);
        let first = value.reader().next_item().map_err(within)?.and_then(|item| item.annotations.first().cloned());
        if first.flatten().as_deref() != Some(LOCAL_TABLE) {
            return Ok(false);
        }
        self.symbols = Arc::new(self.symbols.updated(&mut value.reader()).map_err(within)?);
        Ok(true)
    }

    fn cut_off(&self, start: usize) -> JournalError {
        let end = self.offset + self.buffer.len() as u64;
        JournalError::new(
            self.offset() + start as u64,
            format!("the object ends at {end}, inside the value that begins here"),
        )
    }

    /// Drops what was used and reads more: as much again as is waiting, so that
    /// looking for the end of a long value takes time in proportion to its length.
    fn fill(&mut self) -> Result<(), JournalError> {
        self.offset += self.at as u64;
        self.buffer.drain(..self.at);
        self.at = 0;
        if self.buffer.len() > LARGEST_VALUE {
            return Err(JournalError::new(
                self.offset,
                format!("the value that begins here is longer than {LARGEST_VALUE} bytes"),
            ));
        }
        let wanted = self.buffer.len().max(READ_SIZE);
        let before = self.buffer.len();
        let source = Read::by_ref(&mut self.source).take(wanted as u64).read_to_end(&mut self.buffer);
        source.map_err(|error| JournalError::io(self.offset + before as u64, error))?;
        self.source_ended = self.buffer.len() - before < wanted;
        Ok(())
    }
}

impl<R: Read> Iterator for Values<R> {
    type Item = Result<RawValue, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.next_value().transpose();
        self.failed = matches!(next, Some(Err(_)));
        next
    }
}
