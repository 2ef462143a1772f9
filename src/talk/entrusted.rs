//! Turns that the host had taken over when the process died. Its own recovery resumes one interrupted turn after the other,
//! but not those of a conversation in which somebody else begins to speak, and not all of the others. So their places are
//! left alone for a while. A text that the host sends there in no turn's name says that it has resumed; else they are
//! offered again. Before either, the host looks whether the agent had finished: such an answer its recovery withholds.

use super::lane::Work;
use crate::ids::EntryId;
use crate::message::{Place, Question};
use crate::step::Effect;
use crate::time::{Millis, Time, earliest};

/// The host begins five seconds after it is up, and says at once that it does.
const RECOVERY: Millis = Millis::secs(60);
/// How long the host may look for an answer. It reads one file.
const SEARCH: Millis = Millis::secs(60);
/// Texts of the host's own that are remembered for a turn. It says that it goes on, and then its answers.
const MOST_SAID: usize = 8;

/// A turn that the host may still resume.
#[derive(Debug)]
pub(super) struct Entrusted {
    pub(super) turn: EntryId,
    pub(super) place: Place,
    pub(super) work: Work,
    standing: Standing,
    /// What the host has said in its place in no turn's name.
    said: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// The host may come back to it.
    Awaited,
    /// Its answer is to be looked for. Without one it is the host's that goes on in its place, or ours again.
    Wanted { is_resumed: bool },
    /// The same, and the host looks for it.
    Sought { is_resumed: bool, until: Time },
    /// Its answer is being sent.
    Answered,
    /// There is none, and nobody else asks for one. It waits for the others of its place.
    Forgotten,
}

impl Entrusted {
    fn is_sought(&self) -> bool {
        matches!(self.standing, Standing::Sought { .. } | Standing::Answered)
    }

    /// Has the host look for its answer.
    fn seek(&mut self, until: Time) -> Option<Effect> {
        let Standing::Wanted { is_resumed } = self.standing else { return None };
        let entry = &self.work.messages.last()?.entry;
        let message = &entry.message;
        self.standing = Standing::Sought { is_resumed, until };
        Some(Effect::SeekAnswer {
            turn: self.turn.clone(),
            // It was taken over under the id before the next one.
            message_id: self.turn.told(entry.adoptions.saturating_sub(1)),
            to: self.place.to_string(),
            chat: message.chat,
            sender_id: message.sender.id.clone(),
            space: message.space.clone(),
        })
    }
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
    pub(super) fn push(&mut self, now: Time, turn: EntryId, place: Place, work: Work) {
        self.turns.push(Entrusted { turn, place, work, standing: Standing::Awaited, said: Vec::new() });
        self.until = Some(now.after(RECOVERY));
    }

    /// Whether the host may be about to resume a turn of this place.
    pub(super) fn holds(&self, place: &Place) -> bool {
        self.turns.iter().any(|turn| turn.place == *place)
    }

    fn find(&self, id: &str) -> Option<&Entrusted> {
        self.turns.iter().find(|turn| turn.turn.0 == id)
    }

    /// The host speaks in this place: it goes on with what was interrupted.
    pub(super) fn resume(&mut self, place: &Place) {
        for turn in self.turns.iter_mut().filter(|turn| turn.place == *place) {
            if turn.standing == Standing::Awaited {
                turn.standing = Standing::Wanted { is_resumed: true };
            }
        }
    }

    /// Looks for the answers that are due, in each place for one at a time, so that they come in their order.
    pub(super) fn seek(&mut self, now: Time) -> Vec<Effect> {
        let is_due = self.until.is_some_and(|until| until <= now);
        let mut busy: Vec<Place> =
            self.turns.iter().filter(|turn| turn.is_sought()).map(|turn| turn.place.clone()).collect();
        let mut orders = Vec::new();
        for turn in &mut self.turns {
            if is_due && turn.standing == Standing::Awaited {
                turn.standing = Standing::Wanted { is_resumed: false };
            }
            if !busy.contains(&turn.place)
                && let Some(order) = turn.seek(now.after(SEARCH))
            {
                busy.push(turn.place.clone());
                orders.push(order);
            }
        }
        orders
    }

    /// One for whose answer the host has looked for too long.
    pub(super) fn overdue(&self, now: Time) -> Option<EntryId> {
        let is_overdue = |turn: &&Entrusted| matches!(turn.standing, Standing::Sought { until, .. } if until <= now);
        self.turns.iter().find(is_overdue).map(|turn| turn.turn.clone())
    }

    /// The host says something in this place in no turn's name.
    pub(super) fn overhear(&mut self, place: &Place, text: &str) {
        for turn in self.turns.iter_mut().filter(|turn| turn.place == *place && turn.said.len() < MOST_SAID) {
            turn.said.push(text.trim().to_owned());
        }
    }

    /// The host has found an answer and wants this part of it sent. Answers whether it has said so itself already; nothing
    /// for another turn.
    pub(super) fn found(&mut self, id: &EntryId, text: &str) -> Option<bool> {
        let turn = self.turns.iter_mut().find(|turn| turn.turn == *id)?;
        turn.standing = Standing::Answered;
        Some(turn.said.iter().any(|said| !said.is_empty() && text.trim_start().starts_with(said)))
    }

    /// Whether this turn's answer was found after all.
    pub(super) fn is_answered(&self, id: &str) -> bool {
        self.find(id).is_some_and(|turn| turn.standing == Standing::Answered)
    }

    /// The host has looked. Answers with the turn if nothing more is to be done for it here.
    pub(super) fn sought(&mut self, id: &EntryId, found: bool) -> Option<Entrusted> {
        let at = self.turns.iter().position(|turn| turn.turn == *id)?;
        let turn = self.turns.get_mut(at)?;
        if !found && matches!(turn.standing, Standing::Sought { is_resumed: false, .. }) {
            turn.standing = Standing::Forgotten;
            return None;
        }
        Some(self.turns.remove(at))
    }

    /// Those that nobody answers, when all of their place are known.
    pub(super) fn take_forgotten(&mut self) -> Vec<Entrusted> {
        let is_open = |turn: &&Entrusted| turn.standing != Standing::Forgotten;
        let open: Vec<Place> = self.turns.iter().filter(is_open).map(|turn| turn.place.clone()).collect();
        self.turns.extract_if(.., |turn| !open.contains(&turn.place)).collect()
    }

    /// What one answers.
    pub(super) fn question(&self, id: &EntryId) -> Option<Question> {
        let asker = self.find(&id.0)?.work.messages.last()?.entry.message.sender.clone();
        Some(Question { id: id.clone(), asker })
    }

    /// In which part of the platform one of this place was asked.
    pub(super) fn space_of(&self, place: &Place, id: &str) -> Option<&str> {
        let turn = self.find(id).filter(|turn| turn.place == *place)?;
        turn.work.messages.last()?.entry.message.space.as_deref()
    }

    /// The author of a message took it back. Answers with what is not asked any more, and its place.
    pub(super) fn recall(&mut self, id: &EntryId) -> Option<(Vec<EntryId>, Place)> {
        let found = self.turns.iter_mut().find_map(|turn| Some((turn.work.withdraw(id)?, turn.place.clone())));
        self.turns.retain(|turn| !turn.work.messages.is_empty());
        found
    }

    /// When there is something to do.
    pub(super) fn next(&self) -> Option<Time> {
        let deadline = |turn: &Entrusted| match turn.standing {
            Standing::Awaited => self.until,
            Standing::Sought { until, .. } => Some(until),
            Standing::Wanted { .. } | Standing::Answered | Standing::Forgotten => None,
        };
        self.turns.iter().map(deadline).fold(None, earliest)
    }
}
