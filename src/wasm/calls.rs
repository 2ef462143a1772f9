//! The HTTP calls under way.

use super::exchange;
use super::mailbox::Mailbox;
use crate::call::{Call, CallOutcome};
use crate::step::Input;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::AbortController;

/// One controller per call, to end them all when the account is dropped. How many there are is up to the core.
#[derive(Debug, Default)]
pub(super) struct Calls {
    last: u32,
    under_way: Rc<RefCell<Vec<(u32, AbortController)>>>,
}

impl Calls {
    /// Performs a call. Its outcome comes back through the mailbox, if that still exists by then.
    pub(super) fn start(&mut self, call: Call, mailbox: &Rc<Mailbox>) {
        let Ok(controller) = AbortController::new() else {
            let outcome = CallOutcome::Failed { unsent: true, cause: "AbortController is missing".to_owned() };
            return mailbox.post(Input::CallSettled { errand: call.errand, outcome });
        };
        self.last = self.last.wrapping_add(1);
        let number = self.last;
        if let Ok(mut under_way) = self.under_way.try_borrow_mut() {
            under_way.push((number, controller.clone()));
        }
        let (under_way, mailbox) = (Rc::downgrade(&self.under_way), Rc::downgrade(mailbox));
        spawn_local(async move {
            let outcome = exchange::perform(&call, &controller).await;
            if let Some(under_way) = under_way.upgrade()
                && let Ok(mut under_way) = under_way.try_borrow_mut()
            {
                under_way.retain(|(other, _)| *other != number);
            }
            if let Some(mailbox) = mailbox.upgrade() {
                mailbox.post(Input::CallSettled { errand: call.errand, outcome });
            }
        });
    }
}

impl Drop for Calls {
    fn drop(&mut self) {
        for (_, controller) in self.under_way.take() {
            controller.abort();
        }
    }
}
