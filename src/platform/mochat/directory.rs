//! Which sessions and panels exist, who is in them, and which of them are subscribed.

use super::Subscription;
use crate::config::Listed;
use crate::message::Chat;
use crate::wire::mochat_api::{self, Group, Participant, Session};

/// Authors that are remembered, the oldest are forgotten. The server lists members mostly by id alone.
const MOST_AUTHORS: usize = 500;

/// What the server told about conversations.
#[derive(Debug, Default)]
pub(super) struct Directory {
    /// Some hundreds at most, so they are searched one by one.
    sessions: Vec<Session>,
    panels: Vec<String>,
    group: String,
    /// Everybody in the group.
    members: Vec<Participant>,
    /// Authors, as their messages told. Not every event that carries a message tells.
    authors: Vec<Participant>,
    sessions_known: bool,
    panels_known: bool,
    subscribed_sessions: Vec<String>,
    subscribed_panels: Vec<String>,
}

impl Directory {
    /// The server's list of sessions replaces what was known.
    pub(super) fn learn_sessions(&mut self, sessions: Vec<Session>) {
        self.sessions = sessions.into_iter().filter(|session| !session.closed).collect();
        self.sessions_known = true;
        self.subscribed_sessions.retain(|id| self.sessions.iter().any(|session| session.id == *id));
    }

    /// The server's description of the agent's group.
    pub(super) fn learn_group(&mut self, group: &Group) {
        let chats = group.panels.iter().filter(|panel| panel.is_chat);
        self.panels = chats.map(|panel| panel.id.clone()).collect();
        self.group.clone_from(&group.id);
        self.members.clone_from(&group.members);
        self.panels_known = true;
        self.subscribed_panels.retain(|id| self.panels.contains(id));
    }

    /// Whether both lists are known.
    pub(super) fn is_complete(&self) -> bool {
        self.sessions_known && self.panels_known
    }

    /// Whether this server never answered anything.
    pub(super) fn is_unseen(&self) -> bool {
        !self.sessions_known && !self.panels_known
    }

    /// A connection ended, and its subscriptions with it.
    pub(super) fn forget_subscriptions(&mut self) {
        self.subscribed_sessions.clear();
        self.subscribed_panels.clear();
        self.sessions_known = false;
        self.panels_known = false;
    }

    /// A subscription was refused: the next refresh asks again.
    pub(super) fn unsubscribe(&mut self, subscription: &Subscription) {
        match subscription {
            Subscription::Sessions(ids) => self.subscribed_sessions.retain(|id| !ids.contains(id)),
            Subscription::Panels(ids) => self.subscribed_panels.retain(|id| !ids.contains(id)),
        }
    }

    /// Listed sessions that aren't subscribed yet; they count as subscribed from now on.
    pub(super) fn subscribe_sessions(&mut self, listed: &Listed) -> Vec<String> {
        let ids: Vec<String> = match listed {
            Listed::All => self.sessions.iter().map(|session| session.id.clone()).collect(),
            Listed::Only(ids) => ids.clone(),
        };
        added(ids, &mut self.subscribed_sessions)
    }

    /// The same for panels.
    pub(super) fn subscribe_panels(&mut self, listed: &Listed) -> Vec<String> {
        let ids: Vec<String> = match listed {
            Listed::All => self.panels.clone(),
            Listed::Only(ids) => ids.clone(),
        };
        added(ids, &mut self.subscribed_panels)
    }

    /// Numbers of subscribed sessions and panels.
    pub(super) fn subscribed(&self) -> (usize, usize) {
        (self.subscribed_sessions.len(), self.subscribed_panels.len())
    }

    /// Two participants make a direct conversation, more a group; `None` if nobody told who they are.
    pub(super) fn chat(&self, session: &str) -> Option<Chat> {
        match self.session(session)?.participants.len() {
            0 => None,
            2 => Some(Chat::Direct),
            _ => Some(Chat::Group),
        }
    }

    /// The group of a panel.
    pub(super) fn group_of(&self, panel: &str) -> Option<&str> {
        self.panels.iter().any(|known| known == panel).then_some(self.group.as_str()).filter(|group| !group.is_empty())
    }

    /// Everybody in a session.
    pub(super) fn participants(&self, session: &str) -> &[Participant] {
        self.session(session).map(|session| session.participants.as_slice()).unwrap_or_default()
    }

    /// Everybody who reads a panel.
    pub(super) fn members_of(&self, panel: &str) -> &[Participant] {
        if self.panels.iter().any(|known| known == panel) { &self.members } else { &[] }
    }

    /// A message told its author's name, or that the author is an agent. Nobody becomes a person again.
    pub(super) fn heard_of(&mut self, user: &str, name: Option<&str>, is_agent: bool) {
        if name.is_none() && !is_agent {
            return;
        }
        let known = self.authors.iter().position(|author| author.id == user);
        let known = known.or((self.authors.len() >= MOST_AUTHORS).then_some(0)).map(|at| self.authors.remove(at));
        let known = known.filter(|author| author.id == user);
        let (old_name, was_agent) = known.map(|author| (author.name, author.agent)).unwrap_or_default();
        let agent = if is_agent { Some(true) } else { was_agent };
        self.authors.push(Participant { id: user.to_owned(), name: name.map(str::to_owned).or(old_name), agent });
    }

    /// A user's display name: the server's word, or else what a message told.
    pub(super) fn name_of(&self, user: &str) -> Option<&str> {
        self.known(user).find_map(|one| one.name.as_deref())
    }

    /// Whether a user is an agent, as far as anybody told.
    pub(super) fn is_agent(&self, user: &str) -> bool {
        self.known(user).any(|one| one.agent == Some(true))
    }

    /// Whatever is known of a user.
    fn known(&self, user: &str) -> impl Iterator<Item = &Participant> {
        let listed = self.sessions.iter().flat_map(|session| &session.participants).chain(&self.members);
        listed.chain(&self.authors).filter(move |one| one.id == user)
    }

    /// The bot itself, as its sessions tell.
    pub(super) fn common_participant(&self) -> Option<String> {
        mochat_api::common_participant(&self.sessions)
    }

    /// The direct session with a user.
    pub(super) fn direct_with(&self, user: &str) -> Option<&String> {
        let with = |session: &&Session| session.participants.iter().any(|one| one.id == user);
        let mut direct = self.sessions.iter().filter(|session| session.participants.len() == 2);
        direct.find(with).map(|session| &session.id)
    }

    fn session(&self, id: &str) -> Option<&Session> {
        self.sessions.iter().find(|session| session.id == id)
    }
}

/// Those of `ids` that `known` didn't have; afterwards it has them.
fn added(mut ids: Vec<String>, known: &mut Vec<String>) -> Vec<String> {
    ids.retain(|id| !known.contains(id));
    known.extend_from_slice(&ids);
    ids
}
