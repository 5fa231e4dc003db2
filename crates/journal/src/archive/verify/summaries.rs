//! What is kept of each object, in few bytes: an archive may have millions, and most of them are
//! what their names say and follow one another. For the findings of a verification.

use std::collections::HashMap;
use std::ops::Range;

use super::{CheckedObject, Ends};
use crate::archive::find::DataObject;
use crate::archive::names::DataName;
use crate::{Encoding, Hash};

/// What is kept of a checked object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectSummary {
    /// Where its blocks begin and end, if there are any.
    pub ends: Option<Ends>,
    /// The number of blocks.
    pub blocks: u64,
    /// Whether the object is JSON.
    pub json: bool,
    /// The SHA-256 of the object's bytes, if it was requested.
    pub sha256: Option<Hash>,
}

impl ObjectSummary {
    fn of(checked: &CheckedObject) -> Self {
        let CheckedObject { span, blocks, json, sha256, .. } = checked;
        let ends = span.as_ref().map(|span| span.ends.clone());
        Self { ends, blocks: *blocks, json: *json, sha256: *sha256 }
    }
}

/// The summaries of consecutive objects.
#[derive(Debug, Default)]
pub(super) struct Summaries {
    /// The number of the first object.
    begin: usize,
    forms: Vec<Form>,
    /// The hash of the last block of each object in a short form.
    last_hashes: Vec<Hash>,
    /// The SHA-256 of each object in a short form; empty if none has one.
    sha256: Vec<Hash>,
    /// The hash of the previous block, as stated, where it is not the last one of the object before.
    previous: HashMap<usize, Option<Hash>>,
    /// The summaries without a short form.
    others: HashMap<usize, ObjectSummary>,
}

/// How the summary of an object is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Not at all: the object was not checked.
    Absent,
    /// In short: it holds exactly the blocks that its name says. Whether it has a SHA-256.
    Short { has_sha256: bool },
    /// In full.
    Full,
}

impl Summaries {
    /// No summaries yet of this many objects, the first of which has this number.
    pub(super) fn of(begin: usize, objects: usize) -> Self {
        let nothing = Hash::from_bytes([0; Hash::LENGTH]);
        Self { begin, forms: vec![Form::Absent; objects], last_hashes: vec![nothing; objects], ..Self::default() }
    }

    /// Adds an object, each once, in any order.
    pub(super) fn add(&mut self, number: usize, object: &DataObject, checked: &CheckedObject) {
        let Some(place) = number.checked_sub(self.begin).filter(|place| *place < self.forms.len()) else { return };
        let summary = ObjectSummary::of(checked);
        let as_named = summary.ends.as_ref().filter(|ends| is_as_named(&summary, ends, &object.name));
        let form = if let Some(ends) = as_named {
            self.add_short(place, ends, summary.sha256);
            Form::Short { has_sha256: summary.sha256.is_some() }
        } else {
            self.others.insert(place, summary);
            Form::Full
        };
        if let Some(kept) = self.forms.get_mut(place) {
            *kept = form;
        }
    }

    fn add_short(&mut self, place: usize, ends: &Ends, sha256: Option<Hash>) {
        if let Some(last_hash) = self.last_hashes.get_mut(place) {
            *last_hash = ends.last_hash;
        }
        if let Some(sha256) = sha256 {
            if self.sha256.is_empty() {
                self.sha256 = vec![sha256; self.forms.len()];
            }
            if let Some(kept) = self.sha256.get_mut(place) {
                *kept = sha256;
            }
        }
        if ends.first_previous.is_none() || self.last_hash_before(place) != ends.first_previous {
            self.previous.insert(place, ends.first_previous);
        }
        // The object behind may have come first.
        let behind = place.saturating_add(1);
        if self.previous.get(&behind) == Some(&Some(ends.last_hash)) {
            self.previous.remove(&behind);
        }
    }

    /// The hash of the last block of the object before, if that has a short form.
    fn last_hash_before(&self, place: usize) -> Option<Hash> {
        let before = place.checked_sub(1)?;
        let is_short = matches!(self.forms.get(before)?, Form::Short { .. });
        self.last_hashes.get(before).copied().filter(|_| is_short)
    }

    /// The summary of an object, if it was checked.
    pub(super) fn get(&self, number: usize, name: &DataName) -> Option<ObjectSummary> {
        let place = number.checked_sub(self.begin)?;
        let has_sha256 = match self.forms.get(place)? {
            Form::Absent => return None,
            Form::Full => return self.others.get(&place).cloned(),
            Form::Short { has_sha256 } => *has_sha256,
        };
        let first_previous = self.previous.get(&place).copied().unwrap_or_else(|| self.last_hash_before(place));
        let last_hash = *self.last_hashes.get(place)?;
        Some(ObjectSummary {
            ends: Some(Ends { first: name.first, last: name.last, first_previous, last_hash }),
            blocks: count(name)?,
            json: name.encoding == Encoding::Json,
            sha256: self.sha256.get(place).copied().filter(|_| has_sha256),
        })
    }

    /// The numbers of the objects that were to be checked.
    pub(super) fn numbers(&self) -> Range<usize> {
        self.begin..self.begin.saturating_add(self.forms.len())
    }
}

/// Whether everything but the hashes follows from the object's name.
fn is_as_named(summary: &ObjectSummary, ends: &Ends, name: &DataName) -> bool {
    (ends.first, ends.last) == (name.first, name.last)
        && Some(summary.blocks) == count(name)
        && summary.json == (name.encoding == Encoding::Json)
}

/// How many blocks the name of an object says that it holds.
fn count(name: &DataName) -> Option<u64> {
    name.last.checked_sub(name.first)?.checked_add(1)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::Frontier;
    use crate::archive::find::FileRef;
    use crate::archive::source::Found;
    use crate::archive::verify::Span;

    /// How an object differs from one that holds what its name says and follows the one before.
    #[derive(Debug, Clone, Copy)]
    enum Oddity {
        None,
        OtherPrevious,
        NoPrevious,
        NoBlocks,
        MoreBlocks,
        OtherEncoding,
        NoSha256,
    }

    fn hash(number: usize) -> Hash {
        Hash::of(&number.to_le_bytes())
    }

    fn object(number: usize) -> DataObject {
        let found = Arc::new(Found { key: number.to_string(), size: 1, changed: 0 });
        let (first, last) = (number as u64 * 2, number as u64 * 2 + 1);
        let name = DataName { strand_id: "s".into(), first, last, encoding: Encoding::IonText };
        DataObject { file: FileRef { source: 0, found }, name }
    }

    fn checked(number: usize, oddity: Oddity) -> CheckedObject {
        let DataObject { name: DataName { first, last, .. }, .. } = object(number);
        let first_previous = match oddity {
            Oddity::OtherPrevious => Some(hash(usize::MAX)),
            Oddity::NoPrevious => None,
            _ => number.checked_sub(1).map(hash),
        };
        let time = chrono::DateTime::UNIX_EPOCH;
        let ends = Ends { first, last, first_previous, last_hash: hash(number) };
        let span = Span { ends, first_time: time, last_time: time, frontier: Frontier::new(false), to_tips: vec![] };
        CheckedObject {
            span: Some(span).filter(|_| !matches!(oddity, Oddity::NoBlocks)),
            blocks: if matches!(oddity, Oddity::MoreBlocks) { 3 } else { 2 },
            json: matches!(oddity, Oddity::OtherEncoding),
            sha256: Some(hash(number + 1000)).filter(|_| !matches!(oddity, Oddity::NoSha256)),
            ..CheckedObject::default()
        }
    }

    fn oddity() -> impl Strategy<Value = Oddity> {
        prop_oneof![
            4 => Just(Oddity::None),
            1 => Just(Oddity::OtherPrevious),
            1 => Just(Oddity::NoPrevious),
            1 => Just(Oddity::NoBlocks),
            1 => Just(Oddity::MoreBlocks),
            1 => Just(Oddity::OtherEncoding),
            1 => Just(Oddity::NoSha256),
        ]
    }

    proptest! {
        #[test]
        fn what_is_kept_in_short_is_given_back_in_full(
            (oddities, order) in proptest::collection::vec(oddity(), 1..30).prop_flat_map(|oddities| {
                let order: Vec<usize> = (0..oddities.len()).collect();
                (Just(oddities), Just(order).prop_shuffle())
            }),
            left_out in 0_usize..30,
            begin in 0_usize..3,
        ) {
            let mut summaries = Summaries::of(begin, oddities.len());
            for place in order.iter().filter(|place| **place != left_out) {
                let number = begin + place;
                summaries.add(number, &object(number), &checked(number, oddities[*place]));
            }
            prop_assert_eq!(summaries.numbers(), begin..begin + oddities.len());
            for number in summaries.numbers() {
                let place = number - begin;
                let expected = ObjectSummary::of(&checked(number, oddities[place]));
                let expected = Some(expected).filter(|_| place != left_out);
                prop_assert_eq!(summaries.get(number, &object(number).name), expected);
            }
        }
    }
}
