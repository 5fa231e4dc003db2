//! Ledgers as the API describes them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use qldb_journal::request::{LedgerName, UniqueId};

/// The state of a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LedgerState {
    /// Being created.
    Creating,
    /// In use.
    Active,
    /// Being removed.
    Deleting,
    /// Removed.
    Deleted,
}

/// Who may do what in a ledger. Stored and reported, but not enforced here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PermissionsMode {
    /// Access to the ledger as a whole.
    AllowAll,
    /// Access by statement and table.
    Standard,
}

macro_rules! words {
    ($type:ty { $($value:ident => $word:literal),* }) => {
        impl $type {
            /// The API's value.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$value => $word),* }
            }

            /// Parses the API's value.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$value),)* _ => None }
            }
        }
    };
}

words!(LedgerState { Creating => "CREATING", Active => "ACTIVE", Deleting => "DELETING", Deleted => "DELETED" });
words!(PermissionsMode { AllowAll => "ALLOW_ALL", Standard => "STANDARD" });
pub(super) use words;

/// A ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    /// Its name.
    pub name: LedgerName,
    /// Its state.
    pub state: LedgerState,
    /// When it was created.
    pub created: DateTime<Utc>,
    /// Its permissions mode.
    pub permissions_mode: PermissionsMode,
    /// Whether it refuses to be deleted.
    pub deletion_protection: bool,
    /// The customer's KMS key; `None` for the service's own.
    pub kms_key: Option<String>,
    /// The strand of its journal.
    pub strand_id: UniqueId,
}

/// A ledger to be created.
#[derive(Debug, Clone)]
pub struct NewLedger {
    /// Its name.
    pub name: LedgerName,
    /// Its permissions mode.
    pub permissions_mode: PermissionsMode,
    /// Whether it refuses to be deleted, which is the API's default.
    pub deletion_protection: bool,
    /// The customer's KMS key; `None` for the service's own.
    pub kms_key: Option<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// What UpdateLedger changes; a member that is `None` stays unchanged.
#[derive(Debug, Clone, Default)]
pub struct LedgerChange {
    /// Whether the ledger refuses to be deleted.
    pub deletion_protection: Option<bool>,
    /// The KMS key; the value `AWS_OWNED_KMS_KEY` switches back to the service's own.
    pub kms_key: Option<String>,
}

/// The API's value for the service's own KMS key.
pub const AWS_OWNED_KMS_KEY: &str = "AWS_OWNED_KMS_KEY";

/// What is known about a ledger's journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalFacts {
    /// The strand.
    pub strand_id: UniqueId,
    /// How many blocks there are.
    pub blocks: u64,
    /// The first block's number; `None` without blocks.
    pub first_sequence_no: Option<u64>,
    /// The last block's number; `None` without blocks.
    pub last_sequence_no: Option<u64>,
    /// When the first block was committed.
    pub first_time: Option<DateTime<Utc>>,
    /// When the last block was committed.
    pub last_time: Option<DateTime<Utc>>,
    /// The size of the segments, in bytes.
    pub bytes: u64,
    /// How many segments there are.
    pub segments: u64,
    /// The names of the tables, in order.
    pub tables: Vec<String>,
}
