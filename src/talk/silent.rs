//! Turns that ended without a word of their own. Mostly the agent had nothing to say. But a gateway that is told to stop ends
//! turns so as well, those that it had queued and those that it is offered then, and does not come back to them. So the store
//! keeps them until it is certain that the gateway lives on: should it stop before, they are offered again after its start.
//! Others are a part of another turn's run, whose end answers them.

use super::lane::Work;
use crate::ids::EntryId;
use crate::message::Place;
use crate::time::{Millis, Time};

/// A gateway that stops waits so long for its running turns, and some seconds more for everything else.
const IN_DOUBT: Millis = Millis::secs(330);
/// Turns that are in doubt at once. An agent that is silent more often than that isn't interrupted.
const MOST: usize = 64;

/// Whose a turn without a word is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Custody {
    /// Ours again: the host took it over and ended it.
    Reclaimed,
    /// Still the host's, which has put it into the run of this turn. The answer to that comes first; each further text may
    /// be the answer to this one, or a single text is for both.
    Joined(EntryId),
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

    /// Those of this place that a text answers after all: the one that it names, and if that is none that runs, any that ended
    /// by itself.
    pub(super) fn take_answered(&mut self, place: &Place, named: Option<&str>, is_any: bool) -> Vec<Silent> {
        let is_answered = |silent: &mut Silent| {
            let is_alone = !matches!(silent.custody, Custody::Joined(_));
            silent.place == *place && (named == Some(&silent.turn.0) || (is_any && is_alone))
        };
        self.0.extract_if(.., is_answered).collect()
    }

    /// The oldest of this place that was put into such a run.
    pub(super) fn take_joined(&mut self, place: &Place, is_it: impl Fn(&EntryId) -> bool) -> Option<Silent> {
        let joins = |silent: &Silent| matches!(&silent.custody, Custody::Joined(run) if is_it(run));
        let at = self.0.iter().position(|silent| silent.place == *place && joins(silent))?;
        Some(self.0.remove(at))
    }

    /// All that were put into this run.
    pub(super) fn take_all_joined(&mut self, run: &EntryId) -> Vec<Silent> {
        self.0.extract_if(.., |silent| silent.custody == Custody::Joined(run.clone())).collect()
    }

    /// The author of a message took it back that was a part of one. Answers whose that is.
    pub(super) fn recall(&mut self, id: &EntryId) -> Option<Custody> {
        let is_part = |work: &Work| work.messages.iter().any(|judged| judged.entry.message.id == *id);
        let silent = self.0.iter_mut().find(|silent| is_part(&silent.work))?;
        silent.work.messages.retain(|judged| judged.entry.message.id != *id);
        Some(silent.custody.clone())
    }

    pub(super) fn next(&self) -> Option<Time> {
        self.0.first().map(|silent| silent.until)
    }
}
