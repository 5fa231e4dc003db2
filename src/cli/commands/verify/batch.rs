//! `--print-batch-manifest`: the files of a receipt as a manifest of S3 Batch Operations, for the
//! job that computes their checksums in place. Also finds where in S3 the files of a receipt are,
//! for comparing the receipt with that job's report.

use std::path::PathBuf;

use serde_json::Value;

use super::VerifyArgs;
use super::recheck::{self, Receipt};
use crate::cli::context::{Context, object_store};
use crate::cli::error::CliError;
use crate::cli::error::flags::WithRemedy as _;
use crate::cli::output::{batch, text};
use qldb_endpoint::store::S3Address;
use qldb_journal::request::{Fault, Faults, Field};

const FLAG: Field = Field::Named("--print-batch-manifest");
const PATH: Field = Field::Named("PATH");
const REMEDY: &str = "give the place in S3 that holds the archive as PATH, s3://BUCKET/PREFIX";

/// A file of a receipt, and its location in S3.
#[derive(Debug)]
pub(super) struct Placed<'r> {
    pub(super) bucket: String,
    /// Its full key.
    pub(super) key: String,
    /// The version that was read, if the receipt has it.
    pub(super) version: Option<&'r str>,
    /// The receipt's entry for it.
    pub(super) file: &'r Value,
}

/// Prints the manifest of the files that a receipt lists.
pub(super) fn print(context: &Context, args: &VerifyArgs) -> Result<(), CliError> {
    let mut faults = context.global.faults();
    refuse_others(args, "--print-batch-manifest", &["--print-batch-manifest"], &mut faults);
    let path = args.print_batch_manifest.as_deref().unwrap_or(std::path::Path::new(""));
    if context.printer.is_json() {
        let rule = "can't be used with --print-batch-manifest, which prints CSV";
        faults.push(Fault::malformed(Field::Named("--output"), "json", rule, "leave it out"));
    }
    let receipt = Receipt::read(FLAG, path, &mut faults).inspect(|receipt| receipt.check(FLAG, &mut faults));
    let Some(receipt) = receipt.filter(|_| faults.is_empty()) else { return Err(faults.into()) };
    let files = placed(&receipt, &places(&receipt, &args.paths, FLAG)?, FLAG)?;
    // A manifest has a version in every line, or in none.
    let has_versions = !files.is_empty() && files.iter().all(|file| file.version.is_some());
    let lines = files.iter().map(|file| batch::line(&file.bucket, &file.key, file.version.filter(|_| has_versions)));
    lines.into_iter().try_for_each(|line| context.printer.result(&line))?;
    let fields = if has_versions { "Bucket, Key and VersionId" } else { "Bucket and Key" };
    let count = text::count(files.len() as u64, "object");
    context.printer.note(&format!(
        "{count}, with the fields {fields}; the job's operation is S3ComputeObjectChecksum with SHA256 and FULL_OBJECT"
    ));
    Ok(())
}

fn faulty(field: Field, value: &str, rule: &str, remedy: &str) -> CliError {
    Faults::from(Fault::malformed(field, value, rule, remedy)).into()
}

/// The S3 locations of the archive: those that were typed, or those in the receipt.
pub(super) fn places(receipt: &Receipt, typed: &[PathBuf], flag: Field) -> Result<Vec<S3Address>, CliError> {
    if !receipt.is_of_archive() {
        return Err(faulty(flag, &receipt.name, "is of saved answers alone, and lists no object", recheck::REMEDY));
    }
    let places = if typed.is_empty() { receipt.paths() } else { typed.to_vec() };
    let mut addresses = Vec::new();
    for place in &places {
        let name = place.display().to_string();
        let address = object_store::address(place).map(S3Address::parse);
        match address {
            Some(Ok(address)) => addresses.push(address),
            Some(Err(error)) => return Err(faulty(PATH, &name, &error.rule, REMEDY)),
            None if typed.is_empty() => {
                let rule = format!("was made of the folder {name}, which is not in S3");
                return Err(faulty(flag, &receipt.name, &rule, REMEDY));
            }
            None => return Err(faulty(PATH, &name, "is not in S3", REMEDY)),
        }
    }
    Ok(addresses)
}

/// Every file of a receipt with its location in S3.
pub(super) fn placed<'r>(
    receipt: &'r Receipt,
    addresses: &[S3Address],
    flag: Field,
) -> Result<Vec<Placed<'r>>, CliError> {
    let files = ["manifests", "objects"].into_iter().flat_map(|list| receipt.files(list));
    let files = files.map(|file| {
        // Receipts of a single location may leave out its number.
        let number = file["path"].as_u64().and_then(|number| usize::try_from(number).ok());
        let number = number.or_else(|| (addresses.len() == 1).then_some(0));
        let address = number.and_then(|number| addresses.get(number)).ok_or_else(|| {
            let rule =
                format!("does not say in which of {} its files were", text::count(addresses.len() as u64, "place"));
            faulty(flag, &receipt.name, &rule, "give the places in the order of the receipt, or make a new receipt")
        })?;
        let folder = address.prefix.rfind('/').map_or("", |end| &address.prefix[..=end]);
        let key = format!("{folder}{}", file["key"].as_str().unwrap_or_default());
        Ok(Placed { bucket: address.bucket.to_string(), key, version: file["versionId"].as_str(), file })
    });
    files.collect()
}

/// Refuses flags that require reading, where nothing is read.
pub(super) fn refuse_others(args: &VerifyArgs, by: &str, own: &[&str], faults: &mut Faults) {
    let typed = [
        ("--export", args.export.is_some()),
        ("--level", args.level.is_some()),
        ("--digest", args.digest.is_some()),
        ("--tip", args.tip.is_some()),
        ("--block", args.block.is_some()),
        ("--revision", args.revision.is_some()),
        ("--ledger", args.ledger.is_some()),
        ("--receipt", args.receipt.is_some()),
        ("--receipt-check", args.receipt_check.is_some()),
        ("--checksums", !args.checksums.is_empty()),
        ("--print-batch-manifest", args.print_batch_manifest.is_some()),
        ("--report", args.report.is_some()),
        ("--anchor", args.anchors.anchor.is_some()),
        ("--anchored", args.anchors.anchored.is_some()),
        ("--resume", !args.resume.is_empty()),
        ("--part", args.part.is_some()),
        ("--complete", args.complete),
        ("--jobs", args.jobs.is_some()),
        ("--accept", !args.accept.is_empty()),
    ];
    let typed = typed.into_iter().chain(args.restoring.given());
    for (flag, _) in typed.filter(|(flag, typed)| *typed && !own.contains(flag)) {
        let rule = format!("can't be used with {by}, which reads no archive");
        faults.push(Fault { value: None, ..Fault::malformed(Field::Named(flag), "", rule, "leave it out") });
    }
}
