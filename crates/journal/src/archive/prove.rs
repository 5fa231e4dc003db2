//! Proofs of one block, or of the revisions of one document, from an archive: the responses that
//! GetBlock and GetRevision would have given, up to a digest. They are extracted in the pass that
//! verifies the archive, and are only as good as its verdict.
//!
//! Memory does not grow with the journal: for each proof it holds the siblings, a few hundred
//! bytes. The texts are kept in a file. Used by the command line.

mod spool;

use std::io::{self, Read, Seek, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::verify::{BlockTaker, CheckedBlocks, SavedAnswer, SavedDigest, TakeError, Taken, TakenObject, the_journal};
use crate::internal::merkle::Paths;
use crate::internal::{block_answer, block_text, revision_answer, revisions_of};
use crate::{Hash, JournalError, Judged, RawBlock};
use spool::Spool;

/// What is to be proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The block with this number.
    Block(u64),
    /// Revisions of a document.
    Document {
        /// Its id.
        id: String,
        /// One version, or all of them.
        version: Option<u64>,
    },
}

impl Wanted {
    /// The response that contains it.
    pub fn answer(&self) -> SavedAnswer {
        match self {
            Self::Block(_) => SavedAnswer::Block,
            Self::Document { .. } => SavedAnswer::Revision,
        }
    }

    fn is_in(&self, head: &Judged<'_>) -> bool {
        match self {
            Self::Block(number) => head.sequence_no == *number,
            Self::Document { id, .. } => head.document_ids().any(|other| other == id),
        }
    }

    fn has_version(&self, found: Option<u64>) -> bool {
        match self {
            Self::Block(_) | Self::Document { version: None, .. } => true,
            Self::Document { version: wanted, .. } => *wanted == found,
        }
    }
}

/// Why there is no proof, although the archive itself is not at fault.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProveError {
    /// The archive holds several journals, and a proof is for one.
    #[error("the archive holds {} journals: {}", .0.len(), .0.join("; "))]
    SeveralJournals(Vec<String>),
    /// Blocks that were checked could not be read again, or contain no such proof.
    #[error("blocks can't be read")]
    Blocks(#[from] JournalError),
    /// What was found could not be stored.
    #[error("what was found can't be stored")]
    Spool(#[from] io::Error),
    /// The blocks do not lead to the digest, although the archive is proved.
    #[error("the proofs do not lead to the digest")]
    Astray,
}

/// Finds what is to be proved, as a taker of a verification's blocks.
pub struct Prover<S> {
    wanted: Wanted,
    /// The last block that the digest covers; `None` for the digest at the journal's end.
    tip: Option<u64>,
    state: Mutex<State<S>>,
}

struct State<S> {
    paths: Paths,
    found: Vec<Located>,
    beyond: Vec<Beyond>,
    versions: Option<(u64, u64)>,
    /// A read failure, which also counts against the archive.
    failure: Option<JournalError>,
    spool: Spool<S>,
}

/// Something that was found, with its text in the spool.
struct Located {
    sequence_no: u64,
    version: Option<u64>,
    in_block: Vec<Hash>,
    text: (u64, u64),
}

/// Something requested that lies beyond the digest's tip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beyond {
    /// The block.
    pub sequence_no: u64,
    /// A revision's version, according to its metadata.
    pub version: Option<u64>,
}

/// The result of reading a run of blocks.
#[derive(Default)]
struct Run {
    /// The blocks' numbers and hashes.
    leaves: Vec<(u64, Hash)>,
    /// The extracted texts, with the block of each.
    answers: Vec<(u64, Excerpt)>,
    failure: Option<JournalError>,
}

/// A block or a revision as Ion text.
struct Excerpt {
    version: Option<u64>,
    text: String,
    in_block: Vec<Hash>,
}

impl<S: Read + Write + Seek> Prover<S> {
    /// Starts: the texts that are found are stored in `spool`, an empty file. `tip` is that of the digest against which
    /// they are to be proved; without it, the journal's own end is used.
    pub fn begin(wanted: Wanted, tip: Option<u64>, spool: S) -> Self {
        let state = State {
            paths: Paths::default(),
            found: Vec::new(),
            beyond: Vec::new(),
            versions: None,
            failure: None,
            spool: Spool::of(spool),
        };
        Self { wanted, tip, state: Mutex::new(state) }
    }

    /// Completes the proofs with the digest, once the archive is proved up to it.
    pub fn end(self, digest: &SavedDigest) -> Result<Proofs<S>, ProveError> {
        let State { paths, found, beyond, versions, failure, spool } =
            self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(failure) = failure {
            return Err(failure.into());
        }
        if paths.root() != Some(digest.digest) {
            return Err(ProveError::Astray);
        }
        Ok(Proofs { wanted: self.wanted, paths, found, beyond, versions, spool })
    }

    fn state(&self) -> MutexGuard<'_, State<S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn excerpts(&self, block: &RawBlock) -> Result<Vec<Excerpt>, JournalError> {
        match &self.wanted {
            Wanted::Block(_) => Ok(vec![Excerpt { version: None, text: block_text(block)?, in_block: Vec::new() }]),
            Wanted::Document { id, .. } => {
                let revisions = revisions_of(block, id)?.into_iter();
                let excerpt = |one: crate::internal::RevisionInBlock| Excerpt {
                    version: one.version,
                    text: one.text,
                    in_block: one.in_block_proof,
                };
                Ok(revisions.map(excerpt).collect())
            }
        }
    }

    fn put(&self, run: Run) -> Result<(), ProveError> {
        let mut state = self.state();
        state.failure = state.failure.take().or(run.failure);
        let is_covered = |number: u64| self.tip.is_none_or(|tip| number <= tip);
        let mut answers = run.answers.into_iter().peekable();
        for (number, hash) in run.leaves {
            let mut is_wanted = false;
            while let Some((_, text)) = answers.next_if(|(block, _)| *block == number) {
                state.note_version(text.version);
                if !self.wanted.has_version(text.version) {
                    continue;
                }
                if is_covered(number) {
                    is_wanted = true;
                    state.keep(number, text)?;
                } else {
                    state.beyond.push(Beyond { sequence_no: number, version: text.version });
                }
            }
            if is_covered(number) {
                state.paths.push(number, hash, is_wanted);
            }
        }
        Ok(())
    }
}

impl<S: Read + Write + Seek> State<S> {
    fn note_version(&mut self, version: Option<u64>) {
        let Some(version) = version else { return };
        let (first, last) = self.versions.unwrap_or((version, version));
        self.versions = Some((first.min(version), last.max(version)));
    }

    fn keep(&mut self, sequence_no: u64, text: Excerpt) -> Result<(), ProveError> {
        let place = self.spool.keep(text.text.as_bytes())?;
        self.found.push(Located { sequence_no, version: text.version, in_block: text.in_block, text: place });
        Ok(())
    }
}

impl<S: Read + Write + Seek + Send> BlockTaker for Prover<S> {
    fn begin(&self, objects: &[TakenObject<'_>]) -> Result<(), TakeError> {
        the_journal(objects).map_err(ProveError::SeveralJournals)?;
        Ok(())
    }

    fn read(&self, blocks: CheckedBlocks<'_>) -> Result<Taken<'_>, TakeError> {
        let (new_from, is_json) = (blocks.new_from, blocks.is_json);
        let mut run = Run::default();
        let read = blocks.each_head(|head, block| {
            if head.sequence_no < new_from {
                return Ok(());
            }
            run.leaves.push((head.sequence_no, head.links.block_hash));
            // JSON has lost what the hashes cover, which the verdict says.
            if !is_json && self.wanted.is_in(head) {
                match self.excerpts(&block()) {
                    Ok(texts) => run.answers.extend(texts.into_iter().map(|text| (head.sequence_no, text))),
                    Err(failure) => run.failure = run.failure.take().or(Some(failure)),
                }
            }
            Ok(())
        });
        read.map_err(ProveError::from)?;
        let texts: usize = run.answers.iter().map(|(_, text)| text.text.len()).sum();
        let bytes = texts + run.leaves.len() * size_of::<(u64, Hash)>();
        Ok(Taken { bytes, put: Box::new(move || Ok(self.put(run)?)) })
    }
}

/// What was found, with the path from each to the digest.
pub struct Proofs<S> {
    wanted: Wanted,
    paths: Paths,
    found: Vec<Located>,
    beyond: Vec<Beyond>,
    versions: Option<(u64, u64)>,
    spool: Spool<S>,
}

/// A block or a revision with its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proved {
    /// The block, or that of the revision.
    pub sequence_no: u64,
    /// A revision's version, according to its metadata.
    pub version: Option<u64>,
    /// How many siblings are inside the block.
    pub siblings_in_block: usize,
    /// Every sibling from the hash up to the digest, bottom up.
    pub proof: Vec<Hash>,
    /// The response of GetBlock or GetRevision.
    pub answer: serde_json::Value,
}

impl<S: Read + Seek> Proofs<S> {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.found.len()
    }

    /// What lies beyond the digest's tip.
    pub fn beyond(&self) -> &[Beyond] {
        &self.beyond
    }

    /// The lowest and the highest version of the document in the archive, whichever was requested.
    pub fn versions(&self) -> Option<(u64, u64)> {
        self.versions
    }

    /// Passes on each proof, in the order of the journal.
    pub fn each<E: From<ProveError>>(mut self, mut take: impl FnMut(Proved) -> Result<(), E>) -> Result<(), E> {
        for found in &self.found {
            let text = self.spool.text(found.text).map_err(ProveError::from)?;
            let above = self.paths.path(found.sequence_no).ok_or(ProveError::Astray)?;
            let proof = [found.in_block.clone(), above].concat();
            let answer = match self.wanted.answer() {
                SavedAnswer::Block => block_answer(&text, Some(&proof)),
                SavedAnswer::Revision => revision_answer(&text, Some(&proof)),
            };
            let (sequence_no, version) = (found.sequence_no, found.version);
            take(Proved { sequence_no, version, siblings_in_block: found.in_block.len(), proof, answer })?;
        }
        Ok(())
    }
}
