//! Forgeries in JSON. Its contents can't be proved; everything else is held to
//! what other readers of JSON read.

use qldb_journal::Encoding;
use qldb_journal::archive::verify::Status::{self, Damaged, Proved, Unproved};
use qldb_journal::archive::verify::{Level, Levels};

use crate::verify_bench::{Bench, Layout, Line, text};
use crate::verify_forgeries::{Way, in_block, joined, lines};
use crate::verify_forgeries_absence::without;
use crate::verify_readers::{JOURNAL, forged};

fn judge_json(name: &str, forge: &dyn Fn(&str) -> String, verdict: Status) {
    let (report, _) = forged(name, Encoding::Json, |whole| forge(&text(whole)).into_bytes());
    assert_eq!(report.verdict, verdict, "{name}: {:#?}", report.breaks);
}

#[test]
fn json_that_qldb_does_not_write_is_reported_in_json_too() {
    for (from, to, verdict) in [
        ("{\"blockAddress\"", "{\"block\\u0041ddress\"", Unproved),
        ("{\"blockAddress\"", "{\"blockAddress\":{},\"blockAddress\"", Damaged),
        ("{\"blockAddress\"", "{\"block\\u0041ddress\":{},\"blockAddress\"", Damaged),
        ("\"sequenceNo\":5", "\"sequenceNo\":5e0", Damaged),
        ("\"sequenceNo\":5", "\"sequenceNo\":5.0", Damaged),
        ("\"sequenceNo\":5", "\"sequenceNo\":\"5\"", Damaged),
        ("\"sequenceNo\":5", "\"sequenceNo\":05", Damaged),
        ("\"sequenceNo\":5", "\"sequenceNo\":+5", Damaged),
        ("\"sequenceNo\":5", "\"sequenceNo\":0x5", Damaged),
        ("\"sequenceNo\":5", "\"sequenceNo\":5,", Damaged),
        ("\"sequenceNo\":5", "\"sequenceNo\":5,\"sequenceNo\":6", Damaged),
        ("{\"blockAddress\"", "{\"x\":\"\\ud800\",\"blockAddress\"", Damaged),
        ("{\"blockAddress\"", "{\"x\":\"\\q\",\"blockAddress\"", Damaged),
        ("{\"blockAddress\"", "{\"x\":NaN,\"blockAddress\"", Damaged),
        ("{\"blockAddress\"", "\u{feff}{\"blockAddress\"", Damaged),
        ("{\"blockAddress\"", "/**/{\"blockAddress\"", Damaged),
        ("{\"blockAddress\"", "x::{\"blockAddress\"", Damaged),
        ("{\"blockAddress\"", "{}{\"blockAddress\"", Damaged),
        ("{\"blockAddress\"", "$ion_1_0 {\"blockAddress\"", Damaged),
        ("{\"blockAddress\"", "\u{b}{\"blockAddress\"", Damaged),
        ("\"entriesHashList\":[", "\"entriesHashList\":[null,", Damaged),
        ("\"],\"transactionInfo\"", "\",null],\"transactionInfo\"", Unproved),
        ("\"transactionInfo\":{", "\"transactionInfo\":{\"x\":1,", Damaged),
    ] {
        let forge = |whole: &str| in_block(whole, from, to);
        judge_json(&format!("{from} {to}"), &forge, verdict);
    }
    judge_json(
        "data taken out",
        &|whole| {
            let lines: Vec<Line> = lines(whole)
                .iter()
                .map(|line| {
                    if line.contains("\"data\":") {
                        without(line, ",\"data\":", ",\"metadata\":")
                    } else {
                        line.clone()
                    }
                })
                .collect();
            joined(&lines)
        },
        Unproved,
    );
}

/// Who reads JSON Lines by lines finds other blocks, or none, where a block is not one line.
#[test]
fn blocks_that_are_not_a_line_each_are_not_proved() {
    let first_break = |with: &'static str| move |whole: &str| whole.replacen('\n', with, 1);
    let ways: [(&str, Way, Status); 9] = [
        ("as it is", &|whole| whole.to_owned(), Proved),
        ("no end of the last line", &|whole| whole.trim_end().to_owned(), Proved),
        ("CR LF", &|whole| whole.replace('\n', "\r\n"), Proved),
        ("an empty line", &first_break("\n\n"), Proved),
        ("two blocks on a line", &first_break(""), Unproved),
        ("a space between two blocks", &first_break(" "), Unproved),
        ("CR alone", &|whole| whole.replace('\n', "\r"), Unproved),
        ("a block on two lines", &|whole| whole.replacen(",\"", ",\n\"", 1), Unproved),
        ("a CR in a block", &|whole| whole.replacen(",\"", ",\r\"", 1), Unproved),
    ];
    for size in [4, 500] {
        for (name, way, verdict) in ways {
            let bench = Bench::new();
            let layout = Layout { encoding: Encoding::Json, object_size: size, ..Layout::default() };
            let keys = bench.export(&layout, &JOURNAL);
            bench.edit(&keys[0], |whole| way(&whole));
            let report = bench.verify_with(Levels::of(&[Level::Objects, Level::Blocks, Level::Chain]), None);
            assert_eq!(report.verdict, verdict, "{name}, {size} blocks in an object: {:#?}", report.breaks);
        }
    }
}
