//! Questions to a region's object, and its answers.

use serde::{Deserialize, Serialize};

use crate::archive::Date;
use crate::earth::{Bbox, Region};
use crate::hub::{Place, Refusal, Visitor};

/// A question. It travels in the header [`RegionQuestion::HEADER`], since a request for a socket
/// has no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RegionQuestion {
    /// Take the region snapshot in the body, as `wire::RegionSnapshot` encodes it:
    /// [`RegionAnswer::State`] or [`RegionAnswer::Invalid`].
    Deliver,
    /// The region's state: [`RegionAnswer::State`].
    State,
    /// A client wants to follow the region: a socket, or [`RegionAnswer::Refused`].
    Follow(Follower),
}

/// A client that wants a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follower {
    /// Its format and caller.
    pub visitor: Visitor,
    /// The place from which it wants to resume; `None` if it wants a keyframe.
    pub resume: Option<Place>,
    /// Whether it offered subprotocols; only then does the answer name the chosen one.
    pub has_offered: bool,
}

/// An answer other than a socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RegionAnswer {
    /// The region's state.
    State(RegionState),
    /// Why the region snapshot cannot be read. Another attempt with the same bytes fails too.
    Invalid(String),
    /// Why the client is refused.
    Refused(Refusal),
}

/// A region's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionState {
    /// 16 hexadecimal digits.
    pub epoch: String,
    /// The sequence of the latest frame.
    pub sequence: u64,
    /// The feed time of the latest region snapshot, Unix seconds; 0 before the first.
    pub time: i64,
    /// Whether its traffic is simulated.
    pub simulated: bool,
    /// The number of aircraft.
    pub aircraft: u32,
    /// The number of open sockets.
    pub subscribers: usize,
}

/// A region as `/api/regions` shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RegionEntry {
    /// Its name.
    pub name: &'static str,
    /// West, south, east, north, degrees.
    pub bbox: [f64; 4],
    /// The location hint of its object, as Cloudflare names it.
    pub location_hint: &'static str,
    /// 16 hexadecimal digits.
    pub epoch: String,
    /// The sequence of the latest frame.
    pub sequence: u64,
    /// The feed time of the latest region snapshot, like `2026-11-20T12:34:00Z`; null before the
    /// first.
    pub time: Option<String>,
    /// Whether its traffic is simulated.
    pub simulated: bool,
    /// The number of aircraft.
    pub aircraft: u32,
    /// The number of open sockets.
    pub subscribers: usize,
}

impl RegionEntry {
    /// A region and its state.
    pub fn new(region: &'static Region, state: RegionState) -> Self {
        let Bbox { west, south, east, north } = region.bbox;
        let RegionState { epoch, sequence, time, simulated, aircraft, subscribers } = state;
        Self {
            name: region.name,
            bbox: [west, south, east, north],
            location_hint: region.location_hint,
            epoch,
            sequence,
            time: (time > 0).then(|| Date(time).to_string()),
            simulated,
            aircraft,
            subscribers,
        }
    }
}

impl RegionQuestion {
    /// The name of the header with the question.
    pub const HEADER: &str = "Overflight-Question";

    /// The header's value: JSON, all of it printable ASCII.
    pub fn to_header(&self) -> String {
        serde_json::to_string(self).expect("a question is JSON: names, numbers and addresses")
    }

    /// Parses a header's value.
    pub fn from_header(value: &str) -> serde_json::Result<Self> {
        serde_json::from_str(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::FrameFormat;

    fn questions() -> Vec<RegionQuestion> {
        let mut questions = vec![RegionQuestion::Deliver, RegionQuestion::State];
        for caller in [None, Some("192.0.2.1"), Some("2001:db8:ffff:ffff::")] {
            let caller = caller.map(|text| text.parse().expect("an address"));
            for format in [FrameFormat::Binary, FrameFormat::Json] {
                let place = Place { epoch: u64::MAX, sequence: u64::MAX };
                for resume in [None, Some(place)] {
                    let visitor = Visitor { format, caller, caller_max: 1_000 };
                    let has_offered = resume.is_none();
                    let follower = Follower { visitor, resume, has_offered };
                    questions.push(RegionQuestion::Follow(follower));
                }
            }
        }
        questions
    }

    #[test]
    fn a_question_survives_transit_in_a_header() {
        for question in questions() {
            let value = question.to_header();
            assert!(value.bytes().all(|byte| byte.is_ascii_graphic()), "{value}");
            assert_eq!(RegionQuestion::from_header(&value).expect("its own text"), question);
        }
    }

    #[test]
    fn an_answer_survives_transit_as_json() {
        let state = RegionState {
            epoch: "00000000000000ff".to_owned(),
            sequence: u64::MAX,
            time: -1,
            simulated: true,
            aircraft: 12_000,
            subscribers: 3,
        };
        for sent in [
            RegionAnswer::State(state),
            RegionAnswer::Invalid("not a region snapshot".to_owned()),
            RegionAnswer::Refused(Refusal::Full),
            RegionAnswer::Refused(Refusal::Caller { most: 32 }),
            RegionAnswer::Refused(Refusal::Text),
        ] {
            let text = serde_json::to_string(&sent).expect("an answer is JSON");
            let read: RegionAnswer = serde_json::from_str(&text).expect("its own text");
            assert_eq!(read, sent);
        }
    }
}
