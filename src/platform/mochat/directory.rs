//! Which sessions and panels exist, who is in them, and which of them are subscribed.

use super::Subscription;
use crate::config::Listed;
use crate::message::Chat;
use crate::wire::mochat_api::{Group, Session};
use std::collections::{BTreeMap, BTreeSet};

/// What the server told about conversations.
#[derive(Debug, Default)]
pub(super) struct Directory {
    sessions: BTreeMap<String, Session>,
    panels: BTreeMap<String, String>,
    sessions_known: bool,
    panels_known: bool,
    subscribed_sessions: BTreeSet<String>,
    subscribed_panels: BTreeSet<String>,
}

impl Directory {
    /// The server's list of sessions replaces what was known.
    pub(super) fn learn_sessions(&mut self, sessions: Vec<Session>) {
        self.sessions = sessions.into_iter().filter(|session| !session.closed).map(|s| (s.id.clone(), s)).collect();
        self.sessions_known = true;
        self.subscribed_sessions.retain(|id| self.sessions.contains_key(id));
    }

    /// The server's description of the agent's group.
    pub(super) fn learn_group(&mut self, group: &Group) {
        let chats = group.panels.iter().filter(|panel| panel.is_chat);
        self.panels = chats.map(|panel| (panel.id.clone(), group.id.clone())).collect();
        self.panels_known = true;
        self.subscribed_panels.retain(|id| self.panels.contains_key(id));
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
            Listed::All => self.sessions.keys().cloned().collect(),
            Listed::Only(ids) => ids.clone(),
        };
        ids.into_iter().filter(|id| self.subscribed_sessions.insert(id.clone())).collect()
    }

    /// The same for panels.
    pub(super) fn subscribe_panels(&mut self, listed: &Listed) -> Vec<String> {
        let ids: Vec<String> = match listed {
            Listed::All => self.panels.keys().cloned().collect(),
            Listed::Only(ids) => ids.clone(),
        };
        ids.into_iter().filter(|id| self.subscribed_panels.insert(id.clone())).collect()
    }

    /// Numbers of subscribed sessions and panels.
    pub(super) fn subscribed(&self) -> (usize, usize) {
        (self.subscribed_sessions.len(), self.subscribed_panels.len())
    }

    /// Two participants make a direct conversation, more a group. A session nobody told about yet counts as a group:
    /// mistaken that way, a stranger doesn't end up in somebody's private session.
    pub(super) fn chat(&self, session: &str) -> Chat {
        match self.sessions.get(session) {
            Some(session) if session.participants.len() == 2 => Chat::Direct,
            _ => Chat::Group,
        }
    }

    /// The group of a panel.
    pub(super) fn group_of(&self, panel: &str) -> Option<&str> {
        self.panels.get(panel).map(String::as_str).filter(|group| !group.is_empty())
    }

    /// A participant's name and whether it is an agent, if a session tells.
    pub(super) fn participant(&self, session: &str, user: &str) -> (Option<String>, bool) {
        self.sessions
            .get(session)
            .and_then(|session| session.participants.iter().find(|participant| participant.id == user))
            .map_or((None, false), |participant| (participant.name.clone(), participant.agent == Some(true)))
    }

    /// The bot itself: the one that is in every session of its own list, if there is only one such. Two sessions with
    /// different people are enough to tell.
    pub(super) fn common_participant(&self) -> Option<String> {
        let mut sessions = self.sessions.values().map(|session| {
            session.participants.iter().map(|participant| participant.id.clone()).collect::<BTreeSet<String>>()
        });
        let first = sessions.next()?;
        let common = sessions.fold(first, |common, session| common.intersection(&session).cloned().collect());
        let mut common = common.into_iter();
        common.next().filter(|_| common.next().is_none())
    }
}
