//! The transactions of the sample.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;

use super::documents::{Content, LICENSE, PERSON, REGISTRATION, TABLES, VEHICLE};
use super::{people, random_id};
use qldb_journal::internal::{Change, NewBlock, Statement};
use qldb_journal::ion::RawValue;

/// How many documents of one table a later transaction may change.
const POOL: usize = 500;

/// A document that a later transaction may change.
#[derive(Debug, Clone)]
struct Live {
    id: String,
    version: u64,
    content: Content,
}

/// The state of the sample between two transactions.
pub(super) struct Registry<'a> {
    tables: &'a BTreeMap<&'static str, String>,
    live: BTreeMap<&'static str, Vec<Live>>,
}

/// The parts of a transaction before they become a block.
#[derive(Default)]
struct SampleDraft {
    statements: Vec<String>,
    changes: Vec<Change>,
}

impl<'a> Registry<'a> {
    /// No documents yet.
    pub(super) fn new(tables: &'a BTreeMap<&'static str, String>) -> Self {
        Self { tables, live: TABLES.iter().map(|table| (*table, Vec::new())).collect() }
    }

    /// The transaction with a given number: the first ones create the tables, the later ones change documents.
    pub(super) fn transaction(&mut self, number: u64, time: DateTime<Utc>, rng: &mut Rng) -> NewBlock {
        let transaction_id = random_id(rng).to_string();
        let mut draft = SampleDraft::default();
        match usize::try_from(number).ok().and_then(|number| TABLES.get(number)) {
            Some(table) => draft.statements.push(format!("CREATE TABLE {table}")),
            None => self.daily(&mut draft, rng),
        }
        let start = time - TimeDelta::milliseconds(rng.i64(20..60));
        let start_time = |index: usize| start + TimeDelta::milliseconds(i64::try_from(index).unwrap_or(0).min(19));
        let statements = draft.statements.into_iter().enumerate();
        NewBlock {
            strand_id: String::new(),
            sequence_no: 0,
            previous_block_hash: None,
            transaction_id,
            timestamp: time + TimeDelta::milliseconds(rng.i64(5..20)),
            transaction_time: time,
            statements: statements.map(|(index, text)| Statement { text, start_time: start_time(index) }).collect(),
            changes: draft.changes,
        }
    }

    fn daily(&mut self, draft: &mut SampleDraft, rng: &mut Rng) {
        if self.live.values().any(Vec::is_empty) {
            return self.register(draft, rng);
        }
        match rng.u32(..100) {
            // The service's own work: nothing that a user did.
            0..2 => {}
            2..42 => self.register(draft, rng),
            42..62 => self.sell(draft, rng),
            62..76 => self.revise(draft, PERSON, "UPDATE Person AS p SET p.Address = ? WHERE p.GovId = ?", rng),
            76..86 => {
                self.revise(
                    draft,
                    LICENSE,
                    "UPDATE DriversLicense AS l SET l.ValidToDate = ? WHERE l.LicenseNumber = ?",
                    rng,
                );
            }
            86..90 => self.fleet(draft, rng),
            90..95 => {
                let sql = "DELETE FROM VehicleRegistration AS r WHERE r.VIN = ?";
                self.delete(draft, REGISTRATION, sql, rng);
                self.revise(draft, VEHICLE, "UPDATE Vehicle AS v SET v.Color = ? WHERE v.VIN = ?", rng);
            }
            _ => self.delete(draft, LICENSE, "DELETE FROM DriversLicense AS l WHERE l.LicenseNumber = ?", rng),
        }
    }

    /// A new person registers a vehicle: four documents in one transaction.
    fn register(&mut self, draft: &mut SampleDraft, rng: &mut Rng) {
        let person = self.insert(draft, Content::person(rng), rng);
        self.insert(draft, Content::license(&person, rng), rng);
        let vehicle = Content::vehicle(rng);
        let registration = match &vehicle {
            Content::Vehicle { vin, .. } => Content::registration(vin, &person, rng),
            _ => return,
        };
        self.insert(draft, vehicle, rng);
        self.insert(draft, registration, rng);
    }

    /// A dealer adds several vehicles at once.
    fn fleet(&mut self, draft: &mut SampleDraft, rng: &mut Rng) {
        draft.statements.push("INSERT INTO Vehicle << ?, ?, ? >>".to_owned());
        for _ in 0..rng.u32(3..12) {
            self.add(draft, 0, Content::vehicle(rng), rng);
        }
    }

    /// A vehicle is sold.
    fn sell(&mut self, draft: &mut SampleDraft, rng: &mut Rng) {
        draft.statements.push("SELECT r.Owners FROM VehicleRegistration AS r WHERE r.VIN = ?".to_owned());
        let buyer =
            self.live.get(PERSON).filter(|people| !people.is_empty()).map(|all| people::pick(all, rng).id.clone());
        let sql = "UPDATE VehicleRegistration AS r SET r.Owners.PrimaryOwner.PersonId = ? WHERE r.VIN = ?";
        self.change(draft, REGISTRATION, sql, rng, |content| {
            if let (Content::Registration { owner, .. }, Some(buyer)) = (content, buyer) {
                *owner = buyer;
            }
        });
    }

    fn revise(&mut self, draft: &mut SampleDraft, table: &'static str, sql: &str, rng: &mut Rng) {
        self.change(draft, table, sql, rng, |_| {});
    }

    /// A new revision of some document of a table.
    fn change(
        &mut self,
        draft: &mut SampleDraft,
        table: &'static str,
        sql: &str,
        rng: &mut Rng,
        change: impl FnOnce(&mut Content),
    ) {
        let pool = self.live.entry(table).or_default();
        if pool.is_empty() {
            return;
        }
        let place = rng.usize(..pool.len());
        let live = &mut pool[place];
        live.version += 1;
        change(&mut live.content);
        draft.statements.push(sql.to_owned());
        let data = live.content.render(rng);
        let live = live.clone();
        self.put(draft, table, &live, Some(data));
    }

    fn delete(&mut self, draft: &mut SampleDraft, table: &'static str, sql: &str, rng: &mut Rng) {
        let pool = self.live.entry(table).or_default();
        if pool.is_empty() {
            return;
        }
        let mut live = pool.swap_remove(rng.usize(..pool.len()));
        live.version += 1;
        draft.statements.push(sql.to_owned());
        self.put(draft, table, &live, None);
    }

    /// Inserts a document with its own statement; returns its id.
    fn insert(&mut self, draft: &mut SampleDraft, content: Content, rng: &mut Rng) -> String {
        draft.statements.push(format!("INSERT INTO {} ?", content.table()));
        self.add(draft, draft.statements.len() - 1, content, rng)
    }

    fn add(&mut self, draft: &mut SampleDraft, statement: usize, content: Content, rng: &mut Rng) -> String {
        let live = Live { id: random_id(rng).to_string(), version: 0, content };
        let table = live.content.table();
        let data = live.content.render(rng);
        self.put(draft, table, &live, Some(data));
        if let Some(change) = draft.changes.last_mut() {
            change.statement = statement;
        }
        let id = live.id.clone();
        let pool = self.live.entry(table).or_default();
        if pool.len() < POOL {
            pool.push(live);
        } else {
            // It stays in the journal; nothing will change it any more.
            let place = rng.usize(..pool.len());
            pool[place] = live;
        }
        id
    }

    /// Records a change by the last statement.
    fn put(&self, draft: &mut SampleDraft, table: &'static str, live: &Live, data: Option<String>) {
        draft.changes.push(Change {
            table_name: table.to_owned(),
            table_id: self.tables.get(table).cloned().unwrap_or_default(),
            document_id: live.id.clone(),
            version: live.version,
            data: data.map(RawValue::from_text),
            statement: draft.statements.len().saturating_sub(1),
        });
    }
}
