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

/// A reason with its number, and of each pair of forms in brackets the one that agrees with it.
fn agreeing(reason: &str, count: u64) -> String {
    let mut text = String::with_capacity(reason.len());
    let mut rest = reason;
    while let Some((before, (forms, after))) =
        rest.split_once('[').and_then(|(before, pair)| Some((before, pair.split_once(']')?)))
    {
        let (one, many) = forms.split_once('|').unwrap_or((forms, forms));
        text.extend([before, if count == 1 { one } else { many }]);
        rest = after;
    }
    text.push_str(rest);
    text.replace("{}", &count.to_string())
}

/// Why contents are not proved although no hash differs; `None` if they are.
pub(super) fn why_unproved(counts: &Counts, accepted: Accepted) -> Option<String> {
    let nothing_hashed = counts.proved + counts.transactions == 0;
    let reasons = [
        (counts.typeless, "JSON has lost the types that the [hash of {} revision covers|hashes of {} revisions cover]"),
        (
            counts.cut,
            "{} [revision has|revisions have] no data, and no statement that a hash covers deletes [its document: its|their \
             documents: their] content is not there",
        ),
        (
            counts.hidden,
            "{} [revision is|revisions are] present as a hash only beside documents of which there are fewer revisions than statements \
             that changed them: [its|their] content is not there",
        ),
        (
            if accepted.redactions_elsewhere { 0 } else { redacted_elsewhere(counts) },
            "{} [revision has|revisions have] the hash of [its|their] data in its place, and no redactionInfo here accounts \
             for [it: its|them: their] content is not there; redactions elsewhere can be accepted by name, as redactions-elsewhere",
        ),
        (
            counts.undocumented,
            "{} [revision of a document is in a block|revisions of documents are in blocks] without transactionInfo",
        ),
        (
            counts.unaccounted_contents,
            "{} [entry of a hash list is|entries of hash lists are] where those of contents are, and nothing accounts for \
             [it|them]: contents are missing",
        ),
        (
            counts.folded,
            "{} [block lacks|blocks lack] an entry of the service's own in [its hash list|their hash lists]: entries were folded \
             together",
        ),
        (
            if nothing_hashed && !accepted.hash_only_blocks { counts.hash_only.max(1) } else { 0 },
            "no content is there to be hashed, only {} [hash|hashes]; hash-only blocks can be accepted by name, as hash-only-blocks",
        ),
        (
            counts.unknown_fields,
            "{} [field has a name|fields have names] that QLDB does not write, so that [it|they] may hide what a hash covers",
        ),
    ];
    let said: Vec<String> =
        reasons.into_iter().filter(|(count, _)| *count > 0).map(|(count, reason)| agreeing(reason, count)).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_agree_with_their_number() {
        let reason = "{} [revision has|revisions have] the hash of [its|their] data";
        assert_eq!(agreeing(reason, 1), "1 revision has the hash of its data");
        assert_eq!(agreeing(reason, 12), "12 revisions have the hash of their data");
        let every = Counts {
            typeless: 1,
            cut: 1,
            hidden: 1,
            redacted_once: 1,
            undocumented: 1,
            unaccounted_contents: 1,
            folded: 1,
            hash_only: 1,
            unknown_fields: 1,
            ..Counts::default()
        };
        let why = why_unproved(&every, Accepted::default()).unwrap();
        assert!(!why.contains(['[', ']', '|', '{']) && why.matches("1 ").count() == 9, "{why}");
        assert!(!["1 revisions", "1 entries", "1 blocks", "1 fields"].iter().any(|wrong| why.contains(wrong)), "{why}");
    }
}
