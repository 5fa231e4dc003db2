//! `ledger describe`, and how a journal's facts are shown.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{NameArgs, open};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::text;
use crate::client::iso_8601;
use crate::engine::{AWS_OWNED_KMS_KEY, JournalFacts, Ledger};
use crate::request::{Faults, time};

/// Describes a ledger and its journal.
pub(super) fn run(context: &Context, faults: Faults, args: &NameArgs) -> Result<(), CliError> {
    let name = args.only(faults)?;
    let engine = open(context)?;
    let ledger = engine.describe_ledger(&name)?;
    let facts = engine.journal_facts(&name)?;
    if context.printer.is_json() {
        context.printer.json(&described(&ledger, &facts))?;
    } else {
        let mut fields = ledger_fields(&ledger);
        fields.extend(journal_fields(&facts));
        context.printer.fields(&fields)?;
    }
    Ok(())
}

/// The API's response, and the journal beside it.
fn described(ledger: &Ledger, facts: &JournalFacts) -> Value {
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
        "Journal": journal_json(facts),
    })
}

/// A journal's facts, for machines. The API has no shape for them.
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

/// A journal's facts, for people.
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
