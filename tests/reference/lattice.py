"""The lattice of cells that positions are rounded to, in whole microdegrees.

In scope: cells, their points, their columns, the parts of the globe. Out of scope: motion.
"""

from math import cos, pi

from envelope import FINE

QUARTER, HALF, TURN = 90_000_000, 180_000_000, 360_000_000
ONE = 1 << 30

# cos(i * 0.5 degrees) * 2^30 for i = 0...180, and once more for the interpolation at a pole.
COSINES = [round(cos(i * pi / 360) * ONE) for i in range(181)] + [0]
HALF_DEGREE = 500_000
# That of 89.5 degrees: nearer to the poles cells become narrow.
COSINE_MIN = ONE // 115


def cosine(latitude):
    """Returns cos * 2^30 of a latitude."""
    i, rest = divmod(min(abs(latitude), QUARTER), HALF_DEGREE)
    found = COSINES[i] - (COSINES[i] - COSINES[i + 1]) * rest // HALF_DEGREE
    return found if found > COSINE_MIN else COSINE_MIN


class Lattice:
    """The lattice of a resolution. A cell is a row, counted from the equator, and a column."""

    def __init__(self, resolution):
        self.step = 450 if resolution == FINE else 900
        self.last_row = (QUARTER + self.step // 2) // self.step
        self.rows = 2 * self.last_row + 1
        self.widths = {}

    def width(self, row):
        """Returns the width of the row's cells."""
        found = self.widths.get(row)
        if found is None:
            c = cosine(row * self.step)
            found = self.widths[row] = (self.step * ONE + c // 2) // c
        return found

    def columns(self, row):
        """Returns the number of the row's cells."""
        return -(-TURN // self.width(row))

    def row_of(self, latitude):
        """Returns the row that holds a latitude."""
        return (latitude + self.step // 2) // self.step

    def column_in(self, longitude, row):
        """Returns the column of a longitude in a row."""
        return (longitude + HALF) // self.width(row)

    def centre(self, row, column):
        """Returns the longitude and the latitude of a cell's centre."""
        width = self.width(row)
        longitude = min(column * width + width // 2, TURN - 1) - HALF
        return longitude, min(max(row * self.step, -QUARTER), QUARTER)

    def part(self, row, column):
        """Returns the part of the globe, of 256 by 256, that holds a cell."""
        return (row + self.last_row) * 256 // self.rows << 8 | column * 256 // self.columns(row)
