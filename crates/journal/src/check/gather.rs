//! What a check keeps from the items in a struct of a known form, and the block's texts that it
//! compares.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};

use super::draft::{DocumentDraft, Group, Run, Slice};
use super::shape::{Retype, Tag};
use crate::Hash;
use crate::ion::{Event, Hashing, Item, Later, Scalar, Timestamp};

/// What was gathered from a value of a known form.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) later: Option<Later>,
    pub(super) strand_id: Option<Slice>,
    pub(super) sequence_no: Option<u64>,
    pub(super) document_id: Option<Slice>,
    pub(super) version: Option<u64>,
    pub(super) transaction_id: Option<Slice>,
    /// The number of revisions named as redacted.
    pub(super) redactions: u64,
    pub(super) of_block: OfBlock,
}

/// What the block states and its revisions repeat, as far as it was read.
#[derive(Default, Clone, Copy)]
pub(super) struct OfBlock {
    pub(super) strand_id: Option<Slice>,
    pub(super) transaction_id: Option<Slice>,
}

/// Hashes an item; a JSON item as what it was in Ion.
pub(super) fn write_retyped(hashing: &mut Hashing, item: &Item<'_>, retype: Option<Retype>) -> Option<Later> {
    let (Some(retype), Event::Scalar(Scalar::String(text))) = (retype, &item.event) else { return hashing.write(item) };
    let retyped = |scalar| item.with_event(Event::Scalar(scalar));
    match retype {
        Retype::Time => match Timestamp::parse(text) {
            Some(time) => hashing.write(&retyped(Scalar::Timestamp(&time))),
            None => hashing.write(item),
        },
        Retype::Blob => match STANDARD.decode(text) {
            Ok(bytes) => hashing.write(&retyped(Scalar::Blob(&bytes))),
            Err(_) => hashing.write(item),
        },
    }
}

/// Keeps what a check compares.
#[inline]
pub(super) fn gather(tag: Tag, item: &Item<'_>, group: &mut Group, found: &mut Gathered) {
    if tag == Tag::Document {
        let id = group.keep(item.field.flatten().unwrap_or_default());
        let at = group.document_statements.len();
        let statements = Run { start: at, end: at };
        group.documents.push(DocumentDraft { id, table_name: None, table_id: None, statements });
        return;
    }
    let scalar = if let Event::Scalar(scalar) = &item.event { Some(scalar) } else { None };
    gather_value(tag, scalar, group, found);
}

/// The same for a value whose name carries no information.
#[inline]
pub(super) fn gather_value(tag: Tag, scalar: Option<&Scalar<'_>>, group: &mut Group, found: &mut Gathered) {
    let number = || match scalar {
        Some(Scalar::Int(number)) => number.as_u64(),
        _ => None,
    };
    let text = match scalar {
        Some(Scalar::String(text)) => Some(*text),
        _ => None,
    };
    match tag {
        Tag::Plain | Tag::Document => {}
        Tag::Statement => group.deletes.push(text.is_some_and(is_delete)),
        Tag::TableName | Tag::TableId => {
            let kept = text.map(|text| group.keep(text));
            if let Some(document) = group.documents.last_mut() {
                *(if tag == Tag::TableName { &mut document.table_name } else { &mut document.table_id }) = kept;
            }
        }
        Tag::DocumentStatement => {
            let index = number().and_then(|index| usize::try_from(index).ok()).unwrap_or(usize::MAX);
            group.document_statements.push(index);
            if let Some(document) = group.documents.last_mut() {
                document.statements.end = group.document_statements.len();
            }
        }
        Tag::StrandId => found.strand_id = text.map(|text| group.keep_again(text, found.of_block.strand_id)),
        Tag::SequenceNo => found.sequence_no = number(),
        Tag::DocumentId => found.document_id = text.map(|text| group.keep(text)),
        Tag::Version => found.version = number(),
        Tag::TransactionId => {
            found.transaction_id = text.map(|text| group.keep_again(text, found.of_block.transaction_id));
        }
        Tag::Redaction => found.redactions += 1,
    }
}

/// Whether a statement of PartiQL deletes documents.
fn is_delete(statement: &str) -> bool {
    const WORD: &str = "DELETE";
    let text = statement.trim_start();
    let word = text.get(..WORD.len()).is_some_and(|word| word.eq_ignore_ascii_case(WORD));
    word && text.get(WORD.len()..).is_some_and(|rest| rest.starts_with(char::is_whitespace))
}

/// A time of the block itself; in JSON, a string.
#[inline]
pub(super) fn time(event: &Event<'_>, is_json: bool) -> Option<DateTime<Utc>> {
    match event {
        Event::Scalar(Scalar::Timestamp(time)) if !is_json => time.to_utc(),
        Event::Scalar(Scalar::String(text)) if is_json => Timestamp::parse(text)?.to_utc(),
        _ => None,
    }
}

/// A hash as a blob, or as base64 in JSON. An empty or null one is `None`.
#[inline]
pub(super) fn hash(event: &Event<'_>, is_json: bool) -> Result<Option<Hash>, &'static str> {
    const RULE: &str = "is not a hash of 32 bytes";
    match event {
        Event::Scalar(Scalar::Null(_) | Scalar::Blob(b"")) => Ok(None),
        Event::Scalar(Scalar::Blob(bytes)) if !is_json => Hash::from_slice(bytes).map(Some).ok_or(RULE),
        Event::Scalar(Scalar::String("")) if is_json => Ok(None),
        Event::Scalar(Scalar::String(text)) if is_json => Hash::from_base64(text).map(Some).ok_or(RULE),
        _ => Err(RULE),
    }
}
