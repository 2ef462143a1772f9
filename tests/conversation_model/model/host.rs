//! Turns: those that wait for the host, those that it was offered, those that it runs.

use super::{Model, Place, SECOND};
use crate::script::What;
use crate::told::{Act, Offer};
use mochat_dmwork::reason::{Reason, Verdict};

/// A turn is offered this often.
const MAX_OFFERS: u32 = 8;
/// Turns that the host is given at once, and of one place. Commands are given nevertheless.
const MOST: usize = 50;
const MOST_OF_ONE_PLACE: usize = 8;
/// The host needs a moment to close a reply.
const CLOSING: u64 = 2 * SECOND;
/// Adopted turns that are watched.
const MOST_RUNNING: usize = 64;
/// A turn that came back without a word stays open for longer than a gateway needs to stop, and so many do.
const IN_DOUBT: u64 = 330 * SECOND;
const MOST_SILENT: usize = 64;

#[derive(Clone, Debug)]
pub(super) struct Turn {
    /// The order in which turns came about.
    number: u64,
    place: &'static str,
    is_command: bool,
    pub(super) messages: Vec<usize>,
    omitted: u32,
    pub(super) context: Vec<usize>,
    pub(super) offers: u32,
    not_before: u64,
    is_deferred: bool,
}

impl Turn {
    fn id(&self) -> usize {
        *self.messages.last().unwrap()
    }
}

#[derive(Debug)]
pub(super) struct Running {
    turn: usize,
    place: &'static str,
    replied_at: Option<u64>,
}

/// A turn that came back without a word.
#[derive(Debug)]
pub(super) struct Silent {
    pub(super) until: u64,
    id: usize,
    pub(super) turn: Turn,
}

/// What may be done in several places at the same moment is done in this order.
fn rank(place: &str) -> Option<usize> {
    ["user", "group", "thread", "session", "panel"].iter().position(|kind| place.starts_with(kind))
}

impl Model {
    pub(super) fn turn(&mut self, messages: Vec<usize>, omitted: u32, context: Vec<usize>) -> Turn {
        self.turns += 1;
        let message = &self.entry(*messages.last().unwrap()).unwrap().message;
        Turn {
            number: self.turns,
            place: message.place,
            is_command: matches!(message.line.2, What::Stop | What::New),
            messages,
            omitted,
            context,
            offers: 0,
            not_before: 0,
            is_deferred: false,
        }
    }

    // What the host says.

    pub fn adopted(&mut self, id: usize) {
        let Some(turn) = self.take(id) else { return };
        for message in &turn.messages {
            let reason = self.entry(*message).unwrap().reason;
            self.end(*message, Verdict::Answer, reason, Some(id));
        }
        self.end_context(id, &turn);
        if self.running.len() == MOST_RUNNING {
            self.running.remove(0);
        }
        self.running.push(Running { turn: id, place: turn.place, replied_at: None });
    }

    pub fn deferred(&mut self, id: usize) {
        self.handed.iter_mut().filter(|turn| turn.id() == id).for_each(|turn| turn.is_deferred = true);
    }

    /// The host let go of a turn. It is offered again, and keeps its place in the order.
    pub fn let_go(&mut self, id: usize) {
        let Some(mut turn) = self.take(id) else { return };
        if turn.offers == MAX_OFFERS {
            for message in &turn.messages {
                self.end(*message, Verdict::Fail, Reason::TurnFailed, Some(id));
            }
            self.end_context(id, &turn);
            return;
        }
        turn.not_before = self.now + (SECOND << (turn.offers - 1));
        turn.is_deferred = false;
        let place = self.place(turn.place);
        place.queue.push(turn);
        place.queue.sort_by_key(|turn| (!turn.is_command, turn.number));
    }

    /// The dispatch of a turn came back.
    pub fn ended(&mut self, id: usize, failed: bool) {
        if let Some(at) = self.running.iter().position(|running| running.turn == id) {
            self.running.remove(at);
        }
        if failed {
            self.let_go(id);
        } else if self.handed.iter().any(|turn| turn.id() == id && !turn.is_deferred) {
            let turn = self.take(id).unwrap();
            if turn.is_command {
                self.end_silent(id, &turn);
                return;
            }
            if self.silent.len() == MOST_SILENT {
                let oldest = self.silent.remove(0);
                self.end_silent(oldest.id, &oldest.turn);
            }
            self.silent.push(Silent { until: self.now + IN_DOUBT, id, turn });
        }
    }

    /// Nothing comes of these any more.
    pub(super) fn end_silent_if(&mut self, is_over: impl Fn(&Silent) -> bool) {
        let (over, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.silent).into_iter().partition(is_over);
        self.silent = others;
        for Silent { id, turn, .. } in over {
            self.end_silent(id, &turn);
        }
    }

    fn end_silent(&mut self, id: usize, turn: &Turn) {
        for message in &turn.messages {
            self.end(*message, Verdict::Answer, Reason::HandledByHost, Some(id));
        }
        self.end_context(id, turn);
    }

    /// A text for a place is on its way, or delivered.
    pub fn replied(&mut self, place: &str) {
        let now = self.now;
        let here = self.running.iter_mut().filter(|running| running.place == place);
        here.for_each(|running| running.replied_at = Some(now));
        self.end_silent_if(|silent| silent.turn.place == place);
    }

    fn take(&mut self, id: usize) -> Option<Turn> {
        let at = self.handed.iter().position(|turn| turn.id() == id)?;
        Some(self.handed.remove(at))
    }

    fn end_context(&mut self, id: usize, turn: &Turn) {
        for message in &turn.context {
            let reason = self.why_remembered(*message);
            self.end(*message, Verdict::Remember, reason, Some(id));
        }
    }

    // What the host is given.

    fn has_room(&self, name: &str) -> bool {
        self.handed.iter().filter(|turn| turn.place == name).count() < MOST_OF_ONE_PLACE
    }

    fn closing_until(&self, name: &str) -> u64 {
        let here = self.running.iter().filter(|running| running.place == name);
        here.filter_map(|running| running.replied_at).map(|at| at + CLOSING).max().unwrap_or(0)
    }

    /// When the first turn of a place can be offered; `None` if there is none or no room for it.
    pub(super) fn turn_due_at(&self, name: &str, place: &Place) -> Option<u64> {
        let turn = place.queue.first().filter(|_| self.has_room(name) && self.handed.len() < MOST)?;
        Some(turn.not_before.max(self.closing_until(name)))
    }

    pub(super) fn offer_what_can_be(&mut self) {
        for turn in std::mem::take(&mut self.commands) {
            self.offer(turn);
        }
        // Those that have waited for room first. Who was given some waits behind those who were given none.
        let waited = std::mem::take(&mut self.line);
        let others = self.places.iter().filter(|(name, _)| !waited.contains(name));
        let mut others: Vec<_> = others.filter_map(|(name, place)| Some((self.since(place, name)?, *name))).collect();
        others.sort_by_key(|(since, name)| (*since, rank(name), *name));
        let mut served = Vec::new();
        for name in waited {
            if self.handed.len() >= MOST {
                self.line.push(name);
            } else {
                self.offer_some(name);
                served.push(name);
            }
        }
        for (_, name) in others {
            self.offer_some(name);
            served.push(name);
        }
        served.retain(|name| self.is_ready(name));
        self.line.append(&mut served);
    }

    /// Offers as many turns of a place as there is room for.
    fn offer_some(&mut self, name: &'static str) {
        while self.is_ready(name) && self.handed.len() < MOST {
            let turn = self.place(name).queue.remove(0);
            self.offer(turn);
        }
    }

    /// Since when the first turn of a place could be offered.
    fn since(&self, place: &Place, name: &str) -> Option<u64> {
        let pause = place.queue.first()?.not_before.max(self.closing_until(name));
        Some(if pause == 0 { self.now } else { pause })
    }

    /// Whether a turn of this place could be offered if there were room for any.
    fn is_ready(&self, name: &str) -> bool {
        let place = self.places.iter().find(|(other, _)| *other == name).map(|(_, place)| place);
        place.and_then(|place| self.since(place, name)).is_some_and(|since| since <= self.now) && self.has_room(name)
    }

    fn offer(&mut self, mut turn: Turn) {
        turn.offers += 1;
        self.acts.push(Act::Offers(Offer {
            place: turn.place.to_owned(),
            messages: turn.messages.clone(),
            context: turn.context.clone(),
            omitted: turn.omitted,
            mentioned: turn.messages.iter().any(|id| self.entry(*id).unwrap().calls),
        }));
        self.handed.push(turn);
    }
}
