//! A conversion from beginning to end: what is verified streams into a format, and gets its name
//! once the verdict is known.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use chrono::{DateTime, Utc};
use qldb_journal::Hash;
use qldb_journal::archive::verify::{
    BlockTaker, CheckedBlocks, JournalSpan, Part, PartReport, Report, Request, Status, TakeError, Taken, TakenObject,
    VerifyError, verify_and_take,
};

use crate::TableError;
use crate::columns::Journal;
use crate::destination::Unfinished;
use crate::extract::{Extracted, RowFilter, add_names, extract, has_tables, the_journal};
use crate::facts::{self, Facts, Tool};
use crate::form::{Form, Options};
use crate::forms;
use crate::held::Held;
use crate::parts;
use crate::rows::{Converted, Rows};
use crate::sink::Sink;

/// A running conversion: it receives the blocks of a verification.
pub struct Conversion {
    options: Options,
    filter: RowFilter,
    /// The existing tables, if they are extended.
    held: Option<Held>,
    journal: OnceLock<Journal>,
    state: Mutex<State>,
}

/// What was written so far.
struct State {
    sink: Box<dyn Sink>,
    unfinished: Unfinished,
    first: Option<(u64, Option<Hash>)>,
    seam: Option<Hash>,
    continued_at: Option<DateTime<Utc>>,
    named: BTreeSet<String>,
    rows: Rows,
}

impl Conversion {
    /// Begins before anything is read, so that obstacles are found early.
    pub fn begin(mut options: Options) -> Result<Self, TableError> {
        // What is extended is locked at its real path, whatever name was used for it.
        if let (true, Ok(found)) = (options.append || options.part.is_some(), options.to.canonicalize()) {
            options.to = found;
        }
        // This comes first, because it repairs what an earlier interrupted run left.
        let unfinished = match options.part {
            Some(part) => Unfinished::begin_part(&options.to, part)?,
            None => Unfinished::begin(&options.to)?,
        };
        let held = if options.append { forms::held(&options.to, options.form)? } else { None };
        let mut filter = RowFilter::of(&options);
        match options.part {
            Some(part) => asked(&options, part, &facts::filters(&filter, options.current)).clear_way(None)?,
            None if held.is_none() => clear_way(&options)?,
            None => {}
        }
        if let Some(held) = &held {
            if !options.unverified {
                held.is_proved(&options.to)?;
            }
            held.fits(&options.to, options.with_ion, &facts::filters(&filter, options.current).to_string())?;
            filter.after = Some(held.last);
        }
        let sink = match &held {
            Some(held) => forms::extend(&unfinished, &options, held)?,
            None => forms::create(&unfinished, &options)?,
        };
        let state = State {
            sink,
            unfinished,
            first: None,
            seam: None,
            continued_at: None,
            named: BTreeSet::new(),
            rows: Rows::default(),
        };
        Ok(Self { options, filter, held, journal: OnceLock::new(), state: Mutex::new(state) })
    }

    /// The verdict of the existing tables, if they are extended and not proved; `None` otherwise.
    #[doc(hidden)]
    pub fn extends_unproved(&self) -> Option<&str> {
        self.held.as_ref()?.unproved.as_deref()
    }

    /// Ends with the verdict: what is proved, or wanted anyway, gets its name.
    pub fn end(self, report: &Report) -> Result<Converted, TableError> {
        let is_wanted = report.verdict == Status::Proved || self.options.unverified;
        let (Some(span), Some(journal), true) = (report.only_journal(), self.journal.into_inner(), is_wanted) else {
            return Ok(Converted::NotProved);
        };
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = &self.held {
            held.is_continued(&self.options.to, span, state.first, state.seam)?;
            if span.last == held.last {
                return Ok(Converted::NothingNew);
            }
        }
        if self.held.is_none() {
            has_tables(&self.options, &state.named, span)?;
        }
        let tool = Tool { name: self.options.tool.clone(), at: self.options.now };
        let filters = facts::filters(&self.filter, self.options.current);
        let added = self.held.as_ref().map_or_else(|| span.clone(), |held| added(span, held, state.continued_at));
        let facts = Facts::of(report, &added, journal, &filters, tool);
        let facts =
            if self.held.as_ref().is_some_and(|held| held.unproved.is_some()) { facts.after_unproved() } else { facts };
        // Counted as they arrived; with `--current`, some of the stored rows were left out.
        let kept = state.sink.finish(&facts)?;
        let rows = kept.map_or(state.rows, |kept| Rows { hash_only_revisions: state.rows.hash_only_revisions, ..kept });
        match (&self.held, self.options.form) {
            // Its own transaction has ended.
            (Some(_), Form::Sqlite) => {}
            (Some(_), _) => state.unfinished.publish_into()?,
            (None, form) => {
                // Something else may have appeared there in the meantime.
                clear_way(&self.options)?;
                if self.options.force && form == Form::Sqlite {
                    forms::remove_sidecars(&self.options.to)?;
                }
                state.unfinished.publish(self.options.force)?;
            }
        }
        Ok(Converted::Written(rows))
    }

    /// Ends a part of a divided conversion: it is moved among the others, unless something is wrong with it and it is
    /// not wanted anyway.
    #[doc(hidden)]
    pub fn end_part(self, report: &PartReport) -> Result<Converted, TableError> {
        let (to, part) = (&self.options.to, report.part);
        let filters = facts::filters(&self.filter, self.options.current);
        let is_wanted = report.broken.is_empty() || self.options.unverified;
        let (Some(journal), true) = (self.journal.into_inner(), is_wanted) else {
            // What an earlier run wrote is for bytes that no longer exist, unless the parts were joined in the
            // meantime.
            asked(&self.options, part, &filters).clear_way(None)?;
            parts::remove(to, part)?;
            return Ok(Converted::NotProved);
        };
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        let tool = Tool { name: self.options.tool.clone(), at: self.options.now };
        state.sink.finish_part(&parts::footer(part, &journal, &filters, &tool))?;
        // Others may have arrived in the meantime.
        asked(&self.options, part, &filters).clear_way(Some(&journal))?;
        let found = (filters, state.rows, state.named);
        parts::publish(state.unfinished, &self.options, &journal, report, found)?;
        Ok(Converted::Written(state.rows))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, extracted: &Extracted) -> Result<(), TableError> {
        let Some(journal) = self.journal.get() else { return Ok(()) };
        let mut state = self.state();
        state.first = state.first.or(extracted.first);
        state.seam = state.seam.or(extracted.seam);
        state.continued_at = state.continued_at.or(extracted.continued_at);
        state.rows.add(&extracted.batch);
        add_names(&mut state.named, extracted.named.iter().map(String::as_str));
        let State { sink, .. } = &mut *state;
        sink.learn(&extracted.batch);
        sink.rows(&extracted.batch, journal, self.options.with_ion)
    }
}

fn asked<'a>(options: &'a Options, part: Part, filters: &'a serde_json::Value) -> parts::PartRequest<'a> {
    parts::PartRequest { to: &options.to, part, with_ion: options.with_ion, filters }
}

/// Converts an archive: verifies it, and writes its contents.
pub fn convert(request: &Request<'_>, options: Options) -> Result<(Report, Converted), ConvertError> {
    let conversion = Conversion::begin(options)?;
    let report = verify_and_take(request, &conversion)?;
    let converted = conversion.end(&report)?;
    Ok((report, converted))
}

/// Why an archive was not converted.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// It could not be read.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// The tables could not be written.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl BlockTaker for Conversion {
    fn begin(&self, objects: &[TakenObject<'_>]) -> Result<(), TakeError> {
        let Some(journal) = the_journal(objects)? else { return Ok(()) };
        let journal = match &self.held {
            Some(held) => held.same_journal(&self.options.to, &journal)?,
            None => journal,
        };
        let _ = self.journal.set(journal);
        Ok(())
    }

    fn read(&self, blocks: CheckedBlocks<'_>) -> Result<Taken<'_>, TakeError> {
        let extracted = extract(blocks, &self.filter).map_err(TableError::from)?;
        let bytes = extracted.batch.size();
        Ok(Taken { bytes, put: Box::new(move || Ok(self.put(&extracted)?)) })
    }
}

/// The part of a journal that is new.
fn added(span: &JournalSpan, held: &Held, continued_at: Option<DateTime<Utc>>) -> JournalSpan {
    let first = span.first.max(held.last.saturating_add(1));
    JournalSpan { first, first_time: continued_at.unwrap_or(span.first_time), ..span.clone() }
}

/// Succeeds if nothing is there, or something that may be replaced.
fn clear_way(options: &Options) -> Result<(), TableError> {
    let to = &options.to;
    let Ok(found) = fs::symlink_metadata(to) else { return forms::no_sidecar(to, options.form) };
    // It is replaced when there is something to replace it with.
    if found.is_dir() && is_empty_folder(to) && options.form.is_folder() {
        return Ok(());
    }
    if !options.force {
        return Err(TableError::Exists(to.clone()));
    }
    if found.is_symlink() {
        return Err(TableError::Foreign { path: to.clone(), what: "it is a link".to_owned() });
    }
    forms::is_ours(to, options.form)
}

fn is_empty_folder(path: &Path) -> bool {
    fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

impl Rows {
    fn add(&mut self, batch: &crate::batch::Batch) {
        self.revisions += batch.revisions.len() as u64;
        self.transactions += batch.transactions.len() as u64;
        self.statements += batch.statements.len() as u64;
        self.hash_only_revisions +=
            batch.transactions.iter().map(|transaction| transaction.hash_only_revisions).sum::<u64>();
    }
}
