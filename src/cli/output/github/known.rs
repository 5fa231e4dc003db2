//! What the events of a command say about its exports and its verdict. For [`super::step`] and
//! [`super::summary`].

use serde_json::Value;

/// What the events of a command have said so far.
#[derive(Debug, Default)]
pub(crate) struct Collected {
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
    /// Blocks, objects and bytes, if the endpoint reports them.
    pub(super) written: [Option<u64>; 3],
}

/// The result of a verification.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) outcome: String,
    pub(super) levels: Vec<(String, String)>,
    pub(super) blocks: u64,
    /// When the first and the last block were committed.
    pub(super) span: Option<(String, String)>,
}

impl Export {
    pub(super) fn note(&mut self, members: &Value) {
        self.ledger = text(members, "ledger");
        self.destination = text(members, "destination");
        self.from = text(members, "inclusiveStartTime");
        self.until = text(members, "exclusiveEndTime");
        self.status = members["status"].as_str().map(str::to_owned).or_else(|| self.status.take());
        self.written = ["blocks", "objects", "bytes"].map(|name| members[name].as_u64());
    }
}

impl Verdict {
    pub(super) fn read(members: &Value) -> Self {
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

/// From the earliest start to the latest end.
pub(super) fn spanned(spans: impl Iterator<Item = (String, String)>) -> Option<(String, String)> {
    // A whole second sorts before its fractions once the letter for UTC is removed.
    let in_order = |time: &String| time.trim_end_matches('Z').to_owned();
    let (begins, ends): (Vec<_>, Vec<_>) = spans.unzip();
    begins.into_iter().min_by_key(in_order).zip(ends.into_iter().max_by_key(in_order))
}

/// A member that is a string; empty if it is missing.
pub(super) fn text(members: &Value, name: &str) -> String {
    members[name].as_str().unwrap_or_default().to_owned()
}
