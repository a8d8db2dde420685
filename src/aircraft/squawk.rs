//! The code that air traffic control assigns.

use std::fmt;
use std::str::FromStr;

/// A transponder code: four octal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Squawk(u16);

impl Squawk {
    /// The code, or `None` where the number has more than 12 bits.
    pub fn new(code: u16) -> Option<Self> {
        (code < 1 << 12).then_some(Self(code))
    }

    /// The code as a number below 2¹²: `7700` is `0o7700`.
    pub fn get(self) -> u16 {
        self.0
    }
}

impl FromStr for Squawk {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.len() == 4 && text.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
        if !digits {
            return Err(());
        }
        u16::from_str_radix(text, 8).ok().and_then(Self::new).ok_or(())
    }
}

impl fmt::Display for Squawk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_squawk_is_four_octal_digits() {
        assert_eq!("0045".parse::<Squawk>().expect("octal").to_string(), "0045");
        for text in ["", "045", "00450", "0048", "+045"] {
            assert!(text.parse::<Squawk>().is_err(), "{text:?}");
        }
        assert_eq!(Squawk::new(0o7777), "7777".parse().ok());
        assert_eq!(Squawk::new(0o1_0000), None);
    }
}
