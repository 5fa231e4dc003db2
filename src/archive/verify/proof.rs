//! Digests, and answers of GetBlock and GetRevision, as they were saved from the
//! service: checked offline against each other.

use base64::Engine as _;
use serde::Deserialize;

use super::{Break, Level};
use crate::journal::merkle::fold_proof;
use crate::journal::{
    Hash, ProofError, address_from_text, block_from_text, check, proof_from_text, revision_from_text,
};

/// A digest with the block it reaches to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedDigest {
    /// The digest.
    pub digest: Hash,
    /// The number of the last block that it covers.
    pub tip: u64,
    /// The strand, where it is known.
    pub strand_id: Option<String>,
}

/// What is wrong with a file that should hold an answer of the service.
#[derive(Debug, thiserror::Error)]
pub enum SavedAnswerError {
    /// It is not the JSON that the AWS CLI saved.
    #[error("not the JSON of {answer}: {cause}")]
    Json {
        /// The operation.
        answer: &'static str,
        /// Why.
        cause: serde_json::Error,
    },
    /// One of its Ion texts can't be read.
    #[error(transparent)]
    Ion(#[from] ProofError),
    /// The digest is not base64 of 32 bytes.
    #[error("the digest is not base64 of 32 bytes")]
    Digest,
    /// The answer holds no proof: it was asked for without `DigestTipAddress`.
    #[error("the answer holds no Proof: it was asked for without DigestTipAddress")]
    NoProof,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ValueHolder {
    ion_text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetDigest {
    digest: String,
    digest_tip_address: ValueHolder,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetBlockOrRevision {
    block: Option<ValueHolder>,
    revision: Option<ValueHolder>,
    proof: Option<ValueHolder>,
}

impl SavedDigest {
    /// Reads a saved GetDigest response.
    pub fn from_response(json: &str) -> Result<Self, SavedAnswerError> {
        let answer: GetDigest =
            serde_json::from_str(json).map_err(|cause| SavedAnswerError::Json { answer: "GetDigest", cause })?;
        let tip = address_from_text("DigestTipAddress", &answer.digest_tip_address.ion_text)?;
        Ok(Self { digest: hash(&answer.digest)?, tip: tip.sequence_no, strand_id: Some(tip.strand_id) })
    }

    /// A digest given as base64, with its tip.
    pub fn new(digest: &str, tip: u64) -> Result<Self, SavedAnswerError> {
        Ok(Self { digest: hash(digest)?, tip, strand_id: None })
    }
}

fn hash(base64: &str) -> Result<Hash, SavedAnswerError> {
    let bytes =
        base64::engine::general_purpose::STANDARD.decode(base64.trim()).map_err(|_| SavedAnswerError::Digest)?;
    Hash::from_slice(&bytes).ok_or(SavedAnswerError::Digest)
}

/// Which answer was saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SavedAnswer {
    /// GetBlock's.
    Block,
    /// GetRevision's.
    Revision,
}

/// What a saved answer proves against a digest.
#[derive(Debug)]
pub struct ProofReport {
    /// Which answer.
    pub answer: SavedAnswer,
    /// The block's number, as the answer states it.
    pub sequence_no: Option<u64>,
    /// What does not agree; none if the answer is proved.
    pub breaks: Vec<Break>,
    /// Whether the content hashes to the leaf; not so for a deleted or hash-only revision.
    pub content_proved: bool,
}

/// Checks a saved GetBlock or GetRevision response against a digest. `name` is the file, for the breaks.
pub fn check_saved(
    answer: SavedAnswer,
    name: &str,
    json: &str,
    digest: &SavedDigest,
) -> Result<ProofReport, SavedAnswerError> {
    let what = match answer {
        SavedAnswer::Block => "GetBlock",
        SavedAnswer::Revision => "GetRevision",
    };
    let saved: GetBlockOrRevision =
        serde_json::from_str(json).map_err(|cause| SavedAnswerError::Json { answer: what, cause })?;
    let proof = proof_from_text(&saved.proof.ok_or(SavedAnswerError::NoProof)?.ion_text)?;
    let text = |holder: Option<ValueHolder>| holder.map(|holder| holder.ion_text).unwrap_or_default();
    let leaf = match answer {
        SavedAnswer::Block => Leaf::of_block(name, &text(saved.block))?,
        SavedAnswer::Revision => Leaf::of_revision(name, &text(saved.revision))?,
    };
    Ok(leaf.judge(answer, name, &proof, digest))
}

/// What a proof begins with.
struct Leaf {
    hash: Hash,
    address: Option<(String, u64)>,
    breaks: Vec<Break>,
    content_proved: bool,
}

impl Leaf {
    fn of_block(name: &str, text: &str) -> Result<Self, ProofError> {
        let block = block_from_text(text)?;
        let unreadable = |error: crate::journal::JournalError| ProofError { what: "Block", reason: error.to_string() };
        let checked = check(&block).map_err(unreadable)?;
        let number = block.header.sequence_no;
        let breaks = checked.faults.into_iter().map(|fault| Break::of_block(name, number, fault)).collect();
        let address = Some((block.header.strand_id, number));
        Ok(Self { hash: block.links.block_hash, address, breaks, content_proved: true })
    }

    fn of_revision(name: &str, text: &str) -> Result<Self, ProofError> {
        let revision = revision_from_text(text)?;
        let number = revision.address.as_ref().map_or(0, |(_, number)| *number);
        let breaks = revision.faults.into_iter().map(|fault| Break::of_block(name, number, fault)).collect();
        Ok(Self { hash: revision.hash, address: revision.address, breaks, content_proved: revision.proved })
    }

    fn judge(mut self, answer: SavedAnswer, name: &str, proof: &[Hash], digest: &SavedDigest) -> ProofReport {
        let sequence_no = self.address.as_ref().map(|(_, number)| *number);
        let at = |one: Break| sequence_no.map_or(one.clone(), |number| one.at(number));
        let reached = fold_proof(self.hash, proof);
        if reached != digest.digest {
            let broken = Break::damaged(Level::Digest, name, "the proof does not lead to the digest", "Proof");
            self.breaks.push(at(broken.between(digest.digest.to_base64(), reached.to_base64())));
        }
        let strands = self.address.as_ref().map(|(strand, _)| strand).zip(digest.strand_id.as_ref());
        if let Some((found, expected)) = strands.filter(|(found, expected)| found != expected) {
            let foreign =
                Break::damaged(Level::Digest, name, "the answer is of another strand than the digest", "strandId");
            self.breaks.push(at(foreign.between(expected, found)));
        }
        if let Some(number) = sequence_no.filter(|number| *number > digest.tip) {
            let beyond = Break::damaged(Level::Digest, name, "the answer lies beyond the digest's tip", "sequenceNo");
            self.breaks.push(at(beyond.between(format!("at most {}", digest.tip), number.to_string())));
        }
        ProofReport { answer, sequence_no, breaks: self.breaks, content_proved: self.content_proved }
    }
}
