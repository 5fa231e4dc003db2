//! Finds the last revisions of documents in a journal, newest segment first.
//! There is no index of documents: ids are looked for as bytes, and only
//! blocks in which one stands are parsed.

use std::collections::{HashMap, HashSet};

use memchr::memmem;

use crate::engine::Core;
use crate::engine::catalog::segments;
use crate::engine::damage::Damage;
use crate::engine::error::LedgerError;
use crate::engine::segment::Segment;
use qldb_journal::RawBlock;
use qldb_journal::ion::{Container, Event, IonError, Scalar};
use qldb_journal::request::UniqueId;

/// Up to so many ids are looked for as bytes; for more, parsing every block is faster.
const FEW: usize = 16;

/// The last revision of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LastRevision {
    pub(super) version: u64,
    /// Whether it has no data, and none that was redacted.
    pub(super) deleted: bool,
    /// The table's name, if the block tells it.
    pub(super) table: Option<String>,
}

impl Core {
    /// The last revisions of some documents. A document that is not in the journal is left out.
    pub(super) fn last_revisions(
        &self,
        strand: &UniqueId,
        mut wanted: HashSet<UniqueId>,
    ) -> Result<HashMap<UniqueId, LastRevision>, LedgerError> {
        let mut found = HashMap::new();
        let mut end = i64::MAX.unsigned_abs();
        while !wanted.is_empty() {
            let Some(segment) = self.catalog.read(|catalog| segments::before(catalog, strand, end))? else { break };
            for (id, revision) in self.revisions_in(&segment, &wanted)? {
                wanted.remove(&id);
                found.insert(id, revision);
            }
            end = segment.first;
        }
        Ok(found)
    }

    /// The last revisions that a segment has of some documents.
    fn revisions_in(
        &self,
        segment: &Segment,
        wanted: &HashSet<UniqueId>,
    ) -> Result<HashMap<UniqueId, LastRevision>, LedgerError> {
        let few: Vec<_> = wanted.iter().take(FEW + 1).map(|id| memmem::Finder::new(id.as_str())).collect();
        let may_hold = |bytes: &[u8]| few.len() > FEW || few.iter().any(|id| id.find(bytes).is_some());
        let blocks = segment
            .read(&self.places)
            .map_err(|error| LedgerError::Damaged(Damage::unreadable(segment, &error).to_string()))?;
        let mut found = HashMap::new();
        for block in blocks {
            let block = block.map_err(|error| LedgerError::Damaged(Damage::told(segment, &error).to_string()))?;
            // In Ion binary an id may stand in the symbol table alone, but never that of a revision.
            if may_hold(block.bytes()) {
                let revisions = revisions(&block).map_err(|error| {
                    let error = qldb_journal::JournalError::within(block.offset, error);
                    LedgerError::Damaged(Damage::told(segment, &error).to_string())
                })?;
                found.extend(revisions.into_iter().filter(|(id, _)| wanted.contains(id)));
            }
        }
        Ok(found)
    }
}

/// The revisions of a block, by document.
fn revisions(block: &RawBlock) -> Result<HashMap<UniqueId, LastRevision>, IonError> {
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

/// What is known of the block and of the revision at hand.
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
