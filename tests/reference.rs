//! A decoder in Python, written from PROTOCOL.md alone, follows our frames without a wrong digest.
//!
//! In scope: an hour of simulated traffic in all regions, seeded rows at the edges of the globe and
//! of every value, and the golden frames. Out of scope: the decoder itself (`tests/reference/`).

mod snapshots;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, thread};

use overflight::aircraft::{Callsign, Knots};
use overflight::airspace::{Course, LiveAircraft, LiveState, Resolution, Snapshot};
use overflight::archive;
use overflight::earth::country::Boundaries;
use overflight::earth::{Position, REGIONS, Region};
use overflight::feed::opensky;
use overflight::hub::{FrameFormat, Hub, Input, Message, Output};
use overflight::simulator;
use overflight::wire::{self, RegionSnapshot};
use serde_json::{Value, json};
use snapshots::{Random, later, leaving, snapshot};

const SEED: u64 = 20_250_706;
const START: i64 = 1_751_840_400;
/// The snapshots of an hour: a minute apart, then 10 s apart, where a dead-band applies.
const MINUTES: i64 = 58;
const TENS: i64 = 12;

/// A file of records for the decoder: frames, and the rows that they must have led to.
#[derive(Default)]
struct Records(Vec<u8>);

impl Records {
    fn push(&mut self, record: &[u8]) {
        let length = u32::try_from(record.len()).expect("a frame is shorter than 4 GiB");
        self.0.extend(length.to_be_bytes());
        self.0.extend(record);
    }

    /// JSON begins with another byte than a frame.
    fn expect(&mut self, live: &LiveState) {
        let rows: Vec<_> = live.aircraft.iter().map(row).collect();
        self.push(&serde_json::to_vec(&rows).expect("numbers and text"));
    }

    fn write(&self, name: &str) -> PathBuf {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/reference");
        fs::create_dir_all(&folder).expect("target/ can be written");
        let path = folder.join(format!("{name}.frames"));
        fs::write(&path, &self.0).expect("target/ can be written");
        path
    }
}

/// A row as PROTOCOL.md describes it, in steps of the resolution.
fn row(LiveAircraft { icao24, identity, motion }: &LiveAircraft) -> Value {
    let callsign = identity.callsign.as_ref().map(|callsign| callsign.as_str());
    // Two numbers, and whether they are a velocity and a track instead of a vector.
    let (is_polar, course) = match motion.course {
        Course::Vector(Knots { east, north }) => (0, [Some(east.into()), Some(north.into())]),
        Course::Polar { velocity, track } => (1, [velocity.map(i32::from), track.map(i32::from)]),
    };
    json!([
        icao24.get(),
        [
            motion.cell.map(|cell| cell.row),
            motion.cell.map(|cell| cell.column),
            motion.altitude,
            Some(is_polar),
            course[0],
            course[1],
            motion.vertical_rate,
            Some(i32::from(motion.on_ground)),
            Some(i32::from(motion.age)),
        ],
        [
            json!(u8::from(identity.spi)),
            json!(identity.position_source),
            json!(identity.category),
            json!(callsign),
            json!(identity.origin_country),
            json!(identity.squawk.map(|squawk| squawk.get())),
            json!(identity.current_country.map(|code| code.to_string())),
        ],
    ])
}

/// Runs the decoder over these files; it fails at the first difference. Without Python there is
/// nothing to run.
fn follow(files: &[PathBuf]) {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/follow.py");
    let output = match Command::new("python3").arg("-B").arg(program).args(files).output() {
        Err(error) if error.kind() == ErrorKind::NotFound => return eprintln!("no python3"),
        output => output.expect("python3 starts"),
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    eprint!("{}", text(&output.stdout));
}

/// 800,000 rows of `world` and as many of the other regions take Python 22 s of CPU each.
#[test]
fn it_follows_an_hour_of_every_region() {
    let boundaries = fs::read("dist/boundaries.bin").expect("made by `make build`");
    let boundaries = Boundaries::decode(&boundaries).expect("made by `make build`");
    let minutes = (0..=MINUTES).map(|minute| START + minute * 60);
    let tens = (1..=TENS).map(|ten| START + MINUTES * 60 + ten * 10);
    let hour: Vec<Snapshot> = minutes
        .chain(tens)
        .map(|time| {
            let response = opensky::parse(&simulator::response(SEED, time)).expect("our own");
            archive::Minute::of(response, true, &boundaries).snapshot
        })
        .collect();
    // Two processes at once, each with half of the rows.
    let (world, regions) = REGIONS.split_at(1);
    thread::scope(|scope| {
        for regions in [world, regions] {
            scope.spawn(|| {
                let files: Vec<_> = regions.iter().map(|region| frames(region, &hour)).collect();
                follow(&files);
            });
        }
    });
}

/// Writes the frames that a client of a region gets.
fn frames(region: &Region, hour: &[Snapshot]) -> PathBuf {
    let resolution = if region.is_world() { Resolution::Display } else { Resolution::Fine };
    let (mut hub, mut records) = (Hub::default(), Records::default());
    let open = Input::Open { session: 1, format: FrameFormat::Binary, caller: None, resume: None };
    records.push(&sent(&hub.handle(START, open)));
    for snapshot in hour {
        let own = snapshot.aircraft().iter().filter(|state| region.holds(state.position));
        let own = Snapshot::new(snapshot.time, own.cloned().collect());
        let input = Input::Snapshot(RegionSnapshot::new(1, resolution, own));
        records.push(&sent(&hub.handle(snapshot.time, input)));
        let (sequence, digest) = (hub.place().sequence, wire::digest(&hub.live().aircraft));
        let text = Some(format!(r#"{{"ack":{sequence},"digest":{digest}}}"#));
        hub.handle(snapshot.time, Input::Message { session: 1, text });
    }
    records.expect(hub.live());
    records.write(region.name)
}

fn sent(outputs: &[Output]) -> Vec<u8> {
    let frame = outputs.iter().find_map(|output| match output {
        Output::FanOut(_, Message::Binary(bytes)) => Some(bytes.to_vec()),
        _ => None,
    });
    frame.expect("a client that acknowledges is sent every frame")
}

#[test]
fn it_follows_rows_at_the_edges_of_the_globe_and_of_every_value() {
    let mut records = Records::default();
    for seed in 0..300 {
        let random = &mut Random(seed);
        let by = random.pick(&[Resolution::Fine, Resolution::Display]);
        let first = snapshot(random, 1_000, 60);
        let mut exact = moved_to_edges(random, first);
        let mut live = LiveState::of(&exact, by);
        records.push(&wire::encode_keyframe(seed, 0, &live));
        for sequence in 1..=5 {
            exact = later(random, &exact, 60);
            if random.one_in(2) {
                exact = moved_to_edges(random, exact);
            }
            let some = random.below(4);
            let next = leaving(&live, LiveState::of(&exact, by), |row| {
                u64::from(row.icao24.get()) % 4 <= some
            });
            records.push(&wire::encode_delta(seed, (sequence - 1, &live), sequence, &next));
            live = next;
            records.expect(&live);
        }
    }
    follow(&[records.write("edges")]);
}

/// Moves some aircraft to the poles, the antimeridian, the equator, and edges of cells.
fn moved_to_edges(random: &mut Random, snapshot: Snapshot) -> Snapshot {
    let (time, simulated) = (snapshot.time, snapshot.simulated);
    let mut rows = snapshot.into_aircraft();
    for row in rows.iter_mut().filter(|row| row.position.is_some()) {
        let near = f64::from(random.below(5) as i32 - 2) * 225e-6;
        let latitude = [-90.0, -89.5, 0.0, 60.0, 89.5, 90.0, random.between(-90.0, 90.0)];
        let longitude = [-180.0, 0.0, 180.0, random.between(-180.0, 180.0)];
        let latitude = (random.pick(&latitude) + near).clamp(-90.0, 90.0);
        let longitude = (random.pick(&longitude) + near).clamp(-180.0, 180.0);
        row.position = Position::new(longitude, latitude);
        if random.one_in(2) {
            row.time_position = Some(time - random.below(400) as i64);
        }
        if random.one_in(4) {
            row.callsign = Callsign::parse(&flight(random)).expect("the test's own");
        }
    }
    Snapshot::new(time, rows).marked(simulated)
}

/// Returns a flight's callsign with letters and digits in any order: real ones have digits behind
/// letters, simulated ones do not.
fn flight(random: &mut Random) -> String {
    let mut text = random.pick(&["DLH", "EZY", "ZZZ"]).to_owned();
    for _ in 0..random.below(6) {
        text.push(random.pick(&['0', '9', '4', 'A', 'Z', 'K']));
    }
    text
}

#[test]
fn it_follows_the_golden_frames() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let short = ["example", "fine", "display", "quick"].map(|name| {
        let golden = fs::read(folder.join(format!("{name}.json"))).expect("committed");
        let golden: Vec<Value> = serde_json::from_slice(&golden).expect("JSON");
        let mut records = Records::default();
        for frame in &golden {
            records.push(&from_hex(frame["frame"].as_str().expect("hexadecimal digits")));
            records.push(frame["leads_to"].to_string().as_bytes());
        }
        records.write(name)
    });
    follow(&short);
    follow(&["long-fine.bin", "long-display.bin", "long-quick.bin"].map(|name| folder.join(name)));
}

fn from_hex(digits: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal digits");
    (0..digits.len()).step_by(2).map(byte).collect()
}
