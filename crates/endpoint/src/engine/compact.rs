//! Joins small segments into a few large ones without changing any block: its bytes, its hash and
//! its position in the chain stay the same.
//!
//! The joined file is read back and compared before anything refers to it. Then it is recorded,
//! moved into place and made durable; one change of the catalog replaces the others with it; and
//! those are removed. If this is interrupted at any point, the next open finds a record of the
//! files to remove, and a rebuilt catalog finds one of the two complete.

use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use super::catalog::{exports as export_rows, ledgers as rows, passing, segments};
use super::damage::Damage;
use super::error::{LedgerError, ServiceError};
use super::folder::numbers;
use super::ledgers::active;
use super::places::SegmentAt;
use super::segment::{BUFFER, HashedReader, JOURNALS, NewSegment, Segment, refuse_taken};
use super::{Core, Engine, limits};
use crate::store::file::{self, SealedFile, UnplacedFile};
use qldb_journal::internal::check;
use qldb_journal::request::{LedgerName, UniqueId};
use qldb_journal::{BlockReader, Encoding, JournalError};

/// The result of joining.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compacted {
    /// The number of segments that the journal had.
    pub segments_before: u64,
    /// The number of segments that it has now.
    pub segments_after: u64,
    /// The number of bytes that were joined.
    pub bytes: u64,
}

impl Engine {
    /// Joins the small segments of a ledger's journal in the data directory, up to the size at which segments are
    /// ended. `progress` is called with the bytes as they are joined. While exports of the ledger are running, which
    /// read the segments, this is refused.
    pub fn compact(&self, name: &LedgerName, progress: &dyn Fn(u64)) -> Result<Compacted, LedgerError> {
        self.core.enter_ends();
        let strand = self.core.catalog.read(|catalog| active(catalog, name))?.strand_id;
        let mut compacted = Compacted {
            segments_before: self.core.catalog.read(|catalog| segments::totals(catalog, &strand))?.segments,
            ..Compacted::default()
        };
        let mut from = 0;
        while let Some((next, bytes)) = self.core.compact_from(name, &strand, from, progress)? {
            from = next;
            compacted.bytes += bytes;
        }
        compacted.segments_after = self.core.catalog.read(|catalog| segments::totals(catalog, &strand))?.segments;
        tracing::info!(
            ledger = %name, before = compacted.segments_before, after = compacted.segments_after, "segments joined"
        );
        Ok(compacted)
    }
}

/// Consecutive segments that are small enough to be joined.
type Run<'a> = &'a [Segment];

/// The first run of at least two segments that begins at a given block or later.
fn next_run(all: &[Segment], from: u64) -> Option<Run<'_>> {
    let mut rest = all.get(all.partition_point(|segment| segment.first < from)..).unwrap_or_default();
    while let Some(first) = rest.first() {
        let (mut bytes, mut blocks) = (0, 0);
        let fits = |segment: &&Segment| {
            bytes += segment.bytes;
            blocks += segment.last - segment.first + 1;
            is_own(segment)
                && segment.encoding == first.encoding
                && bytes <= limits::SEGMENT_BYTES as u64
                && blocks <= limits::SEGMENT_BLOCKS as u64
        };
        let count = rest.iter().take_while(fits).count();
        let (run, later) = rest.split_at_checked(count.max(1))?;
        if run.len() > 1 {
            return Some(run);
        }
        rest = later;
    }
    None
}

/// Whether a segment is a file of the data directory. What was imported in place belongs to somebody else.
fn is_own(segment: &Segment) -> bool {
    matches!(&segment.place, SegmentAt::File(path) if path.is_relative())
}

impl Core {
    /// Joins the next run, holding the journal's lock, and returns where to continue and how many bytes were joined.
    fn compact_from(
        &self,
        name: &LedgerName,
        strand: &UniqueId,
        from: u64,
        progress: &dyn Fn(u64),
    ) -> Result<Option<(u64, u64)>, LedgerError> {
        let journal = self.journals.of(strand);
        let _held = journal.lock().unwrap_or_else(PoisonError::into_inner);
        let all = self.catalog.read(|catalog| {
            if active(catalog, name)?.strand_id != *strand {
                return Err(ServiceError::ledger_not_found(name));
            }
            if export_rows::active(catalog, strand)? > 0 {
                let what = "has exports that are IN_PROGRESS, which read its segments and must end first";
                return Err(ServiceError::ledger_precondition(name, what));
            }
            Ok(segments::all(catalog, strand)?)
        })?;
        let Some(run) = next_run(&all, from) else { return Ok(None) };
        let Some(last) = run.last() else { return Ok(None) };
        let bytes = self.join(strand, run, progress)?;
        Ok(Some((last.last + 1, bytes)))
    }

    fn join(&self, strand: &UniqueId, run: Run<'_>, progress: &dyn Fn(u64)) -> Result<u64, LedgerError> {
        let failed = |error| LedgerError::io("cannot join segments")(error);
        let file = self.joined(strand, run, progress)?;
        let Some(new) = self.segment_of_joined(&file, run)? else {
            tracing::warn!(%strand, "segments are left as they are: joined, they would be read as something else");
            return Ok(0);
        };
        let Some(path) = new.file() else { return Ok(0) };
        self.catalog.change(|catalog| passing::insert(catalog, strand, &path))?;
        let entered =
            self.place_joined(file, &path).map_err(failed).and_then(|()| self.enter_joined(strand, run, &new));
        if entered.is_err() {
            // What can't be removed now is removed at the next open.
            let _ = self.remove_passing(strand);
            return entered.map(|()| 0);
        }
        self.keep_record(strand);
        if let Err(error) = self.remove_passing(strand) {
            tracing::warn!(%strand, %error, "segments that were joined stay until the next start");
        }
        Ok(new.segment.bytes)
    }

    /// Copies the segments one after the other into a temporary file. Each must be as it was recorded.
    fn joined(&self, strand: &UniqueId, run: Run<'_>, progress: &dyn Fn(u64)) -> Result<SealedFile, LedgerError> {
        let failed = |error| LedgerError::io("cannot join segments")(error);
        let folder = self.data_dir.join(JOURNALS).join(strand.as_str());
        file::refuse_links(&self.data_dir.join(JOURNALS), &folder).map_err(failed)?;
        let mut file = UnplacedFile::create(&folder).map_err(failed)?;
        for segment in run {
            let unreadable = |error| LedgerError::Damaged(Damage::unreadable(segment, &error).to_string());
            let mut source = segment.open(&self.places).map_err(unreadable)?;
            let mut last = None;
            let mut buffer = vec![0; BUFFER];
            loop {
                let count = source.read(&mut buffer).map_err(unreadable)?;
                let part = buffer.get(..count).unwrap_or_default();
                let Some(end) = part.last() else { break };
                last = Some(*end);
                file.write_all(part).map_err(failed)?;
                progress(count as u64);
            }
            let (bytes, sha256) = source.finish().map_err(unreadable)?;
            if !segment.agrees(bytes, sha256) {
                let hashes = self.catalog.read(|catalog| segments::block_hashes(catalog, segment))?;
                return Err(LedgerError::Damaged(Damage::locate(segment, &self.places, &hashes).to_string()));
            }
            if segment.encoding == Encoding::IonText && last != Some(b'\n') {
                file.write_all(b"\n").map_err(failed)?;
            }
        }
        file.seal().map_err(failed)
    }

    /// The joined segment; `None` if its blocks are not those of the run, byte by byte and by all their hashes.
    fn segment_of_joined(&self, file: &SealedFile, run: Run<'_>) -> Result<Option<NewSegment>, LedgerError> {
        let failed = |error| LedgerError::io("cannot read the joined segments")(error);
        let (Some(first), Some(last)) = (run.first(), run.last()) else { return Ok(None) };
        let source = HashedReader::new(Box::new(file.open().map_err(failed)?));
        let mut input = BufReader::with_capacity(BUFFER, source);
        let mut joined = BlockReader::new(&mut input, first.encoding);
        let mut block_hashes = Vec::new();
        for segment in run {
            let unreadable = |error: io::Error| LedgerError::Damaged(Damage::unreadable(segment, &error).to_string());
            for block in segment.read(&self.places).map_err(unreadable)? {
                let block =
                    block.map_err(|error| LedgerError::Damaged(Damage::reported(segment, &error).to_string()))?;
                let same = joined.next().transpose().or_else(|error: JournalError| error.io.map_or(Ok(None), Err));
                let Some(same) = same.map_err(failed)? else { return Ok(None) };
                let is_sound = check(&same).is_ok_and(|checked| checked.faults.is_empty());
                if same.bytes() != block.bytes() || same.links.block_hash != block.links.block_hash || !is_sound {
                    return Ok(None);
                }
            }
            block_hashes.extend(self.catalog.read(|catalog| segments::block_hashes(catalog, segment))?);
        }
        if joined.next().is_some() {
            return Ok(None);
        }
        let (bytes, sha256) = input.into_inner().finish().map_err(failed)?;
        let path =
            Path::new(JOURNALS).join(first.strand_id.as_str()).join(format!("{}-{}.ion", first.first, last.last));
        let segment = Segment {
            last: last.last,
            first_time: run.iter().map(|segment| segment.first_time).min().unwrap_or(first.first_time),
            last_time: run.iter().map(|segment| segment.last_time).max().unwrap_or(last.last_time),
            last_block_hash: last.last_block_hash,
            bytes,
            sha256,
            place: SegmentAt::File(path),
            ..first.clone()
        };
        Ok(Some(NewSegment { segment, block_hashes }))
    }

    fn place_joined(&self, file: SealedFile, path: &Path) -> io::Result<()> {
        refuse_taken(&self.data_dir, path)?;
        let target = self.data_dir.join(path);
        file.place(&target)?;
        target.parent().map_or(Ok(()), file::sync_directory)
    }

    /// Replaces the others with the joined segment, and records that their files are to be removed.
    fn enter_joined(&self, strand: &UniqueId, run: Run<'_>, new: &NewSegment) -> Result<(), LedgerError> {
        self.catalog.change(|catalog| {
            for segment in run {
                segments::remove(catalog, strand, segment.first)?;
                if let SegmentAt::File(path) = &segment.place {
                    passing::insert(catalog, strand, path)?;
                }
            }
            segments::insert(catalog, new)?;
            new.file().map_or(Ok(()), |path| passing::remove(catalog, strand, &path))?;
            rows::count_change(catalog, strand)
        })?;
        Ok(())
    }

    /// Whether all blocks of a file that is to be removed are in other files, which exist. If not, the next open moves
    /// it aside.
    fn is_held_elsewhere(&self, path: &Path, known: &[Segment]) -> bool {
        let Some((first, last)) = numbers(path) else { return false };
        let mut next = first;
        for segment in known.iter().filter(|segment| segment.last >= first && segment.first <= last) {
            let is_itself = matches!(&segment.place, SegmentAt::File(own) if own == path);
            let is_there = self.places.size(&segment.place) == segment.bytes;
            if is_itself || !is_there || segment.first > next {
                return false;
            }
            next = segment.last + 1;
        }
        next > last
    }

    /// Removes the files of a journal that are recorded for removal, and forgets them. Those that can't be removed stay
    /// recorded.
    pub(super) fn remove_passing(&self, strand: &UniqueId) -> Result<(), ServiceError> {
        let (passing, known) = self.catalog.read(|catalog| {
            Ok::<_, ServiceError>((passing::paths(catalog, strand)?, segments::all(catalog, strand)?))
        })?;
        if passing.is_empty() {
            return Ok(());
        }
        let journals = self.data_dir.join(JOURNALS);
        let mut failed = None;
        let is_gone = |path: &&PathBuf| match self.remove_held(&journals, path, &known) {
            Ok(()) => true,
            Err(error) => {
                failed.get_or_insert(error);
                false
            }
        };
        let gone: Vec<&PathBuf> = passing.iter().filter(is_gone).collect();
        let folder = journals.join(strand.as_str());
        if folder.is_dir() {
            file::sync_directory(&folder).map_err(ServiceError::internal)?;
        }
        self.catalog.change(|catalog| gone.iter().try_for_each(|path| passing::remove(catalog, strand, path)))?;
        failed.map_or(Ok(()), |error| Err(ServiceError::internal(error)))
    }

    /// Removes a file whose blocks are elsewhere as well. No link is followed.
    fn remove_held(&self, journals: &Path, path: &Path, known: &[Segment]) -> io::Result<()> {
        if !self.is_held_elsewhere(path, known) {
            return Ok(());
        }
        let path = self.data_dir.join(path);
        file::refuse_links(journals, &path)?;
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}
