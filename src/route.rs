//! Floor 3: the URL grammar, a pure parse.
//!
//! In scope: which paths and queries there are, what is wrong with the others.
//! Out of scope: what they answer.

use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;

use crate::aircraft::{Icao24, StateVector};
use crate::archive::{Date, Day};
use crate::earth::{Bbox, CountryCode, REGIONS, Region, country};
use crate::hub::Place;
use crate::ledger::{Command, Step};

/// How many dates are listed where the query does not say, and at the most: a day, and 31 days.
const DATES_LIMIT: usize = 1_440;
const DATES_LIMIT_MAX: usize = 44_640;

/// The longest forecast. Straight on for longer, aircraft have long turned.
const WITHIN_SECONDS_MAX: u32 = 3_600;

/// What a request asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Route {
    /// `GET /api/dates`
    Dates {
        /// No older date.
        from: Option<Date>,
        /// No newer date.
        to: Option<Date>,
        /// No more dates.
        limit: usize,
    },
    /// `GET /api/flights/:date`
    Flights(When, Filter),
    /// `GET /api/countries`
    Countries,
    /// `GET /api/countries/:date`
    CountryCounts(When),
    /// `GET /api/countries/:iso/flights`; `within` so many seconds from the newest minute.
    CountryFlights(CountryCode, Option<u32>),
    /// `GET /api/countries/:iso/history`
    CountryHistory {
        /// Whose counts.
        country: CountryCode,
        /// No older step than the one that this falls into.
        from: Option<Date>,
        /// No newer step.
        to: Option<Date>,
        /// The length of a step.
        step: Step,
    },
    /// `GET /api/regions`
    Regions,
    /// `GET /api/status`
    Status,
    /// `GET /api/live/:region`
    Live(&'static Region, Option<Place>),
    /// `GET /api/archive`
    Archive,
    /// `GET /api/archive/:day`
    ArchiveDay(Day),
    /// `GET /api/archive/:day/:file`
    ArchiveFile(Date),
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
    /// The one of exactly that time.
    At(Date),
}

/// Which aircraft of a minute are wanted; every condition must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Inside the box. Aircraft without a position are outside.
    pub bbox: Option<Bbox>,
    /// Over the country.
    pub country: Option<CountryCode>,
    /// With a callsign that begins so.
    pub callsign: Option<String>,
    /// One of these, unless there are none.
    pub icao24: Vec<Icao24>,
    /// On the ground, or not.
    pub on_ground: Option<bool>,
}

impl Filter {
    /// The conditions as a query, always written the same way; empty where there are none.
    pub fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let mut add = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                query.append_pair(name, &value);
            }
        };
        let bbox = |Bbox { west, south, east, north }| format!("{west},{south},{east},{north}");
        add("bbox", self.bbox.map(bbox));
        add("country", self.country.map(|code| code.to_string()));
        add("callsign", self.callsign.clone());
        let mut icao24 = self.icao24.clone();
        icao24.sort_unstable();
        icao24.dedup();
        icao24.into_iter().for_each(|icao24| add("icao24", Some(icao24.to_string())));
        add("on_ground", self.on_ground.map(|on_ground| on_ground.to_string()));
        query.finish()
    }

    /// Whether there are few such filters, so that many callers ask the same.
    pub fn is_common(&self) -> bool {
        self.bbox.is_none() && self.callsign.is_none() && self.icao24.is_empty()
    }

    /// Whether the aircraft is wanted.
    pub fn matches(&self, state: &StateVector) -> bool {
        let inside = |bbox: &Bbox| state.position.is_some_and(|point| bbox.contains(point));
        let begins = |prefix: &String| {
            state.callsign.is_some_and(|callsign| callsign.as_str().starts_with(prefix.as_str()))
        };
        self.bbox.as_ref().is_none_or(inside)
            && self.country.is_none_or(|code| state.current_country == Some(code))
            && self.callsign.as_ref().is_none_or(begins)
            && (self.icao24.is_empty() || self.icao24.contains(&state.icao24))
            && self.on_ground.is_none_or(|on_ground| state.on_ground == on_ground)
    }
}

/// What the header `Range` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteRange {
    /// Everything: the header is none of ours, or asks for several parts.
    Whole,
    /// One part, from the first byte to the last.
    Part {
        /// The first byte, from 0.
        first: u64,
        /// The last byte, included.
        last: u64,
    },
    /// A part that the file does not have.
    Unsatisfiable,
}

/// What a `Range` header asks for of a file of that size (RFC 9110, section 14).
///
/// A header that cannot be read is to be passed over; several parts may be answered by the whole.
pub fn byte_range(header: &str, size: u64) -> ByteRange {
    let spec = header.trim().strip_prefix("bytes=").map(str::trim);
    let Some((first, last)) = spec.and_then(|spec| spec.split_once('-')) else {
        return ByteRange::Whole;
    };
    let end = size.saturating_sub(1);
    let part = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => (first, last.min(end)),
        (Ok(first), Err(_)) if last.is_empty() => (first, end),
        (Err(_), Ok(suffix)) if first.is_empty() && suffix > 0 => {
            (size.saturating_sub(suffix), end)
        }
        (Err(_), Ok(0)) if first.is_empty() => return ByteRange::Unsatisfiable,
        _ => return ByteRange::Whole,
    };
    match part {
        (first, _) if first >= size => ByteRange::Unsatisfiable,
        (first, last) => ByteRange::Part { first, last },
    }
}

/// Why a request asks for nothing that there is.
#[derive(Clone, Debug, PartialEq)]
pub enum RouteError {
    /// There is no such path; the sentence says what was looked for.
    NotFound(String),
    /// The path has other methods.
    Method {
        /// Those that it has, as in the header `Allow`.
        allow: &'static str,
    },
    /// A part of the URL cannot be what it should be; the sentence names it.
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

/// The methods of a path that is read.
pub const READ: &str = "GET, HEAD, OPTIONS";
const WRITE: &str = "POST, OPTIONS";

impl Route {
    /// The methods that the path has, as in the header `Allow`.
    pub fn allow(&self) -> &'static str {
        if matches!(self, Self::Ingest | Self::Admin(_) | Self::RetryDead) { WRITE } else { READ }
    }

    /// Whether it is limited as reading is: sockets and what is written have limits of their own.
    pub fn is_read(&self) -> bool {
        self.allow() == READ && !matches!(self, Self::Live(..))
    }

    /// What a request asks for. `method` is checked but for `OPTIONS`, which every path has.
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
            ["api", "flights", date] => Self::Flights(when(date)?, query.filter()?),
            ["api", "countries"] => Self::Countries,
            ["api", "countries", date] => Self::CountryCounts(when(date)?),
            ["api", "countries", iso, "flights"] => {
                Self::CountryFlights(country_named(iso)?, query.within()?)
            }
            ["api", "countries", iso, "history"] => {
                let country = country_named(iso)?;
                let (from, to) = (query.date("from")?, query.date("to")?);
                let step = query.take("step", "1m, 1h or 1d")?.unwrap_or(Step::Minute);
                Self::CountryHistory { country, from, to, step }
            }
            ["api", "regions"] => Self::Regions,
            ["api", "status"] => Self::Status,
            ["api", "live", region] => {
                let region = Region::named(region).ok_or_else(|| no_such_region(region))?;
                Self::Live(region, query.resume()?)
            }
            ["api", "archive"] => Self::Archive,
            ["api", "archive", day] => Self::ArchiveDay(archive_day(day)?),
            ["api", "archive", day, file] => Self::ArchiveFile(archive_file(day, file)?),
            ["api", "ingest"] => Self::Ingest,
            ["api", "admin", "pause"] => Self::Admin(Command::Pause),
            ["api", "admin", "resume"] => Self::Admin(Command::Resume),
            ["api", "admin", "pull"] => Self::Admin(Command::Pull),
            ["api", "admin", "retry-dead"] => Self::RetryDead,
            ["api", "openapi.json"] => Self::OpenApi,
            ["metrics"] => Self::Metrics,
            _ => return Err(RouteError::NotFound(format!("there is nothing at {path}"))),
        };
        query.end()?;
        Ok(route)
    }
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

/// How much of a file's name a refusal shows: more than any file's has.
const FILE_SHOWN_MAX: usize = 40;

fn archive_file(day: &str, name: &str) -> Result<Date, RouteError> {
    let day = archive_day(day)?;
    Date::of_file(day, name).ok_or_else(|| {
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

/// A query's parameters; each is taken once, and what is left at the end is unknown.
struct Query(Vec<(String, String)>);

impl Query {
    fn parse(query: &str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    fn take_text(&mut self, name: &str) -> Result<Option<String>, RouteError> {
        let Some(place) = self.0.iter().position(|(key, _)| key == name) else { return Ok(None) };
        let (_, value) = self.0.remove(place);
        match self.0.iter().find(|(key, _)| key == name) {
            Some((_, second)) => Err(bad(name, second, "to be given only once")),
            None => Ok(Some(value)),
        }
    }

    fn take<T: FromStr>(&mut self, name: &str, expected: &str) -> Result<Option<T>, RouteError> {
        let Some(text) = self.take_text(name)? else { return Ok(None) };
        text.parse().map(Some).or(Err(bad(name, &text, expected)))
    }

    fn date(&mut self, name: &str) -> Result<Option<Date>, RouteError> {
        self.take(name, "a date like 2026-11-20T12:34:00Z")
    }

    /// A duration in seconds: a whole number of `s`, `m` or `h`.
    fn within(&mut self) -> Result<Option<u32>, RouteError> {
        let Some(text) = self.take_text("within")? else { return Ok(None) };
        let units = [('s', 1), ('m', 60), ('h', 3_600)];
        let number = units.into_iter().find_map(|(unit, seconds)| {
            let digits = text.strip_suffix(unit)?;
            let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse::<u32>().ok().filter(|_| is_number)?.checked_mul(seconds)
        });
        let in_range = number.filter(|seconds| (1..=WITHIN_SECONDS_MAX).contains(seconds));
        let expected = "a time from 1s to 60m, like 90s, 30m or 1h";
        in_range.map(Some).ok_or_else(|| bad("within", &text, expected))
    }

    fn limit(&mut self) -> Result<usize, RouteError> {
        let expected = "a number from 1 to 44640";
        let limit = self.take("limit", expected)?.unwrap_or(DATES_LIMIT);
        let in_range = (1..=DATES_LIMIT_MAX).contains(&limit);
        if in_range { Ok(limit) } else { Err(bad("limit", &limit.to_string(), expected)) }
    }

    fn filter(&mut self) -> Result<Filter, RouteError> {
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

    fn resume(&mut self) -> Result<Option<Place>, RouteError> {
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

    fn end(self) -> Result<(), RouteError> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(RouteError::Bad(format!("there is no parameter {name:?} here"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: Route) {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let method = if expected.allow() == WRITE { "POST" } else { "GET" };
        assert_eq!(Route::parse(method, path, query), Ok(expected), "{url}");
    }

    fn check_error(url: &str, detail: &str) {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let error = Route::parse("GET", path, query).expect_err(url).to_string();
        assert!(error.contains(detail), "{url}: {error}");
    }

    #[test]
    fn each_path_is_a_route() {
        let date = When::At(Date(1_751_840_376));
        let day: Day = "2025-07-06".parse().expect("a day");
        check("/api/dates", Route::Dates { from: None, to: None, limit: 1_440 });
        check("/api/flights/latest", Route::Flights(When::Latest, Filter::default()));
        check("/api/flights/2025-07-06T22:19:36Z", Route::Flights(date, Filter::default()));
        check("/api/flights/2025-07-06T22%3A19%3A36Z", Route::Flights(date, Filter::default()));
        check("/api/countries", Route::Countries);
        check("/api/countries/latest", Route::CountryCounts(When::Latest));
        let france = "FR".parse().expect("France");
        check("/api/countries/FR/flights", Route::CountryFlights(france, None));
        for (text, seconds) in [("90s", 90), ("30m", 1_800), ("1h", 3_600), ("1s", 1)] {
            let url = format!("/api/countries/fr/flights?within={text}");
            check(&url, Route::CountryFlights(france, Some(seconds)));
        }
        let history = |from, to, step| Route::CountryHistory { country: france, from, to, step };
        check("/api/countries/FR/history", history(None, None, Step::Minute));
        let range = "from=2025-07-06T22:19:36Z&to=2025-07-06T22:19:37Z";
        let (from, to) = (Some(Date(1_751_840_376)), Some(Date(1_751_840_377)));
        for (text, step) in [("1m", Step::Minute), ("1h", Step::Hour), ("1d", Step::Day)] {
            let url = format!("/api/countries/FR/history?{range}&step={text}");
            check(&url, history(from, to, step));
        }
        check("/api/regions", Route::Regions);
        check("/api/status", Route::Status);
        check("/api/live/world", Route::Live(&REGIONS[0], None));
        let place = Place { epoch: 0x1234, sequence: 7 };
        check(
            "/api/live/world?epoch=0000000000001234&sequence=7",
            Route::Live(&REGIONS[0], Some(place)),
        );
        check("/api/archive", Route::Archive);
        check("/api/archive/2025-07-06", Route::ArchiveDay(day));
        let file = Date(1_751_840_376);
        check("/api/archive/2025-07-06/221936.msgpack", Route::ArchiveFile(file));
        check("/api/ingest", Route::Ingest);
        for command in Command::ALL {
            check(&format!("/api/admin/{}", command.name()), Route::Admin(command));
        }
        check("/api/admin/retry-dead", Route::RetryDead);
        check("/api/openapi.json", Route::OpenApi);
        check("/metrics", Route::Metrics);
    }

    #[test]
    fn every_filter_is_read() {
        let filter = Filter {
            bbox: "170,-10,-170,10".parse().ok(),
            country: "fr".parse().ok(),
            callsign: Some("DLH".to_owned()),
            icao24: vec!["abcdef".parse().expect("hex"), "000001".parse().expect("hex")],
            on_ground: Some(false),
        };
        let query = "icao24=abcdef&bbox=170,-10,-170,10&country=fr&callsign=dlh&icao24=000001";
        let url = format!("/api/flights/latest?{query}&on_ground=false");
        check(&url, Route::Flights(When::Latest, filter));
    }

    #[test]
    fn the_same_filter_is_the_same_query() {
        let query = |text: &str| match Route::parse("GET", "/api/flights/latest", text) {
            Ok(Route::Flights(_, filter)) => (filter.query(), filter.is_common()),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(query(""), (String::new(), true));
        let one = query("icao24=3C6444&country=fr&icao24=000001&bbox=1.0,2,3,4&callsign=dlh");
        let other = query("callsign=DLH%20&bbox=1,2,3,4.00&icao24=000001&icao24=3c6444&country=FR");
        assert_eq!(one, other);
        assert_eq!(query(&one.0), one);
        assert_eq!(query("on_ground=true&country=FR").0, "country=FR&on_ground=true");
        assert!(query("country=FR").1 && !query("callsign=A").1 && !query("bbox=1,2,3,4").1);
    }

    #[test]
    fn what_is_wrong_is_named() {
        check_error("/api/flights/latest?bbx=1", r#"there is no parameter "bbx""#);
        check_error("/api/flights/latest?bbox=1,2,3", r#"bbox is "1,2,3""#);
        check_error("/api/flights/latest?country=FRA", r#"country is "FRA""#);
        check_error("/api/flights/latest?country=QQ", r#"country is "QQ""#);
        check_error("/api/flights/latest?icao24=xyz", r#"icao24 is "xyz""#);
        check_error("/api/flights/latest?on_ground=1", r#"on_ground is "1""#);
        check_error("/api/flights/latest?country=FR&country=DE", r#"country is "DE""#);
        check_error("/api/flights/yesterday", r#"date is "yesterday""#);
        for text in ["", "30", "m", "+1m", "-1m", "0s", "61m", "3601s", "2h", "1d", "99999999999h"]
        {
            let url = format!("/api/countries/FR/flights?within={}", text.replace('+', "%2B"));
            check_error(&url, &format!("within is {text:?}"));
        }
        check_error("/api/countries/FRA/flights", r#"country is "FRA""#);
        check_error("/api/countries/QQ/history", r#"no country has the iso_a2 "QQ""#);
        check_error("/api/countries/FR/history?step=2h", r#"step is "2h""#);
        check_error("/api/countries/FR/history?from=now", r#"from is "now""#);
        check_error("/api/countries/FR/history?within=1m", r#"there is no parameter "within""#);
        check_error("/api/dates?limit=0", r#"limit is "0""#);
        check_error("/api/dates?limit=44641", r#"limit is "44641""#);
        check_error("/api/dates?from=now", r#"from is "now""#);
        check_error("/api/live/mars", r#"no region is called "mars"; there are world, "#);
        check_error("/api/live/world?epoch=12", "epoch and sequence go together");
        check_error("/api/live/world?epoch=x&sequence=1", r#"epoch is "x""#);
        check_error("/api/archive/2025-7-6", r#"day is "2025-7-6""#);
        let long = format!("/api/archive/2025-07-06/{}", "x".repeat(1_200));
        check_error(&long, &format!("2025-07-06 has no file \"{}\"; ", "x".repeat(40)));
        check_error("/api/status?verbose=1", r#"there is no parameter "verbose""#);
        check_error("/api/nothing", "there is nothing at /api/nothing");
        check_error("/", "there is nothing at /");
        check_error("/api/ingest", "this path has POST, OPTIONS");
        assert_eq!(Route::parse("POST", "/api/dates", ""), Err(RouteError::Method { allow: READ }));
    }

    #[test]
    fn a_range_is_a_part_the_whole_or_out_of_reach() {
        let part = |first, last| ByteRange::Part { first, last };
        for (header, expected) in [
            ("bytes=0-9", part(0, 9)),
            ("bytes=90-", part(90, 99)),
            ("bytes=90-1000", part(90, 99)),
            ("bytes=-10", part(90, 99)),
            ("bytes=-1000", part(0, 99)),
            ("bytes=99-99", part(99, 99)),
            ("bytes=100-", ByteRange::Unsatisfiable),
            ("bytes=-0", ByteRange::Unsatisfiable),
            ("bytes=9-0", ByteRange::Whole),
            ("bytes=0-1,5-6", ByteRange::Whole),
            ("bytes=a-b", ByteRange::Whole),
            ("lines=0-9", ByteRange::Whole),
            ("bytes=-", ByteRange::Whole),
        ] {
            assert_eq!(byte_range(header, 100), expected, "{header}");
        }
        assert_eq!(byte_range("bytes=0-", 0), ByteRange::Unsatisfiable);
    }
}
