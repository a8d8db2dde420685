"""Whole rows: an aircraft that the state does not have yet, or one that is sent again.

In scope: motion and identity as a keyframe has them. Out of scope: rows that change a little.
"""

from typing import NamedTuple, Optional

from envelope import DISPLAY, Invalid
from models import CODEC, FIRST, NUMBER, SIGNED
from registration import registration

BLOCKS = CODEC.parents[1] / "aircraft/blocks.tsv"
AIRLINES = (CODEC / "airlines.txt").read_text().split()

SYMBOLS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 "
OTHER_SYMBOL = len(SYMBOLS)


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


class Identity(NamedTuple):
    """What is known of an aircraft apart from its motion."""

    spi: int
    source: Optional[int]
    category: Optional[int]
    callsign: Optional[str]
    origin: Optional[str]
    squawk: Optional[int]
    country: Optional[str]


def blocks():
    """Returns the blocks of addresses: first, last, state of registration."""
    lines = BLOCKS.read_text().splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return [(int(first, 16), int(last, 16), state) for first, last, state in rows]


BLOCK_LIST = blocks()


def block_of(address):
    """Returns the state whose block holds an address, or None."""
    for first, last, state in BLOCK_LIST:
        if first <= address <= last:
            return state
    return None


def gap_class(gap):
    """Returns which models read the gap after this one."""
    digits = gap.bit_length()
    return 1 if digits <= 6 else 2 if digits <= 9 else 3 if digits <= 12 else 4 if digits <= 15 else 5


class Whole:
    """Reads the whole rows of one frame."""

    def __init__(self, code, lattice, resolution):
        self.code = code
        self.lattice = lattice
        self.display = resolution == DISPLAY
        self.feet = 100 if self.display else 25
        # The country that was last sent by its letters in each part of the globe.
        self.countries = {}

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
            yield address, motion, self.identity(address, motion)

    def motion(self):
        """Returns a `Motion`."""
        bit, tree, _, _, number, signed = (
            self.code.bit, self.code.tree, None, None, self.code.number, self.code.signed)
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
        return Motion(row, column, altitude, velocity, track, rate, ground, age)

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

    def identity(self, address, motion):
        """Returns an `Identity`."""
        bit, tree, raw = self.code.bit, self.code.tree, self.code.raw
        spi = bit(FIRST["SPI"])
        source = 0
        if bit(FIRST["SOURCE"]):
            source = raw(8) if bit(FIRST["SOURCE"] + 1) else None
        category = None
        if bit(FIRST["CATEGORY"]):
            category = tree(FIRST["CATEGORY"] + 1, 5)
            if category == 31:
                category = raw(8)
        callsign = self.callsign(address)
        origin = block_of(address)
        if bit(FIRST["ORIGIN_PREDICTED"]):
            text = bytes(raw(8) for _ in range(raw(8)))
            origin = text.decode() if text else None
        squawk = self.squawk(motion)
        return Identity(spi, source, category, callsign, origin, squawk, self.country(motion))

    def callsign(self, address):
        """Returns a callsign or None."""
        bit, tree = self.code.bit, self.code.tree
        own = registration(address)
        if own is not None and bit(FIRST["REGISTRATION"]):
            return own
        part = address >> 20
        if not bit(FIRST["AIRLINE_KNOWN"] + part):
            return self.text()
        airline = AIRLINES[tree(FIRST["AIRLINE"] + 255 * part, 8)]
        length = tree(FIRST["SUFFIX_LENGTH"], 3)
        suffix, letter = "", 0
        for index in range(length):
            letter = bit(FIRST["SUFFIX_KIND"] + 16 * length + 2 * index + letter)
            if letter:
                suffix += chr(ord("A") + tree(FIRST["SUFFIX_LETTER"], 5))
            else:
                model = FIRST["SUFFIX_DIGIT"] + 16 * min(39, 5 * length + index)
                suffix += str(tree(model, 4))
        return airline + suffix

    def text(self):
        """Returns a callsign that has no airline's designator, or None."""
        length = self.code.tree(FIRST["TEXT_LENGTH"], 4)
        found, previous = "", 0
        for _ in range(length):
            previous = self.code.tree(FIRST["TEXT"] + 64 * min(39, previous), 6)
            other = previous >= OTHER_SYMBOL
            found += chr(self.code.raw(7)) if other else SYMBOLS[previous]
        return found or None

    def squawk(self, motion):
        """Returns a squawk, whose four octal digits are its twelve bits, or None."""
        fast = 1 if (motion.velocity or 0) > 200 else 0
        model = 2 * motion.on_ground + fast
        if not self.code.bit(FIRST["SQUAWK_KNOWN"] + model):
            return None
        if self.code.bit(FIRST["SQUAWK_VFR"] + model):
            return 0o1200
        high = self.code.tree(FIRST["SQUAWK_HIGH"], 6)
        return high << 6 | self.code.tree(FIRST["SQUAWK_LOW"], 6)

    def country(self, motion):
        """Returns the letters of a country, or None."""
        bit, tree = self.code.bit, self.code.tree
        part = None
        if motion.row is not None:
            part = self.lattice.part(motion.row, motion.column)
            if part in self.countries:
                last = self.countries[part]
                if bit(FIRST["COUNTRY_SAME"] + (last is None)):
                    return last
        found = None
        if bit(FIRST["COUNTRY_KNOWN"]):
            first = tree(FIRST["COUNTRY"], 5)
            second = tree(FIRST["COUNTRY"] + 32 + 32 * first, 5)
            found = chr(ord("A") + first) + chr(ord("A") + second)
        if part is not None:
            self.countries[part] = found
        return found


def among(uniform, eighth, total):
    """Returns which of `total` rows or columns a cell has, of those in one of 256 parts."""
    first = -(-eighth * total // 256)
    last = -(-(eighth + 1) * total // 256) - 1
    return first if first == last else first + uniform(last - first + 1)
