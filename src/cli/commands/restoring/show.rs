//! What is printed about objects that must be restored: the first of them for people, all of them
//! for programs, and the commands that restore them.

use std::collections::BTreeMap;
use std::ffi::OsStr;

use serde_json::{Value, json};

use super::Restoring;
use super::ask::AskedFor;
use crate::cli::error::{Advice, CliError};
use crate::cli::output::batch;
use crate::cli::output::text::{self, shell_word};
use qldb_journal::archive::source::Archived;

/// How many objects are shown to people.
const SHOWN: usize = 10;
/// What is suggested: a week, at the lowest price.
const DAYS: i32 = 7;
const TIER: &str = "Bulk";

const WHY: &str = "S3 can't deliver objects of these storage classes until a copy is restored";
const WHY_WAIT: &str = "S3 takes minutes (Expedited), hours (Standard), or up to two days (Bulk)";

/// How many objects, and their bytes.
pub(super) fn sum(archived: &[Archived]) -> (u64, u64) {
    (archived.len() as u64, archived.iter().map(|object| object.size).sum())
}

/// Reports that nothing was read, and what to do.
pub(super) fn error(archived: &[Archived], asked: Option<&AskedFor>, restoring: Restoring) -> CliError {
    let (objects, bytes) = sum(archived);
    let under_way = archived.iter().filter(|object| object.is_restoring).count() as u64;
    let what = format!("{} of {}", text::count(objects, "object"), text::size(bytes));
    let fate = match asked {
        Some(_) if objects == 1 => "is being restored".to_owned(),
        Some(_) => "are being restored".to_owned(),
        None => format!("must be restored before the archive can be read: {}", classes(archived, under_way)),
    };
    let mut lines = vec![format!("{what} {fate}; nothing was read")];
    lines.extend(archived.iter().take(SHOWN).map(|object| format!("  {}", line(object))));
    let more = archived.len().saturating_sub(SHOWN);
    lines.extend((more > 0).then(|| format!("  and {more} more, which --output json lists")));
    let next = if asked.is_some() || under_way == objects { again("--wait") } else { commands(archived, restoring) };
    let why = if asked.is_some() || under_way == objects { WHY_WAIT } else { WHY };
    CliError::Archived { message: lines.join("\n"), advice: Advice::new(why, next) }
}

/// The number of objects in each class.
fn classes(archived: &[Archived], under_way: u64) -> String {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    archived.iter().for_each(|object| *counts.entry(place(object)).or_default() += 1);
    let counts: Vec<String> = counts.iter().map(|(class, count)| format!("{count} in {class}")).collect();
    let already = if under_way > 0 { format!(", {under_way} of them being restored already") } else { String::new() };
    format!("{}{already}", counts.join(", "))
}

/// The class, or the tier within it.
fn place(object: &Archived) -> &str {
    object.tier.as_deref().unwrap_or(&object.class)
}

fn line(object: &Archived) -> String {
    let Archived { bucket, key, size, is_restoring, .. } = object;
    let state = if *is_restoring { ", being restored" } else { "" };
    text::one_line(&format!("{} ({}, {}{state})", text::s3_address(bucket, key), text::size(*size), place(object)))
        .into_owned()
}

/// The commands that restore them: this program's, S3's for a single object, and a job for many.
fn commands(archived: &[Archived], restoring: Restoring) -> String {
    let own = if restoring.wait.is_some() { "--restore 7 --tier Bulk" } else { "--restore 7 --tier Bulk --wait" };
    let mut lines = vec![again(own)];
    if let Some(object) = archived.first() {
        lines.push(format!("or, for each object: {}", text::one_line(&restore_object(object))));
    }
    if archived.len() > SHOWN {
        let manifest = again("--query 'archived.objects[].[manifestLine]' --output text");
        lines.push(format!(
            "or, for all of them, run a job of S3 Batch Operations; this prints its manifest:\n        {manifest}"
        ));
        lines.push(create_job());
    }
    lines.join("\n        ")
}

/// The command that was typed, with additional flags.
fn again(flags: &str) -> String {
    let typed: Vec<_> = std::env::args_os().skip(1).collect();
    if typed.iter().any(|word| word == OsStr::new("--")) {
        return format!("the same command with {flags}");
    }
    let words: Vec<String> = typed.iter().map(|word| text::shell_argument(word)).collect();
    format!("{} {} {flags}", env!("CARGO_PKG_NAME"), words.join(" "))
}

/// The AWS CLI's command for one object.
fn restore_object(object: &Archived) -> String {
    let days = if object.class == "INTELLIGENT_TIERING" { String::new() } else { format!("\"Days\":{DAYS},") };
    let request = format!("{{{days}\"GlacierJobParameters\":{{\"Tier\":\"{TIER}\"}}}}");
    let (bucket, key) = (shell_word(&object.bucket), shell_word(&object.key));
    format!("aws s3api restore-object --bucket {bucket} --key {key} --restore-request '{request}'")
}

/// The AWS CLI's command for all of them.
fn create_job() -> String {
    format!(
        "aws s3control create-job --account-id ACCOUNT --role-arn ROLE --priority 10 --no-confirmation-required \
         --operation '{{\"S3InitiateRestoreObject\":{{\"ExpirationInDays\":{DAYS},\"GlacierJobTier\":\"BULK\"}}}}' \
         --manifest '{{\"Spec\":{{\"Format\":\"S3BatchOperations_CSV_20180820\",\"Fields\":[\"Bucket\",\"Key\"]}},\
         \"Location\":{{\"ObjectArn\":\"arn:aws:s3:::BUCKET/MANIFEST.csv\",\"ETag\":\"ETAG\"}}}}' \
         --report '{{\"Enabled\":false}}'"
    )
}

/// Everything, for programs.
pub(super) fn machine(archived: &[Archived], asked: Option<&AskedFor>) -> Value {
    let (objects, bytes) = sum(archived);
    let object = |object: &Archived| {
        json!({
            "bucket": object.bucket,
            "key": object.key,
            "bytes": object.size,
            "storageClass": object.class,
            "archiveStatus": object.tier,
            "restoring": object.is_restoring,
            "restoreCommand": restore_object(object),
            "manifestLine": batch::line(&object.bucket, &object.key, None),
        })
    };
    let asked = asked.map(|asked| {
        json!({
            "days": asked.order.days,
            "tier": asked.order.tier,
            "begun": asked.begun,
            "underWay": asked.under_way,
        })
    });
    json!({
        "archived": {
            "count": objects,
            "bytes": bytes,
            "objects": archived.iter().map(object).collect::<Vec<_>>(),
            "asked": asked,
            "createJobCommand": create_job(),
        },
    })
}
