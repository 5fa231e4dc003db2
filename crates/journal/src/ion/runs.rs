//! Runs of bytes, found eight at a time without branches per byte.

const ONES: u64 = u64::MAX / 255;
const TOPS: u64 = ONES << 7;

/// Marks, by their top bits, bytes that are zero. Exact up to the lowest mark.
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & TOPS
}

/// Likewise bytes that equal one.
fn equal(word: u64, byte: u8) -> u64 {
    zeros(word ^ (ONES * u64::from(byte)))
}

/// Likewise bytes below a limit of at most 128.
fn below(word: u64, limit: u8) -> u64 {
    word.wrapping_sub(ONES * u64::from(limit)) & !word & TOPS
}

/// How many bytes stand before the first that `marks` marks in a word and `stops` says of a byte.
#[inline]
fn run(bytes: &[u8], marks: impl Fn(u64) -> u64, stops: impl Fn(u8) -> bool) -> usize {
    let mut length = 0;
    let mut rest = bytes;
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        let found = marks(u64::from_le_bytes(*word));
        if found != 0 {
            return length + found.trailing_zeros() as usize / 8;
        }
        length += 8;
        rest = after;
    }
    length + rest.iter().position(|byte| stops(*byte)).unwrap_or(rest.len())
}

/// How many bytes stand before the first quote, backslash or control character.
#[inline]
pub(super) fn plain(bytes: &[u8], quote: u8) -> usize {
    run(
        bytes,
        |word| equal(word, quote) | equal(word, b'\\') | below(word, 0x20),
        |byte| byte == quote || byte == b'\\' || byte < 0x20,
    )
}

/// How many bytes stand before the first that Ion Hash escapes: 0x0B, 0x0C or 0x0E.
#[inline]
pub(super) fn unescaped(bytes: &[u8]) -> usize {
    run(
        bytes,
        |word| equal(word, 0x0B) | equal(word, 0x0C) | equal(word, 0x0E),
        |byte| matches!(byte, 0x0B | 0x0C | 0x0E),
    )
}

/// Whether some of 32 bytes is one that Ion Hash escapes. Without a way out of the loop it becomes a few operations on
/// vectors.
#[inline]
pub(super) fn has_escaped(bytes: &[u8; 32]) -> bool {
    bytes.iter().fold(0, |any, byte| any | u8::from(*byte == 0x0B) | u8::from(*byte == 0x0C) | u8::from(*byte == 0x0E))
        != 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn runs_end_where_a_look_at_each_byte_ends_them(
            bytes in proptest::collection::vec(
                prop_oneof![any::<u8>(), Just(b'a'), Just(b'a'), Just(0x80), Just(0x0B), Just(b'"'), Just(b'\\'), Just(0x1F), Just(0x20)],
                0..40,
            ),
        ) {
            let expected = |stops: &dyn Fn(u8) -> bool| bytes.iter().position(|byte| stops(*byte)).unwrap_or(bytes.len());
            for quote in [b'"', b'\''] {
                prop_assert_eq!(plain(&bytes, quote), expected(&|byte| byte == quote || byte == b'\\' || byte < 0x20));
            }
            prop_assert_eq!(unescaped(&bytes), expected(&|byte| matches!(byte, 0x0B | 0x0C | 0x0E)));
            if let Some(chunk) = bytes.first_chunk::<32>() {
                prop_assert_eq!(has_escaped(chunk), unescaped(chunk) < 32);
            }
        }
    }
}
