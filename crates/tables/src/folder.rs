//! What every folder has besides its tables: `archive.json`, with the facts of each conversion, by
//! which a later conversion recognises it.

use std::fs;
use std::path::Path;

use qldb_journal::archive::verify::Status;
use serde_json::{Map, Value as Json};

use crate::TableError;
use crate::columns::{Journal, Table, Value, time};
use crate::facts::Facts;
use crate::form::{DESCRIPTION, Form};
use crate::held::Held;

/// The member that identifies the format.
const FORMAT: &str = "qldb-export tables 1";

/// The verdict for a proved archive.
const PROVED: &str = "proved";

/// The facts of one conversion as JSON.
pub(crate) fn json(facts: &Facts) -> Json {
    let texts = facts.texts();
    let row = facts.row(&texts);
    let members = Table::Archive.columns(false).iter().zip(row);
    Json::Object(members.map(|(column, value)| (column.name.to_owned(), member(value))).collect())
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

/// Writes the facts of all conversions so far.
pub(crate) fn write(folder: &Path, form: Form, with_ion: bool, conversions: Vec<Json>) -> Result<(), TableError> {
    let mut document = Map::new();
    document.insert("format".to_owned(), FORMAT.into());
    document.insert("form".to_owned(), form.as_str().into());
    document.insert("withIon".to_owned(), with_ion.into());
    document.insert("conversions".to_owned(), conversions.into());
    let path = folder.join(DESCRIPTION);
    fs::write(&path, format!("{:#}\n", Json::Object(document))).map_err(TableError::io(&path))
}

/// The facts of the conversions that made a folder; `None` if it was not made by a conversion into this format.
pub(crate) fn conversions(folder: &Path, form: Form) -> Result<Option<(bool, Vec<Json>)>, TableError> {
    let path = folder.join(DESCRIPTION);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(TableError::io(&path)(error)),
    };
    let Ok(mut document) = serde_json::from_str::<Json>(&text) else { return Ok(None) };
    let is_ours = document["format"] == FORMAT && document["form"] == form.as_str();
    let with_ion = document["withIon"] == true;
    let conversions = document.get_mut("conversions").and_then(Json::as_array_mut).map(std::mem::take);
    Ok(conversions.filter(|_| is_ours).map(|conversions| (with_ion, conversions)))
}

/// The content of a folder, if a conversion into this format made it.
pub(crate) fn held(folder: &Path, form: Form) -> Result<Option<Held>, TableError> {
    let Some((with_ion, conversions)) = conversions(folder, form)? else { return Ok(None) };
    let mut unproved = conversions.iter().filter(|one| one["verdict"] != PROVED || one["unverified"] != false);
    // Without a verdict, it isn't proved either.
    let verdict = |one: &Json| one["verdict"].as_str().filter(|verdict| *verdict != PROVED).map(str::to_owned);
    let unproved = unproved.next().map(|one| verdict(one).unwrap_or_else(|| Status::Unproved.as_str().to_owned()));
    let last = conversions.iter().max_by_key(|one| one["last_sequence_no"].as_u64());
    Ok(last.and_then(|last| {
        let text = |name: &str| last[name].as_str().map(str::to_owned);
        Some(Held {
            journal: Journal { ledger: text("ledger")?, strand_id: text("strand_id")? },
            last: last["last_sequence_no"].as_u64()?,
            tip_hash: text("tip_hash")?,
            filters: last["filters"].to_string(),
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
