//! Where one read ends and the next begins says nothing about what is read:
//! tokens that are hard to read in halves are slid over every border.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "support/canonical.rs"]
#[allow(dead_code, reason = "each test uses a part")]
mod canonical;
#[path = "support/dripping.rs"]
mod dripping;

use canonical::{Canonical, read};
use dripping::Dripping;
use qldb_journal::internal::{BlockFault, Checker, Depth, Pieces};
use qldb_journal::ion::{BINARY_VERSION_MARKER, BinaryWriter, values};

/// How much `values` and `BlockReader` read at once.
const BUFFER: usize = 256 << 10;

/// A long text in which every token stands whose end or meaning the next bytes decide.
const TEXT: &str = r#"abc x::y::1 a ::b:: 'c' :: [ ] null null.int null.struct nul true falsey::t nan +inf -inf 'a' '' ''::1
$ion_1_0 $ion_symbol_table::{symbols:["first","zweitä",'''third''' '''3''']} $10 $11::$12 $0 $ion_1_0 '$ion_1_0'
$ion_symbol_table::{imports:$ion_symbol_table,symbols:["last"]} $10
12 -12 0 -0 12. 1.5 -0.0 1d5 1e5 0x1F 0b101 1_000 2007T 2007-01T 2007-01-01 2007-01-01T00:00Z 2007-01-01T00:00:00.000-07:00
1/**/2//
3/* } */4 // a comment, ' " {{ }}
"plain" "\"\\\u00e4\x41\U0001F600\
" "äöü€😀" "\ud83d\ude00" {{}} {{ aGk= }} {{aG
k=}} {{"clob \x00 \" "}} {{'''a''' '''b'''}}
'''long ' '' \''' ''' '''go // on ''' // between
/* and */ '''end''' '''''' 'sym\n\'bol' x
{a:1,'b':2,"c":3,'''d''' '''e''':4,f:x::y::{},g:/* : */[/* , */1,2,],h:(a+b -1 - 1 +inf +- // )
/ * . a.b)} (+ -) [{{}},(),{}] a'b'
"#;

fn read_all(stream: &[u8]) -> Vec<Canonical> {
    read(stream).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn text_is_read_alike_wherever_a_buffer_ends() {
    let expected = read_all(TEXT.as_bytes());
    for before in BUFFER - TEXT.len()..=BUFFER {
        let stream = [" ".repeat(before).as_bytes(), TEXT.as_bytes()].concat();
        let found = read(&stream);
        let at = BUFFER - before;
        let around = String::from_utf8_lossy(&TEXT.as_bytes()[at.saturating_sub(20)..(at + 20).min(TEXT.len())]);
        assert_eq!(found.as_ref(), Ok(&expected), "byte {at} of the text, in {around:?}");
    }
}

/// A comment may be longer than a buffer.
#[test]
fn a_comment_longer_than_a_buffer_ends_in_the_right_place() {
    for (begin, end) in [("//", "\n"), ("//", "\r"), ("/*", "*/")] {
        for length in [BUFFER - 3, BUFFER - 2, BUFFER - 1, BUFFER, 2 * BUFFER, 3 * BUFFER + 1] {
            let text = format!("a::{begin}{}{end}b", " c".repeat(length / 2 + 1));
            assert_eq!(read_all(text.as_bytes()), read_all(b"a::b"), "{begin} {length}");
        }
        assert_eq!(read_all(format!("b{begin}{}{end}", "c".repeat(2 * BUFFER)).as_bytes()), read_all(b"b"));
    }
    assert_eq!(read_all(format!("b//{}", "c".repeat(2 * BUFFER)).as_bytes()), read_all(b"b"));
}

/// Text that is wrong is refused wherever a buffer ends.
#[test]
fn what_is_refused_is_refused_wherever_a_buffer_ends() {
    for text in
        ["a:::b", "1a", "{{aGk}}", "\"a\nb\"", "'''a''' '''b", "a::", "/* */ /*", "1/", "{a:1,,}", "'", "\u{e4}"]
    {
        assert!(read(text.as_bytes()).is_err(), "{text}");
        for before in BUFFER - text.len()..=BUFFER {
            let stream = [" ".repeat(before).as_bytes(), text.as_bytes()].concat();
            assert!(read(&stream).is_err(), "{text} after {before}");
        }
    }
    // The beginning of a character is not a character.
    for before in [0, 5, BUFFER - 1, BUFFER - 2, BUFFER] {
        assert!(read(&[" ".repeat(before).as_bytes(), b"\xe2\x82"].concat()).is_err(), "{before}");
        assert!(read(&[b"//", " ".repeat(before).as_bytes(), b"\xe2\x82"].concat()).is_err(), "{before}");
    }
}

/// Binary in which symbol tables change, with padding before, between and inside.
fn binary() -> Vec<u8> {
    let mut stream = Vec::new();
    for line in TEXT.lines().filter(|line| !line.contains('$') && read(line.as_bytes()).is_ok()) {
        let mut writer = BinaryWriter::default();
        for value in values(line.as_bytes()) {
            let value = value.unwrap();
            let mut reader = value.reader();
            while let Some(item) = reader.next_item().unwrap() {
                writer.write(&item);
            }
        }
        stream.extend(writer.take());
        // Padding of one byte, of several, and of a length that stands apart.
        stream.extend([0x00, 0x03, 0xFF, 0xFF, 0xFF, 0x0E, 0x90]);
        stream.extend([0xEE; 16]);
        // A struct that holds padding, and a table that appends a symbol which the next value uses.
        stream.extend([0xD5, 0x84, 0x01, 0x00, 0x80, 0x00]);
        stream.extend(BINARY_VERSION_MARKER);
        stream.extend([0xE9, 0x81, 0x83, 0xD6, 0x87, 0xB4, 0x83, b'a', b'b', b'c', 0x71, 0x0A]);
        stream.extend([0xEC, 0x81, 0x83, 0xD9, 0x86, 0x71, 0x03, 0x87, 0xB4, 0x83, b'd', b'e', b'f', 0x71, 0x0B]);
    }
    stream
}

#[test]
fn binary_is_read_alike_wherever_a_buffer_ends() {
    let stream = binary();
    let expected = read_all(&stream);
    assert!(expected.len() > 20, "{}", expected.len());
    let border = BUFFER - BINARY_VERSION_MARKER.len();
    for before in border - stream.len()..=border {
        let padded = [&BINARY_VERSION_MARKER, vec![0; before].as_slice(), &stream].concat();
        assert_eq!(read(&padded).as_ref(), Ok(&expected), "byte {} of the stream", border - before);
    }
}

#[test]
fn sources_that_give_little_at_a_time_are_read_alike() {
    for stream in [TEXT.as_bytes(), &binary()] {
        let expected: Vec<_> = values(stream).map(|value| value.unwrap().bytes).collect();
        for step in [1, 2, 3, 7, 64, 1000] {
            let found: Vec<_> =
                values(Dripping { bytes: stream, step }).map(|value| value.map(|value| value.bytes).unwrap()).collect();
            assert_eq!(found, expected, "{step}");
        }
    }
}

/// About how long a piece of an object is.
const PIECE: usize = 1 << 20;
/// A real block.
const BLOCK: &str = include_str!("../../../tests/vectors/awscli-block-100.ion");

/// What the check of an object finds, in which `before` bytes stand before its blocks, and where it could not continue.
fn checked(object: &[u8], before: usize) -> (Vec<String>, Option<(u64, String)>) {
    let mut checker = Checker::new(Depth::Contents);
    let mut found = Vec::new();
    let mut pieces = Pieces::new(object);
    let mut piece = pieces.next().unwrap().unwrap();
    loop {
        let offset = piece.offset;
        let end = piece.read(&mut checker, false, &mut |block| {
            let start = offset + block.start as u64 - before as u64;
            // A stranger's place is given in what was read.
            let without_place =
                |fault: &BlockFault| (fault.field.clone(), fault.found.split(" at byte").next().map(str::to_owned));
            let faults: Vec<_> = block.faults.iter().map(without_place).collect();
            found.push(format!("{start} {} {:?} {faults:?} {:?}", block.sequence_no, block.links, block.counts));
        });
        found.extend(end.stranger.map(|(what, at)| format!("{what} at {}", at - before as u64)));
        if let Some(failure) = end.failure {
            return (found, Some((failure.offset - before as u64, failure.reason)));
        }
        let Some(next) = pieces.next() else { return (found, None) };
        let next = next.unwrap();
        piece = if piece.is_followed_by(&end, &next) { next } else { piece.rest_before(end, &next) };
    }
}

/// Lines that begin with a brace are where pieces are cut: also where they stand in a string, a comment or a clob.
#[test]
fn blocks_are_checked_alike_wherever_a_piece_ends() {
    let block = BLOCK.trim_end();
    let tricky = format!(
        "{block}\n{}\n/*\n{{\n*/{block} // \\\n{block}\n",
        block.replacen('{', "{x:'''\n{ ä\\\n{''' /* }\n{ */,y:{{\"\\\n{\"}},z:[\n{}\n,{\n}\n],", 1)
    );
    let (expected, failure) = checked(tricky.as_bytes(), 0);
    assert_eq!((expected.len(), failure), (4, None));
    for before in (PIECE - tricky.len()..=PIECE).step_by(3) {
        let object = ["\n".repeat(before).as_bytes(), tricky.as_bytes()].concat();
        assert_eq!(checked(&object, before), (expected.clone(), None), "{before}");
    }
}

#[test]
fn an_object_of_nothing_is_one_piece_of_nothing() {
    assert_eq!(checked(b"", 0), (Vec::new(), None));
    assert_eq!(checked(b"\n", 0), (Vec::new(), None));
    assert_eq!(checked(&BINARY_VERSION_MARKER, 0), (Vec::new(), None));
    for end in 0..BINARY_VERSION_MARKER.len() {
        assert_eq!(checked(&BINARY_VERSION_MARKER[..end], 0).0, Vec::<String>::new());
    }
}

#[test]
fn bytes_after_the_last_block_are_reported() {
    let block = BLOCK.trim_end();
    for (behind, expected) in
        [(" \n", None), (" // c", Some("a comment at ")), ("\n$ion_1_0", Some("a version marker at "))]
    {
        let (found, failure) = checked(format!("{block}{behind}").as_bytes(), 0);
        assert_eq!(failure, None);
        let place = block.len() + 1;
        assert_eq!(found.get(1), expected.map(|expected| format!("{expected}{place}")).as_ref(), "{behind}");
    }
}
