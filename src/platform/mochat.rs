//! Mochat / Claw IM: Socket.IO in, HTTP RPC out.
//!
//! [`subscriptions`] has the server tell what happens, [`catch_up`] reads what happened before, and [`polls`] asks for it
//! over HTTP where no socket gets through. Whatever is asked over HTTP shares one [`budget`].

mod agenda;
mod answer;
mod budget;
mod catch_up;
mod cursors;
mod directory;
mod inbound;
mod listing;
mod notices;
mod outbound;
mod parser;
mod people;
mod polls;
mod probe;
mod roll;
mod subscriptions;
mod tools;

use super::Heard;
use super::own::{OwnMessages, RecentIds};
use super::said::LastSaid;
use crate::call::{Call, CallOutcome, Errand, Method};
use crate::config::MochatSettings;
use crate::ids::{CommitId, EmitId, EntryId, Epoch};
use crate::json;
use crate::link::{Link, Loss, Pulse};
use crate::message::Place;
use crate::step::{Effect, Lifecycle, LogLevel, Note, Step};
use crate::text;
use crate::time::{Millis, Time};
use crate::wire::mochat_api;
use crate::wire::mochat_event::{self, EventBatch};
use budget::Budget;
use catch_up::CatchUp;
use cursors::Cursors;
use directory::Directory;
use inbound::MOST_TAKEN_BACK;
use notices::Notices;
pub(super) use outbound::markup;
use parser::Parser;
use people::People;
use polls::Polls;
use subscriptions::Subscription;
use tools::Desk;
#[cfg(test)]
pub(super) use tools::{HOST_TOOLS, TOOLS};

/// A list of the RPC; shorter than a step of the handshake, so that a lost call shows as what it is.
const CALL_TIMEOUT: Millis = Millis::secs(9);
/// Note: the parser that worked last.
const PARSER: &str = "parser";

/// One Mochat account.
#[derive(Debug)]
pub struct Mochat {
    settings: MochatSettings,
    link: Link,
    parser: Parser,
    /// Whether the server let this attempt in.
    is_opened: bool,
    /// The bot's own user id; without it it would answer itself.
    us: Option<String>,
    /// The user id of the person that the agent belongs to.
    owner: Option<String>,
    /// Whether the server is being asked for that.
    asks_owner: bool,
    directory: Directory,
    cursors: Cursors,
    notices: Notices,
    people: People,
    /// Messages that were taken back, on their way to whoever keeps them.
    recalled: Vec<EntryId>,
    /// Ids of those, as some come after the word that takes them back.
    taken_back: RecentIds<MOST_TAKEN_BACK>,
    /// Kinds of events that are not read.
    passed_over: Vec<String>,
    own: OwnMessages,
    /// Those whose post is certain. Of others an event may tell before the post is.
    posted: OwnMessages,
    pub(super) last_said: LastSaid,
    desk: Desk,
    /// Emits that wait for their acknowledgement.
    subscriptions: Vec<(EmitId, Subscription)>,
    last_emit: EmitId,
    /// When something is to be subscribed anew: sessions with numbers missing, up to these.
    subscribe_at: Option<Time>,
    gaps: Vec<(String, u64)>,
    refresh_at: Option<Time>,
    looked_at: Time,
    budget: Budget,
    catch_up: CatchUp,
    polls: Polls,
    /// Messages whose content is not to be looked at.
    pub(super) suspects: Vec<EntryId>,
}

impl Mochat {
    /// An account that has not been started.
    #[must_use]
    pub fn new(settings: MochatSettings) -> Self {
        Self {
            parser: Parser::new(settings.json_parser_first, false),
            is_opened: false,
            us: settings.agent_user_id.clone(),
            owner: None,
            asks_owner: false,
            link: Link::new(Pulse::Theirs),
            directory: Directory::default(),
            cursors: Cursors::read(Time::default(), &[]),
            notices: Notices::default(),
            people: People::default(),
            recalled: Vec::new(),
            taken_back: RecentIds::default(),
            passed_over: Vec::new(),
            own: OwnMessages::default(),
            posted: OwnMessages::default(),
            last_said: LastSaid::default(),
            desk: Desk::new(&settings),
            subscriptions: Vec::new(),
            last_emit: EmitId::default(),
            subscribe_at: None,
            gaps: Vec::new(),
            refresh_at: None,
            looked_at: Time::default(),
            budget: Budget::default(),
            catch_up: CatchUp::default(),
            polls: Polls::default(),
            suspects: Vec::new(),
            settings,
        }
    }

    pub(super) fn start(&mut self, now: Time, notes: &[Note], entropy: &[u8], step: &mut Step) -> Heard {
        self.cursors = Cursors::read(now, notes);
        self.directory.resume(self.cursors.listened());
        if let Some(parser) = Note::find(notes, PARSER) {
            self.parser = Parser::new(parser == "json", true);
        }
        let torn = Cursors::torn(notes);
        if !torn.is_empty() {
            let places = text::excerpt(&torn.join(", "));
            step.log(LogLevel::Warn, format!("how far these were read is lost, they begin anew: {places}"));
        }
        self.link.start(now, entropy);
        step.status(Lifecycle::Starting, format!("connecting to {}", self.settings.socket_url));
        let notes = self.find_token(notes).into_iter().chain(self.cursors.birth());
        Heard { notes: notes.collect(), ..Heard::default() }
    }

    /// What is to be written: the marks go with the messages that moved them.
    fn heard(&mut self, mut heard: Heard) -> Heard {
        heard.recalled.append(&mut self.recalled);
        heard.notes.extend(self.cursors.notes());
        if !heard.is_empty() {
            heard.notes.extend(self.cursors.birth());
        }
        heard
    }

    /// Messages that were heard earlier and are mentions, as it now turns out.
    pub(super) fn take_calls(&mut self) -> Vec<(Place, EntryId)> {
        self.notices.take_calls()
    }

    pub(super) fn socket_opened(&mut self, now: Time, epoch: Epoch, _entropy: &[u8], step: &mut Step) {
        if !self.link.is_current(epoch) {
            return;
        }
        self.is_opened = true;
        self.link.extend_handshake(now);
        self.subscriptions.clear();
        self.directory.forget_subscriptions();
        match self.budget.rests_until().since(now) {
            Millis(0) => self.look_around(now, epoch, step),
            rest => self.lose(now, &Loss::Busy(rest, "the server asked for fewer requests".to_owned()), step),
        }
    }

    pub(super) fn event_received(&mut self, now: Time, epoch: Epoch, name: &str, body: &str, step: &mut Step) -> Heard {
        if !self.link.is_current(epoch) {
            return Heard::default();
        }
        if self.link.heard(now) {
            step.push(Effect::Alive);
        }
        let Ok(value) = json::parse(body.as_bytes()) else {
            step.log(LogLevel::Warn, format!("event {name} carries no JSON"));
            return Heard::default();
        };
        let batch = |kind| EventBatch::decode(&value).map(|batch| (batch, kind));
        let (mut heard, mut events) = (Heard::default(), None);
        match name {
            "claw.session.events" | "notify:session" => events = batch(Kind::Session),
            "claw.panel.events" | "notify:panel" => events = batch(Kind::Panel),
            "notify:chat.message.add" => heard.messages.extend(self.document(now, &value)),
            "notify:chat.inbox.append" => self.notice(now, &value),
            "notify:chat.message.update" | "notify:chat.message.recall" | "notify:chat.message.delete" => {
                if let Some(id) = mochat_event::recalled(&value, !name.ends_with("update")) {
                    self.take_back(&id);
                }
            }
            "notify:chat.converse.updateDMConverse"
            | "notify:group.add"
            | "notify:group.remove"
            | "notify:group.updateInfo" => self.look_soon(now),
            _ => self.pass_over(name, step),
        }
        if let Some((batch, kind)) = events {
            self.pass_over_unread(&batch, step);
            heard.messages = self.batch(now, &batch, kind, Source::Live);
        }
        self.heard(heard)
    }

    pub(super) fn socket_heard(&mut self, now: Time, epoch: Epoch, step: &mut Step) {
        if self.link.is_current(epoch) && self.link.heard(now) {
            step.push(Effect::Alive);
        }
    }

    pub(super) fn socket_closed(&mut self, now: Time, epoch: Epoch, reason: &str, step: &mut Step) {
        if self.link.is_current(epoch) {
            let loss = if is_token_refusal(reason) {
                Loss::Rejected(reason.to_owned())
            } else {
                Loss::Fault(reason.to_owned())
            };
            self.lose(now, &loss, step);
        }
    }

    pub(super) fn committing(&mut self, commit: CommitId) {
        self.cursors.committing(commit);
        self.desk.renewal.committing(commit);
    }

    pub(super) fn committed(&mut self, commit: CommitId) {
        self.cursors.committed(commit);
        self.desk.renewal.committed(commit);
    }

    pub(super) fn commit_failed(&mut self, now: Time, _commit: CommitId, error: &str, step: &mut Step) {
        self.cursors.rewind();
        self.desk.renewal.refused(now);
        self.catch_up.rewind(self.polls.rest(now), &self.cursors);
        if self.link.current().is_some() {
            self.lose(now, &Loss::Fault(format!("the store refused a message: {error}")), step);
        }
    }

    pub(super) fn call_settled(&mut self, now: Time, errand: &Errand, outcome: &CallOutcome, step: &mut Step) -> Heard {
        let heard = match errand {
            Errand::Messages(_, place) => self.page_listed(now, place, outcome, step),
            Errand::Watch(session) => self.watched(now, session, outcome, step),
            Errand::People => {
                self.people_told(now, outcome, step);
                Heard::default()
            }
            Errand::Sessions(_) | Errand::Latest(_) | Errand::Directory(_) | Errand::Owner(_) => {
                self.listed(now, errand, outcome, step)
            }
            Errand::Register(_)
            | Errand::Groups(_)
            | Errand::Group(_)
            | Errand::Events(_)
            | Errand::Members(_)
            | Errand::User(_)
            | Errand::Rules(_)
            | Errand::Ticket(_)
            | Errand::Edit(_)
            | Errand::Receipt
            | Errand::EventAck
            | Errand::Heartbeat
            | Errand::Typing
            | Errand::Send(_)
            | Errand::Look(_)
            | Errand::Setup
            | Errand::Tool(_)
            | Errand::Probe(_) => Heard::default(),
        };
        self.heard(heard)
    }

    pub(super) fn tokens(&self) -> [&str; 3] {
        [self.settings.token.expose(), "", ""]
    }

    pub(super) fn place(&self, target: &str) -> Option<Place> {
        let target = target.trim();
        let target = target.strip_prefix("mochat:").unwrap_or(target);
        match Place::parse(target) {
            Some(place @ (Place::Session { .. } | Place::Panel { .. })) => Some(place),
            // Adapters write panels as `group:` and `channel:` too.
            Some(Place::Group { group }) => Some(Place::from_mochat_id(&group)),
            Some(Place::Direct { .. } | Place::Thread { .. }) => None,
            None => Some(target).filter(|id| is_id(id)).map(Place::from_mochat_id),
        }
    }

    /// Closes what is open and waits. A connection that never got through may speak the wrong parser: the next attempt
    /// tries the other, because neither side can tell. HTTP takes over where attempts go on failing.
    fn lose(&mut self, now: Time, loss: &Loss, step: &mut Step) {
        let was_up = self.link.up().is_some();
        if let Some(epoch) = self.link.current() {
            step.push(Effect::CloseSocket { epoch });
        }
        if !was_up && !self.is_opened && is_parser_mismatch(loss) {
            self.parser.doubt();
        }
        self.directory.forget_subscriptions();
        self.subscriptions.clear();
        self.gaps.clear();
        let wait = self.link.lost(now, loss);
        match loss {
            Loss::Kicked(_) | Loss::Rejected(_) | Loss::Unusable(_) => self.polls.pause(),
            // That is no fault of the socket's, and HTTP would be refused as well.
            Loss::Busy(..) => {}
            Loss::Fault(_) | Loss::Silence | Loss::HandshakeTimeout => {
                if !was_up && self.polls.miss() {
                    self.refresh_at = Some(now);
                }
            }
        }
        if self.polls.is_working {
            step.log(LogLevel::Debug, format!("still no WebSocket; next try in {} ms", wait.0));
        } else {
            super::report_loss(loss, wait, self.link.tells(now, loss), step);
        }
    }

    fn call(&self, errand: Errand, path: &str, body: String) -> Call {
        Call {
            errand,
            method: Method::Post,
            url: self.settings.api.join(path),
            auth: ("X-Claw-Token", self.settings.token.clone()),
            space: None,
            body: Some(body),
            timeout: CALL_TIMEOUT,
        }
    }
}

/// Which list a conversation is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Session,
    Panel,
}

/// Where events come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// The socket, as they happen.
    Live,
    /// The server's queue, as the first answer after the server may have been away: all that it has behind our cursor,
    /// which may be one of an earlier life.
    Replay,
    /// The same of a server that answered since.
    Queue,
}

/// The data of an answer, or what went wrong.
fn read(outcome: &CallOutcome) -> Result<serde_json::Value, String> {
    match outcome.success() {
        Some(body) => mochat_api::data(body),
        None => Err(outcome.describe()),
    }
}

/// The middleware's words for a token it doesn't know. Any other refusal may be a hiccup.
fn is_token_refusal(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    // A proxy's page in place of JSON is no word of the middleware.
    (reason.contains("token") && !reason.contains("unexpected token")) || reason.contains("unauthorized")
}

/// With the wrong parser the server closes a connection that had opened, or says nothing; a server that is away refuses
/// it before.
fn is_parser_mismatch(loss: &Loss) -> bool {
    match loss {
        Loss::HandshakeTimeout => true,
        Loss::Fault(reason) => ["transport close", "parse error", "no answer"].iter().any(|end| reason.contains(end)),
        Loss::Busy(..) | Loss::Silence | Loss::Kicked(_) | Loss::Rejected(_) | Loss::Unusable(_) => false,
    }
}

fn is_id(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
