//! The catalog's tables, and how an older catalog is upgraded.

use rusqlite::Connection;

/// One step for each version, the first from an empty file. Released steps never change; a new version is a new step.
const STEPS: [&str; 7] = [
    "
    CREATE TABLE marks (name TEXT PRIMARY KEY) STRICT;

    CREATE TABLE ledgers (
        name TEXT PRIMARY KEY,
        strand_id TEXT NOT NULL UNIQUE,
        state TEXT NOT NULL,
        created INTEGER NOT NULL,
        permissions_mode TEXT NOT NULL,
        deletion_protection INTEGER NOT NULL,
        kms_key TEXT
    ) STRICT;

    CREATE TABLE tags (
        strand_id TEXT NOT NULL REFERENCES ledgers (strand_id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (strand_id, name)
    ) STRICT;

    CREATE TABLE tables (
        strand_id TEXT NOT NULL REFERENCES ledgers (strand_id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        id TEXT NOT NULL,
        PRIMARY KEY (strand_id, name)
    ) STRICT;

    -- Times are milliseconds since 1970. A relative path begins at the data directory.
    -- The hashes of all blocks stand last, so that reading the rest leaves them on disk.
    CREATE TABLE segments (
        strand_id TEXT NOT NULL REFERENCES ledgers (strand_id) ON DELETE CASCADE,
        first_sequence_no INTEGER NOT NULL,
        last_sequence_no INTEGER NOT NULL,
        first_time INTEGER NOT NULL,
        last_time INTEGER NOT NULL,
        first_previous_hash BLOB,
        last_block_hash BLOB NOT NULL,
        bytes INTEGER NOT NULL,
        sha256 BLOB NOT NULL,
        path TEXT NOT NULL,
        encoding TEXT NOT NULL,
        block_hashes BLOB NOT NULL,
        PRIMARY KEY (strand_id, first_sequence_no)
    ) STRICT;

    -- The numbers are the order in which exports were accepted.
    -- Exports outlive their ledger: its end is the reason why some were cancelled.
    CREATE TABLE exports (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        ledger TEXT NOT NULL,
        strand_id TEXT NOT NULL,
        tip INTEGER,
        created INTEGER NOT NULL,
        status TEXT NOT NULL,
        start_time INTEGER NOT NULL,
        end_time INTEGER NOT NULL,
        bucket TEXT NOT NULL,
        prefix TEXT NOT NULL,
        encryption TEXT NOT NULL,
        kms_key_arn TEXT,
        role_arn TEXT NOT NULL,
        output_format TEXT,
        objects INTEGER NOT NULL DEFAULT 0,
        blocks INTEGER NOT NULL DEFAULT 0,
        bytes INTEGER NOT NULL DEFAULT 0,
        finished INTEGER,
        reason TEXT
    ) STRICT;
    CREATE INDEX exports_by_ledger ON exports (ledger, number);
",
    "
    -- The kind of store that a job writes to, so that it is not taken up again with another.
    ALTER TABLE exports ADD COLUMN store TEXT NOT NULL DEFAULT 'directory';
",
    "
    -- The numbers of the first and the last block that a job has written; none before it has, and for older jobs.
    ALTER TABLE exports ADD COLUMN first_block INTEGER;
    ALTER TABLE exports ADD COLUMN last_block INTEGER;
",
    "
    -- The segments that are objects of S3; their path is their address. A table of its own, because columns that
    -- stand behind the hashes of the blocks could not be read without those.
    CREATE TABLE segment_objects (
        strand_id TEXT NOT NULL,
        first_sequence_no INTEGER NOT NULL,
        endpoint TEXT NOT NULL,
        bucket TEXT NOT NULL,
        object_key TEXT NOT NULL,
        etag TEXT NOT NULL,
        PRIMARY KEY (strand_id, first_sequence_no),
        FOREIGN KEY (strand_id, first_sequence_no) REFERENCES segments ON DELETE CASCADE
    ) STRICT;
",
    "
    -- How often a ledger was changed. The record beside its journal says the same, so that a catalog that is older
    -- than the journal is known for what it is.
    ALTER TABLE ledgers ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;
",
    "
    -- The files of a journal that are being made, or are to go: see the module `passing`.
    CREATE TABLE passing (
        strand_id TEXT NOT NULL REFERENCES ledgers (strand_id) ON DELETE CASCADE,
        path TEXT NOT NULL,
        PRIMARY KEY (strand_id, path)
    ) STRICT;
",
    "
    -- So that exports that are running or have expired are found among many others, and the paths of segments without
    -- the hashes of their blocks.
    CREATE INDEX exports_by_status ON exports (status, strand_id);
    CREATE INDEX exports_by_end ON exports (finished);
    CREATE INDEX segments_by_path ON segments (strand_id, first_sequence_no, path);
",
];

/// The version that this program writes.
#[expect(clippy::cast_possible_truncation, reason = "a handful of steps")]
pub(super) const CURRENT: u32 = STEPS.len() as u32;

/// The version of an open catalog; 0 for a new file.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Applies the missing steps, all in one transaction.
pub(super) fn migrate(connection: &mut Connection, found: u32) -> rusqlite::Result<()> {
    if found == CURRENT {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    let taken = usize::try_from(found).unwrap_or(usize::MAX);
    for step in STEPS.iter().skip(taken) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", CURRENT)?;
    transaction.commit()
}
