//! Exports of a journal that lies in the S3 that they are written to: its objects are copied there.

use std::collections::HashSet;

use super::export_run::ExportRun;
use super::jobs::Stop;
use super::object::ObjectAt;
use super::places::SegmentAt;
use super::plan::Piece;
use super::segment::Segment;
use crate::store::{Copied, S3Object};

impl ExportRun<'_> {
    /// An object that the journal consists of is not written over: it would be another version, and no longer the
    /// ledger's. Names hold the hour, so that only an export right after the import's own can come so far.
    pub(super) fn refuse_own(&self, pieces: &[Piece]) -> Result<(), Stop> {
        let bucket = &self.job.export.request.bucket;
        let here = pieces.iter().filter_map(|piece| self.object_here(&piece.segment));
        let own: HashSet<&str> = here.filter(|own| own.bucket == *bucket).map(|own| own.key.as_str()).collect();
        for key in pieces.iter().map(|piece| self.keys.data_object(piece.first, piece.last)) {
            if own.contains(key.as_str()) {
                return Err(Stop::Cancel(format!(
                    "object {key} in bucket {bucket} is a part of the ledger, which was imported in place"
                )));
            }
        }
        Ok(())
    }

    /// Has a piece copied where it lies, if it is to be written as it is. Its SHA-256 was proved for its `ETag` when
    /// it was imported, and the store copies nothing that has another.
    pub(super) fn copy_there(&self, piece: &Piece, place: &ObjectAt) -> Result<Option<u64>, Stop> {
        let Some(object) = self.copied(piece) else { return Ok(None) };
        match self.store.copy(object, &place.bucket, &place.key, self.options())? {
            Copied::Done => Ok(Some(object.size)),
            Copied::ReadInstead(reason) => {
                tracing::warn!(%object, key = %place.key, reason, "not copied inside S3: it is read and written");
                Ok(None)
            }
        }
    }

    /// The object that a piece is, if it is to be copied where it lies. A copy replaces what has its key, so that there
    /// is none where it cannot be seen what that is.
    pub(super) fn copied<'p>(&self, piece: &'p Piece) -> Option<&'p S3Object> {
        let object = self.object_here(&piece.segment).filter(|_| self.is_as_it_is(piece));
        object.filter(|_| self.job.resumed || self.present.get().is_some())
    }

    /// The object that a segment is, if it lies in the store that is written to.
    fn object_here<'s>(&self, segment: &'s Segment) -> Option<&'s S3Object> {
        match &segment.place {
            SegmentAt::Object(object) if self.store.endpoint() == Some(object.endpoint.as_str()) => Some(object),
            _ => None,
        }
    }
}
