"""Row changes: what a delta says of each row of its base.

In scope: which rows are gone, as predicted, sent whole, or off by a residual, and that residual.
Out of scope: new aircraft.
"""

from envelope import FINE, Invalid
from models import FIRST, SIGNED
from motion import SECONDS_MAX, joined, length, near, reckoned, trunc
from rows import STEPS_MAX, Motion, checked

QUICK_SECONDS = 15
# A position of this age stays where it is, and an altitude up to the other one is predicted.
STILL = 3
CLIMBING_MAX = 1


def steep(rate):
    """Returns the class of a vertical rate, or of its change, in steps."""
    return 0 if not rate else 1 if abs(rate) <= 8 else 2


class Changes:
    """Reads the row changes of one frame."""

    def __init__(self, whole, resolution, seconds):
        self.whole, self.code, self.lattice = whole, whole.code, whole.lattice
        self.seconds = min(seconds, SECONDS_MAX)
        self.quick = 1 if seconds < QUICK_SECONDS else 0
        self.feet, self.fpm = (25, 64) if resolution == FINE else (100, 256)

    def rows(self, base):
        """Returns the rows of the base that are not gone."""
        bit, found = self.code.bit, []
        gone, update, changed = FIRST["GONE"], FIRST["UPDATE"] + 64 * self.quick, FIRST["CHANGED"]
        for address, motion, identity in base:
            if bit(gone + motion.age):
                continue
            kind = self.kind(motion)
            # Nothing else is as still as a vector of (0, 0), or a velocity of 0 or nil.
            still = 0 if motion.x or motion.y and not motion.polar else 1
            if not bit(update + 8 * kind + 2 * motion.age + still):
                found.append((address, self.predicted(motion), identity))
            elif bit(changed + kind):
                motion = self.whole.motion()
                found.append((address, motion, self.whole.identities.whole(address, motion)))
            else:
                motion = self.residuals(motion, kind)
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
        row, column, altitude, polar, x, y, rate, on_ground, age = motion
        altitude = self.climbed(altitude, rate, rate, age)
        if row is not None and not polar:
            longitude, latitude = self.flown(motion, 2 * x, 2 * y)
            row = self.lattice.row_of(latitude)
            column = self.lattice.column_in(longitude, row)
        return Motion(row, column, altitude, polar, x, y, rate, on_ground, age)

    def climbed(self, altitude, old_rate, rate, age):
        """Returns the altitude that is predicted; `age` is the new one."""
        if altitude is None or age > CLIMBING_MAX:
            return altitude
        climb = ((old_rate or 0) + (rate or 0)) * self.fpm * self.seconds
        found = altitude + near(climb, 120 * self.feet)
        return min(max(found, -STEPS_MAX), STEPS_MAX)

    def flown(self, old, east, north):
        """Returns the longitude and the latitude that the sum of two vectors leads to."""
        longitude, latitude = self.lattice.centre(old.row, old.column)
        if old.age == STILL or not (east or north):
            return longitude, latitude
        return reckoned(longitude, latitude, east, north, self.seconds)

    def residual(self, table, count, context, quick_context):
        """Returns a residual. The contexts of quick frames follow the others."""
        model = count + quick_context if self.quick else context
        return self.code.signed(FIRST[table] + SIGNED * model)

    def residuals(self, old, kind):
        """Returns the motion of a row that was sent as residuals."""
        residual = self.residual
        row, column, altitude, _, _, _, rate, on_ground, _ = old
        has_landed = self.code.bit(FIRST["CHANGE"] + 5 + kind)
        on_ground ^= has_landed
        age = self.code.tree(FIRST["AGE_UPDATE"] + 48 * self.quick + 3 * (4 * kind + old.age), 2)
        ages = 4 if age >= 2 else 2 * age + (1 if old.age else 0)
        quick = 2 * kind + (1 if ages else 0)
        speed = 0
        if not old.polar:
            knots = length(old.x, old.y)
            speed = 0 if knots < 120 else 1 if knots < 250 else 2
        if has_landed:
            has_velocity, has_track = old.x is not None, old.y is not None
            course = self.whole.course(on_ground, has_velocity, has_track, altitude)
        else:
            course = self.course(old, 3 * kind - 3 + speed, ages, quick)
        if rate is not None:
            same = 1 if course == (old.polar, old.x, old.y) else 0
            context = 6 * max(kind - 1, 0) + 2 * steep(rate) + same
            change = residual("RATE_UPDATE", 18, context, quick)
            rate += -change if rate < 0 else change
        if altitude is not None:
            c = 1 + steep((rate or 0) - (old.rate or 0)) if old.rate or rate else 0
            change = residual("ALTITUDE_UPDATE", 80, 5 * (4 * kind + c) + ages, quick)
            altitude = self.climbed(altitude, old.rate, rate, age) + change
        if row is not None:
            row, column = self.cell(old, course, 3 * kind - 2 + speed if kind else 0, ages, quick)
        return checked(Motion(row, column, altitude, *course, rate, on_ground, age))

    def course(self, old, flight, ages, quick):
        """Returns the new course of a row that neither took off nor landed."""
        _, _, _, polar, x, y, rate, _, _ = old
        if polar:
            if x is not None:
                change = self.residual("POLAR_VELOCITY_UPDATE", 0, quick, quick)
                x = self.whole.eighths(x // 8 + change)
            if y is not None:
                y = (y + self.residual("POLAR_TRACK_UPDATE", 0, quick, quick)) % 128
            return polar, x, y
        old_ages = min(ages, 2)
        climb = steep(rate) + (2 if (rate or 0) < 0 else 0)
        along = self.residual("VECTOR_ALONG", 135, 3 * (5 * flight + climb) + old_ages, quick)
        f = 0 if along == 0 else 1 if abs(along) <= 2 else 2
        left = self.residual("VECTOR_LEFT", 81, 3 * (3 * flight + f) + old_ages, quick)
        east, north = joined(along, left, x, y)
        return polar, x + east, y + north

    def cell(self, old, course, flight, ages, quick):
        """Returns the cell of a row that was sent as residuals."""
        x, y = (0, 0) if old.polar else (old.x, old.y)
        polar, new_x, new_y = course
        if polar:
            new_x = new_y = 0
        turn = x * new_y - y * new_x
        b = 0
        if (x, y) != (new_x, new_y):
            both = length(x, y) * length(new_x, new_y)
            b = 1 if 32 * abs(turn) <= both else 2 if 8 * abs(turn) <= both else 3
        context = 5 * (4 * flight + b) + ages
        along = self.residual("ALONG_UPDATE", 200, context, quick)
        outward = self.residual("CROSS_UPDATE", 200, context, quick)
        east, north = x + new_x, y + new_y
        longitude, latitude = self.flown(old, east, north)
        left = -outward if turn > 0 else outward
        columns, rows = joined(along, left, trunc(east, 2), trunc(north, 2))
        row = self.lattice.row_of(latitude) + rows
        if abs(row) > self.lattice.last_row:
            raise Invalid(f"row is {row}, beyond the pole")
        column = self.lattice.column_in(longitude, row)
        return row, (column + columns) % self.lattice.columns(row) if columns else column

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
