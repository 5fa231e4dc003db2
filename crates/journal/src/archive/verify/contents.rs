//! What prevents contents from being proved: nothing that is absent counts as proved.

use crate::Counts;

/// Known exceptions that a user accepts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Accepted {
    /// Blocks that hold only hashes, as the service writes them for its own work.
    pub hash_only_blocks: bool,
    /// Redacted revisions that no `redactionInfo` in the archive names, because the redaction is outside it.
    pub redactions_elsewhere: bool,
}

impl Accepted {
    /// Everything that can be accepted.
    pub const ALL: Self = Self { hash_only_blocks: true, redactions_elsewhere: true };
}

/// How many revisions have the hash of their data in its place, beyond those that the archive says were redacted. Data
/// that somebody removed looks the same (docs/qldb.md 4.9).
fn redacted_elsewhere(counts: &Counts) -> u64 {
    counts.redacted_once.saturating_sub(counts.redactions)
}

/// Why contents are not proved although no hash differs; `None` if they are.
pub(super) fn why_unproved(counts: &Counts, accepted: Accepted) -> Option<String> {
    let nothing_hashed = counts.proved + counts.transactions == 0;
    let reasons = [
        (counts.typeless, "JSON has lost the types that the hashes of {} revisions cover"),
        (
            counts.cut,
            "{} revisions have no data, and no statement that a hash covers deletes their documents: their content is \
             not there",
        ),
        (
            counts.hidden,
            "{} revisions are present as a hash only beside documents of which there are fewer revisions than statements \
             that changed them: their content is not there",
        ),
        (
            if accepted.redactions_elsewhere { 0 } else { redacted_elsewhere(counts) },
            "{} revisions have the hash of their data in its place, and no redactionInfo here accounts for them: their \
             content is not there; redactions elsewhere can be accepted by name, as redactions-elsewhere",
        ),
        (counts.undocumented, "{} revisions of documents are in blocks without transactionInfo"),
        (
            counts.unaccounted_contents,
            "{} entries of hash lists are where those of contents are, and nothing accounts for them: contents are \
             missing",
        ),
        (
            counts.folded,
            "{} blocks lack an entry of the service's own in their hash lists: entries were folded together",
        ),
        (
            if nothing_hashed && !accepted.hash_only_blocks { counts.hash_only.max(1) } else { 0 },
            "no content is there to be hashed, only {} hashes; hash-only blocks can be accepted by name, as hash-only-blocks",
        ),
        (
            counts.unknown_fields,
            "{} fields have names that QLDB does not write, so that they may hide what a hash covers",
        ),
    ];
    let said: Vec<String> = reasons
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, reason)| reason.replace("{}", &count.to_string()))
        .collect();
    (!said.is_empty()).then(|| said.join("; "))
}
