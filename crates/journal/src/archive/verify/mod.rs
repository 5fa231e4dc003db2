//! Proves that archived exports are complete and unaltered, offline.
//!
//! A fold: each object is checked by itself and yields a [`Span`], and spans join. So all cores
//! share the work, and the result does not depend on how it was divided. Used by the command line,
//! and by the engine before an import.

mod anchor;
mod chain;
mod claim;
mod contents;
mod keep;
mod levels;
mod listers;
mod object;
mod outlines;
mod part;
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
use std::sync::{Arc, Mutex, PoisonError};

pub use super::finding::{Break, BreakKind, Breaks, Level};
pub use chain::JournalSpan;
pub use contents::Accepted;
pub use levels::{Levels, UnknownLevel};
pub use proof::{SavedAnswerError, SavedDigest};
pub use report::{DigestScope, LevelReport, Report, Status};
pub use request::{Request, Watcher};

// For the other crates of this workspace.
#[doc(hidden)]
pub use anchor::{Anchor, AnchorError, NoAnchor, SavedAnchor};
#[doc(hidden)]
pub use chain::RootsAt;
#[doc(hidden)]
pub use keep::{Keeper, KeptObject, Opened};
#[doc(hidden)]
pub use object::CheckedObject;
#[doc(hidden)]
pub use part::{NotAPart, Part, PartObject, PartReport};
#[doc(hidden)]
pub use proof::{NOT_COVERED_IN_ANSWERS, ProofReport, SavedAnswer, check_saved, text_of};
#[doc(hidden)]
pub use report::NOT_COVERED;
#[doc(hidden)]
pub use request::default_jobs;
#[doc(hidden)]
pub use resume::{Believed, Joined, Resume, ResumeAsked, ResumeError};
#[doc(hidden)]
pub use span::Span;
#[doc(hidden)]
pub use take::{BlockTaker, CheckedBlocks, TakeError, Taken, TakenObject, the_journal};

use super::find::{Archive, DataObject, find};
use super::source::SourceError;
use listers::Listers;
use object::{Beside, Checkers, ObjectCheck, Seen};
use outlines::Outlines;
use resume::{Known, KnownError};
use take::Turns;

use crate::{Counts, Helpers, Notable, Outline, run_tasks};

/// Why a verification reached no verdict.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// A source could not be read, which is not damage.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The state of an interrupted verification could not be saved.
    #[error(transparent)]
    Resume(#[from] ResumeError),
    /// What was read could not be stored.
    #[error("{key} can't be copied")]
    Keep {
        /// The object.
        key: String,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The contents of the blocks could not be processed.
    #[error(transparent)]
    Take(TakeError),
    /// Parts of the archive were not read.
    #[error("{}", unread(parts, *objects, first))]
    Unread {
        /// Which parts, if the joined files are all of one division.
        parts: Vec<Part>,
        /// The number of objects about which nothing is known.
        objects: u64,
        /// The first of them.
        first: String,
    },
    /// It was stopped.
    #[error("verification was interrupted")]
    Interrupted,
}

impl From<KnownError> for VerifyError {
    fn from(error: KnownError) -> Self {
        match error {
            KnownError::Resume(error) => error.into(),
            KnownError::Source(error) => error.into(),
        }
    }
}

fn unread(parts: &[Part], objects: u64, first: &str) -> String {
    let what = if parts.is_empty() { "no file".to_owned() } else { Part::named(parts) };
    let fate = if parts.is_empty() { "knows" } else { "did not read" };
    format!(
        "{what} {fate} {first}{}",
        if objects > 1 { format!(" and {} more objects", objects - 1) } else { String::new() }
    )
}

/// An object together with its findings.
#[doc(hidden)]
#[derive(Debug)]
pub struct Examined {
    /// The exports of the archive that list it: usually one. Exports of one range under one prefix in one hour have the
    /// same keys.
    pub exports: Arc<[usize]>,
    /// The object.
    pub object: DataObject,
    /// The findings.
    pub checked: Box<CheckedObject>,
}

/// Verifies an archive. Its faults are in the report; errors are what prevents it from being read.
pub fn verify(request: &Request<'_>) -> Result<Report, VerifyError> {
    verify_and_keep(request, None)
}

/// Like [`verify`], with a keeper of the objects that are read.
#[doc(hidden)]
pub fn verify_and_keep(request: &Request<'_>, keeper: Option<&dyn Keeper>) -> Result<Report, VerifyError> {
    let archive = find(request.sources, request.ledger)?;
    let found = if request.asked().reads_objects() {
        examine(request, &Work::of(&archive), Asked { keeper, ..Asked::default() })?
    } else {
        Findings::default()
    };
    Ok(Report::new(request, archive, found))
}

/// Reads one part of an archive, and saves the findings in the request's state. They are not a verdict.
#[doc(hidden)]
pub fn verify_part(request: &Request<'_>, part: Part) -> Result<PartReport, VerifyError> {
    part_read(request, part, None)
}

/// Like [`verify_part`], with a taker of the blocks of the part. Every object in it is read, whatever the state says
/// about it; [`BlockTaker::begin`] receives the objects of all parts.
#[doc(hidden)]
pub fn verify_part_and_take(
    request: &Request<'_>,
    part: Part,
    taker: &dyn BlockTaker,
) -> Result<PartReport, VerifyError> {
    part_read(request, part, Some(taker))
}

fn part_read(request: &Request<'_>, part: Part, taker: Option<&dyn BlockTaker>) -> Result<PartReport, VerifyError> {
    let archive = find(request.sources, request.ledger)?;
    let work = Work::of(&archive);
    let (objects_of_all, bytes_of_all) = (work.len() as u64, work.iter().map(Work::size).sum());
    let asked = Asked { part: Some(part), taker, ..Asked::default() };
    let reads = taker.is_some() || request.asked().reads_objects();
    let examined = if reads { examine(request, &work, asked)?.examined } else { Vec::new() };
    let broken = examined.iter().filter(|one| !one.checked.breaks.is_empty());
    let read = examined.iter().map(|one| PartObject {
        key: one.object.file.found.key.clone(),
        size: one.object.file.found.size,
        sha256: one.checked.sha256.clone(),
    });
    Ok(PartReport {
        part,
        objects: examined.len() as u64,
        bytes: examined.iter().map(|one| one.object.file.found.size).sum(),
        blocks: examined.iter().map(|one| one.checked.blocks).sum(),
        broken: broken.map(|one| one.object.file.found.key.clone()).collect(),
        read: read.collect(),
        objects_of_all,
        bytes_of_all,
    })
}

/// Like [`verify`], with a taker of the blocks. Every object is read, regardless of what is known from an earlier
/// verification and of the requested levels.
#[doc(hidden)]
pub fn verify_and_take(request: &Request<'_>, taker: &dyn BlockTaker) -> Result<Report, VerifyError> {
    let archive = find(request.sources, request.ledger)?;
    let found = examine(request, &Work::of(&archive), Asked { taker: Some(taker), ..Asked::default() })?;
    Ok(Report::new(request, archive, found))
}

/// An object to check, and the exports that list it.
struct Work<'a> {
    listers: Arc<Listers<'a>>,
    object: &'a DataObject,
}

impl<'a> Work<'a> {
    fn size(&self) -> u64 {
        self.object.file.found.size
    }

    /// Every object once, in the order of the archive.
    fn of(archive: &'a Archive) -> Vec<Self> {
        let mut work: Vec<Self> = Vec::new();
        let mut places: HashMap<(usize, &str), usize> = HashMap::new();
        let mut several: HashMap<Vec<usize>, Arc<Listers<'a>>> = HashMap::new();
        for (index, export) in archive.exports.iter().enumerate() {
            let alone = Listers::of(archive, &[index]);
            for object in &export.objects {
                match places.entry((object.file.source, &object.file.found.key)) {
                    Entry::Occupied(place) => {
                        if let Some(known) = work.get_mut(*place.get()) {
                            let numbers = [&*known.listers.numbers, &[index]].concat();
                            let shared = several.entry(numbers);
                            let shared = shared.or_insert_with_key(|numbers| Listers::of(archive, numbers));
                            known.listers = Arc::clone(shared);
                        }
                    }
                    Entry::Vacant(place) => {
                        place.insert(work.len());
                        work.push(Self { listers: Arc::clone(&alone), object });
                    }
                }
            }
        }
        work
    }
}

/// The participants of a verification, and the part of the archive that they work on.
#[derive(Clone, Copy, Default)]
struct Asked<'a> {
    keeper: Option<&'a dyn Keeper>,
    taker: Option<&'a dyn BlockTaker>,
    part: Option<Part>,
}

/// The findings in the objects: in each, and in all together.
#[derive(Default)]
struct Findings {
    examined: Vec<Examined>,
    counts: Counts,
    notable: Notable,
    outline: Outline,
}

/// Checks every object, on all cores; results keep the order of the archive. Blocks are taken in the order of the
/// journal.
#[allow(clippy::indexing_slicing, reason = "the numbers of `work` itself")]
fn examine(
    request: &Request<'_>,
    work: &[Work<'_>],
    Asked { keeper, taker, part }: Asked<'_>,
) -> Result<Findings, VerifyError> {
    let sizes: Vec<u64> = work.iter().map(Work::size).collect();
    let held = part.map_or_else(|| vec![true; work.len()], |part| part.holds(&sizes));
    let mine = || sizes.iter().zip(&held).filter(|(_, is_held)| **is_held);
    request.progress.begin(mine().count() as u64, mine().map(|(size, _)| size).sum());
    let checkers = Checkers::new(request.asked());
    let overlaps = chain::overlaps(work);
    let tips = request.tips();
    let mut order = if taker.is_some() { chain::journal_order(work) } else { (0..work.len()).collect() };
    let listed = order.iter().filter_map(|index| {
        Some(TakenObject { object: work[*index].object, export: work[*index].listers.exports.first()? })
    });
    let turns = taker.map(|taker| Turns::begin(taker, &listed.collect::<Vec<_>>())).transpose()?;
    order.retain(|index| held[*index]);
    let check_of = |index: usize| ObjectCheck {
        listers: &work[index].listers,
        object: work[index].object,
        levels: request.asked(),
        tips: &tips,
        has_log: request.folds_log(),
        digest_bytes: request.digest_bytes,
        overlap: overlaps[index],
        keeps_hashes: overlaps[index].is_shared,
        checkers: &checkers,
        taker,
    };
    let failed = AtomicBool::new(false);
    // One for all objects, so that it is bounded however many there are.
    let totals = Mutex::new((Counts::default(), Notable::default()));
    let outlines = Mutex::new(Outlines::default());
    let stop = || request.stop.load(Ordering::Relaxed) || failed.load(Ordering::Relaxed);
    let results = run_tasks(request.jobs, &order, stop, |place, index, helpers| {
        let progress = |bytes| request.progress.advance(bytes);
        let turn = turns.as_ref().map(|turns| turns.of(place));
        let beside = Beside { keeper, turn, progress: &progress, stop: request.stop };
        let checked = check_one(request, check_of(*index), beside, helpers).map(|known| {
            let mut checked = Box::new(known?);
            let Seen { counts, outline, notable } = checked.seen.take().map(|seen| *seen).unwrap_or_default();
            let mut totals = totals.lock().unwrap_or_else(PoisonError::into_inner);
            totals.0 += counts;
            totals.1.merge(notable);
            drop(totals);
            outlines.lock().unwrap_or_else(PoisonError::into_inner).add(*index, outline);
            Some(checked)
        });
        request.progress.object_done();
        failed.fetch_or(checked.is_err(), Ordering::Relaxed);
        // Boxed, since there is a place for each object.
        checked.map_err(Box::new)
    });
    request.resume.map_or(Ok(()), Resume::end)?;
    let mut in_order: Vec<Option<_>> = work.iter().map(|_| None).collect();
    order.iter().zip(results).for_each(|(index, checked)| in_order[*index] = checked);
    let mut examined = Vec::with_capacity(order.len());
    let (mut interrupted, mut unread) = (false, Vec::new());
    for (index, (Work { listers, object }, checked)) in work.iter().zip(in_order).enumerate() {
        match checked {
            Some(Ok(Some(checked))) => {
                let exports = Arc::clone(&listers.numbers);
                examined.push(Examined { exports, object: (*object).clone(), checked });
            }
            Some(Ok(None)) => unread.push((index, &object.file.found.key)),
            // A failure says more than a job that ended because of it.
            None => interrupted |= held[index],
            Some(Err(failed)) if matches!(*failed, VerifyError::Interrupted) => interrupted |= held[index],
            Some(Err(failed)) => return Err(*failed),
        }
    }
    let (counts, notable) = totals.into_inner().unwrap_or_else(PoisonError::into_inner);
    let outline = outlines.into_inner().unwrap_or_else(PoisonError::into_inner).outline();
    match unread.first() {
        _ if interrupted => Err(VerifyError::Interrupted),
        Some((_, first)) => Err(VerifyError::Unread {
            parts: request.joined.map_or_else(Vec::new, |joined| joined.parts_of(&unread, &sizes)),
            objects: unread.len() as u64,
            first: (*first).clone(),
        }),
        None => Ok(Findings { examined, counts, notable, outline }),
    }
}

#[allow(clippy::indexing_slicing, reason = "an object names one of the sources that it was found in")]
fn check_one<'a: 'env, 'env>(
    request: &Request<'_>,
    check: ObjectCheck<'a>,
    beside: Beside<'_, 'a>,
    helpers: &Helpers<'env>,
) -> Result<Option<CheckedObject>, VerifyError> {
    let (object, listers) = (check.object, check.listers);
    let source = request.sources[object.file.source].as_ref();
    let known = request.resume.and_then(|resume| resume.known(source, listers, object, check.overlap));
    let is_kept = known.is_some();
    if let Some(checked) = known.filter(|_| check.taker.is_none()) {
        request.progress.advance(object.file.found.size);
        return Ok(Some(checked));
    }
    if let Some(joined) = request.joined.filter(|_| check.taker.is_none()) {
        match joined.known(source, listers, object, check.overlap)? {
            Known::Checked(checked) => {
                request.progress.advance(object.file.found.size);
                return Ok(Some(*checked));
            }
            Known::Unknown if !joined.is_complete() => return Ok(None),
            Known::Unknown | Known::Broken => {}
        }
    }
    let checked = check.run(source, beside, helpers)?;
    if let Some(resume) = request.resume.filter(|_| !is_kept) {
        resume.keep(source, listers, object, &checked)?;
    }
    Ok(Some(checked))
}
