//! Operators, the aircraft they own, and their callsigns.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::OnceLock;

use super::Haul;
use super::airports::{Airport, airports, pick};
use super::random::Random;
use crate::aircraft::{Block, Icao24, N_NUMBERS, blocks, n_number};

/// One aircraft, the same in every minute.
#[derive(Clone, Copy, Debug)]
pub(super) struct Aircraft {
    pub(super) draw: Random,
    pub(super) icao24: u32,
    pub(super) operator: &'static Operator,
    pub(super) origin_country: &'static str,
    /// How far its flights go.
    pub(super) haul: Haul,
}

/// An airline, or the private aircraft of one state.
#[derive(Debug)]
pub(super) struct Operator {
    /// The prefix of its callsigns.
    prefix: &'static str,
    /// The block of its aircraft's addresses.
    block: &'static Block,
    /// Airports with cumulative weights.
    bases: Vec<(usize, f64)>,
    weight: f64,
    /// Percentages of short, medium and long haul; `None` for light aircraft.
    hauls: Option<[f64; 3]>,
}

struct Table {
    operators: Vec<Operator>,
    /// Operators with cumulative weights.
    summed: Vec<(usize, f64)>,
}

fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().filter(|line| !line.starts_with('#')).map(|row| row.split('\t').collect())
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let operators: Vec<_> =
            rows(include_str!("operators.tsv")).map(|row| operator(&row)).collect();
        let mut sum = 0.0;
        let summed = operators.iter().enumerate().map(|(index, operator)| {
            // The table counts aircraft in the air, where most of the long-haul ones are.
            sum += operator.weight / operator.share_flying();
            (index, sum)
        });
        Table { summed: summed.collect(), operators }
    })
}

fn operator(row: &[&'static str]) -> Operator {
    let number = |text: &str| text.parse::<f64>().expect("operators.tsv is committed");
    let block = blocks().iter().find(|block| block.state == row[1]);
    let mut sum = 0.0;
    let bases = airports().iter().enumerate().filter_map(|(index, airport)| {
        let based = row[2].split(',').any(|country| country == airport.country);
        sum += if based { airport.weight } else { 0.0 };
        based.then_some((index, sum))
    });
    Operator {
        prefix: row[0],
        block: block.expect("operators.tsv names states of aircraft/blocks.tsv"),
        bases: bases.collect(),
        weight: number(row[3]),
        hauls: (row[4] != "-").then(|| [row[4], row[5], row[6]].map(number)),
    }
}

impl Operator {
    fn share_flying(&self) -> f64 {
        match self.hauls {
            None => Haul::Light.share_flying(),
            Some([short, medium, long]) => {
                let flying = short * Haul::Short.share_flying()
                    + medium * Haul::Medium.share_flying()
                    + long * Haul::Long.share_flying();
                flying / 100.0
            }
        }
    }

    fn haul(&self, draw: Random) -> Haul {
        let Some([short, medium, _]) = self.hauls else { return Haul::Light };
        match draw.of("haul").between(0.0, 100.0) {
            percent if percent < short => Haul::Short,
            percent if percent < short + medium => Haul::Medium,
            _ => Haul::Long,
        }
    }
}

/// Returns how many aircraft a world must own to show about `shown`.
pub(super) fn owned(shown: usize) -> usize {
    let table = table();
    let owned = table.summed.last().map_or(0.0, |&(_, sum)| sum);
    let flying: f64 = table.operators.iter().map(|operator| operator.weight).sum();
    (shown as f64 * owned / flying).round() as usize
}

/// Returns the first `count` aircraft of the world with this seed.
pub(super) fn fleet(seed: u64, count: usize) -> impl Iterator<Item = Aircraft> {
    let table = table();
    let largest = table.operators[0].block;
    let world = Random::seeded(seed);
    let mut given: HashMap<u32, u32> = HashMap::new();
    (0..count).map(move |slot| {
        let draw = world.of("aircraft").at(slot as i64);
        let operator = pick(&table.summed, draw.of("operator").unit()).unwrap_or_default();
        let operator = &table.operators[operator];
        let block = operator.block;
        let full = given.get(&block.first).is_some_and(|&count| count >= size(block));
        // A small state's block may be full in a huge world; the first operator's never is.
        let block = if full { largest } else { block };
        let index = given.entry(block.first).or_default();
        let icao24 = address(block, world.of("address").at(block.first.into()), *index);
        *index += 1;
        Aircraft { draw, icao24, operator, origin_country: block.state, haul: operator.haul(draw) }
    })
}

/// Returns the usable addresses of a block: in the United States those that encode a registration.
fn addresses(block: &Block) -> RangeInclusive<u32> {
    match (block.first..=block.last).contains(N_NUMBERS.start()) {
        true => N_NUMBERS,
        false => block.first..=block.last,
    }
}

fn size(block: &Block) -> u32 {
    let addresses = addresses(block);
    addresses.end() - addresses.start() + 1
}

/// Returns the `index`-th address: spread over the block and never repeated.
fn address(block: &Block, draw: Random, index: u32) -> u32 {
    // A prime above every block's size, so multiples of it visit each address once.
    let spread = u64::from(index) * 2_654_435_761 + draw.below(1 << 24);
    addresses(block).start() + (spread % u64::from(size(block))) as u32
}

impl Aircraft {
    /// Returns the airport where each tour starts.
    pub(super) fn base(&self) -> &'static Airport {
        let base = pick(&self.operator.bases, self.draw.of("base").unit());
        &airports()[base.unwrap_or_default()]
    }

    /// Returns the callsign of a flight, without padding.
    pub(super) fn callsign(&self, flight: Random) -> String {
        let private = self.haul == Haul::Light || self.operator.prefix == "N";
        match (self.operator.prefix, private) {
            ("N", _) => match Icao24::new(self.icao24).and_then(n_number) {
                Some(mark) => mark.to_string(),
                None => "N".to_owned(),
            },
            // A registration belongs to the aircraft, not to the flight.
            (prefix, true) => prefix.to_owned() + &letters(self.draw.of("mark"), prefix),
            (prefix, false) => prefix.to_owned() + &flight_number(flight.of("callsign")),
        }
    }
}

/// Returns the letters after a registration's prefix, for five characters in all.
fn letters(draw: Random, prefix: &str) -> String {
    let letter = |index| char::from(b'A' + draw.at(index).below(26) as u8);
    (prefix.len() as i64..5).map(letter).collect()
}

/// Returns digits, or, as in Europe, digits and letters that avoid confusion of callsigns.
fn flight_number(draw: Random) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
    let letter = |index| char::from(LETTERS[draw.at(index).below(24) as usize]);
    match draw.below(10) {
        0..=6 => {
            (1 + draw.of("digits").below(10_u64.pow(2 + draw.below(3) as u32) - 1)).to_string()
        }
        7 | 8 => format!("{}{}", 1 + draw.of("digits").below(99), letter(0)),
        _ => format!("{}{}{}", 1 + draw.of("digits").below(9), letter(0), letter(1)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_address_is_given_twice_even_when_blocks_are_full() {
        let count = 400_000;
        let addresses: HashSet<_> = fleet(3, count).map(|aircraft| aircraft.icao24).collect();
        assert_eq!(addresses.len(), count);
    }

    #[test]
    fn a_larger_world_contains_the_aircraft_of_a_smaller_one() {
        let few = fleet(4, 100).map(|aircraft| aircraft.icao24);
        assert!(few.eq(fleet(4, 1_000).take(100).map(|aircraft| aircraft.icao24)));
    }

    #[test]
    fn a_registration_has_five_letters_with_its_prefix() {
        for (seed, prefix) in (0..100).flat_map(|seed| ["D", "OE", ""].map(|prefix| (seed, prefix)))
        {
            let mark = prefix.to_owned() + &letters(Random::seeded(seed), prefix);
            assert_eq!(mark.len(), 5, "{mark:?}");
            assert!(mark.bytes().all(|letter| letter.is_ascii_uppercase()), "{mark:?}");
        }
    }

    #[test]
    fn a_flight_number_begins_with_a_digit_from_1_and_has_at_most_four_characters() {
        for seed in 0..5_000 {
            let number = flight_number(Random::seeded(seed));
            assert!(matches!(number.as_bytes(), [b'1'..=b'9', ..]), "seed {seed}: {number}");
            assert!(number.len() <= 4, "seed {seed}: {number}");
        }
    }

    #[test]
    fn every_operator_has_a_base() {
        let homeless: Vec<_> =
            table().operators.iter().filter(|one| one.bases.is_empty()).collect();
        assert!(homeless.is_empty(), "{homeless:?}");
    }
}
