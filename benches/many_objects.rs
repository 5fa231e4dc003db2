//! What many objects in S3 take: a listing in this process's memory is planned and joined by the command, and joined
//! with tables. The parts are read by processes of this bench, which list the store and read the objects from a file:
//! a request for each of a million would say more about the server. Prints one JSON object for each number of objects;
//! `benches/run parts` shows them.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, missing_docs)]

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use qldb_endpoint::store::{S3Options, S3Source};
use qldb_journal::archive::source::{Found, Source, SourceError};
use qldb_journal::archive::verify::{Levels, Part, Request, Resume, ResumeAsked, verify_part_and_take};
use qldb_tables::{Conversion, Converted, Form, Options};
use serde_json::{Value, json};

#[allow(dead_code, reason = "the tests ask it for more")]
#[path = "../tests/blackbox/canned.rs"]
mod canned;
#[path = "../tests/blackbox/listed.rs"]
mod listed;
#[path = "../crates/journal/benches/made/memory.rs"]
mod memory;
#[path = "../crates/journal/benches/made/objects.rs"]
mod objects;
/// What the store needs of the tests' own module of this name.
mod support {
    use std::path::Path;
    use std::process::Command;

    /// A folder that is removed with it, which is the data directory of the commands that are run there.
    pub(crate) struct Place(tempfile::TempDir);

    impl Place {
        pub(crate) fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        pub(crate) fn path(&self) -> &Path {
            self.0.path()
        }

        /// The built binary.
        pub(crate) fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
            let mut command = Command::new(env!("CARGO_BIN_EXE_qldb-export"));
            command.env("QLDB_EXPORT_DATA_DIR", self.path()).args(arguments);
            command
        }
    }
}

use listed::{BUCKET, store};
use objects::Objects;
use support::Place;

/// How many parts the archive is read in.
const PARTS: u32 = 4;
/// How often a process is asked how much memory it has had.
const LOOK: Duration = Duration::from_millis(5);

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--child") {
        return convert_part(arguments[at + 1].parse().unwrap(), Path::new(&arguments[at + 2]), &arguments[at + 3]);
    }
    // `cargo test --benches` only wants to know that it builds.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    for count in arguments.iter().filter_map(|argument| argument.parse().ok()) {
        measure(count);
    }
}

fn measure(count: u64) {
    let place = Place::new();
    let folder = place.path();
    Objects::write(folder, count);
    fs::create_dir(folder.join("states")).unwrap();
    let store = store(Objects::open(folder));
    let address = format!("s3://{BUCKET}/");
    let states = folder.join("states").display().to_string();
    let ours = |words: &[&str]| {
        let mut command = store.command(&place, words.iter().copied());
        command.env("AWS_ENDPOINT_URL_S3", store.url());
        taken(command)
    };
    // A part without objects to speak of: what is left is the plan.
    let plan = folder.join("plan").display().to_string();
    let plan = ours(&["verify", &address, "--part", "1/1000000", "--resume", &plan]);
    let part = |number: u32| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        taken_by(command.arg("--child").arg(number.to_string()).arg(folder).arg(store.url()).spawn().unwrap())
    };
    let parts: Vec<Value> = (1..=PARTS).map(part).collect();
    let join = ours(&["verify", &address, "--resume", &states]);
    let receipt = folder.join("receipt").display().to_string();
    let receipt = ours(&["verify", &address, "--resume", &states, "--receipt", &receipt]);
    let tables = folder.join("tables").display().to_string();
    let tables = ours(&["convert", &address, "--as", "parquet", "--to", &tables, "--resume", &states]);
    let found = json!({ "plan": plan, "parts": parts, "join": join, "receipt": receipt, "tables": tables });
    println!("{}", json!({ "objects": count, "found": found }));
}

/// The time and the memory that a command takes, which must succeed.
fn taken(mut command: Command) -> Value {
    taken_by(command.stdout(Stdio::null()).spawn().unwrap())
}

fn taken_by(mut child: Child) -> Value {
    let begun = Instant::now();
    let mut most = 0;
    let ended = loop {
        most = memory::peak(child.id()).unwrap_or_default().max(most);
        match child.try_wait().unwrap() {
            Some(ended) => break ended,
            None => std::thread::sleep(LOOK),
        }
    };
    assert!(ended.success(), "{ended}");
    json!({ "seconds": begun.elapsed().as_secs_f64(), "mebibytes": most >> 20 })
}

/// Converts a part, as the command does, and records its findings.
fn convert_part(number: u32, folder: &Path, url: &str) {
    let part = Part::new(number, PARTS).unwrap();
    let sources: Vec<Box<dyn Source>> = vec![Box::new(Served::at(url, folder))];
    let asked = ResumeAsked { levels: Levels::without_digest(), tips: Vec::new(), log: true, digests: true };
    let state = folder.join("states").join(format!("{}.jsonl", part.stem()));
    let state = Resume::of_part(&state, &asked, part).unwrap();
    let request = Request::new(&sources).sha256_of_objects(true).log_root(true).resume(&state);
    let options = Options { part: Some(part), ..Options::new(folder.join("tables"), Form::Parquet) };
    let conversion = Conversion::begin(options).unwrap();
    let report = verify_part_and_take(&request, part, &conversion).unwrap();
    assert!(matches!(conversion.end_part(&report).unwrap(), Converted::Written(_)));
}

/// The listing of a store, and the objects in a file.
struct Served {
    listed: S3Source,
    objects: Objects,
}

impl Served {
    fn at(url: &str, folder: &Path) -> Self {
        let options = S3Options {
            region: Some("us-east-1".to_owned()),
            endpoint_url: Some(url.to_owned()),
            credentials: Some(("key".to_owned(), "secret".to_owned())),
            ..S3Options::default()
        };
        let listed = S3Source::at(&format!("s3://{BUCKET}/"), &options).unwrap();
        Self { listed, objects: Objects::open(folder) }
    }
}

impl Source for Served {
    fn name(&self) -> String {
        self.listed.name()
    }

    fn list(&self) -> Result<Vec<Found>, SourceError> {
        self.listed.list()
    }

    fn open(&self, key: &str) -> Result<Box<dyn Read + Send>, SourceError> {
        Source::open(&self.objects, key)
    }

    fn path(&self, _key: &str) -> Option<PathBuf> {
        None
    }
}
