//! The fields of a block outside its documents, by name.

use crate::ion::Item;

/// Declares each field with its name.
macro_rules! fields {
    ($($field:ident = $name:literal,)*) => {
        /// A field that QLDB writes, in a block, a revision or below them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Field {
            $($field,)*
        }

        impl Field {
            const ALL: &[Self] = &[$(Self::$field,)*];

            /// Its name.
            pub(super) fn name(self) -> &'static str {
                match self {
                    $(Self::$field => $name,)*
                }
            }
        }

        /// The names of all fields, for a reader to number.
        pub(crate) const FIELDS: &[&str] = &[$($name,)*];
    };
}

fields! {
    BlockAddress = "blockAddress",
    StrandId = "strandId",
    SequenceNo = "sequenceNo",
    TransactionId = "transactionId",
    BlockTimestamp = "blockTimestamp",
    BlockHash = "blockHash",
    EntriesHash = "entriesHash",
    PreviousBlockHash = "previousBlockHash",
    EntriesHashList = "entriesHashList",
    TransactionInfo = "transactionInfo",
    RedactionInfo = "redactionInfo",
    Revisions = "revisions",
    Hash = "hash",
    Data = "data",
    DataHash = "dataHash",
    Metadata = "metadata",
    Statements = "statements",
    Statement = "statement",
    StartTime = "startTime",
    StatementDigest = "statementDigest",
    Documents = "documents",
    TableName = "tableName",
    TableId = "tableId",
    DocumentId = "documentId",
    Version = "version",
    Id = "id",
    TxTime = "txTime",
    TxId = "txId",
}

impl Field {
    /// The field of an item, if QLDB writes a field with that name.
    #[inline]
    pub(super) fn of(item: &Item<'_>) -> Option<Self> {
        match item.number() {
            Some(number) => Self::ALL.get(usize::from(number)).copied(),
            None => Self::ALL.iter().copied().find(|field| item.field == Some(Some(field.name()))),
        }
    }

    /// The index of a field among some, tried first at the index that it has if all fields before it are present.
    #[inline]
    pub(super) fn place<T>(self, fields: &[(Self, T)], likely: usize) -> Option<usize> {
        if fields.get(likely).is_some_and(|(field, _)| *field == self) {
            return Some(likely);
        }
        fields.iter().position(|(field, _)| *field == self)
    }
}
