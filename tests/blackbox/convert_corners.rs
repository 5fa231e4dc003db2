//! `convert` where little goes as usual: destinations that can't be, tables without rows, numbers that no column holds.

use std::fs;

use rusqlite::Connection;

use crate::convert::{Desk, archive};
use crate::history::exported;

/// Only a folder can have a name that ends in a slash.
#[test]
fn a_database_is_not_written_to_a_name_that_ends_in_a_slash() {
    let desk = Desk::new();
    let small = archive("small/ION_TEXT");
    assert_eq!(desk.convert(&[&small, "--to", "there.db"]).code, Some(0));
    for to in ["there.db/", "./new.db/", "new/"] {
        for more in [&[][..], &["--force"], &["--append"]] {
            let ran = desk.convert(&[&[&small, "--as", "sqlite", "--to", to], more].concat());
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{to}: {}", ran.stderr);
            assert!(ran.stderr.contains("ends in a slash"), "{to}: {}", ran.stderr);
        }
    }
    assert_eq!(desk.convert(&[&small, "--as", "csv", "--to", "csv/"]).code, Some(0));
    assert_eq!(desk.names(), ["csv", "there.db"]);
}

/// Engines refuse to read a folder in which there is no file.
#[test]
fn a_folder_without_revisions_has_a_file_for_them_all_the_same() {
    let desk = Desk::new();
    let arguments = [&archive("daily/ION_TEXT"), "--as", "parquet", "--to", "tables", "--from", "2099-01-01"];
    for more in [&[][..], &["--append"], &["--force"]] {
        let ran = desk.convert(&[&arguments[..], more].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let partitions: Vec<_> = fs::read_dir(desk.path("tables/revision")).unwrap().map(Result::unwrap).collect();
        assert_eq!(partitions.len(), 1);
        assert_eq!(partitions[0].file_name(), "table_name=__HIVE_DEFAULT_PARTITION__");
        assert!(partitions[0].path().join("part-00001.parquet").is_file());
    }
}

#[test]
fn an_extension_that_adds_nothing_says_what_the_archive_lacks() {
    let desk = Desk::new();
    for to in ["t.db", "t"] {
        let form = if to == "t" { "parquet" } else { "sqlite" };
        let arguments = [&archive("small/ION_TEXT"), "--as", form, "--to", to, "--append"];
        assert!(desk.convert(&arguments).stdout.contains("Blocks:"));
        let ran = desk.convert(&arguments);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stdout.contains("no block after those that are there"), "{}", ran.stdout);
        assert!(ran.stdout.contains("Archive:") && ran.stdout.contains("60 blocks, from 0 to 59"), "{}", ran.stdout);
    }
    let ran = desk.convert(&[&archive("small/ION_TEXT"), "--as", "csv", "--to", "c", "--append"]);
    assert!(ran.code == Some(2) && ran.stderr.contains("--append can't be used with --as csv"), "{}", ran.stderr);
}

#[test]
fn statements_are_printed_only_for_places_that_the_engine_reads() {
    let desk = Desk::new();
    for (engine, to) in
        [("athena", "tables"), ("athena", "s3://"), ("duckdb", "s3://"), ("spark", "s3://Not_A_Bucket/x")]
    {
        let ran = desk.convert(&["--print-ddl", engine, "--to", to]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{engine} {to}: {}", ran.stderr);
        assert!(ran.stderr.contains("s3://BUCKET"), "{engine} {to}: {}", ran.stderr);
    }
    let ran = desk.convert(&["--print-ddl", "duckdb", "--to", "what [is] *this?"]);
    assert!(ran.stdout.contains("'what [[]is] [*]this[?]/revision/*/*.parquet'"), "{}", ran.stdout);
}

/// A column holds a decimal as a float only if there is such a float.
#[test]
fn decimals_that_no_float_is_near_keep_their_digits_in_views() {
    let desk = Desk::new();
    let archive =
        exported(&desk.0, "{tiny:1d-400, huge:-9d400, zero:0d5, some:1d2, none:0e0, least:5e-324, most:1e308}");
    let ran = desk.convert(&[&archive, "--to", "t.db"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let database = Connection::open(desk.path("t.db")).unwrap();
    let shown = |field: &str| -> String {
        let sql = format!("SELECT typeof({field}) || ' ' || {field} FROM Corners");
        database.query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    for (field, expected) in [
        ("tiny", "text 1e-400"),
        ("huge", "text -9e400"),
        ("zero", "real 0.0"),
        ("some", "real 100.0"),
        ("none", "real 0.0"),
    ] {
        assert_eq!(shown(field), expected, "{field}");
    }
    assert!(shown("least").starts_with("real 4.9") && shown("most").starts_with("real 1"), "{}", shown("least"));
}
