//! Embeds the schema of migrations.toml and the version of the boundaries into the Worker.

use std::fmt::Write;
use std::{env, fs, path::Path};

#[path = "src/fingerprint.rs"]
mod fingerprint;

const BOUNDARIES: &str = "dist/boundaries.bin";

fn main() {
    embed_schema();
    if env::var_os("CARGO_FEATURE_EDGE").is_some() {
        embed_boundaries_version();
    }
}

/// Embeds the boundaries' fingerprint, so that the Worker knows it without reading their bytes.
fn embed_boundaries_version() {
    println!("cargo::rerun-if-changed={BOUNDARIES}");
    let version = match fs::read(BOUNDARIES) {
        Ok(bytes) => fingerprint::fingerprint(&bytes),
        // Lints and native tests need none; a Worker to deploy is wasm.
        Err(_) if env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch != "wasm32") => 0,
        Err(error) => panic!("{BOUNDARIES}: {error}; `make {BOUNDARIES}` builds it"),
    };
    println!("cargo::rustc-env=BOUNDARIES_VERSION={version:016x}");
}

fn embed_schema() {
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
