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
use crate::step::{Effect, Line, LogLevel, Step, TurnRequest};
use crate::text::excerpt;
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

/// What one place keeps: messages for context, messages that wait.
#[derive(Debug, Default)]
struct Corner {
    history: History,
    batch: Option<Batch>,
}

impl Corner {
    fn is_empty(&self) -> bool {
        self.history.is_empty() && self.batch.is_none()
    }

    fn deadline(&self) -> Option<Time> {
        self.batch.as_ref().map(Batch::deadline)
    }
}

/// The conversations of one account.
#[derive(Debug, Default)]
pub struct Talk {
    corners: BTreeMap<Place, Corner>,
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
        let corner = self.corners.entry(entry.message.place.clone()).or_default();
        let forgotten = corner.history.push(entry, rules.history);
        step.resolve(forgotten, Outcome::new(Verdict::Remember, Reason::Forgotten));
    }

    /// Gives a message its turn: at once, or together with others when its place has been quiet.
    pub fn answer(&mut self, now: Time, entry: Entry, reason: Reason, rules: &Rules) {
        let place = entry.message.place.clone();
        let waits = batch::waits(&entry.message, rules.delay.mode);
        let judged = Judged { entry, reason };
        let corner = self.corners.entry(place).or_default();
        if waits {
            corner.batch.get_or_insert_default().push(judged, rules.delay);
            return;
        }
        let mut messages = corner.batch.take().map(Batch::flush).unwrap_or_default();
        messages.push(judged);
        self.start(now, &messages);
    }

    /// Takes back a message that is remembered or waits, since more is known about it now.
    pub fn take_back(&mut self, id: &EntryId) -> Option<Entry> {
        let corners = self.corners.values_mut();
        let mut found = corners.filter_map(|corner| {
            corner.history.remove(id).or_else(|| corner.batch.as_mut().and_then(|batch| batch.remove(id)))
        });
        found.next()
    }

    /// Starts what has waited long enough, and offers again what the host let go. A batch of a place where messages
    /// are still to be judged (`is_busy`) isn't complete yet.
    pub fn due(&mut self, now: Time, is_busy: impl Fn(&Place) -> bool, step: &mut Step) {
        let is_ripe = |place: &Place, corner: &Corner| corner.deadline().is_some_and(|at| at <= now) && !is_busy(place);
        let ripe: Vec<Batch> = self
            .corners
            .iter_mut()
            .filter(|(place, corner)| is_ripe(place, corner))
            .filter_map(|(_, corner)| corner.batch.take())
            .collect();
        for batch in ripe {
            self.start(now, &batch.flush());
        }
        for request in self.turns.due(now) {
            step.push(Effect::StartTurn { turn: request });
        }
    }

    /// When [`Talk::due`] has something to do after `now`; batches whose time has passed wait for a judgement.
    #[must_use]
    pub fn deadline(&self, now: Time) -> Option<Time> {
        let batches = self.corners.values().filter_map(Corner::deadline).filter(|at| *at > now);
        earliest(batches.min(), self.turns.deadline())
    }

    /// Takes back a turn that the host held while the account was rebuilt.
    pub fn restore_held(&mut self, entries: Vec<Entry>) {
        let messages: Vec<Judged> =
            entries.into_iter().map(|entry| Judged { entry, reason: Reason::NoMentionNeeded }).collect();
        if let Some(turn) = self.assemble(&messages) {
            self.turns.hold(turn);
        }
    }

    /// The host took the turn over.
    pub fn adopted(&mut self, id: &EntryId, step: &mut Step) {
        if let Some(turn) = self.turns.adopt(id) {
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
            let request = &turn.request;
            step.log(LogLevel::Error, format!("turn-failed: message {id} in {} was offered in vain", request.to));
            resolve(turn, Outcome::new(Verdict::Fail, Reason::TurnFailed), step);
        }
    }

    /// The host's dispatch came back without adopting it: an error is tried again, anything else was dealt with.
    pub fn ended(&mut self, now: Time, id: &EntryId, error: Option<&str>, step: &mut Step) {
        self.turns.closed(now, id);
        if let Some(error) = error {
            step.log(LogLevel::Warn, format!("the gateway could not run the turn of message {id}: {}", excerpt(error)));
            self.abandoned(now, id, step);
        } else if let Some(turn) = self.turns.remove_unless_deferred(id) {
            resolve(turn, Outcome::new(Verdict::Answer, Reason::HandledByHost), step);
        }
    }

    /// A part of a reply was delivered in this place.
    pub fn replied(&mut self, now: Time, to: &str) {
        self.turns.replied(now, to);
    }

    /// Puts a turn together; [`Talk::due`] offers it.
    fn start(&mut self, now: Time, messages: &[Judged]) {
        if let Some(turn) = self.assemble(messages) {
            self.turns.queue(now, turn);
        }
    }

    /// Puts together what the agent is told. The history of the place goes with the turn, once.
    fn assemble(&mut self, messages: &[Judged]) -> Option<Turn> {
        let last = messages.last()?.entry.message.clone();
        let context = self.corners.get_mut(&last.place).map(|corner| corner.history.take()).unwrap_or_default();
        if self.corners.get(&last.place).is_some_and(Corner::is_empty) {
            self.corners.remove(&last.place);
        }
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
