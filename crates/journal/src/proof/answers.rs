//! Responses of GetDigest, GetBlock and GetRevision as JSON, in the shapes of the API: the endpoint
//! sends them, and commands write them for others to check.

use serde_json::{Value, json};

use super::{BlockAddress, proof_text};
use crate::Hash;

/// `GetDigestResponse`.
pub fn digest_answer(digest: Hash, tip: &BlockAddress) -> Value {
    json!({ "Digest": digest.to_base64(), "DigestTipAddress": holder(&tip.to_text()) })
}

/// `GetBlockResponse`, without a proof if none was requested.
pub fn block_answer(text: &str, proof: Option<&[Hash]>) -> Value {
    answer("Block", text, proof)
}

/// `GetRevisionResponse`, without a proof if none was requested.
pub fn revision_answer(text: &str, proof: Option<&[Hash]>) -> Value {
    answer("Revision", text, proof)
}

fn answer(member: &str, text: &str, proof: Option<&[Hash]>) -> Value {
    let mut answer = json!({ member: holder(text) });
    // A member without a value is omitted.
    if let (Value::Object(members), Some(proof)) = (&mut answer, proof) {
        members.insert("Proof".to_owned(), holder(&proof_text(proof)));
    }
    answer
}

/// `ValueHolder`: how the model wraps Ion.
fn holder(ion_text: &str) -> Value {
    json!({ "IonText": ion_text })
}
