//! Turns that the host had taken over when the process died. Its own recovery resumes one interrupted turn after the other,
//! but not those of a conversation in which somebody else begins to speak, and not all of the others. So their places are
//! left alone for a while. A text that the host sends there in no turn's name says that it has resumed; else they are
//! offered again. In both cases the host first looks whether the agent had finished: such an answer it may withhold. So it
//! does where it says of a turn of this process that it has no answer.

use super::excuse::Excuse;
use super::lane::Work;
use crate::ids::{EntryId, RequestId};
use crate::message::{Place, Question};
use crate::step::Effect;
use crate::time::{Millis, Time, earliest};

/// The host begins five seconds after it is up, and says at once that it does.
const RECOVERY: Millis = Millis::secs(60);
/// Within this time its session shows what the host goes on with.
const SETTLING: Millis = Millis::secs(10);
/// How long the host may look for an answer. It loads some code and reads one session.
const SEARCH: Millis = Millis::secs(60);
/// Texts of the host's own that are remembered for a turn. It says that it goes on, and then its answers.
const MOST_SAID: usize = 8;
/// From this length on, what the host says is this answer also with words of the operator's before or behind it.
const MUCH: usize = 24;

/// A turn that the host may still resume, or whose answer it did not hand over.
#[derive(Debug)]
pub(super) struct Entrusted {
    turn: EntryId,
    pub(super) place: Place,
    pub(super) work: Work,
    /// Whether the host goes on in its place. Then the store knows it no more, and it is not offered again.
    pub(super) is_resumed: bool,
    standing: Standing,
    /// Whether a part of its answer quotes it.
    is_quoted: bool,
    /// What the host says in place of its answer, of a turn of this process.
    pub(super) excuse: Option<Excuse>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// The host may come back to it.
    Awaited,
    /// Its answer is to be looked for.
    Wanted { from: Time },
    /// The host looks for it, also if all of it was taken back since.
    Sought { until: Time },
    /// There is one. It is being sent, unless it is known to stand there.
    Answered,
    /// There is none, and nobody else asks for one. It waits for the others of its place.
    Forgotten,
}

/// A text of the host's in no turn's name.
#[derive(Debug)]
struct Said {
    place: Place,
    request: RequestId,
    text: String,
}

/// What a text is that the host found as a part of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// To be sent. Nothing that was sent before the question came is it.
    New {
        /// By this account's clock.
        asked_at: Time,
    },
    /// The host has said so itself.
    Settled,
    /// Nobody asks any more, or it is asked or looked for again: it came too late, or for a core that is gone.
    Stale,
}

impl Entrusted {
    fn new(turn: EntryId, place: Place, work: Work, excuse: Option<Excuse>) -> Self {
        Self { turn, place, work, is_resumed: false, standing: Standing::Awaited, is_quoted: false, excuse }
    }

    /// Whether the host has it in hands.
    fn is_busy(&self) -> bool {
        matches!(self.standing, Standing::Sought { .. } | Standing::Answered)
    }

    /// Whether its answer was found.
    pub(super) fn is_answered(&self) -> bool {
        self.standing == Standing::Answered
    }

    /// Has the host look for its answer.
    fn seek(&mut self, until: Time) -> Option<Effect> {
        let entry = &self.work.messages.last()?.entry;
        let message = &entry.message;
        self.standing = Standing::Sought { until };
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

/// All of one account: the interrupted ones in the order in which they were asked, then those that the host looks for.
#[derive(Debug, Default)]
pub(super) struct EntrustedTurns {
    turns: Vec<Entrusted>,
    /// What the host has said where they were asked.
    said: Vec<Said>,
    /// Until when the host may resume them.
    until: Option<Time>,
    /// Whether the platform is there, so that an answer could be sent.
    is_listening: bool,
}

impl EntrustedTurns {
    /// What the store kept of one, after a start.
    pub(super) fn push(&mut self, now: Time, turn: EntryId, place: Place, work: Work) {
        self.turns.push(Entrusted::new(turn, place, work, None));
        self.until = Some(now.after(RECOVERY));
    }

    /// Whether an answer can be looked for in this place right now.
    pub(super) fn can_seek(&self, place: &Place) -> bool {
        self.is_listening && !self.busy().contains(place)
    }

    /// Has the host look for the answer to a turn of this process, which it did not hand over.
    pub(super) fn doubt(&mut self, now: Time, work: Work, excuse: Excuse) -> Option<Effect> {
        let mut doubted = Entrusted::new(excuse.turn.clone(), excuse.place.clone(), work, Some(excuse));
        let order = doubted.seek(now.after(SEARCH));
        self.turns.push(doubted);
        order
    }

    /// Whether the host may be about to resume a turn of this place, or looks for its answer, or it is about to be offered
    /// again.
    pub(super) fn holds(&self, place: &Place) -> bool {
        self.turns.iter().any(|turn| turn.place == *place && !turn.is_resumed)
    }

    fn find(&self, id: &str) -> Option<&Entrusted> {
        self.turns.iter().find(|turn| turn.turn.0 == id)
    }

    /// The host speaks in this place: it goes on with what was interrupted. Answers with what is the host's from now on; only
    /// this process looks for its answer.
    pub(super) fn resume(&mut self, now: Time, place: &Place) -> Vec<EntryId> {
        let mut released = Vec::new();
        let is_interrupted = |turn: &&mut Entrusted| turn.place == *place && !turn.is_resumed && turn.excuse.is_none();
        for turn in self.turns.iter_mut().filter(is_interrupted) {
            released.extend(turn.work.ids());
            turn.is_resumed = true;
            if turn.standing == Standing::Awaited {
                turn.standing = Standing::Wanted { from: now.after(SETTLING) };
            }
        }
        self.turns.retain(|turn| !turn.is_resumed || turn.standing != Standing::Forgotten);
        released
    }

    /// Whether an answer could be sent.
    pub(super) const fn listens(&mut self, is_listening: bool) {
        self.is_listening = is_listening;
    }

    /// Looks for the answers that are due, in each place for one at a time, so that they come in their order.
    pub(super) fn seek(&mut self, now: Time) -> Vec<Effect> {
        if !self.is_listening {
            return Vec::new();
        }
        if self.until.is_some_and(|until| until <= now) {
            for turn in self.turns.iter_mut().filter(|turn| turn.standing == Standing::Awaited) {
                turn.standing = Standing::Wanted { from: now };
            }
        }
        let mut busy = self.busy();
        let mut orders = Vec::new();
        for turn in &mut self.turns {
            if matches!(turn.standing, Standing::Wanted { from } if from <= now)
                && !busy.contains(&turn.place)
                && let Some(order) = turn.seek(now.after(SEARCH))
            {
                busy.push(turn.place.clone());
                orders.push(order);
            }
        }
        orders
    }

    /// Places in which the host looks for an answer or sends one.
    fn busy(&self) -> Vec<Place> {
        self.turns.iter().filter(|turn| turn.is_busy()).map(|turn| turn.place.clone()).collect()
    }

    /// One for whose answer the host has looked for too long.
    pub(super) fn overdue(&self, now: Time) -> Option<EntryId> {
        let is_overdue = |turn: &&Entrusted| matches!(turn.standing, Standing::Sought { until } if until <= now);
        self.turns.iter().find(is_overdue).map(|turn| turn.turn.clone())
    }

    /// The host says something in this place in no turn's name.
    pub(super) fn overhear(&mut self, place: &Place, request: RequestId, text: &str) {
        let Self { turns, said, .. } = self;
        let is_awaited = |place: &Place| turns.iter().any(|turn| turn.place == *place);
        said.retain(|said| is_awaited(&said.place));
        if is_awaited(place) && said.iter().filter(|said| said.place == *place).count() < MOST_SAID {
            said.push(Said { place: place.clone(), request, text: text.trim().to_owned() });
        }
    }

    /// What the host said is not there.
    pub(super) fn unsaid(&mut self, request: RequestId) {
        self.said.retain(|said| said.request != request);
    }

    /// The host has found an answer and wants this part of it sent; nothing for another turn.
    pub(super) fn found(&mut self, id: &EntryId, text: &str) -> Option<Found> {
        let turn = self.turns.iter_mut().find(|turn| turn.turn == *id)?;
        let Some(asked_at) = turn.work.asked_at().filter(|_| turn.is_busy()) else { return Some(Found::Stale) };
        turn.standing = Standing::Answered;
        let place = turn.place.clone();
        Some(if self.was_said(&place, text.trim()) { Found::Settled } else { Found::New { asked_at } })
    }

    /// Whether the host has said this in the place. What it said once is one answer only.
    fn was_said(&mut self, place: &Place, text: &str) -> bool {
        let is_much = text.chars().nth(MUCH).is_some();
        let is_it = |said: &Said| said.place == *place && (said.text == text || (is_much && said.text.contains(text)));
        let at = self.said.iter().position(is_it);
        at.map(|at| self.said.remove(at)).is_some()
    }

    /// Whether this turn's answer is what the host has sent in its name.
    pub(super) fn is_found(&self, id: &str) -> bool {
        self.find(id).is_some_and(|turn| turn.standing == Standing::Answered)
    }

    /// The host has looked. Answers with the turn if nothing more is to be done for it here.
    pub(super) fn sought(&mut self, id: &EntryId, found: bool) -> Option<Entrusted> {
        let at = self.turns.iter().position(|turn| turn.turn == *id && turn.is_busy())?;
        let turn = self.turns.get_mut(at)?;
        if !found && !turn.is_resumed && turn.excuse.is_none() && !turn.work.messages.is_empty() {
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

    /// What one answers; told once, for the first part of its answer.
    pub(super) fn take_question(&mut self, id: &EntryId) -> Option<Question> {
        let turn = self.turns.iter_mut().find(|turn| turn.turn == *id && !turn.is_quoted)?;
        let asker = turn.work.messages.last()?.entry.message.sender.clone();
        turn.is_quoted = true;
        Some(Question { id: id.clone(), asker })
    }

    /// In which part of the platform one of this place was asked; empty for none.
    pub(super) fn space_of(&self, place: &Place, id: &str) -> Option<&str> {
        let turn = self.find(id).filter(|turn| turn.place == *place && place.is_direct())?;
        Some(turn.work.messages.last()?.entry.message.space.as_deref().unwrap_or_default())
    }

    /// The author of a message took it back. Answers with what is not asked any more, and its place.
    pub(super) fn recall(&mut self, id: &EntryId) -> Option<(Vec<EntryId>, Place)> {
        let found = self.turns.iter_mut().find_map(|turn| {
            let withdrawn = turn.work.withdraw(id)?;
            Some((if turn.is_resumed { Vec::new() } else { withdrawn }, turn.place.clone()))
        });
        self.turns.retain(|turn| !turn.work.messages.is_empty() || turn.is_busy());
        found
    }

    /// When there is something to do.
    pub(super) fn next(&self) -> Option<Time> {
        let busy = self.busy();
        let deadline = |turn: &Entrusted| match turn.standing {
            Standing::Sought { until } => Some(until),
            Standing::Awaited if self.is_listening => self.until,
            Standing::Wanted { from } if self.is_listening && !busy.contains(&turn.place) => Some(from),
            Standing::Awaited | Standing::Wanted { .. } | Standing::Answered | Standing::Forgotten => None,
        };
        self.turns.iter().map(deadline).fold(None, earliest)
    }
}
