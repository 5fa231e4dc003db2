//! Rows that wait to become a row group, column by column.

use std::fs::File;

use parquet::data_type::{BoolType, ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};

use crate::columns::{Column, Kind, Value, time};

/// The columns of one file.
pub(super) struct Columns {
    columns: Vec<Waiting>,
    size: usize,
}

/// The values of one column.
struct Waiting {
    values: Values,
    /// Whether each row has a value, where that is not always so.
    levels: Option<Vec<i16>>,
}

enum Values {
    /// All texts one behind the other, and where each ends.
    Text {
        bytes: Vec<u8>,
        ends: Vec<usize>,
    },
    Number(Vec<i64>),
    Bool(Vec<bool>),
}

impl Columns {
    pub(super) fn new(columns: impl Iterator<Item = &'static Column>) -> Self {
        let waiting = columns.map(|column| Waiting {
            values: match column.kind {
                Kind::Text | Kind::Json => Values::Text { bytes: Vec::new(), ends: Vec::new() },
                Kind::Time | Kind::Number => Values::Number(Vec::new()),
                Kind::Bool => Values::Bool(Vec::new()),
            },
            levels: column.is_optional.then(Vec::new),
        });
        Self { columns: waiting.collect(), size: 0 }
    }

    /// About how much memory the rows take.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Adds a row; gives how much memory it takes.
    pub(super) fn push<'a>(&mut self, row: impl Iterator<Item = &'a Value<'a>>) -> usize {
        let size = self.columns.iter_mut().zip(row).map(|(column, value)| column.push(value)).sum();
        self.size += size;
        size
    }

    /// Writes the rows as one row group; none are left.
    pub(super) fn write(&mut self, file: &mut SerializedFileWriter<File>) -> Result<(), ParquetError> {
        let mut group = file.next_row_group()?;
        for column in &mut self.columns {
            let Some(mut writer) = group.next_column()? else { break };
            column.write(&mut writer)?;
            writer.close()?;
        }
        self.size = 0;
        group.close().map(drop)
    }
}

impl Waiting {
    fn push(&mut self, value: &Value<'_>) -> usize {
        if let Some(levels) = &mut self.levels {
            levels.push(i16::from(*value != Value::Null));
        }
        match (&mut self.values, value) {
            (_, Value::Null) => size_of::<i16>(),
            (Values::Text { bytes, ends }, value) => {
                let before = bytes.len();
                match value {
                    Value::Text(text) | Value::Json(text) => bytes.extend_from_slice(text.as_bytes()),
                    Value::Hash(hash) => bytes.extend(hash.to_base64().into_bytes()),
                    Value::Time(at) => bytes.extend(time(*at).into_bytes()),
                    Value::Number(_) | Value::Bool(_) | Value::Null => {}
                }
                ends.push(bytes.len());
                bytes.len() - before + size_of::<usize>()
            }
            (Values::Number(numbers), Value::Number(number)) => {
                numbers.push(number.cast_signed());
                size_of::<i64>()
            }
            (Values::Number(numbers), Value::Time(time)) => {
                numbers.push(time.timestamp_millis());
                size_of::<i64>()
            }
            (Values::Bool(values), Value::Bool(value)) => {
                values.push(*value);
                1
            }
            (Values::Number(_) | Values::Bool(_), _) => 0,
        }
    }

    fn write(&mut self, writer: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = self.levels.as_deref();
        match &mut self.values {
            Values::Text { bytes, ends } => {
                let all = ByteArray::from(std::mem::take(bytes));
                let starts = std::iter::once(0).chain(ends.iter().copied());
                let texts: Vec<ByteArray> =
                    starts.zip(ends.iter()).map(|(start, end)| all.slice(start, end - start)).collect();
                writer.typed::<ByteArrayType>().write_batch(&texts, levels, None)?;
                ends.clear();
            }
            Values::Number(numbers) => {
                writer.typed::<Int64Type>().write_batch(numbers, levels, None)?;
                numbers.clear();
            }
            Values::Bool(values) => {
                writer.typed::<BoolType>().write_batch(values, levels, None)?;
                values.clear();
            }
        }
        if let Some(levels) = &mut self.levels {
            levels.clear();
        }
        Ok(())
    }
}
