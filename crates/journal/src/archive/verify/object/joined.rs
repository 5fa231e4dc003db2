//! Joins the pieces of an object in their order. Where a piece ends is a guess until it was read: what a wrong guess
//! left over is read together with the next piece.

use super::walk::Walk;
use super::{CheckedPiece, ObjectCheck};
use crate::archive::verify::rules;
use crate::{Encoding, JournalError, Piece, PieceEnd};

/// What was joined of an object's pieces so far.
pub(super) struct Joined<'a> {
    pub(super) walk: Walk<'a>,
    /// The last piece and how far it was read, for the next one to follow.
    last: Option<(Piece, PieceEnd)>,
    /// What waits to be read together with more.
    rest: Option<Piece>,
    pub(super) failure: Option<JournalError>,
}

impl<'a> Joined<'a> {
    pub(super) fn of(check: ObjectCheck<'a>) -> Self {
        Self { walk: Walk::of(check), last: None, rest: None, failure: None }
    }

    /// How the blocks are written.
    pub(super) fn encoding(&self) -> Encoding {
        match &self.last {
            Some((piece, _)) if piece.is_binary => Encoding::IonBinary,
            _ if self.walk.checked.json => Encoding::Json,
            _ => Encoding::IonText,
        }
    }

    /// Takes the next piece; false where nothing more can be read.
    pub(super) fn take(&mut self, checked: Result<CheckedPiece<'a>, JournalError>) -> bool {
        match checked {
            Ok(checked) => self.join(checked),
            Err(error) => self.failure = Some(error),
        }
        self.failure.is_none()
    }

    fn join(&mut self, checked: CheckedPiece<'a>) {
        let rest = match (self.rest.take(), self.last.take()) {
            (Some(rest), _) => rest.with(&checked.piece),
            // The guess where a block begins was wrong: what is left is read together with the next piece.
            (None, Some((last, end))) if !last.is_followed_by(&end, &checked.piece) => {
                last.rest_before(end, &checked.piece)
            }
            _ => return self.accept(checked),
        };
        if rest.waits_for_more() {
            self.rest = Some(rest);
        } else {
            self.accept(self.walk.check.check(rest));
        }
    }

    fn accept(&mut self, mut checked: CheckedPiece<'a>) {
        self.walk.join(checked.walk);
        if let Some((what, at)) = checked.end.stranger {
            self.walk.note([rules::between_blocks(self.walk.check.object, what, at)]);
        }
        self.failure = checked.end.failure.take();
        self.last = Some((checked.piece, checked.end));
    }
}
