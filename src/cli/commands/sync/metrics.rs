//! `sync --metrics FILE`: how a run ended and how far the exports are, in Prometheus' text format,
//! for the textfile collector of its node exporter.
//!
//! Written once, at the end of a run, however it ends. Values that a failed run did not find out
//! are taken from the file that it replaces.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use chrono::{DateTime, Utc};

use super::archived::Extent;
use super::job::SyncState;
use super::record::Standing;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::error::flags::{self, WithRemedy as _};
use crate::cli::global::exit::Exit;
use crate::cli::output::output_file::{FileKind, OutputFile};
use qldb_journal::archive::verify::Status;
use qldb_journal::request::{ExportRequest, Fault, Faults, Field, time};

/// The label value if there is no verdict.
const UNVERIFIED: &str = "unverified";

/// Every metric, by its name after `qldb_export_`, with its help.
const METRICS: [(&str, &str); 15] = [
    ("last_run_timestamp_seconds", "When the last sync ended."),
    ("last_run_success", "Whether the last sync ended with exit code 0."),
    ("last_run_exit_code", "The exit code of the last sync."),
    ("last_run_duration_seconds", "How long the last sync took."),
    ("last_run_exports", "Exports that the last sync saw end complete."),
    ("last_success_timestamp_seconds", "When the last sync ended that had exit code 0."),
    ("exported_until_timestamp_seconds", "Everything that was committed before then is exported."),
    ("missing_windows", "Windows of time that were over when the last sync ended, and not exported."),
    ("verdict", "1 for what the last verification came to, 0 for the other verdicts."),
    ("last_verification_timestamp_seconds", "When a sync last verified something."),
    ("unproved_exports", "Exports in the archive that no verification has proved."),
    ("archive_exports", "Exports in the archive, by its manifests."),
    ("archive_blocks", "Blocks in the archive, by the names of its objects."),
    ("archive_bytes", "Bytes of the archive's objects."),
    ("archive_last_sequence_number", "The number of the last block in the archive."),
];

/// A file of metrics, and its future contents.
pub(super) struct Metrics {
    file: OutputFile,
    path: PathBuf,
    started: Instant,
    learnt: Mutex<Learnt>,
}

#[derive(Default)]
struct Learnt {
    /// The labels of every metric; `None` while there is nothing to report.
    labels: Option<String>,
    reached: SyncState,
}

/// The values that a run knows, by metric: each with additional labels, if it has any.
type Samples = Vec<(&'static str, Vec<(String, String)>)>;

impl Metrics {
    /// Checks what was typed; `archives` are only read.
    pub(super) fn check(typed: &Path, archives: &[PathBuf]) -> Result<Self, CliError> {
        let file = OutputFile::check(typed, FileKind::Metrics, archives)?;
        let path = file.regular()?.to_owned();
        if typed.extension().is_none_or(|extension| extension != "prom") {
            return Err(fault(
                typed,
                "does not end in .prom, so that no collector reads it",
                "name a file such as qldb.prom",
            ));
        }
        if !before(&path).lines().all(is_own) {
            let rule = "holds other lines than this program's metrics, which would be lost";
            return Err(fault(typed, rule, "name another file, or remove it first"));
        }
        Ok(Self { file, path, started: Instant::now(), learnt: Mutex::default() })
    }

    /// From now on there is a run, of this ledger to this destination. A file about another one is refused.
    pub(super) fn is_about(&self, request: &ExportRequest) -> Result<(), CliError> {
        let ExportRequest { ledger, bucket, prefix, .. } = request;
        let [ledger, bucket, prefix] = [ledger.as_str(), bucket.as_str(), prefix.as_str()].map(escaped);
        let labels = format!(r#"ledger="{ledger}",bucket="{bucket}",prefix="{prefix}""#);
        if before(&self.path).lines().any(|line| is_of_another(line, &labels)) {
            let rule = "holds the metrics of another ledger or destination";
            return Err(fault(&self.path, rule, "name a file for each of them, or remove it first"));
        }
        self.learnt().labels = Some(labels);
        Ok(())
    }

    /// Another run holds the ledger and destination, and writes its own metrics.
    pub(super) fn leave_to_another(&self) {
        self.learnt().labels = None;
    }

    /// How far the run got.
    pub(super) fn learn(&self, reached: SyncState) {
        self.learnt().reached = reached;
    }

    /// Writes the file at the end of a run. If that fails after the run has failed, the run's own failure is reported.
    pub(super) fn write(&self, context: &Context, outcome: Result<(), CliError>) -> Result<(), CliError> {
        let learnt = self.learnt();
        let Some(labels) = &learnt.labels else { return outcome };
        let exit = outcome.as_ref().map_or_else(CliError::exit, |()| Exit::Done);
        let values = values(&learnt.reached, exit, self.started, time::now());
        let written = self.file.write(page(labels, &values, &before(&self.path)).as_bytes()).map_err(afterwards);
        match (outcome, written) {
            (Err(failure), Err(error)) => {
                context.printer.warn(&error.explained());
                Err(failure)
            }
            (outcome, written) => outcome.and(written),
        }
    }

    fn learnt(&self) -> std::sync::MutexGuard<'_, Learnt> {
        self.learnt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The folders of a data directory that hold what this program stores.
pub(super) fn kept_from(data_dir: &Path) -> Vec<PathBuf> {
    ["journals", "buckets", "sync", "locks"].map(|folder| data_dir.join(folder)).to_vec()
}

fn fault(path: &Path, rule: &'static str, remedy: &'static str) -> CliError {
    let path = path.display().to_string();
    Faults::from(Fault::malformed(Field::Named("--metrics"), &path, rule, remedy)).into()
}

/// What the file held before the run. A file that can't be read holds nothing to keep.
fn before(path: &Path) -> String {
    std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// Whether a line is one of this program's metrics.
fn is_own(line: &str) -> bool {
    let line = line.strip_prefix("# HELP ").or_else(|| line.strip_prefix("# TYPE ")).unwrap_or(line);
    line.is_empty() || line.starts_with("qldb_export_")
}

/// Whether a line is a sample with other labels than these.
fn is_of_another(line: &str, labels: &str) -> bool {
    let found = line.split_once('{').filter(|_| !line.starts_with('#'));
    found.is_some_and(|(_, found)| !is_of(found, labels))
}

/// What was in order before the run is not a fault of what was typed: exports have been started in the meantime.
fn afterwards(error: CliError) -> CliError {
    match error {
        CliError::Faults(faults) => CliError::System(faults.iter().map(flags::message).collect::<Vec<_>>().join("; ")),
        other => other,
    }
}

fn values(reached: &SyncState, exit: Exit, started: Instant, now: DateTime<Utc>) -> Samples {
    let is_success = exit == Exit::Done;
    let mut values: Samples = Vec::new();
    let mut note = |name, value: String| values.push((name, vec![(String::new(), value)]));
    note("last_run_timestamp_seconds", seconds(now));
    note("last_run_success", u8::from(is_success).to_string());
    note("last_run_exit_code", exit.code().to_string());
    note("last_run_duration_seconds", format!("{:.3}", started.elapsed().as_secs_f64()));
    note("last_run_exports", reached.completed.to_string());
    if is_success {
        note("last_success_timestamp_seconds", seconds(now));
    }
    if let Some((until, missing)) = reached.coverage {
        until.into_iter().for_each(|until| note("exported_until_timestamp_seconds", seconds(until)));
        note("missing_windows", missing.to_string());
    }
    if let Some((Extent { exports, blocks, bytes, tip }, standing)) = &reached.archive {
        note("archive_exports", exports.to_string());
        note("archive_blocks", blocks.to_string());
        note("archive_bytes", bytes.to_string());
        tip.iter().for_each(|tip| note("archive_last_sequence_number", tip.to_string()));
        standing.at.iter().for_each(|at| note("last_verification_timestamp_seconds", seconds(*at)));
        standing.unproved.iter().for_each(|count| note("unproved_exports", count.to_string()));
        values.push(("verdict", verdicts(standing)));
    }
    values
}

/// One value for each possible verdict.
fn verdicts(standing: &Standing) -> Vec<(String, String)> {
    let found = standing.verdict.map_or(UNVERIFIED, Status::as_str);
    let all = [Status::Proved, Status::Damaged, Status::Incomplete, Status::Unproved].map(Status::as_str);
    let all = all.into_iter().chain([UNVERIFIED]);
    all.map(|one| (format!(r#",verdict="{one}""#), u8::from(one == found).to_string())).collect()
}

/// The whole file.
fn page(labels: &str, values: &Samples, before: &str) -> String {
    let mut page = String::new();
    for (metric, help) in METRICS {
        let name = format!("qldb_export_{metric}");
        let known = values.iter().find(|(of, _)| *of == metric).map(|(_, samples)| samples);
        let begins = format!("{name}{{{labels}");
        let kept: Vec<&str> = before.lines().filter(|line| is_of(line, &begins)).collect();
        if known.is_none() && kept.is_empty() {
            continue;
        }
        // Writing to a string can't fail.
        let _ = writeln!(page, "# HELP {name} {help}\n# TYPE {name} gauge");
        match known {
            Some(samples) => samples.iter().for_each(|(more, value)| {
                let _ = writeln!(page, "{begins}{more}}} {value}");
            }),
            None => kept.iter().for_each(|line| {
                let _ = writeln!(page, "{line}");
            }),
        }
    }
    page
}

/// Whether a line of the earlier file is for a metric with these labels, and perhaps more.
fn is_of(line: &str, begins: &str) -> bool {
    line.strip_prefix(begins).is_some_and(|rest| rest.starts_with(['}', ',']))
}

fn seconds(time: DateTime<Utc>) -> String {
    format!("{}.{:03}", time.timestamp(), time.timestamp_subsec_millis())
}

/// The value of a label, as the format writes it.
fn escaped(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABELS: &str = r#"ledger="l",bucket="b",prefix="p/""#;

    #[test]
    fn unknown_values_are_kept_only_for_the_same_ledger_and_destination() {
        let first = page(LABELS, &vec![("missing_windows", vec![(String::new(), "2".to_owned())])], "");
        assert!(first.contains(&format!("qldb_export_missing_windows{{{LABELS}}} 2\n")), "{first}");
        let next = page(LABELS, &vec![("last_run_success", vec![(String::new(), "0".to_owned())])], &first);
        assert!(next.contains("missing_windows{") && next.contains("last_run_success{"), "{next}");
        let other = page(r#"ledger="l",bucket="b",prefix="p/q""#, &Vec::new(), &next);
        assert_eq!(other, "");
    }

    #[test]
    fn the_table_in_the_documents_is_this_one() {
        let document = include_str!("../../../../docs/formats.md");
        let rows: Vec<&str> = document.lines().filter(|line| line.starts_with("| `qldb_export_")).collect();
        assert_eq!(rows, METRICS.map(|(name, help)| format!("| `qldb_export_{name}` | {help} |")));
    }

    #[test]
    fn labels_are_escaped_and_times_have_milliseconds() {
        assert_eq!(escaped("a\"b\\c\nd"), r#"a\"b\\c\nd"#);
        assert_eq!(seconds("2024-03-01T00:00:00.250Z".parse().unwrap()), "1709251200.250");
    }
}
