//! Where the built-in endpoint writes exports, and where archives in S3 are read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use qldb_aws::Resolved;
use serde::{Deserialize, Serialize};

use super::s3;
use crate::cli::error::CliError;
use crate::cli::error::flags::WithRemedy as _;
use crate::cli::global::settings::Settings;
use qldb_endpoint::engine::{Config, Engine, system_clock};
use qldb_endpoint::store::{AddressError, RestoreOrder, S3Address, S3Options};
use qldb_journal::archive::source::{Archived, Folder, Source};
use qldb_journal::request::{Fault, Faults, Field};

/// Sources that are read as one archive.
pub(crate) type Sources = Vec<Box<dyn Source>>;

/// Opens the engine on the data directory, with the store that the flags select. Blocks; must not be called from async
/// code.
pub(crate) fn open_engine(data_dir: PathBuf, global: &Settings) -> Result<Arc<Engine>, CliError> {
    let config = engine_config(data_dir, global);
    if global.store.is_s3() { s3::engine(config) } else { Ok(Engine::open(config)?) }
}

/// The engine's configuration.
pub(crate) fn engine_config(data_dir: PathBuf, global: &Settings) -> Config {
    Config { data_dir, clock: system_clock(), s3: global.s3_options() }
}

/// How a process reaches S3, so that another one can read there with the same identity.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct S3Access {
    resolved: Resolved,
    path_style: bool,
    request_payer: bool,
    expected_bucket_owner: Option<String>,
}

impl S3Access {
    /// How this process reaches the S3 locations that were typed; `None` if there are none. Blocks.
    pub(crate) fn by(global: &Settings, typed: &[PathBuf]) -> Result<Option<Self>, CliError> {
        let urls = typed.iter().filter_map(|path| address(path));
        let addresses: Result<_, CliError> = urls.map(|url| parsed(Field::Named("PATH"), url)).collect();
        let options = global.s3_options();
        let resolved = s3::resolved(addresses?, &options)?;
        let S3Options { path_style, request_payer, expected_bucket_owner, .. } = options;
        Ok(resolved.map(|resolved| Self { resolved, path_style, request_payer, expected_bucket_owner }))
    }

    /// The same as options.
    pub(crate) fn into_options(self) -> S3Options {
        let Self { resolved, path_style, request_payer, expected_bucket_owner } = self;
        S3Options { resolved: Some(resolved), path_style, request_payer, expected_bucket_owner, ..S3Options::default() }
    }
}

/// The folders and S3 locations that were typed. Blocks; must not be called from async code.
pub(crate) fn sources(global: &Settings, typed: &[PathBuf]) -> Result<Vec<Box<dyn Source>>, CliError> {
    sources_by(&global.s3_options(), typed)
}

/// The same, with S3 reached as given. Blocks; must not be called from async code.
pub(crate) fn sources_by(s3: &S3Options, typed: &[PathBuf]) -> Result<Vec<Box<dyn Source>>, CliError> {
    let mut opened = s3::Opened::default();
    typed.iter().map(|path| opened_source(s3, path, Field::Named("PATH"), &mut opened)).collect()
}

/// Asks S3 to restore objects, and reports for each whether it was already being restored. Blocks.
pub(crate) fn restore(
    global: &Settings,
    objects: Vec<Archived>,
    order: RestoreOrder,
    asked: &(dyn Fn(bool) + Sync),
) -> Result<(), CliError> {
    s3::restore(objects, order, &global.s3_options(), asked)
}

/// A folder or an S3 location. Blocks; must not be called from async code.
pub(crate) fn source(global: &Settings, path: &Path, field: Field) -> Result<Box<dyn Source>, CliError> {
    opened_source(&global.s3_options(), path, field, &mut s3::Opened::default())
}

fn opened_source(
    s3: &S3Options,
    path: &Path,
    field: Field,
    opened: &mut s3::Opened,
) -> Result<Box<dyn Source>, CliError> {
    let Some(url) = address(path) else { return Ok(Box::new(Folder::new(path))) };
    opened.source(parsed(field, url)?, s3)
}

fn parsed(field: Field, url: &str) -> Result<S3Address, CliError> {
    S3Address::parse(url).map_err(|error| Faults::from(unfit(field, &error)).into())
}

/// The S3 address that was typed as a path, if it is one.
pub(crate) fn address(path: &Path) -> Option<&str> {
    path.to_str().filter(|text| S3Address::is_address(text))
}

/// Whether an address names a bucket.
pub(crate) fn check_address(field: Field, url: &str) -> Result<(), Fault> {
    S3Address::parse(url).map(|_| ()).map_err(|error| unfit(field, &error))
}

fn unfit(field: Field, error: &AddressError) -> Fault {
    Fault::malformed(field, &error.url, error.rule.as_str(), "give it as s3://BUCKET/PREFIX")
}
