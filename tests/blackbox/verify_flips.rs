//! Small changes of single bytes: each is reported, or leaves every value as it
//! was, or lies where the report says that no hash covers it.
//!
//! The judge is a comparison of values, apart from the verifier: what it can't
//! excuse and the verifier calls proved fails the test.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use std::path::PathBuf;
use std::sync::LazyLock;

use proptest::prelude::*;
use qldb_endpoint::engine::{AppendOptions, SampleSpec};
use qldb_journal::Encoding;
use qldb_journal::archive::source::{Found, Source, SourceError};
use qldb_journal::archive::verify::{Request, Status, verify};
use qldb_journal::ion::{Container, Event, Item, TextWriter, values};
use qldb_journal::request::OutputFormat;

use crate::engine_support::{Site, completed, ledger, with_format};
use crate::verify_bench::{HOUR, Layout, Line, STRAND, blocks, encoded, journal, keys_manifest, new_block, text};

/// An archive of one object, in memory.
struct Archive {
    files: BTreeMap<String, Vec<u8>>,
    key: String,
}

impl Source for Archive {
    fn name(&self) -> String {
        "memory".to_owned()
    }

    fn list(&self) -> Result<Vec<Found>, SourceError> {
        let found =
            |(key, bytes): (&String, &Vec<u8>)| Found { key: key.clone(), size: bytes.len() as u64, changed: 0 };
        Ok(self.files.iter().map(found).collect())
    }

    fn open(&self, key: &str) -> Result<Box<dyn Read + Send>, SourceError> {
        let fail = || SourceError { name: key.to_owned(), cause: io::ErrorKind::NotFound.into() };
        Ok(Box::new(Cursor::new(self.files.get(key).ok_or_else(fail)?.clone())))
    }

    fn path(&self, _: &str) -> Option<PathBuf> {
        None
    }
}

/// A block of the service's own, and one that inserts a document.
static LINES: LazyLock<Vec<Line>> = LazyLock::new(|| {
    let mut lines = journal(STRAND, 1, "", false);
    let previous = blocks(&lines)[0].links.block_hash;
    let mut bytes = Vec::new();
    new_block(STRAND, 1, Some(previous), "", true).encode(&mut bytes).unwrap();
    lines.push(text(bytes).trim_end().to_owned());
    lines
});

fn archive(bytes: Vec<u8>) -> Archive {
    let layout = Layout::default();
    let key = format!("{HOUR}{STRAND}.0-1.ion");
    let files = BTreeMap::from([
        (layout.started_key(), layout.started().into_bytes()),
        (layout.completed_key(STRAND), keys_manifest(std::slice::from_ref(&key)).into_bytes()),
        (key.clone(), bytes),
    ]);
    Archive { files, key }
}

fn verdict(bytes: Vec<u8>) -> (Status, bool) {
    let archive = archive(bytes);
    let key = archive.key.clone();
    let sources: Vec<Box<dyn Source>> = vec![Box::new(archive)];
    let report = verify(&Request::new(&sources)).unwrap();
    (report.verdict, report.breaks.iter().any(|one| one.key == key))
}

/// Every scalar of a block with its path, in no particular order of fields.
type Leaves = Vec<(String, String)>;

/// The blocks of an object by value; `None` if they can't be read.
fn by_value(bytes: &[u8]) -> Option<Vec<Leaves>> {
    values(bytes).map(|value| leaves(&mut value.ok()?.reader())).collect()
}

fn leaves(reader: &mut qldb_journal::ion::Reader<'_>) -> Option<Leaves> {
    let mut found = Vec::new();
    let mut path: Vec<(String, Option<usize>)> = Vec::new();
    while let Some(item) = reader.next_item().ok()? {
        if item.event == Event::End {
            path.pop();
            continue;
        }
        let name = match path.last_mut() {
            None => String::new(),
            Some((at, Some(index))) => {
                *index += 1;
                format!("{at}[{}]", *index - 1)
            }
            Some((at, None)) => format!("{at}.{}", item.field.flatten().unwrap_or("$0")),
        };
        found.push((name.clone(), shown(&item)));
        if let Event::Begin(container) = item.event {
            path.push((name, (container != Container::Struct).then_some(0)));
        }
    }
    found.sort();
    Some(found)
}

/// A scalar as text, or the kind of container that begins, with annotations.
fn shown(item: &Item<'_>) -> String {
    let annotations = format!("{:?}", item.annotations);
    if let Event::Begin(container) = item.event {
        return format!("{annotations}{container:?}");
    }
    let mut writer = TextWriter::default();
    writer.write(&Item::bare(item.event.clone()));
    annotations + &String::from_utf8(writer.take()).unwrap()
}

const BLOCK_FIELDS: [&str; 10] = [
    "blockAddress",
    "transactionId",
    "blockTimestamp",
    "blockHash",
    "entriesHash",
    "previousBlockHash",
    "entriesHashList",
    "transactionInfo",
    "redactionInfo",
    "revisions",
];
const ADDRESS_PATHS: [&str; 2] = ["blockAddress.strandId", "blockAddress.sequenceNo"];
/// An empty blob, as [`shown`] shows it.
const EMPTY: &str = "[]{{}}";
const REVISION_FIELDS: [&str; 5] = ["blockAddress", "hash", "dataHash", "data", "metadata"];

/// The difference of two objects that no hash covers, as named in `verify::NOT_COVERED`; or what has no excuse.
fn judge(original: &[Leaves], altered: Option<&Vec<Leaves>>) -> Result<&'static str, String> {
    let Some(altered) = altered else { return Err("the object can't be read".to_owned()) };
    if original.len() != altered.len() {
        return Err(format!("{} blocks became {}", original.len(), altered.len()));
    }
    let mut excuse = "equal";
    for (before, after) in original.iter().zip(altered) {
        let gone = before.iter().filter(|leaf| !after.contains(leaf));
        let new = after.iter().filter(|leaf| !before.contains(leaf));
        for (path, value) in gone.chain(new) {
            excuse = excused(path, value, after).ok_or_else(|| format!("{path} {value} is not what it was"))?;
        }
        if excuse == "equal" && before.len() != after.len() {
            return Err("a value stands more or less often".to_owned());
        }
    }
    Ok(excuse)
}

fn excused(path: &str, value: &str, after: &Leaves) -> Option<&'static str> {
    let inside = path.strip_prefix('.')?;
    let field = inside.split(['.', '[']).next()?;
    let absent = |path: &str| !after.iter().any(|(other, _)| other == path);
    match field {
        "blockTimestamp" => Some("blockTimestamp"),
        "blockAddress" if inside != field && !ADDRESS_PATHS.contains(&inside) => Some("fields that QLDB does not have"),
        "entriesHashList" | "previousBlockHash" if value == EMPTY => Some("empty hashes"),
        "transactionId" => Some("transactionId"),
        "transactionInfo" | "redactionInfo" | "revisions" if absent(&format!(".{field}")) => Some("presence"),
        "revisions" => in_revision(path, &absent),
        _ if !BLOCK_FIELDS.contains(&field) => Some("fields that QLDB does not have"),
        _ => None,
    }
}

fn in_revision(path: &str, absent: &dyn Fn(&str) -> bool) -> Option<&'static str> {
    let (revision, inside) = path.split_once("].")?;
    let field = inside.split(['.', '[']).next()?;
    match field {
        "blockAddress" => Some("revision's blockAddress"),
        "data" if absent(&format!("{revision}].data")) => Some("presence"),
        _ if !REVISION_FIELDS.contains(&field) => Some("fields that QLDB does not have"),
        _ => None,
    }
}

/// The results of many changes.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    reported: u64,
    excused: BTreeMap<&'static str, u64>,
}

impl Tally {
    fn take(&mut self, original: &[Leaves], altered: Vec<u8>, what: &dyn Fn() -> String) {
        let by_value = by_value(&altered);
        let (verdict, named) = verdict(altered);
        if verdict == Status::Proved {
            let excuse = judge(original, by_value.as_ref()).unwrap_or_else(|reason| panic!("{}: {reason}", what()));
            *self.excused.entry(excuse).or_default() += 1;
        } else {
            assert!(named, "{}: {verdict:?} without a break that names the object", what());
            self.reported += 1;
        }
    }
}

/// Flips every `step`th bit.
fn flips(encoding: Encoding, step: usize) -> Tally {
    let whole = encoded(&LINES, encoding);
    let original = by_value(&whole).unwrap();
    assert_eq!(verdict(whole.clone()).0, Status::Proved);
    let mut tally = Tally::default();
    for bit in (0..whole.len() * 8).step_by(step) {
        let mut altered = whole.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        let around = |bytes: &[u8]| {
            String::from_utf8_lossy(&bytes[(bit / 8).saturating_sub(20)..(bit / 8 + 20).min(bytes.len())]).into_owned()
        };
        let shown = around(&altered);
        tally.take(&original, altered, &|| format!("{encoding:?} bit {bit}: {:?} became {shown:?}", around(&whole)));
    }
    tally
}

#[test]
fn a_flipped_bit_in_ion_is_reported_or_not_covered_by_any_hash() {
    // Not a divisor of 8, so every bit position in a byte occurs.
    for encoding in [Encoding::IonText, Encoding::IonBinary] {
        let tally = flips(encoding, 11);
        assert!(tally.reported > 10 * tally.excused.values().sum::<u64>(), "{tally:?}");
    }
}

/// Takes minutes in a debug build: `cargo test --test blackbox every_flipped_bit -- --ignored --nocapture`.
#[test]
#[ignore = "the sampled form of it runs always"]
#[expect(clippy::print_stderr, reason = "the figures are what it is run for")]
fn every_flipped_bit_in_ion_is_reported_or_not_covered_by_any_hash() {
    for encoding in [Encoding::IonText, Encoding::IonBinary] {
        eprintln!("{encoding:?}: {:?}", flips(encoding, 1));
    }
}

#[derive(Debug, Clone)]
enum Edit {
    Replace(u8),
    Insert(u8),
    Remove,
    Double(usize),
}

impl Edit {
    fn apply(&self, bytes: &mut Vec<u8>, at: usize) {
        match self {
            Self::Replace(byte) => bytes[at] = *byte,
            Self::Insert(byte) => bytes.insert(at, *byte),
            Self::Remove => drop(bytes.remove(at)),
            Self::Double(length) => {
                let part = bytes[at..(at + length).min(bytes.len())].to_vec();
                bytes.splice(at..at, part);
            }
        }
    }
}

fn edits() -> impl Strategy<Value = Edit> {
    prop_oneof![
        any::<u8>().prop_map(Edit::Replace),
        any::<u8>().prop_map(Edit::Insert),
        Just(Edit::Remove),
        (1_usize..200).prop_map(Edit::Double),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_edit_anywhere_is_reported_or_lies_where_no_hash_reaches(
        binary in any::<bool>(), place in any::<prop::sample::Index>(), edit in edits()
    ) {
        let encoding = if binary { Encoding::IonBinary } else { Encoding::IonText };
        let whole = encoded(&LINES, encoding);
        let original = by_value(&whole).unwrap();
        let mut altered = whole.clone();
        let at = place.index(whole.len());
        edit.apply(&mut altered, at);
        Tally::default().take(&original, altered, &|| format!("{encoding:?} {at} {edit:?}"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_ledger_holds_its_export_is_proved(
        transactions in 1_u64..60,
        seed in any::<u64>(),
        documents in prop::collection::vec((any::<i64>(), "\\PC{0,20}", any::<bool>()), 0..30),
        batch in 1_usize..=40,
        format in prop::sample::select(OutputFormat::ALL.to_vec()),
    ) {
        let site = Site::new();
        let engine = site.open();
        engine.make_sample(&SampleSpec { name: ledger("L1"), transactions, days: 30, seed }).unwrap();
        let lines = documents.iter().map(|(number, text, flag)| {
            let text = serde_json::to_string(text).unwrap();
            format!("{{n:{number},t:{text},f:{flag},d:{number}.50,l:[null.int,{{{{AAEC}}}},sym,2024-03-01T]}}\n")
        });
        let input: String = lines.collect();
        let options = AppendOptions { batch, ..AppendOptions::default() };
        if !documents.is_empty() {
            engine.append(&ledger("L1"), "Random", input.as_bytes(), options).unwrap();
        }
        let digest = engine.digest(&ledger("L1")).unwrap();
        site.pass(chrono::TimeDelta::seconds(1));
        completed(&engine, &with_format(&site.request("L1", 32), format));
        let sources: Vec<Box<dyn Source>> =
            vec![Box::new(qldb_journal::archive::source::Folder::new(site.data_dir().join("buckets/exports")))];
        let report = verify(&Request::new(&sources).sha256_of_objects(true)).unwrap();
        let expected = if format == OutputFormat::Json && report.counts.typeless > 0 { Status::Unproved } else { Status::Proved };
        prop_assert_eq!(report.verdict, expected, "{:#?}", report.breaks);
        prop_assert!(report.breaks.is_empty());
        prop_assert_eq!(report.blocks, digest.tip + 1);
        prop_assert_eq!(report.journals[0].digest, Some(digest.digest));
    }
}
