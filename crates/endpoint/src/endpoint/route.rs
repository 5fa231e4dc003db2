//! Which operation a request asks for.
//!
//! Paths are cut into segments first and decoded afterwards: the ARN in
//! `/tags/{resourceArn}` carries an encoded slash (docs/qldb.md 1.2).

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

/// An operation and the values in its path, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    /// The operation.
    pub(crate) operation: Operation,
    /// The ledger's name, or the ARN of a tagged resource; empty where the path has neither.
    pub(crate) resource: String,
    /// The export's id; empty where the path has none.
    pub(crate) id: String,
}

impl Route {
    /// The route of a method and a path that is still percent-encoded.
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

/// Every value of one query parameter, decoded, in order.
pub(crate) fn query_values<'a>(query: &'a str, name: &'a str) -> impl Iterator<Item = String> + 'a {
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.filter(move |(key, _)| decode(key) == name).map(|(_, value)| decode(&value.replace('+', " ")))
}

/// Bytes that are not UTF-8 become a replacement character, which every check refuses.
fn decode(text: &str) -> String {
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
    fn what_the_model_does_not_name_is_no_route() {
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

    #[test]
    fn query_values_are_decoded_and_may_repeat() {
        let keys: Vec<String> = query_values("tagKeys=a%26b&x=y&tagKeys=c+d&tagKeys", "tagKeys").collect();
        assert_eq!(keys, ["a&b", "c d", ""]);
        assert_eq!(query_values("", "tagKeys").count(), 0);
    }
}
