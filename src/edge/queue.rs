//! The queue of jobs: messages in.
//!
//! In scope: acknowledging each message, or asking for it again.
//! Out of scope: what a message means; the ingest object is handed each and answers what becomes
//! of it.

use worker::wasm_bindgen::JsValue;
use worker::{
    Context, Env, MessageBatch, MessageExt, QueueRetryOptionsBuilder, RawMessage, Result,
    console_error, event, js_sys,
};

use super::ingest;
use crate::ask::{Consumed, IngestQuestion};

/// The queue of what could not be delivered is called like the other one, with this after it.
const DEAD_SUFFIX: &str = "-dead";

/// Messages come. An error here would be a panic, so there is none: each message is acknowledged or
/// asked for again by itself, and none suffers for its neighbours.
#[event(queue)]
async fn queue(batch: MessageBatch<JsValue>, env: Env, _context: Context) -> Result<()> {
    let question = match batch.queue().ends_with(DEAD_SUFFIX) {
        true => IngestQuestion::DeadLetter,
        false => IngestQuestion::Message,
    };
    for message in batch.raw_iter() {
        match ingest::consume(&env, &question(text(&message))).await {
            Ok(Consumed { retry_after: None }) => message.ack(),
            Ok(Consumed { retry_after: Some(seconds) }) => {
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
