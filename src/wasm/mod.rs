//! The driver, and the only code of this crate that knows JavaScript: it carries facts and orders across the boundary,
//! performs HTTP calls and keeps the account's one timer.
//!
//! Whatever is asynchronous here only leaves a fact in the [`Mailbox`] and rings for it. The core runs inside
//! [`Account::handle`] and [`Account::pump`] alone, where the caller can catch a trap.

mod alarm;
mod calls;
mod exchange;
mod failure;
#[cfg(feature = "faults")]
mod faults;
mod mailbox;
pub mod panic;
pub mod setup;

use crate::account;
use crate::ids::Epoch;
use crate::json;
use crate::step::{Effect, Input, Step};
use crate::time::Time;
use alarm::Alarm;
use calls::Calls;
use js_sys::Function;
use mailbox::Mailbox;
use std::rc::Rc;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

/// A bot account with its calls and its timer. Dropping it ends both.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Account {
    core: account::Account,
    mailbox: Rc<Mailbox>,
    calls: Calls,
    alarm: Alarm,
}

#[wasm_bindgen]
impl Account {
    /// An account of `channel` with this configuration as JSON. `wake` is called, never during a call of this class,
    /// when [`Account::pump`] has something to do.
    ///
    /// # Errors
    /// The configuration can't work; the message names the key and the fix.
    #[wasm_bindgen(constructor)]
    pub fn new(channel: &str, config: &str, wake: Function) -> Result<Self, JsError> {
        panic::keep_location();
        Ok(Self {
            core: account::Account::open(channel, config)?,
            mailbox: Rc::new(Mailbox::new(wake)),
            calls: Calls::default(),
            alarm: Alarm::default(),
        })
    }

    /// Tells the account a fact, `{"<kind>":{…}}` as JSON, at `now` (milliseconds since the Unix epoch) and answers
    /// with what is left to do: [`Step::to_lines`], its bytes as arrays.
    ///
    /// Text, because a JavaScript object costs a call out of wasm for each property: slower, and more code.
    ///
    /// # Errors
    /// The input has not the shape that `protocol.ts` gives it.
    pub fn handle(&mut self, now: f64, input: &str) -> Result<String, JsError> {
        self.told(now, json::read(input)?)
    }

    /// Tells the account [`Input::FrameReceived`], whose bytes are better off without JSON.
    ///
    /// # Errors
    /// None in practice; the signature is that of [`Account::handle`].
    pub fn frame(&mut self, now: f64, epoch: u32, bytes: Vec<u8>) -> Result<String, JsError> {
        self.told(now, Input::FrameReceived { epoch: Epoch(epoch), bytes })
    }

    /// Tells the account what came in since: calls that ended, and its deadline if it has passed.
    ///
    /// # Errors
    /// None in practice; the signature is that of [`Account::handle`].
    pub fn pump(&mut self, now: f64) -> Result<String, JsError> {
        let moment = moment(now);
        let mut orders = Vec::new();
        for fact in self.mailbox.take() {
            self.tell(moment, fact, &mut orders);
        }
        if self.alarm.is_due(moment) {
            self.tell(moment, Input::Woke {}, &mut orders);
        }
        self.answer(moment, orders)
    }

    fn told(&mut self, now: f64, input: Input) -> Result<String, JsError> {
        let moment = moment(now);
        let mut orders = Vec::new();
        self.tell(moment, input, &mut orders);
        self.answer(moment, orders)
    }

    fn tell(&mut self, now: Time, input: Input, orders: &mut Vec<Effect>) {
        #[cfg(feature = "faults")]
        let step = match faults::intercept(now, input, &mut self.core) {
            Ok(step) => step,
            Err(input) => self.core.handle(now, input),
        };
        #[cfg(not(feature = "faults"))]
        let step = self.core.handle(now, input);
        self.alarm.due = step.wake_at;
        orders.extend(step.effects);
    }

    /// Keeps for itself what the driver does, and hands over the rest.
    fn answer(&mut self, now: Time, orders: Vec<Effect>) -> Result<String, JsError> {
        let mut effects = Vec::with_capacity(orders.len());
        for order in orders {
            if let Effect::Call(call) = order {
                self.calls.start(call, &self.mailbox);
            } else {
                effects.push(order);
            }
        }
        self.alarm.arm(now, &self.mailbox);
        let step = Step { effects, wake_at: self.alarm.due };
        Ok(step.to_lines()?)
    }
}

/// JavaScript's clock as the core's.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates, and NaN becomes 0")]
fn moment(milliseconds: f64) -> Time {
    Time(milliseconds as u64)
}
