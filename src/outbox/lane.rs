//! What one place is sent, in order.

use super::taken::{Sighting, Taken, backoff, judge};
use super::{Part, Task, settle};
use crate::call::CallOutcome;
use crate::ids::{EntryId, RequestId};
use crate::message::Place;
use crate::step::{LogLevel, Step};
use crate::text::{self, Person};
use crate::time::{Millis, Time};
use std::collections::VecDeque;

/// Tries for one part when the server certainly didn't take it: about two minutes with the waits between them. As many
/// looks at what was posted.
pub(super) const MAX_TRIES: u32 = 8;
/// A server that fails at a text itself, and not for being down, will not change its mind.
const MAX_TRIES_IN_VAIN: u32 = 3;
/// A call that got no answer may still be at work on the server.
const LOOK_AFTER: Millis = Millis::secs(2);

#[derive(Debug)]
pub(super) struct Lane {
    pub(super) place: Place,
    pub(super) orders: VecDeque<Order>,
    pub(super) state: State,
}

#[derive(Debug, Default)]
pub(super) struct Order {
    /// Who waits to hear how it went; nobody, if the text is the bot's own.
    pub(super) request: Option<RequestId>,
    pub(super) parts: VecDeque<Content>,
    pub(super) reply_to: Option<String>,
    pub(super) asker: Option<Person>,
    /// Where in the platform it was asked for.
    pub(super) space: Option<String>,
    /// Whether somebody waits for it as an answer.
    pub(super) is_reply: bool,
    /// The turn that it is a part of the reply to.
    pub(super) turn: Option<EntryId>,
    /// It shows what is written so far.
    pub(super) is_draft: bool,
    /// The message that its first part replaces.
    pub(super) edit: Option<String>,
    pub(super) sent: Vec<String>,
    pub(super) front: Progress,
}

/// What one message is.
#[derive(Clone, Debug)]
pub(super) enum Content {
    Text(String),
    /// A file, as the host names it.
    File(String),
}

/// How far the part in front has come.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// When it was first tried.
    since: Option<Time>,
    tries: u32,
    looks: u32,
    /// How the last try ended, if nobody knows how.
    last: Option<CallOutcome>,
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

impl Lane {
    /// What is to be done here now, under this number.
    pub(super) fn due(&mut self, now: Time, number: u32) -> Option<Task> {
        let looks = match self.state {
            State::Free => false,
            State::Waiting { until } if now >= until => false,
            State::Unsure { until } if now >= until => true,
            State::Waiting { .. } | State::Unsure { .. } | State::Busy(_) | State::Looking(_) => return None,
        };
        let order = self.orders.front_mut()?;
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
        self.orders.iter().any(|order| order.request.is_some())
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
            (Taken::NotYet { after }, _) if order.front.tries < MAX_TRIES => {
                let wait = after.unwrap_or_else(|| backoff(order.front.tries));
                self.state = State::Waiting { until: now.after(wait) };
            }
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
        let is_unknown = matches!(outcome, CallOutcome::Answered { status: 404, .. });
        match judge(outcome, true) {
            Taken::Yes => {
                self.delivered(id, step);
                return true;
            }
            // A newer one follows.
            _ if order.is_draft => self.close(None, step),
            Taken::NotYet { after } if order.front.tries < MAX_TRIES => {
                let wait = after.unwrap_or_else(|| backoff(order.front.tries));
                self.state = State::Waiting { until: now.after(wait) };
            }
            Taken::Unsure if order.front.tries < MAX_TRIES => {
                order.front.last = Some(outcome.clone());
                self.state = State::Waiting { until: now.after(backoff(order.front.tries)) };
            }
            // Posted anew it could stand there twice.
            Taken::Unsure => {
                order.front.last = Some(outcome.clone());
                self.close(Some(self.fault("may have been sent or not")), step);
            }
            // A server that has not stored the message yet refuses to edit it.
            Taken::No if !is_unknown && order.front.tries < MAX_TRIES_IN_VAIN => {
                self.state = State::Waiting { until: now.after(backoff(order.front.tries)) };
            }
            Taken::NotYet { .. } | Taken::No => {
                (order.edit, order.front) = (None, Progress::default());
            }
        }
        false
    }

    /// The turn of which the order in front shows the first words.
    pub(super) fn draft(&self) -> Option<EntryId> {
        self.orders.front().filter(|order| order.is_draft && order.edit.is_none())?.turn.clone()
    }

    /// The next text of this turn takes the place of a message.
    pub(super) fn replace(&mut self, turn: &EntryId, id: &str) {
        let mut next =
            self.orders.iter_mut().filter(|order| order.turn.as_ref() == Some(turn) && order.sent.is_empty());
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
            Sighting::Missing if order.front.tries < order.most_tries() => {
                self.state = State::Waiting { until: now.after(backoff(order.front.tries)) };
            }
            Sighting::Missing => self.close(Some(self.fault("was not sent")), step),
            Sighting::Unread if order.front.looks < MAX_TRIES => {
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
        let order = self.orders.front_mut().filter(|order| order.is_reply);
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

    /// Ends the first order, with what was sent of it.
    pub(super) fn close(&mut self, error: Option<String>, step: &mut Step) {
        if let Some(Order { request: Some(request), sent, .. }) = self.orders.pop_front() {
            settle(request, sent, error, step);
        }
    }

    fn fault(&self, what: &str) -> String {
        let last = self.orders.front().and_then(|order| order.front.last.as_ref()).map(CallOutcome::describe);
        format!("{}: {what}: {}", self.place, last.unwrap_or_default())
    }
}

impl Order {
    fn part(&self, number: u32, place: &Place, since: Time) -> Option<Part> {
        let (text, file) = match self.parts.front()?.clone() {
            Content::Text(text) => (text, None),
            Content::File(file) => (String::new(), Some(file)),
        };
        let is_first = self.sent.is_empty();
        Some(Part {
            number,
            place: place.clone(),
            text,
            file,
            request: self.request,
            reply_to: self.reply_to.clone().filter(|_| is_first),
            asker: self.asker.clone().filter(|_| is_first),
            space: self.space.clone(),
            edit: self.replaces(),
            since,
        })
    }

    /// The message that the part in front replaces.
    fn replaces(&self) -> Option<String> {
        self.edit.clone().filter(|_| self.sent.is_empty())
    }

    fn most_tries(&self) -> u32 {
        match self.front.last {
            Some(CallOutcome::Answered { status: 500, .. }) => MAX_TRIES_IN_VAIN,
            Some(CallOutcome::Answered { .. } | CallOutcome::Failed { .. }) | None => MAX_TRIES,
        }
    }
}
