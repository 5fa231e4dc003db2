//! S3, for the commands that write to it or read archives there.

use std::sync::Arc;

use qldb_aws::Resolved;

use crate::cli::error::CliError;
use crate::client::ClientError;
use qldb_endpoint::engine::{Config, Engine};
use qldb_endpoint::store::{RestoreOrder, S3Address, S3OpenError, S3Options, S3Source, S3Store};
use qldb_journal::archive::source::{Archived, Source};
use qldb_journal::archive::verify::VerifyError;
use qldb_journal::request::{BucketName, Fault, Faults};

/// The S3 store that archives are read from; opened for the first address, and reused for the others.
#[derive(Default)]
pub(super) struct Opened(Option<S3Store>);

impl Opened {
    /// The objects at an address. Blocks; must not be called from async code.
    pub(super) fn source(&mut self, address: S3Address, options: &S3Options) -> Result<Box<dyn Source>, CliError> {
        let store = match &self.0 {
            Some(store) => store.clone(),
            None => self.0.insert(open(options)?).clone(),
        };
        Ok(Box::new(S3Source::new(address, store)))
    }
}

/// Opens the engine with exports that write to S3. Blocks; must not be called from async code.
pub(super) fn engine(config: Config) -> Result<Arc<Engine>, CliError> {
    let store = open(&config.s3)?;
    Ok(Engine::open_on(config, Arc::new(store))?)
}

/// Asks S3 to restore objects, and reports for each whether it was already being restored. Blocks.
pub(super) fn restore(
    objects: Vec<Archived>,
    order: RestoreOrder,
    options: &S3Options,
    asked: &(dyn Fn(bool) + Sync),
) -> Result<(), CliError> {
    let named = objects.into_iter().map(|object| Ok((BucketName::parse(&object.bucket)?, object)));
    let named = named.collect::<Result<Vec<_>, Fault>>().map_err(Faults::from)?;
    open(options)?.restore(&named, order, asked).map_err(CliError::Store)
}

/// How this process reaches S3, for another process that is to read these addresses; `None` if there are none. Blocks.
pub(super) fn resolved(addresses: Vec<S3Address>, options: &S3Options) -> Result<Option<Resolved>, CliError> {
    let Some(address) = addresses.into_iter().next() else { return Ok(None) };
    let source = S3Source::new(address, open(options)?);
    source.resolved().map(Some).map_err(|error| CliError::Verify(VerifyError::Source(error)))
}

fn open(options: &S3Options) -> Result<S3Store, CliError> {
    S3Store::open(options).map_err(|error| match error {
        S3OpenError::Configuration(error) => ClientError::from(error).into(),
        other => CliError::System(other.to_string()),
    })
}
