//! The two manifests of an export (FACTS 3.2), in the encoding of its data objects.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use crate::journal::Encoding;
use crate::request::{ExportRequest, UniqueId};

/// A manifest of either kind.
#[derive(Debug, Clone)]
pub enum Manifest {
    /// Written when the export is accepted.
    Started(StartedManifest),
    /// Written last: the keys of the data objects, in journal order.
    Completed {
        /// Whole keys, the prefix included.
        keys: Vec<String>,
    },
}

/// What the first manifest tells of an export: no role, no key, no status.
#[derive(Debug, Clone)]
pub struct StartedManifest {
    /// The export.
    pub export_id: UniqueId,
    /// What was asked for.
    pub request: ExportRequest,
}

/// A member of a manifest, before it is written down.
enum Member {
    Text(String),
    Time(DateTime<Utc>),
    Texts(Vec<String>),
}

/// The bytes of a manifest in one of the three encodings.
pub fn encode(manifest: &Manifest, encoding: Encoding) -> Vec<u8> {
    let members = members(manifest);
    match encoding {
        Encoding::IonText => ion_text(&members),
        Encoding::IonBinary => ion_text(&members),
        Encoding::Json => json_line(members),
    }
}

/// The members in the documented order.
fn members(manifest: &Manifest) -> Vec<(&'static str, Member)> {
    let started = match manifest {
        Manifest::Completed { keys } => return vec![("keys", Member::Texts(keys.clone()))],
        Manifest::Started(started) => started,
    };
    let request = &started.request;
    let text = |value: &str| Member::Text(value.to_owned());
    let mut members = vec![
        ("ledgerName", text(request.ledger.as_str())),
        ("exportId", text(started.export_id.as_str())),
        ("inclusiveStartTime", Member::Time(request.range.start())),
        ("exclusiveEndTime", Member::Time(request.range.end())),
        ("bucket", text(request.bucket.as_str())),
        ("prefix", text(request.prefix.as_str())),
        ("objectEncryptionType", text(request.encryption.kind().as_str())),
    ];
    members.extend(request.format.map(|format| ("outputFormat", text(format.as_str()))));
    members
}

fn timestamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// An Ion string: JSON's escapes mean the same in Ion.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn ion_text(members: &[(&'static str, Member)]) -> Vec<u8> {
    let value = |member: &Member| match member {
        Member::Text(text) => quoted(text),
        Member::Time(time) => timestamp(*time),
        Member::Texts(texts) => format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(",")),
    };
    let fields: Vec<String> = members.iter().map(|(name, member)| format!("{name}:{}", value(member))).collect();
    format!("{{{}}}\n", fields.join(",")).into_bytes()
}

fn json_line(members: Vec<(&'static str, Member)>) -> Vec<u8> {
    let value = |member: Member| match member {
        Member::Text(text) => Value::from(text),
        Member::Time(time) => Value::from(timestamp(time)),
        Member::Texts(texts) => json!(texts),
    };
    let object: Map<String, Value> = members.into_iter().map(|(name, member)| (name.to_owned(), value(member))).collect();
    format!("{}\n", Value::Object(object)).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{BucketName, Encryption, LedgerName, OutputFormat, Prefix, RoleArn, TimeRange};

    fn started(format: Option<OutputFormat>) -> Manifest {
        let range = TimeRange::accepted(
            "2019-04-15T00:00:00Z".parse().unwrap(),
            "2019-04-15T22:00:00.120Z".parse().unwrap(),
        );
        let request = ExportRequest {
            ledger: LedgerName::parse("my-ledger").unwrap(),
            range,
            bucket: BucketName::parse("exports").unwrap(),
            prefix: Prefix::parse("a \"b\"/").unwrap(),
            encryption: Encryption::NoEncryption,
            role_arn: RoleArn::parse("arn:aws:iam::123456789012:role/export").unwrap(),
            format,
        };
        Manifest::Started(StartedManifest { export_id: UniqueId::parse("8UyXulxccYLAsbN1aon7e4").unwrap(), request })
    }

    fn text(manifest: &Manifest, encoding: Encoding) -> String {
        String::from_utf8(encode(manifest, encoding)).unwrap()
    }

    #[test]
    fn the_started_manifest_has_the_documented_members_in_order() {
        assert_eq!(
            text(&started(Some(OutputFormat::IonText)), Encoding::IonText),
            concat!(
                r#"{ledgerName:"my-ledger",exportId:"8UyXulxccYLAsbN1aon7e4","#,
                "inclusiveStartTime:2019-04-15T00:00:00.000Z,exclusiveEndTime:2019-04-15T22:00:00.120Z,",
                r#"bucket:"exports",prefix:"a \"b\"/",objectEncryptionType:"NO_ENCRYPTION",outputFormat:"ION_TEXT"}"#,
                "\n"
            )
        );
    }

    #[test]
    fn an_output_format_that_was_not_asked_for_is_not_named() {
        assert!(!text(&started(None), Encoding::IonText).contains("outputFormat"));
    }

    #[test]
    fn the_json_forms_are_one_object_each() {
        let started: Value = serde_json::from_str(&text(&started(Some(OutputFormat::Json)), Encoding::Json)).unwrap();
        assert_eq!(started["exclusiveEndTime"], "2019-04-15T22:00:00.120Z");
        let completed = Manifest::Completed { keys: vec!["p/a.0-1.json".to_owned()] };
        assert_eq!(text(&completed, Encoding::Json), "{\"keys\":[\"p/a.0-1.json\"]}\n");
    }

    #[test]
    fn an_empty_export_has_an_empty_list_of_keys() {
        assert_eq!(text(&Manifest::Completed { keys: vec![] }, Encoding::IonText), "{keys:[]}\n");
    }
}
