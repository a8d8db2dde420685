//! Floor 3: `/metrics`, the Prometheus text format, version 0.0.4.
//!
//! In scope: what `/api/status` and `/api/regions` say, as numbers with names.
//! Out of scope: finding it out.

use std::fmt::{Display, Write};

use serde::Deserialize;
use serde_json::Value;

use crate::ledger::FeedState;
use crate::wire::DroppedObject;

/// The media type of the text.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

#[derive(Deserialize)]
struct Status {
    version: String,
    feed: String,
    simulated: bool,
    state: String,
    age: Option<i64>,
    aircraft: u64,
    minutes: u64,
    jobs: Jobs,
    #[serde(default)]
    dropped: Vec<DroppedObject>,
    /// What the source lets us ask for still, where it says so.
    #[serde(default)]
    credits: Value,
}

#[derive(Deserialize)]
struct Jobs {
    waiting: u64,
    dead: u64,
}

#[derive(Deserialize)]
struct Region {
    name: String,
    sequence: u64,
    aircraft: u64,
    subscribers: u64,
}

/// The metrics that the JSON of status and regions hold.
pub fn text(status: &[u8], regions: &[u8]) -> serde_json::Result<String> {
    let status: Status = serde_json::from_slice(status)?;
    let regions: Vec<Region> = serde_json::from_slice(regions)?;
    let mut page = Page::default();
    let one = |value: u64| [(Vec::new(), value as i64)];
    page.gauge("info", "What runs here.", [(vec![("version", &*status.version)], 1)]);
    page.gauge("aircraft", "Aircraft in the newest minute.", one(status.aircraft));
    page.gauge("minutes", "Minutes that are stored.", one(status.minutes));
    page.gauge("jobs_waiting", "Jobs that are still to be done.", one(status.jobs.waiting));
    page.gauge("jobs_dead", "Jobs that were given up.", one(status.jobs.dead));
    page.gauge(
        "age_seconds",
        "Seconds since the feed's time of the newest minute.",
        status.age.map(|age| (Vec::new(), age)),
    );
    page.gauge("simulated", "1 where the traffic is invented.", one(status.simulated.into()));
    page.gauge(
        "feed_state",
        "1 for the state that the feed is in.",
        FeedState::ALL.map(|state| {
            let labels = vec![("feed", &*status.feed), ("state", state.name())];
            (labels, i64::from(state.name() == status.state))
        }),
    );
    page.gauge(
        "fields_dropped",
        "Values of the last sky that could not be used, by field.",
        status.dropped.iter().map(|DroppedObject { field, count, .. }| {
            (vec![("field", field.as_str())], *count as i64)
        }),
    );
    page.gauge(
        "feed_credits",
        "Requests that the source allows still, in its own currency.",
        status.credits.as_i64().map(|credits| (Vec::new(), credits)),
    );
    let mut of_regions = |name, help, value: fn(&Region) -> u64| {
        let rows = regions.iter();
        page.gauge(
            name,
            help,
            rows.map(|region| (vec![("region", region.name.as_str())], value(region) as i64)),
        );
    };
    of_regions("region_aircraft", "Aircraft in a region.", |region| region.aircraft);
    of_regions("region_sequence", "A region's latest frame.", |region| region.sequence);
    of_regions("region_subscribers", "Open sockets of a region.", |region| region.subscribers);
    Ok(page.0)
}

#[derive(Default)]
struct Page(String);

impl Page {
    /// A metric with its rows: labels and value. Without rows there is no such metric.
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

/// A label's value as the format wants it.
fn escape(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', r#"\""#).replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(more: &str) -> String {
        format!(
            r#"{{"version":"0.1.0","feed":"opensky","simulated":false,"state":"rate_limited",
                "aircraft":11500,"minutes":42,
                "dropped":[{{"field":"true_track","count":7,
                    "example":{{"row":3,"value":"721","expected":"degrees"}}}}],
                "jobs":{{"waiting":3,"dead":2,"last_dead":[]}}{more}}}"#
        )
    }

    const REGIONS: &str = r#"[
        {"name":"world","sequence":7,"aircraft":11500,"subscribers":2,"epoch":"00"},
        {"name":"eu-west","sequence":6,"aircraft":900,"subscribers":0,"epoch":"00"}]"#;

    fn lines(status: &str, regions: &str) -> Vec<String> {
        let text = text(status.as_bytes(), regions.as_bytes()).expect("JSON of status and regions");
        assert!(text.ends_with('\n'), "the format's last line ends, too");
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn every_metric_appears_once_with_help_and_type() {
        let lines = lines(&status(r#","age":31,"credits":396"#), REGIONS);
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
            r#"overflight_region_aircraft{region="eu-west"} 900"#,
            r#"overflight_region_sequence{region="world"} 7"#,
            r#"overflight_region_subscribers{region="world"} 2"#,
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
    fn unknown_values_are_left_out() {
        let text = lines(&status(r#","age":null,"credits":null"#), "[]").join("\n");
        for name in ["age_seconds", "feed_credits", "region_sequence"] {
            assert!(!text.contains(name), "{name}: {text}");
        }
    }

    #[test]
    fn a_label_cannot_escape_its_quotes() {
        let hostile = r#"[{"name":"a\"} 1\nb\\","sequence":1,"aircraft":1,"subscribers":1}]"#;
        let lines = lines(&status(""), hostile);
        let row = r#"overflight_region_sequence{region="a\"} 1\nb\\"} 1"#;
        assert!(lines.iter().any(|line| line == row), "{lines:?}");
    }
}
