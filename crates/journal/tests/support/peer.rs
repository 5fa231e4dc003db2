//! What ion-rs reads, in the words of `canonical`.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ion_rs::{Annotations, Element, Sequence, Symbol, Value, ion_hash};

use super::canonical::{Canonical, hex};

/// What the peer says of a stream.
pub(crate) enum Verdict {
    Read(Vec<Canonical>),
    Refused(String),
    /// It panicked.
    Failed,
}

/// Reads a stream of values in either encoding.
pub(crate) fn read(stream: &[u8]) -> Verdict {
    let read = || {
        let values = Element::read_all(stream).map_err(|error| error.to_string())?;
        values.iter().map(canonical).collect::<Result<Vec<_>, String>>()
    };
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(values)) => Verdict::Read(values),
        Ok(Err(error)) => Verdict::Refused(error),
        Err(_) => Verdict::Failed,
    }
}

fn canonical(element: &Element) -> Result<Canonical, String> {
    let hash = ion_hash::sha256(element).map_err(|error| error.to_string())?;
    let hash = hex(&hash).trim_matches('\'').to_owned();
    Ok(Canonical { text: text(element), hash })
}

fn text(element: &Element) -> String {
    format!("{}{}", annotations(element.annotations()), value(element.value()))
}

fn annotations(annotations: &Annotations) -> String {
    annotations.iter().map(|annotation| symbol(annotation) + "::").collect()
}

fn symbol(symbol: &Symbol) -> String {
    symbol.text().map_or_else(|| "$0".to_owned(), |text| hex(text.as_bytes()))
}

fn value(value: &Value) -> String {
    match value {
        Value::Null(ion_type) => format!("null.{ion_type}"),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => format!("int {value}"),
        Value::Float(value) if value.is_nan() => "float nan".to_owned(),
        Value::Float(value) => format!("float {:016x}", value.to_bits()),
        Value::Decimal(value) => {
            let coefficient = value.coefficient();
            let sign = if coefficient.is_negative() { "-" } else { "" };
            format!("decimal {sign}{}d{}", coefficient.magnitude(), value.exponent())
        }
        Value::Timestamp(value) => {
            let text = value.to_string();
            // A day is written with and without the T behind it, and UTC in two ways.
            let text = text.strip_suffix('T').filter(|day| day.len() == 10).unwrap_or(&text);
            format!("timestamp {}", text.replace("+00:00", "Z"))
        }
        Value::Symbol(value) => format!("symbol {}", symbol(value)),
        Value::String(value) => format!("string {}", hex(value.text().as_bytes())),
        Value::Clob(value) => format!("clob {}", hex(value.as_ref())),
        Value::Blob(value) => format!("blob {}", hex(value.as_ref())),
        Value::List(children) => format!("[{}]", sequence(children, ",")),
        Value::SExp(children) => format!("({})", sequence(children, " ")),
        Value::Struct(fields) => {
            let mut fields: Vec<_> =
                fields.fields().map(|(name, value)| format!("{}={}", symbol(name), text(value))).collect();
            fields.sort_unstable();
            format!("{{{}}}", fields.join(","))
        }
    }
}

fn sequence(children: &Sequence, between: &str) -> String {
    children.iter().map(text).collect::<Vec<_>>().join(between)
}
