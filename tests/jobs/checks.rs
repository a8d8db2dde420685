//! What must hold of the world's records and objects.

use std::collections::BTreeSet;

use overflight::archive::Date;
use overflight::jobs::Job;
use overflight::ledger::HistoryStep;

use super::{MINUTES, RETENTION_DAYS, World};

impl World<'_> {
    /// Whether an hour's files are stored and recorded, with all its minutes.
    fn is_exported(&self, hour: i64) -> bool {
        let files = self.table.files.borrow();
        files.get(&hour).is_some_and(|files| {
            let stored = [&files.pack_key, &Date(hour).parquet_key()];
            let is_whole = [&files.parquet, &files.pack].map(|file| file.rows == MINUTES as u64);
            stored.iter().all(|key| self.files.contains(*key)) && is_whole == [true, true]
        })
    }

    /// Asserts that every stored object is named by a record or is garbage, when nothing is under
    /// way, and that nothing is left of hours that are older than the retention.
    pub(super) fn assert_no_orphans(&self) {
        let (files, garbage) = (self.table.files.borrow(), self.table.garbage.borrow());
        let keys =
            files.iter().map(|(&hour, files)| [Date(hour).parquet_key(), files.pack_key.clone()]);
        let named: BTreeSet<_> = keys.flatten().collect();
        for key in &self.files {
            let (named, garbage) = (named.contains(key), garbage.contains(key));
            assert!(named != garbage, "{key}: named {named}, garbage {garbage}");
        }
        assert!(named.is_subset(&self.files), "{named:?} lack a file: {:?}", self.files);
    }

    /// Asserts that the hours older than the retention are gone, with every object of theirs.
    pub(super) fn assert_expired(&mut self) {
        let newest = HistoryStep::Hour.start(self.newest.expect("there are minutes"));
        let end = newest - RETENTION_DAYS * 86_400;
        let recorded = self.table.recorded.borrow();
        assert!(recorded.keys().all(|&hour| hour >= end), "{recorded:?}");
        let garbage = self.table.garbage.borrow();
        for (_, objects) in self.archive.range(..end) {
            *self.happened.entry("hours that expired").or_default() += 1;
            let mut kept = objects.keys().filter(|key| !garbage.contains(*key));
            assert_eq!(kept.next(), None, "an object is kept");
        }
    }

    /// Asserts that a job whose row is gone has found every orphan of its hour and no fault.
    pub(super) fn assert_sound(&self) {
        let (rows, garbage) = (self.table.rows.borrow(), self.table.garbage.borrow());
        for (&hour, recorded) in &*self.table.recorded.borrow() {
            assert!(recorded.keys().all(|key| !garbage.contains(key)), "a minute is garbage");
            let has_job = |job: Job| rows.contains_key(&job.message());
            if has_job(Job::Check { hour }) || has_job(Job::Expire { hour }) {
                continue;
            }
            assert!(
                self.is_exported(hour) || has_job(Job::Export { hour }),
                "{} has no file, and no job makes one",
                Date(hour)
            );
            assert!(!self.broken.contains(&hour), "{} is done, but lacks an object", Date(hour));
            let mut orphans = self.archive[&hour].keys().filter(|key| !recorded.contains_key(*key));
            assert!(orphans.all(|key| garbage.contains(key)), "{}: an orphan stays", Date(hour));
        }
    }
}
