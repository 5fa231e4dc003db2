//! Conversions in parts: several machines write Parquet files into one folder,
//! each those of its part of the archive, and once the verdict on all parts is
//! known, the folder gets the `archive.json` of a conversion. Until then each part
//! has a description of its own, and says that it is not proved alone.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use qldb_journal::archive::verify::{Part, PartObject, PartReport, Report, Status};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::TableError;
use crate::columns::{Journal, Table, time};
use crate::destination::Unfinished;
use crate::extract::{Wanted, has_tables};
use crate::facts::{self, Facts, Tool};
use crate::folder;
use crate::form::{DESCRIPTION, Form, Options, is_description};
use crate::rows::{Converted, Rows};

/// What marks a file as a part's description.
const FORMAT: &str = "qldb-export part of tables 1";

/// What a part says of its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Description {
    format: String,
    pub(crate) part: Part,
    ledger: String,
    strand_id: String,
    with_ion: bool,
    filters: Json,
    unverified: bool,
    rows: Rows,
    /// QLDB tables that its blocks name, as far as some were asked for.
    tables: BTreeSet<String>,
    objects: Vec<Object>,
    files: Vec<Written>,
    tool: String,
    converted_at: String,
}

/// An object whose rows the part has.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Object {
    key: String,
    size: u64,
    sha256: Option<String>,
}

/// A file of the part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Written {
    name: String,
    size: u64,
}

/// The name of a part's description.
pub(crate) fn description_name(part: Part) -> String {
    format!("{}.json", part.stem())
}

/// What was asked of a part, and of all other parts of the same folder.
pub(crate) struct Asked<'a> {
    pub(crate) to: &'a Path,
    pub(crate) part: Part,
    pub(crate) with_ion: bool,
    pub(crate) filters: &'a Json,
}

impl Asked<'_> {
    /// Whether the files of this part can be put into the folder: nothing is there but parts of the same division that
    /// were asked the same.
    pub(crate) fn clear_way(&self, journal: Option<&Journal>) -> Result<(), TableError> {
        let foreign = |what: String| TableError::Foreign { path: self.to.to_owned(), what };
        match fs::metadata(self.to) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(TableError::io(self.to)(error)),
            Ok(found) if !found.is_dir() => return Err(foreign("it is not a folder".to_owned())),
            Ok(_) => {}
        }
        for name in names(self.to)? {
            if name == DESCRIPTION {
                return Err(TableError::Complete(self.to.to_owned()));
            }
            let is_ours = is_description(&name) || Form::Parquet.writes_folder(Path::new(&name));
            if !is_ours {
                return Err(foreign(format!("it holds {name}")));
            }
        }
        let described = described(self.to)?;
        described.iter().filter(|other| other.part != self.part).try_for_each(|other| self.fits(other, journal))
    }

    fn fits(&self, other: &Description, journal: Option<&Journal>) -> Result<(), TableError> {
        let differ = |why: String| Err(TableError::PartsDiffer { path: self.to.to_owned(), why });
        if other.part.of() != self.part.of() {
            return differ(format!("it holds part {}, and this is part {}", other.part, self.part));
        }
        if other.with_ion != self.with_ion {
            let has = if other.with_ion { "has" } else { "does not have" };
            return differ(format!("part {} {has} the column data_ion", other.part));
        }
        if other.filters != *self.filters {
            return differ(format!("part {} was made with other filters: {}", other.part, other.filters));
        }
        match journal {
            Some(Journal { ledger, strand_id }) if *ledger != other.ledger || *strand_id != other.strand_id => {
                differ(format!("part {} is of the ledger {}, strand {}", other.part, other.ledger, other.strand_id))
            }
            _ => Ok(()),
        }
    }
}

/// What is said of a part that was read, in the footers of its files.
pub(crate) fn footer(part: Part, journal: &Journal, filters: &Json, tool: &Tool) -> Json {
    serde_json::json!({
        "ledger": journal.ledger,
        "strand_id": journal.strand_id,
        "part": part,
        "verdict": Status::Unproved.as_str(),
        "unverified": true,
        "verdict_of_all": format!("a part is not proved by itself; {DESCRIPTION} has the verdict once the parts are joined"),
        "filters": filters,
        "tool": tool.name,
        "converted_at": time(tool.at),
    })
}

/// Describes what was written for a part into a folder of its own, and puts it among the other parts' files.
pub(crate) fn publish(
    unfinished: Unfinished,
    options: &Options,
    journal: &Journal,
    report: &PartReport,
    (filters, rows, tables): (Json, Rows, BTreeSet<String>),
) -> Result<(), TableError> {
    let (to, part) = (&options.to, report.part);
    let folder = unfinished.path();
    let object = |PartObject { key, size, sha256 }: &PartObject| Object {
        key: key.clone(),
        size: *size,
        sha256: sha256.clone(),
    };
    let description = Description {
        format: FORMAT.to_owned(),
        part,
        ledger: journal.ledger.clone(),
        strand_id: journal.strand_id.clone(),
        with_ion: options.with_ion,
        filters,
        unverified: options.unverified,
        rows,
        tables,
        objects: report.read.iter().map(object).collect(),
        files: files(&folder)?,
        tool: options.tool.clone(),
        converted_at: time(options.now),
    };
    let path = folder.join(description_name(part));
    let text = serde_json::to_string_pretty(&description).map_err(io::Error::from).map_err(TableError::io(&path))?;
    fs::write(&path, text + "\n").map_err(TableError::io(&path))?;
    fs::create_dir_all(to).map_err(TableError::io(to))?;
    remove(to, part)?;
    unfinished.publish_over()
}

/// Removes the files of a part, its description first: what is left if this is cut off describes nothing.
pub(crate) fn remove(to: &Path, part: Part) -> Result<(), TableError> {
    let gone = |path: PathBuf| match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(TableError::io(&path)(error)),
        _ => Ok(()),
    };
    if !to.is_dir() {
        return Ok(());
    }
    gone(to.join(description_name(part)))?;
    let file = format!("{}.parquet", part.stem());
    for table in [Table::Transaction, Table::Statement] {
        gone(to.join(table.name()).join(&file))?;
    }
    let revisions = to.join(Table::Revision.name());
    for partition in names(&revisions)? {
        gone(revisions.join(partition).join(&file))?;
    }
    Ok(())
}

/// Joins the parts in a folder: if they are those of the archive that was verified, the folder gets the facts of the
/// whole. Nothing else is written.
pub fn join(options: &Options, report: &Report) -> Result<Converted, TableError> {
    let is_wanted = report.verdict == Status::Proved || options.unverified;
    let (Some(span), true) = (report.only_journal(), is_wanted) else { return Ok(Converted::NotProved) };
    let to = &options.to;
    if to.join(DESCRIPTION).exists() && !options.force {
        return Err(TableError::Exists(to.join(DESCRIPTION)));
    }
    let wanted = Wanted::of(options);
    let filters = facts::filters(&wanted, options.current);
    let described = described(to)?;
    let differ = |why: String| TableError::PartsDiffer { path: to.clone(), why };
    let first = described.first().ok_or_else(|| differ("it holds no part".to_owned()))?;
    let ledger = first.ledger.clone();
    let journal = Journal { ledger, strand_id: span.strand_id.clone() };
    let asked = Asked { to, part: first.part, with_ion: options.with_ion, filters: &filters };
    described.iter().try_for_each(|one| asked.fits(one, Some(&journal)))?;
    let missing: Vec<Part> = first.part.all().filter(|part| described.iter().all(|one| one.part != *part)).collect();
    if !missing.is_empty() {
        return Err(TableError::PartsMissing { path: to.clone(), parts: missing });
    }
    same_objects(to, &described, report)?;
    same_files(to, &described)?;
    let named: BTreeSet<String> = described.iter().flat_map(|one| &one.tables).cloned().collect();
    has_tables(options, &named, span)?;
    let tool = Tool { name: options.tool.clone(), at: options.now };
    let facts = Facts::of(report, span, journal, &filters, tool);
    write(to, &facts, options.with_ion)?;
    let mut rows = Rows::default();
    described.iter().for_each(|one| rows += one.rows);
    Ok(Converted::Written(rows))
}

/// Writes the facts beside the folder first, so that they are in it whole or not at all.
fn write(to: &Path, facts: &Facts, with_ion: bool) -> Result<(), TableError> {
    let unfinished = Unfinished::begin(to)?;
    let folder = unfinished.path();
    fs::create_dir(&folder).map_err(TableError::io(&folder))?;
    folder::write(&folder, Form::Parquet, with_ion, vec![folder::json(facts)])?;
    unfinished.publish_over()
}

/// Each object that was verified is in one part, with the same bytes, and the parts have no others.
fn same_objects(to: &Path, described: &[Description], report: &Report) -> Result<(), TableError> {
    let mut held: HashMap<(&str, u64, Option<&str>), Vec<Part>> = HashMap::new();
    for one in described {
        for Object { key, size, sha256 } in &one.objects {
            held.entry((key, *size, sha256.as_deref())).or_default().push(one.part);
        }
    }
    let differ = |why: String| Err(TableError::PartsDiffer { path: to.to_owned(), why });
    for one in &report.examined {
        let found = &one.object.file.found;
        let object = (found.key.as_str(), found.size, one.checked.sha256.as_deref());
        if held.get_mut(&object).and_then(Vec::pop).is_none() {
            return differ(format!("no part has the rows of {} as it was verified", found.key));
        }
    }
    match held.iter().find_map(|((key, ..), parts)| Some((key, parts.first()?))) {
        Some((key, part)) => differ(format!("part {part} has rows of {key}, which was not verified")),
        None => Ok(()),
    }
}

/// The files that the parts describe are there, and no others that an engine would read.
fn same_files(to: &Path, described: &[Description]) -> Result<(), TableError> {
    let found: HashMap<String, u64> = files(to)?.into_iter().map(|file| (file.name, file.size)).collect();
    let differ = |why: String| Err(TableError::PartsDiffer { path: to.to_owned(), why });
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for one in described {
        for Written { name, size } in &one.files {
            if found.get(name) != Some(size) {
                return differ(format!("part {} wrote {name}, which is not there as it was written", one.part));
            }
            known.insert(name);
        }
    }
    match found.keys().find(|name| !known.contains(name.as_str()) && name.contains('/')) {
        Some(name) => differ(format!("it holds {name}, which no part wrote")),
        None => Ok(()),
    }
}

/// The descriptions of the parts in a folder, in the order of the parts.
fn described(to: &Path) -> Result<Vec<Description>, TableError> {
    let mut described = Vec::new();
    for name in names(to)?.into_iter().filter(|name| is_description(name)) {
        let path = to.join(name);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            // Its part is written again at this moment.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(TableError::io(&path)(error)),
        };
        let read = serde_json::from_str::<Description>(&text).ok().filter(|read| read.format == FORMAT);
        let what = || "it does not describe a part of tables".to_owned();
        described.push(read.ok_or_else(|| TableError::Foreign { path, what: what() })?);
    }
    described.sort_by_key(|one| one.part);
    Ok(described)
}

/// The names in a folder, in their order; none if it is not there.
fn names(folder: &Path) -> Result<Vec<String>, TableError> {
    let listed = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        listed => listed.and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(TableError::io(folder))?,
    };
    let mut names: Vec<String> = listed.iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort_unstable();
    Ok(names)
}

/// Every file below a folder, in the order of their names.
fn files(folder: &Path) -> Result<Vec<Written>, TableError> {
    let (mut files, mut folders) = (Vec::new(), vec![String::new()]);
    while let Some(inner) = folders.pop() {
        for name in names(&folder.join(&inner))? {
            let name = if inner.is_empty() { name } else { format!("{inner}/{name}") };
            let path = folder.join(&name);
            let found = fs::metadata(&path).map_err(TableError::io(&path))?;
            if found.is_dir() {
                folders.push(name);
            } else {
                files.push(Written { name, size: found.len() });
            }
        }
    }
    files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(files)
}
