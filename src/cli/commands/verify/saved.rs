//! Checks saved responses of GetBlock and GetRevision against a digest: those that are passed to
//! `verify`, and those that `prove` is about to write.

use std::path::Path;

use serde_json::{Value, json};

use super::given::GivenDigest;
use super::json_report;
use super::text_report;
use crate::cli::error::flags::WithRemedy as _;
use crate::cli::error::{CliError, files};
use crate::cli::output::breaks;
use crate::cli::output::screen::Screen;
use crate::cli::output::text;
use qldb_journal::Hash;
use qldb_journal::archive::verify::{
    NOT_COVERED_IN_ANSWERS, ProofReport, SavedAnswer, SavedAnswerError, Status, check_saved,
};
use qldb_journal::request::{Fault, Faults, Field};

/// A saved response that was checked.
pub(crate) struct CheckedResponse {
    /// The file.
    pub(super) name: String,
    /// Its length.
    pub(super) bytes: u64,
    /// The hash of its bytes.
    pub(super) sha256: Hash,
    /// The result.
    pub(crate) report: ProofReport,
    /// The digest that it was checked against.
    given: Value,
    digest_text: String,
    tip: u64,
}

/// Far larger than a block of the service, in bytes.
const LARGEST: u64 = 64 << 20;

const REMEDY: &str = "give the file with the response as the AWS CLI printed it";

fn read(flag: &'static str, path: &Path) -> Result<Vec<u8>, CliError> {
    let file = files::open(Field::Named(flag), path, REMEDY)?;
    let read = files::short(file, LARGEST).map_err(|source| CliError::File { path: path.to_owned(), source })?;
    read.map_err(|rule| {
        let rule = format!("{rule}, and so not a response of the service");
        Faults::from(Fault::malformed(Field::Named(flag), &path.display().to_string(), rule, REMEDY)).into()
    })
}

/// Checks the given files. Fails if a file is not such a response, or if the digest can't be that of its proof.
pub(super) fn check(
    block: Option<&Path>,
    revision: Option<&Path>,
    given: &GivenDigest,
) -> Result<Vec<CheckedResponse>, CliError> {
    let asked = [(SavedAnswer::Block, "--block", block), (SavedAnswer::Revision, "--revision", revision)];
    let mut answers = Vec::new();
    let mut faults = Faults::default();
    for (answer, flag, path) in asked {
        let Some(path) = path else { continue };
        let name = path.display().to_string();
        let bytes = match read(flag, path) {
            Err(CliError::Faults(own)) => {
                own.iter().cloned().for_each(|fault| faults.push(fault));
                continue;
            }
            read => read?,
        };
        match CheckedResponse::check(answer, &name, &bytes, given) {
            Ok(answer) => answers.push(answer),
            Err(error) => faults.push(fault(flag, &name, &error)),
        }
    }
    if faults.is_empty() { Ok(answers) } else { Err(faults.into()) }
}

fn fault(flag: &'static str, name: &str, error: &SavedAnswerError) -> Fault {
    match error {
        SavedAnswerError::NoSuchTree { tip, .. } => {
            let rule = format!("is not the tip of the digest: {error}");
            let remedy = format!("give the tip that was saved with the digest of {name}");
            Fault::malformed(Field::Named("--tip"), &tip.to_string(), rule, remedy)
        }
        _ => Fault::malformed(Field::Named(flag), name, format!("can't be checked: {error}"), REMEDY),
    }
}

const NOT_THERE: &str = "the hash is proved to be in the journal, but the content is missing";

/// A response is proved regardless of its position; its proof only allows the position.
const OWN_WORD: &str = "its number is its own claim, which the proof is consistent with";
const NOT_WRITTEN: &str = "a hash that is proved to be in the journal, but is not as QLDB writes it";

/// The fields of a response that no hash covers.
pub(crate) fn not_covered(answer: SavedAnswer) -> Vec<(&'static str, &'static str, &'static str)> {
    let own = |place: &str| answer == SavedAnswer::Block || place == "revision";
    NOT_COVERED_IN_ANSWERS.into_iter().filter(|(place, ..)| own(place)).collect()
}

impl CheckedResponse {
    /// Checks the bytes of a file against a digest.
    pub(crate) fn check(
        answer: SavedAnswer,
        name: &str,
        bytes: &[u8],
        given: &GivenDigest,
    ) -> Result<Self, SavedAnswerError> {
        Ok(Self {
            name: name.to_owned(),
            bytes: bytes.len() as u64,
            sha256: Hash::of(bytes),
            report: check_saved(answer, name, bytes, &given.saved)?,
            given: given.json(),
            digest_text: given.described(),
            tip: given.saved.tip,
        })
    }

    /// What was saved.
    fn word(&self) -> &'static str {
        match self.report.answer {
            SavedAnswer::Block => "block",
            SavedAnswer::Revision => "revision",
        }
    }

    /// Why it is not proved, in one line.
    pub(crate) fn reason(&self) -> String {
        let why = match (self.report.breaks.first(), &self.report.reason) {
            (Some(one), _) => breaks::line(one),
            (None, reason) => self.open(reason.as_deref().unwrap_or_default()),
        };
        format!("{}: {}: {why}", self.report.status().as_str(), self.word())
    }

    /// Why the content is not proved although the hash is.
    fn open(&self, reason: &str) -> String {
        if self.report.in_journal { format!("{NOT_THERE}: {reason}") } else { reason.to_owned() }
    }

    /// The fields of the response that no hash covers.
    pub(super) fn not_covered(&self) -> Vec<(&'static str, &'static str, &'static str)> {
        not_covered(self.report.answer)
    }

    /// The report for programs.
    pub(crate) fn json(&self) -> Value {
        let report = &self.report;
        let is_block = report.answer == SavedAnswer::Block;
        let unproved = report.status() == Status::Unproved;
        json!({
            "verdict": report.status().as_str(),
            "answer": self.word(),
            "file": self.name,
            "sequenceNo": report.sequence_no,
            "strandId": report.strand_id,
            "documentId": report.document_id,
            "hash": report.hash.map(Hash::to_base64),
            "digestGiven": self.given,
            "hashInJournal": report.in_journal,
            "siblings": report.siblings,
            "contentProved": report.content_proved,
            "reason": report.reason.as_deref().filter(|_| unproved).map(|reason| self.open(reason)),
            "transactionInfo": is_block.then_some(report.transaction_info),
            "revisions": json_report::revisions(report.counts),
            "unaccountedEntries": is_block.then_some(report.counts.unaccounted),
            "breaks": report.breaks.iter().map(breaks::json).collect::<Vec<_>>(),
            "notCovered": self
                .not_covered()
                .iter()
                .map(|(place, what, speaks)| json_report::of_uncovered(place, what, speaks))
                .collect::<Vec<_>>(),
        })
    }

    /// The report for people: the verdict, what it rests on, and the verdict again in one word.
    pub(super) fn text(&self, verbose: bool, screen: Screen) -> String {
        let verdict = text::wrapped(&self.verdict(), 2, screen.width.unwrap_or(usize::MAX));
        let breaks = self.report.breaks.iter().map(|one| text_report::item(&breaks::line(one), screen));
        let lines: Vec<String> = std::iter::once(verdict).chain(breaks).collect();
        let not_covered = text_report::not_covered(&self.not_covered(), verbose, screen);
        let verdict = text_report::verdict(self.report.status(), screen);
        [lines.join("\n"), text::fields(&self.fields(), screen), not_covered, verdict].join("\n\n")
    }

    /// The result in one sentence.
    pub(super) fn verdict(&self) -> String {
        let (report, status) = (&self.report, self.report.status());
        let number = report.sequence_no.map(|number| number.to_string());
        let subject = match (report.answer, number) {
            (SavedAnswer::Block, Some(number)) => format!("the block {number}"),
            (SavedAnswer::Revision, Some(number)) => format!("the revision of block {number}"),
            (_, None) => format!("the {}", self.word()),
        };
        let subject = format!("{subject} in {}", self.name);
        let (word, tip) = (status.as_str(), self.tip);
        let message = match (status, &report.reason) {
            (Status::Proved, _) => {
                format!("{word}: {subject} belongs to the journal with this digest at block {tip}; {OWN_WORD}")
            }
            (Status::Unproved, Some(reason)) => format!("{word}: {subject}: {}", self.open(reason)),
            (Status::Unproved, None) => format!("{word}: {subject} has {NOT_WRITTEN}"),
            _ => format!("{word}: {subject}"),
        };
        text::one_line(&message).into_owned()
    }

    /// What it rests on.
    pub(super) fn fields(&self) -> Vec<(&'static str, String)> {
        let report = &self.report;
        let mut fields = vec![("Digest", self.digest_text.clone())];
        fields.extend(report.hash.map(|hash| ("Hash", hash.to_base64())));
        if let Some(siblings) = report.siblings {
            let leads = if report.in_journal { ", as expected for this position; they lead to the digest" } else { "" };
            fields.push(("Proof", format!("{}{leads}", text::count(siblings as u64, "sibling"))));
        }
        match (report.hash, report.answer) {
            (None, _) => {}
            (Some(_), SavedAnswer::Block) => fields.extend(self.of_block()),
            (Some(_), SavedAnswer::Revision) => fields.extend(self.of_revision()),
        }
        fields
    }

    fn of_block(&self) -> [(&'static str, String); 3] {
        let report = &self.report;
        let info = if report.transaction_info { "transactionInfo is present" } else { "transactionInfo is missing" };
        let unaccounted = report.counts.unaccounted;
        [
            ("Transaction", info.to_owned()),
            ("Revisions", text_report::revisions(report.counts)),
            ("Entries", format!("{unaccounted} that nothing in the block accounts for; two are the service's own")),
        ]
    }

    fn of_revision(&self) -> Vec<(&'static str, String)> {
        let report = &self.report;
        let content = match (report.content_proved, report.counts.redacted) {
            (true, 0) => "data and metadata hash to it",
            (true, _) => "metadata and the hash of redacted data hash to it; the data is missing",
            (false, _) => "not proved",
        };
        let document = report.document_id.clone().map(|id| ("Document", id));
        document.into_iter().chain([("Content", content.to_owned())]).collect()
    }
}
