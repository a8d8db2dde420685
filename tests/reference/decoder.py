"""A client's state: applies frames, and checks each against its digest.

In scope: what a frame does to the state. Out of scope: sockets and acknowledgements.
"""

from changes import Changes
from coder import coder
from envelope import Invalid, parse
from lattice import Lattice
from models import primed
from rows import Whole

HASH, PRIME, WORD = 0xCBF29CE484222325, 0x100000001B3, (1 << 64) - 1
HALF_WORD = (1 << 32) - 1


class State:
    """What one region's frames have led to. `rows` ascends by address."""

    def __init__(self):
        self.epoch = self.sequence = self.time = self.resolution = self.simulated = None
        self.rows = []
        self.resolutions = {}

    def apply(self, data):
        """Applies a frame's bytes, or raises `Invalid` and leaves the state as it was."""
        frame = parse(data)
        is_delta = frame.base is not None
        if is_delta and (frame.epoch, frame.base) != (self.epoch, self.sequence):
            raise Invalid(f"base is {frame.base}, expected {self.sequence}")
        if frame.resolution not in self.resolutions:
            self.resolutions[frame.resolution] = primed(frame.resolution), Lattice(frame.resolution)
        (zeros, updates), lattice = self.resolutions[frame.resolution]
        whole = Whole(coder(frame.payload, zeros[:], updates[:]), lattice, frame.resolution)
        rows = []
        if is_delta:
            rows = Changes(whole, frame.resolution, frame.time - self.time).rows(self.rows)
        rows.extend(whole.rows(8 * len(frame.payload) + 8))
        rows.sort(key=lambda row: row[0])
        if any(row[0] == after[0] for row, after in zip(rows, rows[1:])):
            raise Invalid("an address that is there already is sent as new")
        found = digest(rows)
        if found != frame.digest:
            raise Invalid(f"digest is {found:08x}, expected {frame.digest:08x}")
        self.rows = rows
        self.epoch, self.sequence, self.time = frame.epoch, frame.sequence, frame.time
        self.resolution, self.simulated = frame.resolution, frame.simulated


def digest(rows):
    """Returns the digest of these rows."""
    h = HASH
    for address, (row, column, altitude, _, x, y, rate, on_ground, age), _ in rows:
        h = (h ^ (address << 8 | age << 1 | on_ground)) * PRIME & WORD
        h = (h ^ (WORD if row is None else row & HALF_WORD)) * PRIME & WORD
        h = (h ^ (WORD if column is None else column)) * PRIME & WORD
        h = (h ^ (WORD if altitude is None else altitude & HALF_WORD)) * PRIME & WORD
        high = (WORD if x is None else x & HALF_WORD) << 32 & WORD
        h = (h ^ high ^ (WORD if y is None else y & HALF_WORD)) * PRIME & WORD
        h = (h ^ (WORD if rate is None else rate & HALF_WORD)) * PRIME & WORD
    return (h ^ h >> 32) & HALF_WORD
