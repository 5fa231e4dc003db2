//! Exports of a journal in the same S3 that they are written to: its objects are copied within S3.

use std::collections::HashSet;

use super::export_run::ExportRun;
use super::jobs::Stop;
use super::object::ObjectAt;
use super::places::SegmentAt;
use super::plan::Piece;
use super::segment::Segment;
use crate::store::{Copied, S3Object};

impl ExportRun<'_> {
    /// Objects of the journal itself are not overwritten: a new version would no longer be the ledger's. Names include
    /// the hour, so this can only happen for an export right after the import's own.
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

    /// Copies a piece within S3, if it is to be written unchanged. Its SHA-256 was proved for its `ETag` when it was
    /// imported, and the store copies nothing with another `ETag`.
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

    /// The object of a piece, if the piece is to be copied within S3. A copy replaces whatever has its key, so there is
    /// none if the existing object can't be inspected.
    pub(super) fn copied<'p>(&self, piece: &'p Piece) -> Option<&'p S3Object> {
        let object = self.object_here(&piece.segment).filter(|_| self.is_as_it_is(piece));
        object.filter(|_| self.job.resumed || self.present.get().is_some())
    }

    /// The object of a segment, if it is in the store that is written to.
    fn object_here<'s>(&self, segment: &'s Segment) -> Option<&'s S3Object> {
        match &segment.place {
            SegmentAt::Object(object) if self.store.endpoint() == Some(object.endpoint.as_str()) => Some(object),
            _ => None,
        }
    }
}
