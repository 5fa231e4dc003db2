//! The rounds of SHA-256 in the SHA instructions of x86-64, interleaved over several messages,
//! because each instruction has a long latency.
//!
//! A macro over operations that are defined where it is used, so that the data flow is tested on
//! every CPU, with a model in place of the instructions.

/// A state as the instructions expect it: the words a, b, e, f and c, d, g, h, each from the highest to the lowest.
#[derive(Clone, Copy)]
pub(super) struct State<V> {
    pub(super) abef: V,
    pub(super) cdgh: V,
}

/// One step of the streams, as defined by [`super::schedule::Kernel`], with the CPU features that it is compiled for.
macro_rules! step_of_streams {
    ($features:tt) => {
        #[target_feature(enable = $features)]
        pub(in $crate::sha256) fn step(
            states: &mut States,
            blocks: &[&Block; STREAMS],
            fresh: u32,
            digests: &mut [Digest; STREAMS],
        ) {
            let mut current = *states;
            for (stream, state) in current.iter_mut().enumerate() {
                if fresh & (1 << stream) != 0 {
                    *state = initial();
                }
            }
            let mut words = [[four([0; 4]); 4]; STREAMS];
            for (words, block) in words.iter_mut().zip(blocks) {
                for (words, bytes) in words.iter_mut().zip(block.as_chunks().0) {
                    *words = swap_bytes(load_128(bytes));
                }
            }
            compress_streams!(current, words);
            *states = current;
            for (digest, state) in digests.iter_mut().zip(current) {
                store_digest(state, digest);
            }
        }
    };
}

/// Compresses one block in each stream: `$states` is an array of [`State`], `$words` an array of arrays of the 16 words
/// of the block, four to a vector.
///
/// The calling module defines `add`, `four` (a vector of four words), `two_rounds` (`sha256rnds2`), `upper` (moves the
/// upper two words to the lower two), `message1` and `message2` (`sha256msg1`, `sha256msg2`), and `across` (the lowest
/// word of the first and the upper three of the second).
macro_rules! compress_streams {
    ($states:ident, $words:ident) => {
        let before = $states;
        let [first, others @ ..] = $crate::sha256::rounds::ROUND;
        four_rounds!($states, $words, first, 0);
        four_rounds!($states, $words, first, 1);
        four_rounds!($states, $words, first, 2);
        four_rounds!($states, $words, first, 3);
        for constants in others {
            next_four_words!($words, 0, 1, 2, 3);
            four_rounds!($states, $words, constants, 0);
            next_four_words!($words, 1, 2, 3, 0);
            four_rounds!($states, $words, constants, 1);
            next_four_words!($words, 2, 3, 0, 1);
            four_rounds!($states, $words, constants, 2);
            next_four_words!($words, 3, 0, 1, 2);
            four_rounds!($states, $words, constants, 3);
        }
        for (state, before) in $states.iter_mut().zip(before) {
            state.abef = add(state.abef, before.abef);
            state.cdgh = add(state.cdgh, before.cdgh);
        }
    };
}

macro_rules! four_rounds {
    ($states:ident, $words:ident, $constants:ident, $i:tt) => {
        let constants = four([
            $constants[4 * $i],
            $constants[4 * $i + 1],
            $constants[4 * $i + 2],
            $constants[4 * $i + 3],
        ]);
        for (state, words) in $states.iter_mut().zip(&$words) {
            let sums = add(words[$i], constants);
            // After two rounds, the former a, b, e, f are c, d, g, h.
            state.cdgh = two_rounds(state.cdgh, state.abef, sums);
            state.abef = two_rounds(state.abef, state.cdgh, upper(sums));
        }
    };
}

/// The next four words of the message schedule, replacing the oldest four.
macro_rules! next_four_words {
    ($words:ident, $oldest:tt, $old:tt, $new:tt, $newest:tt) => {
        for words in &mut $words {
            let sums = add(message1(words[$oldest], words[$old]), across(words[$newest], words[$new]));
            words[$oldest] = message2(sums, words[$newest]);
        }
    };
}
