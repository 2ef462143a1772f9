//! One fact after the other: each is told to the model and to the account, and what they make of it is compared.

use super::{Surroundings, entry};
use crate::conversation_model::model::Harm;
use crate::conversation_model::told::Act;
use mochat_dmwork::call::{Call, CallOutcome, Errand};
use mochat_dmwork::ids::CommitId;
use mochat_dmwork::step::{Access, Effect, Input, Ruling};
use mochat_dmwork::time::Time;
use std::collections::VecDeque;

/// Something that happens to the account; `heard` and the like is what the model makes of it.
pub(super) enum Fact {
    /// Nothing that a conversation depends on.
    Plumbing(Input),
    Heard(Input, Vec<usize>),
    Recalled(Input, usize),
    Announced(Input, usize),
    Committed(CommitId, Vec<usize>),
    Refused(CommitId),
    Ruled(usize, Ruling),
    Adopted(usize),
    Deferred(usize),
    LetGo(usize),
    Ended(usize, bool),
    Settled(usize),
    /// The host has a text for this place, in a turn's name or in none.
    Asked(Input, String, Option<usize>),
    /// The text in front of this place was delivered.
    Delivered(Input, String),
}

impl Surroundings<'_> {
    pub(super) fn fact(&mut self, fact: Fact) {
        self.facts.push_back(fact);
    }

    pub(super) fn run(&mut self) {
        while let Some(fact) = self.facts.pop_front() {
            self.happens(fact);
            if let Some(left) = self.fuse.take() {
                if left == 0 {
                    self.restart(self.settings, Harm::default());
                } else {
                    self.fuse = Some(left - 1);
                }
            }
        }
        let (mut posted, mut expected) = std::mem::take(&mut self.notices);
        self.coverage.count(&posted);
        Act::sort(&mut posted);
        Act::sort(&mut expected);
        assert_eq!(posted, expected, "the account posted the former, and should have posted the latter");
    }

    fn happens(&mut self, fact: Fact) {
        self.model.set_time(self.wall);
        let input = match fact {
            Fact::Plumbing(input) => input,
            Fact::Heard(input, ids) => {
                let messages: Vec<_> = ids.into_iter().map(|id| self.said[id].clone()).collect();
                self.model.heard(&messages);
                input
            }
            Fact::Recalled(input, id) => {
                self.model.recalled(id);
                input
            }
            Fact::Announced(input, id) => {
                self.model.announced(&self.said[id]);
                input
            }
            Fact::Committed(commit, fresh) => {
                self.model.stored(&fresh);
                Input::Committed { commit, fresh: fresh.into_iter().map(entry).collect() }
            }
            Fact::Refused(commit) => {
                self.model.refused();
                Input::CommitFailed { commit, error: "disk full".to_owned() }
            }
            Fact::Ruled(id, ruling) => {
                self.model.ruled(id, ruling);
                Input::AccessDecided { entry: entry(id), access: Access::new(ruling) }
            }
            Fact::Adopted(turn) => {
                self.running.extend(self.offered.extract_if(.., |given| given.turn == turn));
                self.model.adopted(turn);
                Input::TurnAdopted { turn: entry(turn) }
            }
            Fact::Deferred(turn) => {
                self.offered.iter_mut().filter(|given| given.turn == turn).for_each(|given| given.is_deferred = true);
                self.model.deferred(turn);
                Input::TurnDeferred { turn: entry(turn) }
            }
            Fact::LetGo(turn) => {
                self.offered.retain(|given| given.turn != turn);
                self.model.let_go(turn);
                Input::TurnAbandoned { turn: entry(turn) }
            }
            Fact::Ended(turn, failed) => {
                self.offered.retain(|given| given.turn != turn || (given.is_deferred && !failed));
                self.offered.iter_mut().filter(|given| given.turn == turn).for_each(|given| given.is_returned = true);
                self.running.retain(|given| given.turn != turn);
                self.model.ended(turn, failed);
                Input::TurnEnded { turn: entry(turn), error: failed.then(|| "the model is away".to_owned()) }
            }
            Fact::Settled(turn) => {
                self.running.iter_mut().filter(|given| given.turn == turn).for_each(|given| given.is_settled = true);
                self.running.retain(|given| given.turn != turn || !given.is_returned);
                self.model.settled(turn);
                Input::TurnSettled { turn: entry(turn) }
            }
            Fact::Asked(input, place, turn) => {
                self.model.asked(self.place(&place), turn);
                input
            }
            Fact::Delivered(input, place) => {
                self.model.delivered(self.place(&place));
                input
            }
        };
        self.tell(input);
    }

    /// Tells the account what the model knows already, and compares.
    pub(super) fn tell(&mut self, input: Input) {
        let mut seen = Vec::new();
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let step = self.account.handle(Time(self.wall), input);
            self.wake_at = step.wake_at.map(|at| at.0);
            for effect in step.effects {
                match effect {
                    // The store answers before anything else happens.
                    Effect::ReadEntries { place, entries } => inputs.push_back(self.read(place, &entries)),
                    // The host does too.
                    Effect::SeekAnswer { turn, .. } => {
                        let finished = self.model.finished();
                        let error = finished.and_then(Result::err).map(str::to_owned);
                        inputs.push_back(Input::AnswerSought { turn, found: finished.is_some(), error });
                    }
                    // So does the server where a turn waits to know whom it is with.
                    Effect::Call(Call {
                        errand: errand @ (Errand::Members(_) | Errand::Group(_) | Errand::User(_) | Errand::Rules(_)),
                        ..
                    }) => {
                        let outcome = CallOutcome::Answered { status: 200, retry_after: None, body: "{}".to_owned() };
                        inputs.push_back(Input::CallSettled { errand, outcome });
                    }
                    effect => self.apply(effect, &mut seen),
                }
            }
        }
        let mut expected = self.model.acts();
        self.notices.0.extend(seen.extract_if(.., |act| matches!(act, Act::SaysTooFast(_))));
        self.notices.1.extend(expected.extract_if(.., |act| matches!(act, Act::SaysTooFast(_))));
        Act::sort(&mut seen);
        Act::sort(&mut expected);
        assert_eq!(seen, expected, "the account did the former, and should have done the latter");
        self.coverage.count(&seen);
        self.coverage.host_has(self.offered.len());
    }
}
