//! The counts of an export's progress. They are written to the catalog a few times a second, not
//! for each object: a durable write takes as long as a small object.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::catalog::{Catalog, DbError, exports as rows};
use qldb_journal::request::UniqueId;

/// How old counts may become before they are written.
const PATIENCE: Duration = Duration::from_millis(200);

/// Counts of objects that are not in the catalog yet.
pub(super) struct Counted(Mutex<Waiting>);

struct Waiting {
    /// The first and the last block of each object, and its bytes.
    objects: Vec<((u64, u64), u64)>,
    entered: Instant,
}

impl Default for Counted {
    fn default() -> Self {
        Self(Mutex::new(Waiting { objects: Vec::new(), entered: Instant::now() }))
    }
}

impl Counted {
    /// Counts an object.
    pub(super) fn count(
        &self,
        catalog: &Catalog,
        export: &UniqueId,
        blocks: (u64, u64),
        bytes: u64,
    ) -> Result<(), DbError> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.objects.push((blocks, bytes));
        let is_due = waiting.entered.elapsed() >= PATIENCE;
        drop(waiting);
        if is_due { self.enter(catalog, export) } else { Ok(()) }
    }

    /// Writes the counts.
    pub(super) fn enter(&self, catalog: &Catalog, export: &UniqueId) -> Result<(), DbError> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.entered = Instant::now();
        let objects = std::mem::take(&mut waiting.objects);
        drop(waiting);
        if objects.is_empty() {
            return Ok(());
        }
        catalog.change(|catalog| {
            objects.iter().try_for_each(|(blocks, bytes)| rows::count_object(catalog, export, *blocks, *bytes))
        })
    }
}
