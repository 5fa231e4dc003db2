//! The levels that are asked for.

use std::fmt;
use std::str::FromStr;

use super::Level;

/// A set of levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Levels(u8);

/// A word that is not a level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not one of the levels objects, blocks, contents, chain and digest")]
pub struct UnknownLevel(String);

impl Levels {
    /// Everything that an archive can prove by itself.
    pub fn without_digest() -> Self {
        Self::of(&[Level::Objects, Level::Blocks, Level::Contents, Level::Chain])
    }

    /// These levels.
    pub fn of(levels: &[Level]) -> Self {
        Self(levels.iter().fold(0, |set, level| set | bit(*level)))
    }

    /// These, and another one.
    #[must_use]
    pub fn with(self, level: Level) -> Self {
        Self(self.0 | bit(level))
    }

    /// Whether a level is asked for.
    pub fn has(self, level: Level) -> bool {
        self.0 & bit(level) != 0
    }

    /// Whether objects must be opened at all.
    pub(super) fn reads_objects(self) -> bool {
        self.0 & !bit(Level::Objects) != 0
    }

    /// The level that an unreadable object affects: the first one that is asked for.
    pub(super) fn first_of_content(self) -> Level {
        let content = [Level::Blocks, Level::Contents, Level::Chain, Level::Digest];
        content.into_iter().find(|level| self.has(*level)).unwrap_or(Level::Blocks)
    }

    /// Whether blocks must be read beyond their heads.
    pub fn reads_content(self) -> bool {
        self.has(Level::Blocks) || self.has(Level::Contents)
    }
}

fn bit(level: Level) -> u8 {
    1 << level as u8
}

impl FromStr for Levels {
    type Err = UnknownLevel;

    fn from_str(text: &str) -> Result<Self, UnknownLevel> {
        text.split(',').try_fold(Self(0), |set, word| {
            let known = Level::ALL.into_iter().find(|level| level.as_str() == word.trim());
            known.map(|level| set.with(level)).ok_or_else(|| UnknownLevel(word.to_owned()))
        })
    }
}

impl fmt::Display for Levels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = Level::ALL.into_iter().filter(|level| self.has(*level)).map(Level::as_str).collect();
        f.write_str(&words.join(","))
    }
}
