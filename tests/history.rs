//! Laws of the history of counts: the tallies equal a count over all minutes.

mod snapshots;

use std::collections::BTreeMap;

use overflight::earth::CountryCode;
use overflight::ledger::{Counts, HistoryStep, Tally};
use snapshots::{Random, each_seed};

const CASES: u64 = 2_000;
const CODES: [&str; 4] = ["FR", "DE", "XK", "AQ"];

type SourceSnapshot = BTreeMap<CountryCode, u32>;

fn codes() -> impl Iterator<Item = CountryCode> {
    CODES.into_iter().map(|code| code.parse().expect("the test's own code"))
}

/// Countries come and go; zeros are left out, as they are in a minute's counts.
fn counts(random: &mut Random) -> SourceSnapshot {
    let mut counts = SourceSnapshot::new();
    for code in codes() {
        if !random.one_in(4) {
            counts.insert(code, 1 + random.below(3_000) as u32);
        }
    }
    counts
}

/// Counts all minutes of the step again.
fn naive(snapshots: &[&SourceSnapshot], code: CountryCode) -> Counts {
    let counts = || snapshots.iter().map(|snapshot| snapshot.get(&code).copied().unwrap_or(0));
    Counts {
        min: counts().min().unwrap_or(0),
        sum: counts().map(u64::from).sum(),
        max: counts().max().unwrap_or(0),
    }
}

#[test]
fn tallies_updated_by_the_minute_equal_a_count_over_all_minutes() {
    each_seed(CASES, |random| {
        let mut time = 1_751_800_000 + random.below(90_000) as i64;
        let mut recorded: Vec<(i64, SourceSnapshot)> = Vec::new();
        let mut stored: BTreeMap<(i64, i64), (u32, String)> = BTreeMap::new();
        for _ in 0..random.below(40) {
            time += 1 + random.below(7_200) as i64;
            let snapshot = counts(random);
            for step in HistoryStep::TALLIED {
                let key = (step.seconds(), step.start(time));
                let mut tally =
                    stored.get(&key).map_or_else(Tally::default, |(snapshots, text)| {
                        Tally::from_json(*snapshots, text).expect("our own text")
                    });
                tally.add(&snapshot);
                stored.insert(key, (tally.snapshots, tally.countries_as_json()));
            }
            recorded.push((time, snapshot));
        }
        let mut counted = 0;
        for ((seconds, start), (snapshots, text)) in &stored {
            let within = start..&(start + seconds);
            let of_step: Vec<_> = recorded
                .iter()
                .filter(|(time, _)| within.contains(&time))
                .map(|(_, snapshot)| snapshot)
                .collect();
            let tally = Tally::from_json(*snapshots, text).expect("our own text");
            assert_eq!(tally.snapshots as usize, of_step.len());
            counted += of_step.len();
            for code in codes() {
                assert_eq!(tally.of(code), naive(&of_step, code), "{code} from {start}");
            }
        }
        assert_eq!(
            counted,
            HistoryStep::TALLIED.len() * recorded.len(),
            "each minute counts once a step"
        );
    });
}

#[test]
fn text_that_is_not_a_tally_is_refused() {
    for text in ["", "[]", r#"{"FRANCE":[1,2,3]}"#, r#"{"FR":[1,2]}"#, r#"{"FR":[-1,2,3]}"#] {
        assert_eq!(Tally::from_json(1, text), None, "{text}");
    }
}
