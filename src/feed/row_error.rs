//! Why a row is rejected.

use std::fmt;

use crate::aircraft::Icao24;

/// A row of a response that is left out, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct RowError {
    /// The row's place in the response, from 0.
    pub row: usize,
    /// What is wrong with it.
    pub reason: Reason,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// It is not an array, or not an object, as the format requires.
    NotARow {
        /// The value as JSON, shortened.
        value: String,
        /// The kind of value that a row is.
        expected: &'static str,
    },
    /// It has a number of columns that no version of the API sends.
    Columns(usize),
    /// It has no usable address.
    Value {
        /// The column's name.
        column: &'static str,
        /// The value as JSON, shortened.
        value: String,
        /// The accepted values, in words.
        expected: &'static str,
    },
    /// It has neither a callsign nor a position.
    Nameless,
    /// Another row of the response has newer data for the same aircraft.
    Duplicate {
        /// The aircraft.
        icao24: Icao24,
        /// The row that stays.
        kept: usize,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotARow { value, expected } => write!(f, "row is {value}, expected {expected}"),
            Self::Columns(count) => write!(f, "row has {count} columns, expected 17 or 18"),
            Self::Value { column, value, expected } => {
                write!(f, "{column} is {value}, expected {expected}")
            }
            Self::Nameless => f.write_str("neither a callsign nor a position is known"),
            Self::Duplicate { icao24, kept } => {
                write!(f, "row {kept} has newer data for {icao24}")
            }
        }
    }
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}: {}", self.row, self.reason)
    }
}
