//! From judged messages to one prompt: what is remembered, what waits, and the turns that the host holds.

mod batch;
mod history;
mod prompt;
mod turn;

use crate::config::Rules;
use crate::ids::EntryId;
use crate::inbox::Entry;
use crate::message::Place;
use crate::reason::{Outcome, Reason, Verdict};
use crate::step::{Effect, HeldTurn, Line, Step, TurnRequest};
use crate::time::{Time, earliest};
use batch::Batch;
use history::History;
use std::collections::BTreeMap;
use turn::{Turn, Turns};

/// A message that is to be answered, and why.
#[derive(Clone, Debug)]
struct Judged {
    entry: Entry,
    reason: Reason,
}

/// The conversations of one account.
#[derive(Debug, Default)]
pub struct Talk {
    histories: BTreeMap<Place, History>,
    batches: BTreeMap<Place, Batch>,
    turns: Turns,
}

impl Talk {
    /// Keeps a message as context of its place.
    pub fn remember(&mut self, entry: Entry, rules: &Rules, step: &mut Step) {
        step.push(Effect::Keep { entries: vec![entry.id()] });
        self.restore_kept(entry, rules, step);
    }

    /// Puts a message that the store kept as context back in its place.
    pub fn restore_kept(&mut self, entry: Entry, rules: &Rules, step: &mut Step) {
        let history = self.histories.entry(entry.message.place.clone()).or_default();
        let forgotten = history.push(entry, rules.history);
        step.resolve(forgotten, Outcome::new(Verdict::Remember, Reason::Forgotten));
    }

    /// Gives a message its turn: at once, or together with others when its place has been quiet.
    pub fn answer(&mut self, entry: Entry, reason: Reason, rules: &Rules, step: &mut Step) {
        let place = entry.message.place.clone();
        let waits = batch::waits(&entry.message, rules.delay.mode);
        let judged = Judged { entry, reason };
        if waits {
            self.batches.entry(place).or_default().push(judged, rules.delay);
            return;
        }
        let mut messages = self.batches.remove(&place).map(Batch::flush).unwrap_or_default();
        messages.push(judged);
        self.start(&messages, step);
    }

    /// Starts what has waited long enough, and offers again what the host let go. A batch of a place where messages
    /// are still to be judged (`is_busy`) isn't complete yet.
    pub fn due(&mut self, now: Time, is_busy: impl Fn(&Place) -> bool, step: &mut Step) {
        let ripe: Vec<Place> = self
            .batches
            .iter()
            .filter(|(place, batch)| batch.deadline() <= now && !is_busy(place))
            .map(|(place, _)| place.clone())
            .collect();
        for place in ripe {
            if let Some(batch) = self.batches.remove(&place) {
                self.start(&batch.flush(), step);
            }
        }
        for request in self.turns.due(now) {
            step.push(Effect::StartTurn { turn: request });
        }
    }

    /// When [`Talk::due`] has something to do.
    #[must_use]
    pub fn deadline(&self, is_busy: impl Fn(&Place) -> bool) -> Option<Time> {
        let batches = self.batches.iter().filter(|(place, _)| !is_busy(place)).map(|(_, batch)| batch.deadline());
        earliest(batches.min(), self.turns.deadline())
    }

    /// Takes back a turn that the host held while the account was rebuilt.
    pub fn restore_held(&mut self, held: &HeldTurn, entries: Vec<Entry>) {
        let messages: Vec<Judged> =
            entries.into_iter().map(|entry| Judged { entry, reason: Reason::NoMentionNeeded }).collect();
        if let Some(turn) = self.assemble(&messages) {
            self.turns.hold(held.turn.clone(), turn);
        }
    }

    /// The host took the turn over.
    pub fn adopted(&mut self, id: &EntryId, step: &mut Step) {
        if let Some(turn) = self.turns.remove(id) {
            for (entry, reason) in turn.messages {
                step.resolve(vec![entry], Outcome::new(Verdict::Answer, reason));
            }
            resolve_context(turn.context, step);
        }
    }

    /// The host queued it: it is still ours.
    pub fn deferred(&mut self, id: &EntryId) {
        self.turns.deferred(id);
    }

    /// The host let go of it: it is offered again.
    pub fn abandoned(&mut self, now: Time, id: &EntryId, step: &mut Step) {
        if let Some(turn) = self.turns.let_go(now, id) {
            resolve(turn, Outcome::new(Verdict::Fail, Reason::TurnFailed), step);
        }
    }

    /// The host's dispatch came back without adopting it: an error is tried again, anything else was dealt with.
    pub fn ended(&mut self, now: Time, id: &EntryId, failed: bool, step: &mut Step) {
        if failed {
            self.abandoned(now, id, step);
        } else if let Some(turn) = self.turns.remove_unless_deferred(id) {
            resolve(turn, Outcome::new(Verdict::Answer, Reason::HandledByHost), step);
        }
    }

    fn start(&mut self, messages: &[Judged], step: &mut Step) {
        let Some(turn) = self.assemble(messages) else { return };
        let request = turn.request.clone();
        self.turns.hold(request.turn.clone(), turn);
        step.push(Effect::StartTurn { turn: request });
    }

    /// Puts together what the agent is told. The history of the place goes with the turn, once.
    fn assemble(&mut self, messages: &[Judged]) -> Option<Turn> {
        let last = messages.last()?.entry.message.clone();
        let context = self.histories.remove(&last.place).map(History::into_entries).unwrap_or_default();
        let request = TurnRequest {
            turn: last.id,
            entries: messages.iter().map(|judged| judged.entry.id()).collect(),
            to: last.place.to_string(),
            chat: last.chat,
            sender: last.sender,
            text: prompt::body(messages),
            mentioned: messages.iter().any(|judged| judged.entry.message.mentions_us),
            quote: last.quote,
            history: context.iter().map(line).collect(),
            sent_at: last.sent_at,
        };
        Some(Turn::new(
            request,
            messages.iter().map(|judged| (judged.entry.id(), judged.reason)).collect(),
            context.iter().map(Entry::id).collect(),
        ))
    }
}

fn resolve(turn: Turn, outcome: Outcome, step: &mut Step) {
    step.resolve(turn.request.entries, outcome);
    resolve_context(turn.context, step);
}

fn resolve_context(context: Vec<EntryId>, step: &mut Step) {
    step.resolve(context, Outcome::new(Verdict::Remember, Reason::NotMentioned));
}

fn line(entry: &Entry) -> Line {
    let message = &entry.message;
    Line { sender: message.sender.label().to_owned(), text: message.text.clone(), sent_at: message.sent_at }
}
