//! Who somebody is, where neither the lists nor a message tell: asked of the server, each once.

use super::Mochat;
use super::answer::Answer;
use crate::call::{CallOutcome, Errand};
use crate::step::Step;
use crate::time::Time;
use crate::wire::mochat_api;

/// How a session's id begins.
const SESSION: &str = "session_";
/// Ids that are remembered as asked, the oldest are forgotten and may be asked again. More than a person can have to do
/// with, so that a large directory isn't asked about in circles.
const MOST: usize = 2_000;
/// Ids of one call.
const MOST_AT_ONCE: usize = 100;

/// Whom and what to ask about.
#[derive(Debug, Default)]
pub(super) struct People {
    /// Users, and sessions of which nobody told who is in them.
    wanted: Vec<String>,
    asked: Vec<String>,
    /// What the call under way is about.
    asking: Vec<String>,
    /// A server without `users/resolve`: then only sessions can be asked about.
    has_no_directory: bool,
}

impl People {
    /// Wants to know about a user or a session, once.
    pub(super) fn want(&mut self, id: &str) {
        let is_new = |list: &[String]| !list.iter().any(|known| known == id);
        if !id.is_empty() && is_new(&self.asked) && is_new(&self.wanted) && self.wanted.len() < MOST {
            self.wanted.push(id.to_owned());
        }
    }

    /// Whether there is something to ask now.
    fn is_waiting(&self) -> bool {
        self.asking.is_empty() && !self.wanted.is_empty()
    }

    /// The ids of the next call: one session, or users.
    fn next(&mut self) -> &[String] {
        let session = self.wanted.iter().position(|id| id.starts_with(SESSION));
        self.asking = match session {
            Some(at) => vec![self.wanted.remove(at)],
            None => self.wanted.drain(..self.wanted.len().min(MOST_AT_ONCE)).collect(),
        };
        self.asked.extend_from_slice(&self.asking);
        let forgotten = self.asked.len().saturating_sub(MOST);
        self.asked.drain(..forgotten);
        &self.asking
    }
}

impl Mochat {
    /// Asks about the next of them. One call at a time, and as the budget allows.
    pub(super) fn ask_around(&mut self, now: Time, step: &mut Step) {
        if !self.people.is_waiting() || !self.budget.take(now) {
            return;
        }
        let (path, body) = match self.people.next() {
            [session] if session.starts_with(SESSION) => mochat_api::session_detail(session),
            users => mochat_api::resolve(users),
        };
        step.call(self.call(Errand::People, path, body));
    }

    /// When to ask about the next.
    pub(super) fn asks_around_at(&self) -> Option<Time> {
        self.people.is_waiting().then(|| self.budget.free_at(Time::default()))
    }

    /// The server told, or not.
    pub(super) fn people_told(&mut self, now: Time, outcome: &CallOutcome, step: &mut Step) {
        let answer = self.answer(now, outcome, step);
        let asked = std::mem::take(&mut self.people.asking);
        let is_session = matches!(asked.as_slice(), [id] if id.starts_with(SESSION));
        match answer {
            Answer::Read(data) if is_session => {
                if let Some(told) = mochat_api::session(&data).filter(|told| asked.contains(&told.id)) {
                    self.directory.learn_session(told);
                }
            }
            Answer::Read(data) => {
                for user in mochat_api::users(&data) {
                    self.directory.heard_of(&user.id, user.name.as_deref(), user.agent);
                }
            }
            Answer::Refused(404, _) if !is_session => self.people.has_no_directory = true,
            // One id among them that the server does not take; none of them is asked for again.
            Answer::Refused(..) => {}
            // The next message of one of them has us ask again.
            Answer::Busy(_) => self.people.asked.retain(|id| !asked.contains(id)),
        }
    }

    /// A message came from somebody in this session or panel.
    pub(super) fn wonder_who(&mut self, target: &str, author: &str) {
        if self.directory.is_vague(target) {
            self.people.want(target);
        }
        if !self.directory.knows(author) {
            match self.people.has_no_directory {
                true if target.starts_with(SESSION) => self.people.want(target),
                true => {}
                false => self.people.want(author),
            }
        }
    }
}
