//! `ledger digest`: the digest of a whole journal, to keep elsewhere.

use super::{NameArgs, open};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use qldb_journal::internal::{BlockAddress, digest_answer};
use qldb_journal::request::Faults;

/// Prints the digest; as JSON in the shape of GetDigest's response, which `verify --digest` reads.
pub(super) fn run(context: &Context, faults: Faults, args: &NameArgs) -> Result<(), CliError> {
    let name = args.only(faults)?;
    let digest = open(context)?.digest(&name)?;
    let encoded = digest.digest.to_base64();
    if context.printer.is_json() {
        let tip = BlockAddress { strand_id: digest.strand_id.to_string(), sequence_no: digest.tip };
        return Ok(context.printer.json(&digest_answer(digest.digest, &tip))?);
    }
    let fields = [
        ("Ledger", name.to_string()),
        ("Strand", digest.strand_id.to_string()),
        ("Digest", encoded),
        ("Tip", format!("block {}", digest.tip)),
    ];
    Ok(context.printer.fields(&fields)?)
}
