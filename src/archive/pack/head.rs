//! The head of a pack: what must be known to read the rest.

use super::bytes::{Reader, write_number};
use super::error::PackError;
use crate::archive::Date;
use crate::wire::exact::{self, UNITS_MAX, Unit, Units};

/// The first bytes of a pack, and its last.
pub(super) const MAGIC: [u8; 8] = *b"ovflpack";

const VERSION: u8 = 1;

/// Seconds in the hour that a pack holds.
pub const HOUR_SECONDS: i64 = 3_600;

/// What must be known to read a pack.
#[derive(Clone, Debug, PartialEq)]
pub struct PackHead {
    /// The first second of its hour, Unix seconds.
    pub hour: i64,
    /// Whether the traffic is simulated.
    pub simulated: bool,
    /// What its numbers are counted in.
    pub units: Units,
}

impl PackHead {
    /// The head of the hour that begins at this second, with the units of this build.
    pub(super) fn new(hour: i64, simulated: bool) -> Self {
        Self { hour, simulated, units: Units::known() }
    }

    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(MAGIC);
        bytes.push(VERSION);
        bytes.extend(exact::fingerprint().to_le_bytes());
        bytes.extend(self.hour.to_le_bytes());
        bytes.push(self.simulated.into());
        for units in &self.units.0 {
            write_number(bytes, units.len() as u64);
            for unit in units {
                for number in [unit.a, unit.b, unit.c] {
                    write_number(bytes, number.into());
                }
                bytes.extend(unit.factor.to_le_bytes());
            }
        }
    }

    pub(super) fn read(bytes: &mut Reader) -> Result<Self, PackError> {
        let short = || PackError::NotAPack("its head is too short");
        let magic: [u8; 8] = bytes.array().ok_or_else(short)?;
        if magic != MAGIC {
            return Err(PackError::NotAPack("its first bytes differ"));
        }
        let [version] = bytes.array().ok_or_else(short)?;
        if version != VERSION {
            return Err(PackError::Version(version));
        }
        let models = u64::from_le_bytes(bytes.array().ok_or_else(short)?);
        if models != exact::fingerprint() {
            return Err(PackError::Models(models));
        }
        let hour = i64::from_le_bytes(bytes.array().ok_or_else(short)?);
        let simulated = bytes.array().ok_or_else(short)? != [0];
        if hour.rem_euclid(HOUR_SECONDS) != 0 || !Date::is_possible(hour) {
            return Err(PackError::NotAPack("its hour is none"));
        }
        let units = units(bytes).ok_or(PackError::NotAPack("its units are none"))?;
        Ok(Self { hour, simulated, units })
    }
}

fn units(bytes: &mut Reader) -> Option<Units> {
    let mut units = Units(Default::default());
    for list in &mut units.0 {
        let count = bytes.number()?;
        if count > UNITS_MAX as u64 {
            return None;
        }
        for _ in 0..count {
            let mut number = || u32::try_from(bytes.number()?).ok();
            let (a, b, c) = (number()?, number()?, number()?);
            list.push(Unit::new(a, b, c, f64::from_le_bytes(bytes.array()?))?);
        }
    }
    Some(units)
}
