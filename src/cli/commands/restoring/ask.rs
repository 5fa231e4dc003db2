//! Asking S3 to restore objects.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{EXPEDITED, is_deep};
use crate::cli::context::{Context, object_store};
use crate::cli::error::CliError;
use crate::cli::error::flags::WithRemedy as _;
use crate::cli::output::text;
use qldb_endpoint::store::RestoreOrder;
use qldb_journal::archive::source::Archived;
use qldb_journal::request::{Fault, Faults, Field};

/// What was requested.
#[derive(Debug, Clone, Copy)]
pub(super) struct AskedFor {
    pub(super) order: RestoreOrder,
    /// How many restores S3 started.
    pub(super) begun: u64,
    /// How many were already running.
    pub(super) under_way: u64,
}

/// Requests every object that is not being restored yet, and reports that.
pub(super) fn restore(context: &Context, archived: &[Archived], order: RestoreOrder) -> Result<AskedFor, CliError> {
    let deep = archived.iter().filter(|object| is_deep(object)).count() as u64;
    if order.tier == EXPEDITED && deep > 0 {
        let are = if deep == 1 { "is" } else { "are" };
        let rule =
            format!("can't be used for DEEP_ARCHIVE, where {} of the archive {are}", text::count(deep, "object"));
        let fault = Fault::malformed(Field::Named("--tier"), order.tier, rule, "give Standard or Bulk");
        return Err(Faults::from(fault).into());
    }
    let (begun, under_way) = (AtomicU64::new(0), AtomicU64::new(0));
    let wanted: Vec<Archived> = archived.iter().filter(|object| !object.is_restoring).cloned().collect();
    let known = (archived.len() - wanted.len()) as u64;
    let asked = object_store::restore(&context.global, wanted, order, &|was_under_way| {
        let counted = if was_under_way { &under_way } else { &begun };
        counted.fetch_add(1, Ordering::Relaxed);
    });
    let asked_for = AskedFor { order, begun: begun.into_inner(), under_way: known + under_way.into_inner() };
    // What S3 has started costs money, whatever became of the rest.
    if asked.is_ok() || asked_for.begun > 0 {
        context.printer.note(&asked_for.summary());
    }
    asked.map(|()| asked_for)
}

impl AskedFor {
    fn summary(&self) -> String {
        let days = text::count(u64::from(self.order.days.unsigned_abs()), "day");
        let already = match self.under_way {
            0 => String::new(),
            1 => "; 1 was being restored already".to_owned(),
            several => format!("; {several} were being restored already"),
        };
        format!(
            "asked S3 to restore {} for {days}, tier {}{already}",
            text::count(self.begun, "object"),
            self.order.tier
        )
    }
}
