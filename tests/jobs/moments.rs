//! Races between two events, one by one.

use overflight::archive::{Date, HourFiles};
use overflight::jobs::{Entry, ExportWork, Job, Next, ObjectListing, Objects, Outbox, Rows, Work};

use super::POLICY;
use super::table::Table;

const HOUR: i64 = 1_795_176_000;

/// Returns a table with one job, the job's message, and its hour's objects without `missing` ones.
fn one_job(missing: usize) -> (Table, String, Objects) {
    let table = Table::default();
    let hour = HOUR;
    let job = Job::Check { hour };
    let stored: Objects =
        (0..2).map(|at| (Date(hour + 60 * at).key(), (7, "etag".to_owned()))).collect();
    table.recorded.borrow_mut().insert(hour, stored.clone());
    table.rows.borrow_mut().insert(job.message(), Entry::new(job, 0));
    (table, job.message(), stored.into_iter().skip(missing).collect())
}

fn work(outbox: &Outbox<&Table>, now: i64, message: &str) -> Work {
    match outbox.consume(now, message) {
        Ok(Ok(Next::Work(work))) => work,
        other => panic!("expected work, not {other:?}"),
    }
}

#[test]
fn two_messages_at_once_count_one_attempt() {
    let (table, message, stored) = one_job(1);
    let outbox = Outbox::new(&table, POLICY);
    let (first, second) = (work(&outbox, 0, &message), work(&outbox, 0, &message));
    let listing = || Ok(ObjectListing { stored: stored.clone(), is_truncated: false });
    let failed =
        outbox.finish(1, first, listing()).expect("no crash").expect("an object is missing");
    assert_eq!((failed.attempts, failed.retry_after(1)), (1, Some(300)));
    assert_eq!(outbox.finish(1, second, listing()).expect("no crash"), None);
    assert_eq!(table.rows.borrow()[&message].attempts, 1);
}

#[test]
fn a_job_that_ends_while_its_message_is_sent_stays_done() {
    let (table, message, stored) = one_job(0);
    let outbox = Outbox::new(&table, POLICY);
    let due = outbox.due(0).expect("no crash");
    assert_eq!(due.len(), 1);
    let step = work(&outbox, 0, &message);
    let listing = Ok(ObjectListing { stored, is_truncated: false });
    assert_eq!(outbox.finish(1, step, listing).expect("no crash"), None);
    outbox.sent(2, due, true).expect("no crash");
    let left: Vec<_> = table.rows.borrow().keys().cloned().collect();
    assert_eq!(left, [Job::Export { hour: HOUR }.message()], "the hour's next job");
}

#[test]
fn an_accepted_message_is_sent_again_only_when_it_counts_as_lost() {
    let (table, _, _) = one_job(0);
    let outbox = Outbox::new(&table, POLICY);
    let due = |now| outbox.due(now).expect("no crash");
    outbox.sent(0, due(0), true).expect("no crash");
    assert_eq!((due(599).len(), due(600).len()), (0, 1));
    outbox.sent(600, due(600), false).expect("no crash");
    assert_eq!((due(1_199).len(), due(1_200).len()), (0, 1), "as long as it has waited");
}

#[test]
fn a_dead_letter_leaves_a_dead_row_with_its_reason() {
    let (table, message, _) = one_job(0);
    let outbox = Outbox::new(&table, POLICY);
    let dead = |message: &str| outbox.dead_letter(5, message).expect("no crash");
    let error = |message: &str| dead(message).and_then(|entry| entry.error);
    let given_up = "the queue gave up its message; it never reached the ledger";
    assert_eq!(error(&message).as_deref(), Some(given_up));
    assert!(error("nonsense").is_some_and(|error| error.starts_with("not a job's message")));
    assert_eq!(dead(&Job::Check { hour: 0 }.message()), None, "it is done already");
    let rows = table.rows.borrow();
    assert!(rows.len() == 2 && rows.values().all(Entry::is_dead), "{rows:?}");
}

/// Returns a table with the export of an hour, its message, and the key of its file.
fn one_export() -> (Table, String, String) {
    let (table, _, _) = one_job(0);
    let job = Job::Export { hour: HOUR };
    table.rows.borrow_mut().clear();
    table.rows.borrow_mut().insert(job.message(), Entry::new(job, 0));
    (table, job.message(), Date(HOUR).parquet_key())
}

fn export(outbox: &Outbox<&Table>, now: i64, message: &str) -> ExportWork {
    match outbox.consume(now, message) {
        Ok(Ok(Next::Export(work))) => work,
        other => panic!("expected an export, not {other:?}"),
    }
}

const PACK: &str = "hours/2026-11-20/12-0123456789abcdef.pack";

/// Asks to store a pack under this key; returns the files.
fn stored(outbox: &Outbox<&Table>, work: &ExportWork, key: &str) -> HourFiles {
    outbox.store_pack(work, key).expect("no crash").expect("it may be stored");
    HourFiles { pack_key: key.to_owned(), ..HourFiles::default() }
}

#[test]
fn a_pack_is_not_stored_while_an_earlier_one_is_deleted_or_after_the_job_is_over() {
    let (table, message, _) = one_export();
    let outbox = Outbox::new(&table, POLICY);
    let work = export(&outbox, 0, &message);
    let refusal = || outbox.store_pack(&work, PACK).expect("no crash").err();
    table.garbage.borrow_mut().insert(PACK.to_owned());
    assert_eq!(refusal(), Some("an earlier pack is still being deleted"));
    table.garbage.borrow_mut().clear();
    assert_eq!(refusal(), None);
    table.rows.borrow_mut().clear();
    assert_eq!(refusal(), Some("the export is over"));
}

#[test]
fn of_two_exports_with_other_packs_only_the_last_one_is_recorded() {
    let (table, message, _) = one_export();
    let outbox = Outbox::new(&table, POLICY);
    let (first, second) = (export(&outbox, 0, &message), export(&outbox, 0, &message));
    let early = stored(&outbox, &first, "early");
    let late = stored(&outbox, &second, "late");
    let failed = outbox.finish_export(1, first, Ok(early)).expect("no crash").expect("it fails");
    let error = "another export stores Some(\"late\"), not early";
    assert_eq!((failed.attempts, failed.error.as_deref()), (1, Some(error)));
    assert_eq!(outbox.finish_export(1, second, Ok(late)).expect("no crash"), None);
    assert!(table.garbage.borrow().contains("early") && table.files.borrow().is_empty());
    let again = export(&outbox, 301, &message);
    let files = stored(&outbox, &again, "late");
    assert_eq!(outbox.finish_export(302, again, Ok(files.clone())).expect("no crash"), None);
    assert_eq!(table.files.borrow()[&HOUR], files);
}

#[test]
fn an_export_waits_until_an_earlier_file_is_deleted() {
    let (table, message, key) = one_export();
    let outbox = Outbox::new(&table, POLICY);
    table.garbage.borrow_mut().insert(key.clone());
    let next = outbox.consume(0, &message).expect("no crash").expect("a job");
    assert_eq!((next, table.rows.borrow()[&message].attempts), (Next::Nothing, 1));
    table.garbage.borrow_mut().clear();
    let work = export(&outbox, 300, &message);
    assert_eq!((work.minutes.clone(), &work.key), (vec![HOUR, HOUR + 60], &key));
    let files = stored(&outbox, &work, PACK);
    assert_eq!(outbox.finish_export(301, work, Ok(files)).expect("no crash"), None);
    assert!(table.rows.borrow().is_empty() && table.files.borrow().contains_key(&HOUR));
}

#[test]
fn a_history_that_ends_during_an_export_leaves_its_files_as_garbage() {
    let endings: [fn(&Outbox<&Table>, ExportWork); 3] = [
        |outbox, work| {
            let files = HourFiles { pack_key: PACK.to_owned(), ..HourFiles::default() };
            let ended = outbox.finish_export(9, work, Ok(files));
            assert_eq!(ended.expect("no crash"), None);
        },
        // The export died, and its message is delivered again.
        |outbox, _| {
            let message = Job::Export { hour: HOUR }.message();
            assert_eq!(outbox.consume(9, &message).expect("no crash"), Ok(Next::Nothing));
        },
        // It died so often that the queue gave it up.
        |outbox, _| {
            let message = Job::Export { hour: HOUR }.message();
            assert_eq!(outbox.dead_letter(9, &message).expect("no crash"), None);
        },
    ];
    for end in endings {
        let (table, message, key) = one_export();
        let outbox = Outbox::new(&table, POLICY);
        let work = export(&outbox, 0, &message);
        stored(&outbox, &work, PACK);
        table.rows.borrow_mut().clear();
        (&table).forget_hour(HOUR).expect("no crash");
        // The collector deletes what is there before the export stores its files.
        table.garbage.borrow_mut().clear();
        end(&outbox, work);
        let garbage: Vec<_> = table.garbage.borrow().iter().cloned().collect();
        assert_eq!(garbage, [PACK.to_owned(), key]);
        assert!(table.files.borrow().is_empty());
    }
}
