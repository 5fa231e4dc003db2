//! Tests every backend of this CPU against two independent implementations, and the interleaved
//! streams on a model of the SHA instructions.

#[cfg(target_arch = "x86_64")]
pub(super) mod model;

use proptest::prelude::*;
use sha2::Digest as _;

use super::{Backend, Batch, Digest};

/// The digest on which aws-lc and sha2 agree.
fn expected(message: &[u8]) -> Digest {
    let aws_lc = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, message);
    let digest: Digest = sha2::Sha256::digest(message).into();
    assert_eq!(aws_lc.as_ref(), digest);
    digest
}

fn fill(batch: &mut Batch, messages: &[Vec<u8>]) {
    for (index, message) in messages.iter().enumerate() {
        batch.bytes().extend_from_slice(message);
        assert_eq!(batch.end(), index);
    }
    assert_eq!(batch.len(), messages.len());
    assert_eq!(batch.is_empty(), messages.is_empty());
}

/// Hashes the messages in a batch and compares each digest.
fn check(batch: &mut Batch, messages: &[Vec<u8>]) {
    fill(batch, messages);
    let mut digests = vec![[7; 32]];
    batch.hash(&mut digests);
    assert_eq!(digests.len(), 1 + messages.len());
    assert_eq!(digests[0], [7; 32], "what was there before stays");
    for (message, digest) in messages.iter().zip(&digests[1..]) {
        assert_eq!(*digest, expected(message), "{batch:?}, a message of {} bytes", message.len());
    }
    assert_eq!((batch.len(), batch.byte_len()), (0, 0));
}

fn check_all(messages: &[Vec<u8>]) {
    for backend in Backend::available() {
        check(&mut Batch::new(backend), messages);
    }
}

/// Bytes that differ between messages and positions.
fn message(seed: usize, length: usize) -> Vec<u8> {
    let mut state = (seed as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn the_standards_own_examples() {
    const EXAMPLES: [(&str, [u32; 8]); 4] = [
        ("", [0xe3b0_c442, 0x98fc_1c14, 0x9afb_f4c8, 0x996f_b924, 0x27ae_41e4, 0x649b_934c, 0xa495_991b, 0x7852_b855]),
        (
            "abc",
            [0xba78_16bf, 0x8f01_cfea, 0x4141_40de, 0x5dae_2223, 0xb003_61a3, 0x9617_7a9c, 0xb410_ff61, 0xf200_15ad],
        ),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            [0x248d_6a61, 0xd206_38b8, 0xe5c0_2693, 0x0c3e_6039, 0xa33c_e459, 0x64ff_2167, 0xf6ec_edd4, 0x19db_06c1],
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            [0xcf5b_16a7, 0x78af_8380, 0x036c_e59e, 0x7b04_9237, 0x0b24_9b11, 0xe8f0_7a51, 0xafac_4503, 0x7afe_e9d1],
        ),
    ];
    for backend in Backend::available() {
        let mut batch = Batch::new(backend);
        let mut digests = Vec::new();
        // Repeated, so that no backend leaves such a small batch to the scalar one.
        for (text, _) in EXAMPLES.repeat(20) {
            batch.bytes().extend_from_slice(text.as_bytes());
            batch.end();
        }
        batch.hash(&mut digests);
        for (digest, (text, words)) in digests.iter().zip(EXAMPLES.repeat(20)) {
            assert_eq!(digest.as_slice(), words.map(u32::to_be_bytes).as_flattened(), "{backend:?} {text:?}");
        }
    }
}

#[test]
fn all_lengths_from_nothing_to_300_bytes() {
    check_all(&(0..=300).map(|length| message(length, length)).collect::<Vec<_>>());
    for length in 0..=300 {
        check_all(&(0..17).map(|seed| message(seed, length)).collect::<Vec<_>>());
    }
}

#[test]
fn an_empty_batch_and_one_message() {
    check_all(&[]);
    for length in [0, 1, 55, 56, 64, 119, 120, 5000] {
        check_all(&[message(1, length)]);
    }
}

#[test]
fn every_count_of_messages_up_to_some_rounds_of_all_lanes() {
    for count in 0..=70 {
        check_all(&(0..count).map(|seed| message(seed, seed * 37 % 130)).collect::<Vec<_>>());
    }
}

#[test]
fn thousands_of_messages() {
    check_all(&(0..3000).map(|seed| message(seed, seed * seed % 577)).collect::<Vec<_>>());
}

#[test]
fn long_messages_among_small_ones() {
    for long in [vec![1 << 20], vec![1 << 20, 1 << 20, 700], vec![6000; 40], vec![520; 5]] {
        let mut messages: Vec<_> = (0..300).map(|seed| message(seed, seed % 100)).collect();
        for (place, length) in long.into_iter().enumerate() {
            messages.insert(place * 7, message(place, length));
        }
        check_all(&messages);
    }
}

#[test]
fn a_batch_is_used_again() {
    for backend in Backend::available() {
        let mut batch = Batch::new(backend);
        for count in [100, 0, 3, 1000, 17] {
            check(&mut batch, &(0..count).map(|seed| message(seed + count, seed % 260)).collect::<Vec<_>>());
        }
    }
}

#[test]
fn an_open_message_is_dropped() {
    for backend in Backend::available() {
        let mut batch = Batch::new(backend);
        fill(&mut batch, &[message(1, 10)]);
        batch.bytes().extend_from_slice(b"not ended");
        let mut digests = Vec::new();
        batch.hash(&mut digests);
        assert_eq!(digests, [expected(&message(1, 10))]);
        check(&mut batch, &[message(2, 20)]);
    }
}

#[test]
fn an_engine_that_this_cpu_lacks_still_hashes() {
    for backend in [Backend::Scalar, Backend::ShaNi, Backend::Avx2, Backend::Avx512] {
        check(&mut Batch::new(backend), &(0..100).map(|seed| message(seed, seed)).collect::<Vec<_>>());
    }
}

#[test]
fn an_engine_is_chosen_by_its_name_if_this_cpu_has_it() {
    let available = Backend::available();
    assert!(available.contains(&Backend::Scalar));
    assert!(available.contains(&Backend::best()));
    for &backend in &available {
        assert_eq!(Backend::choose(Some(backend.name())), backend);
    }
    for name in [None, Some(""), Some("AVX2"), Some("neon"), Some("scalar ")] {
        assert_eq!(Backend::choose(name), available[0]);
    }
}

fn messages() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let lengths = prop_oneof![
        70 => 0..56_usize,
        20 => 56..120_usize,
        10 => 120..600_usize,
        2 => 600..5_000_usize,
    ];
    prop::collection::vec((any::<usize>(), lengths).prop_map(|(seed, length)| message(seed, length)), 0..400)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn random_batches(batches in prop::collection::vec(messages(), 1..3)) {
        for backend in Backend::available() {
            let mut batch = Batch::new(backend);
            for messages in &batches {
                check(&mut batch, messages);
            }
        }
    }
}
