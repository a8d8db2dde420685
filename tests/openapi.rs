//! Compares `src/openapi.json` with the code: it describes every route, parameter and status, and
//! nothing else. Tests on a server compare the answers with it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use overflight::route::{Route, RouteError};
use serde_json::Value;

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
