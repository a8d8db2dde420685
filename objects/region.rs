//! One region's Durable Object: the hub, its storage and its sockets.
//!
//! In scope: `POST /share` from ingest, `GET /live` with an upgrade, `GET /state`.
//! Out of scope: every decision; those are `hub`'s.

use std::cell::{RefCell, RefMut};

use serde::{Deserialize, Serialize};
use worker::js_sys::Uint8Array;
use worker::{
    DurableObject, Env, Headers, Request, Response, Result, State, WebSocket,
    WebSocketIncomingMessage, WebSocketPair, durable_object, wasm_bindgen,
};

use super::{region_store as store, schema};
use crate::hub::{Format, Hub, Input, Output, Place};
use crate::wire::{Frame, Share};

/// A region.
#[durable_object(websocket)]
pub struct RegionObject {
    state: State,
    hub: RefCell<Option<Hub>>,
}

/// What `GET /state` answers.
#[derive(Serialize, Deserialize)]
pub struct RegionState {
    /// 16 hexadecimal digits.
    pub epoch: String,
    /// The sequence of the latest frame.
    pub sequence: u64,
    /// The feed time of the latest share, Unix seconds; 0 before the first.
    pub time: i64,
    /// How many aircraft the region holds.
    pub aircraft: usize,
    /// How many sockets are open.
    pub subscribers: usize,
}

/// The tags under which the platform keeps sockets through hibernation.
const BINARY: &str = "overflight.v1";
const JSON: &str = "overflight.json";

impl DurableObject for RegionObject {
    fn new(state: State, _env: Env) -> Self {
        schema::bring_up_to_date(&state, "RegionObject");
        // A ping is answered by the platform and never wakes the object.
        match worker::worker_sys::WebSocketRequestResponsePair::new("ping", "pong") {
            Ok(pair) => state.set_websocket_auto_response(&pair),
            Err(error) => worker::console_error!("pings will not be answered: {error:?}"),
        }
        Self { state, hub: RefCell::new(None) }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        match request.path().as_str() {
            "/share" => self.share(request.bytes().await?).await,
            "/live" => self.live(&request),
            "/state" => self.state(),
            path => Response::error(format!("no such path: {path}"), 404),
        }
    }

    async fn websocket_message(
        &self,
        socket: WebSocket,
        message: WebSocketIncomingMessage,
    ) -> Result<()> {
        let text = match message {
            WebSocketIncomingMessage::String(text) => Some(text),
            WebSocketIncomingMessage::Binary(_) => None,
        };
        let outputs = self.hub()?.handle(Input::Message { session: &socket, text });
        self.perform(outputs).await
    }

    async fn websocket_close(
        &self,
        socket: WebSocket,
        _code: usize,
        _reason: String,
        _was_clean: bool,
    ) -> Result<()> {
        // Without this the socket would stay half closed until the runtime collects it.
        socket.close(None, None::<&str>)
    }

    async fn websocket_error(&self, socket: WebSocket, _error: worker::Error) -> Result<()> {
        socket.close(None, None::<&str>)
    }
}

impl RegionObject {
    /// The hub, read from storage on first use after a wake.
    fn hub(&self) -> Result<RefMut<'_, Hub>> {
        let mut hub = self.hub.borrow_mut();
        if hub.is_none() {
            *hub = Some(store::load(&self.state.storage().sql())?);
        }
        Ok(RefMut::map(hub, |hub| hub.as_mut().expect("it was just put there")))
    }

    async fn share(&self, bytes: Vec<u8>) -> Result<Response> {
        let share = match Share::decode(&bytes) {
            Ok(share) => share,
            Err(error) => return Response::error(error.to_string(), 400),
        };
        drop(bytes);
        let json_readers = !self.state.get_websockets_with_tag(JSON).is_empty();
        let outputs = self.hub()?.handle(Input::<&WebSocket>::Share { share, json_readers });
        if let Err(error) = self.perform(outputs).await {
            // The hub is ahead of the storage: forget it, so that it is read again.
            self.hub.replace(None);
            return Err(error);
        }
        self.state()
    }

    fn live(&self, request: &Request) -> Result<Response> {
        let url = request.url()?;
        let query = |name: &str| {
            url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let resume = query("epoch").zip(query("sequence")).and_then(|(epoch, sequence)| {
            let epoch = u64::from_str_radix(&epoch, 16).ok()?;
            Some(Place { epoch, sequence: sequence.parse().ok()? })
        });
        let (format, tag) = match query("format").as_deref() {
            Some(BINARY) => (Format::Binary, BINARY),
            _ => (Format::Json, JSON),
        };
        let WebSocketPair { client, server } = WebSocketPair::new()?;
        self.state.accept_websocket_with_tags(&server, &[tag]);
        let outputs = self.hub()?.handle(Input::Open { session: &server, format, resume });
        for output in outputs {
            self.send(output)?;
        }
        let headers = Headers::new();
        if request.headers().has("Sec-WebSocket-Protocol")? {
            headers.set("Sec-WebSocket-Protocol", tag)?;
        }
        Ok(Response::from_websocket(client)?.with_headers(headers))
    }

    fn state(&self) -> Result<Response> {
        let hub = self.hub()?;
        let Place { epoch, sequence } = hub.place();
        Response::from_json(&RegionState {
            epoch: format!("{epoch:016x}"),
            sequence,
            time: hub.snapshot().time,
            aircraft: hub.snapshot().aircraft().len(),
            subscribers: self.state.get_websockets().len(),
        })
    }

    async fn perform(&self, outputs: Vec<Output<&WebSocket>>) -> Result<()> {
        for output in outputs {
            match output {
                Output::Commit(commit) => store::commit(&self.state.storage(), commit).await?,
                other => self.send(other)?,
            }
        }
        Ok(())
    }

    /// A socket that fails is one that is closing; the others get their frame all the same.
    fn send(&self, output: Output<&WebSocket>) -> Result<()> {
        match output {
            Output::Commit(_) => return Err("a commit is awaited, not sent".into()),
            Output::FanOut { binary, json } => {
                // One array for all sockets: the runtime copies it for each by itself.
                let bytes = Uint8Array::from(binary.as_slice()).buffer();
                for socket in self.state.get_websockets_with_tag(BINARY) {
                    let _closing = socket.as_ref().send_with_array_buffer(&bytes);
                }
                for socket in self.state.get_websockets_with_tag(JSON) {
                    let _closing = json.as_ref().map(|text| socket.send_with_str(text));
                }
            }
            Output::SendBinary(socket, frame) => socket.send_with_bytes(frame)?,
            Output::SendJson(socket, frame) => socket.send_with_str(frame)?,
            Output::SendLog { session, format, after } => self.send_log(session, format, after)?,
            Output::Close(socket, code) => {
                socket.close(Some(code as u16), Some("expected {\"ack\":n} or ping"))?;
            }
        }
        Ok(())
    }

    fn send_log(&self, socket: &WebSocket, format: Format, after: u64) -> Result<()> {
        let latest = self.hub()?.place().sequence;
        let sql = self.state.storage().sql();
        for sequence in after + 1..=latest {
            let bytes = store::frame(&sql, sequence)?;
            match format {
                Format::Binary => socket.send_with_bytes(bytes)?,
                Format::Json => {
                    let frame = Frame::decode(&bytes).map_err(|error| error.to_string())?;
                    socket.send_with_str(frame.to_json())?;
                }
            }
        }
        Ok(())
    }
}
