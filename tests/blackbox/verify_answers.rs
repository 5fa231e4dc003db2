//! Saved responses of GetBlock and GetRevision, complete and forged, checked against digests.

use std::sync::LazyLock;

use qldb_journal::archive::verify::{ProofReport, SavedAnswer, SavedAnswerError, SavedDigest, Status, check_saved};
use qldb_journal::internal::merkle::path;
use qldb_journal::internal::{block_text, dot, find_revision, merkle_root, proof_text};
use qldb_journal::{Hash, RawBlock};
use serde_json::{Value, json};

use crate::verify_bench::{OTHER_STRAND, STRAND, blocks, journal, moved, new_block};

const COUNT: u64 = 22;
pub(crate) const TIP: u64 = COUNT - 1;

static JOURNAL: LazyLock<Vec<RawBlock>> = LazyLock::new(|| blocks(&journal(STRAND, COUNT, "s", true)));
static LEAVES: LazyLock<Vec<Option<Hash>>> =
    LazyLock::new(|| JOURNAL.iter().map(|block| Some(block.links.block_hash)).collect());

/// The digest as GetDigest returns it.
pub(crate) fn digest(tip: u64) -> SavedDigest {
    SavedDigest { strand_id: Some(STRAND.to_owned()), ..by_hand(tip) }
}

/// The digest as it is typed.
fn by_hand(tip: u64) -> SavedDigest {
    let covered: Vec<Hash> = LEAVES[..=index(tip)].iter().copied().flatten().collect();
    SavedDigest { digest: merkle_root(&covered).unwrap(), tip, strand_id: None }
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap()
}

pub(crate) fn siblings(number: u64, tip: u64) -> Vec<Hash> {
    path(&LEAVES[..=index(tip)], index(number)).unwrap()
}

pub(crate) fn text(number: u64) -> String {
    block_text(&JOURNAL[index(number)]).unwrap()
}

/// The text of a block's one revision, and its proof.
pub(crate) fn revision(number: u64, tip: u64) -> (String, Vec<Hash>) {
    let block = &JOURNAL[index(number)];
    let id = block_text(block).unwrap().split("metadata:{id:\"").nth(1).unwrap()[..22].to_owned();
    let found = find_revision(block, &id).unwrap().unwrap();
    (found.text, [found.in_block_proof, siblings(number, tip)].concat())
}

pub(crate) fn answer(member: &str, text: &str, proof: &str) -> String {
    json!({ member: { "IonText": text }, "Proof": { "IonText": proof } }).to_string()
}

pub(crate) fn of_block(text: &str, proof: &[Hash]) -> ProofReport {
    block_with(text, &proof_text(proof))
}

pub(crate) fn block_with(text: &str, proof: &str) -> ProofReport {
    check_saved(SavedAnswer::Block, "saved.json", answer("Block", text, proof), &digest(TIP)).unwrap()
}

pub(crate) fn of_revision(text: &str, proof: &[Hash]) -> ProofReport {
    let saved = answer("Revision", text, &proof_text(proof));
    check_saved(SavedAnswer::Revision, "saved.json", saved, &digest(TIP)).unwrap()
}

/// Fails unless the response has this result.
#[track_caller]
pub(crate) fn assert_status(report: &ProofReport, expected: Status) {
    assert_eq!(report.status(), expected, "{report:#?}");
}

/// Fails unless the response is damaged, and a break names this field.
#[track_caller]
pub(crate) fn assert_damaged(report: &ProofReport, field: &str) {
    assert_status(report, Status::Damaged);
    assert!(report.breaks.iter().any(|one| one.field == field), "{field}: {report:#?}");
}

/// Fails unless the hash is proved to be in the journal, and the contents are missing.
#[track_caller]
pub(crate) fn assert_content_is_out(report: &ProofReport) {
    assert_status(report, Status::Unproved);
    assert!(report.in_journal && !report.content_proved && report.reason.is_some(), "{report:#?}");
}

#[test]
fn every_block_and_every_revision_is_proved_under_every_tip() {
    for tip in 0..COUNT {
        for number in 0..=tip {
            let saved = answer("Block", &text(number), &proof_text(&siblings(number, tip)));
            assert_status(&check_saved(SavedAnswer::Block, "b", saved, &digest(tip)).unwrap(), Status::Proved);
            let (text, proof) = revision(number, tip);
            let saved = answer("Revision", &text, &proof_text(&proof));
            let report = check_saved(SavedAnswer::Revision, "r", saved, &digest(tip)).unwrap();
            assert_status(&report, Status::Proved);
            assert_eq!((report.sequence_no, report.siblings), (Some(number), Some(proof.len())));
        }
    }
}

#[test]
fn a_response_with_another_address_is_damaged_if_the_proof_contradicts_it() {
    for (number, said) in (0..COUNT).flat_map(|number| (0..COUNT).map(move |said| (number, said))) {
        if number == said {
            continue;
        }
        let proof = siblings(number, TIP);
        let alike = proof.len() == siblings(said, TIP).len();
        let speaks = !alike || number % 2 != said % 2;
        let report = of_block(&moved(&text(number), said), &proof);
        match (speaks, said, number) {
            (true, ..) => assert_status(&report, Status::Damaged),
            // The address of such a block is named among what no hash covers.
            (false, 1.., 1..) => assert_status(&report, Status::Proved),
            (false, ..) => assert_ne!(report.status(), Status::Proved, "{report:#?}"),
        }
        let (text, proof) = revision(number, TIP);
        let report = of_revision(&moved(&text, said), &proof);
        if (said % 2 == 1 && speaks) || (number % 2 == 1 && said % 2 == 0 && alike) {
            assert_status(&report, Status::Damaged);
        }
        let below = proof.len() < siblings(said, TIP).len() + if said == 0 { 2 } else { 3 };
        assert!(!below || report.status() == Status::Damaged, "{report:#?}");
    }
    let report = of_block(&moved(&text(4), TIP + 1), &siblings(4, TIP));
    assert_damaged(&report, "sequenceNo");
}

/// Every node of the tree above the leaves, with its two children and the siblings above it.
fn nodes() -> Vec<([Hash; 2], Vec<Hash>)> {
    let mut found = Vec::new();
    let mut level: Vec<Hash> = LEAVES.iter().copied().flatten().collect();
    while level.len() > 1 {
        let pairs: Vec<Vec<Hash>> = level.chunks(2).map(<[Hash]>::to_vec).collect();
        level = pairs.iter().map(|pair| merkle_root(pair).unwrap()).collect();
        let present: Vec<Option<Hash>> = level.iter().copied().map(Some).collect();
        for (at, pair) in pairs.into_iter().enumerate().filter(|(_, pair)| pair.len() == 2) {
            found.push(([pair[0], pair[1]], path(&present, at).unwrap()));
        }
    }
    found
}

/// A block as someone might write it around a node of the tree.
fn dressed([entries_hash, previous]: [Hash; 2], entries: &str, number: u64) -> String {
    let (own, entries_hash, previous) =
        (dot(entries_hash, previous).to_base64(), entries_hash.to_base64(), previous.to_base64());
    format!(
        "{{blockAddress:{{strandId:\"{STRAND}\",sequenceNo:{number}}},transactionId:\"ForgedForgedForged0001\",\
         blockTimestamp:2031-01-01T00:00:00.000Z,blockHash:{{{{{own}}}}},entriesHash:{{{{{entries_hash}}}}},\
         previousBlockHash:{{{{{previous}}}}},entriesHashList:[{entries}]}}"
    )
}

#[test]
fn a_tree_node_posing_as_a_block_is_never_proved_and_damaged_if_anything_contradicts_it() {
    for ([left, right], proof) in nodes() {
        for (children, number) in
            [[left, right], [right, left]].into_iter().flat_map(|both| (0..COUNT).map(move |number| (both, number)))
        {
            let one = format!("{{{{{}}}}}", children[0].to_base64());
            let few = of_block(&dressed(children, &one, number), &proof);
            assert_status(&few, Status::Damaged);
            let many = of_block(&dressed(children, &format!("{one},{{{{}}}},{{{{}}}},{{{{}}}}"), number), &proof);
            let expected = if number % 2 == 1 || siblings(number, TIP).len() != proof.len() {
                Status::Damaged
            } else {
                Status::Unproved
            };
            assert_status(&many, expected);
        }
    }
}

#[test]
fn the_digest_with_an_empty_proof_is_neither_a_block_nor_a_revision() {
    let root = digest(TIP).digest;
    let before = Hash::of(b"before");
    for number in 0..COUNT {
        let block = format!(
            "{{blockAddress:{{strandId:\"{STRAND}\",sequenceNo:{number}}},transactionId:\"x\",blockTimestamp:2031-01-01T00:00:00.000Z,blockHash:{{{{{0}}}}},entriesHash:{{{{{0}}}}},previousBlockHash:{{{{}}}},entriesHashList:[{{{{{0}}}}},{{{{}}}},{{{{}}}},{{{{}}}}]}}",
            root.to_base64()
        );
        assert_damaged(&of_block(&block, &[]), "Proof");
        let bare =
            format!("{{blockAddress:{{strandId:\"{STRAND}\",sequenceNo:{number}}},hash:{{{{{}}}}}}}", root.to_base64());
        assert_damaged(&of_revision(&bare, &[]), "Proof");
    }
    assert_damaged(&of_block(&text(3), &[before]), "Proof");
}

/// Hashes and proofs that programs kept without the contents, from public repositories.
#[test]
fn receipts_of_the_real_service_are_hashes_in_the_journal_without_content() {
    let proofs: Vec<Value> = serde_json::from_str(include_str!("../vectors/proofs.json")).unwrap();
    let receipts = proofs.iter().filter(|receipt| receipt["leafKind"] == "revision");
    let mut seen = 0;
    for receipt in receipts {
        let (number, tip) = (receipt["sequenceNo"].as_u64().unwrap(), receipt["tip"].as_u64().unwrap());
        let proof: Vec<Hash> = receipt["proof"]
            .as_array()
            .unwrap()
            .iter()
            .map(|hash| Hash::from_base64(hash.as_str().unwrap()).unwrap())
            .collect();
        let text = format!(
            "{{blockAddress:{{strandId: \"{STRAND}\", sequenceNo: {number}}},hash:{{{{{}}}}}}}",
            receipt["leaf"].as_str().unwrap()
        );
        let mut digest = SavedDigest::new(receipt["digest"].as_str().unwrap(), tip).unwrap();
        let check = |text: &str, digest: &SavedDigest| {
            check_saved(SavedAnswer::Revision, "receipt", answer("Revision", text, &proof_text(&proof)), digest)
        };
        assert_content_is_out(&check(&text, &digest).unwrap());
        if number % 2 == 0 {
            continue;
        }
        assert_status(&check(&moved(&text.replace(": ", ":"), number - 1), &digest).unwrap(), Status::Damaged);
        digest.strand_id = Some(OTHER_STRAND.to_owned());
        assert_status(&check(&text, &digest).unwrap(), Status::Damaged);
        seen += 1;
    }
    assert!(seen > 1);
}

#[test]
fn a_digest_of_another_strand_another_tip_or_another_journal_proves_nothing() {
    let check = |digest: &SavedDigest| {
        check_saved(SavedAnswer::Block, "b", answer("Block", &text(4), &proof_text(&siblings(4, TIP))), digest)
    };
    let foreign = SavedDigest { strand_id: Some(OTHER_STRAND.to_owned()), ..digest(TIP) };
    assert_damaged(&check(&foreign).unwrap(), "strandId");
    assert_damaged(&check(&digest(TIP - 1)).unwrap(), "Proof");
    let wrong = SavedDigest { digest: Hash::of(b"wrong"), ..digest(TIP) };
    assert_damaged(&check(&wrong).unwrap(), "Proof");
    assert_damaged(&check(&SavedDigest { tip: 3, ..digest(TIP) }).unwrap(), "sequenceNo");
    assert_damaged(&check(&SavedDigest { tip: 3, ..by_hand(TIP) }).unwrap(), "sequenceNo");
    for tip in [999_999_999_999, u64::MAX] {
        assert_damaged(&check(&SavedDigest { tip, ..digest(TIP) }).unwrap(), "Proof");
        let refused = check(&SavedDigest { tip, ..by_hand(TIP) });
        assert!(matches!(refused, Err(SavedAnswerError::NoSuchTree { .. })), "{refused:?}");
    }
}

/// The hashes in a block's list of entries; `None` for an empty one.
fn entries(text: &str) -> Vec<Option<Hash>> {
    let list = text.split("entriesHashList:[").nth(1).unwrap().split(']').next().unwrap();
    list.split(',').map(|entry| Hash::from_base64(&entry[2..entry.len() - 2])).collect()
}

/// The struct of a field that has begun.
fn field<'a>(text: &'a str, name: &str) -> &'a str {
    let rest = &text[text.find(name).unwrap() + name.len()..];
    let mut depth = 0;
    let end = rest.find(|character| {
        depth += i32::from(character == '{') - i32::from(character == '}');
        depth == 0
    });
    &rest[..=end.unwrap()]
}

#[test]
fn a_transaction_dressed_as_a_redacted_revision_is_not_proved() {
    // Above the entries of a block of the deeper part of the tree, the siblings are as many as above a revision's of a
    // block of the other part.
    for (number, said) in [(4, 16), (5, 18), (14, 18), (17, 20)] {
        let text = text(number);
        let [first, second, third, fourth] = entries(&text)[..] else { panic!("{text}") };
        let own = dot(third.unwrap(), fourth.unwrap());
        let proof = [
            vec![dot(first.unwrap(), second.unwrap()), JOURNAL[index(number)].links.previous_block_hash.unwrap()],
            siblings(number, TIP),
        ]
        .concat();
        let forged = format!(
            "{{blockAddress:{{strandId:\"{STRAND}\",sequenceNo:{said}}},hash:{{{{{}}}}},dataHash:{{{{{}}}}},metadata:{}}}",
            own.to_base64(),
            third.unwrap().to_base64(),
            field(&text, ",transactionInfo:")
        );
        let report = of_revision(&forged, &proof);
        assert!(report.content_proved && report.in_journal, "{report:#?}");
        assert_status(&report, Status::Unproved);
    }
}

#[test]
fn the_entries_of_a_block_dressed_as_another_block_are_not_proved() {
    let mut previous = None;
    let lines: Vec<String> = (0..COUNT)
        .map(|number| {
            let mut block = new_block(STRAND, number, previous, "s", true);
            block.changes.clear();
            let mut out = Vec::new();
            previous = Some(block.encode(&mut out).unwrap().block_hash);
            String::from_utf8(out).unwrap().trim_end().to_owned()
        })
        .collect();
    let own = blocks(&lines);
    let leaves: Vec<Option<Hash>> = own.iter().map(|block| Some(block.links.block_hash)).collect();
    let present: Vec<Hash> = leaves.iter().copied().flatten().collect();
    let digest = SavedDigest { digest: merkle_root(&present).unwrap(), tip: TIP, strand_id: None };
    for (number, said) in [(16, 2), (17, 14), (19, 4)] {
        let text = &lines[index(number)];
        let [first, None, third, fourth] = entries(text)[..] else { panic!("{text}") };
        let proof =
            [vec![own[index(number)].links.previous_block_hash.unwrap()], path(&leaves, index(number)).unwrap()]
                .concat();
        let blob = |hash: Option<Hash>| format!("{{{{{}}}}}", hash.unwrap().to_base64());
        let list = format!("{},{{{{}}}},{},{{{{}}}}", blob(third), blob(fourth));
        let forged = dressed([dot(third.unwrap(), fourth.unwrap()), first.unwrap()], &list, said);
        let info = field(text, ",transactionInfo:");
        let forged = format!("{},transactionInfo:{info}}}", &forged[..forged.len() - 1]);
        let saved = answer("Block", &forged, &proof_text(&proof));
        let report = check_saved(SavedAnswer::Block, "b", saved, &digest).unwrap();
        assert!(report.transaction_info && report.in_journal, "{report:#?}");
        assert_status(&report, Status::Unproved);
    }
}
