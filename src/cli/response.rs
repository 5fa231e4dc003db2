//! Results in the AWS CLI's forms: filtered by `--query`, as JSON or as its
//! text, so that scripts that were written for it read them.
//!
//! For the printer, through which every result goes.

use std::borrow::Cow;
use std::collections::BTreeSet;

use jmespath::{Expression, Variable};
use serde::Serialize;
use serde_json::{Map, Value};

use super::args::{GlobalArgs, Output};
use super::environment;
use crate::request::{Fault, Field};

/// What the AWS CLI prints of `null` in text.
const NOTHING: &str = "None";
/// Queries that nest deeper than this may are refused: they are read, answered and dropped by recursion.
const DEEPEST_QUERY: usize = 128;
/// Of what nests, each level needs one of these at least, or makes what is before it one level deeper.
const NESTING: [char; 11] = ['(', '[', '{', '!', '&', '.', '|', '=', '<', '>', '*'];
/// Longer queries are refused: nobody types them, and each of their tokens takes memory.
const LONGEST_QUERY: usize = 64 * 1024;
/// A query may repeat what it finds, and that again: more values than this are not printed.
const MOST_PICKED: usize = 4_000_000;
const QUERY: Field = Field::Flag("--query");

/// What results look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Text for people.
    People,
    /// JSON, indented as the AWS CLI does.
    Json,
    /// The AWS CLI's text: values with tabs between them.
    Tabs,
}

impl Form {
    /// The form that was asked for. Under the AWS CLI's names for commands, and with its `--query`, forms and default
    /// are the AWS CLI's as well.
    pub(crate) fn of(global: &GlobalArgs, by_aws_name: bool) -> Self {
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

/// A JMESPath expression that picks from results.
#[derive(Debug)]
pub(crate) struct Query(Expression<'static>);

impl Query {
    /// Reads an expression.
    pub(crate) fn parse(typed: &str) -> Result<Self, Fault> {
        let fault = |rule: String| Fault::malformed(QUERY, typed, rule, "give a JMESPath expression, such as ExportId");
        if typed.len() > LONGEST_QUERY {
            return Err(fault(format!("is longer than {LONGEST_QUERY} bytes")));
        }
        if pieces(typed).filter(|piece| !piece.starts_with(QUOTES)).map(nesting).sum::<usize>() > DEEPEST_QUERY {
            return Err(fault(format!("has more than {DEEPEST_QUERY} operators and brackets, which may nest")));
        }
        jmespath::compile(&with_quoted_literals(typed))
            .map(Self)
            .map_err(|error| fault(format!("is no JMESPath: {}", error.reason)))
    }

    /// What it picks. Nothing, where a function is given what it can't take.
    fn pick(&self, value: &Value) -> Result<Value, String> {
        let found = self.0.search(value).map_err(|error| error.reason.to_string())?;
        if !is_within(&found, &mut MOST_PICKED.clone()) {
            return Err(format!("it picks more than {MOST_PICKED} values"));
        }
        serde_json::to_value(&*found).map_err(|error| error.to_string())
    }
}

/// Whether no more values are in one, counted as often as they stand there, than are left.
fn is_within(value: &Variable, left: &mut usize) -> bool {
    let Some(less) = left.checked_sub(1) else { return false };
    *left = less;
    match value {
        Variable::Array(elements) => elements.iter().all(|element| is_within(element, left)),
        Variable::Object(members) => members.values().all(|member| is_within(member, left)),
        _ => true,
    }
}

fn nesting(piece: &str) -> usize {
    piece.matches(NESTING).count()
}

/// What begins a text, a name or a literal, and ends it.
const QUOTES: [char; 3] = ['\'', '"', '`'];

/// An expression in pieces: each is in one pair of quotes, or in none.
fn pieces(expression: &str) -> impl Iterator<Item = &str> {
    let mut rest = expression;
    std::iter::from_fn(move || {
        let length = match rest.find(QUOTES) {
            Some(0) => closed(rest, *rest.as_bytes().first()?).unwrap_or(rest.len()),
            Some(before) => before,
            None => rest.len(),
        };
        let (piece, after) = rest.split_at_checked(length).filter(|(piece, _)| !piece.is_empty())?;
        rest = after;
        Some(piece)
    })
}

/// An expression whose literals are JSON. The AWS CLI takes `` `COMPLETED` `` for a text as well, as JMESPath once did.
fn with_quoted_literals(expression: &str) -> String {
    let quoted = pieces(expression).map(|piece| {
        let literal = piece.strip_prefix('`').and_then(|piece| piece.strip_suffix('`'));
        literal.map_or(Cow::Borrowed(piece), |literal| Cow::Owned(quoted_literal(literal)))
    });
    quoted.collect()
}

/// The length of a text in quotes that stands at the beginning, with both of them.
fn closed(text: &str, quote: u8) -> Option<usize> {
    let mut escaped = false;
    let ends = |byte: u8| {
        let end = byte == quote && !escaped;
        escaped = byte == b'\\' && !escaped;
        end
    };
    text.bytes().skip(1).position(ends).map(|end| end + 2)
}

fn quoted_literal(literal: &str) -> String {
    let is_json = serde_json::from_str::<Value>(&literal.replace("\\`", "`")).is_ok();
    if is_json { format!("`{literal}`") } else { format!("`\"{}\"`", literal.trim_start()) }
}

/// A result in a form.
pub(crate) fn shown(value: &Value, form: Form, query: Option<&Query>) -> Result<String, String> {
    let picked = query.map_or(Ok(Cow::Borrowed(value)), |query| query.pick(value).map(Cow::Owned))?;
    Ok(match form {
        Form::People | Form::Json => indented(&picked),
        Form::Tabs => tabbed(&picked),
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

/// The AWS CLI's text: the scalars of a structure in one line by the order of their names, what is nested in lines of
/// its own behind its name in capitals.
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
        shown(value, Form::Tabs, Some(&Query::parse(query).unwrap())).unwrap()
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
        assert_eq!(shown(&json!({ "ExportId": "a" }), Form::Json, Some(&query)), Ok("\"a\"".to_owned()));
        assert_eq!(
            shown(&json!({ "b": 1, "a": 2 }), Form::Json, None),
            Ok("{\n    \"b\": 1,\n    \"a\": 2\n}".to_owned())
        );
    }

    #[test]
    fn literals_need_no_quotes() {
        for (typed, read) in [
            ("a==`b`", "a==`\"b\"`"),
            ("a==`1` && b==`\"c\"`", "a==`1` && b==`\"c\"`"),
            ("a=='`b`' || \"`\"==`d\\`e`", "a=='`b`' || \"`\"==`\"d\\`e\"`"),
            ("a==`ü", "a==`ü"),
            ("`[]`", "`[]`"),
            ("`", "`"),
        ] {
            assert_eq!(with_quoted_literals(typed), read);
        }
    }

    #[test]
    fn a_query_that_is_none_is_refused_with_the_reason() {
        assert!(Query::parse("Exports[").unwrap_err().rule.starts_with("is no JMESPath"));
    }

    #[test]
    fn no_production_is_repeated_without_bound() {
        let around = |open: &str, close: &str, times| format!("{}a{}", open.repeat(times), close.repeat(times));
        for times in [20_000, 1_000_000] {
            let mut queries: Vec<String> = [
                "==", "!=", "<", "<=", ">", ">=", "&&", "||", "|", ".", "[0].", ".*.", "[*].", "[].", "[?a].",
                "[0:1].", "==!", "||!", "|@|", ".[a].", ".{a:a}.", "[?a==a]|", "[?", "[", "(", "{a:", "f(", "&", "!",
                "`1`==", "'='==", "\"a\".", "[a,", "{a:a,b:", "f(&", "-1", ",", "a,", "* ", "@", "a ", "`", "'", "\"",
                "\\", "``", "[::", "::", "\u{9b}", " ", "\n", "]", "}", ")",
            ]
            .iter()
            .map(|part| format!("a{}a", part.replace('f', "length").repeat(times)))
            .collect();
            for (open, close) in
                [("(", ")"), ("[", "]"), ("[?", "]"), ("{a:", "}"), ("not_null(", ")"), ("!(", ")"), ("map(&", ",a)")]
            {
                queries.push(around(open, close, times));
            }
            for query in queries {
                // None is right, and none may end the process.
                let read = Query::parse(&query);
                let start: String = query.chars().take(12).collect();
                assert!(read.is_err(), "{times} times {start}");
            }
        }
    }

    #[test]
    fn a_literal_that_nests_too_deeply_for_json_is_a_text() {
        let literal = format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000));
        let query = Query::parse(&format!("`{literal}`")).unwrap();
        assert_eq!(shown(&json!(1), Form::Tabs, Some(&query)), Ok(literal));
    }

    #[test]
    fn what_stands_in_quotes_does_not_nest() {
        let text = format!("a=='{0}' || \"{0}\"==`\"{0}\"`", "([{!&.|=<>*".repeat(100));
        assert!(Query::parse(&text).is_ok());
        let conditions = (0..20).map(|number| format!("Status=='{number}'")).collect::<Vec<_>>().join("||");
        assert!(Query::parse(&format!("JournalS3Exports[?{conditions}].[ExportId,Status]")).is_ok());
    }

    #[test]
    fn a_query_that_repeats_what_it_repeats_is_told() {
        let query = Query::parse(&["[@,@]"; 40].join("|")).unwrap();
        let reason = shown(&json!(1), Form::Json, Some(&query)).unwrap_err();
        assert_eq!(reason, "it picks more than 4000000 values");
    }
}
