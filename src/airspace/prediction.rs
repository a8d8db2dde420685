//! The prediction of a row of the live state, which both ends make, and the row's outcome.
//!
//! In scope: where a row's own course and a new one lead, each computed at most once; whether the
//! row is as predicted. Out of scope: which predictions are kept (`hub`), bytes (`wire`).

use super::{Cell, Course, Identity, Motion, Point, Resolution};

/// The prediction of one row some seconds later. Computes each value when it is first needed, and
/// only once: a point costs more than the rest of a row.
#[derive(Debug)]
pub struct Prediction {
    held: Motion,
    seconds: i64,
    by: Resolution,
    /// Where its own course leads: `Some(None)` if it has no place.
    straight: Option<Option<Point>>,
    straight_cell: Option<Option<Cell>>,
    /// The last other course, and where it leads.
    other: Option<(Course, Option<Point>)>,
}

impl Prediction {
    /// The prediction of a row with this motion, after some seconds.
    pub fn new(held: &Motion, seconds: i64, by: Resolution) -> Self {
        Self { held: *held, seconds, by, straight: None, straight_cell: None, other: None }
    }

    /// The motion that it starts from.
    pub fn held(&self) -> &Motion {
        &self.held
    }

    /// How many seconds it is ahead.
    pub fn seconds(&self) -> i64 {
        self.seconds
    }

    /// The resolution.
    pub fn resolution(&self) -> Resolution {
        self.by
    }

    /// Where the arc to a course leads; `None` if the row has no place.
    pub fn point(&mut self, course: Course) -> Option<Point> {
        let Self { ref held, seconds, by, .. } = *self;
        if course == held.course {
            let point = || held.point_after(course, seconds, by);
            return *self.straight.get_or_insert_with(point);
        }
        match self.other {
            Some((other, point)) if other == course => point,
            _ => {
                let point = held.point_after(course, seconds, by);
                self.other = Some((course, point));
                point
            }
        }
    }

    /// The cell that its own course leads to.
    pub fn cell(&mut self) -> Option<Cell> {
        if let Some(cell) = self.straight_cell {
            return cell;
        }
        let cell = self.point(self.held.course).map(|point| Cell::of(point, self.by));
        *self.straight_cell.insert(cell)
    }

    /// The altitude by the mean of the held vertical rate and another, for a row of this new age.
    pub fn altitude(&self, rate: Option<i32>, age: u8) -> Option<i32> {
        self.held.altitude_after(rate, age, self.seconds, self.by)
    }

    /// The motion if course and vertical rate stay the same, as far as its age allows.
    pub fn motion(&mut self) -> Motion {
        let altitude = self.altitude(self.held.vertical_rate, self.held.age);
        Motion { cell: self.cell(), altitude, ..self.held }
    }

    /// Whether the motion is as predicted.
    fn is_as_predicted(&mut self, now: &Motion) -> bool {
        // Most updates change the course or the altitude, which cost less to compare than a cell.
        let altitude = self.altitude(self.held.vertical_rate, self.held.age);
        Motion { cell: now.cell, altitude, ..self.held } == *now && self.cell() == now.cell
    }

    /// The row's outcome with this motion; `identity` is `None` if it has not changed.
    pub fn outcome<I>(&mut self, motion: Motion, identity: Option<I>) -> Outcome<I> {
        match identity {
            None if self.is_as_predicted(&motion) => Outcome::AsPredicted,
            identity => Outcome::Updated { motion, identity },
        }
    }
}

impl Motion {
    /// The motion that is predicted after some seconds.
    pub fn after(&self, seconds: i64, by: Resolution) -> Self {
        Prediction::new(self, seconds, by).motion()
    }
}

/// The outcome of a row that clients hold. `I` is an identity, owned or borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome<I = Identity> {
    /// The aircraft is no longer there.
    Removed,
    /// It equals its prediction.
    AsPredicted,
    /// It differs from its prediction.
    Updated {
        /// The new motion.
        motion: Motion,
        /// The new identity; `None` if it has not changed.
        identity: Option<I>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aircraft::Knots;

    fn vector(east: i16, north: i16) -> Course {
        Course::Vector(Knots { east, north })
    }

    fn flying() -> Motion {
        Motion {
            cell: Some(Cell { row: 111_111, column: 400_000 }),
            altitude: Some(1_200),
            course: vector(450, 0),
            vertical_rate: Some(10),
            ..Motion::default()
        }
    }

    #[test]
    fn a_repeated_prediction_of_a_course_gives_the_same_point() {
        let by = Resolution::Fine;
        for held in [flying(), Motion { cell: None, ..flying() }, Motion::default()] {
            let mut prediction = Prediction::new(&held, 60, by);
            let half = Course::Polar { velocity: None, track: Some(64) };
            for course in [vector(460, 40), held.course, half, vector(440, 0)] {
                for _ in 0..2 {
                    let point = held.point_after(course, 60, by);
                    assert_eq!(prediction.point(course), point, "{course:?}");
                }
            }
            let point = held.point_after(held.course, 60, by);
            assert_eq!(prediction.cell(), point.map(|point| Cell::of(point, by)));
            assert_eq!(prediction.motion(), held.after(60, by));
        }
    }

    #[test]
    fn a_row_is_as_predicted_only_if_every_field_is() {
        let (by, held) = (Resolution::Fine, flying());
        let predicted = held.after(60, by);
        assert_ne!(predicted, held);
        let outcome = |motion: Motion, identity: Option<Identity>| {
            Prediction::new(&held, 60, by).outcome(motion, identity)
        };
        assert_eq!(outcome(predicted, None), Outcome::AsPredicted);
        let identity = Some(Identity::default());
        let renamed = Outcome::Updated { motion: predicted, identity: identity.clone() };
        assert_eq!(outcome(predicted, identity), renamed);
        let changes: [fn(&mut Motion); 6] = [
            |it| it.cell = None,
            |it| it.altitude = Some(0),
            |it| it.course = vector(450, 1),
            |it| it.vertical_rate = None,
            |it| it.on_ground = true,
            |it| it.age = 1,
        ];
        for change in changes {
            let mut motion = predicted;
            change(&mut motion);
            assert_eq!(outcome(motion, None), Outcome::Updated { motion, identity: None });
        }
    }
}
