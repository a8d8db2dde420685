"""The models of the coder: where each table begins, and the primed tables.

In scope: numbers of models, offsets, the primed bytes. Out of scope: what a model is used for.
"""

from pathlib import Path

from envelope import DISPLAY, FINE

CODEC = Path(__file__).parents[2] / "src/wire/codec"

SIGNED, NUMBER = 68, 185
# The residuals' contexts in frames that come less than 15 s after their base.
QUICK = 8

# In the order of the page, which is also the order of the primed bytes.
TABLES = [
    ("UPDATE", 2 * 64),
    ("RATE_UPDATE", (18 + QUICK) * SIGNED),
    ("ALTITUDE_UPDATE", (80 + QUICK) * SIGNED),
    ("ALONG_UPDATE", (200 + QUICK) * SIGNED),
    ("CROSS_UPDATE", (200 + QUICK) * SIGNED),
    ("RATE", 2 * SIGNED),
    ("ALTITUDE_THOUSANDS", 3 * 64),
    ("ALTITUDE_REST", 6 * 64),
    ("ALTITUDE_OTHER", SIGNED),
    ("GONE", 8),
    ("CHANGED", 8),
    ("CHANGE", 12),
    ("AGE_UPDATE", 2 * 48),
    ("VECTOR_ALONG", (135 + QUICK) * SIGNED),
    ("VECTOR_LEFT", (81 + QUICK) * SIGNED),
    ("POLAR_VELOCITY_UPDATE", QUICK * SIGNED),
    ("POLAR_TRACK_UPDATE", QUICK * SIGNED),
    ("COUNT", NUMBER),
    ("GAP", 6 * NUMBER),
    ("KNOWN", 16),
    ("GROUND", 2),
    ("AGE", 8),
    ("SPI", 1),
    ("SOURCE", 4),
    ("CATEGORY", 33),
    ("VELOCITY_HIGH", 10 * 64),
    ("VELOCITY_LOW", 32),
    ("VELOCITY_OTHER", NUMBER),
    ("OCTANT", 8),
    ("SECTOR", 8 * 8),
    ("POLAR_VELOCITY", NUMBER),
    ("POLAR_EIGHTH", 4 * 8),
    ("POLAR_TRACK", 128),
    ("REGISTRATION", 2),
    ("AIRLINE_KNOWN", 16),
    ("AIRLINE", 16 * 255),
    ("SUFFIX_LENGTH", 16),
    ("SUFFIX_KIND", 8 * 16),
    ("SUFFIX_DIGIT", 40 * 16),
    ("SUFFIX_LETTER", 32),
    ("TEXT_LENGTH", 16),
    ("TEXT", 40 * 64),
    ("SQUAWK_KNOWN", 4),
    ("SQUAWK_VFR", 4),
    ("SQUAWK_HIGH", 64),
    ("SQUAWK_LOW", 64),
    ("ORIGIN_PREDICTED", 2),
    ("COUNTRY_SAME", 4),
    ("COUNTRY_KNOWN", 2),
    ("COUNTRY", 32 + 32 * 32),
    ("PLACE", 3 * 21845),
]
FIRST = {}
_next = 0
for _name, _size in TABLES:
    FIRST[_name] = _next
    _next += _size
MODELS = _next

# The last table is always new: the primed bytes end before it.
PRIMED = FIRST["PLACE"]

# A new model: either bit is as likely.
EVEN = 1 << 15


def primed(resolution):
    """Returns two lists: the probability of a zero in 2^-16, and the updates, of each model."""
    own = {FINE: "fine.bin", DISPLAY: "display.bin"}[resolution]
    table = (CODEC / own).read_bytes() + (CODEC / "shared.bin").read_bytes()
    if len(table) != PRIMED:
        raise ValueError(f"the tables have {len(table)} bytes, expected {PRIMED}")
    zeros, updates = [EVEN] * MODELS, [0] * MODELS
    for model, byte in enumerate(table):
        n = (0, 4, 12, 30)[byte >> 6]
        if n > 0:
            odd = 2 * (byte & 63) + 1
            zeros[model] = min(max(odd * odd * (384 - 2 * odd) // 32, 48), 65487)
            updates[model] = n
    return zeros, updates
