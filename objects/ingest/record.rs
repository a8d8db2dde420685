//! The two transactions of a minute: the intent and the record.

use std::collections::BTreeMap;

use worker::{Result, Storage};

use super::{jobs, sightings, store, tally};
use crate::archive::Date;
use crate::ask::MinuteRow;
use crate::earth::CountryCode;
use crate::ledger::Present;

/// Notes that the key of a minute's object is garbage, which it is until the minute is recorded.
/// `restart` ends the history: every minute becomes garbage, and its counts are deleted.
pub(super) async fn intend(storage: &Storage, key: String, restart: bool) -> Result<()> {
    let sql = storage.sql();
    storage
        .transaction(move |_| async move {
            if restart {
                for time in store::times(&sql, "SELECT time FROM minute", Vec::new())? {
                    store::put_garbage(&sql, Date(time).key())?;
                }
                sql.exec("DELETE FROM minute", None)?;
                sql.exec("DELETE FROM tally", None)?;
                sightings::clear(&sql)?;
                sql.exec("DELETE FROM job", None)?;
            }
            store::put_garbage(&sql, key)
        })
        .await
}

/// Records a minute whose object is complete. If it begins a new history, deletes all records of
/// deliveries.
pub(super) async fn record(
    storage: &Storage,
    minute: MinuteRow,
    (counts, present): (BTreeMap<CountryCode, u32>, Present),
    epoch: u64,
) -> Result<()> {
    let sql = storage.sql();
    storage
        .transaction(move |_| async move {
            let epoch = format!("{epoch:016x}");
            if store::note(&sql, "epoch")?.as_ref() != Some(&epoch) {
                sql.exec("DELETE FROM delivery", None)?;
                store::put_note(&sql, "epoch", epoch)?;
            }
            jobs::follow(&sql, minute.time)?;
            store::forget_garbage(&sql, &[Date(minute.time).key()])?;
            tally::add(&sql, minute.time, &counts)?;
            let before = store::newest(&sql)?.map(|newest| newest.time);
            sightings::add(&sql, minute.time, before, &present)?;
            store::put_minute(&sql, minute)
        })
        .await
}
