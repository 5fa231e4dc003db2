//! How a conversion ended, and what was written. Given to callers, and counted
//! by the forms.

use serde::{Deserialize, Serialize};

/// How many rows there are.
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
    /// All together; none if they are more than can be counted, which only an altered description says.
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

/// How a conversion ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Converted {
    /// The tables are there.
    Written(Rows),
    /// What is there holds everything already.
    NothingNew,
    /// The archive is not proved, and nothing was left.
    NotProved,
}
