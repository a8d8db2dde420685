"""Whole rows: an aircraft that the state does not have yet, or one that is sent again.

In scope: addresses, and motion as a keyframe has it. Out of scope: identity, and row changes.
"""

from math import isqrt
from typing import NamedTuple, Optional

from envelope import FINE, Invalid
from identity import Identities
from models import FIRST, NUMBER, SIGNED


class Motion(NamedTuple):
    """What a prediction changes, in steps of the resolution; None where it is unknown.

    The course is a vector, knots east and north; or where `polar` is 1 a velocity in eighths of a
    knot and a track in 128ths of a turn.
    """

    row: Optional[int]
    column: Optional[int]
    altitude: Optional[int]
    polar: int
    x: Optional[int]
    y: Optional[int]
    rate: Optional[int]
    on_ground: int
    age: int


def gap_class(gap):
    """Returns which models read the gap after this one."""
    return 1 + sum(gap.bit_length() > digits for digits in (6, 9, 12, 15))


STEPS_MAX = 1 << 20
COMPONENT_MAX, VELOCITY_MAX = 32_767, 65_535
LENGTH_MAX = 46_340


def checked(motion):
    """Returns a motion that was read, if its values are possible."""
    _, _, altitude, polar, x, y, rate, _, _ = motion
    if abs(altitude or 0) > STEPS_MAX or abs(rate or 0) > STEPS_MAX:
        raise Invalid(f"altitude or vertical rate is out of range: {motion}")
    if not 0 <= (x or 0) <= VELOCITY_MAX if polar else max(abs(x), abs(y)) > COMPONENT_MAX:
        raise Invalid(f"velocity is out of range: {motion}")
    return motion


class Whole:
    """Reads the whole rows of one frame."""

    def __init__(self, code, lattice, resolution):
        self.code = code
        self.lattice = lattice
        self.feet = 25 if resolution == FINE else 100
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
        course = self.course(ground, has_velocity, has_track, altitude)
        row, column = self.place() if has_cell else (None, None)
        return checked(Motion(row, column, altitude, *course, rate, ground, age))

    def altitude(self, rate):
        """Returns an altitude that is known."""
        climb = 1 if not rate else 2 if rate > 0 else 0
        thousands = self.code.tree(FIRST["ALTITUDE_THOUSANDS"] + 64 * climb, 6)
        if thousands == 63:
            return self.code.signed(FIRST["ALTITUDE_OTHER"])
        half = 1 if thousands >= 18 else 0
        rest = self.code.tree(FIRST["ALTITUDE_REST"] + 64 * (2 * climb + half), 6)
        return thousands * 1000 // self.feet + rest

    def course(self, ground, has_velocity, has_track, altitude):
        """Returns whether a course is polar, and its two numbers."""
        if has_velocity and has_track and not ground:
            return 0, *self.vector(altitude)
        velocity = None
        if has_velocity:
            velocity = self.eighths(self.code.number(FIRST["POLAR_VELOCITY"]))
        return 1, velocity, self.code.tree(FIRST["POLAR_TRACK"], 7) if has_track else None

    def eighths(self, knots):
        """Returns the velocity of so many whole knots and the eighths that are read."""
        if not 0 <= knots <= VELOCITY_MAX // 8:
            raise Invalid(f"velocity is {knots} knots")
        h = knots if knots < 2 else 2 if knots <= 14 else 3
        return 8 * knots + self.code.tree(FIRST["POLAR_EIGHTH"] + 8 * h, 3)

    def vector(self, altitude):
        """Returns knots east and north."""
        tree, uniform = self.code.tree, self.code.uniform
        level = min(max((altitude or 0) * self.feet // 5000, 0), 8)
        whole = tree(FIRST["VELOCITY_HIGH"] + 64 * level, 6)
        if whole == 63:
            whole = self.code.number(FIRST["VELOCITY_OTHER"])
        else:
            whole = 16 * whole + tree(FIRST["VELOCITY_LOW"], 4)
        if whole > LENGTH_MAX:
            raise Invalid(f"a vector's length is {whole}, expected {LENGTH_MAX} at most")
        octant = tree(FIRST["OCTANT"], 3)
        sector = tree(FIRST["SECTOR"] + 8 * octant, 3)
        # The shorter component and the longer one.
        most = (whole + 1) ** 2 - 1
        a = among(uniform, sector, 8, isqrt(most // 2) + 1)
        b, end = max(a, ceil_sqrt(whole * whole - a * a)), isqrt(most - a * a)
        if b > end:
            raise Invalid(f"no vector of length {whole} has a component {a}")
        b += uniform(end - b + 1)
        east, north = (a, b) if octant & 4 else (b, a)
        return -east if octant & 2 else east, -north if octant & 1 else north

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
        row = among(uniform, y, 256, self.lattice.rows) - self.lattice.last_row
        return row, among(uniform, x, 256, self.lattice.columns(row))

def among(uniform, part, parts, total):
    """Returns one of `total` values, of those in one of so many parts."""
    first = -(-part * total // parts)
    last = -(-(part + 1) * total // parts) - 1
    return first + uniform(last - first + 1) if first < last else min(first, total - 1)


def ceil_sqrt(square):
    """Returns the root of a square, rounded up; 0 for a negative one."""
    return isqrt(square - 1) + 1 if square > 0 else 0
