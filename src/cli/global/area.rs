//! What a command deals with. Exit codes, environment variables, files and global flags list the
//! areas that they belong to, and commands the areas that they touch, so that help and manual
//! mention only what is relevant.

/// An area that some commands touch and others don't.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Area {
    /// Calls to the service, QLDB or a built-in endpoint.
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
    /// S3, or a compatible store.
    Store,
    /// The proof of archives.
    Proof,
    /// Objects of archives, which are listed without a proof.
    Listing,
    /// Policies, which name a region but make no calls.
    Policy,
    /// Results, which have a JSON form.
    Results,
    /// Work that can take long, and shows its progress.
    Progress,
}

impl Area {
    /// Whether something in these areas concerns a command that touches the others. Something in no area concerns every
    /// command.
    pub(crate) fn meet(some: &[Self], others: &[Self]) -> bool {
        some.is_empty() || some.iter().any(|area| others.contains(area))
    }
}
