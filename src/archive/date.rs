//! Dates as the API spells them, and the R2 keys of their minutes.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, Timelike};

/// A feed time, to the second; shown as `2026-11-20T12:34:00Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(pub i64);

/// A day of UTC; shown as `2026-11-20`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(NaiveDate);

impl Date {
    /// The day that it falls on.
    pub fn day(self) -> Day {
        Day(self.utc().date_naive())
    }

    /// The name of its file within the day: `123400.msgpack`.
    pub fn file_name(self) -> String {
        self.utc().format("%H%M%S.msgpack").to_string()
    }

    /// Its R2 key: `minutes/2026-11-20/123400.msgpack`.
    pub fn key(self) -> String {
        self.day().key(&self.file_name())
    }

    /// The prefix of its hour's keys: `minutes/2026-11-20/12`.
    pub fn hour_prefix(self) -> String {
        self.day().key(&self.utc().format("%H").to_string())
    }

    /// The R2 key of its hour's Parquet file: `parquet/day=2026-11-20/hour=12/states.parquet`.
    pub fn parquet_key(self) -> String {
        format!("parquet/day={}/hour={}/states.parquet", self.day(), self.utc().format("%H"))
    }

    /// The minute of this day with this file name; `None` if it is no minute's file name.
    pub fn of_file(day: Day, name: &str) -> Option<Self> {
        Self::of_key(&day.key(name))
    }

    /// The date with this key; `None` if it is no minute's key.
    pub fn of_key(key: &str) -> Option<Self> {
        let time = NaiveDateTime::parse_from_str(key, "minutes/%Y-%m-%d/%H%M%S.msgpack").ok()?;
        let date = Self(time.and_utc().timestamp());
        (date.key() == key).then_some(date)
    }

    /// Whether a time has a date that can be shown.
    pub(super) fn is_possible(time: i64) -> bool {
        (0..253_402_300_800).contains(&time)
    }

    fn utc(self) -> DateTime<chrono::Utc> {
        DateTime::from_timestamp(self.0, 0).expect("feeds refuse times outside 2000 to 2100")
    }
}

impl Day {
    /// The first second of the day, Unix seconds.
    pub fn start(self) -> i64 {
        self.0.and_time(chrono::NaiveTime::MIN).and_utc().timestamp()
    }

    /// The R2 key of a file of this day.
    pub fn key(self, file: &str) -> String {
        format!("minutes/{self}/{file}")
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.utc().to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for Date {
    type Err = ();

    /// Any RFC 3339 time in whole seconds; its offset from UTC is taken into account.
    fn from_str(text: &str) -> Result<Self, ()> {
        let time = DateTime::parse_from_rfc3339(text).or(Err(()))?;
        (Self::is_possible(time.timestamp()) && time.nanosecond() == 0)
            .then(|| Self(time.timestamp()))
            .ok_or(())
    }
}

impl FromStr for Day {
    type Err = ();

    /// `YYYY-MM-DD`, from 1970 on.
    fn from_str(text: &str) -> Result<Self, ()> {
        let day = Self(NaiveDate::parse_from_str(text, "%Y-%m-%d").or(Err(()))?);
        (day.to_string() == text && day.start() >= 0).then_some(day).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_survives_its_text_form() {
        let date = Date(1_751_840_376);
        assert_eq!(date.to_string(), "2025-07-06T22:19:36Z");
        assert_eq!(date.to_string().parse(), Ok(date));
        assert_eq!("2025-07-07T00:19:36+02:00".parse(), Ok(date));
        assert_eq!(date.key(), "minutes/2025-07-06/221936.msgpack");
        assert_eq!(Date::of_key(&date.key()), Some(date));
        assert!(date.key().starts_with(&date.hour_prefix()));
        assert_eq!(date.hour_prefix(), "minutes/2025-07-06/22");
        assert_eq!(date.parquet_key(), "parquet/day=2025-07-06/hour=22/states.parquet");
        assert_eq!(date.day().to_string().parse(), Ok(date.day()));
        assert_eq!("1970-01-01".parse().map(Day::start), Ok(0));
        assert_eq!("1970-01-01T00:00:00Z".parse(), Ok(Date(0)));
    }

    #[test]
    fn a_file_is_a_minute_of_its_day() {
        let date = Date(1_751_840_376);
        assert_eq!(Date::of_file(date.day(), &date.file_name()), Some(date));
        let long = "2".repeat(1_200);
        let other = ["", "x", "..", "221936", "221936.pack", "221936.msgpackx", "x221936.msgpack"];
        let odd = ["240000.msgpack", "221960.msgpack", "+21936.msgpack", "21936.msgpack", &long];
        let paths = ["../2025-07-06/221936.msgpack", "221936.msgpack/", "221936.msgpack\0"];
        for name in [&other[..], &odd, &paths].concat() {
            assert_eq!(Date::of_file(date.day(), name), None, "{name}");
        }
    }

    #[test]
    fn anything_but_a_date_is_refused() {
        let early = "1969-12-31T23:59:59Z";
        for text in
            ["", "latest", "2025-07-06", "2025-13-06T22:19:36Z", "2025-07-06T22:19:36.5Z", early]
        {
            assert_eq!(text.parse::<Date>(), Err(()), "{text}");
        }
        for text in ["", "2025-7-6", "2025-02-30", "1969-12-31", "2025-07-06Z", "../secret"] {
            assert_eq!(text.parse::<Day>(), Err(()), "{text}");
        }
        for key in ["", "221961.msgpack", "22", "222936.pack", "222936.msgpack2", "2229.msgpack"] {
            assert_eq!(Date::of_key(&format!("minutes/2025-07-06/{key}")), None, "{key}");
        }
    }
}
