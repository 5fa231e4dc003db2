//! Digests and proofs (docs/qldb.md 4.6, 4.7), from the stored hashes of the blocks: the journal
//! itself is read only for the requested block.

use std::io::BufReader;

use qldb_journal::internal::merkle::path;
use qldb_journal::internal::{BlockAddress, Frontier, RevisionInBlock, block_text, find_revision};
use qldb_journal::request::{LedgerName, UniqueId};
use qldb_journal::{BlockReader, Hash, RawBlock};

use super::catalog::segments;
use super::error::ServiceError;
use super::import::hash_at;
use super::segment::Segment;
use super::{Core, Engine};

/// The digest of a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// The root of the tree over the hashes of all blocks.
    pub digest: Hash,
    /// The strand.
    pub strand_id: UniqueId,
    /// The last block that it covers.
    pub tip: u64,
}

/// A block or revision as Ion text, with the proof from its hash to the digest at a tip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextWithProof {
    /// Compact Ion text.
    pub text: String,
    /// The siblings, bottom up; `None` if no tip was given.
    pub proof: Option<Vec<Hash>>,
}

#[doc(hidden)]
impl Engine {
    /// The digest over every block of a ledger.
    pub fn digest(&self, name: &LedgerName) -> Result<Digest, ServiceError> {
        let ledger = self.describe_ledger(name)?;
        let (first, hashes) = self.core.all_hashes(&ledger.strand_id)?;
        refuse_partial(name, first)?;
        let mut frontier = Frontier::default();
        (0..).zip(&hashes).for_each(|(number, hash)| frontier.push(number, *hash));
        let digest = frontier.root().ok_or_else(|| empty(name))?;
        Ok(Digest { digest, strand_id: ledger.strand_id, tip: hashes.len() as u64 - 1 })
    }

    /// A block, with its proof if a tip is given.
    pub fn block(
        &self,
        name: &LedgerName,
        address: &BlockAddress,
        tip: Option<&BlockAddress>,
    ) -> Result<TextWithProof, ServiceError> {
        let found = self.find_block(name, address)?;
        let proof = tip.map(|tip| self.block_proof(name, &found.strand_id, address.sequence_no, tip)).transpose()?;
        let text = block_text(&found.block).map_err(ServiceError::internal)?;
        Ok(TextWithProof { text, proof })
    }

    /// The revision of a document in a block, with its proof if a tip is given.
    pub fn revision(
        &self,
        name: &LedgerName,
        address: &BlockAddress,
        document: &UniqueId,
        tip: Option<&BlockAddress>,
    ) -> Result<TextWithProof, ServiceError> {
        let found = self.find_block(name, address)?;
        let revision = find_revision(&found.block, document.as_str()).map_err(ServiceError::internal)?;
        let RevisionInBlock { text, in_block_proof, .. } = revision.ok_or_else(|| {
            ServiceError::invalid(
                "DocumentId",
                format!("block {} holds no revision of document {document}", address.sequence_no),
            )
        })?;
        let in_journal =
            tip.map(|tip| self.block_proof(name, &found.strand_id, address.sequence_no, tip)).transpose()?;
        Ok(TextWithProof { text, proof: in_journal.map(|in_journal| [in_block_proof, in_journal].concat()) })
    }

    fn find_block(&self, name: &LedgerName, address: &BlockAddress) -> Result<FoundBlock, ServiceError> {
        let ledger = self.describe_ledger(name)?;
        refuse_strand("BlockAddress", &ledger.strand_id, address)?;
        let block = self.core.read_block(&ledger.strand_id, address.sequence_no)?;
        let block = block.ok_or_else(|| no_block("BlockAddress", address.sequence_no))?;
        Ok(FoundBlock { strand_id: ledger.strand_id, block })
    }

    fn block_proof(
        &self,
        name: &LedgerName,
        strand: &UniqueId,
        number: u64,
        tip: &BlockAddress,
    ) -> Result<Vec<Hash>, ServiceError> {
        refuse_strand("DigestTipAddress", strand, tip)?;
        let (first, hashes) = self.core.all_hashes(strand)?;
        refuse_partial(name, first)?;
        if number > tip.sequence_no {
            let message = format!("block {number} is beyond the digest's tip, block {}", tip.sequence_no);
            return Err(ServiceError::invalid("DigestTipAddress", message));
        }
        let at = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let leaves = hashes.get(..=at(tip.sequence_no)).ok_or_else(|| no_block("DigestTipAddress", tip.sequence_no))?;
        let leaves: Vec<Option<Hash>> = leaves.iter().copied().map(Some).collect();
        path(&leaves, at(number)).ok_or_else(|| no_block("BlockAddress", number))
    }
}

/// A block of a ledger.
struct FoundBlock {
    strand_id: UniqueId,
    block: RawBlock,
}

fn refuse_strand(parameter: &str, strand: &UniqueId, address: &BlockAddress) -> Result<(), ServiceError> {
    if address.strand_id == strand.as_str() {
        return Ok(());
    }
    Err(ServiceError::invalid(parameter, format!("{} is not the ledger's strand, {strand}", address.strand_id)))
}

fn no_block(parameter: &str, number: u64) -> ServiceError {
    ServiceError::invalid(parameter, format!("there is no block {number} in the journal"))
}

fn empty(name: &LedgerName) -> ServiceError {
    ServiceError::ledger_precondition(name, "has no blocks, and so no digest")
}

/// A digest covers a journal from block 0.
fn refuse_partial(name: &LedgerName, first: Option<u64>) -> Result<(), ServiceError> {
    match first {
        None => Err(empty(name)),
        Some(0) => Ok(()),
        Some(first) => {
            let what = format!("begins at block {first}: a digest covers the journal from block 0");
            Err(ServiceError::ledger_precondition(name, &what))
        }
    }
}

impl Core {
    /// The first block's number, and the hashes of all blocks.
    fn all_hashes(&self, strand: &UniqueId) -> Result<(Option<u64>, Vec<Hash>), ServiceError> {
        let segments = self.catalog.read(|catalog| segments::all_hashes(catalog, strand))?;
        let first = segments.first().map(|(first, _)| *first);
        let hashes =
            segments.iter().flat_map(|(_, hashes)| hashes.chunks_exact(Hash::LENGTH).filter_map(Hash::from_slice));
        Ok((first, hashes.collect()))
    }

    /// The hash of one block; `None` if there is no such block.
    pub(super) fn block_hash(&self, strand: &UniqueId, number: u64) -> Result<Option<Hash>, ServiceError> {
        let Some(segment) = self.segment_of(strand, number)? else { return Ok(None) };
        let hashes = self.catalog.read(|catalog| segments::block_hashes(catalog, &segment))?;
        Ok(hash_at(&hashes, number - segment.first))
    }

    fn segment_of(&self, strand: &UniqueId, number: u64) -> Result<Option<Segment>, ServiceError> {
        let Some(after) = number.checked_add(1).filter(|after| i64::try_from(*after).is_ok()) else { return Ok(None) };
        let segment = self.catalog.read(|catalog| segments::before(catalog, strand, after))?;
        Ok(segment.filter(|segment| segment.last >= number))
    }

    /// Reads one block, and makes sure that it is the recorded one.
    fn read_block(&self, strand: &UniqueId, number: u64) -> Result<Option<RawBlock>, ServiceError> {
        let Some(segment) = self.segment_of(strand, number)? else { return Ok(None) };
        match self.block_of(&segment, number) {
            // Segments were joined in the meantime.
            Err(_) if self.segment_of(strand, number)?.is_some_and(|now| now.place != segment.place) => {
                self.read_block(strand, number)
            }
            read => read,
        }
    }

    fn block_of(&self, segment: &Segment, number: u64) -> Result<Option<RawBlock>, ServiceError> {
        let source = segment.open(&self.places).map_err(ServiceError::internal)?;
        let mut blocks = BlockReader::new(BufReader::new(source), segment.encoding);
        let found = blocks.find(|block| block.as_ref().map_or(true, |block| block.header.sequence_no == number));
        let block = found.transpose().map_err(ServiceError::internal)?;
        let recorded = self.block_hash(&segment.strand_id, number)?;
        match block {
            Some(block) if Some(block.links.block_hash) == recorded => Ok(Some(block)),
            _ => Err(ServiceError::internal(format!(
                "{} is damaged: it does not hold block {number} as it was recorded",
                segment.place
            ))),
        }
    }
}
