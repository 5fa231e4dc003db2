//! A document as its leaves, each with its path: for finding a value (`condition`) and for comparing two
//! versions (`changes`).

use std::sync::Arc;

use qldb_journal::ion::{Event, Item, JsonWriter, TextWriter, values};

/// One step of the path to a leaf.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    Field(String),
    Index(usize),
}

/// The paths to everything in a document, each as the index of the path that it continues and one more step: written
/// out, those of deeply nested values would take memory that grows with the square of the document.
pub(crate) type Ways = Vec<(Option<usize>, Step)>;

/// A value without parts, or an empty list or struct. A container with annotations, and an s-expression, is a leaf as
/// well, since its parts do not show that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    pub(crate) ways: Arc<Ways>,
    /// Its path in `ways`; `None` for the whole document.
    pub(crate) way: Option<usize>,
    /// The value as Ion text.
    pub text: String,
    /// The value as JSON, a string without its quotes: as a user types it.
    plain: String,
    /// Whether it is a number: a string of digits is not, and leading zeros count in it.
    is_number: bool,
}

impl Leaf {
    /// The steps of its path, from the last one up.
    fn steps_up(&self) -> impl Iterator<Item = &Step> {
        let mut way = self.way;
        std::iter::from_fn(move || {
            let (above, step) = self.ways.get(way?)?;
            way = *above;
            Some(step)
        })
    }

    /// Its path, as it is typed: `Owner.Name`, `Owners[0]."first name"`.
    pub fn path(&self) -> String {
        let mut path = String::new();
        let steps: Vec<&Step> = self.steps_up().collect();
        for step in steps.into_iter().rev() {
            match step {
                Step::Index(index) => path.extend(["[", &index.to_string(), "]"]),
                Step::Field(name) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(&shown(name));
                }
            }
        }
        path
    }

    /// Whether it has this path and this value. Any element of a list matches unless the path names one.
    pub(crate) fn is(&self, way: &[Step], value: &str) -> bool {
        let is_value = self.plain == value || self.is_number && is_same_number(&self.plain, value);
        is_value && self.is_on(way)
    }

    fn is_on(&self, way: &[Step]) -> bool {
        let steps: Vec<&Step> = self.steps_up().collect();
        let mut way = way.iter().peekable();
        let is_next = |step: &&Step| match (step, way.peek()) {
            (Step::Index(_), None | Some(Step::Field(_))) => true,
            _ => way.next() == Some(step),
        };
        steps.iter().rev().all(is_next) && way.next().is_none()
    }
}

fn shown(name: &str) -> String {
    let is_plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-' || c == '$');
    if is_plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// Numbers are equal however they are written, in any number of digits.
fn is_same_number(found: &str, wanted: &str) -> bool {
    Number::read(wanted).is_some_and(|wanted| Number::read(found) == Some(wanted))
}

/// A number in the only form that no other form equals.
#[derive(Debug, Default, PartialEq, Eq)]
struct Number {
    is_negative: bool,
    /// Without zeros at either end.
    digits: String,
    /// The power of ten by which the digits are multiplied.
    exponent: i64,
}

impl Number {
    /// Reads a number as JSON writes it, or as people do, such as `+1` or `.5`.
    fn read(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (digits, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if digits.len() == digits.matches('.').count() || !digits.bytes().all(|one| one == b'.' || one.is_ascii_digit())
        {
            return None;
        }
        let all = [whole, fraction].concat();
        let significant = all.trim_start_matches('0');
        let digits = significant.trim_end_matches('0');
        if digits.is_empty() {
            return Some(Self::default());
        }
        let zeros = i64::try_from(significant.len() - digits.len()).ok()?;
        let decimals = i64::try_from(fraction.len()).ok()?;
        let exponent = exponent.parse::<i64>().ok()?.checked_add(zeros)?.checked_sub(decimals)?;
        Some(Self { is_negative: text.starts_with('-'), digits: digits.to_owned(), exponent })
    }
}

/// The leaves of a document, in its order. The text is Ion, or JSON, which is also Ion.
pub fn leaves(text: &str) -> Vec<Leaf> {
    let mut walk = Walk::default();
    let Some(Ok(value)) = values(text.as_bytes()).next() else { return Vec::new() };
    let mut reader = value.reader();
    while let Ok(Some(item)) = reader.next_item() {
        walk.take(&item);
    }
    let ways = Arc::new(walk.ways);
    let leaf = |Found { way, text, plain, is_number }| Leaf { ways: Arc::clone(&ways), way, text, plain, is_number };
    walk.found.into_iter().map(leaf).collect()
}

#[derive(Default)]
struct Walk {
    ways: Ways,
    open: Vec<Open>,
    found: Vec<Found>,
}

struct Open {
    way: Option<usize>,
    /// How many values it had so far.
    count: usize,
    /// The container by itself: annotations and brackets.
    shell: String,
    /// Its index as a leaf, if it is one.
    noted: Option<usize>,
}

/// A leaf of a document that is not read to its end.
struct Found {
    way: Option<usize>,
    text: String,
    plain: String,
    is_number: bool,
}

impl Walk {
    fn take(&mut self, item: &Item<'_>) {
        match item.event {
            Event::End => self.end(),
            Event::Begin(_) => self.begin(item),
            Event::Scalar(_) => {
                let way = self.step(item);
                self.found.push(scalar(way, item));
            }
        }
    }

    /// The path to the next item.
    fn step(&mut self, item: &Item<'_>) -> Option<usize> {
        let open = self.open.last_mut()?;
        let step = match item.field {
            Some(name) => Step::Field(name.unwrap_or("$0").to_owned()),
            None => Step::Index(open.count),
        };
        open.count += 1;
        self.ways.push((open.way, step));
        self.ways.len().checked_sub(1)
    }

    fn begin(&mut self, item: &Item<'_>) {
        let way = self.step(item);
        let shell = shell(item);
        let is_usual = matches!(shell.as_str(), "{}" | "[]");
        let noted = (!is_usual).then_some(self.found.len());
        if !is_usual {
            let mut text = shell.clone();
            text.insert(text.len().saturating_sub(1), '…');
            self.found.push(container(way, text));
        }
        self.open.push(Open { way, count: 0, shell, noted });
    }

    fn end(&mut self) {
        let Some(Open { way, count: 0, shell, noted }) = self.open.pop() else { return };
        match noted.and_then(|noted| self.found.get_mut(noted)) {
            Some(found) => *found = container(way, shell),
            None => self.found.push(container(way, shell)),
        }
    }
}

fn container(way: Option<usize>, text: String) -> Found {
    Found { way, plain: text.clone(), text, is_number: false }
}

/// A container that begins, as if it were empty.
fn shell(item: &Item<'_>) -> String {
    let mut ion = TextWriter::default();
    ion.write(&item.clone().with_field(None));
    ion.write(&Item::end());
    String::from_utf8(ion.take()).unwrap_or_default()
}

fn scalar(way: Option<usize>, item: &Item<'_>) -> Found {
    let bare = item.clone().with_field(None);
    let (mut ion, mut json) = (TextWriter::default(), JsonWriter::default());
    ion.write(&bare);
    json.write(&bare);
    let text = |bytes| String::from_utf8(bytes).unwrap_or_default();
    let json = text(json.take());
    let is_number = json.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    let plain = serde_json::from_str::<String>(&json).unwrap_or(json);
    Found { way, text: text(ion.take()), plain, is_number }
}
