//! Every path, every parameter, every error.

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
fn every_path_is_a_route() {
    let date = When::At(Date(1_751_840_376));
    let day: Day = "2025-07-06".parse().expect("a day");
    check("/api/dates", Route::Dates { from: None, to: None, limit: 1_440 });
    check("/api/flights/latest", Route::Flights(When::Latest, Filter::default(), None));
    check("/api/flights/2025-07-06T22:19:36Z", Route::Flights(date, Filter::default(), None));
    check("/api/flights/2025-07-06T22%3A19%3A36Z", Route::Flights(date, Filter::default(), None));
    check("/api/countries", Route::Countries);
    check("/api/countries/latest", Route::CountryCounts(When::Latest));
    let france = "FR".parse().expect("France");
    check("/api/countries/FR/flights", Route::CountryFlights(france, None));
    for (text, seconds) in [("90s", 90), ("30m", 1_800), ("1h", 3_600), ("1s", 1)] {
        let url = format!("/api/countries/fr/flights?within={text}");
        check(&url, Route::CountryFlights(france, Some(seconds)));
    }
    let history = |from, to, step| Route::CountryHistory { country: france, from, to, step };
    check("/api/countries/FR/history", history(None, None, HistoryStep::Minute));
    let range = "from=2025-07-06T22:19:36Z&to=2025-07-06T22:19:37Z";
    let (from, to) = (Some(Date(1_751_840_376)), Some(Date(1_751_840_377)));
    for (text, step) in
        [("1m", HistoryStep::Minute), ("1h", HistoryStep::Hour), ("1d", HistoryStep::Day)]
    {
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
    let file = DayFile::Minute(Date(1_751_840_376));
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
fn every_way_to_read_the_archive_is_a_route() {
    let date = When::At(Date(1_751_840_376));
    let day: Day = "2025-07-06".parse().expect("a day");
    let range = "from=2025-07-06T22:19:36Z&to=2025-07-06T22:19:37Z";
    let (from, to) = (Some(Date(1_751_840_376)), Some(Date(1_751_840_377)));
    for format in Format::ALL {
        let suffix = format.suffix();
        let latest = Route::Flights(When::Latest, Filter::default(), Some(format));
        check(&format!("/api/flights/latest.{suffix}"), latest);
        let at = Route::Flights(date, Filter::default(), Some(format));
        check(&format!("/api/flights/2025-07-06T22:19:36Z.{suffix}"), at);
    }
    let every =
        |from, to| Route::Frames { region: &REGIONS[0], span: Span { from, to }, step: None };
    check("/api/archive/frames", every(None, None));
    check(&format!("/api/archive/frames?{range}"), every(from, to));
    let span = Span { from, to: None };
    check(
        "/api/archive/frames?from=2025-07-06T22:19:36Z&region=eu-west&step=5m",
        Route::Frames { region: &REGIONS[15], span, step: Some(300) },
    );
    let icao24 = "3c6444".parse().expect("an address");
    let track = |span, format| Route::Track { icao24, span, format };
    let none = Span { from: None, to: None };
    check("/api/aircraft/3C6444/track", track(none, TrackFormat::Json));
    for format in TrackFormat::ALL {
        let name = format.name();
        check(&format!("/api/aircraft/3c6444/track.{name}"), track(none, format));
        let url = format!("/api/aircraft/3c6444/track?format={name}&{range}");
        check(&url, track(Span { from, to }, format));
    }
    check("/api/search?q=dlh", Route::Search("DLH".parse().expect("a term")));
    let pack = "22-0123456789abcdef.pack";
    let file = DayFile::Pack { day, name: pack.to_owned() };
    check(&format!("/api/archive/2025-07-06/{pack}"), Route::ArchiveFile(file));
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
    check(&url, Route::Flights(When::Latest, filter, None));
}

#[test]
fn equal_filters_have_equal_queries() {
    let query = |text: &str| match Route::parse("GET", "/api/flights/latest", text) {
        Ok(Route::Flights(_, filter, _)) => (filter.query(), filter.is_common()),
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
fn errors_name_what_is_wrong() {
    check_error("/api/flights/latest?bbx=1", r#"there is no parameter "bbx""#);
    check_error("/api/flights/latest?bbox=1,2,3", r#"bbox is "1,2,3""#);
    check_error("/api/flights/latest?country=FRA", r#"country is "FRA""#);
    check_error("/api/flights/latest?country=QQ", r#"country is "QQ""#);
    check_error("/api/flights/latest?icao24=xyz", r#"icao24 is "xyz""#);
    check_error("/api/flights/latest?on_ground=1", r#"on_ground is "1""#);
    check_error("/api/flights/latest?country=FR&country=DE", r#"country is "DE""#);
    check_error("/api/flights/yesterday", r#"date is "yesterday""#);
    for text in ["", "30", "m", "+1m", "-1m", "0s", "61m", "3601s", "2h", "1d", "99999999999h"] {
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
    check_error("/api/flights/latest.xml", r#"date is "latest.xml""#);
    check_error("/api/archive/frames?region=mars", r#"no region is called "mars""#);
    check_error("/api/archive/frames?step=2h", r#"step is "2h""#);
    let backwards = "from=2025-07-06T22:19:37Z&to=2025-07-06T22:19:36Z";
    check_error(&format!("/api/archive/frames?{backwards}"), "from is 2025-07-06T22:19:37Z");
    check_error("/api/aircraft/3c644/track", r#"icao24 is "3c644""#);
    check_error("/api/aircraft/3c6444/track.xml", r#"track's format is "xml""#);
    check_error(
        "/api/aircraft/3c6444/track?format=xml",
        r#"format is "xml", expected one of json"#,
    );
    check_error("/api/aircraft/3c6444/track.csv?format=csv", r#"no parameter "format""#);
    check_error("/api/aircraft/3c6444/flight", "an aircraft has only a track");
    check_error("/api/search", r#"q is """#);
    check_error("/api/search?q=ninechars", r#"q is "ninechars""#);
    check_error("/api/archive/2025-7-6", r#"day is "2025-7-6""#);
    let long = format!("/api/archive/2025-07-06/{}", "x".repeat(1_200));
    check_error(&long, &format!("2025-07-06 has no file \"{}\"; ", "x".repeat(40)));
    check_error("/api/status?verbose=1", r#"there is no parameter "verbose""#);
    check_error("/api/nothing", "there is nothing at /api/nothing; /docs describes what there is");
    check_error("/", "there is nothing at /; /docs describes what there is");
    check_error("/api/ingest", "this path has POST, OPTIONS");
    assert_eq!(Route::parse("POST", "/api/dates", ""), Err(RouteError::Method { allow: READ }));
}

#[test]
fn what_is_read_is_neither_a_socket_nor_written() {
    let is_read = |method, path| Route::parse(method, path, "").expect(path).is_read();
    for path in ["/api/dates", "/api/flights/latest", "/api/status", "/api/archive", "/metrics"] {
        assert!(is_read("GET", path) && is_read("HEAD", path), "{path}");
    }
    for (method, path) in [
        ("GET", "/api/live/world"),
        ("POST", "/api/ingest"),
        ("POST", "/api/admin/pull"),
        ("POST", "/api/admin/retry-dead"),
    ] {
        assert!(!is_read(method, path), "{path}");
    }
}

#[test]
fn a_span_without_an_end_ends_now_and_one_without_a_beginning_is_an_hour() {
    let (from, to) = (Some(Date(1_000)), Some(Date(9_000)));
    let span = |from, to| Span { from, to };
    assert_eq!(span(from, to).seconds(20_000), (1_000, 9_000));
    assert_eq!(span(None, to).seconds(20_000), (5_401, 9_000));
    assert_eq!(span(from, None).seconds(20_000), (1_000, 20_000));
    assert_eq!(span(None, None).seconds(20_000), (16_401, 20_000));
    assert!(span(from, to).is_past(9_000) && !span(from, to).is_past(8_999));
    assert!(!span(None, to).is_past(9_000) && !span(from, None).is_past(9_000));
    assert_eq!(span(from, to).rest(2_000), "from=1970-01-01T00:33:20Z&to=1970-01-01T02:30:00Z");
    assert_eq!(span(from, None).rest(2_000), "from=1970-01-01T00:33:20Z");
}
