//! What is needed to know about a block's revisions to add further ones. For the engine, which adds
//! them.

use std::collections::HashMap;

use super::ion::{Container, Event, IonError, Scalar};
use super::request::UniqueId;
use super::{JournalError, RawBlock};

/// The last revision of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastRevision {
    /// Its version.
    pub version: u64,
    /// Whether it has no data, and no redacted data either.
    pub deleted: bool,
    /// The table's name, if the block names it.
    pub table: Option<String>,
}

/// The last revision of each document in a block.
pub fn last_revisions(block: &RawBlock) -> Result<HashMap<UniqueId, LastRevision>, JournalError> {
    read(block).map_err(|cause| JournalError::within(block.offset, cause))
}

fn read(block: &RawBlock) -> Result<HashMap<UniqueId, LastRevision>, IonError> {
    let mut scan = Scanner::default();
    let mut reader = block.reader();
    let mut path: Vec<String> = Vec::new();
    let mut depth = 0usize;
    while let Some(item) = reader.next_item()? {
        if item.event == Event::End {
            scan.end(&path);
            path.pop();
            depth = depth.saturating_sub(1);
            continue;
        }
        if depth > 0 {
            path.push(item.field.flatten().unwrap_or_default().to_owned());
        }
        let names: Vec<&str> = path.iter().take(5).map(String::as_str).collect();
        scan.item(&names, &item.event);
        match item.event {
            Event::Begin(Container::List | Container::Sexp | Container::Struct) => depth += 1,
            _ => drop(path.pop()),
        }
    }
    Ok(scan.finish())
}

/// What is known about the block and the current revision.
#[derive(Default)]
struct Scanner {
    tables: HashMap<String, String>,
    found: HashMap<UniqueId, LastRevision>,
    id: Option<UniqueId>,
    version: u64,
    has_data: bool,
}

impl Scanner {
    /// Members of a list have an empty name.
    fn item(&mut self, path: &[&str], event: &Event<'_>) {
        match (path, event) {
            (["transactionInfo", "documents", id, "tableName"], Event::Scalar(Scalar::String(name))) => {
                self.tables.insert((*id).to_owned(), (*name).to_owned());
            }
            (["revisions", "", "data" | "dataHash"], _) => self.has_data = true,
            (["revisions", "", "metadata", "id"], Event::Scalar(Scalar::String(id))) => {
                self.id = UniqueId::parse(id).ok();
            }
            (["revisions", "", "metadata", "version"], Event::Scalar(Scalar::Int(version))) => {
                self.version = version.as_u64().unwrap_or(0);
            }
            _ => {}
        }
    }

    fn end(&mut self, path: &[String]) {
        let [list, member] = path else { return };
        if list != "revisions" || !member.is_empty() {
            return;
        }
        if let Some(id) = self.id.take() {
            let deleted = !self.has_data;
            self.found.insert(id, LastRevision { version: self.version, deleted, table: None });
        }
        self.has_data = false;
    }

    fn finish(mut self) -> HashMap<UniqueId, LastRevision> {
        for (id, revision) in &mut self.found {
            revision.table = self.tables.remove(id.as_str());
        }
        self.found
    }
}
