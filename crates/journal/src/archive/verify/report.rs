//! The report of a verification: a verdict, what each level proved, every break, and what no hash
//! covers.

use std::collections::BTreeSet;

use super::claim::Claim;
use super::contents::{self, Accepted};
use super::findings::{ExaminedObjects, Findings};
use super::resume::Joined;
use super::work::Places;
use super::{
    Believed, Break, BreakKind, Breaks, Examined, JournalSpan, Level, Levels, Request, SavedAnchor, SavedDigest,
    Status, chain,
};
use crate::archive::find::{Archive, DataObject, FoundExport, Note};
use crate::archive::strangers::Strangers;
use crate::{Counts, Notable, Outline};

/// What no QLDB hash covers (docs/qldb.md 4.9): where, what, and the other evidence for it.
pub const NOT_COVERED: [(&str, &str, &str); 9] = [
    ("block", "blockAddress", "the object's name and the neighbours; a digest fixes the position"),
    ("block", "transactionId", "metadata.txId of the revisions must equal it"),
    ("block", "blockTimestamp", "it must not run backwards, and must be in the export's range"),
    ("revision", "blockAddress", "it must equal the block's"),
    (
        "revision",
        "metadata of a revision that deletes a document",
        "there is no check: the formula of its hash is not known",
    ),
    (
        "block",
        "presence of transactionInfo, redactionInfo or revisions as a whole, of data in a revision, and of everything in a revision besides its hash",
        "transactionInfo.documents names the documents; entries that nothing accounts for are counted",
    ),
    (
        "block",
        "order inside the entries' tree, empty entries, the empty previousBlockHash of the first block, fields that QLDB does not have (they are counted, and leave the contents unproved)",
        "there is no check",
    ),
    (
        "journal",
        "a consistent rewrite of every block after some block, and blocks cut off at the ends together with their objects and keys",
        "a digest that was saved elsewhere",
    ),
    ("export", "manifests, object names, the hour folder, the split into objects", "sequence numbers, and each other"),
];

/// The result for one level, and why if it is unproved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelReport {
    /// The level.
    pub level: Level,
    /// Its result; `None` if it was not asked for.
    pub status: Option<Status>,
    /// Why it is unproved.
    pub reason: Option<String>,
}

/// How far the given digest reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestScope<'a> {
    /// Its strand.
    pub strand_id: &'a str,
    /// The last block that it covers, from block 0 on.
    pub tip: u64,
    /// The number of blocks in the archive beyond that one.
    pub beyond: u64,
    /// The strands in the archive that it does not cover at all.
    pub other_strands: Vec<&'a str>,
}

/// The result of a verification.
#[derive(Debug)]
pub struct Report {
    /// The worst of the levels.
    pub verdict: Status,
    /// Every level.
    pub levels: Vec<LevelReport>,
    /// Every break, in the order of the archive.
    pub breaks: Breaks,
    /// The exports.
    #[doc(hidden)]
    pub exports: Vec<FoundExport>,
    /// What was skipped, because it can't be part of an archive.
    #[doc(hidden)]
    pub strangers: Strangers,
    /// Observations that do not count against the archive.
    pub notes: Vec<Note>,
    /// The files that replaced reading some objects, if parts were joined.
    #[doc(hidden)]
    pub believed: Vec<Believed>,
    /// The journals, one for each strand.
    pub journals: Vec<JournalSpan>,
    /// How many blocks were read; a block in several objects counts for each.
    pub blocks: u64,
    /// What the contents of everything that was read prove.
    #[doc(hidden)]
    pub counts: Counts,
    /// Blocks over time, and documents and revisions by table, as the blocks state them: every block once, however many
    /// exports hold it.
    #[doc(hidden)]
    pub outline: Outline,
    /// The revisions that were redacted, that delete a document, or whose data is missing: every block once.
    #[doc(hidden)]
    pub notable: Notable,
    /// The given digest.
    pub digest: Option<SavedDigest>,
    /// The given anchor.
    #[doc(hidden)]
    pub anchor: Option<SavedAnchor>,
    /// The levels that were asked for.
    #[doc(hidden)]
    pub asked: Levels,
    /// The accepted exceptions.
    #[doc(hidden)]
    pub accepted: Accepted,
    /// Whether nothing is wrong on any level, asked for or not.
    unbroken: bool,
    examined: ExaminedObjects,
    /// The number of listed objects that exist, and their bytes.
    objects: (u64, u64),
}

impl Report {
    pub(super) fn new(
        request: &Request<'_>,
        archive: Archive,
        objects: (u64, u64),
        (found, places): (Findings, Places),
    ) -> Self {
        let mut breaks = Breaks::up_to(Breaks::MOST_OF_ALL);
        breaks.extend(archive.breaks);
        found.breaks().for_each(|(_, of_object)| breaks.append(of_object.clone()));
        let tips = request.tips();
        let digest_tip = request.digest.as_ref().map(|digest| digest.tip);
        let sought = chain::Sought { tips: &tips, digest_tip, has_log: request.folds_log() };
        let journals = chain::join(found.links(&archive.exports, &places), sought, &mut breaks);
        let blocks = found.blocks;
        let (counts, notable, outline, examined) = found.end(places);
        let asked = request.asked();
        let unbroken = breaks.is_empty();
        breaks.retain_levels(|level| asked.has(level));
        let mut report = Self {
            verdict: Status::Unproved,
            levels: Vec::new(),
            breaks,
            exports: archive.exports,
            strangers: archive.strangers,
            notes: archive.notes,
            blocks,
            notable,
            counts,
            outline,
            believed: request.joined.map_or_else(Vec::new, Joined::believed),
            journals,
            digest: request.digest.clone(),
            anchor: request.anchor.clone(),
            asked,
            accepted: request.accepted,
            unbroken,
            examined,
            objects,
        };
        report.judge_claims();
        report.levels = Level::ALL.into_iter().map(|level| report.judge(level)).collect();
        report.verdict = report.levels.iter().filter_map(|level| level.status).max().unwrap_or(Status::Unproved);
        report
    }

    /// The names of the ledgers whose exports were found.
    pub fn ledgers(&self) -> BTreeSet<&str> {
        self.exports.iter().filter_map(|export| export.started.ledger.as_deref()).collect()
    }

    /// The number of existing objects that the exports list, and their bytes; an object that several exports list
    /// counts once.
    pub fn objects(&self) -> (u64, u64) {
        self.objects
    }

    /// The objects that were read, each with its findings; none if no level reads objects.
    #[doc(hidden)]
    pub fn examined(&self) -> impl Iterator<Item = Examined<'_>> {
        self.examined.iter(&self.exports)
    }

    /// Every listed object that exists, once, with the numbers of all exports that list it.
    #[doc(hidden)]
    pub fn listed(&self) -> impl Iterator<Item = (&DataObject, &[usize])> {
        self.examined.listed(&self.exports)
    }

    /// The archive's journal, if there is only one.
    pub fn only_journal(&self) -> Option<&JournalSpan> {
        match &self.journals[..] {
            [journal] => Some(journal),
            _ => None,
        }
    }

    /// Whether some block was read more than once, because several objects hold it.
    pub fn is_doubled(&self) -> bool {
        self.blocks > self.journals.iter().map(|journal| journal.blocks).sum()
    }

    /// Whether the archive holds one journal from its block 0 on, without a gap: then its counts are complete up to its
    /// last block. Breaks on levels that were not asked for count as well.
    pub fn is_whole(&self) -> bool {
        self.only_journal().is_some_and(|journal| {
            journal.first == 0 && journal.blocks == journal.last.saturating_add(1) && self.unbroken
        })
    }

    /// What was saved elsewhere.
    fn claims(&self) -> Vec<Claim> {
        let digest = self.digest.as_ref().map(Claim::of_digest);
        digest.into_iter().chain(self.anchor.as_ref().map(Claim::of_anchor)).collect()
    }

    /// Compares the journals with what was saved elsewhere.
    fn judge_claims(&mut self) {
        let claims = self.claims();
        let breaks: Vec<Break> = claims.iter().filter_map(|claim| claim.judge(self.journal_of(claim)?)).collect();
        breaks.into_iter().for_each(|one| self.breaks.push(one));
    }

    /// The journal for which something was saved: that of its strand and ledger, or else the only one, or the only one
    /// that hashes to the digest.
    fn journal_of(&self, claim: &Claim) -> Option<&JournalSpan> {
        if let Some(strand) = &claim.strand_id {
            let is_own = |journal: &&JournalSpan| journal.strand_id == *strand;
            return self.journals.iter().find(is_own).filter(|_| self.other_ledgers(claim).is_empty());
        }
        let fits = |journal: &&JournalSpan| {
            claim.digest.is_some() && journal.roots_at(claim.tip).map(|roots| roots.digest) == claim.digest
        };
        self.only_journal().or_else(|| self.journals.iter().find(fits))
    }

    /// The ledgers that the exports of a strand name instead of the saved one. Exports that name none contradict
    /// nothing.
    fn other_ledgers(&self, claim: &Claim) -> BTreeSet<&str> {
        let (Some(strand), Some(ledger)) = (&claim.strand_id, &claim.ledger) else { return BTreeSet::new() };
        let is_own = |export: &&FoundExport| export.objects.iter().any(|object| *object.name.strand_id == **strand);
        let named = self.exports.iter().filter(is_own).filter_map(|export| export.started.ledger.as_deref());
        let named: BTreeSet<&str> = named.collect();
        if named.contains(ledger.as_str()) { BTreeSet::new() } else { named }
    }

    fn why_no_journal(&self, claim: &Claim) -> String {
        let (what, others) = (claim.what, self.other_ledgers(claim));
        match &claim.ledger {
            Some(ledger) if !others.is_empty() => {
                let others = others.into_iter().collect::<Vec<_>>().join(" and ");
                format!("the {what} names the ledger {ledger}, and the exports of its strand name {others}")
            }
            _ => format!("no one journal of the archive is that of the {what}"),
        }
    }

    /// How far the given digest reaches. `None` if none was given, or if it belongs to no journal.
    pub fn digest_scope(&self) -> Option<DigestScope<'_>> {
        self.scope_of("digest")
    }

    /// How far the given anchor reaches. `None` if none was given, or if it belongs to no journal.
    #[doc(hidden)]
    pub fn anchor_scope(&self) -> Option<DigestScope<'_>> {
        self.scope_of("anchor")
    }

    fn scope_of(&self, what: &str) -> Option<DigestScope<'_>> {
        let claim = self.claims().into_iter().find(|claim| claim.what == what)?;
        let journal = self.journal_of(&claim)?;
        let others = self.journals.iter().filter(|other| other.strand_id != journal.strand_id);
        Some(DigestScope {
            strand_id: &journal.strand_id,
            tip: claim.tip,
            beyond: journal.last.saturating_sub(claim.tip).min(journal.blocks),
            other_strands: others.map(|other| other.strand_id.as_str()).collect(),
        })
    }

    fn judge(&self, level: Level) -> LevelReport {
        if !self.asked.has(level) {
            return LevelReport { level, status: None, reason: None };
        }
        let has = |kind| self.breaks.has(level, kind);
        let reason = self.why_unproved(level);
        let status = if has(BreakKind::Damaged) {
            Status::Damaged
        } else if has(BreakKind::Missing) {
            Status::Incomplete
        } else if has(BreakKind::Doubtful) || reason.is_some() {
            Status::Unproved
        } else {
            Status::Proved
        };
        LevelReport { level, status: Some(status), reason: reason.filter(|_| status == Status::Unproved) }
    }

    fn why_unproved(&self, level: Level) -> Option<String> {
        if self.exports.is_empty() {
            return Some("no export was found".to_owned());
        }
        if level == Level::Objects {
            let listed = self.exports.iter().any(|export| !export.objects.is_empty());
            return (!listed).then(|| "the exports hold no objects".to_owned());
        }
        if self.blocks == 0 {
            return Some("there is no block to check".to_owned());
        }
        let unreadable = self.breaks.name_unreadable();
        if unreadable {
            return Some("an object could not be read to its end".to_owned());
        }
        match level {
            Level::Contents => contents::why_unproved(&self.counts, self.accepted),
            Level::Digest => self.why_no_digest(),
            _ => None,
        }
    }

    fn why_no_digest(&self) -> Option<String> {
        let claims = self.claims();
        if claims.is_empty() {
            return Some("no digest was given".to_owned());
        }
        let mut covered = Vec::new();
        for claim in &claims {
            let what = claim.what;
            let Some(journal) = self.journal_of(claim) else {
                return Some(self.why_no_journal(claim));
            };
            if journal.first != 0 {
                let first = journal.first;
                let article = if what == "anchor" { "an" } else { "a" };
                return Some(format!(
                    "the journal begins at block {first}, and {article} {what} covers it from block 0"
                ));
            }
            let Some(roots) = journal.roots_at(claim.tip) else {
                return Some(format!("the journal is not whole up to the {what}'s tip"));
            };
            if !claim.is_compared(roots) {
                return Some(format!("the root of the {what} was not computed"));
            }
            covered.push((what, journal.strand_id.as_str()));
        }
        let is_covered = |other: &&JournalSpan| covered.iter().any(|(_, strand_id)| *strand_id == other.strand_id);
        let uncovered = self.journals.iter().filter(|other| !is_covered(other));
        let uncovered: Vec<String> =
            uncovered.map(|other| format!("strand {} with {} blocks", other.strand_id, other.blocks)).collect();
        let own = covered.iter().map(|(what, strand_id)| format!("the {what} is that of strand {strand_id}"));
        let own = own.collect::<Vec<_>>().join(", ");
        (!uncovered.is_empty()).then(|| format!("{own}, and no digest covers {}", uncovered.join(", ")))
    }
}
