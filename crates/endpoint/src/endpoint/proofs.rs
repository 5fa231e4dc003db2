//! `GetDigest`, `GetBlock` and `GetRevision`: addresses come in as Ion text,
//! blocks, revisions and proofs go out as Ion text (docs/qldb.md 1.4).

use serde::Serialize;

use super::checks;
use super::failure::Failure;
use super::members::Members;
use super::operations::{Answer, Call, Desk};
use crate::engine::{Digest, Proved};
use qldb_journal::internal::{BlockAddress, address_from_text, proof_text};

/// `ValueHolder`: how the model carries Ion.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ValueHolder {
    ion_text: String,
}

/// `GetDigestResponse`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GivenDigest {
    digest: String,
    digest_tip_address: ValueHolder,
}

/// `GetBlockResponse` and `GetRevisionResponse`.
#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct GivenProof {
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<ValueHolder>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<ValueHolder>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<ValueHolder>,
}

impl From<Digest> for GivenDigest {
    fn from(given: Digest) -> Self {
        let tip = BlockAddress { strand_id: given.strand_id.to_string(), sequence_no: given.tip };
        Self { digest: given.digest.to_base64(), digest_tip_address: ValueHolder { ion_text: tip.to_text() } }
    }
}

impl GivenProof {
    fn of_block(proved: Proved) -> Self {
        let (value, proof) = holders(proved);
        Self { block: Some(value), proof, ..Self::default() }
    }

    fn of_revision(proved: Proved) -> Self {
        let (value, proof) = holders(proved);
        Self { revision: Some(value), proof, ..Self::default() }
    }
}

fn holders(proved: Proved) -> (ValueHolder, Option<ValueHolder>) {
    let proof = proved.proof.map(|hashes| ValueHolder { ion_text: proof_text(&hashes) });
    (ValueHolder { ion_text: proved.text }, proof)
}

impl Desk {
    pub(super) fn get_digest(&self, call: &Call) -> Result<Answer, Failure> {
        let name = checks::ledger(&call.route.resource)?;
        Answer::json(&GivenDigest::from(self.engine.digest(&name)?))
    }

    pub(super) fn get_block(&self, call: &Call) -> Result<Answer, Failure> {
        let name = checks::ledger(&call.route.resource)?;
        let (block, tip) = addresses(&call.body)?;
        Answer::json(&GivenProof::of_block(self.engine.block(&name, &block, tip.as_ref())?))
    }

    pub(super) fn get_revision(&self, call: &Call) -> Result<Answer, Failure> {
        let name = checks::ledger(&call.route.resource)?;
        let (block, tip) = addresses(&call.body)?;
        let document = checks::document_id(call.body.text("DocumentId")?)?;
        Answer::json(&GivenProof::of_revision(self.engine.revision(&name, &block, &document, tip.as_ref())?))
    }
}

/// The block that is asked for, and the tip of the digest if a proof is.
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
