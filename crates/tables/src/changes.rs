//! How two versions of a document differ, leaf by leaf. For histories.

use std::collections::{HashMap, HashSet};

use crate::leaves::{Leaf, Step};

/// How one version of a document differs from the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The path of the leaf.
    pub path: String,
    /// The earlier value, as Ion text; `None` if it is new.
    pub before: Option<String>,
    /// The later value; `None` if it was removed.
    pub after: Option<String>,
}

/// The differences, in the order of the later version, followed by what was removed. If several fields have the same
/// name, which Ion allows, the first is compared with the first.
pub fn changes(before: &[Leaf], after: &[Leaf]) -> Vec<Change> {
    let mut places = Places::default();
    let (old, new) = (places.of(before), places.of(after));
    let stood: HashMap<Place, &str> = old.iter().copied().zip(before.iter().map(|leaf| leaf.text.as_str())).collect();
    let stands: HashSet<Place> = new.iter().copied().collect();
    let newer = new.iter().zip(after).filter_map(|(place, leaf)| {
        let before = stood.get(place).copied().filter(|before| *before != leaf.text);
        let is_other = before.is_some() || !stood.contains_key(place);
        let after = Some(leaf.text.clone());
        is_other.then(|| Change { path: leaf.path(), before: before.map(str::to_owned), after })
    });
    let gone = old.iter().zip(before).filter(|(place, _)| !stands.contains(place));
    let gone = gone.map(|(_, leaf)| Change { path: leaf.path(), before: Some(leaf.text.clone()), after: None });
    newer.chain(gone).collect()
}

/// A path, by its number, and the index among the leaves with this path.
type Place = (Option<usize>, usize);

/// The paths of two documents, numbered so that the same path has the same number in both.
#[derive(Default)]
struct Places<'l> {
    ways: HashMap<(Option<usize>, &'l Step), usize>,
}

impl<'l> Places<'l> {
    /// The places of the leaves of a document.
    fn of(&mut self, leaves: &'l [Leaf]) -> Vec<Place> {
        let Some(first) = leaves.first() else { return Vec::new() };
        let mut numbers: Vec<usize> = Vec::with_capacity(first.ways.len());
        for (above, step) in first.ways.iter() {
            // The part that a path extends comes before it.
            let above = above.and_then(|above| numbers.get(above).copied());
            let next = self.ways.len();
            numbers.push(*self.ways.entry((above, step)).or_insert(next));
        }
        let mut met: HashMap<Option<usize>, usize> = HashMap::new();
        let place = |leaf: &Leaf| {
            let way = leaf.way.and_then(|way| numbers.get(way).copied());
            let count = met.entry(way).or_default();
            *count += 1;
            (way, *count)
        };
        leaves.iter().map(place).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leaves::leaves;

    fn changed(before: &str, after: &str) -> Vec<String> {
        let shown = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let changes = changes(&leaves(before), &leaves(after));
        changes.iter().map(|one| format!("{}: {} to {}", one.path, shown(&one.before), shown(&one.after))).collect()
    }

    #[test]
    fn changes_name_what_is_new_other_and_gone() {
        let found = changed("{a:1,b:[1,2],c:{}}", "{a:1.0,b:[1],d:\"x\",c:{}}");
        assert_eq!(found, ["a: 1 to 1.0", "d: - to \"x\"", "b[1]: 2 to -"]);
    }

    /// Everything that a hash covers counts as a change.
    #[test]
    fn annotations_kinds_of_lists_and_fields_of_one_name_count() {
        assert_eq!(changed("{a:x::{b:1}}", "{a:y::{b:1}}"), ["a: x::{…} to y::{…}"]);
        assert_eq!(changed("{a:x::{}}", "{a:{}}"), ["a: x::{} to {}"]);
        assert_eq!(changed("{a:[1,2]}", "{a:(1 2)}"), ["a: - to (…)"]);
        assert_eq!(changed("{a:1,a:2,b:{c:1},b:{c:2}}", "{a:1,a:2,b:{c:1},b:{c:2}}"), [""; 0]);
        assert_eq!(changed("{a:1,a:2}", "{a:1,a:3}"), ["a: 2 to 3"]);
        assert_eq!(changed("{a:1,a:2}", "{a:1}"), ["a: 2 to -"]);
    }

    /// Neither memory nor time grows with the square of a document's size: each of these would take minutes, or all
    /// memory.
    #[test]
    fn large_and_deep_documents_are_compared() {
        let long = |last: &str| format!("{{a:[{}{last}]}}", "1,".repeat(100_000));
        assert_eq!(changed(&long("1"), &long("2")), ["a[100000]: 1 to 2"]);
        let deep = |last: &str| format!("{}{last}{}", "{a:1,b:".repeat(20_000), "}".repeat(20_000));
        assert_eq!(leaves(&deep("1")).len(), 20_001);
        assert_eq!(changed(&deep("1"), &deep("1")), [""; 0]);
        assert_eq!(changes(&leaves(&deep("1")), &leaves(&deep("2"))).len(), 1);
    }
}
