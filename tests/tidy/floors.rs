//! Checks the order of the floors, and that no files of one folder import each other in a cycle.

use std::collections::BTreeSet;

use super::{File, ON_THE_PLATFORM, assert_none, files, names_after, read};

/// Returns the modules in the order of src/lib.rs: the lowest floor first.
fn modules(lib: &str) -> Vec<&str> {
    let code = lib.lines().filter(|line| !line.starts_with("//"));
    code.filter_map(|line| Some(line.strip_suffix(';')?.split_once("mod ")?.1)).collect()
}

/// Returns the module that a file belongs to.
fn module(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("src/").or_else(|| path.starts_with("objects/").then_some(path));
    inside?.split('/').next()?.split('.').next()
}

#[test]
fn a_module_uses_only_modules_listed_above_it_in_lib_rs() {
    let lib = read("src/lib.rs");
    let order = modules(&lib);
    assert!(order.len() > 5, "src/lib.rs lists {order:?}");
    let mut faults = Vec::new();
    for file in files().iter().filter(|file| file.is(&["rs"]) && file.path != "src/lib.rs") {
        let Some(own) = module(&file.path) else { continue };
        let Some(floor) = order.iter().position(|name| *name == own) else {
            faults.push(format!("{}:1: src/lib.rs does not list {own}", file.path));
            continue;
        };
        for (number, line) in file.code() {
            for used in names_after(line, "crate::") {
                if order.iter().position(|name| *name == used).is_some_and(|used| used > floor) {
                    let fault = format!("{own} stands above {used} in src/lib.rs, yet uses it");
                    faults.push(format!("{}:{number}: {fault}", file.path));
                }
                // The two shells are peers on top of the platform.
                if own == "objects" && used == "edge" {
                    let fault = "objects and edge share src/platform, and neither uses the other";
                    faults.push(format!("{}:{number}: {fault}", file.path));
                }
            }
        }
    }
    assert_none(&faults);
}

/// Returns the uses by `super::` between files of one folder, as (user, used), without extensions.
/// A folder's `mod.rs` is excluded: it may use its files and be used by them.
fn uses_within(folder: &str, files: &[File]) -> BTreeSet<(String, String)> {
    let stem = |file: &File| {
        let name = file.path.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(".rs")?;
        (!name.contains('/') && !["mod", "lib", "main"].contains(&name)).then(|| name.to_owned())
    };
    let stems: BTreeSet<_> = files.iter().filter_map(stem).collect();
    let mut uses = BTreeSet::new();
    for (file, user) in files.iter().filter_map(|file| Some((file, stem(file)?))) {
        // A group of names may span several lines.
        let code: String = file.code().map(|(_, line)| line.trim()).collect();
        for used in names_after(&code, "super::") {
            if used != user && stems.contains(used) {
                uses.insert((user.clone(), used.to_owned()));
            }
        }
    }
    uses
}

#[test]
fn no_two_files_of_a_folder_use_each_other() {
    let files: Vec<_> = files().into_iter().filter(|file| file.is(&["rs"])).collect();
    let folders: BTreeSet<_> =
        files.iter().filter_map(|file| Some(file.path.rsplit_once('/')?.0)).collect();
    assert!(folders.len() > 10, "only {folders:?}");
    let mut faults = Vec::new();
    for folder in folders {
        let mut left = uses_within(folder, &files);
        // A file that is unused, or uses none, is in no cycle; after removing these, cycles remain.
        loop {
            let users: BTreeSet<_> = left.iter().map(|(user, _)| user.clone()).collect();
            let used: BTreeSet<_> = left.iter().map(|(_, used)| used.clone()).collect();
            let before = left.len();
            left.retain(|(a, b)| used.contains(a) && users.contains(b));
            if left.len() == before {
                break;
            }
        }
        let circle = left.iter().map(|(a, b)| format!("{folder}/{a}.rs:1: uses {b} in a cycle"));
        faults.extend(circle);
    }
    assert_none(&faults);
}

#[test]
fn only_the_platform_floors_use_the_crate_worker() {
    let mut faults = Vec::new();
    let below =
        |file: &&File| file.is_under(&["src", "client"]) && !file.is_under(&ON_THE_PLATFORM);
    for file in files().iter().filter(below).filter(|file| file.is(&["rs"])) {
        for (number, line) in file.code() {
            let mut words = line.split(|c: char| !(c.is_alphanumeric() || c == '_'));
            if words.any(|word| word == "worker") {
                let fault = "`worker` is for src/platform, src/edge and objects alone";
                faults.push(format!("{}:{number}: {fault}", file.path));
            }
        }
    }
    assert_none(&faults);
}
