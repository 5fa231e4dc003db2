//! The report for machines.

use serde_json::{Map, Value, json};

use crate::archive::verify::{Break, JournalSpan, NOT_COVERED, Report, Status};
use crate::client::iso_8601;
use crate::journal::Hash;

/// The whole report. Members may be added; none changes its meaning.
pub(super) fn of(report: &Report) -> Value {
    let levels: Map<String, Value> = report
        .levels
        .iter()
        .map(|level| (level.level.as_str().to_owned(), json!(level.status.map(Status::as_str))))
        .collect();
    let reasons: Map<String, Value> = report
        .levels
        .iter()
        .filter_map(|level| Some((level.level.as_str().to_owned(), json!(level.reason.as_ref()?))))
        .collect();
    let journal = report.only_journal();
    json!({
        "verdict": report.verdict.as_str(),
        "levels": levels,
        "reasons": reasons,
        "breaks": report.breaks.iter().map(of_break).collect::<Vec<_>>(),
        "exports": report.exports.len(),
        "objects": report.exports.iter().map(|export| export.objects.len()).sum::<usize>(),
        "blocks": report.blocks,
        "revisions": revisions(report),
        "unaccountedEntries": report.counts.unaccounted,
        "tables": tables(report),
        "ledgers": report.ledgers(),
        "firstSequenceNo": journal.map(|journal| journal.first),
        "lastSequenceNo": journal.map(|journal| journal.last),
        "tipHash": journal.map(|journal| journal.tip_hash.to_base64()),
        "digest": journal.and_then(|journal| journal.digest).map(Hash::to_base64),
        "journals": report.journals.iter().map(of_journal).collect::<Vec<_>>(),
        "notCovered": NOT_COVERED.map(|(place, what, speaks)| json!({"in": place, "what": what, "stillSpeaks": speaks})),
    })
}

pub(super) fn of_break(one: &Break) -> Value {
    json!(one)
}

fn revisions(report: &Report) -> Value {
    let counts = report.counts;
    json!({
        "all": counts.revisions,
        "proved": counts.proved,
        "redacted": counts.redacted,
        "hashOnly": counts.hash_only,
        "deleted": counts.deleted,
        "typeless": counts.typeless,
    })
}

fn tables(report: &Report) -> Value {
    let table = |(name, counts): (&String, &crate::journal::TableCounts)| {
        (name.clone(), json!({"tableId": counts.id, "documents": counts.documents, "revisions": counts.revisions}))
    };
    Value::Object(report.tables.iter().map(table).collect())
}

/// One strand's journal.
pub(super) fn of_journal(journal: &JournalSpan) -> Value {
    json!({
        "strandId": journal.strand_id,
        "firstSequenceNo": journal.first,
        "lastSequenceNo": journal.last,
        "blocks": journal.blocks,
        "firstBlockTimestamp": iso_8601(journal.first_time),
        "lastBlockTimestamp": iso_8601(journal.last_time),
        "firstPreviousBlockHash": journal.first_previous.map(Hash::to_base64),
        "tipHash": journal.tip_hash.to_base64(),
        "digest": journal.digest.map(Hash::to_base64),
    })
}
