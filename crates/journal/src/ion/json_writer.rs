//! Writes JSON, down-converted from Ion (docs/qldb.md 3.5). Types are lost on the way.

use super::nesting::Nesting;
use super::numbers::DecimalStyle;
use super::{Container, Event, Item, Scalar};

const DECIMAL: DecimalStyle = DecimalStyle { exponent_mark: 'e', whole_suffix: "" };

/// Writes values to a buffer.
#[derive(Debug, Default)]
pub struct JsonWriter {
    out: Vec<u8>,
    nesting: Nesting,
}

impl JsonWriter {
    /// Takes the next item. Annotations are dropped, s-expressions become arrays.
    pub fn write(&mut self, item: &Item<'_>) {
        let ended = self.lead_in(item);
        match (&item.event, ended) {
            (Event::Begin(container), _) => self.out.push(brackets(*container).0),
            (Event::Scalar(scalar), _) => push_scalar(scalar, &mut self.out),
            (Event::End, Some(container)) => self.out.push(brackets(container).1),
            (Event::End, None) => {}
        }
    }

    /// What was written; the buffer is empty afterwards.
    pub fn take(&mut self) -> Vec<u8> {
        self.nesting.restart();
        std::mem::take(&mut self.out)
    }

    /// Separator and field name of a value; the container of an end.
    fn lead_in(&mut self, item: &Item<'_>) -> Option<Container> {
        if item.event != Event::End {
            match self.nesting.separates() {
                Some(Some(_)) => self.out.push(b','),
                Some(None) => self.out.push(b'\n'),
                None => {}
            }
            if let Some(name) = item.field {
                push_string(name.unwrap_or("$0"), &mut self.out);
                self.out.push(b':');
            }
        }
        self.nesting.note(&item.event)
    }
}

fn brackets(container: Container) -> (u8, u8) {
    match container {
        Container::List | Container::Sexp => (b'[', b']'),
        Container::Struct => (b'{', b'}'),
    }
}

fn push_scalar(scalar: &Scalar<'_>, out: &mut Vec<u8>) {
    match scalar {
        Scalar::Bool(true) => out.extend(b"true"),
        Scalar::Bool(false) => out.extend(b"false"),
        Scalar::Int(int) => int.push_text(out),
        Scalar::Float(float) if float.is_finite() => out.extend(format!("{float:e}").into_bytes()),
        Scalar::Null(_) | Scalar::Float(_) => out.extend(b"null"),
        Scalar::Decimal(decimal) => decimal.push_text(&DECIMAL, out),
        Scalar::Timestamp(timestamp) => {
            out.push(b'"');
            timestamp.push_text(out);
            out.push(b'"');
        }
        Scalar::Symbol(symbol) => push_string(symbol.unwrap_or("$0"), out),
        Scalar::String(text) => push_string(text, out),
        Scalar::Clob(bytes) => push_characters(bytes.iter().map(|byte| char::from(*byte)), true, out),
        Scalar::Blob(bytes) => {
            out.push(b'"');
            base64_simd::STANDARD.encode_append(bytes, out);
            out.push(b'"');
        }
    }
}

fn push_string(text: &str, out: &mut Vec<u8>) {
    push_characters(text.chars(), false, out);
}

/// A JSON string. A clob's bytes beyond ASCII are escaped, a string's characters are not.
fn push_characters(characters: impl Iterator<Item = char>, ascii_only: bool, out: &mut Vec<u8>) {
    let mut buffer = [0; 4];
    out.push(b'"');
    for character in characters {
        match character {
            '"' => out.extend(b"\\\""),
            '\\' => out.extend(b"\\\\"),
            '\n' => out.extend(b"\\n"),
            '\r' => out.extend(b"\\r"),
            '\t' => out.extend(b"\\t"),
            _ if character < ' ' || (ascii_only && !character.is_ascii()) => {
                out.extend(format!("\\u{:04x}", u32::from(character)).into_bytes());
            }
            _ => out.extend(character.encode_utf8(&mut buffer).as_bytes()),
        }
    }
    out.push(b'"');
}
