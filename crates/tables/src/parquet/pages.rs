//! The finished pages of a column, as they will be in the file. Used by the columns of a row group.

use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Encoding, PageType};
use parquet::column::page::{CompressedPage, Page, PageWriter as _};
use parquet::errors::ParquetError;
use parquet::file::metadata::PageEncodingStats;
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use snap::raw::{Encoder, max_compress_len};

/// Compresses pages. One for all columns, since its memory is needed only for a moment.
pub(super) struct Compressor {
    snappy: Encoder,
    /// A page before it is compressed.
    pub(super) page: Vec<u8>,
    compressed: Vec<u8>,
}

impl Default for Compressor {
    fn default() -> Self {
        Self { snappy: Encoder::new(), page: Vec::new(), compressed: Vec::new() }
    }
}

impl Compressor {
    /// The page, compressed or not. It is empty afterwards.
    fn take(&mut self, is_compressed: bool) -> Result<Vec<u8>, ParquetError> {
        let taken = if is_compressed {
            let room = max_compress_len(self.page.len());
            if self.compressed.len() < room {
                self.compressed.resize(room, 0);
            }
            let length = self.snappy.compress(&self.page, &mut self.compressed)?;
            self.compressed.get(..length).unwrap_or_default().to_vec()
        } else {
            self.page.clone()
        };
        self.page.clear();
        Ok(taken)
    }
}

/// The pages of a column in a row group.
#[derive(Default)]
pub(super) struct Pages {
    /// Each with its header.
    written: Vec<Vec<u8>>,
    /// How many there are of each encoding.
    counts: Vec<PageEncodingStats>,
    /// The length of the dictionary's page, if there is one.
    pub(super) dictionary: Option<usize>,
    pub(super) size: usize,
    pub(super) uncompressed_size: usize,
}

impl Pages {
    /// Appends a page of values: what the compressor holds.
    pub(super) fn add(
        &mut self,
        rows: u32,
        encoding: Encoding,
        compressor: &mut Compressor,
        is_compressed: bool,
    ) -> Result<(), ParquetError> {
        let length = compressor.page.len();
        let page = Page::DataPage {
            buf: compressor.take(is_compressed)?.into(),
            num_values: rows,
            encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        let written = self.write(page, length)?;
        self.written.push(written);
        match self.counts.last_mut() {
            Some(counts) if counts.encoding == encoding => counts.count += 1,
            _ => self.counts.push(PageEncodingStats { page_type: PageType::DATA_PAGE, encoding, count: 1 }),
        }
        Ok(())
    }

    /// Puts the page of a dictionary before the others: what the compressor holds.
    pub(super) fn set_dictionary(
        &mut self,
        values: usize,
        compressor: &mut Compressor,
        is_compressed: bool,
    ) -> Result<(), ParquetError> {
        let length = compressor.page.len();
        let page = Page::DictionaryPage {
            buf: compressor.take(is_compressed)?.into(),
            num_values: u32::try_from(values)?,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        };
        let written = self.write(page, length)?;
        self.dictionary = Some(written.len());
        self.written.insert(0, written);
        let counts = PageEncodingStats { page_type: PageType::DICTIONARY_PAGE, encoding: Encoding::PLAIN, count: 1 };
        self.counts.insert(0, counts);
        Ok(())
    }

    /// A page with its header.
    fn write(&mut self, page: Page, uncompressed_length: usize) -> Result<Vec<u8>, ParquetError> {
        let mut sink = TrackedWrite::new(Vec::new());
        let page = CompressedPage::new(page, uncompressed_length);
        let written = SerializedPageWriter::new(&mut sink).write_page(page)?;
        self.size += written.compressed_size;
        self.uncompressed_size += written.uncompressed_size;
        sink.into_inner()
    }

    /// How many pages there are of each encoding, in the order of the file.
    pub(super) fn counts(&self) -> &[PageEncodingStats] {
        &self.counts
    }

    /// The bytes, to be read once.
    pub(super) fn into_chunk(self) -> PageBytes {
        PageBytes { pages: Arc::new(self.written), length: self.size as u64 }
    }
}

/// The bytes of pages, one after the other.
pub(super) struct PageBytes {
    pages: Arc<Vec<Vec<u8>>>,
    length: u64,
}

/// A position in them.
pub(super) struct Reading {
    pages: Arc<Vec<Vec<u8>>>,
    page: usize,
    at: usize,
}

impl Length for PageBytes {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for PageBytes {
    type T = Reading;

    fn get_read(&self, start: u64) -> Result<Reading, ParquetError> {
        let mut reading = Reading { pages: Arc::clone(&self.pages), page: 0, at: 0 };
        io::copy(&mut Read::by_ref(&mut reading).take(start), &mut io::sink())?;
        Ok(reading)
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let mut bytes = Vec::new();
        self.get_read(start)?.take(length as u64).read_to_end(&mut bytes)?;
        Ok(bytes.into())
    }
}

impl Read for Reading {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(page) = self.pages.get(self.page) {
            let rest = page.get(self.at..).unwrap_or_default();
            let length = rest.len().min(buffer.len());
            if length > 0 || buffer.is_empty() {
                buffer.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                self.at += length;
                return Ok(length);
            }
            (self.page, self.at) = (self.page + 1, 0);
        }
        Ok(0)
    }
}
