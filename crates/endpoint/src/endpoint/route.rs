//! Which operation a request is for.
//!
//! Paths are split into segments first and decoded afterwards: the ARN in `/tags/{resourceArn}`
//! contains an encoded slash (docs/qldb.md 1.2).

use std::fmt;

use percent_encoding::percent_decode_str;

/// Every operation of the API model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    CancelJournalKinesisStream,
    CreateLedger,
    DeleteLedger,
    DescribeJournalKinesisStream,
    DescribeJournalS3Export,
    DescribeLedger,
    ExportJournalToS3,
    GetBlock,
    GetDigest,
    GetRevision,
    ListJournalKinesisStreamsForLedger,
    ListJournalS3Exports,
    ListJournalS3ExportsForLedger,
    ListLedgers,
    ListTagsForResource,
    StreamJournalToKinesis,
    TagResource,
    UntagResource,
    UpdateLedger,
    UpdateLedgerPermissionsMode,
}

impl fmt::Display for Operation {
    /// The model's name, which is the variant's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl Operation {
    /// The errors that the model declares for the operation (docs/qldb.md 1.3.1). Programs generated from the model
    /// recognise no others.
    pub(crate) fn declared_errors(self) -> &'static [&'static str] {
        const INVALID: &str = "InvalidParameterException";
        const MISSING: &str = "ResourceNotFoundException";
        const PRECONDITION: &str = "ResourcePreconditionNotMetException";
        const IN_USE: &str = "ResourceInUseException";
        match self {
            Self::CreateLedger => &[INVALID, "LimitExceededException", "ResourceAlreadyExistsException", IN_USE],
            Self::DeleteLedger => &[INVALID, IN_USE, MISSING, PRECONDITION],
            Self::DescribeJournalS3Export => &[MISSING],
            Self::ExportJournalToS3 => &[MISSING, PRECONDITION],
            Self::ListJournalS3Exports | Self::ListJournalS3ExportsForLedger | Self::ListLedgers => &[],
            Self::CancelJournalKinesisStream
            | Self::DescribeJournalKinesisStream
            | Self::GetBlock
            | Self::GetDigest
            | Self::GetRevision
            | Self::ListJournalKinesisStreamsForLedger
            | Self::StreamJournalToKinesis => &[INVALID, MISSING, PRECONDITION],
            Self::DescribeLedger
            | Self::ListTagsForResource
            | Self::TagResource
            | Self::UntagResource
            | Self::UpdateLedger
            | Self::UpdateLedgerPermissionsMode => &[INVALID, MISSING],
        }
    }
}

/// An operation and the decoded values in its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    /// The operation.
    pub(crate) operation: Operation,
    /// The ledger's name, or the ARN of a tagged resource; empty if the path has neither.
    pub(crate) resource: String,
    /// The export's id; empty if the path has none.
    pub(crate) id: String,
}

impl Route {
    /// The route for a method and a percent-encoded path.
    pub(crate) fn find(method: &str, raw_path: &str) -> Option<Self> {
        let segments: Vec<&str> = raw_path.strip_prefix('/')?.split('/').collect();
        if segments.contains(&"") {
            return None;
        }
        let operation = operation(method, &segments)?;
        let decoded = |index: usize| segments.get(index).map(|segment| decode(segment)).unwrap_or_default();
        Some(Self { operation, resource: decoded(1), id: decoded(3) })
    }
}

/// The model's table of methods and paths (docs/qldb.md 1.3).
fn operation(method: &str, segments: &[&str]) -> Option<Operation> {
    use Operation as Op;
    Some(match (method, segments) {
        ("POST", ["ledgers"]) => Op::CreateLedger,
        ("GET", ["ledgers"]) => Op::ListLedgers,
        ("GET", ["ledgers", _]) => Op::DescribeLedger,
        ("PATCH", ["ledgers", _]) => Op::UpdateLedger,
        ("DELETE", ["ledgers", _]) => Op::DeleteLedger,
        ("PATCH", ["ledgers", _, "permissions-mode"]) => Op::UpdateLedgerPermissionsMode,
        ("POST", ["ledgers", _, "block"]) => Op::GetBlock,
        ("POST", ["ledgers", _, "digest"]) => Op::GetDigest,
        ("POST", ["ledgers", _, "revision"]) => Op::GetRevision,
        ("GET", ["journal-s3-exports"]) => Op::ListJournalS3Exports,
        ("GET", ["ledgers", _, "journal-s3-exports"]) => Op::ListJournalS3ExportsForLedger,
        ("POST", ["ledgers", _, "journal-s3-exports"]) => Op::ExportJournalToS3,
        ("GET", ["ledgers", _, "journal-s3-exports", _]) => Op::DescribeJournalS3Export,
        ("GET", ["ledgers", _, "journal-kinesis-streams"]) => Op::ListJournalKinesisStreamsForLedger,
        ("POST", ["ledgers", _, "journal-kinesis-streams"]) => Op::StreamJournalToKinesis,
        ("GET", ["ledgers", _, "journal-kinesis-streams", _]) => Op::DescribeJournalKinesisStream,
        ("DELETE", ["ledgers", _, "journal-kinesis-streams", _]) => Op::CancelJournalKinesisStream,
        ("GET", ["tags", _]) => Op::ListTagsForResource,
        ("POST", ["tags", _]) => Op::TagResource,
        ("DELETE", ["tags", _]) => Op::UntagResource,
        _ => return None,
    })
}

/// All values of one query parameter, decoded, in order.
pub(crate) fn query_values<'a>(query: &'a str, name: &'a str) -> impl Iterator<Item = String> + 'a {
    query_pairs(query).filter(move |(key, _)| decode(key) == name).map(|(_, value)| decode(&value.replace('+', " ")))
}

/// The names and values of a query, as they were sent. An empty query has none.
pub(crate) fn query_pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// Bytes that are not UTF-8 become a replacement character, which every check refuses.
pub(super) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(method: &str, path: &str) -> Option<(Operation, String, String)> {
        Route::find(method, path).map(|route| (route.operation, route.resource, route.id))
    }

    #[test]
    fn an_encoded_slash_does_not_cut_a_segment() {
        let (operation, arn, _) = found("GET", "/tags/arn%3Aaws%3Aqldb%3Aus-east-1%3A1%3Aledger%2FL1").unwrap();
        assert_eq!((operation, arn.as_str()), (Operation::ListTagsForResource, "arn:aws:qldb:us-east-1:1:ledger/L1"));
        assert_eq!(found("GET", "/ledgers%2FL1"), None);
    }

    #[test]
    fn values_of_a_path_are_decoded_and_nothing_else_is() {
        let route = found("GET", "/ledgers/L%31/journal-s3-exports/id%20").unwrap();
        assert_eq!(route, (Operation::DescribeJournalS3Export, "L1".to_owned(), "id ".to_owned()));
        assert_eq!(found("GET", "/ledgers/L1/journal%2Ds3-exports"), None);
    }

    #[test]
    fn a_path_that_the_model_does_not_name_is_not_a_route() {
        for (method, path) in [
            ("GET", "/"),
            ("GET", "ledgers"),
            ("GET", "/ledgers/"),
            ("PUT", "/ledgers"),
            ("GET", "/a/b"),
            ("GET", "/ledgers//digest"),
        ] {
            assert_eq!(found(method, path), None, "{method} {path}");
        }
    }

    /// Every row of the table in docs/qldb.md 1.3.1: operation, method, path, errors.
    fn rows() -> Vec<[String; 4]> {
        let page = include_str!(concat!("../../../../docs/qldb", ".md"));
        let table = page.split("#### 1.3.1").nth(1).and_then(|rest| rest.split("#### 1.3.2").next()).unwrap();
        let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
        let rows = table.lines().map(cells).filter(|cells| cells.len() == 5 && cells[2].starts_with('`'));
        let row = |cells: Vec<String>| {
            let (method, path) = cells[2].trim_matches('`').split_once(' ').unwrap();
            [cells[1].clone(), method.to_owned(), path.to_owned(), cells[3].clone()]
        };
        rows.map(row).collect()
    }

    #[test]
    fn every_operation_of_the_model_has_its_route_and_its_errors() {
        let rows = rows();
        assert_eq!(rows.len(), 20);
        for [name, method, path, errors] in rows {
            let operation = found(&method, &path.replace(['{', '}'], "")).unwrap().0;
            assert_eq!(operation.to_string(), name);
            let errors = errors.split(" (").next().unwrap();
            let mut declared: Vec<&str> = operation.declared_errors().to_vec();
            let mut expected: Vec<String> =
                errors.split(", ").filter(|name| *name != "none").map(|name| format!("{name}Exception")).collect();
            declared.sort_unstable();
            expected.sort_unstable();
            assert_eq!(declared, expected, "{name}");
        }
    }

    #[test]
    fn query_values_are_decoded_and_may_repeat() {
        let keys: Vec<String> = query_values("tagKeys=a%26b&x=y&tagKeys=c+d&tagKeys", "tagKeys").collect();
        assert_eq!(keys, ["a&b", "c d", ""]);
        assert_eq!(query_values("", "tagKeys").count(), 0);
    }
}
