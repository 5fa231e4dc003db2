//! Exit codes: the one definition, from which help and manual are generated.

use std::process::ExitCode;

use crate::cli::global::area::Area;

/// How the process ended. A number never changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// A failure without a code of its own.
    Unexpected,
    /// The request is wrong.
    Usage,
    /// No such ledger or export; in an archive, no such document, block or table.
    NotFound,
    /// The service refused.
    Refused,
    /// The maximum number of exports is running.
    LimitExceeded,
    /// No permission, or no credentials.
    Denied,
    /// The export was cancelled.
    Cancelled,
    /// Waiting took too long.
    TimedOut,
    /// Nothing answered.
    Unreachable,
    /// An archive is damaged.
    Damaged,
    /// Something of an archive is missing.
    Incomplete,
    /// Something could not be checked as far as was asked.
    Unproved,
    /// Ctrl-C.
    Interrupted,
    /// SIGTERM.
    Terminated,
}

impl Exit {
    /// Every code, by number.
    pub(crate) const ALL: [Self; 15] = [
        Self::Done,
        Self::Unexpected,
        Self::Usage,
        Self::NotFound,
        Self::Refused,
        Self::LimitExceeded,
        Self::Denied,
        Self::Cancelled,
        Self::TimedOut,
        Self::Unreachable,
        Self::Damaged,
        Self::Incomplete,
        Self::Unproved,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// The number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Unexpected => 1,
            Self::Usage => 2,
            Self::NotFound => 3,
            Self::Refused => 4,
            Self::LimitExceeded => 5,
            Self::Denied => 6,
            Self::Cancelled => 7,
            Self::TimedOut => 8,
            Self::Unreachable => 9,
            Self::Damaged => 10,
            Self::Incomplete => 11,
            Self::Unproved => 12,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// What it means, for people.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done; with --wait, the export is COMPLETED",
            Self::Unexpected => "unexpected failure",
            Self::Usage => "the request is wrong: usage or a local check; nothing was sent",
            Self::NotFound => {
                "no such ledger or export, or it expired; in an archive, no such document, block or table"
            }
            Self::Refused => "the service, or S3, refused: a precondition or an invalid parameter",
            Self::LimitExceeded => "two exports are already running for the ledger",
            Self::Denied => "access denied, or no usable credentials",
            Self::Cancelled => "the export ended CANCELLED",
            Self::TimedOut => "waiting timed out; what was started is still running",
            Self::Unreachable => "the endpoint or the data directory could not be reached",
            Self::Damaged => "damaged: something was changed",
            Self::Incomplete => "incomplete: something that is listed is missing, or there is a gap",
            Self::Unproved => "unproved: it could not be checked as far as was asked",
            Self::Interrupted => "interrupted (Ctrl-C)",
            Self::Terminated => "terminated (SIGTERM)",
        }
    }

    /// The areas of the commands that can end with it; empty for every command.
    pub(crate) fn areas(self) -> &'static [Area] {
        match self {
            Self::Done | Self::Unexpected | Self::Usage | Self::Interrupted | Self::Terminated => &[],
            Self::NotFound => &[Area::Service, Area::Data, Area::Proof],
            Self::Refused => &[Area::Service, Area::Data, Area::Restoring],
            Self::LimitExceeded => &[Area::Starting],
            // A data directory may have journals that are in S3.
            Self::Denied => &[Area::Service, Area::Data, Area::Store],
            Self::Cancelled => &[Area::Waiting],
            Self::TimedOut => &[Area::Waiting, Area::Restoring],
            Self::Unreachable => &[Area::Service, Area::Data, Area::Store, Area::Proof],
            Self::Incomplete => &[Area::Proof, Area::Listing],
            Self::Damaged | Self::Unproved => &[Area::Proof],
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_rise_and_never_repeat() {
        assert!(Exit::ALL.windows(2).all(|pair| pair[0].code() < pair[1].code()));
    }

    #[test]
    fn the_table_in_the_documents_is_this_one() {
        let document = include_str!("../../../docs/exporting.md");
        for exit in Exit::ALL {
            let row = format!("| {} | {} |", exit.code(), exit.meaning());
            assert!(document.contains(&row), "{row}");
        }
    }
}
