//! Buffers rows for a row group, column by column, in pieces: buffers that grow to the size of a
//! row group, for as many files as there are tables, would fragment the memory.

use std::fs::File;

use parquet::data_type::{BoolType, ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};

use crate::columns::{Column, Kind, Value, time};

/// The size of a piece, unless a row is larger.
const PIECE: usize = 64 << 10;

/// The buffered rows of one file.
pub(super) struct Columns {
    declared: Vec<&'static Column>,
    full: Vec<Piece>,
    begun: Option<Piece>,
    size: usize,
    /// How much each column of the last full piece held: the next one will hold about as much.
    usual: Vec<Room>,
}

/// What a column of a piece has room for.
#[derive(Clone, Copy, Default)]
struct Room {
    rows: usize,
    bytes: usize,
}

/// Some rows.
struct Piece {
    columns: Vec<Waiting>,
    size: usize,
}

/// The values of one column.
struct Waiting {
    values: Values,
    /// Whether each row has a value, if that is not always so.
    levels: Option<Vec<i16>>,
}

enum Values {
    /// All texts one after the other, and where each ends.
    Text {
        bytes: Vec<u8>,
        ends: Vec<usize>,
    },
    Number(Vec<i64>),
    Bool(Vec<bool>),
}

impl Columns {
    pub(super) fn new(columns: impl Iterator<Item = &'static Column>) -> Self {
        Self { declared: columns.collect(), full: Vec::new(), begun: None, size: 0, usual: Vec::new() }
    }

    /// Approximately how much memory the rows use.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Adds a row; returns how much memory it uses.
    pub(super) fn push<'a>(&mut self, row: impl Iterator<Item = &'a Value<'a>>) -> usize {
        let mut piece = self.begun.take().unwrap_or_else(|| Piece::new(&self.declared, &self.usual));
        let size = piece.push(row);
        self.size += size;
        if piece.size < PIECE {
            self.begun = Some(piece);
        } else {
            self.usual = piece.columns.iter().map(Waiting::held).collect();
            piece.shrink();
            self.full.push(piece);
        }
        size
    }

    /// Writes the rows as one row group, and empties the buffers.
    pub(super) fn write(&mut self, file: &mut SerializedFileWriter<File>) -> Result<(), ParquetError> {
        let mut pieces = std::mem::take(&mut self.full);
        pieces.extend(self.begun.take());
        self.size = 0;
        let mut group = file.next_row_group()?;
        for index in 0..self.declared.len() {
            let Some(mut writer) = group.next_column()? else { break };
            for column in pieces.iter_mut().filter_map(|piece| piece.columns.get_mut(index)) {
                column.write(&mut writer)?;
            }
            writer.close()?;
        }
        group.close().map(drop)
    }
}

impl Piece {
    fn new(columns: &[&'static Column], usual: &[Room]) -> Self {
        let rooms = usual.iter().copied().chain(std::iter::repeat(Room::default()));
        Self { columns: columns.iter().zip(rooms).map(|(column, room)| Waiting::new(column, room)).collect(), size: 0 }
    }

    fn push<'a>(&mut self, row: impl Iterator<Item = &'a Value<'a>>) -> usize {
        let size = self.columns.iter_mut().zip(row).map(|(column, value)| column.push(value)).sum();
        self.size += size;
        size
    }

    /// Frees unused memory.
    fn shrink(&mut self) {
        for Waiting { values, levels } in &mut self.columns {
            match values {
                Values::Text { bytes, ends } => {
                    bytes.shrink_to_fit();
                    ends.shrink_to_fit();
                }
                Values::Number(numbers) => numbers.shrink_to_fit(),
                Values::Bool(values) => values.shrink_to_fit(),
            }
            levels.iter_mut().for_each(Vec::shrink_to_fit);
        }
    }
}

impl Waiting {
    fn new(column: &Column, room: Room) -> Self {
        let values = match column.kind {
            Kind::Text | Kind::Json => {
                Values::Text { bytes: Vec::with_capacity(room.bytes), ends: Vec::with_capacity(room.rows) }
            }
            Kind::Time | Kind::Number => Values::Number(Vec::with_capacity(room.rows)),
            Kind::Bool => Values::Bool(Vec::with_capacity(room.rows)),
        };
        Self { values, levels: column.is_optional.then(|| Vec::with_capacity(room.rows)) }
    }

    /// How much it holds, and an eighth more.
    fn held(&self) -> Room {
        let more = |length: usize| length + length / 8;
        let (rows, bytes) = match &self.values {
            Values::Text { bytes, ends } => (ends.len(), bytes.len()),
            Values::Number(numbers) => (numbers.len(), 0),
            Values::Bool(values) => (values.len(), 0),
        };
        let rows = self.levels.as_ref().map_or(rows, Vec::len);
        Room { rows: more(rows), bytes: more(bytes) }
    }

    /// Adds a value; returns how much memory it uses.
    fn push(&mut self, value: &Value<'_>) -> usize {
        let level = self.levels.as_mut().map_or(0, |levels| {
            levels.push(i16::from(*value != Value::Null));
            size_of::<i16>()
        });
        level + self.values.push(value)
    }

    /// Writes the values, and empties the buffers.
    fn write(&mut self, writer: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = self.levels.as_mut().map(std::mem::take);
        self.values.write(levels.as_deref(), writer)
    }
}

impl Values {
    fn push(&mut self, value: &Value<'_>) -> usize {
        match (self, value) {
            (_, Value::Null) => 0,
            (Self::Text { bytes, ends }, value) => {
                let before = bytes.len();
                match value {
                    Value::Text(text) | Value::Json(text) => bytes.extend_from_slice(text.as_bytes()),
                    Value::Hash(hash) => hash.push_base64(bytes),
                    Value::Time(at) => bytes.extend(time(*at).into_bytes()),
                    Value::Number(_) | Value::Bool(_) | Value::Null => {}
                }
                ends.push(bytes.len());
                bytes.len() - before + size_of::<usize>()
            }
            (Self::Number(numbers), Value::Number(number)) => {
                numbers.push(number.cast_signed());
                size_of::<i64>()
            }
            (Self::Number(numbers), Value::Time(time)) => {
                numbers.push(time.timestamp_millis());
                size_of::<i64>()
            }
            (Self::Bool(values), Value::Bool(value)) => {
                values.push(*value);
                1
            }
            (Self::Number(_) | Self::Bool(_), _) => 0,
        }
    }

    fn write(&mut self, levels: Option<&[i16]>, writer: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        match self {
            Self::Text { bytes, ends } => {
                let (all, ends) = (ByteArray::from(std::mem::take(bytes)), std::mem::take(ends));
                let starts = std::iter::once(0).chain(ends.iter().copied());
                let texts: Vec<ByteArray> =
                    starts.zip(&ends).map(|(start, end)| all.slice(start, end - start)).collect();
                writer.typed::<ByteArrayType>().write_batch(&texts, levels, None)?;
            }
            Self::Number(numbers) => {
                writer.typed::<Int64Type>().write_batch(&std::mem::take(numbers), levels, None)?;
            }
            Self::Bool(values) => {
                writer.typed::<BoolType>().write_batch(&std::mem::take(values), levels, None)?;
            }
        }
        Ok(())
    }
}
