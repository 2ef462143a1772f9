//! From the host's reply to the platform: cleaned, split, sent in order, retried by class.

mod taken;

use crate::call::CallOutcome;
use crate::ids::RequestId;
use crate::message::Place;
use crate::step::{Effect, LogLevel, Step};
use crate::text;
use crate::time::Time;
use std::collections::VecDeque;
use taken::{Taken, backoff, judge};

/// Characters per message. Neither server names or checks a length; other adapters for them cut at 3,500 and 3,900
/// characters, and nobody reports that a message was too long or too short.
const MAX_PART_CHARS: usize = 4_000;
/// Tries for one part when the server certainly didn't take it: about two minutes with the waits below.
const MAX_TRIES: u32 = 8;
/// A piece of text on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its number; comes back with the outcome.
    pub number: u32,
    /// Where it goes.
    pub place: Place,
    /// What it says.
    pub text: String,
    /// The message it answers; only a reply's first part has one.
    pub reply_to: Option<String>,
}

/// Texts to send, in order for each place. At most one part per place is on its way.
#[derive(Debug, Default)]
pub struct Outbox {
    /// Places with something to send; few at any moment.
    lanes: Vec<Lane>,
    last_number: u32,
    /// Secrets that were cut out since the start.
    redacted: usize,
}

#[derive(Debug)]
struct Lane {
    place: Place,
    orders: VecDeque<Order>,
    state: State,
}

#[derive(Debug)]
struct Order {
    /// Who waits to hear how it went; nobody, if the text is the bot's own.
    request: Option<RequestId>,
    parts: VecDeque<String>,
    reply_to: Option<String>,
    sent: Vec<String>,
    tries: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Free,
    /// The part with this number is on its way.
    Busy(u32),
    Waiting {
        until: Time,
    },
}

impl Outbox {
    /// Takes a text for a place. The bot's own tokens are cut out of it wherever they stand, before the text is split: no
    /// border hides a part of one.
    pub fn ask(
        &mut self,
        request: RequestId,
        place: Place,
        text: &str,
        reply_to: Option<String>,
        own_tokens: [&str; 2],
        step: &mut Step,
    ) {
        let text = self.clean(text, &place, own_tokens, step);
        let parts: VecDeque<String> = text::split(&text, MAX_PART_CHARS).into();
        if parts.is_empty() {
            settle(request, Vec::new(), Some("the text is empty".to_owned()), step);
            return;
        }
        self.queue(place, Order { request: Some(request), parts, reply_to, sent: Vec::new(), tries: 0 });
    }

    /// Takes a short text that nobody asked for and nobody waits for.
    pub fn say(&mut self, place: Place, text: &str) {
        let parts = VecDeque::from([text.to_owned()]);
        self.queue(place, Order { request: None, parts, reply_to: None, sent: Vec::new(), tries: 0 });
    }

    fn queue(&mut self, place: Place, order: Order) {
        match self.lanes.iter_mut().find(|lane| lane.place == place) {
            Some(lane) => lane.orders.push_back(order),
            None => self.lanes.push(Lane { place, orders: VecDeque::from([order]), state: State::Free }),
        }
    }

    /// `text` without what must not leave this machine. The log has a code and a count, never what was found.
    fn clean(&mut self, text: &str, place: &Place, [one, other]: [&str; 2], step: &mut Step) -> String {
        let (text, found) = text::redact(text, one);
        let (text, more) = text::redact(&text, other);
        let redacted = found.saturating_add(more);
        if redacted > 0 {
            self.redacted = self.redacted.saturating_add(redacted);
            let total = self.redacted;
            step.log(
                LogLevel::Warn,
                format!("secret-redacted: {redacted} in a message to {place}, {total} since start"),
            );
        }
        let (text, hidden) = text::hide_paths(&text);
        if hidden > 0 {
            step.log(LogLevel::Info, format!("path-hidden: {hidden} in a message to {place}"));
        }
        text
    }

    /// Parts to send now.
    pub fn due(&mut self, now: Time) -> Vec<Part> {
        let mut due = Vec::new();
        for lane in &mut self.lanes {
            let ready = match lane.state {
                State::Free => true,
                State::Waiting { until } => now >= until,
                State::Busy(_) => false,
            };
            let Some(order) = lane.orders.front_mut().filter(|_| ready) else { continue };
            let Some(text) = order.parts.front().cloned() else { continue };
            order.tries = order.tries.saturating_add(1);
            self.last_number = self.last_number.wrapping_add(1);
            lane.state = State::Busy(self.last_number);
            let reply_to = order.reply_to.clone().filter(|_| order.sent.is_empty());
            due.push(Part { number: self.last_number, place: lane.place.clone(), text, reply_to });
        }
        due
    }

    /// When [`Outbox::due`] has something after a pause.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        self.lanes
            .iter()
            .filter_map(|lane| match lane.state {
                State::Waiting { until } => Some(until),
                State::Free | State::Busy(_) => None,
            })
            .min()
    }

    /// A part can't be sent at all.
    pub fn refuse(&mut self, number: u32, reason: &str, step: &mut Step) {
        if let Some(lane) = self.lanes.iter_mut().find(|lane| lane.state == State::Busy(number)) {
            lane.state = State::Free;
            lane.close(Some(reason.to_owned()), step);
        }
        self.lanes.retain(|lane| !lane.orders.is_empty());
    }

    /// A part's call ended. `message_id` is what the platform's dialect found in the answer. Answers with the place if
    /// the part was delivered.
    pub fn settled(
        &mut self,
        now: Time,
        number: u32,
        outcome: &CallOutcome,
        message_id: Option<String>,
        step: &mut Step,
    ) -> Option<Place> {
        let lane = self.lanes.iter_mut().find(|lane| lane.state == State::Busy(number))?;
        lane.state = State::Free;
        let mut delivered = None;
        if let Some(order) = lane.orders.front_mut() {
            match (judge(outcome, message_id.is_some()), message_id) {
                (Taken::Yes, Some(id)) => {
                    delivered = Some(lane.place.clone());
                    order.sent.push(id);
                    order.parts.pop_front();
                    order.tries = 0;
                    if order.parts.is_empty() {
                        lane.close(None, step);
                    }
                }
                (Taken::NotYet { after }, _) if order.tries < MAX_TRIES => {
                    let wait = after.unwrap_or_else(|| backoff(order.tries));
                    lane.state = State::Waiting { until: now.after(wait) };
                }
                (Taken::Yes | Taken::NotYet { .. } | Taken::No, _) => {
                    lane.close(Some(format!("{}: {}", lane.place, outcome.describe())), step);
                }
                (Taken::Unsure, _) => {
                    let error = format!("{}: may have been sent or not: {}", lane.place, outcome.describe());
                    lane.close(Some(error), step);
                }
            }
        }
        self.lanes.retain(|lane| !lane.orders.is_empty());
        delivered
    }
}

impl Lane {
    /// Ends the first order, with what was sent of it.
    fn close(&mut self, error: Option<String>, step: &mut Step) {
        if let Some(Order { request: Some(request), sent, .. }) = self.orders.pop_front() {
            settle(request, sent, error, step);
        }
    }
}

fn settle(request: RequestId, message_ids: Vec<String>, error: Option<String>, step: &mut Step) {
    step.push(Effect::SettleSend { request, message_ids, error });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ann() -> Place {
        Place::Direct { user: "ann".into() }
    }

    fn asked(text: &str) -> (Outbox, Step) {
        let (mut outbox, mut step) = (Outbox::default(), Step::default());
        outbox.ask(RequestId(1), ann(), text, None, ["bf_own", ""], &mut step);
        (outbox, step)
    }

    fn answer(status: u16, retry_after: Option<u32>) -> CallOutcome {
        CallOutcome::Answered { status, retry_after, body: String::new() }
    }

    #[test]
    fn parts_of_one_text_go_one_after_the_other() {
        let (mut outbox, mut step) = asked(&"word ".repeat(1_000));
        let first = outbox.due(Time(0));
        assert_eq!(first.len(), 1);
        assert!(outbox.due(Time(0)).is_empty());
        outbox.settled(Time(0), first[0].number, &answer(200, None), Some("1".into()), &mut step);
        let second = outbox.due(Time(0));
        outbox.settled(Time(0), second[0].number, &answer(200, None), Some("2".into()), &mut step);
        assert_eq!(
            step.effects,
            [Effect::SettleSend { request: RequestId(1), message_ids: vec!["1".into(), "2".into()], error: None }]
        );
    }

    #[test]
    fn a_rate_limit_is_waited_out_as_the_server_asks() {
        let (mut outbox, mut step) = asked("hello");
        let part = outbox.due(Time(0)).remove(0);
        outbox.settled(Time(0), part.number, &answer(429, Some(2)), None, &mut step);
        assert!(outbox.due(Time(1_999)).is_empty());
        assert_eq!(outbox.deadline(), Some(Time(2_000)));
        assert_eq!(outbox.due(Time(2_000)).len(), 1);
        assert!(step.effects.is_empty());
    }

    #[test]
    fn an_uncertain_send_is_not_repeated() {
        for outcome in [answer(500, None), CallOutcome::Failed { unsent: false, cause: "timeout".into() }] {
            let (mut outbox, mut step) = asked("hello");
            let part = outbox.due(Time(0)).remove(0);
            outbox.settled(Time(0), part.number, &outcome, None, &mut step);
            assert!(outbox.due(Time(1_000_000)).is_empty());
            assert!(
                matches!(&step.effects[..], [Effect::SettleSend { error: Some(error), .. }] if error.contains("may"))
            );
        }
    }

    #[test]
    fn a_refusal_is_said_once_and_the_next_text_goes_out() {
        let (mut outbox, mut step) = asked("first");
        outbox.ask(RequestId(2), ann(), "second", None, ["", ""], &mut step);
        let part = outbox.due(Time(0)).remove(0);
        outbox.settled(Time(0), part.number, &answer(400, None), None, &mut step);
        assert_eq!(step.effects.len(), 1);
        assert_eq!(outbox.due(Time(0))[0].text, "second");
    }

    #[test]
    fn a_server_that_cannot_be_reached_is_tried_until_patience_ends() {
        let (mut outbox, mut step) = asked("hello");
        let mut now = Time(0);
        for _ in 0..MAX_TRIES {
            let part = outbox.due(now).remove(0);
            let refused = CallOutcome::Failed { unsent: true, cause: "ECONNREFUSED".into() };
            outbox.settled(now, part.number, &refused, None, &mut step);
            now = outbox.deadline().unwrap_or(now);
        }
        assert!(matches!(&step.effects[..], [Effect::SettleSend { error: Some(_), .. }]));
    }
}
