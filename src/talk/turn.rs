//! Turns that are offered to the host and not yet adopted by it. They stay ours, and are offered again when let go.

use crate::ids::EntryId;
use crate::reason::Reason;
use crate::step::TurnRequest;
use crate::time::{Millis, Time};

/// A turn is offered this often, over about two minutes, before it counts as failed.
const MAX_OFFERS: u32 = 8;
/// Pause after the first failed offer; doubled each time.
const OFFER_AGAIN: Millis = Millis::secs(1);

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
    /// The host let it go.
    Waiting { until: Time },
}

impl Turn {
    pub(super) fn new(request: TurnRequest, messages: Vec<(EntryId, Reason)>, context: Vec<EntryId>) -> Self {
        Self { request, messages, context, offers: 1, state: State::Offered }
    }
}

#[derive(Debug, Default)]
pub(super) struct Turns {
    /// Few at any moment.
    open: Vec<Turn>,
}

impl Turns {
    pub(super) fn hold(&mut self, turn: Turn) {
        self.open.push(turn);
    }

    pub(super) fn remove(&mut self, id: &EntryId) -> Option<Turn> {
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
