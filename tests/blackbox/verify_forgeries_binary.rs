//! Forgeries in Ion binary: what other readers read otherwise, and forms that
//! QLDB does not write. See `verify_forgeries` for the verdicts.

use qldb_journal::Encoding;
use qldb_journal::archive::verify::Status::{self, Damaged, Proved, Unproved};
use qldb_journal::ion::RawValue;

use crate::verify_bench::{Bench, Layout, STRAND, new_block, text};
use crate::verify_readers::{Peer, forged, judge};

/// Seven bits of a variable-length integer.
fn low_bits(value: usize) -> u8 {
    u8::try_from(value & 0x7F).unwrap()
}

const MARKER: [u8; 4] = [0xE0, 0x01, 0x00, 0xEA];

fn var_uint(mut value: usize) -> Vec<u8> {
    let mut bytes = vec![0x80 | low_bits(value)];
    while value > 0x7F {
        value >>= 7;
        bytes.insert(0, low_bits(value));
    }
    bytes
}

/// A value of a type code around a body.
fn value(code: u8, body: &[u8]) -> Vec<u8> {
    if body.len() < 14 {
        return [&[code << 4 | u8::try_from(body.len()).unwrap()], body].concat();
    }
    [&[code << 4 | 0xE][..], &var_uint(body.len()), body].concat()
}

fn string(text: &str) -> Vec<u8> {
    value(0x8, text.as_bytes())
}

/// A struct annotated `$ion_symbol_table`, with these fields.
fn table(fields: &[u8]) -> Vec<u8> {
    value(0xE, &[&[0x81, 0x83][..], &value(0xD, fields)].concat())
}

fn symbols(texts: &[&str]) -> Vec<u8> {
    let list: Vec<u8> = texts.iter().flat_map(|text| string(text)).collect();
    [&[0x87][..], &value(0xB, &list)].concat()
}

/// Where the values of an object are: those that begin with `0xE` and contain a table, and structs.
fn parts(whole: &[u8]) -> Vec<Vec<u8>> {
    let mut parts = vec![whole[..4].to_vec()];
    let mut at = 4;
    while at < whole.len() {
        let (mut here, mut length) = (at + 1, 0_usize);
        assert_eq!(whole[at] & 0xF, 0xE, "a long value");
        loop {
            length = length << 7 | usize::from(whole[here] & 0x7F);
            here += 1;
            if whole[here - 1] & 0x80 != 0 {
                break;
            }
        }
        parts.push(whole[at..here + length].to_vec());
        at = here + length;
    }
    parts
}

/// The body of a block, without its head.
fn body(block: &[u8]) -> &[u8] {
    let end = block.iter().skip(1).position(|byte| byte & 0x80 != 0).unwrap() + 2;
    &block[end..]
}

fn judge_binary(name: &str, forge: &dyn Fn(Vec<Vec<u8>>) -> Vec<Vec<u8>>, expected: (Status, Peer)) {
    judge(name, Encoding::IonBinary, |whole| forge(parts(&whole)).concat(), expected);
}

/// With something before one of the parts: 1 is the table, 2 the first block.
fn before(at: usize, insert: &[u8], mut parts: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    parts.insert(at, insert.to_vec());
    parts
}

#[test]
fn padding_and_odd_symbol_tables_are_not_as_qldb_writes_it() {
    let import = |fields: &[u8]| [&[0x86][..], &value(0xB, &value(0xD, fields))].concat();
    let append: &[u8] = &[0x86, 0x71, 0x03];
    let no_pad: &[u8] = &[0x00];
    for (name, insert, verdict) in [
        ("padding", no_pad.to_vec(), Unproved),
        ("longer padding", [&[0x0E][..], &var_uint(20), &[0xFF; 20]].concat(), Unproved),
        ("a table of nothing more", table(append), Proved),
        ("a table that adds a symbol", table(&[append, &symbols(&["x"])].concat()), Proved),
        ("an import without a name", table(&[append, &symbols(&["x"]), &[0x81, 0x0F][..]].concat()), Unproved),
        ("a symbol without text", table(&[append, &[0x87, 0xB1, 0x0F][..]].concat()), Unproved),
        ("a symbol that is a number", table(&[append, &[0x87, 0xB2, 0x21, 0x01][..]].concat()), Unproved),
        ("symbols that are no list", table(&[append, &[0x87, 0x21, 0x01][..]].concat()), Unproved),
        (
            "another annotation on a table",
            value(0xE, &[&[0x82, 0x83, 0x84][..], &value(0xD, append)].concat()),
            Unproved,
        ),
        ("a table in a sorted struct", value(0xE, &[&[0x81, 0x83, 0xD1][..], &var_uint(3), append].concat()), Proved),
    ] {
        for at in [2, 3, 6] {
            let forge = |parts| before(at, &insert, parts);
            judge_binary(&format!("{name} at {at}"), &forge, (verdict, Peer::Same));
        }
    }
    // Amazon's readers ignore an import without a name; here it once took ids, and others read other names.
    for (name, fields) in [
        ("an import without a name", import(&[0x88, 0x21, 0x01])),
        ("an import of the system's table", import(&[&[0x84][..], &string("$ion"), &[0x88, 0x21, 0x09]].concat())),
        ("an import of a shared table", import(&[&[0x84][..], &string("x"), &[0x88, 0x21, 0x01]].concat())),
        (
            "an import of very many",
            import(&[&[0x84][..], &string("x"), &[0x88, 0x24, 0x7F, 0xFF, 0xFF, 0xFF]].concat()),
        ),
        ("imports twice", [append, append].concat()),
        ("symbols twice", [symbols(&["x"]), symbols(&["y"])].concat()),
    ] {
        let forge = |whole: Vec<u8>| {
            let mut parts = parts(&whole);
            // Into the first table, before its own symbols.
            let own = &parts[1][parts[1].iter().position(|byte| *byte == 0x87).unwrap()..];
            parts[1] = table(&[&fields[..], own].concat());
            parts.concat()
        };
        let (report, _) = forged(name, Encoding::IonBinary, forge);
        assert_ne!(report.verdict, Proved, "{name}");
    }
}

#[test]
fn values_between_blocks_and_wrappers_around_them_are_never_proved() {
    for (name, insert) in [
        ("null", vec![0x0F]),
        ("an empty struct", vec![0xD0]),
        ("a table that is no struct", value(0xE, &[0x81, 0x83, 0xB0])),
        ("an s-expression", vec![0xC0]),
        ("a symbol", vec![0x71, 0x04]),
    ] {
        for at in [2, 3, 6] {
            judge_binary(&format!("{name} at {at}"), &|parts| before(at, &insert, parts), (Damaged, Peer::Differs));
        }
    }
    let wrapped = |annotations: &[u8]| {
        let annotations = annotations.to_vec();
        move |mut parts: Vec<Vec<u8>>| {
            parts[3] = value(0xE, &[&annotations[..], &parts[3]].concat());
            parts
        }
    };
    judge_binary("an annotated block", &wrapped(&[0x81, 0x84]), (Unproved, Peer::Differs));
    judge_binary("a block without text for its annotation", &wrapped(&[0x81, 0x80]), (Unproved, Peer::Differs));
    for (name, forge) in [
        ("no annotations", wrapped(&[0x80])),
        ("annotations of another length", wrapped(&[0x82, 0x84])),
        ("an annotation that no table has", wrapped(&[0x82, 0x7F, 0xFF])),
    ] {
        let (report, _) = forged(name, Encoding::IonBinary, |whole| forge(parts(&whole)).concat());
        assert_eq!(report.verdict, Damaged, "{name}");
    }
    let twice = |mut parts: Vec<Vec<u8>>| {
        parts[3] = value(0xE, &[&[0x81, 0x84][..], &value(0xE, &[&[0x81, 0x84][..], &parts[3]].concat())].concat());
        parts
    };
    judge_binary("a wrapper in a wrapper", &twice, (Damaged, Peer::Refuses));
}

#[test]
fn fields_that_qldb_does_not_write_are_never_proved_in_binary() {
    for (name, field, verdict, peer) in [
        ("a field of the system's names", &[0x84, 0x21, 0x01][..], Unproved, Peer::Differs),
        ("a field without text", &[0x80, 0x0F], Unproved, Peer::Differs),
        ("padding in a block", &[0x8A, 0x00], Unproved, Peer::Same),
        ("padding under an id that no table has", &[0x0F, 0xFF, 0x00], Unproved, Peer::Same),
        ("a block's field twice", &[0x8A, 0xD0], Damaged, Peer::Differs),
    ] {
        let forge = |mut parts: Vec<Vec<u8>>| {
            parts[3] = value(0xD, &[body(&parts[3]), field].concat());
            parts
        };
        judge_binary(name, &forge, (verdict, peer));
    }
    let forge = |mut parts: Vec<Vec<u8>>| {
        parts[3] = value(0xD, &[body(&parts[3]), &[0x7F, 0xFF, 0x0F]].concat());
        parts
    };
    judge_binary("a name that no table has", &forge, (Damaged, Peer::Refuses));
}

#[test]
fn unusual_markers_and_lengths_are_read_correctly() {
    let again = |parts: Vec<Vec<u8>>| {
        let table = parts[1].clone();
        before(4, &[&MARKER[..], &table].concat(), parts)
    };
    judge_binary("a version marker and its table between blocks", &again, (Proved, Peer::Same));
    judge_binary("a version marker without a table", &|parts| before(4, &MARKER, parts), (Damaged, Peer::Refuses));
    judge_binary(
        "a version that there is not",
        &|parts| before(4, &[0xE0, 2, 0, 0xEA], parts),
        (Damaged, Peer::Refuses),
    );
    judge_binary("half a version marker", &|parts| before(6, &MARKER[..2], parts), (Damaged, Peer::Refuses));
    let longer = |mut parts: Vec<Vec<u8>>| {
        parts[3] = [&[0xDE, 0x00][..], &var_uint(body(&parts[3]).len()), body(&parts[3])].concat();
        parts
    };
    judge_binary("a length with a leading zero", &longer, (Proved, Peer::Same));
    let cut = |mut parts: Vec<Vec<u8>>| {
        parts[5].pop();
        parts
    };
    judge_binary("a block that was cut", &cut, (Damaged, Peer::Refuses));
}

/// Ion gives a date no offset. Where one stands all the same, Ion Hash leaves it out, and some readers move the date by
/// it: no hash says which day a document held.
#[test]
fn dates_with_an_offset_are_never_proved() {
    let mut previous = None;
    let lines: Vec<String> = (0..4)
        .map(|number| {
            let mut block = new_block(STRAND, number, previous, "", true);
            let dates = "{year:2024T,month:2024-03T,day:2024-03-01T,in:[{day:2024-03-01T}]}";
            block.changes[0].data = Some(RawValue::from_text(dates.to_owned()));
            let mut out = Vec::new();
            previous = Some(block.encode(&mut out).unwrap().block_hash);
            text(out).trim_end().to_owned()
        })
        .collect();
    let dates: [&[u8]; 3] = [&[0x0F, 0xE8], &[0x0F, 0xE8, 0x83], &[0x0F, 0xE8, 0x83, 0x81]];
    for date in dates {
        let plain = value(0x6, &[&[0xC0], date].concat());
        // Zero, an hour to the east, an hour to the west: each in one byte, as -0 is.
        for offset in [0x80, 0xBC, 0xFC] {
            let bench = Bench::new();
            let layout = Layout { encoding: Encoding::IonBinary, ..Layout::default() };
            let keys = bench.export(&layout, &lines);
            let mut whole = bench.read(&keys[0]);
            assert_eq!(bench.verify().verdict, Proved);
            for place in memchr::memmem::find_iter(&whole.clone(), &plain) {
                whole[place + 1] = offset;
                bench.write(&keys[0], &whole);
                let report = bench.verify();
                assert_eq!(report.verdict, Unproved, "{date:x?} {offset:x}: {:?}", report.breaks);
                whole[place + 1] = 0xC0;
            }
        }
    }
}
