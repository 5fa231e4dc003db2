//! The service's quotas (docs/qldb.md 6) and the engine's own sizes.

use chrono::TimeDelta;

/// The maximum number of ledgers in one data directory.
pub const LEDGERS: u64 = 5;
/// Exports of one ledger that may run at the same time.
pub const ACTIVE_EXPORTS_PER_LEDGER: u64 = 2;
/// How long a finished export can be described and listed.
pub const FINISHED_EXPORTS_LISTED: TimeDelta = TimeDelta::days(7);
/// Tags of one resource.
pub const TAGS: usize = 50;
/// Characters of a tag's key.
pub const TAG_KEY: usize = 128;
/// Characters of a tag's value.
pub const TAG_VALUE: usize = 256;
/// Characters of a KMS key's name.
pub const KMS_KEY: usize = 1600;
/// Items of one page of a list.
pub const PAGE: u32 = 100;
/// The maximum length of a page token, in characters.
pub const TOKEN: usize = 1024;
/// Documents of one transaction.
pub const DOCUMENTS_PER_TRANSACTION: usize = 40;
/// Bytes of one document.
pub const DOCUMENT_BYTES: usize = 128 * 1024;
/// Bytes of the documents of one transaction.
pub const TRANSACTION_BYTES: usize = 4 * 1024 * 1024;
/// Tables of one ledger.
pub const TABLES: usize = 20;
/// Threads of one export. Each uses a few megabytes, so more would not fit in 256 MiB.
pub const WORKERS: usize = 16;
/// A segment is ended at this many bytes; a block is never split.
pub const SEGMENT_BYTES: usize = 4 * 1024 * 1024;
/// A segment is ended at this many blocks.
pub const SEGMENT_BLOCKS: usize = 10_000;
/// Characters of a table's name.
pub const TABLE_NAME: usize = 128;
