//! One column of a row group. Its values are encoded as they arrive, and compressed a page at a
//! time, so that little more than the bytes of the file is kept until the row group is written.

use parquet::basic::{Compression, Encoding, EncodingMask};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescPtr;

use super::dictionary::Dictionary;
use super::pages::{Compressor, PageBytes, Pages};
use super::runs::Runs;
use crate::columns::{Column, Kind, Value};

/// How many bytes of values end a page.
const PAGE: usize = 64 << 10;
/// How many rows end a page.
const MOST_ROWS: u32 = 20_000;
/// Longer texts are not among the statistics.
const LONGEST_BOUND: usize = 64;

/// How the values of a column are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// By a dictionary, as long as they repeat.
    Repeating,
    /// As they are.
    Plain,
    /// As they are, and not compressed: they look random.
    Random,
}

/// A column of a row group.
pub(super) struct Chunk {
    column: &'static Column,
    style: Style,
    descriptor: ColumnDescPtr,
    /// `None` if further values are written as they are.
    dictionary: Option<Dictionary>,
    /// The values of the dictionary, once it does not grow any more.
    exhausted: Option<Dictionary>,
    page: OpenPage,
    pages: Pages,
    rows: u64,
    nulls: u64,
    /// The smallest and the largest number.
    bounds: Option<(i64, i64)>,
    /// A hash as text.
    text: Vec<u8>,
}

/// The values that are not in a finished page.
#[derive(Default)]
struct OpenPage {
    rows: u32,
    /// Whether each row has a value, if that is not always so.
    levels: Runs,
    /// Values as they are.
    plain: Vec<u8>,
    /// How many booleans there are.
    bits: usize,
    /// Values by their index in the dictionary.
    indexes: Runs,
}

impl Chunk {
    pub(super) fn new(column: &'static Column, style: Style, descriptor: ColumnDescPtr) -> Self {
        Self {
            column,
            style,
            descriptor,
            dictionary: (style == Style::Repeating).then(Dictionary::default),
            exhausted: None,
            page: OpenPage::default(),
            pages: Pages::default(),
            rows: 0,
            nulls: 0,
            bounds: None,
            text: Vec::new(),
        }
    }

    /// How much memory it uses, approximately.
    pub(super) fn size(&self) -> usize {
        let dictionaries = [&self.dictionary, &self.exhausted].into_iter().flatten();
        dictionaries.map(Dictionary::size).sum::<usize>() + self.page.size() + self.pages.size
    }

    /// Adds the value of the next row.
    pub(super) fn push(&mut self, value: &Value<'_>, compressor: &mut Compressor) -> Result<(), ParquetError> {
        self.page.rows += 1;
        if self.column.is_optional {
            self.page.levels.push(u32::from(!matches!(value, Value::Null)));
        }
        match value {
            Value::Null => self.nulls += 1,
            Value::Text(text) | Value::Json(text) => {
                let length = u32::try_from(text.len())?;
                self.push_value(&length.to_le_bytes(), text.as_bytes());
            }
            Value::Hash(hash) => {
                self.text.clear();
                hash.push_base64(&mut self.text);
                let text = std::mem::take(&mut self.text);
                self.push_value(&u32::try_from(text.len())?.to_le_bytes(), &text);
                self.text = text;
            }
            Value::Number(number) => self.push_number(number.cast_signed()),
            Value::Time(time) => self.push_number(time.timestamp_millis()),
            Value::Bool(is) => self.page.push_bit(*is),
        }
        if self.dictionary.as_ref().is_some_and(Dictionary::is_exhausted) {
            self.end_page(compressor)?;
            self.exhausted = self.dictionary.take();
        } else if self.page.plain.len() >= PAGE || self.page.rows >= MOST_ROWS {
            self.end_page(compressor)?;
        }
        Ok(())
    }

    fn push_number(&mut self, number: i64) {
        let (least, most) = self.bounds.unwrap_or((number, number));
        self.bounds = Some((least.min(number), most.max(number)));
        self.push_value(&[], &number.to_le_bytes());
    }

    #[inline]
    fn push_value(&mut self, prefix: &[u8], value: &[u8]) {
        if let Some(dictionary) = &mut self.dictionary {
            self.page.indexes.push(dictionary.index(prefix, value));
        } else {
            self.page.plain.extend_from_slice(prefix);
            self.page.plain.extend_from_slice(value);
        }
    }

    fn is_compressed(&self) -> bool {
        self.style != Style::Random
    }

    /// Completes the page.
    fn end_page(&mut self, compressor: &mut Compressor) -> Result<(), ParquetError> {
        let out = &mut compressor.page;
        if self.column.is_optional {
            out.extend_from_slice(&[0; 4]);
            self.page.levels.encode(1, out);
            let length = u32::try_from(out.len().saturating_sub(4))?;
            if let Some(place) = out.first_chunk_mut() {
                *place = length.to_le_bytes();
            }
        }
        // Without any value, a dictionary has none either.
        let encoding = if let Some(dictionary) = self.dictionary.as_ref().filter(|dictionary| dictionary.len() > 0) {
            out.push(dictionary.width());
            self.page.indexes.encode(dictionary.width(), out);
            Encoding::RLE_DICTIONARY
        } else {
            out.extend_from_slice(&self.page.plain);
            Encoding::PLAIN
        };
        let is_compressed = self.is_compressed();
        self.pages.add(self.page.rows, encoding, compressor, is_compressed)?;
        self.rows += u64::from(self.page.rows);
        self.page.clear();
        Ok(())
    }

    /// Ends the row group, and begins the next one: its bytes, and what the file says about them.
    pub(super) fn end(&mut self, compressor: &mut Compressor) -> Result<(PageBytes, ColumnCloseResult), ParquetError> {
        if self.page.rows > 0 {
            self.end_page(compressor)?;
        }
        let next = Self::new(self.column, self.style, self.descriptor.clone());
        let mut ended = std::mem::replace(self, next);
        let is_compressed = ended.is_compressed();
        let dictionary = ended.dictionary.as_ref().or(ended.exhausted.as_ref());
        if let Some(dictionary) = dictionary.filter(|dictionary| dictionary.len() > 0) {
            compressor.page.extend_from_slice(dictionary.encoded());
            ended.pages.set_dictionary(dictionary.len(), compressor, is_compressed)?;
        }
        let metadata = ended.metadata()?;
        let closed = ColumnCloseResult {
            bytes_written: ended.pages.size as u64,
            rows_written: ended.rows,
            metadata,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        Ok((ended.pages.into_chunk(), closed))
    }

    fn metadata(&self) -> Result<ColumnChunkMetaData, ParquetError> {
        let counts = self.pages.counts();
        let mut encodings: Vec<Encoding> = counts.iter().map(|counts| counts.encoding).collect();
        encodings.push(Encoding::RLE);
        let compression = if self.is_compressed() { Compression::SNAPPY } else { Compression::UNCOMPRESSED };
        // Offsets are within the column here; the file's are derived from them.
        ColumnChunkMetaData::builder(self.descriptor.clone())
            .set_compression(compression)
            .set_encodings_mask(EncodingMask::new_from_encodings(encodings.iter()))
            .set_page_encoding_stats(counts.to_vec())
            .set_total_compressed_size(i64::try_from(self.pages.size)?)
            .set_total_uncompressed_size(i64::try_from(self.pages.uncompressed_size)?)
            .set_num_values(self.rows.cast_signed())
            .set_dictionary_page_offset(self.pages.dictionary.map(|_| 0))
            .set_data_page_offset(i64::try_from(self.pages.dictionary.unwrap_or_default())?)
            .set_statistics(self.statistics())
            .build()
    }

    /// What lets engines pass over a row group: the number of nulls, and the bounds of numbers and times, and of texts
    /// that repeat.
    fn statistics(&self) -> Statistics {
        let nulls = Some(self.nulls);
        match self.column.kind {
            Kind::Number | Kind::Time => {
                let (least, most) = self.bounds.unzip();
                Statistics::int64(least, most, None, nulls, false)
            }
            Kind::Bool => Statistics::boolean(None, None, None, nulls, false),
            Kind::Text | Kind::Json => {
                let texts = || self.dictionary.iter().flat_map(Dictionary::values);
                let is_short = texts().all(|text| text.len() <= LONGEST_BOUND);
                let bound = |text: Option<&[u8]>| text.filter(|_| is_short).map(|text| text.to_vec().into());
                Statistics::byte_array(bound(texts().min()), bound(texts().max()), None, nulls, false)
            }
        }
    }
}

impl OpenPage {
    fn push_bit(&mut self, is: bool) {
        if self.bits.is_multiple_of(8) {
            self.plain.push(0);
        }
        if let Some(last) = self.plain.last_mut() {
            *last |= u8::from(is) << (self.bits % 8);
        }
        self.bits += 1;
    }

    fn size(&self) -> usize {
        self.plain.len() + self.levels.size() + self.indexes.size()
    }

    /// Empties it, and keeps its memory.
    fn clear(&mut self) {
        (self.rows, self.bits) = (0, 0);
        self.plain.clear();
        self.levels.clear();
        self.indexes.clear();
    }
}
