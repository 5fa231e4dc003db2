//! Runs a verification that signals can interrupt, and shows its progress.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::state::Earlier;
use crate::cli::context::Context;
use crate::cli::context::object_store::Sources;
use crate::cli::context::signalled::under_signals;
use crate::cli::context::working::{Done, working};
use crate::cli::error::CliError;
use crate::cli::output::events;
use qldb_journal::archive::verify::{
    Accepted, BlockTaker, Keeper, Levels, Part, PartReport, Report, Request, SavedAnchor, SavedDigest, VerifyError,
    default_jobs, verify_and_keep, verify_and_take, verify_part, verify_part_and_take,
};

/// How a verification handles anchors: not at all, by default.
#[derive(Default)]
pub(crate) struct Anchoring {
    /// A saved anchor.
    pub(crate) saved: Option<SavedAnchor>,
    /// Whether a new anchor is wanted.
    pub(crate) is_wanted: bool,
}

/// What a verification is asked.
pub(crate) struct Question {
    pub(crate) levels: Levels,
    pub(crate) ledger: Option<String>,
    pub(crate) digest: Option<SavedDigest>,
    pub(crate) anchoring: Anchoring,
    pub(crate) digest_bytes: bool,
    /// What was found before.
    pub(crate) earlier: Earlier,
    /// The only part of the archive to read, if it is not read as a whole.
    pub(crate) part: Option<Part>,
    /// The number of threads.
    pub(crate) jobs: usize,
    pub(crate) accepted: Accepted,
    /// Stores the objects that are read.
    pub(crate) keeper: Option<Arc<dyn Keeper>>,
    /// Receives the blocks that are read.
    pub(crate) taker: Option<Arc<dyn BlockTaker>>,
    /// What to do if it is interrupted.
    pub(crate) advice: &'static str,
}

impl Question {
    /// The request to the library.
    fn request<'a>(&'a self, sources: &'a Sources, progress: &'a Done, stop: &'a AtomicBool) -> Request<'a> {
        let request = Request::new(sources)
            .levels(self.levels)
            .ledger(self.ledger.as_deref())
            .digest(self.digest.clone())
            .anchor(self.anchoring.saved.clone())
            .log_root(self.anchoring.is_wanted)
            .sha256_of_objects(self.digest_bytes)
            .jobs(self.jobs)
            .accepting(self.accepted)
            .progress(progress)
            .stop(stop);
        match &self.earlier {
            Earlier::None => request,
            Earlier::Own(resume) => request.resume(resume),
            Earlier::Others(joined, _) => request.joined(joined),
        }
    }
}

/// Verifies, and returns the sources. A signal ends it after the objects in progress.
pub(crate) fn verified(context: &Context, sources: Sources, question: Question) -> Result<(Report, Sources), CliError> {
    let (report, sources) = working(context, "verify", |done| {
        let done = Arc::clone(done);
        under_signals(context, question.advice, move |stop| answered(sources, &question, &done, stop))
    })?;
    events::of_report(&report).into_iter().for_each(|(event, members)| context.emit(event, members));
    Ok((report, sources))
}

/// Reads the part of an archive that the question names.
pub(crate) fn part_read(context: &Context, sources: Sources, question: Question) -> Result<PartReport, CliError> {
    working(context, "verify", |done| {
        let done = Arc::clone(done);
        let advice = question.advice;
        under_signals(context, advice, move |stop| {
            let request = question.request(&sources, &done, stop);
            match (question.part, &question.taker) {
                (Some(part), Some(taker)) => verify_part_and_take(&request, part, taker.as_ref()),
                (Some(part), None) => verify_part(&request, part),
                (None, _) => Err(VerifyError::Interrupted),
            }
        })
    })
}

/// The question for an archive that is to become a ledger: everything that it can prove by itself.
pub(crate) fn whole_archive(ledger: Option<String>, in_place: bool, keeper: Arc<dyn Keeper>) -> Question {
    Question {
        levels: Levels::without_digest(),
        ledger,
        digest: None,
        anchoring: Anchoring::default(),
        // For a copy, the engine computes it.
        digest_bytes: in_place,
        earlier: Earlier::None,
        part: None,
        jobs: default_jobs(),
        accepted: Accepted::ALL,
        keeper: Some(keeper),
        taker: None,
        advice: "",
    }
}

/// Verifies, and returns the sources.
pub(crate) fn answered(
    sources: Sources,
    question: &Question,
    progress: &Done,
    stop: &AtomicBool,
) -> Result<(Report, Sources), VerifyError> {
    let request = question.request(&sources, progress, stop);
    let report = match &question.taker {
        Some(taker) => verify_and_take(&request, taker.as_ref())?,
        None => verify_and_keep(&request, question.keeper.as_deref())?,
    };
    Ok((report, sources))
}
