//! Compares blocks whose parts are taken in one go with the same blocks taken item by item.

use proptest::prelude::*;
use qldb_journal::internal::{Change, NewBlock, Statement};
use qldb_journal::ion::{RawValue, ReadItems as _, TextReader};

use super::*;

/// A reading that counts what it takes in one go, or takes everything item by item.
struct Counting<'r, 'w> {
    reading: &'r mut Reading<'w>,
    is_at_one_go: bool,
    runs: usize,
}

impl TakeItems for Counting<'_, '_> {
    fn take(&mut self, at: usize, item: &Item<'_>) -> Result<(), IonError> {
        self.reading.take(at, item)
    }

    fn take_stranger(&mut self, stranger: Stranger) {
        self.reading.take_stranger(stranger);
    }

    fn expected(&self) -> Option<&'static Run> {
        self.reading.expected().filter(|_| self.is_at_one_go)
    }

    fn take_run(&mut self, found: &Found<'_>) {
        self.runs += 1;
        self.reading.take_run(found);
    }
}

/// What is extracted from a text that begins with a block, and how many parts of it were taken in one go.
fn extracted(text: &str, is_at_one_go: bool) -> (String, usize) {
    let filter = RowFilter { with_fields: true, ..RowFilter::default() };
    let mut reading = Reading::new(&filter, false, 0, text.as_bytes());
    let mut reader = TextReader::new(text.as_bytes(), std::sync::Arc::default());
    let mut counting = Counting { reading: &mut reading, is_at_one_go, runs: 0 };
    let mut read = || {
        let Some(item) = reader.next_item()? else { return Ok(()) };
        counting.take(0, &item)?;
        let begins = item.begins();
        if begins { reader.drain(&mut counting) } else { Ok(()) }
    };
    let read = read();
    let runs = counting.runs;
    reading.end_block();
    (format!("{read:?} {:?}", reading.found), runs)
}

/// A block with two statements and revisions, one of which deletes.
fn block() -> String {
    let change = |table: &str, statement: usize, data: Option<&str>| Change {
        table_name: table.to_owned(),
        table_id: format!("{table:0>22}"),
        document_id: format!("{statement:022}"),
        version: 7,
        data: data.map(RawValue::from_text),
        statement,
    };
    let time = DateTime::from_timestamp_millis(1_700_000_000_123).unwrap();
    let statement = |text: &str| Statement { text: text.to_owned(), start_time: time };
    let block = NewBlock {
        strand_id: "JdxjkR9bSYB5jMHWcI464T".to_owned(),
        sequence_no: 3,
        previous_block_hash: Some(Hash::of(b"previous")),
        transaction_id: format!("{:022}", 3),
        timestamp: time,
        transaction_time: time,
        statements: vec![statement("INSERT INTO Vehicle ?"), statement("DELETE FROM Person")],
        changes: vec![change("Vehicle", 0, Some("{VIN:\"1N4AL\",Price:12.50,In:[1]}")), change("Person", 1, None)],
    };
    let mut text = Vec::new();
    block.encode(&mut text).unwrap();
    String::from_utf8(text).unwrap() + &" ".repeat(40)
}

#[test]
fn a_block_is_taken_in_one_go_outside_its_documents() {
    let (found, runs) = extracted(&block(), true);
    let (expected, none) = extracted(&block(), false);
    assert_eq!((found, none), (expected, 0));
    // Its head, its entries, two statements, two documents, two beginnings of revisions and one end: a deletion has
    // another form.
    let entries = block().split_once("entriesHashList:[").unwrap().1.split_once(']').unwrap().0.split(',').count();
    assert_eq!(runs, entries + 8);
}

proptest! {
    #[test]
    fn what_is_taken_in_one_go_is_what_the_items_are(
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4_usize), 0..3)
    ) {
        let mut text = block();
        for (at, other, form) in cuts {
            let (at, other) = (at.index(text.len() - 40), other.index(text.len() - 40));
            let (one, several) = (text[other..=other].to_owned(), text[at.min(other)..at.max(other)].to_owned());
            match form {
                0 => text.insert(at, ' '),
                1 => drop(text.remove(at)),
                // Another byte of the block instead.
                2 => text.replace_range(at..=at, &one),
                _ => text.insert_str(at, &several),
            }
        }
        prop_assert_eq!(extracted(&text, true).0, extracted(&text, false).0);
    }
}
