//! `convert`: tables from archives. The contents of the rows are compared with another reader in
//! `crates/tables`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use rusqlite::Connection;
use serde_json::Value;

use crate::serving::signal;
use crate::support::{Place, Ran};

pub(crate) fn archive(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/archives").join(name).to_str().unwrap().to_owned()
}

fn truth(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(archive(name) + "/truth.json").unwrap()).unwrap()
}

/// A place to write to, and its contents.
pub(crate) struct Desk(pub(crate) Place);

impl Desk {
    pub(crate) fn new() -> Self {
        Self(Place::new())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn convert(&self, arguments: &[&str]) -> Ran {
        let mut command = self.0.command(["convert"].into_iter().chain(arguments.iter().copied()));
        command.current_dir(self.0.path());
        Ran::of(command)
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned()).collect();
        names.sort();
        names
    }
}

fn counts(connection: &Connection, sql: &str) -> BTreeMap<String, i64> {
    let mut select = connection.prepare(sql).unwrap();
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

#[test]
fn a_database_counts_what_the_archive_counts() {
    let desk = Desk::new();
    for name in ["small", "daily"] {
        let (truth, to) = (truth(name), format!("{name}.db"));
        let ran = desk.convert(&[&archive(&format!("{name}/ION_BINARY")), "--to", &to]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stdout.contains("Verdict:") && ran.stdout.contains("proved"), "{}", ran.stdout);
        let connection = Connection::open(desk.path(&to)).unwrap();
        let of_truth = |member: &str| -> BTreeMap<String, i64> {
            let tables = truth["tables"].as_object().unwrap();
            tables.iter().map(|(name, table)| (name.clone(), table[member].as_i64().unwrap())).collect()
        };
        let revisions = "SELECT table_name, count(*) FROM revision GROUP BY 1";
        assert_eq!(counts(&connection, revisions), of_truth("revisions"));
        let documents = "SELECT table_name, count(DISTINCT doc_id) FROM revision GROUP BY 1";
        assert_eq!(counts(&connection, documents), of_truth("documents"));
        let current: BTreeMap<String, i64> = of_truth("activeDocuments")
            .into_keys()
            .map(|table| {
                let sql = format!("SELECT count(*) FROM \"{table}\"");
                let count = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
                (table, count)
            })
            .collect();
        assert_eq!(current, of_truth("activeDocuments"));
        let by_operation = "SELECT CASE WHEN redacted THEN 'redacted' WHEN operation = 'D' THEN 'deleted' ELSE 'user' END, \
                            count(*) FROM revision GROUP BY 1";
        let mut kinds: BTreeMap<String, i64> =
            serde_json::from_value(truth["counts"]["revisionsByKind"].clone()).unwrap();
        let system = kinds.remove("system").unwrap();
        assert_eq!(counts(&connection, by_operation), kinds);
        let said: (String, i64) = connection
            .query_row("SELECT verdict, counts ->> '$.hashOnly' FROM archive", [], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        assert_eq!(said, ("proved".to_owned(), system));
    }
}

#[test]
fn exit_codes_are_those_of_verify_and_nothing_is_left_behind() {
    let desk = Desk::new();
    let json = archive("small/JSON");
    for form in ["sqlite", "parquet", "csv", "jsonl"] {
        let ran = desk.convert(&[&json, "--as", form, "--to", "out"]);
        assert_eq!(ran.code, Some(12), "{}", ran.stderr);
        assert!(ran.stderr.contains("--unverified") && ran.stderr.contains("JSON"), "{}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
    let whole = PathBuf::from(archive("small/ION_TEXT"));
    let damaged = desk.path("damaged");
    copy(&whole, &damaged);
    let object = object_of(&damaged);
    let text = fs::read_to_string(&object).unwrap();
    assert!(text.contains("statement:\""));
    fs::write(&object, text.replace("statement:\"", "statement:\"x")).unwrap();
    let ran = desk.convert(&["damaged", "--to", "out.db"]);
    assert_eq!(ran.code, Some(10), "{}", ran.stderr);
    let ran = desk.convert(&["damaged", "--to", "out.db", "--unverified"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("not proved"), "{}", ran.stderr);
    fs::remove_file(&object).unwrap();
    let ran = desk.convert(&["damaged", "--as", "csv", "--to", "csv"]);
    assert_eq!(ran.code, Some(11), "{}", ran.stderr);
    assert_eq!(desk.names(), ["damaged", "out.db"]);
    let unverified: String = Connection::open(desk.path("out.db"))
        .unwrap()
        .query_row("SELECT verdict || unverified FROM archive", [], |row| row.get(0))
        .unwrap();
    assert_eq!(unverified, "damaged1");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// The largest data object below a folder.
fn object_of(folder: &Path) -> PathBuf {
    let objects = crate::engine_support::files(folder);
    let objects = objects.into_iter().filter(|path| path.extension().is_some_and(|end| end == "ion"));
    objects.max_by_key(|path| fs::metadata(path).unwrap().len()).unwrap()
}

#[test]
fn a_digest_is_held_against_the_journal() {
    let desk = Desk::new();
    let truth = truth("small");
    let last = truth["digests"].as_array().unwrap().last().unwrap().clone();
    let (digest, tip) = (last["digest"].as_str().unwrap(), last["tip"].to_string());
    let archive = archive("small/ION_BINARY");
    let ran = desk.convert(&[&archive, "--to", "a.db", "--digest", digest, "--tip", &tip, "--output", "json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.json()[0]["levels"]["digest"], "proved");
    let ran = desk.convert(&[&archive, "--to", "b.db", "--digest", digest, "--tip", "20"]);
    assert_eq!(ran.code, Some(10), "{}", ran.stderr);
    assert_eq!(desk.names(), ["a.db"]);
}

#[test]
fn a_wrong_request_is_refused_before_anything_is_read() {
    let desk = Desk::new();
    let archive = archive("small/ION_TEXT");
    fs::write(desk.path("mine.db"), "mine").unwrap();
    fs::create_dir(desk.path("empty")).unwrap();
    let cases: [(&[&str], &str); 10] = [
        (&["--to", "a.db"], "PATH"),
        (&[&archive], "--to"),
        (&[&archive, "--to", "tables"], "--as"),
        (&[&archive, "--to", "missing/a.db"], "create it first"),
        (&[&archive, "--to", "s3://bucket/a.db"], "aws s3 sync"),
        (&[&archive, "--to", "tables", "--as", "csv", "--append"], "--append"),
        (&[&archive, "--to", "a.db", "--from", "2024-03-02", "--until", "2024-03-01"], "--until"),
        (&[&archive, "--to", "mine.db"], "--force"),
        (&[&archive, "--to", "mine.db", "--force"], "not written by a conversion"),
        (&[&archive, "--to", "a.db", "--tip", "3"], "--digest"),
    ];
    for (arguments, says) in cases {
        let ran = desk.convert(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{arguments:?} {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{arguments:?} {}", ran.stderr);
    }
    let inside = desk.path("archive");
    copy(Path::new(&archive), &inside);
    let ran = desk.convert(&["archive", "--to", "archive/a.db"]);
    assert!(ran.code == Some(2) && ran.stderr.contains("not written to"), "{ran:?}");
    let ran = desk.convert(&["empty", "--to", "empty", "--as", "csv"]);
    assert!(ran.code == Some(2) && ran.stderr.contains("not written to") && desk.path("empty").is_dir(), "{ran:?}");
    // Nothing overwrites an empty folder.
    assert_eq!(desk.convert(&[&archive, "--to", "empty", "--as", "csv"]).code, Some(0));
    assert_eq!(fs::read_to_string(desk.path("mine.db")).unwrap(), "mine");
}

#[test]
fn exports_of_several_ledgers_are_converted_one_ledger_at_a_time() {
    let desk = Desk::new();
    let (one, other) = (archive("small/ION_TEXT"), archive("far/ION_TEXT"));
    let ran = desk.convert(&[&one, &other, "--to", "a.db"]);
    assert!(ran.code == Some(2) && ran.stderr.contains("--ledger"), "{ran:?}");
    let ran = desk.convert(&[&one, &other, "--to", "a.db", "--ledger", "far-ledger", "--output", "json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.json()[0]["firstSequenceNo"], 2_147_483_640_u64);
    assert_eq!(desk.names(), ["a.db"]);
}

#[test]
fn a_table_that_is_not_there_is_refused_with_those_that_are() {
    let desk = Desk::new();
    let ran = desk.convert(&[&archive("small/ION_TEXT"), "--to", "a.db", "--table", "Person", "--table", "vehicle"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(3), ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("no document of table vehicle is in blocks 0 to 59"), "{}", ran.stderr);
    assert!(ran.stderr.contains("Person, TypeZoo, Vehicle"), "{}", ran.stderr);
    assert_eq!(desk.names(), [""; 0]);
}

#[test]
fn statements_are_printed_for_each_engine() {
    let desk = Desk::new();
    let folder = desk.path("tables").to_str().unwrap().to_owned();
    assert_eq!(desk.convert(&[&archive("small/ION_TEXT"), "--as", "parquet", "--to", "tables"]).code, Some(0));
    for (engine, says) in [
        ("athena", "LOCATION 's3://bucket/tables/revision/'".to_owned()),
        ("spark", format!("{folder}/revision")),
        ("duckdb", format!("{folder}/revision/*/*.parquet")),
    ] {
        let to = if engine == "athena" { "s3://bucket/tables/" } else { "tables" };
        let ran = desk.convert(&["--print-ddl", engine, "--to", to]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stdout.contains(&says), "{}", ran.stdout);
    }
}

/// Whenever it is killed, what has the final name is complete or absent, and the next run succeeds.
#[cfg(unix)]
#[test]
fn a_run_that_is_killed_leaves_nothing_under_the_final_name() {
    let desk = Desk::new();
    let sample = ["ledger", "sample", "demo", "--transactions", "3000"];
    assert_eq!(desk.0.run(sample).code, Some(0));
    let start =
        ["start", "--local", "--ledger", "demo", "--last", "99d", "--bucket", "exports", "--prefix", "a/", "--wait"];
    let role = ["--role-arn", "arn:aws:iam::123456789012:role/export"];
    assert_eq!(desk.0.run(start.into_iter().chain(role)).code, Some(0));
    for (form, how) in [("sqlite", "-KILL"), ("parquet", "-KILL"), ("csv", "-TERM")] {
        let arguments = ["convert", "buckets/exports", "--as", form, "--to", form];
        let mut command = desk.0.command(arguments);
        let mut child = command.current_dir(desk.0.path()).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        let hidden = desk.path(&format!(".{form}.qldb-export-unfinished/new"));
        while !hidden.exists() && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        signal(how, child.id());
        let status = child.wait().unwrap();
        assert!(status.success() || !desk.path(form).exists(), "{form}");
        let ran = desk.convert(&["buckets/exports", "--as", form, "--to", form, "--force"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(!hidden.exists(), "nothing of it is left");
    }
}

#[test]
fn the_keys_of_an_export_are_listed_without_its_manifests() {
    let desk = Desk::new();
    let archive = archive("daily/ION_TEXT");
    let ran = desk.0.run(["list", "--keys", &archive]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let mut listed: Vec<PathBuf> = ran.stdout.lines().map(PathBuf::from).collect();
    assert!(listed.iter().all(|path| path.is_file()), "{listed:?}");
    listed.sort();
    let mut objects = crate::engine_support::files(Path::new(&archive));
    objects.retain(|path| path.extension().is_some_and(|end| end == "ion"));
    objects.sort();
    assert_eq!(listed, objects);
    assert_eq!(desk.0.run(["list", "--keys", &archive, "--ledger", "other"]).code, Some(3));
    // Who reads the rest must know that it is not all.
    copy(Path::new(&archive), &desk.path("less"));
    fs::remove_file(object_of(&desk.path("less"))).unwrap();
    let ran = desk.0.run(["list", "--keys", desk.path("less").to_str().unwrap()]);
    assert_eq!((ran.code, ran.stdout.lines().count()), (Some(11), objects.len() - 1), "{}", ran.stderr);
    assert!(ran.stderr.contains("an object that the manifest lists is missing"), "{}", ran.stderr);
}

/// A name can hold anything: it is a name all the same, and one line.
#[cfg(unix)]
#[test]
fn names_that_look_like_something_else_are_names() {
    let desk = Desk::new();
    fs::create_dir(desk.path("file:d")).unwrap();
    for more in [&[][..], &["--force"], &["--append"]] {
        let ran = desk.convert(&[&[&archive("small/ION_TEXT"), "--to", "file:d/a.db"], more].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    }
    assert!(desk.path("file:d/a.db").is_file() && desk.names() == ["file:d"], "{:?}", desk.names());
    copy(Path::new(&archive("small/ION_TEXT")), &desk.path("two\nlines"));
    let ran = desk.0.run(["list", "--keys", desk.path("two\nlines").to_str().unwrap()]);
    assert_eq!((ran.code, ran.stdout.lines().count()), (Some(0), 10), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("two\\nlines"), "{}", ran.stdout);
}

#[test]
fn what_is_not_proved_is_not_called_proved_once_it_is_extended() {
    let desk = Desk::new();
    let json = archive("small/JSON");
    for (to, form) in [("t.db", "sqlite"), ("t", "parquet")] {
        let arguments = [&json, "--as", form, "--to", to, "--unverified"];
        assert_eq!(desk.convert(&arguments).code, Some(0));
        // The same blocks, which are proved here.
        let proved = archive("small/ION_TEXT");
        let append = [&proved, "--as", form, "--to", to, "--append"];
        let ran = desk.convert(&append);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{}", ran.stderr);
        assert!(ran.stderr.contains("verdict is unproved") && ran.stderr.contains("--force"), "{}", ran.stderr);
        let asked = [&append[..], &["--unverified"]].concat();
        let ran = desk.convert(&asked);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let verdict = ran.stdout.lines().find(|line| line.starts_with("Verdict")).unwrap();
        assert!(verdict.ends_with("unproved"), "{}", ran.stdout);
        assert!(ran.stderr.contains("has the verdict unproved"), "{}", ran.stderr);
        let ran = desk.convert(&[&asked[..], &["--output", "json"]].concat());
        let said = &ran.json()[0];
        assert_eq!((&said["verdict"], &said["earlierVerdict"]), (&"unproved".into(), &"unproved".into()));
        let anew = [&proved, "--as", form, "--to", to, "--force", "--output", "json"];
        let said = &desk.convert(&anew).json()[0];
        assert_eq!((&said["verdict"], &said["earlierVerdict"]), (&"proved".into(), &Value::Null));
        assert_eq!(desk.convert(&append).code, Some(0));
    }
    for form in ["csv", "jsonl"] {
        let ran = desk.convert(&[&json, "--as", form, "--to", form, "--unverified"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let ran = desk.convert(&[&json, "--as", form, "--to", form, "--unverified", "--append"]);
        assert!(ran.code == Some(2) && ran.stderr.contains("--append"), "{}", ran.stderr);
    }
}
