//! What an export has written, where to, and how long it took, as far as the endpoint reports it.
//! QLDB's own API reports only the range and the destination.

use crate::cli::output::text;
use crate::client::ExportDescription;
use qldb_journal::request::{Progress, time};

/// Names and values for people.
pub(crate) type Fields = Vec<(&'static str, String)>;

/// All of it, for the end of a wait.
pub(crate) fn of(description: &ExportDescription) -> Fields {
    let range = format!("{} to {}", time::display(description.start), time::display(description.end));
    let mut fields = vec![("Range", range)];
    fields.extend(description.progress.iter().flat_map(written));
    fields.extend(took(description));
    fields.push(("Destination", destination(description)));
    fields
}

/// Blocks, objects and bytes.
pub(crate) fn written(progress: &Progress) -> Fields {
    let numbered = match progress.first_block.zip(progress.last_block) {
        Some((first, last)) => format!("{}, numbered {first} to {last}", progress.blocks),
        None => progress.blocks.to_string(),
    };
    vec![("Blocks", numbered), ("Objects", progress.objects.to_string()), ("Size", text::exact_size(progress.bytes))]
}

/// How long a finished export took, if the endpoint reports its end.
pub(crate) fn took(description: &ExportDescription) -> Option<(&'static str, String)> {
    let finished = description.progress.as_ref()?.finished?;
    let length = (finished - description.created).to_std().ok()?;
    Some(("Took", text::took(length)))
}

/// Where an export is written.
pub(crate) fn destination(export: &ExportDescription) -> String {
    text::s3_address(&export.bucket, &export.prefix)
}
