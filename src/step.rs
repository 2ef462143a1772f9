//! The vocabulary of the boundary. Inputs are facts in the past tense, effects are orders.

mod effect;
mod input;
mod lines;
mod parts;

pub use effect::Effect;
pub use input::Input;
pub use parts::{
    About, Access, AccessQuestion, Downloads, HeldTurn, Lifecycle, Line, LogLevel, NewEntry, Note, Probe, Progress,
    Ruling, SocketIoParser, Status, StoredEntry, ToolAsk, ToolCaller, Transfer, TurnRequest,
};

use crate::call::Call;
use crate::ids::EntryId;
use crate::reason::Outcome;
use crate::time::Time;
use serde::Serialize;

/// What an input leads to: orders, and the next moment at which the account wants to be woken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// To be carried out in this order.
    pub effects: Vec<Effect>,
    /// When [`Input::Woke`] is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub wake_at: Option<Time>,
}

impl Step {
    /// Adds an order.
    pub fn push(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Adds an HTTP call.
    pub fn call(&mut self, call: Call) {
        self.effects.push(Effect::Call(call));
    }

    /// Adds a log line.
    pub fn log(&mut self, level: LogLevel, text: impl Into<String>) {
        self.effects.push(Effect::Log { level, text: text.into() });
    }

    /// Publishes the account's state.
    pub fn status(&mut self, lifecycle: Lifecycle, detail: String) {
        self.effects.push(Effect::Status { status: Status { lifecycle, detail } });
    }

    /// Closes entries, if there are any.
    pub fn resolve(&mut self, entries: Vec<EntryId>, outcome: Outcome) {
        self.close(entries, outcome, None, false);
    }

    /// Closes entries that went with a turn, if there are any.
    pub fn resolve_with(&mut self, turn: &EntryId, entries: impl Iterator<Item = EntryId>, outcome: Outcome) {
        self.close(entries.collect(), outcome, Some(turn), false);
    }

    /// The same, and the host has taken the turn over.
    pub fn entrust(&mut self, turn: &EntryId, entries: impl Iterator<Item = EntryId>, outcome: Outcome) {
        self.close(entries.collect(), outcome, Some(turn), true);
    }

    fn close(&mut self, entries: Vec<EntryId>, outcome: Outcome, turn: Option<&EntryId>, entrusted: bool) {
        if !entries.is_empty() {
            self.effects.push(Effect::Resolve { entries, outcome, turn: turn.cloned(), detail: None, entrusted });
        }
    }

    /// Where the account's life stands, if the operator is told so.
    pub fn lifecycle(&self) -> Option<Lifecycle> {
        let status =
            |effect: &Effect| if let Effect::Status { status } = effect { Some(status.lifecycle) } else { None };
        self.effects.iter().rev().find_map(status)
    }

    /// Forgets what these entries said, if there are any.
    pub fn release(&mut self, entries: Vec<EntryId>) {
        if !entries.is_empty() {
            self.effects.push(Effect::Release { entries });
        }
    }
}
