//! `world` and the fine regions as one list that has each aircraft once.
//!
//! In scope: whose row of an aircraft counts. Out of scope: which regions are open, and
//! what the rows mean.
//!
//! All regions are cut from the same snapshots, but their frames arrive one by one. The newest row
//! counts; of two rows of one time the region's, which is finer. So a region that lags behind
//! `world` adds nothing, and an aircraft that has left one region but is not yet in its neighbour
//! is shown by `world`'s row.

use overflight::aircraft::Icao24;
use overflight::airspace::{LiveAircraft, LiveState};
use overflight::wire::{ClientState, WireError};

/// The region that holds every aircraft.
pub const WORLD: &str = "world";

/// The live states of `world` and of the open regions.
#[derive(Default)]
pub struct Union {
    world: ClientState,
    regions: Vec<(String, ClientState)>,
    /// Sorted by address.
    rows: Vec<Choice>,
}

/// The row that counts: its picture, 0 for `world`, the regions from 1; its index there.
#[derive(Clone, Copy)]
struct Choice {
    picture: u32,
    row: u32,
}

impl Union {
    /// Applies a frame of a region; after an error everything is unchanged.
    pub fn apply(&mut self, region: &str, frame: &[u8]) -> Result<(), WireError> {
        if region == WORLD {
            self.world.apply(frame)?;
        } else if let Some((_, picture)) = self.regions.iter_mut().find(|(name, _)| name == region)
        {
            picture.apply(frame)?;
        } else {
            let mut picture = ClientState::default();
            picture.apply(frame)?;
            self.regions.push((region.to_owned(), picture));
        }
        self.choose();
        Ok(())
    }

    /// Drops a region; its aircraft are then shown by the rows of others.
    pub fn close(&mut self, region: &str) {
        self.regions.retain(|(name, _)| name != region);
        self.choose();
    }

    /// Returns a region's client state; `None` before its first frame.
    pub fn picture(&self, region: &str) -> Option<&ClientState> {
        if region == WORLD {
            return Some(&self.world);
        }
        self.regions.iter().find(|(name, _)| name == region).map(|(_, picture)| picture)
    }

    /// Returns `world`'s live state.
    pub fn world(&self) -> &LiveState {
        self.world.live()
    }

    /// Whether every region is at `world`'s time.
    pub fn settled(&self) -> bool {
        let at = |picture: &ClientState| (picture.epoch(), picture.live().time);
        self.regions.iter().all(|(_, picture)| at(picture) == at(&self.world))
    }

    /// How many aircraft there are.
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// Returns the aircraft at an index in the order of addresses, and its live state.
    pub fn row(&self, index: usize) -> (&LiveAircraft, &LiveState) {
        self.row_of(self.rows[index])
    }

    /// Returns the region whose row of an aircraft counts; `None` if the aircraft is unknown.
    pub fn source(&self, icao24: Icao24) -> Option<&str> {
        let key = |&choice: &Choice| self.address(choice);
        let index = self.rows.binary_search_by_key(&icao24, key).ok()?;
        let region = (self.rows[index].picture as usize).checked_sub(1);
        Some(region.map_or(WORLD, |region| &self.regions[region].0))
    }

    fn live(&self, picture: u32) -> &LiveState {
        match picture.checked_sub(1) {
            None => self.world.live(),
            Some(region) => self.regions[region as usize].1.live(),
        }
    }

    fn row_of(&self, Choice { picture, row }: Choice) -> (&LiveAircraft, &LiveState) {
        let live = self.live(picture);
        (&live.aircraft[row as usize], live)
    }

    fn address(&self, choice: Choice) -> Icao24 {
        self.row_of(choice).0.icao24
    }

    fn choose(&mut self) {
        // A region of another epoch has another history: it would mix simulated and real traffic.
        let counts = |picture: &ClientState| {
            picture.epoch() == self.world.epoch() && picture.live().time >= self.world.live().time
        };
        let counted = (1..).zip(&self.regions).filter(|(_, (_, picture))| counts(picture));
        let world = self.choices(0).collect();
        self.rows = counted.fold(world, |below, (picture, _)| self.laid_over(below, picture));
    }

    fn choices(&self, picture: u32) -> impl Iterator<Item = Choice> {
        (0..self.live(picture).aircraft.len() as u32).map(move |row| Choice { picture, row })
    }

    /// Merges both lists. Where both have an aircraft, the newer row counts, or else the picture's.
    fn laid_over(&self, below: Vec<Choice>, picture: u32) -> Vec<Choice> {
        let time = |choice: Choice| self.live(choice.picture).time;
        let mut merged = Vec::with_capacity(below.len());
        let mut below = below.into_iter().peekable();
        for above in self.choices(picture) {
            let address = self.address(above);
            while let Some(choice) = below.next_if(|&choice| self.address(choice) < address) {
                merged.push(choice);
            }
            let same = below.next_if(|&choice| self.address(choice) == address);
            merged.push(same.filter(|&choice| time(choice) > time(above)).unwrap_or(above));
        }
        merged.extend(below);
        merged
    }
}

#[cfg(test)]
mod tests;
