//! Embeds the schema of migrations.toml into the Worker.

use std::fmt::Write;
use std::{env, fs, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=migrations.toml");
    let text = fs::read_to_string("migrations.toml").expect("migrations.toml is readable");
    let table: toml::Table = text.parse().expect("migrations.toml is TOML");
    let schema = table["schema"].as_array().expect("schema is an array of tables");
    let mut code = String::from("[\n");
    for entry in schema {
        let class = entry["class"].as_str().expect("schema.class is a text");
        let version = entry["version"].as_integer().expect("schema.version is a number");
        let sql = entry["sql"].as_str().expect("schema.sql is a text");
        writeln!(code, "    ({class:?}, {version}, {sql:?}),").expect("a String takes all text");
    }
    code.push(']');
    let folder = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&folder).join("schema.rs"), code).expect("OUT_DIR is writable");
}
