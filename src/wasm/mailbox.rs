//! Where asynchronous code leaves facts for the next pump.

use crate::step::Input;
use js_sys::Function;
use std::cell::RefCell;
use std::collections::VecDeque;
use wasm_bindgen::JsValue;

/// Facts that wait for [`super::Account::pump`], and the bell that asks for it. Tasks hold it weakly, so that what
/// ends after its account is told to nobody.
///
/// Bounded by the calls under way: each leaves one fact.
#[derive(Debug)]
pub(super) struct Mailbox {
    facts: RefCell<VecDeque<Input>>,
    wake: Function,
}

impl Mailbox {
    pub(super) fn new(wake: Function) -> Self {
        Self { facts: RefCell::default(), wake }
    }

    /// Leaves a fact and rings.
    pub(super) fn post(&self, fact: Input) {
        // Nobody holds the borrow across a call into JavaScript, so this can't fail; if it ever did, losing one
        // answer is better than a panic in asynchronous code.
        if let Ok(mut facts) = self.facts.try_borrow_mut() {
            facts.push_back(fact);
        }
        self.ring();
    }

    /// Asks for a pump.
    pub(super) fn ring(&self) {
        // What the callback throws is its own affair and must not end the task that rang.
        let _ = self.wake.call0(&JsValue::UNDEFINED);
    }

    /// Everything that waits, oldest first.
    pub(super) fn take(&self) -> VecDeque<Input> {
        self.facts.try_borrow_mut().map(|mut facts| std::mem::take(&mut *facts)).unwrap_or_default()
    }
}
