//! What is said in the end, about an archive, a level or a proof.

/// The result for a level, or for everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Everything that the level requires is proved.
    Proved,
    /// It could not be checked as far as was asked.
    Unproved,
    /// Something is missing.
    Incomplete,
    /// Something was changed.
    Damaged,
}

impl Status {
    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::Unproved => "unproved",
            Self::Incomplete => "incomplete",
            Self::Damaged => "damaged",
        }
    }
}
