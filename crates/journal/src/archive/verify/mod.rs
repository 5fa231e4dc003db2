//! Proves that archived exports are whole and unaltered, offline.
//!
//! A fold: each object is checked by itself and yields a [`Span`], and spans
//! join. So all cores share the work, and the answer does not depend on how it
//! was divided. Used by the command line, and by the engine before an import.

mod anchor;
mod chain;
mod claim;
mod contents;
mod keep;
mod levels;
mod object;
mod proof;
mod report;
mod request;
mod resume;
mod rules;
mod span;
mod take;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

pub use super::finding::{Break, BreakKind, Breaks, Level};
pub use chain::JournalSpan;
pub use contents::Accepted;
pub use levels::{Levels, UnknownLevel};
pub use proof::{SavedAnswerError, SavedDigest};
pub use report::{DigestScope, LevelReport, Report, Status};
pub use request::{Request, Watcher};

// For the crates beside this one.
#[doc(hidden)]
pub use anchor::{Anchor, AnchorError, NoAnchor, SavedAnchor};
#[doc(hidden)]
pub use chain::RootsAt;
#[doc(hidden)]
pub use keep::{Keeper, KeptObject, Opened};
#[doc(hidden)]
pub use object::CheckedObject;
#[doc(hidden)]
pub use proof::{NOT_COVERED_IN_ANSWERS, ProofReport, SavedAnswer, check_saved};
#[doc(hidden)]
pub use report::NOT_COVERED;
#[doc(hidden)]
pub use request::default_jobs;
#[doc(hidden)]
pub use resume::{Resume, ResumeAsked, ResumeError};
#[doc(hidden)]
pub use span::Span;
#[doc(hidden)]
pub use take::{BlockTaker, CheckedBlocks, TakeError, Taken, TakenObject};

use super::find::{Archive, DataObject, FoundExport, find};
use super::source::SourceError;
use object::{Beside, Checkers, ObjectCheck};
use take::Turns;

use crate::{Helpers, Notable, run_tasks};

/// Why a verification came to no verdict.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// A source could not be read, which is not damage.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The state of an interrupted verification could not be kept.
    #[error(transparent)]
    Resume(#[from] ResumeError),
    /// What was read could not be kept.
    #[error("{key} can't be copied")]
    Keep {
        /// The object.
        key: String,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// What the blocks hold could not be taken.
    #[error(transparent)]
    Take(TakeError),
    /// It was asked to stop.
    #[error("verification was interrupted")]
    Interrupted,
}

/// An object together with what its check found.
#[doc(hidden)]
#[derive(Debug)]
pub struct Examined {
    /// Which exports of the archive list it: mostly one. Exports of one range under one prefix in one hour
    /// have the same keys.
    pub exports: Vec<usize>,
    /// The object.
    pub object: DataObject,
    /// What was found.
    pub checked: CheckedObject,
}

/// Verifies an archive. What is wrong with it is in the report; errors are what keeps it from being read.
pub fn verify(request: &Request<'_>) -> Result<Report, VerifyError> {
    verify_and_keep(request, None)
}

/// As [`verify`], with somebody who keeps the objects that are read.
#[doc(hidden)]
pub fn verify_and_keep(request: &Request<'_>, keeper: Option<&dyn Keeper>) -> Result<Report, VerifyError> {
    let archive = find(request.sources, request.ledger)?;
    let examined = if request.asked().reads_objects() {
        examine(request, &archive, keeper, None)?
    } else {
        (Vec::new(), Notable::default())
    };
    Ok(Report::new(request, archive, examined))
}

/// As [`verify`], with somebody who takes the blocks. Every object is read, whatever is known of it from an earlier
/// verification or asked of the levels.
#[doc(hidden)]
pub fn verify_and_take(request: &Request<'_>, taker: &dyn BlockTaker) -> Result<Report, VerifyError> {
    let archive = find(request.sources, request.ledger)?;
    let examined = examine(request, &archive, None, Some(taker))?;
    Ok(Report::new(request, archive, examined))
}

/// An object that is to be checked, and the exports that list it.
struct Work<'a> {
    exports: Vec<usize>,
    object: &'a DataObject,
}

impl<'a> Work<'a> {
    /// Every object once, in the order of the archive.
    fn of(archive: &'a Archive) -> Vec<Self> {
        let mut work: Vec<Self> = Vec::new();
        let mut places: HashMap<(usize, &str), usize> = HashMap::new();
        for (index, export) in archive.exports.iter().enumerate() {
            for object in &export.objects {
                match places.entry((object.file.source, &object.file.found.key)) {
                    Entry::Occupied(place) => {
                        if let Some(known) = work.get_mut(*place.get()) {
                            known.exports.push(index);
                        }
                    }
                    Entry::Vacant(place) => {
                        place.insert(work.len());
                        work.push(Self { exports: vec![index], object });
                    }
                }
            }
        }
        work
    }
}

/// Checks every object, on all cores; results keep the order of the archive. Blocks are taken in that of the journal.
#[allow(clippy::indexing_slicing, reason = "the numbers of `work` itself")]
fn examine(
    request: &Request<'_>,
    archive: &Archive,
    keeper: Option<&dyn Keeper>,
    taker: Option<&dyn BlockTaker>,
) -> Result<(Vec<Examined>, Notable), VerifyError> {
    let work = Work::of(archive);
    request.progress.begin(work.len() as u64, work.iter().map(|one| one.object.file.found.size).sum());
    let checkers = Checkers::new(request.asked());
    let exports: Vec<Vec<&FoundExport>> =
        work.iter().map(|one| one.exports.iter().filter_map(|index| archive.exports.get(*index)).collect()).collect();
    let overlaps = chain::overlaps(&work);
    let tips = request.tips();
    let order = if taker.is_some() { chain::journal_order(&work) } else { (0..work.len()).collect() };
    let checks: Vec<ObjectCheck<'_>> = order
        .iter()
        .map(|index| ObjectCheck {
            exports: &exports[*index],
            object: work[*index].object,
            levels: request.asked(),
            tips: &tips,
            has_log: request.folds_log(),
            digest_bytes: request.digest_bytes,
            overlap: overlaps[*index],
            keeps_hashes: overlaps[*index].is_shared,
            checkers: &checkers,
            taker,
        })
        .collect();
    let turns = taker.map(|taker| Turns::begin(taker, &taken_objects(&checks))).transpose()?;
    let failed = AtomicBool::new(false);
    // Of all objects together, so that it is bounded however many there are.
    let notable = Mutex::new(Notable::default());
    let stop = || request.stop.load(Ordering::Relaxed) || failed.load(Ordering::Relaxed);
    let results = run_tasks(request.jobs, &checks, stop, |index, check, helpers| {
        let progress = |bytes| request.progress.advance(bytes);
        let turn = turns.as_ref().map(|turns| turns.of(index));
        let beside = Beside { keeper, turn, progress: &progress, stop: request.stop };
        let checked = check_one(request, *check, beside, helpers).map(|mut checked| {
            notable.lock().unwrap_or_else(PoisonError::into_inner).merge(std::mem::take(&mut checked.notable));
            checked
        });
        request.progress.object_done();
        failed.fetch_or(checked.is_err(), Ordering::Relaxed);
        checked
    });
    let mut in_order: Vec<Option<_>> = work.iter().map(|_| None).collect();
    order.into_iter().zip(results).for_each(|(index, checked)| in_order[index] = checked);
    let mut examined = Vec::with_capacity(work.len());
    let mut interrupted = false;
    for (Work { exports, object }, checked) in work.into_iter().zip(in_order) {
        match checked {
            Some(Ok(checked)) => examined.push(Examined { exports, object: object.clone(), checked }),
            // What failed says more than what ended because of it.
            None | Some(Err(VerifyError::Interrupted)) => interrupted = true,
            Some(Err(failed)) => return Err(failed),
        }
    }
    let notable = notable.into_inner().unwrap_or_else(PoisonError::into_inner);
    if interrupted { Err(VerifyError::Interrupted) } else { Ok((examined, notable)) }
}

/// The objects of these checks, each with the first of the exports that list it.
fn taken_objects<'a>(checks: &[ObjectCheck<'a>]) -> Vec<TakenObject<'a>> {
    let listed = checks.iter().filter_map(|check| Some((check.object, *check.exports.first()?)));
    listed.map(|(object, export)| TakenObject { object, export }).collect()
}

#[allow(clippy::indexing_slicing, reason = "an object names one of the sources that it was found in")]
fn check_one<'a: 'env, 'env>(
    request: &Request<'_>,
    check: ObjectCheck<'a>,
    beside: Beside<'_, 'a>,
    helpers: &Helpers<'env>,
) -> Result<CheckedObject, VerifyError> {
    let (object, exports) = (check.object, check.exports);
    let source = request.sources[object.file.source].as_ref();
    let resume = request.resume.filter(|_| check.taker.is_none());
    if let Some(checked) = resume.and_then(|resume| resume.known(source, exports, object, check.overlap)) {
        request.progress.advance(object.file.found.size);
        return Ok(checked);
    }
    let checked = check.run(source, beside, helpers)?;
    if let Some(resume) = resume {
        resume.keep(source, exports, object, &checked)?;
    }
    Ok(checked)
}
