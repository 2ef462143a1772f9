//! Turns that are offered to the host and not yet adopted by it. They stay ours, and are offered again when let go.

use crate::ids::EntryId;
use crate::reason::Reason;
use crate::step::TurnRequest;
use crate::time::{Millis, Time};

/// A turn is offered this often, over about two minutes, before it counts as failed.
const MAX_OFFERS: u32 = 8;
/// Pause after the first failed offer; doubled each time.
const OFFER_AGAIN: Millis = Millis::secs(1);

/// How long a place counts as closing a reply, if the host doesn't say when it has. It needs a tenth of a second.
const CLOSING: Millis = Millis::secs(2);

/// A queued turn is adopted after its dispatch came back, so its end is never told; the oldest are forgotten.
const MOST_RUNNING: usize = 64;

/// A turn and the remembered messages that went with it.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) request: TurnRequest,
    pub(super) messages: Vec<(EntryId, Reason)>,
    pub(super) context: Vec<EntryId>,
    offers: u32,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The host works on it.
    Offered,
    /// The host queued it behind a running turn.
    Deferred,
    /// The host let it go, or isn't ready for it.
    Waiting { until: Time },
}

impl Turn {
    /// A turn that has not been offered yet.
    pub(super) fn new(request: TurnRequest, messages: Vec<(EntryId, Reason)>, context: Vec<EntryId>) -> Self {
        Self { request, messages, context, offers: 0, state: State::Waiting { until: Time::default() } }
    }
}

/// A turn that is the host's: its id, its place, and when a part of its reply was last delivered.
#[derive(Debug)]
struct Running {
    id: EntryId,
    to: String,
    replied_at: Option<Time>,
}

#[derive(Debug, Default)]
pub(super) struct Turns {
    /// Few at any moment, in the order in which they were put together.
    open: Vec<Turn>,
    /// Adopted turns whose dispatch hasn't come back.
    running: Vec<Running>,
}

impl Turns {
    /// Keeps a turn that the host holds already.
    pub(super) fn hold(&mut self, mut turn: Turn) {
        turn.state = State::Offered;
        turn.offers = 1;
        self.open.push(turn);
    }

    /// Keeps a turn for [`Turns::due`] to offer: at once, unless its place is just closing a reply. In that moment the
    /// host would take the reply for lost and say so in the chat. Commands pass, they may be meant to stop something.
    pub(super) fn queue(&mut self, now: Time, mut turn: Turn) {
        let to = &turn.request.to;
        let is_queued = self.open.iter().any(|other| other.offers == 0 && other.request.to == *to);
        let closing = self.running.iter().filter(|running| running.to == *to).filter_map(|running| running.replied_at);
        let until = closing.map(|at| at.after(CLOSING)).max().unwrap_or(now);
        let is_command = turn.request.text.starts_with('/');
        turn.state = State::Waiting { until: if is_command { now } else { until } };
        if is_queued && !is_command {
            turn.state = self
                .open
                .iter()
                .rfind(|other| other.offers == 0 && other.request.to == *to)
                .map_or(turn.state, |last| last.state);
        }
        self.open.push(turn);
    }

    /// The turn that a text for this place replies to: the one it names, else the one that began last. After a restart
    /// no turn is known here, and the host finishes those that it had adopted, so then the name counts alone.
    pub(super) fn replying(&self, to: &str, reply_to: Option<&str>) -> Option<EntryId> {
        let here = || self.running.iter().rev().filter(|running| running.to == to);
        let named = here().find(|running| Some(running.id.0.as_str()) == reply_to);
        let found = named.or_else(|| here().next()).map(|running| running.id.clone());
        found.or_else(|| reply_to.map(|id| EntryId(id.to_owned())))
    }

    /// A part of a reply was delivered in this place.
    pub(super) fn replied(&mut self, now: Time, to: &str) {
        for running in self.running.iter_mut().filter(|running| running.to == to) {
            running.replied_at = Some(now);
        }
    }

    /// A dispatch came back: what waited for its end is due.
    pub(super) fn closed(&mut self, now: Time, id: &EntryId) {
        for Running { to, .. } in self.running.extract_if(.., |running| running.id == *id) {
            for turn in self.open.iter_mut().filter(|turn| turn.offers == 0 && turn.request.to == to) {
                turn.state = State::Waiting { until: now };
            }
        }
    }

    /// The host took a turn over.
    pub(super) fn adopt(&mut self, id: &EntryId) -> Option<Turn> {
        let turn = self.remove(id)?;
        if self.running.len() >= MOST_RUNNING {
            self.running.remove(0);
        }
        self.running.push(Running { id: id.clone(), to: turn.request.to.clone(), replied_at: None });
        Some(turn)
    }

    fn remove(&mut self, id: &EntryId) -> Option<Turn> {
        let at = self.open.iter().position(|turn| turn.request.turn == *id)?;
        Some(self.open.remove(at))
    }

    pub(super) fn remove_unless_deferred(&mut self, id: &EntryId) -> Option<Turn> {
        match self.find(id)?.state {
            State::Offered => self.remove(id),
            State::Deferred | State::Waiting { .. } => None,
        }
    }

    pub(super) fn deferred(&mut self, id: &EntryId) {
        if let Some(turn) = self.find(id) {
            turn.state = State::Deferred;
        }
    }

    /// Schedules the next offer; answers with the turn if it had its last.
    pub(super) fn let_go(&mut self, now: Time, id: &EntryId) -> Option<Turn> {
        let turn = self.find(id)?;
        if turn.offers >= MAX_OFFERS {
            return self.remove(id);
        }
        let wait = OFFER_AGAIN.times(1_u64.checked_shl(turn.offers.saturating_sub(1)).unwrap_or(u64::MAX));
        turn.state = State::Waiting { until: now.after(wait) };
        None
    }

    fn find(&mut self, id: &EntryId) -> Option<&mut Turn> {
        self.open.iter_mut().find(|turn| turn.request.turn == *id)
    }

    /// Turns to offer again now.
    pub(super) fn due(&mut self, now: Time) -> Vec<TurnRequest> {
        let mut requests = Vec::new();
        for turn in &mut self.open {
            if matches!(turn.state, State::Waiting { until } if now >= until) {
                turn.state = State::Offered;
                turn.offers = turn.offers.saturating_add(1);
                requests.push(turn.request.clone());
            }
        }
        requests
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        self.open
            .iter()
            .filter_map(|turn| match turn.state {
                State::Waiting { until } => Some(until),
                State::Offered | State::Deferred => None,
            })
            .min()
    }
}
