//! The queue of events: direct messages, and what calls the bot elsewhere.

use super::super::Dmwork;
use super::answer::{Answer, answer, smaller};
use super::{EVENTS, LOOK_EVERY, MOST_BYTES, Phase, QUEUE, size};
use crate::call::{CallOutcome, Errand};
use crate::ids::Epoch;
use crate::message::Incoming;
use crate::step::{LogLevel, Step};
use crate::time::{Millis, Time};
use crate::wire::dmwork_history::{self, Event};

/// Events per answer; the server gives no more.
pub(super) const EVENTS_PAGE: u32 = 100;
/// Events that are read in one run; the next run follows at once.
const MOST_EVENTS: usize = 1_000;

impl Dmwork {
    pub(super) fn ask_events(&mut self, epoch: Epoch, step: &mut Step) {
        self.catch_up.phase = Phase::Events;
        let behind = self.catch_up.newest_event.or_else(|| self.marks.get(EVENTS)).unwrap_or(0);
        let body = dmwork_history::ask_events(behind, self.catch_up.page);
        step.call(self.post(Errand::Events(epoch), QUEUE, body));
    }

    pub(in crate::platform::dmwork) fn events_listed(
        &mut self,
        now: Time,
        epoch: Epoch,
        outcome: &CallOutcome,
        step: &mut Step,
    ) -> Vec<Incoming> {
        if self.catch_up.phase != Phase::Events {
            return Vec::new();
        }
        if self.catch_up.asks_again(outcome) {
            self.ask_events(epoch, step);
            return Vec::new();
        }
        let before = self.catch_up.newest_event.or_else(|| self.marks.get(EVENTS));
        let mut is_whole = true;
        match answer(outcome, dmwork_history::events) {
            Answer::Read(events) => {
                if self.take_events(events, step) {
                    self.ask_events(epoch, step);
                    return Vec::new();
                }
            }
            Answer::Unreadable => match smaller(self.catch_up.page) {
                Some(page) => {
                    self.catch_up.page = page;
                    self.ask_events(epoch, step);
                    return Vec::new();
                }
                None => match outcome.success().and_then(dmwork_history::event_id).filter(|id| Some(*id) > before) {
                    Some(unreadable) => {
                        self.pass_over_event(unreadable, step);
                        self.ask_events(epoch, step);
                        return Vec::new();
                    }
                    None => {
                        is_whole = false;
                        self.catch_up.cut(LOOK_EVERY);
                        self.say_once("the queue of events is not readable".to_owned(), step);
                    }
                },
            },
            // A server without a queue, or one that says 400 for a fault of its own: nobody knows what it holds.
            Answer::Refused(reason) => {
                is_whole = false;
                self.catch_up.lacks_queue = true;
                self.say_once(format!("the queue of events is refused: {reason}"), step);
            }
            // Its failures are 200 with `status` 0.
            Answer::Failed(_) => {
                is_whole = false;
                self.catch_up.cut(Millis(0));
            }
            Answer::Busy(wait) => {
                is_whole = false;
                self.catch_up.cut(wait);
            }
        }
        if !is_whole && self.marks.get(EVENTS).is_none() {
            // Half of a backlog that was passed over must not leave the other half to be answered.
            self.catch_up.newest_event = None;
        }
        self.plan(now, epoch, step)
    }

    /// Takes a page of events. Answers whether the run asks for another one.
    fn take_events(&mut self, mut events: Vec<Event>, step: &mut Step) -> bool {
        let before = self.catch_up.newest_event.or_else(|| self.marks.get(EVENTS));
        let newest = events.iter().map(|event| event.id).max().max(before).unwrap_or(0);
        let is_new = self.marks.get(EVENTS).is_none();
        if is_new && self.catch_up.ours_since.is_none() {
            return self.pass_over_backlog(&events, newest, before);
        }
        if is_new {
            events.retain(|event| event.message.as_ref().is_some_and(|kept| self.catch_up.is_ours(kept)));
        }
        self.catch_up.newest_event = Some(newest);
        self.catch_up.read.extend(events.iter().map(|event| event.id));
        let kept = events.into_iter().filter_map(|event| event.message);
        let received: Vec<_> = kept.filter_map(|kept| self.unpack(kept, step)).collect();
        self.catch_up.queued.extend(received);
        // Only an answer with nothing new is the end: pages may be shorter than asked for.
        if Some(newest) == before {
            return false;
        }
        self.catch_up.has_more = self.catch_up.read.len() >= MOST_EVENTS || size(&self.catch_up.queued) >= MOST_BYTES;
        !self.catch_up.has_more
    }

    /// What was queued before the bot's very first start was not meant for it. Taking it out would cost a call for each;
    /// behind the mark it harms nobody. But what the socket has delivered meanwhile is no backlog: it may not be on disk.
    fn pass_over_backlog(&mut self, events: &[Event], newest: u64, before: Option<u64>) -> bool {
        let is_heard = |event: &&Event| {
            event.message.as_ref().is_some_and(|kept| self.catch_up.heard_first.contains(&kept.message_id))
        };
        let heard = events.iter().filter(is_heard).map(|event| event.id).min();
        self.catch_up.newest_event = Some(heard.map_or(newest, |id| id.saturating_sub(1)));
        heard.is_none() && Some(newest) > before
    }

    /// An event that can't be read even by itself would keep all behind it from being read, for good.
    fn pass_over_event(&mut self, unreadable: u64, step: &mut Step) {
        self.catch_up.page = EVENTS_PAGE;
        self.catch_up.newest_event = Some(unreadable);
        if self.marks.get(EVENTS).is_some() {
            self.catch_up.read.push(unreadable);
        }
        self.skip("skipped an event: it can't be read".to_owned(), step);
    }

    /// Takes one event after the other out of the queue. One that stays there harms nobody, so nothing is repeated.
    pub(in crate::platform::dmwork) fn ack_next_event(&mut self, outcome: Option<&CallOutcome>, step: &mut Step) {
        if let Some(outcome) = outcome
            && let Answer::Busy(_) = answer(outcome, |_| Some(()))
        {
            step.log(LogLevel::Debug, format!("events stay in the queue: {}", outcome.describe()));
            self.catch_up.to_ack.clear();
        }
        if let Some(event) = self.catch_up.to_ack.pop() {
            let path = format!("/v1/bot/events/{event}/ack");
            step.call(self.post(Errand::EventAck, &path, "{}".to_owned()));
        }
    }
}
