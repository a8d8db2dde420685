//! One region's Durable Object: the hub, its storage and its sockets.
//!
//! In scope: the questions of `ask::RegionQuestion`.
//! Out of scope: every decision; those are `hub`'s.

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
    Commit, Hub, Input, MESSAGE_LENGTH_MAX, Message, Output, Place, Refusal, Region, Visitor,
};
use crate::platform::clock::now;

/// A region.
#[durable_object(fetch)]
pub struct RegionObject {
    state: State,
    awake: RefCell<Option<Awake>>,
}

/// What an object has in memory, and a hibernated one has not.
struct Awake {
    region: Region,
    sockets: Sockets,
}

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

/// What the platform calls for sockets. The macro's own methods would copy a message of any length,
/// up to 32 MiB, into the memory of all regions, which never shrinks, before anything could refuse
/// it. They would also make a promise for each, and none of these has anything to wait for.
#[wasm_bindgen(
    wasm_bindgen = ::worker::wasm_bindgen,
    wasm_bindgen_futures = ::worker::wasm_bindgen_futures,
    js_sys = ::worker::js_sys
)]
impl RegionObject {
    /// A message came: text, or an `ArrayBuffer`.
    #[wasm_bindgen(js_name = webSocketMessage)]
    pub fn web_socket_message(
        &self,
        socket: web_sys::WebSocket,
        message: JsValue,
    ) -> std::result::Result<(), JsValue> {
        // The platform goes on delivering what comes before the client answers our close.
        let Some(session) = self.awake()?.sockets.id(&socket) else { return Ok(()) };
        let text = message.dyn_ref::<JsString>();
        let text = text.filter(|text| text.length() as usize <= MESSAGE_LENGTH_MAX);
        let text = text.map(String::from);
        Ok(self.tell(Input::Message { session, text })?)
    }

    /// The client closed, or answered our close.
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
    /// Region and sockets, read from storage and from the platform on first use after a wake.
    fn awake(&self) -> Result<RefMut<'_, Awake>> {
        let mut awake = self.awake.borrow_mut();
        if awake.is_none() {
            let (mut sessions, mut sockets) = (Vec::new(), Sockets::default());
            for socket in self.state.get_websockets() {
                // It never was a session, and gets nothing: the client had better come again.
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

    /// Tells the region what happened to a client, and does what it answers.
    fn tell(&self, input: Input) -> Result<()> {
        let outputs = self.awake()?.region.handle(now(), input);
        for output in outputs {
            if self.perform(output)?.is_some() {
                return Err("what happens to a client is not stored".into());
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

    /// After an error the region may be ahead of the storage: it is read again.
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

    /// Wakes the region, if it is dormant, with the snapshot that is stored.
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
        self.tell(Input::Open { session, format, caller, resume })?;
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

    /// Without closing it in turn, a socket would stay half closed until the runtime collects it.
    fn left(&self, socket: &WebSocket) -> Result<()> {
        if let Some((id, _)) = socket::session(socket) {
            self.awake()?.sockets.remove(id);
            self.tell(Input::Close(id))?;
        }
        socket.close(None, None::<&str>)
    }

    /// Does what is done at once, and hands back what takes time: what is to be stored.
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
