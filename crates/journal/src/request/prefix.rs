//! The prefix of every key that an export writes.

use std::fmt;

use super::{Fault, Field, Kind};

/// A key prefix: 0 to 128 characters (API model), no control characters, no `.` or `..` between slashes. It is joined
/// to the rest of a key unchanged, without adding a slash (docs/qldb.md 3.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Prefix(String);

impl Prefix {
    /// The most characters a prefix may have.
    pub const MAX_LENGTH: usize = 128;

    /// Checks a prefix.
    pub fn parse(prefix: &str) -> Result<Self, Fault> {
        if prefix.chars().count() > Self::MAX_LENGTH {
            return Err(Fault::new(Field::Prefix, Kind::TooLong, prefix, "must not be longer than 128 characters"));
        }
        if prefix.chars().any(char::is_control) {
            return Err(Fault::new(Field::Prefix, Kind::Control, prefix, "must not hold control characters"));
        }
        if prefix.split('/').any(|segment| segment == "." || segment == "..") {
            let rule = "must not hold . or .. between slashes";
            return Err(Fault::new(Field::Prefix, Kind::Malformed, prefix, rule));
        }
        Ok(Self(prefix.to_owned()))
    }

    /// The prefix.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_the_empty_prefix_and_128_characters_of_any_script() {
        for prefix in ["", "nightly/", "a b/ü", &"ü".repeat(128)] {
            assert_eq!(Prefix::parse(prefix).unwrap().as_str(), prefix);
        }
    }

    #[test]
    fn refuses_long_ones_control_characters_and_ways_out_of_a_folder() {
        for prefix in [&"a".repeat(129), "a\nb", "../", "a/../b", "./a", "a/.."] {
            assert!(Prefix::parse(prefix).is_err(), "{prefix:?} was accepted");
        }
    }
}
