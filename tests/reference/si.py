"""Rows in SI units, as OpenSky gives them and as the golden frames' states have them.

In scope: what the page says of SI units. Out of scope: names of countries (`/api/countries`).
"""

from math import atan2, degrees, isqrt

from envelope import FINE
from motion import reckoned

# By age: how long a position is flown back, and how old it is said to be, seconds.
BACK = [0, 40, 120, 300]
AGE = [0, 40, 120, 301]


def velocity(polar, x, y):
    """Returns m/s, in hundredths."""
    if polar:
        return None if x is None else round(x * 0.514444 / 8, 2)
    # 51.4444 squared, times 10^8.
    squared = 4 * 514_444 ** 2 * (x * x + y * y)
    return (isqrt(squared // 10 ** 8) + 1) // 2 / 100


def track(polar, x, y):
    """Returns degrees, in hundredths."""
    if polar:
        return None if y is None else round(y * 2.8125, 2)
    return round(degrees(atan2(x, y)) * 100) % 36_000 / 100


def state(row, time, resolution, lattice):
    """Returns a row as a state of `/api/flights/:date`, without its country."""
    address, motion, identity = row
    cell, column, altitude, polar, x, y, rate, on_ground, age = motion
    foot, fpm = (25, 64) if resolution == FINE else (100, 256)
    found = {
        "icao24": f"{address:06x}", "geo_altitude": None, "on_ground": bool(on_ground),
        "baro_altitude": None if altitude is None else altitude * foot * 0.3048,
        "vertical_rate": None if rate is None else rate * fpm * 0.3048 / 60,
        "velocity": velocity(polar, x, y), "true_track": track(polar, x, y),
        "callsign": identity.callsign, "origin_country": identity.origin,
        "squawk": None if identity.squawk is None else f"{identity.squawk:04o}",
        "spi": bool(identity.spi), "category": identity.category,
        "position_source": identity.source, "longitude": None, "latitude": None,
    }
    if cell is not None:
        longitude, latitude = lattice.centre(cell, column)
        if not polar:
            longitude, latitude = reckoned(longitude, latitude, 2 * x, 2 * y, -BACK[age])
        found |= {"longitude": longitude / 1e6, "latitude": latitude / 1e6}
        found["time_position"] = time - AGE[age]
    return found
