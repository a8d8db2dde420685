//! The plausibility of a source's answer.
//!
//! In scope: the faults of an automatic source that nobody watches.
//! Out of scope: pushes, except for their time; their sender reads the receipt.

use super::{Ledger, PullError, Verdict};
use crate::archive::Date;
use crate::feed::{Dropped, Example, Reason, SourceSnapshot};

/// How far a source's clock may be ahead of ours, seconds. After a snapshot of next year no other
/// would be new until then.
const AHEAD_SECONDS_MAX: i64 = 600;

/// How long a source may repeat a time before it counts as stale, seconds: OpenSky's time moves in
/// steps of up to 15 s, and a busy server may send the last one twice.
const STILL_SECONDS: i64 = 120;

/// How many seconds a snapshot's time is ahead of ours; `None` if that is acceptable.
pub(super) fn too_far_ahead(time: i64, now: i64) -> Option<i64> {
    Some(time - now).filter(|&ahead| ahead > AHEAD_SECONDS_MAX)
}

impl Ledger {
    /// Refuses an implausible snapshot of a pull. A recent duplicate passes.
    pub(super) fn check_plausibility(
        &self,
        snapshot: &SourceSnapshot,
        now: i64,
    ) -> Result<(), PullError> {
        let date = Date(snapshot.time);
        if let Some(ahead) = too_far_ahead(snapshot.time, now) {
            let reason = format!("the source's time is {date}, {ahead} s ahead of ours");
            return Err(PullError::Unreachable(reason));
        }
        // An empty minute would be wrong: there are aircraft, but none can be read.
        let unreadable = |reason: &Reason| !matches!(reason, Reason::Nameless);
        if snapshot.aircraft.is_empty()
            && let Some(first) = snapshot.rejected.iter().find(|error| unreadable(&error.reason))
        {
            let rows = snapshot.rejected.len();
            let reason = format!("none of the source's {rows} rows are usable; {first}");
            return Err(PullError::Unreachable(reason));
        }
        // It would also be wrong if all values are unusable, as in rows whose columns have moved.
        if snapshot.aircraft.is_empty()
            && let Some(Dropped { field, example, .. }) = snapshot.dropped.first()
        {
            let (rows, Example { row, value, expected }) = (snapshot.rejected.len(), example);
            let reason = format!(
                "none of the source's {rows} rows are usable; row {row}: {field} is {value}, \
                 expected {expected}"
            );
            return Err(PullError::Unreachable(reason));
        }
        match self.judge(snapshot.time, self.feed.is_simulated()) {
            Verdict::Older(stored) => Err(PullError::Stale(format!(
                "the source's time is {date}, older than the stored {}",
                Date(stored)
            ))),
            Verdict::Duplicate if now - snapshot.time > STILL_SECONDS => {
                Err(PullError::Stale(format!("the source's time is still {date}")))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Feed, Latest, Records};
    use super::*;
    use crate::feed::opensky;

    const STORED: i64 = 1_767_225_600;
    const ROW: &str = r#"["3c6444","DLH9LF",null,null,1,null,null,null,false,null,null,null,null,
        null,null,false,0]"#;

    fn check_plausibility(time: i64, rows: &str, now: i64) -> Result<(), PullError> {
        let latest = Some(Latest { time: STORED, simulated: false });
        let feed = Feed::OpenSky { interval_seconds: 60 };
        let ledger = Ledger::restore(feed, Records { latest, ..Records::default() });
        let body = format!(r#"{{"time":{time},"states":{rows}}}"#);
        ledger.check_plausibility(&opensky::parse(body.as_bytes()).expect("a snapshot"), now)
    }

    #[test]
    fn a_newer_snapshot_is_taken_and_so_is_an_empty_one() {
        let time = STORED + 60;
        assert_eq!(check_plausibility(time, &format!("[{ROW}]"), time), Ok(()));
        assert_eq!(check_plausibility(time, &format!("[{ROW},[1,2,3]]"), time), Ok(()));
        assert_eq!(check_plausibility(time, "null", time), Ok(()));
        assert_eq!(
            check_plausibility(time, &format!("[{}]", ROW.replace(r#""DLH9LF""#, "null")), time),
            Ok(())
        );
    }

    #[test]
    fn a_source_that_repeats_its_time_is_stale_after_two_minutes() {
        assert_eq!(check_plausibility(STORED, "[]", STORED + STILL_SECONDS), Ok(()));
        let stale = "the source's time is still 2026-01-01T00:00:00Z".to_owned();
        let later = STORED + STILL_SECONDS + 1;
        assert_eq!(check_plausibility(STORED, "[]", later), Err(PullError::Stale(stale)));
    }

    #[test]
    fn a_time_that_goes_back_or_is_far_ahead_is_refused() {
        let stale = "the source's time is 2025-12-31T23:59:59Z, older than the stored \
                     2026-01-01T00:00:00Z";
        assert_eq!(
            check_plausibility(STORED - 1, "[]", STORED),
            Err(PullError::Stale(stale.to_owned()))
        );
        assert_eq!(check_plausibility(STORED + AHEAD_SECONDS_MAX, "[]", STORED), Ok(()));
        let ahead = "the source's time is 2026-01-01T00:10:01Z, 601 s ahead of ours".to_owned();
        let answer = check_plausibility(STORED + AHEAD_SECONDS_MAX + 1, "[]", STORED);
        assert_eq!(answer, Err(PullError::Unreachable(ahead)));
    }

    #[test]
    fn rows_whose_columns_have_moved_are_not_an_empty_snapshot() {
        let time = STORED + 60;
        let reason = "none of the source's 1 rows are usable; row 0: callsign is 7, expected \
                      up to 8 printable ASCII characters";
        let answer =
            check_plausibility(time, &format!("[{}]", ROW.replace(r#""DLH9LF""#, "7")), time);
        assert_eq!(answer, Err(PullError::Unreachable(reason.to_owned())));
    }

    #[test]
    fn unreadable_rows_are_not_an_empty_snapshot() {
        let time = STORED + 60;
        let reason = "none of the source's 2 rows are usable; row 0: row has 3 columns, \
                      expected 17 or 18";
        let answer = check_plausibility(time, "[[1,2,3],[]]", time);
        assert_eq!(answer, Err(PullError::Unreachable(reason.to_owned())));
    }
}
