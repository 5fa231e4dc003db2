//! How the time and the memory of a divided verification follow from the number
//! of objects: an archive of many small ones, which lie in one file and whose
//! listing is made up, is planned, read in parts, and joined, each in a process of
//! its own. Prints one JSON object for each number; `benches/run parts` shows them.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, missing_docs)]

use std::fs::{self, File};
use std::io::{self, BufWriter, Cursor, Read, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use qldb_journal::Hash;
use qldb_journal::archive::source::{Found, Source, SourceError};
use qldb_journal::archive::verify::{Joined, Levels, Part, Request, Resume, ResumeAsked, Status, verify, verify_part};
use qldb_journal::internal::{Change, NewBlock};
use qldb_journal::ion::RawValue;
use serde_json::{Value, json};

const STRAND: &str = "6BpvY66W8XW94nBQAC0kRi";
/// How many objects an export has.
const EXPORT: u64 = 10_000;
/// How many parts the archive is read in.
const PARTS: u32 = 4;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // `cargo test --benches` only wants to know that it builds.
    if let Some(at) = arguments.iter().position(|argument| argument == "--child") {
        return child(&arguments[at + 1], Path::new(&arguments[at + 2]));
    }
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    for objects in arguments.iter().filter_map(|argument| argument.parse().ok()) {
        measure(objects);
    }
}

fn measure(objects: u64) {
    let folder = tempfile::tempdir().unwrap();
    Objects::write(folder.path(), objects);
    fs::create_dir(folder.path().join("states")).unwrap();
    let ask = |what: &str| -> Value {
        let ran = Command::new(std::env::current_exe().unwrap()).arg("--child").arg(what).arg(folder.path()).output();
        let ran = ran.unwrap();
        assert!(ran.status.success(), "{what}: {}", String::from_utf8_lossy(&ran.stderr));
        serde_json::from_slice(&ran.stdout).unwrap()
    };
    let plan = ask("plan");
    let parts: Vec<Value> = (1..=PARTS).map(|number| ask(&number.to_string())).collect();
    println!("{}", json!({ "objects": objects, "plan": plan, "parts": parts, "join": ask("join") }));
}

/// What one process does, and what it takes.
fn child(what: &str, folder: &Path) {
    let begun = Instant::now();
    let sources: Vec<Box<dyn Source>> = vec![Box::new(Objects::open(folder))];
    let request = Request::new(&sources).sha256_of_objects(true);
    let asked = ResumeAsked { levels: Levels::without_digest(), tips: Vec::new(), log: true, digests: true };
    let states = folder.join("states");
    match what {
        // A part without objects to speak of: what is left is the plan.
        "plan" => {
            let part = Part::new(1, 1_000_000).unwrap();
            let state = Resume::of_part(&folder.join("plan"), &asked, part).unwrap();
            verify_part(&request.log_root(true).resume(&state), part).unwrap();
        }
        "join" => {
            let files = fs::read_dir(&states).unwrap().map(|entry| entry.unwrap().path());
            let files: Vec<(String, PathBuf)> = files.map(|path| (path.display().to_string(), path)).collect();
            let joined = Joined::open(&files, &asked).unwrap();
            let report = verify(&request.joined(&joined)).unwrap();
            assert_eq!(report.verdict, Status::Proved, "{:?}", report.breaks);
        }
        number => {
            let part = Part::new(number.parse().unwrap(), PARTS).unwrap();
            let state = Resume::of_part(&states.join(part.stem()), &asked, part).unwrap();
            verify_part(&request.log_root(true).resume(&state), part).unwrap();
        }
    }
    println!("{}", json!({ "seconds": begun.elapsed().as_secs_f64(), "mebibytes": peak() }));
}

/// The most memory that this process had.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

/// Objects of one block each, one behind the other in a file, and the manifests that list them.
struct Objects {
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
    fn write(folder: &Path, objects: u64) {
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
                statements: vec![qldb_journal::internal::Statement {
                    text: "INSERT INTO Vehicle ?".to_owned(),
                    start_time: time(number),
                }],
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

    fn open(folder: &Path) -> Self {
        let offsets = fs::read(folder.join("offsets")).unwrap();
        let offsets = offsets.chunks(8).map(|bytes| u64::from_le_bytes(bytes.try_into().unwrap())).collect();
        Self { data: File::open(folder.join("data")).unwrap(), offsets }
    }

    fn count(&self) -> u64 {
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
}

impl Source for Objects {
    fn name(&self) -> String {
        "s3://bench".to_owned()
    }

    fn list(&self) -> Result<Vec<Found>, SourceError> {
        // Each key with exactly its length in bytes, as from other sources: what is assembled piece by piece takes more
        // memory.
        let found = |key: String, size: u64| Found { key: key.as_str().to_owned(), size, changed: 1 };
        let mut listed: Vec<Found> = self
            .offsets
            .windows(2)
            .zip(0..)
            .map(|(ends, number)| found(Self::key(number), ends[1] - ends[0]))
            .collect();
        for export in 0..self.count().div_ceil(EXPORT) {
            listed.extend(self.manifests(export).map(|(key, text)| found(key, text.len() as u64)));
        }
        listed.sort_by(|one, other| one.key.cmp(&other.key));
        Ok(listed)
    }

    fn open(&self, key: &str) -> Result<Box<dyn Read + Send>, SourceError> {
        if key.ends_with(".manifest") {
            let export = key.split('/').nth(1).unwrap().parse().unwrap();
            let text = self.manifests(export).into_iter().find(|(name, _)| name == key).unwrap().1;
            return Ok(Box::new(Cursor::new(text)));
        }
        let number: usize = key.rsplit_once('-').unwrap().1.trim_end_matches(".ion").parse().unwrap();
        let mut bytes = vec![0; usize::try_from(self.offsets[number + 1] - self.offsets[number]).unwrap()];
        let read: io::Result<()> = self.data.read_exact_at(&mut bytes, self.offsets[number]);
        read.unwrap();
        Ok(Box::new(Cursor::new(bytes)))
    }

    fn path(&self, _key: &str) -> Option<PathBuf> {
        None
    }
}
