//! `GetDigest`, `GetBlock` and `GetRevision`: addresses are received as Ion text, and blocks,
//! revisions and proofs are sent as Ion text (docs/qldb.md 1.4).

use super::checks;
use super::failure::Failure;
use super::members::Members;
use super::operations::{Call, Operations, Success};
use crate::engine::Digest;
use qldb_journal::internal::{BlockAddress, address_from_text, block_answer, digest_answer, revision_answer};

impl Operations {
    pub(super) fn get_digest(&self, call: &Call) -> Result<Success, Failure> {
        let name = checks::ledger(&call.route.resource)?;
        let Digest { digest, strand_id, tip } = self.engine.digest(&name)?;
        let tip = BlockAddress { strand_id: strand_id.to_string(), sequence_no: tip };
        Success::json(&digest_answer(digest, &tip))
    }

    pub(super) fn get_block(&self, call: &Call) -> Result<Success, Failure> {
        let name = checks::ledger(&call.route.resource)?;
        let (block, tip) = addresses(&call.body)?;
        let proved = self.engine.block(&name, &block, tip.as_ref())?;
        Success::json(&block_answer(&proved.text, proved.proof.as_deref()))
    }

    pub(super) fn get_revision(&self, call: &Call) -> Result<Success, Failure> {
        let name = checks::ledger(&call.route.resource)?;
        let (block, tip) = addresses(&call.body)?;
        let document = checks::document_id(call.body.text("DocumentId")?)?;
        let proved = self.engine.revision(&name, &block, &document, tip.as_ref())?;
        Success::json(&revision_answer(&proved.text, proved.proof.as_deref()))
    }
}

/// The requested block, and the tip of the digest if a proof is requested.
fn addresses(body: &Members) -> Result<(BlockAddress, Option<BlockAddress>), Failure> {
    const BLOCK: &str = "BlockAddress";
    let block = address(body, BLOCK)?.ok_or_else(|| Failure::parameter(BLOCK, format!("{BLOCK} is required")))?;
    Ok((block, address(body, "DigestTipAddress")?))
}

fn address(body: &Members, member: &'static str) -> Result<Option<BlockAddress>, Failure> {
    let Some(holder) = body.structure(member)? else { return Ok(None) };
    let text = holder.text("IonText")?.unwrap_or_default();
    let address = address_from_text(member, text).map_err(|error| Failure::parameter(member, error.to_string()))?;
    Ok(Some(address))
}
