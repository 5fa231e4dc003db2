//! `--events FILE`: what happens, as JSON, one object a line, beside what
//! people read. The first line tells the format; members and types of events
//! may be added within one format, so that readers ignore what they don't know.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chrono::{SecondsFormat, Utc};
use serde_json::{Value, json};

use super::error::CliError;
use crate::client::{Begun, ExportDescription};
use crate::request::{LedgerName, TimeRange, time};

/// Counted up when a member changes its meaning or goes.
const FORMAT: u32 = 1;

/// The file of events, if there is one.
#[derive(Debug, Default)]
pub(crate) struct Events(Mutex<Option<(PathBuf, File)>>);

impl Events {
    /// Makes the file, or empties it, and writes the first line.
    pub(crate) fn open(&self, path: &Path) -> Result<(), CliError> {
        let failed = |source| CliError::File { path: path.to_owned(), source };
        let file = File::create(path).map_err(failed)?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((path.to_owned(), file));
        let program =
            json!({ "format": FORMAT, "program": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") });
        self.write("version", program).map_err(|(path, source)| CliError::File { path, source })
    }

    /// Writes an event. After the first that fails there are no more.
    pub(crate) fn write(&self, kind: &str, members: Value) -> Result<(), (PathBuf, io::Error)> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((path, mut file)) = slot.take() else { return Ok(()) };
        match file.write_all(line(kind, members).as_bytes()) {
            Ok(()) => {
                *slot = Some((path, file));
                Ok(())
            }
            Err(error) => Err((path, error)),
        }
    }
}

/// One line, written at once, so that a reader never sees half of it.
fn line(kind: &str, members: Value) -> String {
    let mut event = json!({ "type": kind, "time": Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true) });
    if let (Value::Object(event), Value::Object(members)) = (&mut event, members) {
        event.extend(members);
    }
    format!("{event}\n")
}

/// An export runs: started now, or found.
pub(crate) fn begun(ledger: &LedgerName, range: &TimeRange, export: &Begun) -> Value {
    let action = match export {
        Begun::Started(_) => "started",
        Begun::Found(_) => "found",
    };
    json!({
        "action": action,
        "exportId": export.id().as_str(),
        "ledger": ledger.as_str(),
        "inclusiveStartTime": time::display(range.start()),
        "exclusiveEndTime": time::display(range.end()),
    })
}

/// The service described an export.
pub(crate) fn described(description: &ExportDescription) -> Value {
    let mut event = json!({ "exportId": description.id, "status": description.status.as_str() });
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
