//! The progress of an export. The API has no member for it, so it is sent in a response header of
//! DescribeJournalS3Export: the built-in endpoint writes it, and the client reads it.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// What an export has written so far, and how it ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Data objects written.
    pub objects: u64,
    /// Blocks in them.
    pub blocks: u64,
    /// Their size, in bytes.
    pub bytes: u64,
    /// The number of the first block written so far; `None` before there is one.
    #[serde(default, rename = "firstBlock", skip_serializing_if = "Option::is_none")]
    pub first_block: Option<u64>,
    /// The number of the last block written so far.
    #[serde(default, rename = "lastBlock", skip_serializing_if = "Option::is_none")]
    pub last_block: Option<u64>,
    /// When the export ended; `None` while it is running.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "rfc_3339")]
    pub finished: Option<DateTime<Utc>>,
    /// Why it was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Progress {
    /// The response header that holds it.
    pub const HEADER: &'static str = "x-qldb-export-progress";

    /// The header's value: one JSON object in printable ASCII.
    pub fn to_header(&self) -> String {
        ascii_escaped(&serde_json::json!(self).to_string())
    }

    /// Parses a header's value; `None` if it is not one of ours.
    pub fn from_header(value: &str) -> Option<Self> {
        serde_json::from_str(value).ok()
    }
}

/// JSON with everything outside printable ASCII written as `\uXXXX`. Such characters only occur inside JSON's strings,
/// where the escape means the same.
fn ascii_escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        if matches!(character, ' '..='~') {
            escaped.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a string does not fail.
            let _ = write!(escaped, "\\u{unit:04x}");
        }
    }
    escaped
}

mod rfc_3339 {
    use super::{DateTime, Deserialize, SecondsFormat, Utc};
    use serde::{Deserializer, Serializer, de::Error};

    #[expect(clippy::ref_option, reason = "the signature that serde asks for")]
    pub(super) fn serialize<S: Serializer>(time: &Option<DateTime<Utc>>, to: S) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => to.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true)),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<DateTime<Utc>>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        let parse = |text: String| DateTime::parse_from_rfc3339(&text).map(|time| time.to_utc());
        text.map(parse).transpose().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cancelled() -> Progress {
        Progress {
            objects: 3,
            blocks: 1000,
            bytes: 12_345_678,
            first_block: Some(17),
            last_block: Some(1016),
            finished: Some("2024-03-02T12:00:00.120Z".parse().unwrap()),
            reason: Some("disk »full«\n\u{1f600}\u{7f}".to_owned()),
        }
    }

    #[test]
    fn the_header_is_printable_ascii_and_reads_back() {
        let header = cancelled().to_header();
        assert!(header.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{header}");
        assert_eq!(Progress::from_header(&header), Some(cancelled()));
    }

    #[test]
    fn a_running_export_has_no_end_and_no_reason() {
        let header = Progress { objects: 1, ..Progress::default() }.to_header();
        assert_eq!(header, r#"{"objects":1,"blocks":0,"bytes":0}"#);
        assert_eq!(Progress::from_header(&header).unwrap().finished, None);
    }

    #[test]
    fn another_s_header_is_passed_over() {
        assert_eq!(Progress::from_header("yes"), None);
    }
}
