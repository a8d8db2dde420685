//! The rotation of a difference onto the direction of flight.
//!
//! Errors along the track and across it are of different sizes, so they are coded apart. Three
//! integer shears (a lifting scheme) map the lattice one to one onto itself, without loss.

use super::course::length;
use crate::aircraft::Knots;

/// The number one in the shears' fixed-point format.
const ONE: i64 = 1 << 16;

/// The rotation that puts a vector's direction on the first axis.
#[derive(Clone, Copy, Debug)]
pub struct Rotation {
    /// Quarter turns clockwise, after which the rest is within ±45°.
    quarters: u8,
    /// tan(a/2) and sin(a) of the rest a, times `ONE`.
    tangent: i64,
    sine: i64,
}

impl Rotation {
    /// The rotation onto this vector; none for the vector of length 0.
    pub fn onto(knots: Knots) -> Self {
        let (x, y) = (i64::from(knots.east), i64::from(knots.north));
        let quarters = match x.abs() >= y.abs() {
            true => 2 * u8::from(x < 0),
            false => 1 + 2 * u8::from(y < 0),
        };
        let (x, y) = clockwise((x, y), quarters);
        // The divisor of the length 0 does not matter: its sine is 0.
        let length = i64::from(length(knots)).max(1);
        Self { quarters, tangent: y * ONE / (length + x), sine: y * ONE / length }
    }

    /// Rotates `(east, north)`: the first component is along the vector, the second to its left.
    pub fn turn(self, pair: (i64, i64)) -> (i64, i64) {
        let (mut x, mut y) = clockwise(pair, self.quarters);
        x += rounded(y * self.tangent);
        y -= rounded(x * self.sine);
        x += rounded(y * self.tangent);
        (x, y)
    }

    /// The inverse of `turn`.
    pub fn turn_back(self, (mut x, mut y): (i64, i64)) -> (i64, i64) {
        x -= rounded(y * self.tangent);
        y += rounded(x * self.sine);
        x -= rounded(y * self.tangent);
        clockwise((x, y), 4 - self.quarters)
    }
}

/// The product of two fixed-point numbers: to the nearest, halves up.
fn rounded(product: i64) -> i64 {
    (product + ONE / 2) >> 16
}

/// Rotates the pair clockwise by this many quarters, 0 to 4.
fn clockwise((x, y): (i64, i64), quarters: u8) -> (i64, i64) {
    // Two selections instead of a loop: a track is unpredictable for the processor.
    let (x, y) = if quarters & 1 == 1 { (y, -x) } else { (x, y) };
    if quarters & 2 == 2 { (-x, -y) } else { (x, y) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vectors() -> impl Iterator<Item = Knots> {
        let around = (-20..=20).flat_map(|east| (-20..=20).map(move |north| Knots { east, north }));
        let most = i16::MAX;
        let far = [(most, 0), (-most, most), (0, -most), (449, -135), (-1, 500), (-500, -499)];
        around.chain(far.map(|(east, north)| Knots { east, north }))
    }

    #[test]
    fn turning_back_undoes_a_turn_of_any_pair() {
        for knots in vectors() {
            let rotation = Rotation::onto(knots);
            for x in [-100_000, -7, -1, 0, 1, 3, 12_345] {
                for y in [-99_999, -2, 0, 1, 5] {
                    assert_eq!(rotation.turn_back(rotation.turn((x, y))), (x, y), "{knots:?}");
                }
            }
        }
    }

    #[test]
    fn a_turn_puts_the_vector_on_the_first_axis() {
        for knots in vectors().filter(|&knots| length(knots) > 100) {
            let far = (i64::from(knots.east) * 100, i64::from(knots.north) * 100);
            let exact = (far.0 as f64).hypot(far.1 as f64);
            let (along, left) = Rotation::onto(knots).turn(far);
            // The length is rounded down by less than a hundredth.
            assert!((along as f64 / exact - 1.0).abs() < 0.01, "{knots:?} {along} {left}");
            assert!((left as f64 / exact).abs() < 0.01, "{knots:?} {along} {left}");
        }
        let east = Rotation::onto(Knots { east: 9, north: 0 });
        assert_eq!(east.turn((5, 3)), (5, 3), "north is to the left of east");
        assert_eq!(Rotation::onto(Knots::default()).turn((5, 3)), (5, 3));
    }
}
