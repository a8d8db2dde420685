//! The 24-bit address of a transponder.

use std::fmt;
use std::str::FromStr;

/// A transponder's ICAO address, shown as six lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Icao24(u32);

impl Icao24 {
    /// The address, or `None` where the number has more than 24 bits.
    pub fn new(address: u32) -> Option<Self> {
        (address < 1 << 24).then_some(Self(address))
    }

    /// The address as a number below 2²⁴.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl FromStr for Icao24 {
    type Err = ();

    /// Six hexadecimal digits, in either case and nothing else.
    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !digits {
            return Err(());
        }
        u32::from_str_radix(text, 16).ok().and_then(Self::new).ok_or(())
    }
}

impl fmt::Display for Icao24 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_parses_back_from_its_display() {
        for text in ["000000", "00834c", "ffffff"] {
            assert_eq!(text.parse::<Icao24>().expect(text).to_string(), text);
        }
        assert_eq!("ABCDEF".parse::<Icao24>().expect("upper case").to_string(), "abcdef");
    }

    #[test]
    fn anything_but_six_digits_is_refused() {
        for text in ["", "abcde", "abcdefa", "+bcdef", " bcdef", "ghijkl", "äbcd"] {
            assert!(text.parse::<Icao24>().is_err(), "{text:?}");
        }
        assert_eq!(Icao24::new(1 << 24), None);
    }
}
