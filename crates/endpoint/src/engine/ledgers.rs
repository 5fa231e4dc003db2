//! Creating, describing, changing and deleting ledgers (docs/qldb.md 1.4).

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::PoisonError;

use rusqlite::Connection;

use super::catalog::{exports as export_rows, ledgers as rows, segments};
use super::error::ServiceError;
use super::export::ExportStatus;
use super::ledger::{AWS_OWNED_KMS_KEY, JournalFacts, Ledger, LedgerChange, LedgerState, NewLedger, PermissionsMode};
use super::page::{Page, PageRequest};
use super::{Core, Engine, limits, new_id};
use qldb_journal::request::LedgerName;

/// The prefix of the tokens of the list of ledgers.
const LIST: &str = "ledgers";
/// The prefix that tokens of the list of streams would have.
const STREAMS: &str = "streams";

#[doc(hidden)]
impl Engine {
    /// Creates a ledger. The response says CREATING, like the service's; it is ACTIVE right after.
    pub fn create_ledger(&self, new: NewLedger) -> Result<Ledger, ServiceError> {
        check_tags(&new.tags)?;
        let kms_key = checked_key(new.kms_key)?;
        let ledger = Ledger {
            name: new.name,
            state: LedgerState::Active,
            created: self.core.now(),
            permissions_mode: new.permissions_mode,
            deletion_protection: new.deletion_protection,
            kms_key,
            strand_id: new_id()?,
        };
        self.core.catalog.change(|catalog| {
            refuse_taken(catalog, &ledger.name)?;
            if rows::count(catalog)? >= limits::LEDGERS {
                return Err(ServiceError::too_many_ledgers());
            }
            rows::insert(catalog, &ledger)?;
            set_tags(catalog, &ledger, &new.tags)
        })?;
        self.core.keep_record(&ledger.strand_id);
        tracing::info!(ledger = %ledger.name, strand = %ledger.strand_id, "ledger made");
        Ok(Ledger { state: LedgerState::Creating, ..ledger })
    }

    /// Describes a ledger.
    pub fn describe_ledger(&self, name: &LedgerName) -> Result<Ledger, ServiceError> {
        self.core.catalog.read(|catalog| existing(catalog, name))
    }

    /// Lists ledgers in order of their names.
    pub fn list_ledgers(&self, page: &PageRequest) -> Result<Page<Ledger>, ServiceError> {
        let size = page.size()?;
        let after = page.place(LIST, |name| Some(name.to_owned()))?;
        let items = self.core.catalog.read(|catalog| rows::list(catalog, after.as_deref(), size + 1))?;
        Ok(Page::cut(items, size, LIST, |ledger| ledger.name.to_string()))
    }

    /// Changes the members that are given.
    pub fn update_ledger(&self, name: &LedgerName, change: LedgerChange) -> Result<Ledger, ServiceError> {
        let key_given = change.kms_key.is_some();
        let kms_key = checked_key(change.kms_key)?;
        self.change_ledger(name, |ledger| {
            ledger.deletion_protection = change.deletion_protection.unwrap_or(ledger.deletion_protection);
            if key_given {
                ledger.kms_key = kms_key;
            }
        })
    }

    /// Changes the permissions mode.
    pub fn update_permissions_mode(&self, name: &LedgerName, mode: PermissionsMode) -> Result<Ledger, ServiceError> {
        self.change_ledger(name, |ledger| ledger.permissions_mode = mode)
    }

    fn change_ledger(&self, name: &LedgerName, change: impl FnOnce(&mut Ledger)) -> Result<Ledger, ServiceError> {
        let ledger = self.core.catalog.change(|catalog| {
            let mut ledger = active(catalog, name)?;
            change(&mut ledger);
            rows::update(catalog, &ledger)?;
            Ok::<_, ServiceError>(ledger)
        })?;
        self.core.keep_record(&ledger.strand_id);
        tracing::info!(ledger = %name, "ledger changed");
        Ok(ledger)
    }

    /// Deletes a ledger with its journal. Its running exports end CANCELLED; what exports have written stays.
    pub fn delete_ledger(&self, name: &LedgerName) -> Result<(), ServiceError> {
        let ledger = self.core.catalog.change(|catalog| {
            let mut ledger = deletable(catalog, name)?;
            ledger.state = LedgerState::Deleting;
            rows::update(catalog, &ledger)?;
            Ok::<_, ServiceError>(ledger)
        })?;
        // No more exports are accepted; one that was accepted before is running when the lock is free.
        drop(self.core.journals.of(&ledger.strand_id).lock());
        self.core.jobs.cancel(&ledger.strand_id, &deleted(name));
        self.core.purge(&ledger)
    }

    /// Lists the Kinesis streams of a ledger: there are none, and so there is no page after the first.
    pub fn list_streams(&self, name: &LedgerName, page: &PageRequest) -> Result<Page<Infallible>, ServiceError> {
        page.size()?;
        page.place::<Infallible>(STREAMS, |_| None)?;
        self.describe_ledger(name)?;
        Ok(Page { items: Vec::new(), next_token: None })
    }

    /// The tags of a ledger.
    pub fn tags(&self, name: &LedgerName) -> Result<BTreeMap<String, String>, ServiceError> {
        self.core.catalog.read(|catalog| Ok(rows::tags(catalog, &existing(catalog, name)?.strand_id)?))
    }

    /// Adds tags to a ledger; a tag of the same name is replaced.
    pub fn tag(&self, name: &LedgerName, tags: &BTreeMap<String, String>) -> Result<(), ServiceError> {
        check_tags(tags)?;
        let strand = self.core.catalog.change(|catalog| {
            let ledger = existing(catalog, name)?;
            set_tags(catalog, &ledger, tags).map(|()| ledger.strand_id)
        })?;
        self.core.keep_record(&strand);
        Ok(())
    }

    /// Removes tags from a ledger; missing ones are ignored.
    pub fn untag(&self, name: &LedgerName, keys: &[String]) -> Result<(), ServiceError> {
        let strand = self.core.catalog.change(|catalog| {
            let strand = existing(catalog, name)?.strand_id;
            keys.iter().try_for_each(|key| rows::untag(catalog, &strand, key))?;
            Ok::<_, ServiceError>(strand)
        })?;
        self.core.keep_record(&strand);
        Ok(())
    }

    /// What is known about a ledger's journal.
    pub fn journal_facts(&self, name: &LedgerName) -> Result<JournalFacts, ServiceError> {
        self.core.catalog.read(|catalog| {
            let strand_id = existing(catalog, name)?.strand_id;
            let totals = segments::totals(catalog, &strand_id)?;
            let tables = rows::tables(catalog, &strand_id)?.into_keys().collect();
            Ok(JournalFacts {
                strand_id,
                blocks: totals.blocks,
                first_sequence_no: totals.first,
                last_sequence_no: totals.last,
                first_time: totals.first_time,
                last_time: totals.last_time,
                bytes: totals.bytes,
                segments: totals.segments,
                tables,
            })
        })
    }
}

impl Core {
    /// Removes a ledger that is no longer in use, its journal, and unrecorded outcomes of its jobs. The catalog entry
    /// goes last, so that an interruption in the middle is completed at the next start.
    pub(super) fn purge(&self, ledger: &Ledger) -> Result<(), ServiceError> {
        let journal = self.journals.of(&ledger.strand_id);
        let _held = journal.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.now();
        self.catalog.change(|catalog| {
            for job in export_rows::unfinished(catalog)?.iter().filter(|job| job.strand_id == ledger.strand_id) {
                let reason = deleted(&ledger.name);
                export_rows::end(catalog, &job.export.id, ExportStatus::Cancelled, now, Some(&reason))?;
            }
            Ok::<_, ServiceError>(())
        })?;
        self.remove_passing(&ledger.strand_id)?;
        let unfinished = ledger.state == LedgerState::Creating;
        self.remove_folder(&ledger.strand_id, unfinished).map_err(ServiceError::internal)?;
        self.catalog.change(|catalog| rows::remove(catalog, &ledger.strand_id))?;
        tracing::info!(ledger = %ledger.name, strand = %ledger.strand_id, "ledger removed");
        Ok(())
    }
}

/// Why the exports of a deleted ledger ended.
fn deleted(name: &LedgerName) -> String {
    format!("the ledger {name} was deleted while the export ran")
}

/// The ledger, in any state.
pub(super) fn existing(catalog: &Connection, name: &LedgerName) -> Result<Ledger, ServiceError> {
    rows::find(catalog, name)?.ok_or_else(|| ServiceError::ledger_not_found(name))
}

/// The ledger, if it can be used.
pub(super) fn active(catalog: &Connection, name: &LedgerName) -> Result<Ledger, ServiceError> {
    let ledger = existing(catalog, name)?;
    match ledger.state {
        LedgerState::Active => Ok(ledger),
        LedgerState::Creating => Err(ServiceError::ledger_precondition(name, "is not ACTIVE yet")),
        LedgerState::Deleting | LedgerState::Deleted => Err(ServiceError::ledger_not_found(name)),
    }
}

fn deletable(catalog: &Connection, name: &LedgerName) -> Result<Ledger, ServiceError> {
    let ledger = existing(catalog, name)?;
    match ledger.state {
        LedgerState::Active if ledger.deletion_protection => Err(ServiceError::ledger_precondition(
            name,
            "has deletion protection; switch it off with UpdateLedger first",
        )),
        LedgerState::Active => Ok(ledger),
        LedgerState::Creating => Err(ServiceError::ledger_in_use(name, ledger.state.as_str())),
        LedgerState::Deleting | LedgerState::Deleted => Err(ServiceError::ledger_not_found(name)),
    }
}

/// Refuses the name of an existing ledger.
pub(super) fn refuse_taken(catalog: &Connection, name: &LedgerName) -> Result<(), ServiceError> {
    match rows::find(catalog, name)? {
        None => Ok(()),
        Some(ledger) if ledger.state == LedgerState::Active => Err(ServiceError::ledger_exists(name)),
        Some(ledger) => Err(ServiceError::ledger_in_use(name, ledger.state.as_str())),
    }
}

/// A customer's key, or `None` if the service's own is named.
fn checked_key(key: Option<String>) -> Result<Option<String>, ServiceError> {
    let key = key.filter(|key| key != AWS_OWNED_KMS_KEY);
    match &key {
        Some(key) if key.is_empty() || key.chars().count() > limits::KMS_KEY => {
            Err(ServiceError::invalid("KmsKey", format!("KmsKey must have 1 to {} characters", limits::KMS_KEY)))
        }
        _ => Ok(key),
    }
}

fn check_tags(tags: &BTreeMap<String, String>) -> Result<(), ServiceError> {
    for (key, value) in tags {
        if key.is_empty() || key.chars().count() > limits::TAG_KEY {
            let message = format!("The key of a tag must have 1 to {} characters", limits::TAG_KEY);
            return Err(ServiceError::invalid("Tags", message));
        }
        if value.chars().count() > limits::TAG_VALUE {
            let message = format!("The value of tag {key} must have at most {} characters", limits::TAG_VALUE);
            return Err(ServiceError::invalid("Tags", message));
        }
    }
    Ok(())
}

fn set_tags(catalog: &Connection, ledger: &Ledger, tags: &BTreeMap<String, String>) -> Result<(), ServiceError> {
    for (key, value) in tags {
        rows::tag(catalog, &ledger.strand_id, key, value)?;
    }
    if rows::tags(catalog, &ledger.strand_id)?.len() > limits::TAGS {
        let message = format!("A ledger may have at most {} tags", limits::TAGS);
        return Err(ServiceError::invalid("Tags", message));
    }
    Ok(())
}
