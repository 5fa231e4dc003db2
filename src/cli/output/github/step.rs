//! The outcome of a command, for later steps and for people on the run's page. Collected from the
//! events, so that nothing is reported here that `--events` does not report. For the context alone.

use std::io;

use serde_json::Value;

use super::known::{Collected, Export, Verdict, spanned, text};
use super::{output, summarize, summary};
use crate::cli::output::events::Event;
use crate::cli::output::text::one_line;

/// The step that runs this command.
#[derive(Debug, Default)]
pub(crate) struct Step {
    known: Collected,
}

/// The status if all exports are complete.
const COMPLETED: &str = "COMPLETED";

impl Step {
    /// Takes what an event says. At the last event, the outputs and the summary are written.
    pub(crate) fn note(&mut self, event: Event, members: &Value) -> io::Result<()> {
        match event {
            Event::Export | Event::State => self.note_export(members),
            Event::Finding if self.known.findings.len() < summary::MOST_ROWS => {
                self.known.findings.push(members.clone());
            }
            Event::Finding => self.known.more_findings += 1,
            Event::Verdict => self.known.verdict = Some(Verdict::read(members)),
            Event::End => return self.finish(members),
            Event::Version | Event::Listening | Event::Progress | Event::Ledger => {}
        }
        Ok(())
    }

    fn note_export(&mut self, members: &Value) {
        let id = text(members, "exportId");
        if !self.known.exports.iter().any(|export| export.id == id) {
            self.known.exports.push(Export { id: id.clone(), ..Export::default() });
        }
        if let Some(export) = self.known.exports.iter_mut().find(|export| export.id == id) {
            export.note(members);
        }
    }

    fn finish(&self, end: &Value) -> io::Result<()> {
        for (name, value) in self.outputs() {
            output(name, &value)?;
        }
        match summary::of(&self.known, end) {
            markdown if markdown.is_empty() => Ok(()),
            markdown => summarize(&markdown),
        }
    }

    /// The outputs except the ids, which are written as soon as they are known.
    fn outputs(&self) -> Vec<(&'static str, String)> {
        let destination = self.known.exports.first().map(|export| export.destination.clone());
        let verdict = self.known.verdict.as_ref().map(|verdict| verdict.outcome.clone());
        let outputs =
            [("status", self.status()), ("destination", destination), ("span", self.span()), ("verdict", verdict)];
        outputs.into_iter().filter_map(|(name, value)| Some((name, one_line(&value?).into_owned()))).collect()
    }

    /// COMPLETED if all exports are; otherwise the status of the first that is not.
    fn status(&self) -> Option<String> {
        let mut known = self.known.exports.iter().filter_map(|export| export.status.as_deref());
        let first = known.next()?;
        let other = std::iter::once(first).chain(known).find(|status| *status != COMPLETED);
        Some(other.unwrap_or(first).to_owned())
    }

    /// An ISO 8601 interval: the commit times that were exported, or those of the blocks of an archive.
    fn span(&self) -> Option<String> {
        let of_exports = spanned(self.known.exports.iter().map(|export| (export.from.clone(), export.until.clone())));
        let (begin, end) = of_exports.or_else(|| self.known.verdict.as_ref()?.span.clone())?;
        Some(format!("{begin}/{end}"))
    }
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
