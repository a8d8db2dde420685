//! The ground track of one flight: from the runway round to the airway, along its bends, and round
//! to the runway at the other end.

use std::sync::OnceLock;

use super::airports::Field;
use super::path::{Path, Stand, Waypoint};
use super::random::Random;

/// An aircraft's turn radii, and how long it keeps the runway's direction; metres.
#[derive(Clone, Copy, Debug)]
pub(super) struct Handling {
    /// Minimum and maximum after take-off, and before landing.
    pub(super) straight_out: [f64; 2],
    pub(super) straight_in: [f64; 2],
    /// Radius of the turn by the runway, and of the one that joins the airway.
    pub(super) radii: [f64; 2],
    /// Metres between places where the route may bend, and how far aside such a place is at most.
    pub(super) bends: [f64; 2],
    /// The fraction of these places that are aside.
    pub(super) bends_share: f64,
    /// Half of a bend's length.
    pub(super) bend_half: f64,
}

/// The ground track of one flight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Route {
    path: Path,
    departure: Circuit,
    arrival: Circuit,
    handling: &'static Handling,
    draw: Random,
    /// Metres from runway to runway, rolling included.
    pub(super) length: f64,
}

impl Route {
    pub(super) fn new(from: Field, to: Field, handling: &'static Handling, draw: Random) -> Self {
        let path = Path::new(from.place, to.place, draw.of("bow").between(-0.04, 0.04));
        let circuit = |name, straight| Circuit::new(draw.of(name), straight, handling.radii);
        let departure = circuit("runway", handling.straight_out);
        let arrival = circuit("other runway", handling.straight_in);
        let between = path.length - departure.reach - arrival.reach;
        let length = departure.length + between + arrival.length;
        Self { path, departure, arrival, handling, draw, length }
    }

    /// Returns how far east it starts: 1 due east, −1 due west.
    pub(super) fn eastward(&self) -> f64 {
        self.path.eastward()
    }

    /// Returns the point after `flown` metres.
    pub(super) fn at(&self, flown: f64) -> Waypoint {
        let left = self.length - flown;
        let stand = if flown < self.departure.length {
            self.departure.at(flown)
        } else if left < self.arrival.length {
            // The circuit seen from the other end: left becomes right.
            let stand = self.arrival.at(left);
            Stand { along: self.path.length - stand.along, aside: -stand.aside, ..stand }
        } else {
            let along = flown - self.departure.length;
            let (aside, drift) = self.bent(along);
            Stand { along: self.departure.reach + along, aside, ahead: 1.0, drift }
        };
        self.path.at(stand)
    }

    /// Returns how far aside the airway is at `along`, metres, and its slope.
    fn bent(&self, along: f64) -> (f64, f64) {
        let [spacing, most] = self.handling.bends;
        let length = self.length - self.departure.length - self.arrival.length;
        let count = (length / spacing).floor().max(1.0);
        let spacing = length / count;
        let place = |index: f64| {
            let draw = self.draw.of("bends").at(index as i64);
            // The first and the last stretch lead straight on.
            let bends =
                index > 1.0 && index < count - 1.0 && draw.chance(self.handling.bends_share);
            if bends { draw.of("aside").between(-most, most) } else { 0.0 }
        };
        let nearest = (along / spacing).round();
        let [before, here, after] = [-1.0, 0.0, 1.0].map(|step| place(nearest + step));
        let slope = |rise: f64| rise / spacing;
        let ahead = along - nearest * spacing;
        let half = self.handling.bend_half;
        let (aside, drift) = corner(slope(here - before), slope(after - here), ahead, half);
        (here + aside, drift)
    }
}

/// A runway's direction relative to the airway's.
#[derive(Debug)]
struct Angle {
    /// Radians between the airway and the runway, and between the airway and the leg that joins it.
    runway: f64,
    back: f64,
    /// Sine and cosine of these.
    of_runway: [f64; 2],
    of_back: [f64; 2],
}

/// Returns the possible angles: runways lie with the wind, whatever the destination.
fn angles() -> &'static [Angle; 64] {
    static ANGLES: OnceLock<[Angle; 64]> = OnceLock::new();
    ANGLES.get_or_init(|| {
        std::array::from_fn(|index| {
            let runway = (10.0 + 140.0 / 63.0 * index as f64).to_radians();
            let back = (0.6 * runway).min(40.0_f64.to_radians());
            Angle { runway, back, of_runway: both(runway), of_back: both(back) }
        })
    })
}

/// The way between a runway and the airway, as flown away from the runway: straight on, a turn
/// towards the airway and beyond its direction, straight on until it is near, a turn into it.
#[derive(Clone, Copy, Debug)]
struct Circuit {
    /// 1 where the runway points to the left of the airway, −1 to the right.
    side: f64,
    angle: &'static Angle,
    /// Metres straight on from the runway, and straight on to the airway.
    out: f64,
    home: f64,
    radii: [f64; 2],
    length: f64,
    /// Metres of the great circle at its end.
    reach: f64,
}

impl Circuit {
    fn new(draw: Random, straight: [f64; 2], radii: [f64; 2]) -> Self {
        let side = if draw.chance(0.5) { 1.0 } else { -1.0 };
        let angle = &angles()[draw.of("angle").below(64) as usize];
        let Angle { runway, back, of_runway: [sin, cos], of_back: [sin_back, cos_back] } = *angle;
        let [near, far] = radii;
        let out = draw.of("straight").between(straight[0], straight[1]);
        // This length makes the last turn end on the airway.
        let home = (out * sin + near * (cos_back - cos) - far * (1.0 - cos_back)) / sin_back;
        let length = out + near * (runway + back) + home + far * back;
        let reach = out * cos + near * (sin + sin_back) + home * cos_back + far * sin_back;
        Self { side, angle, out, home, radii, length, reach }
    }

    /// Returns the place `flown` metres from the runway's end.
    fn at(&self, flown: f64) -> Stand {
        let Angle { runway, back, of_runway: [sin, cos], of_back: [sin_back, cos_back] } =
            *self.angle;
        let (out, [near, far]) = (self.out, self.radii);
        let turn = near * (runway + back);
        let (along, aside, heading) = if flown < out {
            (flown * cos, flown * sin, runway)
        } else if flown < out + turn {
            let heading = runway - (flown - out) / near;
            let [sin_now, cos_now] = both(heading);
            (out * cos + near * (sin - sin_now), out * sin + near * (cos_now - cos), heading)
        } else {
            let straight = (flown - out - turn).min(self.home);
            let along = out * cos + near * (sin + sin_back) + straight * cos_back;
            let aside = out * sin + near * (cos_back - cos) - straight * sin_back;
            let heading = (flown - out - turn - straight) / far - back;
            let [sin_now, cos_now] = both(heading);
            (along + far * (sin_now + sin_back), aside + far * (cos_back - cos_now), heading)
        };
        let [drift, ahead] = both(heading);
        Stand { along, aside: self.side * aside, ahead, drift: self.side * drift }
    }
}

fn both(angle: f64) -> [f64; 2] {
    let (sin, cos) = angle.sin_cos();
    [sin, cos]
}

/// Returns height and slope of two lines that meet at 0, with the corner rounded within `half`.
pub(super) fn corner(before: f64, after: f64, at: f64, half: f64) -> (f64, f64) {
    if at <= -half {
        return (before * at, before);
    }
    if at >= half {
        return (after * at, after);
    }
    let (since, bend) = (at + half, (after - before) / (2.0 * half));
    (before * at + bend * since * since / 2.0, before + bend * since)
}
