//! The rows of a completion report of S3 Batch Operations (docs/qldb.md 9): no header, an encoded
//! key, and the result of the task in the last column.

use std::io::{self, BufRead, Read as _};

use percent_encoding::percent_decode_str;
use serde_json::Value;

use qldb_journal::Hash;

/// Far longer than any row, in bytes.
const LONGEST: u64 = 1 << 20;
/// The number of columns before the last one.
const COLUMNS: usize = 6;

/// What S3 reports about one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) bucket: String,
    /// Its possible keys: an encoded `+` can mean itself or a space.
    pub(super) keys: Vec<String>,
    pub(super) version: Option<String>,
    /// The SHA-256 of the whole object, or why there is none.
    pub(super) sha256: Result<Hash, String>,
}

/// A line that is not a row.
#[derive(Debug)]
pub(super) enum Unread {
    /// The file can't be read.
    Io(io::Error),
    /// This line is not a row.
    Line(u64),
}

/// Passes on every row of a report. Line breaks inside a quoted message are part of it.
pub(super) fn each(mut report: impl BufRead, mut take: impl FnMut(Row)) -> Result<u64, Unread> {
    let (mut number, mut rows, mut is_open) = (0, 0, false);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        number += 1;
        let read = report.by_ref().take(LONGEST).read_until(b'\n', &mut bytes).map_err(Unread::Io)?;
        if read == 0 {
            return Ok(rows);
        }
        if read as u64 == LONGEST {
            return Err(Unread::Line(number));
        }
        let line = String::from_utf8_lossy(&bytes);
        let line = line.trim_start_matches('\u{feff}').trim();
        if line.is_empty() || is_header(line) {
            continue;
        }
        match Row::of(line) {
            Some(row) => {
                is_open = row.sha256.is_err() && is_unbalanced(line);
                rows += 1;
                take(row);
            }
            None if is_open => is_open = !is_unbalanced(line),
            None => return Err(Unread::Line(number)),
        }
    }
}

/// Whether a line has an odd number of quotes, and so opens or closes a quoted part.
fn is_unbalanced(line: &str) -> bool {
    line.bytes().filter(|byte| *byte == b'"').count() % 2 == 1
}

fn is_header(line: &str) -> bool {
    line.split(',').map(|name| name.trim().trim_matches('"')).take(2).eq(["Bucket", "Key"])
}

impl Row {
    /// Reads a line: six columns, and the rest is the result of the task. AWS's own examples have quotes in there that
    /// no rule of CSV allows.
    fn of(line: &str) -> Option<Self> {
        let (mut fields, mut rest) = (Vec::new(), line);
        while fields.len() < COLUMNS {
            let (field, after) = field(rest)?;
            fields.push(field);
            rest = after;
        }
        let [bucket, key, version, status, one, other]: [String; COLUMNS] = fields.try_into().ok()?;
        let message = unquoted(rest.trim());
        let sha256 = match status.to_ascii_lowercase().as_str() {
            "succeeded" => match [&one, &other].into_iter().find(|word| is_refusal(word)) {
                Some(status) => Err(format!("the task succeeded, and S3 answered with the status {status}")),
                None => sha256(&message),
            },
            // S3 writes code and status in either order.
            "failed" => {
                let code = [one, other].into_iter().find(|word| word.parse::<u16>().is_err() && !word.is_empty());
                Err(format!("the task failed: {} {message}", code.unwrap_or_default()))
            }
            _ => return None,
        };
        let plain = decoded(&key);
        let mut keys = vec![plain];
        for other in [decoded(&key.replace('+', "%20")), key] {
            if !keys.contains(&other) {
                keys.push(other);
            }
        }
        Some(Self { bucket, keys, version: Some(version).filter(|version| !version.is_empty()), sha256 })
    }
}

/// Whether a column is an HTTP status other than success.
fn is_refusal(word: &str) -> bool {
    word.parse::<u16>().is_ok_and(|status| !(200..300).contains(&status))
}

/// The first field of a line, and the rest after its comma.
fn field(line: &str) -> Option<(String, &str)> {
    let line = line.trim_start_matches(' ');
    let Some(quoted) = line.strip_prefix('"') else {
        return line.split_once(',').map(|(field, rest)| (field.trim_end().to_owned(), rest));
    };
    let mut field = String::new();
    let mut rest = quoted;
    loop {
        let (part, after) = rest.split_once('"')?;
        field.push_str(part);
        match after.strip_prefix('"') {
            Some(more) => {
                field.push('"');
                rest = more;
            }
            None => return Some((field, after.trim_start_matches(' ').strip_prefix(',')?)),
        }
    }
}

fn unquoted(field: &str) -> String {
    match field.strip_prefix('"').and_then(|field| field.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => field.to_owned(),
    }
}

fn decoded(key: &str) -> String {
    percent_decode_str(key).decode_utf8_lossy().into_owned()
}

/// The SHA-256 in a task's result. A checksum computed from the checksums of parts is not the object's.
fn sha256(message: &str) -> Result<Hash, String> {
    let said: Value = serde_json::from_str(message).map_err(|_| format!("its result is not JSON: {message}"))?;
    let text = |name: &str| said[name].as_str().unwrap_or_default();
    let (algorithm, kind) = (text("checksumAlgorithm"), text("checksumType"));
    if !algorithm.eq_ignore_ascii_case("SHA256") {
        return Err(format!("its checksum is {algorithm}, and not SHA256"));
    }
    if !kind.eq_ignore_ascii_case("FULL_OBJECT") {
        return Err(format!("its checksum is {kind}, and not that of the whole object (FULL_OBJECT)"));
    }
    let (base64, hex) = (Hash::from_base64(text("checksum_base64")), text("checksum_hex").to_ascii_lowercase());
    match base64 {
        Some(hash) if hex.is_empty() || hex == hash.to_hex() => Ok(hash),
        Some(_) => Err("its checksums in hexadecimal and in base64 differ".to_owned()),
        None => Err("its result has no checksum_base64 of 32 bytes".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Result<Vec<Row>, Unread> {
        let mut rows = Vec::new();
        each(text.as_bytes(), |row| rows.push(row)).map(|_| rows)
    }

    fn succeeded(algorithm: &str, kind: &str, base64: &str) -> String {
        format!(
            "b,a%20b/c%2Cd%2B.ion,,succeeded,200,,\"{{\"\"checksum_base64\"\":\"\"{base64}\"\",\"\"etag\"\":\"\"e\"\",\
             \"\"checksumAlgorithm\"\":\"\"{algorithm}\"\",\"\"checksumType\"\":\"\"{kind}\"\"}}\"\n"
        )
    }

    #[test]
    fn a_row_is_read_with_what_java_escapes_in_json() {
        let hash = Hash::of(b"x");
        let escaped = hash.to_base64().replace('=', "\\u003d");
        let [row] = rows(&succeeded("SHA256", "FULL_OBJECT", &escaped)).unwrap().try_into().unwrap();
        assert_eq!((row.bucket.as_str(), row.keys.first().unwrap().as_str()), ("b", "a b/c,d+.ion"));
        assert_eq!((row.version, row.sha256), (None, Ok(hash)));
    }

    #[test]
    fn what_is_not_the_sha256_of_the_whole_object_is_none() {
        let base64 = Hash::of(b"x").to_base64();
        for text in [
            succeeded("SHA256", "COMPOSITE", &base64),
            succeeded("CRC32", "FULL_OBJECT", "bS9TOQ=="),
            succeeded("SHA256", "FULL_OBJECT", "bS9TOQ=="),
            "b,k,,succeeded,200,,nothing".to_owned(),
        ] {
            assert!(rows(&text).unwrap().iter().all(|row| row.sha256.is_err()), "{text}");
        }
    }

    #[test]
    fn failures_are_read_however_their_messages_are_quoted() {
        let text = "b,k,v1,failed,200,PermanentFailure,\"error details: {\"\"failureMessage\"\":\"Task 1, Key not found\", \
                    \"\"errorCode\"\": \"404\"}\nand more of it\"\n\nb,k,,failed,AccessDenied,403,\n";
        let rows = rows(text).unwrap();
        assert_eq!(rows.len(), 2);
        assert!(rows[0].sha256.as_ref().unwrap_err().contains("PermanentFailure \"error details"));
        assert_eq!(rows[0].version.as_deref(), Some("v1"));
        assert!(rows[1].sha256.as_ref().unwrap_err().contains("AccessDenied"));
    }

    #[test]
    fn a_line_that_is_not_a_report_s_is_named_by_its_number() {
        for (text, line) in [
            ("{\n", 1),
            ("b,k\n", 1),
            ("b,k,,pending,,,\n", 1),
            ("b,k,,failed,,404,\"x\"\nb,k,,succeeded\n", 2),
            ("\u{1f}\u{8b}x", 1),
        ] {
            assert!(matches!(rows(text), Err(Unread::Line(number)) if number == line), "{text}");
        }
        assert!(
            rows("Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage\n").unwrap().is_empty()
        );
    }
}
