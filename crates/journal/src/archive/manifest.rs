//! The two manifests of an export (docs/qldb.md 3.2), in the encoding of its data objects.

use crate::Encoding;
use crate::ion::{BinaryWriter, Container, Event, Item, JsonWriter, Scalar, TextWriter, Timestamp};
use crate::request::{ExportRequest, UniqueId};

/// A manifest of either kind.
#[derive(Debug, Clone)]
pub enum Manifest {
    /// Written when the export is accepted.
    Started(StartedManifest),
    /// Written last: the keys of the data objects, in journal order.
    Completed {
        /// Full keys, including the prefix.
        keys: Vec<String>,
    },
}

/// What the first manifest says about an export: no role, no key, no status.
#[derive(Debug, Clone)]
pub struct StartedManifest {
    /// The export.
    pub export_id: UniqueId,
    /// The request.
    pub request: ExportRequest,
}

/// The bytes of a manifest in one of the three encodings. The texts end with a newline.
pub fn encode(manifest: &Manifest, encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::IonText => {
            let mut writer = TextWriter::default();
            write(manifest, |item| writer.write(&item));
            line(writer.take())
        }
        Encoding::IonBinary => {
            let mut writer = BinaryWriter::default();
            write(manifest, |item| writer.write(&item));
            writer.take()
        }
        Encoding::Json => {
            let mut writer = JsonWriter::default();
            write(manifest, |item| writer.write(&item));
            line(writer.take())
        }
    }
}

fn line(mut text: Vec<u8>) -> Vec<u8> {
    text.push(b'\n');
    text
}

fn write(manifest: &Manifest, mut put: impl FnMut(Item<'_>)) {
    put(Item::bare(Event::Begin(Container::Struct)));
    match manifest {
        Manifest::Started(started) => write_started(started, &mut put),
        Manifest::Completed { keys } => {
            put(Item::of("keys", Event::Begin(Container::List)));
            keys.iter().for_each(|key| put(Item::bare(Event::Scalar(Scalar::String(key)))));
            put(Item::end());
        }
    }
    put(Item::end());
}

/// The members in the documented order.
fn write_started(started: &StartedManifest, put: &mut impl FnMut(Item<'_>)) {
    let request = &started.request;
    let [start, end] = [request.range.start(), request.range.end()].map(Timestamp::from_utc);
    let time = |name, time| Item::of(name, Event::Scalar(Scalar::Timestamp(time)));
    put(Item::string("ledgerName", request.ledger.as_str()));
    put(Item::string("exportId", started.export_id.as_str()));
    put(time("inclusiveStartTime", &start));
    put(time("exclusiveEndTime", &end));
    put(Item::string("bucket", request.bucket.as_str()));
    put(Item::string("prefix", request.prefix.as_str()));
    put(Item::string("objectEncryptionType", request.encryption.kind().as_str()));
    if let Some(format) = request.format {
        put(Item::string("outputFormat", format.as_str()));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::ion::values;
    use crate::request::{BucketName, Encryption, LedgerName, OutputFormat, Prefix, RoleArn, TimeRange};

    fn started(format: Option<OutputFormat>) -> Manifest {
        let range =
            TimeRange::accepted("2019-04-15T00:00:00Z".parse().unwrap(), "2019-04-15T22:00:00.120Z".parse().unwrap());
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
    fn an_output_format_that_was_not_requested_is_not_named() {
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
    fn the_binary_form_says_the_same_as_the_text() {
        for manifest in [started(Some(OutputFormat::IonBinary)), Manifest::Completed { keys: vec!["a".into()] }] {
            let binary = encode(&manifest, Encoding::IonBinary);
            let value = values(binary.as_slice()).next().unwrap().unwrap();
            let mut reader = value.reader();
            let mut writer = TextWriter::default();
            while let Some(item) = reader.next_item().unwrap() {
                writer.write(&item);
            }
            assert_eq!(line(writer.take()), encode(&manifest, Encoding::IonText));
        }
    }

    #[test]
    fn an_empty_export_has_an_empty_list_of_keys() {
        assert_eq!(text(&Manifest::Completed { keys: vec![] }, Encoding::IonText), "{keys:[]}\n");
    }
}
