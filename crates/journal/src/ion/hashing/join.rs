//! Assembles texts that lacked the hashes of fields: a struct's hashes are sorted by their bytes.

use super::Later;
use super::escapes::push_escaped_one;
use crate::Hash;
use crate::ion::wide::Wide;
use crate::sha256::Backend;

pub(super) type Digest = [u8; Hash::LENGTH];

/// Parts of texts up to this length are copied as if they had this length.
const SHORT_PART: usize = 64;

/// A position in a text where the sorted hashes of some fields are inserted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Insert {
    pub(super) at: usize,
    pub(super) count: usize,
}

/// Joins texts; keeps memory for reuse.
#[derive(Debug)]
pub(super) struct Joining {
    sorted: Vec<(u64, Later)>,
    wide: Option<Wide>,
}

#[inline]
pub(super) fn digest(digests: &[Digest], later: Later) -> &Digest {
    // Every promise is kept: it was counted when it was made.
    digests.get(later.index()).unwrap_or(&[0; Hash::LENGTH])
}

/// The first bytes as a number: two different hashes almost always differ here.
#[inline]
fn head(hash: &Digest) -> u64 {
    hash.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// Sorts keys by a fixed sequence of exchanges, so that there are no branches to predict.
macro_rules! order {
    ($keys:ident, $(($one:literal, $other:literal))+) => {
        $(($keys[$one], $keys[$other]) = ($keys[$one].min($keys[$other]), $keys[$one].max($keys[$other]));)+
    };
}

impl Joining {
    /// Joins with the CPU features of one implementation of SHA-256.
    pub(super) fn new(backend: Backend) -> Self {
        Self { sorted: Vec::new(), wide: Wide::of(backend) }
    }

    /// Appends some hashes with their escapes.
    #[inline]
    fn push_escaped(&self, fields: impl ExactSizeIterator<Item = Later>, digests: &[Digest], out: &mut Vec<u8>) {
        if let Some(wide) = self.wide {
            return wide.push_escaped(fields.map(|field| digest(digests, field)), out);
        }
        fields.for_each(|field| push_escaped_one(digests, field.index(), out));
    }

    /// Appends the first `length` bytes of a text whose hashes are known.
    #[inline]
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        length: usize,
        inserts: &[Insert],
        fields: &[Later],
        digests: &[Digest],
        out: &mut Vec<u8>,
    ) {
        let (mut done, mut rest) = (0, fields);
        for insert in inserts {
            push_part(bytes, done, insert.at, out);
            let (mine, others) = rest.split_at_checked(insert.count).unwrap_or((rest, &[]));
            self.push_sorted(mine, digests, out);
            (done, rest) = (insert.at, others);
        }
        push_part(bytes, done, length, out);
    }

    /// The hashes of a struct's fields, sorted.
    #[inline]
    fn push_sorted(&mut self, fields: &[Later], digests: &[Digest], out: &mut Vec<u8>) {
        let is_done = match fields {
            [field] => {
                self.push_escaped(std::iter::once(*field), digests, out);
                true
            }
            [_, _] | [_, _, _] | [_, _, _, _] => {
                let mut keys = keys::<4>(fields, digests);
                order!(keys, (0, 1)(2, 3)(0, 2)(1, 3)(1, 2));
                self.push_in_order(&keys, fields, digests, out)
            }
            [_, _, _, _, ..] if fields.len() <= 8 => {
                let mut keys = keys::<8>(fields, digests);
                order!(
                    keys,
                    (0, 2)(1, 3)(4, 6)(5, 7)(0, 4)(1, 5)(2, 6)(3, 7)(0, 1)(2, 3)(4, 5)(6, 7)(2, 4)(3, 5)(1, 4)(3, 6)(
                        1, 2
                    )(3, 4)(5, 6)
                );
                self.push_in_order(&keys, fields, digests, out)
            }
            [_, _, _, _, ..] if fields.len() <= 16 => {
                let mut keys = keys::<16>(fields, digests);
                order!(
                    keys,
                    (0, 1)(2, 3)(0, 2)(1, 3)(1, 2)(4, 5)(6, 7)(4, 6)(5, 7)(5, 6)(0, 4)(2, 6)(2, 4)(1, 5)(3, 7)(3, 5)(
                        1, 2
                    )(3, 4)(5, 6)(8, 9)(10, 11)(8, 10)(9, 11)(9, 10)(12, 13)(14, 15)(12, 14)(13, 15)(
                        13, 14
                    )(8, 12)(10, 14)(10, 12)(9, 13)(11, 15)(11, 13)(9, 10)(11, 12)(13, 14)(0, 8)(
                        4, 12
                    )(4, 8)(2, 10)(6, 14)(6, 10)(2, 4)(6, 8)(10, 12)(1, 9)(5, 13)(5, 9)(3, 11)(
                        7, 15
                    )(7, 11)(3, 5)(7, 9)(11, 13)(1, 2)(3, 4)(5, 6)(7, 8)(9, 10)(11, 12)(13, 14)
                );
                self.push_in_order(&keys, fields, digests, out)
            }
            _ => false,
        };
        if !is_done {
            self.push_many(fields, digests, out);
        }
    }

    /// The same for any number of fields, and any hashes.
    fn push_many(&mut self, fields: &[Later], digests: &[Digest], out: &mut Vec<u8>) {
        self.sorted.clear();
        self.sorted.extend(fields.iter().map(|field| (head(digest(digests, *field)), *field)));
        self.sorted.sort_unstable_by(|(one_head, one), (other_head, other)| {
            one_head.cmp(other_head).then_with(|| digest(digests, *one).cmp(digest(digests, *other)))
        });
        self.push_escaped(self.sorted.iter().map(|(_, field)| *field), digests, out);
    }

    /// Appends hashes in the order of their keys; false if the keys do not determine the order.
    #[inline]
    fn push_in_order(&self, keys: &[u64], fields: &[Later], digests: &[Digest], out: &mut Vec<u8>) -> bool {
        let keys = keys.get(..fields.len()).unwrap_or(keys);
        let next = keys.iter().skip(1);
        if keys.iter().zip(next).any(|(key, next)| key ^ next <= PLACE) {
            return false;
        }
        // An index beyond the fields is that of no hash.
        let field = |key: &u64| fields.get((key & PLACE) as usize).copied().unwrap_or(Later::at(usize::MAX));
        self.push_escaped(keys.iter().map(field), digests, out);
        true
    }
}

/// Appends a part of a text. Copying a constant length and truncating is cheaper than copying a variable length.
#[inline]
fn push_part(bytes: &[u8], start: usize, end: usize, out: &mut Vec<u8>) {
    let rest = bytes.get(start..).unwrap_or_default();
    match (rest.first_chunk::<SHORT_PART>(), end.saturating_sub(start)) {
        (Some(part), length @ 0..=SHORT_PART) => {
            let after = out.len() + length;
            out.extend_from_slice(part);
            out.truncate(after);
        }
        (_, length) => out.extend_from_slice(rest.get(..length).unwrap_or_default()),
    }
}

/// The bits of a key that are the field's index among the others.
const PLACE: u64 = 15;

/// For each field the beginning of its hash, with its index in the last bits, followed by a value that is greater than
/// all.
#[inline]
fn keys<const N: usize>(fields: &[Later], digests: &[Digest]) -> [u64; N] {
    let mut keys = [u64::MAX; N];
    for ((key, field), place) in keys.iter_mut().zip(fields).zip(0..) {
        *key = head(digest(digests, *field)) & !PLACE | place;
    }
    keys
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The result of the general path.
    fn expected(digests: &[Digest]) -> Vec<u8> {
        let mut sorted = digests.to_vec();
        sorted.sort_unstable();
        let escaped = sorted.iter().flatten().flat_map(|byte| match byte {
            0x0B | 0x0C | 0x0E => vec![0x0C, *byte],
            _ => vec![*byte],
        });
        escaped.collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn hashes_stand_in_the_order_of_their_bytes_however_alike_they_are(
            hashes in proptest::collection::vec((any::<[u8; 32]>(), 0..32_usize, 0..16_u8), 0..20),
            is_alike: bool,
        ) {
            let alike = |(mut hash, place, byte): ([u8; 32], usize, u8)| {
                if is_alike {
                    hash = [0xFF; 32];
                }
                hash[place] = byte;
                hash
            };
            let digests: Vec<Digest> = hashes.into_iter().map(alike).collect();
            let fields: Vec<Later> = (0..digests.len()).map(Later::at).collect();
            for backend in [Backend::Scalar, Backend::best()] {
                let mut out = b"before".to_vec();
                let inserts = [Insert { at: 1, count: fields.len() }];
                Joining::new(backend).push(b"{}rest", 2, &inserts, &fields, &digests, &mut out);
                prop_assert_eq!(out, [b"before{", &expected(&digests)[..], b"}"].concat());
            }
        }
    }
}
