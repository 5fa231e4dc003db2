//! Hostile objects: each kind meets a limit on what is held or computed, and is reported with its
//! position. Judged by the limits, not by clocks.

use qldb_journal::archive::verify::{Report, Status};

use crate::verify_bench::{HOUR, Line, STRAND};
use crate::verify_forgeries::whole_bench;

/// The sample with its second object, blocks 4 to 7, changed.
fn verify(change: impl FnOnce(&mut Vec<Line>)) -> Report {
    let bench = whole_bench();
    let key = format!("{HOUR}{STRAND}.4-7.ion");
    bench.edit(&key, |whole| {
        let mut lines: Vec<Line> = whole.lines().map(str::to_owned).collect();
        change(&mut lines);
        lines.join("\n") + "\n"
    });
    bench.verify()
}

fn with(from: &str, to: &str) -> Report {
    verify(|lines| {
        assert!(lines[1].contains(from), "{from}");
        lines[1] = lines[1].replacen(from, to, 1);
    })
}

#[test]
fn the_contents_of_a_block_are_limited() {
    let many = |unit: &str, count: usize| unit.repeat(count);
    for (name, from, to, limit) in [
        ("revisions", "revisions:[", many("{},", 100_002), "more than 100000 revisions"),
        ("entries", "entriesHashList:[", many("{{}},", 100_002), "more than 100000 entries"),
        ("documents", "documents:{", many("a:{},", 100_002), "more than 100000 documents"),
        (
            "statements of a document",
            "documents:{",
            format!("a:{{statements:[{}]}},", many("0,", 100_002)),
            "more than 100000 documents",
        ),
        ("fields of a document", "data:{", many("a:1,", (2 << 20) + 1), "more than 2097152 fields"),
        (
            "fields of transactionInfo",
            "transactionInfo:{",
            format!("x:{{{}}},", many("a:1,", (2 << 20) + 1)),
            "more than 2097152 fields",
        ),
        ("annotations", "data:", many("a::", 131_073), "more than 131072 annotations"),
        ("nesting", "data:{", format!("a:{}", many("[", 131_073)), "more than 131072 containers"),
        ("digits", "data:{", format!("a:{},", many("9", 16_385)), "more than 16384 characters"),
        ("a fraction", "data:{", format!("a:2024-03-01T00:00:00.{}Z,", many("9", 4_097)), "not a number or timestamp"),
        ("a long value", "data:{", format!("a:\"{}\",", many("x", 32 << 20)), "longer than 33554432 bytes"),
    ] {
        let report = with(from, &format!("{from}{to}"));
        assert_eq!(report.verdict, Status::Damaged, "{name}");
        let reported = report.breaks.iter().any(|one| one.found.contains(limit));
        assert!(reported, "{name}: {:?}", report.breaks.iter().map(|one| &one.found).collect::<Vec<_>>());
    }
}

#[test]
fn limits_of_a_block_are_not_those_of_an_object() {
    // As many blocks as are judged together, each with large contents: they are judged earlier, and all of them.
    let report = verify(|lines| {
        let line = lines[1].replacen("revisions:[", &format!("revisions:[{}", "{},".repeat(3_000)), 1);
        lines.splice(1..2, std::iter::repeat_n(line, 30));
    });
    assert_eq!(report.verdict, Status::Damaged);
    assert_eq!(report.blocks, 12 + 29);
    assert!(report.counts.revisions > 30 * 3_000, "{:?}", report.counts);
}

#[test]
fn the_faults_of_one_block_are_listed_up_to_a_number_and_counted_on() {
    let report = with("{blockAddress", &format!("{{{}blockAddress", "x:1,".repeat(5_000)));
    assert_eq!(report.verdict, Status::Unproved);
    assert_eq!(report.counts.unknown_fields, 5_000);
    assert_eq!(report.breaks.count(), 257);
    assert!(report.breaks.iter().any(|one| one.found == "4744 more"), "{:?}", report.breaks.last());
}

#[test]
fn texts_in_breaks_are_shortened() {
    let long = "x".repeat(1 << 20);
    for (from, to) in [
        ("strandId:\"", format!("strandId:\"{long}")),
        ("transactionId:\"", format!("transactionId:\"{long}")),
        ("{blockAddress", format!("{{{long}:1,blockAddress")),
        ("documents:{", format!("documents:{{{long}:{{}},")),
    ] {
        let report = with(from, &to);
        assert_ne!(report.verdict, Status::Proved);
        for one in &report.breaks {
            assert!(one.field.len() + one.expected.len() + one.found.len() < 4_096, "{from}");
        }
    }
}

#[test]
fn the_space_between_blocks_is_limited() {
    // Read again with every piece that follows, it once took quadratic time, and all of it was held.
    const LONG: usize = 33 << 20;
    let binary_marker = [0xE0, 0x01, 0x00, 0xEA];
    let table = |text: &str| format!("$ion_symbol_table::{{imports:$ion_symbol_table,symbols:[\"{text}\"]}}");
    for (name, between, limit) in [
        ("comments", b"/**/".repeat(LONG / 4), "what is between blocks"),
        ("padding", [&binary_marker[..], &b"\0".repeat(LONG)].concat(), "what is between blocks"),
        ("symbols", table(&"x".repeat(1 << 20)).repeat(33).into_bytes(), "the symbols up to here are longer"),
    ] {
        let bench = whole_bench();
        let key = format!("{HOUR}{STRAND}.4-7.ion");
        // What can't be read afterwards is not requested.
        bench.write(&key, between);
        let report = bench.verify();
        assert_eq!(report.verdict, Status::Damaged, "{name}");
        let reported = report.breaks.iter().any(|one| one.found.contains(limit));
        assert!(reported, "{name}: {:?}", report.breaks.iter().map(|one| &one.found).collect::<Vec<_>>());
    }
}
