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
