//! A client of the simulation: its state, and how badly it keeps up.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::rc::Rc;

use overflight::airspace::LiveState;
use overflight::hub::{FrameFormat, Message, Place};
use overflight::wire::{self, Frame};
use serde_json::Value;

use super::Totals;
use crate::snapshots::Random;

/// A frame's base, its place, and its digest if it is JSON.
type Head = (Option<u64>, Place, Option<u32>);

/// State objects by address.
pub type Text = Rc<BTreeMap<String, Value>>;

/// Decodes each frame once for all clients with the same state, instead of two hundred times.
#[derive(Default)]
pub struct Reader {
    live: HashMap<(*const Message, *const LiveState), Rc<LiveState>>,
    text: HashMap<(*const Message, *const BTreeMap<String, Value>), Text>,
    /// What the pointers above point to.
    frames: Vec<Rc<Message>>,
    snapshots: HashMap<(u64, u64), Rc<LiveState>>,
    heads: HashMap<*const Message, Head>,
    recent: VecDeque<Rc<Message>>,
}

/// The most different messages that are sent between two region snapshots.
const RECENT: usize = 4;

impl Reader {
    /// Returns the message, or an equal one that was sent recently.
    pub fn shared(&mut self, message: Message) -> Rc<Message> {
        if let Some(same) = self.recent.iter().find(|recent| ***recent == message) {
            return Rc::clone(same);
        }
        let message = Rc::new(message);
        self.recent.push_back(Rc::clone(&message));
        if self.recent.len() > RECENT {
            self.recent.pop_front();
        }
        message
    }

    /// Returns a frame's base and place, and its digest if it is JSON.
    fn head(&mut self, message: &Rc<Message>) -> Head {
        let key = Rc::as_ptr(message);
        if let Some(&known) = self.heads.get(&key) {
            return known;
        }
        let head = match &**message {
            Message::Binary(bytes) => {
                let Frame { epoch, base, sequence, .. } = decoded(bytes);
                (base, Place { epoch, sequence }, None)
            }
            Message::Json(text) => head(text),
        };
        self.frames.push(Rc::clone(message));
        self.heads.insert(key, head);
        head
    }

    fn live(&mut self, message: &Rc<Message>, old: &Rc<LiveState>) -> Rc<LiveState> {
        // A keyframe does not depend on the state before.
        let has_base = self.head(message).0.is_some();
        let base = if has_base { Rc::as_ptr(old) } else { std::ptr::null() };
        let key = (Rc::as_ptr(message), base);
        if let Some(known) = self.live.get(&key) {
            return Rc::clone(known);
        }
        let Message::Binary(bytes) = &**message else { panic!("JSON to a binary client") };
        let snapshot = decoded(bytes).apply(old).expect("a frame of the hub's for this state");
        // At one place there is one state, whichever frames led to it.
        let place = self.head(message).1;
        let place = (place.epoch, place.sequence);
        let known = self.snapshots.entry(place).or_insert_with(|| Rc::new(snapshot.clone()));
        assert_eq!(**known, snapshot, "{place:?}");
        let snapshot = Rc::clone(known);
        self.live.insert(key, Rc::clone(&snapshot));
        snapshot
    }

    /// Returns the states after a JSON frame; `None` for a binary one.
    pub fn text(&mut self, message: &Rc<Message>, old: &Text) -> Option<Text> {
        let Message::Json(text) = &**message else { return None };
        let has_base = self.head(message).0.is_some();
        let base = if has_base { Rc::as_ptr(old) } else { std::ptr::null() };
        let key = (Rc::as_ptr(message), base);
        if let Some(known) = self.text.get(&key) {
            return Some(Rc::clone(known));
        }
        let frame: Value = serde_json::from_str(text).expect("JSON");
        let mut states = if frame["base"].is_null() { BTreeMap::new() } else { (**old).clone() };
        for icao24 in frame["removals"].as_array().expect("addresses") {
            let icao24 = icao24.as_str().expect("an address");
            assert!(states.remove(icao24).is_some(), "{icao24} is removed, but was never there");
        }
        for state in frame["upserts"].as_array().expect("states") {
            let icao24 = state["icao24"].as_str().expect("an address").to_owned();
            states.insert(icao24, state.clone());
        }
        let states = Rc::new(states);
        self.text.insert(key, Rc::clone(&states));
        Some(states)
    }
}

/// How a client fails to keep up.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Manner {
    Prompt,
    /// Frames and acknowledgements take long.
    Late,
    /// It reads rarely.
    Lazy,
    /// It has stopped reading for good.
    Stalled,
}

pub struct Client {
    pub format: FrameFormat,
    pub is_connected: bool,
    manner: Manner,
    place: Option<Place>,
    digest: u32,
    live: Rc<LiveState>,
    text: Text,
}

impl Client {
    pub fn new(random: &mut Random) -> Self {
        let manners = [Manner::Prompt, Manner::Prompt, Manner::Late, Manner::Lazy, Manner::Stalled];
        Self {
            format: if random.one_in(30) { FrameFormat::Json } else { FrameFormat::Binary },
            is_connected: false,
            manner: random.pick(&manners),
            place: None,
            digest: 0,
            live: Rc::default(),
            text: Rc::default(),
        }
    }

    pub fn calm_down(&mut self) {
        self.manner = Manner::Prompt;
    }

    pub fn live(&self) -> &LiveState {
        &self.live
    }

    pub fn text(&self) -> &Text {
        &self.text
    }

    /// Returns the place from which it resumes.
    pub fn place(&self) -> Option<Place> {
        self.place
    }

    pub fn sequence(&self) -> u64 {
        self.place.map_or(0, |place| place.sequence)
    }

    /// Returns the digest of the last frame that it read.
    pub fn digest(&self) -> u32 {
        self.digest
    }

    pub fn disconnected(&mut self) {
        self.is_connected = false;
    }

    /// Returns the seconds that a message takes, either way. (The caller keeps their order.)
    pub fn latency(&self, random: &mut Random) -> i64 {
        if self.manner == Manner::Late { random.below(40) as i64 } else { 0 }
    }

    pub fn reads(&self, random: &mut Random) -> bool {
        match self.manner {
            Manner::Prompt | Manner::Late => true,
            Manner::Lazy => random.one_in(7),
            Manner::Stalled => false,
        }
    }

    /// Applies a frame; returns whether it fits the client's state.
    pub fn take_in(
        &mut self,
        message: &Rc<Message>,
        reader: &mut Reader,
        totals: &mut Totals,
    ) -> bool {
        let (base, place, digest) = reader.head(message);
        if base.is_none() {
            totals.count("keyframes");
        } else if self.place != base.map(|sequence| Place { sequence, ..place }) {
            return false;
        }
        match self.format {
            FrameFormat::Binary => self.live = reader.live(message, &self.live),
            FrameFormat::Json => self.text = reader.text(message, &self.text).expect("text"),
        }
        self.place = Some(place);
        self.digest = digest.unwrap_or_else(|| wire::digest(&self.live.aircraft));
        true
    }
}

fn decoded(bytes: &[u8]) -> Frame {
    Frame::decode(bytes).expect("the hub's own frame")
}

/// Returns a JSON frame's base, place and digest, without parsing the rest.
fn head(text: &str) -> Head {
    #[derive(serde::Deserialize)]
    struct Text {
        base: Option<u64>,
        epoch: String,
        sequence: u64,
        digest: u32,
    }
    let Text { base, epoch, sequence, digest } = serde_json::from_str(text).expect("a JSON frame");
    let epoch = u64::from_str_radix(&epoch, 16).expect("16 digits");
    (base, Place { epoch, sequence }, Some(digest))
}
