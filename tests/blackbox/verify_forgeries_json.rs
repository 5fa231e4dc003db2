//! Forgeries in JSON. Its contents can't be proved; everything else is held to
//! what other readers of JSON read.

use qldb_journal::Encoding;
use qldb_journal::archive::verify::Status::{self, Damaged, Unproved};

use crate::verify_bench::{Line, text};
use crate::verify_forgeries::{in_block, joined, lines};
use crate::verify_forgeries_absence::without;
use crate::verify_readers::forged;

fn judge_json(name: &str, forge: &dyn Fn(&str) -> String, verdict: Status) {
    let (report, _) = forged(name, Encoding::Json, |whole| forge(&text(whole)).into_bytes());
    assert_eq!(report.verdict, verdict, "{name}: {:#?}", report.breaks);
}

#[test]
fn what_is_no_json_of_qldb_s_is_told_in_json_as_well() {
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
