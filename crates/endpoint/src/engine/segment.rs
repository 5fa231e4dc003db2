//! Segments: the immutable files and objects of a journal.

use std::fs;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::store::file::{self, NewFile};
use qldb_journal::internal::NewBlock;
use qldb_journal::internal::sha256::HashingReader;
use qldb_journal::request::UniqueId;
use qldb_journal::{BlockReader, Encoding, Hash};

use super::error::LedgerError;
use super::limits;
use super::places::{Places, SegmentAt};

/// The directory of all journals, in the data directory.
pub(super) const JOURNALS: &str = "journals";

/// The number of bytes that are read or written at once.
pub(super) const BUFFER: usize = 256 * 1024;

/// A segment as the catalog knows it.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    pub(super) strand_id: UniqueId,
    pub(super) first: u64,
    pub(super) last: u64,
    /// The earliest and the latest commit time in it, in milliseconds.
    pub(super) first_time: DateTime<Utc>,
    pub(super) last_time: DateTime<Utc>,
    pub(super) first_previous_hash: Option<Hash>,
    pub(super) last_block_hash: Hash,
    pub(super) bytes: u64,
    pub(super) sha256: Hash,
    pub(super) place: SegmentAt,
    pub(super) encoding: Encoding,
}

/// A segment to be added to the catalog.
#[derive(Debug, Clone)]
pub(super) struct NewSegment {
    pub(super) segment: Segment,
    /// The hashes of its blocks, 32 bytes each, in order.
    pub(super) block_hashes: Vec<u8>,
}

impl NewSegment {
    /// Its file, relative to the data directory, if it is one there.
    pub(super) fn file(&self) -> Option<PathBuf> {
        match &self.segment.place {
            SegmentAt::File(path) if path.is_relative() => Some(path.clone()),
            _ => None,
        }
    }
}

impl Segment {
    /// Opens it, counting and hashing what is read.
    pub(super) fn open(&self, places: &Places) -> io::Result<HashedReader> {
        places.open(&self.place).map(HashedReader::new)
    }

    /// Its blocks.
    pub(super) fn read(&self, places: &Places) -> io::Result<BlockReader<BufReader<HashedReader>>> {
        self.open(places).map(|source| BlockReader::new(BufReader::with_capacity(BUFFER, source), self.encoding))
    }

    /// Whether this size and hash are the recorded ones.
    pub(super) fn agrees(&self, bytes: u64, sha256: Hash) -> bool {
        self.bytes == bytes && self.sha256 == sha256
    }
}

/// A segment or an object that is being read.
pub(super) type HashedReader = HashingReader<Box<dyn Read + Send>>;

/// Begins a file in the folder of a journal; `path` is relative to the data directory. Links are not followed.
pub(super) fn new_file(data_dir: &Path, path: &Path) -> io::Result<NewFile> {
    let target = data_dir.join(path);
    file::refuse_links(&data_dir.join(JOURNALS), &target)?;
    NewFile::create(target.parent().unwrap_or(data_dir), target.clone())
}

/// Begins the file of a segment. No existing file is overwritten.
fn new_segment(data_dir: &Path, path: &Path) -> io::Result<NewFile> {
    refuse_taken(data_dir, path)?;
    new_file(data_dir, path)
}

/// Refuses to write a segment where something exists, or through a link.
pub(super) fn refuse_taken(data_dir: &Path, path: &Path) -> io::Result<()> {
    let target = data_dir.join(path);
    if fs::symlink_metadata(&target).is_ok() {
        let reason = format!("{} already exists, but the catalog does not know it", path.display());
        return Err(io::Error::other(reason));
    }
    file::refuse_links(&data_dir.join(JOURNALS), &target)
}

/// Appends blocks to a journal, as new segments.
pub(super) struct JournalWriter<'a, F> {
    data_dir: &'a Path,
    strand_id: UniqueId,
    next: u64,
    previous: Option<Hash>,
    bytes: Vec<u8>,
    open: Option<Open>,
    sink: F,
}

/// The segment that is being filled.
struct Open {
    first: u64,
    first_time: DateTime<Utc>,
    last_time: DateTime<Utc>,
    first_previous_hash: Option<Hash>,
    block_hashes: Vec<u8>,
}

impl<'a, F: FnMut(NewSegment) -> Result<(), LedgerError>> JournalWriter<'a, F> {
    /// Begins after the last segment of a journal, or at block 0. Each segment is passed to `sink` when its file is
    /// durable.
    pub(super) fn new(data_dir: &'a Path, strand_id: UniqueId, last: Option<&Segment>, sink: F) -> Self {
        Self {
            data_dir,
            strand_id,
            next: last.map_or(0, |last| last.last + 1),
            previous: last.map(|last| last.last_block_hash),
            bytes: Vec::new(),
            open: None,
            sink,
        }
    }

    /// The number of the next block.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Adds a block. Its strand, number and previous hash are set here.
    pub(super) fn push(&mut self, mut block: NewBlock) -> Result<(), LedgerError> {
        self.strand_id.as_str().clone_into(&mut block.strand_id);
        block.sequence_no = self.next;
        block.previous_block_hash = self.previous;
        let links = block
            .encode(&mut self.bytes)
            .map_err(|error| LedgerError::Invalid(format!("block {} cannot be made: {error}", self.next)))?;
        self.count(block.timestamp, links.block_hash);
        if self.full() { self.end_segment() } else { Ok(()) }
    }

    fn count(&mut self, time: DateTime<Utc>, hash: Hash) {
        let open = self.open.get_or_insert_with(|| Open {
            first: self.next,
            first_time: time,
            last_time: time,
            first_previous_hash: self.previous,
            block_hashes: Vec::new(),
        });
        open.first_time = open.first_time.min(time);
        open.last_time = open.last_time.max(time);
        open.block_hashes.extend_from_slice(hash.as_bytes());
        self.previous = Some(hash);
        self.next += 1;
    }

    fn full(&self) -> bool {
        let blocks = self.open.as_ref().map_or(0, |open| open.block_hashes.len() / Hash::LENGTH);
        self.bytes.len() >= limits::SEGMENT_BYTES || blocks >= limits::SEGMENT_BLOCKS
    }

    /// Completes the last segment.
    pub(super) fn finish(mut self) -> Result<(), LedgerError> {
        self.end_segment()
    }

    fn end_segment(&mut self) -> Result<(), LedgerError> {
        let (Some(open), Some(last_block_hash)) = (self.open.take(), self.previous) else { return Ok(()) };
        let last = self.next - 1;
        let path = Path::new(JOURNALS).join(self.strand_id.as_str()).join(format!("{}-{last}.ion", open.first));
        self.write_file(&path).map_err(LedgerError::io(format!("cannot write {}", path.display())))?;
        let segment = Segment {
            strand_id: self.strand_id.clone(),
            first: open.first,
            last,
            first_time: open.first_time,
            last_time: open.last_time,
            first_previous_hash: open.first_previous_hash,
            last_block_hash,
            bytes: self.bytes.len() as u64,
            sha256: Hash::of(&self.bytes),
            place: SegmentAt::File(path),
            encoding: Encoding::IonText,
        };
        self.bytes.clear();
        (self.sink)(NewSegment { segment, block_hashes: open.block_hashes })
    }

    fn write_file(&self, path: &Path) -> io::Result<()> {
        let mut file = new_segment(self.data_dir, path)?;
        file.write_all(&self.bytes)?;
        file.commit()
    }
}
