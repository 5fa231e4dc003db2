//! One digest in every form in which people saved it.

use std::fmt::Write as _;

use qldb_journal::Hash;
use qldb_journal::archive::verify::SavedDigest;

const DIGEST: &str = "tip5sSzL9If9S//PGXlhN54OJ/OYQQwApBjK1zHPL+I=";
const STRAND: &str = "6BpvY66W8XW94nBQAC0kRi";
const CLI: &str = r#"{
    "Digest": "tip5sSzL9If9S//PGXlhN54OJ/OYQQwApBjK1zHPL+I=",
    "DigestTipAddress": {
        "IonText": "{strandId:\"6BpvY66W8XW94nBQAC0kRi\",sequenceNo:59}"
    }
}
"#;
const ADDRESS: &str = r#""DigestTipAddress": {"IonText": "{strandId:\"6BpvY66W8XW94nBQAC0kRi\",sequenceNo:59}"}"#;

fn hash() -> Hash {
    Hash::from_base64(DIGEST).unwrap()
}

fn bytes() -> Vec<String> {
    hash().as_bytes().iter().map(ToString::to_string).collect()
}

fn whole() -> SavedDigest {
    SavedDigest { digest: hash(), tip: 59, strand_id: Some(STRAND.to_owned()) }
}

/// Bytes as Python prints them.
fn python(quote: char) -> String {
    python_of(hash().as_bytes(), quote)
}

fn python_of(bytes: &[u8], quote: char) -> String {
    let mut text = format!("b{quote}");
    for byte in bytes {
        match byte {
            b'\'' | b'"' | b'\\' => text.extend(['\\', char::from(*byte)]),
            b'\n' => text.push_str("\\n"),
            0x20..=0x7e => text.push(char::from(*byte)),
            _ => write!(text, "\\x{byte:02x}").unwrap(),
        }
    }
    text + &quote.to_string()
}

fn with(digest: &str) -> String {
    format!("{{\"Digest\": {digest}, {ADDRESS}}}")
}

#[track_caller]
fn assert_read(saved: impl AsRef<[u8]>) {
    let shown = String::from_utf8_lossy(saved.as_ref()).into_owned();
    assert_eq!(
        SavedDigest::from_response(saved).unwrap_or_else(|error| panic!("{shown}: {error}")),
        whole(),
        "{shown}"
    );
}

#[test]
fn json_of_the_aws_cli_and_of_programs_is_read() {
    assert_read(CLI);
    assert_read(CLI.replace('\n', "\r\n"));
    assert_read(format!(
        "{{\"ResponseMetadata\": {{\"RequestId\": \"x\", \"RetryAttempts\": 0}}, {}",
        &with(&format!("{DIGEST:?}"))[1..]
    ));
    let numbers = bytes();
    let indexed: Vec<String> = numbers.iter().enumerate().map(|(at, byte)| format!("\"{at}\":{byte}")).collect();
    assert_read(with(&format!("{{\"type\": \"Buffer\", \"data\": [{}]}}", numbers.join(", "))));
    assert_read(with(&format!("{{{}}}", indexed.join(","))));
    assert_read(with(&format!("[{}]", numbers.join(","))));
    for quote in ['\'', '"'] {
        assert_read(with(&serde_json::to_string(&python(quote)).unwrap()));
    }
    assert_read(CLI.replace("Digest", "digest").replace("IonText", "ionText"));
}

#[test]
fn files_of_powershell_are_read() {
    let units: Vec<u16> = CLI.replace('\n', "\r\n").encode_utf16().collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    assert_read([&[0xFF, 0xFE], &little[..]].concat());
    assert_read([&[0xFE, 0xFF], &big[..]].concat());
    assert_read(&little);
    assert_read(&big);
    assert_read([&[0xEF, 0xBB, 0xBF], CLI.as_bytes()].concat());
    assert!(SavedDigest::from_response([&[0xFF, 0xFE], &little[..little.len() - 1]].concat()).is_err());
}

#[test]
fn the_console_s_ion_is_read() {
    for (digest, address) in [
        (format!("\"{DIGEST}\""), format!("{{\"strandId\":\"{STRAND}\",\"sequenceNo\":59}}")),
        (format!("{{{{{DIGEST}}}}}"), format!("{{strandId:\"{STRAND}\", sequenceNo:59}}")),
        (format!("\"{DIGEST}\""), format!("\"{{strandId:\\\"{STRAND}\\\",sequenceNo:59}}\"")),
    ] {
        assert_read(format!(
            "{{\n  digest: {digest},\n  digestTipAddress: {address},\n  ledger: \"l\",\n  date: 2024-03-02T00:00:00Z\n}}"
        ));
    }
}

#[test]
fn text_tables_yaml_and_what_languages_print_are_read() {
    let address = format!("{{strandId:\"{STRAND}\",sequenceNo:59}}");
    for text in [
        format!("{DIGEST}\nDIGESTTIPADDRESS\t{address}\n"),
        format!("{DIGEST}\t{address}\n"),
        format!("Digest: {DIGEST}\nDigestTipAddress:\n  IonText: '{address}'\n"),
        format!("- Digest: {DIGEST}\n  DigestTipAddress:\n    IonText: \"{}\"\n", address.replace('"', "\\\"")),
        format!("|  Digest |  {DIGEST}  |\n||  IonText|  {address}  ||\n"),
        format!(
            "{{'ResponseMetadata': {{'RequestId': 'r', 'HTTPStatusCode': 200}}, 'Digest': {}, 'DigestTipAddress': {{'IonText': '{address}'}}}}",
            python('\'')
        ),
        format!("{{'Digest': {}, 'DigestTipAddress': {{'IonText': '{address}'}}}}", python('"')),
        // As Python's pretty printer wraps it.
        format!(
            "{{'Digest': {}\n           {},\n 'DigestTipAddress': {{'IonText': '{address}'}}}}",
            python_of(&hash().as_bytes()[..20], '"'),
            python_of(&hash().as_bytes()[20..], '\''),
        ),
        format!(
            "{{\n  '$metadata': {{ attempts: 1, totalRetryDelay: 0 }},\n  Digest: Uint8Array(32) [\n    {}\n  ],\n  DigestTipAddress: {{ IonText: '{address}' }}\n}}",
            bytes().join(",\n    ")
        ),
        format!(
            "{{ Digest: <Buffer {}>, DigestTipAddress: {{ IonText: '{address}' }} }}",
            hash().as_bytes().map(|byte| format!("{byte:02x}")).join(" ")
        ),
        format!(
            "GetDigestResponse(Digest=SdkBytes(bytes=0x{}), DigestTipAddress=ValueHolder(IonText={address}))",
            hash().to_hex()
        ),
    ] {
        assert_read(text);
    }
}

#[test]
fn a_bare_digest_needs_its_tip_and_a_tip_given_twice_must_be_the_same() {
    let alone = SavedDigest { strand_id: None, ..whole() };
    for text in [
        DIGEST.to_owned(),
        format!("{DIGEST}\r\n"),
        hash().to_hex(),
        format!("{{\"Digest\": \"{DIGEST}\"}}"),
        python('\''),
    ] {
        assert_eq!(SavedDigest::read(&text, Some(59)).unwrap(), alone, "{text}");
        assert!(SavedDigest::read(&text, None).is_err(), "{text}");
    }
    assert_eq!(SavedDigest::read(CLI, Some(59)).unwrap(), whole());
    assert!(SavedDigest::read(CLI, Some(58)).is_err());
}

#[test]
fn anything_but_a_single_digest_is_refused() {
    let other = Hash::of(b"other").to_base64();
    for text in [
        String::new(),
        "{}".to_owned(),
        "nothing of that kind".to_owned(),
        with("\"tip5\""),
        with("[1,2,3]"),
        with("{\"0\":1}"),
        with("null"),
        format!("{{\"Digest\": \"{DIGEST}\", {}", &with(&format!("{other:?}"))[1..]),
        format!("{CLI}{CLI}"),
        format!("{DIGEST}\n{other}\n{STRAND}"),
        CLI.replace("sequenceNo:59", "sequenceNo:-1"),
        CLI.replace("sequenceNo:59", "sequenceNo:59,sequenceNo:60"),
        CLI.replace(",sequenceNo:59", ""),
        format!("{DIGEST}\n{{strandId:\"{STRAND}\",sequenceNo:59}}\n{{strandId:\"{STRAND}\",sequenceNo:58}}"),
        "[".repeat(60_000),
        "{'Digest': b'".repeat(4_000),
    ] {
        let read = SavedDigest::from_response(&text);
        assert!(read.is_err(), "{text}: {read:?}");
    }
}
