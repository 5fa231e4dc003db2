//! Errors in the AWS configuration, in terms of flags, variables and profiles.

use crate::cli::error::flags::WithRemedy as _;
use crate::cli::global::exit::Exit;
use qldb_aws::{ConfigError, CredentialsFailure, Origin, nearest};
use qldb_journal::request::{Fault, Field};

/// The rule that the name of an unknown profile breaks.
pub(crate) const NO_SUCH_PROFILE: &str = "is not a profile of the shared AWS configuration";

/// How many names are listed if none is similar.
const MOST_NAMES: usize = 8;

/// The error, with its place and what to do instead.
pub(crate) fn message(error: &ConfigError) -> String {
    match error {
        ConfigError::NoSuchProfile { name, origin, known } => {
            let (place, remedy) = (place(origin, "--profile"), instead(name, known));
            format!("{place} {name:?} {NO_SUCH_PROFILE}, and nothing was sent: {remedy}")
        }
        ConfigError::MistypedRegion { name, origin, near } => {
            let place = place(origin, "--region");
            let remedy = match near.as_slice() {
                [] => "give one such as us-east-1; any name goes with an --endpoint-url of your own".to_owned(),
                near => did_you_mean(near),
            };
            format!("{place} {name:?} is not an AWS region, and nothing was sent: {remedy}")
        }
        ConfigError::CaBundle { path, origin, reason } => {
            let place = place(origin, "ca_bundle");
            format!(
                "{place} {path:?} can't be used, and nothing was sent: {reason}. Name a file of certificates in PEM form"
            )
        }
        ConfigError::Proxy { variable, .. } => format!(
            "{error}, and nothing was sent: set {variable} to one such as http://HOST:PORT, unset it, or name what needs no \
             proxy in NO_PROXY"
        ),
        other => other.to_string(),
    }
}

/// The fault of a profile that was typed: it must exist, whether or not anything uses it, as in the AWS CLI. A profile
/// named by the environment only matters where it is used.
pub(crate) fn fault_of_profile(typed: Option<&str>) -> Option<Fault> {
    let name = typed.filter(|name| !name.is_empty())?;
    // Files that can't be read are an error where they are used.
    let runtime = tokio::runtime::Builder::new_current_thread().build().ok()?;
    match runtime.block_on(qldb_aws::check_profile(name)) {
        Err(ConfigError::NoSuchProfile { known, .. }) => {
            Some(Fault::malformed(Field::Named("--profile"), name, NO_SUCH_PROFILE, instead(name, &known)))
        }
        _ => None,
    }
}

/// The code to leave with.
pub(crate) fn exit(error: &ConfigError) -> Exit {
    match error {
        ConfigError::Credentials(failure) => exit_without_credentials(failure),
        _ => Exit::Usage,
    }
}

/// The exit code if there are no credentials: either nobody provides any, or the provider could not be reached.
pub(crate) fn exit_without_credentials(failure: &CredentialsFailure) -> Exit {
    match failure {
        CredentialsFailure::Unreachable { .. } => Exit::Unreachable,
        _ => Exit::Denied,
    }
}

/// Names that may have been meant, as a question.
pub(crate) fn did_you_mean(near: &[&str]) -> String {
    match near {
        [only] => format!("did you mean {only}?"),
        [first @ .., last] => format!("did you mean {} or {last}?", first.join(", ")),
        [] => String::new(),
    }
}

/// What to give instead of a profile that does not exist.
pub(crate) fn instead(name: &str, known: &[String]) -> String {
    let near = nearest(name, known.iter().map(String::as_str));
    match (near.as_slice(), known) {
        ([], []) => format!("there are none; `aws configure --profile {name}` makes it"),
        ([], known) if known.len() <= MOST_NAMES => format!("the profiles are {}", known.join(", ")),
        ([], _) => "`aws configure list-profiles` lists them".to_owned(),
        (near, _) => did_you_mean(near),
    }
}

/// Where a value was given: the flag or its name in a profile, the variable, or the profile.
fn place(origin: &Origin, called: &str) -> String {
    match origin {
        Origin::Given => called.to_owned(),
        Origin::Variable(name) => (*name).to_owned(),
        Origin::Profile(profile) => format!("{} of profile {profile}", called.trim_start_matches("--")),
    }
}
