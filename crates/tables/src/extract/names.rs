//! The names in a run of blocks: of QLDB tables, and of the top-level fields of documents, each
//! listed once. Used by the reading of rows.

use std::collections::{HashMap, HashSet};

use super::NamedDocument;
use crate::batch::{Batch, TableRef};

/// Names of tables and fields, each once.
#[derive(Debug, Default)]
pub(super) struct Names {
    tables: HashMap<TableRef, usize>,
    /// The table of the last revision.
    last_table: usize,
    fields: HashMap<String, usize>,
    /// The fields by their numbers.
    pub(super) listed: Vec<String>,
    /// For each field, the one that followed it last time.
    next: Vec<usize>,
    /// The last field.
    last: usize,
    /// The fields in the revisions of a block.
    pub(super) met: Vec<(usize, usize)>,
    /// The fields that are listed, by table.
    pub(super) known: HashSet<(usize, usize)>,
    /// The table and the fields of the last document.
    pub(super) usual: (usize, Vec<usize>),
}

impl Names {
    /// The number of a field's name. Documents of a table mostly have the same fields in the same order.
    pub(super) fn field(&mut self, name: &str) -> usize {
        let expected = self.next.get(self.last).copied().unwrap_or_default();
        let is_expected = self.listed.get(expected).is_some_and(|listed| listed == name);
        let index = if is_expected { expected } else { self.unexpected_field(name) };
        if let Some(next) = self.next.get_mut(self.last) {
            *next = index;
        }
        self.last = index;
        index
    }

    fn unexpected_field(&mut self, name: &str) -> usize {
        if let Some(index) = self.fields.get(name) {
            return *index;
        }
        let index = self.fields.len();
        self.fields.insert(name.to_owned(), index);
        self.listed.push(name.to_owned());
        self.next.push(0);
        index
    }

    /// The number of the table that a document is in.
    pub(super) fn table(&mut self, batch: &mut Batch, document: NamedDocument) -> usize {
        let (name, id) = (batch.text(document.table_name), batch.text(document.table_id));
        // Most blocks change documents of one table, and it is usually the table of the previous block.
        if batch.tables.get(self.last_table).is_none_or(|last| last.name != name || last.id != id) {
            let table = TableRef { name: name.to_owned(), id: id.to_owned() };
            let next = batch.tables.len();
            self.last_table = *self.tables.entry(table).or_insert_with_key(|table| {
                batch.tables.push(table.clone());
                next
            });
        }
        self.last_table
    }
}
