//! Where each global flag has an effect. Help, manual and completions show a flag only there.
//!
//! A flag without effect is refused if it would mislead the user into thinking that a call goes
//! elsewhere, that an export is written elsewhere, or that a result has another format. All other
//! flags are accepted everywhere, so that an alias or a script can put them before any command.

use super::area::Area;
use super::area::Area::{Data, Policy, Progress, Proof, Results, Service, Store};

/// What happens to a flag that has no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Idle {
    Accepted,
    Refused,
}

const CALLING: &[Area] = &[Service];
const WORKING: &[Area] = &[Service, Data, Proof];

/// Every global flag by its id, with the areas of the commands on which it has an effect (empty for every command), and
/// what happens to it elsewhere.
const FLAGS: [(&str, &[Area], Idle); 19] = [
    ("region", &[Service, Store, Policy], Idle::Accepted),
    ("profile", &[Service, Store, Policy], Idle::Accepted),
    ("endpoint_url", CALLING, Idle::Refused),
    ("local", CALLING, Idle::Accepted),
    ("data_dir", &[Data], Idle::Accepted),
    ("object_store", &[Data], Idle::Refused),
    ("assume_role", &[Data], Idle::Refused),
    ("s3_path_style", &[Data, Store], Idle::Accepted),
    ("request_payer", &[Data, Store], Idle::Accepted),
    ("expected_bucket_owner", &[Data, Store], Idle::Accepted),
    ("output", &[Results], Idle::Refused),
    ("query", &[Results], Idle::Refused),
    ("quiet", WORKING, Idle::Accepted),
    ("verbose", WORKING, Idle::Accepted),
    ("color", &[], Idle::Accepted),
    ("no_progress", &[Progress], Idle::Accepted),
    ("events", WORKING, Idle::Accepted),
    ("heartbeat", &[Progress], Idle::Accepted),
    ("no_cli_pager", CALLING, Idle::Accepted),
];

/// The command that was called.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    /// Its words.
    pub(crate) command: String,
    /// The areas that it touches.
    pub(crate) areas: &'static [Area],
}

impl Scope {
    /// Whether a flag must not be accepted here.
    pub(crate) fn refuses(&self, flag: &str) -> bool {
        !has_effect(flag, self.areas) && of(flag).is_some_and(|(_, _, idle)| *idle == Idle::Refused)
    }
}

/// Whether a flag has an effect on a command that touches these areas.
pub(crate) fn has_effect(flag: &str, areas: &[Area]) -> bool {
    of(flag).is_none_or(|(_, noticed, _)| Area::meet(noticed, areas))
}

fn of(flag: &str) -> Option<&'static (&'static str, &'static [Area], Idle)> {
    FLAGS.iter().find(|(id, _, _)| *id == flag)
}

/// Whether the table knows a flag.
#[cfg(test)]
pub(crate) fn knows(flag: &str) -> bool {
    of(flag).is_some()
}
