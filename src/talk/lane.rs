//! What one place has to hand over to the host, in order.

use super::Judged;
use crate::ids::EntryId;
use crate::inbox::Entry;
use crate::json;
use crate::message::Incoming;
use crate::reason::Reason;
use crate::time::Time;
use std::collections::VecDeque;

/// Work that is kept as it is. What waits behind it is packed: a flood of fifty thousand messages, in front of a host
/// that has stopped, must fit into memory.
const KEPT: usize = 8;

/// Messages that become one turn, and the context that goes with them.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub(super) messages: Vec<Judged>,
    /// How many came before these and are left out.
    pub(super) omitted: u32,
    pub(super) context: Vec<Entry>,
    /// How often the host was offered it.
    pub(super) offers: u32,
    /// The host is not offered it before this, after an offer in vain.
    pub(super) not_before: Time,
    /// Which offer of its place was the first of it; 0 for none yet.
    pub(super) number: u64,
    /// A command passes everything that waits, also when the host let go of it.
    pub(super) is_command: bool,
}

impl Work {
    /// Whether this is to be offered before `other`, which the host has let go of. What was never offered is newer.
    fn goes_before(&self, other: &Self) -> bool {
        self.number > 0 && (!self.is_command, self.number) < (!other.is_command, other.number)
    }

    /// Takes a message out. Answers with the context that is left over without a question.
    fn recall(&mut self, id: &EntryId) -> Option<Vec<Entry>> {
        let messages = self.messages.len();
        self.messages.retain(|judged| judged.entry.message.id != *id);
        if self.messages.is_empty() {
            return Some(std::mem::take(&mut self.context));
        }
        let context = self.context.len();
        self.context.retain(|entry| entry.message.id != *id);
        (self.messages.len() < messages || self.context.len() < context).then(Vec::new)
    }
}

/// The work of one place.
#[derive(Debug, Default)]
pub(super) struct Lane {
    waiting: VecDeque<Work>,
    /// Behind `waiting`.
    packed: VecDeque<Packed>,
    /// How many turns of this place the host holds without having adopted them.
    handed: usize,
    /// How many different ones it was offered.
    numbers: u64,
}

impl Lane {
    pub(super) fn is_idle(&self) -> bool {
        !self.has_work() && self.handed == 0
    }

    pub(super) fn handed(&self) -> usize {
        self.handed
    }

    /// A turn of this place goes to the host.
    pub(super) fn give(&mut self, work: &mut Work) {
        self.handed = self.handed.saturating_add(1);
        if work.number == 0 {
            self.numbers = self.numbers.saturating_add(1);
            work.number = self.numbers;
        }
    }

    /// It came back, or is the host's own now.
    pub(super) fn returned(&mut self) {
        self.handed = self.handed.saturating_sub(1);
    }

    pub(super) fn has_work(&self) -> bool {
        !self.waiting.is_empty()
    }

    pub(super) fn push(&mut self, work: Work) {
        if self.packed.is_empty() && self.waiting.len() < KEPT {
            self.waiting.push_back(work);
        } else if let Some(packed) = Packed::of(&work) {
            self.packed.push_back(packed);
        }
    }

    /// The next work. What had to be packed follows.
    pub(super) fn pop(&mut self) -> Option<Work> {
        let work = self.waiting.pop_front();
        self.refill();
        work
    }

    /// Before when nothing may be offered: what stands behind the first must not overtake it.
    pub(super) fn not_before(&self) -> Time {
        self.waiting.front().map(|work| work.not_before).unwrap_or_default()
    }

    /// Takes back what the host has let go of, to where it was in the order.
    pub(super) fn take_back(&mut self, work: Work) {
        let at = self.waiting.iter().take_while(|other| other.goes_before(&work)).count();
        self.waiting.insert(at, work);
    }

    /// Takes a message out of what waits; work without a message is none. Answers with the context that is left over.
    pub(super) fn recall(&mut self, id: &EntryId) -> Option<Vec<Entry>> {
        if let Some(left_over) = self.waiting.iter_mut().find_map(|work| work.recall(id)) {
            self.waiting.retain(|work| !work.messages.is_empty());
            self.refill();
            return Some(left_over);
        }
        let find = |(at, packed): (usize, &Packed)| {
            let mut work = packed.unpack()?;
            work.recall(id).map(|left_over| (at, work, left_over))
        };
        let (at, work, left_over) = self.packed.iter().enumerate().find_map(find)?;
        self.packed.remove(at);
        if let Some(packed) = Packed::of(&work).filter(|_| !work.messages.is_empty()) {
            self.packed.insert(at, packed);
        }
        Some(left_over)
    }

    /// Unpacks as much as there is room for.
    fn refill(&mut self) {
        while self.waiting.len() < KEPT
            && let Some(packed) = self.packed.pop_front()
        {
            self.waiting.extend(packed.unpack());
        }
    }
}

/// Work as text: a third of its size.
#[derive(Debug)]
struct Packed {
    messages: Box<[(Box<str>, Time, Reason)]>,
    omitted: u32,
    context: Box<[(Box<str>, Time)]>,
}

impl Packed {
    /// Messages are made of strings and numbers, so writing them can't fail.
    fn of(work: &Work) -> Option<Self> {
        let text = |entry: &Entry| json::write(&entry.message).ok().map(String::into_boxed_str);
        let message = |judged: &Judged| Some((text(&judged.entry)?, judged.entry.received_at, judged.reason));
        Some(Self {
            messages: work.messages.iter().map(message).collect::<Option<_>>()?,
            omitted: work.omitted,
            context: work.context.iter().map(|entry| Some((text(entry)?, entry.received_at))).collect::<Option<_>>()?,
        })
    }

    fn unpack(&self) -> Option<Work> {
        let entry = |text: &str, received_at| Some(Entry { message: json::read::<Incoming>(text).ok()?, received_at });
        let judged = |(text, received_at, reason): &(Box<str>, Time, Reason)| {
            Some(Judged { entry: entry(text, *received_at)?, reason: *reason })
        };
        Some(Work {
            messages: self.messages.iter().map(judged).collect::<Option<_>>()?,
            omitted: self.omitted,
            context: self.context.iter().map(|(text, received_at)| entry(text, *received_at)).collect::<Option<_>>()?,
            ..Work::default()
        })
    }
}
