//! Every example in `docs/formats.md` is what the built binary writes.
//!
//! After a change of a format, run `QLDB_EXPORT_REFRESH=1 cargo test --test blackbox formats` and commit what it wrote.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::formats_page::{Examples, examples, lines, must_hold, read, shown};
use super::serving::Serving;
use super::support::{Place, Ran};

const ROLE: &str = "arn:aws:iam::123456789012:role/export";
/// The independent archive from which the examples are cut, and the prefix of its names.
const WHOLE: &str = "tests/archives/small/ION_TEXT/exports/forge-ledger";
const EXPORT: &str = "DtXoCHhTo0NIh5EsCzTOvH";
const STRAND: &str = "6BpvY66W8XW94nBQAC0kRi";
const HOUR: &str = "2024/03/01/20";
/// The digest over its first three blocks.
const DIGEST: [&str; 4] = ["--digest", "6nkkQjxma5Kst4JM5qVG6WGLMmhYGfEy4kf4ljF+NcI=", "--tip", "2"];

/// A working directory with the archive in `archive/`, where commands run as people type them.
struct Work {
    place: Place,
    made: Examples,
}

impl Work {
    fn new() -> Self {
        let work = Self { place: Place::new(), made: Examples::new() };
        work.cut_archive();
        fs::copy(in_repository("tests/vectors/awscli-get-block-100.json"), work.path("block.json")).unwrap();
        fs::copy(in_repository("tests/vectors/awscli-get-digest-123.json"), work.path("digest.json")).unwrap();
        work
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// An export of the first two objects.
    fn cut_archive(&self) {
        let (archive, whole) = (self.path("archive"), in_repository(WHOLE));
        fs::create_dir_all(archive.join(HOUR)).unwrap();
        let objects = ["0-4", "5-12"].map(|span| format!("{HOUR}/{STRAND}.{span}.ion"));
        let started = format!("{EXPORT}.started.manifest");
        for file in objects.iter().chain([&started]) {
            fs::copy(whole.join(file), archive.join(file)).unwrap();
        }
        let keys = objects.map(|object| format!("\"exports/forge-ledger/{object}\""));
        let completed = archive.join(format!("{EXPORT}.{STRAND}.completed.manifest"));
        fs::write(completed, format!("{{keys:[{}]}}", keys.join(","))).unwrap();
    }

    fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = self.place.command(arguments);
        command.current_dir(self.place.path()).env("QLDB_EXPORT_DATA_DIR", self.path("data"));
        command
    }

    /// The JSON documents that a command prints, which must succeed.
    fn json<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Vec<Value> {
        let mut command = self.command(arguments);
        let ran = Ran::of(std::mem::replace(command.args(["--output", "json"]), Command::new("")));
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        ran.json()
    }

    /// The receipt, compared with an archive in which one object has an additional line break.
    fn receipt_check(&mut self) {
        let object = self.path(&format!("archive/{HOUR}/{STRAND}.5-12.ion"));
        let text = fs::read_to_string(&object).unwrap();
        fs::write(&object, format!("{text}\n")).unwrap();
        let mut command = self.command(["verify", "--receipt-check", "receipt.json", "--output", "json"]);
        let ran = Ran::of(std::mem::replace(&mut command, Command::new("")));
        assert_eq!(ran.code, Some(10), "{}", ran.stderr);
        self.keep_one("receipt-check", &ran.json()[1..]);
        fs::write(object, text).unwrap();
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The lines of a file, as JSON.
    fn lines_of(&self, name: &str) -> Vec<Value> {
        self.file(name).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn keep(&mut self, name: &str, example: String) {
        assert!(self.made.insert(name.to_owned(), example).is_none(), "{name}");
    }

    fn keep_one(&mut self, name: &str, values: &[Value]) {
        let [value] = values else { panic!("{name}: {values:?}") };
        self.keep(name, shown(value));
    }
}

fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn of_type<'a>(events: &'a [Value], name: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["type"] == name).collect()
}

/// Of consecutive events of one type, the last: their number depends on the machine's speed.
fn last_of_each(events: &[Value]) -> Vec<Value> {
    let mut kept: Vec<Value> = Vec::new();
    for event in events {
        if kept.last().is_some_and(|last| last["type"] == event["type"]) {
            kept.pop();
        }
        kept.push(event.clone());
    }
    kept
}

#[test]
fn every_example_is_what_the_binary_writes() {
    let mut work = Work::new();
    verification(&mut work);
    answers(&mut work);
    proofs(&mut work);
    tables(&mut work);
    ledgers(&mut work);
    exports(&mut work);
    saved_state(&mut work);
    other_events(&mut work);
    must_hold(&work.made);
}

fn verification(work: &mut Work) {
    let files = ["--receipt", "receipt.json", "--events", "verify.jsonl", "--resume", "state.jsonl"];
    let report = work.json(["verify", "archive"].into_iter().chain(DIGEST).chain(files));
    let mut receipt: Value = serde_json::from_str(&work.file("receipt.json")).unwrap();
    assert_eq!(receipt["report"], report[0]);
    receipt["report"] = json!("the report of 1.1");
    work.receipt_check();
    work.keep_one("verify", &report);
    work.keep_one("receipt", &[receipt]);
    work.keep("events-verify", lines(&last_of_each(&work.lines_of("verify.jsonl"))));
    let anchored = work.command(["verify", "archive", "--anchor", "anchor.txt"]);
    assert_eq!(Ran::of(anchored).code, Some(0));
    work.keep("anchor", work.file("anchor.txt"));
    let mut state = work.lines_of("state.jsonl");
    assert_eq!(state.len(), 3);
    state.truncate(2);
    // With several threads, either object may be finished first.
    state[1] = work.lines_of("state.jsonl").into_iter().find(|line| line["blocks"] == 5).unwrap();
    work.keep("resume", lines(&state[..1]) + &shown(&state[1]));
}

fn answers(work: &mut Work) {
    let report =
        work.json(["verify", "--block", "block.json", "--digest", "digest.json", "--receipt", "block-receipt.json"]);
    let receipt: Value = serde_json::from_str(&work.file("block-receipt.json")).unwrap();
    assert_eq!(receipt["answers"][0]["report"], report[0]);
    work.keep_one("verify-answer", &report);
}

fn proofs(work: &mut Work) {
    let document = ["--document", "FWq0r3grgZr1ucJVkzAeH2"];
    let printed = work.json(["prove", "archive", "--out", "proof"].into_iter().chain(document));
    let file: Value = serde_json::from_str(&work.file("proof/revision-0.json")).unwrap();
    work.keep_one("prove", &printed);
    work.keep_one("prove-file", &[file]);
}

fn tables(work: &mut Work) {
    let printed = work.json(["convert", "archive", "--as", "jsonl", "--to", "tables"]);
    let description: Value = serde_json::from_str(&work.file("tables/archive.json")).unwrap();
    work.keep_one("convert", &printed);
    work.keep_one("tables", &[description]);
    let part = ["--as", "parquet", "--to", "parts", "--part", "1/2", "--resume", "part.jsonl"];
    let printed = work.json(["convert", "archive"].into_iter().chain(part));
    work.keep_one("convert-part", &printed);
    let document = ["--document", "FWq0r3grgZr1ucJVkzAeH2", "--diff"];
    let printed = work.json(["history", "archive"].into_iter().chain(document));
    work.keep_one("history", &printed);
}

fn ledgers(work: &mut Work) {
    for (name, arguments) in [
        ("ledger-import", vec!["ledger", "import", "vehicles", "archive"]),
        ("ledger-describe", vec!["ledger", "describe", "vehicles"]),
        ("ledger-digest", vec!["ledger", "digest", "vehicles"]),
        ("ledger-list", vec!["ledger", "list"]),
        ("ledger-recover", vec!["ledger", "recover"]),
    ] {
        let printed = work.json(arguments);
        work.keep_one(name, &printed);
    }
}

fn exports(work: &mut Work) {
    let destination = ["--ledger", "vehicles", "--bucket", "exports", "--role-arn", ROLE, "--local"];
    let range = ["--from", "2024-03-01", "--until", "2024-03-01T12:00:00Z", "--prefix", "once/"];
    let start = |flags: &[&'static str]| [&["start"], &range[..], &destination[..], flags].concat();
    let request = work.json(start(&["--dry-run"]));
    work.keep_one("dry-run", &request);
    let started = work.json(start(&["--wait", "--poll-interval", "1ms", "--events", "start.jsonl"]));
    work.keep_one("start", &started[..1]);
    work.keep_one("status", &started[1..]);
    work.keep("events-start", lines(&last_of_each(&work.lines_of("start.jsonl"))));
    let listed = work.json(["list", "--local"]);
    work.keep_one("list", &listed);

    // The first window contains the journal; those that have ended since contain nothing.
    let windows = ["--window", "366d", "--from", "2024-02-29", "--prefix", "daily/", "--verify"];
    let done = work.json([&["sync"], &windows[..], &destination[..]].concat());
    let [begun, .., proof] = &done[..] else { panic!("{done:?}") };
    let (begun, proof) = (shown(begun), shown(proof));
    work.keep("sync", begun);
    work.keep("sync-verification", proof);
    let status = work.json([&["sync", "--status"], &windows[..], &destination[..]].concat());
    work.keep_one("sync-status", &status);
}

fn saved_state(work: &mut Work) {
    fs::write(work.path("players.json"), "{\"Name\":\"Ada\"}\n").unwrap();
    let events = ["--events", "ledger.jsonl"];
    let appended =
        work.json(["ledger", "append", "vehicles", "--table", "Players", "players.json"].into_iter().chain(events));
    work.keep_one("ledger-append", &appended);
    let record = fs::read_dir(work.path("data/sync")).unwrap().next().unwrap().unwrap().path();
    for (name, file) in [
        ("credentials", work.path("data/credentials.json")),
        ("sync-record", record.join("record.json")),
        ("ledger-record", work.path(&format!("data/journals/{STRAND}/ledger.json"))),
    ] {
        let value: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        work.keep_one(name, &[value]);
    }
    let catalog = fs::read(work.path("data/catalog.db")).unwrap();
    // Where SQLite stores the version that a program gives its file.
    let version = u32::from_be_bytes(catalog[60..64].try_into().unwrap());
    work.keep("catalog", format!("PRAGMA user_version: {version}\n"));
}

fn other_events(work: &mut Work) {
    fs::remove_file(work.path(&format!("archive/{HOUR}/{STRAND}.5-12.ion"))).unwrap();
    let ran = Ran::of(work.command(["verify", "archive", "--events", "missing.jsonl"]));
    assert_eq!(ran.code, Some(11), "{}", ran.stderr);

    let mut command = work.command(["serve", "--listen", "127.0.0.1:0", "--quiet", "--events", "serve.jsonl"]);
    let served = Serving::of(std::mem::replace(&mut command, Command::new(""))).terminate();
    assert_eq!(served.code, Some(0));

    let mut serving = work.command(["serve", "--listen", "127.0.0.1:0", "--quiet", "--output", "json"]);
    let mut serving = serving.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(serving.stdout.take().unwrap()).read_line(&mut line).unwrap();
    serving.kill().unwrap();
    serving.wait().unwrap();
    work.keep("serve", lines(&[serde_json::from_str(&line).unwrap()]));

    let (missing, served, changed) =
        (work.lines_of("missing.jsonl"), work.lines_of("serve.jsonl"), work.lines_of("ledger.jsonl"));
    let found = of_type(&missing, "finding").into_iter().chain(of_type(&missing, "end"));
    let others = of_type(&served, "listening").into_iter().chain(of_type(&changed, "ledger")).chain(found);
    work.keep("events-other", lines(&others.cloned().collect::<Vec<_>>()));

    let deleted = work.json(["ledger", "delete", "vehicles"]);
    work.keep_one("ledger-delete", &deleted);
    let sample = ["ledger", "sample", "sample", "--transactions", "5", "--seed", "1"];
    let printed = work.json(sample);
    assert_eq!(printed[0]["Journal"]["Blocks"], 5, "as ledger describe, whose example is in the page");
}

#[test]
fn the_table_has_the_numbers_that_the_examples_have() {
    let (page, examples) = (read(), examples(&read()));
    let row = |begins: &str| page.lines().find(|line| line.starts_with(begins)).unwrap().to_owned();
    for (begins, name) in [
        ("| receipt (2) |", "receipt"),
        ("| events (3) |", "events-verify"),
        ("| state of a verification (4) |", "resume"),
        ("| record of a sync (5.1) |", "sync-record"),
        ("| record of a ledger (5.2) |", "ledger-record"),
    ] {
        let first = serde_json::Deserializer::from_str(&examples[name]).into_iter::<Value>().next().unwrap().unwrap();
        assert!(row(begins).contains(&format!("`format` {}", first["format"])), "{name}");
    }
    let (_, version) = examples["catalog"].trim().split_once(": ").unwrap();
    assert!(row("| catalog (5.3) |").contains(&format!("`user_version`, {version} ")));
}

#[test]
fn every_type_of_event_has_an_example() {
    let help = Place::new().run(["verify", "--help"]).stdout;
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let (_, list) = help.split_once("The member type of each line is one of: ").unwrap();
    let (list, _) = list.split_once("). ").unwrap();
    let names: Vec<&str> = list.split("), ").map(|item| item.split_once(" (").unwrap().0).collect();
    assert!(names.len() >= 9, "{names:?}");
    let page = read();
    for name in names {
        assert!(page.contains(&format!("{{\"type\":\"{name}\"")), "docs/formats.md has no event {name}");
        assert!(page.contains(&format!("| `{name}` |")), "docs/formats.md does not explain {name}");
    }
}
