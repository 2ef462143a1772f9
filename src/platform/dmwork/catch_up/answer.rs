//! What came of a question to the server.

use crate::call::CallOutcome;
use crate::time::Millis;
use crate::wire::dmwork_api;
use serde_json::Value;

/// What came of a question.
pub(super) enum Answer<T> {
    Read(T),
    /// No JSON, or more than is read of a body, or nested too deep.
    Unreadable,
    /// Asking again soon would not help.
    Refused(String),
    /// The server failed at this question, as its words say; others it may answer.
    Failed(String),
    /// Asking again after this time may.
    Busy(Millis),
}

pub(super) fn answer<T>(outcome: &CallOutcome, decode: fn(&Value) -> Option<T>) -> Answer<T> {
    match dmwork_api::told(outcome) {
        Ok(value) => {
            decode(&value).map_or_else(|| Answer::Failed("the server answered something else".to_owned()), Answer::Read)
        }
        Err(CallOutcome::Failed { .. }) if outcome.success().is_some() => Answer::Unreadable,
        Err(CallOutcome::Answered { status: 429 | 500.., retry_after, .. }) => {
            Answer::Busy(Millis::secs(retry_after.unwrap_or(0).into()))
        }
        Err(failure @ CallOutcome::Answered { status: 200..=299, .. }) => Answer::Failed(failure.describe()),
        Err(refusal @ CallOutcome::Answered { .. }) => Answer::Refused(refusal.describe()),
        Err(CallOutcome::Failed { .. }) => Answer::Busy(Millis(0)),
    }
}

/// An eighth of a page, for answers that were too long; `None` after a page of one.
pub(super) fn smaller(page: u32) -> Option<u32> {
    (page > 1).then(|| (page / 8).max(1))
}
