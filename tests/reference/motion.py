"""How aircraft move: dead reckoning, and differences along a vector, in whole numbers.

In scope: the page's arithmetic of points and vectors. Out of scope: cells, and what is sent.
"""

from math import isqrt

from lattice import HALF, ONE, QUARTER, TURN, cosine

SECONDS_MAX = 3_600
SHEAR = 1 << 16


def near(value, divisor):
    """Returns value / divisor to the nearest whole number, halves away from zero."""
    half = divisor // 2
    return (value + half) // divisor if value >= 0 else -((half - value) // divisor)


def trunc(value, divisor):
    """Returns value / divisor without its fraction."""
    return value // divisor if value >= 0 else -(-value // divisor)


def length(x, y):
    """Returns the length of a vector, rounded down."""
    return isqrt(x * x + y * y)


def moved(longitude, latitude, north, east):
    """Returns the longitude and the latitude of a point so far away."""
    c = cosine(latitude + trunc(north, 2))
    longitude = (longitude + trunc(east * ONE, c) + HALF) % TURN - HALF
    return longitude, min(max(latitude + north, -QUARTER), QUARTER)


def reckoned(longitude, latitude, east, north, seconds):
    """Returns where a point is some seconds later. The vector is the sum of the old and the new
    one in knots; a knot is 125/27 microdegrees a second."""
    north, east = near(north * seconds * 125, 54), near(east * seconds * 125, 54)
    return moved(longitude, latitude, north, east)


def clockwise(x, y, quarters):
    """Turns a pair by so many quarters."""
    for _ in range(quarters):
        x, y = y, -x
    return x, y


def joined(along, left, x, y):
    """Returns the difference, east and north, whose parts along a vector and left of it these are.

    Three shears: they map pairs of integers one to one onto such pairs.
    """
    if along == left == 0:
        return 0, 0
    quarters = (2 if x < 0 else 0) if abs(x) >= abs(y) else (3 if y < 0 else 1)
    u, v = clockwise(x, y, quarters)
    whole = max(length(x, y), 1)
    t, r = trunc(v * SHEAR, whole + u), trunc(v * SHEAR, whole)
    along -= (left * t + SHEAR // 2) // SHEAR
    left += (along * r + SHEAR // 2) // SHEAR
    along -= (left * t + SHEAR // 2) // SHEAR
    return clockwise(along, left, 4 - quarters)
