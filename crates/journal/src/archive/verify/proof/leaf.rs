//! The leaf of a proof: a block or a revision, checked by itself.

use crate::archive::verify::{Break, BreakKind, Level};
use crate::{
    BlockParts, Counts, Hash, ProofError, RevisionFact, RevisionParts, SavedBlock, SavedRevision, block_from_text,
    revision_from_text,
};

/// The leaf of a proof.
pub(super) struct Leaf {
    pub(super) is_block: bool,
    pub(super) hash: Hash,
    pub(super) address: Option<(String, u64)>,
    /// The hash of the previous block, as the block states it.
    pub(super) previous: Option<Hash>,
    pub(super) document_id: Option<String>,
    pub(super) counts: Counts,
    pub(super) transaction_info: bool,
    pub(super) breaks: Vec<Break>,
    /// Why the content is not proved, if it is not.
    pub(super) reason: Option<String>,
}

/// A list of entries has a position for the revisions and one for `transactionInfo`, between two of the service's own.
const FEWEST_ENTRIES: usize = 3;
/// In a complete block, only the service's own entries remain unaccounted for: with fewer, it is part of a block
/// presented as a complete one; with more, what they stand for was removed.
const OWN_ENTRIES: u64 = 2;
/// The positions of the revisions' hash and of `transactionInfo`'s hash in the list of entries.
const REVISIONS_ENTRY: usize = 1;
const INFO_ENTRY: usize = 3;

impl Leaf {
    pub(super) fn of_block(name: &str, text: &str) -> Result<Self, ProofError> {
        let SavedBlock { checked, parts } = block_from_text(text)?;
        let number = checked.header.sequence_no;
        let mut breaks: Vec<Break> =
            checked.faults.into_iter().map(|fault| Break::of_block(name, number, fault)).collect();
        let mut note = |one: Break| breaks.push(one.at(number));
        if parts.entries.len() < FEWEST_ENTRIES {
            let few = Break::damaged(Level::Blocks, name, "the list is not as QLDB writes it", "entriesHashList");
            note(few.between(format!("{FEWEST_ENTRIES} places or more"), parts.entries.len().to_string()));
        }
        let previous = checked.links.previous_block_hash;
        let is_zero = previous.is_some_and(|hash| hash.as_bytes() == &[0; Hash::LENGTH]);
        let wrong = match (number, previous) {
            (0, Some(_)) if !is_zero => Some((BreakKind::Doubtful, "nothing", "a hash")),
            (1.., None) => Some((BreakKind::Damaged, "a hash", "nothing")),
            _ => None,
        };
        if let Some((kind, expected, found)) = wrong {
            let first = Break::damaged(Level::Chain, name, "only block 0 has none before it", "previousBlockHash");
            note(Break { kind, ..first.between(expected, found) });
        }
        Ok(Self {
            is_block: true,
            hash: checked.links.block_hash,
            address: Some((checked.header.strand_id, number)),
            previous,
            document_id: None,
            counts: checked.counts,
            transaction_info: parts.transaction_info,
            breaks,
            reason: why_block_is_open(&parts, checked.counts),
        })
    }

    pub(super) fn of_revision(name: &str, text: &str) -> Result<Self, ProofError> {
        let SavedRevision { fact, parts } = revision_from_text(text)?;
        let counts = counts_of(&parts, &fact);
        let RevisionFact { hash, address, proved, faults } = fact;
        let number = address.as_ref().map_or(0, |(_, number)| *number);
        let breaks = faults.into_iter().map(|fault| Break::of_block(name, number, fault)).collect();
        Ok(Self {
            is_block: false,
            hash,
            address,
            previous: None,
            document_id: parts.document_id.clone(),
            counts,
            transaction_info: false,
            breaks,
            reason: (!proved).then(|| why_revision_is_open(&parts).to_owned()),
        })
    }
}

fn counts_of(parts: &RevisionParts, fact: &RevisionFact) -> Counts {
    Counts {
        revisions: 1,
        proved: u64::from(fact.proved),
        redacted: u64::from(fact.proved && parts.data_hash),
        hash_only: u64::from(parts.is_bare()),
        deleted: u64::from(parts.metadata && !parts.data && !parts.data_hash),
        ..Counts::default()
    }
}

fn why_revision_is_open(parts: &RevisionParts) -> &'static str {
    match (parts.is_bare(), parts.metadata && !parts.data && !parts.data_hash) {
        (true, _) => "the revision is its hash alone",
        (_, true) => "the revision has no data: it deletes the document, or its data were cut out",
        _ => "the revision's hash does not follow from what it holds",
    }
}

fn why_block_is_open(parts: &BlockParts, counts: Counts) -> Option<String> {
    let holds = |place: usize| parts.entries.get(place).copied().unwrap_or_default();
    if counts.cut > 0 {
        let data = "have no data, and no statement deletes their documents";
        return Some(format!("{} of {} revisions {data}", counts.cut, counts.revisions));
    }
    if counts.hidden > 0 {
        return Some(format!("{} revisions of documents are there as a hash only", counts.hidden));
    }
    if !parts.transaction_info && !parts.redaction_info && counts.proved == 0 {
        return Some("the block holds nothing that can be hashed, as a block of the service's own does".to_owned());
    }
    let info_is_out = !parts.transaction_info && (parts.documents || holds(INFO_ENTRY));
    let revisions_are_out = !parts.revisions && !parts.redaction_info && holds(REVISIONS_ENTRY);
    if info_is_out || revisions_are_out {
        let what = if info_is_out { "transactionInfo" } else { "a part" };
        return Some(format!("{what} that belongs to an entry of the block is missing"));
    }
    (counts.unaccounted != OWN_ENTRIES).then(|| {
        let unaccounted = counts.unaccounted;
        format!("{unaccounted} entries are accounted for by nothing in the block, where the service has {OWN_ENTRIES}")
    })
}
