//! The parts of a block that have rows or columns. Used by the reading of rows.

use qldb_journal::ion::Container;

/// The container of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Block,
    Address,
    Info,
    Statements,
    Statement,
    Documents,
    Document,
    Revisions,
    Revision,
    Metadata,
    /// Something that is in no row.
    Other,
}

impl Part {
    /// What a container inside this one is.
    #[inline]
    pub(super) fn inner(self, field: Option<&str>, container: Container) -> Self {
        match (self, field, container) {
            (Self::Block, Some("blockAddress"), Container::Struct) => Self::Address,
            (Self::Block, Some("transactionInfo"), Container::Struct) => Self::Info,
            (Self::Block, Some("revisions"), Container::List) => Self::Revisions,
            (Self::Info, Some("statements"), Container::List) => Self::Statements,
            (Self::Info, Some("documents"), Container::Struct) => Self::Documents,
            (Self::Statements, _, Container::Struct) => Self::Statement,
            (Self::Documents, _, Container::Struct) => Self::Document,
            (Self::Revisions, _, Container::Struct) => Self::Revision,
            (Self::Revision, Some("metadata"), Container::Struct) => Self::Metadata,
            _ => Self::Other,
        }
    }
}
