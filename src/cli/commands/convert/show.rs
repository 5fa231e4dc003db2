//! What a conversion prints about its result.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::output::text;
use qldb_journal::archive::verify::{JournalSpan, Level, Report, Status};
use qldb_tables::{Converted, Form, Rows};

/// The outcome of a conversion, and what it wrote.
pub(super) struct Outcome<'a> {
    pub(super) to: &'a Path,
    pub(super) form: Form,
    pub(super) is_extended: bool,
    pub(super) converted: Converted,
    /// The verdict on everything in the tables.
    pub(super) verdict: Status,
    /// The verdict on the earlier content, if it is not proved.
    pub(super) earlier: Option<String>,
    pub(super) report: &'a Report,
}

/// What a report says about the tables that were made in the same pass.
pub(super) fn in_report(to: &Path, converted: Converted, verdict: Status) -> String {
    let to = to.display();
    match (converted, verdict) {
        (Converted::NotProved, _) => format!("No tables were written to {to}, because the archive is not proved."),
        (Converted::NothingNew, _) => {
            format!("The archive has no block after those of the tables in {to}, which were not changed.")
        }
        (Converted::Written(_), Status::Proved) => {
            format!("Tables of these blocks were written to {to} in the same pass.")
        }
        (Converted::Written(_), _) => {
            format!("Tables of these blocks were written to {to} as requested; they are marked as not proved.")
        }
    }
}

/// Prints it.
pub(super) fn converted(context: &Context, outcome: &Outcome<'_>) -> Result<(), CliError> {
    let rows = match outcome.converted {
        Converted::Written(rows) => rows,
        Converted::NothingNew | Converted::NotProved => Rows::default(),
    };
    if context.printer.is_json() {
        return Ok(context.printer.json(&machine(outcome, rows))?);
    }
    Ok(context.printer.fields(&people(outcome, rows))?)
}

fn people(outcome: &Outcome<'_>, rows: Rows) -> Vec<(&'static str, String)> {
    let what = match outcome.form {
        Form::Sqlite => "an SQLite database",
        Form::Parquet => "a folder of Parquet files",
        Form::Csv => "a folder of CSV files",
        Form::JsonLines => "a folder of JSON Lines",
    };
    let how = match (outcome.converted, outcome.is_extended) {
        (Converted::NothingNew, _) => "Unchanged",
        (_, true) => "Extended",
        (_, false) => "Written",
    };
    let mut fields =
        vec![(how, format!("{}, {what}", outcome.to.display())), ("Verdict", outcome.verdict.as_str().to_owned())];
    if let Some(earlier) = &outcome.earlier {
        fields.push((
            "Before",
            format!("{earlier} for what was there already; for the archive: {}", outcome.report.verdict.as_str()),
        ));
    }
    if let Some(journal) = outcome.report.only_journal() {
        fields.push(blocks(journal, outcome.is_extended));
    }
    if outcome.converted == Converted::NothingNew {
        fields.push(("Rows", "none added: the archive has no block after those that are there".to_owned()));
        return fields;
    }
    fields.push(("Rows", counted(rows)));
    if rows.hash_only_revisions > 0 {
        let count = text::count(rows.hash_only_revisions, "revision");
        fields.push(("Not rows", format!("{count} present as a hash only (the service's own)")));
    }
    fields
}

/// The blocks of the archive: also those of the tables, unless these are extended.
fn blocks(journal: &JournalSpan, is_extended: bool) -> (&'static str, String) {
    let JournalSpan { blocks, first, last, .. } = journal;
    if is_extended {
        ("Archive", format!("{}, from {first} to {last}", text::count(*blocks, "block")))
    } else {
        ("Blocks", format!("{blocks}, from {first} to {last}"))
    }
}

/// The number of rows, in words.
pub(super) fn counted(rows: Rows) -> String {
    let counted = [
        text::count(rows.revisions, "revision"),
        text::count(rows.transactions, "transaction"),
        text::count(rows.statements, "statement"),
    ];
    counted.join(", ")
}

/// The number of rows, for programs.
pub(super) fn members(rows: Rows) -> Map<String, Value> {
    let members = [
        ("revisions", rows.revisions),
        ("transactions", rows.transactions),
        ("statements", rows.statements),
        ("hashOnlyRevisions", rows.hash_only_revisions),
    ];
    members.into_iter().map(|(name, count)| (name.to_owned(), count.into())).collect()
}

fn machine(outcome: &Outcome<'_>, rows: Rows) -> Value {
    let report = outcome.report;
    let status = |level: Level| report.levels.iter().find(|one| one.level == level).and_then(|one| one.status);
    let levels: Map<String, Value> =
        Level::ALL.iter().map(|level| (level.as_str().to_owned(), status(*level).map(Status::as_str).into())).collect();
    let journal = report.only_journal();
    let mut machine = json!({
        "to": outcome.to.display().to_string(),
        "form": outcome.form.as_str(),
        "extended": outcome.is_extended && outcome.converted != Converted::NothingNew,
        "verdict": outcome.verdict.as_str(),
        "earlierVerdict": outcome.earlier,
        "levels": levels,
        "firstSequenceNo": journal.map(|journal| journal.first),
        "lastSequenceNo": journal.map(|journal| journal.last),
        "tipHash": journal.map(|journal| journal.tip_hash.to_base64()),
    });
    if let Some(all) = machine.as_object_mut() {
        all.extend(members(rows));
    }
    machine
}
