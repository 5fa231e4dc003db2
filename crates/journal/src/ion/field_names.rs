//! Recurring field names. A journal has few of them, in much the same order in every block: a name
//! that was read twice is recognised by its bytes from then on, and what is derived from it, its
//! part of an Ion hash and its number among the names that a caller asked for, is computed once.
//!
//! Used by the readers. A name that is not recognised is read in the ordinary way, so this only
//! affects how fast a name is read, never the result.

mod name;

pub(crate) use name::FieldName;
use name::LONGEST;
pub(super) use name::Spelling;
pub(super) use name::{copy_few, is_identifier};

/// Further names of one reader are read in full each time.
const MOST: usize = 1024;
/// The number of pairs of names for which the next name is remembered.
const HISTORIES: usize = 1 << 10;
/// The number of slots for names by their bytes, and the number of slots that one name may occupy.
const PLACES: usize = 4 * MOST;
const PROBES: usize = 4;

/// The names that occurred in a reader.
#[derive(Debug, Default)]
pub(crate) struct FieldNames {
    /// Whether names are kept: that only pays off if much is read.
    is_on: bool,
    known: &'static [&'static str],
    names: Vec<FieldName>,
    /// For each slot, the name in it, as its index plus one; a name that occurred once is marked by a number beyond
    /// all.
    places: Vec<u16>,
    /// The name that followed two names, in the same form.
    after: Vec<u16>,
    history: usize,
    /// For names of a symbol table, the index by id, in the same form.
    by_id: Vec<u16>,
}

/// Marks a slot whose name occurred once.
const MET_ONCE: u16 = u16::MAX;

impl FieldNames {
    /// Keeps names, and numbers none.
    pub(crate) fn kept() -> Self {
        Self { is_on: true, ..Self::default() }
    }

    /// Keeps names from now on, and numbers those among these.
    pub(super) fn know(&mut self, known: &'static [&'static str]) {
        self.is_on = true;
        self.known = known;
    }

    /// The index of the name with which the rest begins, if it occurred before. A caller that reads past it reports
    /// that with [`FieldNames::follow`].
    #[inline]
    pub(super) fn at(&mut self, rest: &[u8]) -> Option<usize> {
        let ahead = rest.first_chunk()?;
        let expected = self.after.get(self.history).copied().and_then(index_of);
        match expected.filter(|index| self.names.get(*index).is_some_and(|name| name.begins(ahead))) {
            Some(index) => Some(index),
            None => self.unexpected(ahead),
        }
    }

    /// The same, for a name other than the one that last followed the previous two.
    #[inline(never)]
    fn unexpected(&mut self, ahead: &[u8; LONGEST]) -> Option<usize> {
        let colon = super::runs::place_of(b':', ahead)?;
        let source = Spelling::of(ahead, colon + 1)?;
        let first = source.place() % PLACES;
        let mut found = self.places.get(first..first + PROBES)?.iter().copied().filter_map(index_of);
        let index = found.find(|index| self.names.get(*index).is_some_and(|name| name.is_written(&source)))?;
        *self.after.get_mut(self.history)? = u16::try_from(index + 1).ok()?;
        Some(index)
    }

    /// Notes the name that was read last.
    #[inline]
    pub(super) fn follow(&mut self, index: usize) {
        self.history = (self.history << 5 ^ index) % HISTORIES;
    }

    /// Notes the end of a container: the name that follows differs from those within it.
    #[inline]
    pub(super) fn note_end(&mut self) {
        self.follow(usize::MAX);
    }

    /// Notes that fields with known names were read, at this depth of containers. What follows depends on what contains
    /// them: a block and a revision both begin with an address.
    #[inline]
    pub(super) fn note_run(&mut self, depth: usize) {
        self.follow(usize::MAX - 1 - depth);
    }

    /// The name whose source is the first `length` bytes of `rest`, once it has occurred twice.
    pub(super) fn met(&mut self, rest: &[u8], length: usize, text: &str) -> Option<usize> {
        if !self.is_on {
            return None;
        }
        let source = Spelling::of(rest, length)?;
        if self.places.is_empty() {
            self.places = vec![0; PLACES + PROBES];
            self.after = vec![0; HISTORIES];
        }
        let first = source.place() % PLACES;
        for place in self.places.get_mut(first..first + PROBES)? {
            match index_of(*place) {
                Some(index) if self.names.get(index).is_some_and(|name| name.is_written(&source)) => {
                    return Some(index);
                }
                Some(_) => {}
                // Names that occur once, such as ids of documents, take no room.
                None if *place == 0 => {
                    *place = MET_ONCE;
                    return None;
                }
                None if self.names.len() >= MOST => return None,
                None => {
                    let name = FieldName::new(source, text, self.known)?;
                    *place = keep(name, &mut self.names)?;
                    return Some(self.names.len() - 1);
                }
            }
        }
        None
    }

    /// A name by its index.
    #[inline]
    pub(super) fn get(&self, index: Option<usize>) -> Option<&FieldName> {
        self.names.get(index?)
    }

    /// The index of the name that a symbol table has for an id, if it occurred.
    #[inline]
    pub(super) fn of_id(&self, id: usize) -> Option<usize> {
        self.by_id.get(id).copied().and_then(index_of)
    }

    /// Keeps the name that a symbol table has for an id, once it has occurred twice.
    pub(super) fn keep_id(&mut self, id: usize, text: &str) -> Option<usize> {
        if !self.is_on || self.names.len() >= MOST || id >= PLACES {
            return None;
        }
        if self.by_id.len() <= id {
            self.by_id.resize(id + 1, 0);
        }
        let place = self.by_id.get_mut(id)?;
        if *place == 0 {
            *place = MET_ONCE;
            return None;
        }
        *place = keep(FieldName::new(Spelling::NONE, text, self.known)?, &mut self.names)?;
        Some(self.names.len() - 1)
    }

    /// Forgets the meaning of ids: another symbol table applies.
    pub(super) fn forget_ids(&mut self) {
        self.by_id.clear();
        self.names.clear();
    }
}

/// Keeps a name, and returns its slot value: its index plus one.
fn keep(name: FieldName, names: &mut Vec<FieldName>) -> Option<u16> {
    let place = u16::try_from(names.len()).ok()?;
    names.push(name.at(place));
    place.checked_add(1)
}

#[inline]
fn index_of(place: u16) -> Option<usize> {
    if place == MET_ONCE { None } else { usize::from(place).checked_sub(1) }
}
