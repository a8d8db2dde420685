//! The platform's clock, which stands still while nothing is awaited.

use worker::js_sys::Date;

/// Now, Unix seconds.
pub(crate) fn now() -> i64 {
    (milliseconds() / 1_000).cast_signed()
}

/// Now, Unix milliseconds.
pub(crate) fn milliseconds() -> u64 {
    Date::now() as u64
}
