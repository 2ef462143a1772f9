//! What the server's lists say, as a model or the host's directory reads it: lines of text, cheaper for both than JSON.

use super::{Mochat, Pending};
use crate::text;
use crate::tools::{Job, line};
use crate::wire::mochat_api::{self, Participant, Session};
use serde_json::Value;

/// Names that are asked for at once.
const MOST_NAMES: usize = 100;

impl Pending {
    /// Takes a server's answer: whatever lists are in it.
    pub(super) fn learn(&mut self, answer: Value) {
        self.sessions.extend(mochat_api::sessions(&answer));
        self.sessions.extend(mochat_api::session(&answer));
        self.people.extend(mochat_api::users(&answer));
        let group = mochat_api::read_group(&answer);
        if !group.id.is_empty() {
            self.group = group;
        }
        self.answers = self.answers.saturating_add(1);
        self.raw = answer;
    }

    /// Everybody in the lists.
    fn everybody(&self) -> Vec<&Participant> {
        let mut people: Vec<&Participant> = Vec::new();
        for session in &self.sessions {
            people.extend(&session.participants);
        }
        people.extend(&self.group.members);
        people
    }
}

impl Mochat {
    /// The answer to a tool call whose HTTP calls have all ended. Of what a server tells only names, ids and kinds are
    /// shown: no token, and nobody's e-mail address.
    pub(super) fn shown(&self, pending: &Pending) -> String {
        let asked = &pending.asked;
        let mut lines = String::new();
        match (asked.tool, asked.action.name) {
            _ if asked.action.job == Job::Read => return self.said(pending),
            ("mochat_panels", _) => {
                for panel in &pending.group.panels {
                    line(&mut lines, &[panel.kind, " panel ", &panel.id, ": ", &text::name(&panel.name)]);
                }
            }
            ("mochat_group", "invite") => {
                let code = pending.raw.get("code").and_then(Value::as_str).unwrap_or_default();
                return self.settings.api.join(&["/invite/", code].concat());
            }
            ("mochat_account", "owner") => return self.owner_and_session(pending),
            ("directory", wanted) => self.entries(wanted, pending, &mut lines),
            (tool, _) => {
                for session in &pending.sessions {
                    line(
                        &mut lines,
                        &[
                            &session.id,
                            if session.closed { ", closed, with " } else { " with " },
                            &self.names(session, true, pending),
                        ],
                    );
                }
                if tool == "mochat_group" {
                    line(&mut lines, &["group ", &pending.group.id]);
                }
                let people = if tool == "mochat_account" { &pending.people } else { &pending.group.members };
                for one in people {
                    line(&mut lines, &[&self.person(one, pending)]);
                }
            }
        }
        if lines.is_empty() { "done, there is nothing to show".to_owned() } else { lines }
    }

    /// Whom the agent belongs to, and where to ask them.
    fn owner_and_session(&self, pending: &Pending) -> String {
        let Some(owner) = mochat_api::read_owner(&pending.raw) else { return "nobody has bound this agent".to_owned() };
        let name = pending.raw.pointer("/owner/nickname").and_then(Value::as_str).map(text::name).unwrap_or_default();
        let session = self.directory.direct_with(&owner).map_or("none yet", String::as_str);
        format!("{name} ({owner}); session to ask them in: {session}")
    }

    /// Entries for the host's directory: kind, id in the target grammar, name; tabs between.
    fn entries(&self, wanted: &str, pending: &Pending, lines: &mut String) {
        let query = pending.asked.text("query").unwrap_or_default().to_ascii_lowercase();
        let mut add = |kind: &str, id: &str, name: &str| {
            if [id, name].iter().any(|text| text.to_ascii_lowercase().contains(&query)) {
                line(lines, &[kind, "\t", id, "\t", name]);
            }
        };
        if wanted == "self" {
            if let Some(us) = self.ourselves(pending) {
                add("user", &us, &self.name(&us, pending));
            }
            return;
        }
        if wanted == "members" {
            let place = pending.asked.text("target").unwrap_or_default();
            let session = pending.sessions.iter().find(|session| session.id == place);
            for one in session.map_or(&pending.group.members, |session| &session.participants) {
                add("user", &one.id, &self.name(&one.id, pending));
            }
            return;
        }
        let kind = if wanted == "peers" { "user" } else { "group" };
        for session in &pending.sessions {
            if !session.closed && (session.participants.len() == 2) == (wanted == "peers") {
                add(kind, &["session:", &session.id].concat(), &self.names(session, false, pending));
            }
        }
        if wanted == "groups" {
            for panel in &pending.group.panels {
                if panel.is_chat {
                    add(kind, &["panel:", &panel.id].concat(), &text::name(&panel.name));
                }
            }
        }
    }

    /// Everybody in a session but us, also with their ids.
    fn names(&self, session: &Session, with_ids: bool, pending: &Pending) -> String {
        let us = self.ourselves(pending);
        let mut names = String::new();
        for one in &session.participants {
            if us.as_deref() == Some(&one.id) {
                continue;
            }
            if !names.is_empty() {
                names.push_str(", ");
            }
            let name = if with_ids { self.person(one, pending) } else { self.name(&one.id, pending) };
            names.push_str(&name);
        }
        names
    }

    /// Our own id: known, or the one participant of every listed session.
    fn ourselves(&self, pending: &Pending) -> Option<String> {
        self.us.clone().or_else(|| mochat_api::common_participant(&pending.sessions))
    }

    /// A user's name, as any list or message told it, or the id.
    fn name(&self, id: &str, pending: &Pending) -> String {
        let named = self.known_name(id, pending).map(text::name).filter(|name| !name.is_empty());
        named.unwrap_or_else(|| id.to_owned())
    }

    fn person(&self, one: &Participant, pending: &Pending) -> String {
        let is_agent = one.agent == Some(true) || self.directory.is_agent(&one.id);
        let kind = if is_agent { ", agent" } else { "" };
        [&self.name(&one.id, pending), " (", &one.id, kind, ")"].concat()
    }

    fn known_name<'a>(&'a self, id: &str, pending: &'a Pending) -> Option<&'a str> {
        for people in [&pending.people, &pending.group.members] {
            if let Some(name) = named(id, people) {
                return Some(name);
            }
        }
        for session in &pending.sessions {
            if let Some(name) = named(id, &session.participants) {
                return Some(name);
            }
        }
        self.directory.name_of(id)
    }

    /// Ids in the lists that have no name yet, if there are any.
    pub(super) fn unnamed(&self, pending: &Pending) -> Option<Vec<Value>> {
        let mut ids: Vec<Value> = Vec::new();
        for one in pending.everybody() {
            let is_new = !ids.iter().any(|id| id.as_str() == Some(&one.id));
            if ids.len() < MOST_NAMES && is_new && self.known_name(&one.id, pending).is_none() {
                ids.push(one.id.as_str().into());
            }
        }
        (!ids.is_empty()).then_some(ids)
    }
}

fn named<'a>(id: &str, people: &'a [Participant]) -> Option<&'a str> {
    people.iter().find(|one| one.id == id && one.name.is_some())?.name.as_deref()
}
