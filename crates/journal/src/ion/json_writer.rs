//! Writes JSON, down-converted from Ion (docs/qldb.md 3.5). Types are lost on the way.

use super::field_names::FieldName;
use super::nesting::Lines;
use super::numbers::DecimalStyle;
use super::{Container, Event, Item, Scalar, runs};

const DECIMAL: DecimalStyle = DecimalStyle { exponent_mark: 'e', whole_suffix: "" };

/// Writes values to a buffer.
#[derive(Debug, Default)]
pub struct JsonWriter {
    lines: Lines,
}

impl JsonWriter {
    /// Takes the next item. Annotations are dropped, s-expressions become arrays.
    pub fn write(&mut self, item: &Item<'_>) {
        match &item.event {
            Event::Begin(container) => {
                self.lead_in(item);
                self.lines.nesting.begin(*container);
                self.lines.out.push(brackets(*container).0);
            }
            Event::Scalar(scalar) => {
                self.lead_in(item);
                self.scalar(item, scalar);
            }
            Event::End => {
                if let Some(container) = self.lines.nesting.end() {
                    self.lines.out.push(brackets(container).1);
                }
            }
        }
    }

    /// The lines that were written.
    pub(crate) fn lines(&mut self) -> &mut Lines {
        &mut self.lines
    }

    /// The text written so far.
    pub fn written(&self) -> &str {
        // Everything that is written consists of texts.
        std::str::from_utf8(self.lines.written()).unwrap_or_default()
    }

    /// Empties the buffer, and keeps its memory.
    pub fn clear(&mut self) {
        self.lines.clear();
    }

    /// Returns the output, and leaves the buffer empty.
    pub fn take(&mut self) -> Vec<u8> {
        self.lines.take()
    }

    /// Separator and field name of a value.
    #[inline]
    fn lead_in(&mut self, item: &Item<'_>) {
        match self.lines.nesting.separates() {
            Some(Some(_)) => self.lines.out.push(b','),
            Some(None) => self.lines.out.push(b'\n'),
            None => {}
        }
        if let Some(name) = item.field {
            if item.name().is_some_and(FieldName::is_plain) {
                push_plain(name.unwrap_or_default(), &mut self.lines.out);
            } else {
                push_string(name.unwrap_or("$0"), &mut self.lines.out);
            }
            self.lines.out.push(b':');
        }
    }

    #[inline]
    fn scalar(&mut self, item: &Item<'_>, scalar: &Scalar<'_>) {
        match scalar {
            Scalar::String(text) if item.is_plain() => push_plain(text, &mut self.lines.out),
            _ => push_scalar(scalar, &mut self.lines.out),
        }
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
        Scalar::Clob(bytes) => push_clob(bytes, out),
        Scalar::Blob(bytes) => {
            out.push(b'"');
            base64_simd::STANDARD.encode_append(bytes, out);
            out.push(b'"');
        }
    }
}

/// A JSON string of a text that needs no escapes.
#[inline]
fn push_plain(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

/// A JSON string. Parts that need no escapes are copied a run at a time.
fn push_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let (run, after) = rest.split_at(runs::plain(rest, b'"'));
        out.extend_from_slice(run);
        let Some((byte, after)) = after.split_first() else { break };
        push_escaped(*byte, out);
        rest = after;
    }
    out.push(b'"');
}

/// A clob as a JSON string: its bytes beyond ASCII are escaped, unlike a string's characters.
fn push_clob(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in bytes {
        match byte {
            b'"' | b'\\' | ..b' ' | 0x80.. => push_escaped(*byte, out),
            _ => out.push(*byte),
        }
    }
    out.push(b'"');
}

fn push_escaped(byte: u8, out: &mut Vec<u8>) {
    match byte {
        b'"' => out.extend(b"\\\""),
        b'\\' => out.extend(b"\\\\"),
        b'\n' => out.extend(b"\\n"),
        b'\r' => out.extend(b"\\r"),
        b'\t' => out.extend(b"\\t"),
        _ => out.extend(format!("\\u{byte:04x}").into_bytes()),
    }
}
