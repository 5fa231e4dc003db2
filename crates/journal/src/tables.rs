//! Counts by table, for a limited number of names.

use std::collections::BTreeMap;

/// Counts for one table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableCounts {
    /// The table's id; if several tables had the name one after another, the last one's.
    pub id: String,
    /// Documents that were inserted: revisions of version 0.
    pub documents: u64,
    /// Revisions in all.
    pub revisions: u64,
    /// Revisions that delete a document: those without data.
    pub deleted: u64,
    /// Revisions whose data was redacted.
    pub redacted: u64,
}

impl TableCounts {
    /// Adds later counts.
    pub fn add(&mut self, later: &Self) {
        self.id.clone_from(&later.id);
        self.documents += later.documents;
        self.revisions += later.revisions;
        self.deleted += later.deleted;
        self.redacted += later.redacted;
    }

    /// Documents that still exist, if every block from the first on was counted.
    pub fn existing(&self) -> u64 {
        self.documents.saturating_sub(self.deleted)
    }
}

/// Counts by table name. A ledger has few tables; an input that claims to have many is still counted: the
/// alphabetically first names individually, and the rest together. Which names these are does not depend on the order
/// of counting, so counts merge in any grouping with the same result.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tables {
    named: BTreeMap<String, TableCounts>,
    others: TableCounts,
}

impl Tables {
    /// How many names are kept.
    pub const MOST: usize = 256;

    /// Adds later counts for one table.
    pub fn add(&mut self, name: &str, later: &TableCounts) {
        match self.named.get_mut(name) {
            Some(counts) => counts.add(later),
            None => drop(self.named.insert(name.to_owned(), later.clone())),
        }
        if self.named.len() > Self::MOST
            && let Some((_, counts)) = self.named.pop_last()
        {
            self.put_aside(&counts);
        }
    }

    /// [`Tables::add`] for one revision, whose table has this id; does not allocate if the table is known.
    pub fn add_one(&mut self, name: &str, id: &str, later: &TableCounts) {
        match self.named.get_mut(name) {
            Some(counts) => {
                if counts.id != id {
                    id.clone_into(&mut counts.id);
                }
                counts.documents += later.documents;
                counts.revisions += later.revisions;
                counts.deleted += later.deleted;
                counts.redacted += later.redacted;
            }
            None => self.add(name, &TableCounts { id: id.to_owned(), ..later.clone() }),
        }
    }

    fn put_aside(&mut self, counts: &TableCounts) {
        self.others.add(counts);
        self.others.id.clear();
    }

    /// Adds all later counts.
    pub fn merge(&mut self, later: &Self) {
        self.put_aside(&later.others);
        later.named.iter().for_each(|(name, counts)| self.add(name, counts));
    }

    /// The tables that are counted individually, ordered by name.
    pub fn named(&self) -> &BTreeMap<String, TableCounts> {
        &self.named
    }

    /// All other tables together; `None` if there are none.
    pub fn others(&self) -> Option<&TableCounts> {
        (self.others.revisions > 0).then_some(&self.others)
    }

    /// Tables from stored parts; `None` if there are more than possible.
    pub fn from_parts(named: BTreeMap<String, TableCounts>, others: TableCounts) -> Option<Self> {
        (named.len() <= Self::MOST).then_some(Self { named, others })
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.named.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(numbers: &[u16]) -> Tables {
        let one = TableCounts { documents: 1, revisions: 2, deleted: 1, redacted: 1, ..TableCounts::default() };
        let mut tables = Tables::default();
        numbers.iter().for_each(|number| tables.add(&format!("T{number:03}"), &one));
        tables
    }

    #[test]
    fn the_names_that_are_too_many_are_counted_together() {
        let tables = of(&(0..300).collect::<Vec<_>>());
        assert_eq!((tables.named().len(), tables.others().unwrap().revisions), (256, 2 * 44));
        assert_eq!(of(&[1, 2]).others(), None);
    }

    proptest! {
        #[test]
        fn counts_merge_in_any_grouping_with_the_same_result(
            numbers in proptest::collection::vec(0_u16..600, 0..900),
            cuts in (0_usize..900, 0_usize..900),
        ) {
            let (first, second) = (cuts.0.min(numbers.len()), cuts.1.min(numbers.len()));
            let (first, second) = (first.min(second), first.max(second));
            let [a, b, c] = [&numbers[..first], &numbers[first..second], &numbers[second..]].map(of);
            let merged = |one: &Tables, later: &Tables| { let mut one = one.clone(); one.merge(later); one };
            prop_assert_eq!(&merged(&merged(&a, &b), &c), &of(&numbers));
            prop_assert_eq!(&merged(&a, &merged(&b, &c)), &of(&numbers));
            prop_assert_eq!(&merged(&c, &merged(&b, &a)), &of(&numbers));
        }
    }
}
