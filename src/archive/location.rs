//! Where the bytes of a recorded minute are.

/// The place of a minute's bytes in R2. The record of a minute decides it, and only the reader of
/// the bucket looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A whole object with this key.
    Object(String),
}
