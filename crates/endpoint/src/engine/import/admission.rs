//! Which archives may become ledgers, and which ledger that is.

use chrono::{DateTime, Utc};

use super::ImportError;
use crate::engine::Core;
use crate::engine::catalog::ledgers as rows;
use crate::engine::error::ServiceError;
use crate::engine::ledger::{Ledger, LedgerState, PermissionsMode};
use crate::engine::ledgers::refuse_taken;
use qldb_journal::archive::verify::{JournalSpan, Report, Status};
use qldb_journal::internal::Tables;
use qldb_journal::request::{LedgerName, UniqueId};

/// The journal of an archive that may become a ledger.
pub(super) fn provable(report: &Report) -> Result<&JournalSpan, ImportError> {
    if report.examined().any(|one| one.checked.json) {
        return Err(ImportError::Json);
    }
    if report.verdict != Status::Proved {
        return Err(ImportError::NotProved(report.verdict));
    }
    if report.outline.tables.others().is_some() {
        return Err(ImportError::Tables(Tables::MOST));
    }
    match &report.journals[..] {
        [] => Err(ImportError::Nothing),
        [journal] => Ok(journal),
        several => {
            let strands: Vec<&str> = several.iter().map(|journal| journal.strand_id.as_str()).collect();
            Err(ImportError::Several(strands.join(", ")))
        }
    }
}

impl Core {
    /// The ledger to add to, and whether it was just created.
    pub(super) fn ledger_for(
        &self,
        name: &LedgerName,
        strand: &UniqueId,
        created: DateTime<Utc>,
    ) -> Result<(Ledger, bool), ImportError> {
        let found = self.catalog.read(|catalog| rows::find(catalog, name))?;
        if let Some(ledger) = found {
            if ledger.strand_id != *strand {
                let (ledger, own) = (name.clone(), ledger.strand_id);
                return Err(ImportError::OtherStrand { ledger, strand: own, archive: strand.to_string() });
            }
            return Ok((ledger, false));
        }
        if let Some(ledger) = self.catalog.read(|catalog| rows::of_strand(catalog, strand))? {
            return Err(ImportError::Known(ledger.name));
        }
        let ledger = Ledger {
            name: name.clone(),
            state: LedgerState::Creating,
            created,
            permissions_mode: PermissionsMode::Standard,
            deletion_protection: false,
            kms_key: None,
            strand_id: strand.clone(),
        };
        self.catalog.change(|catalog| {
            refuse_taken(catalog, name)?;
            rows::insert(catalog, &ledger).map_err(ServiceError::from)
        })?;
        Ok((ledger, true))
    }
}
