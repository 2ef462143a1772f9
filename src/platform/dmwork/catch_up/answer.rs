//! What came of a question to the server.

use crate::call::CallOutcome;
use crate::json;
use crate::time::Millis;
use serde_json::Value;

/// What came of a question.
pub(super) enum Answer<T> {
    Read(T),
    /// No JSON, or more than is read of a body, or nested too deep.
    Unreadable,
    /// Asking again soon would not help.
    Refused(String),
    /// Asking again after this time may.
    Busy(Millis),
}

pub(super) fn answer<T>(outcome: &CallOutcome, decode: fn(&Value) -> Option<T>) -> Answer<T> {
    match outcome {
        CallOutcome::Answered { status: 200..=299, body, .. } => match json::parse(body.as_bytes()) {
            Ok(value) => decode(&value).map_or(Answer::Busy(Millis(0)), Answer::Read),
            Err(_) => Answer::Unreadable,
        },
        CallOutcome::Answered { status: 429 | 500.., retry_after, .. } => {
            Answer::Busy(Millis::secs(retry_after.unwrap_or(0).into()))
        }
        CallOutcome::Answered { .. } => Answer::Refused(outcome.describe()),
        CallOutcome::Failed { .. } => Answer::Busy(Millis(0)),
    }
}

/// An eighth of a page, for answers that were too long; `None` after a page of one.
pub(super) fn smaller(page: u32) -> Option<u32> {
    (page > 1).then(|| (page / 8).max(1))
}
