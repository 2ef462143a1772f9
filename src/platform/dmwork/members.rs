//! Who is in a group: asked for when a text that goes out may call somebody, and when a turn begins whose asker has no
//! name.
//!
//! The text waits for the answer as a post under way waits for its own: its place sends nothing else meanwhile.

use super::Dmwork;
use super::background::{BAD_FOR, PATIENCE, busy_for};
use super::rules::group_of;
use crate::call::{CallOutcome, Errand};
use crate::message::Place;
use crate::outbox::Part;
use crate::step::Step;
use crate::text::Person;
use crate::time::{Millis, Time};
use crate::wire::dmwork_api;

/// How long a list is good: who joins is callable within minutes, and an answer in parts asks once.
const GOOD_FOR: Millis = Millis::secs(5 * 60);
/// Groups whose members are known; the oldest list is thrown away, and asked for again when it is needed.
const MOST_GROUPS: usize = 16;
/// Bots that are remembered beyond the lists of their groups, the oldest are forgotten. Who is one stays one, and two that
/// took each other for people would talk for ever.
const MOST_ROBOTS: usize = 1_000;
/// A longer list is not kept, and nobody is called there: a part of it would hide who shares a name.
const MOST_MEMBERS: usize = 5_000;

/// Lists of members, and texts that wait for one.
#[derive(Debug, Default)]
pub(super) struct Members {
    groups: Vec<Known>,
    /// Uids of bots.
    robots: Vec<String>,
    pub(super) waiting: Vec<Part>,
    /// Groups whose members are asked for, and since when.
    asked: Vec<(String, Time)>,
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

    /// Whether a group's members are to be asked for now; they are, then.
    pub(super) fn ask(&mut self, now: Time, group: &str) -> bool {
        let is_new = self.asked_at(group).is_none();
        if is_new {
            self.asked.push((group.to_owned(), now));
        }
        is_new
    }

    fn asked_at(&self, group: &str) -> Option<Time> {
        self.asked.iter().find(|(asked, _)| asked == group).map(|(_, at)| *at)
    }

    /// What somebody is called in a group.
    pub(super) fn name_of(&self, group: &str, uid: &str) -> Option<&str> {
        let person = self.of(group)?.iter().find(|person| person.id == uid)?;
        Some(person.name.as_str()).filter(|name| !name.is_empty())
    }

    /// Whether some group's list said that this is a bot.
    pub(super) fn is_robot(&self, uid: &str) -> bool {
        self.robots.iter().any(|robot| robot == uid)
    }

    /// Somebody joined a group or left it: its list is asked for again when it is needed.
    pub(super) fn doubt(&mut self, group: &str) {
        for known in self.groups.iter_mut().filter(|known| known.group == group) {
            known.until = Time::default();
        }
    }

    /// Nobody is known to be there any more.
    pub(super) fn lose(&mut self, now: Time, group: &str) {
        self.learn(group, Vec::new(), now.after(BAD_FOR));
    }

    /// The bot is not in this group any more.
    pub(super) fn forget(&mut self, group: &str) {
        self.groups.retain(|known| known.group != group);
    }

    fn learn(&mut self, group: &str, people: Vec<Person>, until: Time) {
        let known = self.groups.iter().position(|known| known.group == group);
        if let Some(at) = known.or((self.groups.len() >= MOST_GROUPS).then_some(0)) {
            self.groups.remove(at);
        }
        self.groups.push(Known { group: group.to_owned(), people, until });
    }

    fn learn_robots(&mut self, robots: Vec<String>) {
        let news: Vec<_> = robots.into_iter().filter(|robot| !self.is_robot(robot)).collect();
        self.robots.extend(news);
        self.robots.drain(..self.robots.len().saturating_sub(MOST_ROBOTS));
    }

    /// A list did not come: what was known before holds until it is asked for again, or nothing.
    fn go_without(&mut self, group: &str, until: Time) {
        match self.groups.iter_mut().find(|known| known.group == group) {
            Some(known) => known.until = until,
            None => self.learn(group, Vec::new(), until),
        }
    }
}

impl Dmwork {
    /// Asks for a group's members if they are unknown, or don't know who asks. Answers until when that turn waits
    /// for them, if it does.
    pub(super) fn ask_for_members(&mut self, now: Time, place: &Place, asking: &str, step: &mut Step) -> Option<Time> {
        let group = group_of(place)?.to_owned();
        if self.members.name_of(&group, asking).is_some() {
            return None;
        }
        if !self.members.is_known(now, &group)
            && let Some(path) = dmwork_api::members_path(&group)
            && self.members.ask(now, &group)
        {
            step.call(self.get(Errand::Members(group.clone()), &path));
        }
        Some(self.members.asked_at(&group)?.after(PATIENCE))
    }

    /// The members came, or not: the texts go out, in the latter case with the mentions that were possible before.
    pub(super) fn members_listed(&mut self, now: Time, group: &str, outcome: &CallOutcome, step: &mut Step) {
        let answer = dmwork_api::told(outcome);
        let bad_for = answer.as_ref().err().map_or(BAD_FOR, busy_for);
        if let Err(refusal) = &answer {
            self.refused_in(now, group, refusal);
        }
        let listed =
            answer.ok().as_ref().and_then(dmwork_api::members).filter(|(people, _)| people.len() <= MOST_MEMBERS);
        self.members.asked.retain(|(asked, _)| asked != group);
        if let Some((people, robots)) = listed {
            self.members.learn_robots(robots);
            self.members.learn(group, people, now.after(GOOD_FOR));
        } else {
            self.members.go_without(group, now.after(bad_for));
            self.say_once(format!("nobody new is called in group {group}: no list of its members"), step);
        }
        for part in std::mem::take(&mut self.members.waiting) {
            if group_of(&part.place) == Some(group) {
                self.send(now, part, step);
            } else {
                self.members.waiting.push(part);
            }
        }
    }
}
