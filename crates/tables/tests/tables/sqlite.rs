//! SQLite databases.

use std::path::Path;

use qldb_journal::Encoding;
use qldb_journal::archive::source::{Folder, Source};
use qldb_journal::archive::verify::{Report, Request, Status, verify_and_take};
use qldb_tables::{ConvertError, Converted, Documents, Form, History, Options, TableError, convert};
use rusqlite::Connection;

use crate::ledger::{Home, Ledger, archive, id, zoo};
use crate::oracle::{self, Expected, is_down_converted};

pub(crate) fn run(archive: &Path, options: Options) -> Result<(Report, Converted), ConvertError> {
    let sources: Vec<Box<dyn Source>> = vec![Box::new(Folder::new(archive))];
    convert(&Request::new(&sources).sha256_of_objects(true), options)
}

fn to_sqlite(archive: &Path, to: &Path, change: impl FnOnce(&mut Options)) -> Connection {
    let mut options = Options::new(to, Form::Sqlite);
    change(&mut options);
    let (report, converted) = run(archive, options).unwrap();
    assert!(matches!(converted, Converted::Written(_)), "{converted:?} {:?}", report.breaks);
    Connection::open(to).unwrap()
}

type Row = (u64, String, String, (Option<String>, Option<String>), String, u64, String, String);
type Rest = (Option<String>, String, bool, Option<String>, Option<String>);

fn rows(connection: &Connection) -> Vec<(Row, Rest)> {
    let mut select = connection.prepare("SELECT * FROM revision ORDER BY rowid").unwrap();
    let has_ion = select.column_names().contains(&"data_ion");
    let found = select.query_map([], |row| {
        let number = |index| row.get::<_, i64>(index).map(i64::unsigned_abs);
        Ok((
            (
                number(2)?,
                row.get(3)?,
                row.get(4)?,
                (row.get(5)?, row.get(6)?),
                row.get(7)?,
                number(8)?,
                row.get(9)?,
                row.get(10)?,
            ),
            (row.get(11)?, row.get(12)?, row.get(13)?, row.get(14)?, if has_ion { row.get(15)? } else { None }),
        ))
    });
    found.unwrap().collect::<Result<_, _>>().unwrap()
}

fn assert_rows(found: &[(Row, Rest)], expected: &[Expected], context: &str) {
    assert_eq!(found.len(), expected.len(), "{context}");
    for ((row, rest), expected) in found.iter().zip(expected) {
        let (name, id) = expected.table.clone().unzip();
        let wanted = (
            expected.sequence_no,
            expected.tx_id.clone(),
            expected.block_time.clone(),
            (name, id),
            expected.doc_id.clone(),
            expected.version,
            expected.tx_time.clone(),
            expected.hash.clone(),
        );
        assert_eq!(*row, wanted, "{context}");
        let (data_hash, operation, is_redacted, data, ion) = rest;
        assert_eq!((data_hash, operation.as_str()), (&expected.data_hash, expected.operation), "{context}");
        assert_eq!(*is_redacted, expected.data_hash.is_some(), "{context}");
        assert_eq!(data.is_some(), expected.data.is_some(), "{context}");
        if let (Some(data), Some(expected)) = (data, &expected.data) {
            assert!(is_down_converted(data, expected), "{context}: {data}\n{expected}");
        }
        if let (Some(ion), Some(expected)) = (ion, &expected.data) {
            let found = ion_rs::Element::read_one(ion).unwrap();
            assert!(ion_rs::IonData::eq(&found, expected), "{context}: {ion}\n{expected}");
        }
    }
}

#[test]
fn rows_are_what_another_reader_finds() {
    let home = Home::new();
    for (name, with_ion) in
        [("small/ION_TEXT", false), ("small/ION_BINARY", true), ("daily/ION_BINARY", true), ("far/ION_TEXT", true)]
    {
        let archive = archive(name);
        let to = home.path(&format!("{}.db", name.replace('/', "-")));
        let connection = to_sqlite(&archive, &to, |options| options.with_ion = with_ion);
        assert_rows(&rows(&connection), &oracle::revisions(&archive), name);
    }
    for encoding in [Encoding::IonText, Encoding::IonBinary] {
        let archive = home.zoo(encoding);
        let connection =
            to_sqlite(&archive, &home.path(&format!("{encoding:?}.db")), |options| options.with_ion = true);
        assert_rows(&rows(&connection), &oracle::revisions(&archive), &format!("{encoding:?}"));
    }
}

#[test]
fn json_exports_become_the_same_rows_but_only_unproved() {
    let home = Home::new();
    let (text, json) = (home.zoo(Encoding::IonText), home.zoo(Encoding::Json));
    let to = home.path("json.db");
    let (report, converted) = run(&json, Options::new(&to, Form::Sqlite)).unwrap();
    assert_eq!((report.verdict, converted), (Status::Unproved, Converted::NotProved));
    assert!(!to.exists());
    let connection = to_sqlite(&json, &to, |options| options.unverified = true);
    assert_rows(&rows(&connection), &oracle::revisions(&text), "JSON");
    let said: (String, bool) = connection
        .query_row("SELECT verdict, unverified FROM archive", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!(said, ("unproved".to_owned(), true));
    let proved = to_sqlite(&text, &home.path("text.db"), |_| {});
    let data = |connection: &Connection| rows(connection).into_iter().map(|(_, rest)| rest.3).collect::<Vec<_>>();
    assert_eq!(data(&proved), data(&connection), "the JSON of an export stays as it is");
}

/// Every view can be queried, and shows what the last revisions are.
#[test]
fn views_show_the_current_documents_and_their_history() {
    let home = Home::new();
    let archive = home.zoo(Encoding::IonBinary);
    let connection = to_sqlite(&archive, &home.path("zoo.db"), |_| {});
    let texts = |sql: &str| -> Vec<String> {
        let mut select = connection.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let columns = select.column_count();
        let found = select.query_map([], |row| {
            let one = |index| {
                row.get::<_, rusqlite::types::Value>(index).map(|value| match value {
                    rusqlite::types::Value::Null => "NULL".to_owned(),
                    rusqlite::types::Value::Integer(number) => number.to_string(),
                    rusqlite::types::Value::Real(number) => format!("{number:?}"),
                    rusqlite::types::Value::Text(text) => text,
                    rusqlite::types::Value::Blob(_) => "blob".to_owned(),
                })
            };
            Ok((0..columns).map(one).collect::<Result<Vec<_>, _>>()?.join("|"))
        });
        found.unwrap().collect::<Result<_, _>>().unwrap()
    };
    assert_eq!(texts("SELECT doc_id, VIN, Price FROM Vehicle"), [format!("{}|A|2", id("car2"))]);
    let names = "SELECT view_name, history_view_name FROM document_table ORDER BY 1";
    assert_eq!(
        texts(names),
        [
            "Types|history_Types",
            "Vehicle|history_Vehicle",
            "odd 'name|history_odd 'name",
            "revision_2|history_revision",
            "vehicle_2|history_vehicle_2",
        ]
    );
    assert_eq!(texts("SELECT vin FROM vehicle_2"), ["a"]);
    assert_eq!(texts("SELECT data, hash FROM revision_2"), ["1|2"]);
    let history = "SELECT metadata ->> '$.version', data IS NULL FROM history_Vehicle ORDER BY 1, 2";
    assert_eq!(texts(history), ["0|0", "0|0", "1|0", "2|1"]);
    let address = "SELECT blockAddress ->> '$.sequenceNo', metadata ->> '$.id' FROM _ql_committed_Vehicle";
    assert_eq!(texts(address), [format!("10|{}", id("car2"))]);
    let odd = "SELECT \"we\"\"ird\", \"a.b\", \"with space\", vin, VIN_2, \"select\", \"\", \"back\\slash\", \"new\nline\", \
               \"br[0]\", doc_id_2, \"quote's\", \"\"\"\", \"a\"\".b\", \"ü\", \"bell\u{7}\" FROM \"odd 'name\"";
    assert_eq!(texts(odd), ["1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16"]);
    let numbers = "SELECT i64, beyond, huge, d38, d, whole, zero, tiny, long, f, e, pi, nan FROM Types WHERE small = 1";
    assert_eq!(
        texts(numbers),
        ["9223372036854775807|9223372036854775808|123456789012345678901234567890123456789012345678901234567890|\
          12345678901234567890.123456789012345678|9.50|9|0.00|1e-30|12345678901e40|8.7|1.0|3.141592653589793|NULL"]
    );
    assert_eq!(texts("SELECT field499, field0 FROM Types WHERE field1 = 1"), ["499|0"]);
    assert_eq!(texts("SELECT a, same FROM Types WHERE same IS NOT NULL"), [r#"[1,"1",1.0,true]|{"vin":1,"VIN":2}"#]);
}

#[test]
fn the_next_export_extends_a_database_and_another_is_refused() {
    let home = Home::new();
    let ledger = zoo();
    let all = ledger.blocks.len();
    let export = |name: &str, range| home.export(&ledger, name, range, Encoding::IonText);
    let (first, second, gap, whole) =
        (export("first", 0..5), export("second", 5..9), export("gap", 10..all), export("whole", 0..all));
    let to = home.path("zoo.db");
    let append = |archive: &Path| {
        let mut options = Options::new(&to, Form::Sqlite);
        options.append = true;
        run(archive, options)
    };
    let count = || {
        let connection = Connection::open(&to).unwrap();
        let one = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        (one("SELECT count(*) FROM revision"), one("SELECT max(last_sequence_no) FROM archive"))
    };
    assert!(matches!(append(&first).unwrap().1, Converted::Written(_)));
    assert!(matches!(append(&second).unwrap().1, Converted::Written(_)));
    let two = count();
    assert_eq!(append(&second).unwrap().1, Converted::NothingNew);
    for refused in [&gap, &first] {
        let error = append(refused).unwrap_err();
        assert!(matches!(error, ConvertError::Table(TableError::NotContinued { .. })), "{error:?}");
    }
    assert_eq!(count(), two);
    // The whole archive is as good as what is missing of it.
    assert!(matches!(append(&whole).unwrap().1, Converted::Written(_)));
    let at_once = to_sqlite(&whole, &home.path("whole.db"), |_| {});
    assert_eq!(rows(&Connection::open(&to).unwrap()), rows(&at_once));
    let views = |connection: &Connection| {
        let sql = "SELECT group_concat(name || sql, ' ') FROM (SELECT name, sql FROM sqlite_schema WHERE type = 'view' ORDER BY name)";
        connection.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap()
    };
    assert_eq!(views(&Connection::open(&to).unwrap()), views(&at_once));
}

#[test]
fn a_damaged_archive_leaves_nothing_and_nothing_is_overwritten() {
    let home = Home::new();
    let archive = home.zoo(Encoding::IonText);
    let to = home.path("zoo.db");
    to_sqlite(&archive, &to, |_| {});
    let before = std::fs::read(&to).unwrap();
    let error = run(&archive, Options::new(&to, Form::Sqlite)).unwrap_err();
    assert!(matches!(error, ConvertError::Table(TableError::Exists(_))), "{error:?}");
    let object = std::fs::read_dir(archive.join("p/2024/03/09/00")).unwrap().next().unwrap().unwrap().path();
    let damaged = String::from_utf8(std::fs::read(&object).unwrap()).unwrap().replacen("SELECT *", "SELECT x", 1);
    let damaged = damaged.replacen("CREATE TABLE", "CREATE TABLX", 1);
    std::fs::write(&object, damaged).unwrap();
    for change in [(|options| options.force = true) as fn(&mut Options), |options| options.append = true] {
        let mut options = Options::new(&to, Form::Sqlite);
        change(&mut options);
        let (report, converted) = run(&archive, options).unwrap();
        assert_eq!((report.verdict, converted), (Status::Damaged, Converted::NotProved));
        assert!(std::fs::read(&to).unwrap() == before, "what was there is there still");
    }
    let other = home.path("other.db");
    std::fs::write(&other, "mine").unwrap();
    let mut options = Options::new(&other, Form::Sqlite);
    options.force = true;
    let error = run(&archive, options).unwrap_err();
    assert!(matches!(error, ConvertError::Table(TableError::Foreign { .. })), "{error:?}");
    assert_eq!(home.names(), ["other.db", "zoo-IonText", "zoo.db"]);
}

#[test]
fn filters_leave_out_rows_and_nothing_of_the_proof() {
    let home = Home::new();
    let archive = home.zoo(Encoding::IonText);
    let ledger = zoo();
    let all = oracle::revisions(&archive);
    let of = |wanted: &dyn Fn(&Expected) -> bool| all.iter().filter(|row| wanted(row)).cloned().collect::<Vec<_>>();
    let vehicles = to_sqlite(&archive, &home.path("table.db"), |options| {
        options.tables.insert("Vehicle".to_owned());
    });
    let is_vehicle = |row: &Expected| row.table.as_ref().is_some_and(|(name, _)| name == "Vehicle");
    assert_rows(&rows(&vehicles), &of(&is_vehicle), "--table");
    let (from, until) = (ledger.time(3), ledger.time(8));
    let range = to_sqlite(&archive, &home.path("range.db"), |options| {
        (options.from, options.until) = (Some(from), Some(until));
    });
    assert_rows(&rows(&range), &of(&|row| (3..8).contains(&row.sequence_no)), "--from, --until");
    let current = to_sqlite(&archive, &home.path("current.db"), |options| options.current = true);
    let is_current = |row: &Expected| {
        row.operation != "D" && !all.iter().any(|other| other.doc_id == row.doc_id && other.version > row.version)
    };
    assert_rows(&rows(&current), &of(&is_current), "--current");
    let mut options = Options::new(home.path("counted.db"), Form::Sqlite);
    options.current = true;
    let Converted::Written(counted) = run(&archive, options).unwrap().1 else { panic!("written") };
    let count = |table: &str| -> i64 {
        current.query_row(&format!("SELECT count(*) FROM \"{table}\""), [], |row| row.get(0)).unwrap()
    };
    let written =
        [counted.revisions, counted.transactions, counted.statements].map(|count| i64::try_from(count).unwrap());
    assert_eq!(written, ["revision", "transaction", "statement"].map(count));
}

/// Of a document with many versions each would otherwise be compared with all.
#[test]
fn whether_a_revision_is_current_is_found_by_looks_into_indexes() {
    let home = Home::new();
    let connection = to_sqlite(&home.zoo(Encoding::IonText), &home.path("zoo.db"), |_| {});
    let mut explain = connection.prepare("EXPLAIN QUERY PLAN SELECT * FROM Vehicle").unwrap();
    let plan = explain.query_map([], |row| row.get(3)).unwrap().collect::<Result<Vec<String>, _>>().unwrap().join("\n");
    for look in ["revision_deleted (doc_id=?)", "(doc_id=? AND version>?)", "(doc_id=? AND version=? AND rowid>?)"] {
        assert!(plan.contains(look), "{plan}");
    }
}

/// More fields than columns, with the longest names that make one, all of which SQL and JSON write with escapes.
#[test]
fn a_table_of_very_many_fields_has_a_view_that_can_be_read() {
    let home = Home::new();
    let fields: Vec<String> = (0..2000).map(|number| format!("'{number}{}':{number}", "\"\\'".repeat(80))).collect();
    let mut ledger = Ledger::new();
    ledger.commit("INSERT", &[("Wide", "wide", 0, Some(&format!("{{{}}}", fields.join(","))))]);
    let archive = home.export(&ledger, "wide", 0..1, Encoding::IonText);
    let connection = to_sqlite(&archive, &home.path("wide.db"), |_| {});
    let mut select = connection.prepare("SELECT * FROM Wide").unwrap();
    assert_eq!(select.column_count(), 1001, "with doc_id");
    let values =
        select.query_row([], |row| (1..=1000).map(|index| row.get::<_, i64>(index)).collect::<Result<Vec<_>, _>>());
    assert_eq!(values.unwrap(), (0..1000).collect::<Vec<_>>());
}

/// No hash covers the version and the time that a deletion claims: whatever stands there, the document is deleted.
#[test]
fn what_a_deletion_claims_of_itself_decides_nothing() {
    let home = Home::new();
    for (index, (from, to)) in
        [("version:2", "version:0"), ("version:2", "version:99"), ("version:2", "version:1")].into_iter().enumerate()
    {
        let mut ledger = zoo();
        ledger.forge(9, from, to);
        let time = ledger.time(9).format("txTime:%Y-%m-%dT%H").to_string();
        ledger.forge(9, &time, "txTime:2019-01-01T00");
        let archive = home.export(&ledger, &format!("forged-{index}"), 0..ledger.blocks.len(), Encoding::IonText);
        let whole = to_sqlite(&archive, &home.path(&format!("{index}.db")), |_| {});
        let current = to_sqlite(&archive, &home.path(&format!("current-{index}.db")), |options| options.current = true);
        for connection in [&whole, &current] {
            let ids = "SELECT group_concat(doc_id) FROM Vehicle";
            let found: String = connection.query_row(ids, [], |row| row.get(0)).unwrap();
            assert_eq!(found, id("car2"), "{to}");
        }
        let history = History::begin(Documents::Id(id("car1"))).unwrap();
        let sources: Vec<Box<dyn Source>> = vec![Box::new(Folder::new(&archive))];
        let report = verify_and_take(&Request::new(&sources), &history).unwrap();
        assert_eq!(report.verdict, Status::Proved, "no hash covers it: {:?}", report.breaks);
        let count = history.each(|document| {
            assert_eq!(document.versions.last().map(|last| last.operation.as_str()), Some("D"));
            assert!(document.doubtful_deletion().is_some(), "{to}");
            let operation = |number| document.as_of(ledger.time(number)).map(|version| version.operation.clone());
            assert_eq!([8, 9].map(operation), [Some("U".to_owned()), Some("D".to_owned())], "the block's time counts");
            Ok::<(), TableError>(())
        });
        assert_eq!(count.unwrap(), 1);
    }
}

#[test]
fn of_tables_with_one_name_the_views_show_the_one_that_was_written_to_last() {
    let home = Home::new();
    let mut ledger = Ledger::new();
    ledger.commit("CREATE TABLE Vehicle", &[]);
    ledger.commit("INSERT", &[("Vehicle", "old", 0, Some("{a:1}"))]);
    // Dropped, and made again.
    ledger.commit("INSERT", &[("Vehicle#2", "new", 0, Some("{b:1}"))]);
    ledger.commit("UPDATE", &[("Vehicle#2", "new", 1, Some("{b:2}"))]);
    // Dropped, and the first one is there again.
    ledger.commit("UPDATE", &[("Vehicle", "old", 1, Some("{a:2,c:3}"))]);
    let to = home.path("out.db");
    for (name, range, view, columns) in [
        ("first", 0..4, [id("new"), "2".to_owned()], "doc_id,b"),
        ("second", 4..5, [id("old"), "2".to_owned()], "doc_id,a,c"),
    ] {
        let connection = to_sqlite(&home.export(&ledger, name, range, Encoding::IonText), &to, |options| {
            options.append = true;
        });
        let mut select = connection.prepare("SELECT * FROM Vehicle").unwrap();
        assert_eq!(select.column_names().join(","), columns);
        let rows = select.query_map([], |row| Ok([row.get(0)?, row.get::<_, i64>(1)?.to_string()]));
        assert_eq!(rows.unwrap().collect::<Result<Vec<[String; 2]>, _>>().unwrap(), [view]);
    }
    let connection = Connection::open(&to).unwrap();
    let noted = "SELECT group_concat(revisions || ' ' || documents || ' ' || coalesce(view_name, '-'), ', ') FROM document_table";
    let noted: String = connection.query_row(noted, [], |row| row.get(0)).unwrap();
    assert_eq!(noted, "2 1 Vehicle, 2 1 -");
    assert_eq!(
        connection.query_row("SELECT count(*) FROM history_Vehicle", [], |row| row.get::<_, i64>(0)).unwrap(),
        2
    );
    let all = "SELECT count(*) FROM revision WHERE table_name = 'Vehicle'";
    assert_eq!(connection.query_row(all, [], |row| row.get::<_, i64>(0)).unwrap(), 4);
}

/// What was left out decides as well: documents of a table that was dropped are not those of the one that took its name.
#[test]
fn of_tables_with_the_same_name_the_last_has_the_views_even_without_documents() {
    let home = Home::new();
    let mut ledger = Ledger::new();
    ledger.commit("INSERT", &[("Vehicle", "old", 0, Some("{a:1}"))]);
    ledger.commit("INSERT", &[("Vehicle#2", "new", 0, Some("{b:1}"))]);
    ledger.commit("DELETE FROM Vehicle", &[("Vehicle#2", "new", 1, None)]);
    ledger.commit("INSERT", &[("Person", "one", 0, Some("{c:1}"))]);
    for name in ["kept", "gone"] {
        if name == "gone" {
            ledger.commit("DELETE FROM Vehicle", &[("Vehicle", "old", 1, None)]);
            ledger.commit("INSERT", &[("Vehicle#2", "newer", 0, Some("{b:2}"))]);
            ledger.commit("DELETE FROM Vehicle", &[("Vehicle#2", "newer", 1, None)]);
        }
        let archive = home.export(&ledger, name, 0..ledger.blocks.len(), Encoding::IonText);
        for current in [false, true] {
            let connection =
                to_sqlite(&archive, &home.path(&format!("{name}-{current}.db")), |options| options.current = current);
            let select = connection.prepare("SELECT * FROM Vehicle").unwrap();
            assert_eq!(select.column_names().join(","), "doc_id,b", "{name} {current}");
            let count = "SELECT count(*) FROM Vehicle";
            assert_eq!(connection.query_row(count, [], |row| row.get::<_, i64>(0)).unwrap(), 0, "{name} {current}");
        }
    }
}

#[test]
fn only_requested_tables_have_views() {
    let home = Home::new();
    let mut ledger = Ledger::new();
    let both = [("Person", "one", 0, Some("{a:1}")), ("Vehicle", "car", 0, Some("{b:1}"))];
    ledger.commit("INSERT", &both);
    ledger.commit("INSERT", &[("Person#2", "two", 0, Some("{a:2}"))]);
    ledger.commit("INSERT", &[("Person#2", "three", 0, Some("{a:2}")), ("Vehicle", "bus", 0, Some("{b:1}"))]);
    let archive = home.export(&ledger, "both", 0..3, Encoding::IonText);
    let connection = to_sqlite(&archive, &home.path("a.db"), |options| {
        options.tables.insert("Vehicle".to_owned());
    });
    let views = "SELECT group_concat(name) FROM sqlite_schema WHERE type = 'view'";
    let views: String = connection.query_row(views, [], |row| row.get(0)).unwrap();
    assert_eq!(views, "Vehicle,_ql_committed_Vehicle,history_Vehicle");
    let tables = "SELECT group_concat(table_name || revisions) FROM document_table";
    assert_eq!(connection.query_row(tables, [], |row| row.get::<_, String>(0)).unwrap(), "Vehicle2");
}

#[test]
fn an_extension_says_when_its_own_first_block_was_committed() {
    let home = Home::new();
    let ledger = zoo();
    let (first, whole) = (
        home.export(&ledger, "first", 0..5, Encoding::IonText),
        home.export(&ledger, "whole", 0..9, Encoding::IonText),
    );
    let to = home.path("zoo.db");
    let append = |options: &mut Options| options.append = true;
    to_sqlite(&first, &to, append);
    let connection = to_sqlite(&whole, &to, append);
    let mut select = connection.prepare("SELECT first_sequence_no, first_block_time FROM archive").unwrap();
    let rows = select.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)));
    let time = |number| ledger.time(number).format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    assert_eq!(rows.unwrap().collect::<Result<Vec<_>, _>>().unwrap(), [(0, time(0)), (5, time(5))]);
}

/// An export that lost its name beside one that has it, and exports that call one journal by two names.
#[test]
fn the_ledger_is_what_the_exports_that_name_it_call_it() {
    let home = Home::new();
    let ledger = zoo();
    let archive = home.export(&ledger, "first", 0..5, Encoding::IonText);
    ledger.export(&archive, "second", 5..9, Encoding::IonText);
    let manifest = archive.join(format!("p/{}.started.manifest", id("first")));
    let named = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, named.replace("\"ledgerName\":\"zoo\",", "")).unwrap();
    let connection = to_sqlite(&archive, &home.path("a.db"), |_| {});
    let ledgers = "SELECT group_concat(DISTINCT ledger) FROM revision";
    assert_eq!(connection.query_row(ledgers, [], |row| row.get::<_, String>(0)).unwrap(), "zoo");
    // What is there says it as well.
    let nameless = home.export(&ledger, "third", 9..12, Encoding::IonText);
    let third = nameless.join(format!("p/{}.started.manifest", id("third")));
    std::fs::write(&third, std::fs::read_to_string(&third).unwrap().replace("\"ledgerName\":\"zoo\",", "")).unwrap();
    let connection = to_sqlite(&nameless, &home.path("a.db"), |options| options.append = true);
    assert_eq!(connection.query_row(ledgers, [], |row| row.get::<_, String>(0)).unwrap(), "zoo");
    std::fs::write(&manifest, named.replace("\"zoo\"", "\"ark\"")).unwrap();
    let error = run(&archive, Options::new(home.path("b.db"), Form::Sqlite)).unwrap_err();
    let ConvertError::Verify(error) = error else { panic!("{error:?}") };
    assert_eq!(error.to_string(), "the exports of one journal name 2 ledgers: ark, zoo");
    assert!(!home.path("b.db").exists());
}

#[test]
fn a_table_that_is_not_there_is_an_error_and_nothing_is_left() {
    let home = Home::new();
    let (ledger, archive) = (zoo(), home.zoo(Encoding::IonText));
    let to = home.path("out.db");
    let of = |tables: &[&str], archive: &Path, append| {
        let mut options = Options::new(&to, Form::Sqlite);
        options.tables = tables.iter().map(|name| (*name).to_owned()).collect();
        // Outside of what is wanted it is there all the same.
        options.until = Some(ledger.time(3));
        options.append = append;
        run(archive, options)
    };
    let Err(ConvertError::Table(TableError::NoSuchTable { missing, named, .. })) =
        of(&["Vehicle", "VEHICLE"], &archive, false)
    else {
        panic!("it is there");
    };
    assert_eq!(missing, ["VEHICLE"]);
    assert!(named.contains(&"Vehicle".to_owned()) && named.contains(&"vehicle".to_owned()), "{named:?}");
    assert_eq!(home.names(), ["zoo-IonText"]);
    assert!(matches!(of(&["Vehicle"], &archive, false), Ok((_, Converted::Written(_)))));
    assert_eq!(of(&["Vehicle"], &archive, true).unwrap().1, Converted::NothingNew);
}
