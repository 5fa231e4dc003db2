//! What is recorded for a checked object, as a line of JSON.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::archive::find::DataObject;
use crate::archive::verify::checked_object::Seen;
use crate::archive::verify::listers::Listers;
use crate::archive::verify::object::Overlap;
use crate::archive::verify::{Breaks, CheckedObject, Ends, Span};
use crate::{
    Counts, Frontier, FrontierPart, Hash, Notable, NotableList, NotableRevision, Outline, TableCounts, Tables, Timeline,
};

/// One finished object.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Line {
    /// The exports that list it.
    pub(super) export: String,
    /// A hash over their manifests, which determine what is expected of it.
    manifests: String,
    /// The name of its source.
    source: String,
    /// Its key in that source.
    pub(super) key: String,
    size: u64,
    changed: u128,
    /// The number of its breaks, which are not in the line: the object is read again for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    breaks: Option<u64>,
    blocks: u64,
    counts: Vec<u64>,
    outlined_from: u64,
    timeline: (u32, i64, Vec<u64>),
    tables: Vec<(String, String, [u64; 4])>,
    other_tables: Option<[u64; 4]>,
    notable: [KeptList; 3],
    json: bool,
    sha256: Option<String>,
    span: Option<KeptSpan>,
    hashes: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct KeptSpan {
    first: u64,
    last: u64,
    first_previous: Option<String>,
    last_hash: String,
    first_time: DateTime<Utc>,
    last_time: DateTime<Utc>,
    frontier: Vec<KeptPart>,
    to_tips: Vec<(u64, Vec<KeptPart>)>,
}

impl Line {
    pub(super) fn of(source: String, listers: &Listers<'_>, object: &DataObject, checked: &CheckedObject) -> Self {
        let nothing = Seen::default();
        let Seen { counts, outline, notable } = checked.seen.as_deref().unwrap_or(&nothing);
        Self {
            export: listers.ids.clone(),
            manifests: listers.manifests.clone(),
            source,
            key: object.file.found.key.clone(),
            size: object.file.found.size,
            changed: object.file.found.changed,
            breaks: Some(checked.breaks.count()).filter(|count| *count > 0),
            blocks: checked.blocks,
            counts: counts.to_list(),
            outlined_from: checked.outlined_from,
            timeline: kept_timeline(&outline.timeline),
            tables: outline
                .tables
                .named()
                .iter()
                .map(|(name, table)| (name.clone(), table.id.clone(), kept_table(table)))
                .collect(),
            other_tables: outline.tables.others().map(kept_table),
            notable: kept_notable(notable),
            json: checked.json,
            sha256: checked.sha256.map(Hash::to_hex),
            span: checked.span.as_ref().map(KeptSpan::of),
            hashes: checked.hashes.iter().map(|hash| hash.to_base64()).collect(),
        }
    }

    /// Whether it is about an object with this key that these exports list.
    pub(super) fn is_about(&self, listers: &Listers<'_>, object: &DataObject) -> bool {
        self.export == listers.ids && self.key == object.file.found.key
    }

    /// Whether it is about an object that has this size, is listed by the same manifests, and was read for what is
    /// requested now.
    pub(super) fn suits(&self, listers: &Listers<'_>, object: &DataObject, overlap: Overlap) -> bool {
        let enough = (!overlap.is_shared || !self.hashes.is_empty()) && self.outlined_from == overlap.new_from;
        let same = self.size == object.file.found.size && self.manifests == listers.manifests;
        same && (self.has_breaks() || (enough && self.is_of_blocks(object)))
    }

    /// Whether it covers the blocks that the object's name promises. An object that holds others has a break.
    fn is_of_blocks(&self, object: &DataObject) -> bool {
        let (first, last) = (object.name.first, object.name.last);
        let count = last.checked_sub(first).and_then(|more| more.checked_add(1));
        let spans = self.span.as_ref().is_some_and(|span| (span.first, span.last) == (first, last));
        spans && Some(self.blocks) == count
    }

    /// Whether it was read from the object's location, and the object has not changed since.
    pub(super) fn is_of(&self, source: &str, object: &DataObject) -> bool {
        self.source == source && self.changed == object.file.found.changed
    }

    /// The SHA-256 of the bytes that were read, if it was computed.
    pub(super) fn sha256(&self) -> Option<&str> {
        self.sha256.as_deref()
    }

    /// Whether something is wrong with the object.
    pub(super) fn has_breaks(&self) -> bool {
        self.breaks.is_some()
    }

    /// The findings; `None` if something is wrong, or if the line holds impossible values.
    pub(super) fn checked(&self) -> Option<CheckedObject> {
        if self.has_breaks() || !self.is_possible() {
            return None;
        }
        Some(CheckedObject {
            span: match &self.span {
                Some(kept) => Some(kept.span()?),
                None => None,
            },
            blocks: self.blocks,
            seen: Some(Box::new(Seen {
                counts: Counts::from_list(&self.counts)?,
                outline: self.outline()?,
                notable: notable(&self.notable),
            })),
            outlined_from: self.outlined_from,
            json: self.json,
            breaks: Breaks::default(),
            sha256: match &self.sha256 {
                Some(hex) => Some(Hash::from_hex(hex)?),
                None => None,
            },
            hashes: self.hashes.iter().map(|hash| Hash::from_base64(hash)).collect::<Option<_>>()?,
        })
    }
}

/// More than any object holds of anything.
const MOST: u64 = 1 << 48;

impl Line {
    /// Whether its numbers are possible for an object, so that those of many can be added.
    fn is_possible(&self) -> bool {
        let tables = self.tables.iter().flat_map(|(_, _, counts)| counts).chain(self.other_tables.iter().flatten());
        let listed = self.notable.iter().map(|(count, _)| count);
        let mut numbers = tables.chain(listed).chain(&self.counts).chain(&self.timeline.2).chain([&self.blocks]);
        numbers.all(|number| *number <= MOST)
    }

    fn outline(&self) -> Option<Outline> {
        let (exponent, first, counts) = self.timeline.clone();
        let named = self.tables.iter().map(|(name, id, counts)| (name.clone(), table(id.clone(), *counts)));
        let others = self.other_tables.map(|counts| table(String::new(), counts));
        let tables = Tables::from_parts(named.collect(), others.unwrap_or_default())?;
        Some(Outline { timeline: Timeline::from_parts(exponent, first, counts)?, tables })
    }
}

/// The total, and those that are listed.
type KeptList = (u64, Vec<KeptRevision>);
/// Strand, block, position in it, document, version, table.
type KeptRevision = (String, u64, u64, String, Option<u64>, Option<String>);

fn kept_notable(notable: &Notable) -> [KeptList; 3] {
    [&notable.redacted, &notable.deleted, &notable.without_data].map(|list| {
        let kept = list.listed().cloned().map(|one| {
            let NotableRevision { strand_id, sequence_no, place, document_id, version, table } = one;
            (strand_id, sequence_no, place, document_id, version, table)
        });
        (list.count(), kept.collect())
    })
}

fn notable(kept: &[KeptList; 3]) -> Notable {
    let [redacted, deleted, without_data] = kept.clone().map(|(count, listed)| {
        let listed = listed.into_iter().map(|(strand_id, sequence_no, place, document_id, version, table)| {
            NotableRevision { strand_id, sequence_no, place, document_id, version, table }
        });
        NotableList::from_parts(count, listed)
    });
    Notable { redacted, deleted, without_data }
}

fn kept_timeline(timeline: &Timeline) -> (u32, i64, Vec<u64>) {
    let (exponent, first, counts) = timeline.parts();
    (exponent, first, counts.to_vec())
}

fn kept_table(counts: &TableCounts) -> [u64; 4] {
    [counts.documents, counts.revisions, counts.deleted, counts.redacted]
}

fn table(id: String, [documents, revisions, deleted, redacted]: [u64; 4]) -> TableCounts {
    TableCounts { id, documents, revisions, deleted, redacted }
}

impl KeptSpan {
    fn of(span: &Span) -> Self {
        Self {
            first: span.ends.first,
            last: span.ends.last,
            first_previous: span.ends.first_previous.map(Hash::to_base64),
            last_hash: span.ends.last_hash.to_base64(),
            first_time: span.first_time,
            last_time: span.last_time,
            frontier: kept(&span.frontier),
            to_tips: span.to_tips.iter().map(|(tip, frontier)| (*tip, kept(frontier))).collect(),
        }
    }

    fn span(&self) -> Option<Span> {
        Some(Span {
            ends: Ends {
                first: self.first,
                last: self.last,
                first_previous: match &self.first_previous {
                    Some(hash) => Some(Hash::from_base64(hash)?),
                    None => None,
                },
                last_hash: Hash::from_base64(&self.last_hash)?,
            },
            first_time: self.first_time,
            last_time: self.last_time,
            frontier: frontier(&self.frontier)?,
            to_tips: self.to_tips.iter().map(|(tip, parts)| Some((*tip, frontier(parts)?))).collect::<Option<_>>()?,
        })
    }
}

/// Level, index, hash, and hash in the RFC 6962 tree.
type KeptPart = (u32, u64, String, Option<String>);

fn kept(frontier: &Frontier) -> Vec<KeptPart> {
    let part = |(level, index, hash, log): FrontierPart| (level, index, hash.to_base64(), log.map(Hash::to_base64));
    frontier.parts().map(part).collect()
}

fn frontier(parts: &[KeptPart]) -> Option<Frontier> {
    let part = |(level, index, hash, log): &KeptPart| {
        let log = match log {
            Some(log) => Some(Hash::from_base64(log)?),
            None => None,
        };
        Some((*level, *index, Hash::from_base64(hash)?, log))
    };
    Frontier::from_parts(parts.iter().map(part).collect::<Option<Vec<_>>>()?)
}
