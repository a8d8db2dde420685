//! The hours of the archive in the ingest object's SQLite storage, as single statements.

use serde::Deserialize;
use worker::{Result, SqlStorage, SqlStorageValue};

use super::store;
use crate::archive::{Date, HourFile};

#[derive(Deserialize)]
struct FileRow {
    bytes: u64,
    rows: u64,
    sha256: String,
}

/// The recorded Parquet file of an hour.
pub(super) fn file(sql: &SqlStorage, hour: i64) -> Result<Option<HourFile>> {
    let query = "SELECT bytes, rows, sha256 FROM hour WHERE start = ?";
    let rows: Vec<FileRow> = sql.exec(query, vec![hour.into()])?.to_array()?;
    let file = |FileRow { bytes, rows, sha256 }| HourFile { bytes, rows, sha256 };
    Ok(rows.into_iter().next().map(file))
}

/// Records the Parquet file of an hour, replacing the one of before.
pub(super) fn put_file(sql: &SqlStorage, hour: i64, file: &HourFile) -> Result<()> {
    let row: [SqlStorageValue; 4] = [
        hour.into(),
        SqlStorageValue::Integer(file.bytes.cast_signed()),
        SqlStorageValue::Integer(file.rows.cast_signed()),
        file.sha256.clone().into(),
    ];
    sql.exec("INSERT OR REPLACE INTO hour VALUES (?, ?, ?, ?)", row.to_vec()).map(drop)
}

/// Notes all objects of an hour as garbage, and deletes it from the records. Nothing else runs in
/// between. If a statement fails, the caller repeats them all: the hour is to be deleted anyway.
pub(super) fn forget(sql: &SqlStorage, hour: i64) -> Result<()> {
    for minute in store::from_until(sql, hour, hour + 3_600)? {
        store::put_garbage(sql, Date(minute.time).key())?;
    }
    store::put_garbage(sql, Date(hour).parquet_key())?;
    let range = vec![hour.into(), (hour + 3_600).into()];
    sql.exec("DELETE FROM minute WHERE time >= ? AND time < ?", range)?;
    sql.exec("DELETE FROM hour WHERE start = ?", vec![hour.into()]).map(drop)
}

/// The starts of all hours that have minutes.
pub(super) fn all(sql: &SqlStorage) -> Result<Vec<i64>> {
    store::times(sql, "SELECT DISTINCT time / 3600 * 3600 AS time FROM minute", Vec::new())
}

/// The starts of the oldest hours, at most `most`, that have minutes before this time.
pub(super) fn starting_before(sql: &SqlStorage, time: i64, most: i64) -> Result<Vec<i64>> {
    let query = "SELECT DISTINCT time / 3600 * 3600 AS time FROM minute WHERE time < ? \
                 ORDER BY time LIMIT ?";
    store::times(sql, query, vec![time.into(), most.into()])
}
