//! What was said while the bot was away: read from the server's queue of events and from the log of each channel.
//!
//! A run asks for the groups, then for the queue, then for the logs of several places at once. What the socket delivers
//! meanwhile waits until its place has been read, so that a place's messages stay in order, but never for long: a
//! listening bot is worth more than order. Nothing here is acknowledged or marked as read before it is on disk.

mod answer;
mod past;
mod plan;
mod queue;
mod reading;

use super::connection::Received;
use crate::call::CallOutcome;
use crate::ids::CommitId;
use crate::message::Place;
use crate::time::{Millis, Time, earliest};
use crate::wire::dmwork_history::Kept;

/// Where what happened without us waits.
pub(super) const QUEUE: &str = "/v1/bot/events";
/// Live messages that wait at most; when there are more, all of them go on.
const MOST_HELD: usize = 1_000;
/// Text that waits in memory at most, live or read from the queue. wasm never gives memory back.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// Between two looks at the queue while connected. They empty the queue, and find what the socket failed to deliver.
const LOOK_EVERY: Millis = Millis::secs(5 * 60);
/// How long live messages wait for older ones of their place.
const HOLD: Millis = Millis::secs(15);
/// From a gap in a channel's numbers to the look at its log. The server may still be delivering what is missing.
const GAP_WAIT: Millis = Millis::secs(10);
/// Messages per answer; the server gives no more.
const MESSAGES_PAGE: u32 = 200;
/// Calls of a run that are asked again at once, because their connection broke. A network that drops connections takes all
/// that are open at a time, and a server that is gone is left alone soon.
const MOST_BROKEN: usize = 8;
/// Mark: the newest event that is on disk. Its absence tells the very first start of a bot.
pub(super) const EVENTS: &str = "events";
/// Mark: when the bot was started for the first time, in milliseconds; 0 once everything was looked at.
pub(super) const SINCE: &str = "since";
/// How much the server's clock may differ from ours.
const SKEW: Millis = Millis::secs(60);

/// A run, or the wait for the next one.
#[derive(Debug, Default)]
pub(super) struct CatchUp {
    phase: Phase,
    /// Whether this run, or the next one, reads every place; else only those that are known to lack something.
    everything: bool,
    /// Groups that the server listed in this run; nothing if it didn't.
    groups: Option<Vec<String>>,
    /// Messages out of the queue.
    queued: Vec<Received>,
    /// Ids of the events that were read in this run.
    read: Vec<u64>,
    /// Ids of the events of finished runs, not yet tied to a commit.
    finished: Vec<u64>,
    /// Tied to a commit that isn't on disk yet.
    committing: Vec<(CommitId, Vec<u64>)>,
    /// On disk, and still in the queue.
    to_ack: Vec<u64>,
    /// Whether the server refused the queue.
    pub(super) lacks_queue: bool,
    /// Whether the queue holds more than this run took.
    has_more: bool,
    newest_event: Option<u64>,
    page: u32,
    jobs: Vec<Job>,
    /// Live messages that wait for older ones, and until when.
    pub(super) held: Vec<Received>,
    hold: Option<Time>,
    /// Places with numbers missing, and the newest number that was heard there.
    gaps: Vec<(Place, u64)>,
    /// Places whose log the server refused since the connection was made.
    refused: Vec<Place>,
    /// Places whose log the server was too busy for in the run before. They come last: it may be at fault for one log
    /// only, and the others are not to wait for that.
    last: Vec<Place>,
    next_at: Option<Time>,
    /// When the next look had been due before a new place came in between.
    put_off: Option<Time>,
    /// Set when the server was too busy for a part of this run: when it asked to be left alone until.
    cut_short: Option<Millis>,
    /// Whether nothing more is asked in this run.
    gives_way: bool,
    /// Calls of this run that were asked again because their connection broke.
    broken: usize,
    failures: u32,
    /// Ids of what the socket delivered before the queue had a mark.
    heard_first: Vec<i64>,
    /// A bot that was gone before its first look at everything was over: what was said from here on was meant for it.
    ours_since: Option<Time>,
}

/// Bytes of text in these messages.
fn size(messages: &[Received]) -> usize {
    messages.iter().map(|received| received.payload.text.len()).sum()
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Idle,
    Groups,
    Events,
    Places,
}

/// The log of one place.
#[derive(Debug)]
struct Job {
    place: Place,
    /// The first number to read; `None` in a place that is new to us, where only the newest are read.
    start: Option<u64>,
    page: u32,
    is_asked: bool,
    /// The newest number that was heard behind a gap.
    heard: u64,
    /// What the queue held for this place.
    queued: Vec<Received>,
}

impl Job {
    /// Of a place that is new to us: its last messages, of which the newest number is wanted in any case.
    fn get_to_know(place: Place, past: u32) -> Self {
        let page = past.clamp(1, MESSAGES_PAGE);
        Self { place, start: None, page, is_asked: false, heard: 0, queued: Vec::new() }
    }

    /// Of a place that was read up to this number.
    fn read_on(place: Place, behind: u64) -> Self {
        let mut job = Self::get_to_know(place, 0);
        job.read_from(behind);
        job
    }

    fn read_from(&mut self, behind: u64) {
        (self.start, self.page) = (Some(behind.saturating_add(1)), MESSAGES_PAGE);
    }
}

impl CatchUp {
    /// The connection is gone. What was held is still on the server, and comes back in its order; but `is_lost` tells
    /// what would be taken for a past that was never ours. Nothing older is read of that, so it may go on.
    pub(super) fn abandon(&mut self, is_lost: impl Fn(&Received) -> bool) {
        let held = std::mem::take(&mut self.held).into_iter().filter(is_lost);
        *self = Self {
            held: held.map(|received| Received { ack: None, ..received }).collect(),
            finished: std::mem::take(&mut self.finished),
            committing: std::mem::take(&mut self.committing),
            to_ack: std::mem::take(&mut self.to_ack),
            failures: self.failures,
            heard_first: std::mem::take(&mut self.heard_first),
            ..Self::default()
        };
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        earliest(self.hold, self.next_at)
    }

    fn has_job(&self, place: &Place) -> bool {
        self.jobs.iter().any(|job| job.place == *place)
    }

    /// Gives each job what the queue held for its place. Answers with what waits for none.
    fn sort_out(&mut self) -> Vec<Received> {
        let mut rest = Vec::new();
        for received in std::mem::take(&mut self.queued) {
            match self.jobs.iter_mut().find(|job| Some(&job.place) == received.place.as_ref()) {
                Some(job) => job.queued.push(received),
                None => rest.push(received),
            }
        }
        for received in std::mem::take(&mut self.held) {
            let waits = self.has_more || received.place.as_ref().is_some_and(|place| self.has_job(place));
            if waits { self.held.push(received) } else { rest.push(received) }
        }
        rest
    }

    /// The first number that the queue or the socket brought of a place that is still to be read.
    fn first_of(&self, place: &Place) -> Option<u64> {
        let queued = self.jobs.iter().filter(|job| job.place == *place).flat_map(|job| &job.queued);
        let held = self.held.iter().filter(|held| held.place.as_ref() == Some(place));
        queued.chain(held).map(|received| received.seq).filter(|seq| *seq > 0).min()
    }

    /// The socket delivered a message before the queue had a mark.
    pub(super) fn heard_first(&mut self, message_id: i64) {
        if self.heard_first.len() < MOST_HELD {
            self.heard_first.push(message_id);
        }
    }

    /// Keeps a live message back, if older ones of its place are still to come.
    pub(super) fn hold(&mut self, received: Received) -> Option<Received> {
        let waits = match self.phase {
            Phase::Idle => false,
            Phase::Groups | Phase::Events => true,
            Phase::Places => self.has_more || received.place.as_ref().is_some_and(|place| self.has_job(place)),
        };
        // A message without a number has no place in any order.
        if self.hold.is_none() || !waits || received.seq == 0 {
            return Some(received);
        }
        self.held.push(received);
        if self.held.len() >= MOST_HELD || size(&self.held) >= MOST_BYTES {
            self.hold = Some(Time::default());
        }
        None
    }

    pub(super) fn committing(&mut self, commit: CommitId) {
        if !self.finished.is_empty() {
            self.committing.push((commit, std::mem::take(&mut self.finished)));
        }
    }

    pub(super) fn commit_failed(&mut self, commit: CommitId) {
        self.committing.retain(|(id, _)| *id != commit);
        self.finished.clear();
    }

    /// Whether there are events now to take out of the queue, and nothing was under way.
    pub(super) fn committed(&mut self, commit: CommitId) -> bool {
        let was_idle = self.to_ack.is_empty();
        if let Some(at) = self.committing.iter().position(|(id, _)| *id == commit) {
            self.to_ack.extend(self.committing.remove(at).1);
        }
        was_idle && !self.to_ack.is_empty()
    }

    /// Whether a place that was never heard of may still have older messages in the queue.
    fn may_know_more(&self) -> bool {
        self.everything && matches!(self.phase, Phase::Groups | Phase::Events)
    }

    fn miss(&mut self, now: Time, place: &Place, seq: u64) {
        match self.gaps.iter_mut().find(|(known, _)| known == place) {
            Some((_, newest)) => *newest = seq.max(*newest),
            None => self.gaps.push((place.clone(), seq)),
        }
        // A server that asked to be left alone is.
        if self.phase == Phase::Idle && self.failures == 0 && !self.refused.contains(place) {
            self.next_at = earliest(self.next_at, Some(now.after(GAP_WAIT)));
        }
    }

    /// Whether a call is worth another try at once: nobody has refused it, and what waits for it would go out of order.
    fn asks_again(&mut self, outcome: &CallOutcome) -> bool {
        let again = matches!(outcome, CallOutcome::Failed { .. }) && self.broken < MOST_BROKEN;
        self.broken = self.broken.saturating_add(usize::from(again));
        again
    }

    /// Whether a message was said after the bot began, and before it had looked at everything once.
    fn is_ours(&self, kept: &Kept) -> bool {
        self.ours_since.is_some_and(|since| Time::from_secs(kept.seconds) >= since)
    }

    fn cut(&mut self, wait: Millis) {
        self.cut_short = Some(self.cut_short.unwrap_or_default().max(wait));
    }
}
