//! What is printed about comparing a receipt with S3's checksums. It never says that the archive is
//! proved.

use serde_json::{Value, json};

use super::Read;
use super::compare::{Comparison, Difference, What};
use crate::cli::commands::verify::recheck::Receipt;
use crate::cli::output::screen::Screen;
use crate::cli::output::text;
use qldb_journal::archive::verify::Status;

/// What the result is based on.
const BASIS: &str = "the SHA-256 that Amazon S3 computed of the objects where they lie; its word stands in for reading, \
                     and nothing was read";

/// One difference in one line.
fn line(one: &Difference) -> String {
    let version = one.version.as_ref().map(|version| format!(" (version {version})")).unwrap_or_default();
    let what = match &one.what {
        What::Other { in_receipt, found } => format!("sha256: {in_receipt} in the receipt, {found} according to S3"),
        What::Missing => "no report has it".to_owned(),
        What::Unhashed => "the receipt has no SHA-256 of it".to_owned(),
        What::NoSum(why) => why.clone(),
        What::OtherVersion => "another version besides the one in the receipt, with other bytes".to_owned(),
        What::Extra => "S3 has it, and the receipt does not".to_owned(),
    };
    text::one_line(&format!("{}{version}: {what}", text::s3_address(&one.bucket, &one.key))).into_owned()
}

/// The first of the worst differences.
pub(super) fn why(receipt: &Receipt, status: Status, comparison: &Comparison) -> String {
    let first = comparison.differences.iter().find(|one| one.what.weight() == status).map(line).unwrap_or_default();
    let among = match comparison.differences.len() {
        1 => String::new(),
        count => format!("one of {count} differences: "),
    };
    format!("{}: S3 does not say what {} says: {among}{first}", status.as_str(), receipt.name)
}

/// Reports that the receipt itself does not have the verdict proved.
pub(super) fn said(receipt: &Receipt, status: Status, comparison: &Comparison) -> String {
    let so = format!("{}: so {} says", status.as_str(), receipt.name);
    match comparison.differences.len() as u64 {
        0 if receipt.unlisted() > 0 => format!("{so}, and it does not list all objects that it says were read"),
        0 => format!("{so}, and it holds for the same bytes, on S3's word"),
        count => format!("{so}, with {} besides", text::count(count, "difference")),
    }
}

/// The levels in the receipt, each with its verdict.
fn levels(receipt: &Receipt) -> String {
    let levels = receipt.value["report"]["levels"].as_object().into_iter().flatten();
    let levels = levels.filter_map(|(level, status)| Some(format!("{level} {}", status.as_str()?)));
    levels.collect::<Vec<_>>().join(", ")
}

/// For people.
pub(super) fn people(receipt: &Receipt, verdict: Status, read: &Read, screen: Screen) -> String {
    let Comparison { differences, same, elsewhere, .. } = &read.comparison;
    let date = receipt.value["verifiedAt"].as_str().unwrap_or_default();
    let result = match differences.len() as u64 {
        0 if receipt.unlisted() > 0 => "the receipt does not list all objects that it says were read".to_owned(),
        0 => format!("the receipt's verdict holds for the same bytes, on S3's word: {}", verdict.as_str()),
        count => format!("{}; the receipt's verdict is not held up", text::count(count, "difference")),
    };
    let mut rows = text::count(read.rows, "row");
    if *elsewhere > 0 {
        rows = format!("{rows}, {elsewhere} of them about objects that are not part of this archive");
    }
    let mut fields = vec![
        ("Receipt", format!("{}, of {date}: {}", receipt.name, verdict.as_str())),
        ("Levels", format!("as the receipt says: {}", levels(receipt))),
        ("Reports", format!("{}: {rows}", read.files.join(", "))),
        ("Files", format!("{} the same", text::count(*same, "file"))),
        ("Basis", BASIS.to_owned()),
        ("Result", result),
    ];
    if read.comparison.has_versions {
        let versions = "those that were read for the receipt; whether they are still the current ones is not said";
        fields.push(("Versions", versions.to_owned()));
    }
    let mut lines = vec![text::fields(&fields, screen)];
    if !differences.is_empty() {
        lines.push(String::new());
        lines.extend(differences.iter().map(|one| {
            let room = screen.width.map_or(usize::MAX, |width| width.saturating_sub(4));
            format!("  {}", text::wrapped(&line(one), 4, room))
        }));
    }
    lines.join("\n")
}

/// For programs. There is no member `verdict`, because nothing was verified.
pub(super) fn machine(receipt: &Receipt, verdict: Status, read: &Read) -> Value {
    let Comparison { differences, same, elsewhere, .. } = &read.comparison;
    let difference = |one: &Difference| {
        let (in_receipt, found) = match &one.what {
            What::Other { in_receipt, found } => (json!(in_receipt), json!(found)),
            What::NoSum(why) => (Value::Null, json!(why)),
            _ => (Value::Null, Value::Null),
        };
        json!({
            "bucket": one.bucket,
            "key": one.key,
            "versionId": one.version,
            "what": one.what.word(),
            "inReceipt": in_receipt,
            "found": found,
            "weight": one.what.weight().as_str(),
        })
    };
    json!({
        "receiptCheck": receipt.name,
        "checksums": read.files,
        "basis": BASIS,
        "receiptVerdict": verdict.as_str(),
        "receiptLevels": receipt.value["report"]["levels"],
        "verifiedAt": receipt.value["verifiedAt"],
        "holds": differences.is_empty() && receipt.unlisted() == 0,
        "rows": read.rows,
        "rowsElsewhere": elsewhere,
        "sameFiles": same,
        "differences": differences.iter().map(difference).collect::<Vec<_>>(),
    })
}
