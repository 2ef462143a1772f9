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
/// How long a failed call is not repeated, unless the server says how long.
pub(super) const BAD_FOR: Millis = Millis::secs(30);
/// How long a turn waits for the server to tell. A slow server makes nobody wait for long: what it tells later is for the
/// next turn.
pub(super) const PATIENCE: Millis = Millis::secs(5);
/// How long a group's name is good, if nothing is said there about a change, and no list of groups comes.
const GROUP_GOOD_FOR: Millis = Millis::secs(24 * 60 * 60);

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
                let members = people.first().and_then(|asking| self.ask_for_members(now, place, asking, step));
                members.max(self.ask_for_group(now, place, step))
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

    fn name_in(&self, place: &Place, uid: &str) -> Option<String> {
        let member = group_of(place).and_then(|group| self.members.name_of(group, uid)).map(str::to_owned);
        member.or_else(|| self.names.people.name(uid).map(str::to_owned))
    }

    /// What a place is called. A direct conversation is called like the other side.
    fn label(&self, place: &Place) -> Option<String> {
        let name = text::name(self.names.groups.name(group_of(place)?)?);
        let thread =
            if let Place::Thread { thread, .. } = place { format!(", thread {thread}") } else { String::new() };
        (!name.is_empty()).then(|| format!("{name}{thread}"))
    }

    /// Asks who somebody is, if that isn't known. Answers until when his turn waits for it, if it does.
    fn ask_who(&mut self, now: Time, uid: &str, step: &mut Step) -> Option<Time> {
        let path = dmwork_api::user_path(uid)?;
        if self.names.people.ask(now, uid) {
            step.call(self.get(Errand::User(uid.to_owned()), &path));
        }
        Some(self.names.people.nameless_since(uid)?.after(PATIENCE))
    }

    /// The server told who somebody is, or not.
    pub(super) fn user_told(&mut self, now: Time, uid: &str, outcome: &CallOutcome) {
        let answer = dmwork_api::told(outcome);
        let span = answer.as_ref().err().map_or(GOOD_FOR, busy_for);
        let told = match answer {
            // The server takes a part of some ids for a Space, and tells about somebody else.
            Ok(answer) => Some(dmwork_api::user(&answer).filter(|(told, _)| told == uid).map(|(_, name)| name)),
            Err(CallOutcome::Answered { status: 400..=428 | 430..=499, .. }) => {
                return self.names.people.settle(now, uid, Some(None), GOOD_FOR);
            }
            Err(_) => None,
        };
        self.names.people.settle(now, uid, told, span);
    }

    /// Asks what a group is called that the list of groups did not name, such as one that the bot has joined since. Answers
    /// until when its turn waits for that, if it does.
    fn ask_for_group(&mut self, now: Time, place: &Place, step: &mut Step) -> Option<Time> {
        let group = group_of(place)?;
        let path = dmwork_api::group_path(group)?;
        if self.names.groups.ask(now, group) {
            step.call(self.get(Errand::Group(group.to_owned()), &path));
        }
        Some(self.names.groups.nameless_since(group)?.after(PATIENCE))
    }

    /// The server told what a group is called, or that it does not tell this bot.
    pub(super) fn group_told(&mut self, now: Time, group: &str, outcome: &CallOutcome) {
        let answer = dmwork_api::told(outcome);
        let span = answer.as_ref().err().map_or(GROUP_GOOD_FOR, busy_for);
        let told = match answer {
            Ok(answer) => Some(dmwork_api::group_name(&answer)),
            Err(CallOutcome::Answered { status: 403 | 404, .. }) => return self.lose_group(now, group),
            // This server says so to who is not in it, and for faults of its own: its rules and members will tell.
            Err(CallOutcome::Answered { status: 400, .. }) => {
                if self.names.groups.name(group).is_some() {
                    self.rules.doubt(&Place::Group { group: group.to_owned() });
                    self.members.doubt(group);
                }
                return self.names.groups.lose(now, group, GOOD_FOR);
            }
            Err(_) => None,
        };
        if told.is_some() && self.names.groups.name(group).is_none() {
            // The bot may have been out in between.
            self.rules.doubt(&Place::Group { group: group.to_owned() });
        }
        self.names.groups.settle(now, group, told, span);
    }

    /// The list of groups came: those that the bot has left, and those that were disbanded, are forgotten.
    pub(super) fn groups_known(&mut self, now: Time, groups: &[(String, String)]) {
        for known in self.names.groups.ids() {
            if !groups.iter().any(|(group, _)| *group == known) {
                self.forget_group(&known);
            }
        }
        for (group, name) in groups.iter().filter(|(_, name)| !name.is_empty()) {
            self.names.groups.settle(now, group, Some(Some(name.clone())), GROUP_GOOD_FOR);
        }
    }

    fn forget_group(&mut self, group: &str) {
        self.members.forget(group);
        self.rules.forget(group);
        self.names.groups.forget(group);
    }

    /// The server refuses to tell something of a group. Where it says that this is forbidden, the bot is not in it any
    /// more, or it is disbanded.
    pub(super) fn refused_in(&mut self, now: Time, group: &str, refusal: &CallOutcome) {
        if matches!(refusal, CallOutcome::Answered { status: 403, .. }) {
            self.lose_group(now, group);
        }
    }

    /// Nothing is known of a group any more, and nothing is asked for a while.
    fn lose_group(&mut self, now: Time, group: &str) {
        self.members.lose(now, group);
        self.rules.lose(now, group);
        self.names.groups.lose(now, group, GOOD_FOR);
    }
}

/// How long a call that failed is not repeated: as long as the server asks for, but no longer than a name is good.
pub(super) fn busy_for(outcome: &CallOutcome) -> Millis {
    match outcome {
        CallOutcome::Answered { retry_after: Some(seconds), .. } => Millis::secs((*seconds).into()).min(GOOD_FOR),
        CallOutcome::Answered { .. } | CallOutcome::Failed { .. } => BAD_FOR,
    }
}
