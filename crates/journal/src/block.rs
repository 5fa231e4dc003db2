//! Reading blocks from an object as bytes, and writing them to one. For everything that passes on
//! whole blocks.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::sync::Arc;

use super::check::FIELDS;
use super::ion::{
    BinaryWriter, FieldNames, Grammar, IonError, Item, JsonWriter, RawValue, ReadItems, Reader, Stranger, Stream,
    StreamPlace, SymbolTable, TakeItems, TextWriter,
};
use super::{Checker, Depth, Encoding, JournalError, RawBlock};

/// Reads the blocks of one object, one at a time. Ends after the first error.
#[derive(Debug)]
pub struct BlockReader<R> {
    stream: Stream<R>,
    is_json: bool,
    checker: Checker,
    waiting: VecDeque<RawBlock>,
    failure: Option<JournalError>,
    is_done: bool,
    offset: u64,
}

impl<R: Read> BlockReader<R> {
    /// Reads blocks from the beginning of an object. If an object was declared as Ion text but is Ion binary, or vice
    /// versa, it is read as what it is.
    pub fn new(source: R, encoding: Encoding) -> Self {
        let is_json = encoding == Encoding::Json;
        let grammar = if is_json { Grammar::Json } else { Grammar::Ion };
        Self {
            stream: Stream::new(source, grammar, FIELDS),
            is_json,
            checker: Checker::new(Depth::Heads),
            waiting: VecDeque::new(),
            failure: None,
            is_done: false,
            offset: 0,
        }
    }

    /// The offset after the last block.
    pub fn offset(&self) -> u64 {
        if self.waiting.is_empty() { self.stream.offset() } else { self.offset }
    }

    fn read_on(&mut self) -> Result<(), JournalError> {
        let (checker, is_json) = (&mut self.checker, self.is_json);
        self.stream.read_on(&mut self.waiting, |reader, place| read_block(checker, reader, place, is_json))
    }
}

/// Reads the next block, if there is one. Not generic, so that the pass over the bytes is compiled in this crate alone.
fn read_block(
    checker: &mut Checker,
    reader: &mut Reader<'_>,
    place: &StreamPlace<'_>,
    is_json: bool,
) -> Result<Option<RawBlock>, IonError> {
    let is_json = is_json && !place.is_binary;
    if !checker.read(reader, is_json)? {
        return Ok(None);
    }
    let mut block = None;
    checker.judge(&mut |judged| {
        let value = RawValue::taken(reader, place);
        block = Some(RawBlock::taken(judged.header(), judged.links, is_json, value));
    });
    Ok(block)
}

impl<R: Read> Iterator for BlockReader<R> {
    type Item = Result<RawBlock, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(block) = self.waiting.pop_front() {
                self.offset = block.offset + block.bytes().len() as u64;
                return Some(Ok(block));
            }
            if self.is_done {
                return self.failure.take().map(Err);
            }
            self.failure = self.read_on().err();
            self.is_done = self.failure.is_some() || self.stream.is_at_end();
        }
    }
}

/// A binary object is written in groups of about this size, each with its own symbol table.
pub(super) const GROUP_SIZE: usize = 1 << 20;

/// Writes blocks to one object in a chosen encoding: a block is copied if the encodings match, and transcoded
/// otherwise.
#[derive(Debug)]
pub struct BlockWriter<W> {
    out: W,
    written: u64,
    target: Target,
    /// The field names that occurred in transcoded blocks.
    names: FieldNames,
}

/// The state between two blocks.
#[derive(Debug)]
enum Target {
    Text(TextWriter),
    Json(JsonWriter),
    Binary(Box<BinaryTarget>),
}

/// A group of binary blocks under one symbol table: either our own, or that of the object from which they are copied.
#[derive(Debug, Default)]
struct BinaryTarget {
    transcoded: BinaryWriter,
    copied: Vec<u8>,
    copied_symbols: Option<Arc<SymbolTable>>,
}

impl<W: Write> BlockWriter<W> {
    /// Begins an object.
    pub fn new(out: W, encoding: Encoding) -> Self {
        let target = match encoding {
            Encoding::IonText => Target::Text(TextWriter::default()),
            Encoding::Json => Target::Json(JsonWriter::default()),
            Encoding::IonBinary => Target::Binary(Box::default()),
        };
        Self { out, written: 0, target, names: FieldNames::kept() }
    }

    /// Writes one block. Fails if the block can't be read, if it is JSON and Ion is requested (JSON has lost the
    /// types), or if the output fails.
    pub fn write(&mut self, block: &RawBlock) -> Result<(), JournalError> {
        match &mut self.target {
            Target::Text(_) if block.encoding == Encoding::IonText && block.value.symbols.is_system() => {
                self.copy_line(block)
            }
            Target::Json(_) if block.encoding == Encoding::Json => self.copy_line(block),
            Target::Text(_) | Target::Binary(_) if block.encoding == Encoding::Json => {
                Err(JournalError::new(block.offset, "JSON has lost Ion's types and can't become Ion again"))
            }
            Target::Text(_) | Target::Json(_) => self.transcode_line(block),
            Target::Binary(target) => {
                let full = target.take(block, &mut self.names)?;
                self.put(block.offset, &full)
            }
        }
    }

    /// Completes the object and returns the output.
    pub fn finish(mut self) -> Result<W, JournalError> {
        if let Target::Binary(target) = &mut self.target {
            let mut rest = target.flush();
            if self.written == 0 && rest.is_empty() {
                rest = BinaryWriter::default().take();
            }
            self.put(0, &rest)?;
        }
        self.out.flush().map_err(|error| JournalError::io(self.written, error))?;
        Ok(self.out)
    }

    fn copy_line(&mut self, block: &RawBlock) -> Result<(), JournalError> {
        self.put(block.offset, block.bytes())?;
        self.put(block.offset, b"\n")
    }

    fn transcode_line(&mut self, block: &RawBlock) -> Result<(), JournalError> {
        let mut line = match &mut self.target {
            Target::Text(writer) => {
                transcode(block, &mut self.names, &mut |item| writer.write(item))?;
                writer.take()
            }
            Target::Json(writer) => {
                transcode(block, &mut self.names, &mut |item| writer.write(item))?;
                writer.take()
            }
            Target::Binary(_) => Vec::new(),
        };
        line.push(b'\n');
        self.put(block.offset, &line)
    }

    fn put(&mut self, offset: u64, bytes: &[u8]) -> Result<(), JournalError> {
        self.out.write_all(bytes).map_err(|error| JournalError::io(offset, error))?;
        self.written += bytes.len() as u64;
        Ok(())
    }
}

/// Passes every item of a block to a writer. Not generic, like [`read_block`].
fn transcode(block: &RawBlock, names: &mut FieldNames, write: &mut dyn FnMut(&Item<'_>)) -> Result<(), JournalError> {
    let mut reader = block.reader().remembering(std::mem::take(names));
    let read = write_items(&mut reader, &mut Writing(write));
    *names = reader.into_names();
    read.map_err(|error| block.error(error))
}

fn write_items(reader: &mut Reader<'_>, writing: &mut Writing<'_>) -> Result<(), IonError> {
    while let Some(item) = reader.next_item()? {
        let begins = item.begins();
        (writing.0)(&item);
        if begins {
            reader.drain(writing)?;
        }
    }
    Ok(())
}

/// Writes the items that it receives.
struct Writing<'w>(&'w mut dyn FnMut(&Item<'_>));

impl TakeItems for Writing<'_> {
    #[inline]
    fn take(&mut self, _: usize, item: &Item<'_>) -> Result<(), IonError> {
        (self.0)(item);
        Ok(())
    }

    fn take_stranger(&mut self, _: Stranger) {}
}

impl BinaryTarget {
    /// Takes a block, and returns the bytes that are complete.
    fn take(&mut self, block: &RawBlock, names: &mut FieldNames) -> Result<Vec<u8>, JournalError> {
        let copies = block.encoding == Encoding::IonBinary;
        let same_group = match &self.copied_symbols {
            Some(symbols) => copies && Arc::ptr_eq(symbols, &block.value.symbols),
            None => !copies,
        };
        let waiting = self.copied.len() + self.transcoded.len();
        let full = if same_group && waiting < GROUP_SIZE { Vec::new() } else { self.flush() };
        if copies {
            self.copied_symbols = Some(Arc::clone(&block.value.symbols));
            self.copied.extend(block.bytes());
        } else {
            transcode(block, names, &mut |item| self.transcoded.write(item))?;
        }
        Ok(full)
    }

    fn flush(&mut self) -> Vec<u8> {
        let copied = std::mem::take(&mut self.copied);
        if let Some(symbols) = self.copied_symbols.take() {
            return [BinaryWriter::preamble(&symbols), copied].concat();
        }
        if self.transcoded.is_empty() { Vec::new() } else { self.transcoded.take() }
    }
}
