//! SHA-256 of a thousand small messages, backend beside backend and beside
//! one-shot functions of other crates. Since there are a thousand, the
//! microseconds that are shown are nanoseconds a message.
#![allow(missing_docs)]

use divan::{Bencher, black_box};
use qldb_journal::internal::sha256::{Backend, Batch};
use sha2::Digest as _;

const MESSAGES: usize = 1000;

/// Messages of one length, or a mix of lengths: 70 % of one compression, 20 % of two, 10 % of three to nine.
const LENGTHS: [&str; 6] = ["32", "55", "64", "100", "200", "mix"];

fn main() {
    divan::main();
}

/// Who hashes, and messages of which length.
struct Case(&'static str, &'static str);

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:>3} {}", self.1, self.0)
    }
}

/// Everything: to write the messages, to end them, and to hash them.
#[divan::bench(args = cases())]
fn write_and_hash(bencher: Bencher, Case(who, length): &Case) {
    let messages = messages(length);
    let Some(backend) = Backend::available().into_iter().find(|backend| backend.name() == *who) else {
        return bencher.bench_local(|| one_by_one(who, &messages));
    };
    let mut batch = Batch::new(backend);
    let mut digests = Vec::new();
    bencher.bench_local(|| {
        fill(&mut batch, &messages);
        digests.clear();
        batch.hash(&mut digests);
        black_box(&digests);
    });
}

/// To hash alone.
#[divan::bench(args = cases())]
fn hash(bencher: Bencher, Case(who, length): &Case) {
    let messages = messages(length);
    let Some(backend) = Backend::available().into_iter().find(|backend| backend.name() == *who) else {
        return bencher.bench_local(|| one_by_one(who, &messages));
    };
    let mut digests = Vec::with_capacity(MESSAGES);
    let filled = || {
        let mut batch = Batch::new(backend);
        fill(&mut batch, &messages);
        batch
    };
    bencher.with_inputs(filled).bench_local_refs(|batch| {
        digests.clear();
        batch.hash(&mut digests);
        black_box(&digests);
    });
}

fn cases() -> Vec<Case> {
    let backends = Backend::available().into_iter().map(Backend::name);
    let all: Vec<_> = backends.chain(["aws-lc-rs", "sha2"]).collect();
    LENGTHS.into_iter().flat_map(|length| all.iter().map(move |who| Case(who, length))).collect()
}

fn fill(batch: &mut Batch, messages: &[Vec<u8>]) {
    for message in messages {
        batch.bytes().extend_from_slice(message);
        batch.end();
    }
}

fn one_by_one(who: &str, messages: &[Vec<u8>]) {
    for message in messages {
        if who == "sha2" {
            black_box(sha2::Sha256::digest(message));
        } else {
            black_box(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, message));
        }
    }
}

fn messages(length: &str) -> Vec<Vec<u8>> {
    let mut random = 88_172_645_463_325_252_u64;
    let mut below = |bound: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % bound).unwrap_or(0)
    };
    let mut mixed = || match below(10) {
        0..7 => 1 + below(55),
        7..9 => 56 + below(64),
        _ => 120 + below(448),
    };
    (0..MESSAGES).map(|_| vec![0xA5; length.parse().unwrap_or_else(|_| mixed())]).collect()
}
