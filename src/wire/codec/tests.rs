//! Sizes on recorded minutes.

use super::*;
use crate::aircraft::StateVector;
use crate::earth::REGIONS;
use crate::feed::opensky;

fn live(rows: &[StateVector], time: i64, by: Resolution) -> Vec<LiveAircraft> {
    let mut rows: Vec<_> = rows.iter().map(|row| LiveAircraft::of(row, time, by)).collect();
    rows.sort_by_key(|row| row.icao24);
    rows
}

#[test]
fn sizes() {
    let mut minutes = Vec::new();
    for index in 0..11 {
        let bytes = std::fs::read(format!("/tmp/data/minutes/states_{index:02}.json")).unwrap();
        minutes.push(opensky::parse(&bytes).unwrap());
    }
    for by in [Resolution::Fine, Resolution::Display] {
        let (mut whole, mut change, mut world, mut n, mut m) = (0, 0, 0, 0, 0);
        for (index, region) in REGIONS.iter().enumerate() {
            let mut old: Option<(Vec<LiveAircraft>, i64)> = None;
            for minute in &minutes {
                let rows: Vec<_> = minute
                    .aircraft
                    .iter()
                    .filter(|row| region.holds(row.position))
                    .cloned()
                    .collect();
                let new = live(&rows, minute.time, by);
                let bytes = encode_whole(&new, by);
                assert_eq!(decode_whole(&bytes, by).unwrap(), new);
                if index > 0 {
                    whole += bytes.len();
                    n += new.len();
                }
                old = Some(match old {
                    None => (new, minute.time),
                    Some((old, time)) => {
                        let seconds = minute.time - time;
                        let (bytes, kept) = encode_change(&old, &new, seconds, by, |a, b| a == b);
                        assert_eq!(decode_change(&bytes, &old, seconds, by).unwrap(), kept);
                        assert_eq!(kept, new);
                        if index > 0 {
                            change += bytes.len();
                            m += new.len();
                        } else {
                            world += bytes.len();
                        }
                        (kept, minute.time)
                    }
                });
            }
        }
        println!(
            "{by:?} whole {:.3} change {:.3} world {:.3}",
            whole as f64 / n as f64,
            change as f64 / m as f64,
            world as f64 / m as f64
        );
    }
}
