//! The statements with which engines read a folder of Parquet files.

use crate::columns::{Column, Kind, Table};
use crate::parquet::PARTITION;

/// An engine that reads Parquet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryEngine {
    /// Amazon Athena, and other engines with Hive tables.
    Athena,
    /// Apache Spark.
    Spark,
    /// `DuckDB`.
    DuckDb,
}

/// The tables in a folder; information about the archive is in the footers of their files.
const TABLES: [Table; 3] = [Table::Revision, Table::Transaction, Table::Statement];

impl QueryEngine {
    /// The statements that read the folder at a location: a path, or an S3 address.
    pub fn statements(self, location: &str, with_ion: bool) -> String {
        let location = location.trim_end_matches('/');
        let statement = |table: Table| match self {
            Self::Athena => athena(table, location, with_ion),
            Self::Spark => spark(table, location, with_ion),
            Self::DuckDb => duckdb(table, location),
        };
        TABLES.map(statement).join("\n")
    }
}

fn athena(table: Table, location: &str, with_ion: bool) -> String {
    let (name, place) = (table.name(), escaped(&format!("{location}/{}/", table.name())));
    let columns = columns(table, with_ion, |kind| match kind {
        Kind::Text | Kind::Json => "string",
        Kind::Time => "timestamp",
        Kind::Number => "bigint",
        Kind::Bool => "boolean",
    });
    let (partition, repair) = match table {
        Table::Revision => {
            (format!("PARTITIONED BY (`{PARTITION}` string)\n"), format!("\nMSCK REPAIR TABLE `{name}`;\n"))
        }
        _ => (String::new(), String::new()),
    };
    format!("CREATE EXTERNAL TABLE `{name}` (\n{columns}\n)\n{partition}STORED AS PARQUET\nLOCATION {place};\n{repair}")
}

fn spark(table: Table, location: &str, with_ion: bool) -> String {
    let (name, place) = (table.name(), escaped(&format!("{location}/{}", table.name())));
    let columns = columns(table, with_ion, |kind| match kind {
        Kind::Text | Kind::Json => "STRING",
        Kind::Time => "TIMESTAMP",
        Kind::Number => "BIGINT",
        Kind::Bool => "BOOLEAN",
    });
    let partition = if table == Table::Revision { format!(",\n  `{PARTITION}` STRING") } else { String::new() };
    format!("CREATE TEMPORARY VIEW `{name}` (\n{columns}{partition}\n)\nUSING parquet\nOPTIONS (path {place});\n")
}

fn duckdb(table: Table, location: &str) -> String {
    let name = table.name();
    let (files, options) = match table {
        Table::Revision => {
            ("*/*.parquet", format!(", hive_partitioning = true, hive_types = {{'{PARTITION}': VARCHAR}}"))
        }
        _ => ("*.parquet", String::new()),
    };
    // In brackets, characters of patterns stand for themselves.
    let literal = |one: char| if "*?[".contains(one) { format!("[{one}]") } else { one.to_string() };
    let folder: String = location.chars().map(literal).collect();
    let place = quoted(&format!("{folder}/{name}/{files}"));
    format!("CREATE VIEW \"{name}\" AS SELECT * FROM read_parquet({place}{options});\n")
}

fn columns(table: Table, with_ion: bool, kind: impl Fn(Kind) -> &'static str) -> String {
    let stands = |column: &&Column| table != Table::Revision || column.name != PARTITION;
    let columns = table.columns(with_ion).iter().filter(stands);
    let columns: Vec<String> = columns.map(|column| format!("  `{}` {}", column.name, kind(column.kind))).collect();
    columns.join(",\n")
}

/// A string in standard SQL.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A string for Hive and Spark, where two quotes may be the end of one string and the beginning of the next.
fn escaped(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
