//! The queue of jobs: messages out.

use std::time::Duration;

use worker::{BatchMessageBuilder, Env, MessageBuilder, QueueContentType, Result};

use super::{binding, timeout};

/// A queue normally accepts messages in a fraction of this.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// Sends at most `jobs::SENT_AT_ONCE` messages: all of them or none.
pub(crate) async fn send(env: &Env, messages: &[String]) -> Result<()> {
    let texts = messages
        .iter()
        .map(|message| MessageBuilder::new(message).content_type(QueueContentType::Text).build());
    let batch = BatchMessageBuilder::new().messages(texts).build();
    timeout(SEND_TIMEOUT, env.queue(binding::JOBS)?.send_batch(batch)).await
}
