//! The text of a body that is read piece by piece, so that it need not be in memory as a whole.

use std::io::Read;

/// How much is read at once, and the most that is kept. A row has some 134 bytes.
const WINDOW_BYTES: usize = 256 << 10;

/// A part of a body, as text.
pub(super) struct Window<R> {
    body: R,
    piece: Vec<u8>,
    /// The first bytes of a character whose others are not read yet.
    partial: Vec<u8>,
    text: String,
    is_over: bool,
}

impl<R: Read> Window<R> {
    /// The window before the first byte.
    pub(super) fn new(body: R) -> Self {
        let (piece, partial) = (vec![0; WINDOW_BYTES], Vec::new());
        Self { body, piece, partial, text: String::new(), is_over: false }
    }

    /// The text in the window.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether the body ends with the window's text.
    pub(super) fn is_over(&self) -> bool {
        self.is_over && self.partial.is_empty()
    }

    /// Drops the text before `at` and appends the next piece. Returns `false` if there is none, if
    /// it is not UTF-8, or if the window is full.
    pub(super) fn advance(&mut self, at: usize) -> bool {
        self.text.drain(..at);
        if self.text.len() >= WINDOW_BYTES {
            return false;
        }
        // An error of the body shows again where it is read as a whole.
        let Ok(count) = self.body.read(&mut self.piece) else { return false };
        self.is_over = count == 0;
        self.partial.extend_from_slice(&self.piece[..count]);
        let valid = match str::from_utf8(&self.partial) {
            Ok(text) => text.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(_) => return false,
        };
        let text = self.partial.drain(..valid).collect();
        self.text.push_str(&String::from_utf8(text).expect("it was just checked"));
        !self.is_over
    }
}
