//! `--checksums`: compares a receipt with the completion reports of S3 Batch Operations, whose job
//! computes the SHA-256 of objects in place. Nothing is read or restored; S3's word replaces
//! reading, and the output says so.

mod compare;
mod rows;
mod show;

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use super::VerifyArgs;
use super::batch::{placed, places, refuse_others};
use super::recheck::Receipt;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::error::flags::WithRemedy as _;
use compare::{Comparison, ReceiptFiles};
use qldb_journal::archive::verify::Status;
use qldb_journal::request::{Fault, Faults, Field};
use rows::Unread;

const FLAG: Field = Field::Named("--receipt-check");
const CHECKSUMS: Field = Field::Named("--checksums");
const REMEDY: &str = "give the CSV files of the job's completion report, which are below results/";

/// What the reports contain.
struct Read {
    comparison: Comparison,
    rows: u64,
    files: Vec<String>,
}

/// Compares the receipt with the reports, and prints what differs.
pub(super) fn run(context: &Context, args: &VerifyArgs) -> Result<(), CliError> {
    let mut faults = context.global.faults();
    refuse_others(args, "--checksums", &["--checksums", "--receipt-check"], &mut faults);
    let Some(path) = args.receipt_check.as_deref() else {
        faults.push(Fault::missing(FLAG, "name the receipt that the report is held against"));
        return Err(faults.into());
    };
    let receipt = Receipt::read(FLAG, path, &mut faults).inspect(|receipt| receipt.check(FLAG, &mut faults));
    let Some(receipt) = receipt.filter(|_| faults.is_empty()) else { return Err(faults.into()) };
    let read = read(&receipt, args)?;
    let verdict = receipt.verdict().ok_or_else(|| {
        let rule = "has a member report.verdict that no receipt has";
        Faults::from(Fault::malformed(FLAG, &receipt.name, rule, "give the file as --receipt wrote it"))
    })?;
    let printer = &context.printer;
    if printer.is_json() {
        printer.json(&show::machine(&receipt, verdict, &read))?;
    } else {
        printer.result(&show::people(&receipt, verdict, &read, printer.screen()))?;
    }
    let differing = read.comparison.differences.iter().map(|one| one.what.weight()).max().unwrap_or(Status::Proved);
    let listed = if receipt.unlisted() > 0 { Status::Unproved } else { Status::Proved };
    let reason = match differing.max(listed).max(verdict) {
        Status::Proved => return Ok(()),
        status if status == differing => (status, show::why(&receipt, status, &read.comparison)),
        status if status == verdict => (status, show::said(&receipt, status, &read.comparison)),
        status => {
            let unlisted = format!("{} does not list all objects that it says were read", receipt.name);
            (status, format!("{}: {unlisted}", status.as_str()))
        }
    };
    Err(CliError::NotProvedFor(reason.0, reason.1))
}

fn read(receipt: &Receipt, args: &VerifyArgs) -> Result<Read, CliError> {
    let places = places(receipt, &args.paths, FLAG)?;
    let files = placed(receipt, &places, FLAG)?;
    let folders = places.into_iter().map(|place| (place.bucket.to_string(), place.prefix)).collect();
    let mut held = ReceiptFiles::new(files, folders);
    let mut rows = 0;
    for path in &args.checksums {
        rows += rows_of(path, &mut held)?;
    }
    let files = args.checksums.iter().map(|path| path.display().to_string()).collect();
    Ok(Read { comparison: held.compared(), rows, files })
}

fn rows_of(path: &Path, held: &mut ReceiptFiles<'_>) -> Result<u64, CliError> {
    let name = path.display().to_string();
    let fault = |rule: String| Faults::from(Fault::malformed(CHECKSUMS, &name, rule, REMEDY));
    let file = File::open(path).map_err(|error| fault(format!("can't be read: {error}")))?;
    let read = rows::each(BufReader::new(file), |row| held.take(row));
    let rows = read.map_err(|unread| match unread {
        Unread::Io(error) => fault(format!("can't be read: {error}")),
        Unread::Line(line) => fault(format!("is not a completion report: line {line} is not a row of one")),
    })?;
    if rows == 0 {
        return Err(fault("has no rows".to_owned()).into());
    }
    Ok(rows)
}
