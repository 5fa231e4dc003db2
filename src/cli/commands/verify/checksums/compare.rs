//! Compares a receipt with S3's checksums of the objects: how many are the same, and each one that
//! differs.

use std::collections::HashMap;

use super::rows::Row;
use crate::cli::commands::verify::batch::Placed;
use qldb_journal::archive::Kind;
use qldb_journal::archive::verify::Status;

/// The result.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    pub(super) differences: Vec<Difference>,
    pub(super) same: u64,
    /// Rows about objects outside this archive.
    pub(super) elsewhere: u64,
    /// Whether S3 confirms, for every file, the version that the receipt names.
    pub(super) has_versions: bool,
}

/// Something that differs from the receipt, or that S3 does not report.
#[derive(Debug)]
pub(super) struct Difference {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) version: Option<String>,
    pub(super) what: What,
}

/// The kind of difference.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum What {
    /// It has another SHA-256 than in the receipt.
    Other { in_receipt: String, found: String },
    /// It is in no report.
    Missing,
    /// The receipt has no SHA-256 for it.
    Unhashed,
    /// S3 gives no SHA-256 for it.
    NoSum(String),
    /// Besides the matching version, S3 has this other one, which differs.
    OtherVersion,
    /// It is not in the receipt.
    Extra,
}

impl What {
    /// The same weight as for `--receipt-check` of an archive that is read.
    pub(super) fn weight(&self) -> Status {
        match self {
            Self::Other { .. } => Status::Damaged,
            Self::Missing => Status::Incomplete,
            Self::Unhashed | Self::NoSum(_) | Self::OtherVersion | Self::Extra => Status::Unproved,
        }
    }

    /// One word, for programs.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Other { .. } => "sha256",
            Self::Missing => "missing",
            Self::Unhashed => "unhashed",
            Self::NoSum(_) => "noSha256",
            Self::OtherVersion => "otherVersion",
            Self::Extra => "extra",
        }
    }
}

/// The files of a receipt, and the rows about each.
pub(super) struct ReceiptFiles<'r> {
    files: Vec<(Placed<'r>, Vec<Row>)>,
    by_key: HashMap<(String, String), usize>,
    folders: Vec<(String, String)>,
    extra: Vec<(String, Row)>,
    elsewhere: u64,
}

impl<'r> ReceiptFiles<'r> {
    /// The files, and the buckets and prefixes that hold the archive.
    pub(super) fn new(files: Vec<Placed<'r>>, folders: Vec<(String, String)>) -> Self {
        let keys = files.iter().enumerate().map(|(index, file)| ((file.bucket.clone(), file.key.clone()), index));
        let by_key = keys.collect();
        let files = files.into_iter().map(|file| (file, Vec::new())).collect();
        Self { files, by_key, folders, extra: Vec::new(), elsewhere: 0 }
    }

    /// Assigns a row to its file.
    pub(super) fn take(&mut self, row: Row) {
        let found = row.keys.iter().find_map(|key| self.by_key.get(&(row.bucket.clone(), key.clone())).copied());
        if let Some((_, rows)) = found.and_then(|index| self.files.get_mut(index)) {
            // Two reports may have the same row.
            if !rows.contains(&row) {
                rows.push(row);
            }
            return;
        }
        let is_ours = |key: &String| {
            let lies = |(bucket, prefix): &(String, String)| *bucket == row.bucket && key.starts_with(prefix.as_str());
            (Kind::of(key).is_some() || Kind::is_lookalike(key)) && self.folders.iter().any(lies)
        };
        match row.keys.iter().find(|key| is_ours(key)).cloned() {
            Some(key) => self.extra.push((key, row)),
            None => self.elsewhere += 1,
        }
    }

    /// What is the same, and what differs.
    pub(super) fn compared(self) -> Comparison {
        let has_versions = !self.files.is_empty() && self.files.iter().all(|(file, rows)| is_of_version(file, rows));
        let mut comparison = Comparison { elsewhere: self.elsewhere, has_versions, ..Comparison::default() };
        for (file, rows) in self.files {
            let differences = differing(&file, &rows);
            let is_same = differences.iter().all(|(_, what)| *what == What::OtherVersion);
            comparison.same += u64::from(is_same);
            comparison.differences.extend(differences.into_iter().map(|(version, what)| {
                let (bucket, key) = (file.bucket.clone(), file.key.clone());
                Difference { bucket, key, version, what }
            }));
        }
        comparison.differences.extend(self.extra.into_iter().map(|(key, row)| Difference {
            bucket: row.bucket,
            key,
            version: row.version,
            what: What::Extra,
        }));
        comparison
    }
}

/// Whether all rows for a file are about the version that was read for the receipt.
fn is_of_version(file: &Placed<'_>, rows: &[Row]) -> bool {
    file.version.is_some() && !rows.is_empty() && rows.iter().all(|row| row.version.as_deref() == file.version)
}

/// How a file differs, by version.
fn differing(file: &Placed<'_>, rows: &[Row]) -> Vec<(Option<String>, What)> {
    let Some(wanted) = file.file["sha256"].as_str() else { return vec![(None, What::Unhashed)] };
    if rows.is_empty() {
        return vec![(None, What::Missing)];
    }
    let is_wanted = |row: &&Row| row.sha256.as_ref().is_ok_and(|hash| hash.to_hex() == wanted);
    let same: Vec<&Row> = rows.iter().filter(is_wanted).collect();
    let mut differences = Vec::new();
    for row in rows.iter().filter(|row| !is_wanted(row)) {
        let is_named = file.version.is_some() && row.version.as_deref() == file.version;
        let is_another_version = !is_named && !same.is_empty() && same.iter().all(|one| one.version != row.version);
        let what = match &row.sha256 {
            _ if is_another_version => What::OtherVersion,
            Ok(hash) => What::Other { in_receipt: wanted.to_owned(), found: hash.to_hex() },
            Err(why) => What::NoSum(why.clone()),
        };
        differences.push((row.version.clone(), what));
    }
    differences
}
