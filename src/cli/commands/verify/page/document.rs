//! What a report holds, apart from how it is shown: both forms are made of this, so that they say the same.

use qldb_journal::archive::verify::Status;

use super::chart::Chart;

/// A whole report.
pub(super) struct Document<'a> {
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

/// A part with a heading.
pub(super) struct Section<'a> {
    /// What links to it name.
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) parts: Vec<Part<'a>>,
}

/// What a section is made of.
pub(super) enum Part<'a> {
    Paragraph(String),
    /// A heading within the section.
    Heading(String),
    List(Vec<String>),
    /// Names, and one value or several for each.
    Fields(Vec<(&'static str, Words)>),
    Table(Table),
    Chart(Chart<'a>),
    /// Text whose white space counts.
    Verbatim(String),
}

/// A value: prose, a number, or something to be copied letter by letter.
#[derive(Clone)]
pub(super) enum Words {
    Plain(String),
    Number(u64),
    Exact(String),
    /// How something came out.
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

/// A table. The first cell of each row names the row.
pub(super) struct Table {
    pub(super) caption: String,
    pub(super) head: Vec<&'static str>,
    pub(super) rows: Vec<Vec<Words>>,
}
