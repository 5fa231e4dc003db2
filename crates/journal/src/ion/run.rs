//! Fields that are adjacent in structs of a known form: the taker of items announces which come
//! next, and a reader that finds exactly these passes them on in one go.
//!
//! Used by the check of blocks, whose transactions and revisions consist of such structs, and by
//! the readers' fast paths.

use super::field_names::FieldName;
use super::{Event, Item, Scalar};

/// The maximum number of fields in a run.
pub(crate) const LONGEST_RUN: usize = 4;

/// The value of a field in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A string.
    Text,
    /// An integer that is not negative.
    Int,
    /// A timestamp.
    Time,
    /// A blob of 32 bytes.
    Hash,
}

/// Some fields with their kinds, each of which occurs at most once, except for texts.
#[derive(Debug)]
pub struct Run {
    pub(super) fields: Vec<(FieldName, Kind)>,
}

impl Run {
    /// Up to [`LONGEST_RUN`] fields, with names of up to 31 letters that are numbered among those `known`.
    pub(crate) fn new(known: &[&str], fields: &[(&str, Kind)]) -> Self {
        let named = |(name, kind): &(&str, Kind)| FieldName::identifier(name, known).map(|name| (name, *kind));
        Self { fields: fields.iter().take(LONGEST_RUN).filter_map(named).collect() }
    }

    /// One of the fields as an item.
    #[inline]
    pub(crate) fn item<'a>(&'a self, place: usize, value: &'a Value<'a>) -> Option<Item<'a>> {
        Some(value.item(self.name(place)?))
    }

    /// The name of one of the fields.
    #[inline]
    pub(crate) fn name(&self, place: usize) -> Option<&FieldName> {
        self.fields.get(place).map(|(name, _)| name)
    }
}

/// The value of a field in a run, and what its reader knows about it.
#[derive(Debug)]
pub struct Value<'a> {
    pub(super) scalar: Scalar<'a>,
    pub(super) is_plain: bool,
}

impl<'a> Value<'a> {
    /// The value itself. Using it directly is cheaper than making an item first.
    #[inline]
    pub(crate) fn scalar(&self) -> &Scalar<'a> {
        &self.scalar
    }

    /// The field with this name and value, as an item.
    #[inline]
    pub(super) fn item<'v>(&'v self, name: &'v FieldName) -> Item<'v> {
        let item = Item::new(Some(Some(name.text())), &[], Event::Scalar(self.scalar.clone()));
        item.with_hints(Some(name), self.is_plain)
    }
}
