//! Compares blocks that are read in one go with the same blocks read item by item: the findings are
//! the same, whatever was done to the blocks.

use std::sync::Arc;

use proptest::prelude::*;

use super::parts::{BlockParts, RevisionPlace};
use super::*;
use crate::build::{Change, NewBlock, Statement};
use crate::ion::{BinaryReader, BinaryWriter, Found, Item, RawValue, Run, SymbolTable, TakeItems, TextReader};

/// A reader that does not use its fast paths.
struct Slow<R>(R);

impl<R: ReadItems> ReadItems for Slow<R> {
    fn next_item(&mut self) -> Result<Option<Item<'_>>, IonError> {
        self.0.next_item()
    }

    fn offset(&self) -> usize {
        self.0.offset()
    }

    fn depth(&self) -> usize {
        self.0.depth()
    }

    fn value_start(&self) -> usize {
        self.0.value_start()
    }

    fn resume_point(&self) -> usize {
        self.0.resume_point()
    }

    fn take_stranger(&mut self) -> Option<Stranger> {
        self.0.take_stranger()
    }

    fn symbols(&self) -> &Arc<SymbolTable> {
        self.0.symbols()
    }

    fn symbols_mut(&mut self) -> &mut Arc<SymbolTable> {
        self.0.symbols_mut()
    }
}

/// Everything that is found in some blocks, and the hashes of their contents.
fn found(mut reader: impl ReadItems, is_json: bool) -> (Vec<String>, Result<bool, IonError>) {
    let mut checker = Checker::new(Depth::Contents);
    let end = loop {
        match checker.read(&mut reader, is_json) {
            Ok(true) => {}
            other => break other,
        }
    };
    let hashes = hashes(&mut checker);
    let mut blocks = Vec::new();
    checker.judge(&mut |judged| blocks.push(without_promises(&format!("{judged:?}"))));
    blocks.push(hashes);
    (blocks, end)
}

/// The promises for everything that is hashed. A reader that reads in one go may keep several promises with one hash.
fn hashes(checker: &mut Checker) -> String {
    let Some(hashing) = &mut checker.hashing else { return String::new() };
    hashing.resolve();
    let digest = |later| hashing.digest(later);
    let blocks = checker.group.blocks.iter().map(|block| [block.transaction_info, block.redaction_info]);
    let revisions = checker.group.revisions.iter().map(|revision| {
        let data = if let Data::Present(later) = revision.data { Some(later) } else { None };
        [revision.metadata, data]
    });
    let hashes: Vec<_> = blocks.chain(revisions).flatten().map(|later| later.map(digest)).collect();
    format!("{hashes:?}")
}

/// Leaves out the positions of promises.
fn without_promises(text: &str) -> String {
    let mut parts = text.split("Later(");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + "Later(" + part.trim_start_matches(|digit: char| digit.is_ascii_digit()))
}

fn text(blocks: &[u8]) -> TextReader<'_> {
    let mut reader = TextReader::new(blocks, Arc::default());
    reader.know(FIELDS);
    reader
}

fn binary(blocks: &[u8]) -> BinaryReader<'_> {
    let mut reader = BinaryReader::new(blocks, Arc::default());
    reader.know(FIELDS);
    reader
}

/// Three blocks with two revisions.
fn blocks() -> String {
    let time = DateTime::from_timestamp_millis(1_700_000_000_123).unwrap();
    let mut text = Vec::new();
    let mut previous_block_hash = None;
    for sequence_no in 0..3 {
        let change = |table: &str, statement: usize| Change {
            table_name: table.to_owned(),
            table_id: format!("{table:0>22}"),
            document_id: format!("{:022}", sequence_no * 10 + statement as u64),
            version: sequence_no,
            data: Some(RawValue::from_text(format!("{{VIN:\"1N4AL\",Year:{sequence_no},On:2017-08-21,Kind:Sedan}}"))),
            statement,
        };
        let statement = |table: &str| Statement { text: format!("INSERT INTO {table} ?"), start_time: time };
        let block = NewBlock {
            strand_id: "JdxjkR9bSYB5jMHWcI464T".to_owned(),
            sequence_no,
            previous_block_hash,
            transaction_id: format!("{sequence_no:022}"),
            timestamp: time,
            transaction_time: time,
            statements: vec![statement("Vehicle"), statement("Person")],
            changes: vec![change("Vehicle", 0), change("Person", 1)],
        };
        previous_block_hash = Some(block.encode(&mut text).unwrap().block_hash);
        text.push(b'\n');
    }
    String::from_utf8(text).unwrap()
}

fn blocks_in_binary() -> Vec<u8> {
    let text = blocks();
    let mut reader = TextReader::new(text.as_bytes(), Arc::default());
    let mut writer = BinaryWriter::default();
    while let Some(item) = reader.next_item().unwrap() {
        writer.write(&item);
    }
    writer.take()
}

/// A taker, and how many steps it took in runs.
struct Counting<'t, T>(&'t mut T, &'t mut usize);

impl<T: TakeItems> TakeItems for Counting<'_, T> {
    fn take(&mut self, at: usize, item: &Item<'_>) -> Result<(), IonError> {
        self.0.take(at, item)
    }

    fn take_stranger(&mut self, stranger: Stranger) {
        self.0.take_stranger(stranger);
    }

    fn expected(&self) -> Option<&'static Run> {
        self.0.expected()
    }

    fn take_run(&mut self, found: &Found<'_>) {
        *self.1 += found.steps().len();
        self.0.take_run(found);
    }
}

/// How many steps are taken in runs in each of some blocks.
fn steps_in_runs(mut reader: impl ReadItems) -> Vec<usize> {
    let (mut group, mut walk, mut hashing) = (Group::default(), Walk::default(), Hashing::default());
    let mut counts = Vec::new();
    while reader.next_item().unwrap().is_some() {
        let (hashing, is_json) = (Some(&mut hashing), false);
        let reading = Reading { group: &mut group, hashing, walk: &mut walk, is_json, base: 0 };
        let (mut parts, mut steps) = (BlockParts::new(reading, RevisionPlace::Block), 0);
        reader.drain(&mut Counting(&mut parts, &mut steps)).unwrap();
        counts.push(steps);
    }
    counts
}

#[test]
fn heads_statements_documents_and_revisions_are_read_in_one_go() {
    // Statements, documents, and the beginnings and ends of revisions.
    let contents = 2 * 5 + 2 * 6 + 2 * (6 + 7);
    // The first block lacks a previous hash, so only the address of its head is.
    let expected = [3, 10, 10].map(|head| head + contents);
    let padded = blocks() + &" ".repeat(32);
    assert_eq!(steps_in_runs(text(padded.as_bytes())), expected);
    // In binary, names are recognised once they have occurred twice.
    assert_eq!(steps_in_runs(binary(&blocks_in_binary())).last(), expected.last());
}

#[test]
fn a_block_with_a_flipped_bit_is_at_one_go_what_it_is_item_by_item() {
    let all = blocks();
    let mut block = all.lines().next_back().unwrap_or_default().as_bytes().to_vec();
    block.extend([b' '; 32]);
    for bit in 0..block.len() * 8 {
        block[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(found(text(&block), false), found(Slow(text(&block)), false), "bit {bit} of the text");
        block[bit / 8] ^= 1 << (bit % 8);
    }
    let mut in_binary = blocks_in_binary();
    // The last block.
    for bit in in_binary.len() * 8 * 2 / 3..in_binary.len() * 8 {
        in_binary[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(found(binary(&in_binary), false), found(Slow(binary(&in_binary)), false), "bit {bit} of binary");
        in_binary[bit / 8] ^= 1 << (bit % 8);
    }
}

#[test]
fn nulls_of_every_type_are_nulls_at_one_go_as_item_by_item() {
    let whole = blocks_in_binary();
    for place in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[place] |= 0xF;
        let (blocks, end) = found(binary(&bytes), false);
        assert_eq!((&blocks, &end), (&found(Slow(binary(&bytes)), false).0, &end), "byte {place}");
    }
}

/// What is inserted between two characters, or replaces one.
const ODD: [&str; 22] = [
    "",
    " ",
    ",",
    ":",
    "::",
    "/*c*/",
    "x::",
    "null",
    "-",
    "0",
    "\"",
    "\\n",
    "'",
    "}",
    "{",
    "]",
    "version:",
    "id:\"x\",",
    "strandId:",
    "statement:1,",
    "sequenceNo:1,",
    "ä",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn blocks_at_one_go_are_those_item_by_item(
        edits in proptest::collection::vec((any::<prop::sample::Index>(), 0..ODD.len(), 0..12_usize), 0..3),
        at_field: bool,
    ) {
        let mut blocks = blocks();
        for (place, odd, length) in edits {
            // Where something begins or ends, or anywhere.
            let is_place = |(_, character): &(usize, char)| !at_field || !character.is_ascii_alphanumeric();
            let places: Vec<usize> = blocks.char_indices().filter(is_place).map(|(at, _)| at).collect();
            let start = *place.get(&places);
            let end = blocks.ceil_char_boundary((start + length / 4).min(blocks.len()));
            blocks.replace_range(start..end, ODD[odd]);
        }
        let bytes = blocks.as_bytes();
        prop_assert_eq!(found(text(bytes), false), found(Slow(text(bytes)), false));
    }

    #[test]
    fn blocks_in_binary_likewise(
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        removed in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = blocks_in_binary();
        for (place, byte) in edits {
            *place.get_mut(&mut bytes) = byte;
        }
        if let Some(place) = removed {
            bytes.remove(place.index(bytes.len()));
        }
        prop_assert_eq!(found(binary(&bytes), false), found(Slow(binary(&bytes)), false));
    }
}

#[test]
fn blocks_as_qldb_writes_them_have_no_fault() {
    let text_of_blocks = blocks();
    let (found, end) = found(text(text_of_blocks.as_bytes()), false);
    assert_eq!((found.len(), end), (4, Ok(false)));
    assert!(found.iter().take(3).all(|block| block.contains("faults: []") && block.contains("proved: 2")), "{found:?}");
}
