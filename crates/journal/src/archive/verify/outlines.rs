//! Merges the outlines of many objects in the order of the archive, although they arrive in any
//! order: adjacent ones are merged at once, so that few are held however many objects there are.

use std::collections::BTreeMap;

use crate::Outline;

/// Outlines of runs of objects, each by its first object, with the index after its last.
#[derive(Debug, Default)]
pub(super) struct Outlines(BTreeMap<usize, (usize, Outline)>);

impl Outlines {
    /// Adds the outline of an object, once for each object.
    pub(super) fn add(&mut self, object: usize, outline: Outline) {
        let before = self.0.range(..object).next_back().filter(|(_, (end, _))| *end == object).map(|(start, _)| *start);
        let (start, mut run) = match before.and_then(|start| Some((start, self.0.remove(&start)?.1))) {
            Some((start, mut before)) => {
                before.merge(&outline);
                (start, before)
            }
            None => (object, outline),
        };
        let mut end = object.saturating_add(1);
        if let Some((end_behind, behind)) = self.0.remove(&end) {
            run.merge(&behind);
            end = end_behind;
        }
        self.0.insert(start, (end, run));
    }

    /// The outline of all objects.
    pub(super) fn outline(self) -> Outline {
        let mut runs = self.0.into_values().map(|(_, outline)| outline);
        let mut all = runs.next().unwrap_or_default();
        runs.for_each(|run| all.merge(&run));
        all
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::TableCounts;

    /// One revision in a table whose id shows which object it was last in.
    fn outline(object: usize) -> Outline {
        let mut outline = Outline::default();
        let counts = TableCounts { id: object.to_string(), revisions: 1, ..TableCounts::default() };
        outline.tables.add("t", &counts);
        outline
    }

    proptest! {
        #[test]
        fn the_order_in_which_objects_come_makes_no_difference(
            objects in Just((0..50).collect::<Vec<usize>>()).prop_shuffle(),
        ) {
            let mut outlines = Outlines::default();
            for object in objects {
                outlines.add(object, outline(object));
            }
            prop_assert_eq!(outlines.0.len(), 1);
            let mut expected = Outline::default();
            (0..50).for_each(|object| expected.merge(&outline(object)));
            prop_assert_eq!(outlines.outline(), expected);
        }
    }
}
