//! A request's method, path and query, a line each.
#![no_main]

use libfuzzer_sys::fuzz_target;
use overflight::route::Route;

fuzz_target!(|text: &str| {
    let mut lines = text.splitn(3, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (method, path, query) = (line(), line(), line());
    if let Err(error) = Route::parse(method, path, query) {
        assert!(!error.to_string().is_empty());
    }
});
