//! One region's Durable Object: the hub, its storage and its sockets.
//!
//! In scope: `POST /share` from ingest, `GET /live` with an upgrade, `GET /state`.
//! Out of scope: every decision; those are `hub`'s.

use std::cell::{RefCell, RefMut};
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use worker::js_sys::Uint8Array;
use worker::{
    DurableObject, Env, Headers, Request, Response, Result, State, WebSocket,
    WebSocketIncomingMessage, WebSocketPair, durable_object, wasm_bindgen,
};

use super::{region_store as store, schema};
use crate::edge::clock::now;
use crate::hub::{Format, Hub, Input, Message, Output, Place, Session, SessionId, Slow};
use crate::wire::Share;

/// A region.
#[durable_object(websocket)]
pub struct RegionObject {
    state: State,
    awake: RefCell<Option<Awake>>,
}

/// What an object has in memory, and a hibernated one has not.
struct Awake {
    hub: Hub,
    sockets: BTreeMap<SessionId, WebSocket>,
}

/// What a socket keeps through hibernation.
#[derive(Serialize, Deserialize)]
struct Attachment {
    id: SessionId,
    binary: bool,
    acknowledged: u64,
    slow: Option<(i64, u64)>,
}

impl From<Attachment> for Session {
    fn from(attachment: Attachment) -> Self {
        let Attachment { binary, acknowledged, slow, .. } = attachment;
        let format = if binary { Format::Binary } else { Format::Json };
        Self { format, acknowledged, slow: slow.map(|(since, sent)| Slow { since, sent }) }
    }
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

/// The names of the subprotocols.
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
        Self { state, awake: RefCell::new(None) }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        match request.path().as_str() {
            "/share" => self.share(request.bytes().await?).await,
            "/live" => self.live(&request).await,
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
        let session = attachment(&socket)?.id;
        self.tell(Input::Message { session, text }).await
    }

    async fn websocket_close(
        &self,
        socket: WebSocket,
        _code: usize,
        _reason: String,
        _was_clean: bool,
    ) -> Result<()> {
        self.left(&socket).await
    }

    async fn websocket_error(&self, socket: WebSocket, _error: worker::Error) -> Result<()> {
        self.left(&socket).await
    }
}

impl RegionObject {
    /// Hub and sockets, read from storage and from the platform on first use after a wake.
    fn awake(&self) -> Result<RefMut<'_, Awake>> {
        let mut awake = self.awake.borrow_mut();
        if awake.is_none() {
            let mut hub = store::load(&self.state.storage().sql())?;
            let mut sockets = BTreeMap::new();
            for socket in self.state.get_websockets() {
                let attachment = attachment(&socket)?;
                let id = attachment.id;
                hub = hub.with_session(id, attachment.into());
                sockets.insert(id, socket);
            }
            *awake = Some(Awake { hub, sockets });
        }
        Ok(RefMut::map(awake, |awake| awake.as_mut().expect("it was just put there")))
    }

    /// Tells the hub what happened and does what it answers.
    async fn tell(&self, input: Input) -> Result<()> {
        let outputs = self.awake()?.hub.handle(now(), input);
        for output in outputs {
            if let Err(error) = self.perform(output).await {
                // The hub may be ahead of the storage: forget it, so that it is read again.
                self.awake.replace(None);
                return Err(error);
            }
        }
        Ok(())
    }

    async fn share(&self, bytes: Vec<u8>) -> Result<Response> {
        let share = match Share::decode(bytes) {
            Ok(share) => share,
            Err(error) => return Response::error(error.to_string(), 400),
        };
        self.tell(Input::Share(share)).await?;
        self.state()
    }

    async fn live(&self, request: &Request) -> Result<Response> {
        let url = request.url()?;
        let query = |name: &str| {
            url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        let resume = query("epoch").zip(query("sequence")).and_then(|(epoch, sequence)| {
            let epoch = u64::from_str_radix(&epoch, 16).ok()?;
            Some(Place { epoch, sequence: sequence.parse().ok()? })
        });
        let (format, protocol) = match query("format").as_deref() {
            Some(BINARY) => (Format::Binary, BINARY),
            _ => (Format::Json, JSON),
        };
        let WebSocketPair { client, server } = WebSocketPair::new()?;
        let session = {
            let mut awake = self.awake()?;
            let session = awake.sockets.last_key_value().map_or(1, |(last, _)| last + 1);
            self.state.accept_web_socket(&server);
            awake.sockets.insert(session, server);
            session
        };
        self.tell(Input::Open { session, format, resume }).await?;
        let headers = Headers::new();
        if request.headers().has("Sec-WebSocket-Protocol")? {
            headers.set("Sec-WebSocket-Protocol", protocol)?;
        }
        Ok(Response::from_websocket(client)?.with_headers(headers))
    }

    fn state(&self) -> Result<Response> {
        let awake = self.awake()?;
        let Place { epoch, sequence } = awake.hub.place();
        Response::from_json(&RegionState {
            epoch: format!("{epoch:016x}"),
            sequence,
            time: awake.hub.snapshot().time,
            aircraft: awake.hub.snapshot().aircraft().len(),
            subscribers: awake.hub.subscribers(),
        })
    }

    /// Without closing it in turn, a socket would stay half closed until the runtime collects it.
    async fn left(&self, socket: &WebSocket) -> Result<()> {
        let id = attachment(socket)?.id;
        self.awake()?.sockets.remove(&id);
        self.tell(Input::Close(id)).await?;
        socket.close(None, None::<&str>)
    }

    async fn perform(&self, output: Output) -> Result<()> {
        if let Output::Commit(commit) = output {
            return store::commit(&self.state.storage(), commit).await;
        }
        let mut awake = self.awake()?;
        match output {
            Output::Commit(_) => {}
            Output::FanOut(to, message) => send(&awake, &to, &message),
            Output::SendLog { session, after } => {
                let sql = self.state.storage().sql();
                for sequence in after + 1..=awake.hub.place().sequence {
                    let frame = store::frame(&sql, sequence)?;
                    send(&awake, &[session], &Message::Binary(frame));
                }
            }
            Output::Remember(id, Session { format, acknowledged, slow }) => {
                if let Some(socket) = awake.sockets.get(&id) {
                    let binary = format == Format::Binary;
                    let slow = slow.map(|Slow { since, sent }| (since, sent));
                    let attachment = Attachment { id, binary, acknowledged, slow };
                    socket.serialize_attachment(attachment)?;
                }
            }
            Output::Close(id, code) => {
                if let Some(socket) = awake.sockets.remove(&id) {
                    socket.close(Some(code as u16), Some(code.reason()))?;
                }
            }
        }
        Ok(())
    }
}

/// A socket that fails is one that is closing; the others get their frame all the same.
fn send(awake: &Awake, to: &[SessionId], message: &Message) {
    let sockets = to.iter().filter_map(|id| awake.sockets.get(id));
    match message {
        Message::Binary(frame) => {
            // One array for all sockets: the runtime copies it for each by itself.
            let bytes = Uint8Array::from(frame.as_slice()).buffer();
            for socket in sockets {
                let _closing = socket.as_ref().send_with_array_buffer(&bytes);
            }
        }
        Message::Json(text) => {
            for socket in sockets {
                let _closing = socket.send_with_str(text);
            }
        }
    }
}

fn attachment(socket: &WebSocket) -> Result<Attachment> {
    let attachment = socket.deserialize_attachment()?;
    attachment.ok_or_else(|| "a socket of ours has an attachment".into())
}
