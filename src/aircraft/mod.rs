//! Floor 0: what an aircraft is.
//!
//! In scope: the identity and the state vector of one aircraft, in OpenSky's names and SI units.
//! Out of scope: where the bytes came from, how a state is stored or sent.

mod callsign;
mod icao24;
mod knots;
mod origin;
mod registration;
mod squawk;
mod state;

pub use callsign::Callsign;
pub use icao24::Icao24;
pub use knots::Knots;
pub use origin::{Block, blocks, origin_of};
pub use registration::{N_NUMBERS, n_number};
pub use squawk::Squawk;
pub use state::StateVector;
