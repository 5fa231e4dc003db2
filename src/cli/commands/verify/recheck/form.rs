//! Whether the members of a receipt have the types that `--receipt` writes: a member of another
//! type would be ignored.

use serde_json::Value;

/// Whether a member has the required type.
type IsOfType = fn(&Value) -> bool;

/// Every member that is read, except those that are read as a whole elsewhere.
const MEMBERS: [(&str, IsOfType); 11] = [
    ("tool", Value::is_object),
    ("paths", is_texts),
    ("ledger", is_text_or_null),
    ("export", is_text_or_null),
    ("accepted", is_texts),
    ("levelsAskedFor", is_text_or_null),
    ("answers", is_answers),
    ("manifests", is_files),
    ("objects", is_files),
    ("report.levels", Value::is_object),
    ("report.journals", is_journals),
];

/// The members of another type. A missing member has none.
pub(super) fn wrong(receipt: &Value) -> Vec<&'static str> {
    let report = &receipt["report"];
    if !report.is_null() && !report.is_object() {
        return vec!["report"];
    }
    let is_wrong =
        |(path, is_of_type): &&(&'static str, IsOfType)| member(receipt, path).is_some_and(|value| !is_of_type(value));
    MEMBERS.iter().filter(is_wrong).map(|(path, _)| *path).collect()
}

/// A member by its path, if it is there.
pub(super) fn member<'v>(receipt: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(receipt, |value, member| value.get(member))
}

fn is_text_or_null(value: &Value) -> bool {
    value.is_null() || value.is_string()
}

fn is_list(value: &Value, is_one: impl Fn(&Value) -> bool) -> bool {
    value.as_array().is_some_and(|list| list.iter().all(is_one))
}

fn is_texts(value: &Value) -> bool {
    is_list(value, Value::is_string)
}

fn is_answers(value: &Value) -> bool {
    let kinds = ["block", "revision"];
    let is_kind = |answer: &Value| kinds.iter().any(|kind| answer["report"]["answer"] == *kind);
    is_list(value, |answer| answer["file"].is_string() && is_kind(answer))
}

fn is_files(value: &Value) -> bool {
    let is_key = |key: &Value| key.as_str().is_some_and(|key| !key.is_empty());
    let is_number_or_null = |number: &Value| number.is_null() || number.is_u64();
    is_list(value, |file| {
        is_key(&file["key"])
            && is_number_or_null(&file["path"])
            && is_text_or_null(&file["sha256"])
            && is_version_or_null(&file["versionId"])
    })
}

/// S3's versions can appear in a URL unchanged; anything else could end a field or a line of a manifest.
fn is_version_or_null(value: &Value) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b',' && byte != b'"';
    value.is_null() || value.as_str().is_some_and(|version| !version.is_empty() && version.bytes().all(is_plain))
}

fn is_journals(value: &Value) -> bool {
    is_list(value, |journal| journal["strandId"].is_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_member_of_another_type_is_named() {
        for (path, _) in MEMBERS {
            let (first, second) = path.split_once('.').unwrap_or((path, ""));
            let receipt = if second.is_empty() { json!({ first: 5 }) } else { json!({ first: { second: 5 } }) };
            assert_eq!(wrong(&receipt), [path]);
        }
        assert_eq!(wrong(&json!({ "report": 5 })), ["report"]);
        assert_eq!(wrong(&json!({ "report": null, "ledger": null, "accepted": ["x"], "answers": [] })), [""; 0]);
        for (member, elements) in [("accepted", json!([5])), ("answers", json!(["x"])), ("objects", json!([{}]))] {
            assert_eq!(wrong(&json!({ member: elements })), [member]);
        }
    }
}
