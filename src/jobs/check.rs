//! Compares the archive's records with its objects.
//!
//! In scope: objects without a record, missing objects, and objects that differ from their record.
//! Out of scope: listing them.

use std::collections::BTreeMap;

use crate::archive::Date;

/// How many faults an error lists one by one.
const FAULTS_NAMED: usize = 3;

/// Objects by their keys: the size, and R2's etag.
pub type Objects = BTreeMap<String, (u64, String)>;

/// The result of a comparison.
#[derive(Debug, PartialEq, Eq)]
pub struct Findings {
    /// Keys of minutes without a record.
    pub orphans: Vec<String>,
    /// What is wrong with the recorded objects; `None` if nothing is.
    pub fault: Option<String>,
}

/// Compares the records of a part of the archive with all objects there. Ignores stored keys that
/// are no minute's.
pub fn compare(recorded: &Objects, stored: &Objects) -> Findings {
    let unnamed = stored.keys().filter(|key| !recorded.contains_key(*key));
    let orphans = unnamed.filter(|key| Date::of_key(key).is_some()).cloned().collect();
    let faults = recorded.iter().filter_map(|(key, (bytes, etag))| {
        let fault = match stored.get(key) {
            None => "its object is missing".to_owned(),
            Some((size, _)) if size != bytes => {
                format!("its object has {size} bytes, expected {bytes}")
            }
            Some((_, tag)) if tag != etag => format!("its object's etag is {tag}, expected {etag}"),
            Some(_) => return None,
        };
        let minute = Date::of_key(key).map_or_else(|| key.clone(), |date| date.to_string());
        Some(format!("{minute}: {fault}"))
    });
    Findings { orphans, fault: summary(faults.collect()) }
}

fn summary(mut faults: Vec<String>) -> Option<String> {
    let more = faults.len().saturating_sub(FAULTS_NAMED);
    faults.truncate(FAULTS_NAMED);
    let named = faults.join("; ");
    match more {
        0 => (!named.is_empty()).then_some(named),
        more => Some(format!("{named}; and {more} more")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(minutes: &[(i64, u64, &str)]) -> Objects {
        minutes
            .iter()
            .map(|&(time, size, tag)| (Date(time).key(), (size, tag.to_owned())))
            .collect()
    }

    #[test]
    fn objects_that_match_their_records_are_no_finding() {
        let all = objects(&[(0, 5, "a"), (60, 6, "b")]);
        assert_eq!(compare(&all, &all), Findings { orphans: Vec::new(), fault: None });
    }

    #[test]
    fn an_object_without_a_record_is_an_orphan_only_if_it_is_a_minute() {
        let mut stored = objects(&[(0, 5, "a"), (60, 6, "b")]);
        stored.insert("minutes/1970-01-01/00.pack".to_owned(), (9, "c".to_owned()));
        let found = compare(&objects(&[(0, 5, "a")]), &stored);
        assert_eq!(found, Findings { orphans: vec![Date(60).key()], fault: None });
    }

    #[test]
    fn a_missing_or_different_object_is_reported_with_its_minute() {
        let recorded = objects(&[(0, 5, "a"), (60, 6, "b"), (120, 7, "c"), (180, 8, "d")]);
        let stored = objects(&[(0, 4, "a"), (60, 6, "x"), (180, 8, "d")]);
        let fault = compare(&recorded, &stored).fault.expect("there are faults");
        let expected = "1970-01-01T00:00:00Z: its object has 4 bytes, expected 5; \
                        1970-01-01T00:01:00Z: its object's etag is x, expected b; \
                        1970-01-01T00:02:00Z: its object is missing";
        assert_eq!(fault, expected);
        let fault = compare(&recorded, &Objects::new()).fault.expect("all are missing");
        assert!(fault.ends_with("missing; and 1 more"), "{fault}");
    }
}
