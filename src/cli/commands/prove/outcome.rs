//! What was proved and written, as `README.txt` and stdout report it.

use std::path::Path;

use crate::cli::commands::verify::given::GivenDigest;
use crate::cli::commands::verify::saved::CheckedResponse;
use qldb_journal::archive::prove::{Beyond, Proved, Wanted};
use qldb_journal::archive::verify::{Report, SavedAnswer};

/// The file that describes the folder's contents.
pub(super) const README: &str = "README.txt";
/// The digest at the journal's own end.
pub(super) const DIGEST: &str = "digest.json";

/// A file that was written, and what it proves.
pub(super) struct ProofFile {
    /// Its name in the folder.
    pub(super) name: String,
    pub(super) proved: Proved,
    pub(super) answer: CheckedResponse,
}

/// What was proved, and what was written.
pub(super) struct Outcome<'a> {
    pub(super) wanted: &'a Wanted,
    /// The report on the archive.
    pub(super) report: &'a Report,
    pub(super) digest: GivenDigest,
    /// Whether the digest is the archive's own.
    pub(super) is_own: bool,
    pub(super) answers: Vec<ProofFile>,
    /// The versions that the digest does not cover.
    pub(super) beyond: Vec<Beyond>,
    pub(super) out: &'a Path,
}

impl Outcome<'_> {
    /// The digest, with the path of its file if it was written.
    pub(super) fn digest(&self) -> GivenDigest {
        let source =
            if self.is_own { format!("{DIGEST}, made from the archive itself") } else { self.digest.source.clone() };
        GivenDigest { source, ..self.digest.clone() }
    }

    /// The versions that the digest does not cover, with their blocks.
    pub(super) fn beyond(&self) -> Option<String> {
        let named = |one: &Beyond| match one.version {
            Some(version) => format!("version {version} (block {})", one.sequence_no),
            None => format!("a version in block {}", one.sequence_no),
        };
        let shown: Vec<String> = self.beyond.iter().take(MOST).map(named).collect();
        let more = if self.beyond.len() > MOST { ", …" } else { "" };
        (!shown.is_empty()).then(|| format!("{}{more}", shown.join(", ")))
    }
}

/// How many versions are listed individually.
const MOST: usize = 10;

/// What a file proves, in a few words.
pub(super) fn content(written: &ProofFile) -> String {
    let report = &written.answer.report;
    match (report.content_proved, report.answer, report.counts.redacted) {
        (true, SavedAnswer::Block, _) => "the block, with everything that its hashes cover".to_owned(),
        (true, SavedAnswer::Revision, 0) => "data and metadata".to_owned(),
        (true, SavedAnswer::Revision, _) => {
            "metadata and the hash of the data; the data itself is missing, as after a redaction".to_owned()
        }
        (false, ..) => format!("its hash alone: {}", report.reason.as_deref().unwrap_or_default()),
    }
}
