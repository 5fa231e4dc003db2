//! Runs: values that are adjacent in blocks as QLDB writes them, with the beginnings and ends of
//! containers between them. The taker of items announces which run may come next, and a reader that
//! finds exactly these bytes passes its values on in one go, without an item for each.
//!
//! Used by the check of blocks, which consist of such runs outside of documents, and by the readers'
//! fast paths. A run is all or nothing: at the first byte that differs, the reader returns to where it
//! was, and reads item by item.

use super::field_names::{FieldName, Spelling};
use super::timestamp::Timestamp;
use super::{Container, Event, Int, Item, Scalar};
use crate::Hash;

/// The maximum number of steps in a run, and so of fields.
pub(crate) const LONGEST_RUN: usize = 10;
/// The maximum number of texts in a run.
pub(crate) const MOST_TEXTS: usize = 2;
/// The maximum number of hashes in a run.
pub(crate) const MOST_HASHES: usize = 3;

/// The value of a field in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A string.
    Text,
    /// An integer that is not negative. A run has at most one.
    Int,
    /// A timestamp. A run has at most one.
    Time,
    /// A blob of 32 bytes.
    Hash,
}

/// A part of a run: that of a field has its name, that of a member of a list has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunStep<N> {
    /// A value without parts.
    Value(Option<N>, Kind),
    /// A container begins.
    Begin(Option<N>, Container),
    /// The innermost container, which is one of these, ends.
    End(Container),
}

impl<N> RunStep<N> {
    /// The field's name.
    #[inline]
    pub(crate) fn name(&self) -> Option<&N> {
        match self {
            Self::Value(name, _) | Self::Begin(name, _) => name.as_ref(),
            Self::End(_) => None,
        }
    }
}

/// A sequence of values.
#[derive(Debug)]
pub struct Run {
    pub(super) steps: Vec<RunStep<FieldName>>,
    /// In Ion text, what precedes each value, from the end of the last one on.
    pub(super) values: Vec<(Spelling, Kind)>,
    /// What follows the last value in Ion text.
    pub(super) rest: Spelling,
    /// The container that holds the run.
    pub(super) holder: Container,
    /// Whether the holder ends with the run.
    pub(super) closes: bool,
    /// The containers that begin in the run and end after it.
    pub(super) opened: Vec<Container>,
}

impl Run {
    /// A run with names that are numbered among those `known`. `None` if it has too many values, or names that are too
    /// long.
    pub(crate) fn new(known: &[&str], steps: &[RunStep<&str>]) -> Option<Self> {
        let holder = if steps.first()?.name().is_some() { Container::Struct } else { Container::List };
        let (steps_of_run, values, rest, opened) = (Vec::new(), Vec::new(), Spelling::NONE, Vec::new());
        let mut run = Self { steps: steps_of_run, values, rest, holder, closes: false, opened };
        let (mut literal, mut is_after_value) = (Vec::new(), false);
        for step in steps {
            if is_after_value && !matches!(step, RunStep::End(_)) {
                literal.push(b',');
            }
            if let Some(name) = step.name() {
                literal.extend_from_slice(name.as_bytes());
                literal.push(b':');
            }
            is_after_value = !matches!(step, RunStep::Begin(..));
            let name = |name: Option<&str>| match name {
                Some(name) => FieldName::identifier(name, known).map(Some),
                None => Some(None),
            };
            match *step {
                RunStep::Value(field, kind) => {
                    let (before, after) = kind.surroundings();
                    literal.extend_from_slice(before);
                    run.values.push((Spelling::whole(&literal)?, kind));
                    literal = after.to_vec();
                    run.steps.push(RunStep::Value(name(field)?, kind));
                }
                RunStep::Begin(field, container) => {
                    literal.push(container.brackets().0);
                    run.opened.push(container);
                    run.steps.push(RunStep::Begin(name(field)?, container));
                }
                RunStep::End(container) => {
                    literal.push(container.brackets().1);
                    run.closes |= run.opened.pop().is_none();
                    run.steps.push(RunStep::End(container));
                }
            }
        }
        run.rest = Spelling::whole(&literal)?;
        run.is_possible().then_some(run)
    }

    fn is_possible(&self) -> bool {
        let count = |kind| self.values.iter().filter(|(_, found)| *found == kind).count();
        let are_few = count(Kind::Text) <= MOST_TEXTS && count(Kind::Hash) <= MOST_HASHES;
        let (begun, ended) = self.steps.iter().fold((0, 0), |(begun, ended), step| match step {
            RunStep::Value(..) => (begun, ended),
            RunStep::Begin(..) => (begun + 1, ended),
            RunStep::End(_) => (begun, ended + 1),
        });
        let is_balanced = begun + usize::from(self.closes) == ended + self.opened.len();
        let ends_last = !self.closes || self.opened.is_empty();
        let has_room = self.steps.len() <= LONGEST_RUN && count(Kind::Int) <= 1 && count(Kind::Time) <= 1;
        has_room && are_few && is_balanced && ends_last
    }

    /// Whether a value precedes what follows the run in its container.
    pub(super) fn ends_after_value(&self) -> bool {
        !matches!(self.steps.last(), Some(RunStep::Begin(..)))
    }
}

impl Kind {
    /// What precedes and what follows a value in Ion text.
    fn surroundings(self) -> (&'static [u8], &'static [u8]) {
        match self {
            Self::Text => (b"\"", b"\""),
            Self::Hash => (b"{{", b"}}"),
            Self::Int | Self::Time => (b"", b""),
        }
    }
}

/// The values that were found for a run.
#[derive(Debug)]
pub struct Found<'f> {
    pub(super) run: &'static Run,
    pub(super) texts: &'f [&'f str; MOST_TEXTS],
    pub(super) hashes: &'f [[u8; Hash::LENGTH]; MOST_HASHES],
    pub(super) int: &'f Int,
    pub(super) time: &'f Timestamp,
    /// Whether the texts are known to have no control characters.
    pub(super) is_plain: bool,
}

impl<'f> Found<'f> {
    /// The parts of the run.
    #[inline]
    pub(crate) fn steps(&self) -> &'static [RunStep<FieldName>] {
        &self.run.steps
    }

    /// A text, by its index among the texts.
    #[inline]
    pub fn text(&self, index: usize) -> &'f str {
        self.texts.get(index).copied().unwrap_or_default()
    }

    /// The integer.
    #[inline]
    pub fn int(&self) -> &'f Int {
        self.int
    }

    /// The timestamp.
    #[inline]
    pub fn time(&self) -> &'f Timestamp {
        self.time
    }

    /// A hash, by its index among the hashes.
    #[inline]
    pub fn hash(&self, index: usize) -> Option<Hash> {
        self.hashes.get(index).copied().map(Hash::from_bytes)
    }

    /// Passes on all values as items, with the beginnings and ends of containers.
    pub(crate) fn each_item(&self, mut each: impl FnMut(&Item<'_>)) {
        let mut values = self.values();
        self.run.steps.iter().for_each(|step| each(&values.item(step)));
    }

    /// The values, one after another.
    #[inline]
    pub(crate) fn values(&self) -> FoundValues<'_> {
        FoundValues { found: self, texts: self.texts.iter(), hashes: self.hashes.iter() }
    }
}

/// The values that come next.
pub(crate) struct FoundValues<'f> {
    found: &'f Found<'f>,
    texts: std::slice::Iter<'f, &'f str>,
    hashes: std::slice::Iter<'f, [u8; Hash::LENGTH]>,
}

impl<'f> FoundValues<'f> {
    /// The next value, which is of this kind.
    #[inline]
    pub(crate) fn next(&mut self, kind: Kind) -> Value<'f> {
        let scalar = match kind {
            Kind::Text => Scalar::String(self.texts.next().copied().unwrap_or_default()),
            Kind::Int => Scalar::Int(self.found.int),
            Kind::Time => Scalar::Timestamp(self.found.time),
            Kind::Hash => Scalar::Blob(self.hashes.next().map(<[u8; Hash::LENGTH]>::as_slice).unwrap_or_default()),
        };
        Value { scalar, is_plain: self.found.is_plain && kind == Kind::Text }
    }

    /// The item of the next step.
    #[inline]
    pub(crate) fn item<'v>(&mut self, step: &'v RunStep<FieldName>) -> Item<'v>
    where
        'f: 'v,
    {
        let event = match step {
            RunStep::Value(name, kind) => return self.next(*kind).item(name.as_ref()),
            RunStep::Begin(_, container) => Event::Begin(*container),
            RunStep::End(_) => return Item::end(),
        };
        named(step.name(), event).with_hints(step.name(), false)
    }
}

/// The value of a field, and what its reader knows about it.
#[derive(Debug)]
pub(crate) struct Value<'a> {
    pub(super) scalar: Scalar<'a>,
    pub(super) is_plain: bool,
}

impl<'a> Value<'a> {
    /// The value itself. Using it directly is cheaper than making an item first.
    #[inline]
    pub(crate) fn scalar(&self) -> &Scalar<'a> {
        &self.scalar
    }

    /// The value as an item, of the field with this name.
    #[inline]
    pub(crate) fn item<'v>(&self, name: Option<&'v FieldName>) -> Item<'v>
    where
        'a: 'v,
    {
        named(name, Event::Scalar(self.scalar.clone())).with_hints(name, self.is_plain)
    }
}

/// A field whose name occurred before, with a value that has neither parts nor annotations.
#[derive(Debug)]
pub struct NamedValue<'a> {
    pub(super) name: &'a FieldName,
    pub(super) value: Value<'a>,
}

impl NamedValue<'_> {
    /// Its name.
    #[inline]
    pub(crate) fn name(&self) -> &FieldName {
        self.name
    }

    /// Its value.
    #[inline]
    pub(crate) fn value(&self) -> &Value<'_> {
        &self.value
    }

    /// The field as an item.
    #[inline]
    pub(crate) fn item(&self) -> Item<'_> {
        self.value.item(Some(self.name))
    }
}

#[inline]
fn named<'n>(name: Option<&'n FieldName>, event: Event<'n>) -> Item<'n> {
    Item::new(name.map(|name| Some(name.text())), &[], event)
}
