"""Whole rows: an aircraft that the state does not have yet, or one that is sent again.

In scope: addresses, and motion as a keyframe has it. Out of scope: identity, and row changes.
"""

from typing import NamedTuple, Optional

from envelope import DISPLAY, Invalid
from identity import Identities
from models import FIRST, NUMBER, SIGNED


class Motion(NamedTuple):
    """What a prediction changes, in steps of the resolution; None where it is unknown."""

    row: Optional[int]
    column: Optional[int]
    altitude: Optional[int]
    velocity: Optional[int]
    track: Optional[int]
    rate: Optional[int]
    on_ground: int
    age: int


def gap_class(gap):
    """Returns which models read the gap after this one."""
    return 1 + sum(gap.bit_length() > digits for digits in (6, 9, 12, 15))


VELOCITY_MAX = 1 << 16
STEPS_MAX = 1 << 20


def checked(motion):
    """Returns a motion that was read, if its values are possible."""
    if not (0 <= (motion.velocity or 0) <= VELOCITY_MAX
            and abs(motion.altitude or 0) <= STEPS_MAX and abs(motion.rate or 0) <= STEPS_MAX):
        raise Invalid(f"a value is out of range: {motion}")
    return motion


class Whole:
    """Reads the whole rows of one frame."""

    def __init__(self, code, lattice, resolution):
        self.code = code
        self.lattice = lattice
        self.display = resolution == DISPLAY
        self.feet = 100 if self.display else 25
        self.identities = Identities(code, lattice)

    def rows(self, room):
        """Yields each address, motion and identity. `room` is how many rows the payload holds."""
        count = self.code.number(FIRST["COUNT"])
        if count > room:
            raise Invalid(f"{count} new rows, expected {room} at most")
        address, near = 0, 0
        for _ in range(count):
            gap = self.code.number(FIRST["GAP"] + NUMBER * near)
            address, near = address + gap, gap_class(gap)
            if address > 0xFFFFFF:
                raise Invalid(f"address is {address:#x}, expected 24 bits")
            motion = self.motion()
            yield address, motion, self.identities.whole(address, motion)

    def motion(self):
        """Returns a `Motion`."""
        bit, tree, signed = self.code.bit, self.code.tree, self.code.signed
        ground = bit(FIRST["GROUND"])
        known = [bit(FIRST["KNOWN"] + 2 * field + ground) for field in range(5)]
        has_cell, has_altitude, has_velocity, has_track, has_rate = known
        age = tree(FIRST["AGE"] + 3 * ground, 2)
        rate = signed(FIRST["RATE"] + SIGNED * ground) if has_rate else None
        altitude = self.altitude(rate) if has_altitude else None
        velocity = self.velocity(ground, altitude) if has_velocity else None
        track = None
        if has_track:
            high = tree(FIRST["TRACK_HIGH"] + 64 * ground, 6)
            track = 8 * high + tree(FIRST["TRACK_LOW"], 3)
        row, column = self.place() if has_cell else (None, None)
        return checked(Motion(row, column, altitude, velocity, track, rate, ground, age))

    def altitude(self, rate):
        """Returns an altitude that is known."""
        climb = 1 if not rate else 2 if rate > 0 else 0
        thousands = self.code.tree(FIRST["ALTITUDE_THOUSANDS"] + 64 * climb, 6)
        if thousands == 63:
            return self.code.signed(FIRST["ALTITUDE_OTHER"])
        half = 1 if thousands >= 18 else 0
        rest = self.code.tree(FIRST["ALTITUDE_REST"] + 64 * (2 * climb + half), 6)
        return thousands * 1000 // self.feet + rest

    def velocity(self, ground, altitude):
        """Returns a velocity that is known."""
        level = 9
        if not ground:
            level = 0 if altitude is None else min(max(altitude * self.feet // 5000, 0), 8)
        high = self.code.tree(FIRST["VELOCITY_HIGH"] + 64 * level, 6)
        if high == 63:
            return self.code.number(FIRST["VELOCITY_OTHER"])
        digits = 3 if self.display else 4
        return high << digits | self.code.tree(FIRST["VELOCITY_LOW"], digits)

    def place(self):
        """Returns a cell's row and column."""
        bit, uniform = self.code.bit, self.code.uniform
        first = FIRST["PLACE"]
        node = y = x = 0
        for _ in range(8):
            north = bit(first + 3 * node)
            east = bit(first + 3 * node + 1 + north)
            node = 4 * node + 1 + 2 * north + east
            y, x = 2 * y + north, 2 * x + east
        row = among(uniform, y, self.lattice.rows) - self.lattice.last_row
        return row, among(uniform, x, self.lattice.columns(row))

def among(uniform, eighth, total):
    """Returns which of `total` rows or columns a cell has, of those in one of 256 parts."""
    first = -(-eighth * total // 256)
    last = -(-(eighth + 1) * total // 256) - 1
    return first if first == last else first + uniform(last - first + 1)
