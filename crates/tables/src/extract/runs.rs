//! Takes the parts of a block that are adjacent in each block that QLDB writes, without an item for
//! each: the result is the same as item by item, which a test compares.

use qldb_journal::internal::BlockRun;
use qldb_journal::ion::{Found, Run};

use super::{Part, Reading};

impl Reading<'_> {
    /// What may come next. Blocks of JSON have other forms.
    #[inline]
    pub(super) fn expected_run(&self) -> Option<&'static Run> {
        let run = match self.open.last()? {
            Part::Block if !self.has_head => BlockRun::Head,
            Part::Entries => BlockRun::Entry,
            Part::Statements => BlockRun::Statement,
            Part::Document => BlockRun::Document,
            Part::Revisions => BlockRun::Revision,
            Part::Revision if self.revision.data.is_some() => BlockRun::RevisionEnd,
            _ => return None,
        };
        if self.is_json { None } else { run.run() }
    }

    /// Takes what was expected.
    pub(super) fn in_run(&mut self, found: &Found<'_>) {
        match self.open.last() {
            Some(Part::Block) => self.take_head(found),
            Some(Part::Statements) => self.take_statement(found),
            Some(Part::Document) => self.take_document(found),
            Some(Part::Revisions) => {
                self.begin(Part::Revision, None);
                self.revision.hash = found.hash(0);
                self.open.push(Part::Revision);
            }
            Some(Part::Revision) => self.take_metadata(found),
            // Entries are in no row.
            _ => {}
        }
    }

    fn take_head(&mut self, found: &Found<'_>) {
        self.has_head = true;
        self.transaction.sequence_no = found.int().as_u64().unwrap_or_default();
        self.transaction.tx_id = self.keep(found.text(1));
        self.transaction.block_time = found.time().to_utc().unwrap_or_default();
        self.transaction.block_hash = found.hash(0);
        self.transaction.entries_hash = found.hash(1);
        self.transaction.previous_block_hash = found.hash(2);
        self.open.push(Part::Entries);
    }

    fn take_statement(&mut self, found: &Found<'_>) {
        self.begin(Part::Statement, None);
        let text = self.keep(found.text(0));
        self.statement(|statement| {
            statement.text = Some(text);
            statement.start_time = found.time().to_utc();
            statement.digest = found.hash(0);
        });
    }

    fn take_document(&mut self, found: &Found<'_>) {
        let (name, id) = (self.keep(found.text(0)), self.keep(found.text(1)));
        self.document(|document| (document.table_name, document.table_id) = (name, id));
        self.open.pop();
    }

    fn take_metadata(&mut self, found: &Found<'_>) {
        self.begin(Part::Metadata, None);
        self.revision.doc_id = self.keep(found.text(0));
        self.revision.version = found.int().as_u64();
        self.revision.tx_time = found.time().to_utc();
        self.open.pop();
        self.end(Part::Revision);
    }
}
