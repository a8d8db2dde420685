//! An aircraft's identity: the fields that seldom change.

use std::sync::Arc;

use super::memory::{Memory, neighbourhood};
use super::models::*;
use super::range::Code;
use crate::aircraft::{Callsign, Icao24, Squawk, n_number, origin_of};
use crate::airspace::{Identity, Motion};
use crate::earth::CountryCode;

/// The designators of the most frequent airlines, ascending, three letters a line.
pub(super) const AIRLINES: &str = include_str!("airlines.txt");

fn airline(index: u32) -> Option<&'static str> {
    AIRLINES.get(index as usize * 4..index as usize * 4 + 3)
}

fn airline_index(prefix: &str) -> Option<u32> {
    let (mut low, mut high) = (0, AIRLINES.len() as u32 / 4);
    while low < high {
        let middle = (low + high) / 2;
        match airline(middle)?.cmp(prefix) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Equal => return Some(middle),
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    None
}

pub(super) fn identity<C: Code>(
    coder: &mut C,
    icao24: Icao24,
    given: Option<&Identity>,
    motion: &Motion,
    memory: &mut Memory,
) -> Option<Identity> {
    let some = |get: fn(&Identity) -> Option<u8>| given.and_then(get);
    let spi = coder.bit(SPI, given.is_some_and(|given| given.spi));
    let position_source = source(coder, some(|given| given.position_source));
    let category = category(coder, some(|given| given.category));
    Some(Identity {
        callsign: callsign(coder, icao24, given.and_then(|given| given.callsign))?,
        origin_country: origin(coder, icao24, given)?,
        squawk: squawk(coder, given.and_then(|given| given.squawk), motion)?,
        spi,
        position_source,
        category,
        current_country: country(
            coder,
            given.and_then(|given| given.current_country),
            motion,
            memory,
        )?,
    })
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
    given: Option<&Identity>,
) -> Option<Option<Arc<str>>> {
    let predicted = origin_of(icao24);
    let given = given.and_then(|given| given.origin_country.as_deref());
    if !coder.bit(ORIGIN_PREDICTED, given != predicted) {
        return Some(predicted.map(Arc::from));
    }
    let length = given.map_or(0, |name| name.len().min(255)) as u32;
    let length = coder.raw(8, length) as usize;
    let mut bytes = Vec::new();
    for index in 0..length {
        let byte = given.map_or(0, |name| name.as_bytes()[index]);
        bytes.push(coder.raw(8, byte.into()) as u8);
        if coder.is_exhausted() {
            return None;
        }
    }
    match length {
        0 => Some(None),
        _ => Some(Some(String::from_utf8(bytes).ok()?.into())),
    }
}

/// The part of the world that the address belongs to: its first hexadecimal digit.
fn part_of_the_world(icao24: Icao24) -> usize {
    (icao24.get() >> 20) as usize
}

pub(super) fn callsign<C: Code>(
    coder: &mut C,
    icao24: Icao24,
    given: Option<Callsign>,
) -> Option<Option<Callsign>> {
    let mark = n_number(icao24);
    if mark.is_some() && coder.bit(REGISTRATION, given == mark) {
        return Some(mark);
    }
    let text = given.as_ref().map_or("", |callsign| callsign.as_str());
    let flight = flight(text);
    let table = AIRLINE_KNOWN + part_of_the_world(icao24);
    if coder.bit(table, flight.is_some()) {
        let index = flight.map_or(0, |(index, _)| index);
        let index = coder.tree(AIRLINE + part_of_the_world(icao24) * 255, 8, index);
        let suffix = suffix(coder, flight.map_or("", |(_, suffix)| suffix));
        return Callsign::parse(&format!("{}{suffix}", airline(index)?)).ok();
    }
    let length = coder.tree(TEXT_LENGTH, 4, text.len() as u32) as usize;
    let (mut read, mut last) = (String::new(), 0);
    for index in 0..length {
        let byte = text.as_bytes().get(index).copied().unwrap_or(b' ');
        let symbol = coder.tree(TEXT + last as usize * 64, 6, symbol(byte));
        read.push(match symbol {
            OTHER => char::from(coder.raw(7, byte.into()) as u8),
            symbol => char::from(*SYMBOLS.get(symbol as usize)?),
        });
        last = symbol.min(39);
    }
    Callsign::parse(&read).ok()
}

const SYMBOLS: &[u8; 37] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ";
const OTHER: u32 = 37;

fn symbol(byte: u8) -> u32 {
    SYMBOLS.iter().position(|&symbol| symbol == byte).map_or(OTHER, |place| place as u32)
}

/// Splits an airline's flight into the index of the airline and the suffix of digits and letters;
/// `None` for other callsigns.
fn flight(text: &str) -> Option<(u32, &str)> {
    let index = airline_index(text.get(..3)?)?;
    let suffix = &text[3..];
    let plain = suffix.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    (plain && !suffix.is_empty()).then_some((index, suffix))
}

/// Codes the flight number: mostly digits, with letters at its end.
fn suffix<C: Code>(coder: &mut C, given: &str) -> String {
    let length = coder.tree(SUFFIX_LENGTH, 3, given.len() as u32) as usize;
    let (mut read, mut letters) = (String::new(), 0);
    for index in 0..length {
        let byte = given.as_bytes().get(index).copied().unwrap_or(b'0');
        let kind = SUFFIX_KIND + length * 16 + index * 2 + usize::from(letters > 0);
        if coder.bit(kind, byte.is_ascii_uppercase()) {
            let letter = coder.tree(SUFFIX_LETTER, 5, u32::from(byte.wrapping_sub(b'A')) & 31);
            read.push(char::from(b'A' + letter.min(25) as u8));
            letters += 1;
        } else {
            let table = SUFFIX_DIGIT + (length * 5 + index).min(39) * 16;
            let digit = coder.tree(table, 4, u32::from(byte.wrapping_sub(b'0')) & 15);
            read.push(char::from(b'0' + digit.min(9) as u8));
        }
    }
    read
}

pub(super) fn squawk<C: Code>(
    coder: &mut C,
    given: Option<Squawk>,
    motion: &Motion,
) -> Option<Option<Squawk>> {
    const VFR: u32 = 0o1200;
    let kind = usize::from(motion.on_ground) * 2 + usize::from(motion.course.knots() > 200);
    if !coder.bit(SQUAWK_KNOWN + kind, given.is_some()) {
        return Some(None);
    }
    let code = given.map_or(0, |squawk| u32::from(squawk.get()));
    if coder.bit(SQUAWK_VFR + kind, code == VFR) {
        return Some(Squawk::new(VFR as u16));
    }
    let high = coder.tree(SQUAWK_HIGH, 6, code >> 6);
    Some(Squawk::new((high << 6 | coder.tree(SQUAWK_LOW, 6, code & 63)) as u16))
}

/// Codes the country below: mostly that of the last aircraft in the same part of the globe.
pub(super) fn country<C: Code>(
    coder: &mut C,
    given: Option<CountryCode>,
    motion: &Motion,
    memory: &mut Memory,
) -> Option<Option<CountryCode>> {
    let Some(cell) = motion.cell else { return country_code(coder, given) };
    let near = neighbourhood(cell, memory.resolution);
    let last = memory.countries.get(&near).copied();
    if let Some(last) = last
        && coder.bit(COUNTRY_SAME + usize::from(last.is_none()), given == last)
    {
        return Some(last);
    }
    let country = country_code(coder, given)?;
    memory.countries.insert(near, country);
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
    let text: String =
        [first, second].iter().map(|&letter| char::from(b'A' + letter as u8)).collect();
    text.parse().ok().map(Some)
}
