//! The examples in `docs/formats.md`: their positions, their layout, and the placeholders for
//! values that differ from run to run.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

/// Precedes each example, with its name.
const MARK: &str = "<!-- example: ";
/// The maximum width of a JSON value before it is spread over several lines.
const WIDTH: usize = 110;
/// The placeholder for an id that is new in each run.
const ID: &str = "8UyXulxccYLAsbN1aon7e4";
/// The year of the archive from which the examples are made. Any other time is from a run.
const ARCHIVED: &str = "2024-";

/// Examples by their names.
pub(crate) type Examples = BTreeMap<String, String>;

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/formats.md")
}

/// Compares the page with the results, or updates the page.
pub(crate) fn must_hold(made: &Examples) {
    if std::env::var_os("QLDB_EXPORT_REFRESH").is_some() {
        fs::write(path(), refreshed(&read(), made)).unwrap();
    }
    let kept = examples(&read());
    let names = |examples: &Examples| examples.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&kept), names(made), "each example of docs/formats.md is made by a test, and once");
    for (name, example) in made {
        assert_eq!(&kept[name], example, "{name} in docs/formats.md; formats.rs says how to refresh the page");
    }
}

/// The page.
pub(crate) fn read() -> String {
    fs::read_to_string(path()).unwrap()
}

/// The name in a marker line.
fn marked(line: &str) -> Option<&str> {
    line.strip_prefix(MARK)?.strip_suffix(" -->")
}

/// The examples on a page.
pub(crate) fn examples(page: &str) -> Examples {
    let mut found = Examples::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(name) = marked(line) {
            assert!(lines.next().unwrap().starts_with("```"), "{name}: the block follows its mark");
            let block: String = lines
                .by_ref()
                .take_while(|line| *line != "```")
                .flat_map(|line| {
                    [
                        line, "
",
                    ]
                })
                .collect();
            assert!(found.insert(name.to_owned(), block).is_none(), "{name} stands there twice");
        }
    }
    found
}

fn refreshed(page: &str, made: &Examples) -> String {
    let mut out = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        out.extend([line, "\n"]);
        if let Some(example) = marked(line).and_then(|name| made.get(name)) {
            out.extend([lines.next().unwrap(), "\n", example, "```\n"]);
            lines.by_ref().find(|line| *line == "```").unwrap();
        }
    }
    out
}

/// A JSON value laid out for readers, with placeholders for what differs from run to run.
pub(crate) fn shown(value: &Value) -> String {
    format!("{}\n", spread(&steady(value.clone()), 0))
}

/// JSON Lines, each unchanged except for the placeholders.
pub(crate) fn lines(values: &[Value]) -> String {
    values.iter().flat_map(|value| [steady(value.clone()).to_string(), "\n".to_owned()]).collect()
}

fn spread(value: &Value, depth: usize) -> String {
    let short = one_line(value);
    if depth > 0 && depth * 2 + short.len() <= WIDTH {
        return short;
    }
    let inner = "  ".repeat(depth + 1);
    let (brackets, parts): (_, Vec<String>) = match value {
        Value::Array(items) if items.iter().any(|item| !item.is_number()) => {
            ("[]", items.iter().map(|item| spread(item, depth + 1)).collect())
        }
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| format!("{}: {}", json!(name), spread(value, depth + 1));
            ("{}", members.iter().map(member).collect())
        }
        _ => return short,
    };
    let (open, close) = brackets.split_at(1);
    format!("{open}\n{inner}{}\n{}{close}", parts.join(&format!(",\n{inner}")), "  ".repeat(depth))
}

fn one_line(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(one_line).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| format!("{}: {}", json!(name), one_line(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// The value with placeholders.
fn steady(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(steady).collect(),
        Value::Object(members) => {
            let steadied = members.into_iter().map(|(name, value)| {
                let value = stand_in(&name, &value).unwrap_or_else(|| steady(value));
                (name, value)
            });
            Value::Object(steadied.collect())
        }
        Value::String(text) => Value::String(timeless(text)),
        other => other,
    }
}

/// The placeholder for members that are new in each run.
fn stand_in(name: &str, value: &Value) -> Option<Value> {
    Some(match name {
        "exportId" | "ExportId" => json!(ID),
        "DocumentIds" => json!([ID]),
        "Players" => json!("KmA3ZZca7vAIiJAK9S5Iwl"),
        "access_key_id" | "AWS_ACCESS_KEY_ID" => json!("LOCALABCDEFGHIJKLMNO"),
        "secret_access_key" | "AWS_SECRET_ACCESS_KEY" => json!("ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9"),
        "url" | "AWS_ENDPOINT_URL_QLDB" => json!("http://127.0.0.1:8040"),
        // One more export each year, and a hash over their ids.
        "proved" if value.is_object() => {
            json!({ "exports": 3, "ids": "ba70ac38493cc36a61806a90044d419be6ebabaff762eb8f4e355d0fa5915786" })
        }
        // Each build has its own binary.
        "tool" | "inReceipt" | "now" if value["sha256"].is_string() => {
            json!({
                "name": value["name"],
                "version": value["version"],
                "sha256": "b5f1a2c7c3a0f6bb0c1d5cf1d1f8ee1d2b7f4c0f5a9e6a3d8c4b1e0f7d6a5c93",
            })
        }
        "blockHash" => json!("H3q+FDGXbv9o8UEcRi2Fbuzxe1wegToMma/l+vDgbDo="),
        "changed" => json!(1_709_300_000_000_000_000_u64),
        _ => return None,
    })
}

/// A point in time that is not the archive's, replaced by a fixed one.
fn timeless(text: String) -> String {
    if chrono::DateTime::parse_from_rfc3339(&text).is_err() || text.starts_with(ARCHIVED) {
        return text;
    }
    let utc = text.ends_with('Z');
    if utc { "2026-01-01T12:00:00.000Z".to_owned() } else { "2026-01-01T12:00:00.000000+00:00".to_owned() }
}
