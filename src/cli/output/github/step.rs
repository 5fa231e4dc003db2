//! What becomes of a command, for the steps that follow and for people on the
//! run's page. Gathered from the events, so that nothing is reported here that
//! `--events` doesn't report. For the context alone.

use std::io;

use serde_json::Value;

use super::{output, summarize, summary};
use crate::cli::output::events::Event;
use crate::cli::output::text::one_line;

/// What the events of a command have said so far.
#[derive(Debug, Default)]
pub(crate) struct Step {
    pub(super) exports: Vec<Export>,
    pub(super) verdict: Option<Verdict>,
    pub(super) findings: Vec<Value>,
    pub(super) more_findings: usize,
}

/// An export, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct Export {
    pub(super) id: String,
    pub(super) ledger: String,
    pub(super) status: Option<String>,
    pub(super) destination: String,
    pub(super) from: String,
    pub(super) until: String,
    /// Blocks, objects and bytes, where the endpoint says so.
    pub(super) written: [Option<u64>; 3],
}

/// What a verification came to.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) outcome: String,
    pub(super) levels: Vec<(String, String)>,
    pub(super) blocks: u64,
    /// When the first and the last block were committed.
    pub(super) span: Option<(String, String)>,
}

/// The status that stands for all exports that are complete.
const COMPLETED: &str = "COMPLETED";

impl Step {
    /// Takes what an event says. At the last one, the outputs and the summary are written.
    pub(crate) fn note(&mut self, event: Event, members: &Value) -> io::Result<()> {
        match event {
            Event::Export | Event::State => self.note_export(members),
            Event::Finding if self.findings.len() < summary::MOST_ROWS => self.findings.push(members.clone()),
            Event::Finding => self.more_findings += 1,
            Event::Verdict => self.verdict = Some(Verdict::read(members)),
            Event::End => return self.finish(members),
            Event::Version | Event::Listening | Event::Progress | Event::Ledger => {}
        }
        Ok(())
    }

    fn note_export(&mut self, members: &Value) {
        let id = text(members, "exportId");
        if !self.exports.iter().any(|export| export.id == id) {
            self.exports.push(Export { id: id.clone(), ..Export::default() });
        }
        if let Some(export) = self.exports.iter_mut().find(|export| export.id == id) {
            export.note(members);
        }
    }

    fn finish(&self, end: &Value) -> io::Result<()> {
        for (name, value) in self.outputs() {
            output(name, &value)?;
        }
        match summary::of(self, end) {
            markdown if markdown.is_empty() => Ok(()),
            markdown => summarize(&markdown),
        }
    }

    /// Beside the ids, which are written as soon as they are known.
    fn outputs(&self) -> Vec<(&'static str, String)> {
        let destination = self.exports.first().map(|export| export.destination.clone());
        let verdict = self.verdict.as_ref().map(|verdict| verdict.outcome.clone());
        let outputs =
            [("status", self.status()), ("destination", destination), ("span", self.span()), ("verdict", verdict)];
        outputs.into_iter().filter_map(|(name, value)| Some((name, one_line(&value?).into_owned()))).collect()
    }

    /// COMPLETED if all exports are; else that of the first one that isn't.
    fn status(&self) -> Option<String> {
        let mut known = self.exports.iter().filter_map(|export| export.status.as_deref());
        let first = known.next()?;
        let other = std::iter::once(first).chain(known).find(|status| *status != COMPLETED);
        Some(other.unwrap_or(first).to_owned())
    }

    /// An interval of ISO 8601: of commit times that were exported, or of the blocks of an archive.
    fn span(&self) -> Option<String> {
        let of_exports = spanned(self.exports.iter().map(|export| (export.from.clone(), export.until.clone())));
        let (begin, end) = of_exports.or_else(|| self.verdict.as_ref()?.span.clone())?;
        Some(format!("{begin}/{end}"))
    }
}

/// From the earliest beginning to the latest end.
fn spanned(spans: impl Iterator<Item = (String, String)>) -> Option<(String, String)> {
    // A second sorts before its fractions once the letter for UTC is gone.
    let in_order = |time: &String| time.trim_end_matches('Z').to_owned();
    let (begins, ends): (Vec<_>, Vec<_>) = spans.unzip();
    begins.into_iter().min_by_key(in_order).zip(ends.into_iter().max_by_key(in_order))
}

impl Export {
    fn note(&mut self, members: &Value) {
        self.ledger = text(members, "ledger");
        self.destination = text(members, "destination");
        self.from = text(members, "inclusiveStartTime");
        self.until = text(members, "exclusiveEndTime");
        self.status = members["status"].as_str().map(str::to_owned).or_else(|| self.status.take());
        self.written = ["blocks", "objects", "bytes"].map(|name| members[name].as_u64());
    }
}

impl Verdict {
    fn read(members: &Value) -> Self {
        let levels = members["levels"].as_object().into_iter().flatten();
        let levels = levels.map(|(level, status)| (level.clone(), status.as_str().unwrap_or_default().to_owned()));
        let journals = members["journals"].as_array().into_iter().flatten();
        let times = |journal| (text(journal, "firstBlockTimestamp"), text(journal, "lastBlockTimestamp"));
        Self {
            outcome: text(members, "verdict"),
            levels: levels.collect(),
            blocks: members["blocks"].as_u64().unwrap_or_default(),
            span: spanned(journals.map(times)),
        }
    }
}

/// A member that is text; empty where it isn't there.
pub(super) fn text(members: &Value, name: &str) -> String {
    members[name].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn export(id: &str, day: u32, status: &str) -> Value {
        json!({
            "exportId": id,
            "status": status,
            "destination": "s3://b/p/",
            "inclusiveStartTime": format!("2024-03-0{day}T00:00:00Z"),
            "exclusiveEndTime": format!("2024-03-0{}T00:00:00Z", day + 1),
        })
    }

    #[test]
    fn several_exports_have_the_status_of_the_first_that_is_not_complete_and_one_span() {
        let mut step = Step::default();
        for (id, day, status) in [("a", 2, "COMPLETED"), ("b", 1, "IN_PROGRESS"), ("b", 1, "CANCELLED")] {
            step.note(Event::State, &export(id, day, status)).unwrap();
        }
        let outputs = step.outputs();
        assert!(outputs.contains(&("status", "CANCELLED".to_owned())), "{outputs:?}");
        assert!(outputs.contains(&("span", "2024-03-01T00:00:00Z/2024-03-03T00:00:00Z".to_owned())), "{outputs:?}");
    }
}
