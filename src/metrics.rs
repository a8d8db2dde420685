//! Floor 3: `/metrics`, the Prometheus text format, version 0.0.4.
//!
//! In scope: the numbers of `/api/status` and `/api/regions` as metrics.
//! Out of scope: collecting them.

use std::fmt::{Display, Write};

use crate::ask::{RegionEntry, Status};
use crate::ledger::FeedState;
use crate::wire::DroppedObject;

/// The media type of the text.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The metrics of the status and the regions.
pub fn text(status: &Status, regions: &[RegionEntry]) -> String {
    let mut page = Page::default();
    let one = |value: i64| [(Vec::new(), value)];
    page.gauge("info", "The version that runs.", [(vec![("version", &*status.version)], 1)]);
    page.gauge("aircraft", "Aircraft in the newest minute.", one(status.aircraft.into()));
    page.gauge("minutes", "Stored minutes.", one(status.minutes.cast_signed()));
    page.gauge("jobs_waiting", "Jobs still to do.", one(status.jobs.waiting));
    page.gauge("jobs_dead", "Jobs that were given up.", one(status.jobs.dead));
    page.gauge(
        "age_seconds",
        "Seconds since the feed's time of the newest minute.",
        status.age.map(|age| (Vec::new(), age)),
    );
    page.gauge("simulated", "1 if the traffic is simulated.", one(status.simulated.into()));
    page.gauge(
        "feed_state",
        "1 for the feed's state, 0 for the others.",
        FeedState::ALL.map(|state| {
            let labels = vec![("feed", &*status.feed), ("state", state.name())];
            (labels, i64::from(state == status.state))
        }),
    );
    page.gauge(
        "fields_dropped",
        "Unusable values of the last snapshot, by field.",
        status.dropped.iter().map(|DroppedObject { field, count, .. }| {
            (vec![("field", field.as_str())], *count as i64)
        }),
    );
    page.gauge(
        "feed_credits",
        "Credits left with the source.",
        status.credits.map(|credits| (Vec::new(), credits)),
    );
    let mut of_regions = |name, help, value: fn(&RegionEntry) -> u64| {
        let rows = regions.iter();
        let row =
            |region: &RegionEntry| (vec![("region", region.name)], value(region).cast_signed());
        page.gauge(name, help, rows.map(row));
    };
    of_regions("region_aircraft", "Aircraft in a region.", |region| region.aircraft.into());
    of_regions("region_sequence", "A region's latest frame.", |region| region.sequence);
    of_regions("region_subscribers", "Open sockets of a region.", |region| {
        region.subscribers as u64
    });
    page.0
}

#[derive(Default)]
struct Page(String);

impl Page {
    /// Writes a metric with its rows: labels and value. Without rows it is omitted.
    fn gauge<'a>(
        &mut self,
        name: &str,
        help: &str,
        rows: impl IntoIterator<Item = (Vec<(&'a str, &'a str)>, i64)>,
    ) {
        let mut rows = rows.into_iter().peekable();
        if rows.peek().is_none() {
            return;
        }
        self.line(format_args!("# HELP overflight_{name} {help}"));
        self.line(format_args!("# TYPE overflight_{name} gauge"));
        for (labels, value) in rows {
            let labels: Vec<_> = labels
                .iter()
                .map(|(label, text)| format!("{label}=\"{}\"", escape(text)))
                .collect();
            match labels.is_empty() {
                true => self.line(format_args!("overflight_{name} {value}")),
                false => {
                    self.line(format_args!("overflight_{name}{{{}}} {value}", labels.join(",")))
                }
            }
        }
    }

    fn line(&mut self, line: impl Display) {
        writeln!(self.0, "{line}").expect("a String takes all text");
    }
}

/// Escapes a label's value.
fn escape(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', r#"\""#).replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::ask::{JobsStatus, RegionState};
    use crate::earth::REGIONS;
    use crate::ledger::{Feed, Ledger, Records};
    use crate::wire::ExampleObject;

    fn status() -> Status {
        let feed = Feed::OpenSky { interval_seconds: 60 };
        let ledger = Ledger::restore(feed, Records { minutes: 42, ..Records::default() });
        let jobs = JobsStatus { waiting: 3, dead: 2, last_dead: Vec::new() };
        let (value, expected) = ("721".to_owned(), "degrees".to_owned());
        let example = ExampleObject { row: 3, value, expected };
        Status {
            version: "0.1.0".into(),
            state: FeedState::RateLimited,
            aircraft: 11_500,
            age: Some(31),
            credits: Some(396),
            dropped: vec![DroppedObject { field: "true_track".to_owned(), count: 7, example }],
            ..Status::new(&ledger, None, jobs, None, 0)
        }
    }

    fn regions() -> Vec<RegionEntry> {
        let state = |sequence: u64| RegionState {
            epoch: "0000000000000001".to_owned(),
            sequence,
            time: 0,
            simulated: false,
            aircraft: 900,
            subscribers: 2,
        };
        let (regions, sequences) = (REGIONS.iter().take(2), 6..);
        regions.zip(sequences).map(|(region, at)| RegionEntry::new(region, state(at))).collect()
    }

    fn lines(status: &Status, regions: &[RegionEntry]) -> Vec<String> {
        let text = text(status, regions);
        assert!(text.ends_with('\n'), "the format's last line ends, too");
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn each_metric_is_written_once_under_its_help_and_type() {
        let lines = lines(&status(), &regions());
        let of_region = |metric: &str, region: usize, value: u64| {
            format!("overflight_region_{metric}{{region=\"{}\"}} {value}", REGIONS[region].name)
        };
        for line in [
            r#"overflight_info{version="0.1.0"} 1"#,
            "overflight_aircraft 11500",
            "overflight_minutes 42",
            "overflight_age_seconds 31",
            "overflight_simulated 0",
            r#"overflight_feed_state{feed="opensky",state="ok"} 0"#,
            r#"overflight_feed_state{feed="opensky",state="rate_limited"} 1"#,
            r#"overflight_feed_state{feed="opensky",state="paused"} 0"#,
            r#"overflight_fields_dropped{field="true_track"} 7"#,
            "overflight_feed_credits 396",
            "overflight_jobs_waiting 3",
            "overflight_jobs_dead 2",
            &of_region("aircraft", 1, 900),
            &of_region("sequence", 0, 6),
            &of_region("subscribers", 0, 2),
        ] {
            assert_eq!(lines.iter().filter(|found| *found == line).count(), 1, "{line}: {lines:?}");
        }
        for line in lines.iter().filter(|line| !line.starts_with('#')) {
            let name = line.split(['{', ' ']).next().unwrap_or_default();
            let head = format!("# TYPE {name} gauge");
            assert_eq!(lines.iter().filter(|found| **found == head).count(), 1, "{line}");
        }
    }

    #[test]
    fn an_unknown_value_is_omitted() {
        let status = Status { age: None, credits: None, ..status() };
        let text = lines(&status, &[]).join("\n");
        for name in ["age_seconds", "feed_credits", "region_sequence"] {
            assert!(!text.contains(name), "{name}: {text}");
        }
    }

    #[test]
    fn a_label_cannot_break_out_of_its_quotes() {
        let mut status = status();
        status.dropped[0].field = "a\"} 1\nb\\".to_owned();
        let lines = lines(&status, &[]);
        let row = r#"overflight_fields_dropped{field="a\"} 1\nb\\"} 7"#;
        assert!(lines.iter().any(|line| line == row), "{lines:?}");
    }
}
