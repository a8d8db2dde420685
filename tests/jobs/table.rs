//! The outbox's rows in memory; a write may crash before or after it takes effect.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use overflight::archive::{Date, HourFiles};
use overflight::jobs::{ATTEMPTS_MAX, Entry, Objects, Rows};

/// The process died at this point.
#[derive(Debug)]
pub struct Crash;

/// Storage, which survives crashes.
#[derive(Default)]
pub struct Table {
    pub rows: RefCell<BTreeMap<String, Entry>>,
    pub recorded: RefCell<BTreeMap<i64, Objects>>,
    pub garbage: RefCell<BTreeSet<String>>,
    pub files: RefCell<BTreeMap<i64, HourFiles>>,
    pub pending: RefCell<BTreeMap<i64, String>>,
    /// How many writes succeed before one crashes, and whether the crash comes after its effect.
    pub crash: Cell<Option<(u64, bool)>>,
}

impl Table {
    fn write(&self, effect: impl FnOnce()) -> Result<(), Crash> {
        match self.crash.get() {
            Some((0, is_late)) => {
                if is_late {
                    effect();
                }
                self.crash.set(None);
                Err(Crash)
            }
            countdown => {
                self.crash.set(countdown.map(|(writes, is_late)| (writes - 1, is_late)));
                effect();
                Ok(())
            }
        }
    }
}

impl Rows for &Table {
    type Error = Crash;

    fn find(&self, message: &str) -> Result<Option<Entry>, Crash> {
        Ok(self.rows.borrow().get(message).cloned())
    }

    fn put(&self, entry: &Entry) -> Result<(), Crash> {
        let row = (entry.message.clone(), entry.clone());
        assert!(entry.attempts <= ATTEMPTS_MAX, "{entry:?}");
        self.write(|| drop(self.rows.borrow_mut().insert(row.0, row.1)))
    }

    fn remove(&self, message: &str) -> Result<(), Crash> {
        self.write(|| drop(self.rows.borrow_mut().remove(message)))
    }

    fn due(&self, now: i64, most: usize) -> Result<Vec<Entry>, Crash> {
        let rows = self.rows.borrow();
        let due = rows.values().filter(|entry| entry.send_at.is_some_and(|at| at <= now));
        Ok(due.take(most).cloned().collect())
    }

    fn dead(&self) -> Result<Vec<Entry>, Crash> {
        Ok(self.rows.borrow().values().filter(|entry| entry.is_dead()).cloned().collect())
    }

    fn recorded(&self, hour: i64) -> Result<Objects, Crash> {
        Ok(self.recorded.borrow().get(&hour).cloned().unwrap_or_default())
    }

    fn put_garbage(&self, key: &str) -> Result<(), Crash> {
        self.write(|| {
            self.garbage.borrow_mut().insert(key.to_owned());
        })
    }

    fn is_garbage(&self, key: &str) -> Result<bool, Crash> {
        Ok(self.garbage.borrow().contains(key))
    }

    fn files(&self, hour: i64) -> Result<Option<HourFiles>, Crash> {
        Ok(self.files.borrow().get(&hour).cloned())
    }

    fn put_files(&self, hour: i64, files: &HourFiles) -> Result<(), Crash> {
        self.write(|| {
            let before = self.files.borrow_mut().insert(hour, files.clone());
            let before = before.filter(|before| before.pack_key != files.pack_key);
            self.garbage.borrow_mut().extend(before.map(|before| before.pack_key));
            self.pending.borrow_mut().remove(&hour);
        })
    }

    fn pending_pack(&self, hour: i64) -> Result<Option<String>, Crash> {
        Ok(self.pending.borrow().get(&hour).cloned())
    }

    fn put_pending_pack(&self, hour: i64, key: &str) -> Result<(), Crash> {
        self.write(|| {
            let before = self.pending.borrow_mut().insert(hour, key.to_owned());
            let files = self.files.borrow();
            let recorded = files.get(&hour).map(|files| files.pack_key.as_str());
            let is_named = |before: &String| before == key || Some(before.as_str()) == recorded;
            self.garbage.borrow_mut().extend(before.filter(|before| !is_named(before)));
        })
    }

    fn forget_hour(&self, hour: i64) -> Result<(), Crash> {
        self.write(|| {
            let minutes = self.recorded.borrow_mut().remove(&hour).unwrap_or_default();
            let mut garbage = self.garbage.borrow_mut();
            garbage.extend(minutes.into_keys());
            garbage.extend(self.files.borrow_mut().remove(&hour).map(|files| files.pack_key));
            garbage.extend(self.pending.borrow().get(&hour).cloned());
            garbage.insert(Date(hour).parquet_key());
        })
    }

    fn hours_before(&self, time: i64, most: usize) -> Result<Vec<i64>, Crash> {
        let recorded = self.recorded.borrow();
        Ok(recorded.range(..time).map(|(&hour, _)| hour).take(most).collect())
    }
}
