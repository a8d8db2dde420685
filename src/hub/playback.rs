//! Past minutes as frames: what a client of a region would have received.
//!
//! A playback is a history of its own: its epoch is the time of its first minute, and its sequences
//! count from 1. Out of scope: which minutes, and where they are read from.

use super::advance::SMALL_BYTES;
use super::{Report, merge, resolution};
use crate::airspace::{LiveState, Snapshot};
use crate::earth::Region;
use crate::wire::encode_keyframe;

/// Turns the minutes of a region into frames, one after the other.
#[derive(Debug)]
pub struct Playback {
    region: &'static Region,
    epoch: u64,
    sequence: u64,
    /// The reports of the last minute's rows.
    reports: Vec<Report>,
    live: LiveState,
}

/// The most aircraft in all minutes of an answer: 60 minutes of 16,000, or 10 of 100,000.
const AIRCRAFT_MAX: u64 = 1_000_000;

impl Playback {
    /// The most frames of an answer. Each takes at most 60 ms of CPU time for 11,500 aircraft, so
    /// an answer takes 4 s; the platform allows 30.
    pub const FRAMES_MAX: usize = 60;

    /// How many minutes with these numbers of aircraft one answer has: one at least, if there is
    /// one.
    pub fn length(aircraft: impl Iterator<Item = u32>) -> usize {
        let mut sum = 0;
        let fits = |(place, aircraft): (usize, u32)| {
            sum += u64::from(aircraft);
            place == 0 || sum <= AIRCRAFT_MAX
        };
        aircraft.take(Self::FRAMES_MAX).enumerate().map(fits).take_while(|fits| *fits).count()
    }

    /// A playback before its first minute.
    pub fn new(region: &'static Region) -> Self {
        let (reports, live) = Default::default();
        Self { region, epoch: 0, sequence: 0, reports, live }
    }

    /// The frame of the next minute, which must be newer: first a keyframe, then deltas; or a
    /// keyframe where that is smaller.
    pub fn frame(&mut self, minute: Snapshot) -> Vec<u8> {
        let next = self.part(minute);
        self.sequence += 1;
        if self.sequence == 1 {
            self.epoch = next.time.unsigned_abs();
            self.live = LiveState::of(&next, resolution(self.region));
            self.reports = Report::all(&next).collect();
            return self.keyframe();
        }
        let delta = merge(&mut self.live, self.reports.drain(..), &next).delta;
        self.reports.extend(Report::all(&next));
        let delta = delta.into_frame(self.epoch, self.sequence - 1, self.sequence, &self.live);
        // Far below any keyframe of this many rows.
        if delta.len() <= self.live.aircraft.len() * SMALL_BYTES {
            return delta;
        }
        let keyframe = self.keyframe();
        if delta.len() < keyframe.len() { delta } else { keyframe }
    }

    fn keyframe(&self) -> Vec<u8> {
        encode_keyframe(self.epoch, self.sequence, &self.live)
    }

    /// The region's part of a minute.
    fn part(&self, minute: Snapshot) -> Snapshot {
        let Snapshot { time, simulated, .. } = minute;
        let mut aircraft = minute.into_aircraft();
        aircraft.retain(|state| self.region.holds(state.position));
        Snapshot::new(time, aircraft).marked(simulated)
    }
}
