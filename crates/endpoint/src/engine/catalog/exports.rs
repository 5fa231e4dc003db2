//! Export jobs.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use super::Result;
use super::values::{damaged, optional_text, optional_time, text, time};
use crate::engine::export::{Export, ExportStatus, Job};
use crate::store::StoreKind;
use qldb_journal::request::{
    BucketName, Encryption, EncryptionType, ExportRequest, KmsKeyArn, LedgerName, OutputFormat, Prefix, Progress,
    RoleArn, TimeRange, UniqueId,
};

fn read_job(row: &Row<'_>) -> rusqlite::Result<Job> {
    Ok(Job {
        export: read(row)?,
        strand_id: text(row, "strand_id", |id| UniqueId::parse(id).ok())?,
        tip: row.get("tip")?,
        store: text(row, "store", StoreKind::parse)?,
        resumed: true,
    })
}

fn read(row: &Row<'_>) -> rusqlite::Result<Export> {
    Ok(Export {
        id: text(row, "id", |id| UniqueId::parse(id).ok())?,
        created: time(row, "created")?,
        status: text(row, "status", ExportStatus::parse)?,
        request: read_request(row)?,
        progress: Progress {
            objects: row.get("objects")?,
            blocks: row.get("blocks")?,
            bytes: row.get("bytes")?,
            first_block: row.get("first_block")?,
            last_block: row.get("last_block")?,
            finished: optional_time(row, "finished")?,
            reason: row.get("reason")?,
        },
    })
}

fn read_request(row: &Row<'_>) -> rusqlite::Result<ExportRequest> {
    Ok(ExportRequest {
        ledger: text(row, "ledger", |name| LedgerName::parse(name).ok())?,
        range: TimeRange::accepted(time(row, "start_time")?, time(row, "end_time")?),
        bucket: text(row, "bucket", |name| BucketName::parse(name).ok())?,
        prefix: text(row, "prefix", |prefix| Prefix::parse(prefix).ok())?,
        encryption: read_encryption(row)?,
        role_arn: text(row, "role_arn", |arn| RoleArn::parse(arn).ok())?,
        format: optional_text(row, "output_format", |word| OutputFormat::parse(word).ok())?,
    })
}

fn read_encryption(row: &Row<'_>) -> rusqlite::Result<Encryption> {
    let kind = text(row, "encryption", |word| EncryptionType::parse(word).ok())?;
    let key = optional_text(row, "kms_key_arn", |arn| KmsKeyArn::parse(arn).ok())?;
    Encryption::new(kind, key).map_err(|_| damaged("kms_key_arn", "that can't be used with its encryption"))
}

/// Adds a job.
pub(in crate::engine) fn insert(connection: &Connection, job: &Job) -> Result<()> {
    let (export, request) = (&job.export, &job.export.request);
    connection.execute(
        "INSERT INTO exports (id, ledger, strand_id, tip, created, status, start_time, end_time, bucket, prefix,
             encryption, kms_key_arn, role_arn, output_format, store)
         VALUES (:id, :ledger, :strand_id, :tip, :created, :status, :start, :end, :bucket, :prefix,
             :encryption, :kms_key_arn, :role_arn, :output_format, :store)",
        named_params! {
            ":id": export.id.as_str(),
            ":ledger": request.ledger.as_str(),
            ":strand_id": job.strand_id.as_str(),
            ":tip": job.tip,
            ":created": export.created.timestamp_millis(),
            ":status": export.status.as_str(),
            ":start": request.range.start().timestamp_millis(),
            ":end": request.range.end().timestamp_millis(),
            ":bucket": request.bucket.as_str(),
            ":prefix": request.prefix.as_str(),
            ":encryption": request.encryption.kind().as_str(),
            ":kms_key_arn": request.encryption.key().map(KmsKeyArn::as_str),
            ":role_arn": request.role_arn.as_str(),
            ":output_format": request.format.map(OutputFormat::as_str),
            ":store": job.store.as_str(),
        },
    )?;
    Ok(())
}

/// How many jobs of a journal are running.
pub(in crate::engine) fn active(connection: &Connection, strand: &UniqueId) -> Result<u64> {
    let sql = "SELECT count(*) FROM exports WHERE strand_id = ?1 AND status = ?2";
    Ok(connection.query_row(sql, [strand.as_str(), ExportStatus::InProgress.as_str()], |row| row.get(0))?)
}

/// Every job that has not ended, oldest first.
pub(in crate::engine) fn unfinished(connection: &Connection) -> Result<Vec<Job>> {
    let mut statement = connection.prepare("SELECT * FROM exports WHERE status = ?1 ORDER BY number")?;
    Ok(statement.query_map([ExportStatus::InProgress.as_str()], read_job)?.collect::<rusqlite::Result<_>>()?)
}

/// An export by its ledger and id, unless it ended before `expiry`.
pub(in crate::engine) fn find(
    connection: &Connection,
    ledger: &LedgerName,
    id: &UniqueId,
    expiry: DateTime<Utc>,
) -> Result<Option<Export>> {
    let sql = "SELECT * FROM exports WHERE id = ?1 AND ledger = ?2 AND (finished IS NULL OR finished > ?3)";
    let values = params![id.as_str(), ledger.as_str(), expiry.timestamp_millis()];
    Ok(connection.query_row(sql, values, read).optional()?)
}

/// At most `count` exports with their numbers, newest first, of one ledger or all: those accepted before number
/// `before`, without those that ended before `expiry`.
pub(in crate::engine) fn list(
    connection: &Connection,
    ledger: Option<&LedgerName>,
    before: Option<i64>,
    expiry: DateTime<Utc>,
    count: usize,
) -> Result<Vec<(i64, Export)>> {
    // The sign keeps SQLite from collecting and sorting all exports by their ends: it stops after a page.
    let of = if ledger.is_some() { "ledger = ?1" } else { "?1 IS NULL" };
    let sql = format!(
        "SELECT * FROM exports WHERE {of} AND number < ?2
         AND (+finished IS NULL OR +finished > ?3) ORDER BY number DESC LIMIT ?4"
    );
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let before = before.unwrap_or(i64::MAX);
    let values = params![ledger.map(LedgerName::as_str), before, expiry.timestamp_millis(), count];
    Ok(connection
        .prepare_cached(&sql)?
        .query_map(values, |row| Ok((row.get("number")?, read(row)?)))?
        .collect::<rusqlite::Result<_>>()?)
}

/// Forgets the exports that ended before `expiry`.
pub(in crate::engine) fn forget(connection: &Connection, expiry: DateTime<Utc>) -> Result<usize> {
    Ok(connection.execute("DELETE FROM exports WHERE finished <= ?1", [expiry.timestamp_millis()])?)
}

/// Resets the counts of a job that begins, or begins again.
pub(in crate::engine) fn begin(connection: &Connection, id: &UniqueId) -> Result<()> {
    let sql = "UPDATE exports SET objects = 0, blocks = 0, bytes = 0, first_block = NULL, last_block = NULL
        WHERE id = ?1";
    connection.execute(sql, [id.as_str()])?;
    Ok(())
}

/// Counts another object, which holds the blocks from `first` to `last`. Objects arrive in any order.
pub(in crate::engine) fn count_object(
    connection: &Connection,
    id: &UniqueId,
    (first, last): (u64, u64),
    bytes: u64,
) -> Result<()> {
    let sql = "UPDATE exports SET objects = objects + 1, blocks = blocks + ?3 - ?2 + 1, bytes = bytes + ?4,
        first_block = min(coalesce(first_block, ?2), ?2), last_block = max(coalesce(last_block, ?3), ?3) WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![id.as_str(), first, last, bytes])?;
    Ok(())
}

/// Ends a running job.
pub(in crate::engine) fn end(
    connection: &Connection,
    id: &UniqueId,
    status: ExportStatus,
    finished: DateTime<Utc>,
    reason: Option<&str>,
) -> Result<()> {
    let sql = "UPDATE exports SET status = ?2, finished = ?3, reason = ?4 WHERE id = ?1 AND status = ?5";
    let running = ExportStatus::InProgress.as_str();
    let values = params![id.as_str(), status.as_str(), finished.timestamp_millis(), reason, running];
    connection.execute(sql, values)?;
    Ok(())
}
