//! The browser's end of the wire.
