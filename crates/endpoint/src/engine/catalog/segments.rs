//! The index of segments.

use std::borrow::Cow;
use std::collections::HashSet;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use super::Result;
use super::values::{damaged, hash, optional_hash, optional_time, text, time};
use crate::engine::places::SegmentAt;
use crate::engine::segment::{NewSegment, Segment};
use crate::store::{ObjectKey, S3Object};
use qldb_journal::request::{BucketName, TimeRange, UniqueId};
use qldb_journal::{Encoding, Hash};

/// Every column except the hashes of the blocks, and the tables that hold them.
const SELECT: &str =
    "SELECT strand_id, first_sequence_no, last_sequence_no, first_time, last_time, first_previous_hash,
    last_block_hash, bytes, sha256, path, encoding, endpoint, bucket, object_key, etag
    FROM segments LEFT JOIN segment_objects USING (strand_id, first_sequence_no)";

const ION_TEXT: &str = "ION_TEXT";
const ION_BINARY: &str = "ION_BINARY";

fn encoding_word(encoding: Encoding) -> Option<&'static str> {
    match encoding {
        Encoding::IonText => Some(ION_TEXT),
        Encoding::IonBinary => Some(ION_BINARY),
        // JSON has lost the types, so no journal can be stored in it.
        Encoding::Json => None,
    }
}

fn encoding(word: &str) -> Option<Encoding> {
    [Encoding::IonText, Encoding::IonBinary].into_iter().find(|encoding| encoding_word(*encoding) == Some(word))
}

fn read(row: &Row<'_>) -> rusqlite::Result<Segment> {
    Ok(Segment {
        strand_id: text(row, "strand_id", |id| UniqueId::parse(id).ok())?,
        first: row.get("first_sequence_no")?,
        last: row.get("last_sequence_no")?,
        first_time: time(row, "first_time")?,
        last_time: time(row, "last_time")?,
        first_previous_hash: optional_hash(row, "first_previous_hash")?,
        last_block_hash: hash(row, "last_block_hash")?,
        bytes: row.get("bytes")?,
        sha256: hash(row, "sha256")?,
        place: place(row)?,
        encoding: text(row, "encoding", encoding)?,
    })
}

/// Where a segment is stored: in an object if there is an endpoint.
fn place(row: &Row<'_>) -> rusqlite::Result<SegmentAt> {
    let Some(endpoint) = row.get("endpoint")? else {
        return Ok(SegmentAt::File(row.get::<_, String>("path")?.into()));
    };
    Ok(SegmentAt::Object(S3Object {
        endpoint,
        bucket: text(row, "bucket", |name| BucketName::parse(name).ok())?,
        key: text(row, "object_key", |key| ObjectKey::parse(key).ok())?,
        tag: row.get("etag")?,
        size: row.get("bytes")?,
    }))
}

/// The text of a location, which for an object is not its full location.
fn path_of(place: &SegmentAt) -> rusqlite::Result<Cow<'_, str>> {
    match place {
        SegmentAt::File(path) => path.to_str().map(Cow::from).ok_or_else(|| damaged("path", &path.to_string_lossy())),
        SegmentAt::Object(object) => Ok(object.to_string().into()),
    }
}

fn insert_object(connection: &Connection, segment: &Segment, object: &S3Object) -> Result<()> {
    let sql = "INSERT INTO segment_objects (strand_id, first_sequence_no, endpoint, bucket, object_key, etag)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let S3Object { endpoint, bucket, key, tag, .. } = object;
    let (strand, first) = (segment.strand_id.as_str(), segment.first);
    connection.execute(sql, params![strand, first, endpoint, bucket.as_str(), key.as_str(), tag])?;
    Ok(())
}

/// Adds a segment.
pub(in crate::engine) fn insert(connection: &Connection, new: &NewSegment) -> Result<()> {
    let segment = &new.segment;
    let path = path_of(&segment.place)?;
    let hash = |hash: &Hash| hash.as_bytes().to_vec();
    connection.execute(
        "INSERT INTO segments (strand_id, first_sequence_no, last_sequence_no, first_time, last_time,
             first_previous_hash, last_block_hash, bytes, sha256, path, encoding, block_hashes)
         VALUES (:strand_id, :first, :last, :first_time, :last_time,
             :first_previous_hash, :last_block_hash, :bytes, :sha256, :path, :encoding, :block_hashes)",
        named_params! {
            ":strand_id": segment.strand_id.as_str(),
            ":first": segment.first,
            ":last": segment.last,
            ":first_time": segment.first_time.timestamp_millis(),
            ":last_time": segment.last_time.timestamp_millis(),
            ":first_previous_hash": segment.first_previous_hash.as_ref().map(hash),
            ":last_block_hash": hash(&segment.last_block_hash),
            ":bytes": segment.bytes,
            ":sha256": hash(&segment.sha256),
            ":path": path,
            ":encoding": encoding_word(segment.encoding),
            ":block_hashes": new.block_hashes,
        },
    )?;
    match &segment.place {
        SegmentAt::File(_) => Ok(()),
        SegmentAt::Object(object) => insert_object(connection, segment, object),
    }
}

/// Removes the segment that begins with a block.
pub(in crate::engine) fn remove(connection: &Connection, strand: &UniqueId, first: u64) -> Result<()> {
    let sql = "DELETE FROM segments WHERE strand_id = ?1 AND first_sequence_no = ?2";
    connection.execute(sql, params![strand.as_str(), first])?;
    Ok(())
}

/// The segments up to block `tip` that can hold blocks of a range, in journal order.
pub(in crate::engine) fn select(
    connection: &Connection,
    strand: &UniqueId,
    range: &TimeRange,
    tip: u64,
) -> Result<Vec<Segment>> {
    let sql = format!(
        "{SELECT} WHERE strand_id = ?1 AND last_time >= ?2 AND first_time < ?3
         AND last_sequence_no <= ?4 ORDER BY first_sequence_no"
    );
    let (start, end) = (range.start().timestamp_millis(), range.end().timestamp_millis());
    Ok(connection
        .prepare_cached(&sql)?
        .query_map(params![strand.as_str(), start, end, tip], read)?
        .collect::<rusqlite::Result<_>>()?)
}

/// Every segment of a journal, in journal order.
pub(in crate::engine) fn all(connection: &Connection, strand: &UniqueId) -> Result<Vec<Segment>> {
    let sql = format!("{SELECT} WHERE strand_id = ?1 ORDER BY first_sequence_no");
    Ok(connection.prepare_cached(&sql)?.query_map([strand.as_str()], read)?.collect::<rusqlite::Result<_>>()?)
}

/// The last segment of a journal.
pub(in crate::engine) fn last(connection: &Connection, strand: &UniqueId) -> Result<Option<Segment>> {
    before(connection, strand, i64::MAX.unsigned_abs())
}

/// The last segment that begins before block `sequence_no`.
pub(in crate::engine) fn before(
    connection: &Connection,
    strand: &UniqueId,
    sequence_no: u64,
) -> Result<Option<Segment>> {
    let sql = format!(
        "{SELECT} WHERE strand_id = ?1 AND first_sequence_no < ?2
         ORDER BY first_sequence_no DESC LIMIT 1"
    );
    Ok(connection.prepare_cached(&sql)?.query_row(params![strand.as_str(), sequence_no], read).optional()?)
}

/// The hashes of a segment's blocks, 32 bytes each, in order.
pub(in crate::engine) fn block_hashes(connection: &Connection, segment: &Segment) -> Result<Vec<u8>> {
    let sql = "SELECT block_hashes FROM segments WHERE strand_id = ?1 AND first_sequence_no = ?2";
    Ok(connection.query_row(sql, params![segment.strand_id.as_str(), segment.first], |row| row.get(0))?)
}

/// The first number and the hashes of the blocks of every segment, in journal order.
pub(in crate::engine) fn all_hashes(connection: &Connection, strand: &UniqueId) -> Result<Vec<(u64, Vec<u8>)>> {
    let sql = "SELECT first_sequence_no, block_hashes FROM segments WHERE strand_id = ?1 ORDER BY first_sequence_no";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement
        .query_map([strand.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?)
}

/// Totals over all segments of a journal.
pub(in crate::engine) struct Totals {
    pub(in crate::engine) segments: u64,
    pub(in crate::engine) bytes: u64,
    pub(in crate::engine) blocks: u64,
    pub(in crate::engine) first: Option<u64>,
    pub(in crate::engine) last: Option<u64>,
    pub(in crate::engine) first_time: Option<DateTime<Utc>>,
    pub(in crate::engine) last_time: Option<DateTime<Utc>>,
}

/// Totals over all segments of a journal.
pub(in crate::engine) fn totals(connection: &Connection, strand: &UniqueId) -> Result<Totals> {
    let sql = "SELECT count(*) AS segments, coalesce(sum(bytes), 0) AS bytes,
        coalesce(sum(last_sequence_no - first_sequence_no + 1), 0) AS blocks,
        min(first_sequence_no) AS first, max(last_sequence_no) AS last,
        min(first_time) AS first_time, max(last_time) AS last_time
        FROM segments WHERE strand_id = ?1";
    Ok(connection.query_row(sql, [strand.as_str()], |row| {
        Ok(Totals {
            segments: row.get("segments")?,
            bytes: row.get("bytes")?,
            blocks: row.get("blocks")?,
            first: row.get("first")?,
            last: row.get("last")?,
            first_time: optional_time(row, "first_time")?,
            last_time: optional_time(row, "last_time")?,
        })
    })?)
}

/// The paths of the segments of a journal that are files.
pub(in crate::engine) fn paths(connection: &Connection, strand: &UniqueId) -> Result<HashSet<PathBuf>> {
    let mut statement = connection.prepare_cached(
        "SELECT path FROM segments LEFT JOIN segment_objects USING (strand_id, first_sequence_no)
         WHERE strand_id = ?1 AND endpoint IS NULL",
    )?;
    Ok(statement
        .query_map([strand.as_str()], |row| row.get::<_, String>(0).map(PathBuf::from))?
        .collect::<rusqlite::Result<_>>()?)
}
