//! The two transactions of a minute: the intent and the record.

use std::collections::BTreeMap;

use worker::{Result, Storage};

use super::{hours, jobs, sightings, store, tally};
use crate::archive::Date;
use crate::ask::MinuteRow;
use crate::earth::CountryCode;
use crate::ledger::Present;
use crate::platform::Config;

/// Notes that the key of a minute's object is garbage, which it is until the minute is recorded.
/// `restart` ends the history: every minute becomes garbage, and its counts are deleted.
pub(super) async fn intend(storage: &Storage, key: String, restart: bool) -> Result<()> {
    let sql = storage.sql();
    storage
        .transaction(move |_| async move {
            if restart {
                for hour in hours::all(&sql)? {
                    hours::forget(&sql, hour)?;
                }
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
    config: Config,
) -> Result<()> {
    let sql = storage.sql();
    storage
        .transaction(move |_| async move {
            let epoch = format!("{epoch:016x}");
            if store::note(&sql, "epoch")?.as_ref() != Some(&epoch) {
                sql.exec("DELETE FROM delivery", None)?;
                store::put_note(&sql, "epoch", epoch)?;
            }
            jobs::follow(&sql, minute.time, &config)?;
            store::forget_garbage(&sql, &[Date(minute.time).key()])?;
            tally::add(&sql, minute.time, &counts)?;
            let before = store::newest(&sql)?.map(|newest| newest.time);
            sightings::add(&sql, minute.time, before, &present)?;
            store::put_minute(&sql, minute)
        })
        .await
}
