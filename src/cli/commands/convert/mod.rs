//! `convert`: tables from archives, verified in the same pass.

mod part;
mod show;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::proving::{Proving, ProvingArgs, note_breaks};
use super::verify::locks::Stores;
use super::verify::page::{About, ReportFile};
use super::verify::receipt::Proof;
use super::verify::state;
use super::written::{self, DestinationFlag};
use crate::cli::context::{Context, object_store};
use crate::cli::error::CliError;
use crate::cli::error::flags::WithRemedy as _;
use crate::cli::output::output_file::names_a_folder;
use part::Share;
use qldb_journal::archive::verify::{Report, Status};
use qldb_journal::request::{Fault, Faults, Field, time};
use qldb_tables::{Conversion, Converted, Form, Options, QueryEngine};

/// What a signal leaves of a conversion.
const NOTHING_LEFT: &str = "the destination is as it was before";

const WRITTEN: DestinationFlag =
    DestinationFlag { flag: "--to", missing: "give the file or folder to write, such as archive.db" };

/// What to convert, and into what.
#[expect(clippy::doc_markdown, reason = "the comments are the help")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag by itself")]
#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    /// Folders or S3 locations (s3://BUCKET/PREFIX) that hold exports; several are one archive
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The file or folder to write
    ///
    /// It gets its name only when everything is written and proved. Existing output is kept unless --force or --append
    /// is given.
    #[arg(long, value_name = "DEST")]
    to: Option<PathBuf>,
    /// Output format [default: sqlite if DEST ends in .db, .sqlite or .sqlite3]
    #[arg(long = "as", value_name = "FORM")]
    form: Option<FormName>,
    /// Replace what an earlier conversion wrote there
    #[arg(long, conflicts_with = "append")]
    force: bool,
    /// Extend what an earlier conversion wrote there, if the archive continues it (sqlite, parquet)
    ///
    /// The archive may begin with the next block, or hold earlier ones too, which are skipped. If nothing is there yet,
    /// it is created.
    #[arg(long, conflicts_with = "current")]
    append: bool,
    /// Only revisions of documents in this table, and their transactions; can be repeated
    #[arg(long, value_name = "NAME")]
    table: Vec<String>,
    /// Only blocks committed at or after this time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    from: Option<String>,
    /// Only blocks committed before this time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    until: Option<String>,
    /// Only current documents: the last revision of each that was not deleted
    ///
    /// With --until, those that were current at that time.
    #[arg(long, conflicts_with = "from")]
    current: bool,
    /// Add the column data_ion: the data as Ion text, which keeps what JSON loses
    ///
    /// JSON loses annotations and the types of timestamps, symbols and blobs. A JSON export has already lost them.
    #[arg(long)]
    with_ion: bool,
    /// Write the tables even if the archive is not proved; they say so
    ///
    /// A JSON export always needs it, because its contents can't be proved.
    #[arg(long)]
    unverified: bool,
    /// Write a report of the verification: a page if FILE ends in .html, text if it ends in .txt
    ///
    /// As for verify. It is written for every verdict, and says whether the tables were written.
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, conflicts_with = "print_ddl")]
    report: Option<PathBuf>,
    /// Only print the statements with which ENGINE reads the Parquet folder DEST
    #[arg(long, value_name = "ENGINE", conflicts_with_all = ["force", "append", "form"])]
    print_ddl: Option<EngineName>,
    /// Convert only one of N parts of the archive, and record findings in --resume FILE (parquet)
    ///
    /// As for verify, there is no verdict yet. Every part writes its own files, either into the same folder DEST or
    /// into a folder of its own whose files are copied together later; a part that runs again replaces its files. Until
    /// the parts are joined, DEST has no archive.json. If something is wrong with a part, it writes no tables unless
    /// --unverified is given, and exits with 0.
    #[arg(long, value_name = "K/N")]
    part: Option<String>,
    /// With --part: record findings in FILE; without: join the FILEs of all parts, and the tables that they wrote
    ///
    /// Joining gives the same verdict as verify with the same FILEs, and writes archive.json into DEST if the tables
    /// there belong to the archive that was proved. Several files, a folder or s3://BUCKET/PREFIX can be joined.
    #[arg(long, value_name = "FILE", num_args = 1.., value_hint = clap::ValueHint::AnyPath)]
    resume: Vec<PathBuf>,
    #[command(flatten)]
    proving: ProvingArgs,
}

/// The supported formats.
#[expect(clippy::doc_markdown, reason = "the comments are the help")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormName {
    /// One SQLite database
    Sqlite,
    /// A folder of Parquet files, with the revisions partitioned by table
    Parquet,
    /// A folder of CSV files, and the statements that load them into PostgreSQL
    Csv,
    /// A folder of JSON Lines files, with the same statements
    Jsonl,
}

/// The supported engines.
#[expect(clippy::doc_markdown, reason = "the comments are the help")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EngineName {
    /// Amazon Athena
    Athena,
    /// Apache Spark
    Spark,
    /// DuckDB
    Duckdb,
}

/// Converts, or prints the statements that read the converted tables.
pub(crate) fn run(context: &Context, mut args: ConvertArgs) -> Result<(), CliError> {
    state::sort(&mut args.paths, &mut args.resume);
    run_sorted(context, &args)
}

fn run_sorted(context: &Context, args: &ConvertArgs) -> Result<(), CliError> {
    if let Some(engine) = args.print_ddl {
        return args.print_statements(context, engine);
    }
    let (options, proving, share) = args.check(context.global.faults())?;
    if let Share::Part(part, state) = share {
        return part::convert(context, args, options, proving, (part, &state));
    }
    let page = args.report.as_ref().map(|path| ReportFile::check(path, &args.paths)).transpose()?;
    let given = proving.digest.clone();
    let (to, form, is_extended) = (options.to.clone(), options.form, options.append && options.to.exists());
    let Done { report, stores, converted, earlier } = match &share {
        Share::Joined(state) => part::join(context, args, &options, proving, state)?,
        _ => whole(context, args, options, proving)?,
    };
    // New blocks prove nothing about the earlier content.
    let verdict = match (report.verdict, &earlier) {
        (Status::Proved, Some(_)) => Status::Unproved,
        (verdict, _) => verdict,
    };
    note_breaks(context, &report);
    if matches!(converted, Converted::Written(_)) {
        written::made(context, &to);
    }
    if let Some(page) = &page {
        let proof = Proof {
            asked: args.proving.asked(),
            inputs: &args.paths,
            given: given.as_ref(),
            answers: &[],
            report: Some(&report),
            stores: &stores,
        };
        let repeated = args.proving.repeated(context, &args.paths);
        page.write(&proof, &About { repeated, made: Some(show::in_report(&to, converted, verdict)) })?;
    }
    if converted == Converted::NotProved {
        return Err(CliError::NotProvedFor(
            report.verdict,
            not_converted(&args.proving.why(&report, &args.paths), &report),
        ));
    }
    args.warn(context, &report, &to, earlier.as_deref());
    let outcome = show::Outcome { to: &to, form, is_extended, converted, verdict, earlier, report: &report };
    show::converted(context, &outcome)
}

/// The outcome of a conversion.
struct Done {
    report: Report,
    stores: Stores,
    converted: Converted,
    /// The verdict on the earlier content that was extended, if it is not proved.
    earlier: Option<String>,
}

fn whole(context: &Context, args: &ConvertArgs, options: Options, proving: Proving) -> Result<Done, CliError> {
    let conversion = Arc::new(Conversion::begin(options)?);
    let earlier = conversion.extends_unproved().map(str::to_owned);
    let taker = Arc::clone(&conversion) as Arc<_>;
    let (report, stores) = args.proving.run(context, &args.paths, proving, taker, NOTHING_LEFT)?;
    let converted = ended(conversion)?.end(&report)?;
    Ok(Done { report, stores, converted, earlier })
}

/// A conversion that receives no more blocks.
fn ended(conversion: Arc<Conversion>) -> Result<Conversion, CliError> {
    let held = || CliError::System("the verification still holds its conversion".to_owned());
    Arc::try_unwrap(conversion).map_err(|_| held())
}

/// Why nothing was written, and what to type to write it anyway.
fn not_converted(why: &str, report: &Report) -> String {
    let is_json = report.counts.typeless > 0;
    match (report.only_journal(), report.journals.len()) {
        (None, 0) => format!("{why}; nothing was written"),
        (None, _) => format!("{why}; nothing was written: choose one of the ledgers with --ledger"),
        _ if is_json && report.verdict == Status::Unproved => format!(
            "{why}; nothing was written: convert an export in Ion of the same blocks, or add --unverified, and the tables \
             say that they are not proved"
        ),
        _ => format!("{why}; nothing was written: --unverified writes the tables anyway, marked as not proved"),
    }
}

impl ConvertArgs {
    /// What is only read.
    pub(crate) fn archives(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Warns of tables that are not proved, and why.
    fn warn(&self, context: &Context, report: &Report, to: &Path, earlier: Option<&str>) {
        if report.verdict != Status::Proved {
            let why = self.proving.why(report, &self.paths);
            context.printer.warn(&format!("not proved: {why}; the tables are marked as such (--unverified)"));
        }
        if let Some(earlier) = earlier {
            let to = to.display();
            context.printer.warn(&format!(
                "not proved: the earlier content of {to} has the verdict {earlier}; the tables are marked as such"
            ));
        }
    }

    fn check(&self, mut faults: Faults) -> Result<(Options, Proving, Share), CliError> {
        let proving = self.proving.check(&self.paths, &mut faults);
        let to = written::destination(&WRITTEN, self.to.as_deref(), &self.paths, &mut faults);
        let form = to.and_then(|to| self.form(to, &mut faults));
        let share = part::share(self, form, &mut faults);
        let now = time::now();
        let moment = |typed: &Option<String>, field, faults: &mut Faults| {
            typed.as_ref().and_then(|typed| faults.note(time::parse(field, typed, now)))
        };
        let (from, until) =
            (moment(&self.from, Field::Start, &mut faults), moment(&self.until, Field::End, &mut faults));
        if from.zip(until).is_some_and(|(from, until)| from >= until) {
            let typed = self.until.as_deref().unwrap_or_default();
            faults.push(Fault::malformed(Field::End, typed, "is not after --from", "give a later time"));
        }
        match (proving, to, form, share) {
            (Some(proving), Some(to), Some(form), Some(share)) if faults.is_empty() => {
                let options = Options {
                    with_ion: self.with_ion,
                    unverified: self.unverified,
                    force: self.force,
                    append: self.append,
                    part: share.part(),
                    tables: self.table.iter().cloned().collect(),
                    from,
                    until,
                    current: self.current,
                    tool: concat!("qldb-export ", env!("CARGO_PKG_VERSION")).to_owned(),
                    now,
                    ..Options::new(to, form)
                };
                Ok((options, proving, share))
            }
            _ => Err(faults.into()),
        }
    }

    fn form(&self, to: &Path, faults: &mut Faults) -> Option<Form> {
        let form = match self.form {
            Some(FormName::Sqlite) => Some(Form::Sqlite),
            Some(FormName::Parquet) => Some(Form::Parquet),
            Some(FormName::Csv) => Some(Form::Csv),
            Some(FormName::Jsonl) => Some(Form::JsonLines),
            None => Form::of_name(to),
        };
        let Some(form) = form else {
            let remedy = "give sqlite, parquet, csv or jsonl: the destination's name does not imply one";
            faults.push(Fault::missing(Field::Named("--as"), remedy));
            return None;
        };
        if self.append && !form.can_be_extended() {
            let rule = format!("can't be used with --as {}", form.as_str());
            let remedy = "convert the next export into a folder of its own, or use sqlite or parquet";
            faults.push(part::bare("--append", rule, remedy));
        }
        if form == Form::Sqlite && names_a_folder(to) {
            let rule = "ends in a slash, and a database is a file";
            let remedy = "leave out the slash, or use another format";
            faults.push(Fault::malformed(Field::Named("--to"), &to.display().to_string(), rule, remedy));
        }
        Some(form)
    }

    fn print_statements(&self, context: &Context, engine: EngineName) -> Result<(), CliError> {
        let location = self.to.as_ref().map_or_else(|| "DEST".to_owned(), |to| to.display().to_string());
        if let Some(fault) = self.to.as_deref().and_then(|to| unreadable(engine, to)) {
            return Err(Faults::from(fault).into());
        }
        let engine = match engine {
            EngineName::Athena => QueryEngine::Athena,
            EngineName::Spark => QueryEngine::Spark,
            EngineName::Duckdb => QueryEngine::DuckDb,
        };
        let location = match self.to.as_deref().map(Path::canonicalize) {
            // The engine may run on another machine.
            Some(Ok(whole)) if engine != QueryEngine::Athena => whole.display().to_string(),
            _ => location,
        };
        let statements = engine.statements(&location, self.with_ion);
        if context.printer.is_json() {
            return Ok(context.printer.json(&json!({ "statements": statements }))?);
        }
        Ok(context.printer.raw(statements.as_bytes())?)
    }
}

/// Why an engine can't read tables at a location.
fn unreadable(engine: EngineName, to: &Path) -> Option<Fault> {
    const TO: Field = Field::Named("--to");
    if let Some(url) = object_store::address(to) {
        return object_store::check_address(TO, url).err();
    }
    let typed = to.display().to_string();
    // Hive, which reads the same statements, has other kinds of addresses as well.
    let is_unread = engine == EngineName::Athena && !typed.contains(':');
    let rule = "is a local place, which Athena does not read";
    let remedy = "give the place to which the folder is copied, such as s3://BUCKET/tables";
    is_unread.then(|| Fault::malformed(TO, &typed, rule, remedy))
}
