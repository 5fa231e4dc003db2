//! The names of partition folders, as Hive defines them and Athena, Spark, `DuckDB` and pyarrow
//! read them.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::TableError;

/// The column by which the revisions are partitioned; its values are in the names of folders.
pub(crate) const PARTITION: &str = "table_name";
/// Hive's name for the partition of rows without a value. No table can have it: Hive and pyarrow read it as null,
/// however it is escaped.
const NO_NAME: &str = "__HIVE_DEFAULT_PARTITION__";

/// The existing folders, with their names in lower case as keys, because some file systems are case-insensitive.
#[derive(Debug)]
pub(super) struct Partitions(BTreeMap<String, String>);

impl Default for Partitions {
    fn default() -> Self {
        let none = format!("{PARTITION}={NO_NAME}");
        Self([(none.to_lowercase(), none)].into())
    }
}

impl Partitions {
    /// Those of a folder that is extended.
    pub(super) fn of(revisions: &Path) -> Result<Self, TableError> {
        let mut found = Self::default();
        let entries = match fs::read_dir(revisions) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(found),
            Err(error) => return Err(TableError::io(revisions)(error)),
        };
        for entry in entries {
            if let Ok(name) = entry.map_err(TableError::io(revisions))?.file_name().into_string() {
                found.0.insert(name.to_lowercase(), name);
            }
        }
        Ok(found)
    }

    /// The folder of a table, or of the rows without one.
    pub(super) fn folder(&mut self, table: Option<&str>) -> Result<String, TableError> {
        if let Some(name) = table.filter(|name| *name == NO_NAME) {
            return Err(TableError::NotAPartition(name.to_owned()));
        }
        let folder = format!("{PARTITION}={}", table.map_or_else(|| NO_NAME.to_owned(), escaped));
        let holder = self.0.entry(folder.to_lowercase()).or_insert_with(|| folder.clone());
        match table {
            Some(name) if *holder != folder => Ok(format!("{PARTITION}={}", written_out(name))),
            _ => Ok(folder),
        }
    }
}

/// A value in the name of a folder.
fn escaped(name: &str) -> String {
    let is_plain =
        |character: char| character.is_ascii_alphanumeric() || "_-. ".contains(character) || !character.is_ascii();
    name.chars()
        .map(
            |character| {
                if is_plain(character) { character.to_string() } else { format!("%{:02X}", u32::from(character)) }
            },
        )
        .collect()
}

/// The same with every ASCII character escaped: for a name that differs from another one only by case, so that the
/// folders differ by more.
fn written_out(name: &str) -> String {
    let escape = |character: char| {
        if character.is_ascii() { format!("%{:02X}", u32::from(character)) } else { character.to_string() }
    };
    name.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_tables_share_a_folder_where_cases_are_not_told_apart() {
        let names = [
            "Vehicle",
            "vehicle",
            "VEHICLE",
            "a=b",
            "a%b",
            "a%3Db",
            "__HIVE_DEFAULT_partition__",
            "ü x/y:z",
            "Ü x/y:z",
        ];
        let mut partitions = Partitions::default();
        let folders = names.map(|name| partitions.folder(Some(name)).unwrap());
        assert_eq!(
            folders.clone().map(|folder| folder.split_once('=').unwrap().1.to_owned()),
            [
                "Vehicle",
                "%76%65%68%69%63%6C%65",
                "%56%45%48%49%43%4C%45",
                "a%3Db",
                "a%25b",
                "a%253Db",
                "%5F%5F%48%49%56%45%5F%44%45%46%41%55%4C%54%5F%70%61%72%74%69%74%69%6F%6E%5F%5F",
                "ü x%2Fy%3Az",
                "Ü%20%78%2F%79%3A%7A"
            ]
        );
        assert_eq!(partitions.folder(None).unwrap(), "table_name=__HIVE_DEFAULT_PARTITION__");
        // The same names again, whatever came in between.
        assert_eq!(names.map(|name| partitions.folder(Some(name)).unwrap()), folders);
        assert!(matches!(partitions.folder(Some(NO_NAME)), Err(TableError::NotAPartition(_))));
    }
}
