//! Finds the last revisions of documents in a journal, newest segment first. There is no index of
//! documents: ids are searched for as bytes, and only blocks that contain one are parsed.

use std::collections::{HashMap, HashSet};

use memchr::memmem;

use crate::engine::Core;
use crate::engine::catalog::segments;
use crate::engine::damage::{self, Damage};
use crate::engine::error::LedgerError;
use crate::engine::segment::Segment;
use qldb_journal::internal::{LastRevision, last_revisions};
use qldb_journal::request::UniqueId;

/// Up to this many ids are searched for as bytes; for more, parsing every block is faster.
const FEW: usize = 16;

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

    /// The last revisions of some documents in one segment.
    fn revisions_in(
        &self,
        segment: &Segment,
        wanted: &HashSet<UniqueId>,
    ) -> Result<HashMap<UniqueId, LastRevision>, LedgerError> {
        let few: Vec<_> = wanted.iter().take(FEW + 1).map(|id| memmem::Finder::new(id.as_str())).collect();
        let may_hold = |bytes: &[u8]| few.len() > FEW || few.iter().any(|id| id.find(bytes).is_some());
        let blocks = segment.read(&self.places).map_err(|error| damage::unread(segment, error))?;
        let mut found = HashMap::new();
        for block in blocks {
            let block = block.map_err(|error| damage::unfit(segment, error))?;
            // In Ion binary, an id may occur only in the symbol table, but never one of a revision.
            if may_hold(block.bytes()) {
                let revisions = last_revisions(&block)
                    .map_err(|error| LedgerError::Damaged(Damage::reported(segment, &error).to_string()))?;
                found.extend(revisions.into_iter().filter(|(id, _)| wanted.contains(id)));
            }
        }
        Ok(found)
    }
}
