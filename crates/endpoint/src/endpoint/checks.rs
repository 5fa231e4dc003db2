//! The model's limits on values that only the endpoint sees, and the service's messages for faults
//! found by `request` (docs/qldb.md 1.3, 2.3).
//!
//! Clients check almost nothing of this: botocore checks only minimum lengths and required members.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::failure::Failure;
use super::route::query_values;
use crate::engine::{PageRequest, PermissionsMode, limits};
use qldb_journal::request::{Fault, Faults, Field, Kind, LedgerName, UniqueId};

/// The maximum number of keys in one `UntagResource` (docs/qldb.md 1.3).
const MAX_TAG_KEYS: usize = 200;
/// How far in the future the end of a range may be and still count as now.
const ROUNDING: TimeDelta = TimeDelta::seconds(1);
/// Tag keys with this prefix are AWS's own.
const RESERVED_TAG_PREFIX: &str = "aws:";
/// How much of a refused value a message shows.
const SHOWN_CHARACTERS: usize = 100;

impl From<Faults> for Failure {
    /// The first fault determines the parameter; the message names all of them.
    fn from(faults: Faults) -> Self {
        let parameter = faults.iter().next().map_or("", |fault| fault.field.member());
        let messages: Vec<String> = faults.iter().map(message).collect();
        Self::parameter(parameter, messages.join("; "))
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Faults::from(fault).into()
    }
}

/// The service's message for a fault, if it is known; otherwise the member, its value and the rule.
fn message(fault: &Fault) -> String {
    let member = fault.field.member();
    match (fault.field, fault.kind, &fault.value) {
        (Field::Prefix, Kind::TooLong, _) => "The Amazon S3 bucket prefix must not exceed 128 characters".to_owned(),
        (_, Kind::StartNotBeforeEnd, _) => "Start date must not be greater than end date".to_owned(),
        (_, Kind::EndInFuture, _) => "End date cannot be in the future".to_owned(),
        (_, Kind::KeyNotAllowed, _) => {
            "The supplied object encryption setting (S3EncryptionConfiguration) is not compatible with an AWS KMS key"
                .to_owned()
        }
        (Field::KmsKeyArn, Kind::Missing, _) => format!("{member} is required when ObjectEncryptionType is SSE_KMS"),
        (Field::Bucket, _, Some(value)) => format!(
            "QLDB encountered an error validating S3 configuration: InvalidBucketName The specified bucket is not valid: {} {}",
            shown(value),
            fault.rule
        ),
        (_, _, Some(value)) => format!("{member} {} {}", shown(value), fault.rule),
        (_, _, None) => format!("{member} {}", fault.rule),
    }
}

/// A value, quoted, escaped, and short enough for a message.
fn shown(value: &str) -> String {
    match value.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{:?}…", value.get(..end).unwrap_or_default()),
        None => format!("{value:?}"),
    }
}

/// The end of a range. A client that sends whole seconds may have rounded the current time up, as older JavaScript SDKs
/// do: an end up to a second in the future counts as now.
pub(super) fn rounded_end(end: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    if end > now && end - now <= ROUNDING { now } else { end }
}

/// A ledger's name.
pub(super) fn ledger(name: &str) -> Result<LedgerName, Failure> {
    Ok(LedgerName::parse(name)?)
}

/// A ledger's name, under the name that it has in the operations on streams.
pub(super) fn ledger_of_streams(name: &str) -> Result<LedgerName, Failure> {
    const MEMBER: &str = "LedgerName";
    LedgerName::parse(name)
        .map_err(|fault| Failure::parameter(MEMBER, format!("{MEMBER} {} {}", shown(name), fault.rule)))
}

/// An export's id.
pub(super) fn export_id(id: &str) -> Result<UniqueId, Failure> {
    Ok(UniqueId::parse(id)?)
}

/// A document's id, which is always required.
pub(super) fn document_id(id: Option<&str>) -> Result<UniqueId, Failure> {
    const MEMBER: &str = "DocumentId";
    let id = id.ok_or_else(|| Failure::parameter(MEMBER, format!("{MEMBER} is required")))?;
    UniqueId::parse(id).map_err(|fault| Failure::parameter(MEMBER, format!("{MEMBER} {} {}", shown(id), fault.rule)))
}

/// `max_results` and `next_token` of a list; the engine checks limits and tokens.
pub(super) fn page(query: &str) -> Result<PageRequest, Failure> {
    let next_token = query_values(query, "next_token").next();
    Ok(PageRequest { max_results: max_results(query)?, next_token })
}

fn max_results(query: &str) -> Result<Option<u32>, Failure> {
    let Some(text) = query_values(query, "max_results").next() else { return Ok(None) };
    let number: i64 = text
        .parse()
        .map_err(|_| Failure::Serialization(format!("max_results must be an integer, not {}", shown(&text))))?;
    let count = u32::try_from(number).map_err(|_| {
        Failure::parameter("MaxResults", format!("MaxResults must be between 1 and {}, not {number}", limits::PAGE))
    })?;
    Ok(Some(count))
}

/// A permissions mode, which is always required.
pub(super) fn permissions_mode(text: Option<&str>) -> Result<PermissionsMode, Failure> {
    let text = text.ok_or_else(|| Failure::parameter("PermissionsMode", "PermissionsMode is required"))?;
    PermissionsMode::parse(text).ok_or_else(|| {
        let message = format!("PermissionsMode {} must be ALLOW_ALL or STANDARD", shown(text));
        Failure::parameter("PermissionsMode", message)
    })
}

/// Tags to set. The engine checks their number and lengths.
pub(super) fn tags(tags: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Failure> {
    match tags.keys().find(|key| key.to_ascii_lowercase().starts_with(RESERVED_TAG_PREFIX)) {
        Some(key) => {
            let message =
                format!("The key of tag {} begins with {RESERVED_TAG_PREFIX}, which AWS reserves", shown(key));
            Err(Failure::parameter("Tags", message))
        }
        None => Ok(tags),
    }
}

/// `tagKeys` of a query.
pub(super) fn untagged_keys(query: &str) -> Result<Vec<String>, Failure> {
    let refuse = |rule: String| Err(Failure::parameter("TagKeys", format!("TagKeys {rule}")));
    let keys: Vec<String> = query_values(query, "tagKeys").collect();
    if keys.is_empty() {
        return refuse("is required".to_owned());
    }
    if keys.len() > MAX_TAG_KEYS {
        return refuse(format!("must not hold more than {MAX_TAG_KEYS}"));
    }
    if keys.iter().any(|key| key.is_empty() || key.chars().count() > limits::TAG_KEY) {
        return refuse(format!("must have 1 to {} characters each", limits::TAG_KEY));
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(failure: &Failure) -> String {
        let shape = failure.shape();
        assert_eq!(shape.code, "InvalidParameterException", "{failure}");
        shape.members[0].1.clone()
    }

    #[test]
    fn a_page_is_read_from_the_query() {
        let read = page("max_results=100&next_token=ab%2B%2F%3D%3D").unwrap();
        assert_eq!((read.max_results, read.next_token.as_deref()), (Some(100), Some("ab+/==")));
        assert!(page("").unwrap().max_results.is_none());
        for query in ["max_results=-1", "max_results=99999999999"] {
            assert_eq!(parameter(&page(query).unwrap_err()), "MaxResults");
        }
        for query in ["max_results=", "max_results=ten", "max_results=1.5"] {
            assert_eq!(page(query).unwrap_err().shape().code, "SerializationException", "{query}");
        }
    }

    #[test]
    fn the_first_fault_names_the_parameter_and_every_fault_is_reported() {
        let mut faults = Faults::from(Fault::new(Field::Start, Kind::StartNotBeforeEnd, "", ""));
        faults.push(Fault::new(Field::End, Kind::EndInFuture, "", ""));
        let failure = Failure::from(faults);
        assert_eq!(
            failure.to_string(),
            "Start date must not be greater than end date; End date cannot be in the future"
        );
        assert_eq!(parameter(&failure), "InclusiveStartTime");
    }

    #[test]
    fn a_refused_value_is_escaped_and_cut() {
        let failure = ledger(&"\u{1b}[2J".repeat(200)).unwrap_err();
        assert!(!failure.to_string().contains('\u{1b}'));
        assert!(failure.to_string().len() < 1000);
        assert_eq!(parameter(&failure), "Name");
    }

    #[test]
    fn tags_of_aws_are_refused() {
        let one = |key: &str| BTreeMap::from([(key.to_owned(), String::new())]);
        assert!(tags(one("k")).is_ok());
        assert_eq!(parameter(&tags(one("AWS:x")).unwrap_err()), "Tags");
    }

    #[test]
    fn tag_keys_keep_the_model_s_limits() {
        assert_eq!(untagged_keys("tagKeys=a&tagKeys=b").unwrap(), ["a", "b"]);
        let (long, many) = (format!("tagKeys={}", "k".repeat(129)), "tagKeys=a&".repeat(201));
        for query in ["", "tagKeys=", &long, &many] {
            assert_eq!(parameter(&untagged_keys(query).unwrap_err()), "TagKeys", "{query}");
        }
    }

    #[test]
    fn an_end_of_a_range_is_rounded_down_to_now_from_a_second_ahead_and_no_further() {
        let now: DateTime<Utc> = "2024-03-01T12:00:00.500Z".parse().unwrap();
        for (ahead, meant) in [(0, 0), (500, 0), (1000, 0), (1001, 1001), (-1, -1)] {
            let end = rounded_end(now + TimeDelta::milliseconds(ahead), now);
            assert_eq!(end, now + TimeDelta::milliseconds(meant), "{ahead} ms ahead");
        }
    }

    #[test]
    fn permissions_modes_are_the_model_s_words() {
        assert_eq!(parameter(&permissions_mode(None).unwrap_err()), "PermissionsMode");
        assert_eq!(parameter(&permissions_mode(Some("standard")).unwrap_err()), "PermissionsMode");
        assert!(permissions_mode(Some("STANDARD")).is_ok());
    }
}
