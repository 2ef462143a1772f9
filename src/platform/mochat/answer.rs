//! What came of a question over HTTP.

use super::{Mochat, read};
use crate::call::CallOutcome;
use crate::link::Loss;
use crate::step::Step;
use crate::time::{Millis, Time};
use crate::wire::mochat_api;
use serde_json::Value;

/// First wait before the same question is asked again; doubled with each failure.
const BACKOFF_FIRST: Millis = Millis::secs(2);
/// Longest.
const BACKOFF_CAP: Millis = Millis::secs(60);

/// What came of a question.
pub(super) enum Answer {
    /// The data.
    Read(Value),
    /// Asking again may help, after this time at the earliest.
    Busy(Millis),
    /// Asking again soon would not: the status, and what there is to say.
    Refused(u16, String),
}

impl Mochat {
    /// Reads an answer. A 429 lets all reading rest; a token that is not accepted ends everything until the link tries
    /// again.
    pub(super) fn answer(&mut self, now: Time, outcome: &CallOutcome, step: &mut Step) -> Answer {
        if let Ok(data) = read(outcome) {
            self.budget.accepted();
            return Answer::Read(data);
        }
        let outcome = mochat_api::in_http(outcome);
        match outcome {
            CallOutcome::Answered { status: 429, retry_after, .. } => {
                Answer::Busy(self.budget.refused(now, retry_after))
            }
            CallOutcome::Answered { status: 401, .. } => {
                // One hiccup rejects all that was asked by then, and counts once.
                if self.link.current().is_some() || self.polls.is_on {
                    self.lose(now, &Loss::Rejected(outcome.describe()), step);
                }
                Answer::Busy(Millis(0))
            }
            CallOutcome::Answered { status: status @ 400..500, .. } => Answer::Refused(status, outcome.describe()),
            CallOutcome::Answered { .. } | CallOutcome::Failed { .. } => Answer::Busy(Millis(0)),
        }
    }
}

/// The wait after so many failures.
pub(super) fn backoff(failures: u32) -> Millis {
    BACKOFF_FIRST.doubled(failures).min(BACKOFF_CAP)
}
