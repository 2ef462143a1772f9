//! Turns that the host had taken over when the process died. Its own recovery resumes one interrupted turn after the other,
//! but not those of a conversation in which somebody else begins to speak, and not all of the others. So their places are
//! left alone for a while. A text that the host sends there in no turn's name says that it has resumed; else they are
//! offered again.

use super::lane::Work;
use crate::ids::EntryId;
use crate::message::Place;
use crate::time::{Millis, Time};

/// The host begins five seconds after it is up, and says at once that it does.
const RECOVERY: Millis = Millis::secs(60);

/// A turn that the host may still resume.
#[derive(Debug)]
pub(super) struct Entrusted {
    pub(super) place: Place,
    pub(super) work: Work,
}

/// All of one account, in the order in which they were asked.
#[derive(Debug, Default)]
pub(super) struct EntrustedTurns {
    turns: Vec<Entrusted>,
    /// Until when the host may resume them.
    until: Option<Time>,
}

impl EntrustedTurns {
    /// What the store kept of one, after a start.
    pub(super) fn push(&mut self, now: Time, place: Place, work: Work) {
        self.turns.push(Entrusted { place, work });
        self.until = Some(now.after(RECOVERY));
    }

    /// Whether the host may be about to resume a turn of this place.
    pub(super) fn holds(&self, place: &Place) -> bool {
        self.turns.iter().any(|turn| turn.place == *place)
    }

    /// Those of a place in which the host speaks.
    pub(super) fn take(&mut self, place: &Place) -> Vec<Entrusted> {
        self.turns.extract_if(.., |turn| turn.place == *place).collect()
    }

    /// Those that the host has forgotten.
    pub(super) fn take_due(&mut self, now: Time) -> Vec<Entrusted> {
        if self.next().is_some_and(|until| until <= now) { std::mem::take(&mut self.turns) } else { Vec::new() }
    }

    /// The author of a message took it back. Answers with what is not asked any more, and its place.
    pub(super) fn recall(&mut self, id: &EntryId) -> Option<(Vec<EntryId>, Place)> {
        let found = self.turns.iter_mut().find_map(|turn| Some((turn.work.withdraw(id)?, turn.place.clone())));
        self.turns.retain(|turn| !turn.work.messages.is_empty());
        found
    }

    /// When [`EntrustedTurns::take_due`] has something.
    pub(super) fn next(&self) -> Option<Time> {
        self.until.filter(|_| !self.turns.is_empty())
    }
}
