//! Runs of bytes, found many at a time without branches per byte.

const ONES: u64 = u64::MAX / 255;
const TOPS: u64 = ONES << 7;

/// Marks, by their top bits, bytes that are zero. Exact up to the lowest mark.
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & TOPS
}

/// Marks bytes that equal one, in the same way.
fn equal(word: u64, byte: u8) -> u64 {
    zeros(word ^ (ONES * u64::from(byte)))
}

/// Marks bytes below a limit of at most 128, in the same way.
fn below(word: u64, limit: u8) -> u64 {
    word.wrapping_sub(ONES * u64::from(limit)) & !word & TOPS
}

/// The number of bytes before the first that `marks` marks in a word, and for which `stops` is true.
#[inline]
fn run(bytes: &[u8], marks: impl Fn(u64) -> u64, stops: impl Fn(u8) -> bool) -> usize {
    let mut length = 0;
    let mut rest = bytes;
    while let Some((chunk, after)) = rest.split_first_chunk() {
        let found = flags(chunk, &stops);
        if found != 0 {
            return length + found.trailing_zeros() as usize / 8;
        }
        length += 16;
        rest = after;
    }
    if let Some((word, after)) = rest.split_first_chunk::<8>() {
        let found = marks(u64::from_le_bytes(*word));
        if found != 0 {
            return length + found.trailing_zeros() as usize / 8;
        }
        length += 8;
        rest = after;
    }
    length + rest.iter().position(|byte| stops(*byte)).unwrap_or(rest.len())
}

/// A nonzero byte for each of 16 for which `stops` is true. Without an exit from the loop, it becomes a few vector
/// operations.
#[inline]
fn flags(bytes: &[u8; 16], stops: impl Fn(u8) -> bool) -> u128 {
    let mut flags = [0; 16];
    for (flag, byte) in flags.iter_mut().zip(bytes) {
        *flag = if stops(*byte) { 0xFF } else { 0 };
    }
    u128::from_le_bytes(flags)
}

/// The position of the first of 32 bytes that equals one.
#[inline]
pub(super) fn place_of(wanted: u8, bytes: &[u8; 32]) -> Option<usize> {
    let places = bytes.as_chunks().0.iter().zip([0, 16]);
    let mut found = places.map(|(chunk, start)| (start, flags(chunk, |byte| byte == wanted)));
    found.find(|(_, flags)| *flags != 0).map(|(start, flags)| start + flags.trailing_zeros() as usize / 8)
}

/// The number of bytes before the first quote, backslash or control character.
#[inline]
#[expect(clippy::needless_bitwise_bool, reason = "without a way out it becomes operations on vectors")]
pub(super) fn plain(bytes: &[u8], quote: u8) -> usize {
    run(
        bytes,
        |word| equal(word, quote) | equal(word, b'\\') | below(word, 0x20),
        |byte| (byte == quote) | (byte == b'\\') | (byte < 0x20),
    )
}

#[inline]
#[expect(clippy::needless_bitwise_bool, reason = "without a way out it becomes operations on vectors")]
fn is_remarkable(byte: u8) -> bool {
    // As signed bytes, those beyond ASCII are below all others.
    (byte.cast_signed() < 0x20) | (byte == b'"') | (byte == b'\\')
}

/// Whether some bytes, of which there are usually few, are ASCII without quotes, backslashes and control characters.
#[inline]
pub(super) fn are_plain_ascii(bytes: &[u8]) -> bool {
    // The remainder after the whole chunks is checked together with bytes before it.
    if let Some(last) = bytes.last_chunk() {
        let are_plain = |chunk| flags(chunk, is_remarkable) == 0;
        return are_plain(last) && bytes.as_chunks().0.iter().all(are_plain);
    }
    let word =
        match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>(), bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            (Some(first), Some(last), ..) => {
                let [first, last] = [*first, *last].map(u64::from_le_bytes);
                return remarkable(first) | remarkable(last) == 0;
            }
            (_, _, Some(first), Some(last)) => {
                u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32
            }
            _ => return !bytes.iter().any(|byte| is_remarkable(*byte)),
        };
    remarkable(word) == 0
}

/// Marks such bytes.
#[inline]
fn remarkable(word: u64) -> u64 {
    equal(word, b'"') | equal(word, b'\\') | below(word, 0x20) | word & TOPS
}

/// What Ion Hash writes before and after a value, and before these three bytes in it.
pub(super) const BEGIN: u8 = 0x0B;
pub(super) const END: u8 = 0x0E;
pub(super) const ESCAPE: u8 = 0x0C;

#[inline]
#[expect(clippy::needless_bitwise_bool, reason = "without a way out it becomes operations on vectors")]
fn is_escaped(byte: u8) -> bool {
    (byte == BEGIN) | (byte == ESCAPE) | (byte == END)
}

/// The number of bytes before the first that Ion Hash escapes.
#[inline]
pub(super) fn unescaped(bytes: &[u8]) -> usize {
    run(bytes, |word| equal(word, BEGIN) | equal(word, ESCAPE) | equal(word, END), is_escaped)
}

/// Whether Ion Hash escapes none of some bytes, of which there are usually few.
#[inline]
pub(super) fn is_unescaped(bytes: &[u8]) -> bool {
    // The remainder after the whole chunks is checked together with bytes before it.
    if let Some(last) = bytes.last_chunk() {
        return flags(last, is_escaped) == 0 && bytes.as_chunks().0.iter().all(|chunk| flags(chunk, is_escaped) == 0);
    }
    !bytes.iter().any(|byte| is_escaped(*byte))
}

/// Whether Ion Hash escapes any of 32 bytes.
#[inline]
pub(super) fn has_escaped(bytes: &[u8; 32]) -> bool {
    bytes.iter().fold(0, |any, byte| any | u8::from(is_escaped(*byte))) != 0
}

/// The positions of the bytes among 32 that Ion Hash escapes.
#[inline]
pub(super) fn each_escaped(bytes: &[u8; 32], mut each: impl FnMut(usize)) {
    for (start, chunk) in (0..).step_by(16).zip(bytes.as_chunks().0) {
        let mut found = flags(chunk, is_escaped);
        while found != 0 {
            let bit = found.trailing_zeros();
            each(start + bit as usize / 8);
            found &= !(0xFF << bit);
        }
    }
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
            let unescaped_length = expected(&|byte| matches!(byte, 0x0B | 0x0C | 0x0E));
            prop_assert_eq!(unescaped(&bytes), unescaped_length);
            prop_assert_eq!(is_unescaped(&bytes), unescaped_length == bytes.len());
            let are_plain = std::str::from_utf8(&bytes).is_ok_and(str::is_ascii) && plain(&bytes, b'"') == bytes.len();
            prop_assert_eq!(are_plain_ascii(&bytes), are_plain);
            if let Some(chunk) = bytes.first_chunk::<32>() {
                prop_assert_eq!(place_of(b'"', chunk), chunk.iter().position(|byte| *byte == b'"'));
                let expected: Vec<usize> = (0..32).filter(|at| is_escaped(chunk[*at])).collect();
                let mut found = Vec::new();
                each_escaped(chunk, |at| found.push(at));
                prop_assert_eq!((has_escaped(chunk), found), (!expected.is_empty(), expected));
            }
        }
    }
}
