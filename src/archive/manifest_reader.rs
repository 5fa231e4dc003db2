//! Reads manifests, in all three encodings (FACTS 3.2).

use chrono::{DateTime, Utc};

use crate::journal::ion::{Container, Event, Item, RawValue, Scalar, values};

/// A manifest is small; a longer file is none. A key has at most 1,024 bytes,
/// and an export of a terabyte some hundred thousand of them.
pub(super) const LARGEST_MANIFEST: u64 = 512 << 20;

/// What the first manifest says, as far as a reader needs it.
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
    /// The format, where the request named one.
    pub format: Option<String>,
}

/// Reads the first manifest. The error is a fragment: what is wrong.
pub(super) fn read_started(bytes: &[u8]) -> Result<Started, String> {
    let mut started = Started::default();
    for_each_field(bytes, |field, _, item| {
        match field {
            "ledgerName" => started.ledger = item.text().map(str::to_owned),
            "exportId" => started.export_id = item.text().map(str::to_owned),
            "inclusiveStartTime" => started.start = time(item),
            "exclusiveEndTime" => started.end = time(item),
            "prefix" => started.prefix = item.text().map(str::to_owned),
            "outputFormat" => started.format = item.text().map(str::to_owned),
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
        None => Ok(started),
    }
}

/// Reads the last manifest: the keys of the data objects in order.
pub(super) fn read_completed(bytes: &[u8]) -> Result<Vec<String>, String> {
    let mut keys = None;
    for_each_field(bytes, |field, depth, item| {
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
    keys.ok_or_else(|| "it has no keys".to_owned())
}

/// Walks over the one struct that a manifest is. `depth` 1 is a field's own
/// value, 2 is inside it.
fn for_each_field(
    bytes: &[u8],
    mut take: impl FnMut(&str, usize, &Item<'_>) -> Result<(), String>,
) -> Result<(), String> {
    let value = only_value(bytes)?;
    let mut reader = value.reader();
    let mut field = String::new();
    let mut depth = 0_usize;
    while let Some(item) = reader.next_item().map_err(|error| error.to_string())? {
        match (depth, &item.event) {
            (0, Event::Begin(Container::Struct)) => {}
            (0, _) => return Err("it is not a struct".to_owned()),
            (1, Event::End) => break,
            (1, _) => {
                field.clear();
                field.push_str(item.field.flatten().unwrap_or_default());
                take(&field, 1, &item)?;
            }
            _ => take(&field, depth, &item)?,
        }
        match item.event {
            Event::Begin(_) => depth += 1,
            Event::End => depth -= 1,
            Event::Scalar(_) => {}
        }
    }
    Ok(())
}

fn only_value(bytes: &[u8]) -> Result<RawValue, String> {
    let mut found = values(bytes);
    let value = found.next().ok_or("it is empty")?.map_err(|error| error.to_string())?;
    match found.next() {
        None => Ok(value),
        Some(_) => Err("something follows after its end".to_owned()),
    }
}

fn time(item: &Item<'_>) -> Option<DateTime<Utc>> {
    match &item.event {
        Event::Scalar(Scalar::Timestamp(time)) => time.to_utc(),
        Event::Scalar(Scalar::String(text)) => DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc()),
        _ => None,
    }
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
        assert_eq!(read.start.unwrap().timestamp(), 1_555_286_400);
        assert_eq!(read.format, None);
    }

    #[test]
    fn keys_keep_their_order_and_may_be_none() {
        assert_eq!(read_completed(b"{keys:[\"b\",\"a\"]}").unwrap(), ["b", "a"]);
        assert_eq!(read_completed(b"{keys:[]}").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn what_is_no_manifest_is_refused_with_the_reason() {
        for (bytes, reason) in [
            (&b""[..], "it is empty"),
            (b"{}", "it has no keys"),
            (b"[1]", "it is not a struct"),
            (b"{keys:7}", "keys is not a list"),
            (b"{keys:[7]}", "a key is not a string"),
            (b"{keys:[]} {keys:[]}", "something follows after its end"),
        ] {
            assert_eq!(read_completed(bytes).unwrap_err(), reason);
        }
        assert!(read_completed(b"{keys:[\"a\"").is_err());
        assert_eq!(read_started(b"{}").unwrap_err(), "it has no exportId");
        assert_eq!(
            read_started(br#"{exportId:"e",inclusiveStartTime:"x"}"#).unwrap_err(),
            "it has no inclusiveStartTime"
        );
    }
}
