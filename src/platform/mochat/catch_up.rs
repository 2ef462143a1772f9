//! What was said while nobody listened: read from the log of each panel, and of sessions whose queue of events was too
//! short.
//!
//! The server gives a log backwards, the newest page first. So a job first goes back, page by page, until it meets what is
//! on disk, and of those in between only remembers where they end; then it goes forward through them. Messages come in
//! order, and however long a log is, two pages of it are in memory.
//!
//! What comes live meanwhile waits for what is older, but never for long. A mark moves with the messages that it covers.

mod page;

use super::Mochat;
use super::cursors::Cursors;
use super::roll::RETRY_CAP;
use crate::call::Errand;
use crate::message::{Incoming, Place};
use crate::platform::Heard;
use crate::step::Step;
use crate::time::{Millis, Time, earliest};
use crate::wire::mochat_event::Message;
use crate::wire::mochat_history;

/// Logs that are asked for at once.
const AT_ONCE: usize = 4;
/// Messages per page; the server gives no more.
const PAGE: u32 = 100;
/// Messages of the first page while a log is asked for again and again: mostly nothing is new.
const GLANCE: u32 = 20;
/// How long live messages wait for older ones of their place. A listening agent is worth more than order.
const HOLD: Millis = Millis::secs(15);
/// Live messages that wait at most; when there are more, they go on.
const MOST_HELD: usize = 500;
/// How far before the newest message that is on disk a log is read again: servers stamp messages before they show them.
pub(super) const OVERLAP: Millis = Millis::secs(30);

/// Logs to read, and the live messages that wait for them.
#[derive(Debug, Default)]
pub(super) struct CatchUp {
    jobs: Vec<Job>,
    held: Vec<(Place, Message)>,
    /// Logs that the server refused since the connection was made.
    refusals: Vec<Refusal>,
}

/// A log that the server refused.
#[derive(Debug)]
struct Refusal {
    place: Place,
    /// How often in a row.
    count: u32,
    /// When it is asked for again, if it is wanted.
    until: Time,
}

/// The log of one place.
#[derive(Debug)]
struct Job {
    place: Place,
    /// What was said up to here is on disk; `None` in a panel that is new to us.
    from: Option<Time>,
    /// In a new panel: what was said before is context, of which this many messages are wanted.
    wanted: usize,
    /// When the first live message came that waits for this log.
    first: Option<Time>,
    /// When it was wanted. The log may tell what was said since then before its event does.
    since: Time,
    way: Way,
    /// Messages that are asked for now, and per page.
    limit: u32,
    page: u32,
    /// When it is to be asked.
    due: Time,
    is_asked: bool,
    failures: u32,
    /// Until when live messages wait.
    hold: Option<Time>,
    /// The newest event's number of a session: its cursor, once the log is read.
    cursor: Option<u64>,
    /// It was wanted again while it was read.
    again: bool,
}

/// How far a log was read, from its end.
#[derive(Debug, Default)]
struct Way {
    phase: Phase,
    /// The page that is read ends before this message; the newest of all ends nowhere.
    before: Option<String>,
    /// The ends of newer pages, passed on the way back.
    passed: Vec<String>,
    /// The newest page, if it was passed: asked for again, it would begin elsewhere.
    newest: Vec<Message>,
    /// Messages of context that were passed.
    seen: usize,
}

/// Which way a log is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// Towards what is on disk.
    #[default]
    Back,
    /// From there to the end, taking the messages.
    Forward,
}

impl CatchUp {
    /// The log that is to be asked for first, with its rank in the queue.
    pub(super) fn next(&self) -> Option<(Time, &Place)> {
        let (mut first, mut asked): (Option<&Job>, usize) = (None, 0);
        for job in &self.jobs {
            if job.is_asked {
                asked = asked.saturating_add(1);
            } else if first.is_none_or(|first| job.due < first.due) {
                first = Some(job);
            }
        }
        // One that waits for the answer to another is asked for when that comes.
        first.filter(|_| asked < AT_ONCE).map(|job| (job.due, &job.place))
    }

    /// When live messages have waited long enough.
    pub(super) fn hold_until(&self) -> Option<Time> {
        let holding = self.jobs.iter().filter(|job| self.holds(&job.place));
        holding.fold(None, |first, job| earliest(first, job.hold))
    }

    /// Whether live messages of this place wait.
    fn holds(&self, place: &Place) -> bool {
        self.held.iter().any(|(held, _)| held == place)
    }

    /// Whether the log of this place is to be read: nothing later may move its marks.
    pub(super) fn is_behind(&self, place: &Place) -> bool {
        self.jobs.iter().any(|job| job.place == *place)
    }

    /// The connection ended: the next one may be shown more.
    pub(super) fn reconnected(&mut self) {
        self.refusals.clear();
    }

    /// The server refused a log: it is asked for again after `wait`, later after longer. Answers whether it is the first
    /// time.
    fn refuse(&mut self, now: Time, place: &Place, wait: Millis) -> bool {
        let known = self.refusals.iter().position(|refusal| refusal.place == *place);
        let count = known.map_or(0, |at| self.refusals.remove(at).count);
        let until = now.after(wait.doubled(count).min(RETRY_CAP.max(wait)));
        self.refusals.push(Refusal { place: place.clone(), count: count.saturating_add(1), until });
        count == 0
    }

    /// The store refused: marks stand where they stood, and every log is read again from there.
    pub(super) fn rewind(&mut self, due: Time, cursors: &Cursors) {
        for job in &mut self.jobs {
            job.from = cursors.read_to(&job.place).or(job.from);
            job.due = due;
            // The answer that is under way belongs to another page.
            job.again = job.is_asked;
            job.restart();
        }
    }

    /// A message was taken back.
    pub(super) fn forget(&mut self, id: &str) {
        self.held.retain(|(_, message)| message.id != id);
        self.jobs.iter_mut().for_each(|job| job.way.newest.retain(|message| message.id != id));
    }

    /// The number of the last event of a session that came while its log is read.
    pub(super) fn cursor(&self, session: &str) -> Option<u64> {
        let is_of = |job: &&Job| matches!(&job.place, Place::Session { session: id } if id == session);
        self.jobs.iter().find(is_of)?.cursor
    }

    /// A session's event came while its log is read.
    pub(super) fn note_cursor(&mut self, place: &Place, cursor: u64) {
        if let Some(job) = self.jobs.iter_mut().find(|job| job.place == *place) {
            job.cursor = job.cursor.max(Some(cursor));
        }
    }

    /// Takes the live form of a message, which tells more than a log does.
    pub(super) fn take_held(&mut self, place: &Place, id: &str) -> Option<Message> {
        let at = self.held.iter().position(|(held, message)| held == place && message.id == id)?;
        Some(self.held.remove(at).1)
    }
}

impl Job {
    /// From its end again.
    fn restart(&mut self) {
        self.way = Way::default();
        self.limit = self.page;
    }
}

impl Mochat {
    /// Has the log of a place read, from its mark on. `cursor`: the newest event's number of a session.
    pub(super) fn want(&mut self, now: Time, place: &Place, cursor: Option<u64>) {
        let run = &mut self.catch_up;
        if let Some(job) = run.jobs.iter_mut().find(|job| job.place == *place) {
            job.cursor = job.cursor.max(cursor);
            job.again |= job.is_asked || job.way.before.is_some();
            return;
        }
        let id = place.wire_id();
        if run.refusals.iter().any(|refusal| refusal.place == *place && now < refusal.until) {
            self.cursors.reach(place, cursor);
            return;
        }
        let from = self.cursors.read_to(place);
        let wanted = if from.is_some() || self.directory.is_made(&id) { 0 } else { self.settings.past };
        let limit = match from {
            None if !self.directory.is_made(&id) => u32::try_from(wanted).unwrap_or(PAGE).clamp(1, PAGE),
            Some(_) if self.polls.is_on => GLANCE,
            Some(_) | None => PAGE,
        };
        run.jobs.push(Job {
            place: place.clone(),
            from: from.or_else(|| self.directory.is_made(&id).then(Time::default)),
            wanted,
            // No event will tell when the first question comes.
            first: self.polls.is_on.then_some(now),
            since: now,
            way: Way::default(),
            limit,
            page: PAGE,
            due: now,
            is_asked: false,
            failures: 0,
            hold: None,
            cursor,
            again: false,
        });
    }

    /// Asks for the next page of a log.
    pub(super) fn ask_page(&mut self, place: &Place, step: &mut Step) {
        let Some(job) = self.catch_up.jobs.iter_mut().find(|job| job.place == *place) else { return };
        job.is_asked = true;
        if let Some((path, body)) = mochat_history::ask_page(place, job.way.before.as_deref(), job.limit) {
            step.call(self.call(Errand::Messages(super::polls::NO_SOCKET, place.clone()), path, body));
        }
    }

    /// Takes a live message, unless it waits for older ones of its place.
    pub(super) fn hear(&mut self, now: Time, place: &Place, message: &Message, seq: Option<u64>) -> Option<Incoming> {
        if let Place::Panel { panel } = place
            && (self.cursors.read_to(place).is_none() || self.is_ahead(panel))
            && !self.catch_up.is_behind(place)
        {
            self.want(now, place, None);
        }
        let run = &mut self.catch_up;
        let room = run.held.len() < MOST_HELD;
        let Some(job) = run.jobs.iter_mut().find(|job| job.place == *place) else {
            self.cursors.said(now, place, message.said_at());
            return self.take(place, message, seq, false);
        };
        job.first = earliest(job.first, message.said_at());
        let until = *job.hold.get_or_insert(now.after(HOLD));
        // One without an id would not be known again in the log.
        if now >= until || !room || message.id.is_empty() {
            return self.take(place, message, seq, false);
        }
        if !run.held.iter().any(|(held, other)| held == place && other.id == message.id) {
            run.held.push((place.clone(), message.clone()));
        }
        None
    }

    /// Lets through what waited long enough. The marks stay where they are: the log is still to be read.
    pub(super) fn let_through(&mut self, now: Time, messages: &mut Vec<Incoming>) {
        let run = &self.catch_up;
        let over = run.jobs.iter().filter(|job| job.hold.is_some_and(|until| now >= until));
        for place in over.map(|job| job.place.clone()).collect::<Vec<_>>() {
            self.deliver_held(&place, messages);
        }
    }

    fn deliver_held(&mut self, place: &Place, messages: &mut Vec<Incoming>) {
        while let Some(at) = self.catch_up.held.iter().position(|(held, _)| held == place) {
            let (_, message) = self.catch_up.held.remove(at);
            messages.extend(self.take(place, &message, None, false));
        }
    }

    /// A log is read, or will not be: what waited for it goes on.
    fn finish(&mut self, now: Time, job: &Job, heard: &mut Heard) {
        if let Some((_, message)) = self.catch_up.held.iter().rfind(|(held, _)| *held == job.place) {
            self.cursors.said(now, &job.place, message.said_at());
        }
        self.deliver_held(&job.place, &mut heard.messages);
        self.cursors.reach(&job.place, job.cursor);
        if job.again {
            self.want(now, &job.place, None);
        }
    }
}
