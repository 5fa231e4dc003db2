//! Ledgers as the API describes them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use qldb_journal::request::{LedgerName, UniqueId};

/// The state of a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LedgerState {
    /// Being made.
    Creating,
    /// In use.
    Active,
    /// Being removed.
    Deleting,
    /// Removed.
    Deleted,
}

/// Who may do what in a ledger. Kept and reported, not enforced here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PermissionsMode {
    /// Access by the ledger alone.
    AllowAll,
    /// Access by statement and table.
    Standard,
}

macro_rules! words {
    ($type:ty { $($value:ident => $word:literal),* }) => {
        impl $type {
            /// The API's word.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$value => $word),* }
            }

            /// Reads the API's word.
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
    /// When it was made.
    pub created: DateTime<Utc>,
    /// Its permissions mode.
    pub permissions_mode: PermissionsMode,
    /// Whether it refuses to be deleted.
    pub deletion_protection: bool,
    /// The customer's KMS key; none for the service's own.
    pub kms_key: Option<String>,
    /// The strand of its journal.
    pub strand_id: UniqueId,
}

/// A ledger that is to be made.
#[derive(Debug, Clone)]
pub struct NewLedger {
    /// Its name.
    pub name: LedgerName,
    /// Its permissions mode.
    pub permissions_mode: PermissionsMode,
    /// Whether it refuses to be deleted; the API's default is that it does.
    pub deletion_protection: bool,
    /// The customer's KMS key; none for the service's own.
    pub kms_key: Option<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// What UpdateLedger changes; a member that is none stays as it is.
#[derive(Debug, Clone, Default)]
pub struct LedgerChange {
    /// Whether the ledger refuses to be deleted.
    pub deletion_protection: Option<bool>,
    /// The KMS key; the word `AWS_OWNED_KMS_KEY` goes back to the service's own.
    pub kms_key: Option<String>,
}

/// The API's word for the service's own KMS key.
pub const AWS_OWNED_KMS_KEY: &str = "AWS_OWNED_KMS_KEY";

/// What is known of a ledger's journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalFacts {
    /// The strand.
    pub strand_id: UniqueId,
    /// How many blocks there are.
    pub blocks: u64,
    /// The first block's number; none without blocks.
    pub first_sequence_no: Option<u64>,
    /// The last block's number; none without blocks.
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
