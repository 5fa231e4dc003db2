//! What lies at a destination, or beside it, and is not a conversion's.

use std::fs;
use std::path::{Path, PathBuf};

use qldb_journal::Encoding;
use qldb_tables::{ConvertError, Converted, Form, Options, TableError};
use rusqlite::Connection;

use crate::folders::{in_order, of_parquet, of_sqlite};
use crate::ledger::{Home, zoo};
use crate::sqlite::run;

fn options(to: &Path, form: Form, change: impl FnOnce(&mut Options)) -> Options {
    let mut options = Options::new(to, form);
    change(&mut options);
    options
}

#[test]
fn an_empty_folder_stays_if_nothing_is_proved() {
    let home = Home::new();
    let to = home.path("out");
    fs::create_dir(&to).unwrap();
    let json = home.zoo(Encoding::Json);
    assert_eq!(run(&json, Options::new(&to, Form::Csv)).unwrap().1, Converted::NotProved);
    assert!(to.is_dir());
    run(&json, options(&to, Form::Csv, |options| options.unverified = true)).unwrap();
    assert!(to.join("archive.json").exists());
}

#[test]
fn sqlite_s_leftover_files_are_not_applied_to_another_database() {
    let home = Home::new();
    let (archive, to) = (home.zoo(Encoding::IonText), home.path("out.db"));
    for end in ["-journal", "-wal", "-shm"] {
        let left = home.path(&format!("out.db{end}"));
        fs::write(&left, "left").unwrap();
        let error = run(&archive, options(&to, Form::Sqlite, |options| options.force = true)).unwrap_err();
        assert!(matches!(error, ConvertError::Table(TableError::Foreign { .. })), "{error:?}");
        assert_eq!(fs::read_to_string(&left).unwrap(), "left");
        fs::remove_file(left).unwrap();
    }
    run(&archive, Options::new(&to, Form::Sqlite)).unwrap();
    fs::write(home.path("out.db-journal"), "left").unwrap();
    run(&archive, options(&to, Form::Sqlite, |options| options.force = true)).unwrap();
    assert!(!home.path("out.db-journal").exists());
}

/// The database and its journal, as they lie there while a transaction runs, are what a run that is killed leaves.
#[test]
fn a_database_whose_extension_was_cut_off_is_extended_and_replaced() {
    let home = Home::new();
    let archive = home.zoo(Encoding::IonText);
    let first = home.path("first.db");
    run(&archive, Options::new(&first, Form::Sqlite)).unwrap();
    let connection = Connection::open(&first).unwrap();
    let half = "PRAGMA cache_size = 1; BEGIN IMMEDIATE; UPDATE revision SET data = data || 'xxxxxxxxxxxxxxxxxxxx'";
    connection.execute_batch(half).unwrap();
    for (name, force) in [("extended.db", false), ("replaced.db", true)] {
        let to = home.path(name);
        fs::copy(&first, &to).unwrap();
        fs::copy(home.path("first.db-journal"), home.path(&format!("{name}-journal"))).unwrap();
        let ran =
            run(&archive, options(&to, Form::Sqlite, |options| (options.force, options.append) = (force, !force)));
        assert_eq!(ran.unwrap().1 == Converted::NothingNew, !force);
        let count = "SELECT count(*) FROM revision WHERE data LIKE '%xxxxxxxx'";
        let found: i64 = Connection::open(&to).unwrap().query_row(count, [], |row| row.get(0)).unwrap();
        assert_eq!(found, 0);
    }
}

#[test]
fn an_extension_leaves_what_others_added() {
    let home = Home::new();
    let first = home.export(&zoo(), "first", 0..6, Encoding::IonBinary);
    let whole = home.zoo(Encoding::IonBinary);
    let append = |archive: &Path, name: &str, form| {
        run(archive, options(&home.path(name), form, |options| options.append = true))
    };
    append(&first, "parquet", Form::Parquet).unwrap();
    let mine = home.path("parquet/transaction/part-00002.parquet");
    fs::write(&mine, "mine").unwrap();
    let error = append(&whole, "parquet", Form::Parquet).unwrap_err();
    assert!(matches!(error, ConvertError::Table(TableError::Exists(_))), "{error:?}");
    assert_eq!(fs::read_to_string(&mine).unwrap(), "mine");
    append(&first, "out.db", Form::Sqlite).unwrap();
    let connection = Connection::open(home.path("out.db")).unwrap();
    connection.execute_batch("CREATE VIEW mine AS SELECT doc_id FROM revision").unwrap();
    append(&whole, "out.db", Form::Sqlite).unwrap();
    let count = |view: &str| -> i64 {
        connection.query_row(&format!("SELECT count(*) FROM {view}"), [], |row| row.get(0)).unwrap()
    };
    assert!(count("mine") > 0 && count("Types") > 0);
    let again = "SELECT count(*) FROM sqlite_schema WHERE type = 'view' AND name = 'Types_2'";
    assert_eq!(connection.query_row(again, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_not_a_database() {
    let home = Home::new();
    let to = home.path("out.db");
    assert!(std::process::Command::new("mkfifo").arg(&to).status().unwrap().success());
    let archive = home.zoo(Encoding::IonText);
    let error = run(&archive, options(&to, Form::Sqlite, |options| options.append = true)).unwrap_err();
    assert!(matches!(error, ConvertError::Table(TableError::Foreign { .. })), "{error:?}");
}

/// Whichever comes first, and by any name: each row is there once.
#[cfg(unix)]
#[test]
fn two_runs_extend_one_destination_one_after_the_other() {
    let home = Home::new();
    let (ledger, archive) = (zoo(), home.zoo(Encoding::IonText));
    let first = home.export(&ledger, "first", 0..5, Encoding::IonText);
    for (form, name) in [(Form::Sqlite, "out.db"), (Form::Parquet, "out")] {
        let (to, link, whole) =
            (home.path(name), home.path(&format!("link-{name}")), home.path(&format!("whole-{name}")));
        run(&first, Options::new(&to, form)).unwrap();
        run(&archive, Options::new(&whole, form)).unwrap();
        std::os::unix::fs::symlink(&to, &link).unwrap();
        let mut names = vec![to.clone(), link.clone()];
        if form == Form::Sqlite {
            let other = home.path("other.db");
            fs::hard_link(&to, &other).unwrap();
            names.push(other);
        }
        let append = |to: &PathBuf| run(&archive, options(to, form, |options| options.append = true));
        let ended: Vec<_> = std::thread::scope(|scope| {
            let running: Vec<_> = names.iter().map(|to| scope.spawn(move || append(to))).collect();
            running.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let written = ended.iter().filter(|one| matches!(one, Ok((_, Converted::Written(_))))).count();
        assert_eq!(written, 1, "{ended:?}");
        for one in ended {
            assert!(matches!(one, Ok(_) | Err(ConvertError::Table(TableError::Busy(_)))), "{one:?}");
        }
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        match form {
            Form::Sqlite => assert_eq!(of_sqlite(&to, "revision"), of_sqlite(&whole, "revision")),
            _ => assert_eq!(in_order(of_parquet(&to, "revision")), in_order(of_parquet(&whole, "revision"))),
        }
    }
}

#[test]
fn unproved_tables_are_extended_only_on_request_and_never_called_proved() {
    let home = Home::new();
    let ledger = zoo();
    let first = home.export(&ledger, "first", 0..5, Encoding::Json);
    let second = home.export(&ledger, "second", 5..9, Encoding::IonText);
    let third = home.export(&ledger, "third", 9..13, Encoding::IonText);
    for (form, name) in [(Form::Sqlite, "t.db"), (Form::Parquet, "t")] {
        let to = home.path(name);
        let convert = |archive: &Path, append: bool, unverified: bool| {
            run(archive, Options { append, unverified, ..Options::new(&to, form) })
        };
        assert!(matches!(convert(&first, false, true), Ok((_, Converted::Written(_)))));
        // The second time what is not proved lies further back.
        for archive in [&second, &third] {
            let refused = convert(archive, true, false);
            assert!(
                matches!(&refused, Err(ConvertError::Table(TableError::Unproved { verdict, .. })) if verdict == "unproved"),
                "{refused:?}"
            );
            assert!(matches!(convert(archive, true, true), Ok((_, Converted::Written(_)))));
            assert!(matches!(convert(archive, true, true), Ok((_, Converted::NothingNew))));
            let refused = convert(archive, true, false);
            assert!(matches!(refused, Err(ConvertError::Table(TableError::Unproved { .. }))), "{refused:?}");
        }
        let verdicts: Vec<(String, bool)> = if form == Form::Sqlite {
            let connection = Connection::open(home.path(name)).unwrap();
            let mut select = connection.prepare("SELECT verdict, unverified FROM archive").unwrap();
            let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            rows.collect::<Result<_, _>>().unwrap()
        } else {
            let text = fs::read_to_string(home.path(name).join("archive.json")).unwrap();
            let document: serde_json::Value = serde_json::from_str(&text).unwrap();
            let conversions = document["conversions"].as_array().unwrap().iter();
            let of = |one: &serde_json::Value| {
                (one["verdict"].as_str().unwrap().to_owned(), one["unverified"].as_bool().unwrap())
            };
            conversions.map(of).collect()
        };
        assert_eq!(verdicts, vec![("unproved".to_owned(), true); 3]);
    }
}
