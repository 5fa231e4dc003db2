//! What the engine returns, in the form in which it goes over the socket and comes out unchanged.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use qldb_endpoint::engine::{
    Appended, Compacted, Digest, Imported, JournalFacts, Ledger, LedgerState, PermissionsMode,
};
use qldb_journal::Hash;
use qldb_journal::internal::{Outline, TableCounts, Tables, Timeline};
use qldb_journal::request::{LedgerName, UniqueId};

/// A value that can go over the socket.
pub(in crate::cli::commands::ledger) trait Wire: Sized {
    /// The form in which it is sent.
    fn sent(&self) -> Value;
    /// The value that was sent; `None` if it is of another kind.
    fn meant(value: Value) -> Option<Self>;
}

impl Wire for () {
    fn sent(&self) -> Value {
        Value::Null
    }

    fn meant(_value: Value) -> Option<Self> {
        Some(())
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn sent(&self) -> Value {
        self.iter().map(Wire::sent).collect()
    }

    fn meant(value: Value) -> Option<Self> {
        let Value::Array(values) = value else { return None };
        values.into_iter().map(T::meant).collect()
    }
}

/// Sends a structure as a shape that has the same members in plain types.
macro_rules! as_shape {
    ($type:ty as $shape:ident, $to:expr, $from:expr) => {
        impl Wire for $type {
            fn sent(&self) -> Value {
                let to: fn(&$type) -> $shape = $to;
                // Plain members have their JSON.
                serde_json::to_value(to(self)).unwrap_or_default()
            }

            fn meant(value: Value) -> Option<Self> {
                let from: fn($shape) -> Option<$type> = $from;
                from(serde_json::from_value(value).ok()?)
            }
        }
    };
}

#[derive(Serialize, Deserialize)]
struct LedgerShape {
    name: String,
    state: String,
    created: DateTime<Utc>,
    permissions_mode: String,
    deletion_protection: bool,
    kms_key: Option<String>,
    strand_id: String,
}

as_shape!(
    Ledger as LedgerShape,
    |ledger| LedgerShape {
        name: ledger.name.to_string(),
        state: ledger.state.as_str().to_owned(),
        created: ledger.created,
        permissions_mode: ledger.permissions_mode.as_str().to_owned(),
        deletion_protection: ledger.deletion_protection,
        kms_key: ledger.kms_key.clone(),
        strand_id: ledger.strand_id.to_string(),
    },
    |shape| Some(Ledger {
        name: LedgerName::parse(&shape.name).ok()?,
        state: LedgerState::parse(&shape.state)?,
        created: shape.created,
        permissions_mode: PermissionsMode::parse(&shape.permissions_mode)?,
        deletion_protection: shape.deletion_protection,
        kms_key: shape.kms_key,
        strand_id: UniqueId::parse(&shape.strand_id).ok()?,
    })
);

#[derive(Serialize, Deserialize)]
struct FactsShape {
    strand_id: String,
    blocks: u64,
    numbers: (Option<u64>, Option<u64>),
    times: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    bytes: u64,
    segments: u64,
    tables: Vec<String>,
}

as_shape!(
    JournalFacts as FactsShape,
    |facts| FactsShape {
        strand_id: facts.strand_id.to_string(),
        blocks: facts.blocks,
        numbers: (facts.first_sequence_no, facts.last_sequence_no),
        times: (facts.first_time, facts.last_time),
        bytes: facts.bytes,
        segments: facts.segments,
        tables: facts.tables.clone(),
    },
    |shape| Some(JournalFacts {
        strand_id: UniqueId::parse(&shape.strand_id).ok()?,
        blocks: shape.blocks,
        first_sequence_no: shape.numbers.0,
        last_sequence_no: shape.numbers.1,
        first_time: shape.times.0,
        last_time: shape.times.1,
        bytes: shape.bytes,
        segments: shape.segments,
        tables: shape.tables,
    })
);

#[derive(Serialize, Deserialize)]
struct CountsShape {
    id: String,
    counts: [u64; 4],
}

impl CountsShape {
    fn of(counts: &TableCounts) -> Self {
        let TableCounts { id, documents, revisions, deleted, redacted } = counts;
        Self { id: id.clone(), counts: [*documents, *revisions, *deleted, *redacted] }
    }

    fn meant(self) -> TableCounts {
        let [documents, revisions, deleted, redacted] = self.counts;
        TableCounts { id: self.id, documents, revisions, deleted, redacted }
    }
}

#[derive(Serialize, Deserialize)]
struct OutlineShape {
    timeline: (u32, i64, Vec<u64>),
    tables: BTreeMap<String, CountsShape>,
    others: Option<CountsShape>,
}

as_shape!(
    Outline as OutlineShape,
    |outline| {
        let (exponent, first, counts) = outline.timeline.parts();
        let named = outline.tables.named().iter().map(|(name, counts)| (name.clone(), CountsShape::of(counts)));
        OutlineShape {
            timeline: (exponent, first, counts.to_vec()),
            tables: named.collect(),
            others: outline.tables.others().map(CountsShape::of),
        }
    },
    |shape| {
        let (exponent, first, counts) = shape.timeline;
        let named = shape.tables.into_iter().map(|(name, counts)| (name, counts.meant())).collect();
        let others = shape.others.map(CountsShape::meant).unwrap_or_default();
        Some(Outline {
            timeline: Timeline::from_parts(exponent, first, counts)?,
            tables: Tables::from_parts(named, others)?,
        })
    }
);

#[derive(Serialize, Deserialize)]
struct DigestShape {
    digest: String,
    strand_id: String,
    tip: u64,
}

as_shape!(
    Digest as DigestShape,
    |digest| DigestShape {
        digest: digest.digest.to_base64(),
        strand_id: digest.strand_id.to_string(),
        tip: digest.tip,
    },
    |shape| Some(Digest {
        digest: Hash::from_base64(&shape.digest)?,
        strand_id: UniqueId::parse(&shape.strand_id).ok()?,
        tip: shape.tip,
    })
);

#[derive(Serialize, Deserialize)]
struct AppendedShape {
    documents: Vec<String>,
    counts: [u64; 4],
    numbers: (Option<u64>, Option<u64>),
}

as_shape!(
    Appended as AppendedShape,
    |appended| AppendedShape {
        documents: appended.documents.iter().map(ToString::to_string).collect(),
        counts: [appended.inserted, appended.updated, appended.deleted, appended.blocks],
        numbers: (appended.first_sequence_no, appended.last_sequence_no),
    },
    |shape| {
        let [inserted, updated, deleted, blocks] = shape.counts;
        let documents = shape.documents.iter().map(|id| UniqueId::parse(id).ok()).collect::<Option<_>>()?;
        let (first_sequence_no, last_sequence_no) = shape.numbers;
        Some(Appended { documents, inserted, updated, deleted, blocks, first_sequence_no, last_sequence_no })
    }
);

#[derive(Serialize, Deserialize)]
struct ImportedShape {
    created: bool,
    blocks: u64,
    segments: u64,
    bytes: u64,
}

as_shape!(
    Imported as ImportedShape,
    |imported| {
        let Imported { created, blocks, segments, bytes } = *imported;
        ImportedShape { created, blocks, segments, bytes }
    },
    |shape| {
        let ImportedShape { created, blocks, segments, bytes } = shape;
        Some(Imported { created, blocks, segments, bytes })
    }
);

#[derive(Serialize, Deserialize)]
struct CompactedShape {
    segments: (u64, u64),
    bytes: u64,
}

as_shape!(
    Compacted as CompactedShape,
    |compacted| CompactedShape {
        segments: (compacted.segments_before, compacted.segments_after),
        bytes: compacted.bytes,
    },
    |shape| Some(Compacted { segments_before: shape.segments.0, segments_after: shape.segments.1, bytes: shape.bytes })
);
