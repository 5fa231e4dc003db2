//! The result of a conversion, and what was written. Returned to callers, and counted by the
//! formats.

use serde::{Deserialize, Serialize};

/// Numbers of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rows {
    /// Revisions of documents.
    pub revisions: u64,
    /// Transactions.
    pub transactions: u64,
    /// Statements.
    pub statements: u64,
    /// The service's own revisions, which are not rows.
    pub hash_only_revisions: u64,
}

impl Rows {
    /// The sum; `None` on overflow, which only an altered description causes.
    pub(crate) fn sum(mut all: impl Iterator<Item = Self>) -> Option<Self> {
        all.try_fold(Self::default(), |sum, one| {
            Some(Self {
                revisions: sum.revisions.checked_add(one.revisions)?,
                transactions: sum.transactions.checked_add(one.transactions)?,
                statements: sum.statements.checked_add(one.statements)?,
                hash_only_revisions: sum.hash_only_revisions.checked_add(one.hash_only_revisions)?,
            })
        })
    }
}

/// The result of a conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Converted {
    /// The tables were written.
    Written(Rows),
    /// The existing tables already have everything.
    NothingNew,
    /// The archive is not proved, and nothing was written.
    NotProved,
}
