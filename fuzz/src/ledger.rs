//! Documents appended to a ledger in a data directory of its own, and their exports.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use qldb_endpoint::engine::{AppendOptions, Config, Engine, ExportStatus, NewLedger, PermissionsMode, SampleSpec};
use qldb_endpoint::store::S3Options;
use qldb_journal::archive::source::{Folder, Source};
use qldb_journal::archive::verify::{Report, Request, Status, verify};
use qldb_journal::request::{
    BucketName, Encryption, ExportRequest, LedgerName, OutputFormat, Prefix, RoleArn, TimeRange,
};
use tempfile::TempDir;

use super::Target;

pub(crate) const FORMATS: [OutputFormat; 3] = [OutputFormat::IonText, OutputFormat::IonBinary, OutputFormat::Json];

fn name() -> LedgerName {
    LedgerName::parse("fuzz").unwrap()
}

/// A fixed time, for an archive that is the same in every run.
pub(crate) fn then() -> DateTime<Utc> {
    DateTime::from_timestamp(1_711_887_300, 0).unwrap()
}

/// The report on a folder.
pub(crate) fn verified(folder: &Path) -> Result<Report, String> {
    let sources: Vec<Box<dyn Source>> = vec![Box::new(Folder::new(folder))];
    verify(&Request::new(&sources).jobs(1)).map_err(|error| error.to_string())
}

pub(crate) fn engine(directory: &Path, now: fn() -> DateTime<Utc>) -> Arc<Engine> {
    let config = Config { data_dir: directory.join("data"), clock: Arc::new(now), s3: S3Options::default() };
    Engine::open(config).unwrap()
}

pub(crate) fn sample(engine: &Engine, transactions: u64) {
    engine.make_sample(&SampleSpec { name: name(), transactions, days: 30, seed: 7 }).unwrap();
}

/// Exports everything, and returns the folder of the export.
pub(crate) fn export(engine: &Engine, format: OutputFormat) -> PathBuf {
    let bucket = BucketName::parse(&format!("exports-{format:?}").to_lowercase()).unwrap();
    let now = engine.now();
    let request = ExportRequest {
        ledger: name(),
        range: TimeRange::new(now - TimeDelta::days(60), now, now).unwrap(),
        bucket: bucket.clone(),
        prefix: Prefix::default(),
        encryption: Encryption::NoEncryption,
        role_arn: RoleArn::parse("arn:aws:iam::123456789012:role/export").unwrap(),
        format: Some(format),
    };
    let id = engine.start_export(request).unwrap();
    engine.wait_idle();
    let export = engine.describe_export(&name(), &id).unwrap();
    assert_eq!(export.status, ExportStatus::Completed, "{:?}", export.progress.reason);
    engine.bucket_dir(&bucket)
}

/// All files under a directory, in order.
pub(crate) fn files(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Documents to append: those that are accepted can be exported and proved.
pub(crate) struct Append {
    directory: TempDir,
    engine: Arc<Engine>,
    /// How many inputs were accepted since the last export.
    accepted: usize,
}

/// After so many accepted inputs, everything is exported and proved.
const EXPORT_AFTER: usize = 400;

impl Append {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let engine = engine(directory.path(), qldb_journal::request::time::now);
        let ledger = NewLedger {
            name: name(),
            permissions_mode: PermissionsMode::Standard,
            deletion_protection: false,
            kms_key: None,
            tags: BTreeMap::new(),
        };
        engine.create_ledger(ledger).unwrap();
        Self { directory, engine, accepted: 0 }
    }

    /// Exports everything and proves it.
    fn prove(&mut self) -> Result<(), String> {
        self.accepted = 0;
        assert!(self.directory.path().is_dir());
        for format in [OutputFormat::IonText, OutputFormat::IonBinary] {
            let folder = export(&self.engine, format);
            let report = verified(&folder)?;
            std::fs::remove_dir_all(&folder).unwrap();
            if report.verdict != Status::Proved {
                return Err(format!(
                    "an export of accepted documents is not proved: {:?} {:?}",
                    report.verdict, report.breaks
                ));
            }
        }
        Ok(())
    }
}

impl Target for Append {
    fn check(&mut self, input: &[u8]) -> Result<(), String> {
        for committed in [false, true] {
            let options = AppendOptions { committed, ..AppendOptions::default() };
            let is_accepted = self.engine.append(&name(), "Things", input, options).is_ok();
            self.accepted += usize::from(is_accepted);
        }
        // Whatever the input was, the journal still accepts others.
        let next = self.engine.append(&name(), "Others", b"{a:1}".as_slice(), AppendOptions::default());
        next.map_err(|error| format!("nothing can be appended any more: {error}"))?;
        if self.accepted >= EXPORT_AFTER { self.prove() } else { Ok(()) }
    }

    fn finish(&mut self) -> Result<(), String> {
        self.prove()
    }
}
