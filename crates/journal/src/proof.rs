//! Responses of GetDigest, GetBlock and GetRevision as Ion text: addresses, blocks, revisions and
//! proofs, parsed for checking offline.

mod answers;
mod parts;

pub use answers::{block_answer, digest_answer, revision_answer};
pub use parts::{BlockParts, RevisionParts};

use super::check::{RevisionTree, check, check_revision};
use super::ion::{Container, Event, IonError, Item, RawValue, Scalar, TextWriter, values};
use super::merkle::path;
use super::{
    BlockFault, BlockHeader, BlockReader, CheckedBlock, Encoding, Hash, JournalError, RawBlock, RevisionFact,
    merkle_root,
};

/// A response that can't be parsed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {reason}")]
pub struct ProofError {
    /// The member of the response.
    pub what: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

fn error(what: &'static str, reason: impl std::fmt::Display) -> ProofError {
    ProofError { what, reason: reason.to_string() }
}

/// A block that was saved by itself, and checked.
#[derive(Debug, Clone)]
pub struct SavedBlock {
    /// What the block proves, and what does not agree in it.
    pub checked: CheckedBlock,
    /// Its parts.
    pub parts: BlockParts,
}

/// A revision that was saved by itself, and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedRevision {
    /// What the revision proves, and what does not agree in it.
    pub fact: RevisionFact,
    /// Its parts.
    pub parts: RevisionParts,
}

/// Parses and checks the `IonText` of `Block`: one block, in the form that QLDB writes.
pub fn block_from_text(text: &str) -> Result<SavedBlock, ProofError> {
    let mut blocks = BlockReader::new(text.as_bytes(), Encoding::IonText);
    let block = blocks.next().ok_or_else(|| error("Block", "is empty"))?.map_err(|cause| error("Block", cause))?;
    nothing_after("Block", text, block.offset + block.bytes().len() as u64)?;
    let mut checked = check(&block).map_err(|cause| error("Block", cause))?;
    let (parts, faults) = BlockParts::read(text, &mut block.reader()).map_err(|cause| error("Block", cause))?;
    add_new(&mut checked.faults, faults);
    Ok(SavedBlock { checked, parts })
}

/// Parses and checks the `IonText` of `Revision`: one revision, in the form that QLDB writes.
pub fn revision_from_text(text: &str) -> Result<SavedRevision, ProofError> {
    let value = single("Revision", text)?;
    let (parts, faults) = RevisionParts::read(text, &mut value.reader()).map_err(|cause| error("Revision", cause))?;
    let mut fact = check_revision(&mut value.reader())
        .map_err(|cause| error("Revision", cause))?
        .ok_or_else(|| error("Revision", "is not a revision: it states no hash"))?;
    if parts.is_bare() {
        // People who keep a proof without the content keep the revision's address beside its hash.
        fact.faults.retain(|fault| fault.field != "revision.metadata");
    }
    add_new(&mut fact.faults, faults);
    Ok(SavedRevision { fact, parts })
}

/// Adds faults in fields that had none before.
fn add_new(known: &mut Vec<BlockFault>, faults: Vec<BlockFault>) {
    for fault in faults {
        if known.iter().all(|other| other.field != fault.field) {
            known.push(fault);
        }
    }
}

/// Parses the `IonText` of an address: strand and sequence number, and nothing else.
pub fn address_from_text(member: &'static str, text: &str) -> Result<BlockAddress, ProofError> {
    let value = single(member, text)?;
    // An id has no slash, so a slash could only begin a comment.
    let address = if text.contains('/') { None } else { BlockAddress::read(&value) };
    address.ok_or_else(|| error(member, "must be {strandId:\"…\",sequenceNo:…}"))
}

/// Parses the `IonText` of `Proof`: a list of hashes, bottom up. Only white space may be between them, so that this
/// form, the one that QLDB writes, is all that needs to be known about Ion.
pub fn proof_from_text(text: &str) -> Result<Vec<Hash>, ProofError> {
    let hash = |blob: &str| Hash::from_base64(blob.trim_ascii().strip_prefix("{{")?.strip_suffix("}}")?);
    let list = text.trim_ascii().strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).map(str::trim_ascii);
    let hashes = match list {
        Some("") => Some(Vec::new()),
        list => list.and_then(|blobs| blobs.split(',').map(hash).collect()),
    };
    hashes.ok_or_else(|| error("Proof", "must be a list of blobs of 32 bytes, and nothing else"))
}

/// A proof as compact Ion text: a list of blobs.
pub fn proof_text(proof: &[Hash]) -> String {
    let blobs: Vec<String> = proof.iter().map(|hash| format!("{{{{{}}}}}", hash.to_base64())).collect();
    format!("[{}]", blobs.join(","))
}

fn single(what: &'static str, text: &str) -> Result<RawValue, ProofError> {
    let mut found = values(text.as_bytes());
    let value = found.next().ok_or_else(|| error(what, "is empty"))?.map_err(|cause| error(what, cause))?;
    nothing_after(what, text, value.offset + value.bytes.len() as u64)?;
    Ok(value)
}

/// Other readers might take what follows a value for the value itself.
fn nothing_after(what: &'static str, text: &str, end: u64) -> Result<(), ProofError> {
    let rest = usize::try_from(end).ok().and_then(|end| text.as_bytes().get(end..)).unwrap_or_default();
    if rest.trim_ascii().is_empty() { Ok(()) } else { Err(error(what, "something follows the value")) }
}

/// A position in a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockAddress {
    /// The strand.
    pub strand_id: String,
    /// The block's number.
    pub sequence_no: u64,
}

impl BlockAddress {
    fn read(value: &RawValue) -> Option<Self> {
        let mut reader = value.reader();
        let (mut strand_id, mut sequence_no) = (None, None);
        if reader.next_item().ok()?? != Item::bare(Event::Begin(Container::Struct)) {
            return None;
        }
        while let Some(item) = reader.next_item().ok()? {
            match (item.field.flatten(), &item.event) {
                (None, Event::End) => {}
                _ if !item.annotations.is_empty() => return None,
                (Some("strandId"), Event::Scalar(Scalar::String(id))) if strand_id.is_none() => {
                    strand_id = Some((*id).to_owned());
                }
                (Some("sequenceNo"), Event::Scalar(Scalar::Int(number))) if sequence_no.is_none() => {
                    sequence_no = Some(number.as_u64()?);
                }
                _ => return None,
            }
        }
        Some(Self { strand_id: strand_id?, sequence_no: sequence_no? })
    }

    /// The address as compact Ion text.
    pub fn to_text(&self) -> String {
        format!("{{strandId:\"{}\",sequenceNo:{}}}", self.strand_id, self.sequence_no)
    }
}

impl From<&BlockHeader> for BlockAddress {
    fn from(header: &BlockHeader) -> Self {
        Self { strand_id: header.strand_id.clone(), sequence_no: header.sequence_no }
    }
}

/// A revision inside its block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionInBlock {
    /// The version of the document, according to its metadata.
    pub version: Option<u64>,
    /// Compact Ion text.
    pub text: String,
    /// The siblings from the revision's hash to the block's.
    pub in_block_proof: Vec<Hash>,
}

/// A block as compact Ion text.
pub fn block_text(block: &RawBlock) -> Result<String, JournalError> {
    let mut writer = TextWriter::default();
    let mut reader = block.reader();
    while let Some(item) = reader.next_item().map_err(|cause| JournalError::within(block.offset, cause))? {
        writer.write(&item);
    }
    Ok(String::from_utf8_lossy(&writer.take()).into_owned())
}

/// The last revision of a document in a block, and the path from it to the block's hash (docs/qldb.md 4.7).
pub fn find_revision(block: &RawBlock, document_id: &str) -> Result<Option<RevisionInBlock>, JournalError> {
    let tree = revision_tree(block)?;
    let last = tree.document_ids.iter().rposition(|id| id.as_deref() == Some(document_id));
    last.map(|index| revision_at(block, &tree, index)).transpose()
}

/// Every revision of a document in a block, each with its path to the block's hash.
pub fn revisions_of(block: &RawBlock, document_id: &str) -> Result<Vec<RevisionInBlock>, JournalError> {
    let tree = revision_tree(block)?;
    let ids = tree.document_ids.iter().enumerate();
    let own = ids.filter(|(_, id)| id.as_deref() == Some(document_id));
    own.map(|(index, _)| revision_at(block, &tree, index)).collect()
}

fn revision_tree(block: &RawBlock) -> Result<RevisionTree, JournalError> {
    RevisionTree::read(block).map_err(|cause| JournalError::within(block.offset, cause))
}

fn revision_at(block: &RawBlock, tree: &RevisionTree, index: usize) -> Result<RevisionInBlock, JournalError> {
    let hashes: Option<Vec<Hash>> = tree.hashes.iter().copied().collect();
    let broken = || JournalError::new(block.offset, "the hashes of the revisions are not in entriesHashList");
    let hashes = hashes.ok_or_else(broken)?;
    let leaves: Vec<Option<Hash>> = hashes.iter().copied().map(Some).collect();
    let root = merkle_root(&hashes);
    let entry = tree.entries.iter().position(|entry| entry.is_some() && *entry == root).ok_or_else(broken)?;
    let mut proof = path(&leaves, index).unwrap_or_default();
    proof.extend(path(&tree.entries, entry).unwrap_or_default());
    proof.extend(block.links.previous_block_hash);
    let text = revision_text(block, index).map_err(|cause| JournalError::within(block.offset, cause))?;
    let version = tree.versions.get(index).copied().flatten();
    Ok(RevisionInBlock { version, text, in_block_proof: proof })
}

/// The revision at an index as compact Ion text.
fn revision_text(block: &RawBlock, wanted: usize) -> Result<String, IonError> {
    let mut reader = block.reader();
    let mut writer = TextWriter::default();
    let (mut depth, mut index, mut in_revisions) = (0_usize, 0_usize, false);
    while let Some(item) = reader.next_item()? {
        let ends = item.event == Event::End;
        depth -= usize::from(ends);
        if depth == 1 {
            in_revisions = !ends && item.field == Some(Some("revisions"));
        }
        if in_revisions && depth >= 2 && index == wanted {
            writer.write(&item);
        }
        index += usize::from(in_revisions && ends && depth == 2);
        depth += usize::from(matches!(item.event, Event::Begin(_)));
    }
    Ok(String::from_utf8_lossy(&writer.take()).into_owned())
}
