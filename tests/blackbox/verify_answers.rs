//! Saved answers of GetBlock and GetRevision, whole and forged, held against digests.

use std::sync::LazyLock;

use qldb_export::archive::verify::{ProofReport, SavedAnswer, SavedAnswerError, SavedDigest, Status, check_saved};
use qldb_export::journal::merkle::path;
use qldb_export::journal::{Hash, RawBlock, block_text, dot, find_revision, merkle_root, proof_text};
use serde_json::{Value, json};

use crate::verify_bench::{OTHER_STRAND, STRAND, blocks, journal, moved};

const COUNT: u64 = 22;
const TIP: u64 = COUNT - 1;

static JOURNAL: LazyLock<Vec<RawBlock>> = LazyLock::new(|| blocks(&journal(STRAND, COUNT, "s", true)));
static LEAVES: LazyLock<Vec<Option<Hash>>> =
    LazyLock::new(|| JOURNAL.iter().map(|block| Some(block.links.block_hash)).collect());

/// The digest as GetDigest answers it.
fn digest(tip: u64) -> SavedDigest {
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

fn siblings(number: u64, tip: u64) -> Vec<Hash> {
    path(&LEAVES[..=index(tip)], index(number)).unwrap()
}

fn text(number: u64) -> String {
    block_text(&JOURNAL[index(number)]).unwrap()
}

/// The text of a block's one revision, and its proof.
fn revision(number: u64, tip: u64) -> (String, Vec<Hash>) {
    let block = &JOURNAL[index(number)];
    let id = block_text(block).unwrap().split("metadata:{id:\"").nth(1).unwrap()[..22].to_owned();
    let found = find_revision(block, &id).unwrap().unwrap();
    (found.text, [found.in_block_proof, siblings(number, tip)].concat())
}

fn answer(member: &str, text: &str, proof: &str) -> String {
    json!({ member: { "IonText": text }, "Proof": { "IonText": proof } }).to_string()
}

fn of_block(text: &str, proof: &[Hash]) -> ProofReport {
    block_with(text, &proof_text(proof))
}

fn block_with(text: &str, proof: &str) -> ProofReport {
    check_saved(SavedAnswer::Block, "saved.json", answer("Block", text, proof), &digest(TIP)).unwrap()
}

fn of_revision(text: &str, proof: &[Hash]) -> ProofReport {
    let saved = answer("Revision", text, &proof_text(proof));
    check_saved(SavedAnswer::Revision, "saved.json", saved, &digest(TIP)).unwrap()
}

/// Fails unless the answer came out so.
#[track_caller]
fn assert_status(report: &ProofReport, expected: Status) {
    assert_eq!(report.status(), expected, "{report:#?}");
}

/// Fails unless the answer is damaged, and a break names this field.
#[track_caller]
fn assert_damaged(report: &ProofReport, field: &str) {
    assert_status(report, Status::Damaged);
    assert!(report.breaks.iter().any(|one| one.field == field), "{field}: {report:#?}");
}

/// Fails unless the hash is proved to be in the journal, and the content is not there.
#[track_caller]
fn assert_content_is_out(report: &ProofReport) {
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
fn an_answer_said_to_stand_elsewhere_is_damaged_wherever_the_proof_speaks_against_it() {
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

/// A block as somebody would write it around a node of the tree.
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
fn a_node_of_the_tree_dressed_as_a_block_is_never_proved_and_damaged_where_anything_speaks() {
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
fn the_digest_itself_with_an_empty_proof_is_no_block_and_no_revision() {
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

#[test]
fn a_proof_is_a_list_of_hashes_and_nothing_else() {
    let whole = proof_text(&siblings(4, TIP));
    assert_status(&block_with(&text(4), &whole.replace("},{", "}\n ,\t{")), Status::Proved);
    let inside = &whole[1..whole.len() - 1];
    let first = &inside[..inside.find(',').unwrap()];
    let short = proof_text(&siblings(4, TIP)[1..]);
    for forged in [
        format!("forged::{whole}"),
        format!("[forged::{inside}]"),
        format!("[/* forged */{inside}]"),
        format!("{whole}// forged"),
        format!("({})", inside.replace(',', " ")),
        format!("[[{inside}]]"),
        format!("{{proof:{whole}}}"),
        format!("{whole} {whole}"),
        format!("{whole} {{}}"),
        format!("$ion_1_0 {whole}"),
        format!("[{inside},{{{{}}}}]"),
        format!("[{inside},{{{{AAAA}}}}]"),
        format!("[{},{{{{{}}}}}]", &short[1..short.len() - 1], "A".repeat(40) + "AA=="),
        format!("[{inside},null.blob]"),
        format!("[{inside},\"{}\"]", &first[2..first.len() - 2]),
        format!("[{inside}"),
        "null.list".to_owned(),
        "[]".to_owned(),
        String::new(),
        short,
        format!("[{inside},{first}]"),
    ] {
        assert_damaged(&block_with(&text(4), &forged), "Proof");
    }
}

#[test]
fn what_qldb_does_not_write_around_a_block_is_never_proved() {
    let (whole, proof) = (text(4), proof_text(&siblings(4, TIP)));
    let twice = format!("{whole}{whole}");
    let info = whole.replacen("transactionInfo:", "transactionInfo:forged::", 1);
    let address = whole.replacen("sequenceNo:4}", "sequenceNo:4,sequenceNo:4}", 1);
    for damaged in [
        twice.as_str(),
        &format!("{whole} {{}}"),
        &format!("{whole} $ion_symbol_table::{{}}"),
        &info,
        &address,
        &whole.replacen("previousBlockHash:{{", "previousBlockHash:\"", 1).replacen(
            "}},entriesHashList",
            "\",entriesHashList",
            1,
        ),
        &whole[..whole.len() - 1],
        &format!("[{whole}]"),
        "",
        "null.struct",
    ] {
        assert_ne!(damaged, whole);
        assert_status(&block_with(damaged, &proof), Status::Damaged);
    }
    for odd in [
        format!("forged::{whole}"),
        format!("$ion_1_0 {whole}"),
        whole.replacen(",transactionId", ",/* forged */transactionId", 1),
        whole.replacen("{blockAddress", "{// forged\nblockAddress", 1),
        whole.replacen("blockAddress:", "blockAddress:forged::", 1),
        whole.replacen("blockHash:", "blockHash:forged::", 1),
        whole.replacen("revisions:[{", "revisions:[forged::{", 1),
        whole.replacen("entriesHashList:[", "entriesHashList:forged::[", 1),
        whole.replacen("sequenceNo:4}", "sequenceNo:4,forged:5}", 1),
        whole.replacen(",transactionId", ",forged:(a b),transactionId", 1),
    ] {
        assert_ne!(odd, whole);
        let report = block_with(&odd, &proof);
        assert_ne!(report.status(), Status::Proved, "{odd}\n{report:#?}");
    }
}

#[test]
fn what_qldb_does_not_write_around_a_revision_is_never_proved() {
    let (whole, proof) = revision(4, TIP);
    for odd in [
        format!("forged::{whole}"),
        format!("{whole} {whole}"),
        format!("{whole} // forged"),
        whole.replacen("metadata:", "metadata:forged::", 1),
        whole.replacen("hash:", "hash:forged::", 1),
        whole.replacen("data:", "data:forged::", 1),
        whole.replacen("blockAddress:", "blockAddress:forged::", 1),
        whole.replacen("sequenceNo:4}", "sequenceNo:4,forged:5}", 1),
        whole.replacen("sequenceNo:4}", "sequenceNo:4,sequenceNo:5}", 1),
        whole.replacen("metadata:", "forged:1,metadata:", 1),
        whole.replacen("{blockAddress", "{/*forged*/blockAddress", 1),
        format!("[{whole}]"),
    ] {
        assert_ne!(odd, whole);
        let report = of_revision(&odd, &proof);
        assert_ne!(report.status(), Status::Proved, "{odd}\n{report:#?}");
    }
    // Inside of data Ion is Ion.
    assert_status(&of_revision(&whole.replacen("data:{n:4}", "data:{'n':0x4}", 1), &proof), Status::Proved);
}

/// A text without one of its fields, whose value is in brackets.
fn without(text: &str, field: &str) -> String {
    let begin = text.find(&format!(",{field}:")).unwrap();
    let mut depth = 0;
    let value = text[begin + 1..].char_indices().find(|(_, character)| {
        depth += i32::from("{[".contains(*character)) - i32::from("}]".contains(*character));
        depth == 0 && "}]".contains(*character)
    });
    let end = begin + 1 + value.unwrap().0 + 1;
    format!("{}{}", &text[..begin], &text[end..])
}

#[test]
fn a_hash_whose_content_was_cut_out_is_proved_to_be_in_the_journal_and_the_content_is_not() {
    let (whole, proof) = (text(4), siblings(4, TIP));
    assert_content_is_out(&of_block(&without(&whole, "data"), &proof));
    assert_content_is_out(&of_block(&without(&without(&whole, "revisions"), "transactionInfo"), &proof));
    assert_content_is_out(&of_block(&without(&whole, "transactionInfo"), &proof));
    // The list of entries may be folded around what was cut out.
    let hashes: Vec<&str> =
        whole.split("entriesHashList:[").nth(1).unwrap().split(']').next().unwrap().split(',').collect();
    let hash = |at: usize| Hash::from_base64(&hashes[at][2..hashes[at].len() - 2]).unwrap();
    let folded = format!("{},{},{{{{{}}}}}", hashes[0], hashes[1], dot(hash(2), hash(3)).to_base64());
    let forged = without(&whole, "transactionInfo").replacen(&hashes.join(","), &folded, 1);
    assert_content_is_out(&of_block(&forged, &proof));
    // What transactionInfo names must be there.
    assert_status(&of_block(&without(&whole, "revisions"), &proof), Status::Damaged);
    let (whole, proof) = revision(4, TIP);
    assert_content_is_out(&of_revision(&without(&whole, "data"), &proof));
    let bare = without(&without(&whole, "data"), "metadata");
    assert_content_is_out(&of_revision(&bare, &proof));
    let nowhere = format!("{{{}", &bare[bare.find("hash:").unwrap()..]);
    assert_damaged(&of_revision(&nowhere, &proof), "blockAddress");
    assert_damaged(&of_revision(&bare.replacen("hash:{{", "hash:{{AAAA", 1), &proof), "Revision");
}

#[test]
fn blocks_of_the_service_s_own_are_in_the_journal_and_their_content_is_not_there() {
    let own = blocks(&journal(STRAND, 1, "s", false));
    let saved = answer("Block", &block_text(&own[0]).unwrap(), "[]");
    let digest = SavedDigest { digest: own[0].links.block_hash, tip: 0, strand_id: Some(STRAND.to_owned()) };
    assert_content_is_out(&check_saved(SavedAnswer::Block, "b", saved, &digest).unwrap());
}

/// Hashes and proofs that programs kept without the content, from public repositories.
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

#[test]
fn a_member_that_stands_twice_or_a_second_answer_is_damage() {
    let whole = answer("Block", &text(4), &proof_text(&siblings(4, TIP)));
    let check = |saved: &str| check_saved(SavedAnswer::Block, "b", saved, &digest(TIP));
    let other = answer("Block", &text(6), &proof_text(&siblings(6, TIP)));
    let members = |json: &str| json[1..json.len() - 1].to_owned();
    for (saved, what) in [
        (format!("{{{},{}}}", members(&other), members(&whole)), "Block"),
        (whole.replacen("{\"Block\"", "{\"block\":{\"IonText\":\"x\"},\"Block\"", 1), "Block"),
        (whole.replacen("\"Proof\":{", "\"Proof\":{\"IonText\":\"[]\",", 1), "Proof"),
        (format!("{whole}{other}"), "the file"),
        (format!("{whole} x"), "the file"),
    ] {
        assert_damaged(&check(&saved).unwrap(), what);
    }
    for (saved, error) in [
        (whole.replacen("Block", "Revision", 1), "holds no Block"),
        (json!({ "Block": { "IonText": text(4) } }).to_string(), "holds no Proof"),
        ("{}".to_owned(), "holds no Block"),
        (whole[..whole.len() - 1].to_owned(), "not the JSON of GetBlock"),
        (String::new(), "not the JSON of GetBlock"),
    ] {
        let refused = check(&saved).unwrap_err().to_string();
        assert!(refused.contains(error), "{refused}");
    }
}
