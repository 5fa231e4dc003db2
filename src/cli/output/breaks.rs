//! Formats a break in an archive for people and for programs, with what to do about it if that is
//! known.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::text;
use crate::cli::error::remedies;
use qldb_journal::archive::verify::{Break, BreakKind};

/// One break in one line: place, problem, expected and found.
pub(crate) fn line(one: &Break) -> String {
    let one = advised(one);
    let place = one.sequence_no.map(|number| format!("block {number}"));
    let what = format!("{} ({})", one.problem, one.field);
    let verb = if one.kind == BreakKind::Missing { "wanted" } else { "expected" };
    let has_values = !one.expected.is_empty() || !one.found.is_empty();
    let difference = has_values.then(|| format!("{verb} {}, found {}", one.expected, one.found));
    let key = Some(one.key.clone()).filter(|key| !key.is_empty());
    let parts: Vec<String> = [key, place, Some(what), difference].into_iter().flatten().collect();
    text::one_line(&parts.join(": ")).into_owned()
}

/// One break as a JSON object.
pub(crate) fn json(one: &Break) -> Value {
    json!(advised(one))
}

/// The break with what to do about it, after the name of the foreign content that was found.
fn advised(one: &Break) -> Cow<'_, Break> {
    let Some(foreign) = one.foreign else { return Cow::Borrowed(one) };
    let mut one = one.clone();
    let named = if one.found == foreign.to_string() { &mut one.found } else { &mut one.problem };
    *named = format!("{named}: {}", remedies::of_foreign(foreign));
    Cow::Owned(one)
}
