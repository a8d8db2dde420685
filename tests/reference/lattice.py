"""The lattice of cells that positions are rounded to, in whole microdegrees.

In scope: cells, their points, their columns, the tree of places. Out of scope: how aircraft move.
"""

from math import pi, sin

from envelope import FINE

QUARTER, HALF, TURN = 90_000_000, 180_000_000, 360_000_000
ONE = 1 << 30

# sin(i * 0.5 degrees) * 2^30 for i = 0...180.
SINES = [round(sin(i * pi / 360) * ONE) for i in range(181)]
HALF_DEGREE = 500_000


def cosine(latitude):
    """Returns cos * 2^30 of a latitude: linear between half degrees, from the lower latitude up."""
    i, rest = divmod(abs(latitude), HALF_DEGREE)
    low = SINES[180 - i]
    return low - (low - SINES[max(179 - i, 0)]) * rest // HALF_DEGREE


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
            c = max(cosine(row * self.step), ONE // 115)
            found = self.widths[row] = (self.step * ONE + c // 2) // c
        return found

    def columns(self, row):
        """Returns the number of the row's cells."""
        return -(-TURN // self.width(row))

    def row_at(self, latitude):
        """Returns the row that holds a latitude."""
        return (latitude + self.step // 2) // self.step

    def middle(self, row, column):
        """Returns the latitude and the longitude of a cell's middle."""
        width = self.width(row)
        return row * self.step, min(column * width + width // 2, TURN - 1) - HALF

    def part(self, row, column):
        """Returns the part of the globe, of 256 by 256, that holds a cell."""
        return (row + self.last_row) * 256 // self.rows << 8 | column * 256 // self.columns(row)
