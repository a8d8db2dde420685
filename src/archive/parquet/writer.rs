//! Writes a file in pieces.

use std::sync::Arc;

use parquet::basic::{Compression, Encoding, GzipLevel};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type,
};
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};

use super::columns::{COLUMNS, Cells, LATITUDE, LONGITUDE, MICROS, SCHEMA, SORTED_BY};
use super::{GROUP_ROWS, ParquetError, Provenance, Row};
use crate::aircraft::Icao24;

/// How many rows of a column are handed to the encoder at once. The cells of a batch of texts take
/// some 300 KB.
const BATCH_ROWS: usize = 4_096;

/// A file that is being written. It holds the bytes of its groups until `take` is called.
#[derive(Debug)]
pub struct ParquetWriter {
    file: SerializedFileWriter<Vec<u8>>,
    last: Option<(Icao24, i64)>,
}

impl ParquetWriter {
    /// A file without rows.
    pub fn new(provenance: &Provenance) -> Result<Self, ParquetError> {
        let properties = Arc::new(properties(provenance));
        let file = SerializedFileWriter::new(Vec::new(), SCHEMA.clone(), properties)?;
        Ok(Self { file, last: None })
    }

    /// Writes a row group of at most `GROUP_ROWS` rows, which ascend by address, then by time, and
    /// come after all rows before them.
    pub fn write(&mut self, rows: &[Row]) -> Result<(), ParquetError> {
        let mut last = self.last;
        for (time, state) in rows {
            let row = (state.icao24, *time);
            if let Some(before) = last.filter(|before| *before >= row) {
                return Err(ParquetError::Order { before, row });
            }
            time.checked_mul(MICROS).ok_or(ParquetError::Time(*time))?;
            last = Some(row);
        }
        if rows.len() > GROUP_ROWS {
            return Err(ParquetError::Rows(rows.len()));
        }
        let mut group = self.file.next_row_group()?;
        let mut columns = COLUMNS.iter();
        while let Some(mut writer) = group.next_column()? {
            let column = columns.next().expect("the schema is made of these columns");
            Cursor { rows, is_required: column.is_required }.write(&column.cells, &mut writer)?;
            writer.close()?;
        }
        group.close()?;
        self.last = last;
        // The last bytes wait in a buffer of the library's.
        self.file.flush().map_err(|error| ParquetError::NotAFile(error.to_string()))
    }

    /// Takes the bytes that are finished so far; they follow those that were taken before.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(self.file.inner_mut())
    }

    /// Ends the file and returns the rest of its bytes. Nothing can be written after that.
    pub fn finish(&mut self) -> Result<Vec<u8>, ParquetError> {
        self.file.finish()?;
        Ok(self.take())
    }
}

/// The rows of which a column is written.
struct Cursor<'a> {
    rows: &'a [Row],
    is_required: bool,
}

impl Cursor<'_> {
    fn write(
        &self,
        cells: &Cells,
        out: &mut SerializedColumnWriter<'_>,
    ) -> Result<(), ParquetError> {
        match *cells {
            Cells::Time => self.column::<Int64Type>(out, |row| Some(row.0 * MICROS)),
            Cells::Seconds { get, .. } => self.column::<Int64Type>(out, |row| get(&row.1)),
            Cells::Code { get, .. } => {
                self.column::<Int32Type>(out, |row| get(&row.1).map(i32::from))
            }
            Cells::Number { get, .. } => self.column::<DoubleType>(out, |row| get(&row.1)),
            Cells::Flag { get, .. } => self.column::<BoolType>(out, |row| Some(get(&row.1))),
            Cells::Text { get, .. } => self.column::<ByteArrayType>(out, |row| {
                get(&row.1).map(|text| ByteArray::from(text.into_owned().into_bytes()))
            }),
        }
    }

    fn column<T: DataType>(
        &self,
        out: &mut SerializedColumnWriter<'_>,
        get: impl Fn(&Row) -> Option<T::T>,
    ) -> Result<(), ParquetError> {
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        for rows in self.rows.chunks(BATCH_ROWS) {
            values.clear();
            levels.clear();
            for value in rows.iter().map(&get) {
                levels.push(i16::from(value.is_some()));
                values.extend(value);
            }
            let levels = (!self.is_required).then_some(&levels[..]);
            out.typed::<T>().write_batch(&values, levels, None)?;
        }
        Ok(())
    }
}

fn properties(provenance: &Provenance) -> WriterProperties {
    let pair = |(key, value): (&str, String)| KeyValue::new(key.to_owned(), value);
    let ascending =
        |column| SortingColumn { column_idx: column, descending: false, nulls_first: false };
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::GZIP(GzipLevel::default()))
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_key_value_metadata(Some(provenance.pairs().into_iter().map(pair).collect()))
        .set_sorting_columns(Some(SORTED_BY.into_iter().map(ascending).collect()));
    for column in [LONGITUDE, LATITUDE] {
        properties = properties
            .set_column_dictionary_enabled(column.into(), false)
            .set_column_encoding(column.into(), Encoding::PLAIN);
    }
    properties.build()
}
