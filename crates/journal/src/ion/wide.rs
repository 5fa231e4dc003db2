//! Hashes in one go with AVX-512: with their escapes for Ion Hash, and from base64. Everything unsafe
//! about that.

#![allow(unsafe_code, reason = "functions that need CPU features, loads and stores; each with its proof")]
#![allow(clippy::wildcard_imports, clippy::unused_self, reason = "intrinsics; `self` is the proof of a feature")]

use std::arch::x86_64::*;

use super::runs::{self, BEGIN, END, ESCAPE};
use crate::Hash;
use crate::sha256::Backend;

/// The most bytes of a hash with its escapes.
const MOST: usize = 2 * Hash::LENGTH;

/// Proof that the CPU has what the functions of this module need; only [`Wide::of`] creates one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wide(());

impl Wide {
    /// For the backend with the same vectors, if the CPU has the other features as well.
    pub(super) fn of(backend: Backend) -> Option<Self> {
        let is_possible = backend == Backend::Avx512
            && is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vbmi")
            && is_x86_feature_detected!("avx512vbmi2")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("popcnt");
        is_possible.then_some(Self(()))
    }

    /// Appends hashes with their escapes. Whether a hash needs any is not predictable, so there is no branch for that.
    #[inline]
    pub(super) fn push_escaped<'h>(
        self,
        hashes: impl ExactSizeIterator<Item = &'h [u8; Hash::LENGTH]>,
        out: &mut Vec<u8>,
    ) {
        // SAFETY: `self` exists, so this CPU has all features that the function is compiled for.
        unsafe { push_escaped(hashes, out) }
    }

    /// The number of bytes before the first quote, backslash or control character.
    #[inline]
    pub(super) fn plain(self, bytes: &[u8], quote: u8) -> usize {
        // SAFETY: `self` exists, so this CPU has all features that the function is compiled for.
        unsafe { plain(bytes, quote) }
    }

    /// Decodes the base64 of a hash; false if it is not written as every encoder writes it.
    #[inline]
    pub(super) fn decode_hash(self, characters: &[u8; Hash::BASE64_LENGTH], hash: &mut [u8; Hash::LENGTH]) -> bool {
        // SAFETY: `self` exists, so this CPU has all features that the function is compiled for.
        unsafe { decode_hash(characters, hash) }
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi2,bmi2,popcnt")]
fn push_escaped<'h>(hashes: impl ExactSizeIterator<Item = &'h [u8; Hash::LENGTH]>, out: &mut Vec<u8>) {
    // However many the iterator returns, no more than these are taken.
    let count = hashes.len();
    out.reserve(MOST * count);
    let mut length = out.len();
    for hash in hashes.take(count) {
        let (escaped, size) = escape(hash);
        // SAFETY: no more than `MOST` bytes are added for each of `count` hashes, for which there is room after what the
        // vector contains; the write needs no alignment.
        unsafe { _mm512_storeu_si512(out.as_mut_ptr().add(length).cast(), escaped) };
        length += size;
    }
    // SAFETY: there is room for that many bytes, and each store began where the bytes before it ended.
    unsafe { out.set_len(length) };
}

/// A hash with its escapes, and how many bytes of that count.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi2,bmi2,popcnt")]
fn escape(hash: &[u8; Hash::LENGTH]) -> (__m512i, usize) {
    // SAFETY: the reference is to as many bytes as are read; the read needs no alignment.
    let bytes = unsafe { _mm256_loadu_si256(hash.as_ptr().cast()) };
    let equal = |byte: u8| _mm256_cmpeq_epi8_mask(bytes, _mm256_set1_epi8(byte.cast_signed()));
    let escaped = equal(BEGIN) | equal(ESCAPE) | equal(END);
    // An escape before each byte, of which those count that are needed.
    let pairs = _mm512_or_si512(_mm512_slli_epi16::<8>(_mm512_cvtepu8_epi16(bytes)), _mm512_set1_epi16(ESCAPE.into()));
    let counts = _pdep_u64(escaped.into(), u64::MAX / 3) | (u64::MAX / 3) << 1;
    (_mm512_maskz_compress_epi8(counts, pairs), Hash::LENGTH + escaped.count_ones() as usize)
}

#[target_feature(enable = "avx512f,avx512bw,bmi1")]
fn plain(bytes: &[u8], quote: u8) -> usize {
    let (chunks, rest) = bytes.as_chunks();
    let mut length = 0;
    for chunk in chunks {
        let bytes = load(chunk);
        let equal = |byte: u8| _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte.cast_signed()));
        let found = equal(quote) | equal(b'\\') | _mm512_cmplt_epu8_mask(bytes, _mm512_set1_epi8(0x20));
        if found != 0 {
            return length + found.trailing_zeros() as usize;
        }
        length += chunk.len();
    }
    length + runs::plain(rest, quote)
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn decode_hash(characters: &[u8; Hash::BASE64_LENGTH], hash: &mut [u8; Hash::LENGTH]) -> bool {
    const COUNT: u64 = (1 << (Hash::BASE64_LENGTH - 1)) - 1;
    let [low, high] = &SIX_BITS;
    // SAFETY: as many bytes are read as the mask has bits, which is fewer than the reference is to.
    let text =
        unsafe { _mm512_mask_loadu_epi8(_mm512_set1_epi8(b'A'.cast_signed()), COUNT, characters.as_ptr().cast()) };
    let bits = _mm512_permutex2var_epi8(load(low), text, load(high));
    let is_other = _mm512_movepi8_mask(_mm512_or_si512(bits, text)) != 0;
    // Four times six bits become one number, and the last three bytes of that, in reverse order, are the result.
    let pairs = _mm512_maddubs_epi16(bits, _mm512_set1_epi32(0x0140_0140));
    let groups = _mm512_madd_epi16(pairs, _mm512_set1_epi32(0x0001_1000));
    let decoded = _mm512_permutexvar_epi8(load(&PLACES), groups);
    let [first, last] = [_mm512_castsi512_si256(decoded), _mm512_extracti64x4_epi64::<1>(decoded)];
    // SAFETY: the reference is to as many bytes as are written, and to nothing else; the write needs no alignment.
    unsafe { _mm256_storeu_si256(hash.as_mut_ptr().cast(), first) };
    // The last character before the one that fills has two bits that are not used: they are zero, and so is all behind.
    let has_more = _mm256_testz_si256(last, last) == 0;
    !is_other && !has_more && characters.last() == Some(&b'=')
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(bytes: &[u8; 64]) -> __m512i {
    // SAFETY: the reference is to as many bytes as are read; the read needs no alignment.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
}

/// The six bits of each character of base64; the top bit for any other.
static SIX_BITS: [[u8; 64]; 2] = {
    let characters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = [[0x80; 64]; 2];
    let mut value = 0;
    while value < 64 {
        let character = characters[value as usize] as usize;
        bits[character / 64][character % 64] = value;
        value += 1;
    }
    bits
};

/// Where the bytes of the result are: the three of each group of four, in reverse order. The rest are taken from the end
/// of the last group, where there is nothing.
static PLACES: [u8; 64] = {
    let mut places = [63; 64];
    let mut at = 0;
    while at < 48 {
        places[at as usize] = at / 3 * 4 + 2 - at % 3;
        at += 1;
    }
    places
};

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

        #[test]
        fn plain_bytes_end_where_the_other_way_ends_them(
            bytes in proptest::collection::vec(prop_oneof![9 => Just(b'a'), 1 => Just(0xC3), 1 => any::<u8>()], 0..300),
            quote in prop::sample::select(&b"\"'"[..]),
        ) {
            let Some(wide) = Wide::of(Backend::Avx512) else { return Ok(()) };
            prop_assert_eq!(wide.plain(&bytes, quote), runs::plain(&bytes, quote));
        }

        #[test]
        fn hashes_have_the_escapes_that_a_look_at_each_byte_gives_them(
            hashes in proptest::collection::vec(
                proptest::array::uniform32(prop_oneof![20 => any::<u8>(), 1 => 0x0A..0x10_u8]), 0..20,
            ),
            alike in 0x0A..0x10_u8,
        ) {
            let Some(wide) = Wide::of(Backend::Avx512) else { return Ok(()) };
            let hashes: Vec<_> = hashes.into_iter().chain([[alike; 32]]).collect();
            let mut found = b"before".to_vec();
            wide.push_escaped(hashes.iter(), &mut found);
            let escaped = hashes.iter().flatten().flat_map(|byte| match byte {
                0x0B | 0x0C | 0x0E => vec![0x0C, *byte],
                _ => vec![*byte],
            });
            prop_assert_eq!(found, b"before".iter().copied().chain(escaped).collect::<Vec<u8>>());
        }

        #[test]
        fn a_hash_is_decoded_as_another_decoder_decodes_it(
            hash in any::<[u8; 32]>(),
            edits in proptest::collection::vec((0..44_usize, any::<u8>()), 0..3),
            last in proptest::option::of((0..44_usize, prop::sample::select(&b"AEIZaz09+/=-_ \n\x00\x80"[..]))),
        ) {
            let Some(wide) = Wide::of(Backend::Avx512) else { return Ok(()) };
            let mut characters: [u8; 44] = STANDARD.encode(hash).into_bytes().try_into().unwrap();
            for (at, byte) in edits.into_iter().chain(last) {
                characters[at] = byte;
            }
            let mut found = [0; 32];
            let found = wide.decode_hash(&characters, &mut found).then_some(found.to_vec());
            prop_assert_eq!(found, STANDARD.decode(characters).ok().filter(|bytes| bytes.len() == 32));
        }
    }
}
