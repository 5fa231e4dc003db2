//! What is to be verified, how far, and who watches.

use std::sync::atomic::AtomicBool;

use super::contents::Accepted;
use super::resume::{Joined, Resume};
use super::{Level, Levels, SavedAnchor, SavedDigest};
use crate::archive::source::Source;

/// Where nobody can stop a verification.
static NEVER: AtomicBool = AtomicBool::new(false);

/// What is to be verified, and how far.
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
    /// All that the archive in these sources can prove by itself; several sources are one archive.
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

    /// Just these levels. Otherwise every level that needs no digest, and [`Level::Digest`] where there is one or an anchor.
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

    /// Whether to compute the root of RFC 6962's tree, as an anchor needs it.
    #[doc(hidden)]
    pub fn log_root(self, log_root: bool) -> Self {
        Self { log_root, ..self }
    }

    /// Whether to take the SHA-256 of every object, as a receipt and an import need it.
    pub fn sha256_of_objects(self, digest_bytes: bool) -> Self {
        Self { digest_bytes, ..self }
    }

    /// What an earlier verification that was interrupted already found.
    #[doc(hidden)]
    pub fn resume(self, resume: impl Into<Option<&'a Resume>>) -> Self {
        Self { resume: resume.into(), ..self }
    }

    /// What the parts of a divided verification found.
    #[doc(hidden)]
    pub fn joined(self, joined: impl Into<Option<&'a Joined>>) -> Self {
        Self { joined: joined.into(), ..self }
    }

    /// What is known to be fine.
    pub fn accepting(self, accepted: Accepted) -> Self {
        Self { accepted, ..self }
    }

    /// On how many threads; one a core if this is not said.
    pub fn jobs(self, jobs: usize) -> Self {
        Self { jobs, ..self }
    }

    /// Learns how far the verification is.
    pub fn progress(self, progress: &'a dyn Watcher) -> Self {
        Self { progress, ..self }
    }

    /// Set from outside, ends the verification after the objects in hand.
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

    /// The last blocks of what was saved elsewhere.
    pub(super) fn tips(&self) -> Vec<u64> {
        let digest = self.digest.as_ref().map(|digest| digest.tip);
        let anchor = self.anchor.as_ref().map(|saved| saved.anchor.tip());
        let mut tips: Vec<u64> = digest.into_iter().chain(anchor).collect();
        tips.dedup();
        tips
    }

    /// Whether the tree of RFC 6962 is folded.
    pub(super) fn folds_log(&self) -> bool {
        self.log_root || self.anchor.is_some()
    }
}

/// How many threads a verification takes by default: one a core.
pub fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Learns how far a verification is.
pub trait Watcher: Sync {
    /// How many objects will be read, and their bytes.
    fn begin(&self, objects: u64, bytes: u64);
    /// So many bytes were read, or need not be read again.
    fn advance(&self, bytes: u64);
    /// One more object is done.
    fn object_done(&self);
}

/// Watches nothing.
impl Watcher for () {
    fn begin(&self, _objects: u64, _bytes: u64) {}
    fn advance(&self, _bytes: u64) {}
    fn object_done(&self) {}
}
