//! What a command deals with. Exit codes, environment variables, files and
//! global flags say which areas they belong to, commands which they touch, so
//! that help and manual name what concerns their reader and nothing else.

/// A part of the world that some commands touch and others leave alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Area {
    /// Calls of the service, QLDB or a built-in endpoint.
    Service,
    /// Starting exports.
    Starting,
    /// Waiting for the end of exports.
    Waiting,
    /// Objects in S3 that must be restored before they are read, and waiting for them.
    Restoring,
    /// The data directory of the built-in endpoint.
    Data,
    /// Running the built-in endpoint for other processes.
    Serving,
    /// S3, or a store that speaks its language.
    Store,
    /// The proof of archives.
    Proof,
    /// Policies, which name a region and call nothing.
    Policy,
    /// Results, which have a JSON form.
    Results,
    /// Work that can take long, and shows how far it is.
    Progress,
}

impl Area {
    /// Whether something that belongs to some areas concerns a command that touches others. What belongs to none
    /// concerns every command.
    pub(crate) fn meet(some: &[Self], others: &[Self]) -> bool {
        some.is_empty() || some.iter().any(|area| others.contains(area))
    }
}
