//! A region's sockets: their attachments, which survive hibernation, and sending.

use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use worker::js_sys::{ArrayBuffer, Function, JsString, Map, Reflect, Uint8Array};
use worker::{Result, WebSocket, web_sys};

use crate::hub::{Message, Session, SessionId};

/// The session in a socket's attachment; `None` if there is none, or another build wrote it.
///
/// The session of a socket that is no longer open counts as closed, whichever side closed it.
pub(super) fn session(socket: &WebSocket) -> Option<(SessionId, Session)> {
    let attached: String = socket.deserialize_attachment().ok()??;
    let (id, session): (SessionId, Session) = serde_json::from_str(&attached).ok()?;
    let is_open = socket.as_ref().ready_state() == web_sys::WebSocket::OPEN;
    Some((id, Session { is_closed: session.is_closed || !is_open, ..session }))
}

/// Attaches a session to its socket; the platform allows 16 KB.
///
/// It is attached as JSON text: an object would cross from wasm one property at a time, and each
/// acknowledgement attaches it again.
fn remember(socket: &WebSocket, id: SessionId, session: Session) -> Result<()> {
    socket.serialize_attachment(serde_json::to_string(&(id, session))?)
}

/// The sockets of the sessions that are not closed.
#[derive(Default)]
pub(super) struct Sockets {
    all: BTreeMap<SessionId, WebSocket>,
    /// The id of each socket by the platform's object, so that a message needs no attachment.
    ids: Map,
    frame: Last<Vec<u8>, ArrayBuffer>,
    text: Last<String, JsString>,
}

impl Sockets {
    /// Adds a session's socket.
    pub(super) fn insert(&mut self, id: SessionId, socket: WebSocket) {
        // Ids stay below 2⁵³, the limit of JavaScript's exact integers.
        self.ids.set(socket.as_ref(), &(id as f64).into());
        self.all.insert(id, socket);
    }

    /// Removes a session's socket; its later messages are ignored.
    pub(super) fn remove(&mut self, id: SessionId) -> Option<WebSocket> {
        let socket = self.all.remove(&id)?;
        self.ids.delete(socket.as_ref());
        Some(socket)
    }

    /// The session of a socket; `None` if it is closed.
    pub(super) fn id(&self, socket: &web_sys::WebSocket) -> Option<SessionId> {
        self.ids.get(socket).as_f64().map(|id| id as SessionId)
    }

    /// Attaches a session to its socket.
    pub(super) fn remember(&self, id: SessionId, session: Session) -> Result<()> {
        self.all.get(&id).map_or(Ok(()), |socket| remember(socket, id, session))
    }

    /// Sends these sessions the same message, copied to JavaScript once for all. A socket that
    /// fails is closing; the others still get the message.
    pub(super) fn send(&mut self, to: &[SessionId], message: &Message) -> Result<()> {
        let sockets = to.iter().filter_map(|id| self.all.get(id)).map(WebSocket::as_ref);
        match message {
            Message::Binary(frame) => {
                let frame = self.frame.made(frame, |frame| Uint8Array::from(&**frame).buffer());
                for socket in sockets {
                    let _closing = socket.send_with_array_buffer(&frame);
                }
            }
            Message::Json(text) => {
                let text = self.text.made(text, |text| JsString::from(&**text));
                for socket in sockets {
                    // `send_with_str` would copy the text out of wasm for each socket.
                    let send = Reflect::get(socket, &"send".into())?;
                    let _closing = Function::from(send).call1(socket, &text);
                }
            }
        }
        Ok(())
    }
}

/// The last message in JavaScript's memory: a keyframe is sent to many clients one by one.
///
/// Only the hub owns the original, up to 19 MB of text, which is freed before the next is made.
struct Last<T, J>(Option<(Weak<T>, J)>);

impl<T, J> Default for Last<T, J> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T, J: Clone> Last<T, J> {
    /// The message in JavaScript's memory.
    fn made(&mut self, message: &Rc<T>, make: impl FnOnce(&T) -> J) -> J {
        match &self.0 {
            Some((last, made)) if std::ptr::eq(last.as_ptr(), Rc::as_ptr(message)) => made.clone(),
            _ => {
                let made = make(message);
                self.0 = Some((Rc::downgrade(message), made.clone()));
                made
            }
        }
    }
}
