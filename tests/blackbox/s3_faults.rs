//! A fault in each of a hundred places of one export, passing or lasting: the export is whole in S3 and says so, or it
//! says what went wrong and nothing in S3 says otherwise.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::http::Method;
use qldb_endpoint::engine::{Engine, Export, ExportStatus};
use qldb_endpoint::store::{ObjectStore, Patience, S3Options, S3Sizes, S3Store};
use qldb_journal::Encoding;
use qldb_journal::archive::source::{Folder, Source};
use qldb_journal::archive::verify::{Report, Status};
use qldb_journal::ion::RawValue;
use qldb_journal::request::{Encryption, ExportRequest, OutputFormat, Prefix};

use crate::engine_support::*;
use crate::s3_cli::in_environment_of;
use crate::s3_exports::{has_completed_manifest, server, source, verified};
use crate::s3_server::{Call, Fault, S3Server};
use crate::support::{Place, Ran};
use crate::verify_bench::{Bench, Layout, Line, STRAND, journal, new_block, text};

/// The number of calls at which something fails.
const PLACES: usize = 100;
/// Blocks of the journal, each in its own object.
const OBJECTS: usize = 47;
/// Blocks that do not fit into one part of an upload. One, because its bytes are most of the work of a run.
const LARGE: [u64; 1] = [20];
/// The parts of such a block.
const PARTS: usize = 2;
/// The smallest part that S3 accepts.
const PART_BYTES: usize = 5 * 1024 * 1024;
/// A trial and its end; the list of what is there already; each object and each manifest with the question for its encryption, which the server leaves
/// open; and of a large object the parts, their beginning and their end instead of one call.
const CALLS: usize = 2 + 1 + 2 * (OBJECTS + 2) + (PARTS + 1) * LARGE.len();
/// Exports that run at the same time, and those that wait for responses that never come.
const LANES: usize = 3;
const WAITING_LANES: usize = 8;
/// The number of tries of a call.
const TRIES: u32 = 3;

/// Every temporary fault, and how it is reported if it persists. HEAD has no code, only a status.
const FAULTS: [(Fault, &str); 8] = [
    (Fault::Answer(503, "SlowDown"), "S3 answered 503 "),
    (Fault::Reset, "no answer from S3: "),
    (Fault::LostAnswer, "no answer from S3: "),
    (Fault::Answer(500, "InternalError"), "S3 answered 500 "),
    (Fault::CutAfter(0), "no answer from S3: "),
    (Fault::Silence, "no answer from S3: "),
    (Fault::Answer(400, "ExpiredToken"), "S3 answered 400 "),
    (Fault::CutAfter(40), "no answer from S3: "),
];

/// A journal as it was archived: one block per object, one of them large.
struct Archived {
    sources: Vec<Box<dyn Source>>,
    report: Report,
    _bench: Bench,
}

static ARCHIVED: LazyLock<Archived> = LazyLock::new(|| {
    let bench = Bench::new();
    bench.export(&Layout { object_size: 1, encoding: Encoding::IonBinary, ..Layout::default() }, &lines());
    let sources: Vec<Box<dyn Source>> = vec![Box::new(Folder::new(bench.path("")))];
    let report = verified(&sources).unwrap();
    Archived { sources, report, _bench: bench }
});

fn lines() -> Vec<Line> {
    let mut previous = None;
    let line = |number| {
        let mut block = new_block(STRAND, number, previous, "f", true);
        if LARGE.contains(&number) {
            block.changes[0].data =
                Some(RawValue::from_text(format!("{{n:\"{}\"}}", "x".repeat(PART_BYTES * (PARTS - 1) + 100))));
        }
        let mut out = Vec::new();
        previous = Some(block.encode(&mut out).unwrap().block_hash);
        text(out).trim_end().to_owned()
    };
    (0..OBJECTS as u64).map(line).collect()
}

/// A ledger, an engine and an S3 server.
struct Lane {
    site: Site,
    server: S3Server,
    engine: Arc<Engine>,
}

/// A fault from one call on: once, or permanently.
#[derive(Debug, Clone, Copy)]
struct Case {
    place: usize,
    passes: bool,
    fault: Fault,
    /// How the fault is reported.
    words: &'static str,
}

impl Case {
    /// One of the faults, in rotation.
    fn new(place: usize, passes: bool, turn: usize) -> Self {
        let (fault, words) = FAULTS[turn % FAULTS.len()];
        Self { place, passes, fault, words }
    }

    /// All of them at the first calls: each kind in turn, and another kind if permanent than if temporary.
    fn rotating() -> Vec<Self> {
        let at = |place| [Self::new(place, false, place), Self::new(place, true, place + 3)];
        (0..PLACES).flat_map(at).collect()
    }

    /// Every permanent fault from a call on.
    fn lasting(place: usize) -> impl Iterator<Item = Self> {
        (0..FAULTS.len()).map(move |turn| Self::new(place, false, turn))
    }

    fn prefix(self) -> String {
        let kind =
            format!("{:?}", self.fault).to_lowercase().replace(|letter: char| !letter.is_ascii_alphanumeric(), "");
        format!("{}/{}/{kind}/", if self.passes { "passing" } else { "lasting" }, self.place)
    }

    fn plan(self, server: &S3Server) {
        server.plan(move |call| {
            (call.number == self.place || !self.passes && call.number > self.place).then_some(self.fault)
        });
    }
}

impl Lane {
    fn new(silence: Duration) -> Self {
        let (site, server) = (Site::new(), server());
        server.tell_encryption_on_head_alone();
        let patience = Patience { tries: TRIES, silence, ..server.options().patience };
        let sizes = S3Sizes { part: PART_BYTES, ..S3Sizes::default() };
        let options = S3Options { patience, sizes, ..server.options() };
        let store = S3Store::open(&options).unwrap();
        let engine = site.open_on(Arc::new(store));
        engine.import(&ledger("L1"), &ARCHIVED.report, &ARCHIVED.sources, true).unwrap();
        Self { site, server, engine }
    }

    fn request(&self, prefix: &str) -> ExportRequest {
        let prefix = Prefix::parse(prefix).unwrap();
        // What is large is read fastest in binary.
        let format = Some(OutputFormat::IonBinary);
        ExportRequest { prefix, encryption: Encryption::SseS3, format, ..self.site.request("L1", 60) }
    }

    /// Runs one export with a fault, and checks that its end is reported truthfully; returns the end, `None` if it
    /// never began.
    fn judged(&self, case: Case) -> Option<ExportStatus> {
        let prefix = case.prefix();
        case.plan(&self.server);
        let started = self.engine.start_export(self.request(&prefix));
        self.engine.wait_idle();
        self.server.plan(|_| None);
        let Ok(id) = started else {
            let refusal = started.unwrap_err().to_string();
            assert!(refusal.contains("Unexpected response from Amazon S3"), "{case:?}: {refusal}");
            assert!(self.server.store().list(&bucket(), &prefix).unwrap().is_empty(), "{case:?}");
            return None;
        };
        let export = self.engine.describe_export(&ledger("L1"), &id).unwrap();
        match export.status {
            ExportStatus::Completed => self.assert_whole(case, &prefix),
            ExportStatus::Cancelled => self.assert_reported(case, &prefix, &export),
            ExportStatus::InProgress => panic!("{case:?}: the export never ended"),
        }
        Some(export.status)
    }

    fn assert_whole(&self, case: Case, prefix: &str) {
        let report = verified(&source(&self.server, prefix)).unwrap();
        assert_eq!((report.verdict, report.blocks), (Status::Proved, OBJECTS as u64), "{case:?}: {:#?}", report.breaks);
    }

    fn assert_reported(&self, case: Case, prefix: &str, export: &Export) {
        let reason = export.progress.reason.as_deref().unwrap();
        // If S3 has gone permanently right after the manifest, nobody can know; then that is reported.
        let reported = reason.contains(" may be in bucket exports nevertheless (")
            && reason.contains("although the export is not whole");
        let lies = has_completed_manifest(&self.server, prefix);
        assert!(!lies || reported && case.place >= PLACES, "{case:?}: CANCELLED beside a completed manifest: {reason}");
        let tries = format!(" ({TRIES} tries in ");
        // An object whose encryption cannot be asked for was written, and cannot be looked at. What lies there already
        // is listed before that.
        let names =
            ["write", "look at", "list"].iter().any(|action| reason.starts_with(&format!("cannot {action} {prefix}")));
        assert!(names, "{case:?}: no object is named: {reason}");
        for part in [" in bucket exports: ", case.words, &tries, " s)"] {
            assert!(reason.contains(part), "{case:?}: {part:?} is not in: {reason}");
        }
    }
}

/// How often each end was reached, with temporary and with permanent faults.
type Ends = BTreeMap<(bool, String), usize>;

/// Cases shared by several lanes.
struct Work {
    cases: Vec<Case>,
    next: AtomicUsize,
    lanes: usize,
    silence: Duration,
}

impl Work {
    fn new(cases: Vec<Case>, lanes: usize, silence: Duration) -> Self {
        Self { cases, next: AtomicUsize::new(0), lanes, silence }
    }

    fn lane(&self) -> Ends {
        let lane = Lane::new(self.silence);
        let mut ends = Ends::new();
        while let Some(case) = self.cases.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let end = lane.judged(*case).map_or("refused".to_owned(), |end| format!("{end:?}"));
            *ends.entry((case.passes, end)).or_default() += 1;
        }
        ends
    }
}

/// Runs everything at once: cases that wait for responses with little patience, the rest with much.
fn done(cases: Vec<Case>) -> Ends {
    let (waiting, working) = cases.into_iter().partition(|case| case.fault == Fault::Silence);
    let works =
        [Work::new(waiting, WAITING_LANES, Duration::from_secs(2)), Work::new(working, LANES, Duration::from_mins(1))];
    std::thread::scope(|scope| {
        let lanes = works.iter().flat_map(|work| std::iter::repeat_n(work, work.lanes));
        let lanes: Vec<_> = lanes.map(|work| scope.spawn(|| work.lane())).collect();
        let mut all = Ends::new();
        for (end, count) in lanes.into_iter().flat_map(|lane| lane.join().unwrap()) {
            *all.entry(end).or_default() += count;
        }
        all
    })
}

#[test]
fn an_export_makes_more_than_a_hundred_calls_of_every_kind() {
    let lane = Lane::new(Duration::from_mins(1));
    lane.server.plan(|_| None);
    completed(&lane.engine, &lane.request("n/"));
    let calls = lane.server.calls();
    let count = |kind: fn(&Call) -> bool| calls.iter().filter(|call| kind(call)).count();
    assert_eq!(count(|call| call.query.contains("partNumber")), PARTS * LARGE.len());
    assert_eq!(count(|call| call.method == Method::HEAD), OBJECTS + 2);
    assert_eq!(count(|call| call.method == Method::DELETE), 1);
    assert_eq!(calls.len(), CALLS);
}

#[test]
fn a_fault_in_each_of_a_hundred_places_ends_in_a_complete_export_or_a_reason() {
    let ends = done(Case::rotating());
    let expected = [
        // Without a trial, there is no export.
        ((false, "refused".to_owned()), 1),
        ((false, "Cancelled".to_owned()), PLACES - 1),
        ((true, "Completed".to_owned()), PLACES),
    ];
    assert_eq!(ends, Ends::from(expected));
}

#[test]
fn a_fault_that_lasts_from_the_completed_manifest_on_is_reported_with_what_it_leaves() {
    let cases: Vec<Case> = (CALLS - 2..CALLS).flat_map(Case::lasting).collect();
    let count = cases.len();
    let ends = done(cases);
    assert_eq!(ends.values().sum::<usize>(), count);
    assert!(ends.keys().all(|(_, end)| end == "Completed" || end == "Cancelled"), "{ends:?}");
}

/// Objects of an export that its listing has on three pages.
const MANY: u64 = 2_500;

#[test]
fn two_thousand_five_hundred_objects_are_verified_in_s3() {
    let (bench, site, server) = (Bench::new(), Site::new(), server());
    bench.export(&Layout { object_size: 1, ..Layout::default() }, &journal(STRAND, MANY, "m", false));
    let sources: Vec<Box<dyn Source>> = vec![Box::new(Folder::new(bench.path("")))];
    let engine = site.open_on(Arc::new(server.store()));
    engine.import(&ledger("L1"), &verified(&sources).unwrap(), &sources, true).unwrap();
    let export = completed(&engine, &site.request("L1", 60));
    assert_eq!((export.progress.objects, export.progress.blocks), (MANY, MANY));

    let before = server.calls().len();
    let place = Place::new();
    let command = in_environment_of(
        &server,
        place.command(["verify", "s3://exports", "--accept", "hash-only-blocks", "--output", "json"]),
    );
    let ran = Ran::of(command);
    let report = &ran.json()[0];
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(
        (&report["verdict"], &report["blocks"], &report["objects"]),
        (&"proved".into(), &MANY.into(), &MANY.into())
    );
    let pages = server.calls()[before..].iter().filter(|call| call.query.contains("list-type=2")).count();
    assert_eq!(pages, 3);
}
