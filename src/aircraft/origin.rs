//! The state of registration that follows from a transponder's address.

use std::sync::OnceLock;

use super::Icao24;

/// A block of addresses that a state assigns to its aircraft.
#[derive(Debug)]
pub struct Block {
    /// The first of them.
    pub first: u32,
    /// The last of them.
    pub last: u32,
    /// The state, as OpenSky's `origin_country` spells it.
    pub state: &'static str,
}

/// All states' blocks, ascending.
pub fn blocks() -> &'static [Block] {
    static BLOCKS: OnceLock<Vec<Block>> = OnceLock::new();
    BLOCKS.get_or_init(|| {
        let rows = include_str!("blocks.tsv").lines().filter(|line| !line.starts_with('#'));
        rows.map(block).collect()
    })
}

/// The state whose block contains the address, as OpenSky's `origin_country` spells it; `None`
/// outside all blocks.
pub fn origin_of(icao24: Icao24) -> Option<&'static str> {
    let blocks = blocks();
    let address = icao24.get();
    let after = blocks.partition_point(|block| block.first <= address);
    let block = blocks[..after].last()?;
    (address <= block.last).then_some(block.state)
}

fn block(row: &'static str) -> Block {
    let mut cells = row.split('\t');
    let mut cell = || cells.next().expect("blocks.tsv has three columns");
    let address =
        |text| u32::from_str_radix(text, 16).expect("blocks.tsv has hexadecimal addresses");
    Block { first: address(cell()), last: address(cell()), state: cell() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_belongs_to_the_state_of_its_block() {
        for (address, state) in [
            ("3c0000", Some("Germany")),
            ("3fffff", Some("Germany")),
            ("3bffff", Some("France")),
            ("afffff", Some("United States")),
            ("b00000", None),
            ("000000", None),
        ] {
            assert_eq!(origin_of(address.parse().expect("hex")), state, "{address}");
        }
    }
}
