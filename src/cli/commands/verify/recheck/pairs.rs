//! Which files of two receipts correspond to each other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;

/// Pairs files by their names: first those with equal keys, then those where one key ends with the other, as when an
/// archive is read from a parent or child folder. Among several with the same name, those with the same content come
/// first, so that the order of the locations does not matter; the rest are paired in order.
pub(super) fn paired(then: &[Value], now: &[Value], name: &str) -> Vec<(usize, usize)> {
    let mut unpaired = Unpaired {
        then: then.iter().enumerate().collect(),
        now: now.iter().enumerate().collect(),
        name,
        pairs: Vec::new(),
    };
    unpaired.pair_by(|key, content| (key, Some(content)));
    unpaired.pair_by(|key, _| (key, None));
    unpaired.pair_by_ends(|one, other| content(one) == content(other));
    unpaired.pair_by_ends(|_, _| true);
    unpaired.pairs.sort_unstable();
    unpaired.pairs
}

/// The size and the SHA-256.
type Content<'v> = (Option<u64>, Option<&'v str>);

fn content(file: &Value) -> Content<'_> {
    (file["bytes"].as_u64(), file["sha256"].as_str())
}

/// Files without a counterpart so far, with their index in the list; and the pairs.
struct Unpaired<'v, 'n> {
    then: Vec<(usize, &'v Value)>,
    now: Vec<(usize, &'v Value)>,
    name: &'n str,
    pairs: Vec<(usize, usize)>,
}

impl<'v> Unpaired<'v, '_> {
    /// Pairs files with the same mark, first with first.
    fn pair_by(&mut self, mark: impl Fn(&'v str, Content<'v>) -> (&'v str, Option<Content<'v>>)) {
        let name = self.name;
        let mark = |file: &'v Value| mark(file[name].as_str().unwrap_or_default(), content(file));
        let mut marked: BTreeMap<_, VecDeque<usize>> = BTreeMap::new();
        self.now.iter().for_each(|&(index, file)| marked.entry(mark(file)).or_default().push_back(index));
        self.pair(|file| marked.get_mut(&mark(file)).and_then(VecDeque::pop_front));
    }

    /// Pairs files where one key ends with the other. They are looked up by the last part of the key, which few files
    /// share.
    fn pair_by_ends(&mut self, is_same: impl Fn(&Value, &Value) -> bool) {
        let name = self.name;
        let key = |file: &'v Value| file[name].as_str().unwrap_or_default();
        let last = |key: &'v str| key.rsplit('/').next().unwrap_or_default();
        let ends = |long: &str, short: &str| long.strip_suffix(short).is_some_and(|before| before.ends_with('/'));
        let mut by_last: BTreeMap<&str, Vec<(usize, &'v Value)>> = BTreeMap::new();
        self.now.iter().for_each(|&(index, file)| by_last.entry(last(key(file))).or_default().push((index, file)));
        self.pair(|file| {
            let others = by_last.get_mut(last(key(file)))?;
            let fits = |other: &'v Value| ends(key(file), key(other)) || ends(key(other), key(file));
            let at = others.iter().position(|&(_, other)| fits(other) && is_same(file, other))?;
            Some(others.remove(at).0)
        });
    }

    fn pair(&mut self, mut counterpart: impl FnMut(&'v Value) -> Option<usize>) {
        let (mut rest, mut taken) = (Vec::new(), BTreeSet::new());
        for (index, file) in std::mem::take(&mut self.then) {
            match counterpart(file) {
                Some(other) => {
                    self.pairs.push((index, other));
                    taken.insert(other);
                }
                None => rest.push((index, file)),
            }
        }
        self.then = rest;
        self.now.retain(|(index, _)| !taken.contains(index));
    }
}
