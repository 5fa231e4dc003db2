//! Real blocks, and whole exports made by an independent implementation where
//! they are at hand: read, checked, and written again in every encoding.

use std::path::{Path, PathBuf};

use qldb_journal::internal::{CheckedBlock, check, revision_from_text};
use qldb_journal::{BlockReader, BlockWriter, Encoding, RawBlock};

const REAL_BLOCK: &[u8] = include_bytes!("../vectors/awscli-block-100.ion");
const REAL_BLOCK_BINARY: &[u8] = include_bytes!("../vectors/awscli-block-100.10n");
const REAL_BLOCK_JSON: &[u8] = include_bytes!("../vectors/awscli-block-100.plain.jsonl");

fn blocks(bytes: &[u8], encoding: Encoding) -> Vec<RawBlock> {
    BlockReader::new(bytes, encoding).map(Result::unwrap).collect()
}

fn written(blocks: &[RawBlock], encoding: Encoding) -> Vec<u8> {
    let mut writer = BlockWriter::new(Vec::new(), encoding);
    blocks.iter().for_each(|block| writer.write(block).unwrap());
    writer.finish().unwrap()
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = std::borrow::Cow<'_, str>> {
    bytes.split(|byte| *byte == b'\n').map(String::from_utf8_lossy)
}

fn checked(blocks: &[RawBlock]) -> Vec<CheckedBlock> {
    blocks.iter().map(|block| check(block).unwrap()).collect()
}

/// JSON by value: numbers as the decimals that they are.
fn json_values(bytes: &[u8]) -> Vec<Vec<u8>> {
    use qldb_journal::ion::{TextWriter, values};
    let normal = |bytes: &[u8]| {
        let mut writer = TextWriter::default();
        for value in values(bytes) {
            let value = value.unwrap();
            let mut reader = value.reader();
            while let Some(item) = reader.next_item().unwrap() {
                writer.write(&item.with_event(number(item.event.clone())));
            }
        }
        writer.take()
    };
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(normal).collect()
}

/// A JSON number does not distinguish float from decimal, nor show trailing zeros.
fn number(event: qldb_journal::ion::Event<'_>) -> qldb_journal::ion::Event<'_> {
    use qldb_journal::ion::{Event, Item, JsonWriter, Scalar};
    let Event::Scalar(Scalar::Int(_) | Scalar::Float(_) | Scalar::Decimal(_)) = &event else { return event };
    let mut writer = JsonWriter::default();
    writer.write(&Item::bare(event));
    let text = String::from_utf8(writer.take()).unwrap();
    Event::Scalar(Scalar::Float(text.parse().unwrap()))
}

#[test]
fn a_real_block_is_read_and_all_its_hashes_are_correct() {
    for (bytes, encoding) in [(REAL_BLOCK, Encoding::IonText), (REAL_BLOCK_BINARY, Encoding::IonBinary)] {
        let [block] = &blocks(bytes, encoding)[..] else { panic!("one block") };
        let checked = check(block).unwrap();
        assert_eq!(checked.faults, []);
        assert_eq!((checked.header.sequence_no, checked.counts.proved, checked.counts.unaccounted), (100, 1, 2));
        assert_eq!(checked.tables.named()["VehicleRegistration"].revisions, 1);
    }
    let [block] = &blocks(REAL_BLOCK_JSON, Encoding::Json)[..] else { panic!("one block") };
    let checked = check(block).unwrap();
    assert_eq!(checked.faults, []);
    assert_eq!((checked.counts.typeless, checked.counts.unaccounted), (1, 2));
}

#[test]
fn a_real_block_is_equal_by_value_in_every_encoding() {
    let [text, binary] = [blocks(REAL_BLOCK, Encoding::IonText), blocks(REAL_BLOCK_BINARY, Encoding::IonBinary)];
    assert_eq!(written(&text, Encoding::IonText), [REAL_BLOCK.trim_ascii_end(), b"\n"].concat());
    assert_eq!(written(&binary, Encoding::IonText), written(&text, Encoding::IonText));
    let through_binary = blocks(&written(&text, Encoding::IonBinary), Encoding::IonBinary);
    assert_eq!(written(&through_binary, Encoding::IonText), written(&text, Encoding::IonText));
    assert_eq!(json_values(&written(&text, Encoding::Json)), json_values(REAL_BLOCK_JSON));
}

#[test]
fn every_real_revision_hashes_to_what_it_states() {
    let revisions: Vec<serde_json::Value> = serde_json::from_str(include_str!("../vectors/revisions.json")).unwrap();
    assert_eq!(revisions.len(), 10);
    for revision in &revisions {
        let text = revision["ionText"].as_str().unwrap();
        let fact = revision_from_text(text).unwrap().fact;
        assert_eq!((fact.hash.to_base64().as_str(), fact.proved), (revision["hash"].as_str().unwrap(), true), "{text}");
        assert_eq!(fact.faults, [], "{text}");
        let other = text.replace(",version:", ",version:1");
        assert!(!revision_from_text(&other).unwrap().fact.proved, "{other}");
    }
}

#[test]
fn json_can_t_become_ion_again() {
    let json = blocks(REAL_BLOCK_JSON, Encoding::Json);
    for encoding in [Encoding::IonText, Encoding::IonBinary] {
        let error = BlockWriter::new(Vec::new(), encoding).write(&json[0]).unwrap_err();
        assert!(error.reason.contains("lost Ion's types"), "{error}");
    }
}

/// Whole exports made by an independent implementation, with the truth about them.
pub(crate) fn archives() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/archives")
}

fn data_objects(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "ion" || extension == "json") {
                found.push(path);
            }
        }
    }
    let first = |path: &PathBuf| -> u64 {
        let name = path.file_stem().unwrap().to_str().unwrap();
        name.split('.').nth(1).unwrap().split('-').next().unwrap().parse().unwrap()
    };
    found.sort_by_key(first);
    found
}

fn journal(root: &Path, encoding: Encoding) -> Vec<RawBlock> {
    data_objects(root).iter().flat_map(|path| blocks(&std::fs::read(path).unwrap(), encoding)).collect()
}

#[test]
fn exports_of_an_independent_implementation_agree_in_every_hash() {
    let archives = archives();
    for (name, folder, encoding) in [
        ("small", "ION_TEXT", Encoding::IonText),
        ("small", "ION_BINARY", Encoding::IonBinary),
        ("small", "JSON", Encoding::Json),
        ("daily", "ION_TEXT", Encoding::IonText),
        ("daily", "ION_BINARY", Encoding::IonBinary),
        ("far", "ION_TEXT", Encoding::IonText),
    ] {
        let truth: serde_json::Value =
            serde_json::from_slice(&std::fs::read(archives.join(name).join("truth.json")).unwrap()).unwrap();
        let blocks = journal(&archives.join(name).join(folder), encoding);
        assert_eq!(blocks.len() as u64, truth["blocks"].as_u64().unwrap(), "{name} {folder}");
        for pair in blocks.windows(2) {
            assert_eq!(pair[1].links.previous_block_hash, Some(pair[0].links.block_hash));
        }
        let checked = checked(&blocks);
        for block in &checked {
            assert_eq!(block.faults, [], "{name} {folder} {}", block.header.sequence_no);
        }
        let revisions: u64 = checked.iter().map(|block| block.counts.revisions).sum();
        assert_eq!(Some(revisions), truth["counts"]["revisions"].as_u64());
        let hash_only: u64 = checked.iter().map(|block| block.counts.hash_only).sum();
        assert_eq!(Some(hash_only), truth["counts"]["revisionsByKind"]["system"].as_u64());
    }
}

#[test]
fn exports_of_an_independent_implementation_are_equal_by_value_in_every_encoding() {
    let archives = archives();
    let small = archives.join("small");
    let text = journal(&small.join("ION_TEXT"), Encoding::IonText);
    let binary = journal(&small.join("ION_BINARY"), Encoding::IonBinary);
    let originals: Vec<u8> =
        data_objects(&small.join("ION_TEXT")).iter().flat_map(|path| std::fs::read(path).unwrap()).collect();
    let copied = written(&text, Encoding::IonText);
    assert!(lines(&copied).eq(lines(&originals).filter(|line| line != "$ion_1_0")), "blocks are copied byte by byte");
    let through_binary = blocks(&written(&text, Encoding::IonBinary), Encoding::IonBinary);
    assert_eq!(checked(&through_binary), checked(&text));
    assert_eq!(checked(&blocks(&written(&binary, Encoding::IonBinary), Encoding::IonBinary)), checked(&text));
    for (ours, theirs) in
        lines(&written(&through_binary, Encoding::IonText)).zip(lines(&written(&binary, Encoding::IonText)))
    {
        assert_eq!(ours, theirs);
    }
    let theirs: Vec<u8> =
        data_objects(&small.join("JSON")).iter().flat_map(|path| std::fs::read(path).unwrap()).collect();
    for (ours, theirs) in json_values(&written(&binary, Encoding::Json)).iter().zip(json_values(&theirs)) {
        assert_eq!(String::from_utf8_lossy(ours), String::from_utf8_lossy(&theirs));
    }
}
