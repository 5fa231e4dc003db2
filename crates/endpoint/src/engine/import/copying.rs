//! Makes segments from objects: from the copies made during the verification, or from the objects
//! themselves.

use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use super::index::{Heeding, Index};
use super::sealing::Sealed;
use super::stage::Staged;
use super::{Added, ImportError, Importer};
use crate::engine::error::LedgerError;
use crate::engine::places::{PlaceError, SegmentAt};
use crate::engine::segment::{BUFFER, HashedReader, JOURNALS, refuse_taken};
use crate::store::S3Object;
use crate::store::file::{self, SealedFile, UnplacedFile};
use qldb_journal::archive::source::Source;
use qldb_journal::archive::verify::{Ends, Examined, Level, Report};
use qldb_journal::{BlockReader, BlockWriter, Hash, JournalError};

impl Importer<'_> {
    /// Makes a segment from an object: from all of it, or from what comes `after` a block that the journal has.
    pub(super) fn add(
        &self,
        report: &Report,
        examined: &Examined<'_>,
        ends: &Ends,
        after: Option<(u64, Hash)>,
    ) -> Result<Added, ImportError> {
        let file = &examined.object.file;
        let key = &file.found.key;
        let staged = self.stage.take(&(file.source, key.clone())).map_err(failed(key))?;
        // Only a verification of the contents shows that no block is older than the one before it.
        let staged = staged.filter(|_| report.asked.has(Level::Contents));
        match (after, self.stage.in_place) {
            (None, true) => self.add_in_place(examined, ends, staged),
            (None, false) => self.add_whole(examined, ends, staged),
            (Some(after), _) => self.add_rest(examined, ends, staged, after),
        }
    }

    fn add_in_place(&self, examined: &Examined<'_>, ends: &Ends, staged: Option<Staged>) -> Result<Added, ImportError> {
        let key = &examined.object.file.found.key;
        let place = place_of(self.source(examined), key)?;
        let unread = |error| if PlaceError::is_change(&error) { changed(key) } else { failed(key)(error) };
        let input = self.core.places.open(&place).map_err(unread)?;
        if let Some(Staged { checked, .. }) = staged {
            // It is used in place, so it must be what was verified.
            let (bytes, sha256) = self.hashed(input).map_err(unread)?;
            if Some(sha256) != examined.checked.sha256 {
                return Err(changed(key));
            }
            let index = Index::of(ends, &checked, (bytes, sha256));
            return Ok(Added { segment: index.into_segment(self.strand.clone(), place), hashes: checked.hashes });
        }
        let read = Index::read(input, self.stop).map_err(unread)?;
        let whole = |index: &Index| Some(index.sha256) == examined.checked.sha256;
        self.added(key, read.filter(|(index, _)| whole(index)), (ends.first_previous, ends.last_hash), place)
    }

    fn add_whole(&self, examined: &Examined<'_>, ends: &Ends, staged: Option<Staged>) -> Result<Added, ImportError> {
        let key = &examined.object.file.found.key;
        if let Some(Staged { file: Some(Sealed { file, bytes, sha256 }), checked }) = staged {
            let index = Index::of(ends, &checked, (bytes, sha256));
            let place = self.place(file, ends.first, ends.last).map_err(failed(key))?;
            return Ok(Added { segment: index.into_segment(self.strand.clone(), place), hashes: checked.hashes });
        }
        let file = self.copy(examined)?;
        let read = Index::read(Box::new(file.open().map_err(failed(key))?), self.stop).map_err(failed(key))?;
        let whole = |index: &Index| Some(index.sha256) == examined.checked.sha256;
        let place = self.place(file, ends.first, ends.last).map_err(failed(key))?;
        self.added(key, read.filter(|(index, _)| whole(index)), (ends.first_previous, ends.last_hash), place)
    }

    fn add_rest(
        &self,
        examined: &Examined<'_>,
        ends: &Ends,
        staged: Option<Staged>,
        (last, last_hash): (u64, Hash),
    ) -> Result<Added, ImportError> {
        let key = &examined.object.file.found.key;
        let (input, sha256): (Box<dyn Read + Send>, _) = match staged.and_then(|staged| staged.file) {
            Some(copy) => (Box::new(copy.file.open().map_err(failed(key))?), Some(copy.sha256)),
            None => (self.open(examined)?, examined.checked.sha256),
        };
        let (file, found) = self.copy_after(examined, input, last)?;
        if Some(found) != sha256 {
            return Err(changed(key));
        }
        let read = Index::read(Box::new(file.open().map_err(failed(key))?), self.stop).map_err(failed(key))?;
        let place = self.place(file, last + 1, ends.last).map_err(failed(key))?;
        self.added(key, read, (Some(last_hash), ends.last_hash), place)
    }

    /// What was read of a segment, if it begins after the block and ends with the expected one.
    fn added(
        &self,
        key: &str,
        read: Option<(Index, Vec<Hash>)>,
        (first_previous, last_hash): (Option<Hash>, Hash),
        place: SegmentAt,
    ) -> Result<Added, ImportError> {
        let as_verified = |index: &Index| index.last_hash == last_hash && index.first_previous == first_previous;
        let (index, hashes) = read.filter(|(index, _)| as_verified(index)).ok_or_else(|| changed(key))?;
        let hashes = self.stage.put(&hashes).map_err(failed(key))?;
        Ok(Added { segment: index.into_segment(self.strand.clone(), place), hashes })
    }

    fn source(&self, examined: &Examined<'_>) -> &dyn Source {
        self.sources[examined.object.file.source].as_ref()
    }

    /// Opens an object again.
    fn open(&self, examined: &Examined<'_>) -> Result<Box<dyn Read + Send>, ImportError> {
        let key = &examined.object.file.found.key;
        self.source(examined).open(key).map_err(|error| failed(key)(error.cause))
    }

    fn hashed(&self, input: Box<dyn Read + Send>) -> io::Result<(u64, Hash)> {
        let mut input = HashedReader::new(input);
        let heeding = Heeding { input: &mut input, stop: self.stop };
        io::copy(&mut BufReader::with_capacity(BUFFER, heeding), &mut io::sink())?;
        input.finish()
    }

    fn new_file(&self) -> io::Result<UnplacedFile> {
        UnplacedFile::create(&self.core.data_dir.join(JOURNALS))
    }

    fn copy(&self, examined: &Examined<'_>) -> Result<SealedFile, ImportError> {
        let key = &examined.object.file.found.key;
        let input = BufReader::with_capacity(BUFFER, self.open(examined)?);
        let mut file = self.new_file().map_err(failed(key))?;
        io::copy(&mut Heeding { input, stop: self.stop }, &mut file).map_err(failed(key))?;
        file.seal().map_err(failed(key))
    }

    /// Copies the blocks after one that the journal has, and returns the SHA-256 of everything that was read.
    fn copy_after(
        &self,
        examined: &Examined<'_>,
        input: Box<dyn Read + Send>,
        last: u64,
    ) -> Result<(SealedFile, Hash), ImportError> {
        let key = &examined.object.file.found.key;
        let file = self.new_file().map_err(failed(key))?;
        // An object that changed is different from a store or a disk that fails.
        let broken = |error: JournalError| error.io.map_or_else(|| changed(key), failed(key));
        let mut input = BufReader::new(HashedReader::new(input));
        let mut writer: Option<BlockWriter<UnplacedFile>> = None;
        let mut file = Some(file);
        let heeding = Heeding { input: &mut input, stop: self.stop };
        for block in BlockReader::new(heeding, examined.object.name.encoding) {
            let block = block.map_err(broken)?;
            if block.header.sequence_no <= last {
                continue;
            }
            if let Some(file) = file.take() {
                writer = Some(BlockWriter::new(file, block.encoding));
            }
            if let Some(writer) = &mut writer {
                writer.write(&block).map_err(broken)?;
            }
        }
        let (_, sha256) = input.into_inner().finish().map_err(failed(key))?;
        let written = writer.ok_or_else(|| changed(key))?.finish().map_err(broken)?;
        Ok((written.seal().map_err(failed(key))?, sha256))
    }

    fn folder(&self) -> PathBuf {
        Path::new(JOURNALS).join(self.strand.as_str())
    }

    /// Moves the file of a segment into place, and records it as this import's own. No existing file is overwritten.
    fn place(&self, file: SealedFile, first: u64, last: u64) -> io::Result<SegmentAt> {
        let path = self.folder().join(format!("{first}-{last}.ion"));
        refuse_taken(&self.core.data_dir, &path)?;
        self.written.borrow_mut().push(path.clone());
        file.place(&self.core.data_dir.join(&path))?;
        Ok(SegmentAt::File(path))
    }

    /// Makes the new directory entries durable.
    pub(super) fn make_durable(&self) -> Result<(), ImportError> {
        if self.written.borrow().is_empty() {
            return Ok(());
        }
        let synced = file::sync_directory(&self.core.data_dir.join(self.folder()));
        Ok(synced.map_err(LedgerError::io("cannot make the segments durable"))?)
    }
}

/// The location of an object, for as long as the ledger exists.
fn place_of(source: &dyn Source, key: &str) -> Result<SegmentAt, ImportError> {
    let Some(path) = source.path(key) else {
        let version = source.version(key).map_err(|error| failed(key)(error.cause))?;
        let version = version.ok_or_else(|| ImportError::NotHere(key.to_owned()))?;
        return Ok(SegmentAt::Object(S3Object::try_from(version).map_err(|rule| failed(key)(io::Error::other(rule)))?));
    };
    let path = path.canonicalize().map_err(failed(key))?;
    match path.to_str() {
        Some(_) => Ok(SegmentAt::File(path)),
        None => Err(ImportError::PathNotText(key.to_owned())),
    }
}

fn changed(key: &str) -> ImportError {
    ImportError::Changed(key.to_owned())
}

/// Why an object can't be imported.
pub(super) fn failed(key: &str) -> impl Fn(io::Error) -> ImportError + Copy + '_ {
    move |error| LedgerError::io(format!("cannot import {key}"))(error).into()
}
