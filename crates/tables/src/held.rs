//! The existing content of a destination, and whether an archive continues it.

use std::path::Path;

use qldb_journal::Hash;
use qldb_journal::archive::verify::JournalSpan;

use crate::TableError;
use crate::columns::Journal;

/// The content of a destination that is to be extended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) journal: Journal,
    pub(crate) last: u64,
    pub(crate) tip_hash: String,
    pub(crate) filters: String,
    pub(crate) with_ion: bool,
    /// The verdict of the first conversion that was not proved; `None` if all were.
    pub(crate) unproved: Option<String>,
}

impl Held {
    /// Whether the options match those with which it was written.
    pub(crate) fn fits(&self, to: &Path, with_ion: bool, filters: &str) -> Result<(), TableError> {
        let differ = |why: String| Err(TableError::NotContinued { path: to.to_owned(), why });
        if with_ion != self.with_ion {
            let has = if self.with_ion { "has" } else { "does not have" };
            return differ(format!("it {has} the column data_ion"));
        }
        if filters != self.filters {
            return differ(format!("it was made with other filters: {}", self.filters));
        }
        Ok(())
    }

    /// Whether everything in it is proved.
    pub(crate) fn is_proved(&self, to: &Path) -> Result<(), TableError> {
        match &self.unproved {
            None => Ok(()),
            Some(verdict) => Err(TableError::Unproved { path: to.to_owned(), verdict: verdict.clone() }),
        }
    }

    /// The journal of an archive, if it is the one that is held. Exports that name no ledger may be of any.
    pub(crate) fn same_journal(&self, to: &Path, journal: &Journal) -> Result<Journal, TableError> {
        let is_same = journal.ledger.is_empty() || journal.ledger == self.journal.ledger;
        if is_same && journal.strand_id == self.journal.strand_id {
            return Ok(self.journal.clone());
        }
        let named = |journal: &Journal| format!("ledger {}, strand {}", journal.ledger, journal.strand_id);
        let why = format!("it holds {}, and the archive is of {}", named(&self.journal), named(journal));
        Err(TableError::NotContinued { path: to.to_owned(), why })
    }

    /// Whether the blocks that were read continue where it ends.
    pub(crate) fn is_continued(
        &self,
        to: &Path,
        span: &JournalSpan,
        first: Option<(u64, Option<Hash>)>,
        seam: Option<Hash>,
    ) -> Result<(), TableError> {
        let no = |why: String| Err(TableError::NotContinued { path: to.to_owned(), why });
        let next = self.last.saturating_add(1);
        let before = match first {
            _ if span.last < self.last => {
                return no(format!("it holds blocks up to {}, and the archive ends at block {}", self.last, span.last));
            }
            Some((first, previous)) if first == next => previous,
            Some((first, _)) if first > next => {
                return no(format!("it ends at block {}, and the archive begins at block {first}", self.last));
            }
            _ => seam,
        };
        if before.map(Hash::to_base64).as_ref() != Some(&self.tip_hash) {
            return no(format!("the archive has another block {}", self.last));
        }
        Ok(())
    }
}
