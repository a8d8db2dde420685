"""Dead reckoning in whole numbers: where an aircraft is taken to be some seconds later.

In scope: arcs, chords, and the rotation of a residual. Out of scope: cells, and what is sent.
"""

from math import pi, sin

from lattice import HALF, ONE, QUARTER, SINES, TURN, cosine

SECONDS_MAX = 3_600
# Twice the fastest mean velocity, knots.
VELOCITIES_MAX = 20_000

# By half degrees round the circle, in 2^-30.
SINE = [
    [SINES[i], SINES[180 - i], -SINES[i], -SINES[180 - i]][quarter]
    for quarter in range(4) for i in range(180)
]
COSINE = SINE[180:] + SINE[:180]
# The chord of a turn by so many degrees, per length of its arc.
CHORD = [ONE] + [round(sin(i * pi / 360) / (i * pi / 360) * ONE) for i in range(1, 181)]
# tan(a/2) for a in half degrees up to 45 degrees.
TANGENT = [SINES[i] * ONE // (ONE + SINES[180 - i]) for i in range(91)]


def nearest(value, divisor):
    """Returns value / divisor to the nearest whole number, halves away from zero."""
    half = divisor // 2
    return (value + half) // divisor if value >= 0 else -((half - value) // divisor)


def arc(old, new):
    """Returns the mean of two tracks in half degrees, and the turn in degrees, -180 to 179."""
    turn = (new - old + 180) % 360 - 180
    return (2 * old + turn) % 720, turn


def moved(latitude, longitude, velocities, track, turn, seconds):
    """Returns the point after an arc.

    `velocities` is the sum of both, knots; `track` the mean one, half degrees; `turn` in degrees.
    """
    way = min(velocities, VELOCITIES_MAX) * min(seconds, SECONDS_MAX) * 125
    way = nearest(way * (CHORD[abs(turn)] >> 10), 54 << 20)
    north = nearest(way * (COSINE[track] >> 10), 1 << 20)
    east = nearest(way * (SINE[track] >> 10), 1 << 20)
    half = north // 2 if north >= 0 else -(-north // 2)
    c = max(cosine(min(max(latitude + half, -QUARTER), QUARTER)), ONE // 115)
    turned = east * ONE // c if east >= 0 else -(-east * ONE // c)
    latitude = min(max(latitude + north, -QUARTER), QUARTER)
    return latitude, (longitude + turned + HALF) % TURN - HALF


def rotated(along, left, track):
    """Returns how many cells east and north lie so many cells along a track and left of it."""
    angle = (track - 180) % 720
    quarters, rest = (angle + 90) // 180 % 4, (angle + 90) % 180 - 90
    tangent = TANGENT[rest] if rest >= 0 else -TANGENT[-rest]
    sine = SINE[rest % 720]
    x, y = along, left
    x += nearest(y * tangent, ONE)
    y -= nearest(x * sine, ONE)
    x += nearest(y * tangent, ONE)
    for _ in range(-quarters % 4):
        x, y = -y, x
    return x, y
