//! A data directory with thousands of segments and exports starts, and lists a page, with hardly
//! more bytes read than a small one.

use std::fs;

use rusqlite::Connection;

use crate::serving::Serving;
use crate::support::{Place, Ran};

const LEDGER: &str = "vehicle-registration";
const SEGMENTS: usize = 2_000;
const EXPORTS: usize = 10_000;

/// How many more bytes may be read of a large catalog: what a few more levels of its trees take, and the paths of all
/// segments. The hashes of the blocks alone take 6 MB, and the exports 2 MB.
const MOST_AT_THE_START: u64 = 1 << 20;
const MOST_FOR_A_PAGE: u64 = 1 << 16;

/// A place with a sample, with three exports of it below many exports of another ledger, and with many segments.
fn place_with(exports: usize, segments: usize) -> Place {
    let place = Place::new();
    let ran = place.run(["ledger", "sample", LEDGER, "--transactions", "20"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let catalog = Connection::open(place.path().join("catalog.db")).unwrap();
    let strand: String = catalog.query_row("SELECT strand_id FROM ledgers", [], |row| row.get(0)).unwrap();
    let insert = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1)
        INSERT INTO exports (id, ledger, strand_id, created, status, start_time, end_time, bucket, prefix, encryption,
            role_arn, objects, blocks, bytes, finished)
        SELECT printf('%022d', n), iif(n <= 3, ?2, 'deleted'), ?3, unixepoch() * 1000, 'COMPLETED', 0, 1, 'exports', 'p/',
            'NO_ENCRYPTION', 'arn:aws:iam::123456789012:role/export', 1, 1, 1, unixepoch() * 1000
        FROM numbers";
    catalog.execute(insert, (exports, LEDGER, &strand)).unwrap();
    let insert = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1)
        INSERT INTO segments (strand_id, first_sequence_no, last_sequence_no, first_time, last_time, last_block_hash,
            bytes, sha256, path, encoding, block_hashes)
        SELECT ?2, n * 100, n * 100 + 99, 0, 0, zeroblob(32), 1, zeroblob(32),
            printf('journals/%s/%d-%d.ion', ?2, n * 100, n * 100 + 99), 'ION_TEXT', zeroblob(3200)
        FROM numbers";
    catalog.execute(insert, (segments, &strand)).unwrap();
    for first in (1..=segments).map(|number| number * 100) {
        fs::write(place.path().join(format!("journals/{strand}/{first}-{}.ion", first + 99)), "").unwrap();
    }
    place
}

/// How many bytes a process has read so far.
fn read_by(process: u32) -> u64 {
    let counts = fs::read_to_string(format!("/proc/{process}/io")).unwrap();
    counts.lines().find_map(|line| line.strip_prefix("rchar: ")).unwrap().parse().unwrap()
}

/// How many bytes the endpoint reads of a place until it listens, for a page of all exports, and for those of a ledger.
fn measured(place: &Place) -> [u64; 3] {
    let serving = Serving::new(place);
    let started = read_by(serving.id());
    let listed = |more: &[&str], count: usize| {
        let before = read_by(serving.id());
        let ran = Ran::of(serving.command(place, ["list", "--output", "json"].into_iter().chain(more.iter().copied())));
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert_eq!(ran.json()[0]["JournalS3Exports"].as_array().unwrap().len(), count);
        read_by(serving.id()) - before
    };
    [started, listed(&["--max-results", "10"], 10), listed(&["--ledger", LEDGER], 3)]
}

#[test]
fn a_large_catalog_starts_and_lists_with_hardly_more_bytes_read_than_a_small_one() {
    let small = measured(&place_with(20, 1));
    let large = measured(&place_with(EXPORTS, SEGMENTS));
    for ((small, large), most) in
        small.into_iter().zip(large).zip([MOST_AT_THE_START, MOST_FOR_A_PAGE, MOST_FOR_A_PAGE])
    {
        assert!(large <= small + most, "{small} bytes for a small one, and {large}");
    }
}
