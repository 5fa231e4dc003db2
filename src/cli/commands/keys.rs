//! `list --keys`: the data objects of archived exports, for engines that read everything under a
//! prefix and would take manifests for rows.

use std::collections::HashSet;
use std::path::Path;

use serde_json::json;

use crate::cli::commands::verify::{archive, reason};
use crate::cli::context::Context;
use crate::cli::context::object_store;
use crate::cli::error::CliError;
use crate::cli::output::breaks;
use qldb_journal::archive::find::find;
use qldb_journal::archive::source::Source;
use qldb_journal::archive::verify::{Break, BreakKind, Status, VerifyError};
use qldb_journal::request::UniqueId;

/// Prints each data object of some exports, one a line, ordered by the exports' ranges, as a path or address that can
/// be opened. Reads the manifests, and no data object. `typed` is a location that holds exports, or the id of one.
pub(crate) fn run(context: &Context, typed: &Path, ledger: Option<&str>) -> Result<(), CliError> {
    let faults = context.global.faults();
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let (what, sources) = opened(context, typed, ledger)?;
    let archive = find(&sources, ledger).map_err(VerifyError::Source)?;
    // Several exports may list the same object.
    let mut known = HashSet::new();
    let objects = archive.exports.iter().flat_map(|export| &export.objects);
    let keys = objects.filter_map(|object| {
        let source = sources.get(object.file.source)?;
        Some(opened_as(source.as_ref(), &object.file.found.key))
    });
    let keys: Vec<String> = keys.filter(|key| known.insert(key.clone())).collect();
    archive.breaks.iter().for_each(|one| context.printer.warn(&breaks::line(one)));
    if keys.is_empty() {
        let of_ledger = ledger.map(|ledger| format!(" for ledger {ledger}")).unwrap_or_default();
        return Err(CliError::NotInArchive(format!("there is no data object of {what}{of_ledger}")));
    }
    if context.printer.is_json() {
        context.printer.json(&json!({ "Keys": keys }))?;
    } else {
        // A name can contain a line break, and must not look like two.
        keys.iter().try_for_each(|key| context.printer.result(&key.replace('\n', "\\n")))?;
    }
    all_there(&archive.breaks)
}

/// Fails if an object that a manifest lists is missing: a user who reads the listed ones would read less than was exported.
fn all_there(breaks: &[Break]) -> Result<(), CliError> {
    let missing: Vec<&Break> = breaks.iter().filter(|one| one.kind == BreakKind::Missing).collect();
    let Some(first) = missing.first() else { return Ok(()) };
    let (status, others) = (Status::Incomplete, reason::among(missing.len() as u64));
    Err(CliError::NotProvedFor(status, format!("{}: {others}{}", status.as_str(), breaks::line(first))))
}

/// The sources that are read, and a description of what they hold.
fn opened(context: &Context, typed: &Path, ledger: Option<&str>) -> Result<(String, Vec<Box<dyn Source>>), CliError> {
    let Some(id) = id_of(typed) else {
        let sources = object_store::sources(&context.global, &[typed.to_owned()])?;
        return Ok((format!("an export in {}", typed.display()), sources));
    };
    let paths = archive::paths(context, &[], ledger, Some(&id))?;
    let sources = archive::of_export(object_store::sources(&context.global, &paths)?, &id)?;
    let sources = sources.ok_or_else(|| CliError::NotInArchive(archive::not_found(&id, &paths)))?;
    Ok((format!("export {id}"), sources))
}

/// The export id that was typed, if it is one. A file or folder of that name takes precedence.
fn id_of(typed: &Path) -> Option<UniqueId> {
    let id = UniqueId::parse(typed.to_str()?).ok()?;
    (!typed.exists()).then_some(id)
}

/// What an engine can open: a path, or an S3 address.
fn opened_as(source: &dyn Source, key: &str) -> String {
    match source.path(key) {
        Some(path) => path.display().to_string(),
        None => format!("{}/{key}", source.name().trim_end_matches('/')),
    }
}
