//! Results in the AWS CLI's formats, JSON or its text, so that scripts written for it can read
//! them.
//!
//! For the printer, through which every result goes.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::cli::global::args::Output;
use crate::cli::global::environment;
use crate::cli::global::query::Query;
use crate::cli::global::settings::Settings;

/// What the AWS CLI's text format prints for `null`.
const NOTHING: &str = "None";
/// The format of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResultFormat {
    /// Text for people.
    People,
    /// JSON, indented as the AWS CLI does.
    Json,
    /// The AWS CLI's text: tab-separated values.
    Tabs,
}

impl ResultFormat {
    /// The requested format. Under the AWS CLI's command names, and with its `--query`, formats and default are the AWS
    /// CLI's as well.
    pub(crate) fn of(global: &Settings, by_aws_name: bool) -> Self {
        let as_aws = by_aws_name || global.query.is_some();
        let usual = || environment::value(environment::DEFAULT_OUTPUT).is_some_and(|form| form == "text");
        match global.output {
            Some(Output::Json) => Self::Json,
            Some(Output::Text) if as_aws => Self::Tabs,
            None if as_aws => {
                if usual() {
                    Self::Tabs
                } else {
                    Self::Json
                }
            }
            Some(Output::Text) | None => Self::People,
        }
    }
}

/// A result in a format.
pub(crate) fn shown(value: &Value, form: ResultFormat, query: Option<&Query>) -> Result<String, String> {
    let picked = query.map_or(Ok(Cow::Borrowed(value)), |query| query.pick(value).map(Cow::Owned))?;
    Ok(match form {
        ResultFormat::People | ResultFormat::Json => indented(&picked),
        ResultFormat::Tabs => tabbed(&picked),
    })
}

fn indented(value: &Value) -> String {
    let mut bytes = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    match value.serialize(&mut serializer) {
        Ok(()) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(_) => value.to_string(),
    }
}

/// The AWS CLI's text: the scalars of a structure in one line, ordered by name; nested values in their own lines after
/// their name in capitals.
fn tabbed(value: &Value) -> String {
    let mut lines = Vec::new();
    write(value, None, None, &mut lines);
    lines.join("\n")
}

fn write(value: &Value, name: Option<&str>, columns: Option<&BTreeSet<&str>>, lines: &mut Vec<String>) {
    match value {
        Value::Object(members) => write_structure(members, name, columns, lines),
        Value::Array(elements) => write_list(elements, name, lines),
        scalar => lines.push(word(scalar)),
    }
}

fn write_structure(
    members: &Map<String, Value>,
    name: Option<&str>,
    columns: Option<&BTreeSet<&str>>,
    lines: &mut Vec<String>,
) {
    let own = columns.is_none().then(|| scalar_names(members).collect());
    let columns = columns.or(own.as_ref()).into_iter().flatten();
    let mut cells: Vec<String> = name.map(str::to_uppercase).into_iter().collect();
    let names = cells.len();
    let mut nested: Vec<(&String, &Value)> = members.iter().filter(|(_, value)| is_nested(value)).collect();
    nested.sort_unstable_by_key(|(name, _)| *name);
    cells.extend(columns.map(|column| members.get(*column).map_or_else(String::new, word)));
    if cells.len() > names {
        lines.push(cells.join("\t"));
    }
    for (name, value) in nested {
        write(value, Some(name), None, lines);
    }
}

fn write_list(elements: &[Value], name: Option<&str>, lines: &mut Vec<String>) {
    if elements.iter().any(Value::is_object) {
        let columns = elements.iter().filter_map(Value::as_object).flat_map(scalar_names).collect();
        return elements.iter().for_each(|element| write(element, name, Some(&columns), lines));
    }
    let (nested, scalars): (Vec<&Value>, Vec<&Value>) = elements.iter().partition(|element| is_nested(element));
    let words: Vec<String> = scalars.into_iter().map(word).collect();
    match name {
        Some(name) => lines.extend(words.iter().map(|word| format!("{}\t{word}", name.to_uppercase()))),
        None if !words.is_empty() => lines.push(words.join("\t")),
        None => {}
    }
    nested.into_iter().for_each(|element| write(element, name, None, lines));
}

fn scalar_names(members: &Map<String, Value>) -> impl Iterator<Item = &str> {
    members.iter().filter(|(_, value)| !is_nested(value)).map(|(name, _)| name.as_str())
}

fn is_nested(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

fn word(value: &Value) -> String {
    match value {
        Value::Null => NOTHING.to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tabs(value: &Value, query: &str) -> String {
        shown(value, ResultFormat::Tabs, Some(&Query::parse(query).unwrap())).unwrap()
    }

    #[test]
    fn text_is_laid_out_as_the_aws_cli_lays_it_out() {
        let list = json!({ "Exports": [
            { "Id": "a", "Status": "COMPLETED", "S3": { "Bucket": "b", "Prefix": "p/" } },
            { "Id": "c", "Status": "IN_PROGRESS", "Format": "JSON", "S3": { "Bucket": "d", "Prefix": "" } },
        ], "NextToken": "t" });
        let whole = "t\nEXPORTS\t\ta\tCOMPLETED\nS3\tb\tp/\nEXPORTS\tJSON\tc\tIN_PROGRESS\nS3\td\t";
        assert_eq!(tabs(&list, "@"), whole);
        assert_eq!(tabs(&list, "Exports[*].[Id,Status]"), "a\tCOMPLETED\nc\tIN_PROGRESS");
        assert_eq!(tabs(&list, "Exports[*].Id"), "a\tc");
        assert_eq!(tabs(&list, "Exports[?Status=='COMPLETED'].Id | [0]"), "a");
        assert_eq!(tabs(&list, "{Ids: Exports[*].Id}"), "IDS\ta\nIDS\tc");
        assert_eq!(tabs(&list, "Exports[?Status==`COMPLETED`].Id"), "a");
        assert_eq!(tabs(&list, "Nothing"), "None");
        assert_eq!(tabs(&list, "`[]`"), "");
        assert_eq!(tabs(&json!([true, 1, null]), "@"), "True\t1\tNone");
    }

    #[test]
    fn json_is_what_the_query_picks() {
        let query = Query::parse("ExportId").unwrap();
        assert_eq!(shown(&json!({ "ExportId": "a" }), ResultFormat::Json, Some(&query)), Ok("\"a\"".to_owned()));
        assert_eq!(
            shown(&json!({ "b": 1, "a": 2 }), ResultFormat::Json, None),
            Ok("{\n    \"b\": 1,\n    \"a\": 2\n}".to_owned())
        );
    }
}
