//! The ARNs of this endpoint's ledgers and their keys.

use super::checks;
use super::failure::Failure;
use crate::engine::AWS_OWNED_KMS_KEY;
use qldb_journal::request::LedgerName;

/// The lengths that the model allows for an ARN.
const LENGTH: std::ops::RangeInclusive<usize> = 20..=1600;

/// The endpoint's own identity.
#[derive(Debug)]
pub(super) struct Account {
    /// The region.
    pub(super) region: String,
    /// The account's number.
    pub(super) id: String,
}

impl Account {
    /// A ledger's ARN.
    pub(super) fn ledger_arn(&self, name: &LedgerName) -> String {
        format!("{}{name}", self.ledger_prefix())
    }

    /// The ARN of the key that was given for a ledger: an ARN already, an id, or an alias. `None` if AWS owns the key.
    pub(super) fn key_arn(&self, key: Option<&str>) -> Option<String> {
        let Self { region, id } = self;
        match key? {
            "" | AWS_OWNED_KMS_KEY => None,
            arn if arn.starts_with("arn:") => Some(arn.to_owned()),
            alias if alias.starts_with("alias/") => Some(format!("arn:aws:kms:{region}:{id}:{alias}")),
            key => Some(format!("arn:aws:kms:{region}:{id}:key/{key}")),
        }
    }

    /// The ledger that a resource's ARN names.
    pub(super) fn tagged_ledger(&self, arn: &str) -> Result<LedgerName, Failure> {
        let refuse = |rule: String| Err(Failure::parameter("ResourceArn", format!("ResourceArn {rule}")));
        if !LENGTH.contains(&arn.chars().count()) {
            return refuse(format!("must be {} to {} characters long", LENGTH.start(), LENGTH.end()));
        }
        match arn.strip_prefix(&self.ledger_prefix()) {
            Some(name) => checks::ledger(name),
            None if arn.contains(":stream/") => Err(Failure::NotDone(
                "The built-in endpoint has no Kinesis streams, and only ledgers have tags here".to_owned(),
            )),
            None => refuse(format!("must name a ledger of this endpoint: {}NAME", self.ledger_prefix())),
        }
    }

    fn ledger_prefix(&self) -> String {
        format!("arn:aws:qldb:{}:{}:ledger/", self.region, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Account {
        Account { region: "us-east-1".to_owned(), id: "123456789012".to_owned() }
    }

    #[test]
    fn a_ledger_s_arn_leads_back_to_its_name() {
        let name = LedgerName::parse("L1").unwrap();
        let arn = account().ledger_arn(&name);
        assert_eq!(arn, "arn:aws:qldb:us-east-1:123456789012:ledger/L1");
        assert_eq!(account().tagged_ledger(&arn).unwrap(), name);
    }

    #[test]
    fn arns_of_other_places_and_things_are_refused() {
        for arn in [
            "short",
            "arn:aws:qldb:eu-west-1:123456789012:ledger/L1",
            "arn:aws:qldb:us-east-1:210987654321:ledger/L1",
            "arn:aws:qldb:us-east-1:123456789012:ledger/",
            "arn:aws:qldb:us-east-1:123456789012:ledger/../L1",
        ] {
            assert_eq!(account().tagged_ledger(arn).unwrap_err().shape().code, "InvalidParameterException", "{arn}");
        }
        let stream = "arn:aws:qldb:us-east-1:123456789012:stream/L1/0000000000000000000000";
        assert_eq!(account().tagged_ledger(stream).unwrap_err().shape().code, "UnsupportedOperationException");
    }

    #[test]
    fn a_key_becomes_an_arn() {
        let arn = |key| account().key_arn(Some(key));
        assert_eq!(arn("1234"), Some("arn:aws:kms:us-east-1:123456789012:key/1234".to_owned()));
        assert_eq!(arn("alias/x"), Some("arn:aws:kms:us-east-1:123456789012:alias/x".to_owned()));
        assert_eq!(arn("arn:aws:kms:x"), Some("arn:aws:kms:x".to_owned()));
        assert_eq!(arn(AWS_OWNED_KMS_KEY), None);
        assert_eq!(account().key_arn(None), None);
    }
}
