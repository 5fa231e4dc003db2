//! Where we and ion-rs disagree over a stream, but for what is known.

use super::canonical::{self, Canonical};
use super::peer::{self, Verdict};

/// A disagreement with ion-rs 1.2.0 that is known.
struct Known {
    /// A part of the reason for which one of the two refuses.
    reason: &'static str,
    /// What the stream must have.
    applies: fn(&[u8]) -> bool,
    /// What the specification says.
    #[allow(dead_code, reason = "for those who read this")]
    word: &'static str,
}

/// What it refuses and we read.
const THEY_REFUSE: [Known; 6] = [
    Known {
        reason: "found unrecognized syntax",
        applies: |stream| {
            contains(stream, b"null")
                && stream.windows(2).any(|two| two[0].is_ascii_alphabetic() && matches!(two[1], b'+' | b'-'))
        },
        word: "Nothing must stand between a null and the number behind it: `null.int+inf`, `null.int-1`.",
    },
    Known {
        reason: "symbol table import failed",
        applies: |_| true,
        word: "A table that is not at hand leaves its ids without text, and an import named `$ion` or without a name is \
               ignored; ion-rs looks for each in its catalog.",
    },
    Known {
        reason: "but found a null.struct",
        applies: |_| true,
        word: "A local symbol table is a struct; a null that is annotated as one is a value.",
    },
    Known {
        reason: "failed to parse blob",
        applies: |stream| contains(stream, b"\x0b") || contains(stream, b"\x0c"),
        word: "White space of every kind may stand in a blob.",
    },
    Known {
        reason: "found unrecognized syntax",
        applies: |stream| contains(stream, b"= ="),
        word: "White space may stand anywhere in a blob, also between the two characters of its padding.",
    },
    Known {
        reason: "exceeds maximum (18)",
        applies: |_| true,
        word: "The precision of a fraction of a second has no upper bound.",
    },
];

/// What it reads and we refuse.
const WE_REFUSE: [Known; 8] = [
    Known {
        reason: "inside the value that begins here",
        applies: |stream| contains(stream, b"/*"),
        word: "`/*` begins a comment; ion-rs takes one without an end for an operator of an s-expression.",
    },
    Known {
        reason: "not a timestamp",
        applies: |stream| {
            stream.windows(3).any(|w| w[0] >> 4 == 6 && (w[1] & 0x80 == 0 || w[0] == 0x6E && w[2] & 0x80 == 0))
        },
        word: "An offset is less than a day; ion-rs reads any for a date, which has none.",
    },
    Known {
        reason: "a blob is not base64",
        applies: |_| true,
        word: "Base64 has its padding, `{{aGk}}` is an error; ion-rs counts a line end or a form feed for it.",
    },
    Known {
        reason: "a line end must be escaped",
        applies: |stream| contains(stream, b"\r"),
        word: "A carriage return ends a line, too, and stands in no short string.",
    },
    Known {
        reason: "not a number or timestamp",
        applies: |stream| contains(stream, b"1_0"),
        word: "An exponent has no underscores: `1d1_0` is an error.",
    },
    Known {
        reason: "only version 1.0 of Ion is read",
        applies: |stream| contains(stream, b"$ion_"),
        word: "The marker of Ion 1.0 is `$ion_1_0`, and not `$ion_1_00`; ion-rs also reads `$ion_1_1`.",
    },
    Known {
        reason: "not UTF-8",
        applies: |stream| std::str::from_utf8(stream).is_err(),
        word: "Ion text is UTF-8; ion-rs doesn't look into comments.",
    },
    Known {
        reason: "",
        applies: has_symbol_table,
        word: "What is not Ion is an error also in a field of a symbol table that says nothing; ion-rs passes over it.",
    },
];

/// A symbol of the top level that looks like the version marker says nothing (ion-tests, nonIVMNoOps); ion-rs gives it.
const NO_MARKER: &str = "symbol '24696f6e5f315f30'";

/// What is wrong, unless both agree or the disagreement is known.
pub(crate) fn disagreement(stream: &[u8]) -> Option<String> {
    let found = whole_disagreement(stream)?;
    // To the specification a comment is white space; ion-rs wants other white space between some words and comments.
    let is_known = with_spaces(stream).is_some_and(|spaced| whole_disagreement(&spaced).is_none());
    (!is_known).then_some(found)
}

fn whole_disagreement(stream: &[u8]) -> Option<String> {
    let ours = canonical::read(stream);
    match (&ours, peer::read(stream)) {
        (_, Verdict::Failed) | (Err(_), Verdict::Refused(_)) => None,
        (Ok(ours), Verdict::Read(mut theirs)) => {
            theirs.retain(|value| value.text != NO_MARKER);
            let difference = || format!("{}\nwe read {ours:#?}\nthey read {theirs:#?}", shown(stream));
            (*ours != theirs).then(difference)
        }
        (Ok(ours), Verdict::Refused(reason)) => (!is_known(&THEY_REFUSE, stream, &reason))
            .then(|| format!("{}\nwe read {:?}\nthey refuse: {reason}", shown(stream), texts(ours))),
        (Err(reason), Verdict::Read(theirs)) => (!is_known(&WE_REFUSE, stream, reason))
            .then(|| format!("{}\nthey read {:?}\nwe refuse: {reason}", shown(stream), texts(&theirs))),
    }
}

fn is_known(known: &[Known], stream: &[u8], reason: &str) -> bool {
    known.iter().any(|known| reason.contains(known.reason) && (known.applies)(stream))
}

fn has_symbol_table(stream: &[u8]) -> bool {
    match stream.first() {
        // An annotation with the id of the name, behind the length of the ids.
        Some(0xE0) => (0x80..=0x84).any(|before| contains(stream, &[before, 0x83])),
        _ => contains(stream, b"$ion_symbol_table") || contains(stream, b"$3"),
    }
}

fn contains(stream: &[u8], part: &[u8]) -> bool {
    stream.windows(part.len()).any(|window| window == part)
}

/// Text with a space before every comment, and between a symbol id or version marker and the letters behind it, which
/// to the specification are one word and to ion-rs two.
fn with_spaces(stream: &[u8]) -> Option<Vec<u8>> {
    if stream.starts_with(&[0xE0]) {
        return None;
    }
    let text = std::str::from_utf8(stream).ok()?;
    let text = with_spaced_comments(text);
    let mut out = String::new();
    let mut word = String::new();
    for character in text.chars() {
        let is_part = character.is_ascii_alphanumeric() || character == '_' || character == '$';
        let number = word.strip_prefix("$ion_1_").or_else(|| word.strip_prefix('$')).unwrap_or("-");
        if is_part
            && !character.is_ascii_digit()
            && !number.is_empty()
            && number.bytes().all(|byte| byte.is_ascii_digit())
        {
            out.push(' ');
            word.clear();
        }
        if is_part {
            word.push(character);
        } else {
            word.clear();
        }
        out.push(character);
    }
    Some(out.into_bytes())
}

/// Also in strings, which changes them for both readers alike.
fn with_spaced_comments(text: &str) -> String {
    let mut out = String::new();
    for (at, character) in text.char_indices() {
        let begins = text[at..].starts_with("/*") || text[at..].starts_with("//");
        if begins && !out.ends_with(['*', '/']) {
            out.push(' ');
        }
        out.push(character);
    }
    out
}

fn texts(values: &[Canonical]) -> Vec<&str> {
    values.iter().map(|value| value.text.as_str()).collect()
}

fn shown(stream: &[u8]) -> String {
    match std::str::from_utf8(stream) {
        Ok(text) if !stream.starts_with(&[0xE0]) => format!("{text:?}"),
        _ => stream.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x} ")),
    }
}
