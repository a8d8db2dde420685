//! Cosines in integers: the same on every machine, to the last bit.
//!
//! The compiler computes the table from Taylor series in IEEE 754 arithmetic, in software. At run
//! time there are only integers.

/// The number one in the table's fixed-point format.
pub(super) const ONE: i64 = 1 << 30;

/// Half degrees in a quarter of a circle.
const QUARTER: usize = 180;

/// The cosines of the half degrees from 0 to 90°, times `ONE`.
const COSINE: [i32; QUARTER + 1] = {
    let mut table = [0; QUARTER + 1];
    let mut index = 0;
    while index <= QUARTER {
        let angle = (QUARTER - index) as f64 * (std::f64::consts::PI / 360.0);
        table[index] = (sine(angle) * ONE as f64 + 0.5) as i32;
        index += 1;
    }
    table
};

/// x − x³/3! + x⁵/5! − … for 0 ≤ x ≤ π/2: 13 terms leave less than 2⁻⁶⁰.
const fn sine(x: f64) -> f64 {
    let (mut term, mut sum, mut n) = (x, x, 1);
    while n <= 13 {
        term *= -(x * x) / ((2 * n) as f64 * (2 * n + 1) as f64);
        sum += term;
        n += 1;
    }
    sum
}

/// The cosine of a latitude in microdegrees, times `ONE`; interpolated linearly between half
/// degrees.
pub(crate) fn cosine_of_latitude(microdegrees: i64) -> i64 {
    const STEP: u32 = 500_000;
    // At most 90,000,000; 32-bit division is faster.
    let latitude = microdegrees.unsigned_abs().min(90_000_000) as u32;
    let (index, rest) = ((latitude / STEP) as usize, latitude % STEP);
    // At the pole the rest is 0, so the next entry does not matter.
    let next = (index + 1).min(QUARTER);
    let (low, high) = (i64::from(COSINE[index]), i64::from(COSINE[next]));
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
    fn the_table_matches_the_function() {
        for latitude in (-90_000_000..=90_000_000).step_by(123_457) {
            let exact = (latitude as f64 / 1e6).to_radians().cos();
            assert!((cosine_of_latitude(latitude) as f64 / ONE as f64 - exact).abs() < 1e-5);
        }
    }
}
