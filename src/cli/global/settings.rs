//! What the global flags mean. Each is read once; faults are kept, so that the command can report
//! them together with its own.

use std::path::PathBuf;
use std::time::Duration;

use super::args::{Color, GlobalArgs, Output};
use super::flags::WithRemedy as _;
use super::query::Query;
use super::scope::Scope;
use super::store::StoreArgs;
use qldb_endpoint::store::S3Options;
use qldb_journal::request::{Fault, Faults, Field, time};

/// The global flags, parsed.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
pub(crate) struct Settings {
    pub(crate) region: Option<String>,
    pub(crate) profile: Option<String>,
    pub(crate) endpoint_url: Option<String>,
    pub(crate) local: bool,
    pub(crate) data_dir: Option<PathBuf>,
    pub(crate) store: StoreArgs,
    pub(crate) output: Option<Output>,
    pub(crate) query: Option<Query>,
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
    pub(crate) color: Color,
    pub(crate) no_progress: bool,
    pub(crate) events: Option<PathBuf>,
    /// How often a line shows that the command is still running.
    pub(crate) heartbeat: Duration,
    faults: Faults,
}

impl Settings {
    /// Reads the flags that were typed with a command.
    pub(crate) fn of(typed: GlobalArgs, scope: &Scope) -> Self {
        let mut faults = idle(&typed, scope);
        typed.store.check(&mut faults);
        let query = typed.query.as_deref().and_then(|query| faults.note(Query::parse(query)));
        let heartbeat = faults.note(time::parse_length(Field::Named("--heartbeat"), &typed.heartbeat));
        check_address(&typed, &mut faults);
        let GlobalArgs { region, profile, endpoint_url, local, data_dir, store, output, .. } = typed;
        let GlobalArgs { quiet, verbose, color, no_progress, events, .. } = typed;
        // With a fault no command runs, so this heartbeat is never used.
        let heartbeat = heartbeat.unwrap_or(Duration::MAX);
        Self {
            region,
            profile,
            endpoint_url,
            local,
            data_dir,
            store,
            output,
            query,
            quiet,
            verbose,
            color,
            no_progress,
            events,
            heartbeat,
            faults,
        }
    }

    /// The same, with an additional fault in the flags.
    pub(crate) fn with(mut self, fault: Option<Fault>) -> Self {
        fault.into_iter().for_each(|fault| self.faults.push(fault));
        self
    }

    /// The faults in these flags.
    pub(crate) fn faults(&self) -> Faults {
        self.faults.clone()
    }

    /// Whether an export that is started with these flags is written to a directory.
    pub(crate) fn writes_directories(&self) -> bool {
        self.local && !self.store.is_s3()
    }

    /// How S3 is reached.
    pub(crate) fn s3_options(&self) -> S3Options {
        S3Options {
            region: self.region.clone(),
            profile: self.profile.clone(),
            path_style: self.store.s3_path_style,
            assume_roles: self.store.assume_role,
            request_payer: self.store.request_payer.is_some(),
            expected_bucket_owner: self.store.expected_bucket_owner.clone(),
            ..S3Options::default()
        }
    }

    /// A remote endpoint would silently ignore these flags.
    pub(crate) fn refuse_store(&self) -> Result<(), Faults> {
        if !self.store.is_given() {
            return Ok(());
        }
        let (rule, remedy) = ("is for the built-in endpoint", "give --local as well, or leave it out");
        Err(Fault::malformed(Field::Named("--object-store"), "--object-store", rule, remedy).into())
    }
}

/// Flags that have no effect on the command and would mislead the user.
fn idle(typed: &GlobalArgs, scope: &Scope) -> Faults {
    let given = [
        ("endpoint_url", "--endpoint-url", typed.endpoint_url.is_some()),
        ("object_store", "--object-store", typed.store.object_store.is_some()),
        ("assume_role", "--assume-role", typed.store.assume_role),
        ("output", "--output", typed.output == Some(Output::Json)),
        ("query", "--query", typed.query.is_some()),
    ];
    let mut faults = Faults::none();
    for (_, flag, _) in given.into_iter().filter(|(id, _, is_given)| *is_given && scope.refuses(id)) {
        let rule = format!("does not apply to `{}`", scope.command);
        faults.push(Fault { value: None, ..Fault::malformed(Field::Named(flag), "", rule, "leave it out") });
    }
    faults
}

fn check_address(typed: &GlobalArgs, faults: &mut Faults) {
    let Some(url) = &typed.endpoint_url else { return };
    if typed.local {
        let rule = "can't be used with --local";
        faults.push(Fault::malformed(Field::Named("--endpoint-url"), url, rule, "give one of the two"));
    }
    if !is_http(url) {
        let (rule, remedy) = ("is not the address of an endpoint", "give it as http://127.0.0.1:8040");
        faults.push(Fault::malformed(Field::Named("--endpoint-url"), url, rule, remedy));
    }
}

fn is_http(url: &str) -> bool {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    rest.and_then(|rest| rest.split('/').next()).is_some_and(|host| {
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte))
    })
}
