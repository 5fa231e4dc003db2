//! Four interleaved streams of the SHA instructions of x86-64.
#![allow(
    clippy::wildcard_imports,
    clippy::many_single_char_names,
    reason = "intrinsics, and the standard's own letters"
)]

use std::arch::x86_64::*;

use super::{load_128, store_128};
use crate::sha256::rounds::INITIAL;
use crate::sha256::{Block, Digest, streams};

/// How many messages are compressed in parallel.
pub(in crate::sha256) const STREAMS: usize = 4;

/// The states of the streams.
pub(in crate::sha256) type States = [streams::State<__m128i>; STREAMS];

step_of_streams!("sha,ssse3");

#[inline]
#[target_feature(enable = "sse2")]
pub(in crate::sha256) fn initial() -> streams::State<__m128i> {
    let [a, b, c, d, e, f, g, h] = INITIAL;
    streams::State { abef: four([f, e, b, a]), cdgh: four([h, g, d, c]) }
}

/// Four words, the lowest first.
#[inline]
#[target_feature(enable = "sse2")]
pub(in crate::sha256) fn four([lowest, low, high, highest]: [u32; 4]) -> __m128i {
    _mm_set_epi32(highest.cast_signed(), high.cast_signed(), low.cast_signed(), lowest.cast_signed())
}

#[inline]
#[target_feature(enable = "sse2")]
pub(in crate::sha256) fn add(a: __m128i, b: __m128i) -> __m128i {
    _mm_add_epi32(a, b)
}

#[inline]
#[target_feature(enable = "sha")]
fn two_rounds(cdgh: __m128i, abef: __m128i, words: __m128i) -> __m128i {
    _mm_sha256rnds2_epu32(cdgh, abef, words)
}

#[inline]
#[target_feature(enable = "sse2")]
pub(in crate::sha256) fn upper(words: __m128i) -> __m128i {
    _mm_shuffle_epi32::<0b11_10_11_10>(words)
}

#[inline]
#[target_feature(enable = "sha")]
fn message1(oldest: __m128i, old: __m128i) -> __m128i {
    _mm_sha256msg1_epu32(oldest, old)
}

#[inline]
#[target_feature(enable = "sha")]
fn message2(sums: __m128i, newest: __m128i) -> __m128i {
    _mm_sha256msg2_epu32(sums, newest)
}

#[inline]
#[target_feature(enable = "ssse3")]
pub(in crate::sha256) fn across(newer: __m128i, older: __m128i) -> __m128i {
    _mm_alignr_epi8::<4>(newer, older)
}

/// Reverses the bytes of each word.
#[inline]
#[target_feature(enable = "ssse3")]
pub(in crate::sha256) fn swap_bytes(words: __m128i) -> __m128i {
    _mm_shuffle_epi8(words, _mm_set_epi64x(0x0C0D_0E0F_0809_0A0B, 0x0405_0607_0001_0203))
}

#[inline]
#[target_feature(enable = "ssse3")]
pub(in crate::sha256) fn store_digest(state: streams::State<__m128i>, digest: &mut Digest) {
    if let ([first, last], []) = digest.as_chunks_mut() {
        // b, a, d, c and f, e, h, g: with the bytes of each pair reversed, the words are in order.
        let turned = _mm_set_epi64x(0x0809_0A0B_0C0D_0E0F, 0x0001_0203_0405_0607);
        store_128(first, _mm_shuffle_epi8(_mm_unpackhi_epi64(state.abef, state.cdgh), turned));
        store_128(last, _mm_shuffle_epi8(_mm_unpacklo_epi64(state.abef, state.cdgh), turned));
    }
}
