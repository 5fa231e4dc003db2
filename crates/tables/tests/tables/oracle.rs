//! What an archive holds, read by ion-rs: no code of ours but this.

use std::fs;
use std::path::Path;

use base64_of::base64;
use ion_rs::{Element, IonData, IonType, Value};

/// A revision as the rows must have it.
#[derive(Debug, Clone)]
pub(crate) struct Expected {
    pub(crate) sequence_no: u64,
    pub(crate) tx_id: String,
    pub(crate) block_time: String,
    pub(crate) table: Option<(String, String)>,
    pub(crate) doc_id: String,
    pub(crate) version: u64,
    pub(crate) tx_time: String,
    pub(crate) hash: String,
    pub(crate) data_hash: Option<String>,
    pub(crate) operation: &'static str,
    pub(crate) data: Option<Element>,
}

/// Every data object below a folder, in the order of the journal.
fn objects(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "ion") {
                found.push(path);
            }
        }
    }
    let first = |path: &std::path::PathBuf| {
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        stem.rsplit_once('.').unwrap().1.split_once('-').unwrap().0.parse::<u64>().unwrap()
    };
    found.sort_by_key(first);
    found
}

/// Every block of an archive in Ion.
pub(crate) fn blocks(folder: &Path) -> Vec<Element> {
    objects(folder).iter().flat_map(|path| Element::read_all(fs::read(path).unwrap()).unwrap()).collect()
}

/// The revisions of documents.
pub(crate) fn revisions(folder: &Path) -> Vec<Expected> {
    blocks(folder).iter().flat_map(of_block).collect()
}

fn of_block(block: &Element) -> Vec<Expected> {
    let block = block.as_struct().unwrap();
    let text = |element: Option<&Element>| element.and_then(Element::as_text).unwrap().to_owned();
    let documents = block.get("transactionInfo").and_then(|info| info.as_struct()?.get("documents")?.as_struct());
    let Some(revisions) = block.get("revisions").and_then(Element::as_sequence) else { return Vec::new() };
    let mut rows = Vec::new();
    for revision in revisions.elements().map(|revision| revision.as_struct().unwrap()) {
        let Some(metadata) = revision.get("metadata").and_then(Element::as_struct) else { continue };
        let doc_id = text(metadata.get("id"));
        let document = documents.and_then(|documents| documents.get(doc_id.as_str())?.as_struct());
        let data_hash = revision.get("dataHash").map(|hash| base64(hash.as_lob().unwrap()));
        let data = revision.get("data").cloned();
        let version = number(metadata.get("version"));
        rows.push(Expected {
            sequence_no: number(block.get("blockAddress").and_then(|address| address.as_struct()?.get("sequenceNo"))),
            tx_id: text(block.get("transactionId")),
            block_time: time(block.get("blockTimestamp")),
            table: document.map(|document| (text(document.get("tableName")), text(document.get("tableId")))),
            doc_id,
            version,
            tx_time: time(metadata.get("txTime")),
            hash: base64(revision.get("hash").unwrap().as_lob().unwrap()),
            operation: match (&data, &data_hash) {
                (None, None) => "D",
                _ if version == 0 => "I",
                _ => "U",
            },
            data_hash,
            data,
        });
    }
    rows
}

fn number(element: Option<&Element>) -> u64 {
    u64::try_from(element.unwrap().as_i64().unwrap()).unwrap()
}

/// QLDB's own times are UTC with milliseconds.
fn time(element: Option<&Element>) -> String {
    element.unwrap().as_timestamp().unwrap().to_string().replace("+00:00", "Z").replace("-00:00", "Z")
}

/// Whether a JSON text is what a value is down-converted to; JSON is Ion text as well, and read as such.
pub(crate) fn is_down_converted(json: &str, value: &Element) -> bool {
    let found = Element::read_one(json).unwrap_or_else(|error| panic!("{json}: {error}"));
    same(&found, value)
}

fn same(found: &Element, value: &Element) -> bool {
    if value.is_null() {
        return found.is_null();
    }
    let text = || found.as_text().unwrap_or("\u{0}no text");
    match value.value() {
        Value::Bool(_) | Value::Int(_) => IonData::eq(found.value(), value.value()),
        Value::Float(float) if !float.is_finite() => found.is_null(),
        Value::Float(float) => found.as_float().is_some_and(|found| found.to_bits() == float.to_bits()),
        Value::Decimal(decimal) => match found.value() {
            Value::Decimal(found) => found == decimal && found.scale() == decimal.scale(),
            Value::Int(found) => ion_rs::Decimal::new(found.clone(), 0) == *decimal,
            // With an exponent JSON's numbers read as floats; the digits are those before it.
            Value::Float(found) => decimal.to_string().replace('d', "e").parse() == Ok(*found),
            _ => false,
        },
        Value::Timestamp(_) => Element::read_one(text()).is_ok_and(|time| IonData::eq(time.value(), value.value())),
        Value::Symbol(_) | Value::String(_) => value.as_text().unwrap_or("$0") == text(),
        Value::Clob(_) => text().chars().map(u32::from).eq(value.as_lob().unwrap().iter().map(|byte| u32::from(*byte))),
        Value::Blob(_) => text() == base64(value.as_lob().unwrap()),
        Value::List(values) | Value::SExp(values) => found.as_list().is_some_and(|found| {
            found.len() == values.len()
                && found.elements().zip(values.elements()).all(|(found, value)| same(found, value))
        }),
        Value::Struct(fields) => found.as_struct().is_some_and(|found| {
            found.fields().count() == fields.fields().count()
                && found.fields().zip(fields.fields()).all(|((name, found), (expected, value))| {
                    name.text() == Some(expected.text().unwrap_or("$0")) && same(found, value)
                })
        }),
        Value::Null(_) => value.ion_type() == IonType::Null,
    }
}

mod base64_of {
    /// Base64 as RFC 4648 says, for bytes of any length.
    pub(super) fn base64(bytes: &[u8]) -> String {
        const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut out = String::new();
        for chunk in bytes.chunks(3) {
            let group =
                chunk.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
            for place in 0..4 {
                let digit = DIGITS[(group >> (18 - 6 * place) & 63) as usize] as char;
                out.push(if place <= chunk.len() { digit } else { '=' });
            }
        }
        out
    }
}
