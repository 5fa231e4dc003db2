//! What was saved elsewhere and is compared with a journal: a digest or an anchor. For the report.

use super::{Anchor, Break, JournalSpan, Level, RootsAt, SavedAnchor, SavedDigest};
use crate::{Hash, shown};

/// What was saved elsewhere about the blocks of a journal, from 0 up to some block.
pub(super) struct Claim {
    /// Its name in messages.
    pub(super) what: &'static str,
    /// The last block.
    pub(super) tip: u64,
    /// The strand, if it is known.
    pub(super) strand_id: Option<String>,
    /// The ledger, if it is known.
    pub(super) ledger: Option<String>,
    pub(super) digest: Option<Hash>,
    log_root: Option<Hash>,
}

impl Claim {
    pub(super) fn of_digest(saved: &SavedDigest) -> Self {
        let (digest, strand_id) = (Some(saved.digest), saved.strand_id.clone());
        Self { what: "digest", tip: saved.tip, strand_id, ledger: None, digest, log_root: None }
    }

    pub(super) fn of_anchor(saved: &SavedAnchor) -> Self {
        let Anchor { ledger, strand_id, root, digest, .. } = &saved.anchor;
        let (strand_id, ledger) = (Some(strand_id.clone()), Some(ledger.clone()));
        let (tip, log_root) = (saved.anchor.tip(), Some(*root));
        Self { what: "anchor", tip, strand_id, ledger, digest: *digest, log_root }
    }

    /// Whether everything that was saved elsewhere can be compared with the journal's roots.
    pub(super) fn is_compared(&self, found: &RootsAt) -> bool {
        self.log_root.is_none() || found.log_root.is_some()
    }

    /// The break, if the journal contradicts it.
    pub(super) fn judge(&self, journal: &JournalSpan) -> Option<Break> {
        let Self { what, tip, .. } = self;
        let Some(found) = journal.roots_at(*tip) else {
            let problem = format!("the journal ends before the {what}'s tip");
            let short = Break::missing(Level::Digest, "", &problem, "sequenceNo");
            let between = (format!("block {tip}"), format!("block {}", journal.last));
            return (journal.last < *tip).then(|| short.at(*tip).between(between.0, between.1));
        };
        let pairs = [
            ("digest", "the journal does not hash to the saved digest", self.digest, Some(found.digest)),
            ("root", "the blocks do not hash to the root of the anchor", self.log_root, found.log_root),
        ];
        let differs = |(_, _, saved, found): &(_, _, Option<Hash>, Option<Hash>)| {
            saved.is_some() && found.is_some() && saved != found
        };
        let (field, problem, saved, found) = pairs.into_iter().find(differs)?;
        Some(Break::damaged(Level::Digest, "", problem, field).at(*tip).between(shown(saved), shown(found)))
    }
}
