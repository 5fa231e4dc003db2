//! Checks a proof against its position. The number of its siblings follows from the block's number
//! and the tip, so that a node of the tree can't pass for a block; and the block before one with an
//! odd number is its neighbour (docs/qldb.md 4.7).

use super::leaf::Leaf;
use super::{ProofReport, SavedAnswerError, SavedDigest};
use crate::Hash;
use crate::archive::verify::{Break, Level};
use crate::merkle::{fold_proof, path_length, path_lengths};

/// Checks the leaf and its proof against the digest.
pub(super) fn judge(
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
    let leads = reached == digest.digest;
    if !leads {
        note("the proof does not lead to the digest", "Proof", digest.digest.to_base64(), reached.to_base64());
    }
    let strands = leaf.address.as_ref().map(|(strand, _)| strand).zip(digest.strand_id.as_ref());
    if let Some((found, expected)) = strands.filter(|(found, expected)| found != expected) {
        note("the answer is of another strand than the digest", "strandId", expected.clone(), found.clone());
    }
    match &leaf.address {
        None => note("the answer does not state its position", "blockAddress", "an address".into(), "none".into()),
        Some((_, number)) if *number > digest.tip => {
            note(
                "the answer is beyond the digest's tip",
                "sequenceNo",
                format!("at most {}", digest.tip),
                number.to_string(),
            );
        }
        Some((_, number)) => {
            leaf.refuse_impossible(*number, proof.len(), digest)?;
            // The shape of a proof that leads elsewhere says nothing more.
            if leads {
                leaf.judge_shape(*number, proof, digest.tip, &mut note);
            }
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
    /// A tip that was given by hand, under which no proof has this length although it would under others: a wrong
    /// question.
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

    /// The fewest siblings inside the block: none above its hash, and three above a revision's; the first block names
    /// no previous one, which saves one.
    fn fewest_inside(&self, number: u64) -> usize {
        match (self.is_block, number) {
            (true, _) => 0,
            (false, 0) => 2,
            (false, _) => 3,
        }
    }

    /// Checks the length of the proof and, for an odd block, that the previous block occurs in it twice.
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
