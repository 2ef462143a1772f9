//! What people see of the bot before its answer is there: that it has read, that it types, and the answer as it grows.

use super::Dmwork;
use crate::call::{Call, CallOutcome, Errand};
use crate::ids::EntryId;
use crate::message::Place;
use crate::step::{Progress, Step};
use crate::time::{Millis, Time};
use crate::wire::dmwork_api;

pub(super) const EDIT: &str = "/v1/bot/message/edit";
pub(super) const TYPING: &str = "/v1/bot/typing";
pub(super) const RECEIPT: &str = "/v1/bot/readReceipt";

/// How long the server passes typing on. Then it is silent until the bot has said something there, or for some time.
const WINDOW: Millis = Millis::secs(90);
/// When it counts anew, from the beginning of a window.
const NEXT_WINDOW: Millis = Millis::secs(180);
/// Clients show typing for some seconds; the host asks as often as the operator likes.
const PACE: Millis = Millis::secs(4);
/// Places where the bot types at the same time; the oldest are forgotten, which costs a few calls in vain.
const MOST: usize = 64;

/// Where the bot types, since when and since when again.
#[derive(Debug, Default)]
pub(super) struct Typing(Vec<(Place, Time, Time)>);

impl Typing {
    /// Whether another call would be seen.
    fn is_due(&mut self, now: Time, place: &Place) -> bool {
        self.0.retain(|(_, since, _)| now.since(*since) < NEXT_WINDOW);
        if let Some((_, since, last)) = self.0.iter_mut().find(|(other, ..)| other == place) {
            let is_due = now.since(*since) < WINDOW && now.since(*last) >= PACE;
            if is_due {
                *last = now;
            }
            return is_due;
        }
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        self.0.push((place.clone(), now, now));
        true
    }

    /// The bot says something: a new window begins.
    pub(super) fn said(&mut self, place: &Place) {
        self.0.retain(|(other, ..)| other != place);
    }
}

impl Dmwork {
    pub(in crate::platform) fn typing(&mut self, now: Time, place: &Place) -> Option<Call> {
        let channel_type = dmwork_api::channel_type(place).filter(|_| self.has(TYPING))?;
        let is_due = self.typing.is_due(now, place);
        is_due.then(|| self.post(Errand::Typing, TYPING, dmwork_api::typing(place, channel_type)))
    }

    pub(in crate::platform) fn read(&self, place: &Place, entries: &[EntryId]) -> Option<Call> {
        let channel_type = dmwork_api::channel_type(place).filter(|_| self.has(RECEIPT))?;
        Some(self.post(Errand::Receipt, RECEIPT, dmwork_api::receipt(place, channel_type, entries)))
    }

    /// A server that can't edit gets answers in blocks.
    pub(in crate::platform) fn progress(&self) -> Progress {
        match (self.settings.live_replies, self.has(EDIT)) {
            (true, true) => Progress::Edits,
            (true, false) => Progress::Blocks,
            (false, _) => Progress::Whole,
        }
    }

    pub(in crate::platform) fn edited(&mut self, number: u32, outcome: &CallOutcome, step: &mut Step) -> CallOutcome {
        self.learn(EDIT, outcome, step);
        let outcome = dmwork_api::in_http(outcome);
        self.edits.settle(number, outcome.success().is_some());
        outcome
    }
}
