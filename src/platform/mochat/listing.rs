//! Looks at what there is: sessions, the panels of the agent's group, its owner.

use super::answer::Answer;
use super::polls::NO_SOCKET;
use super::{Mochat, read};
use crate::call::{CallOutcome, Errand};
use crate::ids::Epoch;
use crate::link::Loss;
use crate::message::Place;
use crate::platform::Heard;
use crate::step::{LogLevel, Step};
use crate::time::{Millis, Time, earliest};
use crate::wire::mochat_api;
use crate::wire::mochat_event::Message;
use serde_json::Value;

/// Between two looks, however often the server says that something changed.
const LOOK_GAP: Millis = Millis::secs(3);

impl Mochat {
    /// Asks which sessions and panels there are, and so which sessions are direct and who we are.
    pub(super) fn look_around(&mut self, now: Time, epoch: Epoch, step: &mut Step) {
        self.looked_at = now;
        self.refresh_at = Some(now.after(self.settings.refresh));
        let mut asked = vec![
            (Errand::Sessions(epoch), mochat_api::list_sessions(None)),
            (Errand::Directory(epoch), mochat_api::group()),
        ];
        // A list that is full leaves some out, but none where something happens.
        if let Some(updated) = self.directory.updated().filter(|_| self.directory.is_cut) {
            asked.push((Errand::Latest(epoch), mochat_api::list_sessions(Some(updated))));
        }
        // An agent may be bound at any time, and belongs to the same person from then on.
        if self.owner.is_none() {
            asked.push((Errand::Owner(epoch), mochat_api::owner()));
            self.asks_owner = true;
        }
        for (errand, (path, body)) in asked {
            self.budget.count(now);
            step.call(self.call(errand, path, body));
        }
    }

    /// What there is has changed: looks soon instead of at the next refresh.
    pub(super) fn look_soon(&mut self, now: Time) {
        self.refresh_at = earliest(self.refresh_at, Some(now.max(self.looked_at.after(LOOK_GAP))));
    }

    /// A message of a private conversation that no session is known for: there may be a new one.
    pub(super) fn wonder(&mut self, now: Time, message: &Message) {
        let converse = message.converse.as_ref().filter(|_| message.group.is_none());
        let is_all = matches!(self.settings.sessions, crate::config::Listed::All);
        if is_all && converse.is_some_and(|converse| self.directory.is_unheard_of(converse)) {
            self.look_soon(now);
        }
    }

    /// A list came, or did not.
    pub(super) fn listed(&mut self, now: Time, errand: &Errand, outcome: &CallOutcome, step: &mut Step) -> Heard {
        if let Errand::Owner(epoch) = *errand {
            // Servers before binding existed refuse; then nobody is the owner.
            self.owner = read(outcome).ok().and_then(|data| mochat_api::read_owner(&data)).or(self.owner.take());
            self.asks_owner = false;
            // Who we are may have waited for this.
            return if self.us.is_none() { self.lists_read(now, epoch, step) } else { Heard::default() };
        }
        let (Errand::Sessions(epoch) | Errand::Directory(epoch) | Errand::Latest(epoch)) = *errand else {
            return Heard::default();
        };
        let is_current = if epoch == NO_SOCKET { self.polls.is_on } else { self.link.is_current(epoch) };
        if !is_current {
            return Heard::default();
        }
        let is_up = self.link.up().is_some();
        let data = match self.answer(now, outcome, step) {
            Answer::Read(data) => data,
            // An agent outside of any group, or a server without this list: there is nothing to listen to.
            Answer::Refused(403 | 404, error) if !is_up => {
                step.log(LogLevel::Debug, format!("the server lists nothing: {error}"));
                Value::Null
            }
            // A connection that works is worth more than a fresh list.
            Answer::Refused(..) | Answer::Busy(_) if is_up => return Heard::default(),
            Answer::Refused(_, error) => {
                self.unlisted(now, epoch, Millis(0), &error, step);
                return Heard::default();
            }
            Answer::Busy(wait) => {
                let error = read(outcome).err().unwrap_or_default();
                self.unlisted(now, epoch, wait, &error, step);
                return Heard::default();
            }
        };
        if self.link.is_current(epoch) && !is_up {
            self.link.extend_handshake(now);
        }
        if let Errand::Directory(_) = errand {
            self.directory.learn_group(now, &mochat_api::read_group(&data));
        } else {
            let is_latest = matches!(errand, Errand::Latest(_));
            let stirred = self.directory.learn_sessions(now, mochat_api::sessions(&data), is_latest);
            self.polls.stir(&stirred);
            // A server that forgot its queue meanwhile may count up to our number again, and show nothing behind it.
            for session in stirred {
                if !is_up && self.settings.sessions.contains(&session) {
                    self.want(now, &Place::Session { session }, None);
                }
            }
            for id in self.directory.strangers() {
                self.people.want(&id);
            }
        }
        self.lists_read(now, epoch, step)
    }

    /// What is known may be enough to begin.
    fn lists_read(&mut self, now: Time, epoch: Epoch, step: &mut Step) -> Heard {
        if epoch == NO_SOCKET && self.polls.is_on {
            self.poll_on(now, step);
        } else if self.link.is_current(epoch) {
            return Heard { notes: self.subscribe(now, epoch, step), ..Heard::default() };
        }
        Heard::default()
    }

    /// Without the lists there is nothing to begin with.
    fn unlisted(&mut self, now: Time, epoch: Epoch, wait: Millis, error: &str, step: &mut Step) {
        if epoch == NO_SOCKET {
            self.poll_failed(now, error, step);
        } else if !self.link.is_current(epoch) {
            // The token was not accepted, and that was said.
        } else if wait > Millis(0) {
            self.lose(now, &Loss::Busy(wait, error.to_owned()), step);
        } else {
            self.lose(now, &Loss::Fault(error.to_owned()), step);
        }
    }
}
