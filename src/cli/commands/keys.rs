//! `list --keys`: the data objects of archived exports, for engines that read
//! whatever lies under a prefix and take manifests for rows.

use std::collections::HashSet;
use std::path::PathBuf;

use serde_json::json;

use crate::cli::context::Context;
use crate::cli::context::object_store::sources;
use crate::cli::error::CliError;
use crate::cli::output::breaks;
use qldb_journal::archive::find::find;
use qldb_journal::archive::source::Source;
use qldb_journal::archive::verify::VerifyError;

/// Prints each data object of the exports that lie in a place, in the order of their ranges, one a line: where it can be
/// opened. Reads the manifests, and no data object.
pub(crate) fn run(context: &Context, place: &PathBuf, ledger: Option<&str>) -> Result<(), CliError> {
    let sources = sources(&context.global, std::slice::from_ref(place))?;
    let archive = find(&sources, ledger).map_err(VerifyError::Source)?;
    // Several exports may list the same one.
    let mut known = HashSet::new();
    let objects = archive.exports.iter().flat_map(|export| &export.objects);
    let keys = objects.filter_map(|object| {
        let source = sources.get(object.file.source)?;
        Some(opened_as(source.as_ref(), &object.file.found.key))
    });
    let keys: Vec<String> = keys.filter(|key| known.insert(key.clone())).collect();
    archive.breaks.iter().for_each(|one| context.printer.warn(&breaks::line(one)));
    if keys.is_empty() {
        let of_ledger = ledger.map(|ledger| format!(" of ledger {ledger}")).unwrap_or_default();
        return Err(CliError::NotInArchive(format!(
            "there is no data object of an export{of_ledger} in {}",
            place.display()
        )));
    }
    if context.printer.is_json() {
        return Ok(context.printer.json(&json!({ "Keys": keys }))?);
    }
    keys.iter().try_for_each(|key| context.printer.result(key)).map_err(CliError::from)
}

/// What an engine opens: a path, or an address in S3.
fn opened_as(source: &dyn Source, key: &str) -> String {
    match source.path(key) {
        Some(path) => path.display().to_string(),
        None => format!("{}/{key}", source.name().trim_end_matches('/')),
    }
}
