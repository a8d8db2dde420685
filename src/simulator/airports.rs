//! Airports, and which of them are connected by flights of which length.

use std::sync::OnceLock;

use super::Haul;

/// Mean radius of the earth, metres.
pub(super) const EARTH_RADIUS: f64 = 6_371_008.8;

/// A point on the unit sphere.
pub(super) type Vector = [f64; 3];

/// A place with a runway.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) place: Vector,
    /// Degrees east of Greenwich; the local time follows from it.
    pub(super) longitude: f64,
    /// Metres above the sea.
    pub(super) elevation: f64,
}

/// An airport of the table.
pub(super) struct Airport {
    pub(super) country: &'static str,
    pub(super) field: Field,
    pub(super) weight: f64,
    /// For each haul, its destinations with cumulative weights.
    destinations: [Vec<(usize, f64)>; 3],
}

impl Airport {
    /// Returns the destination at this fraction of the weights; `None` if no airport is in range.
    pub(super) fn destination(&self, haul: Haul, share: f64) -> Option<&'static Airport> {
        pick(&self.destinations[haul as usize], share).map(|index| &airports()[index])
    }
}

/// Returns the index at a fraction, 0 to 1, of cumulative weights.
pub(super) fn pick(summed: &[(usize, f64)], share: f64) -> Option<usize> {
    let total = summed.last()?.1;
    let at = summed.partition_point(|&(_, sum)| sum <= share * total);
    summed.get(at).or(summed.last()).map(|&(index, _)| index)
}

pub(super) fn vector(longitude: f64, latitude: f64) -> Vector {
    let (sin, cos) = latitude.to_radians().sin_cos();
    let (sin_longitude, cos_longitude) = longitude.to_radians().sin_cos();
    [cos * cos_longitude, cos * sin_longitude, sin]
}

pub(super) fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub(super) fn cross(a: Vector, b: Vector) -> Vector {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// Returns all airports of the table.
pub(super) fn airports() -> &'static [Airport] {
    static AIRPORTS: OnceLock<Vec<Airport>> = OnceLock::new();
    AIRPORTS.get_or_init(|| {
        let rows = include_str!("airports.tsv").lines().filter(|line| !line.starts_with('#'));
        let mut airports: Vec<_> = rows.map(airport).collect();
        for from in 0..airports.len() {
            airports[from].destinations = [Haul::Short, Haul::Medium, Haul::Long]
                .map(|haul| destinations(&airports, from, haul));
        }
        airports
    })
}

fn airport(row: &'static str) -> Airport {
    let columns: Vec<_> = row.split('\t').collect();
    let [_, country, numbers @ ..] = &columns[..] else { unreachable!("{row:?} is committed") };
    let numbers: Vec<f64> = numbers.iter().filter_map(|number| number.parse().ok()).collect();
    let [longitude, latitude, elevation, weight] = numbers[..] else {
        unreachable!("{row:?} is committed and ends with four numbers")
    };
    let field = Field { place: vector(longitude, latitude), longitude, elevation };
    Airport { country, field, weight, destinations: Default::default() }
}

/// Gravity model: near and busy airports attract most flights.
fn destinations(airports: &[Airport], from: usize, haul: Haul) -> Vec<(usize, f64)> {
    let range = haul.range();
    let mut sum = 0.0;
    let reachable = airports.iter().enumerate().filter_map(|(index, airport)| {
        let cosine = dot(airports[from].field.place, airport.field.place).clamp(-1.0, 1.0);
        let distance = cosine.acos() * EARTH_RADIUS;
        if index == from || !range.contains(&distance) {
            return None;
        }
        // Domestic flights are the most frequent: language, family and traffic rights.
        let home = if airport.country == airports[from].country { 4.0 } else { 1.0 };
        sum += airport.weight * home * (range.start / distance).sqrt();
        Some((index, sum))
    });
    reachable.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_airports_attract_more_flights_than_their_weights_alone_would() {
        for haul in [Haul::Short, Haul::Medium, Haul::Long] {
            // Sums of shares times distances, and of shares.
            let (mut drawn, mut by_weight) = ([0.0; 2], [0.0; 2]);
            for from in airports() {
                let mut before = 0.0;
                for &(index, sum) in &from.destinations[haul as usize] {
                    let (to, share) = (&airports()[index], sum - before);
                    before = sum;
                    if to.country != from.country {
                        let cosine = dot(from.field.place, to.field.place);
                        let distance = cosine.clamp(-1.0, 1.0).acos();
                        drawn = [drawn[0] + share * distance, drawn[1] + share];
                        by_weight = [by_weight[0] + to.weight * distance, by_weight[1] + to.weight];
                    }
                }
            }
            let [drawn, by_weight] =
                [drawn, by_weight].map(|[distances, shares]| distances / shares);
            assert!(drawn < 0.98 * by_weight, "{haul:?}: {drawn} and {by_weight} radians");
        }
    }
}
