//! An engine over its own data directory, with a clock that a test sets.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use qldb_endpoint::engine::{
    AppendOptions, Config, Engine, Export, ExportStatus, JournalFacts, NewLedger, OpenError, PageRequest,
    PermissionsMode, SampleSpec,
};
use qldb_endpoint::store::{ObjectStore, S3Options};
use qldb_journal::request::{
    BucketName, Encryption, ExportRequest, LedgerName, OutputFormat, Prefix, RoleArn, TimeRange, UniqueId,
};
use tempfile::TempDir;

pub(crate) fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn ledger(name: &str) -> LedgerName {
    LedgerName::parse(name).unwrap()
}

pub(crate) fn bucket() -> BucketName {
    BucketName::parse("exports").unwrap()
}

pub(crate) fn new_ledger(name: &str) -> NewLedger {
    NewLedger {
        name: ledger(name),
        permissions_mode: PermissionsMode::Standard,
        deletion_protection: false,
        kms_key: None,
        tags: BTreeMap::new(),
    }
}

pub(crate) fn page(max_results: Option<u32>, next_token: Option<String>) -> PageRequest {
    PageRequest { max_results, next_token }
}

/// A data directory and a clock, over which engines are opened and closed.
pub(crate) struct Site {
    directory: TempDir,
    now: Arc<Mutex<DateTime<Utc>>>,
}

impl Site {
    /// An empty directory, at a quarter past twelve.
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), now: Arc::new(Mutex::new(time("2024-03-31T12:15:00Z"))) }
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap()
    }

    pub(crate) fn pass(&self, length: TimeDelta) {
        *self.now.lock().unwrap() += length;
    }

    /// The configuration of an engine that reads objects in place with these options.
    pub(crate) fn config(&self, s3: S3Options) -> Config {
        let now = Arc::clone(&self.now);
        Config { data_dir: self.data_dir(), clock: Arc::new(move || *now.lock().unwrap()), s3 }
    }

    pub(crate) fn try_open(&self) -> Result<Arc<Engine>, OpenError> {
        Engine::open(self.config(S3Options::default()))
    }

    pub(crate) fn open(&self) -> Arc<Engine> {
        self.try_open().unwrap()
    }

    /// An engine whose exports go to another store.
    pub(crate) fn open_on(&self, store: Arc<dyn ObjectStore>) -> Arc<Engine> {
        Engine::open_on(self.config(S3Options::default()), store).unwrap()
    }

    pub(crate) fn catalog(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.data_dir().join("catalog.db")).unwrap()
    }

    /// An export of the last `days` days in the default format, without a prefix.
    pub(crate) fn request(&self, name: &str, days: i64) -> ExportRequest {
        ExportRequest {
            ledger: ledger(name),
            range: TimeRange::new(self.now() - TimeDelta::days(days), self.now(), self.now()).unwrap(),
            bucket: bucket(),
            prefix: Prefix::default(),
            encryption: Encryption::NoEncryption,
            role_arn: RoleArn::parse("arn:aws:iam::123456789012:role/export").unwrap(),
            format: None,
        }
    }

    /// The objects of the bucket: key to bytes.
    pub(crate) fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        let root = self.data_dir().join("buckets/exports");
        files(&root).into_iter().map(|path| (key(&root, &path), std::fs::read(&path).unwrap())).collect()
    }

    /// The segments of all journals, in order of their first block.
    pub(crate) fn segments(&self) -> Vec<PathBuf> {
        segments(&self.data_dir())
    }

    /// Every incomplete file.
    pub(crate) fn unfinished(&self) -> Vec<PathBuf> {
        let part = |path: &PathBuf| path.components().any(|part| part.as_os_str() == ".qldb-export-unfinished");
        files(&self.data_dir()).into_iter().filter(part).collect()
    }
}

fn key(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap().to_str().unwrap().to_owned()
}

/// The segments of all journals of a data directory, in order of their first block. The record of a ledger is not a
/// segment.
pub(crate) fn segments(data_dir: &Path) -> Vec<PathBuf> {
    let mut found = files(&data_dir.join("journals"));
    found.retain(|path| path.extension().is_some_and(|extension| extension == "ion"));
    found.sort_by_key(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.split('-').next().unwrap().parse::<u64>().unwrap()
    });
    found
}

/// All files under a directory.
pub(crate) fn files(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    entries
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect()
}

/// Makes the segments small: several objects without megabytes of blocks. 47 blocks in 4 segments.
pub(crate) fn several_segments(engine: &Engine, site: &Site) {
    sample(engine, "L1", 40);
    for number in 0..3 {
        site.pass(TimeDelta::days(1));
        let documents = format!("{{n:{number}}}\n{{n:{number}}}");
        let options = AppendOptions { batch: 1, committed: false };
        engine.append(&ledger("L1"), "Added", documents.as_bytes(), options).unwrap();
    }
    site.pass(TimeDelta::milliseconds(1));
}

pub(crate) fn sample(engine: &Engine, name: &str, transactions: u64) -> JournalFacts {
    engine.make_sample(&SampleSpec { name: ledger(name), transactions, days: 30, seed: 7 }).unwrap()
}

/// Starts an export and waits for its end.
pub(crate) fn export(engine: &Engine, request: &ExportRequest) -> Export {
    let id = engine.start_export(request.clone()).unwrap();
    engine.wait_idle();
    engine.describe_export(&request.ledger, &id).unwrap()
}

pub(crate) fn completed(engine: &Engine, request: &ExportRequest) -> Export {
    let export = export(engine, request);
    assert_eq!(export.status, ExportStatus::Completed, "{:?}", export.progress.reason);
    export
}

pub(crate) fn with_format(request: &ExportRequest, format: OutputFormat) -> ExportRequest {
    ExportRequest { format: Some(format), ..request.clone() }
}

pub(crate) fn id(text: &str) -> UniqueId {
    UniqueId::parse(text).unwrap()
}
