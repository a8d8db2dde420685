//! The lattice to which live positions are rounded, and its resolutions.
//!
//! Rows of cells lie along the parallels. A cell's height is the resolution's step of latitude. Its
//! width is the step of longitude nearest to the same distance there. So cells are practically
//! square except within half a degree of the poles.

use super::trig::{ONE, cosine_of_latitude, nearest};

/// The grid to which the live state is rounded. The archive is exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Resolution {
    /// 50 m, 25 ft, 64 ft/min: finer would code noise, since the times of OpenSky's
    /// positions are whole seconds.
    #[default]
    Fine,
    /// 100 m, 100 ft, 256 ft/min: for a map of the whole world.
    Display,
}

impl Resolution {
    /// The step of latitude, microdegrees: 450 of them are 50.04 m.
    pub const fn position_microdegrees(self) -> i64 {
        if self.is_fine() { 450 } else { 900 }
    }

    /// The step of altitude, feet.
    pub const fn altitude_feet(self) -> i64 {
        if self.is_fine() { 25 } else { 100 }
    }

    /// The step of vertical rate, feet a minute.
    pub const fn vertical_rate_fpm(self) -> i64 {
        if self.is_fine() { 64 } else { 256 }
    }

    /// Its code in a frame's envelope.
    pub const fn code(self) -> u8 {
        if self.is_fine() { 1 } else { 2 }
    }

    /// The resolution with this code; `None` for an unknown one.
    pub const fn coded(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Fine),
            2 => Some(Self::Display),
            _ => None,
        }
    }

    const fn is_fine(self) -> bool {
        matches!(self, Self::Fine)
    }
}

/// A cell of the lattice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Cell {
    /// Steps of latitude from the equator, north positive.
    pub row: i32,
    /// Steps of longitude from the antimeridian eastward, from 0.
    pub column: i32,
}

/// A point in microdegrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// East of Greenwich, −180,000,000 to below 180,000,000.
    pub longitude: i64,
    /// North of the equator, −90,000,000 to 90,000,000.
    pub latitude: i64,
}

/// Half a turn, microdegrees.
const HALF: i64 = 180_000_000;

/// The least cosine that counts, that of 89.5°: nearer to the pole cells become narrow.
const COSINE_MIN: i64 = ONE / 115;

impl Point {
    /// The point in degrees, to the nearest microdegree.
    pub fn from_degrees(longitude: f64, latitude: f64) -> Self {
        let whole = |degrees: f64| nearest(degrees * 1e6);
        Self { longitude: whole(longitude), latitude: whole(latitude) }.normalised()
    }

    /// The same point with its longitude in range, and its latitude clamped to the poles.
    pub(super) fn normalised(self) -> Self {
        Self {
            longitude: (self.longitude + HALF).rem_euclid(2 * HALF) - HALF,
            latitude: self.latitude.clamp(-HALF / 2, HALF / 2),
        }
    }

    /// The point this far north and east, in microdegrees of a great circle; for short distances.
    pub(super) fn moved(self, north: i64, east: i64) -> Self {
        let latitude = self.latitude + north;
        let cosine = cosine_of_latitude(self.latitude + north / 2).max(COSINE_MIN);
        Self { longitude: self.longitude + east * ONE / cosine, latitude }.normalised()
    }
}

impl Cell {
    /// The cell that the point lies in.
    pub fn of(point: Point, resolution: Resolution) -> Self {
        let row = Self::row_of(point, resolution);
        Self { row, column: Self::column_in(point, row, resolution) as i32 }
    }

    /// The row that the point lies in.
    pub fn row_of(point: Point, resolution: Resolution) -> i32 {
        // Division by a constant costs a tenth of other divisions.
        let row = |step: i64| (point.latitude + step / 2).div_euclid(step) as i32;
        match resolution {
            Resolution::Fine => row(Resolution::Fine.position_microdegrees()),
            Resolution::Display => row(Resolution::Display.position_microdegrees()),
        }
    }

    /// The column of a point's longitude in a row.
    pub fn column_in(point: Point, row: i32, resolution: Resolution) -> i64 {
        (point.longitude + HALF) / width(i64::from(row), resolution)
    }

    /// The middle of the cell.
    pub fn centre(self, resolution: Resolution) -> Point {
        let row = i64::from(self.row);
        let width = width(row, resolution);
        let longitude = i64::from(self.column) * width + width / 2 - HALF;
        let latitude = row * resolution.position_microdegrees();
        Point { longitude: longitude.min(HALF - 1), latitude }.normalised()
    }

    /// The number of cells in a row.
    pub fn columns(row: i32, resolution: Resolution) -> i64 {
        let width = width(i64::from(row), resolution);
        (2 * HALF + width - 1) / width
    }

    /// The last row; the first is its negative.
    pub fn rows_max(resolution: Resolution) -> i64 {
        let step = resolution.position_microdegrees();
        (HALF / 2 + step / 2) / step
    }
}

/// A cell's width, microdegrees of longitude.
fn width(row: i64, resolution: Resolution) -> i64 {
    let step = resolution.position_microdegrees();
    let cosine = cosine_of_latitude(row * step).max(COSINE_MIN);
    (step * ONE + cosine / 2) / cosine
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cells_centre_lies_in_the_cell_and_near_its_points() {
        for resolution in [Resolution::Fine, Resolution::Display] {
            for longitude in (-180_000_000..180_000_000).step_by(1_234_567) {
                for latitude in (-90_000_000..=90_000_000).step_by(987_654) {
                    let point = Point { longitude, latitude };
                    let cell = Cell::of(point, resolution);
                    let centre = cell.centre(resolution);
                    assert_eq!(Cell::of(centre, resolution), cell, "{point:?}");
                    let step = resolution.position_microdegrees();
                    assert!((centre.latitude - latitude).abs() <= step / 2, "{point:?}");
                    let cosine = (latitude as f64 / 1e6).to_radians().cos();
                    let east = (centre.longitude - longitude).abs() as f64 * cosine;
                    assert!(east <= step as f64 * 0.51 + 1.0, "{point:?} {east}");
                    assert!(i64::from(cell.column) < Cell::columns(cell.row, resolution));
                }
            }
        }
    }
}
