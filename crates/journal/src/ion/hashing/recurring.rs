//! Values that recur under the same field name: the time and the id of the transaction in each of
//! its revisions, tables and statements in each block. Such a field has the same hash as last time.

use super::escapes::LONGEST_SHORT;
use super::serial;
use super::{Hashing, Later};
use crate::ion::field_names::copy_few;
use crate::ion::{FieldName, Value};

/// How many names have remembered values, and how many values each.
const NAMES: usize = 32;
const WAYS: usize = 8;

/// The hashes that were promised for short values.
#[derive(Debug, Default)]
pub(super) struct Recurring {
    /// Empty until something is remembered.
    fields: Vec<Field>,
    /// How often everything was forgotten.
    age: u64,
}

/// A field that occurred.
#[derive(Debug, Clone, Copy)]
struct Field {
    /// When it occurred; never, if 0.
    age: u64,
    later: Later,
    qualifier: u8,
    length: u8,
    value: [u8; LONGEST_SHORT],
}

/// The slot of a value.
#[inline]
fn place(name: u8, value: &[u8]) -> usize {
    let ends = value.first().zip(value.last()).map_or(0, |(first, last)| first.wrapping_mul(5) ^ last);
    usize::from(name) * WAYS + usize::from(ends ^ ends >> 4) % WAYS
}

impl Recurring {
    /// The promise for the same value under the same name.
    #[inline]
    pub(super) fn get(&self, name: u8, qualifier: u8, value: &[u8]) -> Option<Later> {
        let field = self.fields.get(place(name, value))?;
        let is_same = field.age > self.age && field.qualifier == qualifier && usize::from(field.length) == value.len();
        (is_same && is_equal(&field.value, value)).then_some(field.later)
    }

    /// Remembers the promise for a value.
    #[inline]
    pub(super) fn keep(&mut self, name: u8, qualifier: u8, value: &[u8], later: Later) {
        let Ok(length) = u8::try_from(value.len()) else { return };
        if self.fields.is_empty() {
            let never = Field { age: 0, later, qualifier: 0, length: 0, value: [0; LONGEST_SHORT] };
            self.fields.resize(NAMES * WAYS, never);
        }
        let age = self.age + 1;
        if let Some(field) = self.fields.get_mut(place(name, value))
            && let Some(kept) = field.value.get_mut(..value.len())
        {
            copy_few(value, kept);
            (field.age, field.later, field.qualifier, field.length) = (age, later, qualifier, length);
        }
    }

    /// Forgets everything: these slots will get other hashes.
    pub(super) fn forget(&mut self) {
        self.age += 1;
    }
}

/// Whether a value begins with another. Most are so short that a call costs more than comparing both ends.
#[inline]
fn is_equal(kept: &[u8; LONGEST_SHORT], value: &[u8]) -> bool {
    let kept = kept.get(..value.len()).unwrap_or_default();
    match (kept.first_chunk::<16>(), value.first_chunk::<16>(), kept.last_chunk::<16>(), value.last_chunk::<16>()) {
        (Some(first), Some(same), Some(last), Some(same_last)) if value.len() <= 32 => {
            first == same && last == same_last
        }
        _ => kept == value,
    }
}

impl Hashing {
    /// [`Hashing::write`] for a field of a struct that often has the same value as elsewhere.
    #[inline]
    pub(crate) fn write_recurring(&mut self, name: &FieldName, value: &Value<'_>) {
        if let Some(number) = name.number()
            && self.open.last().is_some_and(|open| open.fields.is_some())
            && let Some((qualifier, value)) = serial::short(&value.scalar, value.is_plain, &mut self.number)
        {
            if let Some(later) = self.recurring.get(number, qualifier, value) {
                self.fields.push(later);
                return;
            }
            self.batch.write_at(self.promised, |room| name.write_field(qualifier, value, room));
            self.recurring.keep(number, qualifier, value, Later::at(self.promised));
            let later = self.promise_batched();
            self.fields.push(later);
            return;
        }
        self.write_named(name, value);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_found_was_kept_for_the_same_since_the_last_time_that_everything_was_forgotten(
            steps in proptest::collection::vec(
                (0..40_u8, 0..3_u8, proptest::collection::vec(0..3_u8, 0..6), 0..20_u8), 0..200,
            ),
        ) {
            let (mut recurring, mut kept) = (Recurring::default(), std::collections::HashMap::new());
            for (number, (name, qualifier, value, action)) in steps.into_iter().enumerate() {
                if action == 0 {
                    recurring.forget();
                    kept.clear();
                }
                let key = (name, qualifier, value.clone());
                let found = recurring.get(name, qualifier, &value);
                prop_assert!(found.is_none() || found == kept.get(&key).copied());
                recurring.keep(name, qualifier, &value, Later::at(number));
                kept.insert(key, Later::at(number));
                let again = recurring.get(name, qualifier, &value);
                prop_assert_eq!(again, (usize::from(name) < NAMES).then(|| Later::at(number)));
            }
        }
    }
}
