//! Reads the head of a block: address, time and links. They stand first, so
//! that the rest need not be looked at.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};

use super::ion::{Container, Event, IonError, Item, Reader, Scalar};
use super::{BlockHeader, Hash, Links};

/// What was found so far.
#[derive(Default)]
struct Head {
    strand_id: Option<String>,
    sequence_no: Option<u64>,
    timestamp: Option<DateTime<Utc>>,
    block_hash: Option<Hash>,
    previous_block_hash: Option<Option<Hash>>,
}

/// Reads the head of the block that the reader stands before. In JSON, times and
/// blobs are strings; in Ion, a string there is none.
pub(super) fn read_head(reader: &mut Reader<'_>, json: bool) -> Result<(BlockHeader, Links), IonError> {
    let mut head = Head::default();
    let mut depth = 0_usize;
    let mut in_address = false;
    loop {
        let at = reader.offset();
        let Some(item) = reader.next_item()? else { break };
        match (&item.event, depth) {
            (Event::Begin(Container::Struct), 0) => {}
            (_, 0) => return Err(IonError::new(at, "not a block: a block is a struct")),
            (Event::Begin(_), 1)
                if matches!(item.field, Some(Some("blockTimestamp" | "blockHash" | "previousBlockHash"))) =>
            {
                return Err(wrong(at, &item, "is a container"));
            }
            (Event::Begin(_), 1) => in_address = item.field == Some(Some("blockAddress")),
            (Event::Scalar(scalar), 1) => head.take(&item, scalar, json).map_err(|rule| wrong(at, &item, rule))?,
            (Event::Scalar(scalar), 2) if in_address => {
                head.take_address(&item, scalar).map_err(|rule| wrong(at, &item, rule))?;
            }
            _ => {}
        }
        match item.event {
            Event::Begin(_) => depth += 1,
            Event::End => depth -= 1,
            Event::Scalar(_) => {}
        }
        if head.is_complete() || depth == 0 {
            break;
        }
    }
    head.finish()
}

fn wrong(at: usize, item: &Item<'_>, rule: &str) -> IonError {
    IonError::new(at, format!("{} {rule}", item.field.flatten().unwrap_or_default()))
}

impl Head {
    fn take(&mut self, item: &Item<'_>, scalar: &Scalar<'_>, json: bool) -> Result<(), &'static str> {
        match item.field {
            Some(Some("blockTimestamp")) => {
                self.timestamp = Some(time(scalar, json).ok_or("is not a timestamp with seconds and offset")?);
            }
            Some(Some("blockHash")) => self.block_hash = hash(scalar, json)?,
            Some(Some("previousBlockHash")) => self.previous_block_hash = Some(hash(scalar, json)?),
            _ => {}
        }
        Ok(())
    }

    fn take_address(&mut self, item: &Item<'_>, scalar: &Scalar<'_>) -> Result<(), &'static str> {
        match (item.field, scalar) {
            (Some(Some("strandId")), _) if self.strand_id.is_some() => return Err("stands twice"),
            (Some(Some("sequenceNo")), _) if self.sequence_no.is_some() => return Err("stands twice"),
            (Some(Some("strandId")), Scalar::String(id)) => self.strand_id = Some((*id).to_owned()),
            (Some(Some("sequenceNo")), Scalar::Int(number)) => self.sequence_no = number.as_u64(),
            _ => {}
        }
        Ok(())
    }

    fn is_complete(&self) -> bool {
        self.sequence_no.is_some()
            && self.strand_id.is_some()
            && self.timestamp.is_some()
            && self.block_hash.is_some()
            && self.previous_block_hash.is_some()
    }

    fn finish(self) -> Result<(BlockHeader, Links), IonError> {
        let lacks = |field: &str| IonError::new(0, format!("not a block: it lacks {field}"));
        let header = BlockHeader {
            strand_id: self.strand_id.ok_or_else(|| lacks("blockAddress.strandId"))?,
            sequence_no: self.sequence_no.ok_or_else(|| lacks("blockAddress.sequenceNo"))?,
            timestamp: self.timestamp.ok_or_else(|| lacks("blockTimestamp"))?,
        };
        let block_hash = self.block_hash.ok_or_else(|| lacks("blockHash"))?;
        Ok((header, Links { block_hash, previous_block_hash: self.previous_block_hash.flatten() }))
    }
}

fn time(scalar: &Scalar<'_>, json: bool) -> Option<DateTime<Utc>> {
    match scalar {
        Scalar::Timestamp(timestamp) => timestamp.to_utc(),
        Scalar::String(text) if json => DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc()),
        _ => None,
    }
}

/// A hash as a blob, or as base64 in JSON. An empty or null one is none.
pub(super) fn hash(scalar: &Scalar<'_>, json: bool) -> Result<Option<Hash>, &'static str> {
    const RULE: &str = "is not a hash of 32 bytes";
    match scalar {
        Scalar::Null(_) | Scalar::Blob(b"") => Ok(None),
        Scalar::String("") if json => Ok(None),
        Scalar::Blob(bytes) => Hash::from_slice(bytes).map(Some).ok_or(RULE),
        Scalar::String(text) if json => {
            let bytes = STANDARD.decode(text).map_err(|_| RULE)?;
            Hash::from_slice(&bytes).map(Some).ok_or(RULE)
        }
        _ => Err(RULE),
    }
}
