//! What to verify, how thoroughly, and who observes it.

use std::sync::atomic::AtomicBool;

use super::contents::Accepted;
use super::resume::{Joined, Resume};
use super::{Level, Levels, SavedAnchor, SavedDigest};
use crate::archive::source::Source;

/// For verifications that can't be stopped.
static NEVER: AtomicBool = AtomicBool::new(false);

/// What to verify, and how thoroughly.
///
/// ```
/// use qldb_journal::archive::source::{Folder, Source};
/// use qldb_journal::archive::verify::{Level, Levels, Request};
///
/// let sources: Vec<Box<dyn Source>> = vec![Box::new(Folder::new("exports"))];
/// let everything = Request::new(&sources);
/// let only_objects = Request::new(&sources).levels(Levels::of(&[Level::Objects])).ledger("vehicle-registration");
/// ```
#[must_use = "nothing is verified before it is given to `verify`"]
pub struct Request<'a> {
    pub(super) sources: &'a [Box<dyn Source>],
    levels: Option<Levels>,
    pub(super) ledger: Option<&'a str>,
    pub(super) digest: Option<SavedDigest>,
    pub(super) anchor: Option<SavedAnchor>,
    log_root: bool,
    pub(super) digest_bytes: bool,
    pub(super) resume: Option<&'a Resume>,
    pub(super) joined: Option<&'a Joined>,
    pub(super) accepted: Accepted,
    pub(super) jobs: usize,
    pub(super) progress: &'a dyn Watcher,
    pub(super) stop: &'a AtomicBool,
}

impl<'a> Request<'a> {
    /// Everything that the archive in these sources can prove by itself; several sources are one archive.
    pub fn new(sources: &'a [Box<dyn Source>]) -> Self {
        Self {
            sources,
            levels: None,
            ledger: None,
            digest: None,
            anchor: None,
            log_root: false,
            digest_bytes: false,
            resume: None,
            joined: None,
            accepted: Accepted::default(),
            jobs: default_jobs(),
            progress: &(),
            stop: &NEVER,
        }
    }

    /// Only these levels. The default is every level that needs no digest, and [`Level::Digest`] if there is a digest
    /// or an anchor.
    pub fn levels(self, levels: Levels) -> Self {
        Self { levels: Some(levels), ..self }
    }

    /// Only exports of this ledger.
    pub fn ledger(self, ledger: impl Into<Option<&'a str>>) -> Self {
        Self { ledger: ledger.into(), ..self }
    }

    /// A digest that was saved elsewhere.
    pub fn digest(self, digest: impl Into<Option<SavedDigest>>) -> Self {
        Self { digest: digest.into(), ..self }
    }

    /// An anchor that was saved elsewhere.
    #[doc(hidden)]
    pub fn anchor(self, anchor: impl Into<Option<SavedAnchor>>) -> Self {
        Self { anchor: anchor.into(), ..self }
    }

    /// Whether to compute the root of the RFC 6962 tree, which an anchor needs.
    #[doc(hidden)]
    pub fn log_root(self, log_root: bool) -> Self {
        Self { log_root, ..self }
    }

    /// Whether to compute the SHA-256 of every object, which a receipt and an import need.
    pub fn sha256_of_objects(self, digest_bytes: bool) -> Self {
        Self { digest_bytes, ..self }
    }

    /// The findings of an earlier, interrupted verification.
    #[doc(hidden)]
    pub fn resume(self, resume: impl Into<Option<&'a Resume>>) -> Self {
        Self { resume: resume.into(), ..self }
    }

    /// The findings of the parts of a divided verification.
    #[doc(hidden)]
    pub fn joined(self, joined: impl Into<Option<&'a Joined>>) -> Self {
        Self { joined: joined.into(), ..self }
    }

    /// Exceptions to accept.
    pub fn accepting(self, accepted: Accepted) -> Self {
        Self { accepted, ..self }
    }

    /// The number of threads; by default one for each core.
    pub fn jobs(self, jobs: usize) -> Self {
        Self { jobs, ..self }
    }

    /// Observes the progress.
    pub fn progress(self, progress: &'a dyn Watcher) -> Self {
        Self { progress, ..self }
    }

    /// When set from outside, ends the verification after the objects in progress.
    pub fn stop(self, stop: &'a AtomicBool) -> Self {
        Self { stop, ..self }
    }

    /// The levels that are asked for.
    pub(super) fn asked(&self) -> Levels {
        let all = || {
            let alone = Levels::without_digest();
            if self.digest.is_some() || self.anchor.is_some() { alone.with(Level::Digest) } else { alone }
        };
        self.levels.unwrap_or_else(all)
    }

    /// The last blocks covered by what was saved elsewhere.
    pub(super) fn tips(&self) -> Vec<u64> {
        let digest = self.digest.as_ref().map(|digest| digest.tip);
        let anchor = self.anchor.as_ref().map(|saved| saved.anchor.tip());
        let mut tips: Vec<u64> = digest.into_iter().chain(anchor).collect();
        tips.dedup();
        tips
    }

    /// Whether the RFC 6962 tree is folded.
    pub(super) fn folds_log(&self) -> bool {
        self.log_root || self.anchor.is_some()
    }
}

/// The default number of threads: one for each core.
pub fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Observes the progress of a verification.
pub trait Watcher: Sync {
    /// How many objects will be read, and their bytes.
    fn begin(&self, objects: u64, bytes: u64);
    /// This many bytes were read, or need not be read again.
    fn advance(&self, bytes: u64);
    /// Another object is done.
    fn object_done(&self);
}

/// Does not observe.
impl Watcher for () {
    fn begin(&self, _objects: u64, _bytes: u64) {}
    fn advance(&self, _bytes: u64) {}
    fn object_done(&self) {}
}
