//! Checks the objects of an archive, or of a part of it, on all cores. What is known about an
//! object from an earlier verification, or from joined parts, replaces reading it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::error::VerifyError;
use super::findings::Findings;
use super::object::{Beside, Checkers, ObjectCheck};
use super::resume::{Known, Resume};
use super::take::Turns;
use super::work::Work;
use super::{BlockTaker, CheckedObject, Keeper, Part, Request, TakenObject, chain};
use crate::{Helpers, run_tasks};

/// The participants of a verification, and the part of the archive that they work on.
#[derive(Clone, Copy, Default)]
pub(super) struct Asked<'a> {
    pub(super) keeper: Option<&'a dyn Keeper>,
    pub(super) taker: Option<&'a dyn BlockTaker>,
    pub(super) part: Option<Part>,
}

/// How the checks of all objects ended.
#[derive(Default)]
struct Ended {
    found: Findings,
    /// The numbers of objects about which nothing is known.
    unread: Vec<usize>,
    /// What failed, by the number of its object.
    failures: BTreeMap<usize, VerifyError>,
    is_interrupted: bool,
}

/// Checks every object, on all cores. Blocks are taken in the order of the journal.
pub(super) fn examine(
    request: &Request<'_>,
    work: &Work<'_>,
    Asked { keeper, taker, part }: Asked<'_>,
) -> Result<Findings, VerifyError> {
    let held = part.map_or(0..work.len(), |part| part.range(work.sizes()));
    request.progress.begin(held.len() as u64, work.sizes().skip(held.start).take(held.len()).sum());
    let checkers = Checkers::new(request.asked());
    let overlaps = chain::overlaps(work);
    let tips = request.tips();
    let mut order = if taker.is_some() { chain::journal_order(work) } else { held.clone().collect() };
    let listed = order.iter().filter_map(|number| {
        Some(TakenObject { object: work.object(*number), export: work.listers(*number).exports.first()? })
    });
    let turns = taker.map(|taker| Turns::begin(taker, &listed.collect::<Vec<_>>())).transpose()?;
    order.retain(|number| held.contains(number));
    let check_of = |number: usize| {
        let (object, listers) = (work.object(number), work.listers(number));
        let overlap = overlaps.of(number, object);
        ObjectCheck {
            listers,
            object,
            levels: request.asked(),
            tips: &tips,
            has_log: request.folds_log(),
            digest_bytes: request.digest_bytes,
            overlap,
            keeps_hashes: overlap.is_shared,
            checkers: &checkers,
            taker,
        }
    };
    let failed = AtomicBool::new(false);
    let ended = Mutex::new(Ended { found: Findings::of(held.start, held.len()), ..Ended::default() });
    let stop = || request.stop.load(Ordering::Relaxed) || failed.load(Ordering::Relaxed);
    let begun = run_tasks(request.jobs, &order, stop, |place, number, helpers| {
        let progress = |bytes| request.progress.advance(bytes);
        let turn = turns.as_ref().map(|turns| turns.of(place));
        let beside = Beside { keeper, turn, progress: &progress, stop: request.stop };
        let check = check_of(*number);
        let object = check.object;
        let checked = check_one(request, check, beside, helpers);
        failed.fetch_or(checked.is_err(), Ordering::Relaxed);
        let mut ended = ended.lock().unwrap_or_else(PoisonError::into_inner);
        match checked {
            Ok(Some(checked)) => ended.found.add(*number, object, checked),
            Ok(None) => ended.unread.push(*number),
            Err(VerifyError::Interrupted) => ended.is_interrupted = true,
            Err(failure) => drop(ended.failures.insert(*number, failure)),
        }
        drop(ended);
        request.progress.object_done();
    });
    request.resume.map_or(Ok(()), Resume::end)?;
    let ended = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
    let is_interrupted = ended.is_interrupted || begun.iter().any(Option::is_none);
    ended.outcome(request, work, is_interrupted)
}

impl Ended {
    fn outcome(self, request: &Request<'_>, work: &Work<'_>, is_interrupted: bool) -> Result<Findings, VerifyError> {
        let Self { found, mut unread, mut failures, .. } = self;
        // A failure says more than a job that ended because of it.
        if let Some((_, failure)) = failures.pop_first() {
            return Err(failure);
        }
        if is_interrupted {
            return Err(VerifyError::Interrupted);
        }
        unread.sort_unstable();
        match unread.first() {
            Some(first) => Err(VerifyError::Unread {
                parts: request.joined.map_or_else(Vec::new, |joined| joined.parts_of(&unread, work.sizes())),
                objects: unread.len() as u64,
                first: work.object(*first).file.found.key.clone(),
            }),
            None => Ok(found),
        }
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
    let known =
        request.resume.map(|resume| resume.known(source, listers, object, check.overlap)).transpose()?.flatten();
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
