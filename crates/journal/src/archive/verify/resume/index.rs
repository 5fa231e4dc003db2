//! The positions of the lines in state files, by their subjects. Two numbers per line are kept in
//! memory; a line is read when its object is needed. For a state that is resumed, and for those
//! that are joined.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::line::Line;

/// Positions of lines: a hash of exports and key, and where the line begins. In this order once it is sorted.
#[derive(Debug, Default)]
pub(super) struct Index(Vec<(u64, u64)>);

impl Index {
    /// Adds a line that begins at this position.
    pub(super) fn add(&mut self, line: &Line, at: u64) {
        self.0.push((hash(&line.export, &line.key), at));
    }

    /// Sorts the lines; before that, none is found.
    pub(super) fn sort(&mut self) {
        self.0.sort_unstable();
        self.0.shrink_to_fit();
    }

    /// Where the lines begin that may be about an object, in the order of their positions.
    pub(super) fn places_of(&self, exports: &str, key: &str) -> impl Iterator<Item = u64> {
        let wanted = hash(exports, key);
        let begin = self.0.partition_point(|(hash, _)| *hash < wanted);
        self.0.iter().skip(begin).take_while(move |(hash, _)| *hash == wanted).map(|(_, at)| *at)
    }
}

fn hash(exports: &str, key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (exports, key).hash(&mut hasher);
    hasher.finish()
}
