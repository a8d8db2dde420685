//! A region's state in its object's SQLite storage.

use serde::Deserialize;
use worker::{Result, SqlStorage, SqlStorageValue, Storage};

use crate::hub::{Commit, Hub, RegionEngine, Session, SessionId, Stored};
use crate::wire::{RegionSnapshot, WireError};

/// The size of a part: well below the 2 MB that a row may have.
const PART_BYTES: usize = 1 << 20;

#[derive(Deserialize)]
struct Logged {
    sequence: u64,
    bytes: usize,
}

/// Restores the region, with the clients whose sockets the platform holds; a new region if nothing
/// is stored.
pub(super) fn load(sql: &SqlStorage, sessions: &[(SessionId, Session)]) -> Result<RegionEngine> {
    let stored = parts(sql, "held", "TRUE", &[])?;
    if stored.is_empty() {
        return Ok(RegionEngine::waiting(sessions));
    }
    let error = |error: WireError| error.to_string();
    let (idle, held) = match Stored::decode(&stored).map_err(error)? {
        Stored::Dormant(dormant) => return Ok(RegionEngine::dormant(dormant)),
        Stored::Awake(idle, held) => (idle, held),
    };
    let region_snapshot =
        region_snapshot(sql)?.ok_or("a live state is stored without its region snapshot")?;
    let log: Vec<Logged> = sql
        .exec(
            "SELECT sequence, sum(length(bytes)) AS bytes FROM frame GROUP BY sequence \
             ORDER BY sequence",
            None,
        )?
        .to_array()?;
    let log = log.into_iter().map(|frame| (frame.sequence, frame.bytes));
    let hub = Hub::restore(region_snapshot, &held, log).map_err(error)?;
    Ok(RegionEngine::awake(hub.with_sessions(sessions), idle))
}

/// The stored region snapshot; `None` before the first.
pub(super) fn region_snapshot(sql: &SqlStorage) -> Result<Option<RegionSnapshot>> {
    let bytes = parts(sql, "share", "TRUE", &[])?;
    if bytes.is_empty() {
        return Ok(None);
    }
    Ok(Some(RegionSnapshot::decode(bytes).map_err(|error| error.to_string())?))
}

/// Stores a commit in one transaction.
pub(super) async fn commit(storage: &Storage, commit: Commit) -> Result<()> {
    let sql = storage.sql();
    storage.transaction(move |_| async move { write(&sql, &commit) }).await
}

fn write(sql: &SqlStorage, commit: &Commit) -> Result<()> {
    for (table, bytes) in [("share", &commit.region_snapshot), ("held", &commit.held)] {
        sql.exec(&format!("DELETE FROM {table}"), None)?;
        for (part, bytes) in (0_i64..).zip(bytes.chunks(PART_BYTES)) {
            let row = vec![part.into(), bytes.to_vec().into()];
            sql.exec(&format!("INSERT INTO {table} VALUES (?, ?)"), row)?;
        }
    }
    sql.exec("DELETE FROM frame WHERE sequence <= ?", vec![integer(commit.forget_through)])?;
    let frame = commit.frame.as_deref().map_or(&[][..], Vec::as_slice);
    for (part, bytes) in (0_i64..).zip(frame.chunks(PART_BYTES)) {
        let row = vec![integer(commit.place.sequence), part.into(), bytes.to_vec().into()];
        sql.exec("INSERT INTO frame VALUES (?, ?, ?)", row)?;
    }
    Ok(())
}

/// The bytes of a logged frame.
pub(super) fn frame(sql: &SqlStorage, sequence: u64) -> Result<Vec<u8>> {
    parts(sql, "frame", "sequence = ?", &[integer(sequence)])
}

#[derive(Deserialize)]
struct Length {
    bytes: Option<usize>,
}

/// The bytes of all parts in these rows of a table. A vector that doubles would take up to three
/// times their memory.
fn parts(sql: &SqlStorage, table: &str, rows: &str, bind: &[SqlStorageValue]) -> Result<Vec<u8>> {
    let query = format!("SELECT sum(length(bytes)) AS bytes FROM {table} WHERE {rows}");
    let length: Vec<Length> = sql.exec(&query, bind.to_vec())?.to_array()?;
    let length = length.first().and_then(|length| length.bytes);
    let mut bytes = Vec::with_capacity(length.unwrap_or_default());
    let query = format!("SELECT bytes FROM {table} WHERE {rows} ORDER BY part");
    for row in sql.exec(&query, bind.to_vec())?.raw() {
        if let Some(SqlStorageValue::Blob(part)) = row?.first() {
            bytes.extend_from_slice(part);
        }
    }
    Ok(bytes)
}

/// Sequences count snapshots: they stay far below 2⁵³, the limit of JavaScript's exact integers.
fn integer(sequence: u64) -> SqlStorageValue {
    SqlStorageValue::Integer(sequence.cast_signed())
}
