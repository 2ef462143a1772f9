//! Which sessions and panels exist, who is in them, and which of them are subscribed.

use super::Subscription;
use super::roll::Roll;
use crate::config::Listed;
use crate::message::Chat;
use crate::time::{Millis, Time};
use crate::wire::mochat_api::{self, Group, MAX_SESSIONS, Participant, Session};
use crate::wire::mochat_event::object_time;

/// Authors that are remembered, the oldest are forgotten. The server lists members mostly by id alone.
const MOST_AUTHORS: usize = 500;
/// How far the server's clock may be from ours when the age of a conversation is judged.
pub(super) const SKEW: Millis = Millis::secs(10 * 60);

/// What the server told about conversations.
#[derive(Debug, Default)]
pub(super) struct Directory {
    /// Those that are open. Some hundreds at most, so they are searched one by one.
    sessions: Vec<Session>,
    /// Ids of sessions that are over.
    closed: Vec<String>,
    /// Whether there are more sessions than an answer lists.
    pub(super) is_cut: bool,
    panels: Vec<String>,
    group: String,
    /// Everybody in the group.
    members: Vec<Participant>,
    /// Authors, as their messages told. Not every event that carries a message tells.
    authors: Vec<Participant>,
    /// When each list was read last, of panels also in an earlier life.
    sessions_at: Option<Time>,
    panels_at: Option<Time>,
    /// Whether they were since the connection was made.
    sessions_known: bool,
    panels_known: bool,
    /// Old sessions that the agent came into while it was running, and until when it was not in them.
    joined: Vec<(String, Time)>,
    /// Panels that were made since the agent first listened.
    made: Vec<String>,
    pub(super) sessions_roll: Roll,
    pub(super) panels_roll: Roll,
}

impl Directory {
    /// The agent listened before, until this moment at least: the panels of then were seen.
    pub(super) fn resume(&mut self, listened: Option<Time>) {
        self.panels_at = listened;
    }

    /// The server's list of sessions: of all, which replaces what was known unless more exist than a list holds; or of
    /// the latest. Answers with those where something happened.
    pub(super) fn learn_sessions(&mut self, now: Time, listed: Vec<Session>, is_latest: bool) -> Vec<String> {
        if !is_latest {
            self.is_cut = listed.len() >= MAX_SESSIONS;
        }
        let mut stirred = Vec::new();
        let mut known = std::mem::take(&mut self.sessions);
        for mut session in listed {
            let old = known.iter().position(|other| other.id == session.id).map(|at| known.swap_remove(at));
            self.closed.retain(|id| *id != session.id);
            if session.closed {
                self.closed.push(session.id);
                continue;
            }
            match old {
                Some(old) => {
                    if old.updated != session.updated {
                        stirred.push(session.id.clone());
                    }
                    // A list that names nobody takes nobody away of whom its detail told.
                    if session.participants.is_empty() {
                        session.participants = old.participants;
                    }
                }
                None => self.meet(&session),
            }
            self.sessions.push(session);
        }
        if is_latest || self.is_cut {
            self.sessions.append(&mut known);
        }
        self.sessions_at = Some(now);
        self.sessions_known |= !is_latest;
        stirred
    }

    /// A session that wasn't there at the last look: begun since, or an old one.
    fn meet(&mut self, session: &Session) {
        let (Some(looked), Some(created)) = (self.sessions_at, session.created_at) else { return };
        if created.after(SKEW) < looked {
            self.joined.push((session.id.clone(), looked));
        }
    }

    /// The server's description of one session.
    pub(super) fn learn_session(&mut self, told: Session) {
        for one in &told.participants {
            self.heard_of(&one.id, one.name.as_deref(), one.agent);
        }
        match self.sessions.iter_mut().find(|session| session.id == told.id) {
            Some(known) => known.participants = told.participants,
            None if told.closed || self.closed.contains(&told.id) => {}
            None => self.sessions.push(told),
        }
    }

    /// Users of whom the lists say too little, and sessions that name nobody.
    pub(super) fn strangers(&self) -> Vec<String> {
        let mut ids = Vec::new();
        for session in &self.sessions {
            match session.participants.as_slice() {
                [] => ids.push(session.id.clone()),
                known => ids.extend(known.iter().filter(|one| !self.knows(&one.id)).map(|one| one.id.clone())),
            }
        }
        ids
    }

    /// Whether a user's name and kind are known.
    pub(super) fn knows(&self, user: &str) -> bool {
        self.name_of(user).is_some() && self.known(user).any(|one| one.agent.is_some())
    }

    /// Whether a session is known of which nobody told who is in it.
    pub(super) fn is_vague(&self, session: &str) -> bool {
        self.session(session).is_some_and(|session| session.participants.is_empty())
    }

    /// The server's description of the agent's group.
    pub(super) fn learn_group(&mut self, now: Time, group: &Group) {
        let known = std::mem::take(&mut self.panels);
        for panel in group.panels.iter().filter(|panel| panel.is_chat) {
            let is_made = |looked| object_time(&panel.id).is_some_and(|made| made.after(SKEW) >= looked);
            if self.panels_at.is_some_and(is_made) && !known.contains(&panel.id) {
                self.made.push(panel.id.clone());
            }
            self.panels.push(panel.id.clone());
        }
        self.group.clone_from(&group.id);
        self.members.clone_from(&group.members);
        self.panels_at = Some(now);
        self.panels_known = true;
    }

    /// Whether both lists are known.
    pub(super) fn is_complete(&self) -> bool {
        self.sessions_known && self.panels_known
    }

    /// A connection ended, and its subscriptions with it.
    pub(super) fn forget_subscriptions(&mut self) {
        self.sessions_roll.clear();
        self.panels_roll.clear();
        self.sessions_known = false;
        self.panels_known = false;
    }

    /// The roll that a subscription is on.
    pub(super) fn roll(&mut self, subscription: &Subscription) -> &mut Roll {
        match subscription {
            Subscription::Sessions(_) => &mut self.sessions_roll,
            Subscription::Panels(_) => &mut self.panels_roll,
        }
    }

    /// Sessions to listen to: what the server lists, or what the configuration does and is not over.
    pub(super) fn wanted_sessions(&self, listed: &Listed) -> Vec<String> {
        match listed {
            Listed::All => self.sessions.iter().map(|session| session.id.clone()).collect(),
            Listed::Only(ids) => {
                let mut ids = ids.clone();
                ids.retain(|id| !self.closed.contains(id));
                ids
            }
        }
    }

    /// The same for panels.
    pub(super) fn wanted_panels(&self, listed: &Listed) -> Vec<String> {
        match listed {
            Listed::All => self.panels.clone(),
            Listed::Only(ids) => ids.clone(),
        }
    }

    /// The newest moment at which something happened, as the server writes it.
    pub(super) fn updated(&self) -> Option<&str> {
        self.sessions.iter().map(|session| session.updated.as_str()).max().filter(|moment| !moment.is_empty())
    }

    /// Until when the agent was not in a session that others had begun long before.
    pub(super) fn joined(&self, session: &str) -> Option<Time> {
        self.joined.iter().find(|(id, _)| id == session).map(|(_, looked)| *looked)
    }

    /// Whether a panel was made since the agent first listened, so that all of it is for the agent.
    pub(super) fn is_made(&self, panel: &str) -> bool {
        self.made.iter().any(|id| id == panel)
    }

    /// Whether this is no conversation behind any session that was listed, although the server tells them.
    pub(super) fn is_unheard_of(&self, converse: &str) -> bool {
        let tells = |session: &Session| session.converse.is_some();
        let is_behind = |session: &Session| session.converse.as_deref() == Some(converse);
        self.sessions.iter().any(tells) && !self.sessions.iter().any(is_behind)
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

    /// Somebody told a user's name, or whether the user is an agent. Nobody becomes a person again.
    pub(super) fn heard_of(&mut self, user: &str, name: Option<&str>, agent: Option<bool>) {
        if name.is_none() && agent.is_none() {
            return;
        }
        let known = self.authors.iter().position(|author| author.id == user);
        let known = known.or((self.authors.len() >= MOST_AUTHORS).then_some(0)).map(|at| self.authors.remove(at));
        let known = known.filter(|author| author.id == user);
        let (old_name, was_agent) = known.map(|author| (author.name, author.agent)).unwrap_or_default();
        let agent = if was_agent == Some(true) { was_agent } else { agent.or(was_agent) };
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

    /// The bot itself, where it has its owner's session and no other to tell by: whoever else is in it.
    pub(super) fn beside(&self, owner: &str) -> Option<String> {
        let session = self.session(self.direct_with(owner)?)?;
        session.participants.iter().find(|one| one.id != owner).map(|one| one.id.clone())
    }

    fn session(&self, id: &str) -> Option<&Session> {
        self.sessions.iter().find(|session| session.id == id)
    }
}
