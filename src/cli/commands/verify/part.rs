//! `--part`: which part of an archive this machine reads, as typed or as set by the engine that
//! runs it; and the output for a part, which is never a verdict.

use serde_json::{Value, json};

use super::VerifyArgs;
use super::state::State;
use crate::cli::error::flags::WithRemedy as _;
use crate::cli::global::environment;
use crate::cli::output::text;
use qldb_journal::archive::verify::{Part, PartReport};
use qldb_journal::request::{Fault, Field};

const PART: Field = Field::Named("--part");
const AUTO: &str = "auto";
const EXAMPLE: &str = "give it as K/N, such as 3/8, or as auto";

/// The variables that an engine sets for each task of an array: the task's index, and the number of tasks.
struct JobArray {
    name: &'static str,
    index: &'static str,
    /// The first index; 0 if no variable gives it.
    first: Option<&'static str>,
    /// The distance between two indexes; 1 if no variable gives it.
    step: Option<&'static str>,
    count: Option<&'static str>,
}

const JOB_ARRAYS: [JobArray; 3] = [
    JobArray {
        name: "AWS Batch",
        index: environment::BATCH_INDEX,
        first: None,
        step: None,
        count: Some(environment::BATCH_SIZE),
    },
    JobArray {
        name: "Slurm",
        index: environment::SLURM_ID,
        first: Some(environment::SLURM_FIRST),
        step: Some(environment::SLURM_STEP),
        count: Some(environment::SLURM_COUNT),
    },
    JobArray { name: "Kubernetes", index: environment::KUBERNETES_INDEX, first: None, step: None, count: None },
];

/// Reads what was typed.
pub(crate) fn read(typed: &str) -> Result<Part, Fault> {
    read_with(typed, &environment::value)
}

fn read_with(typed: &str, value: &dyn Fn(&str) -> Option<String>) -> Result<Part, Fault> {
    let count = match typed.split_once('/') {
        _ if typed == AUTO => None,
        Some((AUTO, count)) => Some(count),
        _ => return typed.parse().map_err(|fault| Fault::malformed(PART, typed, format!("{fault}"), EXAMPLE)),
    };
    of_engine(count, value).map_err(|(rule, remedy)| Fault::malformed(PART, typed, rule, remedy))
}

type Unfit = (String, &'static str);

/// The part for this task of an array.
fn of_engine(count: Option<&str>, value: &dyn Fn(&str) -> Option<String>) -> Result<Part, Unfit> {
    let set: Vec<&JobArray> = JOB_ARRAYS.iter().filter(|engine| value(engine.index).is_some()).collect();
    let engine = match set.as_slice() {
        [engine] => engine,
        [] => {
            let names: Vec<&str> = JOB_ARRAYS.iter().map(|engine| engine.index).collect();
            return Err((format!("needs one of {}, and none is set", names.join(", ")), EXAMPLE));
        }
        [one, other, ..] => {
            let rule = format!("finds both {} and {}", one.index, other.index);
            return Err((rule, "unset the one of the engine that does not divide the work, or give K/N"));
        }
    };
    let number = |name: &str| {
        let text = value(name).ok_or_else(|| (format!("needs {name}, which is not set"), EXAMPLE))?;
        let number = text.parse::<u32>().map_err(|_| (format!("finds {name}={text}, which is not a number"), EXAMPLE));
        number.map(|number| (number, text))
    };
    let or = |name: Option<&str>, otherwise: u32| match name.filter(|name| value(name).is_some()) {
        Some(name) => number(name).map(|(number, _)| number),
        None => Ok(otherwise),
    };
    let (index, _) = number(engine.index)?;
    let (first, step) = (or(engine.first, 0)?, or(engine.step, 1)?.max(1));
    let of = match (count, engine.count) {
        (Some(count), _) => count.parse().map_err(|_| ("has no number behind the slash".to_owned(), "give auto/N"))?,
        (None, Some(name)) => number(name)?.0,
        (None, None) => {
            let rule = format!("does not know how many parts there are: {} does not say it", engine.name);
            return Err((rule, "give auto/N, with the number of completions for N"));
        }
    };
    let place = index.checked_sub(first).map(|place| place / step + 1);
    let part = place.and_then(|place| Part::new(place, of).ok());
    part.ok_or_else(|| (format!("finds {}={index}, which is not one of {of}", engine.index), EXAMPLE))
}

/// Flags that only apply when joining parts, and those that need parts.
///
/// Without a `part`, although one was typed, a folder for the parts is not known from one that holds them.
pub(super) fn idle_flags(args: &VerifyArgs, part: Option<Part>, state: &State) -> Vec<Fault> {
    let mut faults = Vec::new();
    if args.part.is_some() {
        let idle = [
            ("--receipt", args.receipt.is_some()),
            ("--report", args.report.is_some()),
            ("--anchor", args.anchors.anchor.is_some()),
            ("--block", args.block.is_some()),
            ("--revision", args.revision.is_some()),
            ("--complete", args.complete),
        ];
        for (flag, _) in idle.into_iter().filter(|(_, is_given)| *is_given) {
            let rule = "has no effect on a part, which comes to no verdict";
            let fault = Fault::malformed(Field::Named(flag), "", rule, "give it when the parts are joined");
            faults.push(Fault { value: None, ..fault });
        }
        faults.extend(unkept(state).filter(|_| part.is_some() || *state == State::None));
    } else if args.complete && !matches!(state, State::Others(_)) {
        let rule = "has no effect without the files of parts";
        let fault = Fault::malformed(Field::Named("--complete"), "", rule, "name them with --resume");
        faults.push(Fault { value: None, ..fault });
    }
    faults
}

/// The fault if a part's findings can't be recorded where `--resume` says.
pub(crate) fn unkept(state: &State) -> Option<Fault> {
    match state {
        State::Own(_) => None,
        State::None => Some(Fault::missing(Field::Named("--resume"), "name the file that keeps what the part holds")),
        State::Others(files) => {
            let value = files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(" ");
            let rule = "is not one file that a part can be kept in";
            let remedy = "name one file of its own for each part";
            Some(Fault::malformed(Field::Named("--resume"), &value, rule, remedy))
        }
    }
}

/// The command that joins the parts of a verification.
pub(super) const JOIN: &str = "qldb-export verify PATH… --resume FILE…";

/// What was read, in words, with the command that joins the parts.
pub(crate) fn text(report: &PartReport, join: &str) -> String {
    let PartReport { part, objects, bytes, blocks, broken, objects_of_all, bytes_of_all, .. } = report;
    let mut lines = vec![format!(
        "part {part}: read {} of {}, {} of {}, {}",
        text::count(*objects, "object"),
        objects_of_all,
        text::size(*bytes),
        text::size(*bytes_of_all),
        text::count(*blocks, "block")
    )];
    if !broken.is_empty() {
        let what = text::count(broken.len() as u64, "object");
        lines.push(format!("something is wrong with {what}, which joining the parts reads again and reports:"));
        lines.extend(broken.iter().map(|key| format!("  {}", text::one_line(key))));
    }
    lines.push(format!("this is not a verdict: join all parts with `{join}`"));
    lines.join("\n")
}

/// What was read, for programs.
pub(crate) fn json(report: &PartReport) -> Value {
    json!({
        "part": report.part.to_string(),
        "objects": report.objects,
        "bytes": report.bytes,
        "blocks": report.blocks,
        "brokenObjects": report.broken,
        "objectsOfArchive": report.objects_of_all,
        "bytesOfArchive": report.bytes_of_all,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str, set: &[(&str, &str)]) -> Result<String, String> {
        let value = |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        read_with(typed, &value).map(|part| part.to_string()).map_err(|fault| fault.rule)
    }

    #[test]
    fn each_engine_counts_in_its_own_way() {
        let batch = [("AWS_BATCH_JOB_ARRAY_INDEX", "0"), ("AWS_BATCH_JOB_ARRAY_SIZE", "8")];
        assert_eq!(read("auto", &batch).unwrap(), "1/8");
        let slurm = [("SLURM_ARRAY_TASK_ID", "8"), ("SLURM_ARRAY_TASK_MIN", "1"), ("SLURM_ARRAY_TASK_COUNT", "8")];
        assert_eq!(read("auto", &slurm).unwrap(), "8/8");
        let stepped = [&slurm[..2], &[("SLURM_ARRAY_TASK_STEP", "7"), ("SLURM_ARRAY_TASK_COUNT", "2")]].concat();
        assert_eq!(read("auto", &stepped).unwrap(), "2/2");
        let kubernetes = [("JOB_COMPLETION_INDEX", "3")];
        assert_eq!(read("auto/4", &kubernetes).unwrap(), "4/4");
        assert!(read("auto", &kubernetes).unwrap_err().contains("Kubernetes does not say"));
    }

    #[test]
    fn an_invalid_part_is_refused() {
        let both = [("AWS_BATCH_JOB_ARRAY_INDEX", "0"), ("JOB_COMPLETION_INDEX", "0")];
        for (typed, set) in [
            ("auto", &[][..]),
            ("auto/2", &both),
            ("auto/", &both[1..]),
            ("auto/0", &both[1..]),
            ("auto/2", &[("JOB_COMPLETION_INDEX", "2")]),
            ("auto/2", &[("JOB_COMPLETION_INDEX", "x")]),
            ("auto", &both[..1]),
            ("0/2", &[]),
            ("3/2", &[]),
            ("2", &[]),
        ] {
            assert!(read(typed, set).is_err(), "{typed} {set:?}");
        }
    }
}
