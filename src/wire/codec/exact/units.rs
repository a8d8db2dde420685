//! Numbers as whole steps of a unit, checked by bits: the unit gives the number back exactly, or
//! the number is coded as its 64 bits.

/// What a source counts in.
///
/// The value of k steps is (round(k · a / b) / c) · factor. The rounding is to the nearest whole
/// number, halves to the even one; the division and the product are those of IEEE 754 doubles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// Scaled digits in b steps.
    pub a: u32,
    /// See `a`; not 0.
    pub b: u32,
    /// The scale of the digits, not 0: 100 for hundredths.
    pub c: u32,
    /// What the source multiplies its own number with, as `feed` does; 1 where it does not.
    pub factor: f64,
    /// Millionths in a step, at least 1: for predictions only.
    micro: i64,
    /// Steps in a whole: the first guess of `steps`.
    per: f64,
}

/// The most steps, of either sign.
const STEPS_MAX: i64 = i32::MAX as i64;

impl Unit {
    /// The unit; `None` if it is none.
    pub fn new(a: u32, b: u32, c: u32, factor: f64) -> Option<Self> {
        let step = f64::from(a) / f64::from(b) / f64::from(c) * factor;
        let is_unit = a > 0 && b > 0 && c > 0 && (1e-9..=1e9).contains(&step);
        let micro = whole(step * 1e6).max(1);
        is_unit.then_some(Self { a, b, c, factor, micro, per: 1.0 / step })
    }

    /// The value of this many steps; `None` if they are too many.
    pub fn value(&self, steps: i64) -> Option<f64> {
        if !(-STEPS_MAX..=STEPS_MAX).contains(&steps) {
            return None;
        }
        let mut digits = steps * i64::from(self.a);
        if self.b != 1 {
            let by = i64::from(self.b);
            let (whole, twice) = (digits.div_euclid(by), 2 * digits.rem_euclid(by));
            digits = whole + i64::from(twice > by || twice == by && whole & 1 == 1);
        }
        Some(digits as f64 / f64::from(self.c) * self.factor)
    }

    /// The steps whose value has exactly these bits.
    pub fn steps(&self, value: f64) -> Option<i64> {
        let steps = whole(value * self.per);
        (self.value(steps)?.to_bits() == value.to_bits()).then_some(steps)
    }

    /// These steps in millionths, near enough to predict from.
    pub(super) fn micro(&self, steps: i64) -> i64 {
        steps.saturating_mul(self.micro)
    }

    /// The nearest number of steps to this many millionths.
    pub(super) fn nearest(&self, micro: i64) -> i64 {
        micro.saturating_add(self.micro / 2).div_euclid(self.micro)
    }
}

/// The nearest whole number, saturating. An inexact half does no harm: values are checked by bits.
pub(super) fn whole(value: f64) -> i64 {
    (value + 0.5f64.copysign(value)) as i64
}

/// The numbers of a row, by column.
pub(super) const COLUMNS: usize = 7;
pub(super) const LONGITUDE: usize = 0;
pub(super) const LATITUDE: usize = 1;
pub(super) const BARO: usize = 2;
pub(super) const GEO: usize = 3;
pub(super) const RATE: usize = 4;
pub(super) const VELOCITY: usize = 5;
pub(super) const TRACK: usize = 6;

/// What a column measures: an index of `Units`.
const QUANTITY: [usize; COLUMNS] = [0, 0, 1, 1, 2, 3, 4];

/// How a number is written: nil, its bits, as part of a vector in knots (OpenSky's or readsb's), or
/// in a unit: the form less `UNIT` is its index.
pub(super) const NIL: u8 = 0;
pub(super) const BITS: u8 = 1;
pub(super) const VECTOR: u8 = 2;
pub(super) const READSB_VECTOR: u8 = 3;
pub(super) const UNIT: u8 = 4;

/// The most units of a quantity: a form has three bits.
pub const UNITS_MAX: usize = 4;

/// The units of positions, altitudes, vertical rates, velocities and tracks, in the order in which
/// they are tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Units(pub [Vec<Unit>; 5]);

impl Units {
    /// The units of the sources that we know, in degrees, metres and metres per second.
    pub fn known() -> Self {
        const FOOT: f64 = 0.3048;
        const KNOT: f64 = 1_852.0 / 3_600.0;
        let list = |units: &[(u32, u32, u32, f64)]| {
            let unit = |&(a, b, c, factor)| Unit::new(a, b, c, factor).expect("a unit");
            units.iter().map(unit).collect()
        };
        Self([
            // OpenSky's four decimals, then more of them.
            list(&[(1, 1, 10_000, 1.0), (1, 1, 100_000, 1.0), (1, 1, 1_000_000, 1.0)]),
            // 25 feet as centimetres; readsb's feet; centimetres.
            list(&[(762, 1, 100, 1.0), (25, 1, 1, FOOT), (1, 1, 1, FOOT), (1, 1, 100, 1.0)]),
            // 64 feet a minute, 0.32512 m/s, rounded to hundredths; readsb's; hundredths.
            list(&[
                (32_512, 1_000, 100, 1.0),
                (64, 1, 1, FOOT / 60.0),
                (1, 1, 1, FOOT / 60.0),
                (1, 1, 100, 1.0),
            ]),
            // Eighths of a knot, as on the ground, rounded to hundredths; readsb's tenths of knots.
            list(&[(128_611, 20_000, 100, 1.0), (1, 1, 10, KNOT), (1, 1, 100, 1.0)]),
            // 128ths of a turn, as on the ground, rounded to hundredths.
            list(&[(28_125, 100, 100, 1.0), (1, 1, 100, 1.0)]),
        ])
    }

    fn of(&self, column: usize) -> &[Unit] {
        &self.0[QUANTITY[column]]
    }

    /// The unit of a form; `None` if it has none.
    pub(super) fn unit(&self, column: usize, form: u8) -> Option<&Unit> {
        self.of(column).get(usize::from(form.checked_sub(UNIT)?))
    }

    /// The form and steps of a number, in the form that was `used` before if it is possible.
    pub(super) fn number(&self, column: usize, value: f64, used: u8) -> (u8, i64) {
        if let Some(steps) = self.unit(column, used).and_then(|unit| unit.steps(value)) {
            return (used, steps);
        }
        for (form, unit) in (UNIT..).zip(self.of(column)) {
            if let Some(steps) = unit.steps(value) {
                return (form, steps);
            }
        }
        (BITS, value.to_bits() as i64)
    }

    /// The value of a number that is not nil nor of a vector; `None` if it is not one.
    pub(super) fn value(&self, column: usize, form: u8, steps: i64) -> Option<f64> {
        match form {
            BITS => Some(f64::from_bits(steps as u64)),
            form => self.unit(column, form)?.value(steps),
        }
    }

    /// The number in millionths, for predictions; 0 for nil and whatever is not of a unit.
    pub(super) fn micro(&self, column: usize, form: u8, steps: i64) -> i64 {
        match form {
            BITS => {
                let value = f64::from_bits(steps as u64);
                if value.abs() < 1e9 { whole(value * 1e6) } else { 0 }
            }
            form => self.unit(column, form).map_or(0, |unit| unit.micro(steps)),
        }
    }
}
