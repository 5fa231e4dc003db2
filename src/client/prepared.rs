//! An `ExportJournalToS3` request as it would be sent. For the client, and for those who show it.

use serde_json::Value;

/// An `ExportJournalToS3` request as it would be sent.
#[derive(Debug, Clone)]
pub(crate) struct PreparedRequest {
    /// The HTTP method.
    pub(crate) method: String,
    /// Where it would go.
    pub(crate) endpoint: String,
    /// The path, encoded.
    pub(crate) path: String,
    /// The body.
    pub(crate) body: Value,
}
