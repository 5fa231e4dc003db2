//! Conversions in parts: the parts together have the rows of the whole, and nothing that differs is joined.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use qldb_journal::Encoding;
use qldb_journal::archive::source::{Folder, Source};
use qldb_journal::archive::verify::{Joined, Levels, Part, Request, Resume, ResumeAsked, verify, verify_part_and_take};
use serde_json::Value;

use qldb_tables::{Conversion, Converted, Form, Options, TableError, convert, join_parts};

use crate::folders::{in_order, of_parquet};
use crate::ledger::{Home, archive, zoo};

fn asked() -> ResumeAsked {
    ResumeAsked { levels: Levels::without_digest(), tips: Vec::new(), log: true, digests: true }
}

fn options(to: &Path) -> Options {
    let mut options = Options::new(to, Form::Parquet);
    options.with_ion = true;
    options
}

fn sources(archives: &[&Path]) -> Vec<Box<dyn Source>> {
    archives.iter().map(|archive| Box::new(Folder::new(archive)) as Box<dyn Source>).collect()
}

fn convert_part(archives: &[&Path], to: &Path, state: &Path, part: Part) -> Converted {
    let sources = sources(archives);
    let resume = Resume::of_part(state, &asked(), part).unwrap();
    let request = Request::new(&sources).sha256_of_objects(true).log_root(true).resume(&resume);
    let conversion = Conversion::begin(Options { part: Some(part), ..options(to) }).unwrap();
    let report = verify_part_and_take(&request, part, &conversion).unwrap();
    conversion.end_part(&report).unwrap()
}

/// Converts two parts; the folder of the tables, and that of the states.
fn in_two_parts(home: &Home, archives: &[&Path]) -> (PathBuf, PathBuf) {
    let (to, states) = (home.path("out"), home.path("states"));
    std::fs::create_dir(&states).unwrap();
    for part in Part::new(1, 2).unwrap().all() {
        convert_part(archives, &to, &states.join(part.stem()), part);
    }
    (to, states)
}

/// Joins without reading an object.
fn join(archives: &[&Path], to: &Path, states: &Path) -> Result<Converted, TableError> {
    let sources = sources(archives);
    let entries = std::fs::read_dir(states).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> = entries.map(|path| (path.display().to_string(), path)).collect();
    let joined = Joined::open(&files, &ResumeAsked { log: false, ..asked() }).unwrap();
    let stop = AtomicBool::new(false);
    let report = verify(&Request::new(&sources).sha256_of_objects(true).joined(&joined).stop(&stop)).unwrap();
    join_parts(&options(to), &report)
}

#[test]
fn the_parts_together_have_all_rows() {
    let home = Home::new();
    let ledger = zoo();
    let several = [
        home.export(&ledger, "first", 0..6, Encoding::IonText),
        home.export(&ledger, "second", 4..9, Encoding::IonBinary),
        home.export(&ledger, "third", 9..13, Encoding::IonText),
    ];
    let (text, binary) = (archive("daily/ION_TEXT"), archive("daily/ION_BINARY"));
    let archives: [Vec<&Path>; 3] = [vec![&text], vec![&binary], several.iter().map(PathBuf::as_path).collect()];
    for (index, archives) in archives.iter().enumerate() {
        let whole = home.path(&format!("{index}-whole"));
        let request = sources(archives);
        let (_, converted) = convert(&Request::new(&request).sha256_of_objects(true), options(&whole)).unwrap();
        let Converted::Written(rows) = converted else { panic!("{converted:?}") };
        for of in [1, 2, 3, 7] {
            let to = home.path(&format!("{index}-{of}"));
            let states = home.path(&format!("{index}-{of}-states"));
            std::fs::create_dir(&states).unwrap();
            // In no order, and one of them twice.
            for part in Part::new(1, of).unwrap().all().collect::<Vec<_>>().into_iter().rev().chain(Part::new(1, of)) {
                let written = convert_part(archives, &to, &states.join(part.stem()), part);
                assert!(matches!(written, Converted::Written(_)), "{written:?}");
            }
            for table in ["revision", "transaction", "statement"] {
                assert_eq!(in_order(of_parquet(&to, table)), in_order(of_parquet(&whole, table)), "{table} {of}");
            }
            assert!(!to.join("archive.json").exists());
            assert_eq!(join(archives, &to, &states).unwrap(), Converted::Written(rows));
            assert!(to.join("archive.json").exists());
        }
    }
}

#[test]
fn what_does_not_fit_is_not_joined() {
    let home = Home::new();
    let archive = home.zoo(Encoding::IonText);
    let archives: [&Path; 1] = [&archive];
    let (to, states) = in_two_parts(&home, &archives);
    let part = |number| Part::new(number, 2).unwrap();
    let description = to.join("part-0000002-of-0000002.json");
    let text = std::fs::read_to_string(&description).unwrap();
    std::fs::remove_file(&description).unwrap();
    let error = join(&archives, &to, &states).unwrap_err();
    assert!(matches!(&error, TableError::PartsMissing { parts, .. } if *parts == [part(2)]), "{error:?}");
    let hash = "\"sha256\": \"";
    let with = |from: &str, other: &str| {
        std::fs::write(&description, text.replace(from, other)).unwrap();
        join(&archives, &to, &states).unwrap_err()
    };
    let first = |text: &str| if text.starts_with('a') { "b" } else { "a" };
    let mut pieces = text.split(hash);
    let begin = pieces.next().unwrap().to_owned();
    let other = pieces.fold(begin, |before, rest| format!("{before}{hash}{}{}", first(rest), &rest[1..]));
    for (from, with_other) in
        [(&text[..], &other[..]), ("\"size\": ", "\"size\": 1"), ("2/2", "2/3"), ("\"ledger\": \"", "\"ledger\": \"x")]
    {
        let error = with(from, with_other);
        assert!(matches!(error, TableError::PartsDiffer { .. }), "{from}: {error:?}");
    }
    let error = with(hash, "\"sha256\": \"0");
    assert!(matches!(error, TableError::Foreign { .. }), "{error:?}");
    std::fs::write(&description, &text).unwrap();
    let file = to.join("transaction/part-0000002-of-0000002.parquet");
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[1..]).unwrap();
    assert!(matches!(join(&archives, &to, &states).unwrap_err(), TableError::PartsDiffer { .. }));
    std::fs::write(&file, &bytes).unwrap();
    let stray = to.join("transaction/part-0000001-of-0000003.parquet");
    std::fs::write(&stray, &bytes).unwrap();
    assert!(matches!(join(&archives, &to, &states).unwrap_err(), TableError::PartsDiffer { .. }));
    std::fs::remove_file(&stray).unwrap();
    assert!(matches!(join(&archives, &to, &states).unwrap(), Converted::Written(_)));
    let again = Conversion::begin(Options { part: Some(part(1)), ..options(&to) });
    assert!(matches!(again.err(), Some(TableError::Complete(_))));
}

#[test]
fn what_the_parts_describe_is_held_against_the_archive_and_the_files() {
    let home = Home::new();
    let archive = home.zoo(Encoding::IonText);
    let archives: [&Path; 1] = [&archive];
    let (to, states) = in_two_parts(&home, &archives);
    let path = |number: u32| to.join(format!("part-000000{number}-of-0000002.json"));
    let read = |number| -> Value { serde_json::from_slice(&std::fs::read(path(number)).unwrap()).unwrap() };
    let (first, second) = (read(1), read(2));
    let write = |one: &Value, other: &Value| {
        std::fs::write(path(1), one.to_string()).unwrap();
        std::fs::write(path(2), other.to_string()).unwrap();
    };
    let refused = |what: &str| {
        let error = join(&archives, &to, &states).expect_err(what);
        assert!(matches!(error, TableError::PartsDiffer { .. } | TableError::Foreign { .. }), "{what}: {error:?}");
        assert!(!to.join("archive.json").exists(), "{what}");
    };
    let altered = |of: &Value, at: &str, with: Value| {
        let mut of = of.clone();
        *of.pointer_mut(at).unwrap() = with;
        of
    };
    for at in ["/ledger", "/strandId"] {
        write(&altered(&first, at, "another".into()), &altered(&second, at, "another".into()));
        refused(at);
    }
    for at in ["/rows/revisions", "/rows/transactions", "/rows/statements", "/rows/hashOnlyRevisions"] {
        write(&altered(&first, at, u64::MAX.into()), &altered(&second, at, u64::MAX.into()));
        refused(at);
    }
    for at in ["/rows/revisions", "/rows/transactions", "/rows/statements"] {
        let more = second.pointer(at).unwrap().as_u64().unwrap() + 1;
        write(&first, &altered(&second, at, more.into()));
        refused(at);
    }
    // The rows of tables are gone from the files and from the description alike.
    let is_revision = |file: &Value| file["name"].as_str().unwrap().starts_with("revision/");
    let (gone, kept): (Vec<Value>, Vec<Value>) =
        second["files"].as_array().unwrap().iter().cloned().partition(is_revision);
    write(&first, &altered(&altered(&second, "/files", kept.into()), "/rows/revisions", 0.into()));
    let names: Vec<_> = gone.iter().map(|file| to.join(file["name"].as_str().unwrap())).collect();
    let bytes: Vec<Vec<u8>> = names.iter().map(|name| std::fs::read(name).unwrap()).collect();
    names.iter().for_each(|name| std::fs::remove_file(name).unwrap());
    refused("tables without rows");
    // A file of the same size with other bytes.
    write(&first, &second);
    let mut other = bytes.clone();
    *other[0].get_mut(5).unwrap() ^= 1;
    let restore =
        |all: &[Vec<u8>]| names.iter().zip(all).for_each(|(name, bytes)| std::fs::write(name, bytes).unwrap());
    restore(&other);
    refused("other bytes");
    restore(&bytes);
    for stray in ["mine", "part-0000001-of-0000002.parquet", "revision/mine"] {
        std::fs::write(to.join(stray), "").unwrap();
        refused(stray);
        std::fs::remove_file(to.join(stray)).unwrap();
    }
    #[cfg(unix)]
    {
        let outside = home.path("outside");
        std::fs::rename(&names[0], &outside).unwrap();
        std::os::unix::fs::symlink(&outside, &names[0]).unwrap();
        refused("a link");
        std::fs::remove_file(&names[0]).unwrap();
        std::fs::rename(&outside, &names[0]).unwrap();
    }
    assert!(matches!(join(&archives, &to, &states).unwrap(), Converted::Written(_)));
}

#[test]
fn parts_with_other_options_or_another_archive_do_not_begin() {
    let home = Home::new();
    let archive = home.zoo(Encoding::IonText);
    let to = home.path("out");
    let part = Part::new(1, 2).unwrap();
    convert_part(&[&archive], &to, &home.path("state"), part);
    let begin = |change: &dyn Fn(&mut Options)| {
        let mut asked = Options { part: Some(Part::new(2, 2).unwrap()), ..options(&to) };
        change(&mut asked);
        Conversion::begin(asked).err()
    };
    assert!(matches!(begin(&|options| options.with_ion = false), Some(TableError::PartsDiffer { .. })));
    assert!(matches!(begin(&|options| options.part = Part::new(2, 3).ok()), Some(TableError::PartsDiffer { .. })));
    assert!(matches!(
        begin(&|options| options.tables.extend(["Vehicle".to_owned()])),
        Some(TableError::PartsDiffer { .. })
    ));
    assert!(begin(&|_| {}).is_none());
    std::fs::write(to.join("mine"), "").unwrap();
    assert!(matches!(begin(&|_| {}), Some(TableError::Foreign { .. })));
}

#[test]
fn a_part_that_ends_after_the_join_removes_nothing() {
    let home = Home::new();
    let archive = home.zoo(Encoding::IonText);
    let archives: [&Path; 1] = [&archive];
    let (to, states, empty) = (home.path("out"), home.path("states"), home.path("empty"));
    std::fs::create_dir(&states).unwrap();
    std::fs::create_dir(&empty).unwrap();
    let part = Part::new(1, 1).unwrap();
    let state = states.join(part.stem());
    convert_part(&archives, &to, &state, part);
    // One late run finds damage, the other nothing at all.
    let begin = || Conversion::begin(Options { part: Some(part), ..options(&to) }).unwrap();
    let report = |archive: &Path, taker: &Conversion| {
        let sources = sources(&[archive]);
        let resume = Resume::of_part(&home.path("late"), &asked(), part).unwrap();
        let request = Request::new(&sources).sha256_of_objects(true).log_root(true).resume(&resume);
        verify_part_and_take(&request, part, taker).unwrap()
    };
    for is_damaged in [true, false] {
        let late = begin();
        let mut found = report(if is_damaged { &archive } else { &empty }, &late);
        if is_damaged {
            found.broken.push("an object".to_owned());
        }
        join(&archives, &to, &states).unwrap();
        let files = || in_order(of_parquet(&to, "revision"));
        let before = files();
        assert!(matches!(late.end_part(&found), Err(TableError::Complete(_))));
        assert_eq!(files(), before);
        assert!(to.join("part-0000001-of-0000001.json").exists());
        std::fs::remove_file(to.join("archive.json")).unwrap();
        std::fs::remove_file(home.path("late")).unwrap();
    }
    // Until then they are removed.
    let again = begin();
    let found = report(&empty, &again);
    assert_eq!(again.end_part(&found).unwrap(), Converted::NotProved);
    assert!(!to.join("part-0000001-of-0000001.json").exists());
}
