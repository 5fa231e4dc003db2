//! Sixteen lanes of AVX-512: a vector holds one word of sixteen messages.
#![allow(
    clippy::wildcard_imports,
    clippy::many_single_char_names,
    reason = "intrinsics, and the standard's own letters"
)]

use std::arch::x86_64::*;

use super::{load_512, store_256};
use crate::sha256::rounds::INITIAL;
use crate::sha256::{Block, Digest};

/// How many messages are compressed in parallel.
pub(super) const LANES: usize = 16;

/// The eight words of the lanes' states.
pub(super) type State = [__m512i; 8];

/// One step of the lanes, as defined by [`crate::sha256::schedule::Kernel`].
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn step(states: &mut State, blocks: &[&Block; LANES], fresh: u32, digests: &mut [Digest; LANES]) {
    #[expect(clippy::cast_possible_truncation, reason = "a bit for each of 16 lanes")]
    let fresh = fresh as __mmask16;
    let mut state = *states;
    for (word, initial) in state.iter_mut().zip(INITIAL) {
        *word = _mm512_mask_mov_epi32(*word, fresh, splat(initial));
    }
    let mut words = words_of(blocks);
    compress_lanes!(state, words);
    *states = state;
    digests_of(state, digests);
}

#[inline]
#[target_feature(enable = "avx512f")]
fn splat(word: u32) -> __m512i {
    _mm512_set1_epi32(word.cast_signed())
}

#[inline]
#[target_feature(enable = "avx512f")]
fn add(a: __m512i, b: __m512i) -> __m512i {
    _mm512_add_epi32(a, b)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn xor3(a: __m512i, b: __m512i, c: __m512i) -> __m512i {
    _mm512_ternarylogic_epi32::<0x96>(a, b, c)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn choose(e: __m512i, f: __m512i, g: __m512i) -> __m512i {
    _mm512_ternarylogic_epi32::<0xCA>(e, f, g)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn majority(a: __m512i, b: __m512i, c: __m512i) -> __m512i {
    _mm512_ternarylogic_epi32::<0xE8>(a, b, c)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn big_sigma0(a: __m512i) -> __m512i {
    xor3(_mm512_ror_epi32::<2>(a), _mm512_ror_epi32::<13>(a), _mm512_ror_epi32::<22>(a))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn big_sigma1(e: __m512i) -> __m512i {
    xor3(_mm512_ror_epi32::<6>(e), _mm512_ror_epi32::<11>(e), _mm512_ror_epi32::<25>(e))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn small_sigma0(word: __m512i) -> __m512i {
    xor3(_mm512_ror_epi32::<7>(word), _mm512_ror_epi32::<18>(word), _mm512_srli_epi32::<3>(word))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn small_sigma1(word: __m512i) -> __m512i {
    xor3(_mm512_ror_epi32::<17>(word), _mm512_ror_epi32::<19>(word), _mm512_srli_epi32::<10>(word))
}

/// Reverses the bytes of each word.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn swap_bytes(words: __m512i) -> __m512i {
    _mm512_shuffle_epi8(words, _mm512_set4_epi32(0x0C0D_0E0F, 0x0809_0A0B, 0x0405_0607, 0x0001_0203))
}

/// The sixteen words of the blocks: a transposition of 16 rows of 16 words.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn words_of(blocks: &[&Block; LANES]) -> [__m512i; 16] {
    let mut words = [_mm512_setzero_si512(); 16];
    for (word, block) in words.iter_mut().zip(blocks) {
        *word = swap_bytes(load_512(block));
    }
    // Within each quarter of the vectors, 4 words of 4 rows are exchanged ...
    for rows in words.as_chunks_mut().0 {
        *rows = transpose_quarters(*rows);
    }
    // ... and then the quarters are.
    let mut result = words;
    for i in 0..4 {
        let (low, low_odd) = quarters(words[i], words[4 + i]);
        let (high, high_odd) = quarters(words[8 + i], words[12 + i]);
        (result[i], result[8 + i]) = quarters(low, high);
        (result[4 + i], result[12 + i]) = quarters(low_odd, high_odd);
    }
    result
}

/// Transposes 4 rows of 4 words in each quarter.
#[inline]
#[target_feature(enable = "avx512f")]
fn transpose_quarters([a, b, c, d]: [__m512i; 4]) -> [__m512i; 4] {
    let (ab_low, ab_high) = (_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    let (cd_low, cd_high) = (_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    [
        _mm512_unpacklo_epi64(ab_low, cd_low),
        _mm512_unpackhi_epi64(ab_low, cd_low),
        _mm512_unpacklo_epi64(ab_high, cd_high),
        _mm512_unpackhi_epi64(ab_high, cd_high),
    ]
}

/// The even quarters of both, and the odd ones.
#[inline]
#[target_feature(enable = "avx512f")]
fn quarters(a: __m512i, b: __m512i) -> (__m512i, __m512i) {
    (_mm512_shuffle_i32x4::<0b10_00_10_00>(a, b), _mm512_shuffle_i32x4::<0b11_01_11_01>(a, b))
}

/// The states as bytes: a transposition of 8 rows of 16 words.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn digests_of(mut state: State, digests: &mut [Digest; LANES]) {
    for word in &mut state {
        *word = swap_bytes(*word);
    }
    let [a, b, c, d, e, f, g, h] = state;
    // Quarter `q` of the vector at `i` now holds half a digest of lane `4q + i`.
    let left = transpose_quarters([a, b, c, d]);
    let right = transpose_quarters([e, f, g, h]);
    let first = _mm512_set_epi64(11, 10, 3, 2, 9, 8, 1, 0);
    let last = _mm512_set_epi64(15, 14, 7, 6, 13, 12, 5, 4);
    for i in 0..4 {
        let halves = _mm512_permutex2var_epi64(left[i], first, right[i]);
        store_256(&mut digests[i], _mm512_castsi512_si256(halves));
        store_256(&mut digests[4 + i], _mm512_extracti64x4_epi64::<1>(halves));
        let halves = _mm512_permutex2var_epi64(left[i], last, right[i]);
        store_256(&mut digests[8 + i], _mm512_castsi512_si256(halves));
        store_256(&mut digests[12 + i], _mm512_extracti64x4_epi64::<1>(halves));
    }
}
