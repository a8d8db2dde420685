//! The unevenness of climb, descent and cruise.
//!
//! Climbs and descents are sequences of stages: some steeper, some flatter, some level because of
//! other traffic, some with acceleration. In cruise the wind changes, and sometimes the flight
//! level.

use std::f64::consts::TAU;

use super::random::Random;
use super::route::corner;

/// The approximate length of a stage, seconds, and the maximum number of stages.
const STAGE: f64 = 90.0;
const STAGES_MAX: f64 = 16.0;

/// The mean lead of the speed over a linear change, as a fraction of the change: aircraft are fast
/// soon after take-off, and until shortly before landing.
pub(super) const EARLY: f64 = 0.18;

/// Half the duration of a change from one vertical rate to the next, seconds.
const CHANGE_HALF: f64 = 8.0;

/// The stages of one climb or descent.
pub(super) struct Stages {
    draw: Random,
    count: i64,
    /// Seconds of one stage.
    lasts: f64,
}

impl Stages {
    pub(super) fn new(draw: Random, seconds: f64) -> Self {
        // An even number, since the speeds of the second half mirror those of the first.
        let count = 2.0 * (seconds / STAGE).clamp(2.0, STAGES_MAX).div_euclid(2.0);
        Self { draw, count: count as i64, lasts: seconds / count }
    }

    /// Returns the fraction of the height that is done, and how much a second adds. `slopes` are
    /// the rates at both ends, as multiples of the mean.
    pub(super) fn risen(&self, elapsed: f64, slopes: [f64; 2]) -> (f64, f64) {
        let nearest = (elapsed / self.lasts).round();
        let mut heights = [0.0; 2];
        let mut rates = [None; 2];
        for stage in 0..self.count {
            let draw = self.draw.of("rate").at(stage);
            let share = (stage as f64 + 0.5) / self.count as f64;
            let level = stage > 0 && draw.of("level").chance(0.09);
            let usual = slopes[0] + (slopes[1] - slopes[0]) * share;
            let rate = if level { 0.0 } else { usual * draw.between(0.7, 1.3) };
            heights[0] += if (stage as f64) < nearest { rate } else { 0.0 };
            heights[1] += rate;
            for (at, found) in [nearest as i64 - 1, nearest as i64].into_iter().zip(&mut rates) {
                *found = if at == stage { Some(rate) } else { *found };
            }
        }
        let after = rates[1].or(rates[0]).unwrap_or_default();
        let before = rates[0].unwrap_or(after);
        let half = CHANGE_HALF.min(self.lasts / 2.0);
        let at = elapsed - nearest * self.lasts;
        let (height, rate) = corner(before / self.lasts, after / self.lasts, at, half);
        ((heights[0] + height) / heights[1], rate / heights[1])
    }

    /// Returns the fraction of the change of speed that is done, and its integral so far, seconds.
    ///
    /// Its mean over the whole is a half plus `early`, whatever the stages.
    pub(super) fn sped(&self, elapsed: f64, early: f64) -> (f64, f64) {
        let place = (elapsed / self.lasts).clamp(0.0, self.count as f64);
        let (mut speed, mut sum, mut total) = (0.0, 0.0, 0.0);
        for stage in 0..self.count {
            let draw = self.draw.of("speed").at(stage.min(self.count - 1 - stage));
            let gain = if draw.chance(0.4) { 0.2 } else { draw.of("gain").between(0.6, 1.6) };
            let done = (place - stage as f64).clamp(0.0, 1.0);
            sum += speed * done + gain * done * done / 2.0;
            speed += gain * done;
            total += gain;
        }
        // A parabola over the whole whose mean is `early`.
        let (seconds, done) = (self.lasts * self.count as f64, place / self.count as f64);
        let ahead = 6.0 * early * done * (1.0 - done);
        let ahead_sum = early * seconds * done * done * (3.0 - 2.0 * done);
        (speed / total + ahead, sum * self.lasts / total + ahead_sum)
    }
}

/// Returns how far the wind shifts an aircraft along its path, metres, and its speed, m/s.
///
/// `aloft` is the time since take-off, `left` the time to touchdown, seconds.
pub(super) fn swayed(draw: Random, aloft: f64, left: f64) -> (f64, f64) {
    const FADES: f64 = 180.0;
    if aloft <= 0.0 || left <= 0.0 {
        return (0.0, 0.0);
    }
    let wave = |draw: Random, period: [f64; 2], speed: [f64; 2]| {
        let turns = TAU / draw.of("period").between(period[0], period[1]);
        let speed = draw.of("speed").between(speed[0], speed[1]);
        let (sin, cos) = (turns * aloft + draw.of("phase").between(0.0, TAU)).sin_cos();
        (speed / turns * sin, speed * cos)
    };
    let slow = wave(draw.of("slow"), [500.0, 1_200.0], [0.5, 5.5]);
    let fast = wave(draw.of("fast"), [80.0, 200.0], [0.1, 1.0]);
    let (metres, speed) = (slow.0 + fast.0, slow.1 + fast.1);
    let (fade, fading) = match aloft.min(left) {
        near if near >= FADES => (1.0, 0.0),
        near => (near / FADES, if aloft < left { 1.0 / FADES } else { -1.0 / FADES }),
    };
    (metres * fade, speed * fade + metres * fading)
}

/// Returns metres above the cruising altitude, and the vertical rate: the flight level may change.
pub(super) fn level(draw: Random, elapsed: f64, lasts: f64) -> (f64, f64) {
    /// Minimum seconds between changes, and metres a second during one.
    const HELD: f64 = 1_200.0;
    const RATE: f64 = 3.6;
    let windows = (lasts / HELD).floor();
    let window = (elapsed / lasts * windows).floor();
    // The first and the last are at the cruising altitude.
    let at = |window: f64| {
        let draw = draw.at(window as i64);
        let changed = window > 0.0 && window < windows - 1.0 && draw.chance(0.35);
        let thousands = [-2.0, -1.0, 1.0, 2.0][draw.of("thousands").below(4) as usize];
        if changed { thousands * 304.8 } else { 0.0 }
    };
    let (before, after) = (at(window - 1.0), at(window));
    let climbed = RATE * (elapsed - window * lasts / windows.max(1.0));
    let change: f64 = after - before;
    match change {
        _ if climbed < change.abs() => (before + climbed.copysign(change), RATE.copysign(change)),
        _ => (after, 0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_climb_begins_at_once_and_its_height_is_the_sum_of_its_rates() {
        for (seed, seconds) in (0..50).flat_map(|seed| [20.0, 400.0, 2_000.0].map(|it| (seed, it)))
        {
            let stages = Stages::new(Random::seeded(seed), seconds);
            let step = seconds / 1_000.0;
            let at = |place: i32| stages.risen(f64::from(place) * step, [1.2, 0.8]);
            let case = format!("seed {seed}, {seconds} s");
            assert!(at(0).1 > 0.0, "{case}: {:?}", at(0));
            for place in 0..1_000 {
                let ((low, before), (high, after)) = (at(place), at(place + 1));
                let gained = (before + after) / 2.0 * step;
                assert!((high - low - gained).abs() < 1e-3, "{case}, {place}: {low} to {high}");
            }
            assert!((at(1_000).0 - 1.0).abs() < 1e-9, "{case}: {:?}", at(1_000));
        }
    }
}
