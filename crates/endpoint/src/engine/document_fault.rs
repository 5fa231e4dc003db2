//! What is wrong with a document that is to be added.

use qldb_journal::request::UniqueId;

/// The rule that a document breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentFault {
    /// It is neither Ion nor JSON.
    #[error("{0}")]
    Unreadable(String),
    /// It is a value of another type than a struct.
    #[error("it is not a document")]
    NotADocument,
    /// A symbol's text is nowhere.
    #[error("a symbol has no text, because the table that it comes from is not in the input")]
    UnknownSymbol,
    /// In the committed view: its metadata name no document.
    #[error("metadata has no id of 22 letters and digits")]
    NoId,
    /// It is not the committed view.
    #[error("it has neither metadata nor data")]
    NotCommitted,
    /// In the committed view: its data are of another type than a struct.
    #[error("data is not a document")]
    DataNotADocument,
    /// It is longer than QLDB allows.
    #[error("the document has {size} bytes as Ion binary, and QLDB allows {most}")]
    TooLarge {
        /// Its size.
        size: usize,
        /// The limit.
        most: usize,
    },
    /// It is to be updated or deleted, and was never inserted.
    #[error("there is no document {0}")]
    Absent(UniqueId),
    /// It is to be updated or deleted, and was deleted.
    #[error("the document {0} was deleted")]
    Deleted(UniqueId),
    /// It is in another table.
    #[error("the document {id} is in the table {found}, not in {wanted}")]
    OtherTable {
        /// The document.
        id: UniqueId,
        /// Its table.
        found: String,
        /// The table that was asked for.
        wanted: String,
    },
}
