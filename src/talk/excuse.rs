//! What the host says in place of an answer.

use crate::ids::{EntryId, RequestId};
use crate::message::Place;

/// The host's word that it has no answer to a turn that it had taken over. Its session may have one that it did not hand
/// over, so this waits until that was looked for.
#[derive(Debug)]
pub struct Excuse {
    /// Who waits to hear how it went.
    pub request: RequestId,
    /// Where it was to be said.
    pub place: Place,
    /// As the host has it.
    pub text: String,
    /// The message that it answers.
    pub reply_to: Option<String>,
    /// The turn that it answers.
    pub turn: EntryId,
}

/// What becomes of one, now that the answer was looked for.
#[derive(Debug)]
pub enum Excused {
    /// The answer was there and is said: nobody needs the excuse.
    Needless(Excuse),
    /// There is none.
    Said(Excuse),
}
