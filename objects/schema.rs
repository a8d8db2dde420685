//! Migrates the schema of stored state when an object wakes.

use worker::{Result, State, Storage};

/// Class, version and SQL, in the order of migrations.toml.
const SCHEMA: &[(&str, i64, &str)] = &include!(concat!(env!("OUT_DIR"), "/schema.rs"));

/// Blocks all events until the object's schema is that of this build.
///
/// If the migration fails, the platform resets the object: nothing runs on an unknown schema.
pub(super) fn bring_up_to_date(state: &State, class: &'static str) {
    let storage = state.storage();
    // The platform keeps the promise; awaiting it here is neither possible nor needed.
    drop(state.block_concurrency_while(migrate(storage, class)));
}

async fn migrate(storage: Storage, class: &'static str) -> Result<()> {
    storage
        .sql()
        .exec("CREATE TABLE IF NOT EXISTS schema (version INTEGER PRIMARY KEY) STRICT", None)?;
    let applied: i64 = storage
        .sql()
        .exec_raw("SELECT coalesce(max(version), 0) AS version FROM schema", Vec::new())?
        .to_array::<Version>()?
        .first()
        .map_or(0, |row| row.version);
    let missing: Vec<_> =
        SCHEMA.iter().filter(|&&(of, version, _)| of == class && version > applied).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let inner = storage.sql();
    storage
        .transaction(move |_| async move {
            for (_, version, sql) in missing {
                inner.exec(sql, None)?;
                inner.exec("INSERT INTO schema VALUES (?)", vec![(*version).into()])?;
            }
            Ok(())
        })
        .await
}

#[derive(serde::Deserialize)]
struct Version {
    version: i64,
}
