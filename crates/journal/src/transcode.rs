//! Writes the blocks of an object in another encoding, in the pass that reads them.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

use super::block::GROUP_SIZE;
use super::check::FIELDS;
use super::ion::{
    BinaryMark, BinaryWriter, Found, Grammar, IonError, Item, JsonWriter, Lines, ReadItems, Run, Stranger, Stream,
    SymbolTable, TakeItems, TextWriter,
};
use super::{Checker, Depth, Encoding, JournalError};

/// Reads the blocks of one object, and returns them in another encoding. Blocks are read like
/// [`BlockReader`](super::BlockReader) reads them, and written like [`BlockWriter`](super::BlockWriter) writes them.
#[derive(Debug)]
pub struct Transcoder<'s> {
    stream: Stream<Source<'s>>,
    is_json: bool,
    checker: Checker,
    output: &'s mut TranscodedBytes,
    blocks: VecDeque<()>,
    /// Whether anything was returned.
    has_begun: bool,
    is_done: bool,
}

/// What a transcoder writes, in one encoding. One transcoder after another uses its memory, which would otherwise be
/// returned to the operating system after each object.
#[derive(Debug)]
pub struct TranscodedBytes {
    target: Target,
    /// What was returned last.
    part: Vec<u8>,
}

impl TranscodedBytes {
    /// Nothing yet, in an encoding.
    pub fn new(encoding: Encoding) -> Self {
        let target = match encoding {
            Encoding::IonText => Target::Text(TextWriter::default()),
            Encoding::Json => Target::Json(JsonWriter::default()),
            Encoding::IonBinary => Target::Binary(Box::default(), Vec::new()),
        };
        Self { target, part: Vec::new() }
    }
}

/// Any source, so that the pass over its bytes is compiled here, with this crate's optimisation, and not once more
/// where it is called.
struct Source<'s>(Box<dyn Read + 's>);

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Source")
    }
}

impl<'s> Transcoder<'s> {
    /// Reads blocks from the beginning of an object. What another transcoder left in the output is dropped.
    pub fn new(source: impl Read + 's, from: Encoding, output: &'s mut TranscodedBytes) -> Self {
        let is_json = from == Encoding::Json;
        let grammar = if is_json { Grammar::Json } else { Grammar::Ion };
        output.target.clear();
        Self {
            stream: Stream::new(Source(Box::new(source)), grammar, FIELDS),
            is_json,
            checker: Checker::new(Depth::Heads),
            output,
            blocks: VecDeque::new(),
            has_begun: false,
            is_done: false,
        }
    }

    /// Continues reading, and returns the next bytes of the other encoding, or nothing at the end. Errors concern the
    /// object that is read.
    pub fn read_part(&mut self) -> Result<Option<&[u8]>, JournalError> {
        self.output.part.clear();
        while self.output.part.is_empty() && !self.is_done {
            self.read_on()?;
            self.is_done = self.stream.is_at_end();
            let TranscodedBytes { target, part } = &mut *self.output;
            target.give(part, self.is_done, self.has_begun);
            self.has_begun |= !part.is_empty();
        }
        Ok(Some(&self.output.part[..]).filter(|part| !part.is_empty()))
    }

    fn read_on(&mut self) -> Result<(), JournalError> {
        let Self { stream, is_json, checker, output, blocks, .. } = self;
        let target = &mut output.target;
        blocks.clear();
        stream.read_on(blocks, |reader, place| {
            let is_json = *is_json && !place.is_binary;
            if is_json && !matches!(target, Target::Json(_)) {
                return Err(IonError::new(0, "JSON has lost Ion's types and can't become Ion again"));
            }
            let mark = target.begin();
            match checker.read(&mut Tee { reader, target }, is_json) {
                Ok(true) => {
                    checker.judge(&mut |_| {});
                    target.end();
                    Ok(Some(()))
                }
                Ok(false) => Ok(None),
                Err(error) => {
                    // It is read again together with what follows, if anything does.
                    target.back_to(&mark);
                    Err(error)
                }
            }
        })
    }
}

/// Where blocks are written, and what is pending there.
#[derive(Debug)]
enum Target {
    Text(TextWriter),
    Json(JsonWriter),
    /// A group of blocks under one symbol table, and the groups before it.
    Binary(Box<BinaryWriter>, Vec<u8>),
}

/// What was written before a block.
enum Mark {
    Lines(usize),
    Binary(BinaryMark),
}

impl Target {
    /// The lines of text or JSON.
    fn lines(&mut self) -> Option<&mut Lines> {
        match self {
            Self::Text(writer) => Some(writer.lines()),
            Self::Json(writer) => Some(writer.lines()),
            Self::Binary(..) => None,
        }
    }

    /// Drops everything that was written.
    fn clear(&mut self) {
        match self {
            Self::Binary(writer, groups) => {
                writer.clear();
                groups.clear();
            }
            target => target.lines().into_iter().for_each(|lines| lines.back_to(0)),
        }
    }

    fn begin(&mut self) -> Mark {
        if let Self::Binary(writer, groups) = self {
            if writer.len() >= GROUP_SIZE {
                writer.take_into(groups);
            }
            return Mark::Binary(writer.mark());
        }
        Mark::Lines(self.lines().map_or(0, |lines| lines.len()))
    }

    fn write(&mut self, item: &Item<'_>) {
        match self {
            Self::Text(writer) => writer.write(item),
            Self::Json(writer) => writer.write(item),
            Self::Binary(writer, _) => writer.write(item),
        }
    }

    fn end(&mut self) {
        if let Some(lines) = self.lines() {
            lines.end();
        }
    }

    /// Undoes everything written since the mark.
    fn back_to(&mut self, mark: &Mark) {
        match (self, mark) {
            (Self::Binary(writer, _), Mark::Binary(mark)) => writer.back_to(mark),
            (target, Mark::Lines(length)) => target.lines().into_iter().for_each(|lines| lines.back_to(*length)),
            _ => {}
        }
    }

    /// Returns what is complete. An empty binary object is its version marker.
    fn give(&mut self, part: &mut Vec<u8>, is_end: bool, has_begun: bool) {
        if let Some(lines) = self.lines() {
            lines.swap(part);
        }
        if let Self::Binary(writer, groups) = self {
            std::mem::swap(groups, part);
            if is_end && (!writer.is_empty() || (part.is_empty() && !has_begun)) {
                writer.take_into(part);
            }
        }
    }
}

/// A reader whose items are also written.
struct Tee<'t, R> {
    reader: &'t mut R,
    target: &'t mut Target,
}

impl<R: ReadItems> ReadItems for Tee<'_, R> {
    fn next_item(&mut self) -> Result<Option<Item<'_>>, IonError> {
        let item = self.reader.next_item()?;
        if let Some(item) = &item {
            self.target.write(item);
        }
        Ok(item)
    }

    fn drain(&mut self, taker: &mut impl TakeItems) -> Result<(), IonError> {
        self.reader.drain(&mut Both { taker, target: self.target })
    }

    fn offset(&self) -> usize {
        self.reader.offset()
    }

    fn depth(&self) -> usize {
        self.reader.depth()
    }

    fn value_start(&self) -> usize {
        self.reader.value_start()
    }

    fn resume_point(&self) -> usize {
        self.reader.resume_point()
    }

    fn take_stranger(&mut self) -> Option<Stranger> {
        self.reader.take_stranger()
    }

    fn symbols(&self) -> &Arc<SymbolTable> {
        self.reader.symbols()
    }

    fn symbols_mut(&mut self) -> &mut Arc<SymbolTable> {
        self.reader.symbols_mut()
    }
}

/// Takes items, and also writes them.
struct Both<'t, T> {
    taker: &'t mut T,
    target: &'t mut Target,
}

impl<T: TakeItems> TakeItems for Both<'_, T> {
    #[inline]
    fn take(&mut self, at: usize, item: &Item<'_>) -> Result<(), IonError> {
        self.target.write(item);
        self.taker.take(at, item)
    }

    fn take_stranger(&mut self, stranger: Stranger) {
        self.taker.take_stranger(stranger);
    }

    #[inline]
    fn expected(&self) -> Option<&'static Run> {
        self.taker.expected()
    }

    fn take_run(&mut self, found: &Found<'_>) {
        found.each_item(|item| self.target.write(item));
        self.taker.take_run(found);
    }
}
