//! Reads a request's body: a JSON object whose members have the model's types.
//!
//! A member that is null counts as absent; an unknown member is ignored, as the service does. A
//! derived reader would also accept an array for a structure, which the service does not.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::failure::Failure;
use super::timestamp;

/// The members of one structure.
#[derive(Debug, Default)]
pub(crate) struct Members(Map<String, Value>);

impl Members {
    /// The members of a body; an empty body has none.
    pub(crate) fn of_body(body: &[u8]) -> Result<Self, Failure> {
        if body.is_empty() {
            return Ok(Self(Map::new()));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(_) => Err(Failure::Serialization("the request's body must be a JSON object".to_owned())),
            Err(error) => Err(Failure::Serialization(format!("the request's body is not JSON: {error}"))),
        }
    }

    /// A string.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, Failure> {
        self.read(name, "a string", Value::as_str)
    }

    /// True or false.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Failure> {
        self.read(name, "true or false", Value::as_bool)
    }

    /// A point in time.
    pub(crate) fn time(&self, name: &str) -> Result<Option<DateTime<Utc>>, Failure> {
        let rule = "a number of seconds since 1970 within the calendar";
        self.read(name, rule, |value| value.as_number().and_then(timestamp::read))
    }

    /// A structure.
    pub(crate) fn structure(&self, name: &str) -> Result<Option<Self>, Failure> {
        self.read(name, "an object", |value| value.as_object().cloned().map(Self))
    }

    /// A map from strings to strings. A null, which the Rust SDK sends for a tag without a value, is an empty string.
    pub(crate) fn texts(&self, name: &str) -> Result<Option<BTreeMap<String, String>>, Failure> {
        let text =
            |value: &Value| if value.is_null() { Some(String::new()) } else { value.as_str().map(str::to_owned) };
        let pair = |(key, value): (&String, &Value)| Some((key.clone(), text(value)?));
        self.read(name, "an object of strings", |value| value.as_object()?.iter().map(pair).collect())
    }

    fn read<'a, T>(
        &'a self,
        name: &str,
        rule: &str,
        convert: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, Failure> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                convert(value).map(Some).ok_or_else(|| Failure::Serialization(format!("{name} must be {rule}")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(json: &str) -> Members {
        Members::of_body(json.as_bytes()).unwrap()
    }

    #[test]
    fn null_and_absent_are_the_same_and_unknown_members_are_passed_over() {
        let read = members(r#"{"RoleArn": null, "Unknown": [1]}"#);
        assert_eq!(read.text("RoleArn").unwrap(), None);
        assert_eq!(read.text("OutputFormat").unwrap(), None);
        assert!(Members::of_body(b"").unwrap().time("InclusiveStartTime").unwrap().is_none());
    }

    #[test]
    fn a_body_that_is_not_an_object_is_refused() {
        for body in ["[]", "\"{}\"", "1", "{", "{} x", "null", &"[".repeat(100_000)] {
            assert!(matches!(Members::of_body(body.as_bytes()), Err(Failure::Serialization(_))), "{body:.20}");
        }
        assert!(Members::of_body(&[0xff, 0xfe]).is_err());
    }

    #[test]
    fn a_tag_without_value_is_empty() {
        let tags = members(r#"{"Tags": {"a": null, "b": ""}}"#).texts("Tags").unwrap().unwrap();
        assert!(tags.len() == 2 && tags.values().all(String::is_empty));
    }

    #[test]
    fn wrong_types_are_refused_by_name() {
        let read = members(r#"{"T": "2024-03-01T00:00:00Z", "S": 1, "F": "true", "O": [], "M": {"k": 1}, "B": 1e300}"#);
        assert!(read.time("T").unwrap_err().to_string().starts_with("T must be a number"));
        assert!(read.text("S").is_err());
        assert!(read.flag("F").is_err());
        assert!(read.structure("O").is_err());
        assert!(read.texts("M").is_err());
        assert!(read.time("B").is_err());
    }
}
