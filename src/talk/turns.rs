//! What becomes of the turns that the host was offered: taken over, queued, given back, answered or ended.

use super::ends::{close, entrust, resolve};
use super::entrusted::{Entrusted, Found};
use super::excuse::{Excuse, Excused};
use super::handed::{Over, Settled, Turn};
use super::lane::Work;
use super::silent::Custody;
use super::{Judged, Talk};
use crate::ids::{EntryId, RequestId};
use crate::inbox::Entry;
use crate::message::{Place, Question};
use crate::reason::{Outcome, Reason, Verdict};
use crate::step::{Effect, LogLevel, Step};
use crate::text::excerpt;
use crate::time::{Millis, Time};

/// A turn is offered this often, over about two minutes, before its messages are dead letters and its place goes on.
const MAX_OFFERS: u32 = 8;
/// Pause after the first failed offer; doubled each time.
const OFFER_AGAIN: Millis = Millis::secs(1);

impl Talk {
    /// Takes back a turn that the host held while the account was rebuilt.
    pub fn restore_held(&mut self, now: Time, turn: EntryId, messages: Vec<(Reason, Entry)>, context: Vec<Entry>) {
        let Some((place, mut work)) = restored(messages, context) else { return };
        work.offers = 1;
        self.corners.entry(place.clone()).or_default().lane.give(&mut work);
        self.handed.push(now, turn, place, work);
    }

    /// Puts a turn aside that the host had taken over: one of the host before it, which it may resume, or one that it has
    /// ended itself.
    pub fn restore_entrusted(
        &mut self,
        now: Time,
        turn: EntryId,
        (messages, context): (Vec<(Reason, Entry)>, Vec<Entry>),
        is_inherited: bool,
        step: &mut Step,
    ) {
        match restored(messages, context) {
            Some((place, work)) if is_inherited => self.entrusted.push(now, turn, place, work),
            Some((place, work)) => self.doubt(now, turn, place, work, Custody::BrokenOff, step),
            None => {}
        }
    }

    /// The host took the turn over.
    pub fn adopted(&mut self, now: Time, id: &EntryId, step: &mut Step) {
        let Some(turn) = self.handed.remove(id) else { return };
        let place = turn.place.clone();
        entrust(id, &turn.work, step);
        step.release(self.handed.adopt(now, turn));
        self.returned(now, &place);
    }

    /// A turn that was queued is over. It may be a part of another one's run; and if it ended without a word, the host may have
    /// dropped it: then its messages are ours again for a while.
    pub fn settled(&mut self, now: Time, id: &EntryId, step: &mut Step) {
        match self.handed.settled(id) {
            Some(Settled::Joined { place, work, run }) => {
                self.doubt(now, id.clone(), place, work, Custody::Joined(run), step);
            }
            Some(Settled::Silent { place, work }) => {
                step.push(Effect::Reclaim { entries: work.ids().collect() });
                self.doubt(now, id.clone(), place, work, Custody::Reclaimed, step);
            }
            Some(Settled::Over { is_answered: true }) => self.close_joined(id, step),
            Some(Settled::Over { is_answered: false }) | None => {}
        }
    }

    /// Whatever the host has put into the run of this turn has had its answer, if there is one.
    fn close_joined(&mut self, run: &EntryId, step: &mut Step) {
        for silent in self.silent.take_all_joined(run) {
            close(silent, step);
        }
    }

    fn doubt(&mut self, now: Time, id: EntryId, place: Place, work: Work, custody: Custody, step: &mut Step) {
        if let Some(oldest) = self.silent.push(now, id, place, work, custody) {
            close(oldest, step);
        }
    }

    /// The host queued it: it is still ours.
    pub fn deferred(&mut self, now: Time, id: &EntryId) {
        if let Some(place) = self.handed.deferred(id) {
            self.appoint(&place, now);
        }
    }

    /// The host let go of it: it is offered again.
    pub fn abandoned(&mut self, now: Time, id: &EntryId, step: &mut Step) {
        let Some(Turn { place, mut work, .. }) = self.handed.remove(id) else { return };
        if work.offers >= MAX_OFFERS {
            step.log(
                LogLevel::Error,
                format!("turn-failed: message {id} in {place} is a dead letter: {MAX_OFFERS} offers in vain"),
            );
            resolve(id, &work, Outcome::new(Verdict::Fail, Reason::TurnFailed), step);
        } else {
            work.not_before = now.after(OFFER_AGAIN.doubled(work.offers.saturating_sub(1)));
            self.corners.entry(place.clone()).or_default().lane.take_back(work);
        }
        self.returned(now, &place);
    }

    /// The host's dispatch came back. That is the end of a run. Of a turn that was not adopted an error is tried again, and
    /// anything else was dealt with, unless the host has queued it.
    pub fn ended(&mut self, now: Time, id: &EntryId, error: Option<&str>, step: &mut Step) {
        let at_work = self.handed.place_of(id).cloned();
        if let Some(Over { place, unanswered, is_broken_off }) = self.handed.closed(id) {
            // A gateway that stops ends what it works on like this.
            let is_broken_off = is_broken_off || error.is_some();
            if !is_broken_off {
                self.close_joined(id, step);
            }
            match unanswered {
                Some(work) if is_broken_off => {
                    self.doubt(now, id.clone(), place, work, Custody::BrokenOff, step);
                }
                Some(work) => step.release(work.ids().collect()),
                None => {}
            }
        }
        if let Some(place) = at_work {
            self.appoint(&place, now);
        }
        if let Some(error) = error {
            step.log(LogLevel::Warn, format!("the gateway could not run the turn of message {id}: {}", excerpt(error)));
            self.abandoned(now, id, step);
        } else if let Some(Turn { place, work, is_answered, .. }) = self.handed.returned(id) {
            // A command that restarts the gateway must not be offered again.
            if work.is_command || is_answered {
                resolve(id, &work, Outcome::new(Verdict::Answer, Reason::HandledByHost), step);
            } else {
                self.doubt(now, id.clone(), place.clone(), work, Custody::NeverTaken, step);
            }
            self.returned(now, &place);
        }
    }

    /// A turn is not with the host any more: there is room for another one.
    fn returned(&mut self, now: Time, place: &Place) {
        if let Some(corner) = self.corners.get_mut(place) {
            corner.lane.returned();
        }
        self.appoint(place, now);
        self.leave_if_empty(place);
    }

    /// The turn that a text for this place replies to, as far as can be told.
    #[must_use]
    pub fn replying(&self, place: &Place, reply_to: Option<&str>) -> Option<EntryId> {
        self.handed.replying(place, reply_to)
    }

    /// The turn that this id names, if it runs in this place.
    #[must_use]
    pub fn named(&self, place: &Place, id: &str) -> Option<EntryId> {
        self.handed.named(place, id)
    }

    /// The queued turn that a text can only be the answer of, which came `through` another one or of the host's own accord.
    #[must_use]
    pub fn queued(&self, now: Time, place: &Place, through: Option<&EntryId>) -> Option<EntryId> {
        self.handed.queued(now, place, through)
    }

    /// Whether the host has queued this turn and not dealt with it since.
    #[must_use]
    pub fn is_queued(&self, turn: &EntryId) -> bool {
        self.handed.is_queued(turn)
    }

    /// Where a turn runs that the host has adopted.
    #[must_use]
    pub fn place_of(&self, turn: &EntryId) -> Option<&Place> {
        self.handed.place_of(turn)
    }

    /// In which part of the platform a turn of this place was asked, also one that is over; empty for none.
    #[must_use]
    pub fn space_of(&self, place: &Place, turn: &str) -> Option<String> {
        let space = self.handed.space_of(place, turn).or_else(|| self.entrusted.space_of(place, turn));
        space.map(str::to_owned)
    }

    /// What a turn answers; told once, for the first part of its reply.
    pub fn take_question(&mut self, turn: &EntryId) -> Option<Question> {
        self.handed.take_question(turn).or_else(|| self.entrusted.take_question(turn))
    }

    /// Whether the agent works in this place on nothing but the owner's word, as far as can be told.
    #[must_use]
    pub fn is_owners(&self, place: &Place) -> bool {
        self.handed.is_owners(place)
    }

    /// A text is about to be sent as the answer of this turn.
    pub fn replies(&mut self, turn: &EntryId) {
        self.handed.replies(turn);
    }

    /// The host has something to say as the answer of this turn.
    pub fn answered(&mut self, turn: &EntryId) {
        self.handed.answered(turn);
    }

    /// Whether the platform is there, so that an answer could be sent.
    pub const fn listens(&mut self, is_listening: bool) {
        self.entrusted.listens(is_listening);
    }

    /// The host says something in this place in no turn's name. It may be the answer of a turn that was interrupted.
    pub fn overhear(&mut self, place: &Place, request: RequestId, text: &str) {
        self.entrusted.overhear(place, request, text);
    }

    /// Something that the host wanted said could not be sent.
    pub fn unsaid(&mut self, request: RequestId) {
        self.entrusted.unsaid(request);
    }

    /// The host has found the answer of an interrupted turn, and this is a part of it; nothing for any other turn.
    pub fn found(&mut self, turn: &EntryId, text: &str) -> Option<Found> {
        self.entrusted.found(turn, text)
    }

    /// The host has looked for the answer of an interrupted turn, and sent it if there was one.
    pub fn sought(&mut self, now: Time, turn: &EntryId, found: bool, error: Option<&str>, step: &mut Step) {
        let Some(entrusted) = self.entrusted.sought(turn, found) else { return };
        let is_said = entrusted.is_answered() && error.is_none();
        let Entrusted { place, work, is_resumed, excuse, .. } = entrusted;
        let is_excused = excuse.is_some();
        if let Some(excuse) = excuse {
            // It goes before whatever waits in the place.
            self.handed.replied(now, &place);
            self.excused.push(if is_said { Excused::Needless(excuse) } else { Excused::Said(excuse) });
        }
        let error = error.filter(|_| !work.messages.is_empty()).map(excerpt);
        if let Some(error) = &error {
            step.log(LogLevel::Error, format!("answer-unsent: that of message {turn} in {place}: {error}"));
        }
        if is_resumed {
            // The store knows it no more.
        } else if error.is_some() {
            step.push(Effect::Reclaim { entries: work.ids().collect() });
            resolve(turn, &work, Outcome::new(Verdict::Fail, Reason::AnswerUnsent), step);
        } else if is_excused && !found && !work.messages.is_empty() {
            // What the host says instead counts as its answer, as soon as it is delivered.
            let over = self.handed.put_back(turn, work);
            step.release(over.iter().flat_map(Work::ids).collect());
        } else {
            step.release(work.ids().collect());
        }
        self.appoint(&place, now);
    }

    /// The host says that it has no answer to a turn that it had taken over. Whether that is looked for first, so that this
    /// waits.
    pub fn excuses(&mut self, now: Time, excuse: Excuse, step: &mut Step) -> bool {
        if !self.entrusted.can_seek(&excuse.place) {
            return false;
        }
        let Some(work) = self.handed.take_unanswered(&excuse.turn, &excuse.place) else { return false };
        step.effects.extend(self.entrusted.doubt(now, work, excuse));
        true
    }

    /// What the host said in place of answers, since these were looked for.
    pub fn take_excused(&mut self) -> Vec<Excused> {
        std::mem::take(&mut self.excused)
    }

    /// A text of the host's was delivered in this place, or a part of it, in the name of this turn or of none. An answer may
    /// only begin with what `begins` a text.
    pub fn told(&mut self, now: Time, place: &Place, named: Option<&str>, begins: bool, step: &mut Step) {
        if named.is_some_and(|id| self.entrusted.is_found(id)) {
            return;
        }
        let (is_first, answered) = named.map(|id| self.handed.answer(id)).unwrap_or_default();
        let runs = named.filter(|id| self.handed.has(id));
        for silent in self.silent.take_answered(place, named, runs.is_none()) {
            close(silent, step);
        }
        let Self { silent, handed, .. } = self;
        let is_its = |run: &EntryId| runs.map_or_else(|| handed.is_nameless(run), |id| run.0 == id);
        if begins
            && !is_first
            && let Some(joined) = silent.take_joined(place, is_its)
        {
            close(joined, step);
        }
        if let Some(work) = answered {
            step.release(work.ids().collect());
        }
        if runs.is_none() {
            step.release(self.entrusted.resume(now, place));
            self.appoint(place, now);
        }
    }

    /// The host says that it stops, in place of the answer of this turn, or of nobody knows which.
    pub fn broken_off(&mut self, place: &Place, turn: Option<&EntryId>) {
        self.handed.break_off(place, turn);
    }

    /// A part of a reply is on its way to this place, or delivered.
    pub fn replied(&mut self, now: Time, place: &Place) {
        self.handed.replied(now, place);
    }
}

/// Messages that the store kept, as one turn.
fn restored(messages: Vec<(Reason, Entry)>, context: Vec<Entry>) -> Option<(Place, Work)> {
    let messages: Vec<_> = messages.into_iter().map(|(reason, entry)| Judged { entry, reason }).collect();
    let last = &messages.last()?.entry.message;
    let (place, is_command) = (last.place.clone(), last.command().is_some());
    Some((place, Work { messages, context, is_command, ..Work::default() }))
}
