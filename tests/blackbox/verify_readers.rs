//! Forged objects, and what other readers read in them.
//!
//! What ion-rs reads in Ion, and `serde_json` in JSON, is compared here. With
//! `QLDB_EXPORT_FORGERIES=FILE` each forged object is also a line of that file,
//! for `tests/interop/readers.py` to ask amazon.ion and ion-js, Python and
//! JavaScript the same: the object in base64, `read` or `refused`, the values or
//! the reason as JSON, what `verify` says, the encoding, and the name.

use std::fs::File;
use std::io::Write as _;
use std::sync::{LazyLock, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ion_rs::Element;
use qldb_journal::Encoding;
use qldb_journal::archive::verify::{Report, Status};

use crate::verify_bench::{Bench, Layout, Line, STRAND, journal};

#[path = "../../crates/journal/tests/support/canonical.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod canonical;
#[path = "../../crates/journal/tests/support/judge.rs"]
mod judge;
#[path = "../../crates/journal/tests/support/peer.rs"]
mod peer;

/// Names the file that takes the forgeries.
const VARIABLE: &str = "QLDB_EXPORT_FORGERIES";
/// The name of an object that nobody forged.
const INTACT: &str = "intact";
/// Longer objects differ from a short one of the same kind in padding alone, and other readers are slow.
const LONGEST: usize = 64 << 10;

/// Twelve blocks, each of which inserts one document: the same in every run.
pub(crate) static JOURNAL: LazyLock<Vec<Line>> = LazyLock::new(|| journal(STRAND, 12, "", true));

static OUT: LazyLock<Option<Mutex<File>>> =
    LazyLock::new(|| std::env::var_os(VARIABLE).map(|path| Mutex::new(File::create(path).unwrap())));

/// What another reader makes of a forged object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    /// Nothing: it is not Ion.
    Refuses,
    /// Other values than those of the intact object.
    Differs,
    /// The same values: only the form is not QLDB's.
    Same,
}

/// The values that another reader reads, with their hashes; or the reason for which it refuses.
pub(crate) type Reading = Result<Vec<(String, String)>, String>;

/// What the other reader of an encoding reads.
pub(crate) fn read(bytes: &[u8], encoding: Encoding) -> Reading {
    if encoding == Encoding::Json {
        return read_json(bytes);
    }
    match peer::read(bytes) {
        peer::Verdict::Read(values) => Ok(values.into_iter().map(|value| (value.text, value.hash)).collect()),
        peer::Verdict::Refused(reason) => Err(reason),
        peer::Verdict::Failed => Err("it panicked".to_owned()),
    }
}

/// JSON Lines as `serde_json` reads them. Nothing has a hash.
fn read_json(bytes: &[u8]) -> Reading {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let values = text.lines().filter(|line| !line.trim().is_empty());
    let values = values.map(|line| serde_json::from_str(line).map(|value| canonical_json(&value)));
    let read: Result<Vec<String>, _> = values.collect();
    Ok(read.map_err(|error| error.to_string())?.into_iter().map(|text| (text, String::new())).collect())
}

/// One text for each value, in words that other languages can say as well.
fn canonical_json(value: &serde_json::Value) -> String {
    use serde_json::Value::{Array, Bool, Null, Number, Object, String};
    match value {
        Null => "null".to_owned(),
        Bool(value) => value.to_string(),
        Number(number) => format!("{:016x}", number.as_f64().unwrap().to_bits()),
        String(text) => canonical::hex(text.as_bytes()),
        Array(list) => format!("[{}]", list.iter().map(canonical_json).collect::<Vec<_>>().join(",")),
        Object(fields) => {
            let field = |(name, value): (&std::string::String, _)| {
                format!("{}={}", canonical::hex(name.as_bytes()), canonical_json(value))
            };
            let mut fields: Vec<_> = fields.iter().map(field).collect();
            fields.sort_unstable();
            format!("{{{}}}", fields.join(","))
        }
    }
}

/// Verifies the journal with its second object, blocks 4 to 7, forged; what the report and the other reader say.
#[track_caller]
pub(crate) fn forged(name: &str, encoding: Encoding, forge: impl FnOnce(Vec<u8>) -> Vec<u8>) -> (Report, Peer) {
    let bench = Bench::new();
    let keys = bench.export(&Layout { encoding, ..Layout::default() }, &JOURNAL);
    let whole = bench.read(&keys[1]);
    let forged = forge(whole.clone());
    assert_ne!(whole, forged, "{name}: nothing was forged");
    bench.write(&keys[1], &forged);
    let report = bench.verify();
    if forged.len() <= LONGEST {
        assert_eq!(disagreement(&forged, encoding), None, "{name}: two readers disagree");
        record(name, encoding, &forged, report.verdict);
    }
    (report, peer(&whole, &forged, encoding))
}

fn peer(whole: &[u8], forged: &[u8], encoding: Encoding) -> Peer {
    if encoding == Encoding::Json {
        return compare(read_json(whole), read_json(forged));
    }
    // Annotations and all the rest are part of an element.
    let read = |bytes| Element::read_all(bytes).map(|values| values.into_iter().collect::<Vec<_>>());
    compare(read(whole), read(forged))
}

fn compare<T: PartialEq, E: std::fmt::Debug>(whole: Result<T, E>, forged: Result<T, E>) -> Peer {
    let whole = whole.unwrap();
    match forged {
        Err(_) => Peer::Refuses,
        Ok(forged) if forged == whole => Peer::Same,
        Ok(_) => Peer::Differs,
    }
}

/// Where our reader and the other one disagree; what is known does not count.
fn disagreement(bytes: &[u8], encoding: Encoding) -> Option<String> {
    if encoding == Encoding::Json { None } else { judge::disagreement(bytes) }
}

/// Compares verdict and peer of a forged object.
#[track_caller]
pub(crate) fn judge(name: &str, encoding: Encoding, forge: impl FnOnce(Vec<u8>) -> Vec<u8>, expected: (Status, Peer)) {
    let (report, found) = forged(name, encoding, forge);
    assert_eq!((report.verdict, found), expected, "{name}: {:#?}\n{:?}", report.breaks, report.levels);
    assert!(
        report.verdict == Status::Proved
            || !report.breaks.is_empty()
            || report.levels.iter().any(|level| level.reason.is_some())
    );
}

/// Records the objects that nobody forged, to compare with.
pub(crate) fn record_intact() {
    for encoding in [Encoding::IonText, Encoding::IonBinary, Encoding::Json] {
        let bench = Bench::new();
        let keys = bench.export(&Layout { encoding, ..Layout::default() }, &JOURNAL);
        let whole = bench.read(&keys[1]);
        record(INTACT, encoding, &whole, Status::Proved);
    }
}

fn record(name: &str, encoding: Encoding, bytes: &[u8], verdict: Status) {
    let Some(out) = &*OUT else { return };
    let (read, reported) = match read(bytes, encoding) {
        Ok(values) => ("read", serde_json::json!(values)),
        Err(reason) => ("refused", serde_json::json!(reason)),
    };
    let name = serde_json::json!(name);
    let line = format!("{}\t{read}\t{reported}\t{verdict:?}\t{encoding:?}\t{name}\n", STANDARD.encode(bytes));
    out.lock().unwrap().write_all(line.as_bytes()).unwrap();
}
