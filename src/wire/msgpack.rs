//! MessagePack for what is long: the cells of a snapshot's columns, 19 for each aircraft.
//!
//! The bytes are those that rmp-serde writes. Serde would ask each cell what it is before it asks
//! for what the column holds, 230,000 times for 12,000 aircraft. Out of scope: what the columns
//! mean.

use rmp::{decode, encode};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// What is written into memory is always written.
const WRITTEN: &str = "memory takes all bytes";

/// A value that stands in a cell.
pub(super) trait Value<'a>: Sized {
    /// What the bytes of one are called in an error.
    const EXPECTED: &'static str;
    /// Appends its bytes.
    fn write(self, bytes: &mut Vec<u8>);
    /// The value that the bytes begin with, which are then those behind it; `None` where they
    /// begin with no such value.
    fn read(bytes: &mut &'a [u8]) -> Option<Self>;
}

macro_rules! whole_numbers {
    ($($type:ty: $expected:literal),*) => {$(
        impl Value<'_> for $type {
            const EXPECTED: &'static str = $expected;

            #[inline]
            fn write(self, bytes: &mut Vec<u8>) {
                encode::write_sint(bytes, i64::from(self)).expect(WRITTEN);
            }

            #[inline]
            fn read(bytes: &mut &[u8]) -> Option<Self> {
                decode::read_int(bytes).ok()
            }
        }
    )*};
}

whole_numbers!(
    u8: "a whole number of 8 bits",
    u16: "a whole number of 16 bits",
    u32: "a whole number of 32 bits",
    i64: "a whole number of 64 bits"
);

impl Value<'_> for f64 {
    const EXPECTED: &'static str = "a float of 64 bits";

    #[inline]
    fn write(self, bytes: &mut Vec<u8>) {
        encode::write_f64(bytes, self).expect(WRITTEN);
    }

    #[inline]
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        decode::read_f64(bytes).ok()
    }
}

impl Value<'_> for bool {
    const EXPECTED: &'static str = "true or false";

    #[inline]
    fn write(self, bytes: &mut Vec<u8>) {
        encode::write_bool(bytes, self).expect(WRITTEN);
    }

    #[inline]
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        decode::read_bool(bytes).ok()
    }
}

impl<'a> Value<'a> for &'a str {
    const EXPECTED: &'static str = "a text";

    #[inline]
    fn write(self, bytes: &mut Vec<u8>) {
        encode::write_str(bytes, self).expect(WRITTEN);
    }

    #[inline]
    fn read(bytes: &mut &'a [u8]) -> Option<Self> {
        let (text, rest) = decode::read_str_from_slice(*bytes).ok()?;
        *bytes = rest;
        Some(text)
    }
}

impl<'a, T: Value<'a>> Value<'a> for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    #[inline]
    fn write(self, bytes: &mut Vec<u8>) {
        match self {
            Some(value) => value.write(bytes),
            None => encode::write_nil(bytes).expect(WRITTEN),
        }
    }

    #[inline]
    fn read(bytes: &mut &'a [u8]) -> Option<Self> {
        match bytes.split_first() {
            Some((&nil, rest)) if nil == rmp::Marker::Null.to_u8() => {
                *bytes = rest;
                Some(None)
            }
            _ => T::read(bytes).map(Some),
        }
    }
}

/// Begins an array of `count` values.
pub(super) fn write_array(bytes: &mut Vec<u8>, count: usize) {
    encode::write_array_len(bytes, count as u32).expect(WRITTEN);
}

/// How many values the array has that the bytes begin with.
pub(super) fn read_array(bytes: &mut &[u8]) -> Option<usize> {
    decode::read_array_len(bytes).ok().map(|count| count as usize)
}

/// Begins a map of `count` fields.
pub(super) fn write_map(bytes: &mut Vec<u8>, count: usize) {
    encode::write_map_len(bytes, count as u32).expect(WRITTEN);
}

/// The fields of a map, which are read in a given order. Others between them are passed over.
pub(super) struct Fields {
    left: u32,
}

impl Fields {
    /// Those of the map that the bytes begin with.
    pub(super) fn read(bytes: &mut &[u8]) -> Result<Self, String> {
        match decode::read_map_len(bytes) {
            Ok(left) => Ok(Self { left }),
            Err(error) => Err(format!("there is no map: {error}")),
        }
    }

    /// Goes on to the value of that field.
    pub(super) fn find(&mut self, name: &str, bytes: &mut &[u8]) -> Result<(), String> {
        while self.left > 0 {
            self.left -= 1;
            let key = <&str>::read(bytes).ok_or("a field's name is no text")?;
            if key == name {
                return Ok(());
            }
            pass_over(bytes)?;
        }
        Err(format!("there is no field {name} in its place"))
    }

    /// The value of that field.
    pub(super) fn value<'a, T: Value<'a>>(
        &mut self,
        name: &str,
        bytes: &mut &'a [u8],
    ) -> Result<T, String> {
        self.find(name, bytes)?;
        T::read(bytes).ok_or_else(|| format!("{name} is not {}", T::EXPECTED))
    }

    /// Passes over the rest.
    pub(super) fn end(self, bytes: &mut &[u8]) -> Result<(), String> {
        (0..2 * u64::from(self.left)).try_for_each(|_| pass_over(bytes))
    }
}

fn pass_over(bytes: &mut &[u8]) -> Result<(), String> {
    match IgnoredAny::deserialize(&mut rmp_serde::Deserializer::new(bytes)) {
        Ok(IgnoredAny) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use serde::Serialize;

    use super::*;

    fn check<T>(value: T)
    where
        T: for<'a> Value<'a> + Serialize + Copy + PartialEq + Debug,
    {
        let mut bytes = Vec::new();
        value.write(&mut bytes);
        assert_eq!(bytes, rmp_serde::to_vec(&value).expect("MessagePack"), "{value:?}");
        let mut rest = &bytes[..];
        assert_eq!((T::read(&mut rest), rest), (Some(value), &[][..]));
        for end in 0..bytes.len() {
            assert_eq!(T::read(&mut &bytes[..end]), None, "{value:?} without its end");
        }
    }

    #[test]
    fn values_have_the_bytes_that_rmp_serde_writes() {
        for shift in 0..64 {
            for value in [1_i64 << shift, (1_i64 << shift).wrapping_sub(1)] {
                check(value);
                check(value.wrapping_neg());
                check(Some(value as u32));
                check(value as u16);
                check(value as u8);
            }
        }
        for value in [0.0, -0.0, 9753.6, f64::MAX, f64::INFINITY] {
            check(value);
            check(Some(value));
        }
        check(true);
        check(false);
        check(None::<f64>);
        for length in [0, 1, 31, 32, 255, 256, 70_000] {
            let (text, mut bytes) = ("é".repeat(length / 2), Vec::new());
            text.as_str().write(&mut bytes);
            assert_eq!(bytes, rmp_serde::to_vec(&text).expect("MessagePack"));
            assert_eq!(<&str>::read(&mut &bytes[..]), Some(text.as_str()));
            assert_eq!(<&str>::read(&mut &bytes[..bytes.len() - 1]), None);
        }
    }

    #[test]
    fn other_values_and_larger_numbers_are_refused() {
        let bytes = rmp_serde::to_vec(&256).expect("MessagePack");
        assert_eq!(u8::read(&mut &bytes[..]), None);
        assert_eq!(u16::read(&mut &bytes[..]), Some(256));
        assert_eq!(f64::read(&mut &bytes[..]), None);
        assert_eq!(<&str>::read(&mut &bytes[..]), None);
        assert_eq!(bool::read(&mut &[0xc0][..]), None);
        assert_eq!(<&str>::read(&mut &[0xa1, 0xff][..]), None, "not UTF-8");
    }

    #[test]
    fn other_fields_are_passed_over() {
        let map: &[(&str, u32)] = &[("a", 1), ("x", 2), ("b", 3), ("y", 4)];
        let mut bytes = Vec::new();
        write_map(&mut bytes, map.len());
        for &(name, value) in map {
            name.write(&mut bytes);
            value.write(&mut bytes);
        }
        bytes.push(7);
        let rest = &mut &bytes[..];
        let mut fields = Fields::read(rest).expect("a map");
        assert_eq!(fields.value("a", rest), Ok(1_u32));
        assert_eq!(fields.value("b", rest), Ok(3_u32));
        fields.end(rest).expect("the rest");
        assert_eq!(*rest, &[7]);
        let rest = &mut &bytes[..];
        let mut fields = Fields::read(rest).expect("a map");
        assert_eq!(fields.value("b", rest), Ok(3_u32));
        let error = "there is no field a in its place".to_owned();
        assert_eq!(fields.value::<u32>("a", rest), Err(error));
    }
}
