//! Where the exports of the built-in endpoint go, and where archives in S3 are read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::args::GlobalArgs;
use super::context::Context;
use super::error::CliError;
use super::s3;
use crate::archive::source::{Folder, Source};
use crate::engine::{Config, Engine, system_clock};
use crate::request::{Fault, Faults, Field};
use crate::store::{AddressError, S3Address, S3Options};

/// The flags about object stores.
#[expect(clippy::doc_markdown, reason = "the comments are the help")]
#[derive(Debug, Clone, Args)]
pub(crate) struct StoreArgs {
    /// Where the built-in endpoint writes exports to; directory if not given
    ///
    /// With s3, address, region and credentials come from the environment and the shared configuration files, as for
    /// every AWS tool: AWS_ENDPOINT_URL_S3 names an S3-compatible store. An export that was interrupted goes on only
    /// with the store that it was begun with.
    #[arg(long, global = true, value_name = "STORE", hide_short_help = true)]
    pub(crate) object_store: Option<ObjectStoreKind>,
    /// With --object-store s3: write under the role that the export names
    ///
    /// It is assumed through STS, in a session that is named after the export.
    #[arg(long, global = true, hide_short_help = true)]
    pub(crate) assume_role: bool,
    /// For S3-compatible stores: http://HOST/BUCKET/KEY instead of http://BUCKET.HOST/KEY
    ///
    /// Where the host is an address or localhost, that is so without this flag.
    #[arg(long, global = true, hide_short_help = true)]
    pub(crate) s3_path_style: bool,
}

/// The kinds of stores that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ObjectStoreKind {
    /// Directories in the data directory; they encrypt nothing
    Directory,
    /// S3
    S3,
}

impl StoreArgs {
    /// Whether exports go to S3.
    pub(crate) fn is_s3(&self) -> bool {
        self.object_store == Some(ObjectStoreKind::S3)
    }

    /// Whether there is a flag that only the built-in endpoint heeds.
    pub(crate) fn is_given(&self) -> bool {
        self.object_store.is_some() || self.assume_role
    }

    /// The flags as they were typed, for a command that is to reach the same store.
    pub(crate) fn typed(&self) -> Vec<String> {
        let Self { assume_role, s3_path_style, .. } = *self;
        let flags =
            [("--object-store s3", self.is_s3()), ("--assume-role", assume_role), ("--s3-path-style", s3_path_style)];
        flags.into_iter().filter(|(_, given)| *given).map(|(flag, _)| flag.to_owned()).collect()
    }

    /// What is wrong with these flags by themselves.
    pub(crate) fn check(&self, faults: &mut Faults) {
        if self.assume_role && !self.is_s3() {
            let (rule, remedy) = ("does nothing without --object-store s3", "give that as well, or leave it out");
            faults.push(Fault::malformed(Field::Flag("--assume-role"), "--assume-role", rule, remedy));
        }
    }
}

impl GlobalArgs {
    /// Whether an export that is started with these flags ends in a directory.
    pub(crate) fn writes_directories(&self) -> bool {
        self.local && !self.store.is_s3()
    }

    fn s3_options(&self) -> S3Options {
        S3Options {
            region: self.region.clone(),
            profile: self.profile.clone(),
            path_style: self.store.s3_path_style,
            assume_roles: self.store.assume_role,
            ..S3Options::default()
        }
    }

    /// These flags would be passed over in silence by an endpoint elsewhere.
    pub(crate) fn refuse_store(&self) -> Result<(), Faults> {
        if !self.store.is_given() {
            return Ok(());
        }
        let (rule, remedy) = ("is for the built-in endpoint", "give --local as well, or leave it out");
        Err(Fault::malformed(Field::Flag("--object-store"), "--object-store", rule, remedy).into())
    }
}

/// Opens the engine on the data directory, with the store that the flags name. Blocks; not where futures are driven.
pub(crate) fn open_engine(data_dir: PathBuf, global: &GlobalArgs) -> Result<Arc<Engine>, CliError> {
    let config = engine_config(data_dir, global);
    if global.store.is_s3() { s3::engine(config) } else { Ok(Engine::open(config)?) }
}

/// What the engine is opened with.
pub(crate) fn engine_config(data_dir: PathBuf, global: &GlobalArgs) -> Config {
    Config { data_dir, clock: system_clock(), s3: global.s3_options() }
}

/// The folders, and the places in S3, that someone typed. Blocks; not where futures are driven.
pub(crate) fn sources(context: &Context, typed: &[PathBuf]) -> Result<Vec<Box<dyn Source>>, CliError> {
    let mut opened = s3::Opened::default();
    typed.iter().map(|path| opened_source(&context.global, path, Field::Flag("PATH"), &mut opened)).collect()
}

/// A folder, or a place in S3. Blocks; not where futures are driven.
pub(crate) fn source(global: &GlobalArgs, path: &Path, field: Field) -> Result<Box<dyn Source>, CliError> {
    opened_source(global, path, field, &mut s3::Opened::default())
}

fn opened_source(
    global: &GlobalArgs,
    path: &Path,
    field: Field,
    opened: &mut s3::Opened,
) -> Result<Box<dyn Source>, CliError> {
    let Some(url) = address(path) else { return Ok(Box::new(Folder::new(path))) };
    let address = S3Address::parse(url).map_err(|error| Faults::from(unfit(field, &error)))?;
    opened.source(address, &global.s3_options())
}

/// The address of S3 that someone typed as a path, if it is one.
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
