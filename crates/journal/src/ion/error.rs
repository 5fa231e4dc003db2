//! Why input can't be read as Ion, and the limits beyond which it is refused. For all readers.

/// The maximum depth of containers. A document of 128 KB, QLDB's largest, can't contain more.
#[doc(hidden)]
pub const MAX_DEPTH: usize = 131_072;

/// The maximum number of annotations of one value, for the same reason.
pub(crate) const MOST_ANNOTATIONS: usize = 131_072;

/// The maximum number of digits of a number, and of bytes of a binary one: computing with longer ones takes time that
/// grows with the square of the length.
pub(crate) const LONGEST_NUMBER: usize = 16_384;

/// The first bytes of an Ion 1.0 binary stream.
#[doc(hidden)]
pub const BINARY_VERSION_MARKER: [u8; 4] = [0xE0, 0x01, 0x00, 0xEA];

/// Input that can't be read as Ion. One word long, so that fallible calls cost little when they succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("offset {}: {}", .0.offset, .0.reason)]
pub struct IonError(Box<Unreadable>);

/// The details of an [`IonError`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The offset in the bytes that the reader was given.
    pub offset: usize,
    /// What is wrong there.
    pub reason: String,
    /// Whether the bytes ended inside a value: with more of them it may be valid.
    pub(crate) ended: bool,
}

impl IonError {
    #[cold]
    pub(crate) fn new(offset: usize, reason: impl Into<String>) -> Self {
        Self(Box::new(Unreadable { offset, reason: reason.into(), ended: false }))
    }

    /// The input ended within what begins at the offset.
    #[cold]
    pub(crate) fn ended(offset: usize, reason: impl Into<String>) -> Self {
        Self(Box::new(Unreadable { offset, reason: reason.into(), ended: true }))
    }

    /// What is wrong.
    pub fn into_reason(self) -> String {
        self.0.reason
    }
}

impl std::ops::Deref for IonError {
    type Target = Unreadable;

    fn deref(&self) -> &Unreadable {
        &self.0
    }
}
