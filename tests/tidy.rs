//! The rules of this repository that a program can check; prints each fault as `file:line: why`.
//!
//! In scope: floors (tidy/floors.rs), names (tidy/words.rs), sizes, module heads, names in
//! documents, wrangler.toml against migrations.toml and the code. Out of scope: what rustfmt and
//! clippy already check.

#[path = "tidy/floors.rs"]
mod floors;
#[path = "tidy/words.rs"]
mod words;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

const COLUMNS_MAX: usize = 100;
/// Without the tests at a file's end.
const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;

/// The folders that may use the platform's crate.
const ON_THE_PLATFORM: [&str; 3] = ["src/platform", "src/edge", "objects"];

/// Folders of generated, installed or stored files.
const NOT_WRITTEN: [&str; 7] =
    ["target", "build", "dist", "node_modules", ".tools", ".wrangler", ".git"];

struct File {
    path: String,
    text: String,
}

impl File {
    fn is(&self, extensions: &[&str]) -> bool {
        extensions.iter().any(|extension| self.path.ends_with(&format!(".{extension}")))
    }

    fn is_under(&self, folders: &[&str]) -> bool {
        folders.iter().any(|folder| self.path.starts_with(&format!("{folder}/")))
    }

    /// Returns the numbered lines of code, without comments and without the tests at the end.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().take_while(|line| *line != "#[cfg(test)]");
        lines.enumerate().map(|(index, line)| (index + 1, line.split("//").next().unwrap_or(line)))
    }
}

/// Returns every text file that is written by hand, sorted by path.
fn files() -> Vec<File> {
    let mut found = Vec::new();
    collect(&root(), &mut found);
    found.sort_by(|a: &File, b| a.path.cmp(&b.path));
    assert!(found.len() > 20, "the walk found only {} files", found.len());
    found
}

fn collect(folder: &Path, found: &mut Vec<File>) {
    for entry in fs::read_dir(folder).expect("a folder of the repository is readable") {
        let path = entry.expect("its entries too").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if !NOT_WRITTEN.contains(&name) {
                collect(&path, found);
            }
        } else if let Ok(text) = fs::read_to_string(&path) {
            let path = path.strip_prefix(root()).expect("the walk began there");
            found.push(File { path: path.display().to_string(), text });
        }
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn read_toml(path: &str) -> toml::Table {
    read(path).parse().unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Fails with all faults in one message.
fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// Returns the identifiers that follow each `prefix` in some code: one, or those of a `{…}`, which
/// ends at a `;`.
fn names_after<'a>(line: &'a str, prefix: &str) -> Vec<&'a str> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let name = |text: &'a str| text.split(|c| !is_name(c)).next().unwrap_or_default();
    let mut names = Vec::new();
    for (at, _) in line.match_indices(prefix) {
        let rest = &line[at + prefix.len()..];
        match rest.strip_prefix('{') {
            Some(group) => {
                let group = group.split(';').next().unwrap_or(group);
                names.extend(group.split([',', '}']).map(|part| name(part.trim())));
            }
            None => names.push(name(rest)),
        }
    }
    names
}

/// Returns the strings between double quotes in a line.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').skip(1).step_by(2)
}

#[test]
fn the_domain_derives_no_serialize() {
    let domain = ["src/aircraft", "src/earth", "src/airspace"];
    let mut faults = Vec::new();
    for file in files().iter().filter(|file| file.is_under(&domain)) {
        for (number, line) in file.code().filter(|(_, line)| line.contains("Serialize")) {
            let fault = format!("wire types are not domain types: {}", line.trim());
            faults.push(format!("{}:{number}: {fault}", file.path));
        }
    }
    assert_none(&faults);
}

#[test]
fn every_module_starts_with_a_doc_comment() {
    let rust = files().into_iter().filter(|file| file.is(&["rs"]));
    let headless = rust.filter(|file| !file.text.starts_with("//! "));
    let faults: Vec<_> = headless.map(|file| format!("{}:1: no `//!` head", file.path)).collect();
    assert_none(&faults);
}

#[test]
fn lines_and_files_stay_within_their_limits() {
    let mut faults = Vec::new();
    for file in files().iter().filter(|file| file.is(&["rs", "mjs", "ts", "css"])) {
        for (index, line) in file.text.lines().enumerate() {
            let columns = line.chars().count();
            if columns > COLUMNS_MAX {
                let fault = format!("{columns} columns, at most {COLUMNS_MAX}");
                faults.push(format!("{}:{}: {fault}", file.path, index + 1));
            }
        }
        let lines = file.code().count();
        if lines > FILE_LINES_MAX {
            let fault = format!("{lines} lines without tests, at most {FILE_LINES_MAX}");
            faults.push(format!("{}:{lines}: {fault}", file.path));
        }
    }
    assert_none(&faults);
}

/// By the formatter's indentation a function ends at the first `}` as deep as its head.
#[test]
fn functions_are_short() {
    let mut faults = Vec::new();
    for file in files().iter().filter(|file| file.is(&["rs", "mjs", "ts"])) {
        let mut open: Vec<(usize, usize)> = Vec::new();
        for (number, line) in file.code() {
            let depth = line.len() - line.trim_start().len();
            let ends = line.trim_start().starts_with('}');
            if let Some((_, start)) = open.pop_if(|(indent, _)| ends && *indent == depth) {
                let lines = number - start + 1;
                if lines > FUNCTION_LINES_MAX {
                    let fault = format!("{lines} lines of function, at most {FUNCTION_LINES_MAX}");
                    faults.push(format!("{}:{start}: {fault}", file.path));
                }
            } else if begins_function(line) && !line.trim_end().ends_with([';', '}']) {
                open.push((depth, number));
            }
        }
    }
    assert_none(&faults);
}

fn begins_function(line: &str) -> bool {
    let known = ["pub", "pub(crate)", "pub(super)", "const", "async", "export", "default"];
    let mut words = line.split_whitespace().skip_while(|word| known.contains(word));
    words.next().is_some_and(|word| word == "fn" || word.starts_with("function"))
}

#[test]
fn files_that_documents_name_exist() {
    let files = files();
    let exists = |name: &str| {
        root().join(name).exists()
            || files.iter().any(|file| file.path.ends_with(&format!("/{name}")))
    };
    let mut faults = Vec::new();
    for document in files.iter().filter(|file| file.is(&["md"])) {
        for (index, line) in document.text.lines().enumerate() {
            for name in line.split('`').skip(1).step_by(2).filter(|name| is_file_name(name)) {
                if !exists(name) {
                    faults.push(format!("{}:{}: no {name}", document.path, index + 1));
                }
            }
        }
    }
    assert_none(&faults);
}

/// Whether text in backticks names a file written by hand, not a URL, a pattern or a built file.
fn is_file_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    let first = text.split('/').next().unwrap_or_default();
    if !text.chars().all(plain) || first.is_empty() || NOT_WRITTEN.contains(&first) {
        return false;
    }
    let written = ["rs", "mjs", "ts", "css", "html", "toml", "md", "yml"];
    let extension = text.rsplit_once('.').map(|(_, extension)| extension);
    let is_file = extension.is_some_and(|extension| written.contains(&extension));
    is_file || (text.contains('/') && root().join(first).is_dir())
}

#[test]
fn wrangler_and_the_migrations_name_the_same_classes() {
    let steps = |path: &str, key: &str| {
        let table = read_toml(path);
        table[key].as_array().unwrap_or_else(|| panic!("{path}: [[{key}]]")).clone()
    };
    assert_eq!(steps("wrangler.toml", "migrations"), steps("migrations.toml", "classes"));
    let mut classes = BTreeSet::new();
    for step in steps("migrations.toml", "classes") {
        let names = step["new_sqlite_classes"].as_array().expect("an array of names").clone();
        classes.extend(names.iter().filter_map(|name| Some(name.as_str()?.to_owned())));
    }
    let bound = steps_of("durable_objects", "class_name");
    assert_eq!(classes, bound, "migrations.toml's classes are those that wrangler.toml binds");
    let objects = files().into_iter().filter(|file| file.is_under(&["objects"]));
    let source: String = objects.map(|file| file.text).collect();
    for class in classes {
        assert!(source.contains(&format!("struct {class}")), "objects/ has no struct {class}");
    }
}

/// Returns the values of one key in `[[<table>.bindings]]` of wrangler.toml.
fn steps_of(table: &str, key: &str) -> BTreeSet<String> {
    let wrangler = read_toml("wrangler.toml");
    let bindings = wrangler[table]["bindings"].as_array().expect("an array of bindings");
    bindings.iter().filter_map(|binding| Some(binding[key].as_str()?.to_owned())).collect()
}

#[test]
fn schema_versions_count_from_one_without_gaps() {
    let table = read_toml("migrations.toml");
    let mut last = std::collections::BTreeMap::new();
    for entry in table["schema"].as_array().expect("[[schema]]") {
        let class = entry["class"].as_str().expect("a class").to_owned();
        let version = entry["version"].as_integer().expect("a version");
        let before = last.insert(class.clone(), version).unwrap_or(0);
        assert_eq!(version, before + 1, "migrations.toml: {class} after version {before}");
    }
}

#[test]
fn the_code_and_wrangler_toml_name_the_same_bindings() {
    let wrangler = read_toml("wrangler.toml");
    let mut configured = steps_of("durable_objects", "name");
    for key in ["kv_namespaces", "r2_buckets"] {
        for binding in wrangler[key].as_array().expect("an array of bindings") {
            configured.insert(binding["binding"].as_str().expect("a name").to_owned());
        }
    }
    for producer in wrangler["queues"]["producers"].as_array().expect("an array of queues") {
        configured.insert(producer["binding"].as_str().expect("a name").to_owned());
    }
    for limit in wrangler["ratelimits"].as_array().expect("an array of limits") {
        configured.insert(limit["name"].as_str().expect("a name").to_owned());
    }
    configured.insert(wrangler["assets"]["binding"].as_str().expect("a name").to_owned());
    configured.extend(wrangler["vars"].as_table().expect("[vars]").keys().cloned());
    // Secrets stand only in the comments of wrangler.toml.
    configured.extend(["INGEST_TOKEN", "INGEST_TOKEN_NEXT"].map(str::to_owned));
    configured.extend(["OPENSKY_CLIENT_ID", "OPENSKY_CLIENT_SECRET"].map(str::to_owned));

    let mut named = BTreeSet::new();
    for file in files().iter().filter(|file| file.is_under(&ON_THE_PLATFORM)) {
        for (_, line) in file.code() {
            // Constants name the bindings; variables are read by name.
            let names = line.contains("const ") && line.contains(": &str");
            if names || line.contains("var(\"") || line.contains("secret(\"") {
                let upper = |text: &&str| {
                    !text.is_empty() && text.chars().all(|c| c.is_ascii_uppercase() || c == '_')
                };
                named.extend(quoted(line).filter(upper).map(str::to_owned));
            }
        }
    }
    assert_eq!(named, configured, "left: {ON_THE_PLATFORM:?}; right: wrangler.toml");
}

#[test]
fn every_queue_has_a_dead_letter_queue_with_a_consumer() {
    let wrangler = read_toml("wrangler.toml");
    let queues = |kind: &str| wrangler["queues"][kind].as_array().expect("queues").clone();
    let consumers = queues("consumers");
    let consumer = |name: &str| consumers.iter().find(|one| one["queue"].as_str() == Some(name));
    for producer in queues("producers") {
        let name = producer["queue"].as_str().expect("a name");
        let dead = consumer(name).and_then(|one| one.get("dead_letter_queue")?.as_str());
        // The suffix is src/edge/queue.rs's.
        assert_eq!(dead, Some(&*format!("{name}-dead")), "the dead-letter queue of {name}");
        assert!(dead.is_some_and(|dead| consumer(dead).is_some()), "{dead:?} has no consumer");
    }
}

#[test]
fn documents_list_every_table_of_models() {
    for (document, models) in [
        ("PROTOCOL.md", "src/wire/codec/models.rs"),
        ("ARCHIVE.md", "src/wire/codec/exact/models.rs"),
    ] {
        let code = read(models);
        let (_, tables) = code.split_once("\ntables! {\n").expect("the tables");
        let (tables, _) = tables.split_once("\n}\n").expect("their end");
        let tables = tables.lines().filter(|line| !line.trim_start().starts_with("///"));
        let names: Vec<_> =
            tables.filter_map(|line| Some(line.split_once(':')?.0.trim())).collect();
        assert!(names.len() > 40, "only {names:?}");
        let text = read(document);
        let rows = text.lines().filter(|line| line.starts_with("| `"));
        let listed: Vec<_> = rows.flat_map(|row| row.split('|').nth(1)).collect();
        let listed: Vec<_> =
            listed.iter().flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
        assert_eq!(listed, names, "left: {document}'s table; right: {models}");
    }
}
