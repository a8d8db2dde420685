//! One word for one thing: the names of public types, and ARCHITECTURE.md's glossary.

use std::collections::BTreeMap;

use crate::{assert_none, files, read};

/// Names that every engine has.
const SHARED: [&str; 2] = ["Input", "Output"];

/// The public types of the crate by name, each with its files.
fn types() -> BTreeMap<String, Vec<String>> {
    let mut types = BTreeMap::<_, Vec<_>>::new();
    for file in files().iter().filter(|file| file.is_under(&["src"]) && file.is(&["rs"])) {
        for (_, line) in file.code() {
            let mut words = line.split_whitespace();
            let is_type = words.next() == Some("pub")
                && matches!(words.next(), Some("struct" | "enum" | "trait" | "type"));
            if let Some(name) = words.next().filter(|_| is_type && !line.starts_with(' ')) {
                let end = name.find(|c: char| !c.is_alphanumeric()).unwrap_or(name.len());
                types.entry(name[..end].to_owned()).or_default().push(file.path.clone());
            }
        }
    }
    types
}

#[test]
fn no_two_public_types_share_a_name() {
    let types = types();
    assert!(types.len() > 100, "{} types were found", types.len());
    let twice = types.iter().filter(|(name, at)| at.len() > 1 && !SHARED.contains(&name.as_str()));
    let faults: Vec<_> = twice.map(|(name, at)| format!("{name}: {}", at.join(", "))).collect();
    assert_none(&faults);
}

#[test]
fn every_name_in_the_glossary_exists() {
    let text = read("ARCHITECTURE.md");
    let (_, rest) = text.split_once("## Glossary").expect("a glossary");
    let (glossary, _) = rest.split_once("\n## ").expect("a section after it");
    let types = types();
    let all: String =
        files().into_iter().filter(|file| file.is(&["rs"])).map(|it| it.text).collect();
    let rows = glossary.lines().filter(|line| line.starts_with("| ")).skip(1);
    let names: Vec<_> =
        rows.map(|row| row.trim_end_matches([' ', '|', '`']).rsplit('`').next()).collect();
    assert!(names.len() > 15, "{} rows", names.len());
    let exists = |name: &str| match name.rsplit_once("::") {
        None => read(name).starts_with("//"),
        Some((_, last)) if last.starts_with(char::is_uppercase) => types.contains_key(last),
        Some((_, last)) => {
            all.contains(&format!("fn {last}(")) || all.contains(&format!("mod {last};"))
        }
    };
    let missing = names.into_iter().flatten().filter(|name| !exists(name));
    assert_none(&missing.map(|name| format!("the glossary names {name}")).collect::<Vec<_>>());
}
