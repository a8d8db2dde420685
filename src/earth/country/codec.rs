//! The bytes of [`Boundaries`], compact enough to be a static file and one KV value.
//!
//! ```text
//! "OFCB"                          magic number
//! 2                               version
//! length, UTF-8                   the source: where the outlines come from, and their licence
//! columns                         the grid: columns round the globe,
//! f64, f64                        latitude of row 0, degrees per row (little endian)
//! count, letters…                 the countries, two letters each; the first has the label 1
//! count, count, arcs…             the number of all arcs' points, and of arcs;
//!                                 an arc: mask, count of points, points…
//!                                 a point: column and row, less the previous point's, zigzag
//! rings…                          for each country: count, rings…, a ring: count of arcs, arcs…
//!                                 an arc: 2 × its number, plus 1 if it runs backwards
//! bits, columns, rows, row        the root cells: their side, their counts, southern side (zigzag)
//! count, bytes…                   the cells: a label, 254 a branch, 255 a leaf
//! leaves…                         a leaf: base (a byte), count of runs, runs…
//!                                 a run: first point less that of the previous run, zigzag;
//!                                 count of edges (a byte)
//! ```
//!
//! Numbers are LEB128 varints. The first point of an arc follows the last of the previous arc; the
//! very first follows column 0, row 0. `arcs` and `index` define arcs, masks, cells and leaves.
//! Reading is one pass that computes sums and searches nothing.

use super::arcs::Arcs;
use super::boundaries::{Boundaries, COUNTRIES_MAX};
use super::index::{
    BRANCH, CHILD_BITS, CHILDREN, Index, LEAF, RUN_BITS, RUN_MAX, VERTICES_MAX, Vertex,
};
use super::{BoundariesError, CountryCode, Grid};

const MAGIC: &[u8; 4] = b"OFCB";
const VERSION: u8 = 2;

const BRANCH_BYTE: u8 = 254;
const LEAF_BYTE: u8 = 255;

/// Root cells have at most 2²⁰ steps a side, which is more than any grid.
const ROOT_BITS_MAX: u32 = 20;

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
        write_varint(&mut bytes, self.codes.len() as u64);
        self.codes.iter().for_each(|code| bytes.extend_from_slice(code.as_str().as_bytes()));
        write_arcs(&mut bytes, &self.arcs);
        write_index(&mut bytes, &self.index);
        bytes
    }

    /// Reads boundaries. Hostile bytes cost at most a constant multiple of their own length.
    pub fn decode(bytes: &[u8]) -> Result<Self, BoundariesError> {
        let mut reader = Reader { bytes, at: 0 };
        if !bytes.starts_with(MAGIC) {
            return Err(BoundariesError::Magic(bytes.iter().copied().take(4).collect()));
        }
        reader.take(MAGIC.len())?;
        let format = reader.varint()?;
        if format != u64::from(VERSION) {
            return Err(BoundariesError::Version(format));
        }
        let length = reader.count(1)?;
        let source = std::str::from_utf8(reader.take(length)?);
        let source = source.ok().ok_or(BoundariesError::Source)?.to_owned();
        let columns = i32::try_from(reader.varint()?).unwrap_or(i32::MAX);
        let grid = Grid { columns, south: reader.float()?, row_height: reader.float()? };
        grid.check()?;
        let codes = reader.codes()?;
        let arcs = reader.arcs(grid, codes.len())?;
        let index = reader.index(grid, arcs.vertices.len())?;
        match bytes.len() - reader.at {
            0 => Ok(Self { source, grid, codes, arcs, index }),
            trailing => Err(BoundariesError::Trailing(trailing)),
        }
    }
}

fn write_arcs(bytes: &mut Vec<u8>, arcs: &Arcs) {
    write_varint(bytes, arcs.vertices.len() as u64);
    write_varint(bytes, arcs.len() as u64);
    let mut before = (0, 0);
    for vertices in (0..arcs.len()).map(|arc| arcs.arc(arc)) {
        bytes.push(vertices[0].mask());
        write_varint(bytes, vertices.len() as u64);
        for vertex in vertices {
            write_varint(bytes, zigzag(vertex.column - before.0));
            write_varint(bytes, zigzag(vertex.row() - before.1));
            before = (vertex.column, vertex.row());
        }
    }
    for rings in &arcs.rings {
        write_varint(bytes, rings.len() as u64);
        for ring in rings {
            write_varint(bytes, ring.len() as u64);
            ring.iter().for_each(|&arc| write_varint(bytes, zigzag(arc)));
        }
    }
}

fn write_index(bytes: &mut Vec<u8>, index: &Index) {
    write_varint(bytes, index.root_bits.into());
    write_varint(bytes, index.roots.0.into());
    write_varint(bytes, index.roots.1.into());
    write_varint(bytes, zigzag(index.south));
    write_varint(bytes, index.cells.len() as u64);
    bytes.extend(index.cells.iter().map(|cell| match cell {
        cell if cell & LEAF != 0 => LEAF_BYTE,
        cell if cell & BRANCH != 0 => BRANCH_BYTE,
        label => *label as u8,
    }));
    let mut before = 0;
    for cell in index.cells.iter().filter(|cell| *cell & LEAF != 0) {
        let at = (cell ^ LEAF) as usize;
        let (base, count) = (index.lists[at] as u8, (index.lists[at] >> 8) as usize);
        bytes.push(base);
        write_varint(bytes, count as u64);
        for run in &index.lists[at + 1..][..count] {
            let start = (run >> RUN_BITS) as i32;
            write_varint(bytes, zigzag(start - before));
            bytes.push((run & RUN_MAX as u32) as u8);
            before = start;
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn codes(&mut self) -> Result<Vec<CountryCode>, BoundariesError> {
        let count = self.count(2)?;
        if count > COUNTRIES_MAX {
            return Err(BoundariesError::TooMany("countries", count, COUNTRIES_MAX));
        }
        let codes = (0..count).map(|_| {
            let code = [self.byte()?, self.byte()?];
            let letters = std::str::from_utf8(&code).ok().and_then(|letters| letters.parse().ok());
            letters.ok_or(BoundariesError::Code(code))
        });
        codes.collect()
    }

    fn arcs(&mut self, grid: Grid, countries: usize) -> Result<Arcs, BoundariesError> {
        // Two bytes a point.
        let points = self.count(2)?;
        // A mask, a count, and two points.
        let count = self.count(6)?;
        let mut arcs = Arcs::default();
        arcs.starts.reserve(count + 1);
        arcs.starts.push(0);
        arcs.vertices.reserve(points);
        let mut before = (0, 0);
        for _ in 0..count {
            self.arc(grid, &mut before, &mut arcs.vertices)?;
            arcs.starts.push(arcs.vertices.len() as u32);
        }
        if arcs.vertices.len() > points.min(VERTICES_MAX) {
            let most = points.min(VERTICES_MAX);
            return Err(BoundariesError::TooMany("points", arcs.vertices.len(), most));
        }
        for _ in 0..countries {
            let rings = self.count(1)?;
            let rings = (0..rings).map(|_| self.ring(arcs.len())).collect::<Result<_, _>>()?;
            arcs.rings.push(rings);
        }
        Ok(arcs)
    }

    fn arc(
        &mut self,
        grid: Grid,
        before: &mut (i32, i32),
        vertices: &mut Vec<Vertex>,
    ) -> Result<(), BoundariesError> {
        let mask = self.byte()?;
        let count = self.count(2)?;
        if count < 2 {
            return Err(BoundariesError::Missing("second point of an arc of points", count as i64));
        }
        let half = i64::from(grid.columns / 2);
        let columns = -half..=i64::from(grid.columns) + half;
        let rows = grid.rows();
        for at in 0..count {
            let (step, rise) = (unzigzag(self.varint()?), unzigzag(self.varint()?));
            let column = i64::from(before.0).saturating_add(step);
            let row = i64::from(before.1).saturating_add(rise);
            let is_near = at == 0 || step.unsigned_abs() <= half as u64;
            if !(is_near && columns.contains(&column) && rows.contains(&row)) {
                return Err(BoundariesError::Step(column, row));
            }
            *before = (column as i32, row as i32);
            let mask = if at + 1 == count { 0 } else { mask };
            vertices.push(Vertex::new(before.0, before.1, mask));
        }
        Ok(())
    }

    fn ring(&mut self, arcs: usize) -> Result<Vec<i32>, BoundariesError> {
        let count = self.count(1)?;
        let numbers = (0..count).map(|_| {
            let arc = unzigzag(self.varint()?);
            let number = if arc < 0 { !arc } else { arc };
            let is_there = number < arcs as i64;
            is_there.then_some(arc as i32).ok_or(BoundariesError::Missing("arc", number))
        });
        numbers.collect()
    }

    fn index(&mut self, grid: Grid, vertices: usize) -> Result<Index, BoundariesError> {
        let root_bits = self.varint()?.min(u64::from(u32::MAX)) as u32;
        let [columns, rows] = [self.varint()?, self.varint()?];
        let south = unzigzag(self.varint()?);
        let count = self.count(1)?;
        let side = 1_u64 << root_bits.min(ROOT_BITS_MAX);
        let most = count as u64;
        let fits = root_bits <= ROOT_BITS_MAX
            && columns == (grid.columns as u64).div_ceil(side)
            && rows <= most
            && columns * rows <= most
            && south.unsigned_abs() <= 1 << 19
            && rows * side <= (1 << 19) + side;
        if !fits {
            return Err(BoundariesError::Cells);
        }
        let roots = (columns as u32, rows as u32);
        let south = south as i32;
        let kinds = self.take(count)?;
        let mut index = Index { root_bits, roots, south, cells: Vec::new(), lists: Vec::new() };
        self.cells(&mut index, kinds, vertices)?;
        Ok(index)
    }

    /// Reads the cells level by level: each level determines the size of the next.
    fn cells(
        &mut self,
        index: &mut Index,
        kinds: &[u8],
        vertices: usize,
    ) -> Result<(), BoundariesError> {
        index.cells.reserve(kinds.len());
        index.lists.reserve((self.bytes.len() - self.at) / 2);
        let mut level_end = (index.roots.0 * index.roots.1) as usize;
        let mut next_child = level_end;
        let mut bits = index.root_bits;
        let mut before = 0;
        for (at, &kind) in kinds.iter().enumerate() {
            if at == level_end {
                level_end = next_child;
                bits = bits.saturating_sub(CHILD_BITS);
            }
            let cell = match kind {
                BRANCH_BYTE if bits >= CHILD_BITS => {
                    next_child += CHILDREN;
                    BRANCH | (next_child - CHILDREN) as u32
                }
                BRANCH_BYTE => return Err(BoundariesError::Cells),
                LEAF_BYTE => {
                    let at = index.lists.len() as u32;
                    self.leaf(&mut index.lists, &mut before, vertices)?;
                    LEAF | at
                }
                label => u32::from(label),
            };
            index.cells.push(cell);
        }
        if next_child == kinds.len() { Ok(()) } else { Err(BoundariesError::Cells) }
    }

    fn leaf(
        &mut self,
        lists: &mut Vec<u32>,
        before: &mut i64,
        vertices: usize,
    ) -> Result<(), BoundariesError> {
        let base = self.byte()?;
        let count = self.count(2)?;
        lists.push(u32::from(base) | (count as u32) << 8);
        for _ in 0..count {
            let start = before.saturating_add(unzigzag(self.varint()?));
            let edges = self.byte()?;
            if !(0..vertices as i64 - i64::from(edges)).contains(&start) {
                return Err(BoundariesError::Missing("point", start));
            }
            *before = start;
            lists.push((start as u32) << RUN_BITS | u32::from(edges));
        }
        Ok(())
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], BoundariesError> {
        let rest = &self.bytes[self.at..];
        let taken = rest.get(..count).ok_or(BoundariesError::Truncated(self.bytes.len()))?;
        self.at += count;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, BoundariesError> {
        let byte = self.bytes.get(self.at).ok_or(BoundariesError::Truncated(self.at))?;
        self.at += 1;
        Ok(*byte)
    }

    fn float(&mut self) -> Result<f64, BoundariesError> {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(self.take(8)?);
        Ok(f64::from_le_bytes(bytes))
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, BoundariesError> {
        // Nearly all are one byte.
        match self.bytes.get(self.at) {
            Some(&byte) if byte < 0x80 => {
                self.at += 1;
                Ok(byte.into())
            }
            _ => self.long_varint(),
        }
    }

    fn long_varint(&mut self) -> Result<u64, BoundariesError> {
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

    /// Reads a count of items of at least this many bytes each, and refuses more than can follow.
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
