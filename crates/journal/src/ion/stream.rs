//! A stream of top-level values, read a buffer at a time. Memory holds the values of one buffer, or
//! one longer value, never the whole stream.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::Arc;

use super::{BINARY_VERSION_MARKER, Grammar, IonError, ReadItems, Reader, SymbolTable};
use crate::JournalError;

/// A value longer than this is refused. QLDB's largest transaction has 4 MB as Ion binary, and a block little more.
pub const LARGEST_VALUE: usize = 32 << 20;
/// The number of bytes read at once.
const READ_SIZE: usize = 256 << 10;

// Here and not beside the type, which is below Ion.
impl JournalError {
    /// An Ion error inside a value that begins at an offset.
    pub fn within(value_offset: u64, error: IonError) -> Self {
        Self::new(value_offset + error.offset as u64, error.into_reason())
    }
}

/// What a reader of one value may need to know about the stream.
pub(crate) struct StreamPlace<'b> {
    /// The bytes that the reader reads.
    pub(crate) input: &'b [u8],
    /// The offset of the first of them in the stream.
    pub(crate) offset: u64,
    /// Whether they are Ion binary.
    pub(crate) is_binary: bool,
}

/// Bytes of a stream that were read and not used yet, and the symbols in effect there.
#[derive(Debug)]
pub(crate) struct Stream<R> {
    source: R,
    grammar: Grammar,
    /// Field names that the consumer of the values wants numbered.
    known: &'static [&'static str],
    is_binary: Option<bool>,
    symbols: Arc<SymbolTable>,
    buffer: Vec<u8>,
    /// The offset of the buffer's first byte in the stream.
    offset: u64,
    source_ended: bool,
}

impl<R: Read> Stream<R> {
    /// A stream that is Ion binary if it begins with the version marker, and text of the grammar otherwise.
    pub(crate) fn new(source: R, grammar: Grammar, known: &'static [&'static str]) -> Self {
        Self {
            source,
            grammar,
            known,
            is_binary: None,
            symbols: Arc::default(),
            buffer: Vec::new(),
            offset: 0,
            source_ended: false,
        }
    }

    /// The offset of the first byte that was not used yet.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether everything was read and used.
    pub(crate) fn is_at_end(&self) -> bool {
        self.source_ended && self.buffer.is_empty()
    }

    /// Reads more, and passes each complete value in the buffer to `read`, which must use it up to its end and returns
    /// `None` when there are no more. The results before a failure are in `out` nevertheless.
    pub(crate) fn read_on<T>(
        &mut self,
        out: &mut VecDeque<T>,
        mut read: impl FnMut(&mut Reader<'_>, &StreamPlace<'_>) -> Result<Option<T>, IonError>,
    ) -> Result<(), JournalError> {
        self.fill()?;
        let is_binary = self.is_binary();
        let place = StreamPlace { input: &self.buffer, offset: self.offset, is_binary };
        let reader = Reader::new(&self.buffer, is_binary, self.grammar, Arc::clone(&self.symbols));
        let mut reader = reader.part(!self.source_ended).knowing(self.known);
        // The only reference, so that adding symbols copies no table.
        self.symbols = Arc::default();
        let used = loop {
            match read(&mut reader, &place) {
                Ok(None) => break Ok(self.buffer.len()),
                Ok(Some(value)) => {
                    if reader.offset() - reader.value_start() > LARGEST_VALUE {
                        break Err(too_long(self.offset + reader.value_start() as u64));
                    }
                    out.push_back(value);
                }
                Err(error) if error.ended && !self.source_ended => break Ok(reader.value_start()),
                Err(error) if error.ended => {
                    let end = self.offset + self.buffer.len() as u64;
                    let reason = format!("the object ends at {end}, inside the value that begins here");
                    break Err(JournalError::new(self.offset + reader.value_start() as u64, reason));
                }
                Err(error) => break Err(JournalError::within(self.offset, error)),
            }
        };
        self.symbols = Arc::clone(reader.symbols());
        let used = used?;
        self.offset += used as u64;
        self.buffer.drain(..used);
        Ok(())
    }

    /// Whether the first bytes show Ion binary.
    fn is_binary(&mut self) -> bool {
        let binary = self.buffer.starts_with(&BINARY_VERSION_MARKER[..1]);
        *self.is_binary.get_or_insert(binary)
    }

    /// Reads more: as much again as is waiting, so that finding the end of a long value takes time proportional to its
    /// length.
    fn fill(&mut self) -> Result<(), JournalError> {
        if self.buffer.len() > LARGEST_VALUE {
            return Err(too_long(self.offset));
        }
        let wanted = self.buffer.len().max(READ_SIZE);
        let before = self.buffer.len();
        let source = Read::by_ref(&mut self.source).take(wanted as u64).read_to_end(&mut self.buffer);
        source.map_err(|error| JournalError::io(self.offset + before as u64, error))?;
        self.source_ended = self.buffer.len() - before < wanted;
        Ok(())
    }
}

fn too_long(offset: u64) -> JournalError {
    JournalError::new(offset, format!("the value that begins here is longer than {LARGEST_VALUE} bytes"))
}
