//! What is wrong with a document to be added.

use qldb_journal::request::UniqueId;

/// The rule that a document breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentFault {
    /// It is neither Ion nor JSON.
    #[error("{0}")]
    Unreadable(String),
    /// It is not a struct.
    #[error("it is not a document")]
    NotADocument,
    /// A symbol has no known text.
    #[error("a symbol has no text, because its symbol table is not in the input")]
    UnknownSymbol,
    /// In the committed view: its metadata names no document.
    #[error("metadata has no id of 22 letters and digits")]
    NoId,
    /// It does not have the shape of the committed view.
    #[error("it has neither metadata nor data")]
    NotCommitted,
    /// In the committed view: its data is not a struct.
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
    /// It should be updated or deleted, but was never inserted.
    #[error("there is no document {0}")]
    Absent(UniqueId),
    /// It should be updated or deleted, but was already deleted.
    #[error("the document {0} was deleted")]
    Deleted(UniqueId),
    /// It is in another table.
    #[error("the document {id} is in the table {found}, not in {wanted}")]
    OtherTable {
        /// The document.
        id: UniqueId,
        /// Its table.
        found: String,
        /// The requested table.
        wanted: String,
    },
}
