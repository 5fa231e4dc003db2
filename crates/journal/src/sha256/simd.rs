//! Everything unsafe about hashing with vectors: calls of functions that need a CPU feature, behind
//! values that exist only if the CPU has it, and loads and stores of vectors.

#![allow(unsafe_code, reason = "the one place of this crate, each use with its proof")]
#![allow(clippy::wildcard_imports, clippy::unused_self, reason = "intrinsics; `self` is the proof of a feature")]

mod avx2;
mod avx512;
pub(super) mod sha_ni;

use std::arch::x86_64::*;

use super::schedule::{Kernel, Step};
use super::{Block, Digest, streams};

/// Proof that the CPU has what [`avx512`] needs; only [`Avx512::detect`] creates one.
#[derive(Clone, Copy)]
pub(super) struct Avx512(());

/// Proof that the CPU has what [`avx2`] needs; only [`Avx2::detect`] creates one.
#[derive(Clone, Copy)]
pub(super) struct Avx2(());

/// Proof that the CPU has what [`sha_ni`] needs; only [`ShaNi::detect`] creates one.
#[derive(Clone, Copy)]
pub(super) struct ShaNi(());

impl Avx512 {
    pub(super) fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw")).then_some(Self(()))
    }

    pub(super) fn kernel(self) -> Kernel<impl Step<{ avx512::LANES }>, { avx512::LANES }> {
        // SAFETY: `self` exists, so this CPU has the features that `_mm512_setzero_si512` (avx512f) needs.
        let mut states = [unsafe { _mm512_setzero_si512() }; 8];
        let step = move |blocks: &[&Block; avx512::LANES], fresh, digests: &mut [Digest; avx512::LANES]| {
            // SAFETY: `self` exists, so this CPU has all features that the function is compiled for.
            unsafe { avx512::step(&mut states, blocks, fresh, digests) }
        };
        Kernel { step, tenths: if has_sha() { 75 } else { 25 } }
    }
}

impl Avx2 {
    pub(super) fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx2").then_some(Self(()))
    }

    pub(super) fn kernel(self) -> Kernel<impl Step<{ avx2::LANES }>, { avx2::LANES }> {
        // SAFETY: `self` exists, so this CPU has the features that `_mm256_setzero_si256` (avx) needs.
        let mut states = [unsafe { _mm256_setzero_si256() }; 8];
        let step = move |blocks: &[&Block; avx2::LANES], fresh, digests: &mut [Digest; avx2::LANES]| {
            // SAFETY: `self` exists, so this CPU has all features that the function is compiled for.
            unsafe { avx2::step(&mut states, blocks, fresh, digests) }
        };
        Kernel { step, tenths: if has_sha() { 120 } else { 25 } }
    }
}

impl ShaNi {
    pub(super) fn detect() -> Option<Self> {
        (has_sha() && is_x86_feature_detected!("ssse3")).then_some(Self(()))
    }

    pub(super) fn kernel(self) -> Kernel<impl Step<{ sha_ni::STREAMS }>, { sha_ni::STREAMS }> {
        let mut states = no_states();
        let step = move |blocks: &[&Block; sha_ni::STREAMS], fresh, digests: &mut [Digest; sha_ni::STREAMS]| {
            // SAFETY: `self` exists, so this CPU has all features that the function is compiled for.
            unsafe { sha_ni::step(&mut states, blocks, fresh, digests) }
        };
        Kernel { step, tenths: 26 }
    }

    /// The kernel with a model in place of the three SHA instructions, for a CPU that has the others.
    #[cfg(test)]
    pub(super) fn modelled() -> Option<Kernel<impl Step<{ sha_ni::STREAMS }>, { sha_ni::STREAMS }>> {
        let mut states = no_states();
        let step = move |blocks: &[&Block; sha_ni::STREAMS], fresh, digests: &mut [Digest; sha_ni::STREAMS]| {
            // SAFETY: this is returned only if the CPU has the feature that the function is compiled for.
            unsafe { super::tests::model::step(&mut states, blocks, fresh, digests) }
        };
        // So cheap that nothing is left to the scalar backend.
        is_x86_feature_detected!("ssse3").then_some(Kernel { step, tenths: 1 })
    }
}

fn no_states() -> sha_ni::States {
    // SAFETY: each x86-64 CPU has the feature that the function needs (sse2).
    let zero = unsafe { _mm_setzero_si128() };
    [streams::State { abef: zero, cdgh: zero }; sha_ni::STREAMS]
}

/// Whether the scalar backend has SHA instructions, which affects which other backends are worthwhile.
fn has_sha() -> bool {
    is_x86_feature_detected!("sha")
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn load_512(bytes: &Block) -> __m512i {
    // SAFETY: the reference is to as many bytes as are read; the read needs no alignment.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx")]
pub(super) fn load_256(bytes: &[u8; 32]) -> __m256i {
    // SAFETY: the reference is to as many bytes as are read; the read needs no alignment.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "sse2")]
pub(super) fn load_128(bytes: &[u8; 16]) -> __m128i {
    // SAFETY: the reference is to as many bytes as are read; the read needs no alignment.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx")]
pub(super) fn store_256(bytes: &mut [u8; 32], vector: __m256i) {
    // SAFETY: the reference is to as many bytes as are written, and to nothing else; the write needs no alignment.
    unsafe { _mm256_storeu_si256(bytes.as_mut_ptr().cast(), vector) }
}

#[inline]
#[target_feature(enable = "sse2")]
pub(super) fn store_128(bytes: &mut [u8; 16], vector: __m128i) {
    // SAFETY: the reference is to as many bytes as are written, and to nothing else; the write needs no alignment.
    unsafe { _mm_storeu_si128(bytes.as_mut_ptr().cast(), vector) }
}
