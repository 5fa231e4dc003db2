//! Where the archive is: at the paths that were typed, or where an export, or everything that the
//! built-in endpoint exported, was written. For `verify` and for `list --keys`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::VerifyArgs;
use crate::cli::commands::restoring::{Needed, Restoring, readable};
use crate::cli::commands::status::NamedExport;
use crate::cli::context::Context;
use crate::cli::context::object_store;
use crate::cli::context::subset::{Subset, keys_of};
use crate::cli::error::CliError;
use crate::cli::error::flags::WithRemedy as _;
use crate::cli::output::{summary, text};
use qldb_endpoint::engine::Glance;
use qldb_journal::archive::find;
use qldb_journal::archive::source::Source;
use qldb_journal::archive::verify::{Status, VerifyError};
use qldb_journal::request::{Fault, Faults, Field, LedgerName, UniqueId, time};

const DATA_DIR: Field = Field::Named("--data-dir");

/// What is read, and how to handle objects that must be restored first.
pub(super) struct Selected<'a> {
    pub(super) paths: &'a [PathBuf],
    /// Only this export.
    pub(super) export: Option<&'a UniqueId>,
    pub(super) restoring: Restoring,
}

/// How many exports of a data directory are searched.
const MOST: usize = 10_000;

/// The folders and S3 locations to read. Asks the service where one of its exports is; must not be called from async
/// code.
pub(crate) fn paths(
    context: &Context,
    typed: &[PathBuf],
    ledger: Option<&str>,
    export: Option<&UniqueId>,
) -> Result<Vec<PathBuf>, CliError> {
    match export {
        _ if !typed.is_empty() => Ok(typed.to_vec()),
        Some(id) if !context.global.local => of_service(context, ledger, id),
        Some(id) if !context.global.writes_directories() => of_catalog(&context.data_dir()?, id),
        _ if context.global.writes_directories() => buckets(&context.data_dir()?),
        _ => Ok(Vec::new()),
    }
}

/// Where an export was written, according to the service.
fn of_service(context: &Context, ledger: Option<&str>, id: &UniqueId) -> Result<Vec<PathBuf>, CliError> {
    let ledger = ledger.map(LedgerName::parse).transpose().map_err(Faults::from)?;
    let mut found = Vec::new();
    context.run(async {
        let client = context.connect().await?;
        let named = NamedExport { id: id.clone(), ledger };
        let description = client.describe_export(&named.ledger(context, &client).await?, id).await?;
        found.push(PathBuf::from(summary::destination(&description)));
        Ok(())
    })?;
    Ok(found)
}

/// Where an export of the built-in endpoint was written, if that is in S3.
fn of_catalog(data_dir: &Path, id: &UniqueId) -> Result<Vec<PathBuf>, CliError> {
    let glance = Glance::at(data_dir, time::now())?;
    let exports = glance.map(|glance| glance.exports(None, MOST)).transpose()?.unwrap_or_default();
    let export = exports.into_iter().find(|export| export.id == *id);
    let request = export.ok_or_else(|| CliError::NoSuchExport(id.clone()))?.request;
    Ok(vec![PathBuf::from(text::s3_address(&request.bucket, &request.prefix))])
}

/// The folders of all buckets in a data directory.
fn buckets(data_dir: &Path) -> Result<Vec<PathBuf>, CliError> {
    let folder = data_dir.join("buckets");
    let listed = std::fs::read_dir(&folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = match listed {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        listed => listed.map_err(|source| CliError::File { path: folder.clone(), source })?,
    };
    let mut buckets: Vec<PathBuf> = entries.iter().map(std::fs::DirEntry::path).filter(|path| path.is_dir()).collect();
    buckets.sort_unstable();
    if buckets.is_empty() {
        let remedy = "export with --local first, name another directory with --data-dir, or give PATH";
        let rule = "holds no exports";
        return Err(Faults::from(Fault::malformed(DATA_DIR, &data_dir.display().to_string(), rule, remedy)).into());
    }
    Ok(buckets)
}

/// Flags that locate an endpoint or its store, when none is used.
pub(super) fn idle_flags(context: &Context, args: &VerifyArgs) -> Vec<Fault> {
    let global = &context.global;
    let is_placed = !args.paths.is_empty();
    let asks = !is_placed && args.export.is_some() && !global.local;
    let local = !is_placed && global.local;
    let given = [
        ("--endpoint-url", global.endpoint_url.is_some() && !asks, "--export"),
        ("--object-store", global.store.is_given() && !local, "--local"),
    ];
    let idle = given.into_iter().filter(|(_, is_idle, _)| *is_idle);
    idle.map(|(flag, _, needed)| {
        let rule = format!("does not apply to `verify` with a path or without {needed}");
        Fault { value: None, ..Fault::malformed(Field::Named(flag), "", rule, "leave it out") }
    })
    .collect()
}

/// The fault if nothing says where the archive is.
pub(super) fn unplaced(context: &Context) -> Fault {
    let remedy = if context.global.local {
        "give the address that the exports went to (s3://BUCKET/PREFIX), or --export with the id of one"
    } else {
        "give the folder that holds the exports, s3://BUCKET/PREFIX, --export with the id of one, or --local"
    };
    Fault::missing(Field::Named("PATH"), remedy)
}

/// Opens the sources, as a whole or only the files of one export. Blocks; must not be called from async code.
pub(super) fn sources(
    context: &Context,
    selected: &Selected<'_>,
    needed: &Needed,
) -> Result<Vec<Box<dyn Source>>, CliError> {
    let sources = object_store::sources(&context.global, selected.paths)?;
    let sources = readable(context, sources, needed, selected.restoring)?;
    let Some(id) = selected.export else { return Ok(sources) };
    of_export(sources, id)?.ok_or_else(|| {
        let reason = format!("{}: give the place that holds its manifests", not_found(id, selected.paths));
        CliError::NotProvedFor(Status::Unproved, reason)
    })
}

/// The files of one export; `None` if it is not there. Blocks; must not be called from async code.
pub(crate) fn of_export(
    sources: Vec<Box<dyn Source>>,
    id: &UniqueId,
) -> Result<Option<Vec<Box<dyn Source>>>, CliError> {
    let mut found = find::find(&sources, None).map_err(VerifyError::Source)?.exports;
    found.retain(|export| export.id == id.as_str());
    if found.is_empty() {
        return Ok(None);
    }
    let part = |(number, source): (usize, Box<dyn Source>)| -> Box<dyn Source> {
        Box::new(Subset::only(Arc::from(source), keys_of(found.iter(), number)))
    };
    Ok(Some(sources.into_iter().enumerate().map(part).collect()))
}

/// Reports that none of the locations has an export.
pub(crate) fn not_found(id: &UniqueId, paths: &[PathBuf]) -> String {
    let places: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    format!("no export {id} was found in {}", places.join(", "))
}
