//! Where `convert` and `prove` write: a local file or folder outside the archive that is read.

use std::path::{Path, PathBuf};

use crate::cli::context::Context;
use crate::cli::context::object_store::address;
use crate::cli::error::flags::WithRemedy as _;
use crate::cli::output::output_file::lies_in;
use qldb_journal::request::{Fault, Faults, Field};

/// The flag for a destination.
pub(crate) struct DestinationFlag {
    /// The flag that names it.
    pub(crate) flag: &'static str,
    /// What to type if it is missing.
    pub(crate) missing: &'static str,
}

/// Records that a destination has its final name, whatever follows.
pub(crate) fn made(context: &Context, to: &Path) {
    context.printer.made(&format!("{} was written", to.display()));
}

/// The destination that was typed. Does not check whether something exists there.
pub(crate) fn destination<'a>(
    written: &DestinationFlag,
    typed: Option<&'a Path>,
    archives: &[PathBuf],
    faults: &mut Faults,
) -> Option<&'a Path> {
    let field = Field::Named(written.flag);
    let Some(to) = typed else {
        faults.push(Fault::missing(field, written.missing));
        return None;
    };
    match unfit(to, archives) {
        None => Some(to),
        Some((rule, remedy)) => {
            faults.push(Fault::malformed(field, &to.display().to_string(), rule, remedy));
            None
        }
    }
}

fn unfit(to: &Path, archives: &[PathBuf]) -> Option<(String, &'static str)> {
    if address(to).is_some() {
        return Some(("is a place in S3".to_owned(), "give a local one, and copy it with `aws s3 sync`"));
    }
    if to.file_name().is_none() {
        return Some(("is not the name of a file or folder".to_owned(), "add a name for it"));
    }
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(folder) = folder.canonicalize() else {
        return Some(("is in a folder that does not exist and is not created".to_owned(), "create it first"));
    };
    if !folder.is_dir() {
        return Some(("is in something that is not a folder".to_owned(), "name a place in a folder"));
    }
    let whole = to.canonicalize().unwrap_or_else(|_| folder.clone());
    let is_read = |archive: &&PathBuf| lies_in(&folder, archive) || lies_in(&whole, archive);
    let archive = archives.iter().find(is_read)?;
    let rule = format!("is or is in {}, which is read and not written to", archive.display());
    Some((rule, "name a place elsewhere"))
}
