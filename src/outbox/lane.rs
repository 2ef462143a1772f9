//! What one place is sent, in order.

use super::order::{Content, MAX_TRIES, MAX_TRIES_IN_VAIN, Order, Progress};
use super::taken::{Sighting, Taken, backoff, judge};
use super::{Part, Task};
use crate::call::CallOutcome;
use crate::ids::EntryId;
use crate::message::Place;
use crate::step::{LogLevel, Step};
use crate::text;
use crate::time::{Millis, Time};
use std::collections::VecDeque;

/// A call that got no answer may still be at work on the server.
const LOOK_AFTER: Millis = Millis::secs(2);

#[derive(Debug)]
pub(super) struct Lane {
    pub(super) place: Place,
    pub(super) orders: VecDeque<Order>,
    pub(super) state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Free,
    /// The part with this number is on its way.
    Busy(u32),
    Waiting {
        until: Time,
    },
    /// The part in front may have been posted: it is looked for before it is sent again.
    Unsure {
        until: Time,
    },
    /// It is being looked for, under this number.
    Looking(u32),
}

/// Whether something is on its way to this place, or waits for it.
pub(super) fn is_busy(lanes: &[Lane], place: &Place) -> bool {
    lanes.iter().any(|lane| lane.place == *place)
}

impl Lane {
    /// What is to be done here now, under this number.
    pub(super) fn due(&mut self, now: Time, number: u32) -> Option<Task> {
        let order = self.orders.front_mut()?;
        let looks = match self.state {
            State::Free => order.front.earlier.is_some(),
            State::Unsure { until } if now >= until => true,
            State::Waiting { .. } | State::Unsure { .. } | State::Busy(_) | State::Looking(_) => return None,
        };
        let since = *order.front.since.get_or_insert(now);
        let part = order.part(number, &self.place, since)?;
        if looks {
            order.front.looks = order.front.looks.saturating_add(1);
            self.state = State::Looking(number);
            return Some(Task::Look(part));
        }
        order.front.tries = order.front.tries.saturating_add(1);
        self.state = State::Busy(number);
        Some(Task::Post(part))
    }

    /// Whether the host waits to hear how something here went.
    pub(super) fn is_waited_for(&self) -> bool {
        self.orders.iter().any(|order| order.request().is_some())
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        match self.state {
            State::Waiting { until } | State::Unsure { until } => Some(until),
            State::Free | State::Busy(_) | State::Looking(_) => None,
        }
    }

    /// The part that is looked for under this number.
    pub(super) fn looking_for(&self, number: u32) -> Option<Part> {
        let order = self.orders.front().filter(|_| self.state == State::Looking(number))?;
        order.part(number, &self.place, order.front.since?)
    }

    /// The call of the part in front ended. Answers whether it was delivered.
    pub(super) fn settled(&mut self, now: Time, outcome: &CallOutcome, id: Option<String>, step: &mut Step) -> bool {
        self.state = State::Free;
        let Some(order) = self.orders.front_mut() else { return false };
        if let Some(id) = order.replaces() {
            return self.edited(now, outcome, id, step);
        }
        match (judge(outcome, id.is_some()), id) {
            (Taken::Yes, Some(id)) => {
                self.delivered(id, step);
                return true;
            }
            (Taken::NotYet { after }, _) if order.has_patience(now) => self.pause(now, after),
            (Taken::Yes | Taken::NotYet { .. } | Taken::No, _) => {
                self.close(Some(format!("{}: {}", self.place, outcome.describe())), step);
            }
            (Taken::Unsure, _) => {
                order.front.last = Some(outcome.clone());
                self.state = State::Unsure { until: now.after(LOOK_AFTER) };
            }
        }
        false
    }

    /// The call that replaces a message ended. Doing it twice does no harm, so what is uncertain is repeated; what can't be
    /// replaced is posted whole.
    fn edited(&mut self, now: Time, outcome: &CallOutcome, id: String, step: &mut Step) -> bool {
        let Some(order) = self.orders.front_mut() else { return false };
        let is_draft = order.draft_of().is_some();
        let is_unknown = matches!(outcome, CallOutcome::Answered { status: 404, .. });
        match judge(outcome, true) {
            Taken::Yes => {
                self.delivered(id, step);
                return true;
            }
            // A newer one follows, when the server wants to hear of it.
            Taken::NotYet { after } if is_draft => {
                self.pause(now, after);
                self.close(None, step);
            }
            _ if is_draft => self.close(None, step),
            Taken::NotYet { after } if order.has_patience(now) => self.pause(now, after),
            Taken::Unsure if order.front.tries < MAX_TRIES => {
                order.front.last = Some(outcome.clone());
                self.pause(now, None);
            }
            // Posted anew it could stand there twice.
            Taken::Unsure => {
                order.front.last = Some(outcome.clone());
                self.close(Some(self.fault("may have been sent or not")), step);
            }
            // A server that has not stored the message yet refuses to edit it.
            Taken::No if !is_unknown && order.front.tries < MAX_TRIES_IN_VAIN => self.pause(now, None),
            // That an answer was broken off is worth no message of its own.
            Taken::NotYet { .. } | Taken::No if order.request().is_none() => self.close(None, step),
            Taken::NotYet { .. } | Taken::No => {
                (order.edit, order.front) = (None, Progress::default());
            }
        }
        false
    }

    /// The part in front is tried again when the server says, else after a pause that grows.
    fn pause(&mut self, now: Time, after: Option<Millis>) {
        let tries = self.orders.front().map_or(0, |order| order.front.tries);
        self.state = State::Waiting { until: now.after(after.unwrap_or_else(|| backoff(tries))) };
    }

    /// A pause ends.
    pub(super) fn wake(&mut self, now: Time) {
        if let State::Waiting { until } = self.state
            && now >= until
        {
            self.state = State::Free;
        }
    }

    /// Whether nothing is left to do here, not even to wait for as long as the server asked.
    pub(super) fn is_over(&self) -> bool {
        self.orders.is_empty() && !matches!(self.state, State::Waiting { .. })
    }

    /// All of an answer follows: what is written so far of it need not be shown any more, unless it is on its way.
    pub(super) fn overtake(&mut self, turn: &EntryId) {
        let is_on_its_way = !matches!(self.state, State::Free | State::Waiting { .. });
        let draft = self.orders.iter().position(|order| order.draft_of() == Some(turn));
        if let Some(at) = draft.filter(|at| *at > 0 || !is_on_its_way) {
            self.orders.remove(at);
        }
    }

    /// The turn of which the order in front shows the first words.
    pub(super) fn draft(&self) -> Option<EntryId> {
        self.orders.front().filter(|order| order.edit.is_none())?.draft_of().cloned()
    }

    /// The next text of this turn takes the place of a message.
    pub(super) fn replace(&mut self, turn: &EntryId, id: &str) {
        let mut next = self.orders.iter_mut().filter(|order| order.answers(turn) && order.sent.is_empty());
        if let Some(order) = next.next()
            && let Some(Content::Text(_)) = order.parts.front()
        {
            order.edit = Some(id.to_owned());
        }
    }

    /// Somebody looked for the part in front. Answers whether it was delivered.
    pub(super) fn looked(&mut self, now: Time, sighting: Sighting, step: &mut Step) -> bool {
        self.state = State::Free;
        let Some(order) = self.orders.front_mut() else { return false };
        match sighting {
            Sighting::Posted(id) => {
                self.delivered(id, step);
                return true;
            }
            // Who is gone posted nothing, or nobody can tell: better twice than not at all.
            Sighting::Missing | Sighting::Impossible if order.front.earlier.is_some() => {
                order.front = Progress::default();
            }
            Sighting::Missing if order.front.tries < order.most_tries() => self.pause(now, None),
            Sighting::Missing => self.close(Some(self.fault("was not sent")), step),
            Sighting::Unread if order.front.looks < order.most_looks() => {
                self.state = State::Unsure { until: now.after(backoff(order.front.looks)) };
            }
            Sighting::Unread | Sighting::Impossible => self.close(Some(self.fault("may have been sent or not")), step),
        }
        false
    }

    fn delivered(&mut self, id: String, step: &mut Step) {
        let Some(order) = self.orders.front_mut() else { return };
        order.sent.push(id);
        order.parts.pop_front();
        order.front = Progress::default();
        if order.parts.is_empty() {
            self.close(None, step);
        }
    }

    /// The part in front can't be sent at all.
    pub(super) fn refused(&mut self, reason: &str, step: &mut Step) {
        self.state = State::Free;
        let order = self.orders.front_mut().filter(|order| order.is_reply());
        if let Some(order) = order
            && let Some(Content::File(file)) = order.parts.front()
        {
            let label = format!("[file: {}, not sent: {reason}]", text::file_name(file));
            step.log(LogLevel::Warn, format!("{label} in a message to {}", self.place));
            order.parts.pop_front();
            order.parts.push_front(Content::Text(label));
            order.front = Progress::default();
            return;
        }
        self.close(Some(reason.to_owned()), step);
    }

    /// Ends the first order.
    pub(super) fn close(&mut self, error: Option<String>, step: &mut Step) {
        if let Some(order) = self.orders.pop_front() {
            order.close(error, step);
        }
    }

    fn fault(&self, what: &str) -> String {
        let last = self.orders.front().and_then(|order| order.front.last.as_ref()).map(CallOutcome::describe);
        format!("{}: {what}: {}", self.place, last.unwrap_or_default())
    }
}
