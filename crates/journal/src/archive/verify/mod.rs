//! Proves that archived exports are complete and unaltered, offline.
//!
//! A fold: each object is checked by itself and yields a [`Span`], and spans join. So all cores
//! share the work, and the result does not depend on how it was divided. Used by the command line,
//! and by the engine before an import.

mod anchor;
mod anchoring;
mod chain;
mod checked_object;
mod claim;
mod contents;
mod error;
mod examine;
mod findings;
mod keep;
mod levels;
mod listers;
mod object;
mod outlines;
mod part;
mod part_report;
mod proof;
mod report;
mod request;
mod resume;
mod rules;
mod runs;
mod span;
mod status;
mod summaries;
mod take;
mod work;

pub use super::finding::{Break, BreakKind, Breaks, Level};
pub use chain::JournalSpan;
pub use contents::Accepted;
pub use error::VerifyError;
pub use levels::{Levels, UnknownLevel};
pub use proof::{SavedAnswerError, SavedDigest};
pub use report::{DigestScope, LevelReport, Report};
pub use request::{Request, Watcher};
pub use status::Status;

// For the other crates of this workspace.
#[doc(hidden)]
pub use anchor::{Anchor, AnchorError, NoAnchor, SavedAnchor};
#[doc(hidden)]
pub use chain::RootsAt;
#[doc(hidden)]
pub use checked_object::CheckedObject;
#[doc(hidden)]
pub use error::{ResumeError, TakeError};
#[doc(hidden)]
pub use findings::Examined;
#[doc(hidden)]
pub use keep::{Keeper, KeptObject, Opened};
#[doc(hidden)]
pub use part::{NotAPart, Part};
#[doc(hidden)]
pub use part_report::PartReport;
#[doc(hidden)]
pub use proof::{NOT_COVERED_IN_ANSWERS, ProofReport, SavedAnswer, check_saved, text_of};
#[doc(hidden)]
pub use report::NOT_COVERED;
#[doc(hidden)]
pub use request::default_jobs;
#[doc(hidden)]
pub use resume::{Believed, Joined, Resume, ResumeAsked};
#[doc(hidden)]
pub use span::{Ends, Span};
#[doc(hidden)]
pub use summaries::ObjectSummary;
#[doc(hidden)]
pub use take::{BlockTaker, CheckedBlocks, Taken, TakenObject, the_journal};

use super::find::find;
use examine::{Asked, examine};
use findings::Findings;
use work::Work;

/// Verifies an archive. Its faults are in the report; errors are what prevents it from being read.
pub fn verify(request: &Request<'_>) -> Result<Report, VerifyError> {
    verify_and_keep(request, None)
}

/// Like [`verify`], with a keeper of the objects that are read.
#[doc(hidden)]
pub fn verify_and_keep(request: &Request<'_>, keeper: Option<&dyn Keeper>) -> Result<Report, VerifyError> {
    report(request, Asked { keeper, ..Asked::default() }, request.asked().reads_objects())
}

fn report(request: &Request<'_>, asked: Asked<'_>, reads: bool) -> Result<Report, VerifyError> {
    let archive = find(request.sources, request.ledger)?;
    let work = Work::of(&archive);
    let total = work.total();
    let found = if reads { examine(request, &work, asked)? } else { Findings::default() };
    let places = work.into_places();
    Ok(Report::new(request, archive, total, (found, places)))
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
    let asked = Asked { part: Some(part), taker, ..Asked::default() };
    let reads = taker.is_some() || request.asked().reads_objects();
    let found = if reads { examine(request, &work, asked)? } else { Findings::default() };
    let key = |number: usize| work.object(number).file.found.key.clone();
    let broken = found.breaks().map(|(number, _)| key(number)).collect();
    let (total, places) = (work.total(), work.into_places());
    Ok(PartReport::new(part, archive.exports, total, broken, (found, places)))
}

/// Like [`verify`], with a taker of the blocks. Every object is read, regardless of what is known from an earlier
/// verification and of the requested levels.
#[doc(hidden)]
pub fn verify_and_take(request: &Request<'_>, taker: &dyn BlockTaker) -> Result<Report, VerifyError> {
    report(request, Asked { taker: Some(taker), ..Asked::default() }, true)
}
