//! An S3 bucket's name.

use std::fmt;
use std::net::Ipv4Addr;

use super::{Fault, Field, Kind};

/// A bucket's name by S3's rules for general purpose buckets: 3 to 63 lower-case letters, digits, dots and hyphens,
/// beginning and ending with a letter or digit, without two adjacent dots, not shaped like an IP address, and with none
/// of the prefixes and suffixes that S3 reserves.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BucketName(String);

const RESERVED_PREFIXES: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
const RESERVED_SUFFIXES: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

impl BucketName {
    /// The fewest characters a name may have.
    pub const MIN_LENGTH: usize = 3;
    /// The most characters a name may have.
    pub const MAX_LENGTH: usize = 63;

    /// Checks a name.
    pub fn parse(name: &str) -> Result<Self, Fault> {
        match broken_rule(name) {
            None => Ok(Self(name.to_owned())),
            Some((kind, rule)) => Err(Fault::new(Field::Bucket, kind, name, rule)),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn broken_rule(name: &str) -> Option<(Kind, &'static str)> {
    let malformed = |rule| Some((Kind::Malformed, rule));
    if name.len() < BucketName::MIN_LENGTH {
        return malformed("must be at least 3 characters long");
    }
    if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte)) {
        return malformed("may hold only lower-case letters, digits, dots and hyphens");
    }
    if name.len() > BucketName::MAX_LENGTH {
        return Some((Kind::TooLong, "must not be longer than 63 characters"));
    }
    if name.starts_with(['.', '-']) || name.ends_with(['.', '-']) {
        return malformed("must begin and end with a letter or digit");
    }
    if name.contains("..") {
        return malformed("must not hold two dots together");
    }
    if name.parse::<Ipv4Addr>().is_ok() {
        return malformed("must not look like an IP address");
    }
    let reserved = RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || RESERVED_SUFFIXES.iter().any(|suffix| name.ends_with(suffix));
    reserved.then_some((Kind::Malformed, "uses a prefix or suffix that S3 reserves"))
}

impl fmt::Display for BucketName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_s3_names() {
        for name in ["abc", "my-exports", "a.b.c", "1-2-3", &"a".repeat(63)] {
            assert_eq!(BucketName::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn refuses_what_s3_refuses() {
        let long = "a".repeat(64);
        for name in [
            "",
            "ab",
            "Abc",
            "a_b",
            "-ab",
            "ab.",
            "a..b",
            "192.168.0.1",
            "xn--abc",
            "abc-s3alias",
            "../..",
            "a/b",
            &long,
        ] {
            assert!(BucketName::parse(name).is_err(), "{name:?} was accepted");
        }
    }
}
