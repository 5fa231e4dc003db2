//! Checks one data object, block by block, in one pass over its bytes. The pieces of a large object
//! are checked in parallel, and joined in order.

mod input;
mod joined;
mod walk;

use std::io;
use std::sync::atomic::AtomicBool;

use super::error::{TakeError, VerifyError};
use super::take::{CheckedBlocks, Taken, Turn};
use super::{BlockTaker, CheckedObject, Keeper, Levels, rules};
use crate::archive::find::DataObject;
use crate::archive::finding::Break;
use crate::archive::foreign::Foreign;
use crate::archive::source::{Source, SourceError};
use crate::archive::verify::listers::Listers;
use crate::spare::Spare;
use crate::{Checker, Depth, Encoding, Helpers, JournalError, Piece, PieceEnd, Pieces};
pub(super) use input::Input;
use joined::Joined;
use walk::Walk;

/// How an object is to be checked.
#[derive(Clone, Copy)]
pub(super) struct ObjectCheck<'a> {
    pub(super) listers: &'a Listers<'a>,
    pub(super) object: &'a DataObject,
    pub(super) levels: Levels,
    /// The blocks up to which something was saved elsewhere.
    pub(super) tips: &'a [u64],
    /// Whether the RFC 6962 tree is folded as well.
    pub(super) has_log: bool,
    pub(super) digest_bytes: bool,
    pub(super) overlap: Overlap,
    /// Whether the hash of every block is needed.
    pub(super) keeps_hashes: bool,
    pub(super) checkers: &'a Checkers,
    /// Receives the blocks.
    pub(super) taker: Option<&'a dyn BlockTaker>,
}

/// What happens while an object is checked.
pub(super) struct Beside<'b, 'a> {
    pub(super) keeper: Option<&'b dyn Keeper>,
    /// The object's turn to hand its blocks to the taker.
    pub(super) turn: Option<Turn<'b, 'a>>,
    /// Receives the number of bytes read.
    pub(super) progress: &'b (dyn Fn(u64) + Sync),
    pub(super) stop: &'b AtomicBool,
}

/// Which blocks an object shares with others of its strand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Overlap {
    /// Whether others hold some of the same blocks.
    pub(super) is_shared: bool,
    /// The first block that no earlier object holds.
    pub(super) new_from: u64,
}

impl Overlap {
    /// The position of an object that simply follows others.
    pub(super) fn none(object: &DataObject) -> Self {
        Self { is_shared: false, new_from: object.name.first }
    }
}

/// Checkers that are reused, for the memory that they have allocated.
#[derive(Debug)]
pub(super) struct Checkers {
    depth: Depth,
    spare: Spare<Checker>,
}

impl Checkers {
    pub(super) fn new(levels: Levels) -> Self {
        let depth = if levels.reads_content() { Depth::Contents } else { Depth::Heads };
        Self { depth, spare: Spare::default() }
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Checker) -> T) -> T {
        self.spare.with(|| Checker::new(self.depth), use_it)
    }
}

/// A piece with the result of its check.
struct CheckedPiece<'a> {
    piece: Piece,
    end: PieceEnd,
    walk: Walk<'a>,
    taken: Option<Result<Taken<'a>, TakeError>>,
}

impl<'a> ObjectCheck<'a> {
    /// Reads the object and checks it.
    pub(super) fn run<'env>(
        mut self,
        source: &dyn Source,
        beside: Beside<'_, 'a>,
        helpers: &Helpers<'env>,
    ) -> Result<CheckedObject, VerifyError>
    where
        'a: 'env,
    {
        let key = &self.object.file.found.key;
        let failed = |cause: io::Error| SourceError { name: format!("{}/{key}", source.name()), cause };
        let (opened, kept) = match beside.keeper {
            Some(keeper) => keeper.open(source, self.object)?,
            None => (source.open(key)?, None),
        };
        self.keeps_hashes |= kept.is_some();
        let mut input = Input::new(opened, self.digest_bytes, beside.progress);
        let mut joined = Joined::of(self, &beside);
        let work = move |piece: Result<Piece, JournalError>| piece.map(|piece| self.check(piece));
        helpers.each_in_order(Pieces::new(&mut input), work, |checked| joined.take(checked));
        if let Some(not_taken) = joined.not_taken.take() {
            return Err(not_taken);
        }
        let end = self.end(&mut joined, &input.beginning).map_err(failed)?;
        joined.walk.note(end);
        io::copy(&mut input, &mut io::sink()).map_err(failed)?;
        joined.walk.note(rules::size(self.object, input.bytes()));
        let encoding = joined.encoding();
        let Joined { walk, .. } = joined;
        beside.turn.map_or(Ok(()), Turn::end)?;
        let mut checked = CheckedObject { sha256: input.finish(), ..walk.checked };
        if let Some(span) = &mut checked.span {
            span.frontier.shrink();
        }
        if let Some(kept) = kept {
            kept.end(&checked, encoding).map_err(|cause| VerifyError::Keep { key: key.clone(), cause })?;
        }
        if !self.overlap.is_shared {
            checked.hashes = Vec::new();
        }
        Ok(checked)
    }

    /// Checks the blocks of a piece, as far as they can be read.
    fn check(self, piece: Piece) -> CheckedPiece<'a> {
        let mut walk = Walk::of(self);
        let is_json = self.object.name.encoding == Encoding::Json;
        walk.checked.json = is_json && !piece.is_binary && !piece.bytes.is_empty();
        let end = self.checkers.with(|checker| piece.read(checker, is_json, &mut |block| walk.take(block)));
        walk.end();
        let blocks = || CheckedBlocks::of(&piece, &end, is_json, self.overlap.new_from);
        let taken = self.taker.map(|taker| taker.read(blocks()));
        CheckedPiece { piece, end, walk, taken }
    }

    /// Checks how the object ended: with the block that its name says, or with something unreadable. A source that
    /// fails is not damage.
    fn end(self, joined: &mut Joined<'_, '_>, beginning: &[u8]) -> io::Result<Option<Break>> {
        let last = joined.walk.last;
        let Some(failure) = joined.failure.take() else { return Ok(rules::end(self.object, last)) };
        if let Some(cause) = failure.io {
            return Err(cause);
        }
        let foreign = Foreign::of(beginning).filter(|_| last.is_none());
        let reason = foreign.map_or(failure.reason, |foreign| foreign.to_string());
        let after = last.map_or_else(|| "the beginning".to_owned(), |last| format!("block {}", last.number));
        let problem = format!("unreadable from offset {}, after {after}", failure.offset);
        let found = Break::damaged(self.levels.first_of_content(), &self.object.file.found.key, &problem, "object");
        Ok(Some(Break { foreign, ..found.between("a block", reason) }))
    }
}
