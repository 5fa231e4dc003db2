//! The sample ledger: QLDB's well-known vehicle registrations. Everything except the time and the
//! strand is a function of the seed.
//!
//! People register vehicles, move, sell vehicles, renew licences and give them up. The documents
//! that a later transaction may change are in a bounded pool, so that memory does not grow with the
//! number of transactions.

mod documents;
mod people;
mod transactions;

use std::collections::BTreeMap;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use fastrand::Rng;

use qldb_journal::Hash;
use qldb_journal::internal::NewBlock;
use qldb_journal::request::{LedgerName, UniqueId};

use super::catalog::{ledgers as rows, segments};
use super::error::{LedgerError, ServiceError};
use super::ledger::{JournalFacts, Ledger, LedgerState, PermissionsMode};
use super::segment::{JournalWriter, NewSegment};
use super::{Core, Engine, new_id};
use transactions::Registry;

/// Which sample ledger to create.
#[derive(Debug, Clone)]
pub struct SampleSpec {
    /// Its name.
    pub name: LedgerName,
    /// The number of transactions, each of them a block; at least 1.
    pub transactions: u64,
    /// The number of days up to now over which they are spread; at least 1.
    pub days: u32,
    /// The seed of everything except the time and the strand.
    pub seed: u64,
}

impl SampleSpec {
    /// A small ledger of the last 30 days: 40 transactions.
    pub fn new(name: LedgerName) -> Self {
        Self { name, transactions: 40, days: 30, seed: 1 }
    }

    /// The maximum number of days: a hundred years.
    pub const MAX_DAYS: u32 = 36_525;

    fn check(&self) -> Result<(), LedgerError> {
        if self.transactions == 0 {
            return Err(LedgerError::Invalid("a sample needs at least 1 transaction".to_owned()));
        }
        if !(1..=Self::MAX_DAYS).contains(&self.days) {
            let days = Self::MAX_DAYS;
            return Err(LedgerError::Invalid(format!("a sample is spread over 1 to {days} days, not {}", self.days)));
        }
        Ok(())
    }

    /// The random source of a ledger's documents: two ledgers with the same seed and different names share no ids.
    fn rng(&self) -> Rng {
        let name = Hash::of(self.name.as_str().as_bytes());
        let mixed = name.as_bytes().iter().take(8).fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
        Rng::with_seed(self.seed ^ mixed)
    }
}

impl Engine {
    /// Creates a sample ledger. Until it is complete, its state is CREATING; if it can't be finished, nothing remains.
    /// The quota of ledgers is not applied.
    pub fn make_sample(&self, spec: &SampleSpec) -> Result<JournalFacts, LedgerError> {
        spec.check()?;
        let mut rng = spec.rng();
        let clock = Spread::new(self.core.now(), spec);
        let ledger = Ledger {
            name: spec.name.clone(),
            state: LedgerState::Creating,
            created: clock.start,
            permissions_mode: PermissionsMode::Standard,
            deletion_protection: false,
            kms_key: None,
            // Two samples with the same name and seed are two journals: objects of both may end up in one bucket.
            strand_id: new_id()?,
        };
        self.core.catalog.change(|catalog| {
            super::ledgers::refuse_taken(catalog, &ledger.name)?;
            rows::insert(catalog, &ledger).map_err(ServiceError::from)
        })?;
        let tables: BTreeMap<_, _> =
            documents::TABLES.iter().map(|name| (*name, random_id(&mut rng).to_string())).collect();
        if let Err(error) = self.core.write_sample(&ledger, &tables, &clock, rng) {
            self.core.purge(&ledger)?;
            return Err(error);
        }
        self.core.keep_record(&ledger.strand_id);
        tracing::info!(ledger = %ledger.name, transactions = spec.transactions, seed = spec.seed, "sample ledger made");
        Ok(self.journal_facts(&spec.name)?)
    }
}

impl Core {
    fn write_sample(
        &self,
        ledger: &Ledger,
        tables: &BTreeMap<&'static str, String>,
        clock: &Spread,
        mut rng: Rng,
    ) -> Result<(), LedgerError> {
        let sink = |new: NewSegment| Ok(self.catalog.change(|catalog| segments::insert(catalog, &new))?);
        let mut journal = JournalWriter::new(&self.data_dir, ledger.strand_id.clone(), None, sink);
        let mut registry = Registry::new(tables);
        let mut last = clock.start;
        for number in 0..clock.count {
            let time = clock.time(number, &mut rng).max(last);
            let block = registry.transaction(number, time, &mut rng);
            last = block.timestamp;
            journal.push(NewBlock { timestamp: block.timestamp.min(clock.end), ..block })?;
        }
        journal.finish()?;
        self.catalog.change(|catalog| {
            for (name, id) in tables {
                rows::add_table(catalog, &ledger.strand_id, name, id)?;
            }
            rows::update(catalog, &Ledger { state: LedgerState::Active, ..ledger.clone() })
        })?;
        Ok(())
    }
}

/// Spreads a number of transactions over a period of time: each gets an equal share.
struct Spread {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    count: u64,
}

impl Spread {
    fn new(now: DateTime<Utc>, spec: &SampleSpec) -> Self {
        let end = now.trunc_subsecs(3);
        Self { start: end - TimeDelta::days(i64::from(spec.days)), end, count: spec.transactions }
    }

    /// The time of one transaction. The first is slightly after the start.
    fn time(&self, number: u64, rng: &mut Rng) -> DateTime<Utc> {
        let span = i128::from((self.end - self.start).num_milliseconds());
        let part = |parts: u64| span * i128::from(parts) / i128::from(self.count);
        let (from, to) = (part(number), part(number + 1));
        let jitter = rng.u64(..1000);
        let offset = from + (to - from) * i128::from(100 + jitter * 8 / 10) / 1000;
        self.start + TimeDelta::milliseconds(i64::try_from(offset).unwrap_or(0))
    }
}

fn random_id(rng: &mut Rng) -> UniqueId {
    UniqueId::from_bits(rng.u128(..))
}
