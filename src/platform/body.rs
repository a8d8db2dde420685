//! Bodies as bytes in JavaScript's memory, which can shrink; WebAssembly's cannot.

use std::io::{self, Read, Seek, SeekFrom};

use worker::js_sys::Uint8Array;
use worker::wasm_bindgen_futures::JsFuture;
use worker::{Error, Request, Result, web_sys};

/// A stream of these bytes, whose length the platform knows.
///
/// A request keeps its bytes until it is answered, since a redirect would send them again. It does
/// not keep a stream: the bytes can be freed once they are read.
pub(crate) fn stream(bytes: &Uint8Array) -> Result<web_sys::ReadableStream> {
    let response = web_sys::Response::new_with_opt_js_u8_array(Some(bytes))?;
    response.body().ok_or_else(|| Error::from("a response of bytes has no body"))
}

/// A request's body, from which pieces are copied into WebAssembly's memory.
pub(crate) struct Body {
    bytes: Uint8Array,
    at: u32,
}

impl Body {
    /// Reads a request's body.
    pub(crate) async fn of(request: &Request) -> Result<Self> {
        let buffer = JsFuture::from(request.inner().array_buffer()?).await?;
        Ok(Self { bytes: Uint8Array::new(&buffer), at: 0 })
    }
}

impl Read for Body {
    fn read(&mut self, piece: &mut [u8]) -> io::Result<usize> {
        let rest = (self.bytes.length() - self.at) as usize;
        let count = rest.min(piece.len());
        let end = self.at + count as u32;
        self.bytes.subarray(self.at, end).copy_to(&mut piece[..count]);
        self.at = end;
        Ok(count)
    }
}

impl Seek for Body {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let SeekFrom::Start(at) = to else { return Err(io::ErrorKind::Unsupported.into()) };
        self.at = at.min(u64::from(self.bytes.length())) as u32;
        Ok(u64::from(self.at))
    }
}
