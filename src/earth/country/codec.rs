//! The bytes of [`Boundaries`], compact enough to be a static file and one KV value.
//!
//! ```text
//! "OFCB"                          magic
//! 1                               version
//! length, UTF-8                   the source: where the outlines come from, and their licence
//! columns                         the grid: steps once round the globe,
//! f64, f64                        latitude of row 0, degrees per row (little endian)
//! count, countries…               each: two letters, count of rings, rings…
//!                                 each: count of points, points…
//!                                 each: column and row, less the point's before, zigzag
//! ```
//!
//! Numbers are LEB128 varints. The columns' difference goes the short way round the globe. The
//! point before the first is that of the ring before; before all of them, column 0 and row 0.

use super::boundaries::{Boundaries, BoundariesError, Grid, Ring};

const MAGIC: &[u8; 4] = b"OFCB";
const VERSION: u8 = 1;

impl Boundaries {
    /// The boundaries' bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.push(VERSION);
        write_varint(&mut bytes, self.source.len() as u64);
        bytes.extend_from_slice(self.source.as_bytes());
        write_varint(&mut bytes, self.grid.columns as u64);
        bytes.extend_from_slice(&self.grid.south.to_le_bytes());
        bytes.extend_from_slice(&self.grid.row_height.to_le_bytes());
        write_varint(&mut bytes, self.countries.len() as u64);
        let mut before = (0, 0);
        for (code, rings) in &self.countries {
            bytes.extend_from_slice(code.as_str().as_bytes());
            write_varint(&mut bytes, rings.len() as u64);
            for ring in rings {
                write_varint(&mut bytes, ring.len() as u64);
                for &(column, row) in ring {
                    write_varint(&mut bytes, zigzag(self.grid.steps(before.0, column)));
                    write_varint(&mut bytes, zigzag(row - before.1));
                    before = (column, row);
                }
            }
        }
        bytes
    }

    /// The boundaries in the bytes. Hostile bytes cost no more memory than a multiple of their own.
    pub fn decode(bytes: &[u8]) -> Result<Self, BoundariesError> {
        let mut reader = Reader { bytes, at: 0 };
        if !bytes.starts_with(MAGIC) {
            return Err(BoundariesError::Magic(bytes.iter().copied().take(4).collect()));
        }
        reader.take(MAGIC.len())?;
        let version = reader.varint()?;
        if version != u64::from(VERSION) {
            return Err(BoundariesError::Version(version));
        }
        let length = reader.count(1)?;
        let source = std::str::from_utf8(reader.take(length)?);
        let source = source.ok().ok_or(BoundariesError::Source)?;
        let columns = i32::try_from(reader.varint()?).unwrap_or(i32::MAX);
        let grid = Grid { columns, south: reader.float()?, row_height: reader.float()? };
        grid.check()?;
        // A country takes at least three bytes: its code and a count.
        let count = reader.count(3)?;
        let mut countries = Vec::with_capacity(count);
        let mut before = (0, 0);
        for _ in 0..count {
            let code = [reader.byte()?, reader.byte()?];
            let letters = std::str::from_utf8(&code).ok().and_then(|letters| letters.parse().ok());
            let code = letters.ok_or(BoundariesError::Code(code))?;
            let rings = reader.count(1)?;
            let mut outline = Vec::with_capacity(rings);
            for _ in 0..rings {
                let ring = reader.ring(grid, &mut before);
                outline.push(ring.map_err(|refusal| match refusal {
                    Refusal::Bytes(error) => error,
                    Refusal::Point(column, row) => BoundariesError::Point(code, column, row),
                })?);
            }
            countries.push((code, outline));
        }
        match bytes.len() - reader.at {
            0 => Self::new(source, grid, countries),
            trailing => Err(BoundariesError::Trailing(trailing)),
        }
    }
}

enum Refusal {
    Bytes(BoundariesError),
    Point(i64, i64),
}

impl From<BoundariesError> for Refusal {
    fn from(error: BoundariesError) -> Self {
        Self::Bytes(error)
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn ring(&mut self, grid: Grid, before: &mut (i32, i32)) -> Result<Ring, Refusal> {
        // A point takes at least two bytes.
        let count = self.count(2)?;
        let mut ring = Vec::with_capacity(count);
        for _ in 0..count {
            let [steps, rows] = [unzigzag(self.varint()?), unzigzag(self.varint()?)];
            let off = Refusal::Point(steps, rows);
            let columns = i64::from(grid.columns);
            let row = i64::from(before.1).checked_add(rows);
            let row = row.and_then(|row| i32::try_from(row).ok());
            let Some(row) = row.filter(|_| steps.unsigned_abs() <= columns as u64) else {
                return Err(off);
            };
            let column = (i64::from(before.0) + steps).rem_euclid(columns) as i32;
            *before = (column, row);
            ring.push(*before);
        }
        Ok(ring)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], BoundariesError> {
        let rest = &self.bytes[self.at..];
        let taken = rest.get(..count).ok_or(BoundariesError::Truncated(self.bytes.len()))?;
        self.at += count;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, BoundariesError> {
        Ok(self.take(1)?[0])
    }

    fn float(&mut self) -> Result<f64, BoundariesError> {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(self.take(8)?);
        Ok(f64::from_le_bytes(bytes))
    }

    fn varint(&mut self) -> Result<u64, BoundariesError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(BoundariesError::Truncated(self.at))
    }

    /// A count of things that take at least so many bytes each, so no more than the rest can hold.
    fn count(&mut self, bytes_each: usize) -> Result<usize, BoundariesError> {
        let most = (self.bytes.len() - self.at) / bytes_each;
        let count = usize::try_from(self.varint()?).ok().filter(|&count| count <= most);
        count.ok_or(BoundariesError::Truncated(self.at))
    }
}

fn write_varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn zigzag(value: i32) -> u64 {
    let value = i64::from(value);
    ((value << 1) ^ (value >> 63)) as u64
}

fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}
