//! Who may be called in a group: its members, asked for when a text that goes out may call somebody.
//!
//! The text waits for the answer as a post under way waits for its own: its place sends nothing else meanwhile.

use super::Dmwork;
use crate::call::CallOutcome;
use crate::json;
use crate::message::Place;
use crate::outbox::Part;
use crate::step::Step;
use crate::text::Person;
use crate::time::{Millis, Time};
use crate::wire::dmwork_api;

/// How long a list is good: who joins is callable within minutes, and an answer in parts asks once.
const GOOD_FOR: Millis = Millis::secs(5 * 60);
/// How long a failed call is not repeated.
const BAD_FOR: Millis = Millis::secs(30);
/// Groups whose members are known; the oldest list is thrown away.
const MOST_GROUPS: usize = 8;
/// A longer list is not kept, and nobody is called there: a part of it would hide who shares a name.
const MOST_MEMBERS: usize = 5_000;

/// Lists of members, and texts that wait for one.
#[derive(Debug, Default)]
pub(super) struct Members {
    groups: Vec<Known>,
    waiting: Vec<Part>,
}

#[derive(Debug)]
struct Known {
    group: String,
    people: Vec<Person>,
    until: Time,
}

impl Members {
    /// Who is in a group, as far as known.
    pub(super) fn of(&self, group: &str) -> Option<&[Person]> {
        self.groups.iter().find(|known| known.group == group).map(|known| known.people.as_slice())
    }

    pub(super) fn is_known(&self, now: Time, group: &str) -> bool {
        self.groups.iter().any(|known| known.group == group && now < known.until)
    }

    /// Keeps a part until its group's members are known; answers whether they are asked for already.
    pub(super) fn wait(&mut self, part: Part, group: &str) -> bool {
        let is_asked = self.waiting.iter().any(|other| group_of(&other.place) == Some(group));
        self.waiting.push(part);
        is_asked
    }

    fn learn(&mut self, group: &str, people: Vec<Person>, until: Time) {
        let known = self.groups.iter().position(|known| known.group == group);
        if let Some(at) = known.or((self.groups.len() >= MOST_GROUPS).then_some(0)) {
            self.groups.remove(at);
        }
        self.groups.push(Known { group: group.to_owned(), people, until });
    }
}

/// The group whose members may be called in a place; a thread has those of its group.
pub(super) fn group_of(place: &Place) -> Option<&str> {
    match place {
        Place::Group { group } | Place::Thread { group, .. } => Some(group),
        Place::Direct { .. } | Place::Session { .. } | Place::Panel { .. } => None,
    }
}

impl Dmwork {
    /// The members came, or not: the texts go out, in the latter case without mentions.
    pub(super) fn members_listed(&mut self, now: Time, group: &str, outcome: &CallOutcome, step: &mut Step) {
        let answer = outcome.success().and_then(|body| json::parse(body.as_bytes()).ok());
        let people = answer.as_ref().and_then(dmwork_api::members).filter(|people| people.len() <= MOST_MEMBERS);
        let until = now.after(if people.is_some() { GOOD_FOR } else { BAD_FOR });
        if people.is_none() {
            self.say_once(format!("nobody is called in group {group}: no list of its members"), step);
        }
        self.members.learn(group, people.unwrap_or_default(), until);
        for part in std::mem::take(&mut self.members.waiting) {
            if group_of(&part.place) == Some(group) {
                self.send(now, part, step);
            } else {
                self.members.waiting.push(part);
            }
        }
    }
}
