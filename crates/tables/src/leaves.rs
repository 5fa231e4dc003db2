//! A document as its leaves, each with its path: for finding a value and for comparing two
//! versions.

use qldb_journal::ion::{Container, Event, Item, JsonWriter, TextWriter, values};

/// One step of the path to a leaf.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Field(String),
    Index(usize),
}

/// A value without parts, or an empty list or struct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    steps: Vec<Step>,
    /// The value as Ion text.
    pub text: String,
    /// The value as JSON, a string without its quotes: as a user types it.
    plain: String,
    /// Whether it is a number: a string of digits is not, and leading zeros count in it.
    is_number: bool,
}

impl Leaf {
    /// Its path, as it is typed: `Owner.Name`, `Owners[0]."first name"`.
    pub fn path(&self) -> String {
        let mut path = String::new();
        for step in &self.steps {
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

    /// Whether it has this path, with any element of lists, and this value.
    fn is(&self, fields: &[String], value: &str) -> bool {
        let names = self.steps.iter().filter_map(|step| match step {
            Step::Field(name) => Some(name),
            Step::Index(_) => None,
        });
        names.eq(fields) && (self.plain == value || self.is_number && is_same_number(&self.plain, value))
    }
}

fn shown(name: &str) -> String {
    let is_plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-' || c == '$');
    if is_plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// Numbers are equal however they are written.
fn is_same_number(found: &str, wanted: &str) -> bool {
    const SURELY: usize = 15;
    let number = |text: &str| text.parse::<f64>().ok().filter(|_| text.len() <= SURELY).map(f64::to_bits);
    number(found).is_some_and(|found| number(wanted) == Some(found))
}

/// The leaves of a document, in its order. The text is Ion, or JSON, which is also Ion.
pub fn leaves(text: &str) -> Vec<Leaf> {
    let mut walk = Walk::default();
    let Some(Ok(value)) = values(text.as_bytes()).next() else { return Vec::new() };
    let mut reader = value.reader();
    while let Ok(Some(item)) = reader.next_item() {
        walk.take(&item);
    }
    walk.leaves
}

#[derive(Default)]
struct Walk {
    steps: Vec<Step>,
    open: Vec<Open>,
    leaves: Vec<Leaf>,
}

struct Open {
    container: Container,
    /// How many values it had so far.
    count: usize,
}

impl Walk {
    fn take(&mut self, item: &Item<'_>) {
        if matches!(item.event, Event::End) {
            if let Some(Open { container, count: 0 }) = self.open.pop() {
                let text = match container {
                    Container::Struct => "{}",
                    Container::List => "[]",
                    Container::Sexp => "()",
                };
                self.leaves.push(Leaf {
                    steps: self.steps.clone(),
                    text: text.to_owned(),
                    plain: text.to_owned(),
                    is_number: false,
                });
            }
            self.steps.pop();
            return;
        }
        let step = self.open.last_mut().map(|open| {
            open.count += 1;
            match item.field {
                Some(name) => Step::Field(name.unwrap_or("$0").to_owned()),
                None => Step::Index(open.count - 1),
            }
        });
        self.steps.extend(step);
        if let Event::Begin(container) = item.event {
            self.open.push(Open { container, count: 0 });
        } else {
            self.leaves.push(leaf(self.steps.clone(), item));
            self.steps.pop();
        }
    }
}

fn leaf(steps: Vec<Step>, item: &Item<'_>) -> Leaf {
    let bare = item.clone().with_field(None);
    let (mut ion, mut json) = (TextWriter::default(), JsonWriter::default());
    ion.write(&bare);
    json.write(&bare);
    let text = |bytes| String::from_utf8(bytes).unwrap_or_default();
    let json = text(json.take());
    let is_number = json.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    let plain = serde_json::from_str::<String>(&json).unwrap_or(json);
    Leaf { steps, text: text(ion.take()), plain, is_number }
}

/// A difference between a version of a document and the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its path.
    pub path: String,
    /// The earlier value, as Ion text; `None` if it is new.
    pub before: Option<String>,
    /// The later value; `None` if it was removed.
    pub after: Option<String>,
}

/// What is different, in the order of the later version, followed by what was removed.
pub fn changes(before: &[Leaf], after: &[Leaf]) -> Vec<Change> {
    let at =
        |leaves: &[Leaf], steps: &[Step]| leaves.iter().find(|leaf| leaf.steps == steps).map(|leaf| leaf.text.clone());
    let newer = after.iter().map(|leaf| Change {
        path: leaf.path(),
        before: at(before, &leaf.steps),
        after: Some(leaf.text.clone()),
    });
    let gone = before.iter().filter(|leaf| at(after, &leaf.steps).is_none());
    let gone = gone.map(|leaf| Change { path: leaf.path(), before: Some(leaf.text.clone()), after: None });
    newer.filter(|change| change.before != change.after).chain(gone).collect()
}

/// A field of a table's documents, and the value that it must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The QLDB table.
    pub table: String,
    fields: Vec<String>,
    value: String,
}

impl Condition {
    /// Parses `Vehicle.VIN=1N4AL11D75C109151`. Names that contain a dot, a quote or an equals sign are in double
    /// quotes.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text;
        let mut names = Vec::new();
        loop {
            let (name, after) = name(rest)?;
            names.push(name);
            match after.split_at_checked(1)? {
                (".", more) => rest = more,
                ("=", value) if names.len() > 1 => {
                    let table = names.remove(0);
                    return Some(Self { table, fields: names, value: value.to_owned() });
                }
                _ => return None,
            }
        }
    }

    /// Whether a document meets it.
    pub(crate) fn is_met_by(&self, document: &str) -> bool {
        leaves(document).iter().any(|leaf| leaf.is(&self.fields, &self.value))
    }
}

/// A name and the rest of the text.
fn name(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(['.', '=']).filter(|end| *end > 0)?;
        return Some((text.get(..end)?.to_owned(), text.get(end..)?));
    };
    let mut name = String::new();
    let mut rest = quoted;
    loop {
        let end = rest.find('"')?;
        name.push_str(rest.get(..end)?);
        rest = rest.get(end + 1..)?;
        match rest.strip_prefix('"') {
            Some(more) => {
                name.push('"');
                rest = more;
            }
            None => return Some((name, rest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read_with_and_without_quotes() {
        let condition = |text: &str| Condition::parse(text).map(|one| (one.table, one.fields.join("/"), one.value));
        let of = |table: &str, fields: &str, value: &str| Some((table.to_owned(), fields.to_owned(), value.to_owned()));
        assert_eq!(condition("Vehicle.VIN=1=2"), of("Vehicle", "VIN", "1=2"));
        assert_eq!(condition("V.Owner.Name="), of("V", "Owner/Name", ""));
        assert_eq!(condition("\"a.b\".\"c\"\"d=\".e=x"), of("a.b", "c\"d=/e", "x"));
        for wrong in ["", "Vehicle", "Vehicle=1", "Vehicle.VIN", ".VIN=1", "Vehicle..VIN=1", "\"V.VIN=1"] {
            assert_eq!(condition(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn values_are_found_wherever_they_stand() {
        let document = r#"{VIN:"A",Price:1.50,Owners:[{Name:"x"},{Name:sym}],when:2024-01-01,plate:"01234","a.b":null,big:12345678901234567890.5}"#;
        for (text, expected) in [
            ("V.VIN=A", true),
            ("V.VIN=a", false),
            ("V.Price=1.5", true),
            ("V.Owners.Name=sym", true),
            ("V.Owners.Name=y", false),
            ("V.when=2024-01-01", true),
            ("V.\"a.b\"=null", true),
            ("V.big=12345678901234567890.5", true),
            ("V.big=12345678901234567891", false),
            ("V.Owners=x", false),
            ("V.plate=01234", true),
            ("V.plate=1234", false),
            ("V.plate=01234.0", false),
        ] {
            assert_eq!(Condition::parse(text).unwrap().is_met_by(document), expected, "{text}");
        }
    }

    #[test]
    fn changes_name_what_is_new_other_and_gone() {
        let (before, after) = (leaves("{a:1,b:[1,2],c:{}}"), leaves("{a:1.0,b:[1],d:\"x\",c:{}}"));
        let shown: Vec<String> = changes(&before, &after)
            .iter()
            .map(|one| format!("{} {:?} {:?}", one.path, one.before.as_deref(), one.after.as_deref()))
            .collect();
        assert_eq!(shown, ["a Some(\"1\") Some(\"1.0\")", "d None Some(\"\\\"x\\\"\")", "b[1] Some(\"2\") None"]);
    }
}
