//! `ledger digest`: the digest of a whole journal, to keep elsewhere.

use serde_json::json;

use super::{NameArgs, open};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use qldb_journal::request::Faults;

/// Prints the digest; as JSON in the shape of GetDigest's response, which `verify --digest` reads.
pub(super) fn run(context: &Context, faults: Faults, args: &NameArgs) -> Result<(), CliError> {
    let name = args.only(faults)?;
    let digest = open(context)?.digest(&name)?;
    let encoded = digest.digest.to_base64();
    if context.printer.is_json() {
        let address = format!("{{strandId:\"{}\",sequenceNo:{}}}", digest.strand_id, digest.tip);
        let response = json!({ "Digest": encoded, "DigestTipAddress": { "IonText": address } });
        return Ok(context.printer.json(&response)?);
    }
    let fields = [
        ("Ledger", name.to_string()),
        ("Strand", digest.strand_id.to_string()),
        ("Digest", encoded),
        ("Tip", format!("block {}", digest.tip)),
    ];
    Ok(context.printer.fields(&fields)?)
}
