//! The queue of jobs: messages in.
//!
//! In scope: acknowledging or retrying each message.
//! Out of scope: what a message means; the ingest object consumes each and returns the outcome.

use worker::wasm_bindgen::JsValue;
use worker::{
    Context, Env, MessageBatch, MessageExt, QueueRetryOptionsBuilder, RawMessage, Result,
    console_error, event, js_sys,
};

use super::ingest;
use crate::ask::{Consumed, IngestQuestion};

/// The dead-letter queue has the queue's name with this suffix.
const DEAD_SUFFIX: &str = "-dead";

/// Handles a batch of messages. An error would cause a panic, so there is none: each message is
/// acknowledged or retried by itself, and none depends on the others.
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
            // The ledger did not get it: the queue redelivers it after `retry_delay`, and in the
            // end gives it up.
            Err(error) => {
                console_error!("message {}: {error}", message.id());
                message.retry();
            }
        }
    }
    Ok(())
}

/// The text of a message. Ours are text; others become JSON, which the ledger refuses.
fn text(message: &RawMessage) -> String {
    let body = message.body();
    let json = || js_sys::JSON::stringify(&body).ok()?.as_string();
    body.as_string().or_else(json).unwrap_or_default()
}
