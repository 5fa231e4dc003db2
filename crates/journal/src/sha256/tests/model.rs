//! The interleaved streams with a model in place of the three SHA instructions, as Intel's manual
//! defines them: everything else about the streams is tested even on a CPU without them.
#![allow(clippy::many_single_char_names, reason = "the standard's own letters")]

use std::arch::x86_64::__m128i;

use super::super::simd::sha_ni::{STREAMS, States, across, add, four, initial, store_digest, swap_bytes, upper};
use super::super::simd::{ShaNi, load_128, store_128};
use super::super::{Block, Digest, schedule};
use super::{Backend, Batch, expected, fill, message};

/// The words of a vector, the lowest first.
type Words = [u32; 4];

step_of_streams!("ssse3");

#[target_feature(enable = "sse2")]
fn words_of(vector: __m128i) -> Words {
    let mut bytes = [0; 16];
    store_128(&mut bytes, vector);
    <[[u8; 4]; 4]>::try_from(bytes.as_chunks().0).unwrap().map(u32::from_le_bytes)
}

/// `sha256rnds2`: two rounds, with the lower two of the words.
#[target_feature(enable = "sse2")]
fn two_rounds(cdgh: __m128i, abef: __m128i, words: __m128i) -> __m128i {
    let ([h, g, d, c], [f, e, b, a]) = (words_of(cdgh), words_of(abef));
    let mut letters = [a, b, c, d, e, f, g, h];
    for word in &words_of(words)[..2] {
        let [a, b, c, d, e, f, g, h] = letters;
        let first = h
            .wrapping_add(e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25))
            .wrapping_add((e & f) ^ (!e & g))
            .wrapping_add(*word);
        let second =
            (a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22)).wrapping_add((a & b) ^ (a & c) ^ (b & c));
        letters = [first.wrapping_add(second), a, b, c, d.wrapping_add(first), e, f, g];
    }
    let [a, b, _, _, e, f, _, _] = letters;
    four([f, e, b, a])
}

/// `sha256msg1`: adds to each word the small sigma 0 of the next.
#[target_feature(enable = "sse2")]
fn message1(oldest: __m128i, old: __m128i) -> __m128i {
    let sigma = |word: u32| word.rotate_right(7) ^ word.rotate_right(18) ^ (word >> 3);
    let [_, second, third, fourth] = words_of(oldest);
    add(oldest, four([second, third, fourth, words_of(old)[0]].map(sigma)))
}

/// `sha256msg2`: adds to each word the small sigma 1 of the second one before it.
#[target_feature(enable = "sse2")]
fn message2(sums: __m128i, newest: __m128i) -> __m128i {
    let sigma = |word: u32| word.rotate_right(17) ^ word.rotate_right(19) ^ (word >> 10);
    let (sums, newest) = (words_of(sums), words_of(newest));
    let low = [sums[0].wrapping_add(sigma(newest[2])), sums[1].wrapping_add(sigma(newest[3]))];
    four([low[0], low[1], sums[2].wrapping_add(sigma(low[0])), sums[3].wrapping_add(sigma(low[1]))])
}

#[test]
fn streams_on_a_model_of_the_sha_instructions() {
    let Some(kernel) = ShaNi::modelled() else { return };
    let messages: Vec<_> = (0..700).map(|seed| message(seed, seed * 7 % 611)).collect();
    let mut batch = Batch::new(Backend::ShaNi);
    fill(&mut batch, &messages);
    let mut digests = vec![[0; 32]; messages.len()];
    schedule::hash(kernel, &mut batch.messages, &mut digests);
    for (message, digest) in messages.iter().zip(digests) {
        assert_eq!(digest, expected(message));
    }
}
