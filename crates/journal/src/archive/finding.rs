//! What is wrong with an archive: one [`Break`] for each problem, and the level of proof that it
//! affects.

use std::collections::BTreeMap;

use serde::Serialize;

use super::foreign::Foreign;
use crate::{BlockFault, FaultKind, FaultLevel};

/// What verification proves, step by step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Level {
    /// Manifests, objects and key ranges agree.
    Objects,
    /// Every block has the hashes that follow from its entries and its position.
    Blocks,
    /// Every revision and every transaction has the hash of its content.
    Contents,
    /// Every block follows the one before it, by number and by hash.
    Chain,
    /// The whole journal hashes to a digest that was saved elsewhere.
    Digest,
}

impl Level {
    /// Every level, in order.
    pub const ALL: [Self; 5] = [Self::Objects, Self::Blocks, Self::Contents, Self::Chain, Self::Digest];

    /// Its name on the command line and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Objects => "objects",
            Self::Blocks => "blocks",
            Self::Contents => "contents",
            Self::Chain => "chain",
            Self::Digest => "digest",
        }
    }
}

impl From<FaultLevel> for Level {
    fn from(level: FaultLevel) -> Self {
        match level {
            FaultLevel::Blocks => Self::Blocks,
            FaultLevel::Contents => Self::Contents,
        }
    }
}

/// Whether something was changed, is missing, or is only doubtful.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum BreakKind {
    /// It was altered, or does not match its name.
    Damaged,
    /// It is missing, or something between two existing parts is.
    Missing,
    /// It is not wrong by itself, but prevents something from being proved.
    Doubtful,
}

/// The problem with something that QLDB would have written differently.
const UNLIKE: &str = "not as QLDB writes it";

/// One place where an archive is not complete or not unaltered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Break {
    /// The object's key in the archive.
    pub key: String,
    /// The block, if the break is in one.
    pub sequence_no: Option<u64>,
    /// What is wrong, in words.
    pub problem: String,
    /// The field, or the part of the object.
    pub field: String,
    /// What was expected; hashes in base64.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// The level that it affects.
    pub level: Level,
    /// Whether it is damage or loss.
    pub kind: BreakKind,
    /// What the object really is, if it is neither Ion nor JSON and that explains the break.
    #[serde(skip)]
    pub foreign: Option<Foreign>,
}

impl Break {
    /// Damage to an object.
    pub fn damaged(level: Level, key: &str, problem: &str, field: &str) -> Self {
        Self {
            key: key.to_owned(),
            sequence_no: None,
            problem: problem.to_owned(),
            field: field.to_owned(),
            expected: String::new(),
            found: String::new(),
            level,
            kind: BreakKind::Damaged,
            foreign: None,
        }
    }

    /// Whether it means that an object could not be read to its end.
    fn is_unreadable(&self) -> bool {
        self.level != Level::Objects && self.field == "object"
    }

    /// Something in a form that QLDB does not write, so that others may read it differently.
    pub fn unlike(level: Level, key: &str, field: &str) -> Self {
        Self::doubtful(level, key, UNLIKE, field)
    }

    /// Something that is not there.
    pub fn missing(level: Level, key: &str, problem: &str, field: &str) -> Self {
        Self { kind: BreakKind::Missing, ..Self::damaged(level, key, problem, field) }
    }

    /// Something that is not wrong by itself, but prevents something from being proved.
    pub fn doubtful(level: Level, key: &str, problem: &str, field: &str) -> Self {
        Self { kind: BreakKind::Doubtful, ..Self::damaged(level, key, problem, field) }
    }

    /// The result of a block's own check.
    pub(in crate::archive) fn of_block(key: &str, sequence_no: u64, fault: BlockFault) -> Self {
        let problem = match fault.kind {
            FaultKind::Differs => "a hash or value does not agree",
            FaultKind::Unlike => UNLIKE,
        };
        Self {
            sequence_no: Some(sequence_no),
            expected: fault.expected,
            found: fault.found,
            kind: if fault.kind == FaultKind::Unlike { BreakKind::Doubtful } else { BreakKind::Damaged },
            ..Self::damaged(fault.level.into(), key, problem, &fault.field)
        }
    }

    /// The same, at a block.
    #[must_use]
    pub fn at(mut self, sequence_no: u64) -> Self {
        self.sequence_no = Some(sequence_no);
        self
    }

    /// The same, with what was expected and what was found.
    #[must_use]
    pub fn between(mut self, expected: impl Into<String>, found: impl Into<String>) -> Self {
        self.expected = expected.into();
        self.found = found.into();
        self
    }
}

/// Breaks in the order of the archive. A limited number is kept; the rest are counted, by level and kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breaks {
    kept: Vec<Break>,
    most: usize,
    omitted: BTreeMap<(Level, BreakKind), u64>,
    /// Whether one of the breaks that were not kept means that an object could not be read to its end.
    omits_unreadable: bool,
}

/// The breaks that were kept.
impl std::ops::Deref for Breaks {
    type Target = [Break];

    fn deref(&self) -> &[Break] {
        &self.kept
    }
}

impl<'a> IntoIterator for &'a Breaks {
    type Item = &'a Break;
    type IntoIter = std::slice::Iter<'a, Break>;

    fn into_iter(self) -> Self::IntoIter {
        self.kept.iter()
    }
}

impl Default for Breaks {
    fn default() -> Self {
        Self::up_to(Self::MOST)
    }
}

impl Extend<Break> for Breaks {
    fn extend<T: IntoIterator<Item = Break>>(&mut self, found: T) {
        found.into_iter().for_each(|one| self.push(one));
    }
}

impl Breaks {
    /// How many are kept for one object.
    pub const MOST: usize = 1_000;
    /// How many are kept for an archive.
    pub const MOST_OF_ALL: usize = 10_000;

    /// An empty list that keeps up to this many.
    pub fn up_to(most: usize) -> Self {
        Self { kept: Vec::new(), most, omitted: BTreeMap::new(), omits_unreadable: false }
    }

    /// Adds a break.
    pub fn push(&mut self, one: Break) {
        if self.kept.len() < self.most {
            self.kept.push(one);
        } else {
            self.omits_unreadable |= one.is_unreadable();
            *self.omitted.entry((one.level, one.kind)).or_default() += 1;
        }
    }

    /// Adds breaks that come later.
    pub fn append(&mut self, later: Self) {
        self.omits_unreadable |= later.omits_unreadable;
        later.kept.into_iter().for_each(|one| self.push(one));
        for (which, count) in later.omitted {
            *self.omitted.entry(which).or_default() += count;
        }
    }

    /// Keeps only breaks of some levels.
    pub fn retain_levels(&mut self, mut wanted: impl FnMut(Level) -> bool) {
        self.kept.retain(|one| wanted(one.level));
        self.omitted.retain(|(level, _), _| wanted(*level));
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty() && self.omitted.is_empty()
    }

    /// How many there are, kept or not.
    pub fn count(&self) -> u64 {
        self.kept.len() as u64 + self.omitted()
    }

    /// How many were not kept.
    pub fn omitted(&self) -> u64 {
        self.omitted.values().sum()
    }

    /// Whether one means that an object could not be read to its end.
    pub fn name_unreadable(&self) -> bool {
        self.omits_unreadable || self.kept.iter().any(Break::is_unreadable)
    }

    /// Whether there is one of this level and kind.
    pub fn has(&self, level: Level, kind: BreakKind) -> bool {
        self.omitted.contains_key(&(level, kind)) || self.kept.iter().any(|one| one.level == level && one.kind == kind)
    }
}
