//! `history`: every version of a document, each one proved.

mod show;

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use clap::Args;

use super::proving::{Proving, ProvingArgs, note_breaks};
use crate::cli::context::Context;
use crate::cli::error::{CliError, wording};
use crate::cli::global::flags::WithRemedy as _;
use qldb_journal::archive::verify::{Report, Status};
use qldb_journal::request::{Fault, Faults, Field, time};
use qldb_tables::{Condition, Document, Documents, History};
use show::Shown;

/// What an interruption means.
const AGAIN: &str = "nothing was printed";

/// Which documents, and how much of their history.
#[expect(clippy::doc_markdown, reason = "the comments are the help")]
#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    /// Folders or S3 locations (s3://BUCKET/PREFIX) that hold exports; several are one archive
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The document with this id, as QLDB gave it
    #[arg(long, value_name = "ID", conflicts_with = "condition")]
    document: Option<String>,
    /// The documents of a table in which a field has a value, in any version: Vehicle.VIN=1N4AL11D75C109151
    ///
    /// Write nested fields with dots; in a list, any element matches unless you give one: Registration.Owners.PersonId=ID,
    /// Registration.Owners[0].PersonId=ID. Put a name that contains a dot, a bracket, an equals sign or a quote in double
    /// quotes, and write each quote in it twice. Write numbers, times and literals as in JSON, and strings without quotes.
    #[arg(long = "where", id = "condition", value_name = "TABLE.FIELD=VALUE")]
    condition: Option<String>,
    /// Only the version that was current at this time, by metadata.txTime
    ///
    /// Documents that did not exist yet are left out.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    as_of: Option<String>,
    /// Show what each version changed instead of the whole document
    #[arg(long, conflicts_with = "as_of")]
    diff: bool,
    /// Show the history even if the archive is not proved, and say so
    ///
    /// A JSON export always needs it, because its contents can't be proved.
    #[arg(long)]
    unverified: bool,
    #[command(flatten)]
    proving: ProvingArgs,
}

/// The arguments, checked.
struct Checked {
    proving: Proving,
    documents: Documents,
    as_of: Option<DateTime<Utc>>,
}

/// Verifies the archive, and prints the versions in it.
pub(crate) fn run(context: &Context, args: &HistoryArgs) -> Result<(), CliError> {
    let Checked { proving, documents, as_of } = args.check(context.global.faults())?;
    let history = Arc::new(History::begin(documents)?);
    let taker = Arc::clone(&history) as Arc<_>;
    let (report, _) = args.proving.run(context, &args.paths, proving, taker, AGAIN)?;
    note_breaks(context, &report);
    if report.verdict != Status::Proved {
        let why = args.proving.why(&report, &args.paths);
        if !args.unverified {
            let message = format!("{why}; nothing is shown: --unverified shows it anyway, as not proved");
            return Err(CliError::NotProvedFor(report.verdict, message));
        }
        context.printer.warn(&format!("not proved: {why}; what is shown is not proved either"));
    }
    let mut shown = Shown::new(context, &report, args.diff, as_of);
    let count = history.each(|document| shown.document(&document))?;
    match shown.absent() {
        _ if count == 0 => Err(args.nothing(&report, history.other_tables())),
        Some(absent) => Err(CliError::NotInArchive(absent)),
        None => Ok(()),
    }
}

impl HistoryArgs {
    /// What is only read.
    pub(crate) fn archives(&self) -> &[PathBuf] {
        &self.paths
    }

    fn check(&self, mut faults: Faults) -> Result<Checked, CliError> {
        let proving = self.proving.check(&self.paths, &mut faults);
        let documents = self.documents(&mut faults);
        let moment =
            |typed: &String, faults: &mut Faults| faults.note(time::parse(Field::Named("--as-of"), typed, time::now()));
        let as_of = self.as_of.as_ref().and_then(|typed| moment(typed, &mut faults));
        match (proving, documents) {
            (Some(proving), Some(documents)) if faults.is_empty() => Ok(Checked { proving, documents, as_of }),
            _ => Err(faults.into()),
        }
    }

    fn documents(&self, faults: &mut Faults) -> Option<Documents> {
        match (&self.document, &self.condition) {
            (Some(id), _) => Some(Documents::Id(id.clone())),
            (None, Some(typed)) => {
                let condition = Condition::parse(typed).ok_or_else(|| {
                    let remedy = "give a table, the path of a field, and its value: Vehicle.VIN=1N4AL11D75C109151";
                    Fault::malformed(Field::Named("--where"), typed, "is not TABLE.FIELD=VALUE", remedy)
                });
                faults.note(condition).map(Documents::Where)
            }
            (None, None) => {
                let remedy = "give the id of a document, or a condition with --where";
                faults.push(Fault::missing(Field::Named("--document"), remedy));
                None
            }
        }
    }

    fn nothing(&self, report: &Report, other_tables: Option<Vec<String>>) -> CliError {
        let what = match (&self.document, &self.condition) {
            (Some(id), _) => format!("no document {id}"),
            (None, condition) => format!("no document with {}", condition.as_deref().unwrap_or_default()),
        };
        let span = report.only_journal();
        let blocks = span.map(|span| format!(" in blocks {} to {}", span.first, span.last)).unwrap_or_default();
        let there = other_tables.map(|named| format!(", and none of that table: {}", wording::other_tables(&named)));
        CliError::NotInArchive(format!("there is {what}{blocks}{}", there.unwrap_or_default()))
    }
}

/// Whether every version of a document up to the last one is there, and which are not.
fn completeness(document: &Document, report: &Report) -> String {
    let numbers = document.versions.iter().map(|version| version.version);
    let (first, last) = (numbers.clone().min().unwrap_or_default(), numbers.max().unwrap_or_default());
    let blocks = document.versions.iter().map(|version| version.sequence_no);
    let (from, to) = (blocks.clone().min().unwrap_or_default(), blocks.max().unwrap_or_default());
    let missing = document.missing();
    let range = if first == last { format!("{first}") } else { format!("{first} to {last}") };
    let doubtful = document.doubtful_deletion();
    let doubt = doubtful.map(|version| format!("; the deletion claims version {version}, which no hash covers"));
    let repeated: Vec<String> = document.repeated().iter().take(10).map(u64::to_string).collect();
    let repeated =
        if repeated.is_empty() { String::new() } else { format!("; more than once: {}", repeated.join(", ")) };
    let doubt = repeated + &doubt.unwrap_or_default();
    let place = if from == to { format!("in block {from}") } else { format!("in blocks {from} to {to}") };
    if missing.is_empty() {
        let whole = if document.is_complete() { ", without gap" } else { "" };
        return format!("{range}{whole}, {place}{doubt}");
    }
    let listed: Vec<String> = missing.iter().take(10).map(u64::to_string).collect();
    let listed = listed.join(", ") + if missing.len() > 10 { ", …" } else { "" };
    let begins = report.only_journal().map_or(0, |journal| journal.first);
    let why = if begins > 0 && missing.iter().all(|version| *version < first) {
        format!(": before block {begins}, where the archive begins")
    } else {
        String::new()
    };
    format!("{range}, {place}; not here: {listed}{why}{doubt}")
}

/// What the claim rests on that there are no other versions.
fn basis(report: &Report) -> String {
    let Some(journal) = report.only_journal() else { return "nothing: the archive is not proved".to_owned() };
    let span = format!("blocks {} to {}", journal.first, journal.last);
    if report.verdict != Status::Proved {
        return format!("nothing: {span} of the archive are {}", report.verdict.as_str());
    }
    let digest = report.digest_scope().map(|scope| format!(", up to block {} against the digest", scope.tip));
    let later = "a later version can only come after them";
    format!("{span}, proved without gap{}; {later}", digest.unwrap_or_default())
}
