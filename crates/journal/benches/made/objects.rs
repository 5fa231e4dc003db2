//! An archive of many small objects, which lie in one file and whose listing is made up. For the
//! benches and tests that count what each object costs.

use std::fs::{self, File};
use std::io::{self, BufWriter, Cursor, Read, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use qldb_journal::Hash;
use qldb_journal::archive::source::{Found, Source, SourceError};
use qldb_journal::internal::{Change, NewBlock, Statement};
use qldb_journal::ion::RawValue;

const STRAND: &str = "6BpvY66W8XW94nBQAC0kRi";
/// How many objects an export has.
const EXPORT: u64 = 10_000;

/// Objects of one block each, one behind the other in a file, and the manifests that list them.
pub(crate) struct Objects {
    data: File,
    /// Where each begins, and the last ends.
    offsets: Vec<u64>,
}

fn time(number: u64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000 + i64::try_from(number).unwrap(), 0).unwrap()
}

fn id(text: &str, number: u64) -> String {
    format!("{text}{number:0>width$}", width = 22 - text.len())
}

impl Objects {
    /// Writes the objects into a folder.
    pub(crate) fn write(folder: &Path, objects: u64) {
        let mut data = BufWriter::new(File::create(folder.join("data")).unwrap());
        let mut offsets = BufWriter::new(File::create(folder.join("offsets")).unwrap());
        let (mut previous, mut at): (Option<Hash>, u64) = (None, 0);
        for number in 0..objects {
            offsets.write_all(&at.to_le_bytes()).unwrap();
            let change = Change {
                table_name: "Vehicle".to_owned(),
                table_id: id("T", 1),
                document_id: id("d", number),
                version: 0,
                data: Some(RawValue::from_text("{VIN:\"1\"}")),
                statement: 0,
            };
            let block = NewBlock {
                strand_id: STRAND.to_owned(),
                sequence_no: number,
                previous_block_hash: previous,
                transaction_id: id("x", number),
                timestamp: time(number),
                transaction_time: time(number) - TimeDelta::milliseconds(5),
                statements: vec![Statement { text: "INSERT INTO Vehicle ?".to_owned(), start_time: time(number) }],
                changes: vec![change],
            };
            let mut bytes = Vec::new();
            previous = Some(block.encode(&mut bytes).unwrap().block_hash);
            data.write_all(&bytes).unwrap();
            at += bytes.len() as u64;
        }
        offsets.write_all(&at.to_le_bytes()).unwrap();
        data.flush().unwrap();
        offsets.flush().unwrap();
    }

    /// Opens what was written there.
    pub(crate) fn open(folder: &Path) -> Self {
        let offsets = fs::read(folder.join("offsets")).unwrap();
        let offsets = offsets.chunks(8).map(|bytes| u64::from_le_bytes(bytes.try_into().unwrap())).collect();
        Self { data: File::open(folder.join("data")).unwrap(), offsets }
    }

    /// How many there are, without the manifests.
    pub(crate) fn count(&self) -> u64 {
        self.offsets.len() as u64 - 1
    }

    fn key(number: u64) -> String {
        let hour = time(number / EXPORT * EXPORT).format("%Y/%m/%d/%H");
        format!("journal-exports/{}/{hour}/{STRAND}.{number}-{number}.ion", number / EXPORT)
    }

    /// The manifests of an export, with their keys.
    fn manifests(&self, export: u64) -> [(String, String); 2] {
        let (first, end) = (export * EXPORT, ((export + 1) * EXPORT).min(self.count()));
        let (id, prefix) = (id("E", export), format!("journal-exports/{export}/"));
        let at = |number| time(number).format("%Y-%m-%dT%H:%M:%SZ");
        let started = format!(
            "{{ledgerName:\"bench\",exportId:\"{id}\",inclusiveStartTime:{},exclusiveEndTime:{},bucket:\"b\",prefix:\"\
             {prefix}\",objectEncryptionType:\"NO_ENCRYPTION\",outputFormat:\"ION_TEXT\"}}",
            at(first),
            at(end)
        );
        let keys: Vec<String> = (first..end).map(|number| format!("\"{}\"", Self::key(number))).collect();
        [
            (format!("{prefix}{id}.started.manifest"), started),
            (format!("{prefix}{id}.{STRAND}.completed.manifest"), format!("{{keys:[{}]}}", keys.join(","))),
        ]
    }

    /// How many files there are: the objects, and then the manifests.
    pub(crate) fn files(&self) -> u64 {
        self.count() + 2 * self.count().div_ceil(EXPORT)
    }

    /// The key and the size of a file.
    pub(crate) fn file(&self, number: u64) -> (String, u64) {
        let Some(manifest) = number.checked_sub(self.count()) else {
            let offset = |number: u64| self.offsets[usize::try_from(number).unwrap()];
            return (Self::key(number), offset(number + 1) - offset(number));
        };
        let [started, completed] = self.manifests(manifest / 2);
        let (key, text) = if manifest.is_multiple_of(2) { started } else { completed };
        (key, text.len() as u64)
    }

    /// The bytes of a file.
    pub(crate) fn content(&self, key: &str) -> Vec<u8> {
        if key.ends_with(".manifest") {
            let export = key.split('/').nth(1).unwrap().parse().unwrap();
            return self.manifests(export).into_iter().find(|(name, _)| name == key).unwrap().1.into_bytes();
        }
        let number: usize = key.rsplit_once('-').unwrap().1.trim_end_matches(".ion").parse().unwrap();
        let mut bytes = vec![0; usize::try_from(self.offsets[number + 1] - self.offsets[number]).unwrap()];
        let read: io::Result<()> = self.data.read_exact_at(&mut bytes, self.offsets[number]);
        read.unwrap();
        bytes
    }
}

impl Source for Objects {
    fn name(&self) -> String {
        "s3://bench".to_owned()
    }

    fn list(&self) -> Result<Vec<Found>, SourceError> {
        // Each key with exactly its length in bytes, as from other sources: what is assembled piece by piece takes more
        // memory.
        let found = |(key, size): (String, u64)| Found { key: key.as_str().to_owned(), size, changed: 1 };
        let mut listed: Vec<Found> = (0..self.files()).map(|number| found(self.file(number))).collect();
        listed.sort_by(|one, other| one.key.cmp(&other.key));
        Ok(listed)
    }

    fn open(&self, key: &str) -> Result<Box<dyn Read + Send>, SourceError> {
        Ok(Box::new(Cursor::new(self.content(key))))
    }

    fn path(&self, _key: &str) -> Option<PathBuf> {
        None
    }
}
