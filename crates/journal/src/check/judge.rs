//! Compares what blocks state with the hashes of their contents (docs/qldb.md 4.2 to 4.5).

use std::collections::HashMap;

use super::draft::{BlockDraft, Data, DocumentDraft, FEW, Group, RevisionDraft};
use super::fault::Faults;
use super::{BlockFault, Counts, FaultLevel};
use crate::ion::{Event, Hashing, IonType, Item, Scalar};
use crate::roots::Roots;
use crate::{Hash, NotableKind, dot, shown};

/// The number of a block's entries that are the service's own, and never accounted for.
const OPAQUE_ENTRIES: u64 = 2;

/// The hashes of a group of blocks, which were computed together.
#[derive(Debug, Default)]
pub(super) struct Computed {
    roots: Roots,
    /// For each block, three lists: its revisions, its entries, and its own two parts.
    blocks: Vec<[usize; 3]>,
    /// For each revision, its metadata and its data.
    revisions: Vec<Option<usize>>,
}

impl Computed {
    /// Computes everything that the group's blocks are compared with.
    pub(super) fn of(&mut self, group: &Group, hashing: &mut Hashing) {
        hashing.resolve();
        self.roots.clear();
        self.blocks.clear();
        self.revisions.clear();
        for block in &group.blocks {
            let revisions = block.revisions.of(&group.revisions);
            let stated = revisions.iter().all(|revision| revision.hash.is_some());
            let revisions = self.roots.add(revisions.iter().map(|revision| revision.hash).filter(|_| stated));
            let entries = self.roots.add(block.entries.of(&group.entries).iter().copied());
            let own = self.roots.add([block.entries_hash, block.previous_block_hash]);
            self.blocks.push([revisions, entries, own]);
        }
        for revision in &group.revisions {
            let data = match revision.data {
                Data::Present(later) => Some(hashing.digest(later)),
                Data::Redacted(hash) => Some(hash),
                Data::Absent | Data::Typeless => None,
            };
            let parts = revision.metadata.map(|later| hashing.digest(later)).zip(data);
            self.revisions.push(parts.map(|(metadata, data)| self.roots.add([Some(metadata), Some(data)])));
        }
        self.roots.resolve(hashing.batch());
    }

    /// The hash of a revision's parts, if it has both.
    fn revision(&self, index: usize) -> Option<Hash> {
        self.revisions.get(index).copied().flatten().and_then(|list| self.roots.root(list))
    }
}

/// The revisions of a block that reports list, by their offsets in it.
pub(super) type NotableOffsets = Vec<(NotableKind, usize)>;

/// What is compared in one block.
pub(super) struct Judge<'a> {
    pub(super) group: &'a Group,
    pub(super) hashing: &'a Hashing,
    pub(super) computed: &'a Computed,
    pub(super) block: &'a BlockDraft,
    /// The index of the block in the group.
    pub(super) index: usize,
    pub(super) faults: Faults,
    pub(super) counts: Counts,
    pub(super) notable: NotableOffsets,
}

impl<'a> Judge<'a> {
    pub(super) fn run(mut self) -> (Vec<BlockFault>, Counts, NotableOffsets) {
        self.counts.unknown_fields = self.block.unknown_fields;
        self.judge_own_hashes();
        self.judge_entries();
        let some_lack_data = self.revisions().iter().any(|revision| revision.data == Data::Absent);
        let mut deletions = if some_lack_data { self.deletions() } else { HashMap::new() };
        for offset in 0..self.revisions().len() {
            self.judge_revision(offset, &mut deletions);
        }
        self.judge_documents();
        self.count_hidden();
        (self.faults.into_list(), self.counts, self.notable)
    }

    fn revisions(&self) -> &'a [RevisionDraft] {
        self.block.revisions.of(&self.group.revisions)
    }

    fn documents(&self) -> &'a [DocumentDraft] {
        self.block.documents.of(&self.group.documents)
    }

    fn root(&self, which: usize) -> Option<Hash> {
        self.computed.blocks.get(self.index).and_then(|lists| self.computed.roots.root(lists[which]))
    }

    fn judge_own_hashes(&mut self) {
        let (root, own) = (self.root(1), self.root(2));
        if root.is_none() || root != self.block.entries_hash {
            self.faults.push(BlockFault::hashes(FaultLevel::Blocks, "entriesHash", root, self.block.entries_hash));
        }
        if own != Some(self.block.block_hash) {
            self.faults.push(BlockFault::hashes(FaultLevel::Blocks, "blockHash", own, Some(self.block.block_hash)));
        }
    }

    /// Each computed hash must be among the entries, at any position (docs/qldb.md 4.4). Two entries are the service's
    /// own: the first and the third. Any other entry that nothing accounts for belongs to contents that are missing.
    fn judge_entries(&mut self) {
        let digest = |later| self.hashing.digest(later);
        let parts = [
            (FaultLevel::Contents, "transactionInfo", self.block.transaction_info.map(digest)),
            (FaultLevel::Contents, "redactionInfo", self.block.redaction_info.map(digest)),
            (FaultLevel::Blocks, "revisions", self.root(0)),
        ];
        let entries = self.block.entries.of(&self.group.entries);
        for (level, field, computed) in parts {
            if computed.is_some() && !entries.contains(&computed) {
                self.faults.push(BlockFault::absent_entry(level, field, computed));
            }
        }
        let is_open = |entry: &Option<Hash>| entry.is_some() && parts.iter().all(|(_, _, computed)| computed != entry);
        let unaccounted = entries.iter().filter(|entry| is_open(entry)).count() as u64;
        let accounted = entries.iter().filter(|entry| entry.is_some()).count() as u64 - unaccounted;
        // If empty entries were omitted, the second may be the service's own as well.
        let whole = entries.len() > 3 || accounted == 0;
        let at_contents =
            |(index, entry): &(usize, &Option<Hash>)| is_open(entry) && (*index >= 3 || (*index == 1 && whole));
        let at_contents = entries.iter().enumerate().filter(at_contents).count() as u64;
        self.counts.unaccounted = unaccounted;
        self.counts.unaccounted_contents = at_contents.max(unaccounted.saturating_sub(OPAQUE_ENTRIES));
        self.counts.folded = u64::from(unaccounted < OPAQUE_ENTRIES);
        self.counts.blocks_without_contents = u64::from(accounted == 0);
        self.counts.redactions = self.block.redactions;
        self.counts.transactions = u64::from(self.block.transaction_info.is_some());
    }

    fn judge_revision(&mut self, offset: usize, deletions: &mut HashMap<&'a str, u64>) {
        let Some(revision) = self.revisions().get(offset) else { return };
        let expected = self.computed.revision(self.block.revisions.start + offset);
        self.count(offset, revision, expected, deletions);
        let (faults, block, group) = (&mut self.faults, self.block, self.group);
        let field = |part: &str| format!("revisions[{offset}]{part}");
        judge_hash(revision, expected, &field, faults);
        // Values that no hash covers, but that are stated elsewhere as well (docs/qldb.md 4.9).
        let mut compare = |part: &str, expected: &str, found: Option<&str>| {
            if found != Some(expected) {
                faults.push(BlockFault::new(FaultLevel::Contents, field(part), expected, found.unwrap_or("nothing")));
            }
        };
        let text = |slice| group.text(slice);
        if revision.has_address {
            if revision.strand_id != Some(block.strand_id) {
                compare(".blockAddress.strandId", text(block.strand_id), revision.strand_id.map(text));
            }
            if revision.sequence_no != Some(block.sequence_no) {
                let found = revision.sequence_no.map(|number| number.to_string());
                compare(".blockAddress.sequenceNo", &block.sequence_no.to_string(), found.as_deref());
            }
        }
        if let Some(transaction) = revision.transaction_id.filter(|_| revision.transaction_id != block.transaction_id) {
            let expected = block.transaction_id.map(text).unwrap_or_default();
            compare(".metadata.txId", expected, Some(text(transaction)));
        }
    }

    fn count(
        &mut self,
        offset: usize,
        revision: &RevisionDraft,
        expected: Option<Hash>,
        deletions: &mut HashMap<&'a str, u64>,
    ) {
        let group = self.group;
        let left = revision.document_id.and_then(|id| deletions.get_mut(group.text(id)));
        let is_deletion = match left.filter(|left| revision.data == Data::Absent && **left > 0) {
            Some(left) => {
                *left -= 1;
                true
            }
            None => false,
        };
        let is_documented = self.block.transaction_info.is_some();
        let counts = &mut self.counts;
        counts.revisions += 1;
        let Some(metadata) = revision.metadata else {
            counts.hash_only += 1;
            return;
        };
        counts.undocumented += u64::from(!is_documented);
        match revision.data {
            Data::Absent if is_deletion => {
                counts.deleted += 1;
                self.notable.push((NotableKind::Deleted, offset));
                let metadata = self.hashing.digest(metadata);
                counts.deleted_metadata_alone += u64::from(revision.hash == Some(metadata));
                counts.deleted_with_null += u64::from(revision.hash == Some(dot(metadata, hash_of_null())));
            }
            Data::Absent => {
                counts.cut += 1;
                self.notable.push((NotableKind::WithoutData, offset));
            }
            Data::Typeless => counts.typeless += 1,
            Data::Present(_) | Data::Redacted(_) => {
                counts.proved += u64::from(expected == revision.hash);
                if matches!(revision.data, Data::Redacted(_)) {
                    counts.redacted += 1;
                    counts.redacted_once += 1;
                    self.notable.push((NotableKind::Redacted, offset));
                }
            }
        }
    }

    /// How often each document is deleted by statements that the transaction's hash covers.
    fn deletions(&self) -> HashMap<&'a str, u64> {
        let deletes = self.block.deletes.of(&self.group.deletes);
        let mut deletions = HashMap::new();
        for document in self.documents() {
            let mut statements = document.statements.of(&self.group.document_statements).to_vec();
            statements.sort_unstable();
            statements.dedup();
            let count = statements.iter().filter(|statement| deletes.get(**statement) == Some(&true)).count();
            *deletions.entry(self.group.text(document.id)).or_default() += count as u64;
        }
        deletions
    }

    /// Any revision that is only a hash may be one of the block's documents. A statement makes one revision of a
    /// document: if there are fewer revisions than statements, a hash may be one of the rest.
    fn count_hidden(&mut self) {
        let hashes_only = self.revisions().iter().filter(|revision| revision.metadata.is_none()).count();
        if hashes_only == 0 || self.documents().is_empty() {
            return;
        }
        let group = self.group;
        let mut shown: HashMap<&str, usize> = HashMap::new();
        for id in self.revisions().iter().filter_map(|revision| revision.document_id) {
            *shown.entry(group.text(id)).or_default() += 1;
        }
        let lacking = self.documents().iter().map(|document| {
            let mut statements = document.statements.of(&group.document_statements).to_vec();
            statements.sort_unstable();
            statements.dedup();
            statements.len().saturating_sub(shown.get(group.text(document.id)).copied().unwrap_or(0))
        });
        self.counts.hidden = hashes_only.min(lacking.sum()) as u64;
    }

    /// Whether the documents are few and distinct, and match the revisions in the same order: then nothing is wrong
    /// with them.
    fn are_documents_in_order(&self) -> bool {
        let (group, documents) = (self.group, self.documents());
        let ids = || documents.iter().map(|document| group.text(document.id));
        let of_revisions = self.revisions().iter().filter_map(|revision| revision.document_id);
        let is_new = |(at, id): (usize, &str)| ids().take(at).all(|earlier| earlier != id);
        documents.len() <= FEW && of_revisions.map(|id| group.text(id)).eq(ids()) && ids().enumerate().all(is_new)
    }

    /// Documents that `transactionInfo` names must have revisions here, and vice versa.
    fn judge_documents(&mut self) {
        if self.block.transaction_info.is_none() || self.are_documents_in_order() {
            return;
        }
        let group = self.group;
        let text = |slice| group.text(slice);
        let mut named: Vec<&str> = self.documents().iter().map(|document| text(document.id)).collect();
        let ids = self.revisions().iter().map(|revision| revision.document_id.map(text));
        let ids: Vec<Option<&str>> = ids.collect();
        named.sort_unstable();
        let repeated = named.iter().zip(named.iter().skip(1)).find(|(one, next)| one == next);
        if let Some((id, _)) = repeated {
            let field = format!("transactionInfo.documents.{id}");
            self.faults.push(BlockFault::new(FaultLevel::Blocks, field, "one value", "several"));
        }
        let mut present: Vec<&str> = ids.iter().copied().flatten().collect();
        present.sort_unstable();
        for id in named.iter().filter(|id| present.binary_search(id).is_err()) {
            let expected = format!("a revision of document {id}, which transactionInfo names");
            self.faults.push(BlockFault::new(FaultLevel::Contents, "revisions", expected, "none"));
        }
        for (index, id) in ids.iter().enumerate() {
            if let Some(id) = id.filter(|id| named.binary_search(id).is_err()) {
                let field = format!("revisions[{index}].metadata.id");
                self.faults.push(BlockFault::new(
                    FaultLevel::Contents,
                    field,
                    "a document that transactionInfo names",
                    id,
                ));
            }
        }
    }
}

/// Compares a revision's hash with that of its own parts.
pub(super) fn judge_hash(
    revision: &RevisionDraft,
    expected: Option<Hash>,
    field: &dyn Fn(&str) -> String,
    faults: &mut Faults,
) {
    if revision.hash.is_none() {
        faults.push(BlockFault::new(FaultLevel::Blocks, field(".hash"), "a hash", "none"));
    }
    if expected.is_some() && expected != revision.hash {
        faults.push(BlockFault::new(FaultLevel::Contents, field(".hash"), shown(expected), shown(revision.hash)));
    }
    // A revision of the service's own is only its hash.
    if revision.metadata.is_none() && (revision.has_address || revision.data != Data::Absent) {
        let expected = "metadata beside the address and the data";
        faults.push(BlockFault::new(FaultLevel::Contents, field(".metadata"), expected, "none"));
    }
}

/// The Ion hash of null: a candidate for what replaces the data of a deletion.
fn hash_of_null() -> Hash {
    static NULL: std::sync::OnceLock<Hash> = std::sync::OnceLock::new();
    *NULL.get_or_init(|| {
        let null = Item::bare(Event::Scalar(Scalar::Null(IonType::Null)));
        crate::ion::IonHasher::default().write(&null).unwrap_or_else(|| Hash::of(&[]))
    })
}
