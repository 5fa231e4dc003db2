//! Findings in a list that stays short: a manifest may list millions of keys, and each of them may
//! be wrong.

use crate::archive::finding::{Break, BreakKind, Level};

/// The number of breaks of each kind that are kept.
const MOST: usize = 1_000;

/// Breaks of one export, or of what belongs to none.
#[derive(Debug, Default)]
pub(super) struct Noted {
    breaks: Vec<Break>,
    kinds: Vec<(BreakKind, Count)>,
}

/// The number of breaks of one kind, and where the first one was that was omitted.
#[derive(Debug, Default)]
struct Count {
    kept: usize,
    left_out: u64,
    first: String,
}

impl Noted {
    /// Adds a break, or counts it.
    pub(super) fn push(&mut self, found: Break) {
        let at = self.kinds.iter().position(|(kind, _)| *kind == found.kind).unwrap_or_else(|| {
            self.kinds.push((found.kind, Count::default()));
            self.kinds.len() - 1
        });
        let Some((_, count)) = self.kinds.get_mut(at) else { return };
        if count.kept < MOST {
            count.kept += 1;
            self.breaks.push(found);
            return;
        }
        if count.left_out == 0 {
            count.first = found.key;
        }
        count.left_out += 1;
    }

    /// The breaks, and for each kind with omitted ones a break with their number.
    pub(super) fn breaks(self) -> Vec<Break> {
        let mut breaks = self.breaks;
        for (kind, count) in self.kinds.into_iter().filter(|(_, count)| count.left_out > 0) {
            let more = Break::damaged(Level::Objects, &count.first, "more of this kind are not listed", "object");
            let more = more.between(format!("{MOST} at most"), format!("{} more, from here on", count.left_out));
            breaks.push(Break { kind, ..more });
        }
        breaks
    }
}

impl Extend<Break> for Noted {
    fn extend<T: IntoIterator<Item = Break>>(&mut self, found: T) {
        found.into_iter().for_each(|one| self.push(one));
    }
}
