//! Floor 3: the URL grammar, a pure parser.
//!
//! In scope: the paths and queries that exist, and what is wrong with others.
//! Out of scope: their answers.

mod accept;
mod filter;
mod query;
mod range;
#[cfg(test)]
mod tests;

use std::fmt;

use percent_encoding::percent_decode_str;

use crate::aircraft::Icao24;
use crate::archive::{Date, Day, DayFile, Format, TrackFormat};
use crate::earth::{CountryCode, REGIONS, Region, country};
use crate::hub::Place;
use crate::ledger::{Command, HistoryStep, SearchTerm};
pub use accept::accepted;
pub use filter::Filter;
use query::Query;
pub use range::{ByteRange, RangeRequest, byte_ranges, part_head, parts_end};

/// A parsed request.
#[derive(Clone, Debug, PartialEq)]
pub enum Route {
    /// `GET /api/dates`
    Dates {
        /// The earliest date, included.
        from: Option<Date>,
        /// The latest date, included.
        to: Option<Date>,
        /// The most dates.
        limit: usize,
    },
    /// `GET /api/flights/:date`; the format is that of the suffix, if it has one.
    Flights(When, Filter, Option<Format>),
    /// `GET /api/countries`
    Countries,
    /// `GET /api/countries/:date`
    CountryCounts(When),
    /// `GET /api/countries/:iso/flights`, and `within` how many seconds of the newest minute.
    CountryFlights(CountryCode, Option<u32>),
    /// `GET /api/countries/:iso/history`
    CountryHistory {
        /// The country.
        country: CountryCode,
        /// A time in the earliest step.
        from: Option<Date>,
        /// A time in the latest step.
        to: Option<Date>,
        /// The length of a step.
        step: HistoryStep,
    },
    /// `GET /api/aircraft/:icao24/track`
    Track {
        /// The aircraft.
        icao24: Icao24,
        /// The minutes.
        span: Span,
        /// The format, by suffix or by the parameter.
        format: TrackFormat,
    },
    /// `GET /api/search`: what callsigns or addresses begin with.
    Search(SearchTerm),
    /// `GET /api/regions`
    Regions,
    /// `GET /api/status`
    Status,
    /// `GET /api/live/:region`
    Live(&'static Region, Option<Place>),
    /// `GET /api/archive`
    Archive,
    /// `GET /api/archive/frames`
    Frames {
        /// The region that they show.
        region: &'static Region,
        /// The minutes.
        span: Span,
        /// Only the first minute of every so many seconds of Unix time; `None` is every minute.
        step: Option<u32>,
    },
    /// `GET /api/archive/:day`
    ArchiveDay(Day),
    /// `GET /api/archive/:day/:file`
    ArchiveFile(DayFile),
    /// `POST /api/ingest`
    Ingest,
    /// `POST /api/admin/pause`, `resume`, `pull`
    Admin(Command),
    /// `POST /api/admin/retry-dead`
    RetryDead,
    /// `GET /api/openapi.json`
    OpenApi,
    /// `GET /metrics`
    Metrics,
}

/// A stored minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The newest.
    Latest,
    /// The minute of exactly this time.
    At(Date),
}

/// The minutes from one date to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The earliest, included; `None` is an hour before the latest.
    pub from: Option<Date>,
    /// The latest, included; `None` is the newest.
    pub to: Option<Date>,
}

/// The length of a span that has only an end, seconds.
const SPAN_SECONDS: i64 = 3_600;

impl Span {
    /// The first and the last second, where `newest` is the time of the newest minute.
    pub fn seconds(self, newest: i64) -> (i64, i64) {
        let last = self.to.map_or(newest, |Date(to)| to);
        (self.from.map_or(last - SPAN_SECONDS + 1, |Date(from)| from), last)
    }

    /// Whether no minute will ever be added: each new one is newer than all before it.
    pub fn is_past(self, newest: i64) -> bool {
        self.from.is_some() && self.to.is_some_and(|Date(to)| to <= newest)
    }

    /// The rest of the span, from this second on, as a query.
    pub fn rest(self, from: i64) -> String {
        let to = self.to.map_or(String::new(), |to| format!("&to={to}"));
        format!("from={}{to}", Date(from))
    }
}

/// Why a request matches no route.
#[derive(Clone, Debug, PartialEq)]
pub enum RouteError {
    /// There is no such path; the sentence names what is missing.
    NotFound(String),
    /// The path does not have this method.
    Method {
        /// The methods that it has, as in the header `Allow`.
        allow: &'static str,
    },
    /// A part of the URL is invalid; the sentence names it.
    Bad(String),
}

impl fmt::Display for RouteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound(detail) | Self::Bad(detail) => f.write_str(detail),
            Self::Method { allow } => write!(f, "this path has {allow}"),
        }
    }
}

/// The methods of a read-only path.
pub const READ: &str = "GET, HEAD, OPTIONS";
const WRITE: &str = "POST, OPTIONS";

impl Route {
    /// The methods that the path has, as in the header `Allow`.
    pub fn allow(&self) -> &'static str {
        if matches!(self, Self::Ingest | Self::Admin(_) | Self::RetryDead) { WRITE } else { READ }
    }

    /// Whether the rate limit of reads applies: sockets and writes have limits of their own.
    pub fn is_read(&self) -> bool {
        self.allow() == READ && !matches!(self, Self::Live(..))
    }

    /// Parses a request. Every path has `OPTIONS`, whatever else it has.
    pub fn parse(method: &str, path: &str, query: &str) -> Result<Self, RouteError> {
        let route = Self::parse_path(path, Query::parse(query))?;
        let allow = route.allow();
        if allow.split(", ").any(|allowed| allowed == method) {
            Ok(route)
        } else {
            Err(RouteError::Method { allow })
        }
    }

    fn parse_path(path: &str, mut query: Query) -> Result<Self, RouteError> {
        let segments: Vec<String> = path
            .split('/')
            .skip(1)
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
            .collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let route = match segments[..] {
            ["api", "dates"] => Self::Dates {
                from: query.date("from")?,
                to: query.date("to")?,
                limit: query.limit()?,
            },
            ["api", "flights", date] => {
                let (date, format) = with_suffix(date);
                Self::Flights(when(date)?, query.filter()?, format)
            }
            ["api", "countries"] => Self::Countries,
            ["api", "countries", date] => Self::CountryCounts(when(date)?),
            ["api", "countries", iso, "flights"] => {
                Self::CountryFlights(country_named(iso)?, query.within()?)
            }
            ["api", "countries", iso, "history"] => {
                let country = country_named(iso)?;
                let (from, to) = (query.date("from")?, query.date("to")?);
                let step = query.take("step", "1m, 1h or 1d")?.unwrap_or(HistoryStep::Minute);
                Self::CountryHistory { country, from, to, step }
            }
            ["api", "aircraft", icao24, track] => {
                let expected = "six hexadecimal digits";
                let icao24 = icao24.parse().or(Err(bad("icao24", icao24, expected)))?;
                let format = query.track_format(track)?;
                Self::Track { icao24, span: query.span()?, format }
            }
            ["api", "search"] => Self::Search(query.search()?),
            ["api", "regions"] => Self::Regions,
            ["api", "status"] => Self::Status,
            ["api", "live", region] => {
                let region = Region::named(region).ok_or_else(|| no_such_region(region))?;
                Self::Live(region, query.resume()?)
            }
            ["api", "archive"] => Self::Archive,
            ["api", "archive", "frames"] => {
                let region = query.take_text("region")?.unwrap_or_else(|| REGIONS[0].name.into());
                let region = Region::named(&region).ok_or_else(|| no_such_region(&region))?;
                Self::Frames { region, span: query.span()?, step: query.step()? }
            }
            ["api", "archive", day] => Self::ArchiveDay(archive_day(day)?),
            ["api", "archive", day, file] => Self::ArchiveFile(archive_file(day, file)?),
            ["api", "ingest"] => Self::Ingest,
            ["api", "admin", "pause"] => Self::Admin(Command::Pause),
            ["api", "admin", "resume"] => Self::Admin(Command::Resume),
            ["api", "admin", "pull"] => Self::Admin(Command::Pull),
            ["api", "admin", "retry-dead"] => Self::RetryDead,
            ["api", "openapi.json"] => Self::OpenApi,
            ["metrics"] => Self::Metrics,
            _ => {
                let detail = format!("there is nothing at {path}; /docs describes what there is");
                return Err(RouteError::NotFound(detail));
            }
        };
        query.end()?;
        Ok(route)
    }
}

/// A segment's name, and the format of its suffix.
fn with_suffix(segment: &str) -> (&str, Option<Format>) {
    let parts = segment.rsplit_once('.').and_then(|(name, it)| Some((name, Format::named(it)?)));
    parts.map_or((segment, None), |(name, format)| (name, Some(format)))
}

fn when(text: &str) -> Result<When, RouteError> {
    if text == "latest" {
        return Ok(When::Latest);
    }
    text.parse().map(When::At).or(Err(bad("date", text, "latest or one like 2026-11-20T12:34:00Z")))
}

/// The country of a path.
fn country_named(iso: &str) -> Result<CountryCode, RouteError> {
    let code = iso.parse().or(Err(bad("country", iso, "an iso_a2 of /api/countries")))?;
    if country::country(code).is_some() {
        return Ok(code);
    }
    let detail = format!("no country has the iso_a2 {iso:?}; /api/countries lists them");
    Err(RouteError::NotFound(detail))
}

fn archive_day(text: &str) -> Result<Day, RouteError> {
    text.parse().or(Err(bad("day", text, "one like 2026-11-20")))
}

/// How many characters of a file name an error shows: more than any valid name has.
const FILE_SHOWN_MAX: usize = 40;

fn archive_file(day: &str, name: &str) -> Result<DayFile, RouteError> {
    let day = archive_day(day)?;
    DayFile::named(day, name).ok_or_else(|| {
        let shown: String = name.chars().take(FILE_SHOWN_MAX).collect();
        let detail = format!("{day} has no file {shown:?}; /api/archive/{day} lists them");
        RouteError::NotFound(detail)
    })
}

fn no_such_region(name: &str) -> RouteError {
    let names: Vec<_> = REGIONS.iter().map(|region| region.name).collect();
    RouteError::NotFound(format!("no region is called {name:?}; there are {}", names.join(", ")))
}

fn bad(name: &str, value: &str, expected: &str) -> RouteError {
    RouteError::Bad(format!("{name} is {value:?}, expected {expected}"))
}
