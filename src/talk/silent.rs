//! Turns that ended without a word. Mostly the agent had nothing to say. But a gateway that is told to stop ends turns so as
//! well, those that it had queued and those that it is offered then, and does not come back to them. So they stay open in
//! the store until it is certain that the gateway lives on: should it stop before, they are offered again after its start.

use super::lane::Work;
use crate::ids::EntryId;
use crate::message::Place;
use crate::time::{Millis, Time};

/// A gateway that stops waits so long for its running turns, and some seconds more for everything else.
const IN_DOUBT: Millis = Millis::secs(330);
/// Turns that are in doubt at once. An agent that is silent more often than that isn't interrupted.
const MOST: usize = 64;

/// Whose a turn without a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Custody {
    /// Ours again: the host took it over and ended it.
    Reclaimed,
    /// Still the host's, which may have put it into the run of the turn before: one answer, or one recovery, is for both.
    Joined,
    /// Still the host's, which broke its run off. It may resume it after a restart.
    BrokenOff,
    /// Ours as ever: it came back without being taken over.
    NeverTaken,
}

/// A turn without a word.
#[derive(Debug)]
pub(super) struct Silent {
    pub(super) turn: EntryId,
    pub(super) place: Place,
    pub(super) work: Work,
    pub(super) custody: Custody,
    until: Time,
}

/// The turns in doubt, those that ended first in front.
#[derive(Debug, Default)]
pub(super) struct SilentTurns(Vec<Silent>);

impl SilentTurns {
    /// Answers with the one for which there is no room any more.
    pub(super) fn push(
        &mut self,
        now: Time,
        turn: EntryId,
        place: Place,
        work: Work,
        custody: Custody,
    ) -> Option<Silent> {
        let oldest = if self.0.len() >= MOST { Some(self.0.remove(0)) } else { None };
        self.0.push(Silent { turn, place, work, custody, until: now.after(IN_DOUBT) });
        oldest
    }

    /// One that is over for certain.
    pub(super) fn pop_due(&mut self, now: Time) -> Option<Silent> {
        if self.0.first()?.until > now { None } else { Some(self.0.remove(0)) }
    }

    /// Those of this place that a text answers after all: one in the name of this turn, which runs, or in no such name.
    pub(super) fn take_answered(&mut self, place: &Place, by: Option<&str>) -> Vec<Silent> {
        let is_answered = |silent: &mut Silent| {
            let is_its = by.is_none_or(|id| id == silent.turn.0) || silent.custody == Custody::Joined;
            silent.place == *place && is_its
        };
        self.0.extract_if(.., is_answered).collect()
    }

    /// The author of a message took it back that was a part of one. Answers whose that is.
    pub(super) fn recall(&mut self, id: &EntryId) -> Option<Custody> {
        let is_part = |work: &Work| work.messages.iter().any(|judged| judged.entry.message.id == *id);
        let silent = self.0.iter_mut().find(|silent| is_part(&silent.work))?;
        silent.work.messages.retain(|judged| judged.entry.message.id != *id);
        Some(silent.custody)
    }

    pub(super) fn next(&self) -> Option<Time> {
        self.0.first().map(|silent| silent.until)
    }
}
