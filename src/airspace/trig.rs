//! Sines in integers: the same on every machine, to the last bit.
//!
//! The compiler computes the tables from Taylor series in IEEE 754 arithmetic, in software. At run
//! time there are only integers.

/// The number one in the tables' fixed-point format.
pub(super) const ONE: i64 = 1 << 30;

/// Half degrees in a quarter of a circle.
const QUARTER: usize = 180;

const SINE: [i32; QUARTER + 1] = {
    let mut table = [0; QUARTER + 1];
    let mut index = 0;
    while index <= QUARTER {
        table[index] = scaled(series(half_degrees(index)));
        index += 1;
    }
    table
};

/// sin(x) / x for whole degrees of 2x, 0 to 180: the ratio of an arc's chord to its length.
const CHORD: [i32; 181] = {
    let mut table = [0; 181];
    let mut index = 0;
    while index <= 180 {
        table[index] = scaled(series_by_x(half_degrees(index)));
        index += 1;
    }
    table
};

/// tan(a/2) = sin(a) / (1 + cos(a)) for a from 0 to 45° in half degrees.
const TANGENT: [i32; QUARTER / 2 + 1] = {
    let mut table = [0; QUARTER / 2 + 1];
    let mut index = 0;
    while index < table.len() {
        let (sine, cosine) = (SINE[index] as i64, SINE[QUARTER - index] as i64);
        table[index] = (sine * ONE / (ONE + cosine)) as i32;
        index += 1;
    }
    table
};

const fn half_degrees(count: usize) -> f64 {
    count as f64 * (std::f64::consts::PI / 360.0)
}

/// x − x³/3! + x⁵/5! − … for 0 ≤ x ≤ π/2: 13 terms leave less than 2⁻⁶⁰.
const fn series(x: f64) -> f64 {
    x * series_by_x(x)
}

const fn series_by_x(x: f64) -> f64 {
    let (mut term, mut sum, mut n) = (1.0, 1.0, 1);
    while n <= 13 {
        term *= -(x * x) / ((2 * n) as f64 * (2 * n + 1) as f64);
        sum += term;
        n += 1;
    }
    sum
}

const fn scaled(value: f64) -> i32 {
    (value * ONE as f64 + 0.5) as i32
}

/// The sine of an angle in half degrees, times `ONE`.
pub(super) fn sine(half_degrees: i64) -> i64 {
    let angle = half_degrees.rem_euclid(720) as usize;
    let value = match angle {
        0..=180 => SINE[angle],
        181..=360 => SINE[360 - angle],
        361..=540 => -SINE[angle - 360],
        _ => -SINE[720 - angle],
    };
    i64::from(value)
}

/// The cosine of an angle in half degrees, times `ONE`.
pub(super) fn cosine(half_degrees: i64) -> i64 {
    sine(half_degrees + 180)
}

/// The tangent of half an angle, times `ONE`; the angle is in half degrees, −90 to 90.
pub(super) fn tangent_of_half(half_degrees: i64) -> i64 {
    i64::from(TANGENT[half_degrees.unsigned_abs() as usize]) * half_degrees.signum()
}

/// The cosine of a latitude in microdegrees, times `ONE`; interpolated linearly between half
/// degrees.
pub(super) fn cosine_of_latitude(microdegrees: i64) -> i64 {
    const STEP: i64 = 500_000;
    let latitude = microdegrees.abs().min(90_000_000);
    let (index, rest) = (latitude / STEP, latitude % STEP);
    let (low, high) = (cosine(index), cosine(index + 1));
    low + (high - low) * rest / STEP
}

/// The ratio of a turn's chord to its arc, times `ONE`, by the turn in degrees (0 to 180).
pub(super) fn chord(turn_degrees: i64) -> i64 {
    i64::from(CHORD[turn_degrees.unsigned_abs().min(180) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_match_the_functions() {
        for half in -1_000_i64..1_000 {
            let exact = (half as f64 / 2.0).to_radians().sin() * ONE as f64;
            assert!((sine(half) as f64 - exact).abs() < 1.0, "{half}");
        }
        for turn in 1..=180_i64 {
            let x = (turn as f64 / 2.0).to_radians();
            assert!((chord(turn) as f64 - x.sin() / x * ONE as f64).abs() < 1.0, "{turn}");
        }
        assert_eq!(chord(0), ONE);
        for latitude in (-90_000_000..=90_000_000).step_by(123_457) {
            let exact = (latitude as f64 / 1e6).to_radians().cos();
            assert!((cosine_of_latitude(latitude) as f64 / ONE as f64 - exact).abs() < 1e-5);
        }
    }
}
