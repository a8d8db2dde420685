//! Compares `src/openapi.json` with the code: it describes every route, parameter and status, and
//! nothing else. Tests on a server compare the answers with it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use overflight::archive::Date;
use overflight::ask::{
    ArchiveDay, ArchiveFile, DeadJob, HistoryPoint, JobsStatus, MinuteRow, RegionEntry,
    RegionState, SearchResult, Status,
};
use overflight::earth::REGIONS;
use overflight::feed::{Dropped, Example};
use overflight::ledger::{Feed, FeedState, Health, Latest, Ledger, Records};
use overflight::route::{Route, RouteError};
use serde_json::{Value, json};

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn document() -> Value {
    serde_json::from_str(&read("src/openapi.json")).expect("src/openapi.json is JSON")
}

/// Returns the value, or what its `$ref` points to.
fn resolve<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return value };
    let pointer = reference.strip_prefix('#').expect("references stay in the document");
    document.pointer(pointer).unwrap_or_else(|| panic!("there is no {reference}"))
}

/// Returns every operation: path, method in capitals, description.
fn operations(document: &Value) -> Vec<(&str, String, &Value)> {
    let paths = document["paths"].as_object().expect("an object of paths");
    let methods = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().expect("an object of methods").iter();
        methods.map(|(method, operation)| (path.as_str(), method.to_uppercase(), operation))
    });
    methods.collect()
}

fn parameters<'a>(document: &'a Value, operation: &'a Value) -> Vec<&'a Value> {
    let listed = operation["parameters"].as_array().into_iter().flatten();
    listed.map(|parameter| resolve(document, parameter)).collect()
}

/// Returns an example as a URL has it: the elements of an array separated by commas.
fn text(example: &Value) -> String {
    match example {
        Value::String(text) => text.clone(),
        Value::Array(elements) => elements.iter().map(text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// Returns the path and the query that the parameters' examples form.
fn example(document: &Value, path: &str, operation: &Value) -> (String, String) {
    let (mut path, mut query) = (path.to_owned(), form_urlencoded::Serializer::new(String::new()));
    for parameter in parameters(document, operation) {
        let name = parameter["name"].as_str().expect("a name");
        let value = text(&parameter["example"]);
        match parameter["in"].as_str() {
            Some("path") => path = path.replace(&format!("{{{name}}}"), &value),
            Some("query") => drop(query.append_pair(name, &value)),
            _ => {}
        }
    }
    (path, query.finish())
}

/// Returns the arms of the route table as templates: `["api", "flights", date] =>` becomes
/// `/api/flights/{date}`.
fn routes(source: &str) -> BTreeSet<String> {
    let lines = source.lines().map(str::trim).filter(|line| line.starts_with("[\""));
    let arms = lines.filter_map(|line| line.split_once("] =>"));
    let template = |segment: &str| match segment.trim().trim_matches('"') {
        quoted if segment.contains('"') => format!("/{quoted}"),
        name => format!("/{{{name}}}"),
    };
    arms.map(|(arm, _)| arm[1..].split(',').map(template).collect()).collect()
}

#[test]
fn exactly_the_routes_are_described() {
    let document = document();
    let described: BTreeSet<_> =
        operations(&document).into_iter().map(|(path, ..)| path.to_owned()).collect();
    let routes = routes(&read("src/route/mod.rs"));
    assert!(routes.len() > 10, "only {routes:?}");
    assert_eq!(described, routes, "left: src/openapi.json; right: src/route");
}

#[test]
fn it_names_the_subprotocols_of_the_sockets() {
    let ours = [overflight::wire::BYTES_PROTOCOL, overflight::wire::TEXT_PROTOCOL];
    let named = &document()["paths"]["/api/live/{region}"]["get"]["x-subprotocols"];
    assert_eq!(*named, serde_json::json!(ours));
}

#[test]
fn the_examples_of_an_operation_parse_and_other_methods_are_refused() {
    let document = document();
    for (path, method, operation) in operations(&document) {
        let (path, query) = example(&document, path, operation);
        let parsed = Route::parse(&method, &path, &query);
        assert!(parsed.is_ok(), "{method} {path}?{query}: {parsed:?}");
        let other = if method == "GET" { "POST" } else { "GET" };
        let refused = Route::parse(other, &path, &query);
        assert!(matches!(refused, Err(RouteError::Method { .. })), "{other} {path}: {refused:?}");
        let unknown = Route::parse(&method, &path, "unheard_of=1");
        assert!(matches!(unknown, Err(RouteError::Bad(_))), "{method} {path}: {unknown:?}");
    }
}

#[test]
fn exactly_the_parameters_that_the_routes_read_are_described() {
    let code = read("src/route/mod.rs") + &read("src/route/query.rs");
    let mut read = BTreeSet::new();
    for call in ["take(\"", "take_text(\"", "date(\""] {
        for (at, _) in code.match_indices(call) {
            let name = code[at + call.len()..].split('"').next().unwrap_or_default();
            read.insert(name.to_owned());
        }
    }
    read.insert("icao24".to_owned());
    let document = document();
    let mut described = BTreeSet::new();
    for (_, _, operation) in operations(&document) {
        for parameter in parameters(&document, operation) {
            if parameter["in"] == "query" {
                described.insert(parameter["name"].as_str().expect("a name").to_owned());
            }
        }
    }
    assert_eq!(described, read, "left: src/openapi.json; right: src/route");
}

#[test]
fn every_status_of_a_problem_is_described() {
    let problem = read("src/problem.rs");
    let (_, titles) = problem.split_once("fn title").expect("the titles");
    let statuses = titles.lines().filter_map(|line| line.trim().split_once(" => \""));
    let mut known: BTreeSet<_> =
        statuses.filter_map(|(status, _)| status.parse::<u16>().ok()).collect();
    assert!(known.len() > 10, "only {known:?}");
    // A wrong method has no operation; an error without a title is internal.
    known.remove(&405);
    known.insert(500);
    let document = document();
    let mut described = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        for (status, response) in operation["responses"].as_object().expect("responses") {
            let status: u16 = status.parse().expect("a status");
            if status < 400 {
                continue;
            }
            described.insert(status);
            let content = &resolve(&document, response)["content"];
            let is_problem = content.get("application/problem+json").is_some();
            assert!(is_problem, "{method} {path}: {status} is not a problem document");
        }
    }
    assert_eq!(described, known, "left: src/openapi.json; right: src/problem.rs");
}

#[test]
fn every_reference_resolves_and_every_component_is_used() {
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
                members.values().for_each(|value| references(value, found));
            }
            Value::Array(elements) => elements.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let document = document();
    let mut used = BTreeSet::new();
    references(&document, &mut used);
    let mut there = BTreeSet::new();
    for (kind, components) in document["components"].as_object().expect("components") {
        let names = components.as_object().expect("named components").keys();
        // Security schemes are referred to by name, without `$ref`.
        let names = names.filter(|_| kind != "securitySchemes");
        there.extend(names.map(|name| format!("#/components/{kind}/{name}")));
    }
    assert_eq!(used, there, "left: used; right: there");
}

#[test]
fn the_version_is_the_crates() {
    assert_eq!(document()["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(document()["openapi"], "3.1.0");
}

/// A status in which nothing is left out but what cannot go together.
fn status() -> Status {
    let time = "2026-11-20T12:34:00Z".parse::<Date>().expect("a date").0;
    let newest = MinuteRow {
        time,
        simulated: 0,
        aircraft: 11_500,
        bytes: 439_000,
        etag: "0".to_owned(),
        counts: "{}".to_owned(),
    };
    let example = Example { row: 3, value: "721".to_owned(), expected: "degrees".to_owned() };
    let health = Health {
        state: FeedState::Ok,
        last_success: Some(time + 27),
        next_pull_at: time + 87,
        dropped: vec![Dropped { field: "true_track".to_owned(), count: 7, example }],
        ..Health::default()
    };
    let records = Records {
        latest: Some(Latest { time, simulated: false }),
        minutes: 42,
        delivered: REGIONS.iter().map(|region| (region.name.to_owned(), time)).collect(),
        health,
        ..Records::default()
    };
    let ledger = Ledger::restore(Feed::OpenSky { interval_seconds: 60 }, records);
    let dead = DeadJob {
        job: "check 2026-11-20T11:00:00Z".to_owned(),
        error: Some("111500.msgpack is missing".to_owned()),
        since: Date(time - 1_980).to_string(),
    };
    let jobs = JobsStatus { waiting: 1, dead: 1, last_dead: vec![dead] };
    let mut status = Status::new(&ledger, Some(&newest), jobs, Some("kv"), time + 31);
    status.credits = Some(396);
    status.regions.truncate(1);
    status
}

#[test]
fn the_example_of_the_status_is_a_status() {
    let document = document();
    let answer = &document["paths"]["/api/status"]["get"]["responses"]["200"];
    let example = &answer["content"]["application/json"]["example"];
    assert_eq!(*example, json!(status()), "left: src/openapi.json; right: ask::Status");
}

#[test]
fn what_is_answered_has_the_fields_that_are_described() {
    let document = document();
    let text = String::new;
    let state = RegionState {
        epoch: text(),
        sequence: 1,
        time: 1,
        simulated: false,
        aircraft: 1,
        subscribers: 1,
    };
    let day = ArchiveDay { day: text(), minutes: 1, simulated: false, aircraft_max: 1, bytes: 1 };
    let file = ArchiveFile {
        name: text(),
        simulated: false,
        bytes: 1,
        etag: text(),
        content_type: text().into(),
    };
    let found = SearchResult { icao24: text(), callsign: None, first: text(), last: text() };
    for (schema, answer) in [
        ("Status", json!(status())),
        ("Jobs", json!(status().jobs)),
        ("Region", json!(RegionEntry::new(&REGIONS[0], state))),
        ("ArchiveDay", json!(day)),
        ("ArchiveFile", json!(file)),
        ("SearchResult", json!(found)),
        ("HistoryPoint", json!(HistoryPoint { time: text(), min: 0, mean: 0.5, max: 1 })),
    ] {
        let described = &document["components"]["schemas"][schema];
        let fields = |object: &Value| -> BTreeSet<String> {
            object.as_object().expect("an object").keys().cloned().collect()
        };
        assert_eq!(fields(&described["properties"]), fields(&answer), "{schema}");
        let required = described["required"].as_array().expect("an array of names").iter();
        let required = required.map(|name| name.as_str().expect("a name").to_owned());
        assert_eq!(required.collect::<BTreeSet<_>>(), fields(&answer), "{schema}: required");
    }
    let states = &document["components"]["schemas"]["Status"]["properties"]["state"]["enum"];
    assert_eq!(*states, json!(FeedState::ALL), "left: src/openapi.json; right: ledger::FeedState");
}
