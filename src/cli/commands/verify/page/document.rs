//! The contents of a report, independent of its form: both forms are made from this, so that they
//! say the same.

use qldb_journal::archive::verify::Status;

use super::chart::Chart;

/// A whole report.
pub(super) struct ReportDocument<'a> {
    pub(super) title: String,
    pub(super) status: Status,
    /// The verdict in one sentence.
    pub(super) verdict: String,
    /// What it means.
    pub(super) meaning: Vec<String>,
    pub(super) sections: Vec<Section<'a>>,
    /// Who made it, and when.
    pub(super) imprint: String,
}

/// A section with a heading.
pub(super) struct Section<'a> {
    /// The target of links to it.
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) parts: Vec<Element<'a>>,
}

/// The elements of a section.
pub(super) enum Element<'a> {
    Paragraph(String),
    /// A heading within the section.
    Heading(String),
    List(Vec<String>),
    /// Names, each with one or more values.
    Fields(Vec<(&'static str, Words)>),
    Table(Table),
    Chart(Chart<'a>),
    /// Text with significant white space.
    Verbatim(String),
}

/// A value: prose, a number, or something to be copied exactly.
#[derive(Clone)]
pub(super) enum Words {
    Plain(String),
    Number(u64),
    Exact(String),
    /// A result.
    Outcome(Option<Status>),
}

impl Words {
    pub(super) fn text(&self) -> String {
        match self {
            Self::Plain(text) | Self::Exact(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Outcome(status) => status.map_or("not asked for", Status::as_str).to_owned(),
        }
    }
}

impl From<&str> for Words {
    fn from(text: &str) -> Self {
        Self::Plain(text.to_owned())
    }
}

impl From<String> for Words {
    fn from(text: String) -> Self {
        Self::Plain(text)
    }
}

impl From<u64> for Words {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

/// A table. The first cell of each row is its heading.
pub(super) struct Table {
    pub(super) caption: String,
    pub(super) head: Vec<&'static str>,
    pub(super) rows: Vec<Vec<Words>>,
}
