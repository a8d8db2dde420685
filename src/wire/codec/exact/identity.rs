//! The fields that seldom change.

use std::sync::Arc;

use super::super::identity::callsign as live_callsign;
use super::super::models as live;
use super::super::range::{Code, Coder};
use super::memory::Memory;
use super::models::*;
use super::row::{Identity, Row};
use crate::aircraft::{Callsign, Icao24, Squawk, origin_of};
use crate::earth::CountryCode;

/// Codes all fields.
pub(super) fn whole<C: Code>(
    coder: &mut C,
    icao24: Icao24,
    given: &Identity,
    on_ground: bool,
    memory: &mut Memory,
) -> Option<Identity> {
    Some(Identity {
        spi: coder.bit(SPI, given.spi),
        position_source: source(coder, given.position_source),
        category: category(coder, given.category),
        callsign: callsign(coder, icao24, given.callsign)?,
        origin_country: origin(coder, icao24, given.origin_country.as_deref(), memory)?,
        squawk: squawk(coder, given.squawk, on_ground)?,
        current_country: country(coder, given.current_country, memory)?,
    })
}

/// Codes the fields that changed. `given` is the new identity, or the old one when reading.
pub(super) fn change<C: Code>(
    coder: &mut C,
    row: &Row,
    given: &Identity,
    memory: &mut Memory,
) -> Option<Identity> {
    let (old, on_ground) = (&row.identity, row.motion.on_ground);
    let mut read = old.clone();
    if coder.bit(IDENTITY_CHANGE + 2, given.current_country != old.current_country) {
        read.current_country = country_code(coder, given.current_country)?;
    }
    if coder.bit(IDENTITY_CHANGE + 3, given.squawk != old.squawk) {
        read.squawk = squawk(coder, given.squawk, on_ground)?;
    }
    if coder.bit(IDENTITY_CHANGE + 4, given.callsign != old.callsign) {
        read.callsign = callsign(coder, row.icao24, given.callsign)?;
    }
    if coder.bit(IDENTITY_CHANGE + 5, given.spi != old.spi) {
        read.spi = !old.spi;
    }
    if coder.bit(IDENTITY_CHANGE + 6, given.position_source != old.position_source) {
        read.position_source = source(coder, given.position_source);
    }
    if coder.bit(IDENTITY_CHANGE + 7, given.category != old.category) {
        read.category = category(coder, given.category);
    }
    if coder.bit(IDENTITY_CHANGE + 8, given.origin_country != old.origin_country) {
        read.origin_country = origin(coder, row.icao24, given.origin_country.as_deref(), memory)?;
    }
    Some(read)
}

fn source<C: Code>(coder: &mut C, given: Option<u8>) -> Option<u8> {
    if !coder.bit(SOURCE, given != Some(0)) {
        return Some(0);
    }
    coder.bit(SOURCE + 1, given.is_some()).then(|| coder.raw(8, given.unwrap_or(0).into()) as u8)
}

fn category<C: Code>(coder: &mut C, given: Option<u8>) -> Option<u8> {
    if !coder.bit(CATEGORY, given.is_some()) {
        return None;
    }
    let given = u32::from(given.unwrap_or(0));
    match coder.tree(CATEGORY + 1, 5, given.min(31)) {
        31 => Some(coder.raw(8, given) as u8),
        category => Some(category as u8),
    }
}

/// Codes the country of origin. It follows from the address, unless the source gives another.
fn origin<C: Code>(
    coder: &mut C,
    icao24: Icao24,
    given: Option<&str>,
    memory: &mut Memory,
) -> Option<Option<Arc<str>>> {
    let predicted = origin_of(icao24);
    let read: Vec<u8>;
    let name = if !coder.bit(ORIGIN_PREDICTED, given != predicted) {
        predicted
    } else if coder.bit(ORIGIN_PREDICTED + 1, given.is_none()) {
        None
    } else {
        read = text(coder, given.unwrap_or_default())?;
        Some(std::str::from_utf8(&read).ok()?)
    };
    let Some(name) = name else { return Some(None) };
    if memory.origin.as_deref() != Some(name) {
        memory.origin = Some(Arc::from(name));
    }
    Some(memory.origin.clone())
}

/// Codes a text of at most 65,535 bytes. `None` if the bytes to read are over.
fn text<C: Code>(coder: &mut C, given: &str) -> Option<Vec<u8>> {
    let length = coder.raw(16, given.len().min(0xffff) as u32) as usize;
    let mut read = Vec::new();
    for index in 0..length {
        let byte = given.as_bytes().get(index).copied().unwrap_or(0);
        read.push(coder.raw(8, byte.into()) as u8);
        if coder.is_exhausted() {
            return None;
        }
    }
    Some(read)
}

fn callsign<C: Code>(
    coder: &mut C,
    icao24: Icao24,
    given: Option<Callsign>,
) -> Option<Option<Callsign>> {
    live_callsign(&mut Shifted(coder), icao24, given)
}

/// The coder under the models of the live codec's identity, which stand elsewhere here.
struct Shifted<'a, C>(&'a mut C);

impl<C: Code> Coder for Shifted<'_, C> {
    #[inline(always)]
    fn bit(&mut self, model: usize, bit: bool) -> bool {
        self.0.bit(model - live::REGISTRATION + CALLSIGN, bit)
    }

    fn uniform(&mut self, total: u32, value: u32) -> u32 {
        self.0.uniform(total, value)
    }

    fn is_exhausted(&self) -> bool {
        self.0.is_exhausted()
    }
}

fn squawk<C: Code>(
    coder: &mut C,
    given: Option<Squawk>,
    on_ground: bool,
) -> Option<Option<Squawk>> {
    const VFR: u32 = 0o1200;
    let side = usize::from(on_ground);
    if !coder.bit(SQUAWK_KNOWN + side, given.is_some()) {
        return Some(None);
    }
    let code = given.map_or(0, |squawk| u32::from(squawk.get()));
    if coder.bit(SQUAWK_VFR + side, code == VFR) {
        return Some(Squawk::new(VFR as u16));
    }
    let high = coder.tree(SQUAWK_HIGH, 6, code >> 6);
    Some(Squawk::new((high << 6 | coder.tree(SQUAWK_LOW, 6, code & 63)) as u16))
}

/// Codes the country below: mostly that of the last aircraft in the same part of the globe.
fn country<C: Code>(
    coder: &mut C,
    given: Option<CountryCode>,
    memory: &mut Memory,
) -> Option<Option<CountryCode>> {
    let Some(leaf) = memory.leaf else { return country_code(coder, given) };
    let last = memory.countries.get(&leaf).copied();
    if let Some(last) = last
        && coder.bit(COUNTRY_SAME + usize::from(last.is_none()), given == last)
    {
        return Some(last);
    }
    let country = country_code(coder, given)?;
    memory.countries.insert(leaf, country);
    Some(country)
}

fn country_code<C: Code>(coder: &mut C, given: Option<CountryCode>) -> Option<Option<CountryCode>> {
    if !coder.bit(COUNTRY_KNOWN, given.is_some()) {
        return Some(None);
    }
    let letter =
        |index: usize| given.map_or(0, |code| u32::from(code.as_str().as_bytes()[index] - b'A'));
    let first = coder.tree(COUNTRY, 5, letter(0));
    let second = coder.tree(COUNTRY + 32 + first as usize * 32, 5, letter(1));
    let letters = [first, second].map(|letter| b'A'.wrapping_add(letter as u8));
    std::str::from_utf8(&letters).ok()?.parse().ok().map(Some)
}
