//! A query's parameters.

use std::str::FromStr;

use super::{Filter, RouteError, Span, bad};
use crate::archive::{Date, TrackFormat};
use crate::earth::{CountryCode, country};
use crate::hub::Place;
use crate::ledger::SearchTerm;

/// How many dates are listed by default, and at most: a day's and 31 days' minutes.
const DATES_LIMIT: usize = 1_440;
const DATES_LIMIT_MAX: usize = 44_640;

/// The longest forecast, since few aircraft fly straight on for longer; and the longest step, since
/// dead reckoning between two frames takes the time as an hour at most.
const DURATION_SECONDS_MAX: u32 = 3_600;

/// A query's parameters; each is taken once, and any left at the end is unknown.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn parse(query: &str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    pub(super) fn take_text(&mut self, name: &str) -> Result<Option<String>, RouteError> {
        let Some(place) = self.0.iter().position(|(key, _)| key == name) else { return Ok(None) };
        let (_, value) = self.0.remove(place);
        match self.0.iter().find(|(key, _)| key == name) {
            Some((_, second)) => Err(bad(name, second, "to be given only once")),
            None => Ok(Some(value)),
        }
    }

    pub(super) fn take<T: FromStr>(
        &mut self,
        name: &str,
        expected: &str,
    ) -> Result<Option<T>, RouteError> {
        let Some(text) = self.take_text(name)? else { return Ok(None) };
        text.parse().map(Some).or(Err(bad(name, &text, expected)))
    }

    pub(super) fn date(&mut self, name: &str) -> Result<Option<Date>, RouteError> {
        self.take(name, "a date like 2026-11-20T12:34:00Z")
    }

    pub(super) fn within(&mut self) -> Result<Option<u32>, RouteError> {
        let text = self.take_text("within")?;
        text.map(|text| duration("within", &text)).transpose()
    }

    /// The minutes from one date to another.
    pub(super) fn span(&mut self) -> Result<Span, RouteError> {
        let span = Span { from: self.date("from")?, to: self.date("to")? };
        match (span.from, span.to) {
            (Some(from), Some(to)) if from > to => {
                Err(RouteError::Bad(format!("from is {from}, expected no later than to, {to}")))
            }
            _ => Ok(span),
        }
    }

    /// The seconds of a step.
    pub(super) fn step(&mut self) -> Result<Option<u32>, RouteError> {
        let text = self.take_text("step")?;
        text.map(|text| duration("step", &text)).transpose()
    }

    /// The format of a track: that of the path's suffix, or of the parameter.
    pub(super) fn track_format(&mut self, segment: &str) -> Result<TrackFormat, RouteError> {
        let names = TrackFormat::ALL.map(TrackFormat::name).join(", ");
        match segment.strip_prefix("track") {
            Some("") => Ok(self.take("format", &format!("one of {names}"))?.unwrap_or_default()),
            Some(suffix) if suffix.starts_with('.') => suffix[1..].parse().or(Err(bad(
                "track's format",
                &suffix[1..],
                &format!("one of {names}"),
            ))),
            _ => Err(RouteError::NotFound("an aircraft has only a track".to_owned())),
        }
    }

    pub(super) fn search(&mut self) -> Result<SearchTerm, RouteError> {
        let text = self.take_text("q")?.unwrap_or_default();
        let expected = "one to eight characters of a callsign or an address";
        text.parse().or(Err(bad("q", &text, expected)))
    }

    pub(super) fn limit(&mut self) -> Result<usize, RouteError> {
        let expected = "a number from 1 to 44640";
        let limit = self.take("limit", expected)?.unwrap_or(DATES_LIMIT);
        let in_range = (1..=DATES_LIMIT_MAX).contains(&limit);
        if in_range { Ok(limit) } else { Err(bad("limit", &limit.to_string(), expected)) }
    }

    pub(super) fn filter(&mut self) -> Result<Filter, RouteError> {
        let mut icao24 = Vec::new();
        for (_, text) in self.0.extract_if(.., |(key, _)| key == "icao24") {
            let expected = "six hexadecimal digits";
            icao24.push(text.parse().or(Err(bad("icao24", &text, expected)))?);
        }
        Ok(Filter {
            bbox: self.take("bbox", "west,south,east,north in degrees")?,
            country: self.country()?,
            callsign: self.take_text("callsign")?.map(|text| text.trim().to_ascii_uppercase()),
            icao24,
            on_ground: self.take("on_ground", "true or false")?,
        })
    }

    fn country(&mut self) -> Result<Option<CountryCode>, RouteError> {
        let Some(text) = self.take_text("country")? else { return Ok(None) };
        let known = text.parse().ok().filter(|&code| country::country(code).is_some());
        known.map(Some).ok_or_else(|| bad("country", &text, "an iso_a2 of /api/countries"))
    }

    pub(super) fn resume(&mut self) -> Result<Option<Place>, RouteError> {
        let epoch = self.take_text("epoch")?;
        let sequence = self.take("sequence", "a number")?;
        match (epoch, sequence) {
            (None, None) => Ok(None),
            (Some(epoch), Some(sequence)) => match u64::from_str_radix(&epoch, 16) {
                Ok(number) => Ok(Some(Place { epoch: number, sequence })),
                Err(_) => Err(bad("epoch", &epoch, "16 hexadecimal digits")),
            },
            _ => Err(RouteError::Bad("epoch and sequence go together".to_owned())),
        }
    }

    pub(super) fn end(self) -> Result<(), RouteError> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(RouteError::Bad(format!("there is no parameter {name:?} here"))),
        }
    }
}

/// A duration in seconds, at most an hour: a whole number of `s`, `m` or `h`.
fn duration(name: &str, text: &str) -> Result<u32, RouteError> {
    let units = [('s', 1), ('m', 60), ('h', 3_600)];
    let number = units.into_iter().find_map(|(unit, seconds)| {
        let digits = text.strip_suffix(unit)?;
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<u32>().ok().filter(|_| is_number)?.checked_mul(seconds)
    });
    let in_range = number.filter(|seconds| (1..=DURATION_SECONDS_MAX).contains(seconds));
    let expected = "a time from 1s to 60m, like 90s, 30m or 1h";
    in_range.ok_or_else(|| bad(name, text, expected))
}
