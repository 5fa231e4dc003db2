//! Reads manifests, in all three encodings (docs/qldb.md 3.2), and only in the form that the
//! service writes: one struct, each member once, of the right type and without annotations, and
//! nothing else in the file. Anything that other readers could read differently is refused.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::foreign::Foreign;
use crate::ion::{BINARY_VERSION_MARKER, BinaryReader, Container, Event, Item, RawValue, ReadItems, Scalar, values};

/// The longest manifest that is read. A key takes a few hundred bytes, and an export of a terabyte has a few hundred
/// thousand of them.
pub(super) const LARGEST_MANIFEST: u64 = 64 << 20;

/// Every member that the service writes into a started manifest.
const STARTED_MEMBERS: [&str; 8] = [
    "ledgerName",
    "exportId",
    "inclusiveStartTime",
    "exclusiveEndTime",
    "bucket",
    "prefix",
    "objectEncryptionType",
    "outputFormat",
];
/// Every member that the service writes into a completed manifest.
const COMPLETED_MEMBERS: [&str; 1] = ["keys"];

/// How a text may begin before its value.
const TEXT_VERSION_MARKER: &[u8] = b"$ion_1_0";

/// What the started manifest says, as far as a reader needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Started {
    /// The ledger.
    pub ledger: Option<String>,
    /// The export.
    pub export_id: Option<String>,
    /// The inclusive start of the range.
    pub start: Option<DateTime<Utc>>,
    /// The exclusive end of the range.
    pub end: Option<DateTime<Utc>>,
    /// The prefix of the keys.
    pub prefix: Option<String>,
    /// The format, if the request named one.
    pub format: Option<String>,
}

/// The content of a manifest.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Manifest<T> {
    pub(super) content: T,
    /// Members that the service does not write.
    pub(super) unknown: Vec<String>,
}

/// Reads the started manifest. The error is a fragment that says what is wrong.
pub(super) fn read_started(bytes: &[u8]) -> Result<Manifest<Started>, String> {
    let mut started = Started::default();
    let unknown = for_each_item(bytes, &STARTED_MEMBERS, |field, depth, item| {
        let text = || match item.text() {
            Some(text) if depth == 1 => Ok(Some(text.to_owned())),
            _ => Err(format!("{field} is not a string")),
        };
        match field {
            "ledgerName" => started.ledger = text()?,
            "exportId" => started.export_id = text()?,
            "inclusiveStartTime" => started.start = Some(time(field, item)?),
            "exclusiveEndTime" => started.end = Some(time(field, item)?),
            "prefix" => started.prefix = text()?,
            "outputFormat" => started.format = text()?,
            "bucket" | "objectEncryptionType" => drop(text()?),
            _ => {}
        }
        Ok(())
    })?;
    let parts = [
        ("exportId", started.export_id.is_some()),
        ("inclusiveStartTime", started.start.is_some()),
        ("exclusiveEndTime", started.end.is_some()),
    ];
    match parts.into_iter().find(|(_, there)| !there) {
        Some((lacking, _)) => Err(format!("it has no {lacking}")),
        None => Ok(Manifest { content: started, unknown }),
    }
}

/// Reads the completed manifest: the keys of the data objects in order.
pub(super) fn read_completed(bytes: &[u8]) -> Result<Manifest<Vec<String>>, String> {
    let mut keys = None;
    let unknown = for_each_item(bytes, &COMPLETED_MEMBERS, |field, depth, item| {
        match (field, depth, &item.event) {
            ("keys", 1, Event::Begin(Container::List)) => keys = Some(Vec::new()),
            ("keys", 1, _) => return Err("keys is not a list".to_owned()),
            ("keys", 2, Event::End) => {}
            ("keys", 2, _) => {
                let key = item.text().ok_or("a key is not a string")?;
                keys.get_or_insert_with(Vec::new).push(key.to_owned());
            }
            _ => {}
        }
        Ok(())
    })?;
    let content = keys.ok_or_else(|| "it has no keys".to_owned())?;
    Ok(Manifest { content, unknown })
}

/// Walks through the single struct of a manifest, and passes on each item with the name of its member. `depth` 1 is a
/// member's own value, 2 is inside it. Returns the names of members that are not `known`.
fn for_each_item(
    bytes: &[u8],
    known: &[&str],
    mut take: impl FnMut(&str, usize, &Item<'_>) -> Result<(), String>,
) -> Result<Vec<String>, String> {
    let value = only_value(bytes)?;
    let mut reader = value.reader();
    let mut members = Members::default();
    let mut depth = 0_usize;
    let mut begun = false;
    while let Some(item) = reader.next_item().map_err(|error| error.to_string())? {
        if !item.annotations.is_empty() {
            return Err("it has an annotation".to_owned());
        }
        match (depth, &item.event) {
            (0, Event::Begin(Container::Struct)) if !begun => begun = true,
            (0, _) if begun => return Err("there is something after its end".to_owned()),
            (0, _) => return Err("it is not a struct".to_owned()),
            (1, Event::End) => {}
            (1, _) => {
                members.enter(item.field.flatten())?;
                take(&members.current, 1, &item)?;
            }
            _ => take(&members.current, depth, &item)?,
        }
        match item.event {
            Event::Begin(_) => depth += 1,
            Event::End => depth = depth.saturating_sub(1),
            Event::Scalar(_) => {}
        }
    }
    Ok(members.seen.into_iter().filter(|name| !known.contains(&name.as_str())).collect())
}

/// The members seen so far.
#[derive(Default)]
struct Members {
    current: String,
    seen: BTreeSet<String>,
}

impl Members {
    /// Begins a member. Readers disagree about a member that occurs twice.
    fn enter(&mut self, name: Option<&str>) -> Result<(), String> {
        let name = name.ok_or("a member has a name without text")?;
        name.clone_into(&mut self.current);
        if self.seen.insert(name.to_owned()) { Ok(()) } else { Err(format!("{name} appears twice")) }
    }
}

fn only_value(bytes: &[u8]) -> Result<RawValue, String> {
    if let Some(foreign) = Foreign::of(bytes) {
        return Err(foreign.to_string());
    }
    let mut found = values(bytes);
    let value = found.next().ok_or("it is empty")?.map_err(|error| error.to_string())?;
    let start = usize::try_from(value.offset).map_err(|_| "it is too long")?;
    let (before, rest) = bytes.split_at_checked(start).unwrap_or_default();
    let after = rest.get(value.bytes.len()..).unwrap_or_default();
    if value.binary {
        judge_binary_beginning(before)?;
    } else if !is_plain_beginning(before) {
        return Err("there is something before the struct".to_owned());
    }
    let only_space = !value.binary && after.iter().all(u8::is_ascii_whitespace);
    if after.is_empty() || only_space { Ok(value) } else { Err("there is something after its end".to_owned()) }
}

/// White space, with or without the version marker.
fn is_plain_beginning(before: &[u8]) -> bool {
    let before = before.trim_ascii();
    before.is_empty() || before == TEXT_VERSION_MARKER
}

/// The version marker, and at most one symbol table without imports: the meaning of imported symbols is not in the
/// file.
fn judge_binary_beginning(before: &[u8]) -> Result<(), String> {
    let table = before.strip_prefix(&BINARY_VERSION_MARKER).ok_or("it does not begin with Ion's version marker")?;
    let mut reader = BinaryReader::new(table, Arc::default());
    // Symbol tables are applied but not returned, so there is no item; the last value at the top level is the first.
    let item = reader.next_item().map_err(|error| error.to_string())?;
    let is_plain = item.is_none() && reader.value_start() == 0 && reader.take_stranger().is_none();
    if is_plain {
        Ok(())
    } else {
        Err("its symbol table is not as QLDB writes it: one list of symbols alone".to_owned())
    }
}

fn time(field: &str, item: &Item<'_>) -> Result<DateTime<Utc>, String> {
    let time = match &item.event {
        Event::Scalar(Scalar::Timestamp(time)) => time.to_utc(),
        Event::Scalar(Scalar::String(text)) => DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc()),
        _ => None,
    };
    time.ok_or_else(|| format!("{field} is not a time"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_started_manifest_reads_the_same_in_ion_and_json() {
        let ion =
            br#"{ledgerName:"l",exportId:"e",inclusiveStartTime:2019-04-15T00:00:00.000Z,exclusiveEndTime:2019-04-16T00:00:00.000Z,bucket:"b",prefix:"p/"}"#;
        let json = br#"{"ledgerName":"l","exportId":"e","inclusiveStartTime":"2019-04-15T00:00:00.000Z","exclusiveEndTime":"2019-04-16T00:00:00.000Z","bucket":"b","prefix":"p/"}"#;
        let read = read_started(ion).unwrap();
        assert_eq!(read, read_started(json).unwrap());
        assert_eq!(read.content.start.unwrap().timestamp(), 1_555_286_400);
        assert_eq!(read.content.format, None);
    }

    #[test]
    fn keys_keep_their_order_and_may_be_none() {
        assert_eq!(read_completed(b"{keys:[\"b\",\"a\"]}").unwrap().content, ["b", "a"]);
        assert_eq!(read_completed(b"{keys:[]}").unwrap().content, Vec::<String>::new());
    }

    #[test]
    fn a_file_that_is_not_a_manifest_is_refused_with_the_reason() {
        for (bytes, reason) in [
            (&b""[..], "it is empty"),
            (b"{}", "it has no keys"),
            (b"[1]", "it is not a struct"),
            (b"{keys:7}", "keys is not a list"),
            (b"{keys:null.list}", "keys is not a list"),
            (b"{keys:([])}", "keys is not a list"),
            (b"{keys:[7]}", "a key is not a string"),
            (b"{keys:[a]}", "a key is not a string"),
            (b"{keys:[[]]}", "a key is not a string"),
            (b"{keys:[]} {keys:[]}", "there is something after its end"),
            (b"{keys:[]} // more", "there is something after its end"),
            (b"{keys:[]} $ion_1_0", "there is something after its end"),
            (b"/* first */ {keys:[]}", "there is something before the struct"),
            (b"$ion_symbol_table::{symbols:[\"a\"]} {keys:[]}", "there is something before the struct"),
            (b"{keys:[],keys:[]}", "keys appears twice"),
            (b"{keys:[],'keys':[]}", "keys appears twice"),
            (b"{\"keys\":[],\"\\u006beys\":[]}", "keys appears twice"),
            (b"{keys:[],x:1,x:1}", "x appears twice"),
            (b"a::{keys:[]}", "it has an annotation"),
            (b"{keys:a::[]}", "it has an annotation"),
            (b"{keys:[a::\"b\"]}", "it has an annotation"),
            (b"\x1F\x8B\x08", "it is compressed with gzip"),
        ] {
            assert_eq!(read_completed(bytes).unwrap_err(), reason, "{}", String::from_utf8_lossy(bytes));
        }
        assert!(read_completed(b"{keys:[\"a\"").is_err());
        for (manifest, reason) in [
            (r"{}", "it has no exportId"),
            (r#"{exportId:"e",inclusiveStartTime:"x"}"#, "inclusiveStartTime is not a time"),
            (r#"{exportId:"e"}"#, "it has no inclusiveStartTime"),
            (r"{exportId:7}", "exportId is not a string"),
            (r#"{exportId:["e"]}"#, "exportId is not a string"),
            (r"{exportId:null.string}", "exportId is not a string"),
            (r#"{exportId:"e",ledgerName:l}"#, "ledgerName is not a string"),
            (r#"{exportId:"e",exportId:"e"}"#, "exportId appears twice"),
            (r#"{ledgerName:"l",exportId:"e",ledgerName:"m"}"#, "ledgerName appears twice"),
        ] {
            assert_eq!(read_started(manifest.as_bytes()).unwrap_err(), reason, "{manifest}");
        }
    }

    #[test]
    fn binary_manifests_may_have_one_table_of_symbols_and_nothing_else() {
        let manifest = |table: &[u8], more: &[u8]| {
            let keys = b"\xD3\x8A\xB1\x80";
            [&BINARY_VERSION_MARKER, table, keys, more].concat()
        };
        let table = b"\xEA\x81\x83\xD7\x87\xB5\x84keys";
        assert_eq!(read_completed(&manifest(table, b"")).unwrap().content, [""]);
        for (table, more) in [
            (&table[..], &b"\x0F"[..]),
            (table, b"\xE0\x01\x00\xEA"),
            (table, b"\x00"),
            (b"\xEA\x81\x83\xD7\x87\xB5\x84keys\xEA\x81\x83\xD7\x87\xB5\x84keys", b""),
            // Imports: a list with a struct in it.
            (b"\xED\x81\x83\xDA\x86\xB1\xD0\x87\xB5\x84keys", b""),
        ] {
            assert!(read_completed(&manifest(table, more)).is_err(), "{table:?} {more:?}");
        }
        assert!(read_completed(b"\xE0\x01\x00\xEA").is_err());
    }
}
