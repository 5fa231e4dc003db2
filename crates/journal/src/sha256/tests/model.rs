//! The interleaved streams with a model of the SHA instructions in their
//! place, as Intel's manual defines them: what flows where is tested also on
//! a CPU without them.
#![allow(clippy::many_single_char_names, reason = "the standard's own letters")]

use super::super::rounds::INITIAL;
use super::super::schedule::{self, Kernel};
use super::super::streams::State;
use super::super::{Block, Digest};
use super::{Batch, expected, fill, message};

/// A vector of four words, the lowest first.
type Words = [u32; 4];

const STREAMS: usize = 4;

fn step(states: &mut [State<Words>; STREAMS], blocks: &[&Block; STREAMS], fresh: u32, digests: &mut [Digest; STREAMS]) {
    let mut current = *states;
    for (stream, state) in current.iter_mut().enumerate() {
        if fresh & (1 << stream) != 0 {
            let [a, b, c, d, e, f, g, h] = INITIAL;
            *state = State { abef: [f, e, b, a], cdgh: [h, g, d, c] };
        }
    }
    let mut words = blocks.map(|block| {
        let words = |bytes: [u8; 16]| <[[u8; 4]; 4]>::try_from(bytes.as_chunks().0).unwrap().map(u32::from_be_bytes);
        <[[u8; 16]; 4]>::try_from(block.as_chunks().0).unwrap().map(words)
    });
    compress_streams!(current, words);
    *states = current;
    for (digest, State { abef: [f, e, b, a], cdgh: [h, g, d, c] }) in digests.iter_mut().zip(current) {
        digest.copy_from_slice([a, b, c, d, e, f, g, h].map(u32::to_be_bytes).as_flattened());
    }
}

fn four(words: Words) -> Words {
    words
}

fn add(a: Words, b: Words) -> Words {
    std::array::from_fn(|i| a[i].wrapping_add(b[i]))
}

fn upper([_, _, high, highest]: Words) -> Words {
    [high, highest, high, highest]
}

fn across(newer: Words, older: Words) -> Words {
    [older[1], older[2], older[3], newer[0]]
}

/// `sha256rnds2`: two rounds, with the lower two of the words.
fn two_rounds([h, g, d, c]: Words, [f, e, b, a]: Words, words: Words) -> Words {
    let mut letters = [a, b, c, d, e, f, g, h];
    for word in &words[..2] {
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
    [f, e, b, a]
}

/// `sha256msg1`: to each word the small sigma 0 of the next.
fn message1(oldest: Words, old: Words) -> Words {
    let sigma = |word: u32| word.rotate_right(7) ^ word.rotate_right(18) ^ (word >> 3);
    add(oldest, [oldest[1], oldest[2], oldest[3], old[0]].map(sigma))
}

/// `sha256msg2`: to each word the small sigma 1 of the second before it.
fn message2(sums: Words, newest: Words) -> Words {
    let sigma = |word: u32| word.rotate_right(17) ^ word.rotate_right(19) ^ (word >> 10);
    let low = [sums[0].wrapping_add(sigma(newest[2])), sums[1].wrapping_add(sigma(newest[3]))];
    [low[0], low[1], sums[2].wrapping_add(sigma(low[0])), sums[3].wrapping_add(sigma(low[1]))]
}

#[test]
fn streams_on_a_model_of_the_sha_instructions() {
    let messages: Vec<_> = (0..700).map(|seed| message(seed, seed * 7 % 611)).collect();
    let mut states = [State { abef: [0; 4], cdgh: [0; 4] }; STREAMS];
    let step = |blocks: &[&Block; STREAMS], fresh, digests: &mut [Digest; STREAMS]| {
        step(&mut states, blocks, fresh, digests);
    };
    let mut batch = Batch::new(super::Engine::Scalar);
    fill(&mut batch, &messages);
    let mut digests = vec![[0; 32]; messages.len()];
    schedule::hash(Kernel { step, tenths: 1 }, &mut batch.messages, &mut digests);
    for (message, digest) in messages.iter().zip(digests) {
        assert_eq!(digest, expected(message));
    }
}
