//! HTTP in place of the socket: for everything while no WebSocket gets through, and for what the server won't let the
//! socket listen to.
//!
//! A few sessions at a time, the owner's first, are watched by long polls; the others, and panels, are asked from time to
//! time. Whatever is due goes out in the order of its time, as the budget allows; so with many conversations all of them
//! are asked more rarely, and none is forgotten.

use super::answer::{Answer, backoff};
use super::{Kind, Mochat, Source};
use crate::call::{Call, CallOutcome, Errand};
use crate::ids::Epoch;
use crate::message::{Chat, Place};
use crate::platform::Heard;
use crate::step::{Effect, Lifecycle, LogLevel, Step};
use crate::time::{Millis, Time, earliest};
use crate::wire::mochat_event::EventBatch;
use crate::wire::mochat_history;

/// Attempts without a connection after which HTTP takes over: one may be bad luck, or the wrong parser.
const PATIENCE: u32 = 2;
/// Stands for the connection in the calls of this mode. A socket's epoch begins at one.
pub(super) const NO_SOCKET: Epoch = Epoch(0);
/// Long polls at once. Quiet ones cost 2.4 requests a minute each.
const LONG_POLLS: usize = 8;
/// How long the server may wait for an event; it waits no longer by default.
const LONG: Millis = Millis::secs(25);
/// What the network may add.
const SLACK: Millis = Millis::secs(9);
/// An empty answer that came sooner was not waited for: then we wait, or we would ask as fast as the server answers.
const WAITED: Millis = Millis::secs(5);
/// Between two questions about a session whose server doesn't wait, or that is not among the first.
const PAUSE: Millis = Millis::secs(10);
/// After an answer with events: more may have come meanwhile.
const BREATH: Millis = Millis::secs(1);
/// The owner's session comes first, whatever else is due.
const OWNER: Millis = Millis(u64::MAX);
/// Other direct messages come a minute before their time.
const DIRECT: Millis = Millis::secs(60);
/// From the first to the last.
const PRIVILEGES: [Millis; 3] = [OWNER, DIRECT, Millis(0)];
/// Events per answer; the server's queue holds no more.
const EVENTS: u32 = 200;

/// What is polled.
#[derive(Debug, Default)]
pub(super) struct Polls {
    /// Failed attempts since the socket last worked.
    misses: u32,
    /// Whether HTTP stands in for the socket.
    pub(super) is_on: bool,
    /// Whether it works, and so how the account is.
    pub(super) is_working: bool,
    pub(super) failures: u32,
    targets: Vec<Target>,
}

#[derive(Debug)]
struct Target {
    place: Place,
    /// How much earlier than its time it stands in the queue.
    privilege: Millis,
    is_long: bool,
    due: Time,
    asked: Option<Time>,
    failures: u32,
    /// Whether the last question was answered.
    is_sure: bool,
}

impl Polls {
    /// An attempt ended without a connection; answers whether it is time for HTTP.
    pub(super) fn miss(&mut self) -> bool {
        self.misses = self.misses.saturating_add(1);
        let begins = self.misses >= PATIENCE && !self.is_on;
        self.is_on |= begins;
        begins
    }

    /// The socket works.
    pub(super) fn stop(&mut self) {
        *self = Self::default();
    }

    /// Nothing works for a while; then HTTP takes over again at the first attempt that fails.
    pub(super) fn pause(&mut self) {
        *self = Self { misses: self.misses, ..Self::default() };
    }

    /// Something happened there.
    pub(super) fn stir(&mut self, sessions: &[String]) {
        for target in &mut self.targets {
            if let Place::Session { session } = &target.place
                && sessions.contains(session)
            {
                target.due = Time::default();
            }
        }
    }

    /// The store refuses: what was told is asked for again in a while. Answers when; the socket has a pause of its own.
    pub(super) fn rest(&mut self, now: Time) -> Time {
        let due = if self.is_on { now.after(PAUSE) } else { now };
        for target in &mut self.targets {
            target.due = target.due.max(due);
        }
        due
    }

    /// The target that is to be asked first, with its rank in the queue.
    pub(super) fn next(&self, now: Time) -> Option<(Time, &Place)> {
        let mut first: Option<(Time, &Place)> = None;
        for target in &self.targets {
            let is_due = target.asked.is_none() && target.due <= now;
            if is_due && first.is_none_or(|(rank, _)| target.rank() < rank) {
                first = Some((target.rank(), &target.place));
            }
        }
        first
    }

    /// When a target is due.
    pub(super) fn deadline(&self) -> Option<Time> {
        let waiting = self.targets.iter().filter(|target| target.asked.is_none());
        waiting.fold(None, |first, target| earliest(first, Some(target.due)))
    }

    /// Goes on with a target as it is, or with a new one.
    fn keep(&mut self, old: &mut Vec<Target>, now: Time, place: Place, privilege: Millis) {
        let is_long = self.targets.len() < LONG_POLLS;
        let known = old.iter().position(|target| target.place == place).map(|at| old.swap_remove(at));
        let new = || Target { place, privilege, is_long, due: now, asked: None, failures: 0, is_sure: false };
        self.targets.push(known.map_or_else(new, |known| Target { privilege, is_long, ..known }));
    }

    fn find(&mut self, place: &Place) -> Option<&mut Target> {
        self.targets.iter_mut().find(|target| target.place == *place)
    }
}

impl Target {
    fn rank(&self) -> Time {
        Time(self.due.0.saturating_sub(self.privilege.0))
    }
}

impl Mochat {
    /// Decides what is polled, after each look at what there is and each refusal.
    pub(super) fn plan_polls(&mut self, now: Time) {
        let directory = &self.directory;
        let (sessions, panels) = if self.polls.is_on {
            (directory.wanted_sessions(&self.settings.sessions), directory.wanted_panels(&self.settings.panels))
        } else {
            (directory.sessions_roll.refused(), directory.panels_roll.refused())
        };
        let mut old = std::mem::take(&mut self.polls.targets);
        for privilege in PRIVILEGES {
            for session in &sessions {
                if self.privilege(session) == privilege {
                    self.polls.keep(&mut old, now, Place::Session { session: session.clone() }, privilege);
                }
            }
        }
        for panel in panels {
            self.polls.keep(&mut old, now, Place::Panel { panel }, Millis(0));
        }
    }

    /// How much earlier than its time a session is asked.
    fn privilege(&self, session: &str) -> Millis {
        let is_owner = |id: &str| self.owner.as_deref() == Some(id);
        match self.directory.chat(session) {
            Some(Chat::Direct) if self.directory.participants(session).iter().any(|one| is_owner(&one.id)) => OWNER,
            Some(Chat::Direct) => DIRECT,
            Some(Chat::Group) | None => Millis(0),
        }
    }

    /// Asks about a target: a session for its events, a panel for the end of its log.
    pub(super) fn poll(&mut self, now: Time, place: &Place, step: &mut Step) {
        let refresh = self.settings.refresh;
        let Some(target) = self.polls.find(place) else { return };
        match place {
            Place::Session { session } => {
                target.asked = Some(now);
                let wait = if target.is_long { LONG } else { Millis(0) };
                let (path, body) = mochat_history::watch(session, self.position(session), wait, EVENTS);
                let call = self.call(Errand::Watch(session.clone()), path, body);
                step.call(Call { timeout: Millis(wait.0.saturating_add(SLACK.0)), ..call });
            }
            Place::Panel { .. } | Place::Direct { .. } | Place::Group { .. } | Place::Thread { .. } => {
                target.due = now.after(refresh);
                self.want(now, place, None);
            }
        }
    }

    /// A session's queue was asked.
    pub(super) fn watched(&mut self, now: Time, session: &str, outcome: &CallOutcome, step: &mut Step) -> Heard {
        let place = Place::Session { session: session.to_owned() };
        let answer = self.answer(now, outcome, step);
        let batch = match &answer {
            Answer::Read(data) => EventBatch::decode(data),
            Answer::Busy(_) | Answer::Refused(..) => None,
        };
        let (refresh, is_empty) = (self.settings.refresh, batch.as_ref().is_none_or(|batch| batch.events.is_empty()));
        let mut source = Source::Replay;
        if let Some(target) = self.polls.find(&place) {
            if std::mem::replace(&mut target.is_sure, matches!(answer, Answer::Read(_))) {
                source = Source::Queue;
            }
            let asked = target.asked.take().unwrap_or(now);
            let waited = target.is_long && now.since(asked) >= WAITED;
            let failures = std::mem::take(&mut target.failures);
            target.due = now.after(match &answer {
                Answer::Read(_) if !is_empty => BREATH,
                Answer::Read(_) if waited => Millis(0),
                Answer::Read(_) => PAUSE,
                Answer::Busy(wait) => {
                    target.failures = failures.saturating_add(1);
                    backoff(failures).max(*wait)
                }
                Answer::Refused(..) => refresh,
            });
        }
        match answer {
            Answer::Read(_) => {
                step.push(Effect::Alive);
                match batch.filter(|batch| batch.target == session) {
                    Some(batch) => {
                        let messages = self.batch(now, &batch, Kind::Session, source);
                        Heard { messages, ..Heard::default() }
                    }
                    None => Heard::default(),
                }
            }
            // Its log may be open to us where its queue is not.
            Answer::Refused(..) => {
                self.want(now, &place, None);
                Heard::default()
            }
            Answer::Busy(_) => Heard::default(),
        }
    }

    /// The lists were read by HTTP alone: this is what there is to poll.
    pub(super) fn poll_on(&mut self, now: Time, step: &mut Step) {
        if !self.directory.is_complete() || !self.knows_itself(now, step) {
            return;
        }
        self.polls.failures = 0;
        self.link.accepted();
        self.plan_polls(now);
        if !std::mem::replace(&mut self.polls.is_working, true) {
            let places = self.polls.targets.len();
            let detail = format!("no WebSocket gets through: asking for news of {places} conversations by HTTP");
            step.log(LogLevel::Warn, detail.clone());
            step.status(Lifecycle::Ready, detail);
        }
        step.push(Effect::Alive);
    }

    /// The lists can't be read either.
    pub(super) fn poll_failed(&mut self, now: Time, error: &str, step: &mut Step) {
        self.refresh_at = Some(now.after(backoff(self.polls.failures)));
        self.polls.failures = self.polls.failures.saturating_add(1);
        if std::mem::take(&mut self.polls.is_working) {
            let detail = format!("disconnected, and HTTP fails as well: {error}");
            step.log(LogLevel::Warn, detail.clone());
            step.status(Lifecycle::Recovering, detail);
        }
    }
}
