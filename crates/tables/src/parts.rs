//! Conversions in parts: several machines write Parquet files into one folder, each for its part of
//! the archive, and once the verdict on all parts is known, the folder gets the `archive.json` of a
//! conversion. Until then each part has its own description, which says that a part alone is not
//! proved.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use qldb_journal::Hash;
use qldb_journal::archive::verify::{Part, PartReport, Status};
use qldb_journal::internal::sha256::HashingReader;
use serde::de::{DeserializeOwned, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::TableError;
use crate::columns::{Journal, Table, time};
use crate::destination::Unfinished;
use crate::facts::Tool;
use crate::folder::write_json;
use crate::form::{DESCRIPTION, Form, Options, is_description};
use crate::object::{Object, Objects};
use crate::rows::Rows;

/// Marks a file as a part's description.
const FORMAT: &str = "qldb-export part of tables 1";

/// What a part records about its files. Of its objects, of which there may be millions, as much is in memory as is
/// needed: `O` is the list while it is written, or what is kept of it when it is read.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Description<O = Fingerprints> {
    format: String,
    pub(crate) part: Part,
    ledger: String,
    strand_id: String,
    with_ion: bool,
    filters: Json,
    unverified: bool,
    pub(crate) rows: Rows,
    /// QLDB tables in its blocks, if tables were requested by name.
    pub(crate) tables: BTreeSet<String>,
    pub(crate) objects: O,
    pub(crate) files: Vec<PartFile>,
    tool: String,
    converted_at: String,
}

/// The objects of a part after they were read: a hash of each.
#[derive(Debug, Default)]
pub(crate) struct Fingerprints(pub(crate) Vec<Hash>);

impl<'de> Deserialize<'de> for Fingerprints {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EachObject;
        impl<'de> Visitor<'de> for EachObject {
            type Value = Fingerprints;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a list of objects")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut objects: A) -> Result<Fingerprints, A::Error> {
                let mut fingerprints = Vec::new();
                while let Some(Object { key, size, sha256 }) = objects.next_element()? {
                    fingerprints.push(Object::fingerprint(&key, size, sha256));
                }
                Ok(Fingerprints(fingerprints))
            }
        }
        deserializer.deserialize_seq(EachObject)
    }
}

/// A file of the part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartFile {
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) sha256: String,
}

/// The name of a part's description.
pub(crate) fn description_name(part: Part) -> String {
    format!("{}.json", part.stem())
}

/// The options of a part, which are the same for all other parts of the same folder.
pub(crate) struct PartRequest<'a> {
    pub(crate) to: &'a Path,
    pub(crate) part: Part,
    pub(crate) with_ion: bool,
    pub(crate) filters: &'a Json,
}

impl PartRequest<'_> {
    /// Checks that the files of this part can be added to the folder: it may hold only parts of the same division with
    /// the same options.
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

    pub(crate) fn fits(&self, other: &Description, journal: Option<&Journal>) -> Result<(), TableError> {
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

/// What the footers of a part's files record.
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

/// Describes what was written for a part into a folder of its own, and moves it among the other parts' files.
pub(crate) fn publish(
    unfinished: Unfinished,
    options: &Options,
    journal: &Journal,
    report: &PartReport,
    (filters, rows, tables): (Json, Rows, BTreeSet<String>),
) -> Result<(), TableError> {
    let (to, part) = (&options.to, report.part);
    let folder = unfinished.path();
    let written = |(name, size): (String, u64)| -> Result<PartFile, TableError> {
        let sha256 = sha256_of(&folder.join(&name))?;
        Ok(PartFile { name, size, sha256 })
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
        objects: Objects(|| report.read()),
        files: files(&folder)?.into_iter().map(written).collect::<Result<_, _>>()?,
        tool: options.tool.clone(),
        converted_at: time(options.now),
    };
    let path = folder.join(description_name(part));
    write_json(&path, &description).map_err(TableError::io(&path))?;
    fs::create_dir_all(to).map_err(TableError::io(to))?;
    remove(to, part)?;
    unfinished.publish_over()
}

/// Removes the files of a part, its description first, so that nothing is described if this is interrupted.
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

/// The descriptions of the parts in a folder, in the order of the parts.
pub(crate) fn described(to: &Path) -> Result<Vec<Description>, TableError> {
    let mut described = Vec::new();
    for name in names(to)?.into_iter().filter(|name| is_description(name)) {
        described.extend(read::<Fingerprints>(to.join(name))?);
    }
    described.sort_by_key(|one| one.part);
    Ok(described)
}

/// A description; `None` if its part is just being rewritten.
fn read<O: DeserializeOwned>(path: PathBuf) -> Result<Option<Description<O>>, TableError> {
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(TableError::io(&path)(error)),
    };
    let read = match serde_json::from_reader::<_, Description<O>>(BufReader::new(file)) {
        Err(error) if error.is_io() => return Err(TableError::io(&path)(error.into())),
        read => read.ok().filter(|read| read.format == FORMAT),
    };
    let what = || "it does not describe a part of tables".to_owned();
    read.map(Some).ok_or_else(|| TableError::Foreign { path, what: what() })
}

/// The key of an object of a part, by the hash that is kept of it.
pub(crate) fn key_of(to: &Path, part: Part, fingerprint: Hash) -> Result<Option<String>, TableError> {
    let objects = read::<Vec<Object>>(to.join(description_name(part)))?.map(|one| one.objects);
    let is_it = |one: &Object| Object::fingerprint(&one.key, one.size, one.sha256) == fingerprint;
    Ok(objects.unwrap_or_default().into_iter().find(is_it).map(|one| one.key))
}

/// The names in a folder, in order; empty if it does not exist.
fn names(folder: &Path) -> Result<Vec<String>, TableError> {
    let listed = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        listed => listed.and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(TableError::io(folder))?,
    };
    let mut names: Vec<String> = listed.iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort_unstable();
    Ok(names)
}

/// Every file below a folder and its size, ordered by name. Nothing else may be there: a link could lead elsewhere.
pub(crate) fn files(folder: &Path) -> Result<Vec<(String, u64)>, TableError> {
    let (mut files, mut folders) = (Vec::new(), vec![String::new()]);
    while let Some(inner) = folders.pop() {
        for name in names(&folder.join(&inner))? {
            let name = if inner.is_empty() { name } else { format!("{inner}/{name}") };
            let path = folder.join(&name);
            let found = fs::symlink_metadata(&path).map_err(TableError::io(&path))?;
            if found.is_dir() {
                folders.push(name);
            } else if found.is_file() {
                files.push((name, found.len()));
            } else {
                let what = format!("{name} is a link, or not a file");
                return Err(TableError::Foreign { path: folder.to_owned(), what });
            }
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// The SHA-256 of a file.
pub(crate) fn sha256_of(path: &Path) -> Result<String, TableError> {
    let file = File::open(path).map_err(TableError::io(path))?;
    let (_, hash) = HashingReader::new(file).finish().map_err(TableError::io(path))?;
    Ok(hash.to_hex())
}
