//! `--query`: selects part of a result, with JMESPath as in the AWS CLI.
//!
//! The library parses, evaluates and drops an expression recursively, so expressions are limited
//! before the library sees them.

use std::borrow::Cow;

use jmespath::{Expression, Variable};
use serde_json::Value;

use super::flags::WithRemedy as _;
use qldb_journal::request::{Fault, Field};

/// Queries that may nest deeper than this are refused: they are parsed, evaluated and dropped recursively.
const DEEPEST_QUERY: usize = 128;
/// Each level of nesting needs at least one of these characters, or deepens what precedes it by one.
const NESTING: [char; 11] = ['(', '[', '{', '!', '&', '.', '|', '=', '<', '>', '*'];
/// Longer queries are refused: nobody types them, and each of their tokens takes memory.
const LONGEST_QUERY: usize = 64 * 1024;
/// A query may multiply what it finds, repeatedly: more values than this are not printed.
const MOST_PICKED: usize = 4_000_000;
const QUERY: Field = Field::Named("--query");

/// A JMESPath expression that selects part of a result.
#[derive(Debug, Clone)]
pub(crate) struct Query(Expression<'static>);

impl Query {
    /// Parses an expression.
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
            .map_err(|error| fault(format!("is not JMESPath: {}", error.reason)))
    }

    /// The selected part. `null` if a function gets an argument that it can't handle.
    pub(crate) fn pick(&self, value: &Value) -> Result<Value, String> {
        let found = self.0.search(value).map_err(|error| error.reason.to_string())?;
        if !is_within(&found, &mut MOST_PICKED.clone()) {
            return Err(format!("it picks more than {MOST_PICKED} values"));
        }
        serde_json::to_value(&*found).map_err(|error| error.to_string())
    }
}

/// Whether a value has no more values in it, counted each time they occur, than are left.
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

/// The quotes around a string, a name or a literal.
const QUOTES: [char; 3] = ['\'', '"', '`'];

/// An expression in pieces: each is in one pair of quotes, or unquoted.
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

/// An expression whose literals are JSON. The AWS CLI also takes `` `COMPLETED` `` for a string, as JMESPath once did.
fn with_quoted_literals(expression: &str) -> String {
    let quoted = pieces(expression).map(|piece| {
        let literal = piece.strip_prefix('`').and_then(|piece| piece.strip_suffix('`'));
        literal.map_or(Cow::Borrowed(piece), |literal| Cow::Owned(quoted_literal(literal)))
    });
    quoted.collect()
}

/// The length of a quoted string at the beginning, with both quotes.
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cli::output::response::{ResultFormat, shown};

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
    fn an_invalid_query_is_refused_with_the_reason() {
        assert!(Query::parse("Exports[").unwrap_err().rule.starts_with("is not JMESPath"));
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
                // Any result is fine, as long as none of them ends the process.
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
        assert_eq!(shown(&json!(1), ResultFormat::Tabs, Some(&query)), Ok(literal));
    }

    #[test]
    fn what_stands_in_quotes_does_not_nest() {
        let text = format!("a=='{0}' || \"{0}\"==`\"{0}\"`", "([{!&.|=<>*".repeat(100));
        assert!(Query::parse(&text).is_ok());
        let conditions = (0..20).map(|number| format!("Status=='{number}'")).collect::<Vec<_>>().join("||");
        assert!(Query::parse(&format!("JournalS3Exports[?{conditions}].[ExportId,Status]")).is_ok());
    }

    #[test]
    fn a_query_that_selects_too_many_values_is_refused() {
        let query = Query::parse(&["[@,@]"; 40].join("|")).unwrap();
        let reason = shown(&json!(1), ResultFormat::Json, Some(&query)).unwrap_err();
        assert_eq!(reason, "it picks more than 4000000 values");
    }
}
