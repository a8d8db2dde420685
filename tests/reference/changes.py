"""Row changes: what a delta says of each row of its base.

In scope: which rows are gone, as predicted, sent whole, or off by a residual, and that residual.
Out of scope: new aircraft.
"""

from envelope import FINE, Invalid
from lattice import HALF
from models import FIRST, SIGNED
from motion import SECONDS_MAX, arc, moved, nearest, rotated
from rows import STEPS_MAX, Motion, checked

QUICK_SECONDS = 15
# A position of this age stays where it is, and an altitude up to the other one is predicted.
STILL = 3
CLIMBING_MAX = 1


class Changes:
    """Reads the row changes of one frame."""

    def __init__(self, whole, resolution, seconds):
        self.whole, self.code, self.lattice = whole, whole.code, whole.lattice
        self.seconds = min(seconds, SECONDS_MAX)
        self.quick = 1 if seconds < QUICK_SECONDS else 0
        self.feet, self.knots, self.degrees, self.fpm = (
            (25, 1, 1, 64) if resolution == FINE else (100, 2, 2, 256))

    def rows(self, base):
        """Returns the rows of the base that are not gone."""
        bit, found = self.code.bit, []
        gone, update, changed = FIRST["GONE"], FIRST["UPDATE"] + 64 * self.quick, FIRST["CHANGED"]
        for address, motion, identity in base:
            if bit(gone + motion.age):
                continue
            kind = self.kind(motion)
            still = 0 if motion.velocity else 1
            if not bit(update + 8 * kind + 2 * motion.age + still):
                found.append((address, self.predicted(motion), identity))
            elif bit(changed + kind):
                motion = self.whole.motion()
                found.append((address, motion, self.whole.identities.whole(address, motion)))
            else:
                motion = self.residual(motion, kind)
                if bit(FIRST["CHANGE"]):
                    identity = self.identity(address, motion, identity)
                found.append((address, motion, identity))
        return found

    def kind(self, motion):
        """Returns the class of a row."""
        if motion.on_ground:
            return 0
        feet = (motion.altitude or 0) * self.feet
        if feet < 10_000:
            return 1
        return 3 if feet >= 24_000 and abs(motion.rate or 0) * self.fpm <= 320 else 2

    def predicted(self, motion):
        """Returns a row that was not sent."""
        row, column, altitude, velocity, track, rate, on_ground, age = motion
        altitude = self.climbed(altitude, rate, rate, age)
        if row is not None and age != STILL and velocity and track is not None:
            track_twice = 2 * self.degrees * track
            row, column, _ = self.flown(row, column, 2 * velocity, track_twice, 0, age)
        return Motion(row, column, altitude, velocity, track, rate, on_ground, age)

    def climbed(self, altitude, old_rate, rate, age):
        """Returns the altitude that is predicted; `age` is the new one."""
        if altitude is None or age > CLIMBING_MAX:
            return altitude
        climb = ((old_rate or 0) + (rate or 0)) * self.fpm * self.seconds
        found = altitude + nearest(climb, 120 * self.feet)
        return min(max(found, -STEPS_MAX), STEPS_MAX)

    def flown(self, row, column, velocities, track, turn, age):
        """Returns the row, the column and the longitude that an arc leads to."""
        latitude, longitude = self.lattice.middle(row, column)
        if velocities and age != STILL:
            latitude, longitude = moved(
                latitude, longitude, velocities * self.knots, track, turn, self.seconds)
        row = self.lattice.row_at(latitude)
        return row, (longitude + HALF) // self.lattice.width(row), longitude

    def residual(self, old, kind):
        """Returns the motion of a row that was sent as residuals."""
        bit, signed, quick = self.code.bit, self.code.signed, self.quick
        row, column, altitude, velocity, track, rate, on_ground, old_age = old
        on_ground ^= bit(FIRST["CHANGE"] + 5 + kind)
        age = self.code.tree(FIRST["AGE_UPDATE"] + 48 * quick + 3 * (4 * kind + old_age), 2)
        stale = 1 if old_age or age else 0
        if rate is not None:
            steep = 0 if rate == 0 else 1 if abs(rate) <= 8 else 2
            phase = 3 * max(kind - 1, 0) + steep
            rate += signed(FIRST["RATE_UPDATE"] + SIGNED * (9 * quick + phase))
        climbing = 1 if old.rate or rate else 0
        flight = (0, 3 + climbing, 5, 1 + climbing)[kind]
        if track is not None:
            model = FIRST["TRACK_UPDATE"] + SIGNED * (6 * quick + flight)
            track = (track + signed(model)) % (360 // self.degrees)
        flight = SIGNED * (12 * quick + 2 * flight + stale)
        if velocity is not None:
            velocity += signed(FIRST["VELOCITY_UPDATE"] + flight)
        if altitude is not None:
            altitude = self.climbed(altitude, old.rate, rate, age)
            altitude += signed(FIRST["ALTITUDE_UPDATE"] + flight)
        if row is not None:
            row, column = self.cell(old, velocity, track, SIGNED * (24 * quick + 6 * kind + stale))
        return checked(Motion(row, column, altitude, velocity, track, rate, on_ground, age))

    def cell(self, old, velocity, track, models):
        """Returns the cell of a row that was sent as residuals."""
        mean, turn = 0, 0
        if track is not None:
            mean, turn = arc(old.track * self.degrees, track * self.degrees)
        sharp = 0 if turn == 0 else 1 if abs(turn) <= 5 else 2
        models += SIGNED * 2 * sharp
        along = self.code.signed(FIRST["ALONG_UPDATE"] + models)
        outward = self.code.signed(FIRST["CROSS_UPDATE"] + models)
        velocities = 0 if velocity is None or track is None else old.velocity + velocity
        row, column, longitude = self.flown(old.row, old.column, velocities, mean, turn, old.age)
        if along == outward == 0:
            return row, column
        east, north = rotated(along, -outward if turn < 0 else outward, mean)
        row += north
        if abs(row) > self.lattice.last_row:
            raise Invalid(f"row is {row}, beyond the pole")
        column = (longitude + HALF) // self.lattice.width(row) + east
        return row, column % self.lattice.columns(row)

    def identity(self, address, motion, identity):
        """Returns an identity of which something changed."""
        bit, first, names = self.code.bit, FIRST["CHANGE"], self.whole.identities
        if bit(first + 1):
            identity = identity._replace(country=names.country(motion))
        if bit(first + 2):
            identity = identity._replace(squawk=names.squawk(motion))
        if bit(first + 3):
            identity = identity._replace(callsign=names.callsign(address))
        if bit(first + 4):
            identity = identity._replace(spi=1 - identity.spi)
        return identity
