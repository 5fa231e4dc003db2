//! Divides an archive into parts, so that several machines share the work: each reads its part, and
//! joining the findings gives the verdict.
//!
//! The division depends only on the listing, so that everyone who lists the same archive divides it
//! in the same way.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// More parts than anyone needs.
const MOST: u32 = 1_000_000;

/// One of several parts of an archive: `3/8` is the third of eight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Part {
    number: u32,
    of: u32,
}

/// How many parts are listed by name.
const MOST_NAMED: usize = 10;

/// A text that does not name a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a part K/N with 1 <= K <= N <= {MOST}")]
pub struct NotAPart;

impl Part {
    /// The part with this number, from 1 on, of this many.
    pub fn new(number: u32, of: u32) -> Result<Self, NotAPart> {
        if (1..=of).contains(&number) && of <= MOST { Ok(Self { number, of }) } else { Err(NotAPart) }
    }

    /// How many parts there are.
    pub fn of(self) -> u32 {
        self.of
    }

    /// Which one it is, from 1 on.
    pub fn number(self) -> u32 {
        self.number
    }

    /// The name of its files, without the extension, for a folder with the files of all parts: sorted by name, they are
    /// in order.
    pub fn stem(self) -> String {
        format!("part-{:07}-of-{:07}", self.number, self.of)
    }

    /// Every part of this division.
    pub fn all(self) -> impl Iterator<Item = Self> {
        (1..=self.of).map(move |number| Self { number, ..self })
    }

    /// Names parts in an error; if there are many, only the first ones.
    #[doc(hidden)]
    pub fn named(parts: &[Self]) -> String {
        let named: Vec<String> = parts.iter().take(MOST_NAMED).map(Self::to_string).collect();
        let more = parts.len().saturating_sub(MOST_NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("part{} {}{more}", if parts.len() == 1 { "" } else { "s" }, named.join(", "))
    }

    /// Another part of the same division.
    pub(super) fn sibling(self, index: u32) -> Self {
        Self { number: index.saturating_add(1).min(self.of), ..self }
    }

    /// The objects that belong to this part, by their positions among all, which have these sizes.
    pub(super) fn range(self, sizes: impl Iterator<Item = u64> + Clone) -> Range<usize> {
        let (mut begin, mut end) = (0, 0);
        for index in division(sizes, self.of) {
            begin += usize::from(index + 1 < self.number);
            end += usize::from(index < self.number);
        }
        begin..end
    }
}

impl fmt::Display for Part {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Part {
    type Err = NotAPart;

    fn from_str(text: &str) -> Result<Self, NotAPart> {
        let digits = |text: &str| {
            let number = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
            number.and_then(|number| number.parse().ok()).ok_or(NotAPart)
        };
        let (number, of) = text.split_once('/').ok_or(NotAPart)?;
        Self::new(digits(number)?, digits(of)?)
    }
}

impl TryFrom<String> for Part {
    type Error = NotAPart;

    fn try_from(text: String) -> Result<Self, NotAPart> {
        text.parse()
    }
}

impl From<Part> for String {
    fn from(part: Part) -> Self {
        part.to_string()
    }
}

/// For each object the index of its part: neighbours stay together, and the parts have about equal numbers of bytes.
pub(super) fn division(sizes: impl Iterator<Item = u64> + Clone, parts: u32) -> impl Iterator<Item = u32> {
    let weights = sizes.map(|size| u128::from(size).max(1));
    let total: u128 = weights.clone().sum::<u128>().max(1);
    let mut before = 0;
    weights.map(move |weight| {
        // An object belongs where its middle is; everything is doubled, so that halves are whole numbers.
        let middle = 2 * before + weight;
        before += weight;
        u32::try_from(middle * u128::from(parts) / (2 * total)).unwrap_or(u32::MAX).min(parts - 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parts_are_named_from_one_on() {
        for (text, right) in [
            ("1/1", true),
            ("3/8", true),
            ("8/8", true),
            ("0/8", false),
            ("9/8", false),
            ("1/0", false),
            ("+1/8", false),
            ("1/ 8", false),
            ("1", false),
            ("/", false),
            ("1/1000001", false),
        ] {
            assert_eq!(text.parse::<Part>().is_ok(), right, "{text}");
        }
        assert_eq!("3/8".parse::<Part>().unwrap().to_string(), "3/8");
    }

    proptest! {
        #[test]
        fn each_object_has_one_part_and_parts_are_alike(
            sizes in proptest::collection::vec(0_u64..1_000_000, 0..200),
            parts in 1_u32..20,
        ) {
            let of_each: Vec<Range<usize>> =
                (1..=parts).map(|number| Part::new(number, parts).unwrap().range(sizes.iter().copied())).collect();
            for index in 0..sizes.len() {
                prop_assert_eq!(of_each.iter().filter(|part| part.contains(&index)).count(), 1);
            }
            let division: Vec<u32> = division(sizes.iter().copied(), parts).collect();
            prop_assert!(division.is_sorted());
            let largest = sizes.iter().max().copied().unwrap_or(0).max(1);
            let fair = sizes.iter().map(|size| (*size).max(1)).sum::<u64>() / u64::from(parts);
            for part in of_each {
                let bytes: u64 = sizes[part].iter().sum();
                prop_assert!(bytes <= fair + 2 * largest);
            }
        }
    }
}
