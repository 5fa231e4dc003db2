//! The end of a block: its rows get the values of the block as a whole, or are dropped.

use super::reading::{Reading, Starts};
use super::{Extracted, add_names};
use crate::batch::Transaction;

impl Reading<'_> {
    /// The block is complete: its rows get the values of the block as a whole, or are dropped if they are not wanted.
    pub(super) fn end_block(&mut self) {
        let transaction = std::mem::take(&mut self.transaction);
        let before = self.before;
        if transaction.sequence_no >= self.new_from {
            if self.filter.after == Some(transaction.sequence_no) {
                self.found.seam = transaction.block_hash;
            }
            if self.filter.after.is_some_and(|after| transaction.sequence_no > after) {
                self.found.continued_at.get_or_insert(transaction.block_time);
            }
            self.found.first.get_or_insert((transaction.sequence_no, transaction.previous_block_hash));
        }
        self.note_tables();
        let is_wanted = transaction.sequence_no >= self.new_from && self.filter.has_block(&transaction);
        if is_wanted {
            self.fill_in(&transaction);
            self.drop_unwanted();
            self.learn_fields();
        }
        let batch = &mut self.found.batch;
        let has_rows = batch.revisions.len() > before.revisions;
        if is_wanted && (has_rows || !self.filter.is_of_some_revisions()) {
            batch.transactions.push(transaction);
        } else {
            batch.texts.truncate(before.texts);
            batch.revisions.truncate(before.revisions);
            batch.statements.truncate(before.statements);
        }
        self.documents.clear();
        self.names.met.clear();
        self.before =
            Starts { texts: batch.texts.len(), revisions: batch.revisions.len(), statements: batch.statements.len() };
    }

    fn note_tables(&mut self) {
        let Extracted { batch, named, .. } = &mut self.found;
        if self.filter.tables.is_some() {
            add_names(named, self.documents.iter().map(|document| batch.text(document.table_name)));
        }
    }

    /// Fills in the block's values in all its rows; the tables of revisions come from `transactionInfo`, wherever it
    /// is.
    fn fill_in(&mut self, transaction: &Transaction) {
        let Self { found: Extracted { batch, .. }, documents, before, names, .. } = self;
        for statement in batch.statements.iter_mut().skip(before.statements) {
            (statement.sequence_no, statement.tx_id) = (transaction.sequence_no, transaction.tx_id);
        }
        // Of several documents with one id, the first counts: the sort is stable.
        documents.sort_by(|one, next| batch.text(one.id).cmp(batch.text(next.id)));
        for index in before.revisions..batch.revisions.len() {
            let Some(id) = batch.revisions.get(index).map(|revision| revision.doc_id) else { break };
            let at = documents.partition_point(|document| batch.text(document.id) < batch.text(id));
            let document = documents.get(at).filter(|document| batch.text(document.id) == batch.text(id)).copied();
            let table = document.map(|document| names.table(batch, document));
            if let Some(revision) = batch.revisions.get_mut(index) {
                (revision.sequence_no, revision.block_time) = (transaction.sequence_no, transaction.block_time);
                (revision.tx_id, revision.table) = (transaction.tx_id, table);
            }
        }
    }

    fn drop_unwanted(&mut self) {
        let Self { found: Extracted { batch, .. }, filter, before, names, .. } = self;
        if !filter.is_of_some_revisions() {
            return;
        }
        let added = batch.revisions.split_off(before.revisions);
        let mut met = std::mem::take(&mut names.met).into_iter().peekable();
        for (index, revision) in (before.revisions..).zip(added) {
            let is_wanted = filter.has_revision(batch, &revision);
            while let Some((_, name)) = met.next_if(|(of, _)| *of == index) {
                if is_wanted {
                    names.met.push((batch.revisions.len(), name));
                }
            }
            if is_wanted {
                batch.revisions.push(revision);
            }
        }
    }

    /// Lists the fields that occurred for the first time in a document of their table.
    fn learn_fields(&mut self) {
        let Self { found: Extracted { batch, .. }, names, .. } = self;
        for fields in names.met.chunk_by(|(one, _), (next, _)| one == next) {
            let Some(table) = fields.first().and_then(|(of, _)| batch.revisions.get(*of)?.table) else { continue };
            // Documents of a table mostly have the same fields.
            let is_usual = names.usual.0 == table && names.usual.1.iter().eq(fields.iter().map(|(_, name)| name));
            if is_usual {
                continue;
            }
            names.usual.0 = table;
            names.usual.1.clear();
            for (_, name) in fields {
                names.usual.1.push(*name);
                if names.known.insert((table, *name)) {
                    batch.fields.extend(names.listed.get(*name).map(|name| (table, name.clone())));
                }
            }
        }
    }

    /// The block can't be read: nothing that was read from it counts.
    pub(super) fn forget_block(&mut self) {
        let Starts { texts, revisions, statements } = self.before;
        let batch = &mut self.found.batch;
        batch.texts.truncate(texts);
        batch.revisions.truncate(revisions);
        batch.statements.truncate(statements);
        self.begin_again();
    }
}
