//! `ledger describe`, and how information about a journal is shown.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{NameArgs, open};
use crate::cli::context::Context;
use crate::cli::context::working::working;
use crate::cli::error::CliError;
use crate::cli::output::outline::{self, Bars};
use crate::cli::output::text;
use crate::client::iso_8601;
use qldb_endpoint::engine::{AWS_OWNED_KMS_KEY, JournalFacts, Ledger};
use qldb_journal::archive::verify::Watcher;
use qldb_journal::internal::{Outline, TableCounts};
use qldb_journal::request::{Faults, time};

/// Describes a ledger and its journal. If the journal can't be read through, it is described as far as the catalog
/// knows it, and the command fails with the reason.
pub(super) fn run(context: &Context, faults: Faults, args: &NameArgs) -> Result<(), CliError> {
    let name = args.only(faults)?;
    let ledgers = open(context)?;
    let ledger = ledgers.ledger(&name)?;
    let facts = ledgers.facts(&name)?;
    let outline = working(context, "ledger describe", |done| {
        done.begin(0, facts.bytes);
        ledgers.outline(&name, done)
    });
    if context.printer.is_json() {
        context.printer.json(&described(&ledger, &facts, outline.as_ref().ok()))?;
    } else {
        let mut fields = ledger_fields(&ledger);
        fields.extend(journal_fields(&facts));
        context.printer.fields(&fields)?;
        if let Ok(outline) = &outline {
            show(context, &facts, outline)?;
        }
    }
    outline.map(|_| ())
}

/// Blocks over time, and documents and revisions by table.
fn show(context: &Context, facts: &JournalFacts, outline: &Outline) -> Result<(), CliError> {
    let screen = context.printer.screen();
    let ends = facts.first_time.zip(facts.last_time);
    if let Some(Bars { lines, most }) = ends.and_then(|ends| outline::bars(&outline.timeline, ends, screen)) {
        context.printer.painted(&format!("\nBlocks over time, {most}:\n{lines}"))?;
    }
    if !outline.tables.is_empty() {
        let what = if is_whole(facts) { "Documents and revisions by table" } else { "Revisions by table" };
        let tables = outline::tables(outline, is_whole(facts), screen);
        context.printer.painted(&format!("\n{what}:\n{tables}"))?;
    }
    Ok(())
}

/// Whether the journal begins with block 0. It never has a gap.
fn is_whole(facts: &JournalFacts) -> bool {
    facts.first_sequence_no == Some(0)
}

/// One table's counts next to its name.
fn table(name: Option<&str>, counts: &TableCounts, whole: bool) -> Value {
    outline::as_the_api_writes(outline::table(("name", name), counts, whole))
}

/// The API's response, with the journal added.
fn described(ledger: &Ledger, facts: &JournalFacts, outline: Option<&Outline>) -> Value {
    let mut journal = journal_json(facts);
    if let Some(Outline { timeline, tables }) = outline {
        let whole = is_whole(facts);
        let named = tables.named().iter().map(|(name, counts)| table(Some(name), counts, whole));
        journal["BlocksOverTime"] = json!(outline::blocks_over_time(timeline).map(outline::as_the_api_writes));
        journal["TableCounts"] = named.collect();
        journal["OtherTables"] = json!(tables.others().map(|counts| table(None, counts, whole)));
    }
    json!({
        "Name": ledger.name.as_str(),
        "State": ledger.state.as_str(),
        "CreationDateTime": iso_8601(ledger.created),
        "PermissionsMode": ledger.permissions_mode.as_str(),
        "DeletionProtection": ledger.deletion_protection,
        "EncryptionDescription": {
            "KmsKeyArn": ledger.kms_key.as_deref().unwrap_or(AWS_OWNED_KMS_KEY),
            "EncryptionStatus": "ENABLED",
        },
        "Journal": journal,
    })
}

/// Information about a journal, for programs. The API has no shape for it.
pub(super) fn journal_json(facts: &JournalFacts) -> Value {
    json!({
        "StrandId": facts.strand_id.as_str(),
        "Blocks": facts.blocks,
        "FirstSequenceNo": facts.first_sequence_no,
        "LastSequenceNo": facts.last_sequence_no,
        "FirstBlockTimestamp": facts.first_time.map(iso_8601),
        "LastBlockTimestamp": facts.last_time.map(iso_8601),
        "Bytes": facts.bytes,
        "Segments": facts.segments,
        "Tables": facts.tables,
    })
}

fn ledger_fields(ledger: &Ledger) -> Vec<(&'static str, String)> {
    let protection = if ledger.deletion_protection { "on" } else { "off" };
    vec![
        ("Ledger", ledger.name.to_string()),
        ("State", ledger.state.as_str().to_owned()),
        ("Created", time::display(ledger.created)),
        ("Permissions", ledger.permissions_mode.as_str().to_owned()),
        ("Deletion protection", protection.to_owned()),
    ]
}

/// Information about a journal, for people.
pub(super) fn journal_fields(facts: &JournalFacts) -> Vec<(&'static str, String)> {
    let mut fields = vec![("Strand", facts.strand_id.to_string()), ("Blocks", blocks(facts))];
    if let (Some(first), Some(last)) = (facts.first_time, facts.last_time) {
        fields.push(("Committed", span(first, last)));
    }
    let segments = text::count(facts.segments, "segment");
    fields.push(("Size", format!("{} in {segments}", text::size(facts.bytes))));
    fields.push(("Tables", text::one_line(&facts.tables.join(", ")).into_owned()));
    fields
}

fn blocks(facts: &JournalFacts) -> String {
    match (facts.first_sequence_no, facts.last_sequence_no) {
        (Some(first), Some(last)) => format!("{}, numbered {first} to {last}", facts.blocks),
        _ => facts.blocks.to_string(),
    }
}

fn span(first: DateTime<Utc>, last: DateTime<Utc>) -> String {
    format!("{} to {}", time::display(first), time::display(last))
}
