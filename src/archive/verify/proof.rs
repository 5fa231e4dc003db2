//! Digests, and answers of GetBlock and GetRevision, as they were saved from the
//! service: checked offline against each other.
//!
//! A proof has a shape. The number of its siblings follows from the block's
//! number and the tip, so that a node of the tree can't pass for a block; and
//! the block before an odd one stands in the proof as its neighbour (FACTS 4.7).

mod digest;
mod forms;
mod leaf;

pub use digest::SavedDigest;

use super::{Break, Kind, Level, Status};
use crate::journal::merkle::{fold_proof, path_length, path_lengths};
use crate::journal::{Counts, Hash, ProofError, proof_from_text};
use forms::{FormError, Node, Repeated};
use leaf::Leaf;

/// What is wrong with a file that should hold an answer of the service, or with the question.
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
    /// It is no text.
    #[error("no text in UTF-8 or UTF-16")]
    NoText,
    /// A member is not there.
    #[error("no answer of {answer}: it holds no {member}")]
    Lacks {
        /// The operation.
        answer: &'static str,
        /// The member.
        member: &'static str,
    },
    /// Something is there more than once.
    #[error("not one answer: it holds {0} more than once")]
    Several(&'static str),
    /// One of its Ion texts can't be read.
    #[error(transparent)]
    Ion(#[from] ProofError),
    /// The digest is not 32 bytes.
    #[error("without a digest of 32 bytes")]
    Digest,
    /// The digest's tip is told nowhere.
    #[error("a digest without its tip")]
    NoTip,
    /// The digest's tip is told twice.
    #[error("a digest up to block {stated}, and not up to block {given}")]
    OtherTip {
        /// By the file.
        stated: u64,
        /// By the caller.
        given: u64,
    },
    /// The answer holds no proof: it was asked for without `DigestTipAddress`.
    #[error("the answer holds no Proof: it was asked for without DigestTipAddress")]
    NoProof,
    /// The tip was given by hand, and is not that of the proof.
    #[error("the answer's proof has {siblings} siblings, and under a digest up to block {tip} none has so few or many")]
    NoSuchTree {
        /// The proof's length.
        siblings: usize,
        /// The tip.
        tip: u64,
    },
}

/// Which answer was saved.
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

/// What no hash covers in a saved answer: where, what, and what speaks for it all the same (FACTS 4.9).
pub const NOT_COVERED_IN_ANSWERS: [(&str, &str, &str); 7] = [
    ("block", "blockAddress", ADDRESS_SPEAKS),
    ("block", "transactionId", "metadata.txId of the revisions must equal it"),
    ("block", "blockTimestamp", "no check stands behind it"),
    (
        "block",
        "presence of redactionInfo, of the service's own revisions, and of data of a revision that was redacted",
        "entries that nothing accounts for are counted",
    ),
    ("block", "order inside the entries' tree, empty entries", "no check stands behind it"),
    ("revision", "blockAddress", ADDRESS_SPEAKS),
    ("revision", "data that were redacted: of them the hash alone is covered", "no check stands behind it"),
];

const ADDRESS_SPEAKS: &str = "the number of siblings, and whether the block before it is one, which it is for an odd \
                              number; other blocks may have the same";

/// What a saved answer proves against a digest.
#[derive(Debug)]
pub struct ProofReport {
    /// Which answer.
    pub answer: SavedAnswer,
    /// The hash of the block or of the revision, as the answer states it.
    pub hash: Option<Hash>,
    /// The strand, as the answer states it.
    pub strand_id: Option<String>,
    /// The block's number, as the answer states it.
    pub sequence_no: Option<u64>,
    /// A revision's document, as its metadata state it.
    pub document_id: Option<String>,
    /// How many siblings the proof has.
    pub siblings: Option<usize>,
    /// What the contents prove.
    pub counts: Counts,
    /// Whether `transactionInfo` is there.
    pub transaction_info: bool,
    /// What does not agree; none if the answer is proved.
    pub breaks: Vec<Break>,
    /// Whether the proof leads to the digest, and has the shape that it must have.
    pub in_journal: bool,
    /// Whether the content hashes to the leaf; not so for a deleted or hash-only revision.
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

    /// How the answer came out.
    pub fn status(&self) -> Status {
        if self.breaks.iter().any(|one| one.kind != Kind::Doubtful) {
            Status::Damaged
        } else if self.breaks.is_empty() && self.in_journal && self.content_proved {
            Status::Proved
        } else {
            Status::Unproved
        }
    }
}

/// Checks a saved GetBlock or GetRevision response against a digest. `name` is the file, for the breaks. Fails where
/// the file is no such response, and where the question can't be answered; what is wrong with a response is in the
/// report.
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

/// The Ion texts of the answer and of its proof. None if somebody else may read other ones, which is a break.
fn texts(
    answer: SavedAnswer,
    name: &str,
    saved: &[u8],
    report: &mut ProofReport,
) -> Result<Option<(String, String)>, SavedAnswerError> {
    let operation = answer.operation();
    let text = forms::text_of(saved).ok_or(SavedAnswerError::NoText)?;
    let tabbed = forms::tabbed(&text);
    let mut several = |what: &str| {
        let broken = Break::damaged(Level::Blocks, name, "it holds more than one answer", what);
        report.breaks.push(broken.between("one", "several"));
    };
    let node = match forms::structure(&text) {
        Err(FormError::Json(cause)) if tabbed == Node::Members(Vec::new()) => {
            return Err(SavedAnswerError::Json { answer: operation, cause });
        }
        Err(FormError::Json(_)) => tabbed,
        Err(FormError::More) => {
            several("the file");
            return Ok(None);
        }
        Ok(node) => node,
    };
    let mut find = |member: &'static str| match ion_text(&node, member) {
        Ok(text) => Some(text),
        Err(Repeated) => {
            several(member);
            None
        }
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

/// Holds the leaf and its proof against the digest.
fn judge(
    leaf: Leaf,
    name: &str,
    proof: &[Hash],
    digest: &SavedDigest,
    mut report: ProofReport,
) -> Result<ProofReport, SavedAnswerError> {
    let mut broken: Vec<Break> = Vec::new();
    let mut note = |problem, field, expected: String, found: String| {
        broken.push(Break::damaged(Level::Digest, name, problem, field).between(expected, found));
    };
    let reached = fold_proof(leaf.hash, proof);
    if reached != digest.digest {
        note("the proof does not lead to the digest", "Proof", digest.digest.to_base64(), reached.to_base64());
    }
    let strands = leaf.address.as_ref().map(|(strand, _)| strand).zip(digest.strand_id.as_ref());
    if let Some((found, expected)) = strands.filter(|(found, expected)| found != expected) {
        note("the answer is of another strand than the digest", "strandId", expected.clone(), found.clone());
    }
    match &leaf.address {
        None => note("the answer does not say where it stands", "blockAddress", "an address".into(), "none".into()),
        Some((_, number)) if *number > digest.tip => {
            note(
                "the answer lies beyond the digest's tip",
                "sequenceNo",
                format!("at most {}", digest.tip),
                number.to_string(),
            );
        }
        Some((_, number)) => {
            leaf.refuse_impossible(*number, proof.len(), digest)?;
            leaf.judge_shape(*number, proof, digest.tip, &mut note);
        }
    }
    report.in_journal = broken.is_empty();
    report.sequence_no = leaf.address.as_ref().map(|(_, number)| *number);
    let at = |one: Break| report.sequence_no.map_or(one.clone(), |number| one.at(number));
    report.breaks = leaf.breaks.into_iter().chain(broken.into_iter().map(at)).collect();
    report.strand_id = leaf.address.map(|(strand, _)| strand);
    report.hash = Some(leaf.hash);
    report.document_id = leaf.document_id;
    report.siblings = Some(proof.len());
    report.counts = leaf.counts;
    report.transaction_info = leaf.transaction_info;
    report.content_proved = leaf.reason.is_none();
    report.reason = leaf.reason;
    Ok(report)
}

impl Leaf {
    /// A tip that was given by hand, and under which no proof is as long as this one, though it would do under others:
    /// that is a wrong question.
    fn refuse_impossible(&self, number: u64, siblings: usize, digest: &SavedDigest) -> Result<(), SavedAnswerError> {
        let fewest = self.fewest_inside(number);
        let fits = |length: usize| if self.is_block { length == siblings } else { length + fewest <= siblings };
        let least = fewest + path_length(number, number).unwrap_or_default();
        let other_tip = siblings >= least && (!self.is_block || siblings <= u64::BITS as usize);
        if digest.strand_id.is_none() && other_tip && !path_lengths(digest.tip).any(fits) {
            return Err(SavedAnswerError::NoSuchTree { siblings, tip: digest.tip });
        }
        Ok(())
    }

    /// The fewest siblings inside the block: none above its hash, and from a revision's up to it three; the first block
    /// names none before it, which spares one.
    fn fewest_inside(&self, number: u64) -> usize {
        match (self.is_block, number) {
            (true, _) => 0,
            (false, 0) => 2,
            (false, _) => 3,
        }
    }

    /// The length of the proof, and the block before an odd one, which stands in it twice.
    fn judge_shape(
        &self,
        number: u64,
        proof: &[Hash],
        tip: u64,
        note: &mut impl FnMut(&'static str, &'static str, String, String),
    ) {
        let Some(above) = path_length(number, tip) else { return };
        let fewest = self.fewest_inside(number) + above;
        let fits = if self.is_block { proof.len() == fewest } else { proof.len() >= fewest };
        if !fits {
            let least = if self.is_block { "" } else { "at least " };
            let expected = format!("{least}{fewest} siblings, as block {number} has under a digest up to block {tip}");
            note("the proof is not that of this place: its length", "Proof", expected, proof.len().to_string());
            return;
        }
        let inside = proof.len() - above;
        let last_inside = inside.checked_sub(1).and_then(|at| proof.get(at)).copied();
        let before = if self.is_block { self.previous } else { last_inside };
        let Some((before, neighbour)) = before.zip(proof.get(inside).copied()) else { return };
        let (before, same) = (before.to_base64(), before == neighbour);
        let expected = match (number % 2 == 1, same) {
            (true, false) => format!("the block before it, {before}"),
            (false, true) => "another block than the one before it".to_owned(),
            _ => return,
        };
        note("the proof is not that of this place: its neighbour", "Proof", expected, neighbour.to_base64());
    }
}
