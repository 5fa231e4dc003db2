//! The output of a reader, for tests that compare its fast path with the general one.

use super::{Hashing, IonError, Item, Later, ReadItems, Stranger, TakeItems};
use crate::Hash;

/// Everything that a reader returns, and the hashes of the top-level values.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Given {
    items: Vec<(usize, String)>,
    strangers: Vec<Stranger>,
    hashes: Vec<Hash>,
}

#[derive(Default)]
struct Keeping {
    given: Given,
    hashing: Hashing,
}

impl Keeping {
    fn keep_hash(&mut self, later: Option<Later>) {
        if let Some(later) = later {
            self.hashing.resolve();
            self.given.hashes.push(self.hashing.digest(later));
        }
    }
}

impl TakeItems for Keeping {
    fn take(&mut self, at: usize, item: &Item<'_>) -> Result<(), IonError> {
        let Item { field, annotations, event, .. } = item;
        self.given.items.push((at, format!("{field:?} {annotations:?} {event:?}")));
        let later = self.hashing.write(item);
        self.keep_hash(later);
        Ok(())
    }

    fn take_stranger(&mut self, stranger: Stranger) {
        self.given.strangers.push(stranger);
    }
}

/// Reads to the end, or to the first error: containers in one go, or item by item.
pub(super) fn read(mut reader: impl ReadItems, is_quick: bool) -> (Given, Result<usize, IonError>) {
    let mut keeping = Keeping::default();
    let end = loop {
        let begins = match reader.next_item() {
            Ok(Some(item)) => {
                let later = keeping.hashing.write(&item);
                keeping.keep_hash(later);
                item.begins()
            }
            Ok(None) => break Ok(reader.offset()),
            Err(error) => break Err(error),
        };
        keeping.given.strangers.extend(reader.take_stranger());
        let drained = match (begins, is_quick) {
            (false, _) => Ok(()),
            (true, true) => reader.drain(&mut keeping),
            (true, false) => drain_slowly(&mut reader, &mut keeping),
        };
        if let Err(error) = drained {
            break Err(error);
        }
    };
    (keeping.given, end)
}

fn drain_slowly(reader: &mut impl ReadItems, taker: &mut impl TakeItems) -> Result<(), IonError> {
    let depth = reader.depth();
    while reader.depth() >= depth {
        reader.give_next(taker)?;
    }
    Ok(())
}
