//! Digests, and responses of GetBlock and GetRevision, as they were saved from the service: checked
//! offline against each other.

mod digest;
mod forms;
mod leaf;
mod shape;

pub use digest::SavedDigest;
pub use forms::text_of;

use super::{Break, BreakKind, Level, Status};
use crate::{Counts, Hash, ProofError, proof_from_text};
use forms::{FormError, Node, Repeated};
use leaf::Leaf;
use shape::judge;

/// What is wrong with a file that should hold a response of the service, or with the question.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SavedAnswerError {
    /// It is not the JSON that the AWS CLI saved.
    #[error("not the JSON of {answer}: {cause}")]
    Json {
        /// The operation.
        answer: &'static str,
        /// Why.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It is not text.
    #[error("not text in UTF-8 or UTF-16")]
    NoText,
    /// A member is missing.
    #[error("not a response of {answer}: it has no {member}")]
    Lacks {
        /// The operation.
        answer: &'static str,
        /// The member.
        member: &'static str,
    },
    /// A member occurs more than once.
    #[error("not a single response: it has {0} more than once")]
    Several(&'static str),
    /// One of its Ion texts can't be read.
    #[error(transparent)]
    Ion(#[from] ProofError),
    /// The digest is not 32 bytes.
    #[error("without a digest of 32 bytes")]
    Digest,
    /// Nothing gives the digest's tip.
    #[error("a digest without its tip")]
    NoTip,
    /// The digest's tip is given twice, and differs.
    #[error("a digest up to block {stated}, and not up to block {given}")]
    OtherTip {
        /// In the file.
        stated: u64,
        /// By the caller.
        given: u64,
    },
    /// The response has no proof: it was requested without `DigestTipAddress`.
    #[error("the response has no Proof: it was requested without DigestTipAddress")]
    NoProof,
    /// The tip was given by hand, and is not that of the proof.
    #[error(
        "the proof in the response has {siblings} siblings, but under a digest up to block {tip} no proof has that many"
    )]
    NoSuchTree {
        /// The proof's length.
        siblings: usize,
        /// The tip.
        tip: u64,
    },
}

/// Which kind of response was saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SavedAnswer {
    /// GetBlock's.
    Block,
    /// GetRevision's.
    Revision,
}

impl SavedAnswer {
    fn operation(self) -> &'static str {
        match self {
            Self::Block => "GetBlock",
            Self::Revision => "GetRevision",
        }
    }

    fn member(self) -> &'static str {
        match self {
            Self::Block => "Block",
            Self::Revision => "Revision",
        }
    }
}

/// What no hash covers in a saved response: where, what, and the other evidence for it (docs/qldb.md 4.9).
pub const NOT_COVERED_IN_ANSWERS: [(&str, &str, &str); 8] = [
    ("block", "blockAddress", ADDRESS_SPEAKS),
    ("block", "transactionId", "metadata.txId of the revisions must equal it"),
    ("block", "blockTimestamp", "there is no check"),
    (
        "block",
        "presence of redactionInfo, of the service's own revisions, and of the data of a redacted revision",
        "entries that nothing accounts for are counted",
    ),
    ("block", "order inside the entries' tree, empty entries", "there is no check"),
    ("revision", "blockAddress", ADDRESS_SPEAKS),
    (
        "revision",
        "metadata of a revision that deletes a document: the formula of its hash is not known",
        "in a block, the statements that delete",
    ),
    ("revision", "redacted data: only its hash is covered", "there is no check"),
];

const ADDRESS_SPEAKS: &str = "the number of siblings, and whether the block before it is one, which it is for an odd \
                              number; other blocks may have the same";

/// What a saved response proves against a digest.
#[derive(Debug)]
pub struct ProofReport {
    /// Which response.
    pub answer: SavedAnswer,
    /// The hash of the block or of the revision, as stated in the response.
    pub hash: Option<Hash>,
    /// The strand, as stated in the response.
    pub strand_id: Option<String>,
    /// The block's number, as stated in the response.
    pub sequence_no: Option<u64>,
    /// A revision's document, according to its metadata.
    pub document_id: Option<String>,
    /// The number of siblings in the proof.
    pub siblings: Option<usize>,
    /// What the contents prove.
    pub counts: Counts,
    /// Whether `transactionInfo` is present.
    pub transaction_info: bool,
    /// What does not agree; empty if the response is proved.
    pub breaks: Vec<Break>,
    /// Whether the proof leads to the digest, and has the required shape.
    pub in_journal: bool,
    /// Whether the content hashes to the leaf; false for a deleted or hash-only revision.
    pub content_proved: bool,
    /// Why the content is not proved, if it is not.
    pub reason: Option<String>,
}

impl ProofReport {
    fn new(answer: SavedAnswer) -> Self {
        Self {
            answer,
            hash: None,
            strand_id: None,
            sequence_no: None,
            document_id: None,
            siblings: None,
            counts: Counts::default(),
            transaction_info: false,
            breaks: Vec::new(),
            in_journal: false,
            content_proved: false,
            reason: None,
        }
    }

    /// The verdict on the response.
    pub fn status(&self) -> Status {
        if self.breaks.iter().any(|one| one.kind != BreakKind::Doubtful) {
            Status::Damaged
        } else if self.breaks.is_empty() && self.in_journal && self.content_proved {
            Status::Proved
        } else {
            Status::Unproved
        }
    }
}

/// Checks a saved GetBlock or GetRevision response against a digest. `name` is the file, for the breaks. Fails if the
/// file is not such a response, or if the question can't be answered; what is wrong with a response is in the report.
pub fn check_saved(
    answer: SavedAnswer,
    name: &str,
    saved: impl AsRef<[u8]>,
    digest: &SavedDigest,
) -> Result<ProofReport, SavedAnswerError> {
    let mut report = ProofReport::new(answer);
    let Some((value, proof)) = texts(answer, name, saved.as_ref(), &mut report)? else { return Ok(report) };
    let leaf = match answer {
        SavedAnswer::Block => Leaf::of_block(name, &value),
        SavedAnswer::Revision => Leaf::of_revision(name, &value),
    };
    match (leaf, proof_from_text(&proof)) {
        (Ok(leaf), Ok(proof)) => judge(leaf, name, &proof, digest, report),
        (leaf, proof) => {
            for ProofError { what, reason } in [leaf.err(), proof.err()].into_iter().flatten() {
                report.breaks.push(
                    Break::damaged(Level::Blocks, name, "it can't be read", what).between("what QLDB answers", reason),
                );
            }
            Ok(report)
        }
    }
}

/// The Ion texts of the response and of its proof. `None` if other readers might read different ones, which is a break.
fn texts(
    answer: SavedAnswer,
    name: &str,
    saved: &[u8],
    report: &mut ProofReport,
) -> Result<Option<(String, String)>, SavedAnswerError> {
    let operation = answer.operation();
    let text = text_of(saved).ok_or(SavedAnswerError::NoText)?;
    let tabbed = forms::tabbed(&text);
    let mut several = |what: &str| {
        let broken = Break::damaged(Level::Blocks, name, "it holds more than one answer", what);
        report.breaks.push(broken.between("one", "several"));
    };
    let node = match forms::structure(&text) {
        Err(FormError::Json(cause)) if tabbed == Node::Members(Vec::new()) => {
            return Err(SavedAnswerError::Json { answer: operation, cause: cause.into() });
        }
        Err(FormError::Json(_)) => tabbed,
        Err(FormError::More) => {
            several("the file");
            return Ok(None);
        }
        Ok(node) => node,
    };
    let mut find = |member: &'static str| {
        let found = ion_text(&node, member);
        if found.is_err() {
            several(member);
        }
        found.ok()
    };
    let (value, proof) = (find(answer.member()), find("Proof"));
    let (Some(value), Some(proof)) = (value, proof) else { return Ok(None) };
    let lacks = SavedAnswerError::Lacks { answer: operation, member: answer.member() };
    Ok(Some((value.ok_or(lacks)?, proof.ok_or(SavedAnswerError::NoProof)?)))
}

/// The Ion text of a member.
fn ion_text(node: &Node, member: &str) -> Result<Option<String>, Repeated> {
    let Some(holder) = node.member(member)? else { return Ok(None) };
    match holder.member("IonText")?.unwrap_or(holder) {
        Node::Text(text) => Ok(Some(text.clone())),
        _ => Ok(None),
    }
}
