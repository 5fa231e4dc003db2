//! A ledger's name.

use std::fmt;

use super::{Fault, Field, Kind};

/// A ledger's name: 1 to 32 letters, digits and hyphens, not all digits, no hyphen at either end, and no two adjacent
/// hyphens (docs/qldb.md 1.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LedgerName(String);

impl LedgerName {
    /// The most characters a name may have.
    pub const MAX_LENGTH: usize = 32;

    /// Checks a name.
    pub fn parse(name: &str) -> Result<Self, Fault> {
        match broken_rule(name) {
            None => Ok(Self(name.to_owned())),
            Some((kind, rule)) => Err(Fault::new(Field::Ledger, kind, name, rule)),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn broken_rule(name: &str) -> Option<(Kind, &'static str)> {
    if name.is_empty() {
        return Some((Kind::Malformed, "must not be empty"));
    }
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Some((Kind::Malformed, "may hold only letters, digits and hyphens"));
    }
    if name.len() > LedgerName::MAX_LENGTH {
        return Some((Kind::TooLong, "must not be longer than 32 characters"));
    }
    if name.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some((Kind::Malformed, "must not be all digits"));
    }
    if name.starts_with('-') || name.ends_with('-') {
        return Some((Kind::Malformed, "must not begin or end with a hyphen"));
    }
    name.contains("--").then_some((Kind::Malformed, "must not hold two hyphens together"))
}

impl fmt::Display for LedgerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_the_pattern_of_the_model_accepts() {
        for name in ["a", "L1", "vehicle-registration", "0a", &"a".repeat(32)] {
            assert_eq!(LedgerName::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn refuses_what_the_look_ahead_refuses() {
        for name in ["", "123", "-a", "a-", "a--b", "a_b", "a/b", "..", "é", &"a".repeat(33)] {
            assert!(LedgerName::parse(name).is_err(), "{name:?} was accepted");
        }
    }
}
