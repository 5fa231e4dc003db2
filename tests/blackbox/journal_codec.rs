//! The codec and Ion Hash against an independent implementation, ion-rs.

use ion_rs::ion_hash::sha256 as peer_hash;
use ion_rs::v1_0::{Binary, Text};
use ion_rs::{Bytes, Decimal, Element, IonType, List, SExp, Struct, Symbol, Timestamp, Value, WriteConfig};
use proptest::prelude::*;
use qldb_journal::ion::{BinaryWriter, IonHasher, Item, JsonWriter, Reader, TextWriter, values};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z_$][a-z0-9]{0,8}",
        "\\PC{0,12}",
        "[\\x00-\\x7f]{0,8}",
        Just(String::new()),
        Just("null".to_owned())
    ]
}

fn timestamp() -> impl Strategy<Value = Timestamp> {
    let date = (1_u32..=9998, 1_u32..=12, 1_u32..=28);
    let time = (0_u32..24, 0_u32..60, 0_u32..60);
    let fraction = (0_u32..1_000_000_000, 0_i16..4);
    (date, time, fraction, prop_oneof![Just(None), (-720_i32..=720).prop_map(Some)], 0..7).prop_map(
        |((year, month, day), (hour, minute, second), (nanos, digits), offset, precision)| {
            let builder = Timestamp::with_year(year);
            let finished = match precision {
                0 => builder.build(),
                1 => builder.with_month(month).build(),
                2 => builder.with_month(month).with_day(day).build(),
                _ => {
                    let minutes = builder.with_month(month).with_day(day).with_hour_and_minute(hour, minute);
                    match (precision, offset) {
                        (3, Some(offset)) => minutes.with_offset(offset).build(),
                        (3, None) => minutes.build(),
                        (4, Some(offset)) => minutes.with_second(second).with_offset(offset).build(),
                        (4, None) => minutes.with_second(second).build(),
                        (_, offset) => {
                            let milliseconds = nanos / 1_000_000;
                            let exact = minutes.with_second(second);
                            let exact = match digits {
                                0 => exact.with_milliseconds(milliseconds),
                                1 => exact.with_microseconds(nanos / 1_000),
                                _ => exact.with_nanoseconds(nanos),
                            };
                            match offset {
                                Some(offset) => exact.with_offset(offset).build(),
                                None => exact.build(),
                            }
                        }
                    }
                }
            };
            finished.unwrap()
        },
    )
}

fn scalar() -> impl Strategy<Value = Element> {
    let kinds = [
        IonType::Null,
        IonType::Bool,
        IonType::Int,
        IonType::Float,
        IonType::Decimal,
        IonType::Timestamp,
        IonType::Symbol,
        IonType::String,
        IonType::Clob,
        IonType::Blob,
        IonType::List,
        IonType::SExp,
        IonType::Struct,
    ];
    prop_oneof![
        proptest::sample::select(kinds.to_vec()).prop_map(Element::null),
        any::<bool>().prop_map(Element::from),
        any::<i64>().prop_map(Element::from),
        any::<i128>().prop_map(Element::from),
        any::<f64>().prop_filter("hashing tells no NaN from another", |float| !float.is_nan()).prop_map(Element::from),
        (any::<i64>(), -40_i64..40)
            .prop_map(|(coefficient, exponent)| Element::from(Decimal::new(coefficient, exponent))),
        timestamp().prop_map(Element::from),
        text().prop_map(|text| Element::from(Symbol::owned(text))),
        text().prop_map(Element::from),
        proptest::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| Element::from(Value::Clob(Bytes::from(bytes)))),
        proptest::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| Element::from(Value::Blob(Bytes::from(bytes)))),
    ]
}

fn annotated(value: impl Strategy<Value = Element>) -> impl Strategy<Value = Element> {
    (value, proptest::collection::vec(text(), 0..3), 0..8)
        .prop_map(|(value, annotations, chance)| if chance == 0 { value.with_annotations(annotations) } else { value })
}

fn element() -> impl Strategy<Value = Element> {
    annotated(scalar()).prop_recursive(5, 64, 6, |inner| {
        annotated(prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(|children| Element::from(List::from(children))),
            proptest::collection::vec(inner.clone(), 0..6).prop_map(|children| Element::from(SExp::from(children))),
            proptest::collection::vec((text(), inner), 0..6).prop_map(|fields| {
                let builder = fields
                    .into_iter()
                    .fold(Struct::builder(), |builder, (name, value)| builder.with_field(name, value));
                Element::from(builder.build())
            }),
        ])
    })
}

/// Writes a value inside a struct, so that nothing about it is special at the top level.
fn holder(value: Element) -> Element {
    Struct::builder().with_field("value", value).build().into()
}

fn items(bytes: &[u8], mut take: impl FnMut(&Item<'_>)) {
    for value in values(bytes) {
        let value = value.unwrap();
        let mut reader: Reader<'_> = value.reader();
        while let Some(item) = reader.next_item().unwrap() {
            take(&item);
        }
    }
}

fn our_hash(bytes: &[u8]) -> Vec<u8> {
    let mut hasher = IonHasher::default();
    let mut hash = None;
    items(bytes, |item| hash = hasher.write(item));
    hash.unwrap().as_bytes().to_vec()
}

fn as_text(bytes: &[u8]) -> Vec<u8> {
    let mut writer = TextWriter::default();
    items(bytes, |item| writer.write(item));
    writer.take()
}

fn as_binary(bytes: &[u8]) -> Vec<u8> {
    let mut writer = BinaryWriter::default();
    items(bytes, |item| writer.write(item));
    writer.take()
}

fn as_json(bytes: &[u8]) -> Vec<u8> {
    let mut writer = JsonWriter::default();
    items(bytes, |item| writer.write(item));
    writer.take()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_a_peer_writes_is_read_and_what_is_written_the_peer_reads(value in element()) {
        let value = holder(value);
        let peer_text = value.encode_as(WriteConfig::<Text>::default()).unwrap();
        let peer_pretty = value.encode_as(Text.with_format(ion_rs::TextFormat::Pretty)).unwrap();
        let peer_binary = value.encode_as(Binary).unwrap();
        let expected_hash = peer_hash(&value).unwrap();
        for source in [peer_text.as_bytes(), peer_pretty.as_bytes(), &peer_binary] {
            // The peer leaves control characters in text, which Ion does not allow.
            if source != &peer_binary[..] && source.iter().any(|byte| *byte < 0x20 && !b"\t\n\r\x0b\x0c".contains(byte)) {
                prop_assert!(values(source).any(|value| value.is_err()), "{:?}", String::from_utf8_lossy(source));
                continue;
            }
            for ours in [as_text(source), as_binary(source)] {
                let back = Element::read_one(&ours).map_err(|error| format!("{error}: {}", String::from_utf8_lossy(&ours))).unwrap();
                prop_assert_eq!(&back, &value, "{}", String::from_utf8_lossy(&ours));
                prop_assert_eq!(our_hash(&ours), expected_hash.to_vec(), "{}", String::from_utf8_lossy(&ours));
            }
            prop_assert_eq!(our_hash(source), expected_hash.to_vec());
        }
    }

    #[test]
    fn every_value_becomes_valid_json(value in element()) {
        let json = as_json(&holder(value).encode_as(Binary).unwrap());
        // Numbers beyond a float's range are valid JSON, and not of interest here.
        let parsed: Result<serde::de::IgnoredAny, _> = serde_json::from_slice(&json);
        prop_assert!(parsed.is_ok(), "{}", String::from_utf8_lossy(&json));
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), binary in any::<bool>()) {
        let stream = if binary { [&[0xE0, 1, 0, 0xEA], bytes.as_slice()].concat() } else { bytes };
        for value in values(stream.as_slice()).flatten() {
            let mut reader = value.reader();
            while let Ok(Some(_)) = reader.next_item() {}
        }
    }

    #[test]
    fn no_damage_to_a_valid_value_makes_a_reader_panic(value in element(), place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        for mut stream in [holder(value.clone()).encode_as(Binary).unwrap(), holder(value.clone()).encode_as(WriteConfig::<Text>::default()).unwrap().into_bytes()] {
            let index = place.index(stream.len());
            stream[index] = byte;
            for value in values(stream.as_slice()).flatten() {
                let mut reader = value.reader();
                while let Ok(Some(_)) = reader.next_item() {}
            }
        }
    }
}

#[test]
fn documents_nested_as_deep_as_qldb_allows_cost_no_stack() {
    let depth = 100_000;
    let text = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let binary = as_binary(text.as_bytes());
    assert_eq!(as_text(&binary), text.as_bytes());
    assert_eq!(our_hash(&binary), our_hash(text.as_bytes()));
    assert_eq!(as_json(&binary), text.as_bytes());
}
