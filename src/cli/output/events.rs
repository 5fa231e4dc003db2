//! `--events FILE`: what happens, as JSON Lines, in addition to the normal output. The first line
//! gives the format; members and types of events may be added within a format, and readers must
//! ignore what they don't know. Every type is in [`Event`].

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chrono::SecondsFormat;
use serde_json::{Map, Value, json};

use crate::cli::error::CliError;
use crate::cli::output::breaks;
use crate::cli::output::output_file::{FileKind, OutputFile};
use crate::cli::output::{summary, text};
use crate::client::{Begun, ExportDescription};
use qldb_journal::archive::verify::{Level, Report, Status};
use qldb_journal::request::{ExportRequest, TimeRange, time};

/// Incremented when a member changes its meaning or is removed.
const FORMAT: u32 = 1;

/// Every type of event. The one list, from which the help is generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// The first line.
    Version,
    /// An export was started, or found.
    Export,
    /// The service described an export.
    State,
    /// The progress of work on an archive or a journal.
    Progress,
    /// Something is wrong with an archive.
    Finding,
    /// The result of a verification.
    Verdict,
    /// A ledger was changed.
    Ledger,
    /// The endpoint is listening.
    Listening,
    /// The last line.
    End,
}

impl Event {
    /// Every event, in the order in which they may occur.
    const ALL: [Self; 9] = [
        Self::Version,
        Self::Listening,
        Self::Export,
        Self::State,
        Self::Progress,
        Self::Finding,
        Self::Verdict,
        Self::Ledger,
        Self::End,
    ];

    /// The event with a given name.
    #[cfg_attr(not(unix), allow(dead_code, reason = "only where there are such sockets"))]
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.name() == name)
    }

    /// Its name in the file.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Export => "export",
            Self::State => "state",
            Self::Progress => "progress",
            Self::Finding => "finding",
            Self::Verdict => "verdict",
            Self::Ledger => "ledger",
            Self::Listening => "listening",
            Self::End => "end",
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Self::Version => "first, with the format's version",
            Self::Export => "an export was started, or found",
            Self::State => "the service described an export",
            Self::Progress => "objects and bytes done, of how many, once a second at most",
            Self::Finding => "something is wrong with an archive",
            Self::Verdict => "the result of a verification",
            Self::Ledger => "a ledger was created, appended to, imported, compacted, recovered or deleted",
            Self::Listening => "the endpoint's address, once it serves",
            Self::End => "last, with the exit code and the error",
        }
    }
}

/// The help of the flag.
pub(crate) fn help() -> String {
    let events = Event::ALL.map(|event| format!("{} ({})", event.name(), event.meaning()));
    format!(
        "Write what happens to a file as well, as JSON, one object a line\n\nThe member type of each line is one of: {}. \
         Events and members may be added within one version of the format. The file is made, or replaced where it holds \
         events already; - is stdout.",
        events.join(", ")
    )
}

/// The file of events, if there is one.
#[derive(Default)]
pub(crate) struct Events(Mutex<Option<Opened>>);

/// A file, and the name that was typed for it.
type Opened = (PathBuf, Box<dyn Write + Send>);

impl Events {
    /// Creates the file with its first line, replacing only a file of events. `archives` are only read.
    pub(crate) fn open(&self, path: &Path, archives: &[PathBuf]) -> Result<(), CliError> {
        let program =
            json!({ "format": FORMAT, "program": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") });
        let file = OutputFile::check(path, FileKind::Events, archives)?;
        let begun = file.begin(line(Event::Version, program).as_bytes())?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((path.to_owned(), begun));
        Ok(())
    }

    /// Writes an event. After the first failure, no more events are written.
    pub(crate) fn write(&self, event: Event, members: Value) -> Result<(), (PathBuf, io::Error)> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((path, mut file)) = slot.take() else { return Ok(()) };
        match file.write_all(line(event, members).as_bytes()).and_then(|()| file.flush()) {
            Ok(()) => {
                *slot = Some((path, file));
                Ok(())
            }
            Err(error) => Err((path, error)),
        }
    }
}

/// One line, written at once, so that a reader never sees part of it.
fn line(event: Event, members: Value) -> String {
    let mut line = json!({ "type": event.name(), "time": time::now().to_rfc3339_opts(SecondsFormat::Millis, true) });
    if let (Value::Object(line), Value::Object(members)) = (&mut line, members) {
        line.extend(members);
    }
    format!("{}\n", text::json(&line.to_string()))
}

/// An export is running: started now, or found. The range is the export's, which may be part of the request's.
pub(crate) fn begun(request: &ExportRequest, range: &TimeRange, export: &Begun) -> Value {
    let action = match export {
        Begun::Started(_) => "started",
        Begun::Found(_) => "found",
    };
    json!({
        "action": action,
        "exportId": export.id().as_str(),
        "ledger": request.ledger.as_str(),
        "inclusiveStartTime": time::display(range.start()),
        "exclusiveEndTime": time::display(range.end()),
        "destination": text::s3_address(&request.bucket, &request.prefix),
    })
}

/// The service described an export.
pub(crate) fn described(description: &ExportDescription) -> Value {
    let mut event = json!({
        "exportId": description.id,
        "status": description.status.as_str(),
        "ledger": description.ledger,
        "inclusiveStartTime": time::display(description.start),
        "exclusiveEndTime": time::display(description.end),
        "destination": summary::destination(description),
    });
    if let Some(progress) = &description.progress {
        event["objects"] = json!(progress.objects);
        event["blocks"] = json!(progress.blocks);
        event["bytes"] = json!(progress.bytes);
        if let Some(reason) = &progress.reason {
            event["reason"] = json!(reason);
        }
    }
    event
}

/// The result of a verification: each finding, and the verdict.
pub(crate) fn of_report(report: &Report) -> Vec<(Event, Value)> {
    of_proof(report, report.verdict, &[])
}

/// The same, with levels left out that the verdict does not cover.
pub(crate) fn of_proof(report: &Report, verdict: Status, left_out: &[(Level, String)]) -> Vec<(Event, Value)> {
    let findings = report.breaks.iter().map(|one| (Event::Finding, breaks::json(one)));
    let levels =
        report.levels.iter().filter_map(|level| Some((level.level.as_str().to_owned(), json!(level.status?.as_str()))));
    let levels: Map<String, Value> = levels.collect();
    let journals = report.journals.iter().map(|journal| {
        json!({
            "strandId": journal.strand_id,
            "firstSequenceNo": journal.first,
            "lastSequenceNo": journal.last,
            "firstBlockTimestamp": time::display(journal.first_time),
            "lastBlockTimestamp": time::display(journal.last_time),
        })
    });
    let journals: Vec<Value> = journals.collect();
    let mut event =
        json!({ "verdict": verdict.as_str(), "levels": levels, "blocks": report.blocks, "journals": journals });
    if !left_out.is_empty() {
        let left_out = left_out.iter().map(|(level, reason)| (level.as_str().to_owned(), json!(reason)));
        event["leftOut"] = Value::Object(left_out.collect());
    }
    findings.chain([(Event::Verdict, event)]).collect()
}
