//! The size of the snapshots as a Parquet file.

use std::error::Error;

use overflight::archive::{GROUP_ROWS, ParquetWriter, Provenance, Row};

use super::Figures;
use super::snapshots::Snapshots;

/// Bytes a row, all included.
pub fn measure(snapshots: &Snapshots) -> Result<Figures, Box<dyn Error>> {
    let mut rows: Vec<Row> = Vec::new();
    for minute in &snapshots.minutes {
        let time = minute.snapshot.time;
        rows.extend(minute.snapshot.aircraft().iter().map(|state| (time, state.clone())));
    }
    rows.sort_by_key(|(time, state)| (state.icao24, *time));
    let count = rows.len();
    let provenance = Provenance { simulated: false, source: None, license: None };
    let mut writer = ParquetWriter::new(&provenance)?;
    let mut bytes = 0;
    for group in rows.chunks(GROUP_ROWS) {
        writer.write(group)?;
        bytes += writer.take().len();
    }
    bytes += writer.finish()?.len();
    Ok(vec![("archive.parquet_bytes", bytes as f64 / count as f64)])
}
