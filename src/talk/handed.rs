//! Turns that are with the host: offered and not adopted, which are still ours, and adopted ones that still run.

use super::lane::Work;
use crate::ids::EntryId;
use crate::message::{Place, Question, Sender};
use crate::time::{Millis, Time};
use std::collections::VecDeque;

/// Turns that the host is given at once. It runs a few at a time; the rest would only wait there instead of here.
const MOST: usize = 50;
/// Of one place. A place whose turns are stuck leaves room for the others.
const MOST_OF_ONE_PLACE: usize = 8;
/// How long the host may think about what to do with a turn. Before it takes one over it may shorten the session.
const UNDECIDED: Millis = Millis::secs(120);
/// How long a place counts as closing a reply, if the host doesn't say when it has. It needs a tenth of a second.
const CLOSING: Millis = Millis::secs(2);
/// How long a queued turn's answer is waited for. The host sends it without a name, and what comes later may be anything.
const QUEUED_ANSWER: Millis = Millis::secs(600);
/// A queued turn is adopted after its dispatch came back, and its end may never be told. It is forgotten with the next one
/// of its place, and of all the oldest are.
const MOST_RUNNING: usize = 64;

/// A turn that was offered.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) id: EntryId,
    pub(super) place: Place,
    pub(super) work: Work,
    /// When it was.
    since: Time,
    /// The host queued it behind a running turn.
    is_deferred: bool,
    /// Its dispatch came back without it: it waits in that queue.
    is_returned: bool,
    /// Something was said as its answer: a refusal, perhaps.
    pub(super) is_answered: bool,
}

/// A turn that is the host's.
#[derive(Debug)]
struct Running {
    id: EntryId,
    place: Place,
    /// In which part of the platform it was asked in a conversation between two; empty for none.
    space: Option<String>,
    /// Since when it is.
    since: Time,
    /// Who asked, unless an answer has begun to call them. It may still be in the writing.
    asker: Option<Sender>,
    /// Whether the host has sent a text as its answer, if not delivered it.
    has_answer: bool,
    /// Whether all of it is the owner's word.
    is_owners: bool,
    /// The host had queued it.
    is_deferred: bool,
    /// Its dispatch came back before the host took it over.
    is_returned: bool,
    /// The host has said that its run is over.
    is_settled: bool,
    is_command: bool,
    /// Whether a part of its answer was delivered.
    is_answered: bool,
    /// When a part of its reply was last delivered.
    replied_at: Option<Time>,
    /// What is kept of it, for as long as nothing was said as its answer.
    unanswered: Option<Work>,
    /// The host said that it stops, in place of an answer.
    is_broken_off: bool,
}

impl Running {
    /// Whether it belongs to this conversation.
    fn is_in(&self, place: &Place, space: Option<&str>) -> bool {
        self.place == *place && self.space.as_deref() == space
    }
}

/// A run of the host's that is over.
#[derive(Debug)]
pub(super) struct Over {
    pub(super) place: Place,
    /// What its turn is about, if nothing was said as its answer.
    pub(super) unanswered: Option<Work>,
    /// The host said that it stops, in place of an answer.
    pub(super) is_broken_off: bool,
}

/// What the host means when it says that a turn is over which it had queued.
#[derive(Debug)]
pub(super) enum Settled {
    /// It was no run of its own: the host put it into the run of another one.
    Joined { place: Place, work: Work, run: EntryId },
    /// Its run ended without a word, or the host has dropped it.
    Silent { place: Place, work: Work },
    /// Its run is over, and it had its answer or was never to have one.
    Over { is_answered: bool },
}

/// Everything that the host has of one account.
#[derive(Debug, Default)]
pub(super) struct Handed {
    open: Vec<Turn>,
    running: Vec<Running>,
    /// Turns of conversations between two, and in which part of the platform each was asked; the latest, also of those that
    /// are over: the host names them when it sends what was queued behind them.
    asked_in: VecDeque<(EntryId, Place, String)>,
}

impl Handed {
    /// Whether the host may be given another turn of a place of which it has this many.
    pub(super) fn has_room(of_one_place: usize) -> bool {
        of_one_place < MOST_OF_ONE_PLACE
    }

    /// Whether the limit of all places together is reached.
    pub(super) fn is_full(&self) -> bool {
        self.open.len() >= MOST
    }

    pub(super) fn push(&mut self, now: Time, id: EntryId, place: Place, work: Work) {
        self.open.push(Turn {
            id,
            place,
            work,
            since: now,
            is_deferred: false,
            is_returned: false,
            is_answered: false,
        });
    }

    pub(super) fn remove(&mut self, id: &EntryId) -> Option<Turn> {
        let at = self.open.iter().position(|turn| turn.id == *id)?;
        Some(self.open.remove(at))
    }

    /// The dispatch of a turn came back that was not taken over. Answers with it, unless the host keeps it in a queue.
    pub(super) fn returned(&mut self, id: &EntryId) -> Option<Turn> {
        let turn = self.open.iter_mut().find(|turn| turn.id == *id)?;
        turn.is_returned = true;
        if turn.is_deferred { None } else { self.remove(id) }
    }

    /// The host says something as the answer of a turn that it has not taken over.
    pub(super) fn answered(&mut self, id: &EntryId) {
        if let Some(turn) = self.open.iter_mut().find(|turn| turn.id == *id) {
            turn.is_answered = true;
        }
    }

    /// The host queued a turn. Answers with its place.
    pub(super) fn deferred(&mut self, id: &EntryId) -> Option<Place> {
        let turn = self.open.iter_mut().find(|turn| turn.id == *id)?;
        turn.is_deferred = true;
        Some(turn.place.clone())
    }

    /// Whether the host has queued a turn, and its run is not over.
    pub(super) fn is_queued(&self, id: &EntryId) -> bool {
        self.open.iter().any(|turn| turn.id == *id && turn.is_deferred)
            || self.running.iter().any(|run| run.id == *id && run.is_deferred && !run.is_settled)
    }

    /// Until when the host may say what it does with a turn of this place: run it, or queue it. Files may be fetched for it, and
    /// two that the host takes up at the same moment get in each other's way in their session. A command passes.
    fn undecided_until(&self, place: &Place) -> Time {
        let is_undecided = |turn: &&Turn| turn.place == *place && !turn.is_deferred && !turn.work.is_command;
        let last = self.open.iter().filter(is_undecided).map(|turn| turn.since).max();
        last.map(|since| since.after(UNDECIDED)).unwrap_or_default()
    }

    /// The host took a turn over. Answers with the messages of those that are forgotten for it.
    pub(super) fn adopt(&mut self, now: Time, mut turn: Turn) -> Vec<EntryId> {
        for judged in &mut turn.work.messages {
            judged.entry.adoptions = judged.entry.adoptions.saturating_add(1);
        }
        let question = turn.work.messages.last().map(|judged| &judged.entry.message);
        let asked_in = question.and_then(|message| message.space.clone()).unwrap_or_default();
        let space = turn.place.is_direct().then_some(asked_in);
        if let Some(space) = space.clone() {
            self.note_space(&turn, space);
        }
        let mut forgotten = self.forget_queued(&turn, space.as_deref());
        if self.running.len() >= MOST_RUNNING {
            let over = self.running.iter().position(|running| running.is_settled);
            forgotten.push(self.running.remove(over.unwrap_or_default()));
        }
        let is_owners = turn.work.messages.iter().all(|judged| judged.entry.message.sender.is_owner);
        let asker = question.map(|message| message.sender.clone());
        self.running.push(Running {
            id: turn.id,
            place: turn.place,
            space,
            since: now,
            asker,
            has_answer: false,
            is_owners,
            is_deferred: turn.is_deferred,
            is_returned: turn.is_returned,
            is_settled: false,
            is_command: turn.work.is_command,
            is_answered: false,
            replied_at: None,
            // A command may be what stopped the host.
            unanswered: Some(turn.work).filter(|work| !work.is_command),
            is_broken_off: false,
        });
        forgotten.iter().filter_map(|running| running.unanswered.as_ref()).flat_map(Work::ids).collect()
    }

    /// The run of a turn that had been queued is over, and with it what it may do in its owner's name. Its answer may still
    /// come. One whose dispatch has not come back by then was put into the run that is under way: what that may do is what
    /// both may do.
    pub(super) fn settled(&mut self, id: &EntryId) -> Option<Settled> {
        let at = self.running.iter().position(|running| running.id == *id)?;
        let turn = self.running.get(at)?;
        let beside = if turn.is_returned { None } else { self.under_way_beside(turn) };
        if let Some(run) = beside
            && let Some(work) = self.running.get_mut(at)?.unanswered.take()
        {
            let Running { place, is_owners, .. } = self.running.remove(at);
            let joined = self.running.iter_mut().filter(|running| running.id == run);
            joined.for_each(|running| running.is_owners &= is_owners);
            return Some(Settled::Joined { place, work, run });
        }
        let running = self.running.get_mut(at)?;
        (running.is_owners, running.is_settled) = (false, true);
        Some(match running.unanswered.take() {
            Some(work) => Settled::Silent { place: running.place.clone(), work },
            None => Settled::Over { is_answered: running.is_answered && !running.is_broken_off },
        })
    }

    /// The turn that runs in the conversation of another one, which began last. A command runs beside it.
    fn under_way_beside(&self, other: &Running) -> Option<EntryId> {
        let is_it = |running: &&Running| {
            running.id != other.id && !running.is_settled && running.is_in(&other.place, other.space.as_deref())
        };
        // Of several the last one.
        let run = self.running.iter().filter(is_it).max_by_key(|running| !running.is_command);
        run.map(|running| running.id.clone())
    }

    /// The author of a message took it back. Answers with what need not be answered any more, should the process die.
    pub(super) fn recall(&mut self, id: &EntryId) -> Option<Vec<EntryId>> {
        let running = self.running.iter_mut().filter_map(|running| running.unanswered.as_mut());
        let found = running.filter_map(|work| work.withdraw(id)).next();
        for running in &mut self.running {
            running.unanswered.take_if(|work| work.messages.is_empty());
        }
        found
    }

    /// Where a turn runs.
    pub(super) fn place_of(&self, id: &EntryId) -> Option<&Place> {
        Some(&self.running.iter().find(|running| running.id == *id)?.place)
    }

    /// In which part of the platform a turn of this place was asked; empty for none.
    pub(super) fn space_of(&self, place: &Place, id: &str) -> Option<&str> {
        let running = self.running.iter().find(|running| running.id.0 == id && running.place == *place);
        let asked = self.asked_in.iter().find(|(turn, where_asked, _)| turn.0 == id && where_asked == place);
        running.and_then(|running| running.space.as_deref()).or_else(|| asked.map(|(.., space)| space.as_str()))
    }

    fn note_space(&mut self, turn: &Turn, space: String) {
        if self.asked_in.len() >= MOST_RUNNING {
            self.asked_in.pop_front();
        }
        self.asked_in.push_back((turn.id.clone(), turn.place.clone(), space));
    }

    /// Forgets the queued turns that this one follows: in the same conversation the host runs one after the other. But one
    /// whose dispatch has not come back may be put into the run that is under way.
    fn forget_queued(&mut self, next: &Turn, space: Option<&str>) -> Vec<Running> {
        let may_join = next.is_deferred && !next.is_returned;
        let is_before = |running: &mut Running| {
            running.is_deferred && running.is_in(&next.place, space) && (!may_join || running.is_settled)
        };
        self.running.extract_if(.., is_before).collect()
    }

    /// What a turn answers; told once, for the first part of its reply.
    pub(super) fn take_question(&mut self, id: &EntryId) -> Option<Question> {
        let running = self.running.iter_mut().find(|running| running.id == *id)?;
        Some(Question { id: id.clone(), asker: running.asker.take()? })
    }

    /// The turn that a text for this place replies to: the one it names, else the one that began last. After a restart
    /// no turn is known here, and the host finishes those that it had adopted, so then the name counts alone.
    pub(super) fn replying(&self, place: &Place, reply_to: Option<&str>) -> Option<EntryId> {
        let latest = || self.running.iter().rev().find(|running| running.place == *place);
        let named = reply_to.and_then(|id| self.named(place, id));
        let found = named.or_else(|| latest().map(|running| running.id.clone()));
        found.or_else(|| reply_to.map(|id| EntryId(id.to_owned())))
    }

    /// The turn that this id names, if it runs in this place.
    pub(super) fn named(&self, place: &Place, id: &str) -> Option<EntryId> {
        let named = self.running.iter().find(|running| running.place == *place && running.id.0 == id);
        named.map(|running| running.id.clone())
    }

    /// The queued turn that a text can only be the answer of: nobody has had one to it, and nothing runs beside it in this
    /// place. In its conversation all that began before is over, also what has its answer still to be handed over: that
    /// comes in its own name. The host sends the answer of a queued turn `through` the turn that it waited for, or of its own
    /// accord. What comes through that turn right behind a part of its answer is another part.
    pub(super) fn queued(&self, now: Time, place: &Place, through: Option<&EntryId>) -> Option<EntryId> {
        let is_through = |running: &Running| Some(&running.id) == through;
        let is_its_own = self.running.iter().any(|running| is_through(running) && !running.has_answer);
        if through.is_some() && (is_its_own || now < self.closing_until(place)) {
            return None;
        }
        let here = || self.running.iter().filter(|running| running.place == *place);
        let waits =
            |running: &&Running| running.is_deferred && !running.has_answer && now.since(running.since) < QUEUED_ANSWER;
        let mut waiting = here().filter(waits);
        let only = waiting.next().filter(|_| waiting.next().is_none())?;
        let before = here().take_while(|running| running.id != only.id).count();
        let is_beside = |(at, running): (usize, &Running)| {
            let is_over = at < before && running.is_in(&only.place, only.space.as_deref());
            let is_done = running.has_answer && is_through(running);
            !(running.is_deferred || is_over || is_done)
        };
        if here().enumerate().any(is_beside) { None } else { Some(only.id.clone()) }
    }

    /// The host sends a text as the answer of this turn.
    pub(super) fn replies(&mut self, id: &EntryId) {
        self.running.iter_mut().filter(|running| running.id == *id).for_each(|running| running.has_answer = true);
    }

    /// Whether the turn that began last in this place is the owner's word, all of it.
    pub(super) fn is_owners(&self, place: &Place) -> bool {
        self.running.iter().rev().find(|running| running.place == *place).is_some_and(|running| running.is_owners)
    }

    /// A part of a reply is on its way to this place, or delivered.
    pub(super) fn replied(&mut self, now: Time, place: &Place) {
        for running in self.running.iter_mut().filter(|running| running.place == *place) {
            running.replied_at = Some(now);
        }
    }

    /// The host says that it stops, in place of the answer of this turn, or of nobody knows which.
    pub(super) fn break_off(&mut self, place: &Place, turn: Option<&EntryId>) {
        let is_meant = |running: &&mut Running| running.place == *place && turn.is_none_or(|turn| running.id == *turn);
        self.running.iter_mut().filter(is_meant).for_each(|running| running.is_broken_off = true);
    }

    /// Whether the host has this turn.
    pub(super) fn has(&self, id: &str) -> bool {
        self.open
            .iter()
            .map(|turn| &turn.id)
            .chain(self.running.iter().map(|running| &running.id))
            .any(|has| has.0 == id)
    }

    /// A part of the answer of this turn was delivered. Answers with whether it was the first, and with what was kept until
    /// then.
    pub(super) fn answer(&mut self, id: &str) -> (bool, Option<Work>) {
        let Some(running) = self.running.iter_mut().find(|running| running.id.0 == id) else { return (false, None) };
        (!std::mem::replace(&mut running.is_answered, true), running.unanswered.take())
    }

    /// What a turn is about that runs, if nothing was said as its answer.
    pub(super) fn take_unanswered(&mut self, id: &EntryId, place: &Place) -> Option<Work> {
        self.running.iter_mut().find(|running| running.id == *id && running.place == *place)?.unanswered.take()
    }

    /// Puts that back. Answers with it if the turn runs no more.
    pub(super) fn put_back(&mut self, id: &EntryId, work: Work) -> Option<Work> {
        let Some(running) = self.running.iter_mut().find(|running| running.id == *id) else { return Some(work) };
        running.unanswered = Some(work);
        None
    }

    /// Whether a text in no turn's name may be a further one of this run: of those that had been queued.
    pub(super) fn is_nameless(&self, run: &EntryId) -> bool {
        let mut known = self.running.iter().filter(|running| running.id == *run);
        known.all(|running| running.is_deferred && running.is_answered)
    }

    /// The dispatch of a turn came back that was running. Answers with its run if that is its end: that of a queued turn may
    /// come back as soon as the host takes it, long before its answer.
    pub(super) fn closed(&mut self, id: &EntryId) -> Option<Over> {
        let is_over = |running: &Running| !running.is_deferred || running.is_settled;
        let at = self.running.iter().position(|running| running.id == *id && is_over(running))?;
        let Running { place, unanswered, is_broken_off, .. } = self.running.remove(at);
        Some(Over { place, unanswered, is_broken_off })
    }

    /// Before when the host is given no other turn of a place.
    pub(super) fn not_before(&self, place: &Place) -> Time {
        self.closing_until(place).max(self.undecided_until(place))
    }

    /// Until when a place counts as closing a reply. In that moment the host would take a new turn for a sign that the
    /// reply was lost, and say so in the chat.
    fn closing_until(&self, place: &Place) -> Time {
        let replied = self.running.iter().filter(|running| running.place == *place).filter_map(|run| run.replied_at);
        replied.max().map(|at| at.after(CLOSING)).unwrap_or_default()
    }
}
