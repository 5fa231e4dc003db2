//! Ion that no writer would write, text and binary: every token at every place,
//! odd white space, comments, padding, symbol tables, and then some damage. All
//! of it follows from the bytes of [`Choices`], so that a test that fails shrinks
//! by shrinking those.
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::match_same_arms)]

/// Decisions, taken from bytes; when they are used up, always the first.
pub(crate) struct Choices<'b> {
    bytes: &'b [u8],
    /// Whether only tokens are chosen that are right where they stand.
    is_tame: bool,
    /// Whether between tokens only spaces are chosen, for readers that know no other white space there.
    is_plain: bool,
}

impl<'b> Choices<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, is_tame: true, is_plain: false }
    }

    /// Decisions for documents that every reader of Ion should read.
    pub(crate) fn plain(bytes: &'b [u8]) -> Self {
        Self { is_plain: true, ..Self::new(bytes) }
    }

    fn byte(&mut self) -> usize {
        let Some((byte, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        usize::from(*byte)
    }

    fn below(&mut self, limit: usize) -> usize {
        self.byte() % limit.max(1)
    }

    fn one_of<'t, T: ?Sized>(&mut self, options: &[&'t T]) -> &'t T {
        options[self.below(options.len())]
    }

    fn chance(&mut self, one_in: usize) -> bool {
        // With no bytes left nothing happens by chance.
        self.below(one_in) == one_in - 1
    }

    fn is_used_up(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// The most containers inside one another, but for documents that are nothing else.
const DEPTH: usize = 6;

/// Tokens, of which the first are right wherever such a token may stand.
struct Tokens {
    right: usize,
    all: &'static [&'static str],
}

impl Tokens {
    fn one(&self, choices: &mut Choices<'_>) -> &'static str {
        let limit = if choices.is_tame { self.right } else { self.all.len() };
        self.all.get(choices.below(limit)).copied().unwrap_or_default()
    }
}

/// Text that is mostly Ion.
pub(crate) fn text(choices: &mut Choices<'_>) -> Vec<u8> {
    choices.is_tame = choices.below(4) != 3;
    let mut out = String::new();
    for _ in 0..=choices.below(6) {
        if choices.chance(5) {
            let tables = if choices.is_plain { &TABLES[..4] } else { &TABLES };
            out.push_str(choices.one_of(tables));
        } else {
            value(choices, 0, None, &mut out);
        }
        let between = [" ", "\n", "", "\t", "\r\n", "\x0b", "\x0c", " // c\n", "/**/", "\r"];
        out.push_str(if choices.is_plain { " " } else { choices.one_of(&between) });
    }
    damage(choices, out.into_bytes())
}

const TABLES: [&str; 16] = [
    "$ion_1_0 ",
    "'$ion_1_0' ",
    "$ion_symbol_table::{symbols:[\"s\",'''t''' '''u''']} $10 $11 ",
    "$ion_symbol_table::{imports:$ion_symbol_table,symbols:[\"more\"]} $10 ",
    "$ion_symbol_table::{symbols:[1,null,\"s\",{a:[]},x::\"t\"]} $12 $10 ",
    "$ion_symbol_table::{imports:[{name:\"other\",version:1,max_id:2}],symbols:[\"s\"]} $12 $10 ",
    "$ion_symbol_table::{imports:[{name:\"$ion\",max_id:3},{max_id:1},{name:\"\",max_id:1},5],symbols:[\"s\"]} $10 ",
    "$ion_symbol_table::{imports:[{name:\"other\"}]} ",
    "$ion_symbol_table::{symbols:[\"a\"],symbols:[\"b\"]} ",
    "$ion_symbol_table::[] ",
    "$ion_symbol_table::null.struct ",
    "x::$ion_symbol_table::{symbols:[\"s\"]} ",
    "$ion_symbol_table::x::{symbols:x::[\"s\"],other:{b:(c)}} $10 ",
    "$ion_symbol_table::{symbols:null.list,imports:\"x\"} ",
    "$3::{'symbols':[\"q\"]} $10 ",
    "$ion_shared_symbol_table::{name:\"a\",version:1,symbols:[\"s\"]} ",
];

const BLANKS: Tokens = Tokens {
    right: 18,
    all: &[
        "", "", "", "", " ", "\n", "\t", "\x0b", "\x0c", "\r", "/* c */", "// c\n", "/**/", "/*/*/", "//\r", "/***/",
        "", " ", "\u{a0}", "\u{feff}", "\0",
    ],
};

const ANNOTATIONS: Tokens = Tokens {
    right: 8,
    all: &[
        "a",
        "'b c'",
        "$4",
        "$0",
        "''",
        "$ion_symbol_table",
        "$ion_1_0",
        "'true'",
        "null",
        "'''x'''",
        "\"s\"",
        "true",
        "a.b",
        "$99",
        "nan",
        "+",
        "$10",
    ],
};

const BETWEEN: Tokens = Tokens { right: 1, all: &["::", "::", "::", ":", ": :", ":::"] };
const COLON: Tokens = Tokens { right: 1, all: &[":", ":", ":", ":", "::", ": :", ""] };
const COMMA: Tokens = Tokens { right: 1, all: &[",", ",", ",", ",", ",,", "", ";"] };
const NO_COMMA: Tokens = Tokens { right: 1, all: &[" ", " ", " ", "", "", ","] };
const BASE64: Tokens = Tokens {
    right: 9,
    all: &[
        "", "aGk=", "aA==", "aGkh", "aG kh", "aG\nk=", "aGkhaGkh", "+/+/", "aGk =", "aA= =", "aGk", "aGk==", "aA=",
        "aB==", "a", "-_-_", "aGk=aGk=", "=", "aGl=",
    ],
};
const IN_LOB: Tokens = Tokens { right: 6, all: &["", "", " ", "\n", "\t", "\r\n", "\x0b", "\x0c", "// c\n", "/**/"] };
const LOB_END: Tokens = Tokens { right: 1, all: &["}}", "}}", "} }", "}", "}}}"] };

/// White space and comments: mostly none.
fn blank(choices: &mut Choices<'_>, out: &mut String) {
    out.push_str(if choices.is_plain { [" ", "", "\n"][choices.below(3)] } else { BLANKS.one(choices) });
}

fn value(choices: &mut Choices<'_>, depth: usize, container: Option<char>, out: &mut String) {
    while choices.chance(8) {
        out.push_str(ANNOTATIONS.one(choices));
        blank(choices, out);
        out.push_str(BETWEEN.one(choices));
        blank(choices, out);
    }
    match choices.below(if depth < DEPTH && !choices.is_used_up() { 16 } else { 12 }) {
        0 => out.push_str(INTS.one(choices)),
        1 => out.push_str(REALS.one(choices)),
        2 => out.push_str(TIMESTAMPS.one(choices)),
        3 | 4 => out.push_str(WORDS.one(choices)),
        5 => quoted(choices, '"', out),
        6 => quoted(choices, '\'', out),
        7 | 8 => long_strings(choices, out),
        9 => blob(choices, out),
        10 => clob(choices, out),
        11 if container == Some('(') => out.push_str(OPERATORS.one(choices)),
        11 if !choices.is_tame => timestamp(choices, out),
        11 => out.push_str(TIMESTAMPS.one(choices)),
        12 => sequence(choices, depth, ('[', ']'), out),
        13 => sequence(choices, depth, ('(', ')'), out),
        _ => structure(choices, depth, out),
    }
}

const INTS: Tokens = Tokens {
    right: 15,
    all: &[
        "0",
        "1",
        "-1",
        "-0",
        "12",
        "1_000",
        "0x1F",
        "0XaB",
        "-0xff",
        "0b101",
        "0B1",
        "9223372036854775807",
        "-9223372036854775809",
        "123456789012345678901234567890",
        "0x00_0f",
        "00",
        "01",
        "-01",
        "1__0",
        "_1",
        "1_",
        "0x",
        "0x_1",
        "0b2",
        "+1",
        "0b",
        "0x1_",
    ],
};

const REALS: Tokens = Tokens {
    right: 29,
    all: &[
        "0.",
        "1.",
        "1.5",
        "-1.50",
        "-0.",
        "-0.0",
        "0.00",
        "1d0",
        "1D-5",
        "1.5d+3",
        "0d-0",
        "-0d5",
        "1_0.5",
        "1.5_5",
        "1e0",
        "1E5",
        "-1e-5",
        "1.e1",
        "0e0",
        "-0e0",
        "1e400",
        "1e-400",
        "1d123456789",
        "1d-123456789",
        "0.1e-0",
        "4.9e-324",
        "1.7976931348623157e308",
        "123456789.123456789",
        "-1_2.3_4d-0",
        ".5",
        "1d",
        "1d1_0",
        "1._5",
        "1e",
        "1e+",
        "1.5e1.5",
        "00.1",
        "-00d1",
        "1_.5",
        "1e1_0",
        "1.5_",
    ],
};

const TIMESTAMPS: Tokens = Tokens {
    right: 15,
    all: &[
        "2007T",
        "2007-01T",
        "2007-01-01",
        "2007-01-01T",
        "2007-01-01T00:00Z",
        "2007-01-01T00:00:00Z",
        "2008-02-29T",
        "2007-01-01T00:00:00.000Z",
        "2007-01-01T00:00-00:00",
        "2007-01-01T00:00+14:00",
        "2007-01-01T23:59:59-23:59",
        "9999-12-31T23:59:59.999999999Z",
        "2007-01-01T00:00:00.123456789012345678Z",
        "2007-01-01T00:00:00-00:00",
        "0001T",
        "2007-02-29",
        "2007-01-01T00:00",
        "2007-01-01T24:00Z",
        "2007-01-01T00:60Z",
        "2007-01-01T00:00:60Z",
        "2007-13-01",
        "0000T",
        "2007-1-1",
        "2007",
        "2007-01",
        "2007-01-01T00:00:00.Z",
        "2007-01-01T00:00:00+24:00",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "2007-01-01t00:00Z",
        "2007-01-01T00:00z",
        "2007-01-32",
        "2007-01-01T00:00:00.1",
        "2007-01-01Z",
    ],
};

const WORDS: Tokens = Tokens {
    right: 40,
    all: &[
        "a",
        "abc",
        "_",
        "$",
        "$a",
        "_1",
        "a1",
        "null",
        "null.int",
        "null.null",
        "null.struct",
        "nul",
        "nulls",
        "true",
        "false",
        "truey",
        "nan",
        "nano",
        "+inf",
        "-inf",
        "inf",
        "$0",
        "$1",
        "$2",
        "$4",
        "$9",
        "$1a",
        "$ion_symbol_table",
        "null.list",
        "null.sexp",
        "null.clob",
        "null.decimal",
        "null.float",
        "$ion_shared_symbol_table",
        "null.timestamp",
        "null.blob",
        "null.symbol",
        "null.string",
        "null.bool",
        "$ion_1_0",
        "null.",
        "null.foo",
        "null.int8",
        "+infx",
        "-nan",
        "+nan",
        "$10",
        "$99",
        "$01",
        "null .int",
        "a.b",
        "a-b",
        "é",
        "-",
        "+",
        "a'b'",
        "null.'int'",
        "null.list::x",
        "$ion_1_1",
        "$ion_",
        "$18446744073709551616",
    ],
};

const OPERATORS: Tokens = Tokens {
    right: 20,
    all: &[
        "+", "-", "*", ".", "..", "+-", "- 1", "=>", "!", "#", "%", "&", "+//\n", "?", "@", "|~", "<=>", "^", "`",
        "~;", "a.b", "-a", "-1", "+1", "a-1", "1-", "-inf", "+inf+", "+inf",
    ],
};

const PIECES: Tokens = Tokens {
    right: 28,
    all: &[
        "a",
        "b c",
        "'",
        "\\\"",
        "\\'",
        "\\n",
        "\\0",
        "\\x41",
        "\\xff",
        "\\u00e4",
        "\\ud83d\\ude00",
        "\\U0001F600",
        "\\\n",
        "\\\r\n",
        "\\\r",
        "\t",
        "\u{b}",
        "\u{c}",
        "\u{7f}",
        "ä",
        "😀",
        "//",
        "/*",
        "\\?",
        "\\/",
        "\\a\\b\\f\\v\\t\\r",
        "}}",
        "a longer piece of text",
        "''",
        "\"",
        "\\x4",
        "\\u0",
        "\\ud83d",
        "\\ude00",
        "\\U00110000",
        "\\z",
        "\n",
        "\r",
        "\r\n",
        "\0",
        "\u{1}",
        "\u{1f}",
        "\u{85}",
    ],
};

fn quoted(choices: &mut Choices<'_>, quote: char, out: &mut String) {
    out.push(quote);
    for _ in 0..choices.below(5) {
        let piece = PIECES.one(choices);
        if !piece.contains(quote) || piece.starts_with('\\') {
            out.push_str(piece);
        }
    }
    out.push(quote);
}

fn long_strings(choices: &mut Choices<'_>, out: &mut String) {
    for _ in 0..=choices.below(3) {
        out.push_str("'''");
        for _ in 0..choices.below(5) {
            out.push_str(PIECES.one(choices));
        }
        out.push_str("'''");
        blank(choices, out);
    }
}

fn blob(choices: &mut Choices<'_>, out: &mut String) {
    out.push_str("{{");
    out.push_str(if choices.is_plain { " " } else { IN_LOB.one(choices) });
    out.push_str(BASE64.one(choices));
    out.push_str(if choices.is_plain { " " } else { IN_LOB.one(choices) });
    out.push_str(LOB_END.one(choices));
}

const CLOBS: Tokens = Tokens {
    right: 5,
    all: &[
        "\"\"",
        "\"abc\"",
        "''''''",
        "'''a''' '''b'''",
        "\"\\x00\\xff\"",
        "\"a\" \"b\"",
        "'a'",
        "\"é\"",
        "\"\\u0041\"",
    ],
};

fn clob(choices: &mut Choices<'_>, out: &mut String) {
    out.push_str("{{");
    out.push_str(if choices.is_plain { " " } else { IN_LOB.one(choices) });
    match choices.below(6) {
        0 => quoted(choices, '"', out),
        1 => long_strings(choices, out),
        _ => out.push_str(CLOBS.one(choices)),
    }
    out.push_str(if choices.is_plain { " " } else { IN_LOB.one(choices) });
    out.push_str(LOB_END.one(choices));
}

fn timestamp(choices: &mut Choices<'_>, out: &mut String) {
    let year = choices.one_of(&["2024", "0001", "9999", "1900"]);
    let month = choices.below(14);
    let day = choices.below(33);
    let fraction = choices.one_of(&["", ".0", ".5", ".000", ".123456789", "."]);
    let offset = choices.one_of(&["Z", "-00:00", "+00:00", "+01:30", "-08:00", "", "+1:00"]);
    let (hour, minute, second) = (choices.below(25), choices.below(61), choices.below(61));
    let time = format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{offset}");
    out.push_str(&time);
}

fn sequence(choices: &mut Choices<'_>, depth: usize, (begin, end): (char, char), out: &mut String) {
    out.push(begin);
    blank(choices, out);
    for _ in 0..choices.below(5) {
        value(choices, depth + 1, Some(begin), out);
        blank(choices, out);
        out.push_str(if begin == '[' { COMMA.one(choices) } else { NO_COMMA.one(choices) });
        blank(choices, out);
    }
    out.push(end);
}

fn structure(choices: &mut Choices<'_>, depth: usize, out: &mut String) {
    out.push('{');
    blank(choices, out);
    for _ in 0..choices.below(5) {
        match choices.below(8) {
            0 => quoted(choices, '"', out),
            1 => quoted(choices, '\'', out),
            2 => long_strings(choices, out),
            3 if !choices.is_tame => out.push_str(WORDS.one(choices)),
            _ => out.push_str(choices.one_of(&["a", "b", "data", "metadata", "hash"])),
        }
        blank(choices, out);
        out.push_str(COLON.one(choices));
        blank(choices, out);
        value(choices, depth + 1, Some('{'), out);
        blank(choices, out);
        out.push_str(COMMA.one(choices));
        blank(choices, out);
    }
    out.push('}');
}

/// Changes, takes away, doubles or cuts in a part of the cases.
pub(crate) fn damage(choices: &mut Choices<'_>, mut bytes: Vec<u8>) -> Vec<u8> {
    while !choices.is_tame && choices.chance(2) && !bytes.is_empty() {
        let at = (choices.byte() << 8 | choices.byte()) % bytes.len();
        match choices.below(5) {
            0 => bytes[at] = choices.byte() as u8,
            1 => drop(bytes.remove(at)),
            2 => bytes.insert(at, *b" '\"{}[](),:/*\\\n0a$+".get(choices.below(20)).unwrap_or(&b'\r')),
            3 => {
                let end = (at + 1 + choices.below(8)).min(bytes.len());
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            _ => bytes.truncate(at),
        }
    }
    bytes
}

/// Binary that is mostly Ion.
pub(crate) fn binary(choices: &mut Choices<'_>) -> Vec<u8> {
    choices.is_tame = choices.below(4) != 3;
    let mut out = vec![0xE0, 0x01, 0x00, 0xEA];
    for _ in 0..=choices.below(6) {
        match choices.below(8) {
            0 if !choices.is_plain => padding(choices, &mut out),
            1 => out.extend([0xE0, 0x01, 0x00, 0xEA]),
            2 if !choices.is_plain => table(choices, &mut out),
            _ => binary_value(choices, 0, &mut out),
        }
    }
    let rest = out.split_off(4);
    out.extend(damage(choices, rest));
    out
}

fn table(choices: &mut Choices<'_>, out: &mut Vec<u8>) {
    let mut fields = Vec::new();
    for _ in 0..choices.below(4) {
        match choices.below(6) {
            0 => fields.extend([0x86, 0x71, 0x03]),
            1 => {
                let mut import = vec![0x84, 0x82, b'o', b't', 0x88, 0x21];
                import.push(choices.below(4) as u8);
                let mut held = Vec::new();
                wrap(choices, 0xD, &import, &mut held);
                fields.push(0x86);
                wrap(choices, 0xB, &held, &mut fields);
            }
            2 => {
                fields.push(0x84);
                fields.extend_from_slice(choices.one_of(&[
                    &[0x20_u8][..],
                    &[0xB1, 0x0F],
                    &[0xD3, 0x84, 0x81, b'x'],
                    &[0xC0],
                ]));
            }
            _ => {
                let mut symbols = Vec::new();
                for _ in 0..choices.below(4) {
                    match choices.below(6) {
                        0 => symbols.push(0x0F),
                        1 => symbols.extend([0x21, 0x05]),
                        _ => wrap(choices, 0x8, b"sym", &mut symbols),
                    }
                }
                fields.push(0x87);
                wrap(choices, 0xB, &symbols, &mut fields);
            }
        }
    }
    let mut content = vec![0x81, 0x83];
    wrap(choices, 0xD, &fields, &mut content);
    wrap(choices, 0xE, &content, out);
}

fn padding(choices: &mut Choices<'_>, out: &mut Vec<u8>) {
    match choices.below(3) {
        0 => out.push(0x00),
        1 => out.extend([0x03, 0xFF, 0xE0, 0x00]),
        _ => {
            out.extend([0x0E, 0x8E]);
            out.extend([0x80; 14]);
        }
    }
}

/// A head whose length is written in one of the ways that are allowed.
fn wrap(choices: &mut Choices<'_>, code: u8, content: &[u8], out: &mut Vec<u8>) {
    let length = content.len();
    if length < 14 && !choices.chance(6) && !(code == 0xD && length == 1) {
        out.push(code << 4 | length as u8);
    } else {
        out.push(code << 4 | 0xE);
        if choices.chance(3) {
            out.push(0);
        }
        if length >= 128 {
            out.push((length >> 7) as u8);
        }
        out.push(0x80 | (length & 0x7F) as u8);
    }
    out.extend_from_slice(content);
}

fn symbol_id(choices: &mut Choices<'_>) -> u8 {
    [4, 4, 1, 2, 3, 9, 0, 5, 10, 11, 12, 127][choices.below(if choices.is_tame { 8 } else { 12 })]
}

fn some_bytes(choices: &mut Choices<'_>, most: usize) -> Vec<u8> {
    (0..choices.below(most + 1)).map(|_| choices.byte() as u8).collect()
}

fn binary_value(choices: &mut Choices<'_>, depth: usize, out: &mut Vec<u8>) {
    if choices.chance(8) {
        let mut ids: Vec<u8> = (0..=choices.below(3)).map(|_| 0x80 | symbol_id(choices)).collect();
        if choices.chance(6) {
            ids.insert(0, 0);
        }
        let mut content = vec![0x80 | ids.len() as u8];
        content.extend(ids);
        bare_binary_value(choices, depth, &mut content);
        return wrap(choices, 0xE, &content, out);
    }
    bare_binary_value(choices, depth, out);
}

fn bare_binary_value(choices: &mut Choices<'_>, depth: usize, out: &mut Vec<u8>) {
    match choices.below(if depth < DEPTH && !choices.is_used_up() { 18 } else { 13 }) {
        0 => out.push((choices.below(if choices.is_tame { 14 } else { 16 }) as u8) << 4 | 0x0F),
        1 => out.push(0x10 | choices.below(if choices.is_tame { 2 } else { 4 }) as u8),
        2 => {
            let (code, mut bytes) = (0x2 + choices.below(2) as u8, some_bytes(choices, 10));
            if choices.is_tame {
                bytes.push(1);
            }
            wrap(choices, code, &bytes, out);
        }
        3 => {
            let bytes: Vec<u8> = match choices.below(6) {
                0 => Vec::new(),
                1 => f32::from_bits(choices.byte() as u32 * 0x0101_0101).to_be_bytes().to_vec(),
                2 => f64::NAN.to_be_bytes().to_vec(),
                3 => (-0.0_f64).to_be_bytes().to_vec(),
                4 if !choices.is_tame => some_bytes(choices, 9),
                _ => (choices.byte() as f64 / 3.0).to_be_bytes().to_vec(),
            };
            wrap(choices, 0x4, &bytes, out);
        }
        4 => {
            let mut bytes = match choices.below(5) {
                0 => Vec::new(),
                1 => vec![0xC1],
                2 => vec![0x80 | choices.byte() as u8],
                3 => vec![choices.byte() as u8 & 0x7F, 0x80 | choices.byte() as u8],
                _ => vec![0xC0],
            };
            bytes.extend(some_bytes(choices, 6));
            wrap(choices, 0x5, &bytes, out);
        }
        5 | 6 => binary_timestamp(choices, out),
        7 => {
            let id = symbol_id(choices);
            let bytes: &[u8] = match choices.below(4) {
                0 => &[0, id],
                1 => &[],
                _ => &[id],
            };
            wrap(choices, 0x7, bytes, out);
        }
        8 | 9 => {
            let text = choices.one_of(&["", "a", "ä", "twelve bytes", "a longer string", "\0", "\u{10ffff}"]);
            wrap(choices, 0x8, text.as_bytes(), out);
        }
        10 => {
            let mut bytes = some_bytes(choices, 6);
            if choices.is_tame {
                bytes.iter_mut().for_each(|byte| *byte &= 0x7F);
            }
            wrap(choices, 0x8, &bytes, out);
        }
        11 | 12 => {
            let (code, bytes) = (0x9 + choices.below(2) as u8, some_bytes(choices, 20));
            wrap(choices, code, &bytes, out);
        }
        13 | 14 => {
            let mut content = Vec::new();
            for _ in 0..choices.below(5) {
                if !choices.is_plain && choices.chance(6) {
                    padding(choices, &mut content);
                } else {
                    binary_value(choices, depth + 1, &mut content);
                }
            }
            let code = 0xB + choices.below(2) as u8;
            wrap(choices, code, &content, out);
        }
        _ => {
            let mut content = Vec::new();
            for _ in 0..choices.below(5) {
                if choices.chance(8) {
                    content.push(0);
                }
                content.push(0x80 | symbol_id(choices));
                if !choices.is_plain && choices.chance(6) {
                    padding(choices, &mut content);
                } else {
                    binary_value(choices, depth + 1, &mut content);
                }
            }
            if choices.chance(8) {
                // Sorted fields: the length stands apart.
                out.push(0xD1);
                out.push(0x80 | (content.len() & 0x7F) as u8);
                out.extend(content);
            } else {
                wrap(choices, 0xD, &content, out);
            }
        }
    }
}

fn binary_timestamp(choices: &mut Choices<'_>, out: &mut Vec<u8>) {
    let offsets: [&[u8]; 7] = [&[0x80], &[0xC0], &[0x47, 0xE0], &[0x43, 0xA4], &[0x7C, 0xE0], &[0xBF], &[0x00, 0xC0]];
    let fractions: [&[u8]; 11] = [
        &[0xC1, 0x05],
        &[0xC3],
        &[0xC3, 0x01, 0xF4],
        &[0x80],
        &[0xC0],
        &[0xC6, 0x00, 0x01],
        &[0x81, 0x00],
        &[0xC1, 0x85],
        &[0xC1, 0x0A],
        &[0x83, 0x01],
        &[0xFF],
    ];
    let years: [&[u8]; 4] = [&[0x0F, 0xE8], &[0x4E, 0x8F], &[0x81], &[0x80]];
    let is_tame = choices.is_tame;
    let number = |choices: &mut Choices<'_>, first: usize, right: usize, all: usize| {
        [0x80 | (first + choices.below(if is_tame { right } else { all })) as u8]
    };
    let mut bytes = choices.one_of(&offsets[..if is_tame { 4 } else { 7 }]).to_vec();
    let parts: [&[u8]; 7] = [
        choices.one_of(&years[..if is_tame { 1 } else { 4 }]),
        &number(choices, usize::from(is_tame), 12, 14),
        &number(choices, usize::from(is_tame), 28, 33),
        &number(choices, 0, 24, 25),
        &number(choices, 0, 60, 61),
        &number(choices, 0, 60, 61),
        choices.one_of(&fractions[..if is_tame { 6 } else { 11 }]),
    ];
    let mut length = 1 + choices.below(7);
    // An hour has its minute.
    length += usize::from(is_tame && length == 4);
    if choices.is_plain && length < 4 {
        // A date has no offset.
        bytes = vec![0xC0];
    }
    for part in parts.iter().take(length) {
        bytes.extend_from_slice(part);
    }
    wrap(choices, 0x6, &bytes, out);
}

/// Bytes that follow from a seed.
pub(crate) struct Random {
    state: u64,
}

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed.wrapping_mul(2).wrapping_add(0x9E37_79B9_7F4A_7C15) | 1 }
    }

    /// The next number (xorshift64).
    pub(crate) fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| (self.next() >> 24) as u8).collect()
    }
}
