//! Turns that ended without a word. Mostly the agent had nothing to say. But a gateway that is told to stop ends turns so as
//! well, those that it had queued and those that it is offered then, and does not come back to them. So they stay open in
//! the store until it is certain that the gateway lives on: should it stop before, they are offered again after its start.

use super::lane::Work;
use crate::ids::EntryId;
use crate::message::Place;
use crate::time::{Millis, Time};
use std::collections::VecDeque;

/// A gateway that stops waits so long for its running turns, and some seconds more for everything else.
const IN_DOUBT: Millis = Millis::secs(330);
/// Turns that are in doubt at once. An agent that is silent more often than that isn't interrupted.
const MOST: usize = 64;

/// Whose a turn without a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Custody {
    /// Ours again: the host took it over and ended it.
    Reclaimed,
    /// Still the host's, which may have put it into the run of the turn before: its recovery answers both.
    Entrusted,
    /// Still the host's, which ended it with an error: no text is its answer. It may resume it after a restart.
    Failed,
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
pub(super) struct SilentTurns(VecDeque<Silent>);

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
        let oldest = if self.0.len() >= MOST { self.0.pop_front() } else { None };
        self.0.push_back(Silent { turn, place, work, custody, until: now.after(IN_DOUBT) });
        oldest
    }

    /// One that is over for certain.
    pub(super) fn pop_due(&mut self, now: Time) -> Option<Silent> {
        if self.0.front()?.until > now { None } else { self.0.pop_front() }
    }

    /// One of this place, in which something was said after all.
    pub(super) fn pop_of(&mut self, place: &Place) -> Option<Silent> {
        let at = self.0.iter().position(|silent| silent.place == *place && silent.custody != Custody::Failed)?;
        self.0.remove(at)
    }

    /// The author of a message took it back that was a part of one. Answers whose that is.
    pub(super) fn recall(&mut self, id: &EntryId) -> Option<Custody> {
        let is_part = |work: &Work| work.messages.iter().any(|judged| judged.entry.message.id == *id);
        let silent = self.0.iter_mut().find(|silent| is_part(&silent.work))?;
        silent.work.messages.retain(|judged| judged.entry.message.id != *id);
        Some(silent.custody)
    }

    pub(super) fn next(&self) -> Option<Time> {
        self.0.front().map(|silent| silent.until)
    }
}
