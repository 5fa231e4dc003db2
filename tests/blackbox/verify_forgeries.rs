//! Forgeries in Ion text: archives that once were proved, or might be, although other readers read
//! something else, or less, in them.
//!
//! Each represents a kind, is built from a generated journal, and has a verdict: damaged, or
//! unproved if nothing differs but the form is not the one that QLDB writes. For what other readers
//! read instead, see `verify_readers`.

use qldb_journal::Encoding;
use qldb_journal::archive::verify::Status::{self, Damaged, Proved, Unproved};

use crate::verify_bench::{Bench, Layout, Line, encoded, text};
use crate::verify_readers::{JOURNAL, Peer, forged, judge, read, record_intact};

/// A different way to write the same text, line or list of entries.
pub(crate) type Way<'a> = &'a dyn Fn(&str) -> String;

/// An archive of the journal in three objects.
pub(crate) fn whole_bench() -> Bench {
    let bench = Bench::new();
    bench.export(&Layout::default(), &JOURNAL);
    bench
}

#[track_caller]
pub(crate) fn judge_text(name: &str, forge: &dyn Fn(&str) -> String, expected: (Status, Peer)) {
    judge(name, Encoding::IonText, |whole| forge(&text(whole)).into_bytes(), expected);
}

/// The four blocks of the object.
pub(crate) fn lines(whole: &str) -> Vec<Line> {
    whole.lines().map(str::to_owned).collect()
}

pub(crate) fn joined(lines: &[Line]) -> String {
    lines.join("\n") + "\n"
}

/// Block 5 with another document, which a forger wants others to read.
fn forged_block(line: &str) -> Line {
    line.replacen(",data:{", ",data:{Forged:true,", 1)
}

/// Replaces the first occurrence of a text in block 5.
pub(crate) fn in_block(whole: &str, from: &str, to: &str) -> String {
    let mut lines = lines(whole);
    assert!(lines[1].contains(from), "{from} is not in {}", lines[1]);
    lines[1] = lines[1].replacen(from, to, 1);
    joined(&lines)
}

/// Replaces the first occurrence of a text after another.
pub(crate) fn behind(whole: &str, mark: &str, from: &str, to: &str) -> String {
    let mut lines = lines(whole);
    let at = lines[1].find(mark).unwrap();
    let (head, tail) = lines[1].split_at(at);
    assert!(tail.contains(from), "{from} is not in {tail}");
    lines[1] = format!("{head}{}", tail.replacen(from, to, 1));
    joined(&lines)
}

#[test]
fn a_block_that_only_others_read_is_damage() {
    // The tool's frame ran over the forged block, as from `//` on it saw a comment. amazon.ion, ion-js and ion-rs read
    // an s-expression of the operator `+//`, then the forged block, and the true one as a comment.
    judge_text(
        "an operator that looks like a comment",
        &|whole| {
            let mut lines = lines(whole);
            let end = format!("{} */", lines[1]);
            lines[0] =
                lines[0].replacen("sequenceNo:4}", "sequenceNo:4,x:(+//)}", 1) + &forged_block(&lines[1]) + " /*";
            lines[1] = format!(")}} {end}");
            joined(&lines)
        },
        (Damaged, Peer::Differs),
    );
    // A vertical tab did not end a blob, symbol or number here, but does everywhere else.
    judge_text(
        "a vertical tab before base64",
        &|whole| in_block(whole, "blockHash:{{", "x:{{\u{b}}},blockHash:{{"),
        (Unproved, Peer::Differs),
    );
    // amazon.ion and ion-js read a value, an s-expression, before the block.
    judge_text(
        "a symbol table that is no struct",
        &|whole| in_block(whole, "{blockAddress", "$ion_symbol_table::({blockAddress:{sequenceNo:5}}) {blockAddress"),
        (Damaged, Peer::Differs),
    );
    for value in ["{}", "[]", "()", "1", "null", "\"\"", "''", "{{}}", "2024T", "'''a''' '''b'''", "{{\"\"}}"] {
        judge_text(
            value,
            &|whole| in_block(whole, "{blockAddress", &format!("{value} {{blockAddress")),
            (Damaged, Peer::Differs),
        );
        judge_text(value, &|whole| format!("{whole}{value}"), (Damaged, Peer::Differs));
    }
}

#[test]
fn annotations_outside_of_documents_are_never_proved() {
    // All other readers hash the annotation of transactionInfo.
    for (field, verdict) in [
        ("blockAddress:", Unproved),
        ("sequenceNo:", Unproved),
        ("transactionId:", Unproved),
        ("blockTimestamp:", Unproved),
        ("blockHash:", Unproved),
        ("entriesHash:", Unproved),
        ("previousBlockHash:", Unproved),
        ("entriesHashList:", Unproved),
        ("entriesHashList:[", Unproved),
        ("transactionInfo:", Damaged),
        ("statements:", Damaged),
        ("statements:[", Damaged),
        ("statement:", Damaged),
        ("documents:", Damaged),
        ("tableId:", Damaged),
        ("revisions:", Unproved),
        ("revisions:[", Unproved),
    ] {
        for annotation in ["forged::", "'' :: ", "a::b::", "$0::", "$ion_symbol_table::"] {
            let forge = |whole: &str| in_block(whole, field, &format!("{field}{annotation}"));
            judge_text(&format!("{field}{annotation}"), &forge, (verdict, Peer::Differs));
        }
    }
    for (field, verdict) in [("hash:", Unproved), ("metadata:", Damaged), ("txId:", Damaged), ("data:", Damaged)] {
        let forge = |whole: &str| behind(whole, "revisions:[", field, &format!("{field}forged::"));
        judge_text(field, &forge, (verdict, Peer::Differs));
    }
    judge_text(
        "a block",
        &|whole| in_block(whole, "{blockAddress", "forged::{blockAddress"),
        (Unproved, Peer::Differs),
    );
}

#[test]
fn comments_version_markers_symbol_tables_and_symbol_ids_are_not_as_qldb_writes_it() {
    let same: [(&str, Way<'_>); 13] = [
        ("a comment before the first block", &|whole| format!("// a\n{whole}")),
        ("a comment after the last block", &|whole| format!("{whole}/* a */")),
        ("a comment without an end of line after the last block", &|whole| format!("{whole}// a")),
        ("a comment between blocks", &|whole| in_block(whole, "{blockAddress", "/* { */{blockAddress")),
        ("a comment in a block", &|whole| in_block(whole, ",transactionId", "/**/,transactionId")),
        ("a comment in an address", &|whole| in_block(whole, "sequenceNo:5", "sequenceNo:/**/5")),
        ("a comment in a list", &|whole| in_block(whole, "entriesHashList:[", "entriesHashList:[//\n")),
        ("a comment in a revision", &|whole| behind(whole, "revisions:[", ",data:{", ",/**/data:{")),
        ("a comment before a document", &|whole| behind(whole, "revisions:[", ",data:{", ",data:/**/{")),
        ("a comment in metadata", &|whole| behind(whole, "metadata:{", ",txId", ",/**/txId")),
        ("a comment between parts of a string", &|whole| {
            in_block(whole, "transactionId:\"", "transactionId:'''''' /**/ '''")
                .replacen("\",blockTimestamp:", "''',blockTimestamp:", 2)
                .replacen("''',blockTimestamp:", "\",blockTimestamp:", 1)
        }),
        ("a version marker before a block", &|whole| in_block(whole, "{blockAddress", "$ion_1_0 {blockAddress")),
        ("a version marker after the last block", &|whole| format!("{whole}$ion_1_0")),
    ];
    for (name, forge) in same {
        judge_text(name, &|whole| forge(whole), (Unproved, Peer::Same));
    }
    let tables: [(&str, Way<'_>); 7] = [
        ("a symbol table before the first block", &|whole| format!("$ion_symbol_table::{{symbols:[\"a\"]}}{whole}")),
        ("a symbol table after the last block", &|whole| format!("{whole}$ion_symbol_table::{{}}")),
        ("a symbol table between blocks", &|whole| {
            in_block(whole, "{blockAddress", "$ion_symbol_table::{} {blockAddress")
        }),
        ("names as ids", &|whole| {
            in_block(whole, "{blockAddress", "$ion_symbol_table::{symbols:[\"blockAddress\"]} {$10")
        }),
        ("a name of the system's table as its id", &|whole| behind(whole, "metadata:{", "version:", "$5:")),
        ("an import without a name", &|whole| {
            format!("$ion_symbol_table::{{imports:[{{max_id:3}}],symbols:[\"a\"]}}{whole}")
        }),
        ("an import of a shared table", &|whole| {
            format!("$ion_symbol_table::{{imports:[{{name:\"x\",version:1,max_id:1}}]}}{whole}")
        }),
    ];
    for (name, forge) in tables {
        let (report, _) = forged(name, Encoding::IonText, |whole| forge(&text(whole)).into_bytes());
        assert_eq!(report.verdict, Unproved, "{name}: {:#?}", report.breaks);
        assert!(report.breaks.iter().any(|one| one.problem == "not as QLDB writes it"), "{name}: {:#?}", report.breaks);
    }
    judge_text("a version that there is not", &|whole| format!("$ion_1_1 {whole}"), (Damaged, Peer::Refuses));
}

#[test]
fn fields_that_are_unknown_repeated_or_of_another_type_are_never_proved() {
    for (from, to, verdict) in [
        ("{blockAddress", "{x:1,blockAddress", Unproved),
        ("{blockAddress", "{'':{},blockAddress", Unproved),
        ("{blockAddress", "{$0:1,blockAddress", Unproved),
        ("{blockAddress", "{BlockAddress:{},blockAddress", Unproved),
        ("{strandId", "{x:[{}],strandId", Unproved),
        ("{strandId", "{sequenceNo:6,strandId", Damaged),
        ("{blockAddress", "{blockAddress:{},blockAddress", Damaged),
        (",transactionId:", ",transactionId:\"x\",transactionId:", Damaged),
        (",blockTimestamp:", ",blockTimestamp:2024-03-01T00:00:00Z,blockTimestamp:", Damaged),
        (",entriesHash:", ",entriesHash:{{}},entriesHash:", Damaged),
        (",entriesHashList:", ",entriesHashList:[],entriesHashList:", Damaged),
        (",transactionInfo:", ",transactionInfo:{},transactionInfo:", Damaged),
        (",transactionInfo:", ",redactionInfo:{},redactionInfo:{},transactionInfo:", Damaged),
        (",transactionInfo:", ",redactionInfo:null,transactionInfo:", Unproved),
        (",transactionInfo:", ",redactionInfo:[],transactionInfo:", Damaged),
        (",transactionInfo:", ",redactionInfo:{},transactionInfo:", Damaged),
        ("transactionInfo:{", "transactionInfo:{x:1,", Damaged),
        ("transactionInfo:{", "transactionInfo:{documents:null,", Damaged),
        ("documents:{", "documents:{x:{},", Damaged),
        ("documents:{", "documents:{'':{},", Damaged),
        ("sequenceNo:5", "sequenceNo:5.", Damaged),
        ("sequenceNo:5", "sequenceNo:5e0", Damaged),
        ("sequenceNo:5", "sequenceNo:5d0", Damaged),
        ("sequenceNo:5", "sequenceNo:\"5\"", Damaged),
        ("sequenceNo:5", "sequenceNo:null.int", Damaged),
        ("sequenceNo:5", "sequenceNo:-5", Damaged),
        ("sequenceNo:5", "sequenceNo:18446744073709551621", Damaged),
        ("strandId:\"", "strandId:null,x:\"", Damaged),
        ("transactionId:\"", "transactionId:null,x:\"", Damaged),
        ("blockHash:{{", "blockHash:{{\"a\"}},x:{{", Damaged),
        ("blockHash:{{", "blockHash:{{AAAA}},x:{{", Damaged),
        ("entriesHash:{{", "entriesHash:null.blob,x:{{", Damaged),
        ("entriesHashList:[", "entriesHashList:[null,", Damaged),
        ("}}],transactionInfo:", "}},null],transactionInfo:", Unproved),
        ("}}],transactionInfo:", "}},null.blob],transactionInfo:", Unproved),
        ("entriesHashList:[", "entriesHashList:[\"\",", Damaged),
        ("entriesHashList:[", "entriesHashList:[{{AAAA}},", Damaged),
        ("revisions:[", "revisions:null,x:[", Damaged),
        ("revisions:[", "revisions:[null,", Damaged),
        ("revisions:[", "revisions:[{},", Damaged),
        ("revisions:[", "revisions:[(),", Damaged),
    ] {
        judge_text(&format!("{from} {to}"), &|whole| in_block(whole, from, to), (verdict, Peer::Differs));
    }
    for (from, to, verdict) in [
        ("{blockAddress:", "{x:1,blockAddress:", Unproved),
        ("{blockAddress:{", "{blockAddress:{x:1,", Unproved),
        ("{blockAddress:{strandId:", "{blockAddress:{strandId:\"x\",strandId:", Damaged),
        ("{blockAddress:{", "{blockAddress:null.struct,x:{", Unproved),
        ("{blockAddress:{", "{blockAddress:[],x:{", Damaged),
        ("{blockAddress:{", "{x:{", Unproved),
        ("hash:{{", "hash:{{}},hash:{{", Damaged),
        ("hash:{{", "hash:null,x:{{", Damaged),
        (",data:{", ",dataHash:null,data:{", Unproved),
        (",data:{", ",dataHash:{{}},data:{", Unproved),
        (",data:{", ",dataHash:\"\",data:{", Damaged),
        (",data:{", ",data:{},data:{", Damaged),
        (",data:{", ",data:null,x:{", Damaged),
        (",metadata:{", ",metadata:{x:1,", Damaged),
        (",metadata:{", ",metadata:null,x:{", Damaged),
        (",metadata:{", ",metadata:{id:\"x\",", Damaged),
    ] {
        let forge = |whole: &str| behind(whole, "revisions:[", from, to);
        judge_text(&format!("revision {from} {to}"), &forge, (verdict, Peer::Differs));
    }
}

#[test]
fn many_small_faults_hide_no_greater_one() {
    let strange = "x:1,".repeat(2_000);
    let forge =
        |whole: &str| in_block(whole, "{blockAddress", &format!("{{{strange}entriesHash:{{{{}}}},blockAddress"));
    judge_text("unknown fields before a repeated one", &forge, (Damaged, Peer::Differs));
}

#[test]
fn what_is_not_ion_is_damage() {
    for (name, insert) in [
        ("a plus sign", "x:+1,"),
        ("a leading zero", "x:01,"),
        ("an underscore", "x:1__0,"),
        ("an escape", "x:\"\\q\","),
        ("an unpaired surrogate", "x:\"\\ud800\","),
        ("a pair in the wrong order", "x:\"\\udc00\\ud800\","),
        ("NUL in a string", "x:\"\0\","),
        ("NUL", "\0"),
        ("a byte order mark", "\u{feff}"),
        ("no value", "x:,"),
        ("a comma alone", ","),
        ("a symbol that no table has", "x:$10,"),
        ("a type that there is not", "x:null.bogus,"),
        ("a timestamp that is none", "x:2024-13-01,"),
        ("a keyword as a name", "null:1,"),
    ] {
        let forge = |whole: &str| in_block(whole, "{blockAddress", &format!("{{{insert}blockAddress"));
        judge_text(name, &forge, (Damaged, Peer::Refuses));
    }
    for (name, bytes) in [
        ("an overlong slash", &b"\xc0\xaf"[..]),
        ("a surrogate in UTF-8", b"\xed\xa0\x80"),
        ("the beginning of a character", b"\xe2\x82"),
        ("a byte that is never UTF-8", b"\xff"),
        ("a byte order mark", b"\xef\xbb\xbf"),
        ("NUL", b"\0"),
        ("a comma", b","),
    ] {
        for place in ["first", "between", "last"] {
            let forge = |whole: Vec<u8>| {
                let at = match place {
                    "first" => 0,
                    "between" => whole.iter().position(|byte| *byte == b'\n').unwrap() + 1,
                    _ => whole.len(),
                };
                [&whole[..at], bytes, &whole[at..]].concat()
            };
            let name = format!("{name} {place}");
            let (report, _) = forged(&name, Encoding::IonText, forge);
            assert_eq!(report.verdict, Damaged, "{name}");
        }
    }
}

#[test]
fn white_space_of_every_kind_and_other_spellings_of_a_value_stay_proved() {
    let same: [(&str, Way<'_>); 6] = [
        ("every white space between blocks", &|whole| whole.replace('\n', "\r\n\t \u{b}\u{c}\r")),
        ("nothing between blocks", &|whole| whole.replace('\n', "")),
        ("hexadecimal", &|whole| in_block(whole, "sequenceNo:5}", "sequenceNo:0x5}")),
        ("trailing commas", &|whole| in_block(whole, "sequenceNo:5}", "sequenceNo:5,}")),
        ("escapes", &|whole| in_block(whole, "{blockAddress", "{\"block\\u0041ddress\"")),
        ("a version marker at the beginning", &|whole| format!("$ion_1_0\n{whole}")),
    ];
    for (name, forge) in same {
        judge_text(name, &|whole| forge(whole), (Proved, Peer::Same));
    }
}

#[test]
fn tokens_across_the_borders_of_pieces_change_nothing() {
    // Around each border of what is read at once, and around the length of a piece; and short, for other readers.
    for border in [64, 256 << 10, 1 << 20] {
        for distance in 0..4 {
            let pad = border - distance;
            let forge = |whole: &str| {
                // For other readers, a comment of that length; here its tail was once read as a block.
                let forged = forged_block(&lines(whole)[1]);
                in_block(whole, "{blockAddress", &format!("//{}{forged}\n{{blockAddress", "x".repeat(pad)))
            };
            judge_text("a comment across a border", &forge, (Unproved, Peer::Same));
            let forge = |whole: &str| format!("/*{}\n{{*/{whole}", "\n{".repeat(pad / 2));
            judge_text("braces in a comment", &forge, (Unproved, Peer::Same));
            let blank = |whole: &str| whole.replacen("}\n", &format!("}}{}", " ".repeat(pad)), 1);
            judge_text("white space", &blank, (Proved, Peer::Same));
            let forge = |whole: &str| {
                let line = lines(whole)[2].clone();
                let string = format!("x:'''{}\n{line}\n''',", "a".repeat(pad));
                in_block(whole, "{blockAddress", &format!("{{{string}blockAddress"))
            };
            judge_text("a block in a long string", &forge, (Unproved, Peer::Differs));
            // The guess where a block begins is wrong, and something unusual precedes the real one.
            let forge = |whole: &str| {
                let string = format!("/*c*/{{x:'''{}\n{{''',blockAddress", "\n{".repeat(pad / 2));
                in_block(whole, "{blockAddress", &string)
            };
            judge_text("a comment before a block that is longer than a piece", &forge, (Unproved, Peer::Differs));
        }
    }
}

/// An object with more blocks than are judged together still reports what is wrong in each.
#[test]
fn encoded_forms_of_one_journal_agree() {
    for encoding in [Encoding::IonText, Encoding::IonBinary] {
        let bench = Bench::new();
        bench.export(&Layout { encoding, object_size: 12, ..Layout::default() }, &JOURNAL);
        assert_eq!(bench.verify().verdict, Proved);
        assert_eq!(read(&encoded(&JOURNAL, encoding), encoding).unwrap().len(), JOURNAL.len());
    }
    record_intact();
}
