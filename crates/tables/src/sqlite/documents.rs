//! Reads documents from a database of rows, for histories.

use rusqlite::OptionalExtension as _;

use super::Sqlite;
use crate::TableError;
use crate::history::{Document, Version};

const FOUND: &str = "CREATE INDEX revision_doc_id ON revision (doc_id, version);
CREATE TABLE found (place INTEGER PRIMARY KEY, doc_id TEXT NOT NULL UNIQUE);";

impl Sqlite {
    /// Records the documents of which some version matches, or all.
    pub(crate) fn find(&self, is_met: impl Fn(&str) -> bool, all: bool) -> Result<(), TableError> {
        self.run(FOUND)?;
        self.find_all(is_met, all).map_err(TableError::sqlite(&self.path))
    }

    fn find_all(&self, is_met: impl Fn(&str) -> bool, all: bool) -> rusqlite::Result<()> {
        let mut select =
            self.connection.prepare("SELECT doc_id, coalesce(data_ion, data) FROM revision ORDER BY rowid")?;
        let mut note = self.connection.prepare("INSERT OR IGNORE INTO found (doc_id) VALUES (?)")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let data = row.get_ref(1)?.as_str_or_null()?;
            if all || data.is_some_and(&is_met) {
                note.execute([row.get_ref(0)?.as_str()?])?;
            }
        }
        Ok(())
    }

    /// The next document after a position among those that were found, and its own position.
    pub(crate) fn found_behind(&self, place: i64) -> Result<Option<(i64, String)>, TableError> {
        let select = "SELECT place, doc_id FROM found WHERE place > ? ORDER BY place LIMIT 1";
        let found = self.connection.query_row(select, [place], |row| Ok((row.get(0)?, row.get(1)?))).optional();
        found.map_err(TableError::sqlite(&self.path))
    }

    /// A document with its versions, oldest first. Nothing follows a deletion, whatever version it claims.
    pub(crate) fn document(&self, id: &str) -> Result<Document, TableError> {
        self.read_document(id).map_err(TableError::sqlite(&self.path))
    }

    fn read_document(&self, id: &str) -> rusqlite::Result<Document> {
        let mut select = self.connection.prepare_cached(
            "SELECT version, operation, redacted, tx_time, block_time, tx_id, strand_id, sequence_no, hash, data_hash, \
             data, data_ion, table_name, table_id FROM revision WHERE doc_id = ? \
             ORDER BY operation = 'D', version, rowid",
        )?;
        let mut rows = select.query([id])?;
        let mut document = Document { id: id.to_owned(), table: None, versions: Vec::new() };
        while let Some(row) = rows.next()? {
            let time = |text: Option<String>| text.and_then(|text| text.parse().ok());
            document.table = document.table.or(row.get::<_, Option<String>>(12)?.zip(row.get(13)?));
            document.versions.push(Version {
                version: row.get::<_, Option<i64>>(0)?.unwrap_or_default().cast_unsigned(),
                operation: row.get(1)?,
                is_redacted: row.get(2)?,
                tx_time: time(row.get(3)?),
                block_time: time(row.get(4)?).unwrap_or_default(),
                transaction_id: row.get(5)?,
                strand_id: row.get(6)?,
                sequence_no: row.get::<_, i64>(7)?.cast_unsigned(),
                hash: row.get(8)?,
                data_hash: row.get(9)?,
                data: row.get(10)?,
                data_ion: row.get(11)?,
            });
        }
        Ok(document)
    }
}
