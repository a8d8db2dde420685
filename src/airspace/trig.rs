//! Sines in integers: the same on every machine, to the last bit.
//!
//! The compiler computes the tables from Taylor series in IEEE 754 arithmetic, in software. At run
//! time there are only integers.

/// The number one in the tables' fixed-point format.
pub(crate) const ONE: i64 = 1 << 30;

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

/// The sines of a whole circle, so that no branch depends on the quarter, which is unpredictable.
const CIRCLE: [i32; 4 * QUARTER] = {
    let mut table = [0; 4 * QUARTER];
    let mut index = 0;
    while index < QUARTER {
        table[index] = SINE[index];
        table[QUARTER + index] = SINE[QUARTER - index];
        table[2 * QUARTER + index] = -SINE[index];
        table[3 * QUARTER + index] = -SINE[QUARTER - index];
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
    i64::from(CIRCLE[half_degrees.rem_euclid(4 * QUARTER as i64) as usize])
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
pub(crate) fn cosine_of_latitude(microdegrees: i64) -> i64 {
    const STEP: u32 = 500_000;
    // At most 90,000,000; 32-bit division is faster.
    let latitude = microdegrees.unsigned_abs().min(90_000_000) as u32;
    let (index, rest) = ((latitude / STEP) as usize, latitude % STEP);
    // At the pole the rest is 0, so the next entry does not matter.
    let next = (QUARTER - index).saturating_sub(1);
    let (low, high) = (i64::from(SINE[QUARTER - index]), i64::from(SINE[next]));
    low + (high - low) * i64::from(rest) / i64::from(STEP)
}

/// The nearest whole number, halves away from zero, like `f64::round`. wasm and plain x86-64 have
/// no instruction for that, and each row has six such numbers.
pub(super) fn nearest(value: f64) -> i64 {
    let whole = value as i64;
    // Exact: the two differ by less than one, or are too large to have a fraction.
    let rest = value - whole as f64;
    whole.saturating_add(i64::from(rest >= 0.5)).saturating_sub(i64::from(rest <= -0.5))
}

/// The ratio of a turn's chord to its arc, times `ONE`, by the turn in degrees (0 to 180).
pub(super) fn chord(turn_degrees: i64) -> i64 {
    i64::from(CHORD[turn_degrees.unsigned_abs().min(180) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_whole_number_is_that_of_the_standard_library() {
        let edges =
            [0.0, 0.499_999_999_999_999_94, 0.5, 1.5, 2.5, 1e15 + 0.5, 4_503_599_627_370_497.5];
        let far = [f64::MAX, f64::INFINITY, 9.3e18, 9_007_199_254_740_993.0, f64::MIN_POSITIVE];
        for value in edges.into_iter().chain(far) {
            for value in [value, -value, value.next_up(), -value.next_down()] {
                assert_eq!(nearest(value), value.round() as i64, "{value}");
            }
        }
        for step in -100_000..100_000 {
            let value = f64::from(step) * 0.123_456_7;
            assert_eq!(nearest(value), value.round() as i64, "{value}");
        }
        assert_eq!(nearest(f64::NAN), 0);
    }

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
