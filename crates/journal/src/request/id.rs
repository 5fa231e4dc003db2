//! The ids that QLDB gives to ledgers' strands, transactions, documents,
//! tables and exports.

use std::fmt;

use super::{Fault, Field, Kind};

/// An id of 22 characters: two groups of 11, each a base-62 number of 64 bits
/// (docs/qldb.md 1.2). The API accepts any 22 letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UniqueId(String);

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const HALF: usize = 11;

impl UniqueId {
    /// The number of characters in an id.
    pub const LENGTH: usize = 2 * HALF;

    /// Checks an id that somebody gave.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if text.len() == Self::LENGTH && text.bytes().all(known) {
            return Ok(Self(text.to_owned()));
        }
        Err(Fault::new(Field::ExportId, Kind::Malformed, text, "must be 22 letters and digits"))
    }

    /// The id for a 128-bit value; random bits make a new id.
    pub fn from_bits(bits: u128) -> Self {
        let mut text = String::with_capacity(Self::LENGTH);
        #[expect(clippy::cast_possible_truncation, reason = "each half takes its own 64 bits")]
        for half in [(bits >> 64) as u64, bits as u64] {
            text.extend(base62(half).map(char::from));
        }
        Self(text)
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn base62(mut value: u64) -> [u8; HALF] {
    let mut digits = [b'0'; HALF];
    for digit in digits.iter_mut().rev() {
        *digit = usize::try_from(value % 62).ok().and_then(|digit| DIGITS.get(digit)).copied().unwrap_or(b'0');
        value /= 62;
    }
    digits
}

impl fmt::Display for UniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_two_padded_base_62_numbers() {
        assert_eq!(UniqueId::from_bits(0).as_str(), "0".repeat(22));
        assert_eq!(UniqueId::from_bits(61).as_str(), format!("{}z", "0".repeat(21)));
        assert_eq!(UniqueId::from_bits(u128::MAX).as_str(), "LygHa16AHYFLygHa16AHYF");
    }

    #[test]
    fn ids_of_other_lengths_or_alphabets_are_refused() {
        assert!(UniqueId::parse("KmA3ZZca7vAIiJAK9S5Iwl").is_ok());
        for text in ["", "short", "KmA3ZZca7vAIiJAK9S5Iw/", "KmA3ZZca7vAIiJAK9S5Iwl0"] {
            assert!(UniqueId::parse(text).is_err(), "{text:?} was accepted");
        }
    }
}
