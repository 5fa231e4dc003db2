//! Writes Ion text as QLDB does: without spaces, and with symbols quoted only where necessary.

use memchr::memchr2;

use super::field_names::{FieldName, is_identifier};
use super::nesting::Lines;
use super::numbers::DecimalStyle;
use super::{Container, Event, IonType, Item, Scalar, Symbol, runs};

const DECIMAL: DecimalStyle = DecimalStyle { exponent_mark: 'd', whole_suffix: "." };

/// Writes values to a buffer.
#[derive(Debug, Default)]
pub struct TextWriter {
    lines: Lines,
}

impl TextWriter {
    /// Takes the next item.
    pub fn write(&mut self, item: &Item<'_>) {
        match &item.event {
            Event::Begin(container) => {
                self.lead_in(item);
                self.lines.nesting.begin(*container);
                self.lines.out.push(container.brackets().0);
            }
            Event::Scalar(scalar) => {
                self.lead_in(item);
                push_scalar(scalar, &mut self.lines.out);
            }
            Event::End => {
                if let Some(container) = self.lines.nesting.end() {
                    self.lines.out.push(container.brackets().1);
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

    /// Separator, field name and annotations of a value.
    #[inline]
    fn lead_in(&mut self, item: &Item<'_>) {
        match self.lines.nesting.separates() {
            Some(Some(Container::List | Container::Struct)) => self.lines.out.push(b','),
            Some(Some(Container::Sexp)) => self.lines.out.push(b' '),
            Some(None) => self.lines.out.push(b'\n'),
            None => {}
        }
        if let Some(name) = item.field {
            if item.name().is_some_and(FieldName::is_identifier) {
                self.lines.out.extend_from_slice(name.unwrap_or_default().as_bytes());
            } else {
                push_symbol(name, &mut self.lines.out);
            }
            self.lines.out.push(b':');
        }
        for annotation in item.annotations {
            push_symbol(annotation.as_deref(), &mut self.lines.out);
            self.lines.out.extend(b"::");
        }
    }
}

fn push_symbol(symbol: Symbol<'_>, out: &mut Vec<u8>) {
    match symbol {
        None => out.extend(b"$0"),
        Some(text) if is_identifier(text) => out.extend(text.as_bytes()),
        Some(text) => {
            out.push(b'\'');
            push_characters(text, '\'', out);
            out.push(b'\'');
        }
    }
}

/// The characters between quotes. Parts that need no escapes are copied a run at a time.
fn push_characters(text: &str, quote: char, out: &mut Vec<u8>) {
    let mut rest = text;
    loop {
        let (run, after) = rest.split_at(runs::plain(rest.as_bytes(), quote as u8));
        push_run(run, quote, out);
        let Some(character) = after.chars().next() else { return };
        push_character(character, quote, out);
        rest = after.get(character.len_utf8()..).unwrap_or_default();
    }
}

/// Characters of which only those from DEL to the last control character may need an escape.
fn push_run(run: &str, quote: char, out: &mut Vec<u8>) {
    // U+0080 to U+009F begin with 0xC2.
    if memchr2(0x7F, 0xC2, run.as_bytes()).is_none() {
        out.extend_from_slice(run.as_bytes());
    } else {
        run.chars().for_each(|character| push_character(character, quote, out));
    }
}

fn push_character(character: char, quote: char, out: &mut Vec<u8>) {
    match simple_escape(character) {
        Some(letter) => out.extend([b'\\', letter]),
        None if character == quote || character == '\\' => out.extend([b'\\', character as u8]),
        None if character.is_control() => out.extend(format!("\\x{:02x}", u32::from(character)).into_bytes()),
        None => out.extend(character.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

fn simple_escape(character: char) -> Option<u8> {
    match character {
        '\n' => Some(b'n'),
        '\r' => Some(b'r'),
        '\t' => Some(b't'),
        '\0' => Some(b'0'),
        _ => None,
    }
}

fn push_scalar(scalar: &Scalar<'_>, out: &mut Vec<u8>) {
    match scalar {
        Scalar::Null(IonType::Null) => out.extend(b"null"),
        Scalar::Null(ion_type) => out.extend(format!("null.{}", ion_type.name()).into_bytes()),
        Scalar::Bool(true) => out.extend(b"true"),
        Scalar::Bool(false) => out.extend(b"false"),
        Scalar::Int(int) => int.push_text(out),
        Scalar::Float(float) => out.extend(float_text(*float).into_bytes()),
        Scalar::Decimal(decimal) => decimal.push_text(&DECIMAL, out),
        Scalar::Timestamp(timestamp) => timestamp.push_text(out),
        Scalar::Symbol(symbol) => push_symbol(*symbol, out),
        Scalar::String(text) => {
            out.push(b'"');
            push_characters(text, '"', out);
            out.push(b'"');
        }
        Scalar::Clob(bytes) => push_clob(bytes, out),
        Scalar::Blob(bytes) => {
            out.extend(b"{{");
            base64_simd::STANDARD.encode_append(bytes, out);
            out.extend(b"}}");
        }
    }
}

fn float_text(float: f64) -> String {
    if float.is_nan() {
        "nan".to_owned()
    } else if float.is_infinite() {
        if float > 0.0 { "+inf" } else { "-inf" }.to_owned()
    } else {
        format!("{float:e}")
    }
}

fn push_clob(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend(b"{{\"");
    for byte in bytes {
        match *byte {
            b'"' | b'\\' => out.extend([b'\\', *byte]),
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            b'\t' => out.extend(b"\\t"),
            0x20..=0x7e => out.push(*byte),
            _ => out.extend(format!("\\x{byte:02x}").into_bytes()),
        }
    }
    out.extend(b"\"}}");
}
