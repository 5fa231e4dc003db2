//! `convert --part`: one of several machines writes the tables of its part; and `convert --resume`,
//! which joins the findings and the tables of all parts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::{ConvertArgs, Done, ended, show};
use crate::cli::commands::proving::Proving;
use crate::cli::commands::verify::locks::Stores;
use crate::cli::commands::verify::state::{self, State};
use crate::cli::commands::verify::{Anchoring, GO_ON, Question, asked, part, part_read, verified};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::error::flags::WithRemedy as _;
use qldb_journal::archive::verify::Part;
use qldb_journal::request::{Fault, Faults, Field};
use qldb_tables::{Conversion, Converted, Form, Options, join_parts};

/// The command that joins the parts.
const JOIN: &str = "qldb-export convert PATH… --as parquet --to DEST --resume FILE…";

/// How much of the archive is read.
pub(super) enum Share {
    /// All of it.
    Whole,
    /// One part, whose findings are recorded.
    Part(Part, State),
    /// Whatever the parts did not read, or found something wrong with.
    Joined(State),
}

impl Share {
    pub(super) fn part(&self) -> Option<Part> {
        match self {
            Self::Part(part, _) => Some(*part),
            Self::Whole | Self::Joined(_) => None,
        }
    }
}

/// What `--part` and `--resume` mean.
pub(super) fn share(args: &ConvertArgs, form: Option<Form>, faults: &mut Faults) -> Option<Share> {
    if args.part.is_none() && args.resume.is_empty() {
        return Some(Share::Whole);
    }
    let flag = if args.part.is_some() { "--part" } else { "--resume" };
    if let Some(form) = form.filter(|form| *form != Form::Parquet) {
        let rule = format!("can't be used with --as {}", form.as_str());
        faults.push(bare(flag, rule, "use --as parquet, whose files parts can write side by side"));
    }
    let idle = [
        ("--append", args.append, "convert the next exports into a folder of their own"),
        ("--current", args.current, "a part does not know which revision is the last one: leave it out"),
        ("--force", args.force && args.part.is_some(), "a part replaces only its own files: leave it out"),
        ("--report", args.report.is_some() && args.part.is_some(), "give it when the parts are joined"),
    ];
    for (idle, _, remedy) in idle.into_iter().filter(|(_, is_given, _)| *is_given) {
        faults.push(bare(idle, format!("can't be used with {flag}"), remedy));
    }
    let part = match &args.part {
        Some(typed) => Some(faults.note(part::read(typed))?),
        None => None,
    };
    let state = state::of(&args.resume, part);
    let Some(part) = part else {
        if matches!(state, State::Own(_)) {
            let rule = "names no files of parts".to_owned();
            faults.push(bare("--resume", rule, "name what `convert --part K/N --resume FILE` wrote"));
        }
        return Some(Share::Joined(state));
    };
    part::unkept(&state).into_iter().for_each(|fault| faults.push(fault));
    if let (State::Own(file), Some(to)) = (&state, &args.to)
        && is_within(file, to)
    {
        let rule = format!("is or is in {}, which may contain only tables", to.display());
        let fault =
            Fault::malformed(Field::Named("--resume"), &file.display().to_string(), rule, "name a place elsewhere");
        faults.push(fault);
    }
    Some(Share::Part(part, state))
}

/// Whether a file is a folder or lies in it; neither needs to exist.
fn is_within(file: &Path, folder: &Path) -> bool {
    file.ancestors().any(|above| !above.as_os_str().is_empty() && whole(above) == whole(folder))
}

/// A path with its links resolved, as far as it exists.
fn whole(path: &Path) -> PathBuf {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let named = || Some(parent.canonicalize().ok()?.join(path.file_name()?));
    path.canonicalize().ok().or_else(named).unwrap_or_else(|| path.to_owned())
}

pub(super) fn bare(flag: &'static str, rule: String, remedy: &str) -> Fault {
    Fault { value: None, ..Fault::malformed(Field::Named(flag), "", rule, remedy) }
}

/// Converts one part, and reports what was read and written.
pub(super) fn convert(
    context: &Context,
    args: &ConvertArgs,
    options: Options,
    proving: Proving,
    (part, state): (Part, &State),
) -> Result<(), CliError> {
    let to = options.to.display().to_string();
    // The user who joins the parts may want an anchor.
    let anchoring = Anchoring { saved: None, is_wanted: true };
    let given = proving.digest.clone();
    let sources = args.proving.sources(context, &args.paths, &proving)?;
    let question = args.proving.question(proving);
    let asked = asked(question.levels, given.as_ref(), &anchoring, true);
    let conversion = Arc::new(Conversion::begin(options)?);
    let earlier = state.open(context, &args.paths, &asked, Some(part))?;
    let taker = Arc::clone(&conversion) as Arc<_>;
    let question = Question { anchoring, earlier, part: Some(part), taker: Some(taker), advice: GO_ON, ..question };
    let report = part_read(context, sources, question)?;
    let converted = ended(conversion)?.end_part(&report)?;
    let rows = match converted {
        Converted::Written(rows) => Some(rows),
        Converted::NothingNew | Converted::NotProved => None,
    };
    let printer = &context.printer;
    if printer.is_json() {
        let mut members = part::json(&report);
        members["to"] = to.into();
        members["rows"] = rows.map(show::members).map_or(Value::Null, Value::Object);
        return Ok(printer.json(&members)?);
    }
    let what = match rows {
        Some(rows) => format!("its tables were written to {to}: {}", show::counted(rows)),
        None if report.broken.is_empty() => "there are no tables: the archive holds no objects".to_owned(),
        None => "its tables were not written: --unverified writes them anyway, marked as not proved".to_owned(),
    };
    Ok(printer.painted(&format!("{}\n{what}", part::text(&report, JOIN)))?)
}

/// Joins the findings of the parts and, if they are proved, their tables.
pub(super) fn join(
    context: &Context,
    args: &ConvertArgs,
    options: &Options,
    proving: Proving,
    state: &State,
) -> Result<Done, CliError> {
    let given = proving.digest.clone();
    let sources = args.proving.sources(context, &args.paths, &proving)?;
    let question = args.proving.question(proving);
    let asked = asked(question.levels, given.as_ref(), &question.anchoring, true);
    let earlier = state.open(context, &args.paths, &asked, None)?;
    let question = Question { earlier, advice: GO_ON, ..question };
    let (report, sources) = verified(context, sources, question)?;
    let converted = join_parts(options, &report)?;
    Ok(Done { report, stores: Stores::of(&sources), converted, earlier: None })
}
