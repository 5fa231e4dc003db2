//! Eight lanes of AVX2: a vector holds one word of eight messages.
#![allow(
    clippy::wildcard_imports,
    clippy::many_single_char_names,
    reason = "intrinsics, and the standard's own letters"
)]

use std::arch::x86_64::*;

use super::{load_256, store_256};
use crate::sha256::rounds::INITIAL;
use crate::sha256::{BLOCK, Block, Digest};

/// How many messages are compressed in parallel.
pub(super) const LANES: usize = 8;

/// The eight words of the lanes' states.
pub(super) type State = [__m256i; 8];

/// One step of the lanes, as defined by [`crate::sha256::schedule::Kernel`].
#[target_feature(enable = "avx2")]
pub(super) fn step(states: &mut State, blocks: &[&Block; LANES], fresh: u32, digests: &mut [Digest; LANES]) {
    let bits = _mm256_set_epi32(0x80, 0x40, 0x20, 0x10, 8, 4, 2, 1);
    let fresh = _mm256_cmpeq_epi32(_mm256_and_si256(splat(fresh), bits), bits);
    let mut state = *states;
    for (word, initial) in state.iter_mut().zip(INITIAL) {
        *word = _mm256_blendv_epi8(*word, splat(initial), fresh);
    }
    let mut words = words_of(blocks);
    compress_lanes!(state, words);
    *states = state;
    digests_of(state, digests);
}

#[inline]
#[target_feature(enable = "avx2")]
fn splat(word: u32) -> __m256i {
    _mm256_set1_epi32(word.cast_signed())
}

#[inline]
#[target_feature(enable = "avx2")]
fn add(a: __m256i, b: __m256i) -> __m256i {
    _mm256_add_epi32(a, b)
}

#[inline]
#[target_feature(enable = "avx2")]
fn xor3(a: __m256i, b: __m256i, c: __m256i) -> __m256i {
    _mm256_xor_si256(_mm256_xor_si256(a, b), c)
}

#[inline]
#[target_feature(enable = "avx2")]
fn choose(e: __m256i, f: __m256i, g: __m256i) -> __m256i {
    _mm256_xor_si256(g, _mm256_and_si256(e, _mm256_xor_si256(f, g)))
}

#[inline]
#[target_feature(enable = "avx2")]
fn majority(a: __m256i, b: __m256i, c: __m256i) -> __m256i {
    _mm256_or_si256(_mm256_and_si256(a, b), _mm256_and_si256(c, _mm256_or_si256(a, b)))
}

/// Rotates each word right; `LEFT` is 32 minus `RIGHT`.
#[inline]
#[target_feature(enable = "avx2")]
fn rotate<const RIGHT: i32, const LEFT: i32>(word: __m256i) -> __m256i {
    const { assert!(RIGHT + LEFT == 32) };
    _mm256_or_si256(_mm256_srli_epi32::<RIGHT>(word), _mm256_slli_epi32::<LEFT>(word))
}

#[inline]
#[target_feature(enable = "avx2")]
fn big_sigma0(a: __m256i) -> __m256i {
    xor3(rotate::<2, 30>(a), rotate::<13, 19>(a), rotate::<22, 10>(a))
}

#[inline]
#[target_feature(enable = "avx2")]
fn big_sigma1(e: __m256i) -> __m256i {
    xor3(rotate::<6, 26>(e), rotate::<11, 21>(e), rotate::<25, 7>(e))
}

#[inline]
#[target_feature(enable = "avx2")]
fn small_sigma0(word: __m256i) -> __m256i {
    xor3(rotate::<7, 25>(word), rotate::<18, 14>(word), _mm256_srli_epi32::<3>(word))
}

#[inline]
#[target_feature(enable = "avx2")]
fn small_sigma1(word: __m256i) -> __m256i {
    xor3(rotate::<17, 15>(word), rotate::<19, 13>(word), _mm256_srli_epi32::<10>(word))
}

/// Reverses the bytes of each word.
#[inline]
#[target_feature(enable = "avx2")]
fn swap_bytes(words: __m256i) -> __m256i {
    let order =
        _mm256_set_epi64x(0x0C0D_0E0F_0809_0A0B, 0x0405_0607_0001_0203, 0x0C0D_0E0F_0809_0A0B, 0x0405_0607_0001_0203);
    _mm256_shuffle_epi8(words, order)
}

/// The sixteen words of the blocks.
#[inline]
#[target_feature(enable = "avx2")]
fn words_of(blocks: &[&Block; LANES]) -> [__m256i; 16] {
    let mut halves = [[_mm256_setzero_si256(); LANES]; 2];
    let [left, right] = &mut halves;
    for ((left, right), block) in left.iter_mut().zip(right).zip(blocks) {
        if let ([first, last], []) = block.as_chunks::<{ BLOCK / 2 }>() {
            *left = swap_bytes(load_256(first));
            *right = swap_bytes(load_256(last));
        }
    }
    let [left, right] = halves;
    let [a, b, c, d, e, f, g, h] = transpose(left);
    let [i, j, k, l, m, n, o, p] = transpose(right);
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
}

/// The states as bytes.
#[inline]
#[target_feature(enable = "avx2")]
fn digests_of(state: State, digests: &mut [Digest; LANES]) {
    for (digest, words) in digests.iter_mut().zip(transpose(state)) {
        store_256(digest, swap_bytes(words));
    }
}

/// Transposes 8 rows of 8 words.
#[inline]
#[target_feature(enable = "avx2")]
fn transpose([a, b, c, d, e, f, g, h]: [__m256i; 8]) -> [__m256i; 8] {
    let upper = transpose_halves([a, b, c, d]);
    let lower = transpose_halves([e, f, g, h]);
    let mut rows = [_mm256_setzero_si256(); 8];
    for i in 0..4 {
        rows[i] = _mm256_permute2x128_si256::<0x20>(upper[i], lower[i]);
        rows[4 + i] = _mm256_permute2x128_si256::<0x31>(upper[i], lower[i]);
    }
    rows
}

/// Transposes 4 rows of 4 words in each half.
#[inline]
#[target_feature(enable = "avx2")]
fn transpose_halves([a, b, c, d]: [__m256i; 4]) -> [__m256i; 4] {
    let (ab_low, ab_high) = (_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
    let (cd_low, cd_high) = (_mm256_unpacklo_epi32(c, d), _mm256_unpackhi_epi32(c, d));
    [
        _mm256_unpacklo_epi64(ab_low, cd_low),
        _mm256_unpackhi_epi64(ab_low, cd_low),
        _mm256_unpacklo_epi64(ab_high, cd_high),
        _mm256_unpackhi_epi64(ab_high, cd_high),
    ]
}
