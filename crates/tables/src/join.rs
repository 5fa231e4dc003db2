//! Joins the parts of a conversion: their descriptions are compared with the verified archive and
//! with the existing files. For the command line.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File};
use std::path::Path;

use qldb_journal::Hash;
use qldb_journal::archive::source::Found;
use qldb_journal::archive::verify::{JournalSpan, Part, Report, Status, TakenObject};

use crate::TableError;
use crate::columns::Table;
use crate::destination::Unfinished;
use crate::extract::{RowFilter, has_tables, the_journal};
use crate::facts::{self, Facts, Tool};
use crate::folder;
use crate::form::{DESCRIPTION, Form, Options};
use crate::object::Object;
use crate::parquet;
use crate::parts::{Description, PartFile, PartRequest, described, description_name, files, key_of, sha256_of};
use crate::rows::{Converted, Rows};

/// Joins the parts in a folder: if they belong to the archive that was verified, the folder gets the facts about the
/// whole. Nothing else is written.
pub fn join(options: &Options, report: &Report) -> Result<Converted, TableError> {
    let is_wanted = report.verdict == Status::Proved || options.unverified;
    let (Some(span), true) = (report.only_journal(), is_wanted) else { return Ok(Converted::NotProved) };
    let to = &options.to;
    if to.join(DESCRIPTION).exists() && !options.force {
        return Err(TableError::Exists(to.join(DESCRIPTION)));
    }
    let Some(journal) = the_journal(&taken(report))? else { return Ok(Converted::NotProved) };
    let filter = RowFilter::of(options);
    let filters = facts::filters(&filter, options.current);
    let mut described = described(to)?;
    let first = described.first().ok_or_else(|| differ(to, "it holds no part".to_owned()))?;
    let asked = PartRequest { to, part: first.part, with_ion: options.with_ion, filters: &filters };
    described.iter().try_for_each(|one| asked.fits(one, Some(&journal)))?;
    let missing: Vec<Part> = first.part.all().filter(|part| described.iter().all(|one| one.part != *part)).collect();
    if !missing.is_empty() {
        return Err(TableError::PartsMissing { path: to.clone(), parts: missing });
    }
    same_objects(to, &mut described, report)?;
    same_files(to, &described)?;
    let rows = Rows::sum(described.iter().map(|one| one.rows));
    let rows = rows.ok_or_else(|| differ(to, "its parts describe more rows than can be counted".to_owned()))?;
    if report.verdict == Status::Proved && has_no_filter(options) {
        all_rows(to, &rows, report, span)?;
    }
    let named: BTreeSet<String> = described.iter().flat_map(|one| &one.tables).cloned().collect();
    has_tables(options, &named, span)?;
    let tool = Tool { name: options.tool.clone(), at: options.now };
    let facts = Facts::of(report, span, journal, &filters, tool);
    write(to, &facts, options.with_ion)?;
    Ok(Converted::Written(rows))
}

fn differ(to: &Path, why: String) -> TableError {
    TableError::PartsDiffer { path: to.to_owned(), why }
}

/// The verified objects, in the form for takers of their blocks.
fn taken(report: &Report) -> Vec<TakenObject<'_>> {
    let export = |exports: &[usize]| exports.first().and_then(|index| report.exports.get(*index));
    let taken =
        report.examined().filter_map(|one| Some(TakenObject { object: one.object, export: export(one.exports)? }));
    taken.collect()
}

fn has_no_filter(options: &Options) -> bool {
    options.tables.is_empty() && options.from.is_none() && options.until.is_none() && !options.current
}

/// Checks that the parts have as many rows as the archive that was proved. If several objects hold a block, its
/// revisions are counted once in the outline, which leaves out those without a table, and once for each object in the
/// counts.
fn all_rows(to: &Path, rows: &Rows, report: &Report, span: &JournalSpan) -> Result<(), TableError> {
    let tables = &report.outline.tables;
    let least: u64 = tables.named().values().chain(tables.others()).map(|counts| counts.revisions).sum();
    let most = report.counts.revisions;
    if !(least..=most).contains(&rows.revisions) || rows.transactions != span.blocks {
        return Err(differ(
            to,
            format!(
                "its parts have {} revisions and {} transactions, and the archive has {least} and {}",
                rows.revisions, rows.transactions, span.blocks
            ),
        ));
    }
    Ok(())
}

/// Writes the facts beside the folder first, so that they appear in it as a whole or not at all.
fn write(to: &Path, facts: &Facts<'_>, with_ion: bool) -> Result<(), TableError> {
    let unfinished = Unfinished::begin(to)?;
    let folder = unfinished.path();
    fs::create_dir(&folder).map_err(TableError::io(&folder))?;
    folder::write(&folder, Form::Parquet, with_ion, &[], facts)?;
    unfinished.publish_over()
}

/// Each verified object must be in exactly one part, with the same bytes, and the parts must have no others.
fn same_objects(to: &Path, described: &mut [Description], report: &Report) -> Result<(), TableError> {
    let mut held = HeldObjects::of(described);
    for one in report.examined() {
        let Found { key, size, .. } = &*one.object.file.found;
        if !held.take(Object::fingerprint(key, *size, one.checked.sha256)) {
            return Err(differ(to, format!("no part has the rows of {key} as it was verified")));
        }
    }
    let Some((fingerprint, part)) = held.first_left() else { return Ok(()) };
    let key = key_of(to, part, fingerprint)?.unwrap_or_default();
    Err(differ(to, format!("part {part} has rows of {key}, which was not verified")))
}

/// The objects of all parts, each as a hash of what is recorded of it: there may be millions.
struct HeldObjects {
    /// Sorted by the hashes.
    objects: Vec<(Hash, Part)>,
    /// At the first of several equal hashes, how many of them were taken.
    taken: Vec<u32>,
}

impl HeldObjects {
    /// Moves the objects out of the descriptions.
    fn of(described: &mut [Description]) -> Self {
        let mut objects = Vec::with_capacity(described.iter().map(|one| one.objects.0.len()).sum());
        for one in described {
            objects.extend(std::mem::take(&mut one.objects.0).into_iter().map(|fingerprint| (fingerprint, one.part)));
        }
        objects.sort_unstable_by_key(|(fingerprint, part)| (*fingerprint.as_bytes(), *part));
        Self { taken: vec![0; objects.len()], objects }
    }

    /// Takes an object; false if none is left.
    fn take(&mut self, fingerprint: Hash) -> bool {
        let first = self.objects.partition_point(|(other, _)| other.as_bytes() < fingerprint.as_bytes());
        let Some(taken) = self.taken.get_mut(first) else { return false };
        let next = first.saturating_add(*taken as usize);
        let is_left = self.objects.get(next).is_some_and(|(other, _)| *other == fingerprint);
        *taken += u32::from(is_left);
        is_left
    }

    /// The first object that was not taken, with its part.
    fn first_left(&self) -> Option<(Hash, Part)> {
        let mut begin = 0;
        for same in self.objects.chunk_by(|(one, _), (other, _)| one == other) {
            let taken = self.taken.get(begin).copied().unwrap_or_default();
            if let Some(left) = same.get(taken as usize) {
                return Some(*left);
            }
            begin += same.len();
        }
        None
    }
}

/// The files that the parts describe must be as they were written, each in one part, with the described rows, and there
/// must be no other files.
fn same_files(to: &Path, described: &[Description]) -> Result<(), TableError> {
    let found: HashMap<String, u64> = files(to)?.into_iter().collect();
    let mut known: BTreeSet<String> = BTreeSet::from([DESCRIPTION.to_owned()]);
    for one in described {
        let own = format!("/{}.parquet", one.part.stem());
        let mut rows = Rows { hash_only_revisions: one.rows.hash_only_revisions, ..Rows::default() };
        known.insert(description_name(one.part));
        for PartFile { name, size, sha256 } in &one.files {
            let is_there = name.ends_with(&own) && found.get(name) == Some(size);
            if !is_there || sha256_of(&to.join(name))? != *sha256 || !known.insert(name.clone()) {
                let why = format!("part {} wrote {name}, which is missing or was changed", one.part);
                return Err(differ(to, why));
            }
            count(&mut rows, to, name)?;
        }
        if rows != one.rows {
            return Err(differ(to, format!("part {} describes other rows than its files have", one.part)));
        }
    }
    match found.keys().filter(|name| !known.contains(*name)).min() {
        Some(name) => Err(differ(to, format!("it holds {name}, which no part wrote"))),
        None => Ok(()),
    }
}

/// Adds the rows of a file, as counted in its footer.
fn count(rows: &mut Rows, to: &Path, name: &str) -> Result<(), TableError> {
    let path = to.join(name);
    let counted = File::open(&path).map_err(TableError::io(&path)).map(parquet::rows_of)?;
    let counted = counted.ok_or_else(|| differ(to, format!("{name} is not a Parquet file that can be read")))?;
    let of = |table: Table| name.split('/').next() == Some(table.name());
    let total = match () {
        () if of(Table::Revision) => &mut rows.revisions,
        () if of(Table::Transaction) => &mut rows.transactions,
        () if of(Table::Statement) => &mut rows.statements,
        () => return Err(differ(to, format!("it holds {name}, which no part writes"))),
    };
    *total = total.saturating_add(counted);
    Ok(())
}
