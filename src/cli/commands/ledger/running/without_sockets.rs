//! Where there are no Unix sockets, no command reaches a running `serve`: the command is refused
//! because the data directory is held.

use std::convert::Infallible;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use super::LedgerOperation;
use super::wire::Wire;
use crate::cli::context::Context;
use crate::cli::context::working::Done;
use crate::cli::error::CliError;
use qldb_endpoint::engine::Engine;

/// Never found.
pub(in crate::cli::commands::ledger) struct Running(Infallible);

/// Never begun.
pub(in crate::cli::commands::ledger) struct PendingCall(Infallible);

/// Nobody calls it.
pub(crate) struct CommandServer;

impl Running {
    pub(in crate::cli::commands::ledger) fn find(_data_dir: &Path) -> Option<Self> {
        None
    }

    pub(in crate::cli::commands::ledger) fn ask<T: Wire>(
        &self,
        _context: &Context,
        _asked: LedgerOperation,
        _done: Option<&Done>,
    ) -> Result<T, CliError> {
        match self.0 {}
    }

    pub(in crate::cli::commands::ledger) fn begin(&self, _asked: LedgerOperation) -> Result<PendingCall, CliError> {
        match self.0 {}
    }
}

impl PendingCall {
    pub(in crate::cli::commands::ledger) fn stopper(&self) -> io::Result<fn()> {
        match self.0 {}
    }

    pub(in crate::cli::commands::ledger) fn answer<T: Wire>(
        self,
        _context: &Context,
        _done: Option<&Done>,
        _documents: impl Read,
    ) -> Result<T, CliError> {
        match self.0 {}
    }
}

impl CommandServer {
    pub(crate) fn open(_context: &Context, _engine: &Arc<Engine>) -> io::Result<Self> {
        Ok(Self)
    }

    pub(crate) async fn close(self) {}
}
