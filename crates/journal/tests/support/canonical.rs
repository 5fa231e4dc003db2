//! Ion values as texts of which there is one for each value of the data model,
//! so that two readings can be compared, also by programs in other languages.
//!
//! `{name=value,…}` has its fields sorted; texts and bytes are hexadecimal;
//! floats are their bits; decimals are `coefficient d exponent`.

use qldb_journal::ion::{Container, Event, IonHasher, Item, RawValue, Scalar, Symbol, TextWriter, values};

/// A value as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Canonical {
    /// The value's text.
    pub(crate) text: String,
    /// Its Ion hash, in hexadecimal.
    pub(crate) hash: String,
}

/// Reads a stream of values in either encoding.
pub(crate) fn read(stream: &[u8]) -> Result<Vec<Canonical>, String> {
    values(stream).map(|value| read_value(&value.map_err(|error| error.to_string())?)).collect()
}

fn read_value(value: &RawValue) -> Result<Canonical, String> {
    let mut reader = value.reader();
    let mut builder = Builder::default();
    let mut found = Vec::new();
    while let Some(item) = reader.next_item().map_err(|error| format!("read again: {error}"))? {
        found.extend(builder.take(&item));
    }
    let one = found.pop().filter(|_| found.is_empty());
    one.ok_or_else(|| "what was framed as a value is not one value when it is read alone".to_owned())
}

/// Puts values together from their items.
#[derive(Default)]
pub(crate) struct Builder {
    hasher: IonHasher,
    open: Vec<Open>,
}

struct Open {
    head: String,
    container: Container,
    children: Vec<String>,
}

impl Builder {
    /// Whether no value has begun that has not ended.
    pub(crate) fn is_idle(&self) -> bool {
        self.open.is_empty()
    }

    /// Takes the next item; gives the outermost value when it ends.
    pub(crate) fn take(&mut self, item: &Item<'_>) -> Option<Canonical> {
        let hash = self.hasher.write(item);
        let text = match &item.event {
            Event::Scalar(value) => format!("{}{}", head(item), scalar(value)),
            Event::Begin(container) => {
                self.open.push(Open { head: head(item), container: *container, children: Vec::new() });
                return None;
            }
            Event::End => self.open.pop().expect("an end has a begin").text(),
        };
        if let Some(open) = self.open.last_mut() {
            open.children.push(text);
            return None;
        }
        let hash = hexadecimal(hash.expect("the outermost value has ended").as_bytes());
        Some(Canonical { text, hash })
    }
}

impl Open {
    fn text(mut self) -> String {
        let (begin, between, end) = match self.container {
            Container::List => ("[", ",", "]"),
            Container::Sexp => ("(", " ", ")"),
            Container::Struct => ("{", ",", "}"),
        };
        if self.container == Container::Struct {
            self.children.sort_unstable();
        }
        format!("{}{begin}{}{end}", self.head, self.children.join(between))
    }
}

fn head(item: &Item<'_>) -> String {
    let mut head = item.field.map(|name| format!("{}=", symbol(name))).unwrap_or_default();
    for annotation in item.annotations {
        head.push_str(&symbol(annotation.as_deref()));
        head.push_str("::");
    }
    head
}

fn symbol(symbol: Symbol<'_>) -> String {
    symbol.map_or_else(|| "$0".to_owned(), |text| hex(text.as_bytes()))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    format!("'{}'", hexadecimal(bytes))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

fn scalar(value: &Scalar<'_>) -> String {
    match value {
        Scalar::Null(ion_type) => format!("null.{}", ion_type.name()),
        Scalar::Bool(value) => value.to_string(),
        Scalar::Int(_) => format!("int {}", written(value)),
        Scalar::Float(value) if value.is_nan() => "float nan".to_owned(),
        Scalar::Float(value) => format!("float {:016x}", value.to_bits()),
        Scalar::Decimal(_) => format!("decimal {}", decimal(&written(value))),
        Scalar::Timestamp(_) => format!("timestamp {}", written(value)),
        Scalar::Symbol(name) => format!("symbol {}", symbol(*name)),
        Scalar::String(text) => format!("string {}", hex(text.as_bytes())),
        Scalar::Clob(bytes) => format!("clob {}", hex(bytes)),
        Scalar::Blob(bytes) => format!("blob {}", hex(bytes)),
    }
}

fn written(value: &Scalar<'_>) -> String {
    let mut writer = TextWriter::default();
    writer.write(&Item::bare(Event::Scalar(value.clone())));
    String::from_utf8(writer.take()).expect("Ion text is UTF-8")
}

/// Ion text of a decimal as coefficient and exponent.
fn decimal(text: &str) -> String {
    let (sign, unsigned) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (digits, power) = unsigned.split_once('d').unwrap_or((unsigned, "0"));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0');
    let coefficient = if significant.is_empty() { "0" } else { significant };
    let power: i128 = power.parse().expect("an exponent is a number");
    format!("{sign}{coefficient}d{}", power - fraction.len() as i128)
}
