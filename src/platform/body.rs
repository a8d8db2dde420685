//! Bodies as bytes in JavaScript's memory, which can shrink; WebAssembly's cannot.

use std::io::{self, Read, Seek, SeekFrom};
use std::mem;

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

/// How much of a body that is received becomes one piece: a source may send it byte by byte.
const PIECE_BYTES: usize = 256 << 10;

/// A body, from which as much as is asked for is copied into WebAssembly's memory.
#[derive(Default)]
pub(crate) struct Body {
    pieces: Vec<Uint8Array>,
    /// What was appended and is not in a piece yet.
    rest: Vec<u8>,
    /// The piece that is read next, and where in it.
    at: (usize, u32),
}

impl Body {
    /// Reads a request's body.
    pub(crate) async fn of(request: &Request) -> Result<Self> {
        let buffer = JsFuture::from(request.inner().array_buffer()?).await?;
        Ok(Self { pieces: vec![Uint8Array::new(&buffer)], ..Self::default() })
    }

    /// Appends bytes that were received.
    pub(crate) fn append(&mut self, bytes: &[u8]) {
        self.rest.extend_from_slice(bytes);
        if self.rest.len() >= PIECE_BYTES {
            self.pieces.push(Uint8Array::from(&*self.rest));
            self.rest.clear();
        }
    }

    /// The whole body after the last bytes were appended.
    pub(crate) fn received(mut self) -> Self {
        self.pieces.push(Uint8Array::from(&*mem::take(&mut self.rest)));
        self
    }

    /// Its size, bytes.
    pub(crate) fn length(&self) -> usize {
        self.pieces.iter().map(|piece| piece.length() as usize).sum()
    }
}

impl Read for Body {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let (mut index, mut at) = self.at;
        while self.pieces.get(index).is_some_and(|piece| piece.length() == at) {
            (index, at) = (index + 1, 0);
        }
        self.at = (index, at);
        let Some(piece) = self.pieces.get(index) else { return Ok(0) };
        let count = bytes.len().min((piece.length() - at) as usize);
        let end = at + count as u32;
        piece.subarray(at, end).copy_to(&mut bytes[..count]);
        self.at = (index, end);
        Ok(count)
    }
}

/// Only to its beginning.
impl Seek for Body {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        if to != SeekFrom::Start(0) {
            return Err(io::ErrorKind::Unsupported.into());
        }
        self.at = (0, 0);
        Ok(0)
    }
}
