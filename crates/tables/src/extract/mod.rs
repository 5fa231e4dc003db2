//! Reads rows from blocks, item by item, while the blocks are checked. The check judges the
//! structure; nothing is judged again here.

mod block;
mod filter;
mod names;
mod part;
mod reading;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use qldb_journal::Hash;
use qldb_journal::archive::verify::{
    self, Beside, BlockFollower, JournalSpan, TakeError, Taken, TakenObject, UncheckedBlocks,
};
use qldb_journal::ion::{IonError, Item, Stranger, TakeItems};

use crate::TableError;
use crate::batch::{Batch, Text};
use crate::columns::Journal;
use crate::form::Options;
pub(crate) use filter::RowFilter;
use reading::Reading;

/// How many names of tables are remembered; QLDB allowed 40 tables.
pub(crate) const MOST_NAMED: usize = 1000;

/// What was extracted from a run of blocks.
#[derive(Debug, Default)]
pub(crate) struct Extracted {
    pub(crate) batch: Batch,
    /// The first block: its number, and its hash of the previous block.
    pub(crate) first: Option<(u64, Option<Hash>)>,
    /// The hash of the block after which rows are wanted, if it is among them.
    pub(crate) seam: Option<Hash>,
    /// When the first block after that one was committed, if it is among them.
    pub(crate) continued_at: Option<DateTime<Utc>>,
    /// The names of all QLDB tables in the blocks, wanted or not, if tables were requested by name.
    pub(crate) named: BTreeSet<String>,
}

/// A document in `transactionInfo`.
#[derive(Debug, Clone, Copy, Default)]
struct NamedDocument {
    id: Text,
    table_name: Text,
    table_id: Text,
}

/// Extracts the rows of a run of blocks, which are passed on in the order of the journal.
pub(crate) fn extracting<'t: 'p, 'p>(
    blocks: UncheckedBlocks<'p>,
    filter: &'t RowFilter,
    put: impl FnOnce(Extracted) -> Result<(), TakeError> + Send + 't,
) -> Box<dyn BlockFollower<'t> + 'p> {
    Box::new(Extracting { reading: Reading::new(filter, blocks), put })
}

/// The rows of a run of blocks, and what happens to them.
struct Extracting<'p, P> {
    reading: Reading<'p>,
    put: P,
}

impl<P> TakeItems for Extracting<'_, P> {
    fn take(&mut self, at: usize, item: &Item<'_>) -> Result<(), IonError> {
        self.reading.take(at, item)
    }

    fn take_stranger(&mut self, stranger: Stranger) {
        self.reading.take_stranger(stranger);
    }
}

impl<P> Beside for Extracting<'_, P> {
    fn end_block(&mut self, is_whole: bool) {
        if is_whole {
            self.reading.end_block();
        } else {
            self.reading.forget_block();
        }
    }
}

impl<'t, P: FnOnce(Extracted) -> Result<(), TakeError> + Send + 't> BlockFollower<'t> for Extracting<'_, P> {
    fn end(self: Box<Self>) -> Taken<'t> {
        let Self { reading, put } = *self;
        let extracted = reading.into_found();
        Taken { bytes: extracted.batch.size(), put: Box::new(move || put(extracted)) }
    }
}

/// Remembers names of QLDB tables, no more than [`MOST_NAMED`].
pub(crate) fn add_names<'n>(known: &mut BTreeSet<String>, names: impl Iterator<Item = &'n str>) {
    for name in names {
        if !known.contains(name) && known.len() < MOST_NAMED {
            known.insert(name.to_owned());
        }
    }
}

/// The single journal of the objects; `None` if there are no objects.
pub(crate) fn the_journal(objects: &[TakenObject<'_>]) -> Result<Option<Journal>, TableError> {
    let Some((strand_id, names)) = verify::the_journal(objects).map_err(TableError::SeveralJournals)? else {
        return Ok(None);
    };
    // Exports that name no ledger leave it without a name.
    let ledger = match names.as_slice() {
        [] => "",
        [ledger] => ledger,
        several => return Err(TableError::SeveralNames(several.iter().map(|name| (*name).to_owned()).collect())),
    };
    Ok(Some(Journal { ledger: ledger.to_owned(), strand_id: strand_id.to_owned() }))
}

/// Whether the archive contains every requested table. If it continues an earlier conversion, one may be missing.
pub(crate) fn has_tables(options: &Options, named: &BTreeSet<String>, span: &JournalSpan) -> Result<(), TableError> {
    let missing: Vec<String> = options.tables.difference(named).cloned().collect();
    if missing.is_empty() || named.len() >= MOST_NAMED {
        return Ok(());
    }
    Err(TableError::NoSuchTable { missing, named: named.iter().cloned().collect(), first: span.first, last: span.last })
}
