//! The ledgers of a data directory: through the engine in this process or, if a running `serve`
//! holds the directory, through that `serve`. Both give the same results.

use std::io::Read;
use std::sync::Arc;

use super::running::{LedgerOperation, Running};
use crate::cli::context::working::Done;
use crate::cli::context::{Context, object_store, passing};
use crate::cli::error::CliError;
use qldb_endpoint::engine::{
    AppendOptions, Appended, Compacted, Digest, Engine, JournalFacts, Ledger, LedgerChange, SampleSpec,
};
use qldb_journal::archive::verify::Watcher;
use qldb_journal::internal::Outline;
use qldb_journal::request::LedgerName;

/// The ledgers of the data directory.
pub(super) struct Ledgers<'a> {
    context: &'a Context,
    way: Way,
}

/// How they are reached.
pub(super) enum Way {
    /// In this process, which holds the data directory.
    Here(Arc<Engine>),
    /// Through the process that holds the directory.
    Served(Running),
}

impl<'a> Ledgers<'a> {
    /// Opens the data directory, or finds the `serve` that holds it.
    pub(super) fn open(context: &'a Context) -> Result<Self, CliError> {
        let data_dir = context.data_dir()?;
        // The process that holds it may be about to serve, or about to release it.
        let way =
            passing::wait(passing::is_held, || match object_store::open_engine(data_dir.clone(), &context.global) {
                Err(error) if passing::is_held(&error) => Running::find(&data_dir).map(Way::Served).ok_or(error),
                opened => Ok(Way::Here(opened?)),
            })?;
        if let Way::Here(engine) = &way {
            context.show_notices(engine);
        }
        Ok(Self { context, way })
    }

    /// How they are reached.
    pub(super) fn into_way(self) -> Way {
        self.way
    }

    /// Every ledger.
    pub(super) fn list(&self) -> Result<Vec<Ledger>, CliError> {
        match &self.way {
            Way::Here(engine) => super::list::all(engine),
            Way::Served(running) => running.ask(self.context, LedgerOperation::List, None),
        }
    }

    /// One ledger.
    pub(super) fn ledger(&self, name: &LedgerName) -> Result<Ledger, CliError> {
        match &self.way {
            Way::Here(engine) => Ok(engine.describe_ledger(name)?),
            Way::Served(running) => running.ask(self.context, LedgerOperation::Ledger { name: name.to_string() }, None),
        }
    }

    /// What is known about its journal.
    pub(super) fn facts(&self, name: &LedgerName) -> Result<JournalFacts, CliError> {
        match &self.way {
            Way::Here(engine) => Ok(engine.journal_facts(name)?),
            Way::Served(running) => running.ask(self.context, LedgerOperation::Facts { name: name.to_string() }, None),
        }
    }

    /// What its journal holds, after reading it through.
    pub(super) fn outline(&self, name: &LedgerName, done: &Done) -> Result<Outline, CliError> {
        match &self.way {
            Way::Here(engine) => Ok(engine.journal_outline(name, &|bytes| done.advance(bytes))?),
            Way::Served(running) => {
                running.ask(self.context, LedgerOperation::Outline { name: name.to_string() }, Some(done))
            }
        }
    }

    /// The digest of its journal.
    pub(super) fn digest(&self, name: &LedgerName) -> Result<Digest, CliError> {
        match &self.way {
            Way::Here(engine) => Ok(engine.digest(name)?),
            Way::Served(running) => running.ask(self.context, LedgerOperation::Digest { name: name.to_string() }, None),
        }
    }

    /// Creates a ledger with sample data.
    pub(super) fn sample(&self, spec: &SampleSpec) -> Result<JournalFacts, CliError> {
        let SampleSpec { name, transactions, days, seed } = spec;
        match &self.way {
            Way::Here(engine) => Ok(engine.make_sample(spec)?),
            Way::Served(running) => {
                let name = name.to_string();
                let asked = LedgerOperation::Sample { name, transactions: *transactions, days: *days, seed: *seed };
                running.ask(self.context, asked, None)
            }
        }
    }

    /// Appends documents to a table.
    pub(super) fn append(
        &self,
        name: &LedgerName,
        table: &str,
        documents: impl Read,
        options: AppendOptions,
    ) -> Result<Appended, CliError> {
        match &self.way {
            Way::Here(engine) => Ok(engine.append(name, table, documents, options)?),
            Way::Served(running) => {
                let AppendOptions { batch, committed } = options;
                let (name, table) = (name.to_string(), table.to_owned());
                running.begin(LedgerOperation::Append { name, table, batch, committed })?.answer(
                    self.context,
                    None,
                    documents,
                )
            }
        }
    }

    /// Turns deletion protection off.
    pub(super) fn unprotect(&self, name: &LedgerName) -> Result<(), CliError> {
        match &self.way {
            Way::Here(engine) => {
                let change = LedgerChange { deletion_protection: Some(false), kms_key: None };
                engine.update_ledger(name, change)?;
                Ok(())
            }
            Way::Served(running) => {
                running.ask(self.context, LedgerOperation::Unprotect { name: name.to_string() }, None)
            }
        }
    }

    /// Deletes a ledger.
    pub(super) fn delete(&self, name: &LedgerName) -> Result<(), CliError> {
        match &self.way {
            Way::Here(engine) => Ok(engine.delete_ledger(name)?),
            Way::Served(running) => running.ask(self.context, LedgerOperation::Delete { name: name.to_string() }, None),
        }
    }

    /// Joins the small segments of a ledger's journal.
    pub(super) fn compact(&self, name: &LedgerName, done: &Done) -> Result<Compacted, CliError> {
        match &self.way {
            Way::Here(engine) => Ok(engine.compact(name, &|bytes| done.advance(bytes))?),
            Way::Served(running) => {
                running.ask(self.context, LedgerOperation::Compact { name: name.to_string() }, Some(done))
            }
        }
    }
}
