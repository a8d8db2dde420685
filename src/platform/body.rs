//! A request's body from bytes in JavaScript's memory.

use worker::js_sys::Uint8Array;
use worker::{Error, Result, web_sys};

/// A stream of these bytes, whose length the platform knows.
///
/// A request keeps its bytes until it is answered, since a redirect would send them again. It does
/// not keep a stream: the bytes can be freed once they are read.
pub(crate) fn stream(bytes: &Uint8Array) -> Result<web_sys::ReadableStream> {
    let response = web_sys::Response::new_with_opt_js_u8_array(Some(bytes))?;
    response.body().ok_or_else(|| Error::from("a response of bytes has no body"))
}
