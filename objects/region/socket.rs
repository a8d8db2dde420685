//! A region's sockets: what they keep through hibernation, and how they are sent to.

use std::rc::{Rc, Weak};

use serde::{Deserialize, Serialize};
use worker::js_sys::{Function, JsString, Reflect, Uint8Array};
use worker::{Result, WebSocket};

use crate::hub::{Format, Session, SessionId, Slow};

/// A session as its socket's attachment; the platform allows 16 KB.
#[derive(Serialize, Deserialize)]
struct Attachment {
    id: SessionId,
    binary: bool,
    caller: Option<String>,
    acknowledged: u64,
    bytes: usize,
    stale: u8,
    slow: Option<(i64, u64)>,
    is_closed: bool,
}

/// The session that a socket keeps; `None` where it was never given one, or one of another build's.
///
/// A socket that is no longer open, whoever began to close it, is of a closed session.
pub(super) fn session(socket: &WebSocket) -> Result<Option<(SessionId, Session)>> {
    let Ok(Some(attachment)) = socket.deserialize_attachment::<Attachment>() else {
        return Ok(None);
    };
    let Attachment { id, binary, caller, acknowledged, bytes, stale, slow, is_closed } = attachment;
    let session = Session {
        format: if binary { Format::Binary } else { Format::Json },
        caller: caller.and_then(|caller| caller.parse().ok()),
        acknowledged,
        bytes,
        stale,
        slow: slow.map(|(since, sent)| Slow { since, sent }),
        is_closed: is_closed || socket.as_ref().ready_state() != worker::web_sys::WebSocket::OPEN,
    };
    Ok(Some((id, session)))
}

/// Keeps a session with its socket.
pub(super) fn remember(socket: &WebSocket, id: SessionId, session: Session) -> Result<()> {
    let Session { format, caller, acknowledged, bytes, stale, slow, is_closed } = session;
    socket.serialize_attachment(Attachment {
        id,
        binary: format == Format::Binary,
        caller: caller.map(|caller| caller.to_string()),
        acknowledged,
        bytes,
        stale,
        slow: slow.map(|Slow { since, sent }| (since, sent)),
        is_closed,
    })
}

/// Sends the same bytes. A socket that fails is closing; the others get their frame all the same.
pub(super) fn send_bytes<'a>(sockets: impl Iterator<Item = &'a WebSocket>, frame: &[u8]) {
    // One array for all sockets: the runtime copies it for each by itself.
    let bytes = Uint8Array::from(frame).buffer();
    for socket in sockets {
        let _closing = socket.as_ref().send_with_array_buffer(&bytes);
    }
}

/// Sends the same text.
pub(super) fn send_text<'a>(
    sockets: impl Iterator<Item = &'a WebSocket>,
    text: &JsString,
) -> Result<()> {
    for socket in sockets {
        // `send_with_str` would copy the text out of wasm for each socket.
        let send = Reflect::get(socket.as_ref(), &"send".into())?;
        let _closing = Function::from(send).call1(socket.as_ref(), text);
    }
    Ok(())
}

/// The last text that was sent, as JavaScript has it: a keyframe is sent to many, one by one.
///
/// The hub alone keeps the original, up to 19 MB of it: it is freed before the next one is made.
#[derive(Default)]
pub(super) struct Texts(Option<(Weak<String>, JsString)>);

impl Texts {
    /// The text in JavaScript's memory.
    pub(super) fn made(&mut self, text: &Rc<String>) -> JsString {
        match &self.0 {
            Some((last, made)) if std::ptr::eq(last.as_ptr(), Rc::as_ptr(text)) => made.clone(),
            _ => {
                let made = JsString::from(text.as_str());
                self.0 = Some((Rc::downgrade(text), made.clone()));
                made
            }
        }
    }
}
