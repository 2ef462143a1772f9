//! The setup for JavaScript: it performs the calls, and hands everything else over.

use super::calls::Calls;
use super::mailbox::Mailbox;
use super::panic;
use crate::json;
use crate::setup::{self, Fact, Order};
use crate::step::Input;
use js_sys::Function;
use std::rc::Rc;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

/// The setup of one account.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Setup {
    core: setup::Setup,
    mailbox: Rc<Mailbox>,
    calls: Calls,
}

#[wasm_bindgen]
impl Setup {
    /// A setup that starts from these facts as JSON. `wake` is called when a call has ended.
    ///
    /// # Errors
    /// The facts are no JSON.
    #[wasm_bindgen(constructor)]
    pub fn new(facts: &str, wake: Function) -> Result<Self, JsError> {
        panic::keep_location();
        Ok(Self { core: setup::Setup::new(facts)?, mailbox: Rc::new(Mailbox::new(wake)), calls: Calls::default() })
    }

    /// Takes how the last order went and answers with the next one as JSON. `fact` is `started`, `answered` with the
    /// person's text, `written`, `notWritten` with the reason, or `settled` once a call rang.
    ///
    /// # Errors
    /// No call ended.
    pub fn tell(&mut self, fact: &str, text: String) -> Result<String, JsError> {
        let fact = match fact {
            "started" => Fact::Started,
            "answered" => Fact::Answered(text),
            "written" => Fact::Written,
            "notWritten" => Fact::NotWritten(text),
            _ => match self.mailbox.take().pop_front() {
                Some(Input::CallSettled { outcome, .. }) => Fact::Settled(outcome),
                _ => return Err(JsError::new("no call has ended")),
            },
        };
        let order = self.core.handle(fact);
        let text = json::write(&order)?;
        if let Order::Call { call, .. } = order {
            self.calls.start(call, &self.mailbox);
        }
        Ok(text)
    }
}
