//! Follows a region in a terminal: a client as a third party would write it.
//!
//! `cargo run --release --no-default-features --example watch -- [ws://localhost:8787] [region]`
//!
//! In scope: the client's side of PROTOCOL.md: keyframes, deltas, acknowledgements, pings, and
//! resuming after a lost connection. It uses only public items of the crate.

#![allow(clippy::print_stdout, reason = "a command-line tool")]
#![expect(clippy::disallowed_methods, reason = "a client on a machine with clocks")]

use std::collections::HashMap;
use std::error::Error;
use std::fmt::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{env, io};

use futures_util::{SinkExt, StreamExt};
use overflight::aircraft::StateVector;
use overflight::earth::{Region, country};
use overflight::wire::{BYTES_PROTOCOL, ClientState, WireError};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;

/// After this long without a message the client sends a ping, and after as long again it considers
/// the connection lost.
const SILENCE: Duration = Duration::from_secs(20);

/// The first and the longest wait before reconnecting; each wait is twice the one before.
const BACKOFF_FIRST: Duration = Duration::from_millis(500);
const BACKOFF_MAX: Duration = Duration::from_secs(30);

const AIRCRAFT_SHOWN: usize = 15;
const COUNTRIES_SHOWN: usize = 8;

type Failure = Box<dyn Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut arguments = env::args().skip(1);
    let server = arguments.next().unwrap_or_else(|| "ws://localhost:8787".to_owned());
    let region = arguments.next().unwrap_or_else(|| "world".to_owned());
    if let Some(more) = arguments.next() {
        return Err(format!("argument {more:?}: expected [ws://server] [region] alone").into());
    }
    if !server.starts_with("ws://") {
        return Err(format!("server is {server:?}, expected ws://host:port").into());
    }
    if Region::named(&region).is_none() {
        return Err(format!("region is {region:?}, expected one of GET /api/regions").into());
    }
    let url = format!("{}/api/live/{region}", server.trim_end_matches('/'));
    tokio::select! {
        () = follow(&url) => Ok(()),
        pressed = tokio::signal::ctrl_c() => {
            println!("\x1b[0m");
            Ok(pressed?)
        }
    }
}

/// Connects, and reconnects whenever the connection is lost.
async fn follow(url: &str) {
    let mut watch = Watch::default();
    let mut wait = BACKOFF_FIRST;
    loop {
        let frames = watch.frames;
        let reason = match connection(url, &mut watch).await {
            Ok(reason) => reason,
            Err(error) => error.to_string(),
        };
        if watch.frames > frames {
            wait = BACKOFF_FIRST;
        }
        println!("{url}: {reason}; again in {:.1} s", wait.as_secs_f64());
        sleep(wait).await;
        wait = (wait * 2).min(BACKOFF_MAX);
    }
}

/// Runs one connection until it is lost. Returns the reason.
async fn connection(url: &str, watch: &mut Watch) -> Result<String, Failure> {
    let picture = &watch.picture;
    let url = match picture.sequence() {
        0 => url.to_owned(),
        sequence => format!("{url}?epoch={:016x}&sequence={sequence}", picture.epoch()),
    };
    let mut request = url.into_client_request()?;
    request
        .headers_mut()
        .insert("Sec-WebSocket-Protocol", HeaderValue::from_static(BYTES_PROTOCOL));
    let (mut socket, _) = timeout(SILENCE, connect_async(request)).await??;
    let mut asked = false;
    loop {
        let message = match timeout(SILENCE, socket.next()).await {
            Ok(Some(message)) => message?,
            Ok(None) => return Ok("the server is gone".to_owned()),
            Err(_) if asked => return Ok(format!("no message in {} s", 2 * SILENCE.as_secs())),
            Err(_) => {
                socket.send(Message::text("ping")).await?;
                asked = true;
                continue;
            }
        };
        asked = false;
        match message {
            Message::Binary(bytes) => {
                if let Err(error) = watch.take(&bytes) {
                    // Our state is useless now. Without a place the answer is a keyframe.
                    watch.picture = ClientState::default();
                    return match error.wants_keyframe() {
                        true => Ok(error.to_string()),
                        false => Err(error.into()),
                    };
                }
                let (sequence, digest) = (watch.picture.sequence(), watch.picture.digest());
                let acknowledgement = format!(r#"{{"ack":{sequence},"digest":{digest}}}"#);
                socket.send(Message::text(acknowledgement)).await?;
                println!("{}", watch.draw());
            }
            Message::Close(Some(close)) => {
                return Ok(format!("closed with {}: {}", u16::from(close.code), close.reason));
            }
            _ => {}
        }
    }
}

/// The client's state and statistics.
#[derive(Default)]
struct Watch {
    picture: ClientState,
    frames: u64,
    bytes: usize,
    bytes_last: usize,
}

impl Watch {
    fn take(&mut self, frame: &[u8]) -> Result<(), WireError> {
        self.picture.apply(frame)?;
        self.frames += 1;
        self.bytes += frame.len();
        self.bytes_last = frame.len();
        Ok(())
    }

    /// Draws a screen: the newest frame, the countries, and the highest aircraft.
    fn draw(&self) -> String {
        let snapshot = self.picture.live().snapshot();
        let aircraft = snapshot.aircraft();
        let age = unix_now() - snapshot.time;
        let each = self.bytes_last as f64 / aircraft.len().max(1) as f64;
        let mut screen = String::from("\x1b[2J\x1b[H");
        let head = format!(
            "sequence {}, {age} s old, {} aircraft\n{} bytes, {each:.2} each; {} in {} frames\n",
            self.picture.sequence(),
            aircraft.len(),
            self.bytes_last,
            self.bytes,
            self.frames,
        );
        screen += &head;
        if snapshot.simulated {
            screen += "simulated traffic, not real aircraft\n";
        }
        screen += &countries(aircraft);
        screen += "\n\nicao24  callsign  country            lon     lat  altitude m   m/s  track\n";
        let mut highest: Vec<&StateVector> = aircraft.iter().collect();
        highest.sort_by(|a, b| {
            let altitude = |state: &StateVector| state.baro_altitude.unwrap_or(f64::MIN);
            altitude(b).total_cmp(&altitude(a))
        });
        for state in highest.into_iter().take(AIRCRAFT_SHOWN) {
            screen += &row(state);
        }
        screen
    }
}

/// The number of aircraft over each country, the highest first.
fn countries(aircraft: &[StateVector]) -> String {
    let mut counts = HashMap::new();
    for code in aircraft.iter().filter_map(|state| state.current_country) {
        *counts.entry(code).or_insert(0_usize) += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|&(code, count)| (std::cmp::Reverse(count), code.to_string()));
    let texts = counts.iter().take(COUNTRIES_SHOWN).map(|(code, count)| format!("{code} {count}"));
    texts.collect::<Vec<_>>().join("  ")
}

fn row(state: &StateVector) -> String {
    let number = |value: Option<f64>, digits: usize| {
        value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
    };
    let over = state.current_country.and_then(country::country).map_or("-", |over| over.name);
    let over: String = over.chars().take(14).collect();
    let callsign = state.callsign.map_or_else(|| "-".to_owned(), |callsign| callsign.to_string());
    let longitude = number(state.position.map(|at| at.longitude), 2);
    let latitude = number(state.position.map(|at| at.latitude), 2);
    let altitude = number(state.baro_altitude, 0);
    let (velocity, track) = (number(state.velocity, 0), number(state.true_track, 0));
    let mut line = String::new();
    writeln!(
        line,
        "{}  {callsign:8}  {over:14} {longitude:>7} {latitude:>7} {altitude:>11} {velocity:>5} \
         {track:>6}",
        state.icao24,
    )
    .expect("a String takes all text");
    line
}

fn unix_now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_err(io::Error::other);
    since.map_or(0, |since| since.as_secs() as i64)
}
