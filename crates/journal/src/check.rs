//! Reads blocks and checks each by itself: its form, its own hash, the tree over its entries, and
//! the Ion hashes of its contents (docs/qldb.md 4.2 to 4.5).
//!
//! Reading and checking are one pass over the bytes: the borders of a block, its number and its
//! hashes come from the same reader. Hashes are computed for many blocks together, so a [`Checker`]
//! takes blocks first and judges them later.
//!
//! What the chain, the objects and a digest prove goes beyond one block; see `archive::verify`.

mod draft;
mod fact;
mod fault;
mod field;
mod gather;
mod judge;
mod parts;
mod read;
mod shape;
#[cfg(test)]
mod tests;

pub use fact::RevisionFact;
pub use fault::{BlockFault, FaultKind, FaultLevel};
pub use parts::BlockRun;

use chrono::{DateTime, Utc};

use draft::{Data, Documents, Group};
use fault::Faults;
pub(crate) use field::FIELDS;
use judge::{Computed, Judge, NotableOffsets};
use parts::Reading;
use shape::Walk;

use super::ion::{Hashing, IonError, ReadItems, Reader, Stranger};
use super::roots::Roots;
use super::{BlockHeader, Encoding, Hash, JournalError, Links, Notable, RawBlock, TableCounts, Tables};

/// What one block proves, and what it does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedBlock {
    /// Strand, number and time.
    pub header: BlockHeader,
    /// The hashes that link it to its neighbours, as stated in the block.
    pub links: Links,
    /// Everything that does not match.
    pub faults: Vec<BlockFault>,
    /// What was proved, and what was not.
    pub counts: Counts,
    /// Revisions by table.
    pub tables: Tables,
}

/// Declares the counts once, in the order in which they are stored in files.
macro_rules! counts {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// How much of a block's contents its hashes prove.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub struct Counts {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl std::ops::AddAssign for Counts {
            fn add_assign(&mut self, other: Self) {
                $(self.$name += other.$name;)*
            }
        }

        impl Counts {
            /// All counts, in one order.
            pub fn to_list(&self) -> Vec<u64> {
                vec![$(self.$name),*]
            }

            /// Reads counts from such a list; `None` if it has another length.
            pub fn from_list(list: &[u64]) -> Option<Self> {
                let mut list = list.iter().copied();
                let counts = Self { $($name: list.next()?,)* };
                list.next().is_none().then_some(counts)
            }
        }
    };
}

counts! {
    /// All revisions.
    revisions,
    /// Revisions whose data and metadata, or whose redaction, hash to the stated hash.
    proved,
    /// Revisions present as a hash only: the service's own.
    hash_only,
    /// Revisions with the hash of their data in place of the data; included in `proved`. Only a `redactionInfo` shows
    /// that the data were redacted.
    redacted,
    /// Those in blocks that no earlier object contains.
    redacted_once,
    /// Revisions that a `redactionInfo` names as redacted, in blocks that no earlier object contains.
    redactions,
    /// Revisions that delete a document, according to a statement that a hash covers. The formula of their own hash is
    /// not known, so the hash is accepted as stated, and their metadata are not proved.
    deleted,
    /// Deletions whose hash is the Ion hash of their metadata alone.
    deleted_metadata_alone,
    /// Deletions whose hash joins their metadata with the Ion hash of null.
    deleted_with_null,
    /// Revisions without data that no covered statement deletes: their contents are missing.
    cut,
    /// Revisions present as a hash only, in blocks with fewer revisions of a document than statements that changed it:
    /// they may be the missing ones, whose contents are not there.
    hidden,
    /// Revisions of documents, in blocks without `transactionInfo`.
    undocumented,
    /// Revisions with data in JSON, which has lost the types that the hash covers.
    typeless,
    /// Blocks with `transactionInfo`.
    transactions,
    /// Blocks in which nothing accounts for any entry of the hash list.
    blocks_without_contents,
    /// Entries of the hash list that nothing in the block accounts for.
    unaccounted,
    /// Those at a position where entries of contents are: the contents are missing.
    unaccounted_contents,
    /// Blocks whose hash list does not contain all of the service's own entries separately: they were combined with
    /// others, which may have been entries of contents.
    folded,
    /// Fields of blocks and revisions that QLDB does not write. No hash covers their names: one of them may have been a
    /// field that a hash covers.
    unknown_fields,
}

/// How much of each block is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Every byte is read, and the head is kept.
    Heads,
    /// Everything is hashed and compared.
    Contents,
}

/// A block that was read, and checked if that was requested.
#[derive(Debug)]
pub struct Judged<'a> {
    /// The offset of its first byte in the input.
    pub start: usize,
    /// The offset after its last byte.
    pub end: usize,
    /// The strand.
    pub strand_id: &'a str,
    /// The block's number.
    pub sequence_no: u64,
    /// When the transaction was committed.
    pub timestamp: DateTime<Utc>,
    /// The hashes that link it to its neighbours, as stated in the block.
    pub links: Links,
    /// Everything that does not match.
    pub faults: Vec<BlockFault>,
    /// What was proved, and what was not.
    pub counts: Counts,
    notable: NotableOffsets,
    group: &'a Group,
    index: usize,
    /// Whether more than its head was checked.
    is_checked: bool,
}

impl Judged<'_> {
    /// Adds the block's revisions to the counts of their tables, if its contents were read.
    pub fn add_to(&self, tables: &mut Tables) {
        let Some(block) = self.group.blocks.get(self.index).filter(|_| self.is_checked) else { return };
        let documents = Documents::of(self.group, block);
        for revision in block.revisions.of(&self.group.revisions) {
            let Some(id) = revision.document_id else { continue };
            let id = self.group.text(id);
            let Some(document) = documents.get(id) else { continue };
            let text = |slice: Option<draft::Slice>| slice.map(|slice| self.group.text(slice)).unwrap_or_default();
            let counts = TableCounts {
                id: String::new(),
                documents: u64::from(revision.version == Some(0)),
                revisions: 1,
                deleted: u64::from(revision.data == Data::Absent),
                redacted: u64::from(matches!(revision.data, Data::Redacted(_))),
            };
            tables.add_one(text(document.table_name), text(document.table_id), &counts);
        }
    }

    /// Adds the revisions that reports list.
    pub fn add_to_notable(&self, notable: &mut Notable) {
        let Some(block) = self.group.blocks.get(self.index).filter(|_| !self.notable.is_empty()) else { return };
        let (documents, revisions) = (Documents::of(self.group, block), block.revisions.of(&self.group.revisions));
        for (kind, offset) in &self.notable {
            let Some(revision) = revisions.get(*offset) else { continue };
            let id = revision.document_id.map(|id| self.group.text(id)).unwrap_or_default();
            let table = documents.get(id).and_then(|document| document.table_name).map(|name| self.group.text(name));
            let at = (self.strand_id, self.sequence_no, *offset as u64);
            notable.add(*kind, at, (id, revision.version, table));
        }
    }

    /// The document ids of the block's revisions, one for each revision that states one.
    pub fn document_ids(&self) -> impl Iterator<Item = &str> {
        let block = self.group.blocks.get(self.index);
        let revisions = block.map(|block| block.revisions.of(&self.group.revisions)).unwrap_or_default();
        revisions.iter().filter_map(|revision| revision.document_id).map(|id| self.group.text(id))
    }

    /// Strand, number and time.
    pub fn header(&self) -> BlockHeader {
        BlockHeader { strand_id: self.strand_id.to_owned(), sequence_no: self.sequence_no, timestamp: self.timestamp }
    }
}

/// The number of blocks that are judged together: enough to keep all lanes of SHA-256 busy, few enough to stay in the
/// cache.
const TOGETHER: usize = 48;
/// The number of hashes that are held at a time, regardless of the number of blocks.
const MANY_HASHES: usize = 200_000;

/// Reads blocks, and checks many together.
#[derive(Debug)]
pub struct Checker {
    hashing: Option<Hashing>,
    group: Group,
    walk: Walk,
    computed: Computed,
    /// The offset of the input in the object.
    offset: u64,
    /// Something unusual before a block that could not be read.
    before: Option<Stranger>,
}

impl Checker {
    /// A checker that reads to this depth.
    pub fn new(depth: Depth) -> Self {
        let hashing = (depth == Depth::Contents).then(Hashing::default);
        Self {
            hashing,
            group: Group::default(),
            walk: Walk::default(),
            computed: Computed::default(),
            offset: 0,
            before: None,
        }
    }

    /// Begins to read an input at this offset of its object.
    pub(super) fn begin(&mut self, offset: u64) {
        (self.offset, self.before) = (offset, None);
    }

    /// The first thing that QLDB does not write and that is outside the blocks that were read.
    pub(super) fn take_stranger(&mut self, reader: &mut impl ReadItems) -> Option<Stranger> {
        self.before.take().or_else(|| reader.take_stranger())
    }

    /// Whether enough was read to be judged: by the number of blocks, or by what hostile ones contain.
    pub(super) fn is_full(&self) -> bool {
        let is_much = |hashing: &Hashing| hashing.len() > MANY_HASHES;
        self.group.blocks.len() >= TOGETHER || self.group.is_large() || self.hashing.as_ref().is_some_and(is_much)
    }

    /// Reads the next block; false if there is none. A block that can't be read leaves nothing behind.
    pub fn read(&mut self, reader: &mut impl ReadItems, is_json: bool) -> Result<bool, IonError> {
        let mark = self.group.mark();
        let reading = Reading {
            group: &mut self.group,
            hashing: self.hashing.as_mut(),
            walk: &mut self.walk,
            is_json,
            base: self.offset,
        };
        let read = reading.read_block(reader, &mut self.before);
        if read.is_err() {
            self.group.back_to(mark);
            if let Some(hashing) = &mut self.hashing {
                hashing.abandon();
            }
        }
        read
    }

    /// Notes that the last block is not written as QLDB writes it.
    pub(super) fn note_form(&mut self, found: &str) {
        if let Some(block) = self.group.blocks.last_mut() {
            block.faults.push(BlockFault::of_form("block", found));
        }
    }

    /// Judges the blocks that were read, in order.
    pub fn judge(&mut self, each: &mut dyn FnMut(Judged<'_>)) {
        if let Some(hashing) = &mut self.hashing {
            self.computed.of(&self.group, hashing);
        }
        let own_faults: Vec<Faults> =
            self.group.blocks.iter_mut().map(|block| std::mem::take(&mut block.faults)).collect();
        for ((index, block), faults) in self.group.blocks.iter().enumerate().zip(own_faults) {
            let (faults, counts, notable) = match &self.hashing {
                None => {
                    let counts = Counts { unknown_fields: block.unknown_fields, ..Counts::default() };
                    (faults.into_list(), counts, Vec::new())
                }
                Some(hashing) => {
                    let (group, computed) = (&self.group, &self.computed);
                    let (counts, notable) = (Counts::default(), Vec::new());
                    Judge { group, hashing, computed, block, index, faults, counts, notable }.run()
                }
            };
            each(Judged {
                start: block.start,
                end: block.end,
                strand_id: self.group.text(block.strand_id),
                sequence_no: block.sequence_no,
                timestamp: block.timestamp,
                links: Links { block_hash: block.block_hash, previous_block_hash: block.previous_block_hash },
                faults,
                counts,
                notable,
                group: &self.group,
                index,
                is_checked: self.hashing.is_some(),
            });
        }
        self.group.back_to([0; 7]);
        if let Some(hashing) = &mut self.hashing {
            hashing.clear();
        }
    }
}

/// Checks one block. Fails only if its bytes can't be read; mismatches are in [`CheckedBlock::faults`].
pub fn check(block: &RawBlock) -> Result<CheckedBlock, JournalError> {
    let mut checker = Checker::new(Depth::Contents);
    checker.begin(block.offset);
    let within = |error| JournalError::within(block.offset, error);
    let mut reader = block.reader();
    checker.read(&mut reader, block.encoding == Encoding::Json).map_err(within)?;
    let mut outcome = None;
    checker.judge(&mut |judged| {
        let mut tables = Tables::default();
        judged.add_to(&mut tables);
        let (header, links) = (judged.header(), judged.links);
        outcome = Some(CheckedBlock { header, links, faults: judged.faults, counts: judged.counts, tables });
    });
    outcome.ok_or_else(|| JournalError::new(block.offset, "not a block: it is empty"))
}

/// Checks a single revision; `None` if it states no hash.
pub(super) fn check_revision(reader: &mut Reader<'_>) -> Result<Option<RevisionFact>, IonError> {
    let (mut group, mut walk, mut hashing) = (Group::default(), Walk::default(), Hashing::default());
    let (hashes, walk) = (Some(&mut hashing), &mut walk);
    let reading = Reading { group: &mut group, hashing: hashes, walk, is_json: false, base: 0 };
    let read = reading.read_revision(reader)?;
    let (Some((mut faults, _)), Some(revision)) = (read, group.revisions.first()) else { return Ok(None) };
    hashing.resolve();
    let data = match revision.data {
        Data::Present(later) => Some(hashing.digest(later)),
        Data::Redacted(hash) => Some(hash),
        Data::Absent | Data::Typeless => None,
    };
    let parts = revision.metadata.map(|later| hashing.digest(later)).zip(data);
    let mut roots = Roots::default();
    let list = roots.add(parts.into_iter().flat_map(|(metadata, data)| [Some(metadata), Some(data)]));
    roots.resolve(hashing.batch());
    let expected = roots.root(list);
    judge::judge_hash(revision, expected, &|part| format!("revision{part}"), &mut faults);
    let Some(hash) = revision.hash else { return Ok(None) };
    let address = revision.strand_id.map(|strand| group.text(strand).to_owned()).zip(revision.sequence_no);
    Ok(Some(RevisionFact { hash, address, proved: expected == Some(hash), faults: faults.into_list() }))
}

/// The hashes of a block that a revision's proof passes through.
pub(super) struct RevisionTree {
    pub(super) hashes: Vec<Option<Hash>>,
    pub(super) document_ids: Vec<Option<String>>,
    pub(super) versions: Vec<Option<u64>>,
    pub(super) entries: Vec<Option<Hash>>,
}

impl RevisionTree {
    pub(super) fn read(block: &RawBlock) -> Result<Self, IonError> {
        let mut checker = Checker::new(Depth::Heads);
        checker.read(&mut block.reader(), block.encoding == Encoding::Json)?;
        let group = checker.group;
        let id = |slice| group.text(slice).to_owned();
        Ok(Self {
            hashes: group.revisions.iter().map(|revision| revision.hash).collect(),
            document_ids: group.revisions.iter().map(|revision| revision.document_id.map(id)).collect(),
            versions: group.revisions.iter().map(|revision| revision.version).collect(),
            entries: group.entries,
        })
    }
}
