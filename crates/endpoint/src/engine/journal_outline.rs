//! The outline of a ledger's journal: blocks over time, and documents and revisions by table. For
//! this the journal is read once, on all cores.

use std::io::BufReader;
use std::sync::atomic::{AtomicBool, Ordering};

use super::catalog::segments;
use super::damage::{self, Damage};
use super::error::LedgerError;
use super::segment::{BUFFER, Segment};
use super::{Core, Engine};
use qldb_journal::BlockReader;
use qldb_journal::archive::verify::default_jobs;
use qldb_journal::internal::{Outline, check, run_tasks};
use qldb_journal::request::LedgerName;

#[doc(hidden)]
impl Engine {
    /// The outline of everything in a ledger's journal. `progress` is called with the bytes of each block that was
    /// read.
    ///
    /// # Errors
    /// `Damaged` if a segment is not the one that was recorded: then none of its counts can be trusted.
    pub fn journal_outline(&self, name: &LedgerName, progress: &(dyn Fn(u64) + Sync)) -> Result<Outline, LedgerError> {
        let strand = self.describe_ledger(name)?.strand_id;
        let all = || self.core.catalog.read(|catalog| segments::all(catalog, &strand));
        let mut found = all()?;
        loop {
            let outline = self.core.outline(&found, progress);
            let now = if outline.is_err() { all()? } else { return outline };
            // If segments were joined in the meantime, those that could not be read no longer belong to the journal.
            let is_there = |segment: &Segment| now.iter().any(|one| one.place == segment.place);
            if found.iter().all(is_there) {
                return outline;
            }
            found = now;
        }
    }
}

impl Core {
    /// Divides the segments among the cores. Outlines keep journal order, and of several failures the first in that
    /// order is reported.
    fn outline(&self, found: &[Segment], progress: &(dyn Fn(u64) + Sync)) -> Result<Outline, LedgerError> {
        let failed = AtomicBool::new(false);
        let parts = run_tasks(
            default_jobs(),
            found,
            || failed.load(Ordering::Relaxed),
            |_, segment, _| self.outline_of(segment, progress).inspect_err(|_| failed.store(true, Ordering::Relaxed)),
        );
        parts.into_iter().flatten().try_fold(Outline::default(), |mut whole, part| {
            whole.merge(&part?);
            Ok(whole)
        })
    }

    fn outline_of(&self, segment: &Segment, progress: &(dyn Fn(u64) + Sync)) -> Result<Outline, LedgerError> {
        let source = segment.open(&self.places).map_err(|error| damage::unread(segment, error))?;
        let mut source = BufReader::with_capacity(BUFFER, source);
        let mut outline = Outline::default();
        for block in BlockReader::new(&mut source, segment.encoding) {
            let checked = block.and_then(|block| Ok((check(&block)?, block)));
            let (contents, block) = checked.map_err(|error| damage::unfit(segment, error))?;
            outline.add(&block, Some(&contents));
            progress(block.bytes().len() as u64);
        }
        let (bytes, sha256) = source.into_inner().finish().map_err(|error| damage::unread(segment, error))?;
        if segment.agrees(bytes, sha256) { Ok(outline) } else { Err(self.differs(segment)?) }
    }

    fn differs(&self, segment: &Segment) -> Result<LedgerError, LedgerError> {
        let hashes = self.catalog.read(|catalog| segments::block_hashes(catalog, segment))?;
        Ok(LedgerError::Damaged(Damage::locate(segment, &self.places, &hashes).to_string()))
    }
}
