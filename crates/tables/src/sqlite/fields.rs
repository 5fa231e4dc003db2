//! Which top-level fields the documents of each QLDB table have.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension as _};

use crate::batch::{Batch, TableRef};

/// How many fields of a table become columns of its view; SQLite allows 2,000. Other fields are still in its data.
const MOST_FIELDS: usize = 1000;
/// A longer name, in bytes, makes no column.
const LONGEST_NAME: usize = 255;
/// How many QLDB tables get views. QLDB allowed 40.
const MOST_TABLES: usize = 1000;

/// The fields of each table, in order of occurrence.
#[derive(Debug, Default)]
pub(super) struct Fields {
    tables: Vec<(TableRef, Vec<String>)>,
    places: HashMap<TableRef, usize>,
    known: HashSet<(usize, String)>,
    /// Which of the tables with the same name was written to last, among those with new rows.
    latest: HashMap<String, usize>,
}

impl Fields {
    /// Adds the fields of some rows, and the tables that have any of these rows.
    pub(super) fn add(&mut self, batch: &Batch) {
        let mut last_rows: Vec<Option<usize>> = vec![None; batch.tables.len()];
        for (row, revision) in batch.revisions.iter().enumerate() {
            if let Some(last) = revision.table.and_then(|table| last_rows.get_mut(table)) {
                *last = Some(row);
            }
        }
        let has_rows = |(table, last): (_, &Option<usize>)| last.is_some().then_some(table);
        let tables = batch.tables.iter().zip(&last_rows).map(has_rows);
        let places: Vec<Option<usize>> = tables.map(|table| self.place(table?)).collect();
        let mut written: Vec<_> = last_rows.iter().zip(&places).filter_map(|(last, place)| last.zip(*place)).collect();
        written.sort_unstable();
        for (_, place) in written {
            self.note_latest(place);
        }
        for (table, field) in &batch.fields {
            if let Some(place) = places.get(*table).copied().flatten() {
                self.add_field(place, field);
            }
        }
    }

    fn place(&mut self, table: &TableRef) -> Option<usize> {
        if let Some(place) = self.places.get(table) {
            return Some(*place);
        }
        if self.tables.len() >= MOST_TABLES {
            return None;
        }
        let place = self.tables.len();
        self.tables.push((table.clone(), Vec::new()));
        self.places.insert(table.clone(), place);
        Some(place)
    }

    fn note_latest(&mut self, place: usize) {
        let Some((table, _)) = self.tables.get(place) else { return };
        match self.latest.get_mut(&table.name) {
            Some(latest) => *latest = place,
            None => drop(self.latest.insert(table.name.clone(), place)),
        }
    }

    /// Whether no other table with its name was written to later.
    pub(super) fn is_latest(&self, table: &TableRef) -> bool {
        self.latest.get(&table.name).and_then(|place| self.tables.get(*place)).is_none_or(|(latest, _)| latest == table)
    }

    fn add_field(&mut self, place: usize, field: &str) {
        let Some((_, fields)) = self.tables.get_mut(place) else { return };
        let is_new = fields.len() < MOST_FIELDS && field.len() <= LONGEST_NAME;
        if is_new && self.known.insert((place, field.to_owned())) {
            fields.push(field.to_owned());
        }
    }

    /// The tables in order of occurrence, with their fields.
    pub(super) fn tables(&self) -> &[(TableRef, Vec<String>)] {
        &self.tables
    }

    /// Those of a database that is extended.
    pub(super) fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let mut fields = Self::default();
        let mut select = connection.prepare("SELECT table_name, table_id FROM document_table ORDER BY rowid")?;
        let tables = select.query_map([], |row| Ok(TableRef { name: row.get(0)?, id: row.get(1)? }))?;
        for table in tables {
            fields.place(&table?);
        }
        fields.read_latest(connection)?;
        let mut select = connection.prepare("SELECT table_name, table_id, field FROM document_field ORDER BY rowid")?;
        let found = select.query_map([], |row| Ok((TableRef { name: row.get(0)?, id: row.get(1)? }, row.get(2)?)))?;
        for one in found {
            let (table, field): (TableRef, String) = one?;
            if let Some(place) = fields.place(&table) {
                fields.add_field(place, &field);
            }
        }
        Ok(fields)
    }

    /// Determines which table was written to last, if several have the same name.
    fn read_latest(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let mut names = HashSet::new();
        let names: Vec<String> = self
            .tables
            .iter()
            .filter(|(table, _)| !names.insert(&table.name))
            .map(|(table, _)| table.name.clone())
            .collect();
        let mut select = connection
            .prepare("SELECT table_name, table_id FROM revision WHERE table_name = ? ORDER BY rowid DESC LIMIT 1")?;
        for name in names {
            let last =
                select.query_row([name], |row| Ok(TableRef { name: row.get(0)?, id: row.get(1)? })).optional()?;
            if let Some(place) = last.and_then(|last| self.places.get(&last).copied()) {
                self.note_latest(place);
            }
        }
        Ok(())
    }

    /// Writes them for a later extension, with the counts of each table. The views' names are added later.
    pub(super) fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch("DELETE FROM document_field; DELETE FROM document_table")?;
        let mut field =
            connection.prepare("INSERT INTO document_field (table_name, table_id, field) VALUES (?, ?, ?)")?;
        let mut table = connection
            .prepare("INSERT INTO document_table (table_name, table_id, revisions, documents) VALUES (?, ?, ?, ?)")?;
        let counts = self.count(connection)?;
        for (of, names) in &self.tables {
            let (revisions, documents) = counts.get(of).copied().unwrap_or_default();
            table.execute((&of.name, &of.id, revisions, documents))?;
            names.iter().try_for_each(|name| field.execute([&of.name, &of.id, name]).map(drop))?;
        }
        Ok(())
    }

    /// The number of revisions and documents in each table, in one pass over all rows, however many tables there are.
    /// They are sorted by document first, which most comparisons end with; with the index on documents (hence the
    /// plus), each row would be looked up by itself.
    fn count(&self, connection: &Connection) -> rusqlite::Result<HashMap<TableRef, (i64, i64)>> {
        let mut select = connection.prepare(
            "SELECT table_name, table_id, sum(revisions), count(*) FROM \
             (SELECT table_name, table_id, count(*) AS revisions FROM revision \
             WHERE table_name IS NOT NULL GROUP BY +doc_id, table_name, table_id) GROUP BY table_name, table_id",
        )?;
        let mut rows = select.query([])?;
        let mut counts = HashMap::new();
        while let Some(row) = rows.next()? {
            let table = TableRef { name: row.get(0)?, id: row.get(1)? };
            if self.places.contains_key(&table) {
                counts.insert(table, (row.get(2)?, row.get(3)?));
            }
        }
        Ok(counts)
    }
}
