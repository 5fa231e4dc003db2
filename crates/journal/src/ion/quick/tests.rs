use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::ion::given::{self, Given};

fn read(text: &str, grammar: Grammar, is_quick: bool) -> (Given, Result<usize, IonError>) {
    let mut reader = TextReader::with_grammar(text.as_bytes(), Arc::default(), grammar);
    if is_quick {
        reader.know(&["a", "version"]);
    }
    given::read(reader, is_quick)
}

const NAMES: [&str; 28] = [
    "'7WZfhzJdK2tI7yhS0QKgJb':",
    "'$4':",
    "'':",
    "'a'::",
    "'a' :",
    "'null':",
    "'a\\'b':",
    "a:",
    "version:",
    "a :",
    "'a':",
    "\"a\":",
    "a::",
    "'a b':",
    "\"a\\n\":",
    "previousBlockHash:",
    "a/**/:",
    "$4:",
    "null:",
    "'''a''':",
    "aNameThatIsLongerThanThirtyTwoBytes:",
    "b:",
    "true:",
    "nan:",
    "$ion_1_0:",
    "_x1:",
    "1a:",
    "",
];

const VALUES: [&str; 59] = [
    "\"x\"",
    "\"\"",
    "\"\\u00e4\"",
    "\"ä\"",
    "\"a\tb\"",
    "'x'",
    "x",
    "x::\"y\"",
    "1",
    "-1",
    "0",
    "-0",
    "01",
    "1_0",
    "12.50",
    "0.5",
    "-0.0",
    "1.",
    "1e5",
    "1d-3",
    "123456789012345678901234567890",
    "1234567890123456789.5",
    "0x1F",
    "2024-03-01T00:00:00.000Z",
    "2024-02-30T00:00:00.000Z",
    "2024-03-01T24:00:00.000Z",
    "2024-03-01",
    "2024T",
    "2024-03-01T00:00:00.00Z",
    "2024-03-01T00:00:00.000+01:00",
    "true",
    "false",
    "null",
    "null.int",
    "nan",
    "+inf",
    "{{}}",
    "{{47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=}}",
    "{{47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=}}",
    "{{aGk=}}",
    "{{\"c\"}}",
    "{}",
    "[]",
    "(a +)",
    "'a b'",
    "''",
    "'a''b'",
    "'\\u0041'",
    "'ä'",
    "'x'::1",
    "nullx",
    "truex",
    "$5",
    "$ion_1_0",
    "_a1$",
    "x /**/",
    "null.list",
    "null.nul",
    "null.struct1",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn the_quick_way_gives_what_the_slow_one_does(
        members in proptest::collection::vec((0..NAMES.len(), 0..VALUES.len(), 0..40_usize), 1..8),
        odd in 0..4_usize,
        is_json: bool,
    ) {
        let mut body = String::new();
        for (name, value, form) in &members {
            // Usually readable parts, so that much of it can be read.
            let (name, value) = if odd == 0 { (*name, *value) } else { (name % 5, value % 3 + [0, 0, 30, 44][odd]) };
            let (name, value) = (NAMES[name], VALUES[value]);
            let comma = [",", " ,", ",/*c*/", ",,", ""].get(*form).copied().unwrap_or(",");
            let member = match form {
                5..10 => format!("{name}{{{name}{value}}}{comma}"),
                10..15 => format!("{name}[{value},{value}]{comma}"),
                15..18 => format!("{name} {value}{comma}"),
                _ => format!("{name}{value}{comma}"),
            };
            body.push_str(&member);
        }
        let text = format!("{{{}}}\n", body.trim_end_matches(','));
        let padding = " ".repeat(40);
        let text = format!("{text}{text}{text}{text}{padding}");
        let grammar = if is_json { Grammar::Json } else { Grammar::Ion };
        prop_assert_eq!(read(&text, grammar, true), read(&text, grammar, false));
        for end in (0..text.len()).rev().step_by(7) {
            if let Some(part) = text.get(..end) {
                prop_assert_eq!(read(part, grammar, true), read(part, grammar, false));
            }
        }
    }
}
