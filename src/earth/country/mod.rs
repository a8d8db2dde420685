//! Countries: their codes and names, and over which one a point is.

mod code;

pub use code::CountryCode;
