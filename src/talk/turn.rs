//! Turns that are offered to the host and not yet adopted by it. They stay ours, and are offered again when let go.

use crate::ids::EntryId;
use crate::reason::Reason;
use crate::step::TurnRequest;
use crate::time::{Millis, Time};
use std::collections::BTreeMap;

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
    open: BTreeMap<EntryId, Turn>,
}

impl Turns {
    pub(super) fn hold(&mut self, id: EntryId, turn: Turn) {
        self.open.insert(id, turn);
    }

    pub(super) fn remove(&mut self, id: &EntryId) -> Option<Turn> {
        self.open.remove(id)
    }

    pub(super) fn remove_unless_deferred(&mut self, id: &EntryId) -> Option<Turn> {
        match self.open.get(id)?.state {
            State::Offered => self.open.remove(id),
            State::Deferred | State::Waiting { .. } => None,
        }
    }

    pub(super) fn deferred(&mut self, id: &EntryId) {
        if let Some(turn) = self.open.get_mut(id) {
            turn.state = State::Deferred;
        }
    }

    /// Schedules the next offer; answers with the turn if it had its last.
    pub(super) fn let_go(&mut self, now: Time, id: &EntryId) -> Option<Turn> {
        let turn = self.open.get_mut(id)?;
        if turn.offers >= MAX_OFFERS {
            return self.open.remove(id);
        }
        let wait = OFFER_AGAIN.times(1_u64.checked_shl(turn.offers.saturating_sub(1)).unwrap_or(u64::MAX));
        turn.state = State::Waiting { until: now.after(wait) };
        None
    }

    /// Turns to offer again now.
    pub(super) fn due(&mut self, now: Time) -> Vec<TurnRequest> {
        let mut requests = Vec::new();
        for turn in self.open.values_mut() {
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
            .values()
            .filter_map(|turn| match turn.state {
                State::Waiting { until } => Some(until),
                State::Offered | State::Deferred => None,
            })
            .min()
    }
}
