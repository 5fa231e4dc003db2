//! Folders of Parquet, CSV and JSON Lines: the same rows as in SQLite, which are held against another reader.

use std::fs::{self, File};
use std::path::Path;

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;
use qldb_journal::Encoding;
use qldb_tables::{ConvertError, Converted, Form, Options, TableError};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::Value as Json;

use crate::ledger::{Home, Ledger, archive, id, zoo};
use crate::sqlite::run;

/// A row of a table, each value as text; none for null.
pub(crate) type Row = Vec<(String, Option<String>)>;

fn written(archive: &Path, to: &Path, form: Form, change: impl FnOnce(&mut Options)) {
    let mut options = Options::new(to, form);
    options.with_ion = true;
    change(&mut options);
    let (report, converted) = run(archive, options).unwrap();
    assert!(matches!(converted, Converted::Written(_)), "{converted:?} {:?}", report.breaks);
}

pub(crate) fn of_sqlite(path: &Path, table: &str) -> Vec<Row> {
    let connection = Connection::open(path).unwrap();
    let mut select = connection.prepare(&format!("SELECT * FROM \"{table}\" ORDER BY rowid")).unwrap();
    let names: Vec<String> = select.column_names().into_iter().map(str::to_owned).collect();
    let rows = select.query_map([], |row| {
        let value = |(index, name): (usize, &String)| {
            let text = match row.get_ref(index).unwrap() {
                ValueRef::Null => None,
                ValueRef::Integer(number) if name == "redacted" => Some((number != 0).to_string()),
                ValueRef::Integer(number) => Some(number.to_string()),
                other => Some(other.as_str().unwrap().to_owned()),
            };
            (name.clone(), text)
        };
        Ok(names.iter().enumerate().map(value).collect())
    });
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

/// RFC 4180, with `PostgreSQL`'s difference between nothing and an empty text.
fn of_csv(path: &Path) -> Vec<Row> {
    let text = fs::read_to_string(path).unwrap();
    let mut characters = text.chars().peekable();
    let (mut rows, mut row, mut field, mut was_quoted) = (Vec::new(), Vec::new(), String::new(), false);
    while let Some(character) = characters.next() {
        match character {
            '"' => {
                was_quoted = true;
                while let Some(inner) = characters.next() {
                    if inner != '"' {
                        field.push(inner);
                    } else if characters.next_if_eq(&'"').is_some() {
                        field.push('"');
                    } else {
                        break;
                    }
                }
            }
            ',' | '\n' => {
                let text = std::mem::take(&mut field);
                row.push((was_quoted || !text.is_empty()).then_some(text));
                was_quoted = false;
                if character == '\n' {
                    rows.push(std::mem::take(&mut row));
                }
            }
            other => field.push(other),
        }
    }
    assert!(row.is_empty() && field.is_empty(), "the last line ends");
    let names: Vec<String> = rows.remove(0).into_iter().map(Option::unwrap).collect();
    rows.into_iter().map(|row| names.iter().cloned().zip(row).collect()).collect()
}

fn of_jsonl(path: &Path) -> Vec<serde_json::Map<String, Json>> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// The rows of a table's files, those of revisions with the name of their partition, in the order of the journal.
pub(crate) fn of_parquet(folder: &Path, table: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    for path in files(&folder.join(table)) {
        let partition = path.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned();
        let reader = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
        for row in reader.get_row_iter(None).unwrap() {
            let mut values: Row = row
                .unwrap()
                .get_column_iter()
                .map(|(name, field)| {
                    let text = match field {
                        Field::Null => None,
                        Field::Str(text) => Some(text.clone()),
                        Field::Long(number) => Some(number.to_string()),
                        Field::Bool(is) => Some(is.to_string()),
                        Field::TimestampMillis(millis) => Some(
                            chrono::DateTime::from_timestamp_millis(*millis)
                                .unwrap()
                                .to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
                        ),
                        other => panic!("{other:?}"),
                    };
                    (name.clone(), text)
                })
                .collect();
            if let Some(name) = partition.strip_prefix("table_name=") {
                let is_there = name != "__HIVE_DEFAULT_PARTITION__";
                values.insert(5, ("table_name".to_owned(), is_there.then(|| unescaped(name))));
            }
            rows.push(values);
        }
    }
    rows
}

/// The value in the name of a Hive partition's folder.
fn unescaped(name: &str) -> String {
    let mut parts = name.split('%');
    let mut value = parts.next().unwrap().to_owned();
    for part in parts {
        value.push(char::from(u8::from_str_radix(&part[..2], 16).unwrap()));
        value.push_str(&part[2..]);
    }
    value
}

/// The order of the journal, where rows of several files come together.
pub(crate) fn in_order(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by_key(|row| {
        let number = |name: &str| row.iter().find(|(of, _)| of == name)?.1.as_ref()?.parse::<u64>().ok();
        (number("sequence_no"), number("statement_no"), format!("{row:?}"))
    });
    rows
}

#[test]
fn every_form_has_the_rows_of_the_database() {
    let home = Home::new();
    let archives = [archive("small/ION_BINARY"), archive("daily/ION_TEXT"), home.zoo(Encoding::IonText)];
    for (index, archive) in archives.iter().enumerate() {
        let place = |name: &str| home.path(&format!("{index}-{name}"));
        written(archive, &place("db"), Form::Sqlite, |_| {});
        written(archive, &place("csv"), Form::Csv, |_| {});
        written(archive, &place("jsonl"), Form::JsonLines, |_| {});
        written(archive, &place("parquet"), Form::Parquet, |_| {});
        for table in ["revision", "transaction", "statement"] {
            let expected = of_sqlite(&place("db"), table);
            assert_eq!(of_csv(&place("csv").join(format!("{table}.csv"))), expected, "{table}");
            assert_eq!(in_order(of_parquet(&place("parquet"), table)), in_order(expected.clone()), "{table}");
            let lines = of_jsonl(&place("jsonl").join(format!("{table}.jsonl")));
            assert_eq!(lines.len(), expected.len());
            for (line, row) in lines.iter().zip(&expected) {
                for (name, value) in row {
                    let found = match &line[name] {
                        Json::Null => None,
                        Json::String(text) => Some(text.clone()),
                        // As it stands there, but for what the reader makes of numbers.
                        Json::Object(_) if name == "data" => {
                            let expected: Json = serde_json::from_str(value.as_ref().unwrap()).unwrap();
                            assert_eq!(line[name], expected);
                            value.clone()
                        }
                        other => Some(other.to_string()),
                    };
                    assert_eq!(found, *value, "{name}");
                }
            }
        }
        // Digits beyond what a reader of JSON makes of them.
        let text = fs::read_to_string(place("jsonl").join("revision.jsonl")).unwrap();
        for row in of_sqlite(&place("db"), "revision") {
            let data = row.iter().find(|(name, _)| name == "data").unwrap().1.clone().unwrap_or_default();
            assert!(text.contains(&data), "{data}");
        }
        let facts: Json =
            serde_json::from_str(&fs::read_to_string(place("parquet").join("archive.json")).unwrap()).unwrap();
        let said = &facts["conversions"][0];
        assert_eq!((&said["verdict"], &said["unverified"]), (&Json::from("proved"), &Json::from(false)));
        assert!(said["objects"].as_array().unwrap().iter().all(|object| object["sha256"].is_string()), "{said}");
    }
}

#[test]
fn a_parquet_footer_says_what_was_verified() {
    let home = Home::new();
    let to = home.path("out");
    written(&home.zoo(Encoding::Json), &to, Form::Parquet, |options| options.unverified = true);
    for path in files(&to).iter().filter(|path| path.extension().is_some_and(|extension| extension == "parquet")) {
        let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
        let metadata = reader.metadata().file_metadata().key_value_metadata().unwrap();
        let value = |key: &str| metadata.iter().find(|one| one.key == key).and_then(|one| one.value.clone());
        assert_eq!(value("qldb.verdict").as_deref(), Some("unproved"), "{}", path.display());
        assert_eq!(value("qldb.unverified").as_deref(), Some("true"));
        assert_eq!(value("qldb.ledger").as_deref(), Some("zoo"));
        assert!(value("qldb.tip_hash").is_some_and(|hash| hash.len() == 44));
    }
}

/// What Hive calls the partition of rows without a table is read as none, however a table of that name is written.
#[test]
fn a_table_name_that_readers_take_for_none_is_refused_only_in_parquet() {
    let home = Home::new();
    let mut ledger = Ledger::new();
    ledger
        .commit("INSERT", &[("__HIVE_DEFAULT_PARTITION__", "own", 0, Some("{a:1}")), ("Other", "its", 0, Some("{}"))]);
    let archive = home.export(&ledger, "hive", 0..1, Encoding::IonText);
    let error = run(&archive, Options::new(home.path("out"), Form::Parquet)).unwrap_err();
    assert!(error.to_string().contains("a table is named __HIVE_DEFAULT_PARTITION__"), "{error}");
    assert_eq!(home.names(), ["hive"]);
    written(&archive, &home.path("other"), Form::Parquet, |options| {
        options.tables.insert("Other".to_owned());
    });
    written(&archive, &home.path("out.db"), Form::Sqlite, |_| {});
    assert_eq!(of_sqlite(&home.path("out.db"), "revision").len(), 2);
}

/// A revision that no statement names has no table, and names may differ by case alone, in one conversion or in the next.
#[test]
fn every_table_has_its_own_folder_on_case_insensitive_file_systems() {
    let home = Home::new();
    let mut ledger = Ledger::new();
    ledger.commit("INSERT", &[("Vehicle", "one", 0, Some("{a:1}")), ("VEHICLE", "two", 0, Some("{a:2}"))]);
    ledger.commit("INSERT", &[("vehicle", "three", 0, Some("{a:3}")), ("a%=/: b", "four", 0, Some("{a:4}"))]);
    ledger.commit("INSERT", &[("Other", "lost", 0, Some("{b:1}"))]);
    // Nothing is proved of it then; what counts is where the rows are.
    ledger.forge(2, &id("lost"), &id("found"));
    ledger.forge(2, &format!("metadata:{{id:\"{}\"", id("found")), &format!("metadata:{{id:\"{}\"", id("lost")));
    let export = |name: &str, range| home.export(&ledger, name, range, Encoding::IonText);
    let to = home.path("out");
    for (name, range) in [("first", 0..1), ("second", 1..3)] {
        written(&export(name, range), &to, Form::Parquet, |options| {
            (options.unverified, options.append) = (true, true);
        });
    }
    written(&export("whole", 0..3), &home.path("out.db"), Form::Sqlite, |options| options.unverified = true);
    let mut folders: Vec<String> = fs::read_dir(to.join("revision"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_str().unwrap().to_lowercase())
        .collect();
    folders.sort();
    let count = folders.len();
    folders.dedup();
    assert_eq!((folders.len(), count), (5, 5), "{folders:?}");
    assert_eq!(in_order(of_parquet(&to, "revision")), in_order(of_sqlite(&home.path("out.db"), "revision")));
}

#[test]
fn current_documents_are_the_same_in_every_form() {
    let home = Home::new();
    let archive = archive("daily/ION_BINARY");
    for (form, name) in [(Form::Sqlite, "db"), (Form::Csv, "csv"), (Form::Parquet, "parquet")] {
        written(&archive, &home.path(name), form, |options| options.current = true);
    }
    let expected = of_sqlite(&home.path("db"), "revision");
    assert_eq!(expected.len(), 68, "truth.json: activeDocuments");
    assert_eq!(of_csv(&home.path("csv/revision.csv")), expected);
    assert_eq!(in_order(of_parquet(&home.path("parquet"), "revision")), in_order(expected));
}

#[test]
fn a_parquet_folder_is_extended_completely_or_not_at_all() {
    let home = Home::new();
    let ledger = zoo();
    let export = |name: &str, range| home.export(&ledger, name, range, Encoding::IonBinary);
    let (first, second, whole) = (export("first", 0..6), export("second", 6..10), export("whole", 0..10));
    let (to, at_once) = (home.path("out"), home.path("at-once"));
    written(&first, &to, Form::Parquet, |options| options.append = true);
    let error = run(&second, Options::new(&to, Form::Parquet)).unwrap_err();
    assert!(matches!(error, ConvertError::Table(TableError::Exists(_))), "{error:?}");
    written(&second, &to, Form::Parquet, |options| options.append = true);
    written(&whole, &at_once, Form::Parquet, |_| {});
    for table in ["revision", "transaction", "statement"] {
        assert_eq!(in_order(of_parquet(&to, table)), in_order(of_parquet(&at_once, table)), "{table}");
    }
    let mut options = Options::new(&to, Form::Parquet);
    options.append = true;
    let error = run(&second, options).unwrap_err();
    assert!(
        matches!(error, ConvertError::Table(TableError::NotContinued { .. })),
        "without the column data_ion: {error:?}"
    );
    // What somebody else put there is not removed.
    fs::write(to.join("mine"), "").unwrap();
    let mut options = Options::new(&to, Form::Parquet);
    options.force = true;
    let error = run(&whole, options).unwrap_err();
    assert!(matches!(error, ConvertError::Table(TableError::Foreign { .. })), "{error:?}");
    fs::remove_file(to.join("mine")).unwrap();
    written(&first, &to, Form::Parquet, |options| options.force = true);
    assert_eq!(of_parquet(&to, "transaction").len(), 6);
}

#[test]
fn an_extension_that_was_cut_off_is_completed_by_the_next_run() {
    let home = Home::new();
    let first = home.export(&zoo(), "first", 0..6, Encoding::IonBinary);
    let to = home.path("out");
    written(&first, &to, Form::Parquet, |_| {});
    let hidden = home.path(".out.qldb-export-unfinished");
    let new = hidden.join("new/revision/table_name=Late");
    fs::create_dir_all(&new).unwrap();
    fs::write(new.join("part-00002.parquet"), "late").unwrap();
    fs::write(hidden.join("whole"), "").unwrap();
    let mut options = Options::new(&to, Form::Parquet);
    options.append = true;
    options.with_ion = true;
    assert_eq!(run(&first, options).unwrap().1, Converted::NothingNew);
    assert!(to.join("revision/table_name=Late/part-00002.parquet").exists());
    assert_eq!(home.names(), ["first", "out"]);
}
