//! Resource names of roles and keys.

use std::fmt;

use super::{Fault, Field, Kind};

/// The fewest characters of an ARN in the API model.
const MIN_LENGTH: usize = 20;
/// The most characters of an ARN in the API model.
const MAX_LENGTH: usize = 1600;

/// The ARN of an IAM role: `arn:aws:iam::123456789012:role/path/name`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RoleArn(String);

/// The ARN of a KMS key: `arn:aws:kms:us-east-1:123456789012:key/…`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KmsKeyArn(String);

impl RoleArn {
    /// Checks a role's ARN.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let shape = |arn: &Arn<'_>| arn.service == "iam" && arn.region.is_empty() && has_name(arn.resource, "role/");
        checked(Field::RoleArn, text, shape, "must be the ARN of an IAM role").map(Self)
    }

    /// The ARN.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl KmsKeyArn {
    /// Checks a key's ARN.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let shape = |arn: &Arn<'_>| arn.service == "kms" && !arn.region.is_empty() && has_name(arn.resource, "key/");
        checked(Field::KmsKeyArn, text, shape, "must be the ARN of a KMS key").map(Self)
    }

    /// The ARN.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The parts of an ARN that identify what it names.
struct Arn<'a> {
    service: &'a str,
    region: &'a str,
    resource: &'a str,
}

fn split(text: &str) -> Option<Arn<'_>> {
    let mut parts = text.splitn(6, ':');
    let (scheme, partition) = (parts.next()?, parts.next()?);
    let (service, region, account, resource) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let known = scheme == "arn" && (partition == "aws" || partition.starts_with("aws-"));
    let account_ok = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    (known && account_ok).then_some(Arn { service, region, resource })
}

fn has_name(resource: &str, kind: &str) -> bool {
    let graphic = |name: &str| name.bytes().all(|byte| byte.is_ascii_graphic());
    resource.strip_prefix(kind).is_some_and(|name| !name.is_empty() && !name.ends_with('/') && graphic(name))
}

fn checked(field: Field, text: &str, shape: impl Fn(&Arn<'_>) -> bool, rule: &str) -> Result<String, Fault> {
    if text.len() > MAX_LENGTH {
        return Err(Fault::new(field, Kind::TooLong, text, "must not be longer than 1600 characters"));
    }
    let accepted = text.len() >= MIN_LENGTH && split(text).as_ref().is_some_and(shape);
    accepted.then(|| text.to_owned()).ok_or_else(|| Fault::new(field, Kind::Malformed, text, rule))
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for KmsKeyArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_roles_of_every_partition_and_path() {
        for arn in ["arn:aws:iam::123456789012:role/export", "arn:aws-us-gov:iam::123456789012:role/service/x+=,.@-_y"]
        {
            assert_eq!(RoleArn::parse(arn).unwrap().as_str(), arn);
        }
    }

    #[test]
    fn refuses_what_is_not_a_role() {
        let account = "arn:aws:iam::12345:role/export";
        for arn in [
            "",
            "export",
            account,
            "arn:aws:iam::123456789012:user/export",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam:us-east-1:123456789012:role/x",
        ] {
            assert!(RoleArn::parse(arn).is_err(), "{arn:?} was accepted");
        }
        assert_eq!(
            RoleArn::parse(&format!("arn:aws:iam::123456789012:role/{}", "x".repeat(1600))).unwrap_err().kind,
            Kind::TooLong
        );
    }

    #[test]
    fn distinguishes_a_key_from_an_alias() {
        assert!(
            KmsKeyArn::parse("arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab").is_ok()
        );
        assert!(KmsKeyArn::parse("arn:aws:kms:us-east-1:123456789012:alias/exports").is_err());
    }
}
