//! The hours of the archive in the ingest object's SQLite storage, as single statements.

use serde::Deserialize;
use worker::{Result, SqlStorage, SqlStorageValue};

use super::store;
use crate::archive::{Date, HourFile, HourFiles};

#[derive(Deserialize)]
struct FilesRow {
    start: i64,
    rows: u64,
    bytes: u64,
    sha256: String,
    etag: String,
    pack_key: String,
    pack_bytes: u64,
    pack_sha256: String,
    pack_etag: String,
}

impl FilesRow {
    fn files(self) -> (i64, HourFiles) {
        let Self { rows, bytes, sha256, etag, pack_key, .. } = self;
        let (pack_sha256, pack_etag) = (self.pack_sha256, self.pack_etag);
        let parquet = HourFile { bytes, rows, sha256, etag };
        let (bytes, sha256, etag) = (self.pack_bytes, pack_sha256, pack_etag);
        let pack = HourFile { bytes, rows, sha256, etag };
        (self.start, HourFiles { parquet, pack, pack_key })
    }
}

/// The recorded files of the hours that start from one time until before another, ascending.
pub(super) fn files(sql: &SqlStorage, from: i64, until: i64) -> Result<Vec<(i64, HourFiles)>> {
    let query = "SELECT * FROM hour WHERE start >= ? AND start < ? ORDER BY start";
    let rows: Vec<FilesRow> = sql.exec(query, vec![from.into(), until.into()])?.to_array()?;
    Ok(rows.into_iter().map(FilesRow::files).collect())
}

/// Records the files of an hour; the pack of before becomes garbage if its key is another one.
pub(super) fn put_files(sql: &SqlStorage, hour: i64, found: &HourFiles) -> Result<()> {
    let HourFiles { parquet, pack, pack_key } = found;
    let query = "INSERT OR IGNORE INTO garbage \
                 SELECT pack_key FROM hour WHERE start = ? AND pack_key != ?";
    sql.exec(query, vec![hour.into(), pack_key.as_str().into()])?;
    let number = |number: u64| SqlStorageValue::Integer(number.cast_signed());
    let row: [SqlStorageValue; 9] = [
        hour.into(),
        number(parquet.rows),
        number(parquet.bytes),
        parquet.sha256.clone().into(),
        parquet.etag.clone().into(),
        pack_key.clone().into(),
        number(pack.bytes),
        pack.sha256.clone().into(),
        pack.etag.clone().into(),
    ];
    sql.exec("INSERT OR REPLACE INTO hour VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row.to_vec())?;
    sql.exec("DELETE FROM pending_pack WHERE start = ?", vec![hour.into()]).map(drop)
}

#[derive(Deserialize)]
struct KeyRow {
    key: String,
}

/// The key of an hour's pending pack.
pub(super) fn pending_pack(sql: &SqlStorage, hour: i64) -> Result<Option<String>> {
    let query = "SELECT key FROM pending_pack WHERE start = ?";
    let rows: Vec<KeyRow> = sql.exec(query, vec![hour.into()])?.to_array()?;
    Ok(rows.into_iter().next().map(|row| row.key))
}

/// Records the key of an hour's pending pack; the one of before becomes garbage unless it is the
/// same or recorded.
pub(super) fn put_pending_pack(sql: &SqlStorage, hour: i64, key: &str) -> Result<()> {
    let query = "INSERT OR IGNORE INTO garbage SELECT key FROM pending_pack \
                 WHERE start = ? AND key != ? AND key NOT IN (SELECT pack_key FROM hour)";
    sql.exec(query, vec![hour.into(), key.into()])?;
    let row = vec![hour.into(), key.into()];
    sql.exec("INSERT OR REPLACE INTO pending_pack VALUES (?, ?)", row).map(drop)
}

/// Notes all objects of an hour as garbage, and deletes it from the records. Nothing else runs in
/// between. If a statement fails, the caller repeats them all: the hour is to be deleted anyway.
pub(super) fn forget(sql: &SqlStorage, hour: i64) -> Result<()> {
    for minute in store::from_until(sql, hour, hour + 3_600)? {
        store::put_garbage(sql, Date(minute.time).key())?;
    }
    store::put_garbage(sql, Date(hour).parquet_key())?;
    for packs in ["SELECT pack_key FROM hour", "SELECT key FROM pending_pack"] {
        let query = format!("INSERT OR IGNORE INTO garbage {packs} WHERE start = ?");
        sql.exec(&query, vec![hour.into()])?;
    }
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
