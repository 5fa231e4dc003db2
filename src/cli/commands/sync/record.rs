//! What the runs of a ledger and destination record for later runs, in the data directory.
//!
//! The record is not in `locks/`, which anybody may empty, and not at the destination, where the
//! user may have only read access. It is written as a whole or not at all. Losing it loses no
//! findings: whatever is not recorded as proved is proved again, and if nothing shows what was
//! exported, a run asks.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::archived::ArchivedExports;
use super::lock;
use crate::cli::error::CliError;
use crate::client::sync::Noted;
use qldb_endpoint::store::file::{self, NewFile};
use qldb_journal::archive::verify::Status;
use qldb_journal::request::{ExportRequest, TimeRange};

/// The folder of the records in the data directory.
const RECORDS: &str = "sync";
const FILE: &str = "record.json";
/// The format of the file; a file of another format is refused.
const FORMAT: u32 = 1;

/// The record of a ledger and a destination.
#[derive(Debug, Clone)]
pub(super) struct Record {
    folder: PathBuf,
    pub(super) content: Content,
}

/// What the file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Content {
    format: u32,
    ledger: String,
    bucket: String,
    prefix: String,
    /// Exported ranges, in order, with adjacent ones joined.
    exported: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    /// Exports whose ranges once were in the future.
    early: BTreeSet<String>,
    /// Exports that are complete but were not found where they should be proved.
    pub(super) awaited: BTreeSet<String>,
    /// How much is proved.
    proved: Option<ProvedExports>,
    /// When a verification last reached a verdict: proved, or the one in `failed`.
    verified: Option<DateTime<Utc>>,
    /// Set if the archive did not verify.
    pub(super) failed: Option<FailedVerification>,
}

/// The exports that are proved: the first ones of the archive, by their number and a hash over their ids and the names
/// and sizes of their objects. An archive with other exports there, or one that lost something, is proved again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ProvedExports {
    exports: usize,
    ids: String,
}

/// An archive that does not verify.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FailedVerification {
    pub(super) since: DateTime<Utc>,
    verdict: String,
    /// Its location, as `verify` takes it.
    pub(super) archive: String,
}

impl FailedVerification {
    /// The last verdict.
    pub(super) fn verdict(&self) -> Status {
        let all = [Status::Unproved, Status::Incomplete, Status::Damaged];
        all.into_iter().find(|status| status.as_str() == self.verdict).unwrap_or(Status::Damaged)
    }
}

/// What is known about the proof of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    /// The last verdict; `None` if there was no verification.
    pub(super) verdict: Option<Status>,
    /// When that was.
    pub(super) at: Option<DateTime<Utc>>,
    /// Since when the archive has failed to verify.
    pub(super) since: Option<DateTime<Utc>>,
    /// How many exports no verification has proved; `None` if the archive can't be read.
    pub(super) unproved: Option<usize>,
}

impl Record {
    /// Reads the record, whose lock must be held, and removes what an interrupted write left beside it.
    pub(super) fn load(data_dir: &Path, request: &ExportRequest) -> Result<Self, CliError> {
        let record = Self::read(data_dir, request)?;
        let failed = |source| CliError::File { path: record.path(), source };
        file::sweep(&record.folder).map_err(failed)?;
        Ok(record)
    }

    /// Reads the record, and changes nothing.
    pub(super) fn read(data_dir: &Path, request: &ExportRequest) -> Result<Self, CliError> {
        let folder = data_dir.join(RECORDS).join(lock::name(request));
        let path = folder.join(FILE);
        let failed = |source| CliError::File { path: path.clone(), source };
        let content = match std::fs::read(&path) {
            Ok(bytes) => read(&bytes, request).map_err(failed)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Content {
                format: FORMAT,
                ledger: request.ledger.to_string(),
                bucket: request.bucket.to_string(),
                prefix: request.prefix.to_string(),
                ..Content::default()
            },
            Err(error) => return Err(failed(error)),
        };
        Ok(Self { folder, content })
    }

    /// The file.
    pub(super) fn path(&self) -> PathBuf {
        self.folder.join(FILE)
    }

    /// Whether no run has recorded anything yet.
    pub(super) fn is_new(&self) -> bool {
        let Content { exported, early, awaited, proved, failed, .. } = &self.content;
        exported.is_empty() && early.is_empty() && awaited.is_empty() && proved.is_none() && failed.is_none()
    }

    /// What it says about exports.
    pub(super) fn noted(&self) -> Noted {
        let exported = self.content.exported.iter().map(|(start, end)| TimeRange::accepted(*start, *end));
        Noted { exported: exported.collect(), early: self.content.early.clone() }
    }

    /// Records what is exported, in addition to the earlier ranges, and what only seems to be.
    pub(super) fn note(&mut self, exported: &[TimeRange], early: BTreeSet<String>) {
        let new = exported.iter().map(|range| (range.start(), range.end()));
        self.content.exported.extend(new);
        self.content.exported.sort_unstable();
        self.content.exported.dedup_by(|next, one| {
            let joins = next.0 <= one.1;
            if joins {
                one.1 = one.1.max(next.1);
            }
            joins
        });
        self.content.early.extend(early);
    }

    /// How many of the archive's first exports are proved.
    pub(super) fn proved(&self, archived: &ArchivedExports<'_>) -> usize {
        let Some(ProvedExports { exports, ids }) = &self.content.proved else { return 0 };
        let as_then = archived.fingerprint(*exports).as_ref() == Some(ids);
        // Once it failed to verify, it has to verify as a whole, even if something was removed from it.
        let nothing_new = *exports == archived.count() && self.content.failed.is_some();
        if as_then && !nothing_new { *exports } else { 0 }
    }

    /// What is currently known about the proof of the archive.
    pub(super) fn standing(&self, archived: Option<&ArchivedExports<'_>>) -> Standing {
        let Content { verified, failed, .. } = &self.content;
        Standing {
            verdict: failed.as_ref().map(FailedVerification::verdict).or(verified.map(|_| Status::Proved)),
            at: *verified,
            since: failed.as_ref().map(|failed| failed.since),
            unproved: archived.map(|archived| archived.count() - self.proved(archived)),
        }
    }

    /// Records that every export of the archive is proved.
    pub(super) fn prove(&mut self, archived: &ArchivedExports<'_>) {
        let exports = archived.count();
        self.content.proved = archived.fingerprint(exports).map(|ids| ProvedExports { exports, ids });
        self.content.failed = None;
    }

    /// Records that a verification reached a verdict.
    pub(super) fn verify(&mut self, now: DateTime<Utc>) {
        self.content.verified = Some(now);
    }

    /// Records that the archive does not verify.
    pub(super) fn fail(&mut self, verdict: Status, archive: String, now: DateTime<Utc>) {
        let since = self.content.failed.as_ref().map_or(now, |failed| failed.since);
        self.content.failed = Some(FailedVerification { since, verdict: verdict.as_str().to_owned(), archive });
    }

    /// Writes the record, as a whole or not at all.
    pub(super) fn save(&self) -> Result<(), CliError> {
        let path = self.path();
        let write = || {
            let mut new = NewFile::create(&self.folder, path.clone())?;
            serde_json::to_writer_pretty(&mut new, &self.content)?;
            new.write_all(b"\n")?;
            new.commit()?;
            file::sweep(&self.folder)
        };
        write().map_err(|source| CliError::File { path: path.clone(), source })
    }
}

fn read(bytes: &[u8], request: &ExportRequest) -> io::Result<Content> {
    let refused = |reason: String| {
        let remedy = "move it away, and give --archive and --verify, which prove everything again, or --from";
        io::Error::new(io::ErrorKind::InvalidData, format!("is not a record of a sync ({reason}): {remedy}"))
    };
    let content: Content = serde_json::from_slice(bytes).map_err(|error| refused(error.to_string()))?;
    let format = content.format;
    if format != FORMAT {
        return Err(refused(format!("its format is {format}")));
    }
    let of = [&content.ledger, &content.bucket, &content.prefix].map(String::as_str);
    if of != [request.ledger.as_str(), request.bucket.as_str(), request.prefix.as_str()] {
        return Err(refused("it is of another ledger or destination".to_owned()));
    }
    if content.exported.iter().any(|(start, end)| start >= end) {
        return Err(refused("it names a range that ends before it begins".to_owned()));
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use qldb_journal::request::{BucketName, Encryption, LedgerName, Prefix, RoleArn};

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(hour * 3600, 0).unwrap()
    }

    fn request() -> ExportRequest {
        ExportRequest {
            ledger: LedgerName::parse("vehicles").unwrap(),
            range: TimeRange::accepted(at(0), at(1)),
            bucket: BucketName::parse("exports").unwrap(),
            prefix: Prefix::parse("nightly/").unwrap(),
            encryption: Encryption::NoEncryption,
            role_arn: RoleArn::parse("arn:aws:iam::123456789012:role/export").unwrap(),
            format: None,
        }
    }

    #[test]
    fn a_record_is_read_back_and_adjacent_ranges_are_joined() {
        let directory = tempfile::tempdir().unwrap();
        let mut record = Record::load(directory.path(), &request()).unwrap();
        assert_eq!(record.noted(), Noted::default());
        let range = |start, end| TimeRange::accepted(at(start), at(end));
        record.note(&[range(4, 5), range(1, 2), range(2, 3), range(1, 2)], BTreeSet::from(["a".to_owned()]));
        record.note(&[range(5, 9), range(6, 7)], BTreeSet::new());
        record.fail(Status::Incomplete, "here".to_owned(), at(3));
        record.fail(Status::Damaged, "here".to_owned(), at(4));
        record.save().unwrap();
        let again = Record::load(directory.path(), &request()).unwrap();
        assert_eq!(again.content, record.content);
        let noted = Noted { exported: vec![range(1, 3), range(4, 9)], early: BTreeSet::from(["a".to_owned()]) };
        assert_eq!(again.noted(), noted);
        let failed = again.content.failed.unwrap();
        assert_eq!((failed.since, failed.verdict()), (at(3), Status::Damaged));
        let files = std::fs::read_dir(&record.folder).unwrap().count();
        assert_eq!(files, 1, "nothing unfinished stays");
    }

    #[test]
    fn an_invalid_record_is_refused_with_what_to_do() {
        let directory = tempfile::tempdir().unwrap();
        let record = Record::load(directory.path(), &request()).unwrap();
        record.save().unwrap();
        let path = record.folder.join(FILE);
        let text = std::fs::read_to_string(&path).unwrap();
        for broken in ["", "{}", &text.replace("\"format\": 1", "\"format\": 2"), &text[..text.len() / 2]] {
            std::fs::write(&path, broken).unwrap();
            let error = Record::load(directory.path(), &request()).unwrap_err().to_string();
            assert!(error.contains("is not a record of a sync") && error.contains("move it away"), "{error}");
        }
    }
}
