//! Saved responses that contain something that QLDB does not write, or from which something was
//! removed.

use qldb_journal::Hash;
use qldb_journal::archive::verify::{SavedAnswer, SavedDigest, Status, check_saved};
use qldb_journal::internal::{Change, block_text, dot, proof_text};
use qldb_journal::ion::RawValue;
use serde_json::json;

use crate::verify_answers::{
    TIP, answer, assert_content_is_out, assert_damaged, assert_status, block_with, digest, of_block, of_revision,
    revision, siblings, text,
};
use crate::verify_bench::{STRAND, blocks, journal, new_block};

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
    // Inside data, any Ion is allowed.
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
    // The list of entries may be folded around what was removed.
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
fn statements_distinguish_a_deletion_from_removed_data() {
    let check = |statement: &str, changes: &[Option<&str>]| {
        let mut block = new_block(STRAND, 0, None, "s", true);
        block.statements[0].text = statement.to_owned();
        let one = block.changes.remove(0);
        block.changes =
            changes.iter().map(|data| Change { data: data.map(RawValue::from_text), ..one.clone() }).collect();
        let mut out = Vec::new();
        let hash = block.encode(&mut out).unwrap().block_hash;
        let digest = SavedDigest { digest: hash, tip: 0, strand_id: Some(STRAND.to_owned()) };
        let saved = answer("Block", &String::from_utf8(out).unwrap(), "[]");
        check_saved(SavedAnswer::Block, "b", saved, &digest).unwrap()
    };
    for deletes in ["DELETE FROM T", " delete FROM T WHERE x = 'UPDATE'"] {
        assert_status(&check(deletes, &[None]), Status::Proved);
        assert_status(&check(deletes, &[Some("{}"), None]), Status::Proved);
        assert_content_is_out(&check(deletes, &[None, None]));
    }
    for writes in ["UPDATE T SET x = 'DELETE'", "DELETED", ""] {
        assert_content_is_out(&check(writes, &[None]));
        assert_status(&check(writes, &[Some("{}")]), Status::Proved);
    }
}

#[test]
fn blocks_of_the_service_s_own_are_in_the_journal_and_their_content_is_not_there() {
    let own = blocks(&journal(STRAND, 1, "s", false));
    let saved = answer("Block", &block_text(&own[0]).unwrap(), "[]");
    let digest = SavedDigest { digest: own[0].links.block_hash, tip: 0, strand_id: Some(STRAND.to_owned()) };
    assert_content_is_out(&check_saved(SavedAnswer::Block, "b", saved, &digest).unwrap());
}

#[test]
fn a_repeated_member_or_a_second_response_is_damage() {
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
        (whole.replacen("Block", "Revision", 1), "has no Block"),
        (json!({ "Block": { "IonText": text(4) } }).to_string(), "has no Proof"),
        ("{}".to_owned(), "has no Block"),
        (whole[..whole.len() - 1].to_owned(), "not the JSON of GetBlock"),
        (String::new(), "not the JSON of GetBlock"),
    ] {
        let refused = check(&saved).unwrap_err().to_string();
        assert!(refused.contains(error), "{refused}");
    }
}

/// Where a changed character is contradicted by no hash.
const NOT_COVERED: [&str; 2] = ["sequenceNo:", "blockTimestamp:"];

#[test]
fn every_character_of_a_real_answer_counts_but_those_that_no_hash_covers() {
    let digest = SavedDigest::from_response(include_str!("../vectors/awscli-get-digest-123.json")).unwrap();
    for (member, which, json) in [
        ("Block", SavedAnswer::Block, include_str!("../vectors/awscli-get-block-100.json")),
        ("Revision", SavedAnswer::Revision, include_str!("../vectors/awscli-get-revision-100.json")),
    ] {
        let whole: serde_json::Value = serde_json::from_str(json).unwrap();
        let [value, proof] = [member, "Proof"].map(|member| whole[member]["IonText"].as_str().unwrap());
        let status = |value: &str, proof: &str| {
            check_saved(which, "saved", answer(member, value, proof), &digest).map(|report| report.status())
        };
        assert_eq!(status(value, proof).unwrap(), Status::Proved);
        for at in 0..value.len() {
            let field = value[..at].rfind([',', '{']).map_or("", |begin| &value[begin + 1..]);
            let open = NOT_COVERED.iter().any(|name| field.starts_with(name));
            for put in ["", "0", "/", "a::"] {
                let changed = format!("{}{put}{}", &value[..at], &value[at + 1..]);
                let proved = changed != value && status(&changed, proof).unwrap() == Status::Proved;
                assert!(!proved || open, "{at}: {put}: {changed}");
            }
            let changed = format!("{}/**/{}", &value[..at], &value[at..]);
            let proved = status(&changed, proof).unwrap() == Status::Proved;
            assert!(!proved, "{at}: {changed}");
        }
        for at in 0..proof.len() {
            for put in ["", "0", "/", "{", " /**/"] {
                let changed = format!("{}{put}{}", &proof[..at], &proof[at + 1..]);
                assert!(
                    changed == proof || status(value, &changed).unwrap() == Status::Damaged,
                    "{at}: {put}: {changed}"
                );
            }
        }
    }
}
