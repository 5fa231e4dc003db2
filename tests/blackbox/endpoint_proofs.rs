//! Digests, blocks, revisions and their proofs, requested through the real SDK and proved offline.

use aws_sdk_qldb::error::ProvideErrorMetadata;
use aws_sdk_qldb::types::ValueHolder;
use qldb_endpoint::engine::SampleSpec;
use qldb_journal::archive::verify::{SavedAnswer, SavedDigest, check_saved};
use qldb_journal::request::LedgerName;

use crate::endpoint_running::Running;

const BLOCKS: u64 = 40;
const UNKNOWN_ID: &str = "0000000000000000000000";

/// An endpoint with a ledger with some blocks.
async fn with_blocks() -> Running {
    let running = Running::start().await;
    let engine = std::sync::Arc::clone(&running.engine);
    let spec = SampleSpec { name: LedgerName::parse("L1").unwrap(), transactions: BLOCKS, days: 2, seed: 1 };
    tokio::task::spawn_blocking(move || engine.make_sample(&spec).unwrap()).await.unwrap();
    running
}

fn holder(text: impl Into<String>) -> ValueHolder {
    ValueHolder::builder().ion_text(text).build()
}

fn address(strand: &str, number: u64) -> ValueHolder {
    holder(format!("{{ strandId : \"{strand}\",\n  sequenceNo : {number} }}"))
}

/// A response as the AWS CLI would save it.
fn saved(member: &str, value: &ValueHolder, proof: Option<&ValueHolder>) -> String {
    let proof = proof.map(|proof| serde_json::json!({"IonText": proof.ion_text().unwrap()}));
    serde_json::json!({member: {"IonText": value.ion_text().unwrap()}, "Proof": proof}).to_string()
}

/// The digest as a client would keep it, and the strand.
async fn digest(running: &Running) -> (SavedDigest, String) {
    let answer = running.client().get_digest().name("L1").send().await.unwrap();
    let digest = qldb_journal::Hash::from_slice(answer.digest().as_ref()).unwrap();
    let tip = answer.digest_tip_address().unwrap().ion_text().unwrap();
    let strand = tip.split('"').nth(1).unwrap().to_owned();
    assert_eq!(tip, format!("{{strandId:\"{strand}\",sequenceNo:{}}}", BLOCKS - 1));
    (SavedDigest { digest, tip: BLOCKS - 1, strand_id: Some(strand.clone()) }, strand)
}

#[tokio::test]
async fn blocks_and_revisions_are_proved_against_the_digest() {
    let running = with_blocks().await;
    let client = running.client();
    let (digest, strand) = digest(&running).await;
    let mut revisions = 0;
    for number in 0..BLOCKS {
        let call = client.get_block().name("L1").block_address(address(&strand, number));
        let block = call.digest_tip_address(address(&strand, digest.tip)).send().await.unwrap();
        let text = block.block().unwrap().ion_text().unwrap();
        assert!(text.starts_with(&format!("{{blockAddress:{{strandId:\"{strand}\",sequenceNo:{number}}}")), "{text}");
        let json = saved("Block", block.block().unwrap(), block.proof());
        let report = check_saved(SavedAnswer::Block, "block", &json, &digest).unwrap();
        assert_eq!((report.sequence_no, report.breaks), (Some(number), vec![]));
        for id in text.split("metadata:{id:\"").skip(1).map(|rest| &rest[..22]) {
            let call = client.get_revision().name("L1").block_address(address(&strand, number)).document_id(id);
            let answer = call.digest_tip_address(address(&strand, digest.tip)).send().await.unwrap();
            let json = saved("Revision", answer.revision().unwrap(), answer.proof());
            let report = check_saved(SavedAnswer::Revision, "revision", &json, &digest).unwrap();
            assert_eq!((report.sequence_no, report.breaks), (Some(number), vec![]));
            revisions += 1;
        }
    }
    assert!(revisions > 20, "{revisions}");
}

#[tokio::test]
async fn a_proof_needs_a_tip_and_an_earlier_tip_has_its_own() {
    let running = with_blocks().await;
    let client = running.client();
    let (digest, strand) = digest(&running).await;
    let bare = client.get_block().name("L1").block_address(address(&strand, 3)).send().await.unwrap();
    assert_eq!(bare.proof(), None);
    let call = client.get_block().name("L1").block_address(address(&strand, 3));
    let earlier = call.digest_tip_address(address(&strand, 7)).send().await.unwrap();
    assert_eq!(earlier.proof().unwrap().ion_text().unwrap().matches("}}").count(), 3);
    let json = saved("Block", earlier.block().unwrap(), earlier.proof());
    let report = check_saved(SavedAnswer::Block, "block", &json, &digest).unwrap();
    assert_eq!(report.breaks.iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), ["Proof"]);
}

#[tokio::test]
async fn what_does_not_exist_is_refused_by_the_member_that_names_it() {
    let running = with_blocks().await;
    let client = running.client();
    let (_, strand) = digest(&running).await;
    let good = || address(&strand, 3);
    for (block, tip, member) in [
        (address(&strand, BLOCKS), None, "BlockAddress"),
        (address(&strand, u64::MAX), None, "BlockAddress"),
        (address(UNKNOWN_ID, 3), None, "BlockAddress"),
        (good(), Some(address(&strand, BLOCKS)), "DigestTipAddress"),
        (good(), Some(address(&strand, u64::MAX)), "DigestTipAddress"),
        (good(), Some(address(&strand, 2)), "DigestTipAddress"),
        (good(), Some(address(UNKNOWN_ID, 9)), "DigestTipAddress"),
        (good(), Some(holder("{")), "DigestTipAddress"),
        (holder(""), None, "BlockAddress"),
        (holder("{}"), None, "BlockAddress"),
        (holder("{strandId:"), None, "BlockAddress"),
        (holder(format!("{{strandId:\"{strand}\",sequenceNo:-1}}")), None, "BlockAddress"),
        (holder(format!("{{strandId:\"{strand}\",sequenceNo:\"3\"}}")), None, "BlockAddress"),
        (holder(format!("[{{strandId:\"{strand}\",sequenceNo:3}}]")), None, "BlockAddress"),
        (holder(format!("{{a:{{strandId:\"{strand}\",sequenceNo:3}}}}")), None, "BlockAddress"),
        (holder(format!("{0} {0}", good().ion_text().unwrap())), None, "BlockAddress"),
    ] {
        let shown = format!("{block:?} {tip:?}");
        let call = client.get_block().name("L1").block_address(block.clone()).set_digest_tip_address(tip.clone());
        assert_eq!(parameter(&call.send().await.unwrap_err().into_service_error()), member, "{shown}");
        let call = client.get_revision().name("L1").block_address(block).set_digest_tip_address(tip);
        let error = call.document_id(UNKNOWN_ID).send().await.unwrap_err().into_service_error();
        assert!(error.is_invalid_parameter_exception(), "{error:?}");
    }
    for id in [UNKNOWN_ID, "short"] {
        let call = client.get_revision().name("L1").block_address(good()).document_id(id);
        let error = call.send().await.unwrap_err().into_service_error();
        assert_eq!(error.code(), Some("InvalidParameterException"));
        let aws_sdk_qldb::operation::get_revision::GetRevisionError::InvalidParameterException(error) = error else {
            panic!("{error:?}")
        };
        assert_eq!(error.parameter_name(), Some("DocumentId"));
    }
}

fn parameter(error: &aws_sdk_qldb::operation::get_block::GetBlockError) -> &str {
    use aws_sdk_qldb::operation::get_block::GetBlockError as Error;
    let Error::InvalidParameterException(error) = error else { panic!("{error:?}") };
    error.parameter_name().unwrap()
}

#[tokio::test]
async fn a_ledger_that_is_missing_or_empty_has_no_digest_and_no_block() {
    let running = Running::start().await;
    let client = running.client();
    let digest = || client.get_digest().name("L1").send();
    assert!(digest().await.unwrap_err().into_service_error().is_resource_not_found_exception());
    let block = || client.get_block().name("L1").block_address(address(UNKNOWN_ID, 0)).send();
    assert!(block().await.unwrap_err().into_service_error().is_resource_not_found_exception());
    running.make_ledger("L1").await;
    assert!(digest().await.unwrap_err().into_service_error().is_resource_precondition_not_met_exception());
    assert!(block().await.unwrap_err().into_service_error().is_invalid_parameter_exception());
}
