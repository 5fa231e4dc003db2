//! Our readers and Ion Hash against ion-rs, over Ion that no writer writes:
//! both accept or both refuse, and what they read is the same.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "support/canonical.rs"]
#[allow(dead_code, reason = "each test uses a part")]
mod canonical;
#[path = "support/judge.rs"]
mod judge;
#[path = "support/peer.rs"]
mod peer;
#[path = "support/soup.rs"]
#[allow(dead_code, reason = "each test uses a part")]
mod soup;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use soup::Choices;

/// Asks both about many streams, always the same ones: `fuzz` asks about others.
fn ask(make: fn(&mut Choices<'_>) -> Vec<u8>) {
    let config = ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let asked = runner.run(&vec(any::<u8>(), 0..300), |choices| {
        prop_assert_eq!(judge::disagreement(&make(&mut Choices::new(&choices))), None);
        Ok(())
    });
    asked.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn text_is_read_as_a_peer_reads_it() {
    ask(soup::text);
}

#[test]
fn binary_is_read_as_a_peer_reads_it() {
    ask(soup::binary);
}

/// ion-rs reads what others refuse, so it does not help here.
#[test]
fn an_offset_of_more_than_a_day_is_refused_also_for_a_date() {
    let date = |offset: &[u8]| [&[0xE0, 0x01, 0x00, 0xEA, 0x65], offset, &[0x0F, 0xE8, 0x8B]].concat();
    assert!(canonical::read(&date(&[0x47, 0xE0])).is_ok());
    assert!(canonical::read(&date(&[0x7C, 0xE0])).is_err());
}
