//! Whether a server took a message, and when it is tried again.

use crate::call::CallOutcome;
use crate::time::Millis;

/// First wait; doubled each time.
const TRY_AGAIN: Millis = Millis::secs(1);
/// The longest `Retry-After` that is obeyed as it stands. A reply that is later than this reads like a mistake.
const MAX_RETRY_AFTER: Millis = Millis::secs(120);

/// Whether the server took a message.
pub(super) enum Taken {
    Yes,
    /// Certainly not, and it may later.
    NotYet {
        after: Option<Millis>,
    },
    /// Certainly not, and it never will.
    No,
    /// Nobody knows: repeating it could post it twice.
    Unsure,
}

/// What the latest messages of a place say about a part that may have been posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sighting {
    /// It stands there, under this id.
    Posted(String),
    /// It does not stand there.
    Missing,
    /// They could not be read.
    Unread,
    /// This platform is not asked, or its answer does not reach back so far.
    Impossible,
}

pub(super) fn judge(outcome: &CallOutcome, has_id: bool) -> Taken {
    match outcome {
        CallOutcome::Answered { status: 200..=299, .. } if has_id => Taken::Yes,
        // Accepted, but the answer makes no sense: it was taken, only its id is unknown.
        CallOutcome::Answered { status: 200..=299, .. } => Taken::Unsure,
        // A limiter answers before anything runs.
        CallOutcome::Answered { status: 429, retry_after, .. } => {
            Taken::NotYet { after: retry_after.map(|seconds| Millis::secs(u64::from(seconds)).min(MAX_RETRY_AFTER)) }
        }
        CallOutcome::Answered { status: 503, .. } => Taken::NotYet { after: None },
        CallOutcome::Answered { status: 500..=599, .. } => Taken::Unsure,
        CallOutcome::Answered { .. } => Taken::No,
        CallOutcome::Failed { unsent: true, .. } => Taken::NotYet { after: None },
        CallOutcome::Failed { unsent: false, .. } => Taken::Unsure,
    }
}

pub(super) fn backoff(tries: u32) -> Millis {
    TRY_AGAIN.doubled(tries.saturating_sub(1))
}
