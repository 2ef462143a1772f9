//! Answers that appear while they are written: a first message early, edited as the text grows, and at last the whole text
//! in its place.

use super::begun::Begun;
use super::lane::{Lane, is_busy};
use super::order::{Content, Kind, Order};
use super::{MAX_PART_CHARS, Outbox};
use crate::ids::EntryId;
use crate::message::Place;
use crate::step::Note;
use crate::text::{self, Person};
use crate::time::{Millis, Time};
use std::collections::VecDeque;

/// Answers that are shown while they are written. The host runs a few turns at a time; the others come whole.
const MOST_LIVES: usize = 16;
/// A shorter answer is there in a moment anyway.
const LEAST_CHARS: usize = 200;
/// Between two edits. Each goes to everybody in the place, and nobody reads faster.
const PACE: Millis = Millis::secs(2);
/// Shows that there is more to come.
const MORE: &str = " …";
/// Behind an answer that was broken off.
const BROKEN_OFF: &str = "\n\n[broken off]";
/// How long the beginning of an answer waits for its end after a restart. The host takes an interrupted turn up within some
/// seconds, and then the agent works once more.
const RESUMPTION: Millis = Millis::secs(600);

/// The answer of a running turn, as far as it is written.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) turn: EntryId,
    pub(super) place: Place,
    /// What its message answers, and whom it calls.
    pub(super) reply_to: Option<String>,
    pub(super) asker: Option<Person>,
    /// Where in the platform it was asked for.
    pub(super) space: Option<String>,
    /// The message that shows it, once there is one.
    pub(super) message: Option<String>,
    /// As the agent wrote it, without what must not leave.
    text: String,
    /// What people see of it.
    shown: String,
    next_at: Time,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    /// The agent writes.
    Growing,
    /// It can't be shown as it grows: it comes when it is whole.
    Hidden,
    /// A process that is gone has begun it. Whoever finishes it is waited for until then.
    Orphaned { until: Time },
    /// Nobody finishes it.
    BrokenOff,
}

impl Live {
    pub(super) fn new(now: Time, turn: EntryId, place: Place) -> Self {
        let (text, shown) = (String::new(), String::new());
        let (reply_to, asker, space, message) = (None, None, None, None);
        Self { turn, place, reply_to, asker, space, message, text, shown, next_at: now, phase: Phase::Growing }
    }

    /// The same after a restart.
    fn orphan(now: Time, begun: &Begun) -> Self {
        let Begun { turn, place, message, reply_to, asker, space, text } = begun;
        Self {
            reply_to: reply_to.clone(),
            asker: asker.clone(),
            space: space.clone(),
            message: Some(message.clone()),
            text: text.clone(),
            phase: Phase::Orphaned { until: now.after(RESUMPTION) },
            ..Self::new(now, turn.clone(), place.clone())
        }
    }

    /// What the next process has to know, once there is a message.
    fn begun(&self) -> Option<Begun> {
        Some(Begun {
            turn: self.turn.clone(),
            place: self.place.clone(),
            message: self.message.clone()?,
            reply_to: self.reply_to.clone(),
            asker: self.asker.clone(),
            space: self.space.clone(),
            text: self.shown.strip_suffix(MORE).unwrap_or(&self.shown).to_owned(),
        })
    }

    /// Whether a text for its place is all of it. After a restart the host names no turn, but what it has captured of an
    /// answer begins as people saw it begin.
    pub(super) fn is_finished_by(&self, names: Option<&str>, text: &str) -> bool {
        let is_resumed = matches!(self.phase, Phase::Orphaned { .. }) && text.trim_start().starts_with(&self.text);
        names.map_or(is_resumed, |id| id == self.turn.0)
    }

    /// Whether there is enough to begin with. A call that is edited in rings nobody, so an answer that calls somebody waits
    /// until it is whole.
    pub(super) fn is_worth_showing(text: &str) -> bool {
        text.chars().nth(LEAST_CHARS).is_some() && !text::may_call(text)
    }

    pub(super) fn grow(&mut self, text: String) {
        self.text = text;
        if let Phase::Orphaned { .. } = self.phase {
            self.phase = Phase::Growing;
        }
    }

    /// What is to be shown now, if that is news.
    pub(super) fn due(&mut self, now: Time) -> Option<String> {
        if let Phase::Orphaned { until } = self.phase
            && now >= until
        {
            self.phase = Phase::BrokenOff;
        }
        match self.phase {
            Phase::Growing if now >= self.next_at => {}
            Phase::BrokenOff => return self.message.as_ref().map(|_| self.end()),
            Phase::Growing | Phase::Hidden | Phase::Orphaned { .. } => return None,
        }
        let shown = self.showable()?;
        self.next_at = now.after(PACE);
        self.shown.clone_from(&shown);
        Some(shown)
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        match self.phase {
            Phase::Growing => self.showable().map(|_| self.next_at),
            Phase::Orphaned { until } => Some(until),
            Phase::Hidden | Phase::BrokenOff => None,
        }
    }

    /// Whole words only: of a secret that is half written nobody could tell that it is one. Once the first message is full,
    /// the rest comes when it is whole.
    fn showable(&self) -> Option<String> {
        let end = self.text.trim_end().rfind(char::is_whitespace)?;
        let whole = self.text.get(..end)?.trim_end();
        if whole.chars().count() > MAX_PART_CHARS.saturating_sub(MORE.len()) {
            return None;
        }
        let shown = format!("{whole}{MORE}");
        (Live::is_worth_showing(whole) && shown != self.shown).then_some(shown)
    }

    /// What is left to see of an answer that nobody finished.
    pub(super) fn end(&self) -> String {
        let (first, room) = (text::split(&self.text, MAX_PART_CHARS.saturating_sub(BROKEN_OFF.len())), String::new());
        first.into_iter().next().unwrap_or(room) + BROKEN_OFF
    }
}

impl Outbox {
    /// An answer has grown. `new` tells of its first message what it answers, whom it calls and where.
    pub fn grow(
        &mut self,
        now: Time,
        (turn, place): (&EntryId, &Place),
        text: &str,
        own_tokens: [&str; 3],
        new: impl FnOnce() -> (Option<String>, Option<Person>, Option<String>),
    ) {
        let text = own_tokens.iter().fold(text.to_owned(), |text, token| text::redact(&text, token).0);
        let text = text::hide_paths(&text).0;
        let known = self.lives.iter_mut().find(|live| live.turn == *turn);
        if let Some(live) = known {
            live.grow(text);
        } else if Live::is_worth_showing(&text) && self.lives.len() < MOST_LIVES {
            let mut live = Live::new(now, turn.clone(), place.clone());
            (live.reply_to, live.asker, live.space) = new();
            live.grow(text);
            self.lives.push(live);
        }
    }

    /// A text that is all of an answer takes the place of what people have seen of it.
    pub(super) fn in_its_place(&mut self, place: &Place, text: &str, mut order: Order) -> Order {
        let is_all_of = |live: &Live| live.place == *place && live.is_finished_by(order.names(), text);
        if let Some(Content::Text(_)) = order.parts.front()
            && let Some(at) = self.lives.iter().position(is_all_of)
        {
            let live = self.lives.remove(at);
            self.lanes.iter_mut().for_each(|lane| lane.overtake(&live.turn));
            let is_draft = |lane: &Lane| lane.draft().as_ref() == Some(&live.turn);
            if live.message.is_some() || self.lanes.iter().any(is_draft) {
                let_ring(&mut order.parts);
            }
            order.edit = live.message;
            order.reply_to = live.reply_to.or(order.reply_to);
            order.asker = live.asker.or(order.asker);
            order.space = order.space.or(live.space);
        }
        order
    }

    /// A turn is over. An answer that was shown and not finished says so.
    pub fn finish(&mut self, turn: &EntryId) {
        for live in self.lives.iter_mut().filter(|live| live.turn == *turn) {
            live.phase = Phase::BrokenOff;
        }
    }

    /// Queues what is to be seen of answers that are being written, where nothing else is on its way.
    pub(super) fn show(&mut self, now: Time) {
        let Self { lanes, lives, begun, is_note_due, .. } = self;
        let mut orders = Vec::new();
        lives.retain_mut(|live| {
            if is_busy(lanes, &live.place) {
                return true;
            }
            let text = live.due(now);
            let known = begun.iter_mut().find(|begun| live.message.as_ref() == Some(&begun.message));
            if let (Some(text), Some(known)) = (&text, known)
                && text.len() >= known.text.len().saturating_mul(2)
            {
                known.text = text.strip_suffix(MORE).unwrap_or(text).to_owned();
                *is_note_due = true;
            }
            orders.extend(text.map(|text| {
                let (reply_to, asker, edit) = (live.reply_to.clone(), live.asker.clone(), live.message.clone());
                let (parts, space) = (VecDeque::from([Content::Text(text)]), live.space.clone());
                let kind = match live.phase {
                    Phase::BrokenOff => Kind::Notice,
                    Phase::Growing | Phase::Hidden | Phase::Orphaned { .. } => Kind::Draft { turn: live.turn.clone() },
                };
                (live.place.clone(), Order { reply_to, asker, space, edit, ..Order::new(kind, parts) })
            }));
            !matches!(live.phase, Phase::BrokenOff)
        });
        for (place, order) in orders {
            self.queue(place, order);
        }
    }

    /// What was written so far has been shown under this id, or can't be. The next text of its turn replaces it.
    pub(super) fn shown(&mut self, place: &Place, turn: &EntryId, id: Option<String>) {
        let live = self.lives.iter_mut().find(|live| live.turn == *turn);
        match (live, id) {
            (Some(live), Some(id)) => {
                live.message = Some(id);
                self.begun.extend(live.begun());
                self.is_note_due = true;
            }
            (Some(live), None) => live.phase = Phase::Hidden,
            (None, Some(id)) => {
                let lane = self.lanes.iter_mut().find(|lane| lane.place == *place);
                lane.into_iter().for_each(|lane| lane.replace(turn, &id));
            }
            (None, None) => {}
        }
    }

    /// Takes over what another process has begun.
    pub fn restore(&mut self, now: Time, notes: &[Note]) {
        self.doubts.restore(now, notes);
        self.begun = Begun::read(notes);
        self.lives = self.begun.iter().map(|begun| Live::orphan(now, begun)).collect();
    }

    /// What the store is to keep now, where that is news.
    pub fn take_notes(&mut self) -> Vec<Note> {
        let begun = std::mem::take(&mut self.is_note_due).then(|| Begun::note(&self.begun));
        begun.into_iter().chain(self.doubts.take_note()).collect()
    }

    /// Forgets the beginnings that have become whole answers, or are not going to.
    pub(super) fn forget_whole(&mut self) {
        let Self { begun, lives, lanes, is_note_due, .. } = self;
        let orders = || lanes.iter().flat_map(|lane| &lane.orders);
        begun.retain(|Begun { message, .. }| {
            let is_open = lives.iter().any(|live| live.message.as_ref() == Some(message))
                || orders().any(|order| order.replaces().as_ref() == Some(message));
            *is_note_due |= !is_open;
            is_open
        });
    }

    /// Takes a short text that nobody asked for and nobody waits for.
    pub fn say(&mut self, place: Place, text: &str) {
        self.queue(place, Order::new(Kind::Notice, VecDeque::from([Content::Text(text.to_owned())])));
    }
}

/// Cuts the part that will replace a message where it begins to call somebody: a call that is edited in rings nobody.
fn let_ring(parts: &mut VecDeque<Content>) {
    let Some(Content::Text(text)) = parts.front() else { return };
    let Some((shown, rest)) = text::before_call(text) else { return };
    let (shown, rest) = (Content::Text(shown.to_owned()), Content::Text(rest.to_owned()));
    parts.pop_front();
    parts.push_front(rest);
    parts.push_front(shown);
}
