//! What every format records about its archive and the result of the verification.

use chrono::{DateTime, Utc};
use qldb_journal::Hash;
use qldb_journal::archive::verify::{JournalSpan, Level, Report, Status};
use qldb_journal::internal::Counts;
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::columns::{Journal, Value, time};
use crate::extract::RowFilter;
use crate::object::Objects;

/// The facts of one conversion.
#[derive(Debug, Clone)]
pub(crate) struct Facts<'a> {
    report: &'a Report,
    pub(crate) journal: Journal,
    pub(crate) span: JournalSpan,
    pub(crate) is_verified: bool,
    verdict: Status,
    levels: Json,
    accepted: Json,
    digest_given: Option<String>,
    filters: String,
    counts: String,
    tool: String,
    at: DateTime<Utc>,
}

/// What a row of the table of archives refers to.
pub(crate) struct Texts {
    tip_hash: String,
    digest: Option<String>,
    levels: String,
    accepted: String,
    objects: String,
}

/// The converting program, and the time.
#[derive(Debug, Clone)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) at: DateTime<Utc>,
}

impl<'r> Facts<'r> {
    /// The facts of a verification, about the journal that was converted.
    pub(crate) fn of(report: &'r Report, span: &JournalSpan, journal: Journal, filters: &Json, tool: Tool) -> Self {
        let level = |level: Level| report.levels.iter().find(|one| one.level == level).and_then(|one| one.status);
        let levels = Level::ALL.map(|one| (one.as_str().to_owned(), level(one).map(Status::as_str).into()));
        let given = report.digest.as_ref().map(|given| {
            json!({ "digest": given.digest.to_base64(), "tip": given.tip, "strandId": given.strand_id }).to_string()
        });
        let accepted = [
            ("hash-only-blocks", report.accepted.hash_only_blocks),
            ("redactions-elsewhere", report.accepted.redactions_elsewhere),
        ];
        let accepted: Vec<&str> =
            accepted.into_iter().filter(|(_, is_accepted)| *is_accepted).map(|(name, _)| name).collect();
        Self {
            report,
            journal,
            span: span.clone(),
            is_verified: report.verdict == Status::Proved,
            verdict: report.verdict,
            levels: Json::Object(levels.into_iter().collect()),
            accepted: accepted.into(),
            digest_given: given,
            filters: filters.to_string(),
            counts: counts(&report.counts).to_string(),
            tool: tool.name,
            at: tool.at,
        }
    }

    /// The same for tables that are extended and partly not proved: the latest facts must not hide that.
    pub(crate) fn after_unproved(mut self) -> Self {
        if self.verdict == Status::Proved {
            self.verdict = Status::Unproved;
        }
        self.is_verified = false;
        self
    }

    /// The texts of a row with the list of all objects, of which there may be millions: only for formats that store it as
    /// one text.
    pub(crate) fn texts(&self) -> Texts {
        // Writing to memory never fails.
        let objects = serde_json::to_string(&self.objects()).unwrap_or_default();
        Texts { objects, ..self.short_texts() }
    }

    /// The texts of a row with an empty list instead of the objects.
    pub(crate) fn short_texts(&self) -> Texts {
        Texts {
            tip_hash: self.span.tip_hash.to_base64(),
            digest: self.span.digest.map(Hash::to_base64),
            levels: self.levels.to_string(),
            accepted: self.accepted.to_string(),
            objects: "[]".to_owned(),
        }
    }

    /// Every object that was read, with its SHA-256.
    pub(crate) fn objects(&self) -> impl Serialize {
        Objects(|| self.report.examined())
    }

    /// The row for the table of archives.
    pub(crate) fn row<'a>(&'a self, texts: &'a Texts) -> [Value<'a>; 18] {
        let maybe = |text: &'a Option<String>, of: fn(&'a str) -> Value<'a>| text.as_deref().map_or(Value::Null, of);
        [
            Value::Text(&self.journal.ledger),
            Value::Text(&self.journal.strand_id),
            Value::Number(self.span.first),
            Value::Number(self.span.last),
            Value::Time(self.span.first_time),
            Value::Time(self.span.last_time),
            Value::Text(&texts.tip_hash),
            maybe(&texts.digest, Value::Text),
            maybe(&self.digest_given, Value::Json),
            Value::Text(self.verdict.as_str()),
            Value::Bool(!self.is_verified),
            Value::Json(&texts.levels),
            Value::Json(&texts.accepted),
            Value::Json(&self.filters),
            Value::Json(&self.counts),
            Value::Json(&texts.objects),
            Value::Text(&self.tool),
            Value::Time(self.at),
        ]
    }
}

fn counts(counts: &Counts) -> Json {
    json!({
        "revisions": counts.revisions,
        "proved": counts.proved,
        "hashOnly": counts.hash_only,
        "redacted": counts.redacted,
        "deleted": counts.deleted,
        "withoutContent": counts.cut + counts.hidden,
        "typeless": counts.typeless,
        "unknownFields": counts.unknown_fields,
    })
}

/// The filters, as every format records them.
pub(crate) fn filters(filter: &RowFilter, is_current: bool) -> Json {
    let tables: Option<Vec<&String>> = filter.tables.as_ref().map(|tables| tables.iter().collect());
    json!({
        "tables": tables,
        "from": filter.from.map(time),
        "until": filter.until.map(time),
        "currentOnly": is_current,
    })
}
