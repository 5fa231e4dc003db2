//! How S3 protects the objects of an archive, as it reported when they were read: Object Lock's
//! mode and end, and the version that was read.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::cli::output::text;
use crate::client::iso_8601;
use qldb_journal::archive::find::FileRef;
use qldb_journal::archive::source::{Source, Stored};
use qldb_journal::archive::verify::Report;
use qldb_journal::request::time;

/// What is known about the objects of each source, by key.
#[derive(Debug, Default)]
pub(crate) struct Stores(Vec<BTreeMap<String, Stored>>);

/// The locks of an archive, summarised.
struct Locks<'a> {
    locked: u64,
    of: u64,
    modes: BTreeSet<&'a str>,
    /// When the first of them ends.
    until: Option<DateTime<Utc>>,
    held: u64,
}

impl Stores {
    /// What the sources know after they were read.
    pub(crate) fn of(sources: &[Box<dyn Source>]) -> Self {
        Self(sources.iter().map(|source| source.stored()).collect())
    }

    /// What is known about a file.
    pub(crate) fn get(&self, file: &FileRef) -> Option<&Stored> {
        self.0.get(file.source)?.get(&file.found.key)
    }

    /// The locks of the data objects; `None` if nothing is known about any.
    fn locks(&self, report: &Report) -> Option<Locks<'_>> {
        let mut locks = Locks { locked: 0, of: report.objects().0, modes: BTreeSet::new(), until: None, held: 0 };
        for one in report.examined() {
            let Some(stored) = self.get(&one.object.file) else { continue };
            locks.held += u64::from(stored.is_held);
            let Some(lock) = &stored.lock else { continue };
            locks.locked += 1;
            locks.modes.insert(&lock.mode);
            locks.until = Some(locks.until.map_or(lock.until, |until| until.min(lock.until)));
        }
        (locks.locked + locks.held > 0).then_some(locks)
    }

    /// For people: how many objects are locked, in which mode, and until when at least.
    pub(crate) fn summary(&self, report: &Report) -> Option<String> {
        let Locks { locked, of, modes, until, held } = self.locks(report)?;
        let mut parts = Vec::new();
        if let Some(until) = until {
            let modes = modes.into_iter().collect::<Vec<_>>().join(", ");
            let of = text::count(of, "object");
            parts.push(format!("{locked} of {of} locked ({modes}), until {} at least", time::display(until)));
        }
        if held > 0 {
            parts.push(format!("a legal hold on {}", text::count(held, "object")));
        }
        Some(text::one_line(&parts.join("; ")).into_owned())
    }

    /// For programs.
    pub(crate) fn json(&self, report: &Report) -> Value {
        let Some(Locks { locked, of, modes, until, held }) = self.locks(report) else { return Value::Null };
        json!({
            "locked": locked,
            "objects": of,
            "modes": modes,
            "retainedUntil": until.map(iso_8601),
            "legalHolds": held,
        })
    }
}

/// The lock of one object, for programs.
pub(super) fn lock(stored: Option<&Stored>) -> Value {
    let lock = stored.and_then(|stored| stored.lock.as_ref());
    lock.map_or(Value::Null, |lock| json!({ "mode": lock.mode, "until": iso_8601(lock.until) }))
}
