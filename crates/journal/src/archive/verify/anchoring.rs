//! Makes the anchor of an archive from the report on it.

use super::anchor::{Anchor, NoAnchor};
use super::{Level, Report, Status};
use crate::request::{LedgerName, UniqueId};

impl Anchor {
    /// The anchor of an archive that is proved from block 0 on, and was verified with
    /// [`Request::log_root`](super::Request::log_root).
    pub fn of(report: &Report) -> Result<Self, NoAnchor> {
        let is_proved =
            |wanted| report.levels.iter().any(|one| one.level == wanted && one.status == Some(Status::Proved));
        if report.verdict != Status::Proved || ![Level::Blocks, Level::Chain].into_iter().all(is_proved) {
            return Err(NoAnchor::NotProved);
        }
        let journal = report.only_journal().ok_or(NoAnchor::Journals(report.journals.len()))?;
        if journal.first != 0 {
            return Err(NoAnchor::Begins(journal.first));
        }
        let ledgers = report.ledgers();
        let mut names = ledgers.iter();
        let (Some(ledger), None) = (names.next(), names.next()) else { return Err(NoAnchor::Ledgers(ledgers.len())) };
        let (ledger, strand_id) = ((*ledger).to_owned(), journal.strand_id.clone());
        if LedgerName::parse(&ledger).is_err() {
            return Err(NoAnchor::Name(ledger));
        }
        if UniqueId::parse(&strand_id).is_err() {
            return Err(NoAnchor::Name(strand_id));
        }
        let (digest, root) = journal.digest.zip(journal.log_root).ok_or(NoAnchor::NoRoots)?;
        Ok(Self { ledger, strand_id, blocks: journal.blocks, root, digest: Some(digest) })
    }
}
