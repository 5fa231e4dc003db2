//! Used if the program was built without S3: anything that needs S3 is refused.

use std::sync::Arc;

use qldb_aws::Resolved;

use crate::cli::error::CliError;
use crate::cli::error::flags::WithRemedy as _;
use qldb_endpoint::engine::{Config, Engine};
use qldb_endpoint::store::{RestoreOrder, S3Address, S3Options};
use qldb_journal::archive::source::{Archived, Source};
use qldb_journal::request::{Fault, Faults, Field};

/// No S3.
#[derive(Default)]
pub(super) struct Opened;

impl Opened {
    #[expect(clippy::unused_self, reason = "as where there is S3")]
    pub(super) fn source(&mut self, address: S3Address, _options: &S3Options) -> Result<Box<dyn Source>, CliError> {
        Err(refused(Field::Named("PATH"), &address.to_string()))
    }
}

pub(super) fn engine(_config: Config) -> Result<Arc<Engine>, CliError> {
    Err(refused(Field::Named("--object-store"), "s3"))
}

/// Never called: no archive here is in S3.
pub(super) fn restore(
    _objects: Vec<Archived>,
    _order: RestoreOrder,
    _options: &S3Options,
    _asked: &(dyn Fn(bool) + Sync),
) -> Result<(), CliError> {
    Err(refused(Field::Named("--restore"), ""))
}

/// Never called.
pub(super) fn resolved(addresses: Vec<S3Address>, _options: &S3Options) -> Result<Option<Resolved>, CliError> {
    let first = addresses.first();
    first.map_or(Ok(None), |address| Err(refused(Field::Named("PATH"), &address.to_string())))
}

fn refused(field: Field, value: &str) -> CliError {
    let (rule, remedy) = ("needs S3, which this program was built without", "build it with the feature s3");
    Faults::from(Fault::malformed(field, value, rule, remedy)).into()
}
