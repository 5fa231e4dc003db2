//! Passes on blocks while they are verified: code that wants the content of blocks reads the bytes
//! that were checked, and gets its turn to output the results in the order of the journal, each
//! block once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::error::{TakeError, VerifyError};
use crate::archive::find::{DataObject, FoundExport};
use crate::check::FIELDS;
use crate::ion::{Item, RawValue, ReadItems as _, Reader, TakeItems};
use crate::{Checker, Depth, JournalError, Judged, Piece, PieceEnd, RawBlock};

/// Receives the blocks of an archive while they are verified. The verdict comes after the last block: what was received
/// before is not proved yet.
pub trait BlockTaker: Send + Sync {
    /// Receives the objects that will be read, in the order of the journal. An error ends the verification before it
    /// begins.
    fn begin(&self, objects: &[TakenObject<'_>]) -> Result<(), TakeError>;

    /// Reads a run of blocks, on any core and in parallel with others.
    fn read(&self, blocks: CheckedBlocks<'_>) -> Result<Taken<'_>, TakeError>;
}

/// An object whose blocks will be taken.
#[derive(Debug, Clone, Copy)]
pub struct TakenObject<'a> {
    /// The object.
    pub object: &'a DataObject,
    /// The export that lists it; the first, if there are several.
    pub export: &'a FoundExport,
}

impl<'a> TakenObject<'a> {
    /// The strand, and the name of its ledger.
    fn journal(&self) -> (&'a str, &'a str) {
        (&self.object.name.strand_id, self.export.started.ledger.as_deref().unwrap_or_default())
    }
}

/// The strand of the single journal that the objects belong to, and the names that the exports give its ledger; `None`
/// if there are no objects. Several journals are an error, which names each.
pub fn the_journal<'a>(objects: &[TakenObject<'a>]) -> Result<Option<(&'a str, Vec<&'a str>)>, Vec<String>> {
    let journals: BTreeSet<(&str, &str)> = objects.iter().map(TakenObject::journal).collect();
    let Some((strand_id, _)) = journals.first().copied() else { return Ok(None) };
    if journals.iter().any(|(other, _)| *other != strand_id) {
        return Err(journals.into_iter().map(|(strand, ledger)| named(strand, ledger)).collect());
    }
    Ok(Some((strand_id, journals.into_iter().map(|(_, ledger)| ledger).filter(|ledger| !ledger.is_empty()).collect())))
}

/// A journal in an error.
fn named(strand_id: &str, ledger: &str) -> String {
    format!("{ledger}, strand {strand_id}")
}

/// The result for a run of blocks.
pub struct Taken<'a> {
    /// Approximately how much memory it uses.
    pub bytes: usize,
    /// Outputs the result. Called in the order of the journal, one after the other.
    pub put: Box<dyn FnOnce() -> Result<(), TakeError> + Send + 'a>,
}

/// A run of checked blocks, as bytes that can be read again.
#[derive(Debug)]
pub struct CheckedBlocks<'p> {
    /// Whether they are JSON.
    pub is_json: bool,
    /// The first block that no earlier object holds; blocks before it were already taken.
    pub new_from: u64,
    /// The bytes of the blocks, which the offsets of items refer to.
    pub bytes: &'p [u8],
    reader: Reader<'p>,
    used: usize,
}

impl<'p> CheckedBlocks<'p> {
    /// The blocks of a piece, as far as it was checked.
    pub(super) fn of(piece: &'p Piece, end: &PieceEnd, is_json: bool, new_from: u64) -> Self {
        let is_json = is_json && !piece.is_binary;
        let reader = piece.reader(is_json).knowing(FIELDS);
        Self { is_json, new_from, bytes: &piece.bytes, reader, used: end.used }
    }

    /// Passes on the items of the next block, from its beginning to its end. False if there is none.
    pub fn next_into(&mut self, taker: &mut impl TakeItems) -> Result<bool, JournalError> {
        if self.reader.offset() >= self.used {
            return Ok(false);
        }
        let read = self.read_into(taker);
        read.map_err(|error| JournalError::within(0, error))
    }

    /// Passes on the head of each block, and the whole block on request.
    pub(in crate::archive) fn each_head(
        self,
        mut take: impl FnMut(&Judged<'_>, &dyn Fn() -> RawBlock) -> Result<(), JournalError>,
    ) -> Result<(), JournalError> {
        let Self { is_json, bytes, used, mut reader, .. } = self;
        let binary = matches!(reader, Reader::Binary(_));
        let mut checker = Checker::new(Depth::Heads);
        let mut taken = Ok(());
        while taken.is_ok() && reader.offset() < used {
            if !checker.read(&mut reader, is_json).map_err(|error| JournalError::within(0, error))? {
                break;
            }
            checker.judge(&mut |judged| {
                let (header, links, offset) = (judged.header(), judged.links, judged.start as u64);
                let own = bytes.get(judged.start..judged.end).unwrap_or_default();
                let block = || {
                    let value = RawValue { bytes: own.to_vec(), binary, symbols: Arc::clone(reader.symbols()), offset };
                    RawBlock::taken(header.clone(), links, is_json, value)
                };
                taken = take(&judged, &block);
            });
        }
        taken
    }

    fn read_into(&mut self, taker: &mut impl TakeItems) -> Result<bool, crate::ion::IonError> {
        let at = self.reader.offset();
        let begins = match self.reader.next_item()? {
            None => return Ok(false),
            Some(item) => {
                taker.take(at, &item)?;
                Item::begins(&item)
            }
        };
        if begins {
            self.reader.drain(taker)?;
        }
        Ok(true)
    }
}

/// How many bytes of later objects' results may wait in memory, for all objects together: while a large object has its
/// turn, any number of small ones could be read.
const MOST_WAITING: usize = 64 << 20;
/// What a waiting result takes besides its own bytes, about.
const OVERHEAD: usize = 256;
/// How often waiting threads check whether everything is ending.
const LOOK: Duration = Duration::from_millis(50);

/// Determines whose turn it is to output its results.
pub(super) struct Turns<'t> {
    state: Mutex<State<'t>>,
    changed: Condvar,
}

#[derive(Default)]
struct State<'t> {
    /// The object whose turn it is.
    next: usize,
    /// Results of later objects.
    waiting: BTreeMap<usize, Waiting<'t>>,
    /// How many bytes they have in all.
    bytes: usize,
    has_failed: bool,
}

#[derive(Default)]
struct Waiting<'t> {
    taken: Vec<Taken<'t>>,
    has_ended: bool,
}

impl<'t> Turns<'t> {
    /// Gives objects their turns in the order of the journal, for a taker of their blocks.
    pub(super) fn begin(taker: &dyn BlockTaker, objects: &[TakenObject<'_>]) -> Result<Self, VerifyError> {
        taker.begin(objects).map_err(VerifyError::Take)?;
        Ok(Self { state: Mutex::default(), changed: Condvar::new() })
    }

    fn state(&self) -> MutexGuard<'_, State<'t>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Outputs the results for an object, or queues them until it is the object's turn; waits if the queue is full
    /// (back-pressure). The object whose turn it is never waits, so every object gets its turn.
    pub(super) fn offer(&self, object: usize, taken: Taken<'t>, stop: &AtomicBool) -> Result<(), VerifyError> {
        let mut state = self.state();
        loop {
            if state.has_failed {
                return Err(VerifyError::Interrupted);
            }
            if state.next == object {
                return state.put(taken);
            }
            if state.bytes < MOST_WAITING {
                state.bytes += taken.bytes + OVERHEAD;
                state.waiting.entry(object).or_default().taken.push(taken);
                return Ok(());
            }
            if stop.load(Ordering::Relaxed) {
                return Err(VerifyError::Interrupted);
            }
            let waited = self.changed.wait_timeout(state, LOOK);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Ends an object's turn: the next one follows.
    fn end(&self, object: usize) -> Result<(), VerifyError> {
        let mut state = self.state();
        state.waiting.entry(object).or_default().has_ended = true;
        let mut outcome = Ok(());
        while outcome.is_ok() && state.next_has_ended() {
            state.next += 1;
            let next = state.next;
            let waiting = state.waiting.get_mut(&next).map(|waiting| std::mem::take(&mut waiting.taken));
            let waiting = waiting.unwrap_or_default();
            state.bytes -= waiting.iter().map(|taken| taken.bytes + OVERHEAD).sum::<usize>();
            outcome = waiting.into_iter().try_for_each(|taken| state.put(taken));
        }
        self.changed.notify_all();
        outcome
    }

    /// An object's turn, which ends however its check ends.
    pub(super) fn of(&self, object: usize) -> Turn<'_, 't> {
        Turn { turns: self, object, has_ended: false }
    }
}

impl<'t> State<'t> {
    fn put(&mut self, taken: Taken<'t>) -> Result<(), VerifyError> {
        if self.has_failed {
            return Err(VerifyError::Interrupted);
        }
        (taken.put)().map_err(|cause| {
            self.has_failed = true;
            VerifyError::Take(cause)
        })
    }

    fn next_has_ended(&mut self) -> bool {
        let has_ended = self.waiting.get(&self.next).is_some_and(|waiting| waiting.has_ended);
        if has_ended {
            self.waiting.remove(&self.next);
        }
        has_ended
    }
}

/// The turn of one object.
pub(super) struct Turn<'a, 't> {
    turns: &'a Turns<'t>,
    object: usize,
    has_ended: bool,
}

impl<'t> Turn<'_, 't> {
    pub(super) fn offer(&self, taken: Taken<'t>, stop: &AtomicBool) -> Result<(), VerifyError> {
        self.turns.offer(self.object, taken, stop)
    }

    /// The object was read to its end.
    pub(super) fn end(mut self) -> Result<(), VerifyError> {
        self.has_ended = true;
        self.turns.end(self.object)
    }
}

impl Drop for Turn<'_, '_> {
    fn drop(&mut self) {
        if !self.has_ended {
            // It failed; the failure itself is reported elsewhere.
            self.turns.state().has_failed = true;
            self.turns.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_that_wait_for_a_large_object_are_bounded_for_all_objects_together() {
        const EACH: usize = 1 << 20;
        let turns = Turns { state: Mutex::default(), changed: Condvar::new() };
        // What can't wait in memory is interrupted, instead of waiting for its turn.
        let stop = AtomicBool::new(true);
        let offer = |object| turns.offer(object, Taken { bytes: EACH, put: Box::new(|| Ok(())) }, &stop);
        let waiting = (1..1_000).take_while(|object| offer(*object).is_ok()).count();
        assert_eq!(waiting, MOST_WAITING / EACH);
        turns.of(0).end().unwrap();
        assert!(offer(1).is_ok() && offer(1_000).is_ok() && offer(1_001).is_err());
    }
}
