//! Reads a file back, one row group at a time.

use std::ops::Range;
use std::sync::Arc;

use bytes::{Buf, Bytes, buf::Reader};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::{ParquetError as LibraryError, Result as LibraryResult};
use parquet::file::metadata::{FooterTail, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::properties::ReaderProperties;
use parquet::file::reader::{ChunkReader, Length, RowGroupReader};
use parquet::file::serialized_reader::SerializedRowGroupReader;

use super::columns::{COLUMNS, Cells, MICROS, SCHEMA, blank};
use super::{GROUP_ROWS, ParquetError, Provenance, Row};

/// How many rows of a column are decoded at once.
const BATCH_ROWS: usize = 4_096;

/// The length of the end of a file from which `footer_bytes` tells the footer's.
pub const TAIL_BYTES: usize = 8;

/// A file whose footer is read.
#[derive(Debug)]
pub struct ParquetFile {
    metadata: ParquetMetaData,
    provenance: Provenance,
}

impl ParquetFile {
    /// How many bytes the footer has, with the last eight of the file, which are given.
    pub fn footer_bytes(tail: [u8; TAIL_BYTES]) -> Result<usize, ParquetError> {
        Ok(FooterTail::try_new(&tail)?.metadata_length() + TAIL_BYTES)
    }

    /// Reads the footer: the last bytes of the file, as many as `footer_bytes` returns.
    pub fn read(footer: &[u8]) -> Result<Self, ParquetError> {
        let fault = |reason: &str| ParquetError::NotAFile(reason.to_owned());
        let end = footer.len().checked_sub(TAIL_BYTES).ok_or_else(|| fault("no footer"))?;
        let metadata = ParquetMetaDataReader::decode_metadata(&footer[..end])?;
        let about = metadata.file_metadata();
        if about.schema() != &**SCHEMA {
            return Err(fault("its schema is another"));
        }
        let pairs = about.key_value_metadata();
        let value = |key: &str| {
            pairs?.iter().find(|pair| pair.key == key).and_then(|pair| pair.value.clone())
        };
        let provenance = Provenance::of_pairs(value)?;
        if metadata.row_groups().iter().any(|group| group.num_rows() > GROUP_ROWS as i64) {
            return Err(fault("a row group is larger than ours are"));
        }
        Ok(Self { metadata, provenance })
    }

    /// What the file says about its rows.
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// How many rows it has.
    pub fn rows(&self) -> u64 {
        self.metadata.row_groups().iter().map(|group| group.num_rows() as u64).sum()
    }

    /// Where in the file the row groups are, in their order. They follow each other without gaps.
    pub fn groups(&self) -> impl Iterator<Item = Range<u64>> {
        self.metadata.row_groups().iter().map(|group| {
            let ranges = || group.columns().iter().map(|column| column.byte_range());
            let start = ranges().map(|(start, _)| start).min().unwrap_or(0);
            let end = ranges().map(|(start, length)| start.saturating_add(length)).max();
            start..end.unwrap_or(start)
        })
    }

    /// The rows of a group; `bytes` are those of its range.
    pub fn rows_of(&self, group: usize, bytes: Vec<u8>) -> Result<Vec<Row>, ParquetError> {
        let fault = || ParquetError::NotAFile(format!("it has no row group {group}"));
        let start = self.groups().nth(group).ok_or_else(fault)?.start;
        let part = Arc::new(Part { start, bytes: bytes.into() });
        let (metadata, pages) =
            (self.metadata.row_group(group), self.metadata.page_index_for_row_group(group));
        let properties = Arc::new(ReaderProperties::builder().build());
        let reader = SerializedRowGroupReader::new(part, metadata, pages, properties)?;
        let mut rows = vec![blank(); metadata.num_rows() as usize];
        for (index, column) in COLUMNS.iter().enumerate() {
            let mut column = Cursor { name: column.name, rows: &mut rows, cells: &column.cells };
            column.read(reader.get_column_reader(index)?)?;
        }
        Ok(rows)
    }
}

/// A part of a file.
struct Part {
    start: u64,
    bytes: Bytes,
}

impl Part {
    fn from(&self, place: u64) -> LibraryResult<Bytes> {
        let skipped = place.checked_sub(self.start).map(|skipped| skipped as usize);
        let skipped = skipped.filter(|skipped| *skipped <= self.bytes.len());
        let fault = || LibraryError::EOF(format!("byte {place} is outside the row group"));
        Ok(self.bytes.slice(skipped.ok_or_else(fault)?..))
    }
}

impl Length for Part {
    fn len(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl ChunkReader for Part {
    type T = Reader<Bytes>;

    fn get_read(&self, start: u64) -> LibraryResult<Self::T> {
        Ok(self.from(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> LibraryResult<Bytes> {
        let bytes = self.from(start)?;
        let fault = || LibraryError::EOF(format!("the row group ends before byte {start}"));
        (length <= bytes.len()).then(|| bytes.slice(..length)).ok_or_else(fault)
    }
}

/// The rows into which a column is read.
struct Cursor<'a> {
    name: &'static str,
    rows: &'a mut [Row],
    cells: &'a Cells,
}

impl Cursor<'_> {
    fn read(&mut self, reader: ColumnReader) -> Result<(), ParquetError> {
        match (self.cells, reader) {
            (Cells::Time, ColumnReader::Int64ColumnReader(reader)) => {
                self.column(reader, |row, micros| {
                    row.0 = micros / MICROS;
                    micros % MICROS == 0
                })
            }
            (Cells::Seconds { set, .. }, ColumnReader::Int64ColumnReader(reader)) => {
                self.column(reader, |row, seconds| {
                    set(&mut row.1, *seconds);
                    true
                })
            }
            (Cells::Code { set, .. }, ColumnReader::Int32ColumnReader(reader)) => self
                .column(reader, |row, &code| {
                    u8::try_from(code).map(|code| set(&mut row.1, code)).is_ok()
                }),
            (Cells::Number { set, .. }, ColumnReader::DoubleColumnReader(reader)) => {
                self.column(reader, |row, value| {
                    set(&mut row.1, *value);
                    true
                })
            }
            (Cells::Flag { set, .. }, ColumnReader::BoolColumnReader(reader)) => {
                self.column(reader, |row, flag| {
                    set(&mut row.1, *flag);
                    true
                })
            }
            (Cells::Text { set, .. }, ColumnReader::ByteArrayColumnReader(reader)) => self
                .column(reader, |row, text| {
                    text.as_utf8().is_ok_and(|text| set(&mut row.1, text).is_some())
                }),
            // `ParquetFile::read` compared the schema.
            _ => Err(self.fault("is of another type")),
        }
    }

    /// Reads a column, and hands on each value that is not null. `set` returns whether it can be.
    fn column<T: DataType>(
        &mut self,
        mut reader: ColumnReaderImpl<T>,
        set: impl Fn(&mut Row, &T::T) -> bool,
    ) -> Result<(), ParquetError> {
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        let mut place = 0;
        while place < self.rows.len() {
            values.clear();
            levels.clear();
            let most = BATCH_ROWS.min(self.rows.len() - place);
            let (records, ..) = reader.read_records(most, Some(&mut levels), None, &mut values)?;
            if records == 0 {
                return Err(self.fault("has too few rows"));
            }
            // A column without nulls has no levels.
            let is_null = |record: usize| levels.get(record) == Some(&0);
            let mut given = values.iter();
            for (record, row) in self.rows[place..place + records].iter_mut().enumerate() {
                if is_null(record) {
                    continue;
                }
                if !given.next().is_some_and(|value| set(row, value)) {
                    return Err(self.fault("has an impossible value"));
                }
            }
            place += records;
        }
        Ok(())
    }

    fn fault(&self, what: &str) -> ParquetError {
        ParquetError::NotAFile(format!("column {} {what}", self.name))
    }
}
