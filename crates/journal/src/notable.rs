//! The revisions that a report lists individually: those that were redacted, that delete a
//! document, or whose data is missing. For the verification of archives, which counts them all and
//! lists a limited number.

use std::collections::BTreeSet;

/// Why a revision is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotableKind {
    /// It has the hash of its data in place of the data.
    Redacted,
    /// It deletes its document, according to a statement that a hash covers.
    Deleted,
    /// It has no data, and no statement that a hash covers deletes its document.
    WithoutData,
}

/// One of these revisions, as its block states it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotableRevision {
    /// The strand.
    pub strand_id: String,
    /// The block.
    pub sequence_no: u64,
    /// Its position among the revisions of the block.
    pub place: u64,
    /// The document; empty if the revision names none.
    pub document_id: String,
    /// Its version.
    pub version: Option<u64>,
    /// The table's name, if the block gives one.
    pub table: Option<String>,
}

/// All revisions of one kind: every one is counted, and the first ones are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NotableList {
    count: u64,
    listed: BTreeSet<NotableRevision>,
}

impl NotableList {
    /// How many are listed.
    pub const MOST_LISTED: usize = 1_000;

    /// A list from stored parts.
    pub fn from_parts(count: u64, listed: impl IntoIterator<Item = NotableRevision>) -> Self {
        let mut list = Self { count, listed: BTreeSet::new() };
        listed.into_iter().for_each(|one| list.keep(one));
        list
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The first of them, in the order of their journals.
    pub fn listed(&self) -> impl ExactSizeIterator<Item = &NotableRevision> {
        self.listed.iter()
    }

    fn keep(&mut self, one: NotableRevision) {
        self.listed.insert(one);
        if self.listed.len() > Self::MOST_LISTED {
            self.listed.pop_last();
        }
    }

    /// Whether a revision at this position would be listed.
    fn has_room_for(&self, strand_id: &str, sequence_no: u64) -> bool {
        let last = self.listed.last().filter(|_| self.listed.len() >= Self::MOST_LISTED);
        last.is_none_or(|last| (strand_id, sequence_no) <= (last.strand_id.as_str(), last.sequence_no))
    }

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        other.listed.into_iter().for_each(|one| self.keep(one));
    }
}

/// The lists of all kinds. What is listed does not depend on the order or grouping in which parts were merged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notable {
    /// Those with the hash of their data in place of the data.
    pub redacted: NotableList,
    /// Those that delete a document.
    pub deleted: NotableList,
    /// Those whose data is missing.
    pub without_data: NotableList,
}

/// Names longer than this many characters are cut: QLDB's own are far shorter, and forged ones must not take up memory.
const LONGEST: usize = 128;

impl Notable {
    fn list(&mut self, kind: NotableKind) -> &mut NotableList {
        match kind {
            NotableKind::Redacted => &mut self.redacted,
            NotableKind::Deleted => &mut self.deleted,
            NotableKind::WithoutData => &mut self.without_data,
        }
    }

    /// Counts a revision, and lists it if it is among the first.
    pub(crate) fn add(
        &mut self,
        kind: NotableKind,
        (strand_id, sequence_no, place): (&str, u64, u64),
        (document_id, version, table): (&str, Option<u64>, Option<&str>),
    ) {
        let list = self.list(kind);
        list.count += 1;
        if list.has_room_for(strand_id, sequence_no) {
            list.keep(NotableRevision {
                strand_id: cut(strand_id),
                sequence_no,
                place,
                document_id: cut(document_id),
                version,
                table: table.map(cut),
            });
        }
    }

    /// Merges the revisions of another part.
    pub fn merge(&mut self, other: Self) {
        self.redacted.merge(other.redacted);
        self.deleted.merge(other.deleted);
        self.without_data.merge(other.without_data);
    }
}

fn cut(name: &str) -> String {
    match name.char_indices().nth(LONGEST) {
        None => name.to_owned(),
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(numbers: &[u64]) -> Notable {
        let mut notable = Notable::default();
        for number in numbers {
            notable.add(NotableKind::Deleted, ("strand", *number, 0), ("document", Some(1), None));
        }
        notable
    }

    proptest! {
        #[test]
        fn what_is_listed_does_not_depend_on_how_the_parts_were_merged(
            numbers in Just((0..1_500).collect::<Vec<u64>>()).prop_shuffle(),
            cut in 0..1_500_usize,
        ) {
            let (one, other) = numbers.split_at(cut);
            let mut merged = of(other);
            merged.merge(of(one));
            prop_assert_eq!(&merged, &of(&numbers));
            prop_assert_eq!(merged.deleted.count(), 1_500);
            let listed: Vec<u64> = merged.deleted.listed().map(|one| one.sequence_no).collect();
            prop_assert_eq!(listed, (0..NotableList::MOST_LISTED as u64).collect::<Vec<_>>());
        }
    }

    #[test]
    fn long_names_are_cut() {
        let mut notable = Notable::default();
        let long = "ä".repeat(5_000);
        notable.add(NotableKind::Redacted, (&long, 0, 0), (&long, None, Some(&long)));
        let kept = notable.redacted.listed().next().unwrap();
        assert_eq!((kept.document_id.chars().count(), kept.table.as_ref().unwrap().chars().count()), (129, 129));
    }
}
