//! The report for programs.

use serde_json::{Map, Value, json};

use super::anchored;
use super::given::GivenDigest;
use super::locks::Stores;
use crate::cli::output::{breaks, outline};
use crate::client::iso_8601;
use qldb_journal::Hash;
use qldb_journal::archive::verify::{Believed, DigestScope, JournalSpan, NOT_COVERED, Report, Status};
use qldb_journal::internal::{Counts, TableCounts};

/// The whole report. Members may be added; none changes its meaning.
pub(super) fn of(report: &Report, given: Option<&GivenDigest>, stores: &Stores) -> Value {
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
        "breaks": report.breaks.iter().map(breaks::json).collect::<Vec<_>>(),
        "omittedBreaks": report.breaks.omitted(),
        "notes": report.notes,
        "passedOver": json!({ "count": report.strangers.count, "files": report.strangers.listed }),
        "joined": report.believed.iter().map(believed).collect::<Vec<_>>(),
        "exports": report.exports.len(),
        "objects": report.objects().0,
        "objectLock": stores.json(report),
        "blocks": report.blocks,
        "revisions": revisions(report.counts),
        "transactions": report.counts.transactions,
        "unaccountedEntries": report.counts.unaccounted,
        "unaccountedContents": report.counts.unaccounted_contents,
        "blocksWithFoldedEntries": report.counts.folded,
        "blocksWithoutContents": report.counts.blocks_without_contents,
        "unknownFields": report.counts.unknown_fields,
        "tables": tables(report),
        "otherTables": report.outline.tables.others().map(|counts| table(counts, report, None)),
        "blocksOverTime": outline::blocks_over_time(&report.outline.timeline),
        "ledgers": report.ledgers(),
        "firstSequenceNo": journal.map(|journal| journal.first),
        "lastSequenceNo": journal.map(|journal| journal.last),
        "tipHash": journal.map(|journal| journal.tip_hash.to_base64()),
        "digest": journal.and_then(|journal| journal.digest).map(Hash::to_base64),
        "digestGiven": given.map(GivenDigest::json),
        "digestScope": report.digest_scope().as_ref().map(of_scope),
        "anchorGiven": report.anchor.as_ref().map(anchored::json),
        "anchorScope": report.anchor_scope().as_ref().map(of_scope),
        "journals": report.journals.iter().map(of_journal).collect::<Vec<_>>(),
        "notCovered": NOT_COVERED.map(|(place, what, speaks)| of_uncovered(place, what, speaks)),
    })
}

/// A file that replaces reading some objects.
fn believed(file: &Believed) -> Value {
    json!({
        "file": file.file,
        "part": file.part.map(|part| part.to_string()),
        "sha256": file.sha256,
        "objects": file.objects,
    })
}

/// A field that no hash covers.
pub(super) fn of_uncovered(place: &str, what: &str, speaks: &str) -> Value {
    json!({"in": place, "what": what, "stillSpeaks": speaks})
}

/// What the given digest covers of the archive.
fn of_scope(scope: &DigestScope<'_>) -> Value {
    json!({
        "strandId": scope.strand_id,
        "firstSequenceNo": 0,
        "lastSequenceNo": scope.tip,
        "blocksBeyond": scope.beyond,
        "otherStrands": scope.other_strands,
    })
}

/// What the contents prove.
pub(super) fn revisions(counts: Counts) -> Value {
    json!({
        "all": counts.revisions,
        "proved": counts.proved,
        "redacted": counts.redacted,
        "redactionsNamed": counts.redactions,
        "hashOnly": counts.hash_only,
        "deleted": counts.deleted,
        "deletedMetadataAlone": counts.deleted_metadata_alone,
        "deletedWithNull": counts.deleted_with_null,
        "withoutContent": counts.cut,
        "hidden": counts.hidden,
        "withoutTransactionInfo": counts.undocumented,
        "typeless": counts.typeless,
    })
}

/// Counts by table, as the blocks state them.
fn tables(report: &Report) -> Value {
    let named = report.outline.tables.named().iter();
    Value::Object(named.map(|(name, counts)| (name.clone(), table(counts, report, Some(&counts.id)))).collect())
}

fn table(counts: &TableCounts, report: &Report, id: Option<&str>) -> Value {
    outline::table(("tableId", id), counts, report.is_whole())
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
        "logRoot": journal.log_root.map(Hash::to_base64),
    })
}
