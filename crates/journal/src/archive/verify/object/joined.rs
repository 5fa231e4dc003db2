//! Joins the pieces of an object in order. The end of a piece is a guess until it was read:
//! whatever a wrong guess left over is read again together with the next piece.

use super::walk::Walk;
use super::{Beside, CheckedPiece, ObjectCheck};
use crate::archive::verify::error::VerifyError;
use crate::archive::verify::rules;
use crate::{Encoding, JournalError, Piece, PieceEnd};

/// The joined result of an object's pieces so far.
pub(super) struct Joined<'b, 'a> {
    pub(super) walk: Walk<'a>,
    beside: &'b Beside<'b, 'a>,
    /// The last piece and how far it was read, for the next one to follow.
    last: Option<(Piece, PieceEnd)>,
    /// Bytes that have to be read together with more.
    rest: Option<Piece>,
    pub(super) failure: Option<JournalError>,
    /// Why its blocks could not be taken.
    pub(super) not_taken: Option<VerifyError>,
}

impl<'b, 'a> Joined<'b, 'a> {
    pub(super) fn of(check: ObjectCheck<'a>, beside: &'b Beside<'b, 'a>) -> Self {
        Self { walk: Walk::of(check), beside, last: None, rest: None, failure: None, not_taken: None }
    }

    /// The encoding of the blocks.
    pub(super) fn encoding(&self) -> Encoding {
        match &self.last {
            Some((piece, _)) if piece.is_binary => Encoding::IonBinary,
            _ if self.walk.checked.json => Encoding::Json,
            _ => Encoding::IonText,
        }
    }

    /// Takes the next piece; false if nothing more can be read.
    pub(super) fn take(&mut self, checked: Result<CheckedPiece<'a>, JournalError>) -> bool {
        match checked {
            Ok(checked) => self.join(checked),
            Err(error) => self.failure = Some(error),
        }
        self.failure.is_none() && self.not_taken.is_none()
    }

    fn join(&mut self, checked: CheckedPiece<'a>) {
        let rest = match (self.rest.take(), self.last.take()) {
            (Some(rest), _) => rest.with(&checked.piece),
            // The guess where a block begins was wrong: the rest is read together with the next piece.
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
        if let (Some(taken), Some(turn)) = (checked.taken, &self.beside.turn) {
            let taken = taken.map_err(VerifyError::Take);
            self.not_taken = taken.and_then(|taken| turn.offer(taken, self.beside.stop)).err();
        }
        self.last = Some((checked.piece, checked.end));
    }
}
