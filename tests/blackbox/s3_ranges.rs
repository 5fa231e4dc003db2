//! Large objects of S3 are read as ranges, several at once, each of the same version.

use std::io::Read;
use std::sync::Arc;

use axum::http::Method;
use qldb_endpoint::engine::Engine;
use qldb_endpoint::store::{ObjectKey, ObjectStore, S3Options, S3Sizes, S3Store};
use qldb_endpoint::store::{S3Address, S3Source};
use qldb_journal::archive::source::Source;
use qldb_journal::request::OutputFormat;

use crate::engine_support::*;
use crate::s3_in_place::{exported, proved, put, under};
use crate::s3_server::{Call, Fault, S3Server, TOGETHER};

const RANGE: u64 = 1_000_000;

fn key() -> ObjectKey {
    ObjectKey::parse("large").unwrap()
}

fn options(server: &S3Server, range: u64) -> S3Options {
    S3Options { sizes: S3Sizes { range, ..S3Sizes::default() }, ..server.options() }
}

/// A server with an object of nine and a half ranges, and a store that reads it in ranges.
fn large() -> (S3Server, S3Store, Vec<u8>) {
    let server = S3Server::new("exports");
    let bytes: Vec<u8> = (0..=248_u8).cycle().take(9_500_000).collect();
    put(&server, &key(), &bytes);
    let store = S3Store::open(&options(&server, RANGE)).unwrap();
    (server, store, bytes)
}

fn read(store: &S3Store) -> Result<Vec<u8>, String> {
    let version = store.version(&bucket(), &key()).unwrap().unwrap();
    let mut bytes = Vec::new();
    let mut reader = store.open_version(&bucket(), &key(), &version).map_err(|error| error.to_string())?;
    reader.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// The ranges that were requested, in order of their beginnings.
fn ranges(server: &S3Server) -> Vec<(u64, u64)> {
    let calls = server.calls();
    let range = |call: &Call| {
        assert!(call.headers.contains_key("if-match"));
        let range = call.headers["range"].to_str().unwrap().strip_prefix("bytes=").unwrap().to_owned();
        let (first, last) = range.split_once('-').unwrap();
        (first.parse().unwrap(), last.parse().unwrap())
    };
    let mut ranges: Vec<(u64, u64)> = calls.iter().filter(|call| call.method == Method::GET).map(range).collect();
    ranges.sort_unstable();
    ranges
}

fn all_ranges() -> Vec<(u64, u64)> {
    (0..10).map(|number| (number * RANGE, ((number + 1) * RANGE).min(9_500_000) - 1)).collect()
}

#[test]
fn a_large_object_is_read_in_ranges_of_which_three_are_on_their_way_at_once() {
    let (server, store, bytes) = large();
    let mut left = TOGETHER;
    // It would wait forever if they came one after the other.
    server.plan(move |call| {
        let ranged = call.method == Method::GET && left > 0;
        left -= usize::from(ranged);
        ranged.then_some(Fault::Together)
    });
    assert!(read(&store).unwrap() == bytes);
    assert_eq!(ranges(&server), all_ranges());
    assert_eq!(server.most_at_once(), TOGETHER);
}

#[test]
fn a_small_object_is_one_request_for_all_of_it() {
    let server = S3Server::new("exports");
    let store = S3Store::open(&options(&server, RANGE)).unwrap();
    for length in [0, 1, RANGE] {
        put(&server, &key(), &vec![7; usize::try_from(length).unwrap()]);
        let before = server.calls().len();
        assert_eq!(read(&store).unwrap().len() as u64, length);
        let gets: Vec<Call> =
            server.calls().split_off(before).into_iter().filter(|call| call.method == Method::GET).collect();
        assert!(matches!(&gets[..], [get] if !get.headers.contains_key("range")), "{gets:?}");
    }
}

#[test]
fn only_a_range_that_fails_is_requested_again() {
    for fault in [Fault::Answer(503, "SlowDown"), Fault::Reset, Fault::CutAfter(0), Fault::CutAfter(400_000)] {
        let (server, store, bytes) = large();
        let mut left = 1;
        server.plan(move |call| {
            let hit = left > 0 && call.headers.get("range").is_some_and(|range| range == "bytes=4000000-4999999");
            left -= i32::from(hit);
            hit.then_some(fault)
        });
        assert!(read(&store).unwrap() == bytes, "{fault:?}");
        let mut asked = ranges(&server);
        asked.dedup();
        let again: Vec<(u64, u64)> = asked.into_iter().filter(|range| !all_ranges().contains(range)).collect();
        // What had arrived is kept.
        assert!(
            again.iter().all(|(first, last)| (4_000_000..=4_400_000).contains(first) && *last == 4_999_999),
            "{again:?}"
        );
        assert_eq!(ranges(&server).len(), 11, "{fault:?}");
    }
}

#[test]
fn a_range_that_never_arrives_is_an_error() {
    let (server, store, _) = large();
    server.plan(|call| {
        let hit = call.headers.get("range").is_some_and(|range| range == "bytes=4000000-4999999");
        hit.then_some(Fault::Answer(503, "SlowDown"))
    });
    let error = read(&store).unwrap_err();
    assert!(
        error.contains("cannot read large in bucket exports: S3 answered 503 SlowDown as planned (3 tries"),
        "{error}"
    );
}

#[test]
fn who_reads_on_after_a_failure_misses_nothing() {
    let (server, store, bytes) = large();
    let mut left = 3;
    server.plan(move |call| {
        let hit = left > 0 && call.headers.get("range").is_some_and(|range| range == "bytes=4000000-4999999");
        left -= i32::from(hit);
        hit.then_some(Fault::Answer(503, "SlowDown"))
    });
    let version = store.version(&bucket(), &key()).unwrap().unwrap();
    let mut reader = store.open_version(&bucket(), &key(), &version).unwrap();
    let mut read = Vec::new();
    reader.read_to_end(&mut read).unwrap_err();
    assert!(read == bytes[..4_000_000]);
    reader.read_to_end(&mut read).unwrap();
    assert!(read == bytes);
}

#[test]
fn a_response_without_a_length_is_not_an_empty_object() {
    let (server, store, _) = large();
    server.plan(|call| (call.method == Method::GET).then_some(Fault::NoLength));
    let mut read = Vec::new();
    let opened = store.open(&bucket(), &key(), None);
    let error = opened.map(|mut reader| reader.read_to_end(&mut read).unwrap()).unwrap_err().to_string();
    assert!(error.contains("S3 does not say how many bytes it gives"), "{error}");
}

#[test]
fn an_object_that_changes_between_two_ranges_is_an_error() {
    let (server, store, bytes) = large();
    let version = store.version(&bucket(), &key()).unwrap().unwrap();
    let mut reader = store.open_version(&bucket(), &key(), &version).unwrap();
    let mut begun = vec![0; 1000];
    reader.read_exact(&mut begun).unwrap();
    assert_eq!(begun, bytes[..1000]);
    // Of the same length.
    put(&server, &key(), &vec![1; bytes.len()]);
    let error = reader.read_to_end(&mut Vec::new()).unwrap_err().to_string();
    assert!(error.contains("large in bucket exports changed while it was read"), "{error}");
}

#[test]
fn a_store_that_ignores_ranges_is_not_believed() {
    let (server, store, _) = large();
    server.plan(|call| (call.method == Method::GET).then_some(Fault::IgnoreRange));
    let error = read(&store).unwrap_err();
    assert!(error.contains("S3 was asked for the bytes from 0 and gave the whole object"), "{error}");
}

#[test]
fn many_readers_share_what_is_read_ahead() {
    let (_server, store, bytes) = large();
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| assert!(read(&store).unwrap() == bytes));
        }
    });
    // One that is abandoned half-way returns what it held.
    let version = store.version(&bucket(), &key()).unwrap().unwrap();
    for _ in 0..20 {
        let mut reader = store.open_version(&bucket(), &key(), &version).unwrap();
        reader.read_exact(&mut [0; 10]).unwrap();
    }
    assert!(read(&store).unwrap() == bytes);
}

#[test]
fn an_archive_is_proved_and_a_journal_used_in_place_range_by_range() {
    let (_, server) = exported(OutputFormat::IonText);
    let store = S3Store::open(&options(&server, 1_000)).unwrap();
    let sources: Vec<Box<dyn Source>> =
        vec![Box::new(S3Source::new(S3Address::parse("s3://exports/archive/").unwrap(), store.clone()))];
    let report = proved(&sources);
    let site = Site::new();
    site.pass(chrono::TimeDelta::days(10));
    let engine = Engine::open_on(site.config(options(&server, 1_000)), Arc::new(store)).unwrap();
    assert_eq!(engine.import(&ledger("L1"), &report, &sources, true).unwrap().blocks, 47);
    completed(&engine, &under("b/", &with_format(&site.request("L1", 60), OutputFormat::IonBinary)));
    let ranged = server.calls().iter().filter(|call| call.headers.contains_key("range")).count();
    assert!(ranged > 50, "{ranged}");
    proved(&[Box::new(S3Source::new(S3Address::parse("s3://exports/b/").unwrap(), server.store()))]);
}
