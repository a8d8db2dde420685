//! The queue of jobs: messages out, messages in.
//!
//! In scope: sending; acknowledging each message, or asking for it again.
//! Out of scope: what a message means; the ingest object is handed each and answers what becomes
//! of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use worker::wasm_bindgen::JsValue;
use worker::{
    BatchMessageBuilder, Context, Env, MessageBatch, MessageBuilder, MessageExt, QueueContentType,
    QueueRetryOptionsBuilder, RawMessage, Result, console_error, event, js_sys,
};

use super::{binding, in_time, ingest_stub};

/// The queue of what could not be delivered is called like the other one, with this after it.
const DEAD_SUFFIX: &str = "-dead";

/// A queue takes messages in a fraction of that.
const SEND_WAIT: Duration = Duration::from_secs(10);

/// What becomes of a message that the ledger has heard.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Heard {
    /// After how many seconds it is to come again; `None` if it need not.
    pub retry_after: Option<u32>,
}

/// Sends at most `jobs::SENT_AT_ONCE` messages: all of them or none.
pub(crate) async fn send(env: &Env, messages: &[String]) -> Result<()> {
    let texts = messages
        .iter()
        .map(|message| MessageBuilder::new(message).content_type(QueueContentType::Text).build());
    let batch = BatchMessageBuilder::new().messages(texts).build();
    in_time(SEND_WAIT, env.queue(binding::JOBS)?.send_batch(batch)).await
}

/// Messages come. An error here would be a panic, so there is none: each message is acknowledged or
/// asked for again by itself, and none suffers for its neighbours.
#[event(queue)]
async fn queue(batch: MessageBatch<JsValue>, env: Env, _context: Context) -> Result<()> {
    let path = match batch.queue().ends_with(DEAD_SUFFIX) {
        true => "/jobs/dead",
        false => "/jobs/message",
    };
    for message in batch.raw_iter() {
        match ingest_stub::hear(&env, path, &text(&message)).await {
            Ok(Heard { retry_after: None }) => message.ack(),
            Ok(Heard { retry_after: Some(seconds) }) => {
                let options = QueueRetryOptionsBuilder::new().with_delay_seconds(seconds).build();
                message.retry_with_options(&options);
            }
            // The ledger does not know of it: after `retry_delay` it is told again, and in the end
            // the queue gives it up.
            Err(error) => {
                console_error!("message {}: {error}", message.id());
                message.retry();
            }
        }
    }
    Ok(())
}

/// What a message says. Ours are text; of others the JSON, for the ledger to refuse.
fn text(message: &RawMessage) -> String {
    let body = message.body();
    let json = || js_sys::JSON::stringify(&body).ok()?.as_string();
    body.as_string().or_else(json).unwrap_or_default()
}
