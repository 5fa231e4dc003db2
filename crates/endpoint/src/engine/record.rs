//! The record of a ledger: the small file beside its segments for what they don't contain, its name
//! and its settings. Segments and record together are enough to rebuild the ledger's part of the
//! catalog.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::Core;
use super::catalog::{Catalog, DbError, ledgers as rows, segments};
use super::error::ServiceError;
use super::ledger::{Ledger, LedgerState, PermissionsMode};
use super::places::SegmentAt;
use super::segment::{JOURNALS, Segment, new_file};
use crate::store::{ObjectKey, S3Object};
use qldb_journal::Hash;
use qldb_journal::request::{BucketName, LedgerName, UniqueId};

/// The file's name, in the folder of the journal.
pub(super) const FILE_NAME: &str = "ledger.json";
/// The format of the file. It is raised when a member changes its meaning.
const FORMAT: u32 = 1;
/// Far more than a record of fifty tags and twenty tables needs; the rest is for segments that were imported in place.
const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// The contents of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RecordFile {
    format: u32,
    name: String,
    strand_id: String,
    created: DateTime<Utc>,
    permissions_mode: String,
    deletion_protection: bool,
    kms_key: Option<String>,
    tags: BTreeMap<String, String>,
    /// Name to id.
    tables: BTreeMap<String, String>,
    /// The number of changes of the ledger, as in the catalog.
    changes: u64,
    last_block: Option<LastBlock>,
    /// The segments that are stored elsewhere, because they were imported in place.
    in_place: Vec<Elsewhere>,
}

/// The journal's last block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LastBlock {
    sequence_no: u64,
    block_hash: String,
}

/// A segment that is not a file of the data directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", untagged)]
enum Elsewhere {
    File { path: PathBuf },
    Object { endpoint: String, bucket: String, key: String, etag: String, bytes: u64 },
}

/// What a record says about a ledger.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) ledger: Ledger,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) tables: BTreeMap<String, String>,
    pub(super) changes: u64,
    /// The number and the hash of the journal's last block.
    pub(super) last_block: Option<(u64, Hash)>,
    pub(super) in_place: Vec<SegmentAt>,
}

impl Record {
    /// Reads the record in a journal's folder; `None` if there is no file, or none that this program wrote.
    pub(super) fn read(folder: &Path, strand: &UniqueId) -> io::Result<Option<Self>> {
        let path = folder.join(FILE_NAME);
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_file() && metadata.len() <= MOST_BYTES => {}
            Ok(_) => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        }
        let written = serde_json::from_slice::<RecordFile>(&fs::read(&path)?).ok();
        let record = written.filter(|written| written.format == FORMAT).and_then(RecordFile::meant);
        Ok(record.filter(|record| record.ledger.strand_id == *strand))
    }
}

impl RecordFile {
    /// What the catalog says about a ledger.
    fn of(catalog: &Connection, ledger: &Ledger) -> Result<Self, DbError> {
        let strand = &ledger.strand_id;
        let all = segments::all(catalog, strand)?;
        Ok(Self {
            format: FORMAT,
            name: ledger.name.to_string(),
            strand_id: strand.to_string(),
            created: ledger.created,
            permissions_mode: ledger.permissions_mode.as_str().to_owned(),
            deletion_protection: ledger.deletion_protection,
            kms_key: ledger.kms_key.clone(),
            tags: rows::tags(catalog, strand)?,
            tables: rows::tables(catalog, strand)?,
            changes: rows::changes(catalog, strand)?,
            last_block: all.last().map(LastBlock::of),
            in_place: all.iter().filter_map(|segment| Elsewhere::of(&segment.place)).collect(),
        })
    }

    fn meant(self) -> Option<Record> {
        let last_block = match self.last_block {
            Some(block) => Some((block.sequence_no, Hash::from_base64(&block.block_hash)?)),
            None => None,
        };
        Some(Record {
            ledger: Ledger {
                name: LedgerName::parse(&self.name).ok()?,
                state: LedgerState::Active,
                created: self.created,
                permissions_mode: PermissionsMode::parse(&self.permissions_mode)?,
                deletion_protection: self.deletion_protection,
                kms_key: self.kms_key,
                strand_id: UniqueId::parse(&self.strand_id).ok()?,
            },
            tags: self.tags,
            tables: self.tables,
            changes: self.changes,
            last_block,
            in_place: self.in_place.into_iter().map(Elsewhere::place).collect::<Option<_>>()?,
        })
    }
}

impl LastBlock {
    fn of(segment: &Segment) -> Self {
        Self { sequence_no: segment.last, block_hash: segment.last_block_hash.to_base64() }
    }
}

impl Elsewhere {
    fn of(place: &SegmentAt) -> Option<Self> {
        match place {
            SegmentAt::File(path) => path.is_absolute().then(|| Self::File { path: path.clone() }),
            SegmentAt::Object(object) => Some(Self::Object {
                endpoint: object.endpoint.clone(),
                bucket: object.bucket.to_string(),
                key: object.key.to_string(),
                etag: object.tag.clone(),
                bytes: object.size,
            }),
        }
    }

    fn place(self) -> Option<SegmentAt> {
        Some(match self {
            Self::File { path } => SegmentAt::File(path),
            Self::Object { endpoint, bucket, key, etag, bytes } => SegmentAt::Object(S3Object {
                endpoint,
                bucket: BucketName::parse(&bucket).ok()?,
                key: ObjectKey::parse(key).ok()?,
                tag: etag,
                size: bytes,
            }),
        })
    }
}

impl Core {
    /// Writes the record of a ledger that was changed. The change is made, and stays: if the record can't be written
    /// now, it is written at the next open.
    pub(super) fn keep_record(&self, strand: &UniqueId) {
        if let Err(error) = write(&self.data_dir, &self.catalog, &self.records, strand) {
            tracing::warn!(%strand, %error, "the record beside the journal could not be written; the next start does it");
        }
    }
}

/// Writes the record of a ledger from the catalog. `alone` is held from reading to writing, so that the last record
/// written is the newest.
pub(super) fn write(
    data_dir: &Path,
    catalog: &Catalog,
    alone: &Mutex<()>,
    strand: &UniqueId,
) -> Result<(), ServiceError> {
    let _alone = alone.lock().unwrap_or_else(PoisonError::into_inner);
    let written = catalog.read(|catalog| match rows::of_strand(catalog, strand)? {
        Some(ledger) if ledger.state == LedgerState::Active => RecordFile::of(catalog, &ledger).map(Some),
        _ => Ok(None),
    })?;
    let Some(written) = written else { return Ok(()) };
    let mut text = serde_json::to_vec_pretty(&written).map_err(ServiceError::internal)?;
    text.push(b'\n');
    let path = Path::new(JOURNALS).join(strand.as_str()).join(FILE_NAME);
    let written = new_file(data_dir, &path).and_then(|mut file| {
        file.write_all(&text)?;
        file.commit()
    });
    written.map_err(ServiceError::internal)
}
