//! One region's Durable Object: the hub, its storage and its sockets.
//!
//! In scope: the questions of `ask::RegionQuestion`, and the events of sockets.
//! Out of scope: all decisions (`hub`).

mod socket;
mod store;

use std::cell::{RefCell, RefMut};
use std::rc::Rc;

use worker::js_sys::JsString;
use worker::wasm_bindgen::prelude::wasm_bindgen;
use worker::wasm_bindgen::{self, JsCast, JsValue};
use worker::{
    DurableObject, Env, Headers, Request, Response, Result, State, WebSocket, WebSocketPair,
    durable_object, web_sys,
};

use self::socket::Sockets;
use super::schema;
use crate::ask::{Follower, RegionAnswer, RegionQuestion, RegionState};
use crate::hub::{
    Commit, Hub, Input, MESSAGE_LENGTH_MAX, Message, Output, Place, Refusal, RegionEngine, Visitor,
};
use crate::platform::clock::now;

/// A region.
#[durable_object(fetch)]
pub struct RegionObject {
    state: State,
    awake: RefCell<Option<Awake>>,
}

/// What an object has in memory, and loses in hibernation.
struct Awake {
    region: RegionEngine,
    sockets: Sockets,
}

impl DurableObject for RegionObject {
    fn new(state: State, _env: Env) -> Self {
        schema::bring_up_to_date(&state, "RegionObject");
        // The platform answers pings, so they never wake the object.
        match worker::worker_sys::WebSocketRequestResponsePair::new("ping", "pong") {
            Ok(pair) => state.set_websocket_auto_response(&pair),
            Err(error) => worker::console_error!("pings will not be answered: {error:?}"),
        }
        Self { state, awake: RefCell::new(None) }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let question = request.headers().get(RegionQuestion::HEADER)?.unwrap_or_default();
        let answer = match RegionQuestion::from_header(&question)? {
            RegionQuestion::Deliver => self.deliver(request.bytes().await?).await?,
            RegionQuestion::State => self.state()?,
            RegionQuestion::Follow(follower) => match self.follow(follower).await? {
                Ok(socket) => return Ok(socket),
                Err(refusal) => RegionAnswer::Refused(refusal),
            },
        };
        Response::from_json(&answer)
    }
}

/// The methods that the platform calls for sockets. The macro's own would copy a message of any
/// length, up to 32 MiB, into wasm's memory, which all regions share and which never shrinks,
/// before it could be refused. They would also make a promise for each, and none of these awaits.
#[wasm_bindgen(
    wasm_bindgen = ::worker::wasm_bindgen,
    wasm_bindgen_futures = ::worker::wasm_bindgen_futures,
    js_sys = ::worker::js_sys
)]
impl RegionObject {
    /// Handles a message: text, or an `ArrayBuffer`.
    #[wasm_bindgen(js_name = webSocketMessage)]
    pub fn web_socket_message(
        &self,
        socket: web_sys::WebSocket,
        message: JsValue,
    ) -> std::result::Result<(), JsValue> {
        // After our close the platform still delivers messages until the client answers it.
        let Some(session) = self.awake()?.sockets.id(&socket) else { return Ok(()) };
        let text = message.dyn_ref::<JsString>();
        let text = text.filter(|text| text.length() as usize <= MESSAGE_LENGTH_MAX);
        let text = text.map(String::from);
        Ok(self.handle(Input::Message { session, text })?)
    }

    /// The client closed its socket, or answered our close.
    #[wasm_bindgen(js_name = webSocketClose)]
    pub fn web_socket_close(&self, socket: web_sys::WebSocket) -> std::result::Result<(), JsValue> {
        Ok(self.left(&socket.into())?)
    }

    /// The connection broke.
    #[wasm_bindgen(js_name = webSocketError)]
    pub fn web_socket_error(&self, socket: web_sys::WebSocket) -> std::result::Result<(), JsValue> {
        Ok(self.left(&socket.into())?)
    }
}

impl RegionObject {
    /// The region and its sockets, read from storage and from the platform on first use after a
    /// wake.
    fn awake(&self) -> Result<RefMut<'_, Awake>> {
        let mut awake = self.awake.borrow_mut();
        if awake.is_none() {
            let (mut sessions, mut sockets) = (Vec::new(), Sockets::default());
            for socket in self.state.get_websockets() {
                // A socket without a session gets nothing; close it, so that the client reconnects.
                let Some((id, session)) = socket::session(&socket) else {
                    let _closing = socket.close(Some(1011), Some("no session"));
                    continue;
                };
                sessions.push((id, session));
                if !session.is_closed {
                    sockets.insert(id, socket);
                }
            }
            let region = store::load(&self.state.storage().sql(), &sessions)?;
            *awake = Some(Awake { region, sockets });
        }
        Ok(RefMut::map(awake, |awake| awake.as_mut().expect("it was just put there")))
    }

    /// Passes a client's event to the region, and performs its outputs.
    fn handle(&self, input: Input) -> Result<()> {
        let outputs = self.awake()?.region.handle(now(), input);
        for output in outputs {
            if self.perform(output)?.is_some() {
                return Err("a client's event must not lead to a commit".into());
            }
        }
        Ok(())
    }

    async fn perform_all(&self, outputs: Vec<Output>) -> Result<()> {
        for output in outputs {
            if let Some(commit) = self.perform(output)?
                && let Err(error) = store::commit(&self.state.storage(), commit).await
            {
                self.forget();
                return Err(error);
            }
        }
        Ok(())
    }

    /// Drops the region after an error, since it may be ahead of storage; it is read again.
    fn forget(&self) {
        self.awake.replace(None);
    }

    async fn deliver(&self, bytes: Vec<u8>) -> Result<RegionAnswer> {
        let outputs = self.awake()?.region.deliver(now(), bytes);
        match outputs {
            Ok(outputs) => self.perform_all(outputs).await?,
            Err(error) => return Ok(RegionAnswer::Invalid(error.to_string())),
        }
        self.state()
    }

    /// Wakes the region from the stored snapshot if it is dormant.
    async fn wake(&self) -> Result<()> {
        if self.awake()?.region.hub().is_some() {
            return Ok(());
        }
        let region_snapshot = store::region_snapshot(&self.state.storage().sql())?;
        let outputs = self.awake()?.region.wake(region_snapshot);
        self.perform_all(outputs).await
    }

    async fn follow(
        &self,
        Follower { visitor, resume, has_offered }: Follower,
    ) -> Result<std::result::Result<Response, Refusal>> {
        self.wake().await?;
        let session = match self.awake()?.region.admit(now(), visitor) {
            Ok(session) => session,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let WebSocketPair { client, server } = WebSocketPair::new()?;
        self.state.accept_web_socket(&server);
        self.awake()?.sockets.insert(session, server);
        let Visitor { format, caller, .. } = visitor;
        self.handle(Input::Open { session, format, caller, resume })?;
        let headers = Headers::new();
        if has_offered {
            headers.set("Sec-WebSocket-Protocol", format.protocol())?;
        }
        Ok(Ok(Response::from_websocket(client)?.with_headers(headers)))
    }

    fn state(&self) -> Result<RegionAnswer> {
        let awake = self.awake()?;
        let Place { epoch, sequence } = awake.region.place();
        let latest = awake.region.latest();
        Ok(RegionAnswer::State(RegionState {
            epoch: format!("{epoch:016x}"),
            sequence,
            time: latest.time,
            simulated: latest.simulated,
            aircraft: latest.aircraft,
            subscribers: awake.region.hub().map_or(0, Hub::subscribers),
        }))
    }

    /// Ends a session whose client closed its socket. Closes the socket too, which would otherwise
    /// stay half closed until the runtime collects it.
    fn left(&self, socket: &WebSocket) -> Result<()> {
        if let Some((id, _)) = socket::session(socket) {
            self.awake()?.sockets.remove(id);
            self.handle(Input::Close(id))?;
        }
        socket.close(None, None::<&str>)
    }

    /// Performs an output; returns a commit, which takes time, to its caller.
    fn perform(&self, output: Output) -> Result<Option<Commit>> {
        let done = self.awake()?.perform(&self.state, output);
        if done.is_err() {
            self.forget();
        }
        done
    }
}

impl Awake {
    fn perform(&mut self, state: &State, output: Output) -> Result<Option<Commit>> {
        match output {
            Output::Commit(commit) => return Ok(Some(commit)),
            Output::FanOut(to, message) => self.sockets.send(&to, &message)?,
            Output::SendLog { session, after } => {
                let sql = state.storage().sql();
                for sequence in after + 1..=self.region.place().sequence {
                    let frame = Rc::new(store::frame(&sql, sequence)?);
                    self.sockets.send(&[session], &Message::Binary(frame))?;
                }
            }
            Output::Remember(id, session) => self.sockets.remember(id, session)?,
            Output::Close(id, code) => {
                if let Some(socket) = self.sockets.remove(id) {
                    socket.close(Some(code as u16), Some(code.reason()))?;
                }
            }
        }
        Ok(None)
    }
}
