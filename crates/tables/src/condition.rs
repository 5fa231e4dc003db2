//! A condition on documents, as it is typed: the path to a field, and its value. For histories.

use crate::leaves::{Step, leaves};

/// A field of the documents in a table, and the value that it must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The QLDB table.
    pub table: String,
    way: Vec<Step>,
    value: String,
}

impl Condition {
    /// Reads `Vehicle.VIN=1N4AL11D75C109151`. Names with a dot, a bracket, a quote or an equals sign must be in double
    /// quotes.
    pub fn parse(text: &str) -> Option<Self> {
        let (table, mut rest) = name(text)?;
        let mut way = Vec::new();
        while let Some(more) = rest.strip_prefix('.') {
            let (name, after) = name(more)?;
            way.push(Step::Field(name));
            rest = after;
            while let Some((index, after)) = rest.strip_prefix('[').and_then(|more| more.split_once(']')) {
                way.push(Step::Index(index.parse().ok()?));
                rest = after;
            }
        }
        let value = rest.strip_prefix('=').filter(|_| !way.is_empty())?.to_owned();
        Some(Self { table, way, value })
    }

    /// Whether a document meets the condition.
    pub(crate) fn is_met_by(&self, document: &str) -> bool {
        leaves(document).iter().any(|leaf| leaf.is(&self.way, &self.value))
    }
}

/// A name and the rest.
fn name(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(['.', '=', '[']).filter(|end| *end > 0)?;
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
        let step = |step: Step| match step {
            Step::Field(name) => name,
            Step::Index(index) => index.to_string(),
        };
        let way = |way: Vec<Step>| way.into_iter().map(step).collect::<Vec<_>>().join("/");
        let condition = |text: &str| Condition::parse(text).map(|one| (one.table, way(one.way), one.value));
        let of = |table: &str, fields: &str, value: &str| Some((table.to_owned(), fields.to_owned(), value.to_owned()));
        assert_eq!(condition("Vehicle.VIN=1=2"), of("Vehicle", "VIN", "1=2"));
        assert_eq!(condition("V.Owner.Name="), of("V", "Owner/Name", ""));
        assert_eq!(condition("\"a.b\".\"c\"\"d=\".e=x"), of("a.b", "c\"d=/e", "x"));
        assert_eq!(condition("V.a[0][12].\"b[1]\"=x"), of("V", "a/0/12/b[1]", "x"));
        for wrong in [
            "",
            "Vehicle",
            "Vehicle=1",
            "Vehicle.VIN",
            ".VIN=1",
            "Vehicle..VIN=1",
            "\"V.VIN=1",
            "V[0]=1",
            "V.[0]=1",
            "V.a[x]=1",
            "V.a[0=1",
        ] {
            assert_eq!(condition(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn values_are_found_wherever_they_stand() {
        let document = r#"{VIN:"A",Price:1.50,Owners:[{Name:"x"},{Name:sym}],Marked:x::{a:1},when:2024-01-01,plate:"01234","a.b":null,big:12345678901234567890.5,zero:-0.,small:1d-400,large:9d400,whole:12345678901234567890123456789012345678}"#;
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
            ("V.Owners[1].Name=sym", true),
            ("V.Marked.a=1", true),
            ("V.Owners[0].Name=sym", false),
            ("V.Owners.Name[0]=sym", false),
            ("V.plate=01234", true),
            ("V.plate=1234", false),
            ("V.plate=01234.0", false),
            ("V.big=12345678901234567890.50", true),
            ("V.big=1.23456789012345678905e19", true),
            ("V.whole=12345678901234567890123456789012345678.0", true),
            ("V.whole=12345678901234567890123456789012345677", false),
            ("V.whole=-12345678901234567890123456789012345678", false),
            ("V.zero=0", true),
            ("V.small=0", false),
            ("V.small=1e-400", true),
            ("V.small=.1E-399", true),
            ("V.large=9e400", true),
            ("V.large=1e401", false),
            ("V.large=inf", false),
            ("V.Price=1.5.0", false),
            ("V.Price=", false),
            ("V.zero=.", false),
            ("V.zero=", false),
        ] {
            assert_eq!(Condition::parse(text).unwrap().is_met_by(document), expected, "{text}");
        }
    }
}
