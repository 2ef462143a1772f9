//! What the agent is told of a place: the names of people, the place's own name, and its rules.

use super::Dmwork;
use super::rules::group_of;
use crate::call::{CallOutcome, Errand};
use crate::config::GroupRules;
use crate::message::Place;
use crate::step::{About, Step};
use crate::talk::Background;
use crate::text;
use crate::time::{Millis, Time, earliest};
use crate::wire::dmwork_api;

/// How long a name is good. Nobody is surprised by an old one for an hour.
const GOOD_FOR: Millis = Millis::secs(60 * 60);
/// How long a turn waits for the server to tell. A slow server makes nobody wait for long: what it tells later is for the
/// next turn.
pub(super) const PATIENCE: Millis = Millis::secs(5);
/// How long a failed call is not repeated.
const BAD_FOR: Millis = Millis::secs(30);
/// People whose names are known from direct messages, the oldest are forgotten.
const MOST_PEOPLE: usize = 500;
/// Groups whose names are known. A bot in more shows ids for the rest.
const MOST_GROUPS: usize = 2_000;

/// Who is who, beside the lists of members.
#[derive(Debug, Default)]
pub(super) struct Names {
    people: Vec<Named>,
    groups: Vec<(String, String)>,
}

#[derive(Debug)]
struct Named {
    uid: String,
    /// Nothing if the server knows none, or was not asked in vain yet.
    name: Option<String>,
    /// Since when he is asked for.
    asked_at: Option<Time>,
    ask_at: Time,
}

impl Names {
    fn of(&mut self, uid: &str) -> Option<&mut Named> {
        self.people.iter_mut().find(|person| person.uid == uid)
    }

    /// Whether the server is to be asked about this person now.
    fn ask(&mut self, now: Time, uid: &str) -> bool {
        if self.of(uid).is_none() {
            if self.people.len() >= MOST_PEOPLE {
                self.people.remove(0);
            }
            self.people.push(Named { uid: uid.to_owned(), name: None, asked_at: None, ask_at: Time::default() });
        }
        let Some(person) = self.of(uid) else { return false };
        let is_due = person.asked_at.is_none() && person.ask_at <= now;
        if is_due {
            person.asked_at = Some(now);
        }
        is_due
    }

    fn group(&self, group: &str) -> Option<&str> {
        self.groups.iter().find(|(known, _)| known == group).map(|(_, name)| name.as_str())
    }
}

impl Dmwork {
    /// What the agent is to know of a place, as far as the server has told.
    pub(in crate::platform) fn background(
        &mut self,
        now: Time,
        place: &Place,
        people: &[&str],
        step: &mut Step,
    ) -> Background {
        let mode = self.settings.places.of(place, |place| place.group_rules).unwrap_or(self.settings.group_rules);
        let rules = if mode == GroupRules::Off { None } else { self.ask_for_rules(now, place, step) };
        let names = match place {
            Place::Direct { user } => self.ask_who(now, user, step),
            Place::Group { .. } | Place::Thread { .. } | Place::Session { .. } | Place::Panel { .. } => {
                people.first().and_then(|asking| self.ask_for_members(now, place, asking, step))
            }
        };
        let awaited = rules.max(names).filter(|until| now < *until);
        self.background_at = earliest(self.background_at, awaited);
        let operators = self.settings.places.of(place, |place| place.prompt.clone());
        let (instructions, rules) = match mode {
            GroupRules::Off => (operators, None),
            GroupRules::Context => (operators, self.rules_of(place)),
            GroupRules::Prompt => {
                let both: Vec<String> = operators.into_iter().chain(self.rules_of(place)).collect();
                ((!both.is_empty()).then(|| both.join("\n\n")), None)
            }
        };
        let names = people.iter().filter_map(|id| Some(((*id).to_owned(), self.name_in(place, id)?))).collect();
        let about = About { label: self.label(place), instructions, rules };
        Background { names, about, is_awaited: awaited.is_some() }
    }

    fn name_in(&mut self, place: &Place, uid: &str) -> Option<String> {
        let member = group_of(place).and_then(|group| self.members.name_of(group, uid)).map(str::to_owned);
        member.or_else(|| self.names.of(uid)?.name.clone())
    }

    /// What a place is called. A direct conversation is called like the other side.
    fn label(&self, place: &Place) -> Option<String> {
        let name = text::name(self.names.group(group_of(place)?)?);
        let thread =
            if let Place::Thread { thread, .. } = place { format!(", thread {thread}") } else { String::new() };
        (!name.is_empty()).then(|| format!("{name}{thread}"))
    }

    /// Asks who somebody is, if that isn't known. Answers until when his turn waits for it, if it does.
    fn ask_who(&mut self, now: Time, uid: &str, step: &mut Step) -> Option<Time> {
        let path = dmwork_api::user_path(uid)?;
        if self.names.ask(now, uid) {
            step.call(self.get(Errand::User(uid.to_owned()), &path));
        }
        let person = self.names.of(uid).filter(|person| person.name.is_none())?;
        Some(person.asked_at?.after(PATIENCE))
    }

    /// The server told who somebody is, or not.
    pub(super) fn user_told(&mut self, now: Time, uid: &str, outcome: &CallOutcome) {
        let Some(person) = self.names.of(uid) else { return };
        person.asked_at = None;
        let answer = dmwork_api::told(outcome);
        let is_answer = matches!(&answer, Ok(_) | Err(CallOutcome::Answered { status: 400..=428 | 430..=499, .. }));
        person.ask_at = now.after(if is_answer { GOOD_FOR } else { BAD_FOR });
        // The server takes a part of some ids for a Space, and tells about somebody else.
        let told = answer.ok().as_ref().and_then(dmwork_api::user).filter(|(told, _)| told == uid);
        if let Some((_, name)) = told {
            person.name = Some(name);
        }
    }

    /// The list of groups came: those that the bot has left, and those that were disbanded, are forgotten.
    pub(super) fn groups_known(&mut self, groups: &[(String, String)]) {
        let gone = self.names.groups.iter().filter(|(known, _)| !groups.iter().any(|(group, _)| group == known));
        for (group, _) in gone.cloned().collect::<Vec<_>>() {
            self.forget_group(&group);
        }
        self.names.groups = groups.iter().filter(|(_, name)| !name.is_empty()).take(MOST_GROUPS).cloned().collect();
    }

    pub(super) fn forget_group(&mut self, group: &str) {
        self.members.forget(group);
        self.rules.forget(group);
        self.names.groups.retain(|(known, _)| known != group);
    }
}
