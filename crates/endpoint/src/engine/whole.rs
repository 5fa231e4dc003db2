//! Exports whole segments unchanged: they are copied by the kernel, many at a time, and each copy
//! is proved to be the recorded one before it becomes visible. On a file system that shares blocks,
//! only the proof reads them.

use std::fs::File;

use super::export_run::ExportRun;
use super::jobs::Stop;
use super::object::Object;
use super::places::SegmentAt;
use super::plan::Piece;
use crate::store::StoreKind;
use qldb_journal::archive::verify::default_jobs;
use qldb_journal::internal::sha256;

/// How many segments are proved together at most.
const TOGETHER: usize = 16;
/// The maximum size of segments that are proved together. It limits what is in progress when a job is to stop.
const TOGETHER_BYTES: u64 = 64 << 20;

impl ExportRun<'_> {
    /// The pieces in journal order, in groups that are written together, at least one for each core.
    pub(super) fn groups<'p>(&self, pieces: &'p [Piece]) -> Vec<&'p [Piece]> {
        let most = pieces.len().div_ceil(default_jobs()).min(TOGETHER);
        let mut groups = Vec::new();
        let mut rest = pieces;
        while !rest.is_empty() {
            let mut bytes = 0;
            let is_in = |piece: &&Piece| {
                bytes += piece.segment.bytes;
                bytes <= TOGETHER_BYTES && self.can_be_copied(piece)
            };
            let count = rest.iter().take(most).take_while(is_in).count().max(1);
            let (group, later) = rest.split_at(count);
            groups.push(group);
            rest = later;
        }
        groups
    }

    fn can_be_copied(&self, piece: &Piece) -> bool {
        self.is_as_it_is(piece)
            && matches!(piece.segment.place, SegmentAt::File(_))
            && self.store.kind() == StoreKind::Directory
    }

    /// Writes a group. What the kernel could not copy, or copied differently from what was recorded, is read and
    /// written normally: that shows what is wrong, if anything is.
    pub(super) fn write_group(&self, group: &[Piece]) -> Result<(), Stop> {
        self.control.cancelled()?;
        if self.control.stopping() {
            return Err(Stop::Leave);
        }
        let copies: Vec<Option<(Object, File)>> = group.iter().map(|piece| self.copied_whole(piece)).collect();
        let mut found = sha256::of_files(copies.iter().flatten().map(|(_, file)| file)).into_iter();
        for (piece, copy) in group.iter().zip(copies) {
            let proved = copy.filter(|(object, _)| {
                let found = found.next().and_then(Result::ok);
                found.is_some_and(|(bytes, sha256)| bytes == object.bytes() && piece.segment.agrees(bytes, sha256))
            });
            match proved {
                Some((object, _)) => self.end_whole(piece, object)?,
                None => self.write_object(piece)?,
            }
        }
        Ok(())
    }

    /// A hidden copy of a segment, if the kernel can make one.
    fn copied_whole(&self, piece: &Piece) -> Option<(Object, File)> {
        if !self.can_be_copied(piece) || self.control.cancelled().is_err() {
            return None;
        }
        let from = self.core.places.file(&piece.segment.place)?.ok()?;
        let place = self.place(self.keys.data_object(piece.first, piece.last)).ok()?;
        let mut object = self.begin(piece, &place).ok()?;
        let copy = object.copy_of(&from, || self.control.cancelled().is_ok()).ok()??;
        Some((object, copy))
    }

    fn end_whole(&self, piece: &Piece, object: Object) -> Result<(), Stop> {
        self.control.cancelled()?;
        let place = object.place.clone();
        let bytes = self.end(piece, object)?;
        self.count(piece, &place, bytes)
    }
}
