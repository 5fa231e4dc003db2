//! Forgeries in Ion text and JSON: archives that once were proved, or might be,
//! although other readers read something else, or less, in them.
//!
//! Each stands for a kind, is built from a generated journal, and has a verdict:
//! damaged, or unproved where nothing differs and the form is not the one that
//! QLDB writes. What ion-rs reads in its place is asserted here;
//! amazon.ion and ion-js are held against our readers by `tests/interop`.

use std::sync::LazyLock;

use ion_rs::Element;
use qldb_journal::archive::verify::Status::{self, Damaged, Proved, Unproved};
use qldb_journal::{Encoding, Hash, dot, merkle_root};

use crate::verify_bench::{Bench, Layout, Line, STRAND, encoded, journal, number, text};

/// A way to write the same text, or a line, or a list of entries, otherwise.
type Way<'a> = &'a dyn Fn(&str) -> String;
type Forge = fn(&str) -> Line;
type Fold = fn(&[Hash]) -> Vec<String>;

/// Twelve blocks, each of which inserts one document: the same in every run.
pub(crate) static JOURNAL: LazyLock<Vec<Line>> = LazyLock::new(|| journal(STRAND, 12, "", true));

/// An archive of the journal in three objects.
pub(crate) fn whole_bench() -> Bench {
    let bench = Bench::new();
    bench.export(&Layout::default(), &JOURNAL);
    bench
}

/// What ion-rs makes of a forged object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    /// Nothing: it is not Ion.
    Refuses,
    /// Other values than those of the intact object.
    Differs,
    /// The same values: only the form is not QLDB's.
    Same,
}

/// What ion-rs reads.
pub(crate) fn peer(bytes: &[u8]) -> Option<Vec<Element>> {
    // Annotated values and all the rest are part of an element.
    Element::read_all(bytes).ok().map(|sequence| sequence.into_iter().collect())
}

/// Puts forged bytes in the place of the second object, blocks 4 to 7, and compares verdict and peer.
#[track_caller]
pub(crate) fn judge(name: &str, encoding: Encoding, forge: impl FnOnce(Vec<u8>) -> Vec<u8>, expected: (Status, Peer)) {
    let bench = Bench::new();
    let keys = bench.export(&Layout { encoding, ..Layout::default() }, &JOURNAL);
    let whole = bench.read(&keys[1]);
    let forged = forge(whole.clone());
    assert_ne!(whole, forged, "{name}: nothing was forged");
    bench.write(&keys[1], &forged);
    let report = bench.verify();
    let before = peer(&whole).unwrap();
    let found = match peer(&forged) {
        None => Peer::Refuses,
        Some(values) if values == before => Peer::Same,
        Some(_) => Peer::Differs,
    };
    assert_eq!((report.verdict, found), expected, "{name}: {:#?}\n{:?}", report.breaks, report.levels);
    assert!(
        report.verdict == Proved
            || !report.breaks.is_empty()
            || report.levels.iter().any(|level| level.reason.is_some())
    );
}

#[track_caller]
fn judge_text(name: &str, forge: &dyn Fn(&str) -> String, expected: (Status, Peer)) {
    judge(name, Encoding::IonText, |whole| forge(&text(whole)).into_bytes(), expected);
}

/// The four blocks of the object.
fn lines(whole: &str) -> Vec<Line> {
    whole.lines().map(str::to_owned).collect()
}

fn joined(lines: &[Line]) -> String {
    lines.join("\n") + "\n"
}

/// Block 5 with another document: what a forger wants to be read.
fn forged_block(line: &str) -> Line {
    line.replacen(",data:{", ",data:{Forged:true,", 1)
}

/// With the first of one text that stands in block 5 replaced.
fn in_block(whole: &str, from: &str, to: &str) -> String {
    let mut lines = lines(whole);
    assert!(lines[1].contains(from), "{from} is not in {}", lines[1]);
    lines[1] = lines[1].replacen(from, to, 1);
    joined(&lines)
}

/// With the first of one text behind another replaced.
fn behind(whole: &str, mark: &str, from: &str, to: &str) -> String {
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
    // A vertical tab ended no blob, symbol or number here, and does everywhere else.
    judge_text(
        "a vertical tab before base64",
        &|whole| in_block(whole, "blockHash:{{", "x:{{\u{b}}},blockHash:{{"),
        (Unproved, Peer::Differs),
    );
    // amazon.ion and ion-js: a value, an s-expression, before the block.
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
    // Everybody else hashes the annotation of transactionInfo.
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
        let bench = whole_bench();
        let key = format!("{}{}.4-7.ion", crate::verify_bench::HOUR, STRAND);
        bench.edit(&key, |whole| forge(&whole));
        let report = bench.verify();
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
            let bench = whole_bench();
            let key = format!("{}{}.4-7.ion", crate::verify_bench::HOUR, STRAND);
            let forged = forge(bench.read(&key));
            bench.write(&key, &forged);
            assert_eq!(bench.verify().verdict, Damaged, "{name} {place}");
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
    // Around each border of what is read at once, and around the length of a piece.
    for border in [256 << 10, 1 << 20] {
        for distance in 0..4 {
            let pad = border - distance;
            let forge = |whole: &str| {
                // To other readers a comment of that length; here its tail was once read as a block.
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
            // The guess where a block begins is wrong, and something strange stands before the true one.
            let forge = |whole: &str| {
                let string = format!("/*c*/{{x:'''{}\n{{''',blockAddress", "\n{".repeat(pad / 2));
                in_block(whole, "{blockAddress", &string)
            };
            judge_text("a comment before a block that is longer than a piece", &forge, (Unproved, Peer::Differs));
        }
    }
}

// Absence

/// The entries of a block.
fn entries(line: &str) -> (String, Vec<Hash>) {
    let list = line.split("entriesHashList:[").nth(1).unwrap().split(']').next().unwrap();
    let hashes = list.split(',').map(|entry| Hash::from_base64(entry.trim_matches(['{', '}'])).unwrap()).collect();
    (list.to_owned(), hashes)
}

fn blob(hash: Hash) -> String {
    format!("{{{{{}}}}}", hash.to_base64())
}

/// Without what stands from one mark to before another.
fn without(line: &str, from: &str, to: &str) -> Line {
    let begin = line.find(from).unwrap();
    let end = line[begin + 1..].find(to).unwrap() + begin + 1;
    format!("{}{}", &line[..begin], &line[end..])
}

fn without_info(line: &str) -> Line {
    without(line, ",transactionInfo:{", ",revisions:[")
}

fn without_revisions(line: &str) -> Line {
    format!("{}}}", &line[..line.find(",revisions:[").unwrap()])
}

#[test]
fn what_was_taken_out_is_not_proved() {
    let forgeries: [(&str, Forge, Status); 8] = [
        ("transactionInfo", without_info, Unproved),
        ("revisions", without_revisions, Damaged),
        ("both", |line| without_revisions(&without_info(line)), Unproved),
        ("data", |line| without(line, ",data:{", ",metadata:{"), Unproved),
        (
            "everything of a revision but its hash",
            |line| {
                let hash = line[line.find(",revisions:[").unwrap()..].split("hash:").nth(1).unwrap();
                let hash = &hash[..hash.find("}}").unwrap() + 2];
                format!("{},revisions:[{{hash:{hash}}}]}}", &line[..line.find(",revisions:[").unwrap()])
            },
            Damaged,
        ),
        (
            "transactionInfo and all but a hash",
            |line| {
                let line = without_info(line);
                let hash = line[line.find(",revisions:[").unwrap()..].split("hash:").nth(1).unwrap();
                let hash = &hash[..hash.find("}}").unwrap() + 2];
                format!("{},revisions:[{{hash:{hash}}}]}}", &line[..line.find(",revisions:[").unwrap()])
            },
            Unproved,
        ),
        ("the block's transactionId", |line| without(line, ",transactionId:", ",blockTimestamp:"), Damaged),
        (
            "a revision's address",
            |line| {
                let at = line.find(",revisions:[{").unwrap() + ",revisions:[{".len();
                let (head, tail) = line.split_at(at);
                format!("{head}{}", &tail[tail.find("},").unwrap() + 2..])
            },
            Unproved,
        ),
    ];
    for (name, forge, verdict) in forgeries {
        let forge = |whole: &str| {
            let mut lines = lines(whole);
            lines[1] = forge(&lines[1]);
            joined(&lines)
        };
        judge_text(name, &forge, (verdict, Peer::Differs));
    }
}

#[test]
fn entries_that_were_folded_are_not_proved() {
    // The roots of all these lists are the same.
    let folds: [(&str, Fold); 6] = [
        ("two of two", |e| vec![blob(dot(e[0], e[1])), blob(dot(e[2], e[3]))]),
        ("all in one", |e| vec![blob(merkle_root(e).unwrap())]),
        ("the second pair", |e| vec![blob(e[0]), blob(e[1]), blob(dot(e[2], e[3]))]),
        ("the first pair", |e| vec![blob(e[2]), blob(e[3]), blob(dot(e[0], e[1]))]),
        ("the pairs exchanged", |e| [2, 3, 0, 1].map(|index| blob(e[index])).to_vec()),
        ("inside the pairs", |e| [1, 0, 3, 2].map(|index| blob(e[index])).to_vec()),
    ];
    for (name, fold) in folds {
        for (what, cut) in [
            ("nothing", (|line| line.to_owned()) as fn(&str) -> Line),
            ("transactionInfo", without_info),
            ("revisions", without_revisions),
            ("both", |line| without_revisions(&without_info(line))),
        ] {
            let bench = whole_bench();
            let key = format!("{}{}.4-7.ion", crate::verify_bench::HOUR, STRAND);
            bench.edit(&key, |whole| {
                let mut lines = lines(&whole);
                let (list, hashes) = entries(&lines[1]);
                assert_eq!(hashes.len(), 4);
                lines[1] = cut(&lines[1].replace(&list, &fold(&hashes).join(",")));
                joined(&lines)
            });
            let report = bench.verify();
            let moved_only = what == "nothing" && name == "the pairs exchanged";
            assert_eq!(
                report.verdict == Proved,
                moved_only,
                "{name} without {what}: {:#?} {:?}",
                report.breaks,
                report.counts
            );
        }
    }
}

#[test]
fn a_block_like_the_service_s_own_is_counted_as_one_without_contents() {
    // Nothing tells these from blocks in which nothing happened: the two entries that are the service's own may be any
    // hashes. So the report counts them.
    let bench = whole_bench();
    let before = bench.verify().counts.blocks_without_contents;
    let key = format!("{}{}.4-7.ion", crate::verify_bench::HOUR, STRAND);
    bench.edit(&key, |whole| {
        let mut lines = lines(&whole);
        let (list, hashes) = entries(&lines[1]);
        let folded =
            format!("{},{{{{}}}},{},{{{{}}}}", blob(dot(hashes[0], hashes[1])), blob(dot(hashes[2], hashes[3])));
        lines[1] = without_revisions(&without_info(&lines[1].replace(&list, &folded)));
        joined(&lines)
    });
    assert_eq!(bench.verify().counts.blocks_without_contents, before + 1);
}

// JSON

fn judge_json(name: &str, forge: &dyn Fn(&str) -> String, verdict: Status) {
    let bench = Bench::new();
    let keys = bench.export(&Layout { encoding: Encoding::Json, ..Layout::default() }, &JOURNAL);
    bench.edit(&keys[1], |whole| forge(&whole));
    let report = bench.verify();
    assert_eq!(report.verdict, verdict, "{name}: {:#?}", report.breaks);
}

#[test]
fn what_is_no_json_of_qldb_s_is_told_in_json_as_well() {
    judge_json("nothing", &str::to_owned, Unproved);
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

#[test]
fn a_document_s_hidden_revision_is_not_proved() {
    // Two statements changed one document; the second revision is reduced to its hash.
    let mut block = crate::verify_bench::new_block(STRAND, 0, None, "", true);
    let mut second = block.changes[0].clone();
    block.statements.push(block.statements[0].clone());
    (second.version, second.statement) = (1, 1);
    block.changes.push(second);
    let mut out = Vec::new();
    block.encode(&mut out).unwrap();
    let line = text(out).trim_end().to_owned();
    assert_eq!(number(&line), 0);
    let verdict = |line: Line| {
        let bench = Bench::new();
        bench.export(&Layout::default(), &[line]);
        let report = bench.verify();
        (report.verdict, report.counts.hidden)
    };
    assert_eq!(verdict(line.clone()), (Proved, 0));
    let at = line.rfind("{blockAddress").unwrap();
    let hash = line[at..].split("hash:").nth(1).unwrap();
    let hash = &hash[..hash.find("}}").unwrap() + 2];
    assert_eq!(verdict(format!("{}{{hash:{hash}}}]}}", &line[..at])), (Unproved, 1));
}

#[test]
fn a_deletion_is_claimed_only_by_a_covered_statement_of_the_same_document() {
    let verdict = |statement: &str, of_other: bool| {
        let mut block = crate::verify_bench::new_block(STRAND, 0, None, "", true);
        let mut other = block.changes[0].clone();
        let mut delete = block.statements[0].clone();
        delete.text = statement.to_owned();
        block.statements.push(delete);
        (other.document_id, other.statement) = (format!("{:x<22}", "other"), 1);
        if of_other {
            other.data = None;
        }
        block.changes.push(other);
        let mut out = Vec::new();
        block.encode(&mut out).unwrap();
        let line = text(out).trim_end().to_owned();
        // The data of the first document go.
        let bench = Bench::new();
        let line = if of_other {
            without(&line, ",data:{", ",metadata:{")
        } else {
            let at = line.rfind(",data:{").unwrap();
            format!("{}{}", &line[..at], without(&line[at..], ",data:{", ",metadata:{"))
        };
        bench.export(&Layout::default(), &[line]);
        bench.verify().verdict
    };
    assert_eq!(verdict("DELETE FROM T WHERE n = 1", true), Unproved);
    for statement in
        ["UPDATE T SET n = 1", "-- DELETE FROM T", "DELETED", "DELETE", "", "INSERT INTO T 'DELETE FROM T'"]
    {
        assert_eq!(verdict(statement, false), Unproved, "{statement}");
    }
}

/// The object with more blocks than one group that is judged together still says what is wrong in each.
#[test]
fn encoded_forms_of_one_journal_agree() {
    for encoding in [Encoding::IonText, Encoding::IonBinary] {
        let bench = Bench::new();
        bench.export(&Layout { encoding, object_size: 12, ..Layout::default() }, &JOURNAL);
        assert_eq!(bench.verify().verdict, Proved);
        assert_eq!(peer(&encoded(&JOURNAL, encoding)).unwrap().len(), JOURNAL.len());
    }
}
