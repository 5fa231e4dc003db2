//! The key of an object.

use std::fmt;

/// A key as in S3: 1 to 1024 bytes of UTF-8 without control characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectKey(String);

impl ObjectKey {
    /// The most bytes a key may have.
    pub const MAX_LENGTH: usize = 1024;

    /// Checks a key; the error is the rule that it breaks.
    pub fn parse(key: impl Into<String>) -> Result<Self, &'static str> {
        let key = key.into();
        if key.is_empty() {
            return Err("a key must not be empty");
        }
        if key.len() > Self::MAX_LENGTH {
            return Err("a key must not be longer than 1024 bytes");
        }
        if key.chars().any(char::is_control) {
            return Err("a key must not hold control characters");
        }
        Ok(Self(key))
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_bounded_and_printable() {
        assert_eq!(ObjectKey::parse("a/b.ion").unwrap().as_str(), "a/b.ion");
        for key in ["", "a\nb", &"a".repeat(1025)] {
            assert!(ObjectKey::parse(key).is_err(), "{key:?} was accepted");
        }
    }
}
