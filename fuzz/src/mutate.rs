//! Makes new inputs from others. For the driver.

use super::soup::Random;

/// Byte sequences with a meaning in the formats that are fuzzed.
const TOKENS: [&[u8]; 24] = [
    b"'''",
    b"\"",
    b"/*",
    b"*/",
    b"//",
    b"{{",
    b"}}",
    b"$ion_1_0 ",
    b"$ion_symbol_table::{symbols:[\"a\"]}",
    b"::",
    b"\n{",
    b"\r\n",
    b"\\u0000",
    b"\xff",
    &[0xE0, 0x01, 0x00, 0xEA],
    &[0x0E, 0x90],
    &[0xEE, 0x95, 0x81, 0x83],
    &[0x7F, 0x7F, 0x7F, 0xFF],
    b"null",
    b"-",
    b"99999999999999999999",
    b"Content-Length: 5\r\n",
    b"%2F..%00",
    b"\0",
];
/// The maximum length of an input.
const LONGEST: usize = 64 << 10;

/// A new input, made from one or two others.
pub(crate) fn next(corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut input = pick(corpus, random);
    if input.is_empty() || below(random, 8) == 0 {
        let length = below(random, 300);
        input = random.bytes(length);
    }
    for _ in 0..=below(random, 5) {
        let at = below(random, input.len() + 1);
        match below(random, 9) {
            0 if at < input.len() => input[at] = random.bytes(1)[0],
            1 if at < input.len() => input[at] ^= 1 << below(random, 8),
            2 => {
                let end = (at + 1 + below(random, 16)).min(input.len());
                input.drain(at..end.max(at));
            }
            3 => {
                let end = (at + 1 + below(random, 64)).min(input.len());
                let part = input[at..end.max(at)].to_vec();
                let to = below(random, input.len() + 1);
                input.splice(to..to, part);
            }
            4 => input.truncate(at),
            5 | 6 => {
                let token = TOKENS[below(random, TOKENS.len())];
                input.splice(at..at, token.iter().copied());
            }
            7 => {
                let other = pick(corpus, random);
                let from = below(random, other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            _ => {
                let bytes = random.bytes(3);
                input.splice(at..at, bytes);
            }
        }
    }
    input.truncate(LONGEST);
    input
}

fn pick(corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    corpus.get(below(random, corpus.len())).cloned().unwrap_or_default()
}

pub(crate) fn below(random: &mut Random, limit: usize) -> usize {
    usize::try_from(random.next() >> 16).unwrap_or(0) % limit.max(1)
}
