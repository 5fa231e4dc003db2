//! The distinct values of a column in a row group, as long as there are few of them. Used by the
//! columns of a row group.

use std::collections::HashMap;

/// A dictionary does not grow beyond this.
const LARGEST: usize = 256 << 10;
/// So many values show whether they repeat.
const SHOWN: usize = 1024;
/// Up to so many distinct values, looking at each costs less than hashing.
const FEW: usize = 8;

/// The distinct values, each with its index.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    /// The values as pages have them.
    encoded: Vec<u8>,
    /// Where each value is in them, without its length.
    places: Vec<(usize, usize)>,
    indexes: HashMap<Box<[u8]>, u32>,
    last: u32,
    /// How many values were looked up.
    count: usize,
}

impl Dictionary {
    /// The index of a value. `prefix` is what pages have before it.
    #[inline]
    pub(super) fn index(&mut self, prefix: &[u8], value: &[u8]) -> u32 {
        self.count += 1;
        if self.get(self.last) != Some(value) {
            self.last = self.other(prefix, value);
        }
        self.last
    }

    fn other(&mut self, prefix: &[u8], value: &[u8]) -> u32 {
        let found = if self.places.len() <= FEW {
            (0..).zip(self.values()).find(|(_, known)| *known == value).map(|(index, _)| index)
        } else {
            self.indexes.get(value).copied()
        };
        found.unwrap_or_else(|| self.add(prefix, value))
    }

    fn add(&mut self, prefix: &[u8], value: &[u8]) -> u32 {
        // It holds far fewer than there are numbers.
        let index = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        self.encoded.extend_from_slice(prefix);
        let start = self.encoded.len();
        self.encoded.extend_from_slice(value);
        self.places.push((start, self.encoded.len()));
        self.indexes.insert(value.into(), index);
        index
    }

    #[inline]
    fn get(&self, index: u32) -> Option<&[u8]> {
        let (start, end) = *self.places.get(index as usize)?;
        self.encoded.get(start..end)
    }

    /// The values, in the order of their indexes.
    pub(super) fn values(&self) -> impl Iterator<Item = &[u8]> {
        self.places.iter().filter_map(|(start, end)| self.encoded.get(*start..*end))
    }

    /// The values as a page has them.
    pub(super) fn encoded(&self) -> &[u8] {
        &self.encoded
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// How many bits an index has; at least one.
    pub(super) fn width(&self) -> u8 {
        let last = self.places.len().saturating_sub(1);
        u8::try_from(usize::BITS - last.leading_zeros()).unwrap_or(u8::MAX).max(1)
    }

    /// Whether further values are better written as they are: most of them differ, or there are too many.
    #[inline]
    pub(super) fn is_exhausted(&self) -> bool {
        self.encoded.len() > LARGEST || self.count >= SHOWN && self.places.len() > self.count / 2
    }

    /// How much memory it uses, approximately.
    pub(super) fn size(&self) -> usize {
        // Each value is in the list and in the table.
        const EACH: usize = 64;
        2 * self.encoded.len() + EACH * self.places.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_one_index_and_values_that_do_not_repeat_end_it() {
        let mut dictionary = Dictionary::default();
        for round in 0..3 {
            for number in 0..300_u32 {
                assert_eq!(dictionary.index(b"--", &number.to_le_bytes()), number, "{round}");
            }
        }
        assert_eq!((dictionary.len(), dictionary.width()), (300, 9));
        assert!(
            dictionary.values().eq((0..300_u32)
                .map(u32::to_le_bytes)
                .collect::<Vec<_>>()
                .iter()
                .map(|value| &value[..]))
        );
        assert_eq!(dictionary.encoded().len(), 300 * 6);
        assert!(!dictionary.is_exhausted());
        for number in 0..2000_u32 {
            dictionary.index(b"", &number.to_be_bytes());
        }
        assert!(dictionary.is_exhausted());
        let mut large = Dictionary::default();
        large.index(b"", &vec![0; LARGEST + 1]);
        assert!(large.is_exhausted());
    }
}
