//! What every folder has besides its tables: `archive.json`, with the facts of each conversion, by
//! which a later conversion recognises it.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use qldb_journal::archive::verify::Status;
use serde::Serialize;
use serde::ser::{SerializeMap as _, SerializeSeq as _, Serializer};
use serde_json::Value as Json;

use crate::TableError;
use crate::columns::{Journal, Table, Value, time};
use crate::facts::{Facts, Texts};
use crate::form::{DESCRIPTION, Form};
use crate::held::Held;

/// The member that identifies the format.
const FORMAT: &str = "qldb-export tables 1";

/// The verdict for a proved archive.
const PROVED: &str = "proved";

/// The column with the list of objects, which is generated while it is written.
const OBJECTS: &str = "objects";

/// The facts of one conversion as JSON, without the objects.
pub(crate) fn json(facts: &Facts<'_>) -> Json {
    let texts = facts.short_texts();
    let members = members(facts, &texts).filter(|(name, _)| *name != OBJECTS);
    Json::Object(members.map(|(name, value)| (name.to_owned(), member(value))).collect())
}

fn members<'a>(facts: &'a Facts<'_>, texts: &'a Texts) -> impl Iterator<Item = (&'static str, Value<'a>)> {
    Table::Archive.columns(false).iter().map(|column| column.name).zip(facts.row(texts))
}

fn member(value: Value<'_>) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Text(text) => text.into(),
        Value::Json(json) => serde_json::from_str(json).unwrap_or_default(),
        Value::Time(at) => time(at).into(),
        Value::Number(number) => number.into(),
        Value::Bool(is) => is.into(),
        Value::Hash(hash) => hash.to_base64().into(),
    }
}

/// What the file holds.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    format: &'static str,
    form: &'static str,
    with_ion: bool,
    conversions: Conversions<'a>,
}

/// The facts of the earlier conversions, and of this one.
struct Conversions<'a>(&'a [Json], &'a Facts<'a>);

impl Serialize for Conversions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut conversions = serializer.serialize_seq(None)?;
        self.0.iter().try_for_each(|before| conversions.serialize_element(before))?;
        conversions.serialize_element(&Conversion(self.1))?;
        conversions.end()
    }
}

/// The facts of one conversion, with the objects.
struct Conversion<'a>(&'a Facts<'a>);

impl Serialize for Conversion<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let texts = self.0.short_texts();
        let mut document = serializer.serialize_map(None)?;
        for (name, value) in members(self.0, &texts) {
            if name == OBJECTS {
                document.serialize_entry(name, &self.0.objects())?;
            } else {
                document.serialize_entry(name, &member(value))?;
            }
        }
        document.end()
    }
}

/// Writes the facts of the conversions so far: of those `before`, and of this one.
pub(crate) fn write(
    folder: &Path,
    form: Form,
    with_ion: bool,
    before: &[Json],
    facts: &Facts<'_>,
) -> Result<(), TableError> {
    let path = folder.join(DESCRIPTION);
    let document = Document { format: FORMAT, form: form.as_str(), with_ion, conversions: Conversions(before, facts) };
    write_json(&path, &document).map_err(TableError::io(&path))
}

/// Writes a document while it is generated, however long it is.
pub(crate) fn write_json(path: &Path, document: &impl Serialize) -> io::Result<()> {
    let mut out = BufWriter::new(File::create_new(path)?);
    serde_json::to_writer_pretty(&mut out, document)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// The facts of the conversions that made a folder; `None` if it was not made by a conversion into this format.
pub(crate) fn conversions(folder: &Path, form: Form) -> Result<Option<(bool, Vec<Json>)>, TableError> {
    let path = folder.join(DESCRIPTION);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(TableError::io(&path)(error)),
    };
    let Ok(mut document) = serde_json::from_str::<Json>(&text) else { return Ok(None) };
    let is_ours = named(&document, "format") == FORMAT && named(&document, "form") == form.as_str();
    let with_ion = named(&document, "withIon") == true;
    let conversions = document.get_mut("conversions").and_then(Json::as_array_mut).map(std::mem::take);
    Ok(conversions.filter(|_| is_ours).map(|conversions| (with_ion, conversions)))
}

/// A member of an object; null if it isn't there.
fn named<'a>(object: &'a Json, name: &str) -> &'a Json {
    object.get(name).unwrap_or(&Json::Null)
}

/// The content of a folder, if a conversion into this format made it.
pub(crate) fn held(folder: &Path, form: Form) -> Result<Option<Held>, TableError> {
    let Some((with_ion, conversions)) = conversions(folder, form)? else { return Ok(None) };
    let mut unproved =
        conversions.iter().filter(|one| named(one, "verdict") != PROVED || named(one, "unverified") != false);
    // Without a verdict, it isn't proved either.
    let verdict = |one: &Json| named(one, "verdict").as_str().filter(|verdict| *verdict != PROVED).map(str::to_owned);
    let unproved = unproved.next().map(|one| verdict(one).unwrap_or_else(|| Status::Unproved.as_str().to_owned()));
    let last = conversions.iter().max_by_key(|one| named(one, "last_sequence_no").as_u64());
    Ok(last.and_then(|last| {
        let text = |name: &str| named(last, name).as_str().map(str::to_owned);
        Some(Held {
            journal: Journal { ledger: text("ledger")?, strand_id: text("strand_id")? },
            last: named(last, "last_sequence_no").as_u64()?,
            tip_hash: text("tip_hash")?,
            filters: named(last, "filters").to_string(),
            with_ion,
            unproved,
        })
    }))
}

/// A file in a folder of ours that no conversion wrote; `None` if there is none.
pub(crate) fn stranger(folder: &Path, form: Form) -> Result<Option<String>, TableError> {
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(&inner).map_err(TableError::io(&inner))? {
            let path = entry.map_err(TableError::io(&inner))?.path();
            let found = fs::symlink_metadata(&path).map_err(TableError::io(&path))?;
            let below = path.strip_prefix(folder).unwrap_or(&path).to_path_buf();
            if found.is_dir() && form.writes_folder(&below) {
                folders.push(path);
            } else if !found.is_file() || !form.writes_file(&below) {
                return Ok(Some(format!("it holds {}", below.display())));
            }
        }
    }
    Ok(None)
}
