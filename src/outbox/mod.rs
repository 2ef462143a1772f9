//! From the host's reply to the platform: cleaned, split, sent in order, retried by class, looked for in doubt.

mod begun;
mod doubt;
mod lane;
mod live;
mod order;
mod part;
mod taken;

pub use part::{Earlier, Outgoing, Part, Task};
pub use taken::Sighting;

use crate::call::CallOutcome;
use crate::ids::RequestId;
use crate::message::Place;
use crate::step::{Effect, LogLevel, Step};
use crate::text;
use crate::time::Time;
use begun::Begun;
use doubt::Doubts;
use lane::{Lane, State, is_busy};
use live::Live;
use order::{Content, Kind, Order};
use std::collections::VecDeque;

/// Characters per message. Neither server names or checks a length; other adapters for them cut at 3,500 and 3,900
/// characters, and nobody reports that a message was too long or too short.
const MAX_PART_CHARS: usize = 4_000;

/// A part that the platform took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// Where.
    pub place: Place,
    /// Whether its words are the host's, and may be an answer: neither what is written so far, nor that it stops.
    pub is_answer: bool,
    /// The turn that it is a part of the reply to, or the message that it quotes.
    pub names: Option<String>,
    /// Whether its text begins with it.
    pub begins: bool,
}

/// Texts to send, in order for each place. At most one part per place is on its way.
#[derive(Debug, Default)]
pub struct Outbox {
    /// Places with something to send; few at any moment.
    lanes: Vec<Lane>,
    /// Answers that are being written, one per running turn at most.
    lives: Vec<Live>,
    /// Those that people have seen the beginning of, until all of it is there.
    begun: Vec<Begun>,
    /// The store does not know them as they are.
    is_note_due: bool,
    /// Posts of which nobody would know after a death of the process.
    doubts: Doubts,
    last_number: u32,
    /// Secrets that were cut out since the start.
    redacted: usize,
}

impl Outbox {
    /// Takes a text for a place. The bot's own tokens are cut out of it wherever they stand, before the text is split: no
    /// border hides a part of one.
    pub fn ask(&mut self, outgoing: Outgoing<'_>, own_tokens: [&str; 3], step: &mut Step) {
        let Outgoing { request, place, text, files, uploads, reply_to, asker, space, is_reply, is_answer, turn, late } =
            outgoing;
        let text = self.clean(text, &place, own_tokens, step);
        let mut texts: VecDeque<String> = text::split(&text, MAX_PART_CHARS).into();
        for file in files {
            add_file(self.clean(&file, &place, own_tokens, step), &mut texts);
        }
        let texts = texts.into_iter().map(Content::Text);
        let parts: VecDeque<Content> = texts.chain(uploads.into_iter().map(Content::File)).collect();
        if parts.is_empty() {
            return settle(request, Vec::new(), Some("the text is empty".to_owned()), step);
        }
        // The host names nothing that it sends again.
        let may_be_there = late.is_some() || (!is_reply && turn.is_none());
        let kind = Kind::Text { request, is_reply, is_answer, turn };
        let order = Order { reply_to, asker, space, late, ..Order::new(kind, parts) };
        let mut order = self.in_its_place(&place, &text, order);
        if may_be_there && order.edit.is_none() {
            self.doubts.recall(&place, &mut order);
        }
        self.queue(place, order);
    }

    fn queue(&mut self, place: Place, order: Order) {
        match self.lanes.iter_mut().find(|lane| lane.place == place) {
            Some(lane) => lane.orders.push_back(order),
            None => self.lanes.push(Lane { place, orders: VecDeque::from([order]), state: State::Free }),
        }
    }

    /// `text` without what must not leave this machine. The log has a code and a count, never what was found.
    fn clean(&mut self, text: &str, place: &Place, own_tokens: [&str; 3], step: &mut Step) -> String {
        let (text, redacted) = text::redact_all(text, own_tokens);
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

    /// What is to be done now.
    pub fn due(&mut self, now: Time) -> Vec<Task> {
        let Self { doubts, lanes, .. } = self;
        doubts.forget(now, |place| is_busy(lanes, place));
        self.lanes.iter_mut().for_each(|lane| lane.wake(now));
        self.lanes.retain(|lane| !lane.is_over());
        self.show(now);
        let mut due = Vec::new();
        for lane in &mut self.lanes {
            let number = self.last_number.wrapping_add(1);
            if let Some(task) = lane.due(now, number) {
                self.last_number = number;
                due.push(task);
            }
        }
        due
    }

    /// Places with a text of the host's to send.
    pub fn waited_for(&self) -> impl Iterator<Item = &Place> {
        self.lanes.iter().filter(|lane| lane.is_waited_for()).map(|lane| &lane.place)
    }

    /// When [`Outbox::due`] has something after a pause.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        // An answer that grows in a place with something on its way is looked at when that has left.
        let is_free = |live: &&Live| !is_busy(&self.lanes, &live.place);
        let lives = self.lives.iter().filter(is_free).filter_map(Live::deadline);
        let doubts = self.doubts.deadline(|place| is_busy(&self.lanes, place));
        self.lanes.iter().filter_map(Lane::deadline).chain(lives).chain(doubts).min()
    }

    /// A part can't be sent at all. Of a file in an answer people see at least the name, and why it isn't there.
    pub fn refuse(&mut self, number: u32, reason: &str, step: &mut Step) {
        self.told(State::Busy(number), None, |lane| {
            lane.refused(reason, step);
            false
        });
    }

    /// A part's call ended. `message_id` is what the platform's dialect found in the answer. Answers with the part if it was
    /// delivered.
    pub fn settled(
        &mut self,
        now: Time,
        number: u32,
        outcome: &CallOutcome,
        message_id: Option<String>,
        step: &mut Step,
    ) -> Option<Delivered> {
        let id = message_id.clone();
        self.told(State::Busy(number), message_id, |lane| lane.settled(now, outcome, id, step))
    }

    /// The part that is looked for under this number.
    #[must_use]
    pub fn looking_for(&self, number: u32) -> Option<Part> {
        self.lanes.iter().find_map(|lane| lane.looking_for(number))
    }

    /// A part was looked for. Answers with it if it had been delivered.
    pub fn looked(&mut self, now: Time, number: u32, sighting: Sighting, step: &mut Step) -> Option<Delivered> {
        let id = if let Sighting::Posted(id) = &sighting { Some(id.clone()) } else { None };
        self.told(State::Looking(number), id, |lane| lane.looked(now, sighting, step))
    }

    /// The lane in this state hears what became of its part in front, which may stand there as this message. Answers with
    /// the part if it was delivered.
    fn told(&mut self, state: State, id: Option<String>, hear: impl FnOnce(&mut Lane) -> bool) -> Option<Delivered> {
        let lane = self.lanes.iter_mut().find(|lane| lane.state == state)?;
        let (place, draft, order) = (lane.place.clone(), lane.draft(), lane.orders.front());
        let is_answer = order.is_some_and(Order::is_answer);
        let names = order.and_then(Order::names).map(str::to_owned);
        let begins = order.is_some_and(|order| order.sent.is_empty());
        let delivered = hear(lane);
        if let Some(id) = id.as_ref().filter(|_| delivered) {
            self.doubts.posted(&place, id);
        }
        let next = lane.draft();
        if let Some(turn) = draft.filter(|turn| next.as_ref() != Some(turn)) {
            self.shown(&place, &turn, id);
        }
        self.lanes.retain(|lane| !lane.is_over());
        self.forget_whole();
        delivered.then_some(Delivered { place, is_answer, names, begins })
    }
}

/// Puts a file's markup below the last words if there is room, else into a message of its own: markup never breaks.
fn add_file(file: String, parts: &mut VecDeque<String>) {
    let length = |text: &str| text.chars().count();
    match parts.back_mut() {
        Some(last) if length(last).saturating_add(length(&file)) < MAX_PART_CHARS => {
            last.push('\n');
            last.push_str(&file);
        }
        Some(_) | None => parts.push_back(file),
    }
}

/// Tells the host what became of a text, with what was sent of it.
pub fn settle(request: RequestId, message_ids: Vec<String>, error: Option<String>, step: &mut Step) {
    step.push(Effect::SettleSend { request, message_ids, error });
}

#[cfg(test)]
mod tests {
    use super::order::MAX_TRIES;
    use super::*;

    fn ann() -> Place {
        Place::Direct { user: "ann".into() }
    }

    fn outgoing(request: u32, text: &str) -> Outgoing<'_> {
        Outgoing::new(RequestId(request), ann(), text, None)
    }

    /// The one part that is to be posted now.
    fn posted(outbox: &mut Outbox, now: Time) -> Part {
        match outbox.due(now).as_slice() {
            [Task::Post(part)] => part.clone(),
            other => panic!("{other:?}"),
        }
    }

    fn asked(text: &str) -> (Outbox, Step) {
        let (mut outbox, mut step) = (Outbox::default(), Step::default());
        outbox.ask(outgoing(1, text), ["bf_own", "", ""], &mut step);
        (outbox, step)
    }

    fn answer(status: u16, retry_after: Option<u32>) -> CallOutcome {
        CallOutcome::Answered { status, retry_after, body: String::new() }
    }

    #[test]
    fn parts_of_one_text_go_one_after_the_other() {
        let (mut outbox, mut step) = asked(&"word ".repeat(1_000));
        let first = posted(&mut outbox, Time(0));
        assert!(outbox.due(Time(0)).is_empty());
        outbox.settled(Time(0), first.number, &answer(200, None), Some("1".into()), &mut step);
        let second = posted(&mut outbox, Time(0));
        outbox.settled(Time(0), second.number, &answer(200, None), Some("2".into()), &mut step);
        assert_eq!(
            step.effects,
            [Effect::SettleSend { request: RequestId(1), message_ids: vec!["1".into(), "2".into()], error: None }]
        );
    }

    #[test]
    fn a_rate_limit_is_waited_out_as_the_server_asks() {
        let (mut outbox, mut step) = asked("hello");
        let part = posted(&mut outbox, Time(0));
        outbox.settled(Time(0), part.number, &answer(429, Some(2)), None, &mut step);
        assert!(outbox.due(Time(1_999)).is_empty());
        assert_eq!(outbox.deadline(), Some(Time(2_000)));
        assert_eq!(outbox.due(Time(2_000)).len(), 1);
        assert!(step.effects.is_empty());
    }

    #[test]
    fn a_limit_that_asks_for_short_waits_is_waited_out_for_as_long() {
        let (mut outbox, mut step) = asked("hello");
        let mut now = Time(0);
        while now < Time(119_000) {
            let part = posted(&mut outbox, now);
            outbox.settled(now, part.number, &answer(429, Some(1)), None, &mut step);
            now = outbox.deadline().unwrap();
        }
        assert!(step.effects.is_empty());
        let part = posted(&mut outbox, now);
        outbox.settled(now, part.number, &answer(200, None), Some("1".into()), &mut step);
        assert!(matches!(&step.effects[..], [Effect::SettleSend { error: None, .. }]));
    }

    /// A part whose call ended so that nobody knows, and the look for it.
    fn in_doubt(outcome: &CallOutcome) -> (Outbox, Step, Time, u32) {
        let (mut outbox, mut step) = asked("hello");
        let part = posted(&mut outbox, Time(0));
        outbox.settled(Time(0), part.number, outcome, None, &mut step);
        let now = outbox.deadline().unwrap();
        let Some(Task::Look(look)) = outbox.due(now).pop() else { panic!() };
        assert_eq!(outbox.looking_for(look.number), Some(look.clone()));
        (outbox, step, now, look.number)
    }

    #[test]
    fn an_uncertain_send_is_looked_for_before_it_is_repeated() {
        for outcome in [answer(502, None), CallOutcome::Failed { unsent: false, cause: "timeout".into() }] {
            let (mut outbox, mut step, now, look) = in_doubt(&outcome);
            let part = Delivered { place: ann(), is_answer: true, names: None, begins: true };
            assert_eq!(outbox.looked(now, look, Sighting::Posted("7".into()), &mut step), Some(part));
            assert!(outbox.due(Time(1_000_000)).is_empty());
            let settled = Effect::SettleSend { request: RequestId(1), message_ids: vec!["7".into()], error: None };
            assert_eq!(step.effects, [settled]);

            let (mut outbox, mut step, now, look) = in_doubt(&outcome);
            assert_eq!(outbox.looked(now, look, Sighting::Missing, &mut step), None);
            assert_eq!(posted(&mut outbox, Time(1_000_000)).text, "hello");
        }
    }

    #[test]
    fn what_cannot_be_looked_for_is_not_repeated() {
        let (mut outbox, mut step, now, look) = in_doubt(&answer(502, None));
        outbox.looked(now, look, Sighting::Unread, &mut step);
        let now = outbox.deadline().unwrap();
        let Some(Task::Look(part)) = outbox.due(now).pop() else { panic!() };
        outbox.looked(now, part.number, Sighting::Impossible, &mut step);
        assert!(outbox.due(Time(1_000_000)).is_empty());
        assert!(matches!(&step.effects[..], [Effect::SettleSend { error: Some(error), .. }] if error.contains("may")));
    }

    #[test]
    fn a_server_that_fails_at_a_text_is_not_asked_all_night() {
        let (mut outbox, mut step, mut now, mut look) = in_doubt(&answer(500, None));
        for _ in 1..3 {
            outbox.looked(now, look, Sighting::Missing, &mut step);
            now = outbox.deadline().unwrap();
            let part = posted(&mut outbox, now);
            outbox.settled(now, part.number, &answer(500, None), None, &mut step);
            now = outbox.deadline().unwrap();
            let Some(Task::Look(part)) = outbox.due(now).pop() else { panic!() };
            look = part.number;
        }
        assert_eq!(outbox.looked(now, look, Sighting::Missing, &mut step), None);
        assert!(
            matches!(&step.effects[..], [Effect::SettleSend { error: Some(error), .. }] if error.contains("not sent"))
        );
        assert_eq!(outbox.deadline(), None);
    }

    #[test]
    fn a_files_markup_never_breaks() {
        let mut parts = VecDeque::from(["words".to_owned()]);
        add_file("[img]a[/img]".to_owned(), &mut parts);
        add_file("x".repeat(3_990), &mut parts);
        assert_eq!((parts.len(), parts[0].as_str()), (2, "words\n[img]a[/img]"));
    }

    #[test]
    fn a_refusal_is_said_once_and_the_next_text_goes_out() {
        let (mut outbox, mut step) = asked("first");
        outbox.ask(outgoing(2, "second"), [""; 3], &mut step);
        let part = posted(&mut outbox, Time(0));
        outbox.settled(Time(0), part.number, &answer(400, None), None, &mut step);
        assert_eq!(step.effects.len(), 1);
        assert_eq!(posted(&mut outbox, Time(0)).text, "second");
    }

    #[test]
    fn a_server_that_cannot_be_reached_is_tried_until_patience_ends() {
        let (mut outbox, mut step) = asked("hello");
        let mut now = Time(0);
        for _ in 0..MAX_TRIES {
            let part = posted(&mut outbox, now);
            let refused = CallOutcome::Failed { unsent: true, cause: "ECONNREFUSED".into() };
            outbox.settled(now, part.number, &refused, None, &mut step);
            now = outbox.deadline().unwrap_or(now);
        }
        assert!(matches!(&step.effects[..], [Effect::SettleSend { error: Some(_), .. }]));
    }
}
