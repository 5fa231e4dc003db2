//! The report of `--report`: for people who were not there, as one HTML page or as text. It begins
//! with what was proved, followed by what can't be proved and why, everything that was read, how to
//! repeat the verification, and the receipt.
//!
//! For `verify`, and for commands that verify while they do something else.

mod answers;
pub(crate) mod asked;
mod chart;
mod document;
mod holdings;
mod html;
mod limits;
mod plain;
mod proved;
mod repeat;
mod verdict;

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::receipt::{self, Proof};
use crate::cli::error::CliError;
use crate::cli::error::flags::WithRemedy as _;
use crate::cli::output::output_file::{FileKind, OutputFile};
use document::ReportDocument;
use qldb_journal::request::{Fault, Faults, Field};
pub(crate) use repeat::{Repeated, TypedFlag, flag};

/// How each report names the program; a report is recognised by this when it is replaced.
const GENERATOR: &str = concat!("qldb-export report, version ", env!("CARGO_PKG_VERSION"));

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReportFormat {
    Html,
    Text,
}

/// Where a report is written. It is checked before anything is read.
pub(crate) struct ReportFile {
    file: OutputFile,
    form: ReportFormat,
}

/// What a report says besides the proof.
pub(crate) struct About<'a> {
    /// The command that repeats the verification.
    pub(crate) repeated: Repeated<'a>,
    /// What else the command made of the archive, if it did more than verify.
    pub(crate) made: Option<String>,
}

impl ReportFile {
    /// Checks the file that was typed: its name determines the form. `archives` are only read.
    pub(crate) fn check(path: &Path, archives: &[PathBuf]) -> Result<Self, CliError> {
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
        let form = match extension.as_deref() {
            Some("html" | "htm") => ReportFormat::Html,
            Some("txt") => ReportFormat::Text,
            _ => {
                let (typed, rule) = (path.display().to_string(), "ends in neither .html nor .txt");
                let remedy = "name a page, such as report.html, or a text, such as report.txt";
                return Err(Faults::from(Fault::malformed(Field::Named("--report"), &typed, rule, remedy)).into());
            }
        };
        Ok(Self { file: OutputFile::check(path, FileKind::Report, archives)?, form })
    }

    /// The file.
    pub(crate) fn file(&self) -> &OutputFile {
        &self.file
    }

    /// Writes the report, as a whole or not at all.
    pub(crate) fn write(&self, proof: &Proof<'_>, about: &About<'_>) -> Result<(), CliError> {
        let receipt = receipt::of(proof)?;
        let document = document(proof, about, &receipt)?;
        let text = match self.form {
            ReportFormat::Html => html::shown(&document),
            ReportFormat::Text => plain::shown(&document),
        };
        self.file.write(text.as_bytes())
    }
}

fn document<'a>(proof: &Proof<'a>, about: &About<'_>, receipt: &Value) -> Result<ReportDocument<'a>, CliError> {
    let verdict::Verdict { status, sentence, meaning } = verdict::of(proof, about.made.as_deref());
    let mut sections = Vec::new();
    if let Some(report) = proof.report {
        sections.extend(limits::breaks(report));
        sections.push(holdings::summary(report, (proof.given, proof.stores)));
        sections.push(proved::levels(report));
        sections.push(limits::unproved(report));
        sections.extend(holdings::over_time(report));
        sections.extend(holdings::tables(report));
        sections.extend(holdings::revisions(report));
    }
    sections.extend(answers::section(proof.answers));
    if let Some(report) = proof.report {
        sections.push(holdings::files(report, proof.inputs));
    }
    sections.push(repeat::section(&about.repeated, receipt));
    sections.push(repeat::receipt(receipt)?);
    let imprint = repeat::imprint(receipt);
    Ok(ReportDocument { title: verdict::title(proof), status, verdict: sentence, meaning, sections, imprint })
}
