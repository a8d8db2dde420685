//! The vector of whole knots from which velocity and track are computed.
//!
//! Transponders send a velocity over ground as two whole numbers of knots, east and north.
//! OpenSky's velocity and track are computed from them and rounded to hundredths, so the vector
//! gives both back to the last bit. Of airborne aircraft with both, 99.4 to 99.7 % have such a
//! pair. readsb's are computed from them, too, but its speed is rounded to tenths of knots.
//!
//! The bits are the same on every machine: the velocity is computed in integers, and the track with
//! crate `libm`, which is IEEE 754 arithmetic in a fixed order.

/// A velocity over ground in whole knots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Knots {
    /// Knots east.
    pub east: i16,
    /// Knots north.
    pub north: i16,
}

/// Metres per second of a knot, as the data has it. A knot's definition is 1,852 / 3,600.
const METRES_PER_SECOND: f64 = 0.514444;

/// A knot in metres per second, as `feed` multiplies readsb's speeds.
const KNOT: f64 = 1_852.0 / 3_600.0;

/// (2 · 51.4444)², as a fraction in lowest terms: twice the hundredths of m/s in a knot, squared.
const SQUARE: (u64, u64) = (128_611 * 128_611, 1_562_500);

/// Squared knots above this count as this, 32,768 knots: times 128,611² they still have 64 bits.
const SQUARED_KNOTS_MAX: u64 = 1 << 30;

/// Hundredths of a degree in a circle.
const CIRCLE: i32 = 36_000;

impl Knots {
    /// The vector of which these are exactly [`Self::velocity`] and [`Self::track`], bit for bit.
    ///
    /// `None` if there is none, or if it is so long that the nearest vector to the rounded pair is
    /// another: that begins at 5,000 knots.
    pub fn of(velocity: f64, track: f64) -> Option<Self> {
        let knots = Self::nearest(velocity, track);
        let is_same = knots.velocity().to_bits() == velocity.to_bits()
            && knots.track().to_bits() == track.to_bits();
        is_same.then_some(knots)
    }

    /// The vector of which these are exactly [`Self::readsb_velocity`] and [`Self::track`].
    pub fn of_readsb(velocity: f64, track: f64) -> Option<Self> {
        let knots = Self::nearest(velocity, track);
        let is_same = knots.readsb_velocity().to_bits() == velocity.to_bits()
            && knots.track().to_bits() == track.to_bits();
        is_same.then_some(knots)
    }

    /// The vector nearest to a velocity in m/s and a track in degrees clockwise from north. Longer
    /// ones than the type holds are cut in each component; not a number counts as 0.
    pub fn nearest(velocity: f64, track: f64) -> Self {
        let (sine, cosine) = libm::sincos(track.to_radians());
        let knots = velocity / METRES_PER_SECOND;
        // A cast saturates. `libm` again: wasm and plain x86-64 have no instruction for `round`.
        let whole = |component: f64| libm::round(component) as i16;
        Self { east: whole(knots * sine), north: whole(knots * cosine) }
    }

    /// Metres per second: the length times 0.514444, rounded to hundredths, halves up.
    ///
    /// That is k / 100 with k = ⌊(⌊√(4 · 51.4444² · (east² + north²))⌋ + 1) / 2⌋.
    pub fn velocity(self) -> f64 {
        let doubled = (self.squared() * SQUARE.0 / SQUARE.1).isqrt();
        // A quotient of whole numbers is the double nearest to the decimal, as a parser reads it.
        doubled.div_ceil(2) as f64 / 100.0
    }

    /// Metres per second, as we compute them from readsb's speed: the length rounded to tenths of
    /// knots, halves up, times a knot.
    pub fn readsb_velocity(self) -> f64 {
        (400 * self.squared()).isqrt().div_ceil(2) as f64 / 10.0 * KNOT
    }

    /// The squared length.
    fn squared(self) -> u64 {
        let squared = |component: i16| u64::from(component.unsigned_abs()).pow(2);
        (squared(self.east) + squared(self.north)).min(SQUARED_KNOTS_MAX)
    }

    /// Degrees clockwise from north, rounded to hundredths, from 0 to 359.99; 0 without a velocity.
    ///
    /// No vector's angle is nearer to the middle of two hundredths than 3 · 10⁻⁹ hundredths, which
    /// is hundreds of times the error of any good `atan2` in doubles.
    pub fn track(self) -> f64 {
        let angle = libm::atan2(f64::from(self.east), f64::from(self.north)).to_degrees();
        let hundredths = libm::round(angle * 100.0) as i32;
        f64::from(hundredths.rem_euclid(CIRCLE)) / 100.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number rounded to hundredths as the sources do it: by its decimal digits.
    fn hundredths(value: f64) -> f64 {
        format!("{value:.2}").parse().expect("a number")
    }

    #[test]
    fn velocity_and_track_are_those_of_the_standard_library() {
        for east in (-700..=700_i16).step_by(3) {
            for north in -700..=700_i16 {
                let knots = Knots { east, north };
                let (x, y) = (f64::from(east), f64::from(north));
                assert_eq!(knots.velocity(), (x.hypot(y) * 51.4444).round() / 100.0, "{knots:?}");
                let degrees = x.atan2(y).to_degrees();
                let track = (degrees * 100.0).round().rem_euclid(36_000.0) / 100.0;
                assert_eq!(knots.track().to_bits(), track.to_bits(), "{knots:?}");
                assert_eq!(Knots::of(knots.velocity(), knots.track()), Some(knots));
            }
        }
    }

    #[test]
    fn the_pair_is_what_decimals_are_parsed_to() {
        for (east, north) in [(-100, -59), (3, 4), (449, -135), (-1, 0), (0, -1), (32_767, -32_768)]
        {
            let knots = Knots { east, north };
            for value in [knots.velocity(), knots.track()] {
                assert_eq!(value.to_bits(), hundredths(value).to_bits(), "{knots:?}");
            }
        }
        assert_eq!(Knots::of(59.73, 239.46), Some(Knots { east: -100, north: -59 }));
        assert_eq!(Knots::of(0.0, 0.0), Some(Knots::default()));
        let west_of_north = Knots { east: -1, north: 20_000 };
        assert_eq!(west_of_north.track(), 0.0, "a full turn is none");
    }

    #[test]
    fn the_pair_of_readsb_is_its_tenths_of_knots_times_a_knot() {
        for east in (-700..=700_i16).step_by(7) {
            for north in -700..=700_i16 {
                let knots = Knots { east, north };
                let length = f64::from(east).hypot(f64::from(north));
                let velocity = (length * 10.0).round() / 10.0 * (1_852.0 / 3_600.0);
                assert_eq!(knots.readsb_velocity().to_bits(), velocity.to_bits(), "{knots:?}");
                assert_eq!(Knots::of_readsb(velocity, knots.track()), Some(knots));
            }
        }
        assert_eq!(Knots::of_readsb(59.73, 239.46), None);
    }

    #[test]
    fn any_other_pair_is_none() {
        for (velocity, track) in [
            (-0.0, 0.0),
            (0.0, -0.0),
            (0.0, 360.0),
            (59.73, 239.459_999_999_999_98),
            (59.73, -120.54),
            (-59.73, 59.46),
            (59.735, 239.46),
            (f64::NAN, 0.0),
            (f64::INFINITY, 90.0),
            (f64::MIN_POSITIVE, 0.0),
            (100.0, f64::MAX),
            (f64::MAX, f64::MAX),
        ] {
            assert_eq!(Knots::of(velocity, track), None, "{velocity} {track}");
        }
    }

    #[test]
    fn the_nearest_vector_is_less_than_a_knot_off() {
        for step in 0..36_000 {
            let (velocity, track) = (f64::from(step % 341), f64::from(step) / 100.0);
            let near = Knots::nearest(velocity, track);
            let (sine, cosine) = track.to_radians().sin_cos();
            let east = f64::from(near.east) - velocity / 0.514444 * sine;
            let north = f64::from(near.north) - velocity / 0.514444 * cosine;
            assert!(east.abs() < 0.501 && north.abs() < 0.501, "{velocity} {track}");
        }
        let far = Knots { east: i16::MAX, north: 0 };
        assert_eq!(Knots::nearest(f64::MAX, 90.0).east, far.east);
        assert_eq!(Knots::nearest(f64::NAN, f64::NAN), Knots::default());
    }
}
