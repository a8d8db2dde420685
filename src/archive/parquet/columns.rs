//! The columns of a file: one description of each writes it and reads it.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as PhysicalType};
use parquet::schema::types::{Type, TypePtr};

use super::Row;
use crate::aircraft::{Callsign, Icao24, Squawk, StateVector};
use crate::earth::Position;

/// Microseconds in a second: the unit of `time`.
pub(super) const MICROS: i64 = 1_000_000;

/// One column.
pub(super) struct Column {
    /// Its name; the API's.
    pub name: &'static str,
    /// Whether every row has a value.
    pub is_required: bool,
    /// Its cells.
    pub cells: Cells,
}

/// How a column's cells come from rows and go into them. `get` returns `None` for null, and `set`
/// is only called with what is not null.
pub(super) enum Cells {
    /// The time of the minute.
    Time,
    /// Unix seconds.
    Seconds { get: fn(&StateVector) -> Option<i64>, set: fn(&mut StateVector, i64) },
    /// A small code.
    Code { get: fn(&StateVector) -> Option<u8>, set: fn(&mut StateVector, u8) },
    /// A measurement.
    Number { get: fn(&StateVector) -> Option<f64>, set: fn(&mut StateVector, f64) },
    /// A flag.
    Flag { get: fn(&StateVector) -> bool, set: fn(&mut StateVector, bool) },
    /// A text; `set` returns `None` if it cannot be.
    Text {
        get: fn(&StateVector) -> Option<Cow<'_, str>>,
        set: fn(&mut StateVector, &str) -> Option<()>,
    },
}

/// A column that has a value in every row.
const fn required(name: &'static str, cells: Cells) -> Column {
    Column { name, is_required: true, cells }
}

/// A column that may be null.
const fn optional(name: &'static str, cells: Cells) -> Column {
    Column { name, is_required: false, cells }
}

/// A measurement of a field of that name.
macro_rules! number {
    ($field:ident) => {
        optional(
            stringify!($field),
            Cells::Number { get: |row| row.$field, set: |row, value| row.$field = Some(value) },
        )
    };
}

/// A small code of a field of that name.
macro_rules! code {
    ($field:ident) => {
        optional(
            stringify!($field),
            Cells::Code { get: |row| row.$field, set: |row, value| row.$field = Some(value) },
        )
    };
}

/// A flag of a field of that name.
macro_rules! flag {
    ($field:ident) => {
        required(
            stringify!($field),
            Cells::Flag { get: |row| row.$field, set: |row, value| row.$field = value },
        )
    };
}

/// The columns by which the rows ascend, as indices of `COLUMNS`: the address, then the time.
pub(super) const SORTED_BY: [i32; 2] = [1, 0];

/// All columns.
pub(super) const COLUMNS: [Column; 19] = [
    required("time", Cells::Time),
    required(
        "icao24",
        Cells::Text {
            get: |row| Some(row.icao24.to_string().into()),
            set: |row, text| text.parse().ok().map(|icao24| row.icao24 = icao24),
        },
    ),
    optional(
        "callsign",
        Cells::Text {
            get: |row| row.callsign.as_ref().map(|callsign| callsign.as_str().into()),
            set: |row, text| {
                row.callsign = Callsign::parse(text).ok()?;
                Some(())
            },
        },
    ),
    optional(
        "origin_country",
        Cells::Text {
            get: |row| row.origin_country.as_deref().map(Cow::from),
            set: |row, text| {
                row.origin_country = Some(text.into());
                Some(())
            },
        },
    ),
    optional(
        "time_position",
        Cells::Seconds {
            get: |row| row.time_position,
            set: |row, seconds| row.time_position = Some(seconds),
        },
    ),
    required(
        "last_contact",
        Cells::Seconds {
            get: |row| Some(row.last_contact),
            set: |row, seconds| row.last_contact = seconds,
        },
    ),
    optional(
        LONGITUDE,
        Cells::Number {
            get: |row| row.position.map(|position| position.longitude),
            set: |row, longitude| position(row).longitude = longitude,
        },
    ),
    optional(
        LATITUDE,
        Cells::Number {
            get: |row| row.position.map(|position| position.latitude),
            set: |row, latitude| position(row).latitude = latitude,
        },
    ),
    number!(baro_altitude),
    flag!(on_ground),
    number!(velocity),
    number!(true_track),
    number!(vertical_rate),
    number!(geo_altitude),
    optional(
        "squawk",
        Cells::Text {
            get: |row| row.squawk.map(|squawk| squawk.to_string().into()),
            set: |row, text| text.parse().ok().map(|squawk: Squawk| row.squawk = Some(squawk)),
        },
    ),
    flag!(spi),
    code!(position_source),
    code!(category),
    optional(
        "current_country",
        Cells::Text {
            get: |row| row.current_country.as_ref().map(|code| code.as_str().into()),
            set: |row, text| text.parse().ok().map(|code| row.current_country = Some(code)),
        },
    ),
];

/// The columns without a dictionary, since hardly any value repeats.
pub(super) const LONGITUDE: &str = "longitude";
pub(super) const LATITUDE: &str = "latitude";

fn position(row: &mut StateVector) -> &mut Position {
    row.position.get_or_insert(Position { longitude: 0.0, latitude: 0.0 })
}

/// A row of which nothing is known yet.
pub(super) fn blank() -> Row {
    let state = StateVector {
        icao24: Icao24::new(0).expect("0 has fewer than 24 bits"),
        callsign: None,
        origin_country: None,
        time_position: None,
        last_contact: 0,
        position: None,
        baro_altitude: None,
        on_ground: false,
        velocity: None,
        true_track: None,
        vertical_rate: None,
        geo_altitude: None,
        squawk: None,
        spi: false,
        position_source: None,
        category: None,
        current_country: None,
    };
    (0, state)
}

/// The schema. No field has an id, so that Iceberg maps the columns by their names.
pub(super) static SCHEMA: LazyLock<TypePtr> = LazyLock::new(|| {
    let fields = COLUMNS.iter().map(|column| Arc::new(column.schema())).collect();
    let schema = Type::group_type_builder("state_vectors").with_fields(fields).build();
    Arc::new(schema.expect("the columns have different names"))
});

impl Column {
    fn schema(&self) -> Type {
        let time = LogicalType::timestamp(true, TimeUnit::MICROS);
        let (physical, logical) = match self.cells {
            Cells::Time => (PhysicalType::INT64, Some(time)),
            Cells::Seconds { .. } => (PhysicalType::INT64, None),
            Cells::Code { .. } => (PhysicalType::INT32, None),
            Cells::Number { .. } => (PhysicalType::DOUBLE, None),
            Cells::Flag { .. } => (PhysicalType::BOOLEAN, None),
            Cells::Text { .. } => (PhysicalType::BYTE_ARRAY, Some(LogicalType::String)),
        };
        let repetition = match self.is_required {
            true => Repetition::REQUIRED,
            false => Repetition::OPTIONAL,
        };
        let builder = Type::primitive_type_builder(self.name, physical);
        let built = builder.with_repetition(repetition).with_logical_type(logical).build();
        built.expect("each logical type fits its physical type")
    }
}
