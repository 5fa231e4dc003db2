//! What Ion may contain, changes no item, and is never written by QLDB: readers note it, so that a
//! check can report it.

/// A kind of thing that QLDB does not write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strange {
    /// A comment.
    Comment,
    /// Padding between values of Ion binary.
    Padding,
    /// A version marker in Ion text.
    VersionMarker,
    /// A local symbol table in Ion text, or one in Ion binary that does more than add symbols.
    SymbolTable,
    /// A symbol in Ion text that is written as its id.
    SymbolId,
    /// A date without a time of day that has an offset, in Ion binary.
    DateOffset,
}

impl Strange {
    /// How it is worded in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Comment => "a comment",
            Self::Padding => "padding",
            Self::VersionMarker => "a version marker",
            Self::SymbolTable => "a symbol table of another form",
            Self::SymbolId => "a symbol written as its id",
            Self::DateOffset => "a date with an offset, which readers of Ion take for different days,",
        }
    }

    /// Whether Ion readers disagree about the value, so that it proves nothing even inside a document.
    pub(crate) fn is_ambiguous(self) -> bool {
        self == Self::DateOffset
    }
}

/// Where something unusual is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stranger {
    /// The offset in the bytes that the reader was given.
    pub at: usize,
    /// What it is.
    pub what: Strange,
}

impl Stranger {
    /// What it is and where, if the reader's input begins at an offset of the object.
    pub(crate) fn shown(self, offset: u64) -> String {
        format!("{} at byte {} of the object", self.what.as_str(), offset + self.at as u64)
    }
}

/// Keeps the first of several.
pub(super) fn note(first: &mut Option<Stranger>, at: usize, what: Strange) {
    first.get_or_insert(Stranger { at, what });
}
