//! Small numbers that repeat, in Parquet's hybrid of run lengths and bit packing: definition levels
//! and indexes into dictionaries. Used by the columns of a row group.

/// How many numbers are packed together at least.
const GROUP: usize = 8;
/// How many groups are packed together at most: their number then takes one byte.
const MOST_GROUPS: usize = 63;

/// Numbers as they arrive, each with how often it follows itself.
#[derive(Debug, Default)]
pub(super) struct Runs(Vec<(u32, u32)>);

impl Runs {
    #[inline]
    pub(super) fn push(&mut self, number: u32) {
        match self.0.last_mut() {
            Some((last, count)) if *last == number => *count += 1,
            _ => self.0.push((number, 1)),
        }
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// How much memory they use.
    pub(super) fn size(&self) -> usize {
        size_of_val(self.0.as_slice())
    }

    /// Appends the numbers, which have up to `width` bits, at least one.
    pub(super) fn encode(&self, width: u8, out: &mut Vec<u8>) {
        let mut packed = Vec::new();
        for (number, count) in &self.0 {
            let count = *count as usize;
            // A group that was begun must be filled.
            let filling = (packed.len().next_multiple_of(GROUP) - packed.len()).min(count);
            packed.extend(std::iter::repeat_n(*number, filling));
            let left = count - filling;
            if left >= GROUP {
                pack(&mut packed, width, out);
                push_varint(left << 1, out);
                out.extend(number.to_le_bytes().into_iter().take(usize::from(width.div_ceil(8))));
            } else {
                packed.extend(std::iter::repeat_n(*number, left));
            }
            if packed.len() >= (MOST_GROUPS - 1) * GROUP && packed.len().is_multiple_of(GROUP) {
                pack(&mut packed, width, out);
            }
        }
        pack(&mut packed, width, out);
    }
}

/// Appends whole groups of numbers, the lowest bits first; the last group is filled with zeros.
fn pack(numbers: &mut Vec<u32>, width: u8, out: &mut Vec<u8>) {
    for some in numbers.chunks(MOST_GROUPS * GROUP) {
        let groups = some.len().div_ceil(GROUP);
        push_varint(groups << 1 | 1, out);
        let (mut bits, mut waiting) = (0_u64, 0);
        let zeros = groups * GROUP - some.len();
        for number in some.iter().copied().chain(std::iter::repeat_n(0, zeros)) {
            bits |= u64::from(number) << waiting;
            waiting += width;
            while waiting >= 8 {
                let [byte, ..] = bits.to_le_bytes();
                out.push(byte);
                bits >>= 8;
                waiting -= 8;
            }
        }
    }
    numbers.clear();
}

fn push_varint(mut number: usize, out: &mut Vec<u8>) {
    loop {
        let [byte, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            out.push(byte & 0x7F);
            return;
        }
        out.push(byte | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The numbers, as Parquet's specification says that they are read.
    fn decoded(mut bytes: &[u8], width: u8, count: usize) -> Vec<u32> {
        let mut numbers = Vec::new();
        while numbers.len() < count {
            let (mut header, mut shift) = (0_usize, 0);
            loop {
                let byte = bytes[0];
                bytes = &bytes[1..];
                header |= usize::from(byte & 0x7F) << shift;
                shift += 7;
                if byte & 0x80 == 0 {
                    break;
                }
            }
            if header & 1 == 0 {
                let (value, rest) = bytes.split_at(usize::from(width.div_ceil(8)));
                let number = value.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte));
                numbers.extend(std::iter::repeat_n(number, header >> 1));
                bytes = rest;
            } else {
                let (groups, rest) = bytes.split_at((header >> 1) * usize::from(width));
                let bit = |at: usize| u32::from(groups[at / 8] >> (at % 8) & 1);
                let number = |at: usize| {
                    (0..usize::from(width)).fold(0, |number, i| number | bit(at * usize::from(width) + i) << i)
                };
                numbers.extend((0..(header >> 1) * GROUP).map(number));
                bytes = rest;
            }
        }
        assert!(bytes.is_empty());
        numbers.truncate(count);
        numbers
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded_as_the_specification_says(
            width in 1..18_u8,
            runs in proptest::collection::vec((any::<u32>(), prop_oneof![1..4_usize, 6..20_usize, 500..1200_usize]), 0..60),
        ) {
            let mut numbers = Runs::default();
            let mut expected = Vec::new();
            for (number, count) in runs {
                let number = number & ((1 << width) - 1);
                for _ in 0..count {
                    numbers.push(number);
                    expected.push(number);
                }
            }
            let mut bytes = Vec::new();
            numbers.encode(width, &mut bytes);
            prop_assert_eq!(decoded(&bytes, width, expected.len()), expected);
        }
    }
}
