"""An aircraft's identity: callsign, squawk, countries, and what seldom changes.

In scope: identities as a keyframe has them, and each part by itself as a row change has it.
"""

from typing import NamedTuple, Optional

from envelope import Invalid
from models import CODEC, FIRST
from motion import length
from registration import registration

BLOCKS = CODEC.parents[1] / "aircraft/blocks.tsv"
AIRLINES = (CODEC / "airlines.txt").read_text().split()

SYMBOLS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 "
OTHER_SYMBOL = len(SYMBOLS)


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


class Identities:
    """Reads the identities of one frame."""

    def __init__(self, code, lattice):
        self.code, self.lattice = code, lattice
        # The country that was last sent by its letters in each part of the globe.
        self.countries = {}

    def whole(self, address, motion):
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
            origin = self.name()
        squawk = self.squawk(motion)
        return Identity(spi, source, category, callsign, origin, squawk, self.country(motion))

    def name(self):
        """Returns the name of a country that is not the address block's, or None."""
        text = bytes(self.code.raw(8) for _ in range(self.code.raw(8)))
        try:
            return text.decode() or None
        except UnicodeDecodeError as error:
            raise Invalid(f"a country's name is {text}: {error}") from None

    def callsign(self, address):
        """Returns a callsign or None."""
        bit, tree = self.code.bit, self.code.tree
        own = registration(address)
        if own is not None and bit(FIRST["REGISTRATION"]):
            return own
        part = address >> 20
        if not bit(FIRST["AIRLINE_KNOWN"] + part):
            return self.text()
        airline = tree(FIRST["AIRLINE"] + 255 * part, 8)
        if airline >= len(AIRLINES):
            raise Invalid(f"airline is {airline}, expected less than {len(AIRLINES)}")
        length = tree(FIRST["SUFFIX_LENGTH"], 3)
        suffix, lettered = AIRLINES[airline], 0
        for index in range(length):
            if bit(FIRST["SUFFIX_KIND"] + 16 * length + 2 * index + lettered):
                suffix += chr(ord("A") + min(tree(FIRST["SUFFIX_LETTER"], 5), 25))
                lettered = 1
            else:
                model = FIRST["SUFFIX_DIGIT"] + 16 * min(39, 5 * length + index)
                suffix += str(min(tree(model, 4), 9))
        return suffix

    def text(self):
        """Returns a callsign that has no airline's designator, or None."""
        length = self.code.tree(FIRST["TEXT_LENGTH"], 4)
        found, previous = "", 0
        for _ in range(length):
            previous = self.code.tree(FIRST["TEXT"] + 64 * min(39, previous), 6)
            if previous > OTHER_SYMBOL:
                raise Invalid(f"symbol is {previous}, expected {OTHER_SYMBOL} at most")
            is_other = previous == OTHER_SYMBOL
            found += chr(self.code.raw(7)) if is_other else SYMBOLS[previous]
        return found or None

    def squawk(self, motion):
        """Returns a squawk, whose four octal digits are its twelve bits, or None."""
        knots = (motion.x or 0) // 8 if motion.polar else length(motion.x, motion.y)
        fast = 1 if knots > 200 else 0
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
